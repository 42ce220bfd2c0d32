/**
 * /metrics/cadvisor: what the control groups of a node use and may use, for dashboards made for cAdvisor. There is a group
 * for the machine, for each pod and for each container; a pod's traffic counts for the sandbox that holds its network.
 * https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
import type { ContainerUsage, PodStats } from '../../kubelet/pod-stats.js'
import { labelled, type Labels, type MetricType } from '../exposition.js'
import type { Container, Pod } from '../object.js'
import { declarationOf, startedAt, statusOf } from './kubelet-containers.js'
import { amount, bootedAt, cores, nodeDisk, nodeOf, podOf, total, type KubeletView } from './kubelet-view.js'

const PAUSE = 'registry.k8s.io/pause:3.10.1'
/** Microseconds over which a quota of CPU time holds. */
const CPU_PERIOD = 100_000

type Value = readonly [labels: Labels, value: number]

/** One control group. */
interface Group {
  readonly labels: Labels
  readonly containers: readonly ContainerUsage[]
  /** ms since the epoch. */
  readonly started: number | undefined
  /** Of a container: how it is declared. */
  readonly declared?: Container | undefined
}

/** The name of a pod's control group as systemd has it; guaranteed pods are beside the groups of the other classes. */
function podSlice({ uid }: PodStats, pod: Pod | undefined): string {
  const quality = pod?.status?.qosClass ?? 'BestEffort'
  const above = quality === 'Guaranteed' ? 'kubepods' : `kubepods-${quality.toLowerCase()}`
  const parent = quality === 'Guaranteed' ? '/kubepods.slice' : `/kubepods.slice/${above}.slice`
  return `${parent}/${above}-pod${uid.replaceAll('-', '_')}.slice`
}

/** The groups of a node, the machine's first. */
function groupsOf(view: KubeletView): Group[] {
  const none = { container: '', image: '', name: '', namespace: '', pod: '' }
  const machine = { labels: { ...none, id: '/' }, containers: view.usage.flatMap((p) => p.containers), started: bootedAt(view) }
  const groups = view.usage.flatMap((p): Group[] => {
    const pod = podOf(view, p)
    const slice = podSlice(p, pod)
    const of = { namespace: p.namespace, pod: p.name }
    const startTime = pod?.status?.startTime
    const containers = p.containers.map((c): Group => {
      const image = statusOf(pod, c.name)?.image ?? ''
      return {
        labels: { ...of, container: c.name, id: `${slice}/cri-containerd-${c.id}.scope`, image, name: c.id },
        containers: [c],
        started: startedAt(pod, c.name),
        declared: declarationOf(pod, c.name),
      }
    })
    const whole = {
      labels: { ...none, ...of, id: slice },
      containers: p.containers,
      started: startTime ? Date.parse(startTime) : undefined,
    }
    return [whole, ...containers]
  })
  return [machine, ...groups]
}

