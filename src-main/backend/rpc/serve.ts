/** Serves the contract over one channel: calls are answered, streams run until either side ends them. */
import { setMaxListeners } from 'node:events'
import { toRpcError } from '../errors.js'
import type { FrameChannel } from './channel.js'
import type { Calls, ClientFrame, RpcError, Streams } from './contract.js'

/** One open stream as its handler sees it. */
export interface StreamContext<S extends keyof Streams> {
  /** Sends an event. Nothing is sent once the stream is over. */
  emit(event: Streams[S]['event']): void
  /** Ends the stream from this side. */
  end(error?: RpcError): void
  /** Aborted when the window closes the stream or goes away. */
  readonly signal: AbortSignal
  /** Events sent that the window has not taken yet. */
  readonly pending: number
  /** Resolves when fewer than {@link HIGH_WATER} events are on their way. Rejects never; resolves too when it is over. */
  drained(): Promise<void>
  onInput(listener: (input: Streams[S]['input']) => void): void
}

/** How many events may be under way to a window before a producer that can wait should wait. */
export const HIGH_WATER = 64

export type CallHandlers = { [M in keyof Calls]: (params: Parameters<Calls[M]>[0]) => ReturnType<Calls[M]> | Promise<ReturnType<Calls[M]>> }
export type StreamHandlers = { [S in keyof Streams]: (params: Streams[S]['params'], stream: StreamContext<S>) => void | Promise<void> }

interface Open {
  abort: AbortController
  input?: (input: unknown) => void
  sent: number
  acked: number
  waiting: (() => void)[]
}

/** Answers every frame of a channel until it closes. */
export function serve(channel: FrameChannel, calls: CallHandlers, streams: StreamHandlers): void {
  const open = new Map<number, Open>()

  const wake = (o: Open): void => {
    if (o.sent - o.acked >= HIGH_WATER && !o.abort.signal.aborted) return
    for (const w of o.waiting.splice(0)) w()
  }
  const finish = (id: number, o: Open): boolean => {
    if (open.get(id) !== o) return false
    open.delete(id)
    o.abort.abort()
    wake(o)
    return true
  }

  const call = async (frame: Extract<ClientFrame, { t: 'call' }>): Promise<void> => {
    const handler = Object.hasOwn(calls, frame.method) ? calls[frame.method] : undefined
    try {
      if (!handler) throw new Error(`unknown method ${String(frame.method)}`)
      const result = await (handler as (p: unknown) => unknown)(frame.params ?? {})
      channel.send({ t: 'result', id: frame.id, result: result ?? null })
    } catch (error) {
      channel.send({ t: 'error', id: frame.id, error: toRpcError(error) })
    }
  }

  const start = async (frame: Extract<ClientFrame, { t: 'open' }>): Promise<void> => {
    const { id } = frame
    if (open.has(id)) return channel.send({ t: 'end', id, error: { reason: 'Internal', message: `stream ${id} is open already` } })
    const o: Open = { abort: new AbortController(), sent: 0, acked: 0, waiting: [] }
    // One stream may have many requests under way, each of which listens for its end.
    setMaxListeners(0, o.abort.signal)
    open.set(id, o)
    const context: StreamContext<keyof Streams> = {
      emit: (event) => {
        if (open.get(id) !== o) return
        o.sent++
        channel.send({ t: 'event', id, event })
      },
      end: (error) => {
        if (finish(id, o)) channel.send({ t: 'end', id, ...(error ? { error } : {}) })
      },
      signal: o.abort.signal,
      get pending() {
        return o.sent - o.acked
      },
      drained: () =>
        o.sent - o.acked < HIGH_WATER || o.abort.signal.aborted ? Promise.resolve() : new Promise((resolve) => o.waiting.push(resolve)),
      onInput: (listener) => {
        o.input = listener as (input: unknown) => void
      },
    }
    const handler = Object.hasOwn(streams, frame.stream) ? streams[frame.stream] : undefined
    try {
      if (!handler) throw new Error(`unknown stream ${String(frame.stream)}`)
      await (handler as (p: unknown, s: unknown) => void | Promise<void>)(frame.params ?? {}, context)
    } catch (error) {
      context.end(toRpcError(error))
    }
  }

  channel.onFrame((frame) => {
    if (!frame || typeof frame !== 'object' || typeof frame.id !== 'number') return
    if (frame.t === 'call') return void call(frame)
    if (frame.t === 'open') return void start(frame)
    const o = open.get(frame.id)
    if (!o) return
    if (frame.t === 'input') o.input?.(frame.input)
    else if (frame.t === 'ack') {
      o.acked += frame.n
      wake(o)
    } else if (frame.t === 'close') finish(frame.id, o)
  })
  channel.onClose(() => {
    for (const [id, o] of open) finish(id, o)
  })
}
