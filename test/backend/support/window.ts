/** A window's end of the contract, in memory. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createBackend, type Backend } from '../../../src-main/backend/backend.js'
import type { FrameChannel } from '../../../src-main/backend/rpc/channel.js'
import type { Calls, ClientFrame, RpcError, ServerFrame, Streams } from '../../../src-main/backend/rpc/contract.js'
import { afterEach, beforeEach } from 'vitest'
import { FakeApiServer } from './api-server.js'
import type { EmbeddedClusters } from '../../../src-main/backend/embedded/fleet.js'

/** A backend that keeps no embedded clusters. */
export const noClusters: EmbeddedClusters = {
  states: () => [],
  listen: () => () => undefined,
  create: async () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
  remove: async () => undefined,
  snapshot: async () => undefined,
  restore: async () => undefined,
  removeSnapshot: async () => undefined,
}

/** What a stream sent so far, and a way to wait for more. */
export interface TestStream<S extends keyof Streams> {
  events: Streams[S]['event'][]
  ended: { error?: RpcError } | undefined
  /** Resolves with the first event (past or future) that satisfies. */
  until(satisfies: (event: Streams[S]['event']) => boolean): Promise<Streams[S]['event']>
  untilEnd(): Promise<{ error?: RpcError }>
  input(input: Streams[S]['input']): void
  close(): void
}

export interface TestWindow {
  call<M extends keyof Calls>(method: M, params: Parameters<Calls[M]>[0]): Promise<ReturnType<Calls[M]>>
  open<S extends keyof Streams>(stream: S, params: Streams[S]['params']): TestStream<S>
  close(): void
}

/** Connects a window to a backend. Call rejections are the RpcError itself. */
export function testWindow(backend: Backend): TestWindow {
  let toBackend: (frame: ClientFrame) => void = () => undefined
  let onClose: () => void = () => undefined
  const handlers = new Map<number, (frame: ServerFrame) => void>()
  let serial = 0
  const channel: FrameChannel = {
    send: (frame) => queueMicrotask(() => handlers.get(frame.id)?.(frame)),
    onFrame: (listener) => (toBackend = listener),
    onClose: (listener) => (onClose = listener),
    close: () => onClose(),
  }
  backend.connect(channel)
  return {
    call: (method, params) =>
      new Promise((resolve, reject) => {
        const id = ++serial
        handlers.set(id, (frame) => {
          handlers.delete(id)
          if (frame.t === 'result') resolve(frame.result as never)
          else if (frame.t === 'error') reject(frame.error)
        })
        toBackend({ t: 'call', id, method, params })
      }),
    open: (stream, params) => {
      const id = ++serial
      type Event = Streams[typeof stream]['event']
      const waiters: { satisfies: (e: Event) => boolean; resolve: (e: Event) => void }[] = []
      const endWaiters: ((end: { error?: RpcError }) => void)[] = []
      const self: TestStream<typeof stream> = {
        events: [],
        ended: undefined,
        until: (satisfies) => {
          const past = self.events.find(satisfies)
          return past !== undefined ? Promise.resolve(past) : new Promise((resolve) => waiters.push({ satisfies, resolve }))
        },
        untilEnd: () => (self.ended ? Promise.resolve(self.ended) : new Promise((resolve) => endWaiters.push(resolve))),
        input: (input) => toBackend({ t: 'input', id, input }),
        close: () => toBackend({ t: 'close', id }),
      }
      handlers.set(id, (frame) => {
        if (frame.t === 'event') {
          self.events.push(frame.event as Event)
          for (const w of waiters.filter((x) => x.satisfies(frame.event as Event))) {
            waiters.splice(waiters.indexOf(w), 1)
            w.resolve(frame.event as Event)
          }
          toBackend({ t: 'ack', id, n: 1 })
        } else if (frame.t === 'end') {
          self.ended = frame.error ? { error: frame.error } : {}
          for (const w of endWaiters) w(self.ended)
        }
      })
      toBackend({ t: 'open', id, stream, params })
      return self
    },
    close: () => onClose(),
  }
}

/** A backend on the given kubeconfig files, without an embedded cluster. */
export function testBackend(kubeconfigs: string[], dataDirectory: string): Backend {
  return createBackend({
    app: { version: '0.0.0', mode: 'web', platform: 'linux', dataDirectory, kubeconfig: '', assistant: { command: '', args: [] } },
    embedded: noClusters,
    kubeconfigs,
  })
}

/** A window of a backend of its own that knows one server by its kubeconfig; `stop` ends both and removes their directory. */
export function windowOn(server: FakeApiServer): { backend: Backend; window: TestWindow; stop: () => void } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-backend-'))
  const backend = testBackend([server.kubeconfig(directory)], directory)
  const window = testWindow(backend)
  return {
    backend,
    window,
    stop: () => {
      window.close()
      backend.close()
      fs.rmSync(directory, { recursive: true })
    },
  }
}

/** Before each test `take` gets a server of its own and a window with the context `fake` on it; both go after it. */
export function eachOnFakeServer(take: (on: { server: FakeApiServer; window: TestWindow }) => void): void {
  let server: FakeApiServer
  let stop: () => void
  beforeEach(async () => {
    server = new FakeApiServer()
    await server.start()
    const on = windowOn(server)
    stop = on.stop
    take({ server, window: on.window })
  })
  afterEach(async () => {
    stop()
    await server.stop()
  })
}
