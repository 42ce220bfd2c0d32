/** Which resources the cluster has, for controllers that work on all of them: the garbage collector, namespace deletion, quotas. */
import type { GroupVersionResource, Informer, Informers } from '../api/client.js'
import type { ModelLike } from '../api/schema/schema.js'

/** One resource as discovery tells it, in its preferred version. */
export interface DiscoveredResource extends GroupVersionResource {
  kind: string
  namespaced: boolean
  verbs: readonly string[]
}

/** What the objects of a kind look like. */
export interface DiscoveredSchema {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly model: ModelLike
}

export interface ResourceDiscovery {
  /** All resources that are stored, built-in and custom ones. */
  resources(): readonly DiscoveredResource[]
  /** All kinds in all their versions, with what their objects look like, as the OpenAPI documents tell. */
  schemas(): readonly DiscoveredSchema[]
  /** Calls when resources come or go. Returns a function that stops. */
  onChange(listener: () => void): () => void
}

export function apiVersionOf(gvr: { group: string; version: string }): string {
  return gvr.group ? `${gvr.group}/${gvr.version}` : gvr.version
}

/** The group of an `apiVersion`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** A set of kinds as the API server keeps it. */
interface KindSource {
  all(): readonly (DiscoveredSchema & {
    namespaced: boolean
    verbs?: readonly string[]
    virtual?: boolean
    storageKey?: string
  })[]
  onChange(listener: () => void): () => void
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const

/** Discovery from the API server's kinds: what is stored, each once and in the version that comes first. */
export function discoveryFrom(kinds: KindSource): ResourceDiscovery {
  let known: readonly DiscoveredResource[] | undefined
  kinds.onChange(() => (known = undefined))
  const read = (): DiscoveredResource[] => {
    const byPath = new Map<string, DiscoveredResource>()
    for (const k of kinds.all()) {
      const path = k.storageKey ?? `${k.group}/${k.plural}`
      if (k.virtual || byPath.has(path)) continue
      const { group, version, kind, namespaced, plural: resource, verbs = ALL_VERBS } = k
      byPath.set(path, { group, version, resource, kind, namespaced, verbs })
    }
    return [...byPath.values()]
  }
  return { resources: () => (known ??= read()), schemas: () => kinds.all(), onChange: (listener) => kinds.onChange(listener) }
}

const byKind = new WeakMap<readonly DiscoveredResource[], Map<string, DiscoveredResource>>()

/** A resource by the group and kind of an owner reference; versions do not matter. */
export function findByKind(all: readonly DiscoveredResource[], apiVersion: string, kind: string): DiscoveredResource | undefined {
  let index = byKind.get(all)
  if (!index) byKind.set(all, (index = new Map(all.map((r) => [`${r.group}/${r.kind}`, r]))))
  return index.get(`${groupOf(apiVersion)}/${kind}`)
}

/** Whether the cluster has a resource. Without discovery it is taken to have all. */
export function isServed(discovery: ResourceDiscovery | undefined, gvr: GroupVersionResource): boolean {
  return !discovery || discovery.resources().some((r) => r.group === gvr.group && r.resource === gvr.resource)
}

const nothing: Informer<never> = {
  synced: Promise.resolve(),
  get: () => undefined,
  getByKey: () => undefined,
  list: () => [],
  size: 0,
  addIndex: () => {},
  byIndex: () => [],
  on: () => () => {},
}

/** The same informers, but empty for resources that the cluster does not have. */
export function servedInformers(informers: Informers, discovery: ResourceDiscovery | undefined): Informers {
  return {
    for: (gvr, options) => (isServed(discovery, gvr) ? informers.for(gvr, options) : nothing),
    synced: () => informers.synced(),
    stop: () => informers.stop(),
  }
}
