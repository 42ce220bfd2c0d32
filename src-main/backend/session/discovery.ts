/** The kinds of a cluster: aggregated discovery where the server has it, group by group where not. */
import type { KindInfo } from '../rpc/contract.js'
import type { ApiConnection } from './connection.js'
import { groupPath } from './paths.js'

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

interface AggregatedList {
  kind?: string
  items?: {
    metadata?: { name?: string }
    versions?: {
      version: string
      resources?: {
        resource: string
        responseKind?: { kind?: string }
        scope?: string
        verbs?: string[]
        shortNames?: string[]
        categories?: string[]
        subresources?: { subresource?: string }[]
      }[]
    }[]
  }[]
  groups?: { name: string; preferredVersion?: { version: string }; versions?: { version: string }[] }[]
  versions?: string[]
}

/** All kinds, each in the version that the server prefers. Groups that fail (a broken aggregated API) are left out. */
export async function discoverKinds(api: ApiConnection): Promise<KindInfo[]> {
  const lists = await Promise.all(['/api', '/apis'].map((path) => api.json<AggregatedList>(path, { accept: AGGREGATED })))
  const kinds: KindInfo[] = []
  const legacy: { group: string; version: string }[] = []
  for (const list of lists) {
    if (list.kind === 'APIGroupDiscoveryList') {
      for (const group of list.items ?? []) {
        const seen = new Set<string>()
        for (const v of group.versions ?? []) {
          for (const r of v.resources ?? []) {
            // Versions come in the server's order of preference.
            if (seen.has(r.resource)) continue
            seen.add(r.resource)
            kinds.push({
              group: group.metadata?.name ?? '',
              version: v.version,
              resource: r.resource,
              kind: r.responseKind?.kind ?? r.resource,
              namespaced: r.scope === 'Namespaced',
              verbs: r.verbs ?? [],
              shortNames: r.shortNames ?? [],
              categories: r.categories ?? [],
              ...(r.subresources?.some((s) => s.subresource === 'scale') ? { scale: true } : {}),
            })
          }
        }
      }
    } else if (list.kind === 'APIVersions') {
      for (const version of list.versions ?? []) legacy.push({ group: '', version })
    } else {
      for (const g of list.groups ?? []) {
        const version = g.preferredVersion?.version ?? g.versions?.[0]?.version
        if (version) legacy.push({ group: g.name, version })
      }
    }
  }
  const answers = await Promise.allSettled(
    legacy.map((g) =>
      api.json<{
        resources?: { name: string; kind: string; namespaced: boolean; verbs?: string[]; shortNames?: string[]; categories?: string[] }[]
      }>(groupPath(g)),
    ),
  )
  answers.forEach((answer, i) => {
    if (answer.status !== 'fulfilled') return
    const resources = answer.value.resources ?? []
    const names = new Set(resources.map((r) => r.name))
    for (const r of resources) {
      if (r.name.includes('/')) continue
      kinds.push({
        ...legacy[i]!,
        resource: r.name,
        kind: r.kind,
        namespaced: r.namespaced,
        verbs: r.verbs ?? [],
        shortNames: r.shortNames ?? [],
        categories: r.categories ?? [],
        ...(names.has(`${r.name}/scale`) ? { scale: true } : {}),
      })
    }
  })
  return kinds
}
