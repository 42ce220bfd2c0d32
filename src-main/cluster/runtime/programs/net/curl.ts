/** curl */
import type { IncomingMessage } from 'node:http'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import type { OpenFile, Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { chunks, within } from './connection.js'
import { exchange, open, parseUrl, type Request, type TlsOptions, type Url } from './http-client.js'

const SPEC = {
  short: 'sSvIifLkgGNOJRX:H:d:o:w:m:A:u:e:b:c:T:F:x:4601Z#',
  long: {
    silent: 's',
    'show-error': 'S',
    verbose: 'v',
    head: 'I',
    include: 'i',
    fail: 'f',
    location: 'L',
    insecure: 'k',
    get: 'G',
    'no-buffer': 'N',
    'remote-name': 'O',
    'request=': 'X',
    'header=': 'H',
    'data=': 'd',
    'data-ascii=': 'd',
    'data-raw=': 'r',
    'data-binary=': 'B',
    'data-urlencode=': 'U',
    'json=': 'j',
    'output=': 'o',
    'write-out=': 'w',
    'max-time=': 'm',
    'connect-timeout=': 'C',
    'user-agent=': 'A',
    'user=': 'u',
    'referer=': 'e',
    'cookie=': 'b',
    'cookie-jar=': 'c',
    'upload-file=': 'T',
    'cacert=': 'a',
    'cert=': 'E',
    'key=': 'K',
    'retry=': 'y',
    'retry-delay=': 'Y',
    'retry-connrefused': 'z',
    'retry-all-errors': 'z',
    'resolve=': 'V',
    'max-redirs=': 'M',
    'fail-with-body': 'f',
    compressed: 'p',
    'no-progress-meter': 's',
    ipv4: '4',
    http1_1: '1',
    'http1.1': '1',
    'oauth2-bearer=': 't',
    'url=': 'l',
    'progress-bar': '#',
    globoff: 'g',
  },
  usage: '[options...] <url>',
}

/** An error with curl's number. */
class CurlError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

interface Timing {
  start: number
  lookup: number
  connect: number
  starttransfer: number
}

export function curl(): Program {
  return command('coreutils', async (c) => {
    let o: Options
    try {
      o = await c.options(SPEC)
    } catch (error) {
      if (!(error instanceof Fail)) throw error
      const bad = /'([^']+)'/.exec(error.message)?.[1] ?? ''
      throw new Fail(
        `curl: option ${bad.startsWith('-') ? bad : `-${bad}`}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information`,
        2,
      )
    }
    const urls = [...o.all('l'), ...o.operands]
    if (urls.length === 0) throw new Fail("curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information", 2)
    let status = 0
    for (const url of urls) status = await transfer(c, o, url)
    return status
  })
}

async function transfer(c: Command, o: Options, text: string): Promise<number> {
  const retries = Number(o.get('y') ?? 0)
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce(c, o, text)
    } catch (error) {
      c.task.check()
      const e = toCurlError(error)
      const transient = e.code === 28 || e.code === 6 || (e.code === 7 && o.has('z')) || o.has('z')
      if (attempt < retries && transient) {
        const wait = Number(o.get('Y') ?? 0) || Math.min(600, 2 ** attempt)
        if (!o.has('s'))
          await c.task.writeError(
            `Warning: Problem: ${e.code === 28 ? 'timeout' : 'connection refused'}. Will retry in ${wait} seconds. ${retries - attempt} retries left.\n`,
          )
        await c.task.sleep(wait * 1000)
        continue
      }
      if (!o.has('s') || o.has('S')) await c.task.writeError(`curl: (${e.code}) ${e.message}\n`)
      const format = o.get('w')
      if (format !== undefined)
        await c.print(writeOut(format, undefined, 0, text, { start: 0, lookup: 0, connect: 0, starttransfer: 0 }, 0, ''))
      return e.code
    }
  }
}

