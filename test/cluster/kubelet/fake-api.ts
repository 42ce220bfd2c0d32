/** A small API server for kubelet tests: objects in memory, watches, graceful deletion of pods, the patches kubelets send. */
import type {
  Client,
  GroupVersionResource,
  Informer,
  InformerHandlers,
  Informers,
  ListOptions,
  ResourceClient,
  UserInfo,
  WatchEvent,
} from '../../../src-main/cluster/api/client.js'
import { alreadyExists, conflict, notFound } from '../../../src-main/cluster/api/errors.js'
import type { Event, KubeObject, Pod } from '../../../src-main/cluster/api/object.js'
import { keyOf } from '../../../src-main/cluster/api/object.js'
import type { Clock } from '../../../src-main/cluster/clock.js'
import { rfc3339 } from '../../../src-main/cluster/clock.js'
import type { Random } from '../../../src-main/cluster/random.js'

type Json = Record<string, unknown>

const mergeKeys: Readonly<Record<string, string>> = { conditions: 'type', addresses: 'type' }

/** As much of strategic merge as a status patch needs: lists of conditions by type, null deletes, other lists replace. */
function strategic(target: Json, patch: Json): Json {
  const out: Json = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$setElementOrder/')) continue
    const mergeKey = mergeKeys[key]
    if (value === null) delete out[key]
    else if (Array.isArray(value) && mergeKey) {
      const list = [...((out[key] as Json[] | undefined) ?? [])]
      for (const item of value as Json[]) {
        const at = list.findIndex((x) => x[mergeKey] === item[mergeKey])
        if (at < 0) list.push(strategic({}, item))
        else list[at] = strategic(list[at]!, item)
      }
      const order = patch[`$setElementOrder/${key}`] as Json[] | undefined
      const position = (x: Json): number => order?.findIndex((o) => o[mergeKey] === x[mergeKey]) ?? 0
      out[key] = order ? list.sort((a, b) => position(a) - position(b)) : list
    } else if (value && typeof value === 'object' && !Array.isArray(value)) {
      const old = out[key]
      out[key] = strategic(old && typeof old === 'object' && !Array.isArray(old) ? (old as Json) : {}, value as Json)
    } else out[key] = value
  }
  return out
}

export interface Write {
  verb: 'create' | 'update' | 'patch' | 'delete'
  resource: string
  key: string
  subresource?: string
  body?: unknown
}

class FakeInformer implements Informer<KubeObject> {
  readonly synced = Promise.resolve()
  constructor(
    private readonly api: FakeApi,
    private readonly resource: string,
  ) {}
  getByKey(key: string): KubeObject | undefined {
    return this.api.table(this.resource).get(key)
  }
  get(namespace: string, name: string): KubeObject | undefined {
    return this.getByKey(keyOf({ metadata: { namespace, name } }))
  }
  *list(namespace?: string): Iterable<KubeObject> {
    for (const o of this.api.table(this.resource).values()) if (!namespace || o.metadata.namespace === namespace) yield o
  }
  get size(): number {
    return this.api.table(this.resource).size
  }
  addIndex(): void {}
  byIndex(): readonly KubeObject[] {
    return []
  }
  on(handlers: InformerHandlers<KubeObject>): () => void {
    for (const o of this.list()) handlers.add?.(o)
    return this.api.listen(this.resource, handlers)
  }
}

export class FakeApi {
  readonly writes: Write[] = []
  /** The tokens that were asked for: when, and for how long. */
  readonly tokens: { at: number; seconds: number }[] = []
  private readonly tables = new Map<string, Map<string, KubeObject>>()
  private readonly listeners = new Map<string, Set<InformerHandlers<KubeObject>>>()
  private revision = 1

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  table(resource: string): Map<string, KubeObject> {
    let t = this.tables.get(resource)
    if (!t) this.tables.set(resource, (t = new Map()))
    return t
  }

  listen(resource: string, handlers: InformerHandlers<KubeObject>): () => void {
    let set = this.listeners.get(resource)
    if (!set) this.listeners.set(resource, (set = new Set()))
    set.add(handlers)
    return () => set.delete(handlers)
  }

  client(user: UserInfo = { username: 'admin', groups: [] }): Client {
    return {
      user,
      resource: <T extends { metadata: object }>(gvr: GroupVersionResource) => this.verbs(gvr) as unknown as ResourceClient<T>,
    }
  }

  informers(): Informers {
    return {
      for: <T extends { metadata: object }>(gvr: GroupVersionResource) => new FakeInformer(this, gvr.resource) as unknown as Informer<T>,
      synced: () => Promise.resolve(),
      stop: () => undefined,
    }
  }

  /** Stores an object as it is. */
  put(resource: string, object: KubeObject, previous?: KubeObject): KubeObject {
    const key = keyOf(object)
    const old = previous ?? this.table(resource).get(key)
    const stored = structuredClone(object)
    stored.metadata.uid ??= this.random.uuid()
    stored.metadata.creationTimestamp ??= rfc3339(this.clock.now())
    stored.metadata.resourceVersion = String(++this.revision)
    this.table(resource).set(key, stored)
    for (const l of this.listeners.get(resource) ?? []) queueMicrotask(() => (old ? l.update?.(old, stored) : l.add?.(stored)))
    return stored
  }

