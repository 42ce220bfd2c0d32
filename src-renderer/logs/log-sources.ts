import { shallowRef, type ShallowRef } from 'vue'
import type { LogEvent, RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend, type StreamHandle } from '../app/rpc.js'
import { localTime } from '../components/time.js'
import { LogBuffer } from './log-buffer.js'

/** One container whose log is read. */
export interface LogSource {
  namespace: string
  pod: string
  container: string
}

export interface LogOptions {
  follow: boolean
  previous: boolean
  tailLines?: number
  sinceSeconds?: number
  /** RFC 3339. */
  sinceTime?: string
  /** Nothing after this moment, ms since the epoch: such a log is not followed. */
  until?: number
}

interface OpenSource extends LogSource {
  index: number
  stream?: StreamHandle<'logs'>
  /** The timestamp of the last line. */
  last: string
  attempts: number
  timer?: ReturnType<typeof setTimeout>
  state: 'reading' | 'ended' | 'reconnecting' | 'restarting' | 'starting' | 'failed'
  error?: RpcError
}

/** What tells the pods of a workload apart: the last two parts of a generated name. */
function short(pod: string): string {
  return pod.split('-').slice(-2).join('-')
}

/** The timestamp of the last line of a chunk; empty when it has none. */
function lastStamp(text: string): string {
  const start = text.lastIndexOf('\n', text.length - 2) + 1
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*/.exec(text.slice(start, start + 40))?.[0] ?? ''
}

/** The source of marks. */
export const MARK = -1

/** How long merged logs are collected before the first lines are put in order of time, ms. */
const GATHER = 300

/**
 * Reads the logs of several containers into one buffer. Each is asked for with timestamps, so that they can be shown or not without
 * asking again, merged in order, and continued after a loss of the connection.
 */
export class LogReader {
  readonly buffer = new LogBuffer()
  /** Counts up, at most once a frame, when the buffer has changed. */
  readonly tick: ShallowRef<number> = shallowRef(0)
  readonly status: ShallowRef<{ state: OpenSource['state'] | 'waiting'; error?: RpcError }> = shallowRef({ state: 'waiting' })
  /** Names by source number, for prefixes. */
  readonly names: ShallowRef<string[]> = shallowRef([])
  private readonly sources = new Map<string, OpenSource>()
  private paused = false
  /** What came while it was paused, and how to tell that it has been taken. */
  private held: { text: string; source: number; taken: () => void }[] = []
  private gathering: { text: string; source: number }[] | null = null
  private frame = 0
  private closed = false

  constructor(
    private readonly context: string,
    private options: LogOptions,
  ) {}

  /** Starts reading what is new in `wanted`; what is read already goes on. */
  set(wanted: readonly LogSource[]): void {
    const many = wanted.length + this.sources.size > 1
    if (many && this.sources.size === 0 && !this.gathering) {
      this.gathering = []
      setTimeout(() => this.release(), GATHER)
    }
    for (const s of wanted) {
      const key = `${s.namespace}/${s.pod}/${s.container}`
      if (this.sources.has(key)) continue
      const source: OpenSource = { ...s, index: this.sources.size, last: '', attempts: 0, state: 'reading' }
      this.sources.set(key, source)
      this.read(source)
    }
    const pods = new Set([...this.sources.values()].map((s) => s.pod))
    this.names.value = [...this.sources.values()].map((s) =>
      pods.size === 1 ? s.container : pods.size === this.sources.size ? short(s.pod) : `${short(s.pod)}/${s.container}`,
    )
    this.report()
  }

  /** Holds new lines back, or shows them. Nothing is lost: what is not taken waits in the backend, and on the server. */
  pause(on: boolean): void {
    this.paused = on
    if (on) return
    for (const h of this.held.splice(0)) {
      this.buffer.append(h.text, h.source)
      h.taken()
    }
    this.changed()
  }

  clear(): void {
    this.buffer.clear()
    this.changed()
  }

  /** Puts a line with the time at the end, to find the place again. It belongs to no source. */
  mark(): void {
    this.buffer.appendLines([{ text: `──── ${localTime(Date.now())} ────`, source: MARK }])
    this.changed()
  }

