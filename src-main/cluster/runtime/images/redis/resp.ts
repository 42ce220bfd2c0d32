/** RESP, the protocol of Redis: values, and a reader of commands. */

/** What a command answers. Strings are bulk strings, numbers integers; simple strings and errors are marked. */
export type Reply = string | number | null | Simple | Failure | readonly Reply[]

/** `+OK`. */
export class Simple {
  constructor(readonly text: string) {}
}

/** `-ERR …`. */
export class Failure {
  constructor(readonly text: string) {}
}

export const OK = new Simple('OK')

/** A reply as bytes. */
export function encode(reply: Reply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n')
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`)
  if (reply instanceof Simple) return Buffer.from(`+${reply.text}\r\n`)
  if (reply instanceof Failure) return Buffer.from(`-${reply.text}\r\n`)
  if (typeof reply === 'string') {
    const bytes = Buffer.from(reply)
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')])
  }
  return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encode)])
}

/** Longest bulk string, as `proto-max-bulk-len`. */
const LONGEST_BULK = 64 * 1024 * 1024
const MOST_ARGUMENTS = 1024 * 1024

/** The client broke the protocol. */
export class ProtocolError extends Error {}

/** Cuts bytes into values: commands for the server, replies for the client. */
export class RespReader {
  private data: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.data = this.data.length === 0 ? chunk : Buffer.concat([this.data, chunk])
  }

  /** The next command, inline ones included; undefined when it is not complete. Throws {@link ProtocolError}. */
  command(): string[] | undefined {
    if (this.data.length === 0) return undefined
    if (this.data[0] !== 0x2a) {
      const end = this.data.indexOf('\n')
      if (end < 0) {
        if (this.data.length > 65_536) throw new ProtocolError('Protocol error: too big inline request')
        return undefined
      }
      const line = this.data.toString('utf8', 0, end).trim()
      this.data = this.data.subarray(end + 1)
      return line === '' ? [] : line.split(/\s+/)
    }
    const parsed = this.value(0)
    if (!parsed) return undefined
    this.data = this.data.subarray(parsed.end)
    return (parsed.reply as readonly string[]).map(String)
  }

  /** The next reply; undefined when it is not complete. */
  reply(): { reply: Reply } | undefined {
    const parsed = this.data.length > 0 ? this.value(0) : undefined
    if (!parsed) return undefined
    this.data = this.data.subarray(parsed.end)
    return { reply: parsed.reply }
  }

  private value(at: number): { reply: Reply; end: number } | undefined {
    const line = this.data.indexOf('\r\n', at)
    if (line < 0) return undefined
    const text = this.data.toString('utf8', at + 1, line)
    const after = line + 2
    switch (String.fromCharCode(this.data[at]!)) {
      case '+':
        return { reply: new Simple(text), end: after }
      case '-':
        return { reply: new Failure(text), end: after }
      case ':':
        return { reply: Number(text), end: after }
      case '$': {
        const length = Number(text)
        if (length < 0) return { reply: null, end: after }
        if (!Number.isInteger(length) || length > LONGEST_BULK) throw new ProtocolError('Protocol error: invalid bulk length')
        if (this.data.length < after + length + 2) return undefined
        return { reply: this.data.toString('utf8', after, after + length), end: after + length + 2 }
      }
      case '*': {
        const count = Number(text)
        if (!Number.isInteger(count) || count > MOST_ARGUMENTS) throw new ProtocolError('Protocol error: invalid multibulk length')
        const items: Reply[] = []
        let end = after
        for (let i = 0; i < count; i++) {
          if (this.data.length > end && this.data[at] === 0x2a && at === 0 && ![0x24, 0x2a, 0x2b, 0x2d, 0x3a].includes(this.data[end]!))
            throw new ProtocolError(`Protocol error: expected '$', got '${String.fromCharCode(this.data[end]!)}'`)
          const item = this.data.length > end ? this.value(end) : undefined
          if (!item) return undefined
          items.push(item.reply)
          end = item.end
        }
        return { reply: items, end }
      }
      default:
        throw new ProtocolError(`Protocol error, got "${String.fromCharCode(this.data[at]!)}" as reply type byte`)
    }
  }
}
