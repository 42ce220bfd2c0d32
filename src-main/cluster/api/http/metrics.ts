/**
 * /metrics: what the server has done, in the Prometheus text format, under the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { hostNow } from '../../host.js'
import type { Store } from '../../store/store.js'
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

type Labels = Readonly<Record<string, string>>

interface Latency {
  readonly counts: number[]
  sum: number
  count: number
}

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

/** Labels as they are printed, without and with the code of the answer. */
interface PrintedLabels {
  readonly latency: string
  readonly request: string
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
    found = { latency: printed(labels), request: printed({ code: String(code), ...labels }) }
    if (printedBefore.size < MOST_PRINTED) printedBefore.set(key, found)
  }
  return found
}

/** The counters of one server. Labels come from what is served, never from free text of a client. */
export class Metrics {
  private readonly requests = new Map<string, number>()
  private readonly latencies = new Map<string, Latency>()
  private readonly lasting = new Map<string, number>()
  private readonly inFlight = { mutating: 0, readOnly: 0 }

  /**
   * Notes the start of a request; the function returned notes its end.
   * @param lasts whether it may go on as long as the client wants: such requests have no latency
   * @param applies whether it is a server-side apply
   */
  start(info: RequestInfo, lasts: boolean, applies: boolean): (code: number) => void {
    const began = hostNow()
    const lasting = lasts ? printed(labelsOf(info, 200, applies)) : ''
    const kind = READING.has(info.verb) || !info.isResource ? 'readOnly' : 'mutating'
    if (lasts) this.lasting.set(lasting, (this.lasting.get(lasting) ?? 0) + 1)
    else this.inFlight[kind]++
    let ended = false
    return (code) => {
      if (ended) return
      ended = true
      if (lasts) this.endLasting(lasting)
      else this.inFlight[kind]--
      const { request, latency } = printedOf(info, code, applies)
      this.requests.set(request, (this.requests.get(request) ?? 0) + 1)
      if (!lasts) this.observe(latency, (hostNow() - began) / 1000)
    }
  }

  /** A kind that nobody watches any more is not told of: what clients guess must not stay. */
  private endLasting(labels: string): void {
    const left = this.lasting.get(labels)! - 1
    if (left > 0) this.lasting.set(labels, left)
    else this.lasting.delete(labels)
  }

  private observe(labels: string, seconds: number): void {
    let latency = this.latencies.get(labels)
    if (!latency) this.latencies.set(labels, (latency = { counts: BUCKETS.map(() => 0), sum: 0, count: 0 }))
    // Buckets are cumulative: one observation counts in all that are wide enough.
    for (let i = BUCKETS.length - 1; i >= 0 && seconds <= BUCKETS[i]!; i--) latency.counts[i]!++
    latency.sum += seconds
    latency.count++
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
      'apiserver_longrunning_requests',
      'gauge',
      '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
      each('apiserver_longrunning_requests', this.lasting),
    )
    family(
      'apiserver_request_duration_seconds',
      'histogram',
      '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
      [...this.latencies].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([labels, latency]) => histogram(labels, latency)),
    )
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
    family(
      'apiserver_storage_objects',
      'gauge',
      '[STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      each('apiserver_storage_objects', objectCounts(store, kinds)),
    )
    const { gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform, major, minor } = VERSION
    const build = { git_version: gitVersion, git_commit: gitCommit, git_tree_state: gitTreeState, build_date: buildDate }
    family(
      'kubernetes_build_info',
      'gauge',
      "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
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

function histogram(labels: string, { counts, sum, count }: Latency): string[] {
  const name = 'apiserver_request_duration_seconds'
  return [
    ...BUCKETS.map((bound, i) => sample(`${name}_bucket`, `${labels},le="${bound}"`, counts[i]!)),
    sample(`${name}_bucket`, `${labels},le="+Inf"`, count),
    sample(`${name}_sum`, labels, sum),
    sample(`${name}_count`, labels, count),
  ]
}

/** How many objects are stored of each resource, under `pods` or `deployments.apps`. */
function objectCounts(store: Store, kinds: KindSet): [string, number][] {
  const counts = new Map<string, number>()
  for (const kind of kinds.all()) {
    if (kind.virtual || kind.objects) continue
    const { group } = kind.storedAs ?? kind
    const resource = group ? `${kind.plural}.${group}` : kind.plural
    if (!counts.has(resource)) counts.set(resource, store.count(prefixOf(kinds.rulesOf(kind), undefined)))
  }
  return [...counts].map(([resource, n]) => [printed({ resource }), n])
}
