/** What a search looks at in an object. Never the data of Secrets and ConfigMaps, of which only metadata is read. */
import { rowOf, type Json } from '../kinds/kind.js'
import { listKind } from '../kinds/registry.js'
import type { Cell, KindInfo, SearchField, SearchHit } from '../rpc/contract.js'
import { answers, answersPair, type SearchTerm } from './search-query.js'

/** Annotations that hold the whole object, or are longer than a person would look for. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const LONGEST = 1024

/** The texts of an object, by field. */
export interface Facts {
  texts: Partial<Record<SearchField, string[]>>
  labels: [key: string, value: string][]
  annotations: [key: string, value: string][]
  status?: Cell
}

/** Fields in which a word without a field is looked for, beside labels and annotations. */
const FREE: SearchField[] = ['name', 'ns', 'image', 'ip', 'host']

export function factsOf(object: Json, kind: KindInfo, cluster: string): Facts {
  const m = object.metadata ?? {}
  const pairs = (map: Json): [string, string][] => Object.entries((map ?? {}) as Record<string, string>)
  const status = statusOf(object, kind)
  return {
    texts: {
      name: [m.name ?? ''],
      ns: m.namespace ? [m.namespace] : [],
      kind: kindNames(kind),
      cluster: [cluster],
      image: imagesOf(object),
      ip: addressesOf(object),
      host: hostsOf(object),
      node: [object.spec?.nodeName, ...(kind.resource === 'nodes' ? [m.name] : [])].filter(Boolean),
      status: statusWords(object, status),
    },
    labels: pairs(m.labels),
    annotations: pairs(m.annotations).filter(([key, value]) => key !== LAST_APPLIED && value.length <= LONGEST),
    ...(status ? { status } : {}),
  }
}

/** What of an object answers every term of a search, for a person to see; undefined when a term is not answered. */
export function matchesOf(facts: Facts, terms: readonly SearchTerm[]): SearchHit['matches'] | undefined {
  const shown: SearchHit['matches'] = []
  for (const term of terms) {
    const found = find(facts, term)
    if ((found !== undefined) === term.inverse) return undefined
    // The name, kind, namespace and cluster of what was found are in sight anyway.
    if (found && !['name', 'ns', 'kind', 'cluster', 'status'].includes(found.field)) shown.push(found)
  }
  return shown
}

function find(facts: Facts, term: SearchTerm): SearchHit['matches'][number] | undefined {
  const { field } = term
  for (const f of field ? [field] : FREE) {
    const text = facts.texts[f]?.find((t) => answers(term, t))
    if (text !== undefined) return { field: f, text }
  }
  for (const f of ['label', 'annotation'] as const) {
    if (field && field !== f) continue
    const pair = facts[`${f}s`].find(([k, v]) => (field ? answersPair(term, k, v) : answers(term, `${k}=${v}`)))
    if (pair) return { field: f, text: pair.join('=') }
  }
  return undefined
}

/** All that a kind is called: `Deployment`, `deployments`, `deploy`, `deployments.apps`. */
export function kindNames(kind: KindInfo): string[] {
  return [kind.kind, kind.resource, ...kind.shortNames, ...(kind.group ? [`${kind.resource}.${kind.group}`] : [])]
}

function templateOf(object: Json): Json {
  return object.spec?.jobTemplate?.spec?.template?.spec ?? object.spec?.template?.spec ?? object.spec ?? {}
}
function imagesOf(object: Json): string[] {
  const spec = templateOf(object)
  const all = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => (Array.isArray(spec[list]) ? spec[list] : []))
  return [...new Set(all.map((c: Json) => c?.image).filter((i: unknown) => typeof i === 'string'))] as string[]
}
function addressesOf(object: Json): string[] {
  const { spec = {}, status = {} } = object
  const list = (x: Json): Json[] => (Array.isArray(x) ? x : [])
  return [
    status.podIP,
    status.hostIP,
    ...list(status.podIPs).map((p) => p?.ip),
    ...list(spec.clusterIPs),
    spec.clusterIP,
    ...list(spec.externalIPs),
    ...list(status.loadBalancer?.ingress).map((i) => i?.ip),
    ...list(status.addresses).map((a) => (typeof a?.address === 'string' && String(a.type ?? 'IP').includes('IP') ? a.address : undefined)),
    ...list(object.endpoints).flatMap((e) => list(e?.addresses)),
  ].filter((x, i, all) => typeof x === 'string' && x !== '' && x !== 'None' && all.indexOf(x) === i)
}
function hostsOf(object: Json): string[] {
  const { spec = {}, status = {} } = object
  const list = (x: Json): Json[] => (Array.isArray(x) ? x : [])
  return [
    ...list(spec.rules).map((r) => r?.host),
    ...list(spec.hostnames),
    spec.externalName,
    ...list(status.loadBalancer?.ingress).map((i) => i?.hostname),
  ].filter((x) => typeof x === 'string' && x !== '')
}

/** The cell by which the kind's own list tells how an object is. */
function statusOf(object: Json, kind: KindInfo): Cell | undefined {
  const own = listKind(kind)
  if (!own || !object.spec) return undefined
  const index = own.columns.findIndex((c) => c.id === 'status')
  const at = index >= 0 ? index : own.columns.findIndex((c) => c.type === 'status')
  return at < 0 ? undefined : (rowOf(own, object).cells[at] ?? undefined)
}
/** The cell's text, the phase, the reason and the conditions that hold; `trouble` where the list would mark it. */
function statusWords(object: Json, cell: Cell | undefined): string[] {
  const { status = {} } = object
  const tone = typeof cell === 'object' && cell ? cell.tone : undefined
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  return [
    typeof cell === 'string' ? cell : typeof cell === 'object' ? cell?.text : undefined,
    status.phase,
    status.reason,
    ...conditions.filter((c: Json) => c?.status === 'True').map((c: Json) => c.type),
    ...(object.metadata?.deletionTimestamp ? ['Terminating'] : []),
    ...(tone === 'bad' || tone === 'warn' ? ['trouble'] : []),
  ].filter((x) => typeof x === 'string' && x !== '')
}
