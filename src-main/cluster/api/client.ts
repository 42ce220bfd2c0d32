/**
 * How the cluster's own components (controllers, scheduler, kubelets) see the world: the same verbs as a client
 * outside, with the same access control, admission, defaulting and validation, but without a socket. This file is the
 * contract; `inprocess.ts` implements it over the API server, `informer.ts` over this interface.
 *
 * Objects that come out are frozen and shared: take a `mutable()` copy before changing one.
 */
import type { KubeList, KubeObject } from './object.js'

/** Names a resource: group ('' for core), version, plural. */
export interface GroupVersionResource {
  group: string
  version: string
  resource: string
}

/** Who acts. */
export interface UserInfo {
  username: string
  uid?: string
  groups: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}

/** What narrows a list or a watch. Selectors are the query strings of the API (`app=web,tier in (a,b)`). */
export interface ListOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  limit?: number
  continue?: string
}

/** What a write may carry. */
export interface WriteOptions {
  fieldManager?: string
  dryRun?: boolean
  /** The subresource written, such as `status`, `scale`, `binding`, `ephemeralcontainers`. */
  subresource?: string
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}

/** The kinds of patch, by their content types. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** One event of a watch. For BOOKMARK only `metadata.resourceVersion` of the object counts. */
export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: T
}

/** A running watch. */
export interface Watch {
  stop(): void
}

/** The verbs of one resource. Every method rejects with a `StatusError` (api/errors.ts). */
export interface ResourceClient<T extends { metadata: object } = KubeObject> {
  get(namespace: string, name: string): Promise<T>
  list(options?: ListOptions): Promise<KubeList<T>>
  /** Events after `options.resourceVersion`, in order, each exactly once. `onEnd` is told why it ended unless stopped. */
  watch(options: ListOptions, onEvent: (event: WatchEvent<T>) => void, onEnd: (error?: unknown) => void): Watch
  create(namespace: string, object: T, options?: WriteOptions): Promise<T>
  /** Replaces by name; with `metadata.resourceVersion` set, only if it is still the latest. */
  update(object: T, options?: WriteOptions): Promise<T>
  patch(namespace: string, name: string, patch: unknown, options: WriteOptions & { type: PatchType; force?: boolean }): Promise<T>
  delete(namespace: string, name: string, options?: DeleteOptions): Promise<void>
  deleteCollection(options: ListOptions & DeleteOptions): Promise<void>
}

/** A client that acts as one user. */
export interface Client {
  readonly user: UserInfo
  resource<T extends { metadata: object } = KubeObject>(gvr: GroupVersionResource): ResourceClient<T>
}

/** What an informer tells its listeners. Called in the order of revisions; must not throw. */
export interface InformerHandlers<T> {
  add?(object: T): void
  update?(old: T, object: T): void
  delete?(object: T): void
}

/** A shared cache of one resource, kept up to date by one watch. */
export interface Informer<T> {
  /** Resolves once the first list is in the cache and its `add`s were told. */
  readonly synced: Promise<void>
  get(namespace: string, name: string): T | undefined
  getByKey(key: string): T | undefined
  /** All cached objects, or those of one namespace, in no particular order. No copy is made. */
  list(namespace?: string): Iterable<T>
  readonly size: number
  /** Adds an index before or after start; `keys` gives the values an object is found under. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void
  byIndex(name: string, value: string): readonly T[]
  /** Listens; those already cached are told as `add`. Returns a function that stops listening. */
  on(handlers: InformerHandlers<T>): () => void
}

/** What an informer looks at, and what it keeps of it. */
export interface InformerOptions {
  fieldSelector?: string
  labelSelector?: string
  /**
   * The name of who asks, for an informer of its own that keeps only what `slim` leaves of an object. It must leave
   * `metadata.namespace`, `name` and `resourceVersion`.
   */
  slim?: { readonly name: string; readonly of: (object: KubeObject) => { metadata: object } }
}

/** One informer per resource, made and started on first use, shared by everybody who asks. */
export interface Informers {
  for<T extends { metadata: object }>(gvr: GroupVersionResource, options?: InformerOptions): Informer<T>
  /** Resolves when every informer asked for so far has synced. */
  synced(): Promise<void>
  stop(): void
}

/** The resources that the components of the cluster use. */
export const resources = {
  namespaces: { group: '', version: 'v1', resource: 'namespaces' },
  nodes: { group: '', version: 'v1', resource: 'nodes' },
  pods: { group: '', version: 'v1', resource: 'pods' },
  events: { group: '', version: 'v1', resource: 'events' },
  services: { group: '', version: 'v1', resource: 'services' },
  endpoints: { group: '', version: 'v1', resource: 'endpoints' },
  endpointslices: { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' },
  servicecidrs: { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' },
  ipaddresses: { group: 'networking.k8s.io', version: 'v1', resource: 'ipaddresses' },
  configmaps: { group: '', version: 'v1', resource: 'configmaps' },
  secrets: { group: '', version: 'v1', resource: 'secrets' },
  serviceaccounts: { group: '', version: 'v1', resource: 'serviceaccounts' },
  replicationcontrollers: { group: '', version: 'v1', resource: 'replicationcontrollers' },
  replicasets: { group: 'apps', version: 'v1', resource: 'replicasets' },
  deployments: { group: 'apps', version: 'v1', resource: 'deployments' },
  statefulsets: { group: 'apps', version: 'v1', resource: 'statefulsets' },
  daemonsets: { group: 'apps', version: 'v1', resource: 'daemonsets' },
  controllerrevisions: { group: 'apps', version: 'v1', resource: 'controllerrevisions' },
  jobs: { group: 'batch', version: 'v1', resource: 'jobs' },
  cronjobs: { group: 'batch', version: 'v1', resource: 'cronjobs' },
  leases: { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' },
  persistentvolumes: { group: '', version: 'v1', resource: 'persistentvolumes' },
  persistentvolumeclaims: { group: '', version: 'v1', resource: 'persistentvolumeclaims' },
  storageclasses: { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' },
  csidrivers: { group: 'storage.k8s.io', version: 'v1', resource: 'csidrivers' },
  volumeattachments: { group: 'storage.k8s.io', version: 'v1', resource: 'volumeattachments' },
  runtimeclasses: { group: 'node.k8s.io', version: 'v1', resource: 'runtimeclasses' },
  priorityclasses: { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' },
  poddisruptionbudgets: { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' },
  resourcequotas: { group: '', version: 'v1', resource: 'resourcequotas' },
  limitranges: { group: '', version: 'v1', resource: 'limitranges' },
  deviceclasses: { group: 'resource.k8s.io', version: 'v1', resource: 'deviceclasses' },
  resourceclaims: { group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims' },
  resourceclaimtemplates: { group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaimtemplates' },
  resourceslices: { group: 'resource.k8s.io', version: 'v1', resource: 'resourceslices' },
  horizontalpodautoscalers: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
} as const satisfies Record<string, GroupVersionResource>
