/** iperf3: how much the network carries, measured between two of them, by iperf3's own protocol over TCP. */
import { NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Task } from '../../task.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { arrivals, external, send, within, type Arrivals } from './connection.js'
import { resolve } from './probe.js'
import { connectAs } from '../../own-sockets.js'

/** The states that one side tells the other, a byte each. */
const STATE = { START: 1, RUNNING: 2, END: 4, PARAMETERS: 9, CREATE: 10, RESULTS: 13, DISPLAY: 14, DONE: 16, DENIED: 255 } as const
/** A cookie is so many bytes, its end included. */
const COOKIE = 37
const BLOCK = 128 * 1024
/** CPU ms that sending a block takes: what bounds the rate. */
const BLOCK_COST = 0.25

interface Parameters {
  tcp?: boolean
  time?: number
  num?: number
  parallel: number
  reverse?: boolean
  len?: number
  bandwidth?: number
}

interface Stream {
  id: number
  connection: Connection
  bytes: number
  /** What the intervals before carried. */
  counted: number
}

const SPEC = {
  short: 'c:sp:t:n:i:P:Rub:J1DvhVf:B:4 6w:M:NZO:l:S:A:k:dC:T:F:I:X:',
  long: {
    'client=': 'c', server: 's', 'port=': 'p', 'time=': 't', 'bytes=': 'n', 'interval=': 'i', 'parallel=': 'P', reverse: 'R', udp: 'u', 'bitrate=': 'b', 'bandwidth=': 'b',
    json: 'J', 'one-off': '1', daemon: 'D', version: 'v', help: 'h', verbose: 'V', 'format=': 'f', 'bind=': 'B', bidir: 'd', 'length=': 'l', 'window=': 'w', 'title=': 'T', 'connect-timeout=': 'X',
  },
  usage: '',
} // prettier-ignore

const LINE = '- - - - - - - - - - - - - - - - - - - - - - - - -\n'

export function iperf3(): Program {
  return command('coreutils', async (c) => {
    const o = await c.optionsOr(
      SPEC,
      (fault) => new Fail(`${fault}\nUsage: iperf3 [-s|-c host] [options]\nTry \`iperf3 --help' for more information.`),
    )
    if (o.has('v')) return void (await c.print('iperf 3.19.1 (cJSON 1.7.15)\nLinux 6.8.0 x86_64\n'))
    if (o.has('h')) return void (await c.print('Usage: iperf3 [-s|-c host] [options]\n       iperf3 [-h|--help] [-v|--version]\n'))
    if (o.has('s') === o.has('c'))
      throw new Fail(
        o.has('s')
          ? 'iperf3: parameter error - cannot be both server and client'
          : "iperf3: parameter error - must either be a client (-c) or server (-s)\n\nUsage: iperf3 [-s|-c host] [options]\nTry `iperf3 --help' for more information.",
      )
    if (o.has('u') || o.has('d')) throw new Fail('iperf3: error - unable to set up the test: Protocol not supported')
    return o.has('s') ? serve(c, o) : measure(c, o)
  })
}

/** Exactly so many bytes; undefined when the other side ends before. */
function take(task: Task, connection: Connection, count: number): Promise<Buffer | undefined> {
  return external(
    task,
    new Promise<Buffer | undefined>((done, fail) => {
      const look = (): void => {
        const data = connection.read(count) as Buffer | null
        if (data) return done(data.length === count ? data : undefined)
        if (connection.readableEnded || connection.destroyed) return done(undefined)
        connection.once('readable', look)
      }
      connection.once('end', () => done(undefined))
      connection.once('error', fail)
      look()
    }),
  )
}

const tell = (task: Task, connection: Connection, state: number): Promise<void> => send(task, connection, Buffer.of(state))

async function sendJson(task: Task, connection: Connection, value: unknown): Promise<void> {
  const text = Buffer.from(JSON.stringify(value))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(text.length)
  await send(task, connection, Buffer.concat([head, text]))
}

async function takeJson<T>(task: Task, connection: Connection): Promise<T | undefined> {
  const length = (await take(task, connection, 4))?.readUInt32BE(0)
  if (length === undefined || length > 65_536) return undefined
  const text = await take(task, connection, length)
  return text && (JSON.parse(text.toString()) as T)
}

/** `1.10 GBytes`, as wide as iperf3's column. */
function amount(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < 4) [value, unit] = [value / 1024, unit + 1]
  return `${digits(value).padStart(4)} ${['', 'K', 'M', 'G', 'T'][unit]}Bytes`
}

