/** curl */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import type { OpenFile, Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { chunks, within } from './connection.js'
import { parseOptions } from './curl-options.js'
import { closingLine, headText, isNewer, tellExchange, tellHandshake, writeOut, type Timing } from './curl-output.js'
import { becomesGet, buildRequest, CurlError, redirectTarget } from './curl-request.js'
import { exchange, open, parseUrl, type Request, type Url } from './http-client.js'

export function curl(): Program {
  return command('coreutils', async (c) => {
    const o = await parseOptions(c)
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
    const timing: Timing = { start: c.task.clock.now(), lookup: 0, connect: 0, starttransfer: 0, redirects: 0 }
    try {
      return await attemptOnce(c, o, text, timing)
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
      if (format !== undefined) await c.print(writeOut(format, undefined, 0, text, timing, c.task.clock.now() - timing.start, '', e))
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

async function attemptOnce(c: Command, o: Options, text: string, timing: Timing): Promise<number> {
  const { clock } = c.task
  const first = parseUrl(text)
  if (!first) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
  if (first.scheme !== 'http' && first.scheme !== 'https')
    throw new CurlError(1, `Protocol "${first.scheme}" not supported or disabled in libcurl`)
  let url = first
  let asGet = false
  const limit = Number(o.get('m') ?? 0) * 1000
  const left = (): number | undefined => (limit > 0 ? Math.max(0, timing.start + limit - clock.now()) : undefined)
  for (let hop = 0; ; hop++) {
    const elsewhere = url.host !== first.host || url.port !== first.port
    const request = buildRequest(c, o, url, { asGet, elsewhere })
    const { connection, address } = await connect(c, o, request, timing, left())
    const answer = await within(c.task, left(), (signal) => exchange(connection, request, signal, true)).catch((error: unknown) => {
      throw toCurlError(error)
    })
    if (!answer) throw new CurlError(28, `Operation timed out after ${clock.now() - timing.start} milliseconds with 0 bytes received`)
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
    .all('resolve')
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
  if (o.has('v')) {
    if (isNewer(c) && address !== url.host) {
      const cached = fixed ? `* Added ${url.host}:${url.port}:${address} to DNS cache\n* Hostname ${url.host} was found in DNS cache\n` : ''
      await c.task.writeError(cached || `* Host ${url.host}:${url.port} was resolved.\n* IPv6: (none)\n* IPv4: ${address}\n`)
    } else if (fixed)
      await c.task.writeError(`* Added ${url.host}:${url.port}:${address} to DNS cache\n* Hostname ${url.host} was found in DNS cache\n`)
    await c.task.writeError(`*   Trying ${address}:${url.port}...\n`)
  }
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
    if (o.has('v')) await c.task.writeError(`* Connected to ${url.host} (${address}) port ${url.port}${isNewer(c) ? '' : ' (#0)'}\n`)
    if (o.has('v') && url.scheme === 'https') await tellHandshake(c, connection as unknown as TLSSocket, o.has('k'))
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
    const failure = { code: 22, message: `The requested URL returned error: ${status}` }
    if (!o.has('s') || o.has('S')) await c.task.writeError(`curl: (22) ${failure.message}\n`)
    const format = o.get('w')
    const total = c.task.clock.now() - timing.start
    if (format !== undefined) await c.print(writeOut(format, answer, 0, urlText(url), timing, total, address, failure))
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
  if (o.has('v')) await c.task.writeError(closingLine(c, url.host, answer.headers.connection?.toLowerCase() !== 'close'))
  const format = o.get('w')
  if (format !== undefined) await c.print(writeOut(format, answer, bytes, urlText(url), timing, c.task.clock.now() - timing.start, address))
  return 0
}

/** A URL as `%{url_effective}` prints it. */
function urlText(url: Url): string {
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  return `${url.scheme}://${url.host}${standard ? '' : `:${url.port}`}${url.path}`
}
