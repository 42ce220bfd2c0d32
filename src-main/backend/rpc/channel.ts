/** A two-way channel of frames to one window: a MessagePort in Electron, a WebSocket in web mode. */
import type { ClientFrame, ServerFrame } from './contract.js'

export interface FrameChannel {
  send(frame: ServerFrame): void
  onFrame(listener: (frame: ClientFrame) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Binary data in JSON frames: `{"$bytes": base64}`. */
export function encodeFrame(frame: unknown): string {
  return JSON.stringify(frame, (_key, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') } : value,
  )
}

/** The reverse of {@link encodeFrame}. Throws on malformed JSON. */
export function decodeFrame(text: string): ClientFrame {
  return JSON.parse(text, (_key, value: unknown) => {
    if (value && typeof value === 'object' && '$bytes' in value && typeof value.$bytes === 'string')
      return new Uint8Array(Buffer.from(value.$bytes, 'base64'))
    return value
  }) as ClientFrame
}
