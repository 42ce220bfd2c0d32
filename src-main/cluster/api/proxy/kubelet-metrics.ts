/**
 * The metrics of a kubelet in Prometheus' text format.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 * https://kubernetes.io/docs/reference/instrumentation/node-metrics/
 */
import type { ContainerUsage, PodStats } from '../../kubelet/pod-stats.js'
import { labelled, type Labels, type MetricType } from '../exposition.js'
import type { Pod } from '../object.js'
import { buildInfo, goMetrics, processMetrics } from '../process-metrics.js'
import { startedAt } from './kubelet-containers.js'
import { bootedAt, podOf, podsOf, total, volumeDisk, volumesOf, type FileSystem, type KubeletView } from './kubelet-view.js'

type Value = readonly [labels: Labels, value: number]

const cores = (nanos: number): number => nanos / 1e9

/** `/metrics/resource`: what pods and containers use. */
export function resourceMetrics(view: KubeletView): string {
  const { usage } = view
  const now = view.clock.now()
  const cpu = (p: PodStats): number => total(p.containers, (c) => c.cpuNanos)
  const memory = (p: PodStats): number => total(p.containers, (c) => c.memoryBytes)
  const each = (value: (c: ContainerUsage) => number): Value[] =>
    usage.flatMap((p) => p.containers.map((c): Value => [{ container: c.name, namespace: p.namespace, pod: p.name }, value(c)]))
  const perPod = (value: (p: PodStats) => number): Value[] => usage.map((p) => [{ namespace: p.namespace, pod: p.name }, value(p)])
  const started = usage.flatMap((p) =>
    p.containers.flatMap((c): Value[] => {
      const at = startedAt(podOf(view, p), c.name)
      return at === undefined ? [] : [[{ container: c.name, namespace: p.namespace, pod: p.name }, at / 1000]]
    }),
  )
  const metric = (name: string, type: MetricType, help: string, values: readonly Value[]): string => labelled(name, type, help, values, now)
  const seconds = '[STABLE] Cumulative cpu time consumed by the'
  const working = '[STABLE] Current working set of the'
  const swap = (of: string): string => `[STABLE] Current amount of the ${of} swap usage in bytes. Reported only on non-windows systems`
  return [
    metric(
      'container_cpu_usage_seconds_total',
      'counter',
      `${seconds} container in core-seconds`,
      each((c) => cores(c.cpuNanos)),
    ),
    metric(
      'container_memory_working_set_bytes',
      'gauge',
      `${working} container in bytes`,
      each((c) => c.memoryBytes),
    ),
    // The time is the value here: it has none of its own.
    labelled('container_start_time_seconds', 'gauge', '[STABLE] Start time of the container since unix epoch in seconds', started),
    metric(
      'container_swap_usage_bytes',
      'gauge',
      swap('container'),
      each(() => 0),
    ),
    metric('node_cpu_usage_seconds_total', 'counter', `${seconds} node in core-seconds`, [[{}, cores(total(usage, cpu))]]),
    metric('node_memory_working_set_bytes', 'gauge', `${working} node in bytes`, [[{}, total(usage, memory)]]),
    metric('node_swap_usage_bytes', 'gauge', '[STABLE] Current swap usage of the node in bytes. Reported only on non-windows systems', [
      [{}, 0],
    ]),
    metric(
      'pod_cpu_usage_seconds_total',
      'counter',
      `${seconds} pod in core-seconds`,
      perPod((p) => cores(cpu(p))),
    ),
    metric('pod_memory_working_set_bytes', 'gauge', `${working} pod in bytes`, perPod(memory)),
    metric(
      'pod_swap_usage_bytes',
      'gauge',
      swap('pod'),
      perPod(() => 0),
    ),
    labelled('resource_scrape_error', 'gauge', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [[{}, 0]]),
  ].join('')
}

/** What the volume manager calls the plugin of a volume, by the field of the volume. */
const PLUGINS: Readonly<Record<string, string>> = {
  configMap: 'kubernetes.io/configmap',
  csi: 'kubernetes.io/csi',
  downwardAPI: 'kubernetes.io/downward-api',
  emptyDir: 'kubernetes.io/empty-dir',
  hostPath: 'kubernetes.io/host-path',
  image: 'kubernetes.io/image',
  nfs: 'kubernetes.io/nfs',
  persistentVolumeClaim: 'kubernetes.io/host-path',
  projected: 'kubernetes.io/projected',
  secret: 'kubernetes.io/secret',
}

