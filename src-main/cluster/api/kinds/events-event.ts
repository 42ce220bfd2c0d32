import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import { validateMetadata } from '../metadata.js'
import { collect, FIELD_IMMUTABLE, internal } from './rules/checks.js'
import { semanticEqual } from './rules/sent.js'
import { serverForm } from './rules/server-form.js'
import { setZeroTimes } from './rules/zero-times.js'
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
  dependents: 'ignored',
  shortNames: ['ev'],
  namespaced: true,
  model: 'EventsV1Event',
  storageKey: 'core/events',
  createOnUpdate: true,
  setDefaults: (object) => setZeroTimes(object, 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'eventTime'),
  storedAs: {
    group: '',
    version: 'v1',
    toStored,
    fromStored,
    validateCreate: (stored) => collect((errors) => validateNew(stored as unknown as Event, errors)),
    validateUpdate: (stored, old) =>
      collect((errors) => {
        if (!semanticEqual(stored['series'], old['series'])) validateSeries(stored as unknown as Event, errors)
        for (const name of FIXED) {
          if (semanticEqual(stored[name], old[name])) continue
          const at = name === 'reportingComponent' ? 'reportingController' : name
          errors.push(field.invalid(at, shownField(name, stored[name]), FIELD_IMMUTABLE))
        }
      }),
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

/** All of an event but its series: what happened has happened. The API server looks at the reason twice. */
const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const

/** A field as messages print the server's own form of it, in which texts and the count are never null. */
function shownField(name: (typeof FIXED)[number], value: unknown): unknown {
  switch (name) {
    case 'involvedObject':
      return serverForm('ObjectReference', value as object | undefined)
    case 'related':
      return value ? serverForm('ObjectReference', value) : null
    case 'source':
      return internal(value as object | undefined, ['component', 'host'], { component: '', host: '' })
    case 'firstTimestamp':
    case 'lastTimestamp':
    case 'eventTime':
      return value ?? null
    case 'count':
      return value ?? 0
    default:
      return value ?? ''
  }
}

/** A series is of at least two. */
function validateSeries({ series }: Event, errors: FieldError[]): void {
  if (!series) return
  if ((series.count ?? 0) < 2) errors.push(field.invalid('series.count', '', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(field.required('series.lastObservedTime'))
}

/** New events have a strict name, a time of their own, one of two types, and nothing of what the core form knew before. */
function validateNew(stored: Event, errors: FieldError[]): void {
  errors.push(...validateMetadata(stored as unknown as KubeObject, eventsEvent as Kind))
  validateSeries(stored, errors)
  if (!stored.eventTime) errors.push(field.required('eventTime'))
  const type = stored.type ?? ''
  if (type !== 'Normal' && type !== 'Warning') errors.push(field.invalid('type', '', `has invalid value: ${type}`))
  const unset = 'needs to be unset'
  for (const name of ['firstTimestamp', 'lastTimestamp'] as const) if (stored[name]) errors.push(field.invalid(name, '', unset))
  if (stored.count) errors.push(field.invalid('count', '', unset))
  if (stored.source?.component || stored.source?.host) errors.push(field.invalid('source', '', unset))
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
    // This form leaves out what is empty.
    reportingController: reportingComponent || undefined,
    reportingInstance: (stored as unknown as Event).reportingInstance || undefined,
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
