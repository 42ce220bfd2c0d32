/** The entry of the backend's utility process. */
import type { MessagePortMain } from 'electron'
import { createBackend, type Backend } from '../backend/backend.js'
import type { FrameChannel } from '../backend/rpc/channel.js'
import type { ClientFrame, EmbeddedState } from '../backend/rpc/contract.js'
import type { ControlMessage, ControlRequest } from './backend-process.js'

let backend: Backend | undefined
let embedded: EmbeddedState
const listeners = new Set<(state: EmbeddedState) => void>()

process.parentPort.on('message', (event) => {
  const message = event.data as ControlMessage
  if (message.type === 'start') {
    embedded = message.embedded
    backend = createBackend({
      app: message.app,
      embedded: {
        state: () => embedded,
        listen: (listener) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        restart: () => process.parentPort.postMessage({ type: 'embedded.restart' } satisfies ControlRequest),
      },
    })
  } else if (message.type === 'embedded') {
    embedded = message.state
    for (const l of listeners) l(embedded)
  } else if (message.type === 'window') {
    const port = event.ports[0]
    if (port) backend?.connect(portChannel(port))
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
