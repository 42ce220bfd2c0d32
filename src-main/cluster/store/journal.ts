/**
 * Where the store's versions are kept: on disk in lmdb, or nowhere. The log is the whole database: one record per
 * revision, and records of superseded revisions are removed by compaction.
 */
import { closeSync, mkdirSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
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
  /** The record of one revision that is on disk; left out by a journal that keeps nothing. */
  record?(revision: number): Buffer | undefined
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

/** The file of the log in a directory. */
export const journalFile = (directory: string): string => path.join(directory, 'store.mdb')

/** Where an lmdb file says that it is one: in its first page, after the page's own head. */
const MAGIC = { at: 24, value: 0xbeefc0de }

/** Throws when a directory holds no log: lmdb ends the process when it is to open a file that is none. */
function checkFile(directory: string): void {
  const head = Buffer.alloc(MAGIC.at + 4)
  const descriptor = openSync(journalFile(directory), 'r')
  try {
    readSync(descriptor, head, 0, head.length, 0)
  } finally {
    closeSync(descriptor)
  }
  if (head.readUInt32LE(MAGIC.at) !== MAGIC.value) throw new Error(`${journalFile(directory)} is not a store`)
}

const openFile = (directory: string, readOnly: boolean) =>
  open({ path: journalFile(directory), mapSize: MAP_SIZE, maxDbs: 4, overlappingSync: true, readOnly })

/** Opens the log in a directory, which is made when it is missing. */
export function openJournal(directory: string): Journal {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const environment = openFile(directory, false)
  const log = environment.openDB<Buffer, number>({ name: 'log', encoding: 'binary' })
  const meta = environment.openDB<number, string>({ name: 'meta', encoding: 'json' })
  return {
    compacted: meta.get(COMPACTED) ?? 0,
    *read() {
      for (const { key, value } of log.getRange()) {
        // lmdb hands out views of its pages: what is kept must be copied, into memory of its own.
        const record = Buffer.allocUnsafeSlow(value.length)
        value.copy(record)
        yield { revision: key, record }
      }
    },
    record: (revision) => log.get(revision),
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

/**
 * Copies the log of one directory into another one as it is at one moment, also while another process writes to it.
 * Gives the last revision of the copy. Rejects when there is no log.
 */
export async function copyJournal(from: string, to: string): Promise<number> {
  checkFile(from)
  const environment = openFile(from, true)
  try {
    await environment.backup(journalFile(to), true)
  } finally {
    await environment.close()
  }
  return lastRevision(to)
}

/** The last revision of the log in a directory; 0 when it holds none. Rejects when there is no log. */
export async function lastRevision(directory: string): Promise<number> {
  checkFile(directory)
  const environment = openFile(directory, true)
  try {
    const log = environment.openDB<Buffer, number>({ name: 'log', encoding: 'binary' })
    const meta = environment.openDB<number, string>({ name: 'meta', encoding: 'json' })
    const [last] = log.getKeys({ reverse: true, limit: 1 })
    return Math.max(last ?? 0, meta.get(COMPACTED) ?? 0)
  } finally {
    await environment.close()
  }
}

/** Keeps nothing: for tests and throw-away clusters. */
export function memoryJournal(): Journal {
  const done = Promise.resolve()
  return { compacted: 0, read: () => [], append: () => done, compact: () => done, close: () => done }
}