  drop(resource: string, key: string): void {
    const old = this.table(resource).get(key)
    if (!old) return
    this.table(resource).delete(key)
    for (const l of this.listeners.get(resource) ?? []) queueMicrotask(() => l.delete?.(old))
  }

  pod(name: string, namespace = 'default'): Pod | undefined {
    return this.table('pods').get(`${namespace}/${name}`) as unknown as Pod | undefined
  }

  /** `Normal Pulled message`, with ` (xN)` for repeated ones, in the order in which they came first. */
  events(name: string): string[] {
    return [...this.table('events').values()]
      .map((e) => e as unknown as Event)
      .filter((e) => e.involvedObject.name === name)
      .map((e) => `${e.type} ${e.reason} ${e.message}${(e.count ?? 1) > 1 ? ` (x${e.count})` : ''}`)
  }

  /** The status patches of a pod, as `phase` and the first container's state, in order. */
  statusWrites(name: string): unknown[] {
    return this.writes.filter((w) => w.verb === 'patch' && w.subresource === 'status' && w.key.endsWith(`/${name}`)).map((w) => w.body)
  }

  private verbs(gvr: GroupVersionResource): ResourceClient<KubeObject> {
    const { resource } = gvr
    const table = this.table(resource)
    const key = (namespace: string, name: string): string => keyOf({ metadata: { namespace, name } })
    const need = (k: string): KubeObject => {
      const found = table.get(k)
      if (!found) throw notFound(gvr, k.slice(k.indexOf('/') + 1))
      return found
    }
    const log = (verb: Write['verb'], k: string, subresource?: string, body?: unknown): void => {
      this.writes.push({ verb, resource, key: k, ...(subresource ? { subresource } : {}), ...(body === undefined ? {} : { body }) })
    }
    return {
      get: async (namespace, name) => need(key(namespace, name)),
      list: async (options?: ListOptions) => ({
        metadata: { resourceVersion: String(this.revision) },
        items: [...table.values()].filter((o) => !options?.namespace || o.metadata.namespace === options.namespace),
      }),
      watch: (_options, onEvent: (event: WatchEvent<KubeObject>) => void) => {
        const stop = this.listen(resource, {
          add: (object) => onEvent({ type: 'ADDED', object }),
          update: (_, object) => onEvent({ type: 'MODIFIED', object }),
          delete: (object) => onEvent({ type: 'DELETED', object }),
        })
        return { stop }
      },
      create: async (namespace, object, options) => {
        if (options?.subresource === 'token') {
          need(key(namespace, object.metadata.name!))
          const seconds = (object.spec as { expirationSeconds: number }).expirationSeconds
          this.tokens.push({ at: this.clock.now(), seconds })
          const expirationTimestamp = rfc3339(this.clock.now() + seconds * 1000)
          return { ...object, status: { token: `token-${++this.revision}`, expirationTimestamp } }
        }
        const metadata = namespace ? { ...object.metadata, namespace } : object.metadata
        if (table.has(keyOf({ metadata }))) throw alreadyExists(gvr, metadata.name!)
        log('create', keyOf({ metadata }))
        return this.put(resource, { ...object, metadata })
      },
      update: async (object, options) => {
        const old = need(keyOf(object))
        log('update', keyOf(object), options?.subresource)
        if (object.metadata.resourceVersion && object.metadata.resourceVersion !== old.metadata.resourceVersion)
          throw conflict(gvr, object.metadata.name!, 'modified')
        return this.put(resource, object)
      },
      patch: async (namespace, name, patch, options) => {
        const old = need(key(namespace, name))
        log('patch', key(namespace, name), options.subresource, patch)
        const uid = ((patch as Json).metadata as Json | undefined)?.uid
        if (uid && uid !== old.metadata.uid) throw conflict(gvr, name, 'the uid in the precondition')
        return this.put(resource, strategic(old as unknown as Json, patch as Json) as unknown as KubeObject)
      },
      delete: async (namespace, name, options) => {
        const old = need(key(namespace, name)) as unknown as Pod
        if (options?.preconditions?.uid && options.preconditions.uid !== old.metadata.uid) throw conflict(gvr, name, 'uid')
        log('delete', key(namespace, name), undefined, options)
        const grace = resource === 'pods' ? (options?.gracePeriodSeconds ?? old.spec?.terminationGracePeriodSeconds ?? 30) : 0
        if (grace === 0) {
          old.metadata = { ...old.metadata, deletionGracePeriodSeconds: 0 }
          return this.drop(resource, key(namespace, name))
        }
        const metadata = { ...old.metadata, deletionTimestamp: rfc3339(this.clock.now() + grace * 1000), deletionGracePeriodSeconds: grace }
        this.put(resource, { ...(old as unknown as KubeObject), metadata: metadata as KubeObject['metadata'] })
      },
      deleteCollection: async () => undefined,
    }
  }
}