function toCurlError(error: unknown): CurlError {
  if (error instanceof CurlError) return error
  const code = (error as { code?: string }).code ?? ''
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return new CurlError(
      60,
      `SSL certificate problem: ${code.startsWith('DEPTH_ZERO') ? 'self-signed certificate' : code.startsWith('SELF') ? 'self-signed certificate in certificate chain' : 'unable to get local issuer certificate'}\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.`,
    )
  if (code === 'ECONNRESET' || /socket hang up/.test((error as Error).message)) return new CurlError(52, 'Empty reply from server')
  if (code.startsWith('HPE_')) return new CurlError(1, 'Received HTTP/0.9 when not allowed')
  return new CurlError(56, `Recv failure: ${(error as Error).message}`)
}

function buildRequest(c: Command, o: Options, url: Url): Request {
  const headers: Record<string, string> = { 'User-Agent': o.get('A') ?? 'curl/7.88.1', Accept: '*/*' }
  const file = (t: string): string => (t.startsWith('@') ? (t === '@-' ? '' : c.fs.readText(t.slice(1))) : t)
  const parts = [
    ...o.all('d').map((d) => file(d).replace(d.startsWith('@') ? /[\r\n]/g : /(?!)/g, '')),
    ...o.all('r'),
    ...o.all('B').map(file),
    ...o
      .all('U')
      .map((u) =>
        u.includes('=') ? `${u.slice(0, u.indexOf('=') + 1)}${encodeURIComponent(u.slice(u.indexOf('=') + 1))}` : encodeURIComponent(u),
      ),
    ...o.all('j').map(file),
  ]
  let body: Buffer | undefined
  let target = url
  if (parts.length > 0 && o.has('G')) target = { ...url, path: `${url.path}${url.path.includes('?') ? '&' : '?'}${parts.join('&')}` }
  else if (parts.length > 0) {
    body = Buffer.from(parts.join(o.has('j') ? '' : '&'))
    headers['Content-Type'] = o.has('j') ? 'application/json' : 'application/x-www-form-urlencoded'
    if (o.has('j')) headers['Accept'] = 'application/json'
    headers['Content-Length'] = String(body.length)
  }
  if (o.has('T')) {
    body = Buffer.from(c.fs.readFile(o.get('T')!))
    headers['Content-Length'] = String(body.length)
  }
  const user = o.get('u') ?? url.user
  if (user !== undefined) headers['Authorization'] = `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`
  if (o.has('t')) headers['Authorization'] = `Bearer ${o.get('t')}`
  if (o.has('e')) headers['Referer'] = o.get('e')!
  if (o.has('b') && o.get('b')!.includes('=')) headers['Cookie'] = o.get('b')!
  if (o.has('p')) headers['Accept-Encoding'] = 'identity'
  for (const h of o.all('H')) {
    const m = /^([^:;]+)([:;])(.*)$/.exec(h)
    if (!m) continue
    const known = Object.keys(headers).find((k) => k.toLowerCase() === m[1]!.toLowerCase())
    if (known) delete headers[known]
    if (m[3]!.trim() !== '' || m[2] === ';') headers[m[1]!] = m[3]!.trim()
  }
  const method = o.get('X') ?? (o.has('I') ? 'HEAD' : o.has('T') ? 'PUT' : body ? 'POST' : 'GET')
  const tls: TlsOptions = { insecure: o.has('k') }
  if (o.has('a')) tls.ca = c.fs.readText(o.get('a')!)
  if (o.has('E')) tls.cert = c.fs.readText(o.get('E')!)
  if (o.has('K')) tls.key = c.fs.readText(o.get('K')!)
  return { url: target, method, headers, body, tls }
}

