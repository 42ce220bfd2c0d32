/**
 * An API server in a few lines, for tests of controllers and the scheduler: objects in maps, one revision, watches,
 * status apart from spec, finalizers and graceful deletion of pods. It knows no defaults, no validation and no access
 * control; tests write whole objects.
 */
import fastJsonPatch from 'fast-json-patch'
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
  WriteOptions,
} from '../../../src-main/cluster/api/client.js'
import { alreadyExists, conflict, forbidden, notFound, OPTIMISTIC_LOCK } from '../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { keyOf } from '../../../src-main/cluster/api/object.js'
import type { Clock } from '../../../src-main/cluster/clock.js'
import { jsonText } from '../../../src-main/exact-json.js'
import { rfc3339 } from '../../../src-main/cluster/clock.js'
import type { Random } from '../../../src-main/cluster/random.js'

type Listener = (event: WatchEvent<any>) => void

const pathOf = (gvr: GroupVersionResource): string => `${gvr.group}/${gvr.resource}`

/** Kinds that have no status subresource in this fake: their status is an ordinary field. */
const PLAIN = new Set(['/events', '/configmaps', '/secrets', '/serviceaccounts', '/endpoints', 'discovery.k8s.io/endpointslices'])

export class FakeCluster implements Informers {
  revision = 0
  /** Requests so far, as `verb resource[/subresource] key`. */
  readonly requests: string[] = []
  /** Rejects a request: return an error for it. */
  refuse: (verb: string, resource: string, object: KubeObject | undefined) => Error | undefined = () => undefined
  private readonly stored = new Map<string, Map<string, KubeObject>>()
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly informers = new Map<string, FakeInformer<any>>()

  constructor(
    readonly clock: Clock,
    readonly random: Random,
  ) {}

  client(username: string): Client {
    const user: UserInfo = { username, groups: [] }
    return { user, resource: (gvr) => this.resource(gvr) as any }
  }

  for<T extends { metadata: object }>(gvr: GroupVersionResource, options: { fieldSelector?: string } = {}): Informer<T> {
    const key = `${pathOf(gvr)}?${options.fieldSelector ?? ''}`
    let informer = this.informers.get(key)
    if (!informer) {
      informer = new FakeInformer(this.clock, this.objects(gvr))
      this.informers.set(key, informer)
      const listener = (e: WatchEvent<any>): void => informer!.deliver(e)
      this.watchers(gvr).add(listener)
    }
    return informer
  }

  async synced(): Promise<void> {}
  stop(): void {}

  /** All stored objects of a resource, for expectations. */
  all<T>(gvr: GroupVersionResource, namespace?: string): T[] {
    return [...this.objects(gvr).values()].filter((o) => !namespace || o.metadata.namespace === namespace) as T[]
  }

  get<T>(gvr: GroupVersionResource, namespace: string, name: string): T {
    const found = this.objects(gvr).get(keyOf({ metadata: { namespace, name } }))
    if (!found) throw notFound(gvr, name)
    return found as T
  }

  has(gvr: GroupVersionResource, namespace: string, name: string): boolean {
    return this.objects(gvr).has(keyOf({ metadata: { namespace, name } }))
  }

  /** Changes an object as a user or a kubelet would, status included. */
  edit<T>(gvr: GroupVersionResource, namespace: string, name: string, change: (object: T) => void): T {
    const copy = structuredClone(this.get<KubeObject>(gvr, namespace, name))
    const spec = JSON.stringify(copy.spec)
    change(copy as T)
    if (JSON.stringify(copy.spec) !== spec) copy.metadata.generation = (copy.metadata.generation ?? 0) + 1
    return this.put(gvr, copy, 'MODIFIED') as T
  }

  private objects(gvr: GroupVersionResource): Map<string, KubeObject> {
    let map = this.stored.get(pathOf(gvr))
    if (!map) this.stored.set(pathOf(gvr), (map = new Map()))
    return map
  }

