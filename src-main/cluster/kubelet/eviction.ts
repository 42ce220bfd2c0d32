/**
 * Eviction by the kubelet: of pods that use more local storage than they may, and of pods on a node that runs out of
 * memory or disk (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/). The engine's
 * heartbeat calls {@link Evictions.check}, each ten seconds as the kubelet's own housekeeping.
 */
import { formatQuantity } from '../api/kinds/rules/quantity.js'
import type { Pod } from '../api/object.js'
import type { Clock } from '../clock.js'
import { referenceTo } from '../controllers/events.js'
import type { EventRecorder } from '../controllers/events.js'
import { tolerates } from '../scheduler/plugins/tainttoleration.js'
import { isCritical } from './critical-pods.js'
import { ImageGC } from './image-gc.js'
import { hasLocalLimits, localStorageExcess, podUsage, totalUsage, type PodUsage, type Stats } from './pod-usage.js'
import type { PodWorker } from './pod-worker.js'
import { qosClass } from './qos.js'
import { bytes } from './quantity.js'

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

/** What a node has, and what of it is in use by others than its pods. Bytes. */
export interface NodeCapacity {
  memory: number
  disk: number
  /** What images take of the disk. */
  images: number
  /** How many processes there may be at once. */
  pids: number
}

interface Signal {
  pressure: Pressure
  /** The resource as messages name it. */
  resource: 'memory' | 'ephemeral-storage' | 'pids'
  available: number
  threshold: number
  usage(u: PodUsage): number
}

/** Hard eviction thresholds: the kubelet's defaults, 100Mi of memory and a tenth of the disk, and a tenth of the process ids. */
const MEMORY_THRESHOLD = 100 * 1024 ** 2
const DISK_SHARE = 0.1
const PID_SHARE = 0.1
/** A node is under pressure until nothing was short for this long, ms. */
const TRANSITION_MS = 300_000
/** What is evicted gets this long to end, s. */
const GRACE_SECONDS = 1

export interface EvictionOptions {
  clock: Clock
  events: EventRecorder
  capacity(): NodeCapacity
  /** Another value each time that the capacity may have changed. */
  capacityVersion(): unknown
  workers(): Iterable<PodWorker>
  /** Usage of a worker's containers. */
  stats: Stats
  /** Removes images that no container uses, until so many bytes are free. Returns how many are. */
  removeUnusedImages(bytes: number): number
  tellNode(type: 'Normal' | 'Warning', reason: string, message: string): void
  /** The pressures have changed. */
  onPressure(): void
}

export class Evictions {
  /** When each resource was short last, ms. */
  private readonly lastShort = new Map<Pressure, number>()
  private shown: readonly Pressure[] = []
  /** What was used when there was nothing to do; undefined when there was. */
  private calm: { memory: number; disk: number; processes: number; capacity: unknown } | undefined

  private readonly imageGC: ImageGC

  constructor(private readonly options: EvictionOptions) {
    const { clock, tellNode } = options
    this.imageGC = new ImageGC({ clock, tellNode, remove: (bytes) => options.removeUnusedImages(bytes) })
  }

  /** What the node is short of, or was until a moment ago. */
  get pressures(): readonly Pressure[] {
    return this.shown
  }

  /**
   * Looks at what is used; evicts pods above their own limits, or the first in line when the node is short. Returns
   * whether it found anything to do.
   */
  check(): boolean {
    const active = [...this.options.workers()].filter((w) => w.active && !w.state.verdict && !w.state.pod.metadata.deletionTimestamp)
    if (active.length === 0 && this.lastShort.size === 0) return false
    if (this.isAsCalmAsBefore(active)) return false
    const usages = active.map((worker) => ({ worker, usage: podUsage(worker.state, this.options.stats) }))
    let evicted = false
    for (const { worker, usage } of usages) {
      const excess = localStorageExcess(worker.state.pod, usage)
      if (!excess || isCritical(worker.state.pod)) continue
      this.evict(worker, excess)
      evicted = true
    }
    const used = usages.map((u) => u.usage)
    const collected = this.collectImages(this.signals(used))
    const signals = this.signals(used)
    const wasShort = this.lastShort.size > 0
    const short = signals.filter((s) => s.available < s.threshold)
    for (const s of short) this.lastShort.set(s.pressure, this.options.clock.now())
    this.updatePressures()
    if (!evicted && short[0]) this.reclaim(short[0], usages)
    const busy = evicted || collected || wasShort || short.length > 0
    if (busy) this.calm = undefined
    return busy
  }

  /**
   * Whether no pod has a limit of its own and all together use what they used at the last look, which found nothing to
   * do: nodes are looked at day and night, and hardly anything changes.
   */
  private isAsCalmAsBefore(active: readonly PodWorker[]): boolean {
    if (this.imageGC.wantsMore) return false
    let memory = 0
    let disk = 0
    let processes = 0
    for (const { state } of active) {
      if (hasLocalLimits(state.pod)) return false
      const used = totalUsage(state, this.options.stats)
      memory += used.memory
      disk += used.disk
      processes += used.processes
    }
    const before = this.calm
    const capacity = this.options.capacityVersion()
    this.calm = { memory, disk, processes, capacity }
    return before?.memory === memory && before.disk === disk && before.processes === processes && before.capacity === capacity
  }

