/**
 * agnhost net: runners that leave a connection in CLOSE_WAIT, for tests of how long a node remembers it, started by hand
 * or over HTTP.
 */
import { once } from 'node:events'
import { describeSyntaxError } from '../../../api/schema/json.js'
import type { Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Process } from '../../process.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { endAsGoDoes, isAddressInUse, Latch, listenInProcess, readBody, serveInProcess } from '../server-process.js'
import { httpError } from './golog.js'

/** What a runner may be told; each knows some of them. */
interface Options {
  LocalAddr: string
  RemoteAddr: string
  TimeoutSeconds: number
  PostFinTimeoutSeconds: number
  LeakConnection: boolean
}

interface Runner {
  /** Its options, in their order, as they are when nothing is said. */
  readonly defaults: Partial<Options>
  /** Throws an Error that says why it failed. `log` takes a line of the source and a text. */
  run(process: Process, options: Options, log: (line: number, text: string) => void): Promise<void>
}

/** `127.0.0.1:9999`; without a host all addresses, or the own one. */
function address(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  if (at < 0) throw new Error(text === '' ? 'missing address' : `address ${text}: missing port in address`)
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) }
}

const values = (options: Partial<Options>): string => `&{${Object.values(options).join(' ')}}`
const named = (options: Partial<Options>): string =>
  `&{${Object.entries(options)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ')}}`

/** Waits for one client, says that it has nothing more to send, and keeps the connection for a time. */
const closeWaitServer: Runner = {
  defaults: { LocalAddr: '', PostFinTimeoutSeconds: 0 },
  async run(process, { LocalAddr, PostFinTimeoutSeconds }, log) {
    log(75, `Run ${values({ LocalAddr, PostFinTimeoutSeconds })}`)
    const { host, port } = address(LocalAddr)
    const accepted = new Latch<Connection>()
    let listener
    try {
      listener = listenInProcess(process, port, (connection) => accepted.open(connection), host || '::')
    } catch (error) {
      throw new Error(`listen tcp ${LocalAddr}: bind: ${errorText(error).toLowerCase()}`, { cause: error })
    }
    log(88, `Server listening on ${LocalAddr}`)
    try {
      const connection = await accepted.wait(process)
      connection.on('error', () => undefined)
      log(96, 'Client connected')
      connection.end()
      log(105, `Server sent FIN, waiting ${PostFinTimeoutSeconds} seconds`)
      await process.sleep(PostFinTimeoutSeconds * 1000)
      connection.destroy()
    } finally {
      listener.close()
    }
    log(110, 'Done')
  },
}

/** Reads until a server has nothing more to say, and keeps its own half open for a time, or for as long as the program lives. */
const closeWaitClient: Runner = {
  defaults: { RemoteAddr: '', TimeoutSeconds: 0, PostFinTimeoutSeconds: 0, LeakConnection: false },
  async run(process, options, log) {
    const { RemoteAddr, TimeoutSeconds, PostFinTimeoutSeconds, LeakConnection } = options
    log(151, `Run ${values({ RemoteAddr, TimeoutSeconds, PostFinTimeoutSeconds, LeakConnection })}`)
    const { host, port } = address(RemoteAddr)
    let connection: Connection
    try {
      const [ip] = await process.net.resolve(host || 'localhost')
      connection = await process.net.connect(ip!, port, process.aborted)
    } catch (error) {
      throw new Error(`dial tcp ${RemoteAddr}: connect: ${errorText(error).toLowerCase()}`, { cause: error })
    }
    let leaked = false
    try {
      log(166, 'Connected to server')
      await untilEnd(process, connection, TimeoutSeconds)
      log(184, `Server has half-closed the connection, waiting ${PostFinTimeoutSeconds} seconds`)
      if (LeakConnection) log(188, 'Leaking client connection (assigning to global variable)')
      leaked = LeakConnection
      await process.sleep(PostFinTimeoutSeconds * 1000)
      log(195, 'Done')
    } finally {
      if (!leaked) connection.destroy()
    }
  },
}

