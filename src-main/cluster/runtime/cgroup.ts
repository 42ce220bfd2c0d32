/** What one container uses of the machine, and how much it may: CPU time and memory of all its processes together. */
import type { Clock } from '../clock.js'

/** Work under way: used to spread its CPU time over the time it takes. */
interface Running {
  start: number
  end: number
  cpuMs: number
}

/**
 * Accounting of one container. CPU is limited as by a CFS quota: all processes together get `cpuLimit` millicores, one
 * process at most one core. Memory above `memoryLimit` calls `onOutOfMemory`.
 */
export class Cgroup {
  /** Millicores; undefined for no limit. */
  cpuLimit?: number
  /** Bytes; undefined for no limit. */
  memoryLimit?: number
  onOutOfMemory?: () => void
  private finishedMs = 0
  private readonly running = new Set<Running>()
  /** When the quota handed out so far is used up, in cluster time. */
  private quotaUsedUntil = 0
  private memoryBytes: number

  constructor(
    private readonly clock: Clock,
    limits: { cpuLimit?: number; memoryLimit?: number; baseMemory?: number } = {},
  ) {
    this.cpuLimit = limits.cpuLimit
    this.memoryLimit = limits.memoryLimit
    this.memoryBytes = limits.baseMemory ?? 0
  }

  /** Takes `cpuMs` of CPU time; returns how many ms of cluster time that lasts from now. */
  take(cpuMs: number): number {
    const now = this.clock.now()
    let end = now + cpuMs
    if (this.cpuLimit !== undefined && this.cpuLimit > 0) {
      this.quotaUsedUntil = Math.max(now, this.quotaUsedUntil) + (cpuMs * 1000) / this.cpuLimit
      end = Math.max(end, this.quotaUsedUntil)
    }
    const work = { start: now, end, cpuMs }
    this.running.add(work)
    return end - now
  }

  /** Core-nanoseconds used up to now. */
  cpuNanos(): number {
    const now = this.clock.now()
    let ms = this.finishedMs
    for (const work of this.running) {
      if (work.end <= now) {
        this.finishedMs += work.cpuMs
        ms += work.cpuMs
        this.running.delete(work)
      } else ms += (work.cpuMs * (now - work.start)) / (work.end - work.start)
    }
    return Math.round(ms * 1e6)
  }

  get memory(): number {
    return this.memoryBytes
  }

  /** A process' memory changed by `bytes`. */
  addMemory(bytes: number): void {
    this.memoryBytes += bytes
    if (bytes > 0 && this.memoryLimit !== undefined && this.memoryBytes > this.memoryLimit) this.onOutOfMemory?.()
  }
}
