/** agnhost netexec: an HTTP and a UDP server that answer who they are, ask others, and do as they are told. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SecureContext } from 'node:tls'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { endAsGoDoes, isAddressInUse, Latch, readBody, serveInProcess, type ProcessHandler } from '../server-process.js'
import { certificateOf } from './certificate.js'
import { answerDatagrams, dialOthers } from './connectivity.js'
import { sniffedType } from './content-type.js'
import { goDuration, parseGoDuration } from '../../../go-duration.js'
import { fatal, httpError, log } from './golog.js'

/** What the endpoints of one server know. */
interface Server {
  readonly process: Process
  /** When it started, ms since the epoch of the cluster. */
  readonly started: number
  /** Opened with the exit code. */
  readonly exit: Latch<number>
  /** Whether the UDP port is open, which /healthz tells. */
  ready: boolean
}

type Endpoint = (server: Server, query: URLSearchParams, req: IncomingMessage, res: ServerResponse) => Promise<void> | void

const quoted = (query: URLSearchParams, ...names: string[]): string => names.map((name) => `${name}=${query.get(name) ?? ''}`).join('&')

const hostname: Endpoint = async ({ process }, _query, req, res) => {
  await log(process, `GET ${(req.url ?? '').split('?')[0]}`)
  res.end(process.hostname)
}

const echo: Endpoint = async ({ process }, query, _req, res) => {
  await log(process, `GET /echo?${quoted(query, 'msg', 'code')}`)
  const code = query.get('code') ?? ''
  if (code && !/^-?\d+$/.test(code)) return void res.end(`argument 'code' must be an integer or empty, got ${JSON.stringify(code)}\n`)
  if (code) res.statusCode = Number(code)
  const text = query.get('msg') ?? ''
  res.setHeader('Content-Type', sniffedType(text))
  res.end(text)
}

const exit: Endpoint = async ({ process, exit: end }, query, _req, res) => {
  await log(process, `GET /exit?${quoted(query, 'code', 'timeout', 'wait')}`)
  const timeout = parseGoDuration(query.get('timeout') || '0')
  const wait = parseGoDuration(query.get('wait') || '0')
  const code = query.get('code') ?? ''
  for (const [name, value] of [['timeout', timeout] as const, ['wait', wait] as const]) {
    if (value !== undefined) continue
    return void res.end(`argument '${name}' must be a valid golang duration or empty, got ${JSON.stringify(query.get(name))}\n`)
  }
  if (code && !/^-?\d+$/.test(code))
    return void res.end(`argument 'code' must be an integer [0-127] or empty, got ${JSON.stringify(code)}\n`)
  const spans = `${goDuration(wait!)}, allowing ${goDuration(timeout!)} for connections to close`
  await log(process, `Will begin shutdown in ${spans}, then will exit with ${Number(code)}`)
  await process.sleep(wait!)
  // Without time for connections to close it ends at once, and nobody gets an answer.
  if (timeout! > 0) res.end()
  end.open(Number(code))
}

const dial: Endpoint = async ({ process }, query, _req, res) => {
  await log(process, `GET /dial?${quoted(query, 'host', 'protocol', 'port', 'request', 'tries')}`)
  const refuse = (why: string): void => httpError(res, 400, why)
  const tries = query.get('tries') ?? ''
  if (tries && !/^\d+$/.test(tries))
    return refuse(`tries parameter is invalid. strconv.Atoi: parsing ${JSON.stringify(tries)}: invalid syntax`)
  if (!query.get('request')) return refuse('request parameter not specified. <nil>')
  const protocol = query.get('protocol') ?? ''
  if (!['', 'http', 'udp'].includes(protocol.toLowerCase())) return refuse(`unsupported protocol. ${protocol}`)
  res.end(JSON.stringify(await dialOthers(process, query)))
}

const shell: Endpoint = async ({ process }, query, _req, res) => {
  const command = query.get('shellCommand') || (query.get('cmd') ?? '')
  await log(process, `GET /shell?cmd=${command}`)
  const answer = await run(process, command)
  await log(
    process,
    `Output: map[${Object.entries(answer)
      .map(([name, text]) => `${name}:${text}`)
      .join(' ')}]`,
  )
  res.end(JSON.stringify(answer))
}

/** Runs a command with both of its outputs in one. */
async function run(process: Process, command: string): Promise<{ error?: string; output?: string }> {
  const file = `/tmp/shell-${process.random.hex(4)}`
  const child = await process.spawn({ argv: ['/bin/sh', '-c', `{ ${command}\n} > ${file} 2>&1`] })
  const code = await child.wait()
  const output = process.fs.exists(file) ? process.fs.readText(file) : ''
  if (process.fs.exists(file)) process.fs.remove(file)
  return { ...(code === 0 ? {} : { error: `exit status ${code}` }), ...(output ? { output } : {}) }
}

