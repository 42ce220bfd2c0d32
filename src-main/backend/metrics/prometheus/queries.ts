/**
 * What to ask Prometheus of an object. The metrics are those of cAdvisor, kubelet, kube-state-metrics, node-exporter and ingress-nginx. Where
 * installations give them other labels, the queries for each are joined by `or`: what has no samples gives way to the next.
 */
import type { MetricChart, MetricSeries, ObjectRef } from '../../rpc/contract.js'

/** A chart to be: its lines and their queries. */
export interface ChartQuery extends Pick<MetricChart, 'id' | 'unit'> {
  lines: { id: MetricSeries['id']; query: string }[]
}

/** A string of PromQL. */
const text = (s: string): string => `"${s.replace(/[\\"]/g, '\\$&')}"`
/** A name within a regular expression of PromQL; names of objects hold no other special character. */
const literal = (s: string): string => s.replaceAll('.', '\\.')
const or = (...queries: string[]): string => queries.join(' or ')

const SUFFIX = '[a-z0-9]{1,5}'
/** The names of a workload's pods, those that are gone too. */
const podNames: Record<string, (name: string) => string> = {
  'apps/deployments': (n) => `${n}-[a-z0-9]{1,10}-${SUFFIX}`,
  'apps/replicasets': (n) => `${n}-${SUFFIX}`,
  'apps/daemonsets': (n) => `${n}-${SUFFIX}`,
  'apps/statefulsets': (n) => `${n}-[0-9]+`,
  '/replicationcontrollers': (n) => `${n}-${SUFFIX}`,
  'batch/jobs': (n) => `${n}-([0-9]+-)?${SUFFIX}`,
  'batch/cronjobs': (n) => `${n}-[0-9]+-([0-9]+-)?${SUFFIX}`,
}

/** Charts of pods that a selector finds; cAdvisor called the labels `pod_name` and `container_name` before Kubernetes 1.16. */
function podCharts(namespace: string, pods: string | undefined, window: string): ChartQuery[] {
  const ns = `namespace=${text(namespace)}`
  const now = pods ? `${ns},pod${pods}` : ns
  const then = pods ? `${ns},pod_name${pods}` : ns
  const containers = (metric: string, wrap: (s: string) => string): string =>
    or(
      `sum(${wrap(`${metric}{${now},container!="",container!="POD"}`)})`,
      `sum(${wrap(`${metric}{${then},container_name!="",container_name!="POD"}`)})`,
    )
  const network = (metric: string): string => or(`sum(rate(${metric}{${now}}[${window}]))`, `sum(rate(${metric}{${then}}[${window}]))`)
  const rate = (s: string): string => `rate(${s}[${window}])`
  const same = (s: string): string => s
  const wanted = (what: 'requests' | 'limits', resource: 'cpu' | 'memory'): string =>
    or(
      `sum(kube_pod_container_resource_${what}{${now},resource="${resource}"})`,
      `sum(kube_pod_container_resource_${what}_${resource === 'cpu' ? 'cpu_cores' : 'memory_bytes'}{${now}})`,
    )
  const marks = (resource: 'cpu' | 'memory') => [
    { id: 'request' as const, query: wanted('requests', resource) },
    { id: 'limit' as const, query: wanted('limits', resource) },
  ]
  return [
    { id: 'cpu', unit: 'cores', lines: [{ id: 'usage', query: containers('container_cpu_usage_seconds_total', rate) }, ...marks('cpu')] },
    {
      id: 'memory',
      unit: 'bytes',
      lines: [{ id: 'usage', query: containers('container_memory_working_set_bytes', same) }, ...marks('memory')],
    },
    {
      id: 'network',
      unit: 'bytesPerSecond',
      lines: [
        { id: 'receive', query: network('container_network_receive_bytes_total') },
        { id: 'transmit', query: network('container_network_transmit_bytes_total') },
      ],
    },
    {
      id: 'filesystem',
      unit: 'bytesPerSecond',
      lines: [
        { id: 'read', query: containers('container_fs_reads_bytes_total', rate) },
        { id: 'write', query: containers('container_fs_writes_bytes_total', rate) },
      ],
    },
  ]
}

