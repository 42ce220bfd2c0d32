/**
 * The scheduling queue: pods to be tried now (by priority, then by age), pods that wait out their back-off, and pods
 * that fit nowhere until something changes
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/).
 */
import type { Clock, Timer } from '../clock.js'
import type { PodInfo } from './podinfo.js'

const INITIAL_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 10_000
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
  /** Held back by a PreEnqueue plugin: no event but its own change moves it. */
  gated: boolean
}

/** Back-off after a number of attempts: 1 s, 2 s, 4 s, 8 s, then 10 s. */
export function backoffOf(attempts: number): number {
  return attempts <= 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
}

export class SchedulingQueue {
  private readonly active = new ActiveHeap()
  private readonly backoff = new Map<string, { pod: QueuedPod; timer: Timer }>()
  private readonly waiting = new Map<string, QueuedPod>()
  private leftover: Timer | undefined

  /** @param onActive called when there is something to pop */
  constructor(
    private readonly clock: Clock,
    private readonly onActive: () => void,
  ) {}

  get size(): { active: number; backoff: number; unschedulable: number } {
    return { active: this.active.size, backoff: this.backoff.size, unschedulable: this.waiting.size }
  }

  has(key: string): boolean {
    return this.find(key) !== undefined
  }

  find(key: string): QueuedPod | undefined {
    return this.active.get(key) ?? this.backoff.get(key)?.pod ?? this.waiting.get(key)
  }

  /** A pod that has not been tried yet, or that may be tried at once. */
  add(info: PodInfo, attempts = 0): void {
    this.activate({ info, attempts, queuedAt: this.clock.now(), triedAt: 0, rejectedBy: new Set(), gated: false })
  }

  /** Takes the pod to be tried next. */
  pop(): QueuedPod | undefined {
    return this.active.pop()
  }

  /** Puts a pod that fits nowhere, or is held back, where it waits for a change. */
  addUnschedulable(pod: QueuedPod): void {
    this.remove(pod.info.key)
    this.waiting.set(pod.info.key, pod)
    this.armLeftover()
  }

  /** Puts a pod back that should be tried again after its back-off whatever happens. */
  addBackoff(pod: QueuedPod): void {
    const left = pod.triedAt + backoffOf(pod.attempts) - this.clock.now()
    if (left <= 0) return this.activate(pod)
    this.remove(pod.info.key)
    const timer = this.clock.after(left, () => {
      this.backoff.delete(pod.info.key)
      this.activate(pod)
    })
    this.backoff.set(pod.info.key, { pod, timer })
  }

  /** Moves those waiting pods for which `helps` says so, each after what is left of its back-off. */
  move(helps: (pod: QueuedPod) => boolean): void {
    for (const pod of this.waiting.values()) {
      if (pod.gated || !helps(pod)) continue
      this.waiting.delete(pod.info.key)
      this.addBackoff(pod)
    }
  }

  /** Replaces what is known of a queued pod; it stays where it is. */
  replace(info: PodInfo): void {
    const pod = this.find(info.key)
    if (pod) pod.info = info
  }

  /** Takes a waiting pod out and tries it again after what is left of its back-off. */
  retry(key: string): void {
    const pod = this.waiting.get(key)
    if (!pod) return
    this.waiting.delete(key)
    pod.gated = false
    this.addBackoff(pod)
  }

  remove(key: string): void {
    this.active.remove(key)
    const b = this.backoff.get(key)
    b?.timer.cancel()
    this.backoff.delete(key)
    this.waiting.delete(key)
  }

  stop(): void {
    this.leftover?.cancel()
    for (const { timer } of this.backoff.values()) timer.cancel()
    this.backoff.clear()
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

/** A heap by priority (higher first) and time in the queue (earlier first), from which pods can be removed by key. */
class ActiveHeap {
  private readonly heap: { pod: QueuedPod; order: number }[] = []
  private readonly byKey = new Map<string, { pod: QueuedPod; order: number }>()
  private order = 0

  get size(): number {
    return this.byKey.size
  }

  get(key: string): QueuedPod | undefined {
    return this.byKey.get(key)?.pod
  }

  push(pod: QueuedPod): void {
    const entry = { pod, order: this.order++ }
    this.byKey.set(pod.info.key, entry)
    this.heap.push(entry)
    let i = this.heap.length - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(entry, this.heap[parent]!)) break
      this.heap[i] = this.heap[parent]!
      i = parent
    }
    this.heap[i] = entry
  }

  pop(): QueuedPod | undefined {
    for (;;) {
      const entry = this.popEntry()
      if (!entry) return undefined
      // What was removed meanwhile is only forgotten by key and skipped here.
      if (this.byKey.get(entry.pod.info.key) !== entry) continue
      this.byKey.delete(entry.pod.info.key)
      return entry.pod
    }
  }

  remove(key: string): void {
    this.byKey.delete(key)
  }

  private popEntry(): { pod: QueuedPod; order: number } | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (!first || !last || this.heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.heap.length) break
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child++
      if (!before(this.heap[child]!, last)) break
      this.heap[i] = this.heap[child]!
      i = child
    }
    this.heap[i] = last
    return first
  }
}

function before(a: { pod: QueuedPod; order: number }, b: { pod: QueuedPod; order: number }): boolean {
  const priority = b.pod.info.priority - a.pod.info.priority
  if (priority) return priority < 0
  const time = a.pod.queuedAt - b.pod.queuedAt
  return time ? time < 0 : a.order < b.order
}
