import type { ClientFrame, ServerFrame } from '../../src-main/backend/rpc/contract.js'

/** What carries frames between the window and the backend. One transport lives as long as the window; it may lose and regain its line. */
export interface Transport {
  /** Sends a frame. Dropped when the line is down: whoever listens to `lost` knows what was under way. */
  send(frame: ClientFrame): void
  /** Tries again now instead of waiting for the next attempt. */
  retry(): void
  close(): void
}

/** What a transport tells its owner. */
export interface TransportListener {
  /** The line is up; nothing that was under way before still is. */
  open(): void
  frame(frame: ServerFrame): void
  /** The line is down. `retryAt`: when it will be tried again, ms since the epoch. */
  lost(retryAt: number | null): void
}

/** Bytes travel over WebSocket as base64 in `{"$bytes": "…"}`. */
export function encodeFrame(frame: ClientFrame): string {
  return JSON.stringify(frame, (_key, value: unknown) => (value instanceof Uint8Array ? { $bytes: toBase64(value) } : value))
}

/** The inverse of {@link encodeFrame} for frames from the backend. */
export function decodeFrame(text: string): ServerFrame {
  // A reviver visits every value of a list snapshot, so it is used only where there can be bytes.
  if (!text.includes('"$bytes"')) return JSON.parse(text) as ServerFrame
  return JSON.parse(text, (_key, value: unknown) => {
    const bytes = (value as { $bytes?: unknown } | null)?.$bytes
    return typeof bytes === 'string' ? fromBase64(bytes) : value
  }) as ServerFrame
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Delay before attempt `n` (from 0) to reach the backend again, ms. */
export function retryDelay(n: number): number {
  return Math.min(10_000, 250 * 2 ** n)
}

/** Web mode: one WebSocket to `url`, reopened after a loss with growing delays (0.25 s to 10 s). */
export function connectWebSocket(url: string, listener: TransportListener): Transport {
  let socket: WebSocket | null = null
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  const open = () => {
    clearTimeout(timer)
    const s = new WebSocket(url)
    socket = s
    s.addEventListener('open', () => {
      attempt = 0
      listener.open()
    })
    s.addEventListener('message', (e) => listener.frame(decodeFrame(e.data as string)))
    s.addEventListener('close', () => {
      if (socket !== s || closed) return
      socket = null
      const delay = retryDelay(attempt++)
      timer = setTimeout(open, delay)
      listener.lost(Date.now() + delay)
    })
  }
  open()
  return {
    send: (frame) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(encodeFrame(frame))
    },
    retry: () => {
      if (!socket) open()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

/**
 * Electron: the preload posts a MessagePort to the window whenever there is a (new) backend process. A second port means that the
 * first backend is gone.
 */
export function connectMessagePort(target: Window, listener: TransportListener): Transport {
  let port: MessagePort | null = null
  const onMessage = (e: MessageEvent) => {
    if (e.source !== target) return
    const type = (e.data as { type?: unknown } | null)?.type
    if (type === 'drydock:lost') {
      port?.close()
      port = null
      listener.lost(null)
      return
    }
    const next = e.ports[0]
    if (type !== 'drydock:port' || !next) return
    if (port) {
      port.close()
      listener.lost(null)
    }
    port = next
    next.addEventListener('message', (m: MessageEvent) => {
      if (port === next) listener.frame(m.data as ServerFrame)
    })
    next.start()
    listener.open()
  }
  target.addEventListener('message', onMessage)
  target.postMessage({ type: 'drydock:ready' }, '*')
  return {
    send: (frame) => port?.postMessage(frame),
    retry: () => target.postMessage({ type: 'drydock:ready' }, '*'),
    close: () => {
      target.removeEventListener('message', onMessage)
      port?.close()
    },
  }
}