async function attemptOnce(c: Command, o: Options, text: string): Promise<number> {
  const { clock } = c.task
  const first = parseUrl(text)
  if (!first) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
  if (first.scheme !== 'http' && first.scheme !== 'https')
    throw new CurlError(1, `Protocol "${first.scheme}" not supported or disabled in libcurl`)
  let url = first
  const timing: Timing = { start: clock.now(), lookup: 0, connect: 0, starttransfer: 0 }
  const limit = Number(o.get('m') ?? 0) * 1000
  const left = (): number | undefined => (limit > 0 ? Math.max(0, timing.start + limit - clock.now()) : undefined)
  for (let hop = 0; ; hop++) {
    const request = buildRequest(c, o, url)
    const { connection, address } = await connect(c, o, request, timing, left())
    const answer = await within(c.task, left(), (signal) => exchange(connection, request, signal)).catch((error: unknown) => {
      throw toCurlError(error)
    })
    if (!answer) throw new CurlError(28, `Operation timed out after ${clock.now() - timing.start} milliseconds with 0 bytes received`)
    timing.starttransfer = clock.now() - timing.start
    await verboseExchange(c, o, request, answer)
    const location = answer.headers.location
    const status = answer.statusCode ?? 0
    if (o.has('L') && status >= 300 && status < 400 && location) {
      if (hop >= Number(o.get('M') ?? 50)) throw new CurlError(47, `Maximum (${o.get('M') ?? 50}) redirects followed`)
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      answer.destroy()
      const next = location.startsWith('/') ? { ...url, path: location } : parseUrl(location)
      if (!next) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
      url = next
      continue
    }
    return receive(c, o, url, answer, timing, left, address)
  }
}

async function connect(
  c: Command,
  o: Options,
  request: Request,
  timing: Timing,
  left: number | undefined,
): Promise<{ connection: Connection; address: string }> {
  const { url } = request
  const { clock } = c.task
  const limits = [left, o.has('C') ? Number(o.get('C')) * 1000 : undefined].filter((n): n is number => n !== undefined)
  const timeout = limits.length > 0 ? Math.min(...limits) : 300_000
  let address: string
  const fixed = o
    .all('V')
    .map((v) => v.split(':'))
    .find(([h, p]) => h === url.host && Number(p) === url.port)
  try {
    const found = fixed ? [fixed.slice(2).join(':')] : await within(c.task, timeout, () => c.task.net.resolve(url.host))
    if (!found) throw new CurlError(28, `Resolving timed out after ${timeout} milliseconds`)
    address = found[0]!
  } catch (error) {
    if (error instanceof CurlError) throw error
    if (error instanceof DnsError) throw new CurlError(6, `Could not resolve host: ${url.host}`)
    throw error
  }
  timing.lookup = clock.now() - timing.start
  const started = clock.now()
  if (o.has('v')) await c.task.writeError(`*   Trying ${address}:${url.port}...\n`)
  try {
    const connection = await within(c.task, timeout, (signal) => open(c.task, url, request.tls, address, signal))
    if (!connection)
      throw new CurlError(
        28,
        o.has('C') || left !== undefined
          ? `Connection timed out after ${clock.now() - started} milliseconds`
          : `Failed to connect to ${url.host} port ${url.port} after ${clock.now() - started} ms: Couldn't connect to server`,
      )
    timing.connect = clock.now() - timing.start
    if (o.has('v')) await c.task.writeError(`* Connected to ${url.host} (${address}) port ${url.port} (#0)\n`)
    return { connection, address }
  } catch (error) {
    if (error instanceof NetworkError) {
      if (o.has('v'))
        await c.task.writeError(
          `* connect to ${address} port ${url.port} failed: ${error.code === 'ECONNREFUSED' ? 'Connection refused' : error.code === 'EHOSTUNREACH' ? 'No route to host' : error.message}\n* Closing connection 0\n`,
        )
      throw new CurlError(
        error.code === 'ETIMEDOUT' ? 28 : 7,
        `Failed to connect to ${url.host} port ${url.port} after ${clock.now() - started} ms: Couldn't connect to server`,
      )
    }
    throw error
  }
}

async function verboseExchange(c: Command, o: Options, request: Request, answer: IncomingMessage): Promise<void> {
  if (!o.has('v')) return
  const standard = request.url.port === (request.url.scheme === 'https' ? 443 : 80)
  const lines = [
    `> ${request.method} ${request.url.path} HTTP/1.1`,
    `> Host: ${request.url.host}${standard ? '' : `:${request.url.port}`}`,
    ...Object.entries(request.headers).map(([k, v]) => `> ${k}: ${String(v)}`),
    '> ',
  ]
  lines.push(
    ...headText(answer)
      .replace(/\r\n$/, '')
      .split('\r\n')
      .map((l) => `< ${l}`),
  )
  await c.task.writeError(`${lines.join('\n')}\n`)
}

