/** Informers over the in-process client: one list and one watch per resource, however many look at it. */
import type { Clock } from '../clock.js'
import type {
  Client,
  GroupVersionResource,
  Informer,
  InformerHandlers,
  InformerOptions,
  Informers,
  ResourceClient,
  Watch,
  WatchEvent,
} from './client.js'
import { isReason } from './errors.js'
import { keyOf, type KubeObject, type ObjectMeta } from './object.js'

/** How long after a failed watch the list is read again, ms. */
const RELIST_AFTER = 1000
/** How often a kind that is not served is looked for, ms. */
const LOOK_AGAIN_AFTER = 10_000

type Meta = { metadata: ObjectMeta }

/** One index: for each value the objects found under it. */
interface Index<T> {
  readonly keys: (object: T) => readonly string[]
  readonly entries: Map<string, Set<T>>
}

class ResourceInformer<T extends { metadata: object }> implements Informer<T> {
  readonly synced: Promise<void>
  private readonly objects = new Map<string, T>()
  /** Made once somebody lists a namespace: of most kinds nobody does. */
  private byNamespace: Map<string, Map<string, T>> | undefined
  private readonly indexes = new Map<string, Index<T>>()
  private readonly handlers = new Set<InformerHandlers<T>>()
  private watch: Watch | undefined
  private stopped = false
  private markSynced!: () => void

  constructor(
    private readonly client: ResourceClient<T>,
    private readonly selectors: { fieldSelector?: string; labelSelector?: string },
    private readonly clock: Clock,
    private readonly slim: InformerOptions['slim'],
  ) {
    this.synced = new Promise((resolve) => (this.markSynced = resolve))
    void this.start()
  }

  get size(): number {
    return this.objects.size
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.get(namespace ? `${namespace}/${name}` : name)
  }

  getByKey(key: string): T | undefined {
    return this.objects.get(key)
  }

  list(namespace?: string): Iterable<T> {
    if (!namespace) return this.objects.values()
    if (!this.byNamespace) {
      this.byNamespace = new Map()
      for (const [key, object] of this.objects) this.enterNamespace(key, object)
    }
    return this.byNamespace.get(namespace)?.values() ?? []
  }

  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    const index: Index<T> = { keys, entries: new Map() }
    this.indexes.set(name, index)
    for (const object of this.objects.values()) enter(index, object)
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.indexes.get(name)
    if (!index) throw new Error(`there is no index ${name}`)
    return [...(index.entries.get(value) ?? [])]
  }

  on(handlers: InformerHandlers<T>): () => void {
    this.handlers.add(handlers)
    for (const object of this.objects.values()) handlers.add?.(object)
    return () => this.handlers.delete(handlers)
  }

  stop(): void {
    this.stopped = true
    this.watch?.stop()
    this.handlers.clear()
  }

  private async start(): Promise<void> {
    try {
      const { items, metadata } = await this.client.list({ ...this.selectors })
      if (this.stopped) return
      this.replaceAll(items)
      this.markSynced()
      const options = { ...this.selectors, ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}) }
      this.watch = this.client.watch(
        options,
        (event) => this.apply(event),
        () => this.restart(),
      )
    } catch (error) {
      if (this.stopped) return
      if (isReason(error, 'NotFound')) {
        // The kind is not served (any more): its definition was deleted. It may come back.
        this.replaceAll([])
        return this.restart(LOOK_AGAIN_AFTER)
      }
      console.error('an informer could not list:', error)
      this.restart()
    }
  }

  private restart(after = RELIST_AFTER): void {
    if (!this.stopped) this.clock.after(after, () => void this.start())
  }

  /** After a new list: tells only what differs from what is known. */
  private replaceAll(items: readonly T[]): void {
    const gone = new Set(this.objects.keys())
    for (const object of items) {
      gone.delete(keyOf(object as Meta))
      this.put(object)
    }
    for (const key of gone) this.drop(key, this.objects.get(key)!)
  }

  private apply(event: WatchEvent<T>): void {
    if (this.stopped || event.type === 'BOOKMARK' || event.type === 'ERROR') return
    if (event.type === 'DELETED') this.drop(keyOf(event.object as Meta), event.object)
    else this.put(event.object)
  }

  private put(whole: T): void {
    const key = keyOf(whole as Meta)
    const old = this.objects.get(key)
    if (old && (old as unknown as Meta).metadata.resourceVersion === (whole as unknown as Meta).metadata.resourceVersion) return
    const object = this.slim ? (this.slim.of(whole as unknown as KubeObject) as T) : whole
    this.objects.set(key, object)
    this.enterNamespace(key, object)
    for (const index of this.indexes.values()) {
      if (old) leave(index, old)
      enter(index, object)
    }
    if (old) for (const h of this.handlers) h.update?.(old, object)
    else for (const h of this.handlers) h.add?.(object)
  }

  private drop(key: string, last: T): void {
    const old = this.objects.get(key)
    if (!old) return
    this.objects.delete(key)
    const { namespace } = old.metadata as ObjectMeta
    if (namespace && this.byNamespace) {
      const objects = this.byNamespace.get(namespace)
      objects?.delete(key)
      if (objects?.size === 0) this.byNamespace.delete(namespace)
    }
    for (const index of this.indexes.values()) leave(index, old)
    for (const h of this.handlers) h.delete?.(this.slim ? old : last)
  }

  private enterNamespace(key: string, object: T): void {
    const { namespace } = object.metadata as ObjectMeta
    if (!namespace || !this.byNamespace) return
    let objects = this.byNamespace.get(namespace)
    if (!objects) this.byNamespace.set(namespace, (objects = new Map()))
    objects.set(key, object)
  }
}

function enter<T>(index: Index<T>, object: T): void {
  for (const value of index.keys(object)) {
    const set = index.entries.get(value)
    if (set) set.add(object)
    else index.entries.set(value, new Set([object]))
  }
}

function leave<T>(index: Index<T>, object: T): void {
  for (const value of index.keys(object)) {
    const set = index.entries.get(value)
    set?.delete(object)
    if (set?.size === 0) index.entries.delete(value)
  }
}

/** Makes the shared informers of one client. Each is started when it is first asked for. */
export function sharedInformers(client: Client, clock: Clock): Informers {
  const all = new Map<string, ResourceInformer<{ metadata: object }>>()
  return {
    for<T extends { metadata: object }>(gvr: GroupVersionResource, { slim, ...selectors }: InformerOptions = {}): Informer<T> {
      const { fieldSelector = '', labelSelector = '' } = selectors
      const key = [gvr.group, gvr.version, gvr.resource, fieldSelector, labelSelector, slim?.name ?? ''].join('\0')
      let informer = all.get(key)
      if (!informer) all.set(key, (informer = new ResourceInformer(client.resource(gvr), selectors, clock, slim)))
      return informer as unknown as Informer<T>
    },
    async synced() {
      await Promise.all([...all.values()].map((i) => i.synced))
    },
    stop() {
      for (const informer of all.values()) informer.stop()
    },
  }
}
