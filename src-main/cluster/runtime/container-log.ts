/**
 * The log of one container: lines of stdout and stderr with the time they were written, bounded. Lines longer than
 * 16 KiB are cut into parts, as container runtimes do; `logs` joins them again.
 */
import { Readable } from 'node:stream'
import type { Clock } from '../clock.js'
import type { LogOptions } from '../kubelet/endpoint.js'

interface Entry {
  at: number
  stream: 'stdout' | 'stderr'
  /** With its newline, unless it is part of a line that goes on. */
  data: Buffer
}

/** The kubelet's containerLogMaxSize. */
const DEFAULT_LIMIT = 10 * 1024 * 1024
const PART = 16 * 1024
/** Bytes of the blocks that lines are kept in, the first of them and the later ones. */
const FIRST_BLOCK = 256
const LARGEST_BLOCK = 64 * 1024
/** What an entry takes besides its text, about. */
const OVERHEAD = 64
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Memory of lines that stay. A short buffer as it comes is a piece of eight KiB that Node hands out to everybody, all of
 * which live as long as it does: lines are copied together, into blocks that grow with the log.
 */
class Blocks {
  private block: Buffer | undefined
  private used = 0

  /** A copy of `data` that holds on to nothing but other lines of this log. */
  keep(data: Buffer): Buffer {
    if (!this.block || this.block.length - this.used < data.length) {
      const next = Math.min((this.block?.length ?? FIRST_BLOCK / 2) * 2, LARGEST_BLOCK)
      this.block = Buffer.allocUnsafeSlow(Math.max(next, data.length))
      this.used = 0
    }
    const start = this.used
    this.used += data.copy(this.block, start)
    return this.block.subarray(start, this.used)
  }
}

export class ContainerLog {
  private entries: Entry[] = []
  /** How many entries have been dropped from the front. */
  private dropped = 0
  private bytes = 0
  private readonly blocks = new Blocks()
  private ended = false
  private readonly open = { stdout: NOTHING, stderr: NOTHING }
  private waiting: Set<() => void> | undefined

  constructor(
    private readonly clock: Clock,
    private readonly limit = DEFAULT_LIMIT,
  ) {}

  /** Bytes that the log takes. */
  get size(): number {
    return this.bytes
  }

  /** Adds output as it comes; returns how many lines, or parts of long ones, that makes. */
  write(stream: 'stdout' | 'stderr', data: Uint8Array): number {
    const earlier = this.dropped + this.entries.length
    const before = this.open[stream]
    const all = before.length > 0 ? Buffer.concat([before, data]) : Buffer.from(data)
    let start = 0
    for (;;) {
      const end = all.indexOf(10, start)
      if (end >= 0 && end - start < PART) {
        this.add(stream, all.subarray(start, end + 1))
        start = end + 1
      } else if (all.length - start >= PART) {
        this.add(stream, all.subarray(start, start + PART))
        start += PART
      } else break
    }
    this.open[stream] = start < all.length ? Buffer.from(all.subarray(start)) : NOTHING
    const lines = this.dropped + this.entries.length - earlier
    this.rotate()
    this.wake()
    return lines
  }

  /** The container has ended: what has no newline yet is a line, too; followers end. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.open[stream].length > 0) this.add(stream, this.open[stream])
      this.open[stream] = NOTHING
    }
    this.ended = true
    this.wake()
  }

  private add(stream: 'stdout' | 'stderr', data: Buffer): void {
    this.entries.push({ at: this.clock.now(), stream, data: this.blocks.keep(data) })
    this.bytes += data.length + OVERHEAD
  }

  /** Above the limit the older half goes, as when a log file is rotated. */
  private rotate(): void {
    if (this.bytes <= this.limit) return
    let n = 0
    while (this.bytes > this.limit / 2 && n < this.entries.length - 1) this.bytes -= this.entries[n++]!.data.length + OVERHEAD
    this.entries = this.entries.slice(n)
    this.dropped += n
  }

