/** A heap of queued pods, from which pods can also be removed by key. */
import type { QueuedPod } from './queue.js'

interface Entry {
  pod: QueuedPod
  window: number
  order: number
}

/** Gives the pods of the lowest window first; within one those of higher priority, then those that are longer in the queue. */
export class PodHeap {
  private readonly heap: Entry[] = []
  private readonly byKey = new Map<string, Entry>()
  private order = 0

  get size(): number {
    return this.byKey.size
  }

  get(key: string): QueuedPod | undefined {
    return this.byKey.get(key)?.pod
  }

  push(pod: QueuedPod, window = 0): void {
    const entry = { pod, window, order: this.order++ }
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

  private popEntry(): Entry | undefined {
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

function before(a: Entry, b: Entry): boolean {
  if (a.window !== b.window) return a.window < b.window
  const priority = b.pod.info.priority - a.pod.info.priority
  if (priority) return priority < 0
  const time = a.pod.queuedAt - b.pod.queuedAt
  return time ? time < 0 : a.order < b.order
}
