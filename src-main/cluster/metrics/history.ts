/**
 * What pods and nodes used in the last hours: one point for each minute of cluster time. Bounded in both directions:
 * a series holds {@link POINTS} points, and pods beyond {@link MAX_SERIES} have none.
 */
import type { NodeMeasure, PodMeasure } from './collector.js'

/** The step of a series, cluster ms. */
export const STEP_MS = 60_000
/** Six hours. */
export const POINTS = 360
/** A pod that has not been measured for this long has no series any more, minutes. */
const GONE_AFTER = 15
/** Series of pods that are kept at most, 4 KB each when they are full. */
export const MAX_SERIES = 10_000

/** One minute: the average CPU use, the memory at its end. */
export interface UsagePoint {
  /** The end of the minute, ms since the epoch. */
  readonly time: number
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

/** The points of one pod or node, in a ring that grows as it fills. */
class Series {
  /** The minute that is being added up: its number, and the sum and count of what it holds. */
  private minute = -1
  private cpuSum = 0
  private count = 0
  private memory = 0
  /** The minutes of the points, and their CPU and memory in pairs; seven digits are enough for a chart. */
  private minutes = new Uint32Array(8)
  private values = new Float32Array(2 * 8)
  private length = 0
  private next = 0

  constructor(readonly uid: string) {}

  /** The minute of the latest measure. */
  get latest(): number {
    return this.minute
  }

  add(timestamp: number, cpuNanoCores: number, memoryBytes: number): void {
    // The measure is of the time before its timestamp: one on the full minute ends the minute before.
    const minute = Math.ceil(timestamp / STEP_MS)
    if (minute !== this.minute) {
      this.finish()
      this.minute = minute
    }
    this.cpuSum += cpuNanoCores
    this.count++
    this.memory = memoryBytes
  }

  /** The points in the order of time, the one of the minute under way included. */
  points(): UsagePoint[] {
    const capacity = this.minutes.length
    const out: UsagePoint[] = []
    for (let i = 0; i < this.length; i++) {
      const at = (this.next - this.length + i + capacity) % capacity
      const [cpuNanoCores, memoryBytes] = [this.values[2 * at]!, this.values[2 * at + 1]!]
      out.push({ time: this.minutes[at]! * STEP_MS, cpuNanoCores, memoryBytes })
    }
    if (this.count > 0) out.push(this.current())
    return out
  }

  private current(): UsagePoint {
    return { time: this.minute * STEP_MS, cpuNanoCores: this.cpuSum / this.count, memoryBytes: this.memory }
  }

  private finish(): void {
    if (this.count === 0) return
    this.grow()
    this.minutes[this.next] = this.minute
    this.values[2 * this.next] = this.cpuSum / this.count
    this.values[2 * this.next + 1] = this.memory
    const capacity = this.minutes.length
    this.next = (this.next + 1) % capacity
    this.length = Math.min(this.length + 1, capacity)
    this.cpuSum = 0
    this.count = 0
  }

  private grow(): void {
    const capacity = this.minutes.length
    if (this.length < capacity || capacity >= POINTS) return
    const larger = Math.min(POINTS, capacity * 2)
    const { minutes, values } = this
    this.minutes = new Uint32Array(larger)
    this.values = new Float32Array(2 * larger)
    // Nothing has been overwritten yet: a ring that is full for the first time is in order.
    this.minutes.set(minutes)
    this.values.set(values)
    this.next = this.length
  }
}

/** All series of a cluster. */
export class UsageHistory {
  private readonly pods = new Map<string, Series>()
  private readonly nodes = new Map<string, Series>()
  private prunedAt = 0

  /** Adds what was measured over the time that ended at `timestamp`. */
  add(timestamp: number, pods: Iterable<PodMeasure>, nodes: Iterable<NodeMeasure>): void {
    for (const { name, cpuNanoCores, memoryBytes } of nodes) this.series(this.nodes, name, '').add(timestamp, cpuNanoCores, memoryBytes)
    for (const { namespace, name, uid, containers } of pods) {
      const key = `${namespace}/${name}`
      if (this.pods.size >= MAX_SERIES && !this.pods.has(key)) continue
      let cpu = 0
      let memory = 0
      for (const c of containers) {
        cpu += c.cpuNanoCores
        memory += c.memoryBytes
      }
      this.series(this.pods, key, uid).add(timestamp, cpu, memory)
    }
    if (timestamp - this.prunedAt < STEP_MS) return
    this.prunedAt = timestamp
    const minute = timestamp / STEP_MS
    for (const [key, { latest }] of this.pods) if (latest < minute - GONE_AFTER) this.pods.delete(key)
    for (const [key, { latest }] of this.nodes) if (latest < minute - POINTS) this.nodes.delete(key)
  }

  /** The points of a pod, oldest first; undefined when there are none. */
  pod(namespace: string, name: string): readonly UsagePoint[] | undefined {
    return this.pods.get(`${namespace}/${name}`)?.points()
  }

  /** The points of a node, oldest first; undefined when there are none. */
  node(name: string): readonly UsagePoint[] | undefined {
    return this.nodes.get(name)?.points()
  }

  /** A pod that is made anew under an old name begins a new series. */
  private series(all: Map<string, Series>, key: string, uid: string): Series {
    let series = all.get(key)
    if (series?.uid !== uid) all.set(key, (series = new Series(uid)))
    return series!
  }
}
