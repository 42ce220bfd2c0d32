/** curl 7.88, as Debian 12 has it: the options that people use in a pod, its exit codes and its words. */
import type { IncomingMessage } from 'node:http'
import type { Process, Program } from '../../process.js'
import { BadOption, parseArguments, type Parsed, type Takes } from './arguments.js'
import { deadline, FetchError, fetchHead, parseTarget, type Target } from './fetch.js'

const VERSION = '7.88.1'

const spec: Record<string, Takes> = {
  silent: 'flag',
  'show-error': 'flag',
  verbose: 'flag',
  include: 'flag',
  head: 'flag',
  location: 'flag',
  fail: 'flag',
  insecure: 'flag',
  get: 'flag',
  'no-buffer': 'flag',
  globoff: 'flag',
  compressed: 'flag',
  http1: 'flag',
  'http1.1': 'flag',
  http2: 'flag',
  version: 'flag',
  help: 'flag',
  'remote-name': 'flag',
  ipv4: 'flag',
  ipv6: 'flag',
  'fail-with-body': 'flag',
  'path-as-is': 'flag',
  'progress-bar': 'flag',
  output: 'value',
  request: 'value',
  'max-time': 'value',
  'connect-timeout': 'value',
  user: 'value',
  'user-agent': 'value',
  'write-out': 'value',
  cacert: 'value',
  cert: 'value',
  key: 'value',
  referer: 'value',
  cookie: 'value',
  retry: 'value',
  'retry-delay': 'value',
  'max-redirs': 'value',
  'upload-file': 'value',
  interface: 'value',
  header: 'list',
  data: 'list',
  'data-raw': 'list',
  'data-binary': 'list',
  'data-urlencode': 'list',
  url: 'list',
  json: 'list',
  resolve: 'list',
}
const letters: Record<string, string> = {
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  i: 'include',
  I: 'head',
  L: 'location',
  f: 'fail',
  k: 'insecure',
  G: 'get',
  N: 'no-buffer',
  g: 'globoff',
  V: 'version',
  h: 'help',
  O: 'remote-name',
  4: 'ipv4',
  6: 'ipv6',
  '#': 'progress-bar',
  o: 'output',
  X: 'request',
  m: 'max-time',
  u: 'user',
  A: 'user-agent',
  w: 'write-out',
  E: 'cert',
  e: 'referer',
  b: 'cookie',
  T: 'upload-file',
  H: 'header',
  d: 'data',
}

/** What `-w` can ask for. */
interface Report {
  code: number
  url: string
  method: string
  contentType: string
  size: number
  /** Cluster ms. */
  began: number
  connected: number
  firstByte: number
  ended: number
  remote: string
  redirects: number
}