  private watchers(gvr: GroupVersionResource): Set<Listener> {
    let set = this.listeners.get(pathOf(gvr))
    if (!set) this.listeners.set(pathOf(gvr), (set = new Set()))
    return set
  }

  private put(gvr: GroupVersionResource, object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    object.metadata.resourceVersion = String(++this.revision)
    freeze(object)
    this.objects(gvr).set(keyOf(object), object)
    this.tell(gvr, type, object)
    return object
  }

  private remove(gvr: GroupVersionResource, object: KubeObject): void {
    const last = structuredClone(object)
    last.metadata.resourceVersion = String(++this.revision)
    this.objects(gvr).delete(keyOf(object))
    this.tell(gvr, 'DELETED', freeze(last))
  }

  private tell(gvr: GroupVersionResource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    for (const listener of this.watchers(gvr)) listener({ type, object })
  }

  private begin(verb: string, gvr: GroupVersionResource, key: string, object?: KubeObject, subresource?: string): void {
    const resource = subresource ? `${gvr.resource}/${subresource}` : gvr.resource
    this.requests.push(`${verb} ${resource} ${key}`)
    const error = this.refuse(verb, resource, object)
    if (error) throw error
  }

  private resource(gvr: GroupVersionResource): ResourceClient<any> {
    const objects = this.objects(gvr)
    const find = (namespace: string, name: string): KubeObject => this.get(gvr, namespace, name)
    return {
      get: async (namespace, name) => {
        this.begin('get', gvr, keyOf({ metadata: { namespace, name } }))
        return find(namespace, name)
      },
      list: async (options: ListOptions = {}) => {
        this.begin('list', gvr, options.namespace ?? '')
        const items = [...objects.values()].filter((o) => !options.namespace || o.metadata.namespace === options.namespace)
        return { metadata: { resourceVersion: String(this.revision) }, items }
      },
      watch: (_options, onEvent) => {
        this.watchers(gvr).add(onEvent)
        return { stop: () => this.watchers(gvr).delete(onEvent) }
      },
      create: async (namespace, object, options: WriteOptions = {}) => {
        this.begin('create', gvr, keyOf({ metadata: { namespace, name: object.metadata.name } }), object, options.subresource)
        if (options.subresource === 'binding') return this.bind(gvr, namespace, object)
        const copy: KubeObject = structuredClone(object)
        const meta = copy.metadata
        if (namespace) meta.namespace = namespace
        if (!meta.name) meta.name = `${meta.generateName}${this.random.suffix()}`
        if (objects.has(keyOf(copy))) throw alreadyExists(gvr, meta.name)
        if (namespace && this.isTerminating(namespace))
          throw forbidden(gvr, meta.name, `unable to create new content in namespace ${namespace} because it is being terminated`)
        meta.uid = this.random.uuid()
        meta.creationTimestamp = rfc3339(this.clock.now())
        meta.generation = 1
        if (gvr.resource === 'pods') copy.status ??= { phase: 'Pending' }
        return this.put(gvr, copy, 'ADDED')
      },
      update: async (object, options: WriteOptions = {}) => this.replace(gvr, object, 'update', options),
      patch: async (namespace, name, patch, options) => {
        const old = find(namespace, name)
        const patched =
          options.type === 'json'
            ? fastJsonPatch.applyPatch(structuredClone(old), patch as any).newDocument
            : merged(structuredClone(old), patch, options.type === 'strategic')
        const sent = (patch as any)?.metadata
        if (sent?.uid && sent.uid !== old.metadata.uid) throw conflict(gvr, name, 'Precondition failed: UID in precondition')
        if (!sent?.resourceVersion) delete patched.metadata.resourceVersion
        return this.replace(gvr, patched, 'patch', options)
      },
      delete: async (namespace, name, options = {}) => {
        this.begin('delete', gvr, keyOf({ metadata: { namespace, name } }))
        const old = find(namespace, name)
        if (options.preconditions?.uid && options.preconditions.uid !== old.metadata.uid)
          throw conflict(gvr, name, `Precondition failed: UID in precondition: ${options.preconditions.uid}`)
        this.erase(gvr, old, options)
      },
      deleteCollection: async (options) => {
        this.begin('deletecollection', gvr, options.namespace ?? '')
        for (const object of Array.from(objects.values()))
          if (!options.namespace || object.metadata.namespace === options.namespace) this.erase(gvr, object, options)
      },
    }
  }