function headText(answer: IncomingMessage): string {
  let out = `HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let i = 0; i < answer.rawHeaders.length; i += 2) out += `${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`
  return `${out}\r\n`
}

async function receive(
  c: Command,
  o: Options,
  url: Url,
  answer: IncomingMessage,
  timing: Timing,
  left: () => number | undefined,
  address: string,
): Promise<number> {
  const status = answer.statusCode ?? 0
  if (o.has('f') && status >= 400) {
    answer.destroy()
    if (!o.has('s') || o.has('S')) await c.task.writeError(`curl: (22) The requested URL returned error: ${status}\n`)
    const format = o.get('w')
    if (format !== undefined) await c.print(writeOut(format, answer, 0, url.host, timing, c.task.clock.now() - timing.start, address))
    return 22
  }
  const path = o.get('o') ?? (o.has('O') ? (url.path.split('?')[0]!.split('/').at(-1) ?? '') : undefined)
  if (path === '') throw new CurlError(23, 'Remote file name has no length!')
  const out: OpenFile = path === undefined || path === '-' ? c.task.fd(1)! : c.fs.open(path, 'w')
  if (o.has('i') || o.has('I')) await out.write(Buffer.from(headText(answer)))
  const meter = !o.has('s') && (path !== undefined || c.task.fd(1)?.kind !== 'tty')
  if (meter)
    await c.task.writeError(
      '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n',
    )
  let bytes = 0
  const remaining = left()
  let timedOut = false
  const timer =
    remaining === undefined
      ? undefined
      : c.task.clock.after(remaining, () => {
          timedOut = true
          answer.destroy()
        })
  try {
    for await (const data of chunks(c.task, answer)) {
      bytes += data.length
      await out.write(data)
    }
  } catch (error) {
    if (!timedOut) throw error
  }
  timer?.cancel()
  out.close?.()
  if (timedOut)
    throw new CurlError(28, `Operation timed out after ${c.task.clock.now() - timing.start} milliseconds with ${bytes} bytes received`)
  if (meter)
    await c.task.writeError(
      `\r100 ${String(bytes).padStart(5)}  100 ${String(bytes).padStart(5)}    0     0  ${String(bytes).padStart(5)}      0 --:--:-- --:--:-- --:--:-- ${String(bytes).padStart(5)}\n`,
    )
  if (o.has('v')) await c.task.writeError('* Closing connection 0\n')
  const format = o.get('w')
  if (format !== undefined) await c.print(writeOut(format, answer, bytes, url.host, timing, c.task.clock.now() - timing.start, address))
  return 0
}

function writeOut(
  format: string,
  answer: IncomingMessage | undefined,
  bytes: number,
  url: string,
  timing: Timing,
  total: number,
  address: string,
): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(6)
  const values: Record<string, string> = {
    http_code: String(answer?.statusCode ?? 0).padStart(3, '0'),
    response_code: String(answer?.statusCode ?? 0).padStart(3, '0'),
    size_download: String(bytes),
    time_total: seconds(total),
    time_namelookup: seconds(timing.lookup),
    time_connect: seconds(timing.connect),
    time_starttransfer: seconds(timing.starttransfer),
    time_pretransfer: seconds(timing.connect),
    content_type: answer?.headers['content-type'] ?? '',
    url_effective: url,
    remote_ip: address,
    http_version: answer?.httpVersion ?? '0',
    num_redirects: '0',
    redirect_url: answer?.headers.location ?? '',
    exitcode: '0',
  }
  return format
    .replace(/%\{(\w+)\}/g, (m, k: string) => (Object.hasOwn(values, k) ? values[k]! : m))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\r', '\r')
    .replaceAll('%%', '%')
}