export const curl: Program = async (p) => {
  let args: Parsed
  try {
    args = parseArguments(p.argv.slice(1), spec, letters)
  } catch (error) {
    if (!(error instanceof BadOption)) throw error
    await p.writeError(
      `curl: option ${error.option}: ${error.missingValue ? 'requires parameter' : 'is unknown'}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
    )
    return 2
  }
  if (args.flags.has('version')) {
    await p.write(
      `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION} OpenSSL/3.0.15 zlib/1.2.13\nRelease-Date: 2023-02-20\nProtocols: http https\nFeatures: HTTPS-proxy IPv6 Largefile SSL threadsafe\n`,
    )
    return 0
  }
  const urls = [...(args.lists.get('url') ?? []), ...args.operands]
  if (!urls.length) {
    await p.writeError("curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
    return 2
  }
  let code = 0
  for (const url of urls) code = await transfer(p, args, url)
  return code
}

/** Curl's exit codes and sentences for what can go wrong. */
function explain(error: FetchError, elapsed: number): [code: number, text: string] {
  const { host, port } = error.target
  switch (error.stage) {
    case 'resolve':
      return [6, `Could not resolve host: ${host}`]
    case 'connect':
      if (error.reason === 'TIMEOUT' || error.reason === 'ETIMEDOUT') return [28, `Connection timed out after ${elapsed} milliseconds`]
      return [
        7,
        `Failed to connect to ${host} port ${port} after ${elapsed} ms: ${error.reason === 'EHOSTUNREACH' ? 'No route to host' : "Couldn't connect to server"}`,
      ]
    case 'tls':
      if (/SELF_SIGNED|UNABLE_TO|CERT/.test(error.reason))
        return [
          60,
          `SSL certificate problem: ${error.reason === 'DEPTH_ZERO_SELF_SIGNED_CERT' ? 'self-signed certificate' : error.reason === 'CERT_HAS_EXPIRED' ? 'certificate has expired' : 'unable to get local issuer certificate'}\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.`,
        ]
      return [35, 'OpenSSL SSL_connect: Connection reset by peer']
    case 'exchange':
      if (error.reason === 'TIMEOUT') return [28, `Operation timed out after ${elapsed} milliseconds with 0 bytes received`]
      if (error.reason === 'EMPTY') return [52, 'Empty reply from server']
      if (error.reason === 'ECONNRESET') return [56, 'Recv failure: Connection reset by peer']
      return [1, 'Received HTTP/0.9 when not allowed']
    case 'url':
      return [3, 'URL using bad/illegal format or missing URL']
  }
}

async function transfer(p: Process, args: Parsed, url: string): Promise<number> {
  const { flags, values, lists } = args
  const fail = async (code: number, text: string): Promise<number> => {
    if (!flags.has('silent') || flags.has('show-error')) await p.writeError(`curl: (${code}) ${text}\n`)
    return code
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme && scheme !== 'http' && scheme !== 'https') return fail(1, `Protocol "${scheme}" not supported or disabled in libcurl`)
  let target = parseTarget(url)
  if (!target) return fail(3, 'URL using bad/illegal format or missing URL')

  const data = await body(p, args)
  if (typeof data === 'number') return data
  if (data !== undefined && flags.has('get')) target = { ...target, path: `${target.path}${target.path.includes('?') ? '&' : '?'}${data}` }
  const headers: Record<string, string> = { 'User-Agent': values.get('user-agent') ?? `curl/${VERSION}`, Accept: '*/*' }
  const auth = values.get('user') ?? target.auth
  if (auth) headers.Authorization = `Basic ${Buffer.from(auth).toString('base64')}`
  if (values.has('referer')) headers.Referer = values.get('referer')!
  if (values.has('cookie')) headers.Cookie = values.get('cookie')!
  const sends = data !== undefined && !flags.has('get')
  if (sends && !values.has('upload-file'))
    headers['Content-Type'] = lists.has('json') ? 'application/json' : 'application/x-www-form-urlencoded'
  for (const h of lists.get('header') ?? []) {
    const colon = h.indexOf(':')
    if (colon < 0) continue
    const name = h.slice(0, colon).trim()
    for (const k of Object.keys(headers)) if (k.toLowerCase() === name.toLowerCase()) delete headers[k]
    const value = h.slice(colon + 1).trim()
    if (value) headers[name] = value
  }
  let method = values.get('request') ?? (flags.has('head') ? 'HEAD' : values.has('upload-file') ? 'PUT' : sends ? 'POST' : 'GET')
  let payload = sends ? data : undefined

  const seconds = (name: string): number | undefined => (values.has(name) ? Number(values.get(name)) * 1000 : undefined)
  let ca: string | undefined
  if (values.has('cacert')) {
    try {
      ca = p.fs.readText(values.get('cacert')!)
    } catch {
      return fail(77, `error setting certificate file: ${values.get('cacert')}`)
    }
  }
  const verbose = flags.has('verbose') ? (line: string): void => void p.writeError(`${line}\n`) : undefined
  const began = p.clock.now()
  const limit = deadline(p, seconds('max-time'), target)
  let response: IncomingMessage
  let redirects = 0
  const report: Report = {
    code: 0,
    url,
    method,
    contentType: '',
    size: 0,
    began,
    connected: began,
    firstByte: began,
    ended: began,
    remote: '',
    redirects: 0,
  }
  try {
    for (;;) {
      const connectTimeout = seconds('connect-timeout')
      response = await fetchHead(p, target, {
        method,
        headers,
        ...(payload !== undefined ? { body: payload } : {}),
        insecure: flags.has('insecure'),
        ...(ca !== undefined ? { ca } : {}),
        ...(connectTimeout !== undefined ? { connectTimeout } : {}),
        ...(verbose ? { trace: (line: string) => verbose(`* ${line}`) } : {}),
        signal: limit.signal,
      })
      report.firstByte = p.clock.now()
      report.connected = report.firstByte
      report.remote = response.socket.remoteAddress ?? ''
      if (verbose) traceExchange(verbose, target, method, headers, response)
      const to = response.headers.location
      const status = response.statusCode ?? 0
      if (!flags.has('location') || !to || ![301, 302, 303, 307, 308].includes(status)) break
      if (redirects++ >= Number(values.get('max-redirs') ?? 50))
        return await fail(47, `Maximum (${values.get('max-redirs') ?? 50}) redirects followed`)
      response.resume()
      const next: Target | undefined = /^https?:\/\//.test(to)
        ? parseTarget(to)
        : { ...target, path: new URL(to, `http://h${target.path}`).pathname }
      if (!next) return await fail(3, 'URL using bad/illegal format or missing URL')
      target = next
      if (status === 303 || ((status === 301 || status === 302) && method === 'POST')) {
        method = 'GET'
        payload = undefined
        delete headers['Content-Type']
      }
    }
    const status = response.statusCode ?? 0
    Object.assign(report, { code: status, contentType: response.headers['content-type'] ?? '', redirects })
    if (flags.has('fail') && status >= 400) {
      response.destroy()
      const code = await fail(22, `The requested URL returned error: ${status}`)
      await writeOut(p, values.get('write-out'), report)
      return code
    }
    const code = await receive(p, args, url, target, method, response, report)
    await writeOut(p, values.get('write-out'), report)
    return code
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    const [code, text] = explain(error, Math.round(p.clock.now() - began))
    report.ended = p.clock.now()
    const result = await fail(code, text)
    await writeOut(p, values.get('write-out'), report)
    return result
  } finally {
    limit.cancel()
  }
}

