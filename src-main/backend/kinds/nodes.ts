/** Nodes, with the status word of `kubectl get nodes`. */
import { memoryText, nodeAllowance, nodeUsageCells } from '../metrics/usage-cells.js'
import { usageQuantity } from '../metrics/usage.js'
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, type Json, type ListKind } from './kind.js'

/** The labels by which providers of clusters name the pool that a node is of. */
const POOLS = [
  'cloud.google.com/gke-nodepool',
  'eks.amazonaws.com/nodegroup',
  'karpenter.sh/nodepool',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'doks.digitalocean.com/node-pool',
]

/** What can be given of a device plugin's GPUs of all there are: `nvidia.com/gpu 3/4`. */
function gpus(status: Json): string {
  const capacity: Record<string, string> = status?.capacity ?? {}
  return Object.keys(capacity)
    .filter((k) => /\/(gpu|mig-.*)$/.test(k))
    .map((k) => `${k} ${status.allocatable?.[k] ?? 0}/${capacity[k]}`)
    .join(', ')
}

const cellText = (cell: Cell): string => (typeof cell === 'object' && cell ? cell.text : String(cell ?? ''))

export const nodes: ListKind = {
  group: '',
  resource: 'nodes',
  columns: [
    nameColumn,
    // As much as `Ready,SchedulingDisabled` takes.
    { id: 'status', title: 'Status', type: 'status', width: 200 },
    { id: 'roles', title: 'Roles', type: 'text', width: 120, stays: 'long' },
    { id: 'taints', title: 'Taints', type: 'number', width: 64, align: 'right' },
    { id: 'version', title: 'Version', type: 'text', width: 90, stays: 'long' },
    { id: 'cpu', title: 'CPU', type: 'text', width: 64, align: 'right', stays: 'brief' },
    { id: 'cpuUsed', title: 'CPU used', type: 'text', width: 84, align: 'right' },
    { id: 'memory', title: 'Memory', type: 'text', width: 90, align: 'right', stays: 'brief' },
    { id: 'memoryUsed', title: 'Memory used', type: 'text', width: 112, align: 'right' },
    { id: 'pods', title: 'Pods', type: 'text', width: 76, align: 'right', ofPods: true },
    { id: 'internalIP', title: 'Internal IP', type: 'text', width: 120, whole: true },
    { id: 'externalIP', title: 'External IP', type: 'text', width: 120, wide: true, whole: true },
    { id: 'osImage', title: 'OS image', type: 'text', width: 200, wide: true },
    { id: 'kernel', title: 'Kernel', type: 'text', width: 160, wide: true },
    { id: 'runtime', title: 'Runtime', type: 'text', width: 160, wide: true },
    { id: 'arch', title: 'Architecture', type: 'text', width: 90, wide: true },
    { id: 'disk', title: 'Disk', type: 'text', width: 80, align: 'right', wide: true },
    { id: 'gpu', title: 'GPU', type: 'text', width: 110, wide: true },
    { id: 'instanceType', title: 'Instance type', type: 'text', width: 120, wide: true },
    { id: 'pool', title: 'Node pool', type: 'text', width: 120, wide: true },
    { id: 'zone', title: 'Zone', type: 'text', width: 120, wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const labels: Record<string, string> = o.metadata?.labels ?? {}
    const ready = (o.status?.conditions ?? []).find((c: Json) => c.type === 'Ready')
    const pressures = (o.status?.conditions ?? []).filter((c: Json) => c.type !== 'Ready' && c.status === 'True').map((c: Json) => c.type)
    const words = [ready?.status === 'True' ? 'Ready' : ready ? 'NotReady' : 'Unknown', ...pressures]
    if (o.spec?.unschedulable) words.push('SchedulingDisabled')
    const roles = Object.keys(labels)
      .filter((k) => k.startsWith('node-role.kubernetes.io/'))
      .map((k) => k.slice('node-role.kubernetes.io/'.length))
      .sort()
    const address = (type: string): string => (o.status?.addresses ?? []).find((a: Json) => a.type === type)?.address ?? ''
    const info = o.status?.nodeInfo ?? {}
    const capacity = o.status?.capacity ?? {}
    const disk = usageQuantity(String(capacity['ephemeral-storage'] ?? '0'))
    const memory = usageQuantity(String(capacity.memory ?? '0'))
    return [
      o.metadata?.name ?? '',
      {
        text: words.join(', '),
        tone: ready?.status !== 'True' ? 'bad' : words.length > 1 ? 'warn' : 'ok',
        ...(ready?.message ? { title: ready.message } : {}),
      },
      roles.join(', '),
      (o.spec?.taints ?? []).length,
      info.kubeletVersion ?? '',
      capacity.cpu ?? '',
      null,
      capacity.memory ? { text: memoryText(memory), sort: memory, title: capacity.memory } : '',
      null,
      capacity.pods ? { text: `–/${capacity.pods}`, sort: -1 } : '–',
      address('InternalIP'),
      address('ExternalIP'),
      info.osImage ?? '',
      info.kernelVersion ?? '',
      info.containerRuntimeVersion ?? '',
      info.architecture ?? '',
      disk ? { text: memoryText(disk), sort: disk } : '',
      gpus(o.status),
      labels['node.kubernetes.io/instance-type'] ?? '',
      POOLS.map((label) => labels[label]).find(Boolean) ?? '',
      labels['topology.kubernetes.io/zone'] ?? '',
      born(o),
    ]
  },
  pods: {
    of: 'nodes',
    column: 'pods',
    cell: (names, before) => ({ text: cellText(before).replace('–', String(names.length)), sort: names.length }),
  },
  usage: { resource: 'nodes', columns: ['cpuUsed', 'memoryUsed'], allowance: nodeAllowance, cells: nodeUsageCells },
}