function rate(bytes: number, seconds: number): string {
  let [value, unit] = [seconds > 0 ? (bytes * 8) / seconds : 0, 0]
  while (value >= 1000 && unit < 4) [value, unit] = [value / 1000, unit + 1]
  return `${digits(value).padStart(4)} ${['', 'K', 'M', 'G', 'T'][unit]}bits/sec`
}

const digits = (value: number): string => (value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0))

function interval(from: number, to: number): string {
  return `${`${from.toFixed(2).padStart(6)}-${to.toFixed(2)}`.padEnd(13)} sec`
}

const idOf = (id: number | 'SUM'): string => `[${typeof id === 'number' ? String(id).padStart(3) : id}]`

/** Sends for as long as it may. */
async function pump(c: Command, stream: Stream, more: () => boolean, bitrate: number): Promise<void> {
  const block = Buffer.alloc(BLOCK, 'iperf3')
  const started = c.task.clock.now()
  while (more()) {
    await send(c.task, stream.connection, block)
    stream.bytes += BLOCK
    await c.work(BLOCK_COST)
    const ahead = bitrate > 0 ? (stream.bytes * 8000) / bitrate - (c.task.clock.now() - started) : 0
    if (ahead > 0) await c.task.sleep(ahead)
  }
}

/** Takes in what comes; the count is all that is kept of it. */
function drain(stream: Stream): void {
  stream.connection.on('data', (data: Buffer) => {
    stream.bytes += data.length
  })
}

/** Writes a line for each stream, and their sum, every interval. Returns a function that stops. */
function reporter(c: Command, streams: readonly Stream[], seconds: number, sends: boolean): { stop(): void; began: number } {
  const began = c.task.clock.now()
  let last = began
  if (seconds <= 0) return { stop: () => undefined, began }
  const timer = c.task.clock.every(seconds * 1000, () => {
    const now = c.task.clock.now()
    const [from, to] = [(last - began) / 1000, (now - began) / 1000]
    last = now
    let sum = 0
    let text = ''
    for (const stream of streams) {
      const bytes = stream.bytes - stream.counted
      stream.counted = stream.bytes
      sum += bytes
      text += `${idOf(stream.id)} ${interval(from, to)}  ${amount(bytes)}  ${rate(bytes, to - from)}  ${sends ? '  0   1.25 MBytes       ' : '                '}\n`
    }
    if (streams.length > 1)
      text += `${idOf('SUM')} ${interval(from, to)}  ${amount(sum)}  ${rate(sum, to - from)}  ${sends ? '  0             ' : '                '}\n${LINE}`
    void c.print(text).catch(() => undefined)
  })
  c.task.aborted.addEventListener('abort', () => timer.cancel(), { once: true })
  return { stop: () => timer.cancel(), began }
}

const heading = (sends: boolean): string => `[ ID] Interval           Transfer     Bitrate${sends ? '         Retr  Cwnd' : ''}\n`

/** The lines at the end, of one or both sides. */
function summary(streams: readonly { id: number; sent: number | undefined; received: number | undefined }[], seconds: number): string {
  const line = (id: number | 'SUM', bytes: number, who: string): string =>
    `${idOf(id)} ${interval(0, seconds)}  ${amount(bytes)}  ${rate(bytes, seconds)}  ${who === 'sender' ? '  0             ' : '                '}${who}\n`
  const both = (id: number | 'SUM', sent: number | undefined, received: number | undefined): string =>
    (sent === undefined ? '' : line(id, sent, 'sender')) + (received === undefined ? '' : line(id, received, 'receiver'))
  const total = (key: 'sent' | 'received'): number | undefined =>
    streams.some((s) => s[key] === undefined) ? undefined : streams.reduce((sum, s) => sum + s[key]!, 0)
  const sends = streams.some((s) => s.sent !== undefined)
  return `${LINE}[ ID] Interval           Transfer     Bitrate${sends ? '         Retr' : ''}\n${streams.map((s) => both(s.id, s.sent, s.received)).join('')}${streams.length > 1 ? both('SUM', total('sent'), total('received')) : ''}`
}

interface Results {
  streams: { id: number; bytes: number; start_time: number; end_time: number }[]
}

const resultsOf = (streams: readonly Stream[], seconds: number): object => ({
  cpu_util_total: 0,
  cpu_util_user: 0,
  cpu_util_system: 0,
  sender_has_retransmits: 1,
  streams: streams.map(({ id, bytes }) => ({
    id,
    bytes,
    retransmits: 0,
    jitter: 0,
    errors: 0,
    packets: 0,
    start_time: 0,
    end_time: seconds,
  })),
})

