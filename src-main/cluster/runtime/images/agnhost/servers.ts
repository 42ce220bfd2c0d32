/** agnhost's small servers: serve-hostname, liveness, test-webserver, porter. */
import type { ServerResponse } from 'node:http'
import { posix } from 'node:path'
import type { SecureContext } from 'node:tls'
import { FILE_LIST_TYPE, fileListPage } from '../../../go-file-list.js'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, Latch, listenInProcess, serveInProcess, untilTerminated, type ProcessHandler } from '../server-process.js'
import { goDuration, parseGoDuration } from '../../../go-duration.js'
import { certificateOf } from './certificate.js'
import { sniffedType } from './content-type.js'
import { fatal, httpError, log } from './golog.js'

/** Serves HTTP until the end; logs a line once it listens. */
async function serve(process: Process, port: number, handler: ProcessHandler): Promise<number> {
  process.setMemory(12 * 1024 * 1024)
  try {
    serveInProcess(process, port, async (req, res) => {
      await process.compute(0.1)
      await handler(req, res)
    })
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, `listen tcp :${port}: bind: address already in use`)
    throw error
  }
  return untilTerminated(process)
}

/** How long serve-hostname goes on after it was told to end, cluster ms: its pod goes before. */
const AFTER_TERM = 60_000

/** Answers with the host's name over HTTP, or with `--tcp` and `--udp` over these. */
export async function serveHostname(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 9376)
  const is = (name: string, otherwise: boolean): boolean => {
    const said = args.find((a) => new RegExp(`^--?${name}(=|$)`).test(a))
    return said === undefined ? otherwise : !said.endsWith('=false')
  }
  const [http, tcp, udp] = [is('http', true), is('tcp', false), is('udp', false)]
  if (http && (tcp || udp)) return fatal(process, "Can't server TCP/UDP mode and HTTP mode at the same time")
  const told = new Latch<void>()
  process.onSignal('TERM', () => told.open())
  process.setMemory(8 * 1024 * 1024)
  try {
    if (tcp) {
      listenInProcess(process, port, (connection) => {
        void log(process, `TCP request from ${connection.remoteAddress}:${connection.remotePort}`)
        connection.end(process.hostname)
      })
    }
    if (udp) {
      const socket = process.net.bindUdp(port, (_data, from) => {
        void log(process, `UDP request from ${from.address}:${from.port}`)
        socket.send(Buffer.from(process.hostname), from.port, from.address)
      })
      process.aborted.addEventListener('abort', () => socket.close(), { once: true })
    }
    if (http) {
      serveInProcess(process, port, async (req, res) => {
        await process.compute(0.1)
        req.resume()
        await log(process, `HTTP request from ${req.socket.remoteAddress}:${req.socket.remotePort}`)
        if (is('close', false)) res.setHeader('Connection', 'close')
        res.end(process.hostname)
      })
    }
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, `Error from net.Listen(): listen tcp :${port}: bind: address already in use`)
    throw error
  }
  await log(process, `Serving on port ${port}.`)
  await told.wait(process)
  await log(process, 'Shutting down after receiving signal: terminated.')
  await log(process, 'Awaiting pod deletion.')
  await process.sleep(AFTER_TERM)
  return 0
}

/** Writes this many KiB of hexadecimal, one after each interval (s). */
async function writeBody(process: Process, res: ServerResponse, size: number, interval: number): Promise<void> {
  for (let kib = 0; kib < size; kib++) {
    if (interval > 0) await process.sleep(interval * 1000)
    res.write(process.random.hex(512))
  }
}

/** Well for ten seconds, then not: the liveness example of the documentation. Other paths fail in ways of their own. */
export function liveness(process: Process): Promise<number> {
  const started = process.clock.now()
  return serve(process, 8080, async (req, res) => {
    req.resume()
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://x')
    const number = (name: string, otherwise: number): number => Number(searchParams.get(name) || otherwise)
    const [code, seconds, size, interval] = [number('code', 500), number('time', 0), number('size', 0), number('interval', 0)]
    switch (pathname) {
      case '/started':
        return void res.end(goDuration(process.clock.now() - started))
      case '/healthz': {
        const age = (process.clock.now() - started) / 1000
        if (age <= 10) return void res.end('ok')
        res.statusCode = 500
        return void res.end(`error: ${age}`)
      }
      case '/redirect': {
        const location = decodeURIComponent(searchParams.get('loc') ?? '')
        res.writeHead(302, { 'Content-Type': 'text/html; charset=utf-8', Location: location })
        return void res.end(`<a href="${location}">Found</a>.\n\n`)
      }
      case '/sleep-headers':
        await process.sleep(seconds * 1000)
        res.writeHead(code)
        res.write(`Slept for ${seconds} secs\n`)
        await writeBody(process, res, size, 0)
        return void res.end()
      case '/sleep-body':
        res.writeHead(code)
        await writeBody(process, res, size, interval)
        res.write(`Sleeping for ${seconds} secs\n`)
        await process.sleep(seconds * 1000)
        return void res.end(`Slept for ${seconds} secs\n`)
      case '/slow-response':
        res.writeHead(code)
        await writeBody(process, res, size, interval)
        return void res.end()
      case '/disconnect-headers':
        return void res.destroy()
      case '/disconnect-body':
        res.writeHead(code)
        await writeBody(process, res, size, 0)
        res.write('Disconnecting\n', () => res.destroy())
        return
      default:
        httpError(res, 404, '404 page not found')
    }
  })
}

