/** curl */
import { NetworkError } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { within } from './connection.js'
import { dial } from './curl-connect.js'
import { CookieJar } from './curl-cookies.js'
import { digestAnswer, digestChallenge } from './curl-digest.js'
import { glob } from './curl-glob.js'
import { Meter } from './curl-meter.js'
import { parseOptions } from './curl-options.js'
import { headText, isNewer, tellRequest, writeOut, type Timing } from './curl-output.js'
import { noteHead, receive, remoteName, resumption, urlText, type Outcome, type Output } from './curl-receive.js'
import { becomesGet, buildRequest, CurlError, redirectTarget, userOf } from './curl-request.js'
import { beginTrace, tell } from './curl-tell.js'
import { exchange, parseUrl, speaksHttp2 } from './http-client.js'

export function curl(): Program {
  return command('coreutils', async (c) => {
    const parts = await parseOptions(c)
    const told = parts.map((o) => o.get('stderr')).find((file) => file !== undefined)
    if (told !== undefined) c.task.setDescriptor(2, told === '-' ? c.task.description(1) : await c.task.fs.openWaiting(told, 'w'))
    await beginTrace(c, parts[0]!)
    let status = 0
    for (const o of parts) {
      const jar = new CookieJar(c, o)
      const transfers = await transfersOf(c, o)
      const each = async ({ url, output }: Transfer): Promise<void> => {
        status = await transfer(c, o, url, output, jar)
        if (status !== 0 && o.has('fail-early')) c.task.exit(status)
      }
      if (o.has('Z')) await Promise.all(transfers.map(each))
      else for (const one of transfers) await each(one)
      await jar.save()
    }
    return status
  })
}

interface Transfer {
  readonly url: string
  readonly output: Output
}

