/**
 * Open file descriptions: what a descriptor refers to. Processes that inherit a descriptor share its description
 * (position, pipe end, terminal); {@link Handle} is one process' view of it.
 */
import { systemError } from './errors.js'
import type { OpenFile } from './process.js'
import { SystemError } from './process.js'
import type { Sleeper, WaitQueue } from './waiting.js'

/** Bytes that a line may have: nobody needs more, and memory is shared. */
export const LONGEST_LINE = 16 * 1024 * 1024

/** An open file description, counted: it closes when the last descriptor to it is closed. */
export abstract class FileDescription {
  abstract readonly kind: OpenFile['kind']
  /** CPU ms that it takes to make one byte of what is read, besides handing it on. */
  readonly byteCost: number = 0
  private references = 0

  retain(): this {
    this.references++
    return this
  }

  release(): void {
    this.references--
    if (this.references === 0) this.onClose()
  }

  /** Up to `max` bytes, empty at end of file. */
  abstract read(max: number, by: Caller): Promise<Uint8Array>
  /** Writes all of `data`. Rejects with EPIPE when nobody can read it any more. */
  abstract write(data: Uint8Array, by: Caller): Promise<void>

  /**
   * Bytes up to and including the first newline, or up to end of file, and not one more: others may read what
   * follows. An empty array at end of file.
   */
  async readLine(by: Caller): Promise<Uint8Array> {
    const bytes: number[] = []
    for (;;) {
      const b = await this.read(1, by)
      if (b.length === 0) break
      bytes.push(b[0]!)
      if (b[0] === 10) break
      if (bytes.length > LONGEST_LINE) throw systemError('ENOMEM')
      // A device that always has more must not keep everybody else waiting.
      const pause = by.tick(CALL_COST, 'kernel')
      if (pause) await pause
    }
    return Uint8Array.from(bytes)
  }

  /** True when a read would not wait. */
  readable(): boolean {
    return true
  }

  /** Woken when {@link readable} may have become true; there for pipes, terminals and sockets. */
  readonly readiness?: WaitQueue

  /** What `ls -l /proc/self/fd` shows. */
  describe(): string {
    return `anon_inode:[${this.kind}]`
  }

  protected onClose(): void {}
}

/** The process on whose behalf a description is read or written. */
export interface Caller extends Sleeper {
  readonly processGroup: number
  readonly sessionId: number
  /** Sends the process SIGPIPE; returns when that is ignored or handled, throws Killed otherwise. */
  brokenPipe(): void
  /** What it has opened and not closed: let go of when it ends. */
  readonly opened?: Set<{ close(): void }>
  /** Accounts for a little work; there is a promise only when the process has to pause. */
  tick(cpuMs: number, by?: 'program' | 'kernel'): Promise<void> | undefined
  /** It holds `bytes` more of what it read, or so many less. Throws ENOMEM and Killed. */
  hold?(bytes: number): void
  /** It wants more memory than there can be. Throws Killed where there is a limit. */
  exhaust?(): void
  /** A background process touched its terminal: stops its group, resolves after SIGCONT. Throws EIO when it ignores the signal. */
  stopForTerminal(signal: 'TTIN' | 'TTOU'): Promise<void>
  /** Rings once after so many ms of cluster time. Returns how to call it off. */
  alarm?(ms: number, ring: () => void): () => void
}

/** CPU time that one read or write takes, in ms: two microseconds and a little per byte. */
const CALL_COST = 0.002
const BYTE_COST = 0.000001
/** A read of fewer bytes costs as much as the call. */
const WORTH_BILLING = 4096

/** A description as one process sees it; what programs get as {@link OpenFile}. */
export class Handle implements OpenFile {
  constructor(
    readonly description: FileDescription,
    private readonly caller: Caller,
    private owned = false,
  ) {
    if (!owned) return
    description.retain()
    caller.opened?.add(this)
  }

  get kind(): OpenFile['kind'] {
    return this.description.kind
  }

  async read(max: number): Promise<Uint8Array> {
    this.caller.check()
    const pause = this.caller.tick(CALL_COST, 'kernel')
    if (pause) await pause
    const data = await this.description.read(max, this.caller)
    if (data.length < WORTH_BILLING) return data
    const billed = this.caller.tick(data.length * (BYTE_COST + this.description.byteCost), 'kernel')
    if (billed) await billed
    return data
  }

  async write(data: Uint8Array): Promise<void> {
    this.caller.check()
    const pause = this.caller.tick(CALL_COST + data.length * BYTE_COST, 'kernel')
    if (pause) await pause
    if (data.length === 0) return
    try {
      await this.description.write(data, this.caller)
    } catch (error) {
      if (error instanceof SystemError && error.code === 'EPIPE') this.caller.brokenPipe()
      throw error
    }
  }

  async readLine(): Promise<Uint8Array> {
    this.caller.check()
    const pause = this.caller.tick(CALL_COST, 'kernel')
    if (pause) await pause
    return this.description.readLine(this.caller)
  }

  /** The process keeps `bytes` of what it read in its memory, or so many less. Throws ENOMEM and Killed. */
  hold(bytes: number): void {
    this.caller.hold?.(bytes)
  }

  /** The process wants more memory than there can be. Throws Killed where there is a limit. */
  exhaust(): void {
    this.caller.exhaust?.()
  }

  /** Closes what `FileSystem.open` opened; descriptors of the process' table are closed there. */
  close(): void {
    if (!this.owned) return
    this.owned = false
    this.caller.opened?.delete(this)
    this.description.release()
  }
}

/** The description behind an open file that this kernel made. Throws EBADF for anything else. */
export function descriptionOf(file: OpenFile): FileDescription {
  if (file instanceof Handle) return file.description
  throw systemError('EBADF')
}
