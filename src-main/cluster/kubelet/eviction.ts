/**
 * Eviction by the kubelet: of pods that use more local storage than they may, and of pods on a node that runs out of
 * memory or disk (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/). The engine's
 * heartbeat calls {@link Evictions.check}, each ten seconds as the kubelet's own housekeeping.
 */
import type { Pod } from '../api/object.js'
import type { Clock } from '../clock.js'
import { referenceTo } from '../controllers/events.js'
import type { EventRecorder } from '../controllers/events.js'
import { tolerates } from '../scheduler/plugins/tainttoleration.js'
import { parseGoDuration } from '../go-duration.js'
import { isCritical } from './critical-pods.js'
import { evictionAnnotations, evictionMessage, type Shortfall } from './eviction-message.js'
import { amountOf, isMet, mostUrgent, SIGNALS, thresholdsOf } from './eviction-thresholds.js'
import type { Observations, Pressure, Threshold } from './eviction-thresholds.js'
import { ImageGC } from './image-gc.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'
import { hasLocalLimits, localStorageExcess, podUsage, totalUsage, type PodUsage, type Stats } from './pod-usage.js'
import type { PodWorker } from './pod-worker.js'
import { qosClass } from './qos.js'

/** What a node has, and what of it is in use by others than its pods. Bytes. */
export interface NodeCapacity {
  memory: number
  disk: number
  /** What images take of the disk. */
  images: number
  /** How many processes there may be at once. */
  pids: number
}

/** A node is under pressure until nothing was short for this long, ms, where nothing else is said. */
const TRANSITION_MS = 300_000
/** What is evicted at once gets this long to end, s; nothing gets less. */
const GRACE_SECONDS = 1

export interface EvictionOptions {
  clock: Clock
  events: EventRecorder
  /** Another object only when the kubelet has begun anew. */
  configuration(): KubeletConfiguration
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

/** A pod that runs, and what it uses. */
interface Measured {
  worker: PodWorker
  usage: PodUsage
}

export class Evictions {
  private configuration: KubeletConfiguration = {}
  private thresholds: readonly Threshold[] = []
  /** Since when each threshold is met, ms. */
  private readonly metSince = new Map<Threshold, number>()
  /** The thresholds that something is done about, until enough has been reclaimed. */
  private due: readonly Threshold[] = []
  /** The last one that had to go for the sake of the node. */
  private evicting: PodWorker | undefined
  /** When the node was short of something last, ms. */
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
    // One at a time: what the last one leaves may be enough.
    if (this.evicting?.active) return true
    const active = [...this.options.workers()].filter((w) => w.active)
    if (active.length === 0 && this.lastShort.size === 0) return false
    if (this.isAsCalmAsBefore(active)) return false
    const usages = active.map((worker) => ({ worker, usage: podUsage(worker.state, this.options.stats) }))
    let evicted = false
    for (const { worker, usage } of usages.filter(mayGo)) {
      const excess = localStorageExcess(worker.state.pod, usage)
      if (!excess || isCritical(worker.state.pod)) continue
      this.evict(worker, excess, GRACE_SECONDS)
      evicted = true
    }
    const collected = this.collectImages(this.observe(usages))
    const wasShort = this.lastShort.size > 0
    this.look(this.observe(usages))
    const urgent = mostUrgent(this.due)
    if (!evicted && urgent) this.reclaim(urgent, usages)
    const busy = evicted || collected || wasShort || this.metSince.size > 0
    if (busy) this.calm = undefined
    return busy
  }

