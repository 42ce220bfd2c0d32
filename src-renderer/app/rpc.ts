import { shallowRef, type ShallowRef } from 'vue'
import type { Calls, ClientFrame, RpcError, ServerFrame, Streams } from '../../src-main/backend/rpc/contract.js'
import { i18n } from './i18n/i18n.js'
import type { Transport, TransportListener } from './transport.js'

/** An RpcError that can be thrown. */
export class BackendError extends Error {
  constructor(readonly detail: RpcError) {
    super(detail.message)
    this.name = 'BackendError'
  }
}

/** Whatever was thrown, as the window shows it. */
export function asRpcError(thrown: unknown): RpcError {
  if (thrown instanceof BackendError) return thrown.detail
  return { message: thrown instanceof Error ? thrown.message : String(thrown), reason: 'Internal' }
}

/** An open stream. */
export interface StreamHandle<S extends keyof Streams> {
  input(input: Streams[S]['input']): void
  /** Ends it from this side; nothing is heard of it any more. */
  close(): void
}

/** Whether the window reaches its backend. */
export type LinkState = { phase: 'connecting' | 'open' } | { phase: 'lost'; retryAt: number | null }

/** Streams that show the state of something: after a loss they can be opened again and start from the present. The others are over. */
const resumable: ReadonlySet<keyof Streams> = new Set<keyof Streams>([
  'contexts',
  'connection',
  'embedded',
  'list',
  'counts',
  'object',
  'events',
  'forwards',
  'search',
])

const lostError = (): RpcError => ({ message: i18n.global.t('connection.backendLost'), reason: 'Unreachable' })

interface OpenStream {
  stream: keyof Streams
  params: unknown
  onEvent: (event: never) => void | Promise<void>
  onEnd: ((error?: RpcError) => void) | undefined
}

/** The window's end of the contract: typed calls and streams over one transport, which survives the loss of its line. */
export class Rpc {
  /** Asked before each call: gives nothing when it may go out at once, else a promise that rejects when it must not. */
  guard: ((method: keyof Calls, params: unknown) => Promise<void> | undefined) | undefined

  /** Told of each call that succeeded. */
  done: ((method: keyof Calls, params: unknown, result: unknown) => void) | undefined

  /** For the status line. */
  readonly link: ShallowRef<LinkState> = shallowRef({ phase: 'connecting' })
  private readonly transport: Transport
  private readonly calls = new Map<number, { resolve: (value: never) => void; reject: (error: BackendError) => void }>()
  private readonly streams = new Map<number, OpenStream>()
  /** Frames sent before the line was up for the first time. */
  private waiting: ClientFrame[] = []
  private lastId = 0

  constructor(connect: (listener: TransportListener) => Transport) {
    this.transport = connect({ open: () => this.onOpen(), frame: (f) => this.onFrame(f), lost: (at) => this.onLost(at) })
    // A transport may be up before its constructor returns (the fake backend is).
    if (this.link.value.phase === 'open') this.flush()
  }

  /** Asks once. Rejects with a {@link BackendError}; at once when the line is down. */
  call<M extends keyof Calls>(method: M, params: Parameters<Calls[M]>[0]): Promise<ReturnType<Calls[M]>> {
    const allowed = this.guard?.(method, params)
    const answer = allowed ? allowed.then(() => this.ask(method, params)) : this.ask(method, params)
    if (this.done) answer.then((result) => this.done?.(method, params, result)).catch(() => undefined)
    return answer
  }

