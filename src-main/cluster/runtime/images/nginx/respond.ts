/** How nginx answers a request: rules, access, what a location says, error pages. */
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { gate } from './access.js'
import { filePath, serveFile, statOf } from './files.js'
import type { Location, Rule } from './model.js'
import { proxy, proxyOther } from './proxy.js'
import { chooseLocation, normalised, type Request } from './request.js'
import { page, redirect, send } from './send.js'
import { subrequest } from './subrequest.js'

/** CPU milliseconds of one request. */
const CPU_PER_REQUEST = 0.08
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
  request.ask = async (path) => (await subrequest(request, path, (inner) => locate(inner, context))).res.body
  if (method === 'TRACE') {
    request.res.setHeader('Connection', 'close')
    return fail(request, context, 405)
  }
  if (request.malformed || (httpVersion === '1.1' && headers.host === undefined)) return fail(request, context, 400)
  if ((await applyRules(request, context, request.server.rules)) === 'answered') return
  request.stay = false
  await locate(request, context)
}

/** Chooses the location of the current path and lets it answer. */
async function locate(request: Request, context: Context): Promise<void> {
  const location = chooseLocation(request.server.locations, request)
  if (location?.internal && request.redirects === 0 && !request.inner) return fail(request, context, 404)
  await enter(request, context, location)
}

async function enter(request: Request, context: Context, chosen: Location | undefined): Promise<void> {
  request.location = chosen
  request.settings = chosen?.settings ?? request.server.settings
  const before = request.uri
  if (chosen && (await applyRules(request, context, chosen.rules)) === 'answered') return
  if (request.uri !== before && !request.stay) return redirectInside(request, context)
  request.stay = false
  const { location } = request
  let pass = location?.proxyPass
  if (location?.except && !location.except.methods.has(request.method)) {
    request.settings = location.except.settings
    pass = location.except.proxyPass ?? pass
  }
  const refused = (await gate(request, context)) ?? (await authorised(request, context))
  if (refused !== undefined) return fail(request, context, refused)
  const { maxBody, mirrors } = request.settings
  const length = Number(request.req.headers['content-length'] ?? 0)
  if (maxBody > 0 && length > maxBody) {
    await context.logError(request, 'error', `client intended to send too large body: ${length} bytes`)
    return fail(request, context, 413)
  }
  if (!request.inner) for (const path of mirrors) void request.ask(path).catch(() => undefined)
  if (location?.tryFiles && (await tryFiles(request, context, location.tryFiles))) return
  const ways = { fail: (code: number) => fail(request, context, code), goTo: (path: string) => goTo(request, context, path) }
  if (location && pass !== undefined) return proxy(request, context, location, pass, ways)
  if (location?.otherPass !== undefined) return proxyOther(request, context, location.otherPass, ways)
  if (location?.stubStatus) return send(request, 200, context.status(), 'text/plain')
  if (location?.emptyGif) {
    request.res.setHeader('Last-Modified', 'Mon, 28 Sep 1970 06:00:00 GMT')
    return send(request, 200, EMPTY_GIF, 'image/gif')
  }
  await serveFile(request, context)
}

/** Asks the path of auth_request who may go on; the status with which a request is refused. */
async function authorised(request: Request, context: Context): Promise<number | undefined> {
  const { authRequest, authSets } = request.settings
  if (authRequest === 'off' || request.inner || request.failing) return undefined
  const { request: asked, res } = await subrequest(request, request.expand(authRequest), (inner) => locate(inner, context))
  for (const { name, value } of authSets) request.set(name, asked.expand(value))
  const { statusCode } = res
  if (statusCode >= 200 && statusCode < 300) return undefined
  if (statusCode === 401) {
    const challenge = res.getHeader('WWW-Authenticate')
    if (challenge !== undefined) request.res.setHeader('WWW-Authenticate', challenge)
  }
  if (statusCode === 401 || statusCode === 403) return statusCode
  await context.logError(request, 'error', `auth request unexpected status: ${statusCode}`)
  return 500
}

/** Goes on with another path, or a named location, of this server. */
async function goTo(request: Request, context: Context, path: string): Promise<void> {
  if (path.startsWith('@')) return enterNamed(request, context, path)
  const [uri = '/', args] = path.split('?', 2)
  request.uri = normalised(uri)
  if (args !== undefined) request.args = args
  await redirectInside(request, context)
}

