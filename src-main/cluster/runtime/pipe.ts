/**
 * Pipes: byte streams between processes. A full pipe makes the writer wait, an empty one the reader; when the last
 * writer is gone the reader gets end of file, when the last reader is gone the writer gets EPIPE.
 */
import { systemError } from './errors.js'
import { FileDescription, LONGEST_LINE, type Caller } from './open-file.js'
import { WaitQueue, type Sleeper } from './waiting.js'

/** pipe(7): the capacity of a pipe and the size up to which a write is not mixed with others', in bytes. */
export const PIPE_CAPACITY = 65_536
const PIPE_BUF = 4096

/** A bounded byte queue: what pipes and terminals hold. */
export class ByteQueue {
  private chunks: Uint8Array[] = []
  private bytes = 0

  get length(): number {
    return this.bytes
  }

  push(data: Uint8Array): void {
    if (data.length === 0) return
    this.chunks.push(data)
    this.bytes += data.length
  }

  /** Removes and returns up to `max` bytes. */
  take(max: number): Uint8Array {
    const first = this.chunks[0]
    if (!first || max <= 0) return new Uint8Array()
    if (first.length === this.bytes && first.length <= max) {
      this.chunks = []
      this.bytes = 0
      return first
    }
    const n = Math.min(max, this.bytes)
    const out = new Uint8Array(n)
    let at = 0
    let used = 0
    while (at < n) {
      const chunk = this.chunks[used]!
      const part = Math.min(chunk.length, n - at)
      out.set(part === chunk.length ? chunk : chunk.subarray(0, part), at)
      at += part
      if (part === chunk.length) used++
      else this.chunks[used] = chunk.subarray(part)
    }
    this.chunks.splice(0, used)
    this.bytes -= n
    return out
  }

  /** How many bytes there are up to and including the first `byte`; 0 when there is none. */
  indexAfter(byte: number): number {
    let at = 0
    for (const chunk of this.chunks) {
      const i = chunk.indexOf(byte)
      if (i >= 0) return at + i + 1
      at += chunk.length
    }
    return 0
  }

  clear(): void {
    this.chunks = []
    this.bytes = 0
  }
}

/** One pipe; `open` makes its two ends. A FIFO in the file tree keeps one while anybody has it open. */
export class Pipe {
  private readonly queue = new ByteQueue()
  /** Woken when there is something to read, or nothing will ever be. */
  readonly readers = new WaitQueue()
  private readonly writers = new WaitQueue()
  /** Woken when an end is opened: opening a FIFO waits for the other side. */
  readonly opened = new WaitQueue()
  private open = { read: 0, write: 0 }

  constructor(private readonly capacity = PIPE_CAPACITY) {}

  get hasReaders(): boolean {
    return this.open.read > 0
  }

  get hasWriters(): boolean {
    return this.open.write > 0
  }

  /** True when a read would return at once. */
  get ready(): boolean {
    return this.queue.length > 0 || !this.hasWriters
  }

  addEnd(side: 'read' | 'write'): void {
    this.open[side]++
    this.opened.wake()
  }

  dropEnd(side: 'read' | 'write'): void {
    this.open[side]--
    if (this.open[side] > 0) return
    if (side === 'write') this.readers.wake()
    else {
      // What nobody can read any more is gone, and its writers must learn it.
      this.queue.clear()
      this.writers.wake()
    }
  }

  async read(max: number, by: Sleeper): Promise<Uint8Array> {
    while (this.queue.length === 0) {
      if (!this.hasWriters) return new Uint8Array()
      await this.readers.wait(by)
    }
    const data = this.queue.take(max)
    this.writers.wake()
    return data
  }

  /**
   * Hands over whatever is written, in a turn of its own, and tells when the last writer is gone. Nobody else reads then.
   * While a promise of `take` is pending nothing more is handed over.
   */
  drain(take: (data: Uint8Array) => Promise<void> | undefined, ended: () => void): void {
    const look = (): void => {
      while (this.queue.length > 0) {
        const data = this.queue.take(this.capacity)
        this.writers.wake()
        const busy = take(data)
        if (busy) return void busy.then(look)
      }
      if (this.hasWriters) this.readers.add(later)
      else ended()
    }
    const later = (): void => queueMicrotask(look)
    later()
  }

  async readLine(by: Sleeper): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      while (this.queue.length === 0 && this.hasWriters) await this.readers.wait(by)
      const n = this.queue.indexAfter(10)
      const data = await this.read(n || Number.MAX_SAFE_INTEGER, by)
      if (data.length === 0) break
      parts.push(data)
      size += data.length
      if (size > LONGEST_LINE) throw systemError('ENOMEM')
      if (data[data.length - 1] === 10) break
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  async write(data: Uint8Array, by: Sleeper): Promise<void> {
    // The writer may reuse its buffer once the call is back.
    let rest = data.slice()
    while (rest.length > 0) {
      if (!this.hasReaders) throw systemError('EPIPE')
      const room = this.capacity - this.queue.length
      if (room <= 0 || (data.length <= PIPE_BUF && room < rest.length)) {
        await this.writers.wait(by)
        continue
      }
      this.queue.push(rest.subarray(0, room))
      rest = rest.subarray(room)
      this.readers.wake()
    }
  }
}

/** The end of a pipe that is read. */
export class PipeReader extends FileDescription {
  readonly kind = 'pipe'
  override readonly readiness: WaitQueue

  constructor(
    readonly pipe: Pipe,
    private readonly name = 'pipe:[1]',
  ) {
    super()
    this.readiness = pipe.readers
    pipe.addEnd('read')
  }

  read(max: number, by: Caller): Promise<Uint8Array> {
    return this.pipe.read(max, by)
  }

  override readLine(by: Caller): Promise<Uint8Array> {
    return this.pipe.readLine(by)
  }

  override readable(): boolean {
    return this.pipe.ready
  }

  write(): Promise<void> {
    return Promise.reject(systemError('EBADF'))
  }

  override describe(): string {
    return this.name
  }

  protected override onClose(): void {
    this.pipe.dropEnd('read')
  }
}

/** The end of a pipe that is written. */
export class PipeWriter extends FileDescription {
  readonly kind = 'pipe'

  constructor(
    readonly pipe: Pipe,
    private readonly name = 'pipe:[1]',
  ) {
    super()
    pipe.addEnd('write')
  }

  read(): Promise<Uint8Array> {
    return Promise.reject(systemError('EBADF'))
  }

  write(data: Uint8Array, by: Caller): Promise<void> {
    return this.pipe.write(data, by)
  }

  override describe(): string {
    return this.name
  }

  protected override onClose(): void {
    this.pipe.dropEnd('write')
  }
}

/** A pipe with its two ends, neither of them in any process' table yet. */
export function makePipe(capacity?: number): { reader: PipeReader; writer: PipeWriter } {
  const pipe = new Pipe(capacity)
  return { reader: new PipeReader(pipe), writer: new PipeWriter(pipe) }
}
