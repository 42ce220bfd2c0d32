/**
 * The store: all live objects and a bounded history in memory, ordered by key, with a log on disk behind. Follows
 * etcd's model: one revision per write, reads at any kept revision, watches that resume from any kept revision.
 */
import type { KubeObject } from '../api/object.js'
import type { Clock } from '../clock.js'
import { memoryJournal, openJournal, type Journal, type JournalEntry } from './journal.js'
import { LARGEST_OBJECT, storedSize } from './object-size.js'
import { RestingVersions } from './resting.js'
import { merged, versionAt, type Slot } from './slot.js'
import { SortedEntries } from './sorted.js'
import {
  CompactedError,
  FutureRevisionError,
  StoreClosedError,
  TooLargeError,
  WriteConflictError,
  type ListResult,
  type Store,
  type StoredObject,
  type StoreEvent,
} from './store.js'
import { decode, encode, type Version } from './version.js'
import { Watchers } from './watchers.js'
import { WriteBehind } from './write-behind.js'

/** How much history is kept. What exceeds either bound is forgotten, oldest first. */
export interface HistoryBounds {
  /** Revisions (default 10,000). */
  revisions: number
  /** Bytes of JSON in superseded versions (default 256 MiB). */
  bytes: number
}

export interface StoreOptions {
  /** Where the log is kept; in memory only when left out. */
  directory?: string
  clock: Clock
  history?: Partial<HistoryBounds>
  /** Bytes of JSON that stay in memory of what is older than history (default 256 MiB); the others are read from disk. */
  restingBytes?: number
}

/** An etcd that was never written to is at revision 1; 0 means "any" in the API. */
const FIRST_REVISION = 1
/** Changes whose versions stay parsed, also superseded ones: watches that are a little behind compare them. */
const PARSED_CHANGES = 1024
const RESTING_BYTES = 256 * 1024 ** 2
/**
 * So many changes of a group are told at a time. Each sets off work, that of tens of thousands together half a minute of
 * it, in which nobody else would have a turn.
 */
const TOLD_TOGETHER = 64
/** History is forgotten in steps of this part of the bound, so that a compaction is worth its work. */
const COMPACTION_STEP = 0.1

/** A change with the versions as this store keeps them. */
interface Change extends StoreEvent {
  readonly current: Version
  readonly previous: Version | undefined
}

interface Waiter {
  readonly revision: number
  resolve(): void
  reject(error: unknown): void
}

/** Opens a store; with a directory everything acknowledged there is back. Throws when the directory cannot be used. */
export function openStore(options: StoreOptions): Store {
  const journal = options.directory === undefined ? memoryJournal() : openJournal(options.directory)
  const { clock, history, restingBytes = RESTING_BYTES } = options
  return new MvccStore(journal, clock, { revisions: 10_000, bytes: 256 * 1024 ** 2, ...history }, restingBytes)
}