/** A file of a multipart form goes to /uploads, where /shell can run it. */
const upload: Endpoint = async ({ process }, _query, req, res) => {
  await log(process, 'GET /upload')
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(req.headers['content-type'] ?? '')
  const body = await readBody(req, 'latin1')
  const part = body.split(`--${boundary?.[1] ?? boundary?.[2]}`).find((p) => /name="file"/.test(p.slice(0, p.indexOf('\r\n\r\n'))))
  if (!boundary || part === undefined) return void res.end(JSON.stringify({ error: 'Unable to upload file.' }))
  const name = `/uploads/upload${process.random.int(1_000_000_000)}`
  const data = part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '')
  process.fs.writeFile(name, Buffer.from(data, 'latin1'), { mode: 0o700 })
  await log(process, `Wrote upload to ${name}`)
  res.writeHead(201, { 'Content-Type': 'text/plain; charset=utf-8' })
  res.end(JSON.stringify({ output: name }))
}

const redirect: Endpoint = async ({ process }, query, req, res) => {
  await log(process, `${req.method} /redirect?msg=${query.get('location') ?? ''}&code=${query.get('code') ?? ''}`)
  res.writeHead(Number(query.get('code') || 302), { Location: query.get('location') ?? '' })
  res.end()
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/': async ({ process, started }, _query, _req, res) => {
    await log(process, 'GET /')
    const now = process.clock.now()
    const running = ((now - started) / 1000).toFixed(9)
    res.end(`NOW: ${new Date(now).toISOString().replace('T', ' ').replace('Z', '000000')} +0000 UTC m=+${running}`)
  },
  '/clientip': async ({ process }, _query, req, res) => {
    await log(process, 'GET /clientip')
    res.end(`${req.socket.remoteAddress}:${req.socket.remotePort}`)
  },
  '/dial': dial,
  '/echo': echo,
  '/exit': exit,
  '/header': async ({ process }, query, req, res) => {
    const key = query.get('key') ?? ''
    await log(process, `GET /header?key=${key}`)
    res.end([req.headers[key.toLowerCase()]].flat().join(','))
  },
  '/healthz': async ({ process, ready }, _query, _req, res) => {
    await log(process, 'GET /healthz')
    res.statusCode = ready ? 200 : 412
    res.end()
  },
  '/readyz': async ({ process }, _query, _req, res) => {
    await log(process, 'GET /readyz')
    res.end('ok')
  },
  '/hostname': hostname,
  '/hostName': hostname,
  '/redirect': redirect,
  '/shell': shell,
  '/shutdown': async ({ process, exit: end }) => {
    await log(process, 'GET /shutdown')
    end.open(0)
  },
  '/upload': upload,
  '/uptime': ({ process, started }, _query, _req, res) => void res.end(goDuration(process.clock.now() - started)),
}

/** Answers that are sent at once have the length and the type that Go finds for them, those of HEAD as well. */
function headersAsGo(res: ServerResponse): void {
  const end = res.end.bind(res) as (body?: string) => ServerResponse
  res.end = ((body?: string) => {
    if (!res.headersSent && typeof body === 'string' && body !== '') {
      res.setHeader('Content-Length', Buffer.byteLength(body))
      if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', sniffedType(body))
    }
    return end(body)
  }) as typeof res.end
}

/** Starts the servers; ends with the code that /exit is told, with 0 after `--delay-shutdown`, or as Go programs end. */
export async function netexec(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'http-port') ?? 8080)
  const udp = Number(goFlag(args, 'udp-port') ?? 8081)
  const delay = Number(goFlag(args, 'delay-shutdown') ?? 0)
  const override = goFlag(args, 'http-override')
  const server: Server = { process, started: process.clock.now(), exit: new Latch<number>(), ready: false }
  process.setMemory(12 * 1024 * 1024)
  endAsGoDoes(process, server.exit)
  const patiently = (): void => {
    void log(process, `Sleeping ${delay} seconds before terminating...`)
    process.clock.after(delay * 1000, () => server.exit.open(0))
  }
  if (delay > 0) process.onSignal('TERM', patiently)
  const handler: ProcessHandler = async (req, res) => {
    await process.compute(0.1)
    const { pathname, searchParams } = new URL(override ?? req.url ?? '/', 'http://x')
    // As Go's mux does: what is nobody's is the root's.
    const endpoint = endpoints[pathname] ?? endpoints['/']!
    if (endpoint !== upload) req.resume()
    headersAsGo(res)
    await endpoint(server, searchParams, req, res)
  }
  try {
    if (udp !== -1) {
      answerDatagrams(process, udp)
      server.ready = true
      await log(process, `Started UDP server on port  ${udp}`)
    }
    serveInProcess(process, port, handler, await secured(process, args))
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, `listen tcp :${port}: bind: address already in use`)
    throw error
  }
  await log(process, `Started HTTP server on port ${port}`)
  return server.exit.wait(process)
}

/** HTTPS with the certificate that the flags name. */
async function secured(process: Process, args: readonly string[]): Promise<{ tls?: { contextOf(): SecureContext } }> {
  const cert = goFlag(args, 'tls-cert-file')
  if (!cert) return {}
  const context = await certificateOf(process, cert, goFlag(args, 'tls-private-key-file') ?? '')
  return { tls: { contextOf: () => context } }
}