  private wake(): void {
    const { waiting } = this
    this.waiting = undefined
    for (const fn of waiting ?? []) fn()
  }

  /** Calls `fn` after each write, as long as the log lives. */
  onWrite(fn: () => void): void {
    const again = (): void => {
      ;(this.waiting ??= new Set()).add(again)
      fn()
    }
    ;(this.waiting ??= new Set()).add(again)
  }

  /**
   * What was written from the entry of the number `from` on, as the file of a log has it (the format of the CRI): time,
   * stream, `F` or for a part of a line `P`, text. `first` and `next` are the numbers of the first entry that is still kept
   * and of the one to come.
   */
  fileText(from: number): { data: Buffer; first: number; next: number } {
    const { dropped, entries } = this
    const lines = entries.slice(Math.max(0, from - dropped)).flatMap(({ at, stream, data }) => {
      const whole = data.at(-1) === 10
      return [Buffer.from(`${stamp(at)} ${stream} ${whole ? 'F' : 'P'} `), data, ...(whole ? [] : [Buffer.from('\n')])]
    })
    return { data: Buffer.concat(lines), first: dropped, next: dropped + entries.length }
  }

  /** The last `max` bytes or 80 lines: what FallbackToLogsOnError puts into the termination message. */
  tail(max: number, lines: number): string {
    const text = Buffer.concat(this.entries.slice(-lines).map((e) => e.data)).toString('utf8')
    return text.slice(-max)
  }

  /** The log by the options of `kubectl logs`, as text. */
  read(options: LogOptions): Readable {
    const { entries } = this
    const since =
      options.sinceTime !== undefined
        ? Date.parse(options.sinceTime)
        : options.sinceSeconds !== undefined
          ? this.clock.now() - options.sinceSeconds * 1000
          : -Infinity
    const wanted = (e: Entry): boolean =>
      e.at >= since && (options.stream === undefined || options.stream === 'All' || e.stream === options.stream.toLowerCase())
    let next = this.dropped
    if (options.tailLines !== undefined) {
      let left = options.tailLines
      let i = entries.length
      // The tail is counted over lines, not parts, and before the time is looked at, as the kubelet does.
      while (i > 0) {
        const e = entries[i - 1]!
        if (e.data.at(-1) === 10 || i === entries.length) {
          if (left === 0) break
          left--
        }
        i--
      }
      next = this.dropped + i
    }
    let budget = options.limitBytes ?? Infinity
    let midLine = { stdout: false, stderr: false }
    let stop: (() => void) | undefined
    const pump = (readable: Readable): void => {
      for (;;) {
        if (next < this.dropped) next = this.dropped
        const chunks: Buffer[] = []
        let size = 0
        while (next < this.dropped + this.entries.length && size < 65_536) {
          const e = this.entries[next++ - this.dropped]!
          if (!wanted(e)) continue
          if (options.timestamps && !midLine[e.stream]) chunks.push(Buffer.from(`${stamp(e.at)} `))
          midLine = { ...midLine, [e.stream]: e.data.at(-1) !== 10 }
          chunks.push(e.data)
          size += e.data.length
        }
        if (chunks.length > 0) {
          let block = Buffer.concat(chunks)
          if (block.length > budget) block = block.subarray(0, budget)
          budget -= block.length
          const more = block.length === 0 || readable.push(block)
          if (budget <= 0) return void readable.push(null)
          if (!more) return
          continue
        }
        if (!options.follow || this.ended) return void readable.push(null)
        const wake = (): void => pump(readable)
        ;(this.waiting ??= new Set()).add(wake)
        stop = () => this.waiting?.delete(wake)
        return
      }
    }
    return new Readable({
      read() {
        stop?.()
        pump(this)
      },
      destroy(error, callback) {
        stop?.()
        callback(error)
      },
    })
  }
}

/** RFC 3339 with nine digits, as the kubelet prints log times. */
function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000000Z`
}