/** What test-webserver sends with everything: windows of other origins may read it. */
const OPEN_TO_ALL = {
  'Cache-Control': 'private',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type',
}

/** Serves the files of the container, and lists its directories. */
export function testWebserver(process: Process, args: readonly string[]): Promise<number> {
  const { fs } = process
  return serve(process, Number(goFlag(args, 'port') ?? 80), (req, res) => {
    req.resume()
    for (const [name, value] of Object.entries(OPEN_TO_ALL)) res.setHeader(name, value)
    const path = posix.normalize(decodeURIComponent((req.url ?? '/').split('?')[0]!))
    const redirect = (to: string): void => void res.writeHead(301, { Location: to }).end()
    try {
      const isDirectory = fs.stat(path.replace(/(.)\/$/, '$1')).type === 'directory'
      if (path.endsWith('/index.html')) return redirect('./')
      if (isDirectory && !path.endsWith('/')) return redirect(`${posix.basename(path)}/`)
      if (!isDirectory && path.endsWith('/')) return redirect(`../${posix.basename(path)}`)
      if (!isDirectory || fs.exists(`${path}index.html`)) {
        const data = Buffer.from(fs.readFile(isDirectory ? `${path}index.html` : path))
        const type = TYPES[posix.extname(path)] ?? (isDirectory ? FILE_LIST_TYPE : sniffedType(data.subarray(0, 512).toString('latin1')))
        return void res.writeHead(200, { 'Content-Type': type }).end(data)
      }
      const names = fs.readdir(path).map((name) => (fs.lstat(path + name).type === 'directory' ? `${name}/` : name))
      res.writeHead(200, { 'Content-Type': FILE_LIST_TYPE }).end(fileListPage(names))
    } catch {
      httpError(res, 404, '404 page not found')
    }
  })
}

/** The types that Go knows without asking the machine, by the ends of names. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.xml': 'text/xml; charset=utf-8',
}

/**
 * Serves on each port that a variable `SERVE_PORT_N`, `SERVE_TLS_PORT_N`, `SERVE_TCP_PORT_N` or `SERVE_UDP_PORT_N` names
 * the variable's value.
 */
export async function porter(process: Process, args: readonly string[]): Promise<number> {
  const asJson = args.some((a) => /^--?json-response(=true)?$/.test(a))
  // Before anything listens: who is ready is so on all ports.
  const certificate = Object.keys(process.env).some((name) => name.startsWith('SERVE_TLS_PORT_'))
    ? await porterCertificate(process)
    : undefined
  for (const [name, value] of Object.entries(process.env)) {
    const [, kind, port] = /^SERVE_(PORT|TLS_PORT|TCP_PORT|UDP_PORT)_(\d+)$/.exec(name) ?? []
    if (kind === 'UDP_PORT') {
      const socket = process.net.bindUdp(Number(port), (_data, from) => socket.send(Buffer.from(value), from.port, from.address))
      process.aborted.addEventListener('abort', () => socket.close(), { once: true })
      await log(process, `Started UDP server on port ${port}`)
    } else if (kind) {
      const secure = kind === 'TLS_PORT' ? certificate : undefined
      serveInProcess(
        process,
        Number(port),
        (req, res) => {
          req.resume()
          res.setHeader('Content-Type', asJson ? 'application/json' : sniffedType(value))
          res.end(asJson ? JSON.stringify({ Method: req.method, Body: value }) : value)
        },
        secure ? { tls: { contextOf: () => secure } } : {},
      )
    }
  }
  return untilTerminated(process)
}

/** The certificate that the variables name, by themselves the image's own. */
const porterCertificate = (process: Process): Promise<SecureContext> =>
  certificateOf(process, process.env['CERT_FILE'] || 'localhost.crt', process.env['KEY_FILE'] || 'localhost.key')

/** Writes lines like those of an API server's log, `--log-lines-total` of them over `--run-duration`. */
export async function logsGenerator(process: Process, args: readonly string[]): Promise<number> {
  const total = Number(goFlag(args, 'log-lines-total') ?? goFlag(args, 't') ?? 0)
  const text = goFlag(args, 'run-duration') ?? goFlag(args, 'd') ?? '0'
  const span = parseGoDuration(text) ?? 0
  if (total <= 0) return fatal(process, `Invalid total number of lines: ${total}`)
  if (span <= 0) return fatal(process, `Invalid duration: ${goDuration(span)}`)
  for (let i = 0; i < total; i++) {
    const namespace = process.random.pick(['kube-system', 'default', 'ns'])
    const path = `/api/v1/namespaces/${namespace}/pods/${process.random.suffix(3 + process.random.int(2))}`
    await log(process, `${i} ${process.random.pick(['GET', 'POST', 'PUT'])} ${path} ${200 + process.random.int(400)}`)
    await process.sleep(span / total)
  }
  return 0
}
