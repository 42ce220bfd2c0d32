/** What curl sends: the request that its options describe. */
import type { SecureVersion } from 'node:tls'
import { SystemError } from '../../process.js'
import type { Command, Options } from '../command.js'
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

/** Where `Location` leads from a URL; undefined when it is no URL. */
export function redirectTarget(from: string, location: string): Url | undefined {
  return URL.canParse(location, from) ? parseUrl(new URL(location, from).href) : undefined
}

/** Whether a redirection is followed with GET: what was posted is not posted again, unless -X says so or the status is 307 or 308. */
export function becomesGet(o: Options, status: number, method: string): boolean {
  if (o.has('X')) return false
  if (o.has(`post${status}`)) return false
  return status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST'
}

/** The versions of HTTP that options ask for. */
const VERSIONS: Readonly<Record<string, HttpVersion>> = { '0': '1.0', '1': '1.1', '2': '2', 'http2-prior-knowledge': '2 known' }

/** The settings with which a client offers to go on with HTTP/2: 100 streams, windows of 10 MiB, no pushes. */
const UPGRADE_SETTINGS = 'AAMAAABkAAQAoAAAAAIAAAAA'

/** The request of a command line for a URL. Throws SystemError for a file that cannot be read. */
export function buildRequest(
  c: Command,
  o: Options,
  url: Url,
  { asGet, elsewhere, resumed = 0 }: Redirected = { asGet: false, elsewhere: false },
): Request {
  const file = (t: string): string => (t.startsWith('@') ? (t === '@-' ? '' : readData(c, t.slice(1))) : t)
  const parts = asGet
    ? []
    : [
        ...o.all('d').map((d) => file(d).replace(d.startsWith('@') ? /[\r\n]/g : /(?!)/g, '')),
        ...o.all('data-raw'),
        ...o.all('data-binary').map(file),
        ...o.all('data-urlencode').map((text) => encodedData(c, text)),
        ...o.all('json').map(file),
      ]
  let body: Buffer | undefined
  let type: string | undefined
  let target = url
  if (parts.length > 0 && o.has('G')) target = { ...url, path: `${url.path}${url.path.includes('?') ? '&' : '?'}${parts.join('&')}` }
  else if (parts.length > 0) {
    body = Buffer.from(parts.join(o.has('json') ? '' : '&'))
    type = o.has('json') ? 'application/json' : 'application/x-www-form-urlencoded'
  }
  if (o.has('F') && !asGet) {
    const boundary = `------------------------${c.task.random.hex(11)}`
    body = formBody(c, o.all('F'), boundary)
    type = `multipart/form-data; boundary=${boundary}`
  }
  if (o.has('T') && !asGet) {
    body = readUpload(c, o.get('T')!)
    type = undefined
  }
  const added = o.all('url-query').map((text) => (text.startsWith('+') ? text.slice(1) : encodedPair(text)))
  if (added.length > 0) target = { ...target, path: `${target.path}${target.path.includes('?') ? '&' : '?'}${added.join('&')}` }
  const user = elsewhere || o.has('digest') ? undefined : userOf(c, o, url)
  const headers: Record<string, string> = {}
  if (user !== undefined) headers['Authorization'] = `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`
  if (o.has('t') && !elsewhere) headers['Authorization'] = `Bearer ${o.get('t')}`
  headers['User-Agent'] = o.get('A') ?? `curl/${curlVersion(c)}`
  headers['Accept'] = body && o.has('json') ? 'application/json' : '*/*'
  if (o.has('compressed')) headers['Accept-Encoding'] = 'deflate, gzip, br, zstd'
  if (o.has('r')) headers['Range'] = `bytes=${o.get('r')}`
  if (resumed > 0) headers['Range'] = `bytes=${resumed}-`
  const since = o.has('z') ? condition(c, o.get('z')!) : undefined
  if (since) headers[since[0]] = since[1]
  const etag = o.has('etag-compare') && c.fs.exists(o.get('etag-compare')!) ? c.fs.readText(o.get('etag-compare')!).trim() : ''
  if (o.has('etag-compare')) headers['If-None-Match'] = etag || '""'
  if (o.has('e')) headers['Referer'] = o.get('e')!
  if (o.has('b') && o.get('b')!.includes('=')) headers['Cookie'] = o.get('b')!
  const versions = o.given.flatMap(([letter]) => VERSIONS[letter] ?? [])
  const version = versions.at(-1) ?? (url.scheme === 'https' ? '2' : '1.1')
  if (version === '2' && url.scheme === 'http')
    Object.assign(headers, { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': UPGRADE_SETTINGS })
  const own = o.all('H').flatMap((h) => {
    const [, name, separator, value] = /^([^:;]+)([:;])(.*)$/.exec(h) ?? []
    return name === undefined ? [] : [{ name, value: value!.trim(), sent: value!.trim() !== '' || separator === ';' }]
  })
  const isOwn = (header: string): boolean => own.some(({ name }) => name.toLowerCase() === header.toLowerCase())
  for (const header of Object.keys(headers)) if (isOwn(header)) delete headers[header]
  for (const { name, value, sent } of own) if (sent) headers[name] = value
  if (body && !isOwn('Content-Length')) headers['Content-Length'] = String(body.length)
  if (body && type !== undefined && !isOwn('Content-Type')) headers['Content-Type'] = type
  const method = o.get('X') ?? (o.has('I') ? 'HEAD' : o.has('T') && !asGet ? 'PUT' : body ? 'POST' : 'GET')
  const tls: TlsOptions = { insecure: o.has('k'), ...tlsVersions(o), ...(version === '2' ? { protocols: ['h2', 'http/1.1'] } : version === '1.1' ? { protocols: ['http/1.1'] } : {}) } // prettier-ignore
  if (o.has('capath')) tls.ca = c.fs.readdir(o.get('capath')!).map((name) => c.fs.readText(`${o.get('capath')}/${name}`)).join('\n') // prettier-ignore
  if (o.has('cacert')) tls.ca = c.fs.readText(o.get('cacert')!)
  if (o.has('E')) tls.cert = c.fs.readText(o.get('E')!)
  if (o.has('key')) tls.key = c.fs.readText(o.get('key')!)
  return { url: target, method, headers, body, tls, version }
}

/** A pair as --data-urlencode and --url-query have it: what is behind `=` is encoded. */
function encodedPair(text: string): string {
  const at = text.indexOf('=')
  return at < 0 ? encodeURIComponent(text) : `${at === 0 ? '' : text.slice(0, at + 1)}${encodeURIComponent(text.slice(at + 1))}`
}

/** {@link encodedPair}, and `@FILE` and `NAME@FILE` for the content of files. */
function encodedData(c: Command, text: string): string {
  const [, name = '', file] = /^([^=@]*)@(.+)$/.exec(text) ?? []
  if (file === undefined) return encodedPair(text)
  return `${name ? `${name}=` : ''}${encodeURIComponent(readData(c, file))}`
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
  const time = c.fs.exists(value) ? c.fs.stat(value).mtime : Date.parse(value)
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

const ADVICE = "curl: try 'curl --help' or 'curl --manual' for more information\n"

/** The content of `-d @file`; version 7 sends nothing when there is no such file. */
function readData(c: Command, path: string): string {
  try {
    return c.fs.readText(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CurlError(26, 'Failed to open/read local data from file/application', {
      told: `curl: option -d: error encountered when reading a file\n${ADVICE}`,
    })
  }
}

function readUpload(c: Command, path: string): Buffer {
  try {
    return Buffer.from(c.fs.readFile(path))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const first = curlVersion(c).startsWith('7.') ? `curl: Can't open '${path}'!` : `curl: cannot open '${path}'`
    const message = 'Failed to open/read local data from file/application'
    throw new CurlError(26, message, { told: `${first}\n${ADVICE}curl: (26) ${message}\n` })
  }
}

/** A multipart/form-data body: `name=value`, `name=@file`, `name=<file`, with `;type=` and `;filename=`. */
function formBody(c: Command, fields: readonly string[], boundary: string): Buffer {
  const parts: Buffer[] = []
  for (const field of fields) {
    const at = field.indexOf('=')
    if (at < 0) throw new CurlError(2, `Illegally formatted input field`)
    const name = field.slice(0, at)
    const [value = '', ...attributes] = field.slice(at + 1).split(';')
    const attribute = (key: string): string | undefined =>
      attributes
        .find((a) => a.trim().startsWith(`${key}=`))
        ?.trim()
        .slice(key.length + 1)
    const isFile = value.startsWith('@')
    const path = value.slice(1)
    const data = isFile || value.startsWith('<') ? Buffer.from(c.fs.readFile(path)) : Buffer.from(value)
    const type = attribute('type') ?? (isFile ? contentType(path) : undefined)
    const filename = isFile ? `; filename="${attribute('filename') ?? path.split('/').at(-1)}"` : ''
    parts.push(
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n`,
      ),
      data,
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return Buffer.concat(parts)
}

function contentType(path: string): string {
  const types: Readonly<Record<string, string>> = {
    txt: 'text/plain',
    html: 'text/html',
    jpg: 'image/jpeg',
    png: 'image/png',
    gif: 'image/gif',
    xml: 'application/xml',
    json: 'application/octet-stream',
  }
  return types[path.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream'
}
