import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { Event } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { column, NAME_DESCRIPTION } from './rules/columns.js'
import { since } from './rules/duration.js'
import { pathSegmentName, qualifiedName } from './rules/names.js'
import { setZeroTimes } from './rules/zero-times.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ in its core/v1 form, which is the stored one. */
export const event: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  dependents: 'ignored',
  shortNames: ['ev'],
  namespaced: true,
  model: 'CoreV1Event',
  storageKey: 'core/events',
  createOnUpdate: true,

  setDefaults: (object) => {
    setZeroTimes(object, 'firstTimestamp', 'lastTimestamp', 'eventTime')
    setZeroTimes(object.series, 'lastObservedTime')
    object.source ??= {}
    object.reportingComponent ??= ''
    object.reportingInstance ??= ''
  },
  // Older clients name their events as they like.
  validateName: pathSegmentName,
  metadataApart: true,
  validate: (object, { sentGroup }) => collect((errors) => validateEvent(object, sentGroup, errors)),

  columns: [
    column('Last Seen', '@lastTimestamp', lastSeen),
    column('Type', '@type', (o) => o.type ?? ''),
    column('Reason', '@reason', (o) => o.reason ?? ''),
    column('Object', '@involvedObject', target),
    column('Subobject', '@involvedObject.fieldPath', (o) => o.involvedObject?.fieldPath ?? '', { wide: true }),
    column('Source', '@source', source, { wide: true }),
    column('Message', '@message', (o) => (o.message ?? '').trim()),
    column('First Seen', '@firstTimestamp', firstSeen, { wide: true }),
    // A series knows better; an event of the new API that happened once has no count.
    column('Count', '@count', (o) => o.series?.count ?? (o.count || 1), { wide: true }),
    column('Name', NAME_DESCRIPTION, (o) => o.metadata?.name ?? '', { wide: true, format: 'name' }),
  ],
  fields: {
    'involvedObject.kind': (o) => o.involvedObject?.kind ?? '',
    'involvedObject.namespace': (o) => o.involvedObject?.namespace ?? '',
    'involvedObject.name': (o) => o.involvedObject?.name ?? '',
    'involvedObject.uid': (o) => o.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': (o) => o.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': (o) => o.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': (o) => o.involvedObject?.fieldPath ?? '',
    reason: (o) => o.reason ?? '',
    reportingComponent: (o) => o.reportingComponent ?? '',
    source: (o) => o.source?.component || (o.reportingComponent ?? ''),
    type: (o) => o.type ?? '',
  },
}

/** The rules of an event. One with an `eventTime` is of the newer form, which asks for more; errors name the reporter as the client did. */
function validateEvent(object: Event, sentGroup: string, errors: FieldError[]): void {
  const namespace = object.metadata.namespace ?? ''
  const about = object.involvedObject?.namespace ?? ''
  const at = 'involvedObject.namespace'
  const refuse = (): void => void errors.push(field.invalid(at, about, 'does not match event.namespace'))
  if (!object.eventTime) {
    // What is about the cluster itself is kept where everybody looks.
    if (about === '' ? !['', 'default'].includes(namespace) : about !== namespace) refuse()
    return
  }
  if (about === '' && !['default', 'kube-system'].includes(namespace)) refuse()
  const reporter = object.reportingComponent ?? ''
  const reporterAt = sentGroup ? 'reportingController' : 'reportingComponent'
  checkRequired(reporter, reporterAt, errors)
  checkName(qualifiedName, reporter, reporterAt, errors)
  for (const name of ['reportingInstance', 'action', 'reason'] as const)
    if (checkRequired(object[name], name, errors)) checkLength(object[name], 128, name, errors)
  checkLength(object.message, 1024, 'message', errors)
}

function checkLength(value: string | null | undefined, most: number, path: string, errors: FieldError[]): void {
  if (Buffer.byteLength(value ?? '') > most) errors.push(field.invalid(path, '', `can have at most ${most} characters`))
}

function firstSeen(o: Event, now: number): string {
  return since(o.firstTimestamp ?? o.eventTime, now)
}

function lastSeen(o: Event, now: number): string {
  if (o.series) return since(o.series.lastObservedTime, now)
  return o.lastTimestamp ? since(o.lastTimestamp, now) : firstSeen(o, now)
}

function target(o: Event): string {
  const kind = (o.involvedObject?.kind ?? '').toLowerCase()
  return o.involvedObject?.name ? `${kind}/${o.involvedObject.name}` : kind
}

function source(o: Event): string {
  const component = o.source?.component || o.reportingComponent || ''
  const host = o.source?.host || o.reportingInstance || ''
  return host ? `${component}, ${host}` : component
}
