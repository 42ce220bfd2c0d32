/** Informers over lists that a test fills by hand. */
import type { GroupVersionResource, Informer, InformerHandlers, Informers } from '../../../src-main/cluster/api/client.js'
import { keyOf } from '../../../src-main/cluster/api/object.js'

type Named = { metadata: { namespace?: string; name?: string } }

class FakeInformer<T extends Named> implements Informer<T> {
  readonly synced = Promise.resolve()
  private readonly objects = new Map<string, T>()
  private readonly handlers = new Set<InformerHandlers<T>>()
  private readonly indexes = new Map<string, (object: T) => readonly string[]>()

  get size(): number {
    return this.objects.size
  }
  get(namespace: string, name: string): T | undefined {
    return this.objects.get(namespace ? `${namespace}/${name}` : name)
  }
  getByKey(key: string): T | undefined {
    return this.objects.get(key)
  }
  list(): Iterable<T> {
    return this.objects.values()
  }
  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    this.indexes.set(name, keys)
  }
  byIndex(name: string, value: string): readonly T[] {
    return [...this.objects.values()].filter((o) => this.indexes.get(name)!(o).includes(value))
  }
  on(handlers: InformerHandlers<T>): () => void {
    this.handlers.add(handlers)
    for (const object of this.objects.values()) handlers.add?.(object)
    return () => this.handlers.delete(handlers)
  }
  put(object: T): void {
    const old = this.objects.get(keyOf(object))
    this.objects.set(keyOf(object), object)
    for (const h of this.handlers)
      if (old) h.update?.(old, object)
      else h.add?.(object)
  }
  delete(key: string): void {
    const old = this.objects.get(key)!
    this.objects.delete(key)
    for (const h of this.handlers) h.delete?.(old)
  }
}

export class FakeInformers implements Informers {
  private readonly all = new Map<string, FakeInformer<Named>>()

  for<T extends { metadata: object }>(gvr: GroupVersionResource): FakeInformer<T & Named> {
    let informer = this.all.get(gvr.resource)
    if (!informer) this.all.set(gvr.resource, (informer = new FakeInformer()))
    return informer as never
  }
  async synced(): Promise<void> {}
  stop(): void {}

  /** Puts a Service into namespace `default`, which is there from then on. */
  service(name: string, spec: object, status: object = {}, labels: Record<string, string> = {}): void {
    const namespaces = this.for({ group: '', version: 'v1', resource: 'namespaces' })
    if (!namespaces.get('', 'default')) namespaces.put({ metadata: { name: 'default' } })
    const metadata = { namespace: 'default', name, labels }
    this.for({ group: '', version: 'v1', resource: 'services' }).put({ metadata, spec, status } as never)
  }
  /** Puts the EndpointSlice of a Service of namespace `default`. */
  slice(service: string, ports: object[], endpoints: object[], name = `${service}-1`): void {
    this.for({ group: '', version: 'v1', resource: 'endpointslices' }).put({
      metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports,
      endpoints,
    } as never)
  }
}
