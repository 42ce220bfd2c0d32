/** Who is told about changes: watchers by prefix, each with its own place in the log. */
import type { StoreEvent } from './store.js'

interface Watcher {
  readonly prefix: string
  /** The revision up to which this watcher has been told everything. */
  position: number
  readonly onEvents: (events: readonly StoreEvent[]) => void
  readonly onProgress: ((revision: number) => void) | undefined
  stopped: boolean
}

/** `/registry/GROUP/RESOURCE/` of a key or a longer prefix; undefined for a prefix that spans resources. */
function bucketOf(key: string): string | undefined {
  let slash = 0
  for (let part = 0; part < 3; part++) {
    slash = key.indexOf('/', slash + 1)
    if (slash < 0) return undefined
  }
  return key.slice(0, slash + 1)
}

/** The events of each resource. */
function byBucket(batch: readonly StoreEvent[]): Map<string, StoreEvent[]> {
  const split = new Map<string, StoreEvent[]>()
  for (const event of batch) {
    const bucket = bucketOf(event.current.key)
    if (bucket === undefined) continue
    const events = split.get(bucket)
    if (events) events.push(event)
    else split.set(bucket, [event])
  }
  return split
}

/** The running watches of a store. */
export class Watchers {
  /** Watchers of one resource: a batch is split once per resource, not once per watcher. */
  private readonly byBucket = new Map<string, Set<Watcher>>()
  private readonly everything = new Set<Watcher>()
  /** Those who want to hear how far things have got, whether or not it concerned them. */
  private readonly progressing = new Set<Watcher>()

  /** @param report is given what a watcher's callback throws, so that one bad watcher does not stop the others */
  constructor(private readonly report: (error: unknown) => void) {}

  /**
   * Adds a watcher. `backlog` gives it the events after its position, in a later microtask: whoever calls has the
   * stop function first.
   */
  add(
    prefix: string,
    position: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    onProgress: ((revision: number) => void) | undefined,
    backlog: (after: number) => { events: readonly StoreEvent[]; upTo: number },
  ): () => void {
    const watcher: Watcher = { prefix, position, onEvents, onProgress, stopped: false }
    const bucket = bucketOf(prefix)
    queueMicrotask(() => {
      if (watcher.stopped) return
      const { events, upTo } = backlog(watcher.position)
      this.tell(watcher, events, upTo)
      this.tellProgress(watcher, upTo)
      if (!watcher.stopped) this.join(watcher, bucket)
    })
    return () => {
      watcher.stopped = true
      this.progressing.delete(watcher)
      if (bucket === undefined) return void this.everything.delete(watcher)
      const others = this.byBucket.get(bucket)
      others?.delete(watcher)
      if (others?.size === 0) this.byBucket.delete(bucket)
    }
  }

  /** Lets a watcher hear what comes. Whose set it is in is asked only now: others may have begun at the same time. */
  private join(watcher: Watcher, bucket: string | undefined): void {
    if (watcher.onProgress) this.progressing.add(watcher)
    if (bucket === undefined) return void this.everything.add(watcher)
    const others = this.byBucket.get(bucket)
    if (others) others.add(watcher)
    else this.byBucket.set(bucket, new Set([watcher]))
  }

  /** Tells everybody about a batch of durable events, in the order of revisions. */
  publish(batch: readonly StoreEvent[], upTo: number): void {
    // A batch is mostly of one resource, and most watchers are of others: these need not even know their place, since no
    // change comes twice.
    const only = batch.length === 1 ? bucketOf(batch[0]!.current.key) : undefined
    if (only !== undefined) this.tellBucket(only, this.byBucket.get(only), batch, upTo)
    else {
      const split = byBucket(batch)
      for (const [bucket, set] of this.byBucket) {
        const events = split.get(bucket)
        if (events) this.tellBucket(bucket, set, events, upTo)
      }
    }
    for (const watcher of this.everything) this.tell(watcher, batch, upTo)
    for (const watcher of this.progressing) this.tellProgress(watcher, upTo)
  }

  private tellBucket(bucket: string, watchers: Iterable<Watcher> = [], events: readonly StoreEvent[], upTo: number): void {
    for (const watcher of watchers) this.tell(watcher, events, upTo, watcher.prefix === bucket)
  }

  stopAll(): void {
    for (const set of [this.everything, this.progressing, ...this.byBucket.values()]) {
      for (const watcher of set) watcher.stopped = true
      set.clear()
    }
    this.byBucket.clear()
  }

  /** @param all whether every one of the events is of its prefix */
  private tell(watcher: Watcher, events: readonly StoreEvent[], upTo: number, all = false): void {
    if (watcher.stopped) return
    const { position, prefix } = watcher
    const isNew = position < (events[0]?.revision ?? 0)
    const mine = all && isNew ? events : events.filter((e) => (isNew || e.revision > position) && e.current.key.startsWith(prefix))
    watcher.position = Math.max(position, upTo)
    if (mine.length === 0) return
    try {
      watcher.onEvents(mine)
    } catch (error) {
      this.report(error)
    }
  }

  private tellProgress(watcher: Watcher, upTo: number): void {
    if (watcher.stopped) return
    try {
      watcher.onProgress?.(upTo)
    } catch (error) {
      this.report(error)
    }
  }
}
