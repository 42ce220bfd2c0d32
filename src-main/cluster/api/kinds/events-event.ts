import type { Kind } from './kind.js'
import type { Event, KubeObject, ObjectMeta, Wire } from '../object.js'
import type * as k8s from '@kubernetes/client-node'

type NewEvent = Wire<k8s.EventsV1Event> & { metadata: ObjectMeta }

/** The same events as events.k8s.io/v1 names their fields; stored in the core/v1 form. */
export const eventsEvent: Kind<NewEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'EventsV1Event',
  storageKey: 'core/events',
  createOnUpdate: true,
  storedAs: {
    group: '',
    version: 'v1',
    toStored,
    fromStored,
    fieldNames: {
      'regarding.kind': 'involvedObject.kind',
      'regarding.namespace': 'involvedObject.namespace',
      'regarding.name': 'involvedObject.name',
      'regarding.uid': 'involvedObject.uid',
      'regarding.apiVersion': 'involvedObject.apiVersion',
      'regarding.resourceVersion': 'involvedObject.resourceVersion',
      'regarding.fieldPath': 'involvedObject.fieldPath',
      reason: 'reason',
      reportingController: 'reportingComponent',
      type: 'type',
    },
  },
}

function toStored(o: NewEvent): KubeObject {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedCount,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    ...same
  } = o
  const stored: Partial<Event> = {
    ...(same as Partial<Event>),
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    message: note,
    reportingComponent: reportingController ?? '',
    reportingInstance: o.reportingInstance ?? '',
  }
  return defined(stored) as unknown as KubeObject
}

function fromStored(stored: KubeObject): NewEvent {
  const { involvedObject, message, reportingComponent, source, count, firstTimestamp, lastTimestamp, ...same } = stored as unknown as Event
  return defined({
    ...(same as object),
    apiVersion: 'events.k8s.io/v1',
    metadata: stored.metadata,
    regarding: involvedObject,
    note: message,
    reportingController: reportingComponent,
    deprecatedSource: source,
    deprecatedCount: count,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
  }) as NewEvent
}

/** Leaves out what is undefined. */
function defined<T extends object>(o: T): T {
  for (const k of Object.keys(o) as (keyof T)[]) if (o[k] === undefined) delete o[k]
  return o
}