/** `10M` bits a second, `1G`; bytes with powers of 1024. */
function scaled(text: string, base: number): number {
  const m = /^([\d.]+)([KMGT]?)$/i.exec(text)
  return m ? Number(m[1]) * base ** ' KMGT'.indexOf(m[2]!.toUpperCase() || ' ') : 0
}

async function measure(c: Command, o: Options): Promise<number> {
  const { task } = c
  const host = o.get('c')!
  const port = Number(o.get('p') ?? 5201)
  const seconds = Number(o.get('t') ?? 10)
  const bytes = o.has('n') ? scaled(o.get('n')!, 1024) : 0
  const reverse = o.has('R')
  const failed = (why: string): Fail => new Fail(`iperf3: error - ${why}`)
  const address = await resolve(
    c,
    host,
    `iperf3: error - unable to connect to server - server may have stopped running or use a different port, firewall issue, etc.: Name does not resolve`,
  )
  const dial = async (): Promise<Connection> => {
    try {
      return (await within(task, undefined, (signal) => connectAs(task, address, port, signal)))!
    } catch (error) {
      task.check()
      if (!(error instanceof NetworkError)) throw error
      throw failed(
        `unable to connect to server - server may have stopped running or use a different port, firewall issue, etc.: ${errorText(error)}`,
      )
    }
  }
  const quiet = o.has('J')
  const say = (text: string): Promise<void> => (quiet ? Promise.resolve() : c.print(text))
  const control = await dial()
  await say(`Connecting to host ${host}, port ${port}\n`)
  const cookie = Buffer.from(`${task.random.hex(18)}\0`)
  await send(task, control, cookie)
  const expected = async (state: number): Promise<void> => {
    const got = (await take(task, control, 1))?.[0]
    if (got === STATE.DENIED) throw failed('the server is busy running a test. try again later')
    if (got !== state) throw failed('control socket has closed unexpectedly')
  }
  await expected(STATE.PARAMETERS)
  const parallel = Math.min(Number(o.get('P') ?? 1), 128)
  const bitrate = o.has('b') ? scaled(o.get('b')!, 1000) : 0
  const parameters: Parameters = {
    tcp: true,
    ...(bytes > 0 ? { num: bytes } : { time: seconds }),
    parallel,
    len: BLOCK,
    ...(reverse ? { reverse } : {}),
    ...(bitrate ? { bandwidth: bitrate } : {}),
  }
  await sendJson(task, control, { omit: 0, ...parameters, pacing_timer: 1000, client_version: '3.19.1' })
  await expected(STATE.CREATE)
  const streams: Stream[] = []
  for (let i = 0; i < parallel; i++) {
    const connection = await dial()
    await send(task, connection, cookie)
    streams.push({ id: 5 + i * 2, connection, bytes: 0, counted: 0 })
  }
  await expected(STATE.START)
  await expected(STATE.RUNNING)
  if (reverse) await say(`Reverse mode, remote host ${host} is sending\n`)
  for (const { id, connection: s } of streams)
    await say(`${idOf(id)} local ${s.localAddress} port ${s.localPort} connected to ${s.remoteAddress} port ${s.remotePort}\n`)
  await say(heading(!reverse))
  let over = false
  task.onSignal('INT', () => (over = true))
  const every = quiet ? 0 : Number(o.get('i') ?? 1)
  const { stop, began } = reporter(c, streams, every, !reverse)
  const end = began + seconds * 1000
  const more = (): boolean => !over && (bytes > 0 ? streams.reduce((sum, s) => sum + s.bytes, 0) < bytes : task.clock.now() < end)
  if (reverse) {
    for (const stream of streams) drain(stream)
    while (more()) await task.sleep(Math.max(1, Math.min(100, end - task.clock.now())))
  } else await Promise.all(streams.map((stream) => pump(c, stream, more, bitrate)))
  // The last interval is told when its time is over.
  await task.sleep(0)
  stop()
  const took = (task.clock.now() - began) / 1000
  await tell(task, control, STATE.END)
  await expected(STATE.RESULTS)
  await sendJson(task, control, resultsOf(streams, took))
  const other = await takeJson<Results>(task, control)
  await expected(STATE.DISPLAY)
  const table = streams.map((stream, i) => {
    const there = other?.streams[i]?.bytes ?? 0
    return reverse ? { id: stream.id, sent: there, received: stream.bytes } : { id: stream.id, sent: stream.bytes, received: there }
  })
  if (quiet) await c.print(`${JSON.stringify(asJson(table, took, host, port), undefined, '\t')}\n`)
  else await c.print(`${summary(table, took)}\niperf Done.\n`)
  await tell(task, control, STATE.DONE)
  for (const { connection } of streams) connection.destroy()
  control.destroy()
  return 0
}

