/** How nginx answers a request: rules, static files, redirects, listings, error pages. */
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { httpDate } from '../../../network/http.js'
import type { Stat } from '../../fs.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { gate, setExpiry } from './access.js'
import type { Location, Rule } from './model.js'
import { errorPage, listing, statusLine } from './pages.js'
import { proxy } from './proxy.js'
import { chooseLocation, normalised, type Request } from './request.js'

const gzip = promisify<Uint8Array, Buffer>(zlib.gzip)

/** CPU milliseconds of one request, and of each MiB sent. */
const CPU_PER_REQUEST = 0.08
const CPU_PER_MIB = 0.4
/** Internal redirects of one request before nginx gives up. */
const MOST_REDIRECTS = 10

/** What a request needs of the process it runs in. */
export interface Context {
  /** Writes a line to the error log: level, message without the request's part, the URL of a server behind this one. */
  logError(request: Request, level: string, message: string, upstream?: string): Promise<void>
  /** The text of `stub_status`. */
  status(): string
}

/** Answers one request to its end. */
export async function respond(request: Request, context: Context): Promise<void> {
  await request.worker.compute(CPU_PER_REQUEST)
  const { method, httpVersion, headers } = request.req
  if (method === 'TRACE') return fail(request, context, 405)
  if (httpVersion === '1.1' && headers.host === undefined) return fail(request, context, 400)
  if (await applyRules(request, context, request.server.rules)) return
  await locate(request, context)
}

/** Chooses the location of the current path and lets it answer. */
async function locate(request: Request, context: Context): Promise<void> {
  const location = chooseLocation(request.server.locations, request)
  if (location?.internal && request.redirects === 0) return fail(request, context, 404)
  await enter(request, context, location)
}

async function enter(request: Request, context: Context, location: Location | undefined): Promise<void> {
  request.location = location
  request.settings = location?.settings ?? request.server.settings
  const before = request.uri
  if (location && (await applyRules(request, context, location.rules))) return
  if (request.uri !== before && !request.stay) return redirectInside(request, context)
  request.stay = false
  const refused = await gate(request, context)
  if (refused !== undefined) return fail(request, context, refused)
  const { maxBody } = request.settings
  const length = Number(request.req.headers['content-length'] ?? 0)
  if (maxBody > 0 && length > maxBody) {
    await context.logError(request, 'error', `client intended to send too large body: ${length} bytes`)
    return fail(request, context, 413)
  }
  if (location?.tryFiles) {
    if (await tryFiles(request, context, location.tryFiles)) return
  }
  if (location?.proxyPass) return proxy(request, context, location, (code) => fail(request, context, code))
  if (location?.stubStatus) return send(request, 200, context.status(), 'text/plain')
  if (location?.emptyGif) return send(request, 200, EMPTY_GIF, 'image/gif')
  await serveFile(request, context)
}

const EMPTY_GIF = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/** Goes on with a path that was rewritten. */
async function redirectInside(request: Request, context: Context): Promise<void> {
  if (++request.redirects > MOST_REDIRECTS) {
    await context.logError(request, 'error', `rewrite or internal redirection cycle while internally redirecting to "${request.uri}"`)
    return fail(request, context, 500)
  }
  await locate(request, context)
}

/** Runs the rules of the rewrite module. True when they answered. */
async function applyRules(request: Request, context: Context, rules: readonly Rule[]): Promise<boolean> {
  for (const rule of rules) {
    if (rule.type === 'set') request.set(rule.name, request.expand(rule.value))
    else if (rule.type === 'break') return false
    else if (rule.type === 'return') {
      await answerReturn(request, context, rule.code, rule.text)
      return true
    } else if (rule.type === 'if') {
      if (holds(request, rule.condition) && (await applyRules(request, context, rule.rules))) return true
    } else {
      const match = rule.regex.exec(request.uri)
      if (!match) continue
      request.captures = match
      const to = request.expand(rule.to)
      if (rule.flag === 'permanent' || rule.flag === 'redirect' || /^https?:\/\//.test(to)) {
        await redirect(request, rule.flag === 'permanent' ? 301 : 302, withArgs(to, request.args))
        return true
      }
      const [path = '/', args] = to.split('?', 2)
      request.uri = normalised(path)
      if (args !== undefined) request.args = [args, request.args].filter(Boolean).join('&')
      if (rule.flag === 'break') {
        request.stay = true
        return false
      }
      if (rule.flag === 'last') return false
    }
  }
  return false
}

