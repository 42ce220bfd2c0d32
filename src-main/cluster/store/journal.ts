/**
 * Where the store's versions are kept: on disk in lmdb, or nowhere. The log is the whole database: one record per
 * revision, and records of superseded revisions are removed by compaction.
 */
import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'

/** One revision to write. */
export interface JournalEntry {
  readonly revision: number
  readonly record: Buffer
}

export interface Journal {
  /** The revision up to which history was forgotten, as of the last run. */
  readonly compacted: number
  /** All records, oldest first. */
  read(): Iterable<JournalEntry>
  /**
   * Writes a group of entries in their order; resolves when they are on disk. With `committed` it resolves when the
   * operating system has them, which survives the end of this process at any moment, but not that of the machine.
   */
  append(entries: readonly JournalEntry[], until: 'committed' | 'synced'): Promise<void>
  /** Remembers the bound, then removes superseded records: after a crash in between some may still be there. */
  compact(bound: number, superseded: readonly number[]): Promise<void>
  close(): Promise<void>
}

/** Address space, not disk: the file grows as needed. lmdb never maps more than this. */
const MAP_SIZE = 64 * 1024 ** 3
const COMPACTED = 'compacted'

/** Opens the log in a directory, which is made when it is missing. */
export function openJournal(directory: string): Journal {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const environment = open({ path: `${directory}/store.mdb`, mapSize: MAP_SIZE, maxDbs: 4, overlappingSync: true })
  const log = environment.openDB<Buffer, number>({ name: 'log', encoding: 'binary' })
  const meta = environment.openDB<number, string>({ name: 'meta', encoding: 'json' })
  return {
    compacted: meta.get(COMPACTED) ?? 0,
    *read() {
      // lmdb hands out views of its pages: what is kept must be copied.
      for (const { key, value } of log.getRange()) yield { revision: key, record: Buffer.from(value) }
    },
    async append(entries, until) {
      // Writes of one turn go into one transaction. (`transaction(fn)` followed by `flushed` can wait for ever.)
      let last: Promise<unknown> | undefined
      for (const e of entries) last = log.put(e.revision, e.record)
      await last
      // Committed is not yet on disk: lmdb overlaps the sync with the next transaction.
      if (until === 'synced') await environment.flushed
    },
    async compact(bound, superseded) {
      let last: Promise<unknown> = meta.put(COMPACTED, bound)
      for (const revision of superseded) last = log.remove(revision)
      await last
    },
    async close() {
      await environment.flushed
      await environment.close()
    },
  }
}

/** Keeps nothing: for tests and throw-away clusters. */
export function memoryJournal(): Journal {
  const done = Promise.resolve()
  return { compacted: 0, read: () => [], append: () => done, compact: () => done, close: () => done }
}
