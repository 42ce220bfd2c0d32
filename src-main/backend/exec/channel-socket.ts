/**
 * A WebSocket of numbered channels, as exec, attach and port-forward speak it (`v5.channel.k8s.io` and before).
 * Kept alive by pings: an idle shell lives as long as the person wants it to.
 */
import WebSocket from 'ws'
import { errorFromAnswer } from '../errors.js'
import type { RpcError } from '../rpc/contract.js'
import { said, type SentenceCode } from '../sentences.js'
import type { ApiConnection } from '../session/connection.js'

/** The channels of a process in a container. */
export const STDIN = 0
export const STDOUT = 1
export const STDERR = 2
export const STATUS = 3
/** What exec and attach may be spoken in, the newest first. */
export const PROCESS_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** ms between pings. Proxies commonly cut connections that are silent for 60 s or more. */
const PING_EVERY = 20_000
/** A peer that has not answered for this long is gone, ms. kubectl waits as long. */
const SILENT_FOR = 60_000

export interface ChannelSocket {
  /** The protocol that the server chose. */
  readonly protocol: string
  send(channel: number, data: Uint8Array | string): void
  /** Bytes that wait to be sent. */
  readonly buffered: number
  /** Tells the other side that nothing more comes on a channel; only v5 can. */
  endChannel(channel: number): void
  onData(listener: (channel: number, data: Buffer) => void): void
  onClose(listener: (why: RpcError) => void): void
  pause(): void
  resume(): void
  close(): void
}

const closed = (code: SentenceCode, values: Record<string, string | number> = {}): RpcError => said('Unreachable', code, values)

/** Opens one; rejects with the server's own Status when it refuses. */
export async function openChannels(api: ApiConnection, path: string, protocols: string[]): Promise<ChannelSocket> {
  const { url, options } = await api.socket(path)
  const ws = new WebSocket(url, protocols, { ...(options as WebSocket.ClientOptions), perMessageDeflate: false, handshakeTimeout: 30_000 })
  ws.binaryType = 'nodebuffer'
  const early: [number, Buffer][] = []
  let onData: ((channel: number, data: Buffer) => void) | undefined
  ws.on('message', (raw: Buffer | string) => {
    const buffer = typeof raw === 'string' ? Buffer.from(raw) : raw
    if (!buffer.length) return
    const item: [number, Buffer] = [buffer[0]!, buffer.subarray(1)]
    if (onData) onData(...item)
    else early.push(item)
  })
  await new Promise<void>((resolve, reject) => {
    ws.once('open', () => resolve())
    ws.once('error', reject)
    ws.once('unexpected-response', (_request, response) => {
      const parts: Buffer[] = []
      response.on('data', (d: Buffer) => parts.push(d))
      response.on('end', () => reject(errorFromAnswer(response.statusCode ?? 500, Buffer.concat(parts).toString())))
      response.on('error', reject)
    })
  })
  let why = closed('channelClosed')
  ws.on('error', (error) => (why = closed('channelLost', { words: error.message })))
  let unanswered = 0
  ws.on('pong', () => (unanswered = 0))
  const pings = setInterval(() => {
    if (ws.readyState !== WebSocket.OPEN) return
    if (unanswered * PING_EVERY >= SILENT_FOR) {
      // After sleep or a change of network nothing else tells that nobody is there any more.
      why = closed('channelSilent', { seconds: SILENT_FOR / 1000 })
      return ws.terminate()
    }
    unanswered++
    ws.ping()
  }, PING_EVERY)
  ws.once('close', (code, reason) => {
    clearInterval(pings)
    if (reason.length) why = closed('channelClosedBecause', { words: reason.toString('utf8') })
    else if (code === 1006 && why.sentence?.code === 'channelClosed') why = closed('channelCut')
  })
  return {
    protocol: ws.protocol,
    send: (channel, data) => {
      if (ws.readyState !== WebSocket.OPEN) return
      const body = typeof data === 'string' ? Buffer.from(data) : data
      const frame = Buffer.allocUnsafe(body.length + 1)
      frame[0] = channel
      frame.set(body, 1)
      ws.send(frame)
    },
    get buffered() {
      return ws.bufferedAmount
    },
    endChannel: (channel) => {
      if (ws.protocol === 'v5.channel.k8s.io' && ws.readyState === WebSocket.OPEN) ws.send(Buffer.from([255, channel]))
    },
    onData: (listener) => {
      onData = listener
      for (const item of early.splice(0)) listener(...item)
    },
    onClose: (listener) => {
      if (ws.readyState === WebSocket.CLOSED) queueMicrotask(() => listener(why))
      else ws.once('close', () => listener(why))
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close: () => {
      if (ws.readyState === WebSocket.CONNECTING) ws.terminate()
      else ws.close()
    },
  }
}

/** The exit code in the Status that ends an exec: 0 for Success, null when it cannot be told. */
export function exitOf(status: string): { code: number | null; error?: RpcError } {
  try {
    const s = JSON.parse(status) as {
      status?: string
      reason?: string
      message?: string
      details?: { causes?: { reason?: string; message?: string }[] }
    }
    if (s.status === 'Success') return { code: 0 }
    const exit = s.details?.causes?.find((c) => c.reason === 'ExitCode')?.message
    if (exit !== undefined) return { code: Number(exit) }
    const reason = s.reason ?? 'Internal'
    return { code: null, error: s.message ? { reason, message: s.message } : said(reason, 'commandFailed') }
  } catch {
    return { code: null, error: { reason: 'Internal', message: status } }
  }
}
