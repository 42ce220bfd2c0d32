/** How OpenBSD's nc carries a connection: when it sends, what it answers, and when it is done. */
import type { Connection } from '../../../network/network.js'
import type { Command } from '../command.js'
import { chunks, external, send } from './connection.js'

/** What the options of nc say of a connection. Times are cluster ms. */
export interface RelayRules {
  /** Standard input is read (not with -d). */
  readonly reads: boolean
  /** The end of standard input is told to the other side (-N, -q): otherwise it stays open for it. */
  readonly shutsDown: boolean
  /** After the end of standard input (-q); undefined for as long as the other side likes. */
  readonly quitAfter: number | undefined
  /** Silence after which it is over (-w). */
  readonly idle: number | undefined
  /** Before each line that is sent (-i). */
  readonly interval: number
  /** Lines end with CR LF (-C). */
  readonly crlf: boolean
  /** Options of telnet are declined (-t). */
  readonly telnet: boolean
  /** So many times something may arrive (-W). */
  readonly limit: number | undefined
  /** It came to a listener: it is over once the other side has ended. */
  readonly listens: boolean
}

/** Waits for the first of several ends. */
export class Ending {
  private resolve!: () => void
  private reject!: (error: unknown) => void
  private readonly done = new Promise<void>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
  private timer: { cancel(): void } | undefined

  constructor(
    private readonly c: Command,
    private readonly idle: number | undefined,
  ) {
    this.touch()
  }

  /** Something happened: silence begins anew. */
  touch(): void {
    this.timer?.cancel()
    if (this.idle !== undefined) this.timer = this.c.task.clock.after(this.idle, () => this.end())
  }

  end(): void {
    this.resolve()
  }

  after(ms: number): void {
    this.c.task.clock.after(ms, () => this.end())
  }

  /** Follows a piece of work: when that fails, so does what waits here. */
  follow(work: Promise<void>): void {
    work.catch((error: unknown) => this.reject(error))
  }

  async wait(): Promise<void> {
    try {
      await external(this.c.task, this.done)
    } finally {
      this.timer?.cancel()
    }
  }
}

/** Standard input in pieces as they are sent: whole lines where there is a pause before each, or their ends change. */
export async function* outgoing(c: Command, { interval, crlf }: RelayRules): AsyncGenerator<Buffer> {
  const ended = (line: Buffer): Buffer =>
    crlf ? Buffer.from(line.toString('latin1').replaceAll(/(^|[^\r])\n/g, '$1\r\n'), 'latin1') : line
  for (let data = await c.task.read(); data.length > 0; data = await c.task.read()) {
    const read = Buffer.from(data)
    if (!interval) {
      yield ended(read)
      continue
    }
    for (let at = 0; at < read.length;) {
      const newline = read.indexOf(10, at)
      const next = newline < 0 ? read.length : newline + 1
      await c.task.sleep(interval)
      yield ended(read.subarray(at, next))
      at = next
    }
  }
}

/** Carries standard input to a connection and the connection to standard output until the rules say that it is over, and closes it. */
export async function relayUntil(c: Command, connection: Connection, rules: RelayRules, first?: Uint8Array): Promise<void> {
  const ending = new Ending(c, rules.idle)
  let inputEnded = !rules.reads
  let netEnded = false
  const input = async (): Promise<void> => {
    for await (const data of outgoing(c, rules)) {
      // A connection that is gone fails the writing side; the reading side says so.
      const sent = await send(c.task, connection, data).then(
        () => true,
        () => false,
      )
      if (!sent) break
      ending.touch()
    }
    inputEnded = true
    if (rules.shutsDown) connection.end()
    if (rules.quitAfter !== undefined) ending.after(rules.quitAfter)
    if (netEnded) ending.end()
  }
  const output = async (): Promise<void> => {
    let left = rules.limit ?? Infinity
    const show = async (data: Uint8Array): Promise<void> => {
      if (rules.telnet) await decline(c, connection, data)
      await c.print(data)
      ending.touch()
      if (--left <= 0) ending.end()
    }
    if (first?.length) await show(first)
    try {
      for await (const data of chunks(c.task, connection, true)) await show(data)
    } catch (error) {
      c.task.check()
      if (!(error instanceof Error && 'code' in error)) throw error
      return ending.end()
    }
    netEnded = true
    if (inputEnded || rules.listens) ending.end()
  }
  if (rules.reads) ending.follow(input())
  ending.follow(output())
  try {
    await ending.wait()
  } finally {
    connection.destroy()
  }
}

const IAC = 255
const [WILL, WONT, DO, DONT] = [251, 252, 253, 254]

/** Answers every option of telnet that is offered or asked for with no (RFC 854). */
async function decline(c: Command, connection: Connection, data: Uint8Array): Promise<void> {
  for (let at = 0; at + 2 < data.length; at++) {
    if (data[at] !== IAC) continue
    const asked = data[at + 1]!
    const answer = asked === WILL || asked === WONT ? DONT : asked === DO || asked === DONT ? WONT : undefined
    if (answer === undefined) continue
    await send(c.task, connection, Uint8Array.of(IAC, answer!, data[at + 2]!))
    at += 2
  }
}
