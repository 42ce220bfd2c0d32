/**
 * What pods and nodes use now, as metrics-server finds it: every {@link RESOLUTION_MS} of cluster time the counters of
 * all containers are read, and the use is what was added between the last two readings. A container is measured once
 * it has been read twice, a pod once all of its containers have (https://github.com/kubernetes-sigs/metrics-server).
 */
import type { Clock, Timer } from '../clock.js'
import type { Kubelets } from '../kubelet/kubelets.js'
import type { PodUsage } from '../kubelet/pod-stats.js'
import { POINTS, STEP_MS, UsageHistory } from './history.js'

/** Time between two readings, cluster ms. */
export const RESOLUTION_MS = 15_000
/** What was read this long before is in no history any more, ms. */
const KEPT_MS = (POINTS + 1) * STEP_MS
/** Whoever follows the use asks more often than this, ms. */
const ASKED_MS = 60_000

/** Rates over the window that ends at `timestamp` (ms since the epoch). */
export interface Measured {
  readonly timestamp: number
  readonly windowMs: number
}

/** What one container used. */
export interface ContainerMeasure {
  readonly name: string
  /** Billionths of a core, on average over the window. */
  readonly cpuNanoCores: number
  /** Bytes at the end of the window. */
  readonly memoryBytes: number
}

/** What one pod used. */
export interface PodMeasure extends Measured {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: readonly ContainerMeasure[]
}

/** What all containers of one node used together. */
export interface NodeMeasure extends Measured {
  readonly name: string
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

/** Where the counters are. */
export type UsageSource = Pick<Kubelets, 'metrics' | 'nodes'>

/** Reads the counters of a cluster's containers and keeps what they come to. */
export class MetricsCollector {
  /** The last hours of each pod and node. */
  readonly history = new UsageHistory()
  private timer: Timer | undefined
  private source: UsageSource | undefined
  private readAt: number | undefined
  /** When somebody wanted to know last, ms. */
  private askedAt = -Infinity
  /** The counters of the last reading, core-nanoseconds, by the id of the run. */
  private counters = new Map<string, number>()
  private pods = new Map<string, PodMeasure>()
  private nodes = new Map<string, NodeMeasure>()

  constructor(private readonly clock: Clock) {}

  /** Begins to read. */
  start(source: UsageSource): void {
    this.source = source
    this.read()
    this.timer = this.clock.every(RESOLUTION_MS, () => {
      if (!this.isUnseen()) {
        this.read()
        return 'idle'
      }
      this.readAt = undefined
      return { idleUntil: this.clock.jumpsTo! - KEPT_MS }
    })
  }

  stop(): void {
    this.timer?.cancel()
    this.source = undefined
  }

  /** What a pod used; undefined as long as it has not been measured. */
  pod(namespace: string, name: string): PodMeasure | undefined {
    this.askedAt = this.clock.now()
    return this.pods.get(`${namespace}/${name}`)
  }

  /** What a node's containers used; undefined for a node without power and for one that has not been measured. */
  node(name: string): NodeMeasure | undefined {
    this.askedAt = this.clock.now()
    return this.nodes.get(name)
  }

  /**
   * Whether time jumps so far ahead that nothing will be left to see of this reading, and nobody asks meanwhile: a jump
   * over a week would read little else.
   */
  private isUnseen(): boolean {
    const now = this.clock.now()
    const { jumpsTo } = this.clock
    return jumpsTo !== undefined && now + KEPT_MS < jumpsTo && now - this.askedAt > ASKED_MS
  }

  private read(): void {
    if (!this.source) return
    const now = this.clock.now()
    // At odd speeds the clock gives fractions of milliseconds.
    const windowMs = this.readAt === undefined ? 0 : Math.round(now - this.readAt)
    const usage = this.source.metrics()
    if (windowMs > 0) this.measure(usage, now, windowMs)
    const counters = new Map<string, number>()
    for (const { containers } of usage) for (const c of containers) counters.set(c.id, c.cpuNanos)
    this.counters = counters
    this.readAt = now
  }

  private measure(usage: readonly PodUsage[], timestamp: number, windowMs: number): void {
    const pods = new Map<string, PodMeasure>()
    const sums = new Map<string, { cpuNanos: number; memoryBytes: number }>()
    for (const { name, powered } of this.source!.nodes()) if (powered) sums.set(name, { cpuNanos: 0, memoryBytes: 0 })
    const seconds = windowMs / 1000
    for (const pod of usage) {
      const sum = sums.get(pod.node)
      const containers: ContainerMeasure[] = []
      for (const { name, id, cpuNanos, memoryBytes } of pod.containers) {
        const before = this.counters.get(id)
        // A counter begins at zero with its run, so that a node's sum is right before the container itself is told.
        const added = Math.max(0, cpuNanos - (before ?? 0))
        if (sum) {
          sum.cpuNanos += added
          sum.memoryBytes += memoryBytes
        }
        if (before !== undefined) containers.push({ name, cpuNanoCores: Math.round(added / seconds), memoryBytes })
      }
      if (containers.length < pod.containers.length) continue
      const { namespace, name, uid } = pod
      pods.set(`${namespace}/${name}`, { namespace, name, uid, timestamp, windowMs, containers })
    }
    const nodes = new Map<string, NodeMeasure>()
    for (const [name, { cpuNanos, memoryBytes }] of sums)
      nodes.set(name, { name, timestamp, windowMs, cpuNanoCores: Math.round(cpuNanos / seconds), memoryBytes })
    this.pods = pods
    this.nodes = nodes
    this.history.add(timestamp, pods.values(), nodes.values())
  }
}
