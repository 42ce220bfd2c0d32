/**
 * How long writes take until they are on disk, under the names that kube-apiserver has for its requests to etcd. Reads are
 * not among them: they come from memory. https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { hostNow } from '../host.js'
import { WriteConflictError, type Store, type StoredObject } from '../store/store.js'
import { Counter, Histogram, LATENCY_BUCKETS, printedLabels, sample, family, type Series } from './exposition.js'

type Operation = 'create' | 'update' | 'delete'

/** What is counted of the writes of one operation on one resource. */
interface Writes {
  readonly labels: string
  readonly latency: Series
}

export class StorageMetrics {
  private readonly latencies = new Histogram(
    'etcd_request_duration_seconds',
    '[ALPHA] Etcd request latency in seconds for each operation and object type.',
    LATENCY_BUCKETS,
  )
  private readonly requests = new Counter('etcd_requests_total', '[ALPHA] Etcd request counts for each operation and object type.')
  private readonly errors = new Counter(
    'etcd_request_errors_total',
    '[ALPHA] Etcd failed request counts for each operation and object type.',
  )
  private readonly writes = new Map<string, Writes>()

  /** @param bytesOnDisk how much disk the store takes; undefined where it is in memory */
  constructor(private readonly bytesOnDisk: (() => number) | undefined) {}

  /** The same store, whose writes are counted. */
  measured(store: Store): Store {
    return {
      get revision() {
        return store.revision
      },
      get compactedRevision() {
        return store.compactedRevision
      },
      get: (key, revision) => store.get(key, revision),
      list: (prefix, options) => store.list(prefix, options),
      count: (prefix) => store.count(prefix),
      put: (key, object, expected) => this.observe(key, expected === 0 ? 'create' : 'update', store.put(key, object, expected)),
      delete: (key, expected) => this.observe(key, 'delete', store.delete(key, expected)),
      durable: (revision) => store.durable(revision),
      settled: () => store.settled(),
      watch: (prefix, fromRevision, onEvents, onProgress) => store.watch(prefix, fromRevision, onEvents, onProgress),
      compact: (revision) => store.compact(revision),
      close: () => store.close(),
    }
  }

  /** Looks on: whoever writes waits no longer for it. */
  private observe(key: string, operation: Operation, write: Promise<StoredObject>): Promise<StoredObject> {
    const began = hostNow()
    const { labels, latency } = this.writesOf(key, operation)
    const ended = (error?: unknown): void => {
      latency.observe((hostNow() - began) / 1000)
      this.requests.add(labels)
      // Somebody else was faster: that is an answer.
      if (error !== undefined && !(error instanceof WriteConflictError)) this.errors.add(labels)
    }
    write.then(() => ended(), ended)
    return write
  }

  private writesOf(key: string, operation: Operation): Writes {
    const [, , group = '', resource = ''] = key.split('/', 4)
    const name = `${operation} ${group} ${resource}`
    let known = this.writes.get(name)
    if (!known) {
      const labels = printedLabels({ group: group === 'core' ? '' : group, operation, resource })
      this.writes.set(name, (known = { labels, latency: this.latencies.series(labels) }))
    }
    return known
  }

  families(): string[] {
    const size =
      this.bytesOnDisk && sample('apiserver_storage_size_bytes', printedLabels({ storage_cluster_id: 'etcd-0' }), this.bytesOnDisk())
    return [
      family(
        'apiserver_storage_size_bytes',
        'gauge',
        '[STABLE] Size of the storage database file physically allocated in bytes.',
        size === undefined ? [] : [size],
      ),
      this.latencies.text(),
      this.errors.text(),
      this.requests.text(),
    ]
  }
}
