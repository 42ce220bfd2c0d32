/**
 * /metrics: what the server has done, in the Prometheus text format, under the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { hostNow } from '../../host.js'
import type { Store } from '../../store/store.js'
import type { Flow } from '../flowcontrol/classify.js'
import { nominalSeats } from '../flowcontrol/seats.js'
import { prefixOf, type KindSet } from '../kindset.js'
import type { RequestInfo } from './requestinfo.js'
import { VERSION } from './version.js'

/** Upper bounds of the latency buckets, seconds: those of kube-apiserver. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** What a verb is called in metrics: by its method, where that says the same. */
const REPORTED: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }
/** Subresources that are not read or written but connected to. */
const CONNECTED = new Set(['proxy', 'exec', 'attach', 'portforward'])
/** Paths that are counted under their own names. */
const COUNTED_PATHS = new Set(['/healthz', '/livez', '/readyz', '/metrics', '/version', '/api', '/apis', '/openapi/v2', '/openapi/v3'])

/** Upper bounds of the sizes of answers, bytes. */
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

type Labels = Readonly<Record<string, string>>

/** What was observed under each set of labels, counted by upper bounds. */
class Histogram {
  private readonly observed = new Map<string, { readonly counts: number[]; sum: number; count: number }>()

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly buckets: readonly number[],
  ) {}

  observe(labels: string, value: number): void {
    let of = this.observed.get(labels)
    if (!of) this.observed.set(labels, (of = { counts: this.buckets.map(() => 0), sum: 0, count: 0 }))
    // Buckets are cumulative: one observation counts in all that are wide enough.
    for (let i = this.buckets.length - 1; i >= 0 && value <= this.buckets[i]!; i--) of.counts[i]!++
    of.sum += value
    of.count++
  }

  samples(): string[] {
    return [...this.observed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([labels, { counts, sum, count }]) => [
        ...this.buckets.map((bound, i) => sample(`${this.name}_bucket`, `${labels},le="${goFloat(bound)}"`, counts[i]!)),
        sample(`${this.name}_bucket`, `${labels},le="+Inf"`, count),
        sample(`${this.name}_sum`, labels, sum),
        sample(`${this.name}_count`, labels, count),
      ])
  }
}

/** A bound as Go prints it: `0.005`, `1000`, `1e+06`. */
const goFloat = (n: number): string => (n < 1e6 ? String(n) : `1e+${String(Math.round(Math.log10(n))).padStart(2, '0')}`)

/** `a="b",c="d"`, in the order of the names. */
function printed(labels: Labels): string {
  const names = Object.keys(labels).sort()
  return names.map((name) => `${name}="${labels[name]!.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`).join(',')
}

const sample = (name: string, labels: string, value: number): string => `${name}${labels ? `{${labels}}` : ''} ${value}`

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
    found = { latency: printed(labels), request: printed({ code: String(code), ...labels }), size: printed(size) }
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
    BUCKETS,
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
  private readonly inFlight = { mutating: 0, readOnly: 0 }

  /**
   * Notes the start of a request; the function returned notes its end, with the code and the bytes of its answer.
   * @param lasts whether it may go on as long as the client wants: such requests have no latency
   * @param applies whether it is a server-side apply
   */
  start(info: RequestInfo, lasts: boolean, applies: boolean): (code: number, bytes: number) => void {
    const began = hostNow()
    const lasting = lasts ? printed(labelsOf(info, 200, applies)) : ''
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
      this.latencies.observe(latency, (hostNow() - began) / 1000)
      if (READING.has(info.verb)) this.sizes.observe(size, bytes)
    }
  }

  /** Notes that a request is worked on as one of a flow; the function returned notes that it is done. */
  dispatch(flow: Flow): () => void {
    let labels = this.flowLabels.get(flow)
    if (!labels) this.flowLabels.set(flow, (labels = printed({ flow_schema: flow.schemaName, priority_level: flow.levelName })))
    const key = labels
    this.dispatched.set(key, (this.dispatched.get(key) ?? 0) + 1)
    this.executing.set(key, (this.executing.get(key) ?? 0) + 1)
    return () => this.executing.set(key, this.executing.get(key)! - 1)
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
        return found ? [[printed({ group, removed_release: '', resource: plural, subresource: '', version }), 1]] : []
      })
  }

  /** The whole page; families and their samples in the order of their names, as Go's client writes them. */
  text(store: Store, kinds: KindSet): string {
    const lines: string[] = []
    const family = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: readonly string[]): void => {
      if (samples.length > 0) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples)
    }
    const each = (name: string, values: Iterable<readonly [string, number]>): string[] =>
      [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([labels, value]) => sample(name, labels, value))
    const running = Object.entries(this.inFlight).map(([kind, n]) => [printed({ request_kind: kind }), n] as const)
    family(
      'apiserver_current_inflight_requests',
      'gauge',
      '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      each('apiserver_current_inflight_requests', running),
    )
    family(
      'apiserver_flowcontrol_current_executing_requests',
      'gauge',
      '[BETA] Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
      each('apiserver_flowcontrol_current_executing_requests', this.executing),
    )
    family(
      'apiserver_flowcontrol_dispatched_requests_total',
      'counter',
      '[BETA] Number of requests executed by API Priority and Fairness subsystem',
      each('apiserver_flowcontrol_dispatched_requests_total', this.dispatched),
    )
    family(
      'apiserver_flowcontrol_nominal_limit_seats',
      'gauge',
      '[BETA] Nominal number of execution seats configured for each priority level',
      each(
        'apiserver_flowcontrol_nominal_limit_seats',
        nominalSeats(store).map(([level, seats]) => [printed({ priority_level: level }), seats] as const),
      ),
    )
    family(
      'apiserver_longrunning_requests',
      'gauge',
      '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
      each('apiserver_longrunning_requests', this.lasting),
    )
    family(this.latencies.name, 'histogram', this.latencies.help, this.latencies.samples())
    family(
      'apiserver_request_total',
      'counter',
      '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      each('apiserver_request_total', this.requests),
    )
    family(
      'apiserver_requested_deprecated_apis',
      'gauge',
      '[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
      each('apiserver_requested_deprecated_apis', this.deprecated(kinds)),
    )
    const counts = objectCounts(store, kinds)
    family(
      'apiserver_resource_objects',
      'gauge',
      '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      each(
        'apiserver_resource_objects',
        counts.map(({ group, resource, n }) => [printed({ group, resource }), n] as const),
      ),
    )
    family(this.sizes.name, 'histogram', this.sizes.help, this.sizes.samples())
    family(
      'apiserver_storage_objects',
      'gauge',
      '[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      each(
        'apiserver_storage_objects',
        counts.map(({ group, resource, n }) => [printed({ resource: group ? `${resource}.${group}` : resource }), n] as const),
      ),
    )
    const { gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform, major, minor } = VERSION
    const build = { git_version: gitVersion, git_commit: gitCommit, git_tree_state: gitTreeState, build_date: buildDate }
    family(
      'kubernetes_build_info',
      'gauge',
      "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      [sample('kubernetes_build_info', printed({ ...build, go_version: goVersion, compiler, platform, major, minor }), 1)],
    )
    const { user, system } = process.cpuUsage()
    const own = (name: string, type: 'counter' | 'gauge', help: string, value: number): void =>
      family(name, type, help, [sample(name, '', value)])
    own('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6)
    own('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', process.memoryUsage.rss())
    own('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', performance.timeOrigin / 1000)
    return `${lines.join('\n')}\n`
  }
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