function volumeCounts(pods: readonly Pod[]): Value[] {
  const counts = new Map<string, number>()
  for (const volume of pods.flatMap((p) => p.spec?.volumes ?? [])) {
    const plugin = Object.keys(volume).flatMap((field) => PLUGINS[field] ?? [])[0]
    if (plugin) counts.set(plugin, (counts.get(plugin) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([plugin_name, n]) => ['actual_state_of_world', 'desired_state_of_world'].map((state): Value => [{ plugin_name, state }, n]))
}

/** What the kubelet tells of the volumes of claims. */
const VOLUME_STATS: readonly (readonly [name: string, help: string, of: (disk: FileSystem) => number])[] = [
  ['available_bytes', 'Number of available bytes in the volume', (d) => Math.max(0, d.capacityBytes - d.usedBytes)],
  ['capacity_bytes', 'Capacity in bytes of the volume', (d) => d.capacityBytes],
  ['inodes', 'Maximum number of inodes in the volume', (d) => d.inodes],
  ['inodes_free', 'Number of free inodes in the volume', (d) => Math.max(0, d.inodes - d.inodesUsed)],
  ['inodes_used', 'Number of used inodes in the volume', (d) => d.inodesUsed],
  ['used_bytes', 'Number of used bytes in the volume', (d) => d.usedBytes],
]

/** `/metrics`: what the kubelet itself does. */
export function kubeletMetrics(view: KubeletView): string {
  const { node, usage } = view
  const pods = podsOf(view)
  const active = pods.filter((p) => p.status?.phase !== 'Succeeded' && p.status?.phase !== 'Failed')
  const isStatic = (p: Pod): boolean => p.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  const bySource = (list: readonly Pod[]): Value[] => [
    [{ static: '' }, list.filter((p) => !isStatic(p)).length],
    [{ static: 'true' }, list.filter(isStatic).length],
  ]
  const claims = new Map<string, Value[]>(VOLUME_STATS.map(([name]) => [name, []]))
  for (const pod of usage)
    for (const volume of volumesOf(view, pod)) {
      if (!volume.claim) continue
      const labels = { namespace: pod.namespace, persistentvolumeclaim: volume.claim }
      for (const [name, , of] of VOLUME_STATS) claims.get(name)!.push([labels, of(volumeDisk(view, volume))])
    }
  const logs = usage.flatMap(({ uid, namespace, name, containers }) =>
    containers.map((c): Value => [{ container: c.name, namespace, pod: name, uid }, c.logBytes ?? 0]),
  )
  const gauge = (name: string, help: string, values: readonly Value[]): string => labelled(name, 'gauge', `[ALPHA] ${help}`, values)
  return [
    goMetrics(),
    gauge(
      'kubelet_active_pods',
      'The number of pods the kubelet considers active and which are being considered when admitting new pods. static is true if the pod is not from the apiserver.',
      bySource(active),
    ),
    gauge('kubelet_container_log_filesystem_used_bytes', "Bytes used by the container's logs on the filesystem.", logs),
    gauge(
      'kubelet_desired_pods',
      'The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.',
      bySource(pods),
    ),
    gauge('kubelet_managed_ephemeral_containers', 'Current number of ephemeral containers in pods managed by this kubelet.', [
      [{}, total(pods, (p) => p.spec?.ephemeralContainers?.length ?? 0)],
    ]),
    gauge('kubelet_mirror_pods', 'The number of mirror pods the kubelet will try to create (one per admitted static pod)', [
      [{}, pods.filter(isStatic).length],
    ]),
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [[{ node }, 1]]),
    gauge('kubelet_running_containers', 'Number of containers currently running', [
      [{ container_state: 'running' }, total(usage, (p) => p.containers.length)],
    ]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [[{}, usage.length]]),
    ...VOLUME_STATS.map(([name, help]) => gauge(`kubelet_volume_stats_${name}`, help, claims.get(name)!)),
    buildInfo(),
    processMetrics(bootedAt(view)),
    gauge('volume_manager_total_volumes', 'Number of volumes in Volume Manager', volumeCounts(pods)),
  ].join('')
}

const PROBE_TYPES = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const
const PROBE_RESULTS = { success: 'successful', failure: 'failed', unknown: 'unknown' } as const

/** `/metrics/probes`: how often the probes of containers have had which result. */
export function probeMetrics({ usage }: KubeletView): string {
  const counts = usage.flatMap(({ namespace, name, uid, probes }) =>
    probes.map(({ container, kind, result, count }): Value => {
      const probe = { probe_type: PROBE_TYPES[kind], result: PROBE_RESULTS[result] }
      return [{ container, namespace, pod: name, pod_uid: uid, ...probe }, count]
    }),
  )
  const help = '[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.'
  return labelled('prober_probe_total', 'counter', help, counts)
}