function withArgs(url: string, args: string): string {
  if (url.endsWith('?')) return url.slice(0, -1)
  return args ? `${url}${url.includes('?') ? '&' : '?'}${args}` : url
}

/** The condition of an `if`. */
function holds(request: Request, condition: readonly string[]): boolean {
  const [first = '', operator, ...rest] = condition
  if (/^!?-[fdex]$/.test(first)) {
    const path = request.expand(operator ?? '')
    const stat = statOf(request, path)
    const kind = first.at(-1)
    const result = stat !== undefined && (kind === 'e' || kind === 'x' || (kind === 'f' ? stat.type === 'file' : stat.type === 'directory'))
    return first.startsWith('!') ? !result : result
  }
  const value = request.expand(first)
  if (operator === undefined) return value !== '' && value !== '0'
  const other = rest.join(' ')
  if (operator === '=') return value === request.expand(other)
  if (operator === '!=') return value !== request.expand(other)
  const match = boundedRegExp(other, operator.includes('*') ? 'i' : '').exec(value)
  if (match) request.captures = match
  return operator.startsWith('!') ? !match : match !== null
}

async function answerReturn(request: Request, context: Context, code: number, text: string | undefined): Promise<void> {
  const body = text === undefined ? undefined : request.expand(text)
  if (code === 444) return void request.res.destroy()
  if (body !== undefined && [301, 302, 303, 307, 308].includes(code)) return redirect(request, code, body)
  if (body === undefined && code >= 300) return fail(request, context, code)
  await send(request, code, body ?? '', request.settings.defaultType)
}

/** True when it answered. */
async function tryFiles(request: Request, context: Context, candidates: readonly string[]): Promise<boolean> {
  for (const candidate of candidates.slice(0, -1)) {
    const path = request.expand(candidate)
    const stat = statOf(request, filePath(request, path))
    if (!stat || (stat.type === 'directory') !== path.endsWith('/')) continue
    request.uri = path
    return false
  }
  const last = candidates.at(-1)!
  if (last.startsWith('=')) {
    await fail(request, context, Number(last.slice(1)))
    return true
  }
  if (last.startsWith('@')) {
    const named = request.server.locations.find((l) => l.kind === 'named' && l.pattern === last)
    await (named ? enter(request, context, named) : fail(request, context, 500))
    return true
  }
  const [path = '/', args] = request.expand(last).split('?', 2)
  request.uri = normalised(path)
  if (args !== undefined) request.args = args
  await redirectInside(request, context)
  return true
}

/** Where a path lies in the file tree: `root` plus path, or `alias` in place of the location's prefix. */
function filePath(request: Request, uri: string): string {
  const { location, settings } = request
  if (location?.alias !== undefined) {
    const alias = request.expand(location.alias)
    return location.kind === 'regex' ? alias : alias + uri.slice(location.pattern.length)
  }
  return request.expand(settings.root).replace(/\/$/, '') + uri
}

function statOf(request: Request, path: string): Stat | undefined {
  try {
    return request.worker.fs.stat(path)
  } catch {
    return undefined
  }
}

async function serveFile(request: Request, context: Context): Promise<void> {
  // An error page is fetched with GET whatever the request was.
  const method = request.failing ? 'GET' : request.req.method
  const { uri, settings } = request
  const path = filePath(request, uri)
  if (uri.endsWith('/')) {
    for (const name of settings.index) {
      const index = request.expand(name)
      const file = index.startsWith('/') ? index : path + index
      if (statOf(request, index.startsWith('/') ? filePath(request, index) : file)?.type !== 'file') continue
      request.uri = index.startsWith('/') ? index : uri + index
      return redirectInside(request, context)
    }
    const directory = statOf(request, path)
    if (!directory) return missing(request, context, `${path}${settings.index[0] ?? ''}`, 'ENOENT')
    if (method !== 'GET' && method !== 'HEAD') return fail(request, context, 405)
    if (!settings.autoindex) {
      await context.logError(request, 'error', `directory index of "${path}" is forbidden`)
      return fail(request, context, 403)
    }
    const entries = request.worker.fs.readdir(path).flatMap((name) => {
      const stat = name.startsWith('.') ? undefined : statOf(request, `${path}${name}`)
      return stat ? [{ name, directory: stat.type === 'directory', mtime: stat.mtime, size: stat.size }] : []
    })
    return send(request, 200, listing(uri, entries), 'text/html')
  }
  let stat: Stat
  try {
    stat = request.worker.fs.stat(path)
  } catch (error) {
    return missing(request, context, path, (error as { code?: string }).code ?? 'ENOENT')
  }
  if (stat.type === 'directory') return redirect(request, 301, `${encodeURI(uri)}/${request.args ? `?${request.args}` : ''}`)
  if (method !== 'GET' && method !== 'HEAD') return fail(request, context, 405)
  let data: Uint8Array
  try {
    data = request.worker.fs.readFile(path)
  } catch (error) {
    return missing(request, context, path, (error as { code?: string }).code ?? 'ENOENT')
  }
  await sendFile(request, context, path, stat, data)
}

