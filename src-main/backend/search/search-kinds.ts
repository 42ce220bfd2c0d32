/** Which kinds a search reads, and how much of their objects. */
import { listKind } from '../kinds/registry.js'
import type { KindInfo, SearchField } from '../rpc/contract.js'
import { kindNames } from './search-facts.js'
import { answers, type SearchTerm } from './search-query.js'
import { resourceKey } from '../session/paths.js'

/** Kinds that change all the time or repeat what others say: read only when they are asked for. */
const asked = new Set([
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'componentstatuses',
  'endpoints',
  'controllerrevisions.apps',
])
/** Groups of made-up objects that repeat others, as those of the embedded cluster do. */
const repeating = new Set(['metrics.k8s.io', 'custom.metrics.k8s.io', 'external.metrics.k8s.io'])

/** Kinds of which nothing but metadata is read: no value of a Secret leaves the server for a search. */
const closed = new Set(['secrets', 'configmaps', 'customresourcedefinitions.apiextensions.k8s.io'])

const templates = [
  'pods',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'replicationcontrollers',
  'jobs.batch',
  'cronjobs.batch',
]
/** The kinds that have what a field is about; other fields may be in all. */
const having: Partial<Record<SearchField, ReadonlySet<string>>> = {
  image: new Set(templates),
  node: new Set(['pods', 'nodes']),
  ip: new Set([
    'pods',
    'services',
    'nodes',
    'endpointslices.discovery.k8s.io',
    'ingresses.networking.k8s.io',
    'gateways.gateway.networking.k8s.io',
  ]),
  host: new Set([
    'ingresses.networking.k8s.io',
    'services',
    'httproutes.gateway.networking.k8s.io',
    'grpcroutes.gateway.networking.k8s.io',
  ]),
}

/** The kinds that can answer all terms. */
export function kindsToRead(kinds: readonly KindInfo[], terms: readonly SearchTerm[]): KindInfo[] {
  const named = terms.filter((t) => t.field === 'kind')
  return kinds.filter((kind) => {
    if (!kind.verbs.includes('list')) return false
    const key = resourceKey(kind)
    const wanted = named.some((t) => !t.inverse)
    if (!named.every((t) => kindNames(kind).some((n) => answers(t, n)) !== t.inverse)) return false
    if (!wanted && asked.has(key)) return false
    if ((repeating.has(kind.group) || kind.group.endsWith('drydock.dev')) && !named.some((t) => answers(t, key))) return false
    for (const { field, inverse } of terms) {
      if (inverse || !field) continue
      if (field === 'ns' && !kind.namespaced) return false
      // A kind that a person names may have what is looked for in it, even if nobody here knows where.
      if (!wanted && having[field] && !having[field].has(key)) return false
      if (field === 'status' && !wanted && (closed.has(key) || !listKind(kind)?.columns.some((c) => c.type === 'status'))) return false
    }
    return true
  })
}

/** Whether more than the metadata of a kind's objects has something that a search looks at. */
export function readWhole(kind: KindInfo): boolean {
  const key = resourceKey(kind)
  if (closed.has(key)) return false
  return listKind(kind)?.columns.some((c) => c.type === 'status') === true || Object.values(having).some((keys) => keys.has(key))
}
