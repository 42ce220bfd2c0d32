import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { Event } from '../object.js'
import { collect } from './rules/checks.js'
import { column, NAME_DESCRIPTION } from './rules/columns.js'
import { since } from './rules/duration.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ in its core/v1 form, which is the stored one. */
export const event: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'CoreV1Event',
  storageKey: 'core/events',
  createOnUpdate: true,

  validate: ({ metadata, involvedObject }) =>
    collect((errors) => {
      const namespace = metadata.namespace ?? ''
      const about = involvedObject?.namespace ?? ''
      // What is about the cluster itself is kept where everybody looks.
      const fits = about === '' ? ['', 'default', 'kube-system'].includes(namespace) : about === namespace
      if (!fits) errors.push(field.invalid('involvedObject.namespace', about, 'does not match event.namespace'))
    }),

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