  private ask<M extends keyof Calls>(method: M, params: Parameters<Calls[M]>[0]): Promise<ReturnType<Calls[M]>> {
    if (this.link.value.phase === 'lost') return Promise.reject(new BackendError(lostError()))
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject })
      this.send({ t: 'call', id, method, params })
    })
  }

  /**
   * Opens a stream. Each event is acknowledged once `onEvent` has returned (or its promise has resolved), so that the backend holds
   * back when the window cannot follow. `onEnd` is called once when the other side ends it, never after `close`.
   */
  open<S extends keyof Streams>(
    stream: S,
    params: Streams[S]['params'],
    onEvent: (event: Streams[S]['event']) => void | Promise<void>,
    onEnd?: (error?: RpcError) => void,
  ): StreamHandle<S> {
    const id = ++this.lastId
    const entry: OpenStream = { stream, params, onEvent, onEnd }
    if (this.link.value.phase === 'lost' && !resumable.has(stream)) {
      queueMicrotask(() => onEnd?.(lostError()))
      return { input: () => {}, close: () => (entry.onEnd = onEnd = undefined) }
    }
    this.streams.set(id, entry)
    this.send({ t: 'open', id, stream, params })
    return {
      input: (input) => this.streams.has(id) && this.send({ t: 'input', id, input }),
      close: () => {
        if (this.streams.delete(id)) this.send({ t: 'close', id })
      },
    }
  }

  /** Tries to reach the backend now. */
  retry(): void {
    this.transport.retry()
  }

  close(): void {
    this.transport.close()
  }

  private send(frame: ClientFrame): void {
    if (this.link.value.phase === 'open' && this.transport) this.transport.send(frame)
    else if (this.link.value.phase === 'connecting' || !this.transport) this.waiting.push(frame)
  }

  private flush(): void {
    const frames = this.waiting
    this.waiting = []
    for (const f of frames) this.transport.send(f)
  }

  private onOpen(): void {
    const again = this.link.value.phase === 'lost'
    this.link.value = { phase: 'open' }
    if (again) for (const [id, s] of this.streams) this.transport.send({ t: 'open', id, stream: s.stream, params: s.params })
    else if (this.transport) this.flush()
  }

  private onLost(retryAt: number | null): void {
    const before = this.link.value.phase
    if (before === 'connecting') {
      // Never been up: keep what is waiting, and tell why nothing is there yet.
      this.link.value = { phase: 'lost', retryAt }
      this.failCalls()
      this.waiting = []
      return
    }
    this.link.value = { phase: 'lost', retryAt }
    if (before === 'lost') return
    this.failCalls()
    for (const [id, s] of this.streams) {
      if (resumable.has(s.stream)) continue
      this.streams.delete(id)
      s.onEnd?.(lostError())
    }
  }

  private failCalls(): void {
    const pending = [...this.calls.values()]
    this.calls.clear()
    for (const c of pending) c.reject(new BackendError(lostError()))
  }

  private onFrame(frame: ServerFrame): void {
    switch (frame.t) {
      case 'result':
      case 'error': {
        const call = this.calls.get(frame.id)
        this.calls.delete(frame.id)
        if (call) {
          if (frame.t === 'result') call.resolve(frame.result as never)
          else call.reject(new BackendError(frame.error))
          return
        }
        // A stream that could not be opened is answered like a call.
        if (frame.t === 'error') this.endStream(frame.id, frame.error)
        return
      }
      case 'event':
        void this.deliver(frame.id, frame.event)
        return
      case 'end':
        this.endStream(frame.id, frame.error)
    }
  }

  private endStream(id: number, error?: RpcError): void {
    const s = this.streams.get(id)
    this.streams.delete(id)
    s?.onEnd?.(error)
  }

  private async deliver(id: number, event: unknown): Promise<void> {
    const s = this.streams.get(id)
    if (!s) return
    try {
      const busy = s.onEvent(event as never)
      if (busy) await busy
    } catch (error) {
      // One bad event must not stop the stream: report it where a developer looks.
      console.error(`handling an event of the ${s.stream} stream failed`, error)
    }
    if (this.streams.has(id)) this.send({ t: 'ack', id, n: 1 })
  }
}

/** The window's connection to its backend; set once at start (by tests: to one on the fake backend). */
export let backend: Rpc

/** Sets {@link backend}. */
export function setBackend(rpc: Rpc): Rpc {
  backend = rpc
  return rpc
}