/** The URLs of a part of the command line, each with the place its content goes to. Throws Fail where there are none. */
async function transfersOf(c: Command, o: Options): Promise<Transfer[]> {
  const urls = [...o.all('l'), ...o.operands]
  const advice = "curl: try 'curl --help' or 'curl --manual' for more information"
  if (urls.length === 0) throw new Fail(isNewer(c) ? `curl: (2) no URL specified\n${advice}` : `curl: no URL specified!\n${advice}`, 2)
  const outputs: Output[] = [...o.all('o').map((path) => ({ path })), ...o.all('O').map(() => ({ remote: true }))]
  const standard = o.get('proto-default')
  const transfers: Transfer[] = []
  for (const [i, written] of urls.entries()) {
    const output = outputs[i] ?? { remote: o.has('remote-name-all') }
    const pattern = standard !== undefined && !written.includes('://') ? `${standard}://${written}` : written
    try {
      for (const { url, places } of o.has('g') ? [{ url: pattern, places: [] }] : glob(pattern)) {
        const path = output.path?.replace(/#(\d+)/g, (whole, n: string) => places[Number(n) - 1] ?? whole)
        transfers.push({ url, output: { ...output, ...(path === undefined ? {} : { path }) } })
      }
    } catch (error) {
      if (!(error instanceof CurlError)) throw error
      throw new Fail(o.has('s') && !o.has('S') ? '' : `curl: (${error.code}) ${error.message}`, error.code)
    }
  }
  return transfers
}

/** The answers after which another try is worth while, as --retry has it. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504])

async function transfer(c: Command, o: Options, text: string, output: Output, jar: CookieJar): Promise<number> {
  const retries = Number(o.get('retry') ?? 0)
  const began = c.task.clock.now()
  const most = Number(o.get('retry-max-time') ?? 0) * 1000
  for (let attempt = 0; ; attempt++) {
    const timing: Timing = { start: c.task.clock.now(), lookup: 0, connect: 0, starttransfer: 0, redirects: 0 }
    const named = output.path !== undefined || output.remote === true
    const meter = new Meter(c, !o.has('s') && (named ? output.path !== '-' : c.task.fd(1)?.kind !== 'tty'), o.has('#'), attempt > 0)
    let code: number
    let problem: string | undefined
    let after: number | undefined
    let failure: CurlError | undefined
    try {
      const outcome = await attemptOnce(c, o, text, output, timing, meter, jar)
      code = outcome.code
      if (TRANSIENT.has(outcome.status)) problem = 'HTTP error'
      else if (o.has('retry-all-errors') && code !== 0) problem = '(retrying all errors)'
      after = outcome.retryAfter
    } catch (error) {
      c.task.check()
      const e = (failure = toCurlError(c, error))
      code = e.code
      await meter.fail(e.code, e.length)
      if (e.closes !== undefined) await tell(c, o, '*', e.closes)
      const refused = e.code === 7 && o.has('retry-connrefused')
      if (e.code === 28 || e.code === 6) problem = e.code === 28 ? 'timeout' : 'transient error'
      else if (refused) problem = 'connection refused'
      else if (o.has('retry-all-errors')) problem = '(retrying all errors)'
      if (!o.has('s') || o.has('S')) await c.task.writeError(e.told ?? `curl: (${e.code}) ${e.message}\n`)
    }
    if (attempt < retries && problem !== undefined && (most === 0 || c.task.clock.now() - began < most)) {
      const wait = after ?? (Number(o.get('retry-delay') ?? 0) || Math.min(600, 2 ** attempt))
      if (!o.has('s')) await c.task.writeError(retryWarning(c, problem, wait, retries - attempt))
      await c.task.sleep(wait * 1000)
      continue
    }
    if (failure) {
      const format = o.get('w')
      if (format !== undefined)
        await writeOut(c, format, { bytes: 0, url: text, timing, total: c.task.clock.now() - timing.start, address: '', failure })
      if (o.has('remove-on-error') && output.path !== undefined && c.fs.exists(output.path)) c.fs.remove(output.path)
    }
    return code
  }
}

/** The line before another try; version 7 breaks it where it is long and knows no singular. */
function retryWarning(c: Command, problem: string, wait: number, left: number): string {
  if (!isNewer(c)) {
    const text = `Problem : ${problem}. Will retry in ${wait} seconds. ${left} retries left.`
    return text.length < 70 ? `Warning: ${text}\n` : `Warning: ${text.replace(/ left\.$/, ' \nWarning: left.')}\n`
  }
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

async function attemptOnce(
  c: Command,
  o: Options,
  text: string,
  output: Output,
  timing: Timing,
  meter: Meter,
  jar: CookieJar,
): Promise<Outcome> {
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
  if (!mayUse(o.get('proto'), first.scheme))
    throw new CurlError(
      1,
      isNewer(c) ? `Protocol "${first.scheme}" disabled` : `Protocol "${first.scheme}" not supported or disabled in libcurl`,
    )
  if (remoteName(output, first) === '' && !isNewer(c))
    throw new CurlError(23, 'Failed writing received data to disk/application', {
      told: 'curl: Remote file name has no length!\ncurl: (23) Failed writing received data to disk/application\n',
    })
  let url = first
  let asGet = false
  let authorization: string | undefined
  let challenged = false
  const limit = Number(o.get('m') ?? 0) * 1000
  const left = (): number | undefined => (limit > 0 ? Math.max(0, timing.start + limit - clock.now()) : undefined)
  for (let hop = 0; ; hop++) {
    const elsewhere = url.host !== first.host || url.port !== first.port
    const resumed = resumption(c, o, output, url)
    const request = buildRequest(c, o, url, { asGet, elsewhere, resumed })
    url = request.url
    if (authorization !== undefined) request.headers = { Authorization: authorization, ...request.headers }
    authorization = undefined
    jar.attach(request)
    await meter.begin()
    const { connection, address, path } = await dial(c, o, request, timing, left())
    const target = o.get('request-target') ?? path
    const asked = target === undefined ? request : { ...request, url: { ...url, path: target } }
    await tellRequest(c, o, asked, speaksHttp2(connection, asked))
    const answer = await within(c.task, left(), (signal) => exchange(connection, asked, signal, true)).catch((error: unknown) => {
      throw asked.version === '2 known' ? new CurlError(16, NO_HTTP2) : toCurlError(c, error)
    })
    if (!answer) throw new CurlError(28, `Operation timed out after ${clock.now() - timing.start} milliseconds with 0 bytes received`)
    jar.take(url, answer.headers['set-cookie'])
    timing.starttransfer = clock.now() - timing.start
    await tell(c, o, '<', headText(answer))
    await noteHead(c, o, headText(answer), hop > 0)
    const challenge = answer.statusCode === 401 && o.has('digest') ? digestChallenge(answer.headers['www-authenticate']) : undefined
    const user = elsewhere || challenged ? undefined : userOf(c, o, first)
    if (challenge !== undefined && user !== undefined) {
      challenged = true
      authorization = digestAnswer(challenge, asked, user, c.task.random.hex(32))
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      answer.destroy()
      const login = user.split(':')[0]!
      await tell(
        c,
        o,
        '*',
        `Ignoring the response-body\nConnection #${hop} to host ${url.host} left intact\nIssue another request to this URL: '${urlText(url)}'\nServer auth using Digest with user '${login}'`,
      )
      continue
    }
    const location = answer.headers.location
    const status = answer.statusCode ?? 0
    if (o.has('L') && status >= 300 && status < 400 && location) {
      if (hop >= Number(o.get('M') ?? 50)) throw new CurlError(47, `Maximum (${o.get('M') ?? 50}) redirects followed`)
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      answer.destroy()
      const next = redirectTarget(urlText(url), location)
      if (!next) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
      if (!mayUse(o.get('proto-redir'), next.scheme))
        throw new CurlError(1, `Protocol "${next.scheme}" not supported or disabled in libcurl`)
      await tell(c, o, '*', `Connection #${hop} to host ${url.host} left intact\nIssue another request to this URL: '${urlText(next)}'`)
      if (becomesGet(o, status, request.method)) {
        await tell(c, o, '*', isNewer(c) ? 'Switch to GET' : `Switch from ${request.method} to GET`)
        asGet = true
      }
      url = next
      timing.redirects++
      continue
    }
    return receive(c, o, output, { url, answer, address, resumed }, timing, left, meter)
  }
}

/** What is said of a server that was known to speak HTTP/2, and does not. */
const NO_HTTP2 = 'Remote peer returned unexpected data while we expected SETTINGS frame.  Perhaps, peer does not support HTTP/2 properly.'

/** Whether --proto lets a scheme be used: `=https`, `-http`, `+http,https`, of which the later count more. */
function mayUse(list: string | undefined, scheme: string): boolean {
  let allowed = true
  for (const token of list?.split(',') ?? []) {
    const [, sign = '+', name = ''] = /^([=+-]?)(.*)$/.exec(token.trim()) ?? []
    const named = name === 'all' || name.toLowerCase() === scheme
    if (sign === '=') allowed = named
    else if (named) allowed = sign !== '-'
  }
  return allowed
}