class MvccStore implements Store {
  revision = FIRST_REVISION
  compactedRevision = 0
  private durableRevision = FIRST_REVISION
  /** Keys that exist. */
  private readonly live = new SortedEntries<Slot>()
  /** Keys that were deleted but existed at a kept revision. */
  private readonly buried = new SortedEntries<Slot>()
  /** The kept changes in order: the change of revision r is at r - compactedRevision - 1. */
  private log: Change[] = []
  /** The revision up to which versions have let go of their objects. */
  private releasedRevision = FIRST_REVISION
  /** Bytes of versions that only history keeps. */
  private historyBytes = 0
  private readonly resting: RestingVersions
  private readonly watchers: Watchers
  private pending: JournalEntry[] = []
  private waiters: Waiter[] = []
  private flushing: Promise<void> | undefined
  private readonly behind: WriteBehind
  private failure: unknown
  private closed = false

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly bounds: HistoryBounds,
    restingBytes: number,
  ) {
    this.behind = new WriteBehind(journal, (error) => this.fail(error))
    this.resting = new RestingVersions(journal, restingBytes)
    this.watchers = new Watchers((error) => console.error('a watch of the store failed:', error))
    this.recover()
  }

  get(key: string, revision?: number): StoredObject | undefined {
    const slot = this.live.get(key)
    if (revision === undefined) return slot?.current
    this.checkRevision(revision)
    const kept = slot ?? this.buried.get(key)
    return kept && versionAt(kept, revision)
  }

  list(prefix: string, options: { revision?: number; after?: string; limit?: number } = {}): ListResult {
    const { after, limit = Infinity } = options
    const revision = options.revision ?? this.revision
    this.checkRevision(revision)
    const items: StoredObject[] = []
    if (revision === this.revision) {
      if (limit === Infinity) for (const slot of this.live.range(prefix, after)) items.push(slot.current!)
      else {
        for (const slot of this.live.range(prefix, after)) {
          if (items.length >= limit) break
          items.push(slot.current!)
        }
      }
      const remaining = limit === Infinity ? 0 : this.live.count(prefix, after) - items.length
      return { items, revision, remaining }
    }
    let remaining = 0
    for (const slot of merged(this.live.range(prefix, after), this.buried.range(prefix, after))) {
      const version = versionAt(slot, revision)
      if (!version) continue
      if (items.length < limit) items.push(version)
      else remaining++
    }
    return { items, revision, remaining }
  }

  count(prefix: string): number {
    return this.live.count(prefix)
  }

  put(key: string, object: KubeObject, expected: number): Promise<StoredObject> {
    const refusal = this.refusal(key, expected)
    if (refusal) return Promise.reject(refusal)
    const slot = this.live.get(key)
    const previous = slot?.current
    const revision = this.revision + 1
    const { version, record } = encode(slot?.key ?? key, object, previous?.createRevision ?? revision, revision, false)
    if (version.bytes.length > LARGEST_OBJECT && storedSize(object) > LARGEST_OBJECT) return Promise.reject(new TooLargeError(key))
    this.revision = revision
    this.apply(version, false)
    return this.written(revision, record, version)
  }

  delete(key: string, expected: number): Promise<StoredObject> {
    const refusal = this.refusal(key, expected)
    if (refusal) return Promise.reject(refusal)
    const previous = this.live.get(key)?.current
    if (!previous) return Promise.reject(new WriteConflictError(key, undefined))
    const revision = this.revision + 1
    const { version, record } = encode(key, previous.object, previous.createRevision, revision, true)
    this.revision = revision
    this.apply(version, true)
    return this.written(revision, record, version)
  }

  durable(revision: number): Promise<void> {
    if (revision <= this.durableRevision) return Promise.resolve()
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (revision > this.revision) return Promise.reject(new FutureRevisionError(revision, this.revision))
    return new Promise((resolve, reject) => this.waiters.push({ revision, resolve, reject }))
  }

  watch(
    prefix: string,
    fromRevision: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    onProgress?: (revision: number) => void,
  ): () => void {
    if (fromRevision < this.compactedRevision) throw new CompactedError(fromRevision, this.compactedRevision)
    return this.watchers.add(prefix, fromRevision, onEvents, onProgress, (after) => ({
      events: this.eventsBetween(after, this.durableRevision),
      upTo: this.durableRevision,
    }))
  }

  settled(): Promise<void> {
    return this.behind.settled()
  }

  async compact(revision: number): Promise<void> {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision)
    // What is not on disk yet must not be removed from it.
    await this.durable(revision)
    await this.forget(revision)
  }

  async close(): Promise<void> {
    this.closed = true
    while (this.flushing) await this.flushing
    await this.behind.settled().catch(() => undefined)
    this.watchers.stopAll()
    await this.journal.close()
  }

  private refusal(key: string, expected: number): Error | undefined {
    if (this.closed) return new StoreClosedError()
    if (this.failure !== undefined) return new Error('the store cannot write to its disk', { cause: this.failure })
    const actual = this.live.get(key)?.current
    return (actual?.modRevision ?? 0) === expected ? undefined : new WriteConflictError(key, actual)
  }

  private checkRevision(revision: number): void {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision)
    if (revision < this.compactedRevision) throw new CompactedError(revision, this.compactedRevision)
  }

  /** Makes a version the current one (or, with `tombstone`, the last one) of its key and appends the change to history. */
  private apply(version: Version, tombstone: boolean): void {
    const { key, modRevision: revision } = version
    let slot = this.live.get(key)
    const previous = slot?.current
    if (!slot) {
      const buried = this.buried.get(key)
      if (buried) this.buried.delete(key)
      slot = buried ?? { key, current: undefined, past: undefined }
      if (!tombstone) this.live.set(slot)
    }
    if (previous) {
      this.resting.remove(previous)
      this.historyBytes += previous.bytes.length
      ;(slot.past ??= []).push({ revision: previous.modRevision, version: previous })
    }
    if (tombstone) {
      this.live.delete(key)
      ;(slot.past ??= []).push({ revision, version: undefined })
      slot.current = undefined
      this.buried.set(slot)
    } else slot.current = version
    this.log.push({ type: tombstone ? 'delete' : 'put', revision, current: version, previous })
  }

  private written(revision: number, record: Buffer, version: Version): Promise<StoredObject> {
    this.pending.push({ revision, record })
    const done = new Promise<StoredObject>((resolve, reject) => {
      this.waiters.push({ revision, resolve: () => resolve(version), reject })
    })
    this.startFlush()
    return this.clock.track(done)
  }

  /** Group commit: while one group is on its way to the disk, the next one gathers. */
  private startFlush(): void {
    if (this.flushing || this.pending.length === 0 || this.failure !== undefined) return
    this.flushing = this.clock.track(this.flush()).finally(() => {
      this.flushing = undefined
      this.startFlush()
    })
  }

  private async flush(): Promise<void> {
    // Everything written in the same turn goes into the same group.
    await Promise.resolve()
    const group = this.pending
    this.pending = []
    try {
      // Whoever is outside waits for `settled`.
      if (this.clock.jumpsTo !== undefined) await this.behind.append(group)
      else {
        this.behind.handOver()
        await this.journal.append(group, 'synced')
      }
    } catch (error) {
      this.fail(error)
      return
    }
    const last = group[group.length - 1]!.revision
    while (this.durableRevision < last) {
      this.tell(Math.min(last, this.durableRevision + TOLD_TOGETHER))
      // What those who were told do next goes before others hear of theirs, and so do requests from outside.
      if (this.durableRevision < last) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    const excess = this.excess()
    if (excess > this.compactedRevision) await this.forget(excess)
  }

  /** Tells everybody that everything up to a revision is on disk. */
  private tell(revision: number): void {
    const before = this.durableRevision
    this.durableRevision = revision
    const waiting = this.waiters
    this.waiters = []
    for (const waiter of waiting) {
      if (waiter.revision <= revision) waiter.resolve()
      else this.waiters.push(waiter)
    }
    this.watchers.publish(this.eventsBetween(before, revision), revision)
    this.release(revision - PARSED_CHANGES)
  }

  /** The disk refuses: what is in memory cannot be acknowledged any more, and nothing more is taken. */
  private fail(error: unknown): void {
    this.failure = error
    const waiting = this.waiters
    this.waiters = []
    for (const waiter of waiting) waiter.reject(error)
  }

  private eventsBetween(after: number, upTo: number): readonly Change[] {
    const base = this.compactedRevision + 1
    return this.log.slice(Math.max(0, after + 1 - base), Math.max(0, upTo + 1 - base))
  }

  /** The revision up to which history exceeds its bounds. */
  private excess(): number {
    const step = Math.max(1, Math.floor(this.bounds.revisions * COMPACTION_STEP))
    if (this.log.length >= this.bounds.revisions + step) return Math.min(this.revision - this.bounds.revisions, this.durableRevision)
    if (this.historyBytes <= this.bounds.bytes) return this.compactedRevision
    let bytes = this.historyBytes
    let revision = this.compactedRevision
    for (const event of this.log) {
      if (bytes <= this.bounds.bytes * (1 - COMPACTION_STEP) || event.revision > this.durableRevision) break
      bytes -= event.previous?.bytes.length ?? 0
      revision = event.revision
    }
    return revision
  }

  /** Keeps only the bytes of what changes up to `bound` have superseded, and of what they made and nobody holds. */
  private release(bound: number): void {
    const from = Math.max(this.releasedRevision, this.compactedRevision)
    for (const event of this.eventsBetween(from, bound)) {
      event.previous?.release()
      if (event.type === 'delete') event.current.release()
      else event.current.loosen()
    }
    this.releasedRevision = Math.max(from, bound)
  }

  private async forget(bound: number): Promise<void> {
    const n = bound - this.compactedRevision
    if (n <= 0) return
    const superseded: number[] = []
    for (const event of this.log.slice(0, n)) {
      const { key } = event.current
      const slot = this.live.get(key) ?? this.buried.get(key)
      if (event.previous) {
        superseded.push(event.previous.modRevision)
        this.historyBytes -= event.previous.bytes.length
      }
      if (event.type === 'delete') superseded.push(event.revision)
      if (!slot) continue
      if (slot.current === event.current) this.resting.add(event.current)
      slot.past = slot.past?.filter((p) => p.revision > event.revision || (p.revision === event.revision && p.version))
      if (slot.past?.length === 0) slot.past = undefined
      if (!slot.current && !slot.past) this.buried.delete(key)
    }
    this.log = this.log.slice(n)
    this.compactedRevision = bound
    // What is removed from disk, or left to it, has to be there.
    this.behind.handOver()
    if (!this.behind.isBehind) this.resting.trim()
    await this.journal.compact(bound, superseded)
  }

  /** Rebuilds memory from the log. */
  private recover(): void {
    const { compacted } = this.journal
    let last = Math.max(FIRST_REVISION, compacted)
    for (const { revision, record } of this.journal.read()) {
      const { version, tombstone } = decode(record, revision)
      // What compaction has not come to remove is superseded by what follows.
      if (revision <= compacted) {
        const replaced = this.live.get(version.key)?.current
        if (replaced) this.resting.remove(replaced)
        if (tombstone) this.live.delete(version.key)
        else {
          this.live.set({ key: version.key, current: version, past: undefined })
          this.resting.add(version)
          this.resting.trim()
        }
      } else this.apply(version, tombstone)
      // A restored snapshot is compacted beyond its last record: no revision that clients have seen comes again.
      last = Math.max(last, revision)
    }
    this.compactedRevision = Math.max(compacted, FIRST_REVISION)
    this.revision = last
    this.durableRevision = last
  }
}