/** Resolves when the far end has ended its half without a word. Rejects with an Error for data, a failure, or after a time (s). */
async function untilEnd(process: Process, connection: Connection, seconds: number): Promise<void> {
  const { localAddress, localPort, remoteAddress, remotePort } = connection
  const failed = (why: string): Error => new Error(`read tcp ${localAddress}:${localPort}->${remoteAddress}:${remotePort}: ${why}`)
  const over = new AbortController()
  const timer = seconds > 0 ? process.clock.after(seconds * 1000, () => over.abort()) : undefined
  try {
    const data = once(connection, 'data', { signal: over.signal }).then(() => true)
    const end = once(connection, 'end', { signal: over.signal }).then(() => false)
    data.catch(() => undefined)
    end.catch(() => undefined)
    if (await Promise.race([data, end])) throw new Error('Got data but expected EOF')
  } catch (error) {
    if (over.signal.aborted) throw failed('i/o timeout')
    if ((error as { code?: string }).code) throw failed(`read: ${errorText(error).toLowerCase()}`)
    throw error
  } finally {
    timer?.cancel()
    over.abort()
  }
}

const runners: Readonly<Record<string, Runner>> = {
  'nat-closewait-client': closeWaitClient,
  'nat-closewait-server': closeWaitServer,
}

/** Runs a runner; gives what it wrote, and why it failed if it did. */
async function execute(process: Process, name: string, json: string): Promise<{ output: string; problem?: string }> {
  const runner = Object.hasOwn(runners, name) ? runners[name] : undefined
  if (!runner) return { output: '', problem: "Invalid runner: '<nil>', see --help" }
  let given: Partial<Options>
  try {
    given = (JSON.parse(json) as Partial<Options> | null) ?? {}
  } catch {
    return { output: '', problem: `Invalid options JSON: ${describeSyntaxError(json)}` }
  }
  const known = Object.keys(runner.defaults) as (keyof Options)[]
  const options = Object.fromEntries(known.map((key) => [key, given[key] ?? runner.defaults[key]])) as Partial<Options>
  await process.writeError(`${goLogTime(process)} main.go:140: Options: ${named(options)}\n`)
  let output = ''
  try {
    await runner.run(process, options as Options, (line, text) => (output += `# closewait.go:${line}: ${text}\n`))
    return { output }
  } catch (error) {
    if (process.aborted.aborted) throw error
    return { output, problem: (error as Error).message }
  }
}

/** Runs `--runner` with the JSON of `--options`, or serves `/run/RUNNER` at `--serve`, whose bodies are the options. */
export async function net(process: Process, args: readonly string[]): Promise<number> {
  const say = (line: number, text: string): Promise<void> => process.writeError(`${goLogTime(process)} main.go:${line}: ${text}\n`)
  const serve = goFlag(args, 'serve') ?? ''
  const name = goFlag(args, 'runner') ?? ''
  const delay = Number(goFlag(args, 'delay-shutdown') ?? 0)
  if (!serve && !name) {
    await process.writeError(`${goLogTime(process)} Must set either --runner or --serve, see --help\n`)
    return 1
  }
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  const patiently = (): void => {
    void say(99, `Sleeping ${delay} seconds before terminating...`)
    process.clock.after(delay * 1000, () => end.open(0))
  }
  if (delay > 0) process.onSignal('TERM', patiently)
  if (!serve) return Promise.race([runOnce(process, name, goFlag(args, 'options') ?? '', say), end.wait(process)])
  await say(119, `Running server on ${serve}`)
  try {
    const { host, port } = address(serve)
    const handler = async (req: Parameters<typeof readBody>[0], res: Parameters<typeof httpError>[0]): Promise<void> => {
      const parts = (req.url ?? '/').split('?')[0]!.split('/')
      if (parts[1] !== 'run' || parts.length < 3) return httpError(res, 404, '404 page not found')
      await say(153, `handleRunRequest {${req.method} ${req.url} HTTP/1.1}`)
      const body = await readBody(req)
      if (parts.length !== 3) return httpError(res, 400, `invalid request to run: [${parts.join(' ')}]`)
      const { output, problem } = await execute(process, parts[2]!, body)
      if (problem !== undefined) return httpError(res, 500, `Error from runner: ${problem}\noutput:\n\n${output}`)
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      res.end(`ok\noutput:\n\n${output}`)
    }
    serveInProcess(process, port, handler, host ? { address: host } : {})
  } catch (error) {
    await say(120, isAddressInUse(error) ? `listen tcp ${serve}: bind: address already in use` : `listen tcp: ${errorText(error)}`)
    return 1
  }
  return end.wait(process)
}

async function runOnce(
  process: Process,
  name: string,
  options: string,
  say: (line: number, text: string) => Promise<void>,
): Promise<number> {
  const { output, problem } = await execute(process, name, options)
  if (problem !== undefined) await say(113, `Error: ${problem}`)
  await process.write(`output:\n\n${output}`)
  return problem === undefined ? 0 : 1
}
