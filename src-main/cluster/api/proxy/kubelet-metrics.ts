/**
 * The metrics of a kubelet in Prometheus' text format. Follows "Resource metrics" of the documentation of node metrics.
 * https://kubernetes.io/docs/reference/instrumentation/node-metrics/
 */

import type { Pod } from '../object.js'

/** The counters of a pod's containers, from the start of each. */
export interface PodCounters {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: readonly {
    readonly name: string
    /** Core-nanoseconds since the container started. */
    readonly cpuNanos: number
    readonly memoryBytes: number
  }[]
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** One metric with its samples; of a time in ms when they have one. */
function metric(name: string, help: string, type: 'counter' | 'gauge', samples: readonly Sample[], at?: number): string {
  const time = at === undefined ? '' : ` ${Math.round(at)}`
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels).map(([k, v]) => `${k}=${JSON.stringify(v)}`)
    return `${name}${text.length ? `{${text.join(',')}}` : ''} ${value}${time}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

const cores = (nanos: number): number => nanos / 1e9
const total = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0)

/** `/metrics/resource`: what pods and containers use. */
export function resourceMetrics(usage: readonly PodCounters[], now: number): string {
  const each = (value: (c: PodCounters['containers'][number]) => number): Sample[] =>
    usage.flatMap((p) => p.containers.map((c): Sample => [{ container: c.name, namespace: p.namespace, pod: p.name }, value(c)]))
  const perPod = (value: (p: PodCounters) => number): Sample[] => usage.map((p) => [{ namespace: p.namespace, pod: p.name }, value(p)])
  const cpu = (p: PodCounters): number => total(p.containers, (c) => c.cpuNanos)
  const memory = (p: PodCounters): number => total(p.containers, (c) => c.memoryBytes)
  const seconds = '[STABLE] Cumulative cpu time consumed by the'
  const working = '[STABLE] Current working set of the'
  return [
    metric(
      'container_cpu_usage_seconds_total',
      `${seconds} container in core-seconds`,
      'counter',
      each((c) => cores(c.cpuNanos)),
      now,
    ),
    metric(
      'container_memory_working_set_bytes',
      `${working} container in bytes`,
      'gauge',
      each((c) => c.memoryBytes),
      now,
    ),
    metric('node_cpu_usage_seconds_total', `${seconds} node in core-seconds`, 'counter', [[{}, cores(total(usage, cpu))]], now),
    metric('node_memory_working_set_bytes', `${working} node in bytes`, 'gauge', [[{}, total(usage, memory)]], now),
    metric(
      'pod_cpu_usage_seconds_total',
      `${seconds} pod in core-seconds`,
      'counter',
      perPod((p) => cores(cpu(p))),
      now,
    ),
    metric('pod_memory_working_set_bytes', `${working} pod in bytes`, 'gauge', perPod(memory), now),
    metric('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', 'gauge', [[{}, 0]]),
  ].join('')
}

/** `/metrics/cadvisor`: what containers use, with their images and IDs, for dashboards made for cAdvisor. */
export function cadvisorMetrics(
  usage: readonly PodCounters[],
  podOf: (namespace: string, name: string) => Pod | undefined,
  now: number,
): string {
  const containers = usage.flatMap((p) => {
    const statuses = podOf(p.namespace, p.name)?.status?.containerStatuses ?? []
    return p.containers.map((c) => {
      const status = statuses.find((s) => s.name === c.name)
      const name = status?.containerID?.replace(/^[^:]*:\/\//, '') ?? ''
      const id = `/kubepods/pod${p.uid}/${name || c.name}`
      return { labels: { container: c.name, id, image: status?.image ?? '', name, namespace: p.namespace, pod: p.name }, counters: c }
    })
  })
  const memory = containers.map(({ labels, counters }): Sample => [labels, counters.memoryBytes])
  const cpu = containers.map(({ labels: { container, ...rest }, counters }): Sample => [
    { container, cpu: 'total', ...rest },
    cores(counters.cpuNanos),
  ])
  return [
    metric('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.', 'counter', cpu, now),
    metric('container_memory_rss', 'Size of RSS in bytes.', 'gauge', memory, now),
    metric(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      'gauge',
      memory,
      now,
    ),
    metric('container_memory_working_set_bytes', 'Current working set in bytes.', 'gauge', memory, now),
  ].join('')
}

/** `/metrics`: what the kubelet itself does. */
export function kubeletMetrics(node: string, usage: readonly PodCounters[]): string {
  const running = total(usage, (p) => p.containers.length)
  return [
    metric('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", 'gauge', [[{ node }, 1]]),
    metric('kubelet_running_containers', '[ALPHA] Number of containers currently running', 'gauge', [
      [{ container_state: 'running' }, running],
    ]),
    metric('kubelet_running_pods', '[ALPHA] Number of pods that have a running pod sandbox', 'gauge', [[{}, usage.length]]),
  ].join('')
}
