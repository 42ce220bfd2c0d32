/**
 * The bytes of what has long stayed as it is. So many of them are kept in memory; of those beyond, those that came first
 * are left to the disk, and are read from there when somebody asks.
 */
import type { Journal } from './journal.js'
import { bodyOf, type Version } from './version.js'

export class RestingVersions {
  /** Those whose bytes are in memory, in the order in which they came. */
  private readonly held = new Set<Version>()
  private bytes = 0

  /** @param bound how many bytes stay in memory */
  constructor(
    private readonly journal: Journal,
    private readonly bound: number,
  ) {}

  /** Takes a version that is on disk, is the current one of its key, and is older than all history that is kept. */
  add(version: Version): void {
    if (!this.journal.record) return
    version.rest(this)
    this.held.add(version)
    this.bytes += version.bytes.length
  }

  /** A version is replaced: history has its bytes in memory, since its record goes with history. */
  remove(version: Version): void {
    if (this.held.delete(version)) this.bytes -= version.bytes.length
    version.recall()
  }

  /** Leaves to the disk what is too much. */
  trim(): void {
    for (const version of this.held) {
      if (this.bytes <= this.bound) return
      this.held.delete(version)
      this.bytes -= version.bytes.length
      version.leave()
    }
  }

  /** The bytes of a version that were left to the disk. */
  read(revision: number): Buffer {
    const record = this.journal.record!(revision)
    if (!record) throw new Error(`revision ${revision} is missing in the log`)
    return bodyOf(record)
  }
}
