/** Discovery: which groups, versions and resources there are, in the old documents and the aggregated one. */
import { createHash } from 'node:crypto'
import { apiVersionOf, type KindSet } from '../kindset.js'
import type { Kind, Subresource, Verb } from '../kinds/kind.js'

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
/** Verbs of connect subresources in discovery: `connect` is said as the methods that work. */
const CONNECT_VERBS = ['create', 'delete', 'get', 'patch', 'update']

/** Every request asks for those of its kind. */
const sortedVerbs = new WeakMap<Kind, readonly string[]>()

/** The verbs of a kind, sorted. A virtual kind can only be created. */
export function verbsOf(kind: Kind): readonly string[] {
  let verbs = sortedVerbs.get(kind)
  if (!verbs) sortedVerbs.set(kind, (verbs = [...(kind.verbs ?? (kind.virtual ? ['create'] : ALL_VERBS))].sort()))
  return verbs
}

/** The verbs of a subresource, sorted. */
export function subresourceVerbs(sub: Subresource<unknown>): readonly string[] {
  if (sub.type === 'scale') return ['get', 'patch', 'update']
  return [...new Set(sub.verbs.flatMap((v) => (v === 'connect' ? CONNECT_VERBS : [v])))].sort()
}

function kindOf(kind: Kind, sub: Subresource<unknown>): { group: string; version: string; kind: string } {
  if (sub.type === 'scale') return { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  if (sub.type === 'object') return kind
  return { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind }
}

/** What tells in discovery that a kind is stored in another version than before. */
function storageHash(kind: Kind): string {
  const { group, version } = kind.storedAs ?? kind
  const stored = `${group}/${kind.storageVersion ?? version}/${kind.kind}`
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64')
}

/** In the order of their names; of a custom resource the status comes first. */
const subresources = (kind: Kind): [string, Subresource<unknown>][] => {
  const all = Object.entries(kind.subresources ?? {})
  return kind.storedAs?.ownRules ? all : all.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** `v1.APIResourceList` of one group version. */
export function resourceList(kinds: KindSet, group: string, version: string): object {
  const resources: object[] = []
  for (const kind of kinds.inVersion(group, version).sort((a, b) => (a.plural < b.plural ? -1 : 1))) {
    const rules = kinds.rulesOf(kind)
    resources.push({
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: verbsOf(kind),
      ...(kind.shortNames?.length ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories?.length ? { categories: kind.categories } : {}),
      ...(kind.virtual ? {} : { storageVersionHash: storageHash(kind) }),
    })
    for (const [name, sub] of subresources(rules)) {
      const of = kindOf(kind, sub)
      const foreign = of.group !== kind.group || of.version !== kind.version
      resources.push({
        name: `${kind.plural}/${name}`,
        singularName: '',
        namespaced: kind.namespaced,
        ...(foreign ? { group: of.group, version: of.version } : {}),
        kind: of.kind,
        verbs: subresourceVerbs(sub),
      })
    }
  }
  return { kind: 'APIResourceList', ...(group ? { apiVersion: 'v1' } : {}), groupVersion: apiVersionOf({ group, version }), resources }
}

/** `v1.APIGroup`. */
export function groupDocument(kinds: KindSet, name: string): object | undefined {
  const versions = kinds.versions(name).map((version) => ({ groupVersion: apiVersionOf({ group: name, version }), version }))
  if (versions.length === 0) return undefined
  return { name, versions, preferredVersion: versions[0] }
}

/** `v1.APIGroupList` of /apis. */
export function groupList(kinds: KindSet): object {
  const groups = kinds
    .groups()
    .filter((g) => g.name !== '')
    .map((g) => groupDocument(kinds, g.name))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

/** `v1.APIVersions` of /api. */
export function coreVersions(kinds: KindSet, serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: kinds.versions(''),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `apidiscovery.k8s.io/v2.APIGroupDiscoveryList`: of the core group for /api, of all others for /apis. */
export function aggregated(kinds: KindSet, core: boolean): object {
  const items = kinds
    .groups()
    .filter((g) => (g.name === '') === core)
    .map((g) => ({
      metadata: g.name ? { name: g.name } : {},
      versions: g.versions.map((version) => ({
        version,
        resources: kinds
          .inVersion(g.name, version)
          .sort((a, b) => (a.plural < b.plural ? -1 : 1))
          .map((kind) => aggregatedResource(kinds, kind)),
        freshness: 'Current',
      })),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

function aggregatedResource(kinds: KindSet, kind: Kind): object {
  const gvk = (k: { group: string; version: string; kind: string }): object => ({ group: k.group, version: k.version, kind: k.kind })
  const subs = subresources(kinds.rulesOf(kind)).map(([name, sub]) => ({
    subresource: name,
    responseKind: gvk(kindOf(kind, sub)),
    verbs: subresourceVerbs(sub),
  }))
  return {
    resource: kind.plural,
    responseKind: gvk(kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames?.length ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories?.length ? { categories: kind.categories } : {}),
    ...(subs.length > 0 ? { subresources: subs } : {}),
  }
}
