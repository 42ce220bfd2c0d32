/**
 * What pods and nodes use. The embedded cluster keeps a history (drydock.dev/v1 PodUsageHistory, NodeUsageHistory);
 * elsewhere metrics.k8s.io is sampled while somebody looks.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
 */
import type { Json } from '../kinds/kind.js'
import type { Streams, UsageSeries } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'

/** How often metrics-server makes new samples, s. */
const INTERVAL = 15
/** Samples kept: an hour. */
const MOST = 240

const decimal = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 }
const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 }
const factors: Record<string, number> = { ...decimal, ...binary }

/** A quantity of cores or bytes as objects and metrics.k8s.io write it: `682890n`, `250m`, `1484Ki`; 0 for what is none. */
export function usageQuantity(text: string): number {
  const match = /^([\d.]+)([num]|[kMGTPE]|[KMGTPE]i)?$/.exec(text)
  return match ? Number(match[1]) * (match[2] ? factors[match[2]]! : 1) : 0
}

/** One sample of PodMetrics (its containers together) or NodeMetrics. */
export function sampleOf(metrics: Json): { cpuCores: number; memoryBytes: number } {
  const usages = (metrics.containers?.map((c: Json) => c.usage) ?? [metrics.usage]) as { cpu?: string; memory?: string }[]
  const sum = (key: 'cpu' | 'memory'): number => usages.reduce((n, u) => n + usageQuantity(u?.[key] ?? '0'), 0)
  return { cpuCores: sum('cpu'), memoryBytes: sum('memory') }
}

export async function streamUsage(session: Session, p: Streams['usage']['params'], stream: StreamContext<'usage'>): Promise<void> {
  const { namespace, name } = p
  const where = { name, ...(namespace ? { namespace } : {}) }
  const history = { group: 'drydock.dev', version: 'v1', resource: namespace ? 'podusagehistories' : 'nodeusagehistories', ...where }
  const present = { group: 'metrics.k8s.io', version: 'v1beta1', resource: namespace ? 'pods' : 'nodes', ...where }
  const sampled: UsageSeries = { until: 0, intervalSeconds: INTERVAL, cpuCores: [], memoryBytes: [] }
  const hasHistory = (await session.kinds()).some((k) => k.group === history.group && k.resource === history.resource)
  let shown = false
  let timer: NodeJS.Timeout | undefined
  const read = async (): Promise<UsageSeries | null> => {
    const api = await session.api()
    if (hasHistory) {
      const h = await api.json<Json>(objectPath(history))
      return {
        until: Date.parse(h.metadata?.creationTimestamp ?? ''),
        intervalSeconds: h.intervalSeconds,
        cpuCores: (h.cpuNanoCores as number[]).map((n) => n / 1e9),
        memoryBytes: h.memoryBytes,
      }
    }
    const metrics = await api.json<Json>(objectPath(present))
    const until = Date.parse(metrics.timestamp)
    if (until > sampled.until) {
      const { cpuCores, memoryBytes } = sampleOf(metrics)
      sampled.until = until
      sampled.cpuCores = [...sampled.cpuCores, cpuCores].slice(-MOST)
      sampled.memoryBytes = [...sampled.memoryBytes, memoryBytes].slice(-MOST)
    }
    return sampled
  }
  const look = async (): Promise<void> => {
    try {
      stream.emit(await read())
      shown = true
    } catch {
      // No metrics-server, or no sample of this object yet. What was seen before stands.
      if (!shown) stream.emit(null)
    }
    if (!stream.signal.aborted) timer = setTimeout(() => void look(), INTERVAL * 1000)
  }
  stream.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  await look()
}
