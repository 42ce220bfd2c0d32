/** /metrics: what the server has done, in the Prometheus text format, under the names kube-apiserver uses. */
import { hostNow } from '../../host.js'
import type { Store } from '../../store/store.js'
import type { RequestInfo } from './requestinfo.js'

/** Upper bounds of the latency buckets, seconds. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface Latency {
  readonly counts: number[]
  sum: number
  count: number
}

/** The counters of one server. Labels come from what is served, never from free text of a client. */
export class Metrics {
  private readonly requests = new Map<string, number>()
  private readonly latencies = new Map<string, Latency>()
  private watches = 0
  private inFlight = 0

  /** Notes the start of a request; the function returned notes its end. */
  start(info: RequestInfo): (code: number) => void {
    const began = hostNow()
    const watching = info.verb === 'watch'
    if (watching) this.watches++
    else this.inFlight++
    let ended = false
    return (code) => {
      if (ended) return
      ended = true
      if (watching) this.watches--
      else this.inFlight--
      // A path that was not found is somebody's guess: it must not become a label.
      const known = info.isResource && code !== 404 && code !== 403 && code !== 401
      const labels = known
        ? `group="${info.group}",resource="${info.resource}",subresource="${info.subresource}",verb="${info.verb.toUpperCase()}",version="${info.version}"`
        : 'group="",resource="",subresource="",verb="OTHER",version=""'
      const request = `${labels},code="${code}"`
      this.requests.set(request, (this.requests.get(request) ?? 0) + 1)
      if (!watching) this.observe(labels, (hostNow() - began) / 1000)
    }
  }

  private observe(labels: string, seconds: number): void {
    let latency = this.latencies.get(labels)
    if (!latency) this.latencies.set(labels, (latency = { counts: BUCKETS.map(() => 0), sum: 0, count: 0 }))
    BUCKETS.forEach((bound, i) => {
      if (seconds <= bound) latency.counts[i]!++
    })
    latency.sum += seconds
    latency.count++
  }

  text(store: Store): string {
    const lines: string[] = []
    const help = (name: string, type: string, text: string): void => void lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`)
    help(
      'apiserver_request_total',
      'counter',
      '[STABLE] Counter of apiserver requests broken out for each verb, group, version, resource and code.',
    )
    for (const [labels, n] of this.requests) lines.push(`apiserver_request_total{${labels}} ${n}`)
    help('apiserver_request_duration_seconds', 'histogram', '[STABLE] Response latency distribution in seconds.')
    for (const [labels, { counts, sum, count }] of this.latencies) {
      BUCKETS.forEach((bound, i) => lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="${bound}"} ${counts[i]}`))
      lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`)
      lines.push(`apiserver_request_duration_seconds_sum{${labels}} ${sum}`, `apiserver_request_duration_seconds_count{${labels}} ${count}`)
    }
    help('apiserver_current_inflight_requests', 'gauge', '[STABLE] Number of requests served now.')
    lines.push(`apiserver_current_inflight_requests ${this.inFlight}`)
    help('apiserver_longrunning_requests', 'gauge', '[STABLE] Gauge of all active long-running apiserver requests.')
    lines.push(`apiserver_longrunning_requests{verb="WATCH"} ${this.watches}`)
    help('apiserver_storage_objects', 'gauge', '[STABLE] Number of stored objects at the time of last check.')
    lines.push(`apiserver_storage_objects ${store.count('/registry/')}`)
    help('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.')
    lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`)
    return `${lines.join('\n')}\n`
  }
}
