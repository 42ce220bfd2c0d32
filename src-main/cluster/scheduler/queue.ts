/**
 * The scheduling queue: pods to be tried now (by priority, then by age), pods that wait out their back-off as long as
 * there are others, and pods that fit nowhere until something changes
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/).
 */
import type { Clock, Timer } from '../clock.js'
import { PodHeap } from './pod-heap.js'
import type { PodInfo } from './podinfo.js'

const INITIAL_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 10_000
/** Pods whose back-off ends within the same second go by priority. */
const BACKOFF_WINDOW_MS = 1000
/** A pod that nothing has moved is tried again after five minutes all the same. */
const LEFTOVER_MS = 5 * 60_000

export interface QueuedPod {
  info: PodInfo
  attempts: number
  /** When it was last put into the queue, ms. */
  queuedAt: number
  /** When the last attempt ended, ms. */
  triedAt: number
  /** Plugins that refused it in the last attempt. */
  rejectedBy: ReadonlySet<string>
  /** Held back by a PreEnqueue plugin: no event moves it but its own change, and that of what it waits for. */
  gated: boolean
}

/** Back-off after a number of attempts: 1 s, 2 s, 4 s, 8 s, then 10 s. */
export function backoffOf(attempts: number): number {
  return attempts <= 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
}

export class SchedulingQueue {
  private readonly active = new PodHeap()
  /** Those that something may have helped: they are tried as soon as nobody else is. */
  private readonly backoff = new PodHeap()
  /** Those that failed by an error wait to the end. */
  private readonly failed = new Map<string, { pod: QueuedPod; timer: Timer }>()
  private readonly waiting = new Map<string, QueuedPod>()
  private leftover: Timer | undefined

  /** @param onActive called when there is something to pop */
  constructor(
    private readonly clock: Clock,
    private readonly onActive: () => void,
  ) {}

  get size(): { active: number; backoff: number; unschedulable: number } {
    return { active: this.active.size, backoff: this.backoff.size + this.failed.size, unschedulable: this.waiting.size }
  }

  has(key: string): boolean {
    return this.find(key) !== undefined
  }

  find(key: string): QueuedPod | undefined {
    return this.active.get(key) ?? this.backoff.get(key) ?? this.failed.get(key)?.pod ?? this.waiting.get(key)
  }

  /** A pod that has not been tried yet, or that may be tried at once. */
  add(info: PodInfo, attempts = 0): void {
    this.activate({ info, attempts, queuedAt: this.clock.now(), triedAt: 0, rejectedBy: new Set(), gated: false })
  }

  /** Takes the pod to be tried next: of those that wait out their back-off only when there is no other. */
  pop(): QueuedPod | undefined {
    return this.active.pop() ?? this.backoff.pop()
  }

  /** Puts a pod that fits nowhere, or is held back, where it waits for a change. */
  addUnschedulable(pod: QueuedPod): void {
    this.remove(pod.info.key)
    this.waiting.set(pod.info.key, pod)
    this.armLeftover()
  }

  /** Puts a pod back that should be tried again whatever happens: after its back-off, or before when there is no other. */
  addBackoff(pod: QueuedPod): void {
    const until = pod.triedAt + backoffOf(pod.attempts)
    if (until <= this.clock.now()) return this.activate(pod)
    this.remove(pod.info.key)
    if (pod.rejectedBy.size > 0) {
      this.backoff.push(pod, Math.floor(until / BACKOFF_WINDOW_MS))
      return this.onActive()
    }
    const timer = this.clock.after(until - this.clock.now(), () => {
      this.failed.delete(pod.info.key)
      this.activate(pod)
    })
    this.failed.set(pod.info.key, { pod, timer })
  }

  /** Moves those waiting pods for which `helps` says so. */
  move(helps: (pod: QueuedPod) => boolean): void {
    for (const pod of this.waiting.values()) {
      if (pod.gated || !helps(pod)) continue
      this.waiting.delete(pod.info.key)
      this.addBackoff(pod)
    }
  }

  /** Those that are held back. */
  gated(): QueuedPod[] {
    return [...this.waiting.values()].filter((pod) => pod.gated)
  }

  /** Replaces what is known of a queued pod; it stays where it is. */
  replace(info: PodInfo): void {
    const pod = this.find(info.key)
    if (pod) pod.info = info
  }

  /** Takes a waiting pod out to try it again. */
  retry(key: string): void {
    const pod = this.waiting.get(key)
    if (!pod) return
    this.waiting.delete(key)
    pod.gated = false
    this.addBackoff(pod)
  }

  remove(key: string): void {
    this.active.remove(key)
    this.backoff.remove(key)
    this.failed.get(key)?.timer.cancel()
    this.failed.delete(key)
    this.waiting.delete(key)
  }

  stop(): void {
    this.leftover?.cancel()
    for (const { timer } of this.failed.values()) timer.cancel()
    this.failed.clear()
    this.waiting.clear()
  }

  private activate(pod: QueuedPod): void {
    this.remove(pod.info.key)
    pod.queuedAt = this.clock.now()
    this.active.push(pod)
    this.onActive()
  }

  private armLeftover(): void {
    if (this.leftover) return
    this.leftover = this.clock.after(LEFTOVER_MS, () => {
      this.leftover = undefined
      const before = this.clock.now() - LEFTOVER_MS
      this.move((pod) => pod.triedAt <= before)
      if ([...this.waiting.values()].some((pod) => !pod.gated)) this.armLeftover()
    })
  }
}