async function enterNamed(request: Request, context: Context, name: string): Promise<void> {
  const named = request.server.locations.find((l) => l.kind === 'named' && l.pattern === name)
  request.redirects++
  if (named) return enter(request, context, named)
  await context.logError(request, 'error', `could not find named location "${name}"`)
  await fail(request, context, 500)
}

const EMPTY_GIF = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/** Goes on with a path that was rewritten. */
export async function redirectInside(request: Request, context: Context): Promise<void> {
  if (++request.redirects > MOST_REDIRECTS) {
    await context.logError(request, 'error', `rewrite or internal redirection cycle while internally redirecting to "${request.uri}"`)
    return fail(request, context, 500)
  }
  await locate(request, context)
}

/** Runs the rules of the rewrite module, until one answers or says that no more are to run. */
async function applyRules(request: Request, context: Context, rules: readonly Rule[]): Promise<'answered' | 'stopped' | 'over'> {
  for (const rule of rules) {
    if (rule.type === 'set') request.set(rule.name, request.expand(rule.value))
    else if (rule.type === 'break') {
      request.stay = true
      return 'stopped'
    } else if (rule.type === 'return') {
      await answerReturn(request, context, rule.code, rule.text)
      return 'answered'
    } else if (rule.type === 'if') {
      if (!holds(request, rule.condition)) continue
      if (rule.inner) {
        request.location = rule.inner
        request.settings = rule.inner.settings
      }
      const result = await applyRules(request, context, rule.rules)
      if (result !== 'over') return result
    } else {
      const match = rule.regex.exec(request.uri)
      if (!match) continue
      request.captures = match
      const to = request.expand(rule.to)
      if (rule.flag === 'permanent' || rule.flag === 'redirect' || /^(https?:\/\/|\$scheme)/.test(rule.to)) {
        await redirect(request, rule.flag === 'permanent' ? 301 : 302, withArgs(to, request.args))
        return 'answered'
      }
      const [path = '/', args] = to.split('?', 2)
      request.uri = normalised(path)
      // A question mark at the end leaves the old arguments out.
      if (args !== undefined) request.args = args === '' ? '' : [args, request.args].filter(Boolean).join('&')
      if (rule.flag === 'break') request.stay = true
      if (rule.flag === 'break' || rule.flag === 'last') return 'stopped'
    }
  }
  return 'over'
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
  await (code === 204 ? send(request, code, undefined, undefined) : send(request, code, body ?? '', request.settings.defaultType))
}

/** True when it answered. */
async function tryFiles(request: Request, context: Context, candidates: readonly string[]): Promise<boolean> {
  for (const candidate of candidates.slice(0, -1)) {
    const path = request.expand(candidate)
    const stat = statOf(request, filePath(request, path))
    if (!stat || (stat.type === 'directory') !== candidate.endsWith('/')) continue
    request.uri = candidate.endsWith('/') ? path.slice(0, -1) : path
    return false
  }
  const last = candidates.at(-1)!
  if (last.startsWith('=')) {
    await fail(request, context, Number(last.slice(1)))
    return true
  }
  if (last.startsWith('@')) {
    await enterNamed(request, context, last)
    return true
  }
  const [path = '/', args] = request.expand(last).split('?', 2)
  request.uri = normalised(path)
  if (args !== undefined) request.args = args
  await redirectInside(request, context)
  return true
}

/** Statuses after which nothing more is heard of a connection. */
const CLOSING = new Set([400, 413, 414, 495, 496, 497, 500, 501])

/** Answers an error: the page of `error_page`, or nginx' own. */
export async function fail(request: Request, context: Context, code: number): Promise<void> {
  const custom =
    request.inner || (request.failing && (!request.settings.recursiveErrorPages || request.redirects > MOST_REDIRECTS))
      ? undefined
      : request.settings.errorPages.find((e) => e.codes.includes(code))
  if (CLOSING.has(code)) request.res.setHeader('Connection', 'close')
  if (!custom) {
    request.forcedStatus = undefined
    return send(request, code, page(request, code), 'text/html')
  }
  request.failing = true
  const uri = request.expand(custom.uri)
  if (/^https?:\/\//.test(uri)) return redirect(request, typeof custom.answer === 'number' ? custom.answer : 302, uri)
  // Whatever answers keeps the status of the error, unless `=` says otherwise.
  request.forcedStatus = custom.answer === 'target' ? undefined : (custom.answer ?? code)
  if (uri.startsWith('@')) return enterNamed(request, context, uri)
  request.redirects++
  request.uri = normalised(uri)
  await locate(request, context)
}
