/** Columns of what keeps pods: how its pods are, one by one or by state, and what they use together. */
import { podUsageCells, podUsageColumns, type Allowance, type Sample } from '../metrics/usage-cells.js'
import type { Cell, ColumnInfo } from '../rpc/contract.js'

/** One pod of a workload. */
export interface WorkloadPod {
  name: string
  namespace: string
  /** As `kubectl get pods` prints it. */
  status: string
  tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
  allowance: Allowance
}

const podsColumn: ColumnInfo = { id: 'pods', title: 'Pods', type: 'bricks', width: 96, ofPods: true }

/** They follow the column of what is ready. */
export const keptPodsColumns: readonly ColumnInfo[] = [podsColumn, ...podUsageColumns.map((c) => ({ ...c, ofPods: true as const }))]

/** The cells of those columns in an object's own row, which tells nothing of its pods. */
export const unknownPods: readonly Cell[] = keptPodsColumns.map(() => null)

/** So many pods are shown one by one; more are shown by state. */
const ONE_BY_ONE = 6
const worstFirst: readonly WorkloadPod['tone'][] = ['bad', 'warn', 'busy', 'ok', 'off']

/** A brick for each pod, or for each state with how many pods are in it; sorted by how many are not well. */
function healthCell(pods: readonly WorkloadPod[]): Cell {
  if (pods.length === 0) return null
  const sort = pods.filter((p) => p.tone !== 'ok' && p.tone !== 'off').length
  if (pods.length <= ONE_BY_ONE) return { text: pods.map((p) => `${p.name}\t${p.status}\t${p.tone}`).join('\n'), sort }
  const states = new Map<string, { pod: WorkloadPod; n: number }>()
  for (const pod of pods) {
    const key = `${pod.tone} ${pod.status}`
    states.set(key, { pod, n: (states.get(key)?.n ?? 0) + 1 })
  }
  const lines = [...states.values()]
    .sort((a, b) => worstFirst.indexOf(a.pod.tone) - worstFirst.indexOf(b.pod.tone) || b.n - a.n)
    .map(({ pod, n }) => `${pod.status}\t${pod.status}\t${pod.tone}\t${n}`)
  return { text: lines.join('\n'), sort }
}

const add = (a: Sample, b: Sample): Sample => ({ cpuCores: a.cpuCores + b.cpuCores, memoryBytes: a.memoryBytes + b.memoryBytes })
const none: Sample = { cpuCores: 0, memoryBytes: 0 }

/** What pods may have together: nothing where one of them has no limit. */
function limitOf(pods: readonly WorkloadPod[], of: keyof Sample): number {
  const limits = pods.map((p) => p.allowance.limit[of])
  return limits.includes(0) ? 0 : limits.reduce((a, b) => a + b, 0)
}

/** The cells of {@link keptPodsColumns}. What is used is that of the pods of which there is a sample, and is measured against what those ask for. */
export function keptPodsCells(pods: readonly WorkloadPod[], sampleOf: (pod: WorkloadPod) => Sample | undefined): Cell[] {
  const sampled = pods.flatMap((pod) => {
    const sample = sampleOf(pod)
    return sample ? [{ pod, sample }] : []
  })
  if (sampled.length === 0) return [healthCell(pods), ...podUsageColumns.map(() => null)]
  const used = sampled.map((s) => s.sample).reduce(add, none)
  const theirs = sampled.map((s) => s.pod)
  const allowance: Allowance = {
    request: theirs.map((p) => p.allowance.request).reduce(add, none),
    limit: { cpuCores: limitOf(theirs, 'cpuCores'), memoryBytes: limitOf(theirs, 'memoryBytes') },
  }
  return [healthCell(pods), ...podUsageCells(used, allowance)]
}