  private isTerminating(namespace: string): boolean {
    return this.stored.get('/namespaces')?.get(namespace)?.metadata.deletionTimestamp !== undefined
  }

  private bind(gvr: GroupVersionResource, namespace: string, binding: any): KubeObject {
    const pod: any = structuredClone(this.get(gvr, namespace, binding.metadata.name))
    if (pod.spec.nodeName)
      throw conflict(
        { group: '', resource: 'pods/binding' },
        pod.metadata.name,
        `pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`,
      )
    pod.spec.nodeName = binding.target.name
    const conditions = (pod.status.conditions ?? []).filter((c: any) => c.type !== 'PodScheduled')
    pod.status.conditions = [...conditions, { type: 'PodScheduled', status: 'True', lastTransitionTime: rfc3339(this.clock.now()) }]
    this.put(gvr, pod, 'MODIFIED')
    return binding
  }

  private replace(gvr: GroupVersionResource, object: KubeObject, verb: string, options: WriteOptions): KubeObject {
    this.begin(verb, gvr, keyOf(object), object, options.subresource)
    const old = this.get<KubeObject>(gvr, object.metadata.namespace ?? '', object.metadata.name!)
    const sentVersion = object.metadata.resourceVersion
    if (sentVersion && sentVersion !== old.metadata.resourceVersion) throw conflict(gvr, old.metadata.name!, OPTIMISTIC_LOCK)
    let next: KubeObject = structuredClone(object)
    if (options.subresource === 'status') next = { ...structuredClone(old), metadata: next.metadata, status: next.status as any }
    else if (options.subresource === 'finalize') next = { ...structuredClone(old), spec: next.spec as any }
    else if (options.subresource === 'approval') next = { ...structuredClone(old), status: next.status as any }
    else if (!PLAIN.has(pathOf(gvr)) && 'status' in old) next.status = structuredClone(old.status)
    const { uid, creationTimestamp, generation = 1, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
    const changed = jsonText(next.spec) !== jsonText(old.spec)
    Object.assign(next.metadata, { uid, creationTimestamp, generation: changed ? generation + 1 : generation })
    if (deletionTimestamp) Object.assign(next.metadata, { deletionTimestamp, deletionGracePeriodSeconds })
    delete next.metadata.resourceVersion
    if (deletionTimestamp && !next.metadata.finalizers?.length && deletionGracePeriodSeconds === 0 && !this.hasContent(gvr, next)) {
      next.metadata.resourceVersion = String(++this.revision)
      this.remove(gvr, next)
      return freeze(next)
    }
    // A write that changes nothing is no write.
    if (
      jsonText({ ...next, metadata: { ...next.metadata, resourceVersion: '' } }) ===
      jsonText({ ...old, metadata: { ...old.metadata, resourceVersion: '' } })
    )
      return old
    return this.put(gvr, next, 'MODIFIED')
  }

  private hasContent(gvr: GroupVersionResource, object: KubeObject): boolean {
    return gvr.resource === 'namespaces' && ((object.spec as any)?.finalizers?.length ?? 0) > 0
  }

  private erase(gvr: GroupVersionResource, old: KubeObject, options: { gracePeriodSeconds?: number; propagationPolicy?: string }): void {
    const pod: any = old
    const graceful = gvr.resource === 'pods' && pod.spec?.nodeName && !['Succeeded', 'Failed'].includes(pod.status?.phase)
    const grace = graceful ? (options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30) : 0
    const finalizers = new Set(old.metadata.finalizers ?? [])
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion')
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan')
    if (grace === 0 && finalizers.size === 0 && !this.hasContent(gvr, old)) return this.remove(gvr, old)
    if (old.metadata.deletionTimestamp && old.metadata.deletionGracePeriodSeconds === grace) return
    const copy = structuredClone(old)
    copy.metadata.deletionTimestamp = rfc3339(this.clock.now() + grace * 1000)
    copy.metadata.deletionGracePeriodSeconds = grace
    if (gvr.resource === 'namespaces') copy.status = { ...(copy.status as object), phase: 'Terminating' }
    if (finalizers.size) copy.metadata.finalizers = [...finalizers]
    this.put(gvr, copy, 'MODIFIED')
  }
}

class FakeInformer<T extends KubeObject> implements Informer<T> {
  readonly synced = Promise.resolve()
  private readonly cache = new Map<string, T>()
  private readonly handlers = new Set<InformerHandlers<T>>()
  private readonly indexes = new Map<string, { keys: (object: T) => readonly string[]; values: Map<string, Set<T>> }>()
  private readonly pending: WatchEvent<T>[] = []

