/** What a pod or a node uses now, as cells of its row: amounts, and shares of what it asked for, may have or offers. */
import type { Cell, ColumnInfo } from '../rpc/contract.js'
import type { Json } from '../kinds/kind.js'
import { usageQuantity } from './usage.js'

/** CPU in cores, memory in bytes. */
export interface Sample {
  cpuCores: number
  memoryBytes: number
}

/** What a use is measured against; 0 where there is nothing. CPU in cores, memory in bytes. */
export interface Allowance {
  request: Sample
  limit: Sample
}

const MIB = 2 ** 20

/** `12m`, `1.25`: millicores below one core, as `kubectl top` counts. */
export function coresText(cores: number): string {
  const milli = Math.round(cores * 1000)
  return milli < 1000 ? `${milli}m` : String(Math.round(milli / 10) / 100)
}

/** `34Mi`, `1.2Gi`. */
export function memoryText(bytes: number): string {
  const mebi = Math.round(bytes / MIB)
  return mebi < 1024 ? `${mebi}Mi` : `${(mebi / 1024).toFixed(1)}Gi`
}

/** From this share on a limit is near, and from this one it is as good as reached. */
const NEAR = 0.8
const REACHED = 0.95

function share(used: number, of: number, text: (n: number) => string, marked: boolean): Cell {
  if (!of) return null
  const part = used / of
  const tone = !marked || part < NEAR ? {} : { tone: part < REACHED ? ('warn' as const) : ('bad' as const) }
  return { text: `${Math.round(part * 100)}%`, sort: part, title: `${text(used)} / ${text(of)}`, ...tone }
}

const sum = (containers: Json[], field: 'requests' | 'limits', name: 'cpu' | 'memory'): number =>
  containers.reduce((n: number, c) => n + usageQuantity(String(c.resources?.[field]?.[name] ?? '0')), 0)

/** Whether all containers have a limit: without one of them, the pod has none. */
const limited = (containers: Json[], name: 'cpu' | 'memory'): boolean => containers.every((c) => c.resources?.limits?.[name] !== undefined)

/** What a pod's containers ask for and may have, together. */
export function podAllowance(pod: Json): Allowance {
  const spec = pod.spec ?? {}
  const containers: Json[] = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter((c: Json) => c.restartPolicy === 'Always')]
  const limit = (name: 'cpu' | 'memory'): number => (limited(containers, name) ? sum(containers, 'limits', name) : 0)
  return {
    request: { cpuCores: sum(containers, 'requests', 'cpu'), memoryBytes: sum(containers, 'requests', 'memory') },
    limit: { cpuCores: limit('cpu'), memoryBytes: limit('memory') },
  }
}

/** What a node offers to pods. */
export function nodeAllowance(node: Json): Allowance {
  const { cpu = '0', memory = '0' } = node.status?.allocatable ?? {}
  const all = { cpuCores: usageQuantity(String(cpu)), memoryBytes: usageQuantity(String(memory)) }
  return { request: all, limit: all }
}

/** The columns of {@link podUsageCells}. */
export const podUsageColumns: readonly ColumnInfo[] = [
  { id: 'cpu', title: 'CPU', type: 'text', width: 64, align: 'right' },
  { id: 'cpuOfRequest', title: '%CPU/R', type: 'text', width: 76, align: 'right', wide: true },
  { id: 'cpuOfLimit', title: '%CPU/L', type: 'text', width: 76, align: 'right', wide: true },
  { id: 'memory', title: 'Memory', type: 'text', width: 76, align: 'right' },
  { id: 'memoryOfRequest', title: '%MEM/R', type: 'text', width: 76, align: 'right', wide: true },
  { id: 'memoryOfLimit', title: '%MEM/L', type: 'text', width: 76, align: 'right', wide: true },
]

/** The cells of a pod: CPU, its share of request and limit, then memory likewise. */
export function podUsageCells(s: Sample, { request, limit }: Allowance): Cell[] {
  return [
    { text: coresText(s.cpuCores), sort: s.cpuCores },
    share(s.cpuCores, request.cpuCores, coresText, false),
    share(s.cpuCores, limit.cpuCores, coresText, true),
    { text: memoryText(s.memoryBytes), sort: s.memoryBytes },
    share(s.memoryBytes, request.memoryBytes, memoryText, false),
    share(s.memoryBytes, limit.memoryBytes, memoryText, true),
  ]
}

/** The cells of a node: the shares of CPU and memory that are used. */
export function nodeUsageCells(s: Sample, { limit }: Allowance): Cell[] {
  return [share(s.cpuCores, limit.cpuCores, coresText, true), share(s.memoryBytes, limit.memoryBytes, memoryText, true)]
}
