/** HTTP/1.1 answers read off a connection byte by byte, for the load generators: they count every byte and reuse connections. */
import type { Connection } from '../../../network/network.js'

export interface StreamAnswer {
  status: number
  /** Lower-case names; of a repeated header the last. */
  headers: Readonly<Record<string, string>>
  headBytes: number
  bodyBytes: number
  /** Whether the connection may carry another request. */
  reusable: boolean
  /** Cluster ms when the first byte came. */
  firstByteAt: number
}

/** The answers on one connection, one after the other. */
export class AnswerStream {
  private buffered: Buffer = Buffer.alloc(0)
  private ended = false
  private failure: Error | undefined
  private wake: () => void = () => undefined

  constructor(
    readonly connection: Connection,
    private readonly now: () => number,
  ) {
    connection.on('data', (data: Buffer) => {
      this.buffered = this.buffered.length > 0 ? Buffer.concat([this.buffered, data]) : data
      // Answers are taken off as they come; what is ahead of the reader waits in the connection.
      if (this.buffered.length > 256 * 1024) connection.pause()
      this.wake()
    })
    connection.on('end', () => this.end())
    connection.on('close', () => this.end())
    connection.on('error', (error: Error) => {
      this.failure = error
      this.end()
    })
  }

  /** Sends a request and reads its answer. Rejects with the connection's error, or `ended` when it is closed first. */
  async exchange(request: Uint8Array, isHead: boolean): Promise<StreamAnswer> {
    this.connection.write(request)
    while (this.buffered.length === 0) await this.more()
    const firstByteAt = this.now()
    let end = this.buffered.indexOf('\r\n\r\n')
    for (; end < 0; end = this.buffered.indexOf('\r\n\r\n')) await this.more()
    const [start = '', ...lines] = this.buffered.subarray(0, end).toString('latin1').split('\r\n')
    this.take(end + 4)
    const headers: Record<string, string> = {}
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    const status = Number(start.split(' ')[1] ?? 0)
    const bodyless = isHead || status === 204 || status === 304 || (status >= 100 && status < 200)
    const length = headers['content-length']
    let bodyBytes = 0
    let closes = headers['connection']?.toLowerCase() === 'close'
    if (start.startsWith('HTTP/1.0') && headers['connection']?.toLowerCase() !== 'keep-alive') closes = true
    if (bodyless) bodyBytes = 0
    else if (headers['transfer-encoding']?.toLowerCase() === 'chunked') bodyBytes = await this.chunked()
    else if (length !== undefined) bodyBytes = await this.skip(Number(length))
    else {
      closes = true
      bodyBytes = await this.untilEnd()
    }
    return { status, headers, headBytes: end + 4, bodyBytes, reusable: !closes, firstByteAt }
  }

  private end(): void {
    this.ended = true
    this.wake()
  }

  private take(n: number): void {
    this.buffered = this.buffered.subarray(n)
    if (this.connection.isPaused()) this.connection.resume()
  }

  private async more(): Promise<void> {
    if (this.failure) throw this.failure
    if (this.ended) throw new Error('ended')
    await new Promise<void>((resolve) => (this.wake = resolve))
  }

  private async skip(length: number): Promise<number> {
    let left = length
    for (;;) {
      const n = Math.min(left, this.buffered.length)
      this.take(n)
      left -= n
      if (left === 0) return length
      await this.more()
    }
  }

  private async chunked(): Promise<number> {
    let total = 0
    for (;;) {
      let end = this.buffered.indexOf('\r\n')
      for (; end < 0; end = this.buffered.indexOf('\r\n')) await this.more()
      const size = parseInt(this.buffered.subarray(0, end).toString('latin1'), 16)
      this.take(end + 2)
      total += end + 2 + (await this.skip(size + 2))
      if (!size) return total
    }
  }

  private async untilEnd(): Promise<number> {
    let total = 0
    for (;;) {
      total += this.buffered.length
      this.take(this.buffered.length)
      if (this.ended) return total
      await this.more()
    }
  }
}