  close(): void {
    this.closed = true
    cancelAnimationFrame(this.frame)
    for (const s of this.sources.values()) {
      clearTimeout(s.timer)
      s.stream?.close()
    }
    this.sources.clear()
  }

  /** What was written by a past run, or until a moment, gets no more lines. */
  private get follows(): boolean {
    const { follow, previous, until } = this.options
    return follow && !previous && until === undefined
  }

  private read(s: OpenSource): void {
    const { tailLines, sinceSeconds, sinceTime, until } = this.options
    const params = {
      context: this.context,
      namespace: s.namespace,
      pod: s.pod,
      container: s.container,
      follow: this.follows,
      timestamps: true,
      ...(this.options.previous ? { previous: true } : {}),
      ...(tailLines !== undefined ? { tailLines } : {}),
      ...(sinceSeconds !== undefined ? { sinceSeconds } : {}),
      ...(sinceTime !== undefined ? { sinceTime } : {}),
      ...(until !== undefined ? { until } : {}),
      ...(s.last ? { after: s.last } : {}),
    }
    s.stream = backend.open(
      'logs',
      params,
      (e) => this.take(s, e),
      (error) => this.ended(s, error),
    )
  }

  private take(s: OpenSource, e: LogEvent): void | Promise<void> {
    if (e.type === 'data') {
      s.last = lastStamp(e.text) || s.last
      s.attempts = 0
      if (s.state !== 'reading') {
        s.state = 'reading'
        this.report()
      }
      const entry = { text: e.text, source: s.index }
      if (this.gathering) this.gathering.push(entry)
      else if (this.paused) return new Promise((taken) => this.held.push({ ...entry, taken }))
      else this.buffer.append(e.text, s.index)
      this.changed()
      return
    }
    if (e.reason === 'reconnecting' || e.reason === 'restarting' || e.reason === 'starting') s.state = e.reason
    else {
      s.state = e.reason === 'error' ? 'failed' : 'ended'
      this.buffer.finish(s.index)
      this.changed()
    }
    if (e.error) s.error = e.error
    this.report()
  }

  private ended(s: OpenSource, error: RpcError | undefined): void {
    if (this.closed) return
    if (s.state === 'ended') return
    if (error?.reason === 'Unreachable' && this.follows) {
      // The line to the backend was lost: go on from where it stopped once it is back.
      s.state = 'reconnecting'
      s.attempts++
      const wait = Math.min(10_000, 500 * 2 ** Math.min(s.attempts, 5))
      s.timer = setTimeout(() => this.read(s), wait)
    } else {
      s.state = error ? 'failed' : s.state === 'failed' ? 'failed' : 'ended'
      if (error) s.error = error
      this.buffer.finish(s.index)
      this.changed()
    }
    this.report()
  }

  private release(): void {
    const entries = this.gathering ?? []
    this.gathering = null
    if (this.closed) return
    const lines: { text: string; source: number }[] = []
    const tails = new Map<number, string>()
    for (const { text, source } of entries) {
      const parts = ((tails.get(source) ?? '') + text).split('\n')
      tails.set(source, parts.pop()!)
      for (const p of parts) lines.push({ text: p, source })
    }
    // RFC 3339 times of one precision sort as text.
    lines.sort((a, b) => {
      const x = a.text.slice(0, 30)
      const y = b.text.slice(0, 30)
      return x < y ? -1 : x > y ? 1 : 0
    })
    this.buffer.appendLines(lines)
    for (const [source, rest] of tails) if (rest) this.buffer.append(rest, source)
    this.changed()
  }

  private changed(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.tick.value++
    })
  }

  private report(): void {
    const all = [...this.sources.values()]
    const of = (state: OpenSource['state']) => all.find((s) => s.state === state)
    const first = of('reading') ?? of('reconnecting') ?? of('restarting') ?? of('starting') ?? of('failed') ?? of('ended')
    this.status.value = first
      ? { state: first.state, ...(first.error && ['failed', 'starting'].includes(first.state) ? { error: first.error } : {}) }
      : { state: 'waiting' }
  }
}
