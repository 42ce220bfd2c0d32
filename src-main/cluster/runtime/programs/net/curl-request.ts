/** What curl sends: the request that its options describe. */
import type { SecureVersion } from 'node:tls'
import type { Command, Options } from '../command.js'
import type { Payload } from './curl-data.js'
import { curlVersion } from './curl-options.js'
import { parseUrl, type HttpVersion, type Request, type TlsOptions, type Url } from './http-client.js'

/** An error with curl's number. */
export class CurlError extends Error {
  /** What is said of it, where that is more than its number and message. */
  readonly told: string | undefined
  /** What -v says of the connection that is given up. */
  readonly closes: string | undefined
  /** The length that the server had announced. */
  readonly length: number | undefined

  constructor(
    readonly code: number,
    message: string,
    more: { told?: string; closes?: string; length?: number } = {},
  ) {
    super(message)
    this.told = more.told
    this.closes = more.closes
    this.length = more.length
  }
}

/** How a redirection changes a request. */
export interface Redirected {
  /** It asks for a page now, whatever was sent before. */
  asGet: boolean
  /** It goes to another server, which is not told who asks. */
  elsewhere: boolean
  /** The bytes that are there already, with -C. */
  resumed?: number
}

/** What requests send: the content of options, and the file of -T for one URL. */
export interface Sent {
  readonly payload: Payload
  readonly upload?: { readonly name: string; readonly content: Buffer; readonly piped: boolean } | undefined
}

/** Where `Location` leads from a URL; undefined when it is no URL. */
export function redirectTarget(from: string, location: string): Url | undefined {
  return URL.canParse(location, from) ? parseUrl(new URL(location, from).href) : undefined
}

/** Whether a redirection is followed without what was sent: that is so unless the status is 307 or 308, or --post301 and its like say so. */
export function becomesGet(o: Options, status: number, sent: 'POST' | 'PUT' | undefined): boolean {
  if (sent === undefined || (sent === 'POST' && o.has(`post${status}`))) return false
  return status === 303 || ((status === 301 || status === 302) && sent === 'POST')
}

/** The versions of HTTP that options ask for. */
const VERSIONS: Readonly<Record<string, HttpVersion>> = { '0': '1.0', 'http1.1': '1.1', http2: '2', 'http2-prior-knowledge': '2 known' }

/** The settings with which a client offers to go on with HTTP/2: 100 streams, windows of 10 MiB, no pushes. */
const UPGRADE_SETTINGS = 'AAMAAABkAAQAoAAAAAIAAAAA'

/** The content from which HTTP/1.1 waits for the server to go on (`Expect: 100-continue`), bytes. */
const EXPECT_FROM = 1024 * 1024

