/** What a server behind nginx answered, on its way to the client, and into the cache. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { keep, lifetime, type Kept } from './cache.js'
import { announceGzip, changesBody, compresses } from './filters.js'
import type { Location } from './model.js'
import type { Answered, Slot, Target, Ways } from './proxy.js'
import type { Request } from './request.js'
import { commonHeaders, orderHeaders, send, withHost } from './send.js'

/** Headers of the other server that nginx does not pass on, unless proxy_pass_header says so. */
const HIDDEN = [
  'date',
  'server',
  'x-pad',
  'x-accel-redirect',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
]
/** Those of one hop. */
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'trailer'])

interface About {
  location: Location
  pass: string
  target: Target
  ways: Ways
  slot: Slot | undefined
}

/** Sends an answer on. */
export async function relay(request: Request, { answer, connection }: Answered, about: About): Promise<void> {
  const { res, settings, worker } = request
  const { ways, slot } = about
  const status = answer.statusCode ?? 502
  request.upstreamHeaders = new Map(Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]))
  if (status >= 400 && settings.proxyInterceptErrors && settings.errorPages.some((e) => e.codes.includes(status))) {
    answer.resume()
    return ways.fail(status)
  }
  const redirected = request.upstreamHeaders.get('x-accel-redirect')
  if (redirected !== undefined && !settings.proxyIgnored.includes('x-accel-redirect')) {
    connection.destroy()
    return ways.goTo(redirected)
  }
  const headers = passedHeaders(request, answer, about)
  const time = slot
    ? lifetime(status, (name) => request.upstreamHeaders.get(name) ?? '', settings.cacheValid, settings.proxyIgnored, worker.clock.now())
    : 0
  const type = answer.headers['content-type']
  for (let i = 0; i < headers.length; i += 2) res.appendHeader(headers[i]!, headers[i + 1]!)
  if (time > 0 || changesBody(request, status, type)) {
    const body = await whole(answer)
    connection.destroy()
    if (slot && time > 0 && uses(slot) >= settings.cacheMinUses)
      keep(slot.zone, worker.fs, slot.key, { status, message: answer.statusMessage ?? '', headers, body }, time, worker.clock.now())
    return send(request, status, body, undefined)
  }
  res.statusCode = request.forcedStatus ?? status
  res.statusMessage = answer.statusMessage ?? ''
  commonHeaders(request, res, status)
  const length = answer.headers['content-length']
  const zip = request.method !== 'HEAD' && compresses(request, status, length === undefined ? undefined : Number(length), type)
  if (zip) announceGzip(res)
  orderHeaders(request)
  await new Promise<void>((resolve) => {
    const body: Readable = zip ? answer.pipe(zlib.createGzip({ level: settings.gzipLevel })) : answer
    body.on('data', (part: Buffer) => {
      request.bodyBytes += part.length
    })
    answer.on('error', () => res.destroy())
    res.once('close', () => {
      connection.destroy()
      resolve()
    })
    body.pipe(res)
  })
}

function uses({ zone, key }: Slot): number {
  const count = (zone.uses.get(key) ?? 0) + 1
  zone.uses.set(key, count)
  return count
}

async function whole(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Sends what a cache keeps. */
export async function sendKept(request: Request, { status, headers, body }: Kept): Promise<void> {
  for (let i = 0; i < headers.length; i += 2) request.res.appendHeader(headers[i]!, headers[i + 1]!)
  await send(request, status, body, undefined)
}

/** Names and values, in turns, as the client is to see them. */
function passedHeaders(request: Request, answer: IncomingMessage, about: About): string[] {
  const { proxyHide, proxyPassHeaders } = request.settings
  const hidden = new Set([...HIDDEN.filter((name) => !proxyPassHeaders.includes(name)), ...proxyHide])
  const out: string[] = []
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(i, i + 2)
    const key = name.toLowerCase()
    if (HOP.has(key) || hidden.has(key)) continue
    out.push(
      name,
      key === 'location' || key === 'refresh' ? moved(request, value, about) : key === 'set-cookie' ? cookie(request, value) : value,
    )
  }
  return out
}

/** A location as seen from outside, by proxy_redirect. */
function moved(request: Request, value: string, { location, pass, target }: About): string {
  for (const rule of request.settings.proxyRedirects) {
    if (rule === 'off') return value
    const given = target.uri === undefined
    const [from, to] =
      rule !== 'default'
        ? rule
        : pass.includes('$')
          ? ['', '']
          : [`${target.scheme}://${target.name}${given ? '/' : target.uri}`, given ? '/' : location.pattern]
    const text = from === '' ? undefined : replacedStart(request, value, from, to)
    if (text !== undefined) return withHost(request, text)
  }
  return value
}

/** A text that begins with `from`, or that its regular expression fits, with `to` in its place; undefined otherwise. */
function replacedStart(request: Request, text: string, from: string, to: string): string | undefined {
  if (!from.startsWith('~')) {
    const start = request.expand(from)
    return text.startsWith(start) ? request.expand(to) + text.slice(start.length) : undefined
  }
  const match = boundedRegExp(from.replace(/^~\*?\s*/, ''), from.startsWith('~*') ? 'i' : '').exec(text)
  if (!match) return undefined
  request.captures = match
  return request.expand(to)
}

/** A cookie with the path and the domain that proxy_cookie_path and proxy_cookie_domain give it. */
function cookie(request: Request, value: string): string {
  const { cookiePaths, cookieDomains } = request.settings
  const part = (text: string, name: string, rules: readonly (readonly [string, string])[]): string =>
    text.replace(new RegExp(`(;\\s*${name}=)([^;]*)`, 'i'), (all: string, start: string, old: string) => {
      for (const [from, to] of rules) {
        const next = name === 'domain' && !from.startsWith('~') ? (old.replace(/^\./, '') === from.replace(/^\./, '') ? request.expand(to) : undefined) : replacedStart(request, old, from, to) // prettier-ignore
        if (next !== undefined) return start + next
      }
      return all
    })
  return part(part(value, 'path', cookiePaths), 'domain', cookieDomains)
}
