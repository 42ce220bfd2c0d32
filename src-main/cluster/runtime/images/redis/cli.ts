/** redis-cli: one command from its arguments, commands from a pipe, a prompt, and what it does with options of its own. */
import type { Connection } from '../../../network/network.js'
import type { Process, Program } from '../../process.js'
import { taskOf } from '../../task.js'
import { csv, formatted, humanBytes, json, raw } from './cli-format.js'
import { encode, Failure, RespReader, type Reply } from './resp.js'
import { connectAs } from '../../own-sockets.js'

/** Words of a line, with quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((m) => m[1]?.replace(/\\(.)/g, '$1') ?? m[2] ?? m[3]!)
}

/** What redis-cli does by itself instead of sending a command. */
type Mode = 'scan' | 'stat' | 'pipe' | 'latency' | 'version' | 'help'

interface Settings {
  host: string
  port: number
  password: string | undefined
  user: string | undefined
  /** The password stood on the command line, which is warned of. */
  warned: boolean
  db: number
  format: 'raw' | 'formatted' | 'csv' | 'json'
  mode?: Mode
  repeat: number
  /** Cluster ms between repetitions and samples. */
  interval: number
  pattern: string
  count: number
  /** The last argument comes from standard input. */
  lastFromInput: boolean
  /** An error reply is an exit code of 1. */
  fails: boolean
  command: string[]
}

const MODES: Readonly<Record<string, Mode>> = {
  '--scan': 'scan', '--stat': 'stat', '--pipe': 'pipe', '--latency': 'latency', '--version': 'version', '-v': 'version', '--help': 'help',
} // prettier-ignore
const FORMATS: Readonly<Record<string, Settings['format']>> = {
  '--raw': 'raw', '--no-raw': 'formatted', '--csv': 'csv', '--json': 'json', '--quoted-json': 'json',
} // prettier-ignore
const WITHOUT_EFFECT = new Set(['-2', '-3', '-c', '--verbose', '--no-auth-warning', '-4', '-6'])

/** Reads the command line, or tells the option that there is not. */
function settingsOf(process: Process): Settings | string {
  const args = process.argv.slice(1)
  const settings: Settings = {
    host: '127.0.0.1', port: 6379, password: process.env['REDISCLI_AUTH'], user: undefined, warned: false, db: 0, repeat: 1, interval: 0, pattern: '*', count: 10,
    format: process.fd(1)?.kind === 'tty' ? 'formatted' : 'raw', lastFromInput: false, fails: false, command: [],
  } // prettier-ignore
  let warns = true
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!
    if (Object.hasOwn(MODES, option)) settings.mode = MODES[option]!
    else if (Object.hasOwn(FORMATS, option)) settings.format = FORMATS[option]!
    else if (option === '-x') settings.lastFromInput = true
    else if (option === '-e') settings.fails = true
    else if (WITHOUT_EFFECT.has(option)) warns &&= option !== '--no-auth-warning'
    else {
      const value = args.shift()
      const known = value !== undefined && take(settings, option, value)
      if (!known) return `Unrecognized option or bad number of args for: '${option}'\n`
    }
  }
  settings.warned &&= warns
  settings.command = args
  return settings
}

/** Takes an option with its value; false for one that there is not. */
function take(settings: Settings, option: string, value: string): boolean {
  switch (option) {
    case '-h':
      settings.host = value
      return true
    case '-p':
      settings.port = Number(value)
      return true
    case '-a':
    case '--pass':
      settings.password = value
      settings.warned = true
      return true
    case '--user':
      settings.user = value
      return true
    case '-n':
      settings.db = Number(value)
      return true
    case '-r':
      settings.repeat = Number(value)
      return true
    case '-i':
      settings.interval = Number(value) * 1000
      return true
    case '--pattern':
      settings.pattern = value
      return true
    case '--count':
      settings.count = Number(value)
      return true
    case '-u': {
      const [, user, password, host, port, db] = /^rediss?:\/\/(?:([^:@]*):?([^@]*)@)?([^:/]*)(?::(\d+))?(?:\/(\d+))?$/.exec(value) ?? []
      Object.assign(settings, { host: host || settings.host, port: Number(port ?? settings.port), db: Number(db ?? 0) })
      if (password) Object.assign(settings, { user: user || undefined, password, warned: true })
      return true
    }
    case '-t':
    case '-d':
    case '-D':
    case '-s':
      return true
    default:
      return false
  }
}

