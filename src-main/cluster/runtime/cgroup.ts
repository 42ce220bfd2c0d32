/** What a container or a pod uses of the machine, and how much it may: CPU time and memory of all its processes together. */
import type { Clock } from '../clock.js'

/** Work of a process: its CPU time is spread over the time it takes, in cluster time. */
export interface Work {
  start: number
  end: number
  cpuMs: number
}

const CROWD = 64

/** How much of its work has been done by `now`, 0 to 1. */
export function doneOf(work: Work, now: number): number {
  return work.end <= now ? 1 : Math.max(0, (now - work.start) / (work.end - work.start))
}

/** How much a container or a pod may use: millicores and bytes; what is left out has no limit. */
export interface CgroupLimits {
  cpuLimit?: number
  memoryLimit?: number
  /** What it is sure to get when others want it too, millicores. */
  cpuRequest?: number
}

/**
 * Accounting of one container, within that of its pod. CPU is limited as by a CFS quota: all processes together get
 * `cpuLimit` millicores, one process at most one core. Memory above `memoryLimit` calls `onOutOfMemory`; above that of
 * the pod, it calls that of the container which uses most.
 */
export class Cgroup {
  /** Millicores; undefined for no limit. */
  cpuLimit?: number
  /** Bytes; undefined for no limit. */
  memoryLimit?: number
  /** Millicores; undefined for none. */
  cpuRequest?: number
  onOutOfMemory?: () => void
  private finishedMs = 0
  private running: Set<Work> | undefined
  /** How much work is kept apart before what is over is summed up. */
  private crowded = CROWD
  /** When the quota handed out so far is used up, in cluster time. */
  private quotaUsedUntil = 0
  private memoryBytes: number
  /** The containers that run in this pod. */
  private members: Set<Cgroup> | undefined

  constructor(
    private readonly clock: Clock,
    limits: CgroupLimits & { baseMemory?: number } = {},
    private readonly pod?: Cgroup,
  ) {
    this.setLimits(limits)
    this.memoryBytes = limits.baseMemory ?? 0
  }

  setLimits({ cpuLimit, memoryLimit, cpuRequest }: CgroupLimits): void {
    this.cpuLimit = cpuLimit
    this.memoryLimit = memoryLimit
    this.cpuRequest = cpuRequest
  }

  /** Counts towards the pod from now on. */
  join(): void {
    const { pod } = this
    if (pod) (pod.members ??= new Set()).add(this)
  }

  /** Its processes have ended: they count no more. */
  leave(): void {
    this.pod?.members?.delete(this)
  }

  /** Takes `cpuMs` of CPU time, from `start` on in cluster time, as long as the limits make it last. */
  take(cpuMs: number, start = this.clock.now()): Work {
    const now = this.clock.now()
    const end = Math.max(start + cpuMs, this.quotaEnd(now, cpuMs), this.pod?.quotaEnd(now, cpuMs) ?? now)
    const work = { start, end, cpuMs }
    ;(this.running ??= new Set()).add(work)
    if (this.running.size >= this.crowded) {
      this.cpuNanos()
      this.crowded = 2 * this.running.size + CROWD
    }
    return work
  }

  /** The process that did some work has ended: what is not done yet never will be. */
  abandon(work: Work): void {
    const now = this.clock.now()
    work.cpuMs *= doneOf(work, now)
    work.end = Math.min(work.end, now)
  }

  /** When the quota lets the next `cpuMs` be over. */
  private quotaEnd(now: number, cpuMs: number): number {
    if (!this.cpuLimit) return now
    this.quotaUsedUntil = Math.max(now, this.quotaUsedUntil) + (cpuMs * 1000) / this.cpuLimit
    return this.quotaUsedUntil
  }

  /** Core-nanoseconds used up to now. */
  cpuNanos(): number {
    const now = this.clock.now()
    let ms = this.finishedMs
    for (const work of this.running ?? []) {
      if (work.end <= now) {
        this.finishedMs += work.cpuMs
        ms += work.cpuMs
        this.running!.delete(work)
      } else ms += work.cpuMs * doneOf(work, now)
    }
    return Math.round(ms * 1e6)
  }

  get memory(): number {
    return this.memoryBytes
  }

  /** A process' memory changed by `bytes`. */
  addMemory(bytes: number): void {
    this.memoryBytes += bytes
    if (bytes <= 0) return
    if (this.memoryLimit !== undefined && this.memoryBytes > this.memoryLimit) this.onOutOfMemory?.()
    else this.pod?.keepWithinLimit()
  }

  /** A process wants more memory than there can be: that is above any limit. */
  exhaust(): void {
    if (this.memoryLimit !== undefined) this.onOutOfMemory?.()
    else this.pod?.keepWithinLimit(Infinity)
  }

  private keepWithinLimit(more = 0): void {
    if (this.memoryLimit === undefined) return
    let total = 0
    let largest: Cgroup | undefined
    for (const member of this.members ?? []) {
      total += member.memoryBytes
      if (!largest || member.memoryBytes > largest.memoryBytes) largest = member
    }
    if (total + more > this.memoryLimit) largest?.onOutOfMemory?.()
  }
}