/** The request body from -d and its relatives; a number is an exit code. */
async function body(p: Process, { lists, values }: Parsed): Promise<string | number | undefined> {
  const parts: string[] = []
  for (const kind of ['data', 'data-raw', 'data-binary', 'data-urlencode', 'json']) {
    for (const item of lists.get(kind) ?? []) {
      if (kind === 'data-urlencode') {
        const eq = item.indexOf('=')
        parts.push(eq < 0 ? encodeURIComponent(item) : `${item.slice(0, eq + 1)}${encodeURIComponent(item.slice(eq + 1))}`)
      } else if (item.startsWith('@') && kind !== 'data-raw') {
        const name = item.slice(1)
        try {
          const text = name === '-' ? await readAll(p) : p.fs.readText(name)
          parts.push(kind === 'data' ? text.replace(/[\r\n]/g, '') : text)
        } catch {
          await p.writeError(
            `curl: option -d: error encountered when reading a file\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
          )
          return 26
        }
      } else parts.push(item)
    }
  }
  const upload = values.get('upload-file')
  if (upload !== undefined) {
    try {
      return upload === '-' ? await readAll(p) : p.fs.readText(upload)
    } catch {
      await p.writeError(`curl: Can't open '${upload}'!\ncurl: try 'curl --help' or 'curl --manual' for more information\n`)
      return 26
    }
  }
  return parts.length ? parts.join('&') : undefined
}

async function readAll(p: Process): Promise<string> {
  const parts: Uint8Array[] = []
  for (let part = await p.read(); part.length; part = await p.read()) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function traceExchange(
  verbose: (line: string) => void,
  target: Target,
  method: string,
  headers: Record<string, string>,
  response: IncomingMessage,
): void {
  verbose(
    `> ${method} ${target.path} HTTP/1.1\n> Host: ${target.host}${target.port === (target.scheme === 'https' ? 443 : 80) ? '' : `:${target.port}`}`,
  )
  for (const [k, v] of Object.entries(headers)) verbose(`> ${k}: ${v}`)
  verbose('> ')
  for (const line of headLines(response)) verbose(`< ${line}`)
  verbose('< ')
}

function headLines(response: IncomingMessage): string[] {
  const lines = [`HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`.trimEnd()]
  for (let i = 0; i < response.rawHeaders.length; i += 2) lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`)
  return lines
}

const METER =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n'

async function receive(
  p: Process,
  { flags, values }: Parsed,
  url: string,
  target: Target,
  method: string,
  response: IncomingMessage,
  report: Report,
): Promise<number> {
  const name = flags.has('remote-name') ? (target.path.split('?')[0]!.split('/').pop() ?? '') : values.get('output')
  const file = name !== undefined && name !== '-' ? p.fs.open(name, 'w') : undefined
  const put = async (chunk: string | Uint8Array): Promise<void> => {
    if (file) await file.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    else await p.write(chunk)
  }
  const meter = !flags.has('silent') && (file !== undefined || p.fd(1)?.kind !== 'tty') && method !== 'HEAD'
  if (meter) await p.writeError(METER)
  if (flags.has('include') || flags.has('head')) await put(`${headLines(response).join('\r\n')}\r\n\r\n`)
  try {
    for await (const chunk of response) {
      report.size += (chunk as Uint8Array).length
      await put(chunk as Uint8Array)
    }
  } catch (error) {
    if (error instanceof FetchError) throw error
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error
    if (!flags.has('silent') || flags.has('show-error'))
      await p.writeError(`curl: (18) transfer closed with outstanding read data remaining\n`)
    return 18
  } finally {
    file?.close?.()
    report.ended = p.clock.now()
  }
  if (meter) {
    const total = Number(response.headers['content-length'] ?? report.size)
    const speed = Math.round(report.size / Math.max(0.001, (report.ended - report.began) / 1000))
    const n = (v: number): string =>
      (v < 100_000 ? String(v) : v < 10_000_000 ? `${Math.floor(v / 1024)}k` : `${Math.floor(v / 1048576)}M`).padStart(5)
    await p.writeError(`\r100 ${n(total)}  100 ${n(report.size)}    0     0  ${n(speed)}      0 --:--:-- --:--:-- --:--:-- ${n(speed)}\n`)
  }
  return 0
}

async function writeOut(p: Process, format: string | undefined, r: Report): Promise<void> {
  if (format === undefined) return
  const seconds = (ms: number): string => (ms / 1000).toFixed(6)
  const known: Record<string, string> = {
    http_code: String(r.code).padStart(3, '0'),
    response_code: String(r.code).padStart(3, '0'),
    url: r.url,
    url_effective: r.url,
    method: r.method,
    content_type: r.contentType,
    size_download: String(r.size),
    remote_ip: r.remote,
    num_redirects: String(r.redirects),
    time_total: seconds(r.ended - r.began),
    time_connect: seconds(r.connected - r.began),
    time_namelookup: seconds(0),
    time_starttransfer: seconds(r.firstByte - r.began),
    speed_download: String(Math.round(r.size / Math.max(0.001, (r.ended - r.began) / 1000))),
  }
  const text = format.replace(/%\{(\w+)\}|%%|\\([nrt\\])/g, (all, name: string | undefined, escape: string | undefined) =>
    name ? (known[name] ?? '') : escape ? { n: '\n', r: '\r', t: '\t', '\\': '\\' }[escape]! : all === '%%' ? '%' : all,
  )
  await p.write(text)
}