/** A connection to a server: commands go out, replies come in. */
class Session {
  private readonly reader = new RespReader()
  private readonly chunks: AsyncIterator<Buffer>

  constructor(readonly connection: Connection) {
    this.chunks = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** The next reply; undefined when the server has closed the connection. */
  async next(): Promise<Reply | undefined> {
    for (;;) {
      const found = this.reader.reply()
      if (found) return found.reply
      const { value, done } = await this.chunks.next().catch(() => ({ value: undefined, done: true as const }))
      if (done) return undefined
      this.reader.push(value)
    }
  }

  ask(command: readonly string[]): Promise<Reply | undefined> {
    this.connection.write(encode(command))
    return this.next()
  }
}

/** After these the server goes on telling. */
const STREAMING = new Set(['subscribe', 'psubscribe', 'monitor'])

export const redisCli =
  (version: string): Program =>
  async (process) => {
    const settings = settingsOf(process)
    if (typeof settings === 'string') {
      await process.writeError(settings)
      return 1
    }
    const { host, port, mode } = settings
    if (mode === 'version' || mode === 'help') {
      await process.write(
        mode === 'version' ? `redis-cli ${version}\n` : `redis-cli ${version}\n\nUsage: redis-cli [OPTIONS] [cmd [arg [arg ...]]]\n`,
      )
      return 0
    }
    let connection: Connection
    try {
      const [address] = await process.net.resolve(host)
      connection = await connectAs(process, address!, port, process.aborted)
    } catch (error) {
      const code = (error as { code?: string }).code
      const why =
        code === 'ECONNREFUSED' ? 'Connection refused' : code === 'NXDOMAIN' ? 'Name or service not known' : 'Connection timed out'
      await process.writeError(`Could not connect to Redis at ${host}:${port}: ${why}\n`)
      return 1
    }
    process.aborted.addEventListener('abort', () => connection.destroy(), { once: true })
    const session = new Session(connection)
    if (settings.warned)
      await process.writeError("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n")
    if (settings.password) {
      const login = await session.ask(['AUTH', ...(settings.user === undefined ? [] : [settings.user]), settings.password])
      if (login instanceof Failure) await process.writeError(`AUTH failed: ${login.text}\n`)
    }
    if (settings.db !== 0) {
      const chosen = await session.ask(['SELECT', String(settings.db)])
      if (chosen instanceof Failure) await process.writeError(`SELECT ${settings.db} failed: ${chosen.text}\n`)
    }
    const code = await work(process, session, settings)
    connection.end()
    return code
  }

function work(process: Process, session: Session, settings: Settings): Promise<number> {
  if (settings.mode === 'scan') return scan(process, session, settings)
  if (settings.mode === 'stat') return stat(process, session, settings)
  if (settings.mode === 'pipe') return pipe(process, session)
  if (settings.mode === 'latency') return latency(process, session)
  return settings.command.length > 0 ? once(process, session, settings) : prompt(process, session, settings)
}

function show(process: Process, { format }: Settings, reply: Reply): Promise<void> {
  return process.write(
    format === 'raw' ? raw(reply) : format === 'csv' ? `${csv(reply)}\n` : format === 'json' ? `${json(reply)}\n` : formatted(reply),
  )
}

/** The command of the arguments, as often as -r says, -1 for ever. */
async function once(process: Process, session: Session, settings: Settings): Promise<number> {
  const command = [...settings.command]
  if (settings.lastFromInput) command.push(await inputText(process))
  const name = command[0]!.toLowerCase()
  for (let i = 0; settings.repeat < 0 || i < settings.repeat; i++) {
    let reply = await session.ask(command)
    if (reply === undefined) return name === 'shutdown' ? 0 : 1
    if (reply instanceof Failure && settings.fails) {
      await process.writeError(`${reply.text}\n`)
      return 1
    }
    await show(process, settings, reply)
    while (STREAMING.has(name) && (reply = await session.next()) !== undefined) await show(process, settings, reply)
    if (settings.interval > 0) await taskOf(process).sleep(settings.interval)
  }
  return 0
}

async function inputText(process: Process): Promise<string> {
  const lines: string[] = []
  for (let line = await process.readLine(); line !== undefined; line = await process.readLine()) lines.push(line)
  return lines.join('\n')
}

/** Commands line by line, with a prompt on a terminal. */
async function prompt(process: Process, session: Session, settings: Settings): Promise<number> {
  const interactive = process.fd(0)?.kind === 'tty'
  let { db } = settings
  for (;;) {
    if (interactive) await process.write(`${settings.host}:${settings.port}${db === 0 ? '' : `[${db}]`}> `)
    const line = await process.readLine()
    if (line === undefined) return 0
    const command = words(line)
    if (command.length === 0) continue
    const name = command[0]!.toLowerCase()
    if (name === 'exit' || name === 'quit') return 0
    if (name === 'clear') {
      await process.write('\x1b[H\x1b[2J')
      continue
    }
    let reply = await session.ask(command)
    if (reply === undefined) {
      await process.writeError('Error: Server closed the connection\n')
      return 1
    }
    if (name === 'select' && !(reply instanceof Failure)) db = Number(command[1])
    await show(process, settings, reply)
    while (STREAMING.has(name) && (reply = await session.next()) !== undefined) await show(process, settings, reply)
  }
}

/** --scan: the keys that a pattern matches. */
async function scan(process: Process, session: Session, { pattern, count }: Settings): Promise<number> {
  let cursor = '0'
  do {
    const reply = await session.ask(['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(count)])
    if (!Array.isArray(reply)) return 1
    cursor = String(reply[0])
    for (const key of reply[1] as string[]) await process.write(`${key}\n`)
  } while (cursor !== '0')
  return 0
}

/** A number that INFO tells. */
const told = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)

/** --stat: a line of numbers each second. */
async function stat(process: Process, session: Session, { interval }: Settings): Promise<number> {
  let before = 0
  for (let line = 0; ; line++) {
    const info = await session.ask(['INFO'])
    if (typeof info !== 'string') return 1
    if (line % 20 === 0)
      await process.write(
        '------- data ------ --------------------- load -------------------- - child -\nkeys       mem      clients blocked requests            connections          \n',
      )
    const keys = [...info.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
    const requests = told(info, 'total_commands_processed')
    const columns = [
      String(keys).padEnd(11),
      humanBytes(told(info, 'used_memory')).padEnd(8),
      ` ${String(told(info, 'connected_clients')).padEnd(8)}`,
      String(told(info, 'blocked_clients')).padEnd(8),
      `${requests} (+${before === 0 ? 0 : requests - before})`.padEnd(19),
      ` ${String(told(info, 'total_connections_received')).padEnd(12)}`,
    ]
    before = requests
    await process.write(`${columns.join('')}\n`)
    await taskOf(process).sleep(interval || 1000)
  }
}

/** --pipe: what comes on standard input goes to the server as it is, and the replies are counted. */
async function pipe(process: Process, session: Session): Promise<number> {
  const task = taskOf(process)
  for (let data = await task.read(); data.length > 0; data = await task.read()) session.connection.write(data)
  await process.write('All data transferred. Waiting for the last reply...\n')
  const end = Array.from({ length: 20 }, () => process.random.int(36).toString(36)).join('')
  session.connection.write(encode(['ECHO', end]))
  let [errors, replies] = [0, 0]
  for (let reply = await session.next(); reply !== end; reply = await session.next()) {
    if (reply === undefined) {
      await process.writeError('Server closed the connection\n')
      return 1
    }
    replies++
    if (reply instanceof Failure) {
      errors++
      await process.writeError(`${reply.text}\n`)
    }
  }
  await process.write(`Last reply received from server.\nerrors: ${errors}, replies: ${replies}\n`)
  return errors > 0 ? 1 : 0
}

/** --latency: a hundred pings a second; on a terminal for ever, elsewhere one line for a second. */
async function latency(process: Process, session: Session): Promise<number> {
  const onTerminal = process.fd(1)?.kind === 'tty'
  const times: number[] = []
  const began = process.clock.now()
  while (onTerminal || process.clock.now() - began < 1000) {
    const sent = process.clock.now()
    if ((await session.ask(['PING'])) === undefined) return 1
    times.push(Math.round(process.clock.now() - sent))
    const average = (times.reduce((sum, ms) => sum + ms, 0) / times.length).toFixed(2)
    if (onTerminal)
      await process.write(`\x1b[0G\x1b[2Kmin: ${Math.min(...times)}, max: ${Math.max(...times)}, avg: ${average} (${times.length} samples)`)
    await taskOf(process).sleep(10)
  }
  await process.write(
    `${Math.min(...times)} ${Math.max(...times)} ${(times.reduce((sum, ms) => sum + ms, 0) / times.length).toFixed(2)} ${times.length}\n`,
  )
  return 0
}
