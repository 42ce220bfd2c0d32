/**
 * What requests came and what became of them, in the Prometheus text format, under the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { hostNow } from '../../host.js'
import type { Store } from '../../store/store.js'
import type { Flow } from '../flowcontrol/classify.js'
import { nominalSeats } from '../flowcontrol/seats.js'
import { family, Histogram, LATENCY_BUCKETS, printedLabels, sample, type Labels, type MetricType } from '../exposition.js'
import { prefixOf, type KindSet } from '../kindset.js'
import type { RequestInfo } from './requestinfo.js'

/** What a verb is called in metrics: by its method, where that says the same. */
const REPORTED: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }
/** Upper bounds of the latency buckets of objectives, seconds: those of kube-apiserver. */
const SLI_BUCKETS = LATENCY_BUCKETS.filter((bound) => bound >= 0.05)
/** A counter of something that never happens here. */
const NOTHING = [['', 0]] as const

/** Subresources that are not read or written but connected to. */
const CONNECTED = new Set(['proxy', 'exec', 'attach', 'portforward'])
/** Paths that are counted under their own names. */
const COUNTED_PATHS = new Set(['/healthz', '/livez', '/readyz', '/metrics', '/version', '/api', '/apis', '/openapi/v2', '/openapi/v3'])

/** Upper bounds of the sizes of answers, bytes. */
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/** What a request works on, as kube-apiserver classifies it: one object, those of a namespace, or all. */
function scopeOf(info: RequestInfo): string {
  if (info.name || info.verb === 'create') return 'resource'
  return info.namespace ? 'namespace' : 'cluster'
}

function verbOf(info: RequestInfo, applies: boolean): string {
  if (CONNECTED.has(info.subresource)) return 'CONNECT'
  if (applies) return 'APPLY'
  return REPORTED[info.verb] ?? info.verb.toUpperCase()
}

/** The labels of a request. Whatever a client may have made up is not among them. */
function labelsOf(info: RequestInfo, code: number, applies: boolean): Labels {
  const all = { component: 'apiserver', dry_run: '', group: '', resource: '', scope: '', subresource: '', version: '' }
  // A path that was not found is somebody's guess: it must not become a label.
  if (code === 404 || code === 403 || code === 401) return { ...all, verb: 'OTHER' }
  if (!info.isResource) {
    return COUNTED_PATHS.has(info.path) ? { ...all, subresource: info.path, verb: 'GET' } : { ...all, verb: 'OTHER' }
  }
  const { group, resource, subresource, version } = info
  const dryRun = info.query.get('dryRun') === 'All' ? 'All' : ''
  return { ...all, dry_run: dryRun, group, resource, scope: scopeOf(info), subresource, verb: verbOf(info, applies), version }
}

const READING = new Set(['get', 'list'])

/** Labels as they are printed: without and with the code of the answer, and without the dry run. */
interface PrintedLabels {
  readonly latency: string
  readonly request: string
  readonly size: string
}

const printedBefore = new Map<string, PrintedLabels>()
/** Groups and resources come from discovery, which clients can fill with resources of their own. */
const MOST_PRINTED = 10_000

/** What is printed of a request. The same few kinds of request come again and again, and are printed once. */
function printedOf(info: RequestInfo, code: number, applies: boolean): PrintedLabels {
  const labels = labelsOf(info, code, applies)
  const key = `${code} ${Object.values(labels).join(' ')}`
  let found = printedBefore.get(key)
  if (!found) {
    const { dry_run: _, ...size } = labels
    found = { latency: printedLabels(labels), request: printedLabels({ code: String(code), ...labels }), size: printedLabels(size) }
    if (printedBefore.size < MOST_PRINTED) printedBefore.set(key, found)
  }
  return found
}

/** The counters of one server. Labels come from what is served, never from free text of a client. */
export class Metrics {
  private readonly requests = new Map<string, number>()
  private readonly latencies = new Histogram(
    'apiserver_request_duration_seconds',
    '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    LATENCY_BUCKETS,
  )
  private readonly slis = new Histogram(
    'apiserver_request_sli_duration_seconds',
    '[BETA] Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
    SLI_BUCKETS,
  )
  private readonly sizes = new Histogram(
    'apiserver_response_sizes',
    '[STABLE] Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
    SIZE_BUCKETS,
  )
  private readonly dispatched = new Map<string, number>()
  private readonly executing = new Map<string, number>()
  private readonly flowLabels = new WeakMap<Flow, string>()
  private readonly lasting = new Map<string, number>()
  private handshakeErrors = 0
  private readonly inFlight = { mutating: 0, readOnly: 0 }

  /**
   * Notes the start of a request; the function returned notes its end, with the code and the bytes of its answer.
   * @param lasts whether it may go on as long as the client wants: such requests have no latency
   * @param applies whether it is a server-side apply
   */
  start(info: RequestInfo, lasts: boolean, applies: boolean): (code: number, bytes: number) => void {
    const began = hostNow()
    const lasting = lasts ? printedLabels(labelsOf(info, 200, applies)) : ''
    const kind = READING.has(info.verb) || !info.isResource ? 'readOnly' : 'mutating'
    if (lasts) this.lasting.set(lasting, (this.lasting.get(lasting) ?? 0) + 1)
    else this.inFlight[kind]++
    let ended = false
    return (code, bytes) => {
      if (ended) return
      ended = true
      if (lasts) this.endLasting(lasting)
      else this.inFlight[kind]--
      const { request, latency, size } = printedOf(info, code, applies)
      this.requests.set(request, (this.requests.get(request) ?? 0) + 1)
      if (lasts) return
      const seconds = (hostNow() - began) / 1000
      this.latencies.observe(latency, seconds)
      this.slis.observe(size, seconds)
      if (READING.has(info.verb)) this.sizes.observe(size, bytes)
    }
  }