async function missing(request: Request, context: Context, path: string, code: string): Promise<void> {
  const denied = code === 'EACCES'
  const why = denied ? '13: Permission denied' : code === 'ENOTDIR' ? '20: Not a directory' : '2: No such file or directory'
  await context.logError(request, 'error', `open() "${path}" failed (${why})`)
  await fail(request, context, denied ? 403 : 404)
}

async function sendFile(request: Request, context: Context, path: string, stat: Stat, data: Uint8Array): Promise<void> {
  const { req, res, config, settings } = request
  const modified = Math.floor(stat.mtime / 1000)
  const etag = `"${modified.toString(16)}-${data.length.toString(16)}"`
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase()
  const type = (extension !== undefined && config.types.get(extension)) || settings.defaultType
  res.setHeader('Last-Modified', httpDate(modified * 1000))
  res.setHeader('ETag', etag)
  const since = req.headers['if-modified-since']
  const none = req.headers['if-none-match']
  if (
    none !== undefined
      ? none === '*' || none.split(/,\s*/).some((t) => t.replace(/^W\//, '') === etag)
      : since === httpDate(modified * 1000)
  )
    return send(request, 304, undefined, undefined)
  res.setHeader('Accept-Ranges', 'bytes')
  const range = /^bytes=(\d*)-(\d*)$/.exec(req.headers.range ?? '')
  if (range && (range[1] || range[2])) {
    const start = range[1] ? Number(range[1]) : Math.max(0, data.length - Number(range[2]))
    const end = range[1] && range[2] ? Math.min(Number(range[2]), data.length - 1) : data.length - 1
    if (start > end) {
      res.setHeader('Content-Range', `bytes */${data.length}`)
      return fail(request, context, 416)
    }
    res.setHeader('Content-Range', `bytes ${start}-${end}/${data.length}`)
    return send(request, 206, data.subarray(start, end + 1), type)
  }
  await send(request, 200, data, type)
}

/** Answers a redirect; a path becomes a URL of the host that was asked. */
async function redirect(request: Request, code: number, to: string): Promise<void> {
  const { req, res, settings } = request
  const port = req.socket.localPort
  const standard = request.scheme === 'https' ? 443 : 80
  const base = `${request.scheme}://${req.headers.host ? request.host : request.serverName}${port === standard || port === undefined ? '' : `:${port}`}`
  res.setHeader('Location', to.startsWith('/') && settings.absoluteRedirect ? base + to : to)
  await send(request, code, page(request, code), 'text/html')
}

function serverToken(request: Request): string {
  return request.settings.serverTokens ? `nginx/${request.version}` : 'nginx'
}

function page(request: Request, code: number): string {
  const minor = Number(request.version.split('.')[1])
  return errorPage(code, serverToken(request), minor < 15)
}

/** Answers an error: the page of `error_page`, or nginx' own. */
export async function fail(request: Request, context: Context, code: number): Promise<void> {
  const custom = request.failing ? undefined : request.settings.errorPages.find((e) => e.codes.includes(code))
  if (!custom) return send(request, code, page(request, code), 'text/html')
  request.failing = true
  const uri = request.expand(custom.uri)
  if (/^https?:\/\//.test(uri)) return redirect(request, typeof custom.answer === 'number' ? custom.answer : 302, uri)
  // Whatever answers keeps the status of the error, unless `=` says otherwise.
  request.forcedStatus = custom.answer === 'target' ? undefined : (custom.answer ?? code)
  request.redirects++
  if (uri.startsWith('@')) {
    const named = request.server.locations.find((l) => l.kind === 'named' && l.pattern === uri)
    return named ? enter(request, context, named) : send(request, code, page(request, code), 'text/html')
  }
  request.uri = normalised(uri)
  await locate(request, context)
}

/** Sends an answer with the headers that every answer of nginx has. */
export async function send(request: Request, code: number, body: string | Uint8Array | undefined, type: string | undefined): Promise<void> {
  const { req, res } = request
  let bytes = body === undefined ? undefined : typeof body === 'string' ? Buffer.from(body) : body
  const status = request.forcedStatus !== undefined && code < 300 ? request.forcedStatus : code
  res.statusCode = status
  res.statusMessage = statusLine(status).slice(4)
  commonHeaders(request, res, status)
  if (type !== undefined) res.setHeader('Content-Type', type)
  if (bytes !== undefined && compresses(request, status, bytes.length, type)) {
    bytes = await gzip(bytes)
    res.setHeader('Transfer-Encoding', 'chunked')
    res.setHeader('Content-Encoding', 'gzip')
    // What is compressed on the way has no length beforehand, cannot be asked for in parts, and is only nearly the same.
    res.removeHeader('Accept-Ranges')
    const etag = res.getHeader('ETag')
    if (typeof etag === 'string') res.setHeader('ETag', `W/${etag}`)
  } else if (bytes !== undefined) res.setHeader('Content-Length', bytes.length)
  request.bodyBytes = req.method === 'HEAD' || bytes === undefined ? 0 : bytes.length
  if (request.bodyBytes > 65_536) await request.worker.compute((request.bodyBytes / 1048576) * CPU_PER_MIB)
  orderHeaders(res)
  if (bytes === undefined || req.method === 'HEAD') return void res.end()
  await new Promise<void>((resolve) => {
    res.once('close', resolve)
    res.end(bytes)
  })
}

/** Whether gzip is on for an answer, and the client takes it. */
function compresses({ req, res, settings }: Request, status: number, length: number, type: string | undefined): boolean {
  if (!settings.gzip || ![200, 403, 404].includes(status) || length < settings.gzipMinLength) return false
  const plain = (type ?? '').split(';')[0]!.trim()
  if (!settings.gzipTypes.includes(plain) && !settings.gzipTypes.includes('*')) return false
  if (settings.gzipVary) res.appendHeader('Vary', 'Accept-Encoding')
  return (
    req.httpVersion === '1.1' &&
    req.headers.via === undefined &&
    /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\b)/i.test(String(req.headers['accept-encoding'] ?? ''))
  )
}

/** `Server`, `Connection`, and what `add_header` adds. */
export function commonHeaders(request: Request, res: ServerResponse, status: number): void {
  res.setHeader('Server', serverToken(request))
  if (!res.hasHeader('Connection')) res.setHeader('Connection', keepsAlive(request) ? 'keep-alive' : 'close')
  const usual = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308].includes(status)
  if (usual && request.settings.expires !== undefined) setExpiry(res, request.settings.expires, request.worker.clock.now())
  for (const { name, value, always } of request.settings.addHeaders) {
    if (!usual && !always) continue
    const text = request.expand(value)
    if (text !== '') res.appendHeader(name, text)
  }
}

/** The order in which nginx writes the headers that it makes itself. */
const ORDER = ['Server', 'Date', 'Content-Type', 'Content-Length', 'Last-Modified', 'Connection', 'Vary', 'Location', 'ETag']

/** Puts the headers of an answer into nginx' order. */
export function orderHeaders(res: ServerResponse): void {
  const first = new Set(ORDER.map((name) => name.toLowerCase()))
  const rest = (res as ServerResponse & { getRawHeaderNames(): string[] })
    .getRawHeaderNames()
    .filter((name) => !first.has(name.toLowerCase()))
  for (const name of [...ORDER, ...rest]) {
    const value = res.getHeader(name)
    if (value === undefined) continue
    res.removeHeader(name)
    res.setHeader(name, value)
  }
}

function keepsAlive(request: Request): boolean {
  const { req, settings } = request
  if (settings.keepAlive === 0) return false
  const wish = (req.headers.connection ?? '').toLowerCase()
  return req.httpVersion === '1.1' ? wish !== 'close' : wish === 'keep-alive'
}