  /** Notes which thresholds are met, and for which of them that has been so for long enough. */
  private look(observations: Observations): void {
    const { configuration, clock } = this.options
    const now = clock.now()
    if (this.configuration !== configuration()) {
      this.configuration = configuration()
      this.thresholds = thresholdsOf(this.configuration)
      this.metSince.clear()
    }
    for (const threshold of this.thresholds) {
      if (!isMet(threshold, observations, this.due.includes(threshold))) this.metSince.delete(threshold)
      else if (!this.metSince.has(threshold)) this.metSince.set(threshold, now)
    }
    this.due = this.thresholds.filter((t) => now - (this.metSince.get(t) ?? Infinity) >= (t.graceMs ?? 0))
    for (const { signal } of this.metSince.keys()) this.lastShort.set(SIGNALS[signal].pressure, now)
    this.updatePressures()
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

  private observe(usages: readonly Measured[]): Observations {
    const { memory, disk, images, pids } = this.options.capacity()
    const used = (of: (u: PodUsage) => number): number => usages.reduce((sum, { usage }) => sum + of(usage), 0)
    // Images lie on the same disk as everything else.
    const fs = { capacity: disk, available: disk - images - used((u) => u.disk) }
    return {
      'memory.available': { capacity: memory, available: memory - used((u) => u.memory) },
      'nodefs.available': fs,
      'imagefs.available': fs,
      'pid.available': { capacity: pids, available: pids - used((u) => u.processes) },
    }
  }

  private collectImages(observations: Observations): boolean {
    const { capacity, available } = observations['imagefs.available']!
    return this.imageGC.check(capacity, available)
  }

  private updatePressures(): void {
    const now = this.options.clock.now()
    const transition = parseGoDuration(this.configuration.evictionPressureTransitionPeriod ?? '') || TRANSITION_MS
    for (const [pressure, at] of this.lastShort) if (now - at >= transition) this.lastShort.delete(pressure)
    const next = (['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).filter((p) => this.lastShort.has(p))
    if (next.join() === this.shown.join()) return
    this.shown = next
    this.options.onPressure()
  }

  /** Frees what nobody uses, and if that is not enough evicts the pod that is first in line. */
  private reclaim(threshold: Threshold, usages: readonly Measured[]): void {
    const { tellNode, removeUnusedImages } = this.options
    const { pressure, resource } = SIGNALS[threshold.signal]
    tellNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    if (pressure === 'DiskPressure' && removeUnusedImages(Infinity) > 0) {
      const left = this.observe(usages)
      if (!this.thresholds.some((t) => isMet(t, left, true))) return
    }
    const ranked = usages
      .filter(mayGo)
      .filter(({ worker }) => !isCritical(worker.state.pod))
      .map((u) => ({
        ...u,
        used: usageOf(pressure, u.usage),
        request: u.usage.requests[resource] ?? 0,
        priority: u.worker.state.pod.spec!.priority ?? 0,
      }))
      // First those above their request, then by priority, then by how far above.
      .sort(
        (a, b) =>
          Number(b.used > b.request) - Number(a.used > a.request) || a.priority - b.priority || b.used - b.request - (a.used - a.request),
      )
    const first = ranked[0]
    if (!first) return
    const { capacity, available } = this.observe(usages)[threshold.signal]!
    const shortfall: Shortfall = { resource, available, threshold: amountOf(threshold.value, capacity) }
    const grace = threshold.graceMs === undefined ? GRACE_SECONDS : this.softGraceOf(first.worker)
    this.evict(first.worker, evictionMessage(shortfall, first.usage), grace, evictionAnnotations(shortfall, first.usage))
    this.evicting = first.worker
  }

  /** What a pod gets to end when it is evicted for a soft threshold, s. */
  private softGraceOf({ state: { pod } }: PodWorker): number {
    const longest = this.configuration.evictionMaxPodGracePeriod ?? 0
    return Math.max(GRACE_SECONDS, Math.min(longest, Number(pod.spec!.terminationGracePeriodSeconds ?? longest)))
  }

  /** @param forNode what an event about a pod that goes for the sake of its node is annotated with */
  private evict(worker: PodWorker, message: string, graceSeconds: number, forNode?: Record<string, string>): void {
    this.options.events.event(referenceTo('v1', 'Pod', worker.state.pod), 'Warning', 'Evicted', message, { annotations: forNode })
    worker.evict('Evicted', message, { graceSeconds, disrupted: forNode ? message : undefined })
  }
}

/** Whether a pod is not about to end anyway. */
function mayGo({ worker: { state } }: Measured): boolean {
  return !state.verdict && !state.pod.metadata.deletionTimestamp
}

/** What a pod uses of that which a pressure is about. */
function usageOf(pressure: Pressure, usage: PodUsage): number {
  return pressure === 'MemoryPressure' ? usage.memory : pressure === 'DiskPressure' ? usage.disk : usage.processes
}