function asJson(table: readonly { id: number; sent: number; received: number }[], seconds: number, host: string, port: number): object {
  const sum = (key: 'sent' | 'received', sender: boolean): object => {
    const bytes = table.reduce((all, s) => all + s[key], 0)
    return {
      start: 0,
      end: seconds,
      seconds,
      bytes,
      bits_per_second: (bytes * 8) / seconds,
      ...(sender ? { retransmits: 0 } : {}),
      sender: true,
    }
  }
  return {
    start: {
      version: 'iperf 3.19.1',
      connecting_to: { host, port },
      test_start: { protocol: 'TCP', num_streams: table.length, blksize: BLOCK },
    },
    end: { sum_sent: sum('sent', true), sum_received: sum('received', false) },
  }
}

async function serve(c: Command, o: Options): Promise<number> {
  const { task } = c
  const port = Number(o.get('p') ?? 5201)
  let arriving: Arrivals
  try {
    arriving = arrivals(task, port, o.get('B') ?? '::')
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(`iperf3: error - unable to start listener for connections: ${errorText(error)}\niperf3: exiting`)
  }
  task.onSignal('INT', () => void c.task.writeError('iperf3: interrupt - the server has terminated\n').then(() => task.exit(1)).catch(() => undefined)) // prettier-ignore
  const rule = '-----------------------------------------------------------\n'
  for (let test = 1; ; test++) {
    await c.print(`${rule}Server listening on ${port} (test #${test})\n${rule}`)
    await serveOne(c, arriving, Number(o.get('i') ?? 1))
    if (o.has('1')) return 0
  }
}

async function serveOne(c: Command, arriving: Arrivals, every: number): Promise<void> {
  const { task } = c
  const control = await arriving.next()
  try {
    const cookie = await take(task, control, COOKIE)
    if (!cookie) return
    await c.print(`Accepted connection from ${control.remoteAddress}, port ${control.remotePort}\n`)
    await tell(task, control, STATE.PARAMETERS)
    const parameters = await takeJson<Parameters>(task, control)
    if (!parameters) return
    await tell(task, control, STATE.CREATE)
    const streams: Stream[] = []
    while (streams.length < Math.min(parameters.parallel ?? 1, 128)) {
      const connection = await arriving.next()
      const given = await take(task, connection, COOKIE)
      if (!given?.equals(cookie)) {
        // Somebody else, while this one is served.
        connection.write(Buffer.of(STATE.DENIED))
        connection.end()
        continue
      }
      streams.push({ id: 5 + streams.length * 2, connection, bytes: 0, counted: 0 })
    }
    await tell(task, control, STATE.START)
    await tell(task, control, STATE.RUNNING)
    for (const { id, connection: s } of streams)
      await c.print(`${idOf(id)} local ${s.localAddress} port ${s.localPort} connected to ${s.remoteAddress} port ${s.remotePort}\n`)
    const sends = parameters.reverse === true
    await c.print(heading(sends))
    let over = false
    const ended = take(task, control, 1).then((state) => {
      over = true
      return state?.[0]
    })
    const { stop, began } = reporter(c, streams, every, sends)
    if (sends) await Promise.all(streams.map((stream) => pump(c, stream, () => !over, parameters.bandwidth ?? 0).catch(() => task.check())))
    else for (const stream of streams) drain(stream)
    const state = await ended
    stop()
    const took = (task.clock.now() - began) / 1000
    if (state !== STATE.END) {
      await c.task.writeError('iperf3: the client has terminated\n')
      return
    }
    await tell(task, control, STATE.RESULTS)
    await takeJson(task, control)
    await sendJson(task, control, resultsOf(streams, took))
    await tell(task, control, STATE.DISPLAY)
    await c.print(summary(streams.map(({ id, bytes }) => ({ id, sent: sends ? bytes : undefined, received: sends ? undefined : bytes })), took)) // prettier-ignore
    await take(task, control, 1)
    for (const { connection } of streams) connection.destroy()
  } catch (error) {
    task.check()
    if (!(error instanceof NetworkError)) throw error
    await c.task.writeError('iperf3: error - control socket has closed unexpectedly\n')
  } finally {
    control.destroy()
  }
}