  constructor(
    private readonly clock: Clock,
    initial: Map<string, KubeObject>,
  ) {
    for (const [key, object] of initial) this.cache.set(key, object as T)
  }

  get size(): number {
    return this.cache.size
  }

  get(namespace: string, name: string): T | undefined {
    return this.cache.get(keyOf({ metadata: { namespace, name } }))
  }

  getByKey(key: string): T | undefined {
    return this.cache.get(key)
  }

  *list(namespace?: string): Iterable<T> {
    for (const object of this.cache.values()) if (!namespace || object.metadata.namespace === namespace) yield object
  }

  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    if (this.indexes.has(name)) return
    const index = { keys, values: new Map<string, Set<T>>() }
    this.indexes.set(name, index)
    for (const object of this.cache.values()) for (const k of keys(object)) into(index.values, k).add(object)
  }

  byIndex(name: string, value: string): readonly T[] {
    return [...(this.indexes.get(name)!.values.get(value) ?? [])]
  }

  on(handlers: InformerHandlers<T>): () => void {
    for (const object of this.cache.values()) handlers.add?.(object)
    this.handlers.add(handlers)
    return () => this.handlers.delete(handlers)
  }

  /** Events arrive a turn later than the write returns, as from a real watch. */
  deliver(event: WatchEvent<T>): void {
    this.pending.push(event)
    if (this.pending.length > 1) return
    const delivered = new Promise<void>((resolve) => {
      setImmediate(() => {
        for (const e of this.pending.splice(0)) this.apply(e)
        resolve()
      })
    })
    void this.clock.track(delivered)
  }

  private apply(event: WatchEvent<T>): void {
    const key = keyOf(event.object)
    const old = this.cache.get(key)
    for (const { keys, values } of this.indexes.values()) {
      if (old) for (const k of keys(old)) values.get(k)?.delete(old)
      if (event.type !== 'DELETED') for (const k of keys(event.object)) into(values, k).add(event.object)
    }
    if (event.type === 'DELETED') this.cache.delete(key)
    else this.cache.set(key, event.object)
    for (const h of this.handlers) {
      if (event.type === 'DELETED') h.delete?.(event.object)
      else if (old) h.update?.(old, event.object)
      else h.add?.(event.object)
    }
  }
}

function into<T>(values: Map<string, Set<T>>, key: string): Set<T> {
  let set = values.get(key)
  if (!set) values.set(key, (set = new Set()))
  return set
}

/** Merge patch; the strategic one merges lists of conditions by their type, the only list these tests patch. */
function merged(target: any, patch: any, strategic: boolean): any {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {}
  for (const [k, v] of Object.entries(patch)) {
    if (v === null) delete result[k]
    else if (strategic && k === 'conditions') {
      const types = new Set((v as any[]).map((c) => c.type))
      result[k] = [...(result[k] ?? []).filter((c: any) => !types.has(c.type)), ...(v as any[])]
    } else result[k] = merged(result[k], v, strategic)
  }
  return result
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const v of Object.values(value)) freeze(v)
  }
  return value
}