  /** Notes that a request is worked on as one of a flow; the function returned notes that it is done. */
  dispatch(flow: Flow): () => void {
    let labels = this.flowLabels.get(flow)
    if (!labels) this.flowLabels.set(flow, (labels = printedLabels({ flow_schema: flow.schemaName, priority_level: flow.levelName })))
    const key = labels
    this.dispatched.set(key, (this.dispatched.get(key) ?? 0) + 1)
    this.executing.set(key, (this.executing.get(key) ?? 0) + 1)
    return () => this.executing.set(key, this.executing.get(key)! - 1)
  }

  /** Notes a connection whose handshake failed. */
  handshakeFailed(): void {
    this.handshakeErrors++
  }

  /** A kind that nobody watches any more is not told of: what clients guess must not stay. */
  private endLasting(labels: string): void {
    const left = this.lasting.get(labels)! - 1
    if (left > 0) this.lasting.set(labels, left)
    else this.lasting.delete(labels)
  }

  /** Resources whose kind is deprecated and that somebody has asked for. */
  private deprecated(kinds: KindSet): [string, number][] {
    const asked = [...this.requests.keys()]
    return kinds
      .all()
      .filter((kind) => kind.deprecation)
      .flatMap(({ group, plural, version }): [string, number][] => {
        const labels = (subresource: string): string => `resource="${plural}",scope="[^"]*",subresource="${subresource}"`
        const requested = new RegExp(`group="${group}",${labels('[^"]*')},verb="[A-Z]+",version="${version}"`)
        const found = asked.some((request) => requested.test(request))
        return found ? [[printedLabels({ group, removed_release: '', resource: plural, subresource: '', version }), 1]] : []
      })
  }

  /** What it has counted, and what there is. */
  families(store: Store, kinds: KindSet): string[] {
    const each = (name: string, type: MetricType, help: string, values: Iterable<readonly [string, number]>): string =>
      family(
        name,
        type,
        help,
        [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([labels, value]) => sample(name, labels, value)),
      )
    const counts = objectCounts(store, kinds)
    const seats = nominalSeats(store).map(([level, n]) => [printedLabels({ priority_level: level }), n] as const)
    return [
      each(
        'aggregator_unavailable_apiservice',
        'gauge',
        '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
        apiServices(store).map(({ name, available }) => [printedLabels({ name }), available ? 0 : 1] as const),
      ),
      each('apiserver_audit_event_total', 'counter', '[ALPHA] Counter of audit events generated and sent to the audit backend.', NOTHING),
      each(
        'apiserver_audit_requests_rejected_total',
        'counter',
        '[ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.',
        NOTHING,
      ),
      each(
        'apiserver_current_inflight_requests',
        'gauge',
        '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
        Object.entries(this.inFlight).map(([kind, n]) => [printedLabels({ request_kind: kind }), n] as const),
      ),
      each(
        'apiserver_flowcontrol_current_executing_requests',
        'gauge',
        '[BETA] Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
        this.executing,
      ),
      each(
        'apiserver_flowcontrol_current_limit_seats',
        'gauge',
        '[ALPHA] current derived number of execution seats available to each priority level',
        seats,
      ),
      each(
        'apiserver_flowcontrol_dispatched_requests_total',
        'counter',
        '[BETA] Number of requests executed by API Priority and Fairness subsystem',
        this.dispatched,
      ),
      each(
        'apiserver_flowcontrol_nominal_limit_seats',
        'gauge',
        '[BETA] Nominal number of execution seats configured for each priority level',
        seats,
      ),
      each(
        'apiserver_longrunning_requests',
        'gauge',
        '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
        this.lasting,
      ),
      this.latencies.text(),
      this.slis.text(),
      each(
        'apiserver_request_total',
        'counter',
        '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
        this.requests,
      ),
      each(
        'apiserver_requested_deprecated_apis',
        'gauge',
        '[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
        this.deprecated(kinds),
      ),
      each(
        'apiserver_resource_objects',
        'gauge',
        '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
        counts.map(({ group, resource, n }) => [printedLabels({ group, resource }), n] as const),
      ),
      this.sizes.text(),
      each(
        'apiserver_storage_objects',
        'gauge',
        '[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
        counts.map(({ group, resource, n }) => [printedLabels({ resource: group ? `${resource}.${group}` : resource }), n] as const),
      ),
      each('apiserver_tls_handshake_errors_total', 'counter', "[ALPHA] Number of requests dropped with 'TLS handshake error from' error", [
        ['', this.handshakeErrors],
      ]),
    ]
  }
}

/** The APIServices, and whether each can be reached. */
function apiServices(store: Store): { name: string; available: boolean }[] {
  type Service = { metadata: { name: string }; status?: { conditions?: readonly { type: string; status: string }[] } }
  return store.list('/registry/apiregistration.k8s.io/apiservices/').items.map(({ object }) => {
    const { metadata, status } = object as unknown as Service
    return { name: metadata.name, available: status?.conditions?.find((c) => c.type === 'Available')?.status !== 'False' }
  })
}

/** How many objects are stored of each resource. */
function objectCounts(store: Store, kinds: KindSet): { group: string; resource: string; n: number }[] {
  const counts = new Map<string, { group: string; resource: string; n: number }>()
  for (const kind of kinds.all()) {
    if (kind.virtual || kind.objects) continue
    const { group } = kind.storedAs ?? kind
    const key = `${group}/${kind.plural}`
    if (!counts.has(key)) counts.set(key, { group, resource: kind.plural, n: store.count(prefixOf(kinds.rulesOf(kind), undefined)) })
  }
  return [...counts.values()]
}