/** The request of a command line for a URL, with what it sends. Throws SystemError for a file that cannot be read. */
export function buildRequest(
  c: Command,
  o: Options,
  url: Url,
  { payload, upload }: Sent,
  { asGet, elsewhere, resumed = 0 }: Redirected = { asGet: false, elsewhere: false },
): Request {
  const old = curlVersion(c).startsWith('7.')
  const body = asGet ? undefined : (upload?.content ?? payload.body)
  const type = upload ? undefined : payload.type
  let target = url
  if (payload.query.length > 0) target = { ...url, path: `${url.path}${url.path.includes('?') ? '&' : '?'}${payload.query.join('&')}` }
  if (upload && !asGet && target.path.endsWith('/'))
    target = { ...target, path: target.path + encodeURIComponent(upload.name.split('/').at(-1)!) }
  const user = elsewhere || o.has('digest') || o.has('anyauth') ? undefined : userOf(c, o, url)
  const headers: Record<string, string> = {}
  if (user !== undefined) headers['Authorization'] = `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`
  if (o.has('bearer') && !elsewhere) headers['Authorization'] = `Bearer ${o.get('bearer')}`
  if (o.has('r')) headers['Range'] = `bytes=${o.get('r')}`
  if (resumed > 0) headers['Range'] = `bytes=${resumed}-`
  headers['User-Agent'] = o.get('A') ?? `curl/${curlVersion(c)}`
  if (headers['User-Agent'] === '') delete headers['User-Agent']
  headers['Accept'] = '*/*'
  if (o.has('compressed')) headers['Accept-Encoding'] = 'deflate, gzip, br, zstd'
  const referer = o.get('e')?.replace(/;auto$/, '')
  if (referer) headers['Referer'] = referer
  const versions = o.given.flatMap(([letter]) => VERSIONS[letter] ?? [])
  const version = versions.at(-1) ?? (url.scheme === 'https' ? '2' : '1.1')
  if (version === '2' && url.scheme === 'http')
    Object.assign(headers, { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': UPGRADE_SETTINGS })
  const cookies = o.all('b').filter((value) => value.includes('='))
  if (cookies.length > 0) headers['Cookie'] = cookies.join('; ')
  const since = o.has('z') ? condition(c, o.get('z')!) : undefined
  if (since) headers[since[0]] = since[1]
  const etag = o.has('etag-compare') && c.fs.exists(o.get('etag-compare')!) ? c.fs.readText(o.get('etag-compare')!).trim() : ''
  const lines = o.has('etag-compare') ? [...payload.headers, `If-None-Match: ${etag || '""'}`] : payload.headers
  const own = lines.flatMap((h) => {
    const [, name, separator, value] = /^([^:;]+)([:;])(.*)$/.exec(h) ?? []
    return name === undefined ? [] : [{ name, value: value!.trim(), sent: value!.trim() !== '' || separator === ';' }]
  })
  const isOwn = (header: string): boolean => own.some(({ name }) => name.toLowerCase() === header.toLowerCase())
  for (const header of Object.keys(headers)) if (isOwn(header)) delete headers[header]
  for (const { name, value, sent } of own) if (sent) headers[name] = value
  if (body && upload?.piped && !isOwn('Transfer-Encoding')) headers['Transfer-Encoding'] = 'chunked'
  if (body && !upload?.piped && !isOwn('Content-Length')) headers['Content-Length'] = String(body.length)
  if (body && type !== undefined && !isOwn('Content-Type')) headers['Content-Type'] = type
  const waits = body && version === '1.1' && ((upload && (old || upload.piped)) || body.length > EXPECT_FROM)
  if (waits && !isOwn('Expect')) headers['Expect'] = '100-continue'
  const method = o.get('X') ?? (o.has('I') ? 'HEAD' : upload && !asGet ? 'PUT' : body ? 'POST' : 'GET')
  const tls: TlsOptions = { insecure: o.has('k'), ...tlsVersions(o), ...(version === '2' ? { protocols: ['h2', 'http/1.1'] } : version === '1.1' ? { protocols: ['http/1.1'] } : {}) } // prettier-ignore
  if (o.has('capath')) tls.ca = c.fs.readdir(o.get('capath')!).map((name) => c.fs.readText(`${o.get('capath')}/${name}`)).join('\n') // prettier-ignore
  if (o.has('cacert')) tls.ca = c.fs.readText(o.get('cacert')!)
  if (o.has('E')) tls.cert = c.fs.readText(o.get('E')!)
  if (o.has('key')) tls.key = c.fs.readText(o.get('key')!)
  return { url: target, method, headers, ...(body ? { body } : {}), tls, version }
}

/** The name and password that a server is told. */
export function userOf(c: Command, o: Options, url: Url): string | undefined {
  return o.get('u') ?? url.user ?? fromNetrc(c, o, url.host)
}

/** The name and password that `~/.netrc` has for a host, with -n. */
function fromNetrc(c: Command, o: Options, host: string): string | undefined {
  const path = o.get('netrc-file') ?? (o.has('n') ? `${c.task.env['HOME'] ?? '/'}/.netrc` : undefined)
  if (path === undefined || !c.fs.exists(path)) return undefined
  const words = c.fs.readText(path).split(/\s+/)
  const at = words.findIndex((word, i) => word === 'default' || (word === 'machine' && words[i + 1] === host))
  if (at < 0) return undefined
  const own = words.slice(at + 1)
  const next = own.findIndex((word) => word === 'machine' || word === 'default')
  const of = (key: string): string => own[own.indexOf(key) + 1] ?? ''
  return next >= 0 && next < own.indexOf('login') ? undefined : `${of('login')}:${of('password')}`
}

/** The header of -z: a date, or a file whose time counts; with `-` before it the other way round. */
function condition(c: Command, text: string): [string, string] | undefined {
  const value = text.replace(/^-/, '')
  // Its dates are those of HTTP and mail: 2026-01-31 is none.
  const time = c.fs.exists(value) ? c.fs.stat(value).mtime : /^\d{4}-/.test(value) ? NaN : Date.parse(value)
  if (Number.isNaN(time)) return undefined
  return [text.startsWith('-') ? 'If-Unmodified-Since' : 'If-Modified-Since', new Date(time).toUTCString()]
}

function tlsVersions(o: Options): Partial<TlsOptions> {
  const least = (['1.3', '1.2', '1.1', '1.0'] as const).find((version) => o.has(`tlsv${version}`))
  const most = (['1.0', '1.1', '1.2', '1.3'] as const).find((version) => o.get('tls-max') === version)
  const ciphers = [...o.all('tls13-ciphers'), ...o.all('ciphers')].join(':')
  const named = (version: string): SecureVersion => (version === '1.0' ? 'TLSv1' : (`TLSv${version}` as SecureVersion))
  return { ...(least ? { least: named(least) } : {}), ...(most ? { most: named(most) } : {}), ...(ciphers ? { ciphers } : {}) }
}