  /** Why a pod is refused while the node is short of something; undefined when it may run. */
  refusal(pod: Pod): { reason: string; message: string } | undefined {
    if (this.shown.length === 0 || isCritical(pod)) return undefined
    if (this.shown.length === 1 && this.shown[0] === 'MemoryPressure') {
      const tolerated = tolerates(pod.spec!.tolerations, { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' })
      if (qosClass(pod) !== 'BestEffort' || tolerated) return undefined
    }
    return { reason: 'Evicted', message: `The node had condition: [${this.shown.join(' ')}]. ` }
  }

  private signals(usages: readonly PodUsage[]): Signal[] {
    const { memory, disk, images, pids } = this.options.capacity()
    const used = (of: (u: PodUsage) => number): number => usages.reduce((sum, u) => sum + of(u), 0)
    const memoryOf = (u: PodUsage): number => u.memory
    const diskOf = (u: PodUsage): number => u.disk
    const processesOf = (u: PodUsage): number => u.processes
    return [
      { pressure: 'MemoryPressure', resource: 'memory', available: memory - used(memoryOf), threshold: MEMORY_THRESHOLD, usage: memoryOf },
      {
        pressure: 'DiskPressure',
        resource: 'ephemeral-storage',
        available: disk - images - used(diskOf),
        threshold: Math.floor(disk * DISK_SHARE),
        usage: diskOf,
      },
      {
        pressure: 'PIDPressure',
        resource: 'pids',
        available: pids - used(processesOf),
        threshold: Math.floor(pids * PID_SHARE),
        usage: processesOf,
      },
    ]
  }

  private collectImages(signals: readonly Signal[]): boolean {
    const { disk } = this.options.capacity()
    return this.imageGC.check(disk, signals.find((s) => s.pressure === 'DiskPressure')!.available)
  }

  private updatePressures(): void {
    const now = this.options.clock.now()
    for (const [pressure, at] of this.lastShort) if (now - at >= TRANSITION_MS) this.lastShort.delete(pressure)
    const next = (['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).filter((p) => this.lastShort.has(p))
    if (next.join() === this.shown.join()) return
    this.shown = next
    this.options.onPressure()
  }

  /** Frees what nobody uses, or else evicts the pod that is first in line. */
  private reclaim(signal: Signal, usages: readonly { worker: PodWorker; usage: PodUsage }[]): void {
    const { tellNode, removeUnusedImages } = this.options
    tellNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${signal.resource}`)
    if (signal.pressure === 'DiskPressure' && removeUnusedImages(Infinity) > 0) return
    const ranked = usages
      .filter(({ worker }) => !isCritical(worker.state.pod))
      .map((u) => ({
        ...u,
        used: signal.usage(u.usage),
        request: u.usage.requests[signal.resource] ?? 0,
        priority: u.worker.state.pod.spec!.priority ?? 0,
      }))
      // First those above their request, then by priority, then by how far above.
      .sort(
        (a, b) =>
          Number(b.used > b.request) - Number(a.used > a.request) || a.priority - b.priority || b.used - b.request - (a.used - a.request),
      )
    const first = ranked[0]
    if (first) this.evict(first.worker, pressureMessage(signal, first.usage), pressureAnnotations(signal, first.usage))
  }

  /** @param forNode what an event about a pod that goes for the sake of its node is annotated with */
  private evict(worker: PodWorker, message: string, forNode?: Record<string, string>): void {
    this.options.events.event(referenceTo('v1', 'Pod', worker.state.pod), 'Warning', 'Evicted', message, { annotations: forNode })
    worker.evict('Evicted', message, { graceSeconds: GRACE_SECONDS, disrupted: forNode ? message : undefined })
  }
}

/** The containers that use more of something than they asked for, with what they use. Of process ids none can be blamed. */
function offenders(resource: string, usage: PodUsage): { name: string; used: number; request: string }[] {
  if (resource === 'pids') return []
  return usage.containers
    .map((c) => ({ name: c.name, used: resource === 'memory' ? c.memory : c.disk, request: c.requests[resource] ?? '0' }))
    .filter(({ used, request }) => used > bytes(request))
}

function pressureAnnotations({ resource }: Signal, usage: PodUsage): Record<string, string> {
  const found = offenders(resource, usage)
  return {
    offending_containers: found.map((o) => o.name).join(','),
    offending_containers_usage: found.map((o) => kibi(o.used)).join(','),
    starved_resource: resource,
  }
}

function pressureMessage({ resource, threshold, available }: Signal, usage: PodUsage): string {
  const left = Math.max(0, available)
  const [limit, rest] = resource === 'pids' ? [`${threshold}`, `${left}`] : [binary(threshold), kibi(left)]
  return [
    `The node was low on resource: ${resource}. Threshold quantity: ${limit}, available: ${rest}. `,
    ...offenders(resource, usage).map(
      ({ name, used, request }) =>
        `Container ${name} was using ${kibi(used)}, request is ${request}, has larger consumption of ${resource}. `,
    ),
  ].join('')
}

function binary(amount: number): string {
  return formatQuantity({ nano: BigInt(Math.floor(amount)) * 1_000_000_000n, format: 'BinarySI' })
}

/** Measured bytes are told in whole Ki, as the statistics of the kernel come in pages. */
function kibi(amount: number): string {
  return `${Math.ceil(amount / 1024)}Ki`
}