export function cadvisorMetrics(view: KubeletView): string {
  const now = view.clock.now()
  const groups = groupsOf(view)
  const isContainer = ({ labels }: Group): boolean => labels.container !== ''
  // What was declared has no time: it holds as long as the container is there.
  const metric = (name: string, type: MetricType, help: string, values: readonly Value[]): string =>
    labelled(name, type, help, values, /_(spec|start|scrape)_/.test(name) ? undefined : now)
  const each = (of: (group: Group) => number): Value[] => groups.map((g) => [g.labels, of(g)])
  const some = (of: (group: Group) => number | undefined, extra: Labels = {}): Value[] =>
    groups.flatMap((g): Value[] => {
      const value = of(g)
      return value === undefined ? [] : [[{ ...g.labels, ...extra }, value]]
    })
  const memory = ({ containers }: Group): number => total(containers, (c) => c.memoryBytes)
  const limit = (g: Group, resource: string): string | undefined => g.declared?.resources?.limits?.[resource]
  const request = (g: Group, resource: string): string | undefined => g.declared?.resources?.requests?.[resource]
  const disk = nodeDisk(view)
  const device = { device: '/dev/vda1' }
  const pages: [name: string, type: MetricType, help: string, values: readonly Value[]][] = [
    [
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed in seconds.',
      some(({ containers }) => total(containers, (c) => c.cpuNanos) / 1e9, { cpu: 'total' }),
    ],
    [
      'container_fs_limit_bytes',
      'gauge',
      'Number of bytes that can be consumed by the container on this filesystem.',
      some((g) => (isContainer(g) || g.labels.id === '/' ? disk.capacityBytes : undefined), device),
    ],
    [
      'container_fs_usage_bytes',
      'gauge',
      'Number of bytes that are consumed by the container on this filesystem.',
      some((g) => (isContainer(g) ? g.containers[0]!.diskBytes : g.labels.id === '/' ? disk.usedBytes : undefined), device),
    ],
    ['container_last_seen', 'gauge', 'Last time a container was seen by the exporter', each(() => Math.floor(now / 1000))],
    ['container_memory_cache', 'gauge', 'Number of bytes of page cache memory.', each(() => 0)],
    ['container_memory_failcnt', 'counter', 'Number of memory usage hits limits', each(() => 0)],
    ['container_memory_rss', 'gauge', 'Size of RSS in bytes.', each(memory)],
    ['container_memory_swap', 'gauge', 'Container swap usage in bytes.', each(() => 0)],
    [
      'container_memory_usage_bytes',
      'gauge',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      each(memory),
    ],
    ['container_memory_working_set_bytes', 'gauge', 'Current working set in bytes.', each(memory)],
    ...networkMetrics(view),
    [
      'container_processes',
      'gauge',
      'Number of processes running inside the container.',
      each(({ containers }) => total(containers, (c) => c.processes ?? 0)),
    ],
    ['container_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [[{}, 0]]],
    [
      'container_spec_cpu_period',
      'gauge',
      'CPU period of the container.',
      some((g) => (g.declared && limit(g, 'cpu') ? CPU_PERIOD : undefined)),
    ],
    [
      'container_spec_cpu_quota',
      'gauge',
      'CPU quota of the container.',
      some((g) => {
        const most = limit(g, 'cpu')
        return most === undefined ? undefined : cores(most) * CPU_PERIOD
      }),
    ],
    [
      'container_spec_cpu_shares',
      'gauge',
      'CPU share of the container.',
      some((g) => g.declared && Math.max(2, Math.floor(cores(request(g, 'cpu') ?? limit(g, 'cpu')) * 1024))),
    ],
    [
      'container_spec_memory_limit_bytes',
      'gauge',
      'Memory limit for the container.',
      some((g) => g.declared && amount(limit(g, 'memory'))),
    ],
    ['container_spec_memory_swap_limit_bytes', 'gauge', 'Memory swap limit for the container.', some((g) => g.declared && 0)],
    [
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds.',
      some(({ started }) => (started === undefined ? undefined : started / 1000)),
    ],
  ]
  return [cadvisorVersion(view), ...pages.map((page) => metric(...page)), machineMetrics(view)].join('')
}

/** Traffic of pods that have an interface of their own, and of the machine. */
function networkMetrics(view: KubeletView): [name: string, type: MetricType, help: string, values: readonly Value[]][] {
  const { usage, traffic } = view
  const interfaces = [
    ...(traffic ? [{ labels: { id: '/', image: '', name: '', namespace: '', pod: '' }, traffic }] : []),
    ...usage.flatMap((p) => {
      if (!p.network) return []
      const id = `${podSlice(p, podOf(view, p))}/cri-containerd-${p.sandbox}.scope`
      const labels = { id, image: PAUSE, name: p.sandbox, namespace: p.namespace, pod: p.name }
      return [{ labels, traffic: p.network }]
    }),
  ]
  const each = (of: (traffic: NonNullable<PodStats['network']>) => number): Value[] =>
    interfaces.map((i) => [{ ...i.labels, container: '', interface: 'eth0' }, of(i.traffic)])
  return [
    ['container_network_receive_bytes_total', 'counter', 'Cumulative count of bytes received', each((t) => t.receivedBytes)],
    ['container_network_receive_errors_total', 'counter', 'Cumulative count of errors encountered while receiving', each(() => 0)],
    ['container_network_receive_packets_dropped_total', 'counter', 'Cumulative count of packets dropped while receiving', each(() => 0)],
    ['container_network_receive_packets_total', 'counter', 'Cumulative count of packets received', each((t) => t.receivedPackets)],
    ['container_network_transmit_bytes_total', 'counter', 'Cumulative count of bytes transmitted', each((t) => t.sentBytes)],
    ['container_network_transmit_errors_total', 'counter', 'Cumulative count of errors encountered while transmitting', each(() => 0)],
    [
      'container_network_transmit_packets_dropped_total',
      'counter',
      'Cumulative count of packets dropped while transmitting',
      each(() => 0),
    ],
    ['container_network_transmit_packets_total', 'counter', 'Cumulative count of packets transmitted', each((t) => t.sentPackets)],
  ]
}

function cadvisorVersion(view: KubeletView): string {
  const info = nodeOf(view)?.status?.nodeInfo
  return labelled(
    'cadvisor_version_info',
    'gauge',
    "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.",
    [
      [
        {
          cadvisorRevision: '',
          cadvisorVersion: '',
          dockerVersion: '',
          kernelVersion: info?.kernelVersion ?? '',
          osVersion: info?.osImage ?? '',
        },
        1,
      ],
    ],
  )
}

function machineMetrics(view: KubeletView): string {
  const { capacity, nodeInfo } = nodeOf(view)?.status ?? {}
  const labels = {
    boot_id: nodeInfo?.bootID ?? '',
    machine_id: nodeInfo?.machineID ?? '',
    system_uuid: nodeInfo?.systemUUID ?? '',
  }
  const own = (name: string, help: string, value: number): string => labelled(name, 'gauge', help, [[labels, value]], view.clock.now())
  const cpus = cores(capacity?.cpu)
  return [
    own('machine_cpu_cores', 'Number of logical CPU cores.', cpus),
    own('machine_cpu_physical_cores', 'Number of physical CPU cores.', cpus),
    own('machine_cpu_sockets', 'Number of CPU sockets.', 1),
    own('machine_memory_bytes', 'Amount of memory installed on the machine.', amount(capacity?.memory)),
    labelled('machine_scrape_error', 'gauge', '1 if there was an error while getting machine metrics, 0 otherwise.', [[{}, 0]]),
    own('machine_swap_bytes', 'Amount of swap memory available on the machine.', 0),
  ].join('')
}
