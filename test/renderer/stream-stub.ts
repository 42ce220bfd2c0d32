import { effectScope } from 'vue'
import type { ClientFrame, Streams } from '../../src-main/backend/rpc/contract.js'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import type { TransportListener } from '../../src-renderer/app/transport.js'

/** A stream that a store has opened, and the test's end of it. */
export interface StubStream<S extends keyof Streams> {
  params: Streams[S]['params']
  emit(event: Streams[S]['event']): void
  closed: boolean
}

/** A backend of nothing but streams: what is opened is kept, and says what a test has it say. */
export class StreamStub {
  readonly opened: (StubStream<keyof Streams> & { stream: keyof Streams; id: number })[] = []
  private listener!: TransportListener

  constructor() {
    setBackend(
      new Rpc((listener) => {
        this.listener = listener
        queueMicrotask(() => listener.open())
        return { send: (frame) => this.take(frame), retry: () => {}, close: () => {} }
      }),
    )
  }

  /** The open streams of one sort. */
  of<S extends keyof Streams>(stream: S): StubStream<S>[] {
    return this.opened.filter((o) => o.stream === stream && !o.closed) as unknown as StubStream<S>[]
  }

  /** The line to the backend is lost. */
  lose(): void {
    this.listener.lost(null)
  }

  private take(frame: ClientFrame): void {
    if (frame.t === 'open')
      this.opened.push({
        id: frame.id,
        stream: frame.stream,
        params: frame.params as never,
        closed: false,
        emit: (event) => this.listener.frame({ t: 'event', id: frame.id, event }),
      })
    const known = this.opened.find((o) => o.id === frame.id)
    if (frame.t === 'close' && known) known.closed = true
  }
}

/** Runs a composable outside of a component; `stop` ends what it began. */
export function inScope<T>(use: () => T): T & { stop: () => void } {
  const scope = effectScope()
  return Object.assign(scope.run(use) as object, { stop: () => scope.stop() }) as T & { stop: () => void }
}
