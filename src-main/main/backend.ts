/** The entry of the backend's utility process. */
import type { MessagePortMain } from 'electron'
import { createBackend, type Backend } from '../backend/backend.js'
import { adopt, loginEnvironment } from '../backend/exec/login-environment.js'
import type { FrameChannel } from '../backend/rpc/channel.js'
import { BackendError } from '../backend/errors.js'
import type { ClientFrame, EmbeddedState, RpcError } from '../backend/rpc/contract.js'
import type { ControlMessage, ControlRequest } from './backend-process.js'

let backend: Backend | undefined
let embedded: EmbeddedState[]
const listeners = new Set<(states: EmbeddedState[]) => void>()
const waiting = new Map<number, (error?: RpcError) => void>()
let lastId = 0

type Request = ControlRequest extends infer R ? (R extends ControlRequest ? Omit<R, 'id' | 'type'> : never) : never

/** Asks main, which keeps the clusters' processes. */
function ask(request: Request): Promise<void> {
  const id = ++lastId
  return new Promise((resolve, reject) => {
    waiting.set(id, (error) => (error ? reject(new BackendError(error)) : resolve()))
    process.parentPort.postMessage({ ...request, type: 'embedded', id } as ControlRequest)
  })
}

process.parentPort.on('message', (event) => {
  const message = event.data as ControlMessage
  if (message.type === 'start') {
    embedded = message.embedded
    backend = createBackend({
      app: message.app,
      environment: loginEnvironment().then((login) => login && adopt(login)),
      embedded: {
        states: () => embedded,
        listen: (listener) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        create: (options) => ask({ act: 'create', options }),
        start: (name) => ask({ act: 'start', name }),
        stop: (name) => ask({ act: 'stop', name }),
        remove: (name) => ask({ act: 'remove', name }),
        snapshot: (name, snapshot) => ask({ act: 'snapshot', name, snapshot }),
        restore: (name, snapshot) => ask({ act: 'restore', name, snapshot }),
        removeSnapshot: (name, snapshot) => ask({ act: 'removeSnapshot', name, snapshot }),
      },
    })
  } else if (message.type === 'embedded') {
    embedded = message.states
    for (const l of listeners) l(embedded)
  } else if (message.type === 'embedded.done') {
    waiting.get(message.id)?.(message.error)
    waiting.delete(message.id)
  } else if (message.type === 'window') {
    const port = event.ports[0]
    if (port) backend?.connect(portChannel(port))
  } else if (message.type === 'woken') {
    backend?.wake()
  } else if (message.type === 'stop') {
    backend?.close()
    process.exit(0)
  }
})

/** Frames as structured clones over a MessagePort. */
function portChannel(port: MessagePortMain): FrameChannel {
  const channel: FrameChannel = {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => void port.on('message', (event) => listener(event.data as ClientFrame)),
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  }
  queueMicrotask(() => port.start())
  return channel
}