/** Charts of a node: from cAdvisor's root cgroup, and from node-exporter, whose instances are known by the name that the machine has. */
function nodeCharts(name: string, window: string): ChartQuery[] {
  const is = text(name)
  const places = [`node=${is}`, `instance=~${text(`${literal(name)}(:[0-9]+)?`)}`, `kubernetes_io_hostname=${is}`]
  const root = (metric: string, wrap: (s: string) => string): string[] => places.map((p) => `sum(${wrap(`${metric}{id="/",${p}}`)})`)
  const exporter = (expression: string): string =>
    `sum((${expression}) * on(instance) group_left(nodename) node_uname_info{nodename=${is}})`
  const rate = (s: string): string => `rate(${s}[${window}])`
  const same = (s: string): string => s
  const real = 'device!~"lo|veth.*|cali.*|cni.*|docker.*|flannel.*"'
  const disk = 'mountpoint="/",fstype!="rootfs"'
  const allocatable = (resource: 'cpu' | 'memory') => ({
    id: 'allocatable' as const,
    query: or(
      `sum(kube_node_status_allocatable{node=${is},resource="${resource}"})`,
      `sum(kube_node_status_allocatable_${resource === 'cpu' ? 'cpu_cores' : 'memory_bytes'}{node=${is}})`,
    ),
  })
  return [
    {
      id: 'cpu',
      unit: 'cores',
      lines: [
        {
          id: 'usage',
          query: or(
            ...root('container_cpu_usage_seconds_total', rate),
            exporter(`sum by(instance)(${rate('node_cpu_seconds_total{mode!="idle"}')})`),
          ),
        },
        allocatable('cpu'),
      ],
    },
    {
      id: 'memory',
      unit: 'bytes',
      lines: [
        {
          id: 'usage',
          query: or(
            ...root('container_memory_working_set_bytes', same),
            exporter('node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes'),
          ),
        },
        allocatable('memory'),
      ],
    },
    {
      id: 'network',
      unit: 'bytesPerSecond',
      lines: (['receive', 'transmit'] as const).map((way) => ({
        id: way,
        query: or(
          exporter(`sum by(instance)(${rate(`node_network_${way}_bytes_total{${real}}`)})`),
          ...root(`container_network_${way}_bytes_total`, rate),
        ),
      })),
    },
    {
      id: 'filesystem',
      unit: 'bytes',
      lines: [
        {
          id: 'used',
          query: or(
            exporter(`max by(instance)(node_filesystem_size_bytes{${disk}} - node_filesystem_avail_bytes{${disk}})`),
            ...root('container_fs_usage_bytes', same),
          ),
        },
        {
          id: 'capacity',
          query: or(exporter(`max by(instance)(node_filesystem_size_bytes{${disk}})`), ...root('container_fs_limit_bytes', same)),
        },
      ],
    },
  ]
}

function claimCharts(namespace: string, name: string): ChartQuery[] {
  const of = `{namespace=${text(namespace)},persistentvolumeclaim=${text(name)}}`
  return [
    {
      id: 'filesystem',
      unit: 'bytes',
      lines: [
        { id: 'used', query: `max(kubelet_volume_stats_used_bytes${of})` },
        { id: 'capacity', query: `max(kubelet_volume_stats_capacity_bytes${of})` },
      ],
    },
    {
      id: 'inodes',
      unit: 'count',
      lines: [
        { id: 'used', query: `max(kubelet_volume_stats_inodes_used${of})` },
        { id: 'capacity', query: `max(kubelet_volume_stats_inodes${of})` },
      ],
    },
  ]
}

/** Charts of an Ingress from ingress-nginx, whose own namespace takes the label `namespace` where scrapes do not honour labels. */
function ingressCharts(namespace: string, name: string, window: string): ChartQuery[] {
  const labels = ['exported_namespace', 'namespace'].map((label) => `${label}=${text(namespace)},ingress=${text(name)}`)
  const total = (metric: string, more = ''): string =>
    or(...labels.map((l) => `sum(rate(nginx_ingress_controller_${metric}{${l}${more}}[${window}]))`))
  const quantile = (q: number): string =>
    or(
      ...labels.map(
        (l) => `histogram_quantile(${q}, sum by(le)(rate(nginx_ingress_controller_request_duration_seconds_bucket{${l}}[${window}])))`,
      ),
    )
  return [
    {
      id: 'requests',
      unit: 'perSecond',
      lines: [
        { id: 'requests', query: total('requests') },
        { id: 'errors', query: total('requests', ',status=~"5.."') },
      ],
    },
    {
      id: 'latency',
      unit: 'seconds',
      lines: [
        { id: 'p50', query: quantile(0.5) },
        { id: 'p95', query: quantile(0.95) },
      ],
    },
    {
      id: 'network',
      unit: 'bytesPerSecond',
      lines: [
        { id: 'receive', query: total('request_size_sum') },
        { id: 'transmit', query: total('response_size_sum') },
      ],
    },
  ]
}

/**
 * The charts of an object; none for kinds that have no metrics.
 * @param stepSeconds between two points: rates are over no less
 */
export function chartQueries(ref: ObjectRef, stepSeconds: number): ChartQuery[] {
  const window = `${Math.max(300, stepSeconds)}s`
  const kind = `${ref.group}/${ref.resource}`
  const { namespace = '', name } = ref
  if (kind === '/pods') return podCharts(namespace, `=${text(name)}`, window)
  if (kind === '/namespaces') return podCharts(name, undefined, window)
  if (kind === '/nodes') return nodeCharts(name, window)
  if (kind === '/persistentvolumeclaims') return claimCharts(namespace, name)
  if (kind === 'networking.k8s.io/ingresses') return ingressCharts(namespace, name, window)
  const pods = podNames[kind]
  return pods ? podCharts(namespace, `=~${text(pods(literal(name)))}`, window) : []
}
