/** curl */
import type { IncomingMessage } from 'node:http'
import { unzipSync } from 'node:zlib'
import { NetworkError } from '../../../network/network.js'
import { SystemError, type OpenFile, type Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { chunks, within } from './connection.js'
import { dial } from './curl-connect.js'
import { CookieJar } from './curl-cookies.js'
import { parseOptions } from './curl-options.js'
import { Meter } from './curl-meter.js'
import { closingLine, headText, isNewer, tellExchange, writeOut, type Timing } from './curl-output.js'
import { becomesGet, buildRequest, CurlError, redirectTarget } from './curl-request.js'
import { exchange, parseUrl, type Url } from './http-client.js'

export function curl(): Program {
  return command('coreutils', async (c) => {
    const o = await parseOptions(c)
    const urls = [...o.all('l'), ...o.operands]
    const advice = "curl: try 'curl --help' or 'curl --manual' for more information"
    if (urls.length === 0) throw new Fail(isNewer(c) ? `curl: (2) no URL specified\n${advice}` : advice, 2)
    let status = 0
    const jar = new CookieJar(c, o)
    for (const url of urls) status = await transfer(c, o, url, jar)
    await jar.save()
    return status
  })
}

async function transfer(c: Command, o: Options, text: string, jar: CookieJar): Promise<number> {
  const retries = Number(o.get('y') ?? 0)
  for (let attempt = 0; ; attempt++) {
    const timing: Timing = { start: c.task.clock.now(), lookup: 0, connect: 0, starttransfer: 0, redirects: 0 }
    const named = o.has('o') || o.has('O')
    const meter = new Meter(c, !o.has('s') && (named ? o.get('o') !== '-' : c.task.fd(1)?.kind !== 'tty'), attempt > 0)
    try {
      return await attemptOnce(c, o, text, timing, meter, jar)
    } catch (error) {
      c.task.check()
      const e = toCurlError(c, error)
      await meter.fail(e.code, e.length)
      if (e.closes !== undefined && o.has('v')) await c.task.writeError(e.closes)
      const transient = e.code === 28 || e.code === 6 || (e.code === 7 && o.has('z')) || o.has('z')
      if (!o.has('s') || o.has('S')) await c.task.writeError(e.told ?? `curl: (${e.code}) ${e.message}\n`)
      if (attempt < retries && transient) {
        const wait = Number(o.get('Y') ?? 0) || Math.min(600, 2 ** attempt)
        if (!o.has('s')) await c.task.writeError(retryWarning(c, e, wait, retries - attempt))
        await c.task.sleep(wait * 1000)
        continue
      }
      const format = o.get('w')
      if (format !== undefined) await c.print(writeOut(format, undefined, 0, text, timing, c.task.clock.now() - timing.start, '', e))
      return e.code
    }
  }
}

/** The line before another try; version 7 breaks it and knows no singular. */
function retryWarning(c: Command, e: CurlError, wait: number, left: number): string {
  const problem = e.code === 28 ? 'timeout' : e.code === 6 ? 'transient error' : 'connection refused'
  if (!isNewer(c)) return `Warning: Problem : ${problem}. Will retry in ${wait} seconds. ${left} retries \nWarning: left.\n`
  return `Warning: Problem: ${problem}. Will retry in ${wait} second${wait === 1 ? '' : 's'}. ${left} ${left === 1 ? 'retry' : 'retries'} left.\n`
}

function toCurlError(c: Command, error: unknown): CurlError {
  if (error instanceof CurlError) return error
  const handshake = /error:([0-9A-F]{8}):SSL routines:[^:]*:([^:]+)/.exec(error instanceof Error ? error.message : '')
  if (handshake)
    return new CurlError(35, `${isNewer(c) ? 'TLS connect error' : 'OpenSSL/3.0.17'}: error:${handshake[1]}:SSL routines::${handshake[2]}`)
  const code = (error as { code?: string }).code ?? ''
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return new CurlError(
      60,
      `SSL certificate problem: ${code.startsWith('DEPTH_ZERO') ? 'self-signed certificate' : code.startsWith('SELF') ? 'self-signed certificate in certificate chain' : 'unable to get local issuer certificate'}\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.`,
    )
  if (code === 'ECONNRESET' && error instanceof NetworkError) return new CurlError(56, 'Recv failure: Connection reset by peer')
  if (code === 'ECONNRESET' || /socket hang up/.test((error as Error).message)) return new CurlError(52, 'Empty reply from server')
  if (code.startsWith('HPE_')) return new CurlError(1, 'Received HTTP/0.9 when not allowed')
  return new CurlError(56, `Recv failure: ${(error as Error).message}`)
}

async function attemptOnce(c: Command, o: Options, text: string, timing: Timing, meter: Meter, jar: CookieJar): Promise<number> {
  const { clock } = c.task
  const first = parseUrl(text)
  const refusal = /[\0-\x20\x7f]/.test(text)
    ? 'Malformed input to a URL function'
    : !first
      ? 'No host part in the URL'
      : first.port > 65_535
        ? 'Port number was not a decimal number between 0 and 65535'
        : undefined
  if (!first || refusal !== undefined)
    throw new CurlError(3, isNewer(c) ? `URL rejected: ${refusal}` : 'URL using bad/illegal format or missing URL')
  if (first.scheme !== 'http' && first.scheme !== 'https')
    throw new CurlError(1, `Protocol "${first.scheme}" not supported or disabled in libcurl`)
  if (remoteName(o, first) === '' && !isNewer(c))
    throw new CurlError(23, 'Failed writing received data to disk/application', {
      told: 'curl: Remote file name has no length!\ncurl: (23) Failed writing received data to disk/application\n',
    })
  let url = first
  let asGet = false
  const limit = Number(o.get('m') ?? 0) * 1000
  const left = (): number | undefined => (limit > 0 ? Math.max(0, timing.start + limit - clock.now()) : undefined)
  for (let hop = 0; ; hop++) {
    const elsewhere = url.host !== first.host || url.port !== first.port
    const request = buildRequest(c, o, url, { asGet, elsewhere })
    url = request.url
    jar.attach(request)
    await meter.begin()
    const { connection, address, path } = await dial(c, o, request, timing, left())
    const asked = path === undefined ? request : { ...request, url: { ...url, path } }
    const answer = await within(c.task, left(), (signal) => exchange(connection, asked, signal, true)).catch((error: unknown) => {
      throw toCurlError(c, error)
    })
    if (!answer) throw new CurlError(28, `Operation timed out after ${clock.now() - timing.start} milliseconds with 0 bytes received`)
    jar.take(url, answer.headers['set-cookie'])
    timing.starttransfer = clock.now() - timing.start
    if (o.has('v')) await tellExchange(c, request, answer)
    const location = answer.headers.location
    const status = answer.statusCode ?? 0
    if (o.has('L') && status >= 300 && status < 400 && location) {
      if (hop >= Number(o.get('M') ?? 50)) throw new CurlError(47, `Maximum (${o.get('M') ?? 50}) redirects followed`)
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      answer.destroy()
      const next = redirectTarget(urlText(url), location)
      if (!next) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
      if (o.has('v'))
        await c.task.writeError(
          `* Connection #${hop} to host ${url.host} left intact\n* Issue another request to this URL: '${urlText(next)}'\n`,
        )
      if (becomesGet(o, status, request.method)) {
        if (o.has('v')) await c.task.writeError(isNewer(c) ? '* Switch to GET\n' : `* Switch from ${request.method} to GET\n`)
        asGet = true
      }
      url = next
      timing.redirects++
      continue
    }
    return receive(c, o, url, answer, timing, left, address, meter)
  }
}

async function receive(
  c: Command,
  o: Options,
  url: Url,
  answer: IncomingMessage,
  timing: Timing,
  left: () => number | undefined,
  address: string,
  meter: Meter,
): Promise<number> {
  const status = answer.statusCode ?? 0
  const failure =
    (o.has('f') || o.has('fail-with-body')) && status >= 400
      ? { code: 22, message: `The requested URL returned error: ${status}` }
      : undefined
  if (failure && !o.has('fail-with-body')) {
    answer.destroy()
    await meter.fail(22, Number(answer.headers['content-length'] ?? 0))
    if (!o.has('s') || o.has('S')) await c.task.writeError(`curl: (22) ${failure.message}\n`)
    const format = o.get('w')
    const total = c.task.clock.now() - timing.start
    if (format !== undefined) await c.print(writeOut(format, answer, 0, urlText(url), timing, total, address, failure))
    return 22
  }
  const path = o.get('o') ?? remoteName(o, url)
  const out = openOutput(c, o, path)
  if (o.has('i') || o.has('I')) await out?.write(Buffer.from(headText(answer)))
  const length = answer.headers['content-length']
  let bytes = 0
  const remaining = left()
  let timedOut = false
  const rate = bytesOf(o.get('limit-rate') ?? '0')
  const timer =
    remaining === undefined
      ? undefined
      : c.task.clock.after(remaining, () => {
          timedOut = true
          answer.destroy()
        })
  try {
    for await (const data of decoded(o, answer, chunks(c.task, answer))) {
      if (!out) await unwritable(c, path!)
      if (o.has('v') && bytes === 0 && (path !== undefined || c.task.fd(1)?.kind !== 'tty'))
        await c.task.writeError(`{ [${data.length} bytes data]\n`)
      bytes += data.length
      await out!.write(data)
      // No faster than --limit-rate.
      const early = rate > 0 ? (bytes / rate) * 1000 - (c.task.clock.now() - timing.start - timing.starttransfer) : 0
      if (early > 0) await c.task.sleep(early)
    }
  } catch (error) {
    if (!timedOut) throw error
  }
  timer?.cancel()
  if (!out && !timedOut) await unwritable(c, path!)
  out?.close?.()
  if (timedOut)
    throw new CurlError(28, `Operation timed out after ${c.task.clock.now() - timing.start} milliseconds with ${bytes} bytes received`)
  await meter.end(bytes, length === undefined ? undefined : Number(length), c.task.clock.now() - timing.start)
  if (o.has('v')) await c.task.writeError(closingLine(c, url.host, answer.headers.connection?.toLowerCase() !== 'close'))
  const format = o.get('w')
  if (format !== undefined)
    await c.print(writeOut(format, answer, bytes, urlText(url), timing, c.task.clock.now() - timing.start, address, failure))
  if (failure && (!o.has('s') || o.has('S'))) await c.task.writeError(`curl: (22) ${failure.message}\n`)
  return failure?.code ?? 0
}

/** Bytes a second, as in `200k`. */
function bytesOf(text: string): number {
  const [, digits = '0', unit = ''] = /^([\d.]+)([kmg]?)b?$/i.exec(text) ?? []
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ')
}

/** The name that -O takes from a URL; undefined without -O. Newer ones name what has none. */
function remoteName(o: Options, url: Url): string | undefined {
  return o.has('O') && !o.has('o') ? (url.path.split('?')[0]!.split('/').at(-1) ?? '') : undefined
}

/** Where the content goes; undefined when the file cannot be made. */
function openOutput(c: Command, o: Options, path: string | undefined): OpenFile | undefined {
  if (path === undefined || path === '-') return c.task.fd(1)!
  try {
    if (o.has('create-dirs') && path.includes('/')) c.fs.mkdir(path.replace(/\/[^/]*$/, '') || '/', { recursive: true })
    return c.fs.open(path || 'curl_response', 'w')
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

async function unwritable(c: Command, path: string): Promise<never> {
  let why = 'No such file or directory'
  try {
    c.fs.open(path, 'w').close?.()
  } catch (error) {
    why = c.text(error)
  }
  await c.task.writeError(`Warning: Failed to open the file ${path}: ${why}\n`)
  throw new CurlError(23, isNewer(c) ? 'client returned ERROR on write' : 'Failure writing output to destination')
}

/** With --compressed, the content as it was before the server packed it. */
async function* decoded(o: Options, answer: IncomingMessage, data: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const encoding = answer.headers['content-encoding']
  if (!o.has('p') || (encoding !== 'gzip' && encoding !== 'deflate')) return yield* data
  const parts: Uint8Array[] = []
  for await (const part of data) parts.push(part)
  yield unzipSync(Buffer.concat(parts), { maxOutputLength: 256 * 1024 * 1024 })
}

/** A URL as `%{url_effective}` prints it. */
function urlText(url: Url): string {
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  return `${url.scheme}://${url.host}${standard ? '' : `:${url.port}`}${url.path}`
}
