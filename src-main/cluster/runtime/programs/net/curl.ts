/** curl */
import type { IncomingMessage } from 'node:http'
import { NetworkError } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { chunks, within } from './connection.js'
import { dial, wayOf } from './curl-connect.js'
import { CookieJar } from './curl-cookies.js'
import { readPayload, readUpload, warn, type Payload } from './curl-data.js'
import { digestAnswer, digestChallenge } from './curl-digest.js'
import { isFile, squashed, transferFile } from './curl-file.js'
import { glob } from './curl-glob.js'
import { Meter } from './curl-meter.js'
import { parseOptions } from './curl-options.js'
import { closingLine, headText, isNewer, tellHead, tellRequest, writeOut, type Timing } from './curl-output.js'
import { isKept, noteHead, receive, remoteName, resumption, urlText, type Outcome, type Output } from './curl-receive.js'
import { placeOf, Pool } from './curl-pool.js'
import { becomesGet, buildRequest, CurlError, redirectTarget, userOf } from './curl-request.js'
import { beginTrace, tell } from './curl-tell.js'
import { exchange, parseUrl, speaksHttp2, type Request, type Url } from './http-client.js'

export function curl(): Program {
  return command('coreutils', async (c) => {
    const parts = await parseOptions(c)
    const told = parts.map((o) => o.get('stderr')).find((file) => file !== undefined)
    if (told !== undefined) c.task.setDescriptor(2, told === '-' ? c.task.description(1) : await c.task.fs.openWaiting(told, 'w'))
    await beginTrace(c, parts[0]!)
    let status = 0
    const pool = new Pool()
    const payloads: Payload[] = []
    for (const o of parts) payloads.push(await readPayload(c, o).catch((error: unknown) => refuse(o, error)))
    for (const [i, o] of parts.entries()) {
      await checkMethod(c, o)
      const jar = new CookieJar(c, o)
      const each = async (one: Transfer): Promise<void> => {
        status = await transfer(c, o, one, { jar, pool, payload: payloads[i]! })
        if (status !== 0 && o.has('fail-early')) c.task.exit(status)
      }
      const transfers = await transfersOf(c, o)
      if (o.has('Z')) await Promise.all(transfers.map(each))
      else for (const one of transfers) await each(one)
      await jar.save()
    }
    pool.close()
    return status
  })
}

/** What is sent cannot be read. Throws Fail in curl's words for what curl numbers. */
function refuse(o: Options, error: unknown): never {
  if (error instanceof CurlError) throw new Fail(o.has('s') && !o.has('S') ? '' : `curl: (${error.code}) ${error.message}`, error.code)
  throw error
}

/** What transfers of one part of the command line share. */
interface Shared {
  readonly jar: CookieJar
  readonly pool: Pool
  readonly payload: Payload
}

/** How options that each ask for a method call themselves. */
const METHODS = [
  ['POST', ['d', 'data-raw', 'data-binary', 'data-urlencode', 'json']],
  ['multipart formpost', ['F', 'form-string']],
  ['PUT', ['T']],
] as const

/** One request has one method. Throws Fail in curl's words. */
async function checkMethod(c: Command, o: Options): Promise<void> {
  const asked = METHODS.filter(([, letters]) => letters.some((letter) => o.has(letter)) && !o.has('G')).map(([name]) => name as string)
  if (o.has('I')) asked.push('HEAD')
  if (asked.length < 2) return
  await warn(c, o, `You can only select one HTTP request method! ${asked[0]} was requested but you already asked for ${asked[1]}`)
  throw new Fail('', 2)
}

interface Transfer {
  readonly url: string
  readonly output: Output
  /** The file of -T. */
  readonly file?: string | undefined
  readonly index: number
}

/** The URLs of a part of the command line, each with the place its content goes to. Throws Fail where there are none. */
async function transfersOf(c: Command, o: Options): Promise<Transfer[]> {
  const urls = [...o.all('url'), ...o.operands]
  const advice = "curl: try 'curl --help' or 'curl --manual' for more information"
  if (c.task.argv.length === 1) throw new Fail(advice, 2)
  if (urls.length === 0) throw new Fail(isNewer(c) ? `curl: (2) no URL specified\n${advice}` : `curl: no URL specified!\n${advice}`, 2)
  const outputs: Output[] = [...o.all('o').map((path) => ({ path })), ...o.all('O').map(() => ({ remote: true }))]
  const standard = o.get('proto-default')
  const transfers: Transfer[] = []
  const files = o.all('T')
  for (const [i, written] of urls.entries()) {
    const output = outputs[i] ?? { remote: o.has('remote-name-all') }
    const pattern = standard !== undefined && !written.includes('://') ? `${standard}://${written}` : written
    try {
      for (const { url, places } of o.has('g') ? [{ url: pattern, places: [] }] : glob(pattern)) {
        const path = output.path?.replace(/#(\d+)/g, (whole, n: string) => places[Number(n) - 1] ?? whole)
        const uploads = files[i] === undefined || o.has('g') ? [files[i]] : glob(files[i]!).map((one) => one.url)
        for (const file of uploads)
          transfers.push({ url, output: { ...output, ...(path === undefined ? {} : { path }) }, file: file || undefined, index: i }) // prettier-ignore
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

async function transfer(c: Command, o: Options, one: Transfer, shared: Shared): Promise<number> {
  const { url: text, output } = one
  const retries = Number(o.get('retry') ?? 0)
  const began = c.task.clock.now()
  const most = Number(o.get('retry-max-time') ?? 0) * 1000
  for (let attempt = 0; ; attempt++) {
    const timing: Timing = {
      start: c.task.clock.now(),
      lookup: 0,
      connect: 0,
      starttransfer: 0,
      redirects: 0,
      connects: 0,
      connection: shared.pool.next,
    }
    const named = output.path !== undefined || output.remote === true
    const meter = new Meter(c, !o.has('s') && (named ? output.path !== '-' : c.task.fd(1)?.kind !== 'tty'), o.has('#'), attempt > 0)
    let code: number
    let problem: string | undefined
    let after: number | undefined
    let failure: CurlError | undefined
    try {
      const outcome = await attemptOnce(c, o, one, timing, meter, shared)
      code = outcome.code
      if (TRANSIENT.has(outcome.status)) problem = 'HTTP error'
      else if (o.has('retry-all-errors') && code !== 0) problem = '(retrying all errors)'
      after = outcome.retryAfter
    } catch (error) {
      c.task.check()
      const e = (failure = toCurlError(c, error))
      code = e.code
      await meter.fail(e.code, e.length)
      if (e.code !== 3 && e.told === undefined) {
        const last = e.closes ?? closingLine(c, '', timing.connection, false)
        await tell(c, o, '*', e.closes === undefined ? `${e.message.split('\n')[0]}\n${last}` : last)
      }
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
      const { format } = shared.payload
      if (format !== undefined)
        await writeOut(c, format, {
          bytes: 0,
          url: text,
          timing,
          total: c.task.clock.now() - timing.start,
          address: '',
          failure,
          written: text,
          index: one.index,
          file: output.path,
        })
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

async function attemptOnce(c: Command, o: Options, one: Transfer, timing: Timing, meter: Meter, shared: Shared): Promise<Outcome> {
  const { url: text, output, file } = one
  const { jar, pool, payload } = shared
  const { clock } = c.task
  if (isFile(text)) {
    if (!mayUse(o.get('proto'), 'file'))
      throw new CurlError(1, isNewer(c) ? 'Protocol "file" disabled' : 'Protocol "file" not supported or disabled in libcurl')
    const data = file === undefined ? undefined : await readUpload(c, file)
    return transferFile(c, o, { text, output, index: one.index, upload: data, format: payload.format }, timing, meter)
  }
  // One slash too many is forgiven.
  const first = parseUrl(text.replace(/^(https?:\/\/)\/(?=[^/])/i, '$1'))
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
    throw new CurlError(
      23,
      'Failed writing received data to disk/application',
      o.has('s') ? {} : { told: 'curl: Remote file name has no length!\ncurl: (23) Failed writing received data to disk/application\n' },
    )
  let url: Url = o.has('path-as-is') ? first : { ...first, path: squashed(first.path) }
  let asGet = false
  let from: string | undefined
  let authorization: string | undefined
  let challenged = false
  const limit = Number(o.get('m') ?? 0) * 1000
  const left = (): number | undefined => (limit > 0 ? Math.max(0, timing.start + limit - clock.now()) : undefined)
  const content = file === undefined ? undefined : await readUpload(c, file)
  const upload = content && { name: file!, content, piped: file === '-' || file === '.' }
  const sent = upload ? 'PUT' : payload.body && !o.has('I') ? 'POST' : undefined
  const referers = o.get('e')?.endsWith(';auto')
  for (let hop = 0; ; hop++) {
    const elsewhere = url.host !== first.host || url.port !== first.port
    const resumed = resumption(c, o, output, url)
    const request = buildRequest(c, o, url, { payload, upload }, { asGet, elsewhere, resumed })
    if (referers && from !== undefined) request.headers['Referer'] = from
    url = request.url
    if (/[\0-\x20\x7f]/.test(url.path))
      throw new CurlError(3, isNewer(c) ? 'URL rejected: Malformed input to a URL function' : 'URL using bad/illegal format or missing URL')
    if (authorization !== undefined) request.headers = { Authorization: authorization, ...request.headers }
    authorization = undefined
    jar.attach(request)
    await meter.begin()
    const place = placeOf(request, wayOf(c, o, url))
    const pooled = pool.take(place)
    timing.connection = pooled?.number ?? pool.next
    if (pooled) await tell(c, o, '*', reuseLines(c, url, pooled.number))
    const { connection, address, path } = pooled ?? (await dial(c, o, request, timing, left()))
    if (!pooled) {
      timing.connects++
      pool.made()
    }
    if (request.headers['Authorization']?.includes('Basic ') && o.has('u'))
      await tell(c, o, '*', `Server auth using Basic with user '${(userOf(c, o, first) ?? '').split(':')[0]}'`)
    const release = (answer: IncomingMessage): void => {
      if (isKept(answer) && answer.complete && answer.httpVersionMajor === 1)
        pool.keep(place, { connection, address, number: timing.connection, ...(path === undefined ? {} : { path }) }) // prettier-ignore
      else connection.end()
    }
    const target = o.get('request-target') ?? path
    const asked = target === undefined ? request : { ...request, url: { ...url, path: target } }
    await tellRequest(c, o, asked, speaksHttp2(connection, asked))
    const answer = await within(c.task, left(), (signal) => exchange(connection, asked, signal, true)).catch((error: unknown) => {
      throw asked.version === '2 known' ? new CurlError(16, NO_HTTP2) : toCurlError(c, error)
    })
    if (!answer) throw new CurlError(28, `Operation timed out after ${clock.now() - timing.start} milliseconds with 0 bytes received`)
    const remarks = jar.take(url, answer.headers['set-cookie'])
    timing.starttransfer = clock.now() - timing.start
    await tellHead(c, o, answer, remarks, request.headers['Authorization'] !== undefined)
    await noteHead(c, o, headText(answer), hop > 0)
    const user = elsewhere || challenged || answer.statusCode !== 401 ? undefined : userOf(c, o, first)
    const reply = user === undefined ? undefined : answerTo(o, answer, asked, user, c.task.random.hex(32))
    if (reply !== undefined && user !== undefined) {
      challenged = true
      authorization = reply
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      await passOver(c, o, answer, url.host, timing.connection)
      release(answer)
      const login = user.split(':')[0]!
      await tell(
        c,
        o,
        '*',
        `Issue another request to this URL: '${urlText(url)}'${reply.startsWith('Digest') ? `\nServer auth using Digest with user '${login}'` : ''}`,
      )
      continue
    }
    const location = answer.headers.location
    const status = answer.statusCode ?? 0
    if (o.has('L') && status >= 300 && status < 400 && location) {
      if (hop >= Number(o.get('M') ?? 50)) throw new CurlError(47, `Maximum (${o.get('M') ?? 50}) redirects followed`)
      if (o.has('i') || o.has('I')) await c.print(headText(answer))
      await passOver(c, o, answer, url.host, timing.connection)
      release(answer)
      const next = redirectTarget(urlText(url), location)
      if (!next) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
      if (!mayUse(o.get('proto-redir'), next.scheme))
        throw new CurlError(1, `Protocol "${next.scheme}" not supported or disabled in libcurl`)
      await tell(c, o, '*', `Issue another request to this URL: '${urlText(next)}'`)
      if (!asGet && becomesGet(o, status, sent)) {
        await tell(c, o, '*', isNewer(c) || status === 303 ? 'Switch to GET' : `Switch from ${sent!} to GET`)
        asGet = true
      }
      from = urlText(url)
      url = next
      timing.redirects++
      continue
    }
    const outcome = await receive(c, o, output, { url, answer, address, resumed, written: text, index: one.index, sent: request.body?.length ?? 0, local: { localAddress: connection.localAddress, localPort: connection.localPort }, format: payload.format }, timing, left, meter) // prettier-ignore
    release(answer)
    return outcome
  }
}

/** What --digest or --anyauth answer to a server that asks who it is; undefined where that is not known. */
function answerTo(o: Options, answer: IncomingMessage, asked: Request, user: string, cnonce: string): string | undefined {
  if (!o.has('digest') && !o.has('anyauth')) return undefined
  const header = answer.headers['www-authenticate']
  const challenge = digestChallenge(header)
  if (challenge !== undefined) return digestAnswer(challenge, asked, user, cnonce)
  return o.has('anyauth') && /^basic/i.test(header ?? '') ? `Basic ${Buffer.from(user).toString('base64')}` : undefined
}

/** What -v tells of a connection that serves once more; version 7 shows where it keeps it. */
function reuseLines(c: Command, { scheme, host }: Url, number: number): string {
  if (isNewer(c)) return `Re-using existing ${scheme}: connection with host ${host}`
  return `Found bundle for host: 0x55${c.task.random.hex(5)} [serially]\nCan not multiplex, even if we wanted to\nRe-using existing connection #${number} with host ${host}`
}

/** Reads what nobody wants to see, so that the connection may serve again. */
async function passOver(c: Command, o: Options, answer: IncomingMessage, host: string, number: number): Promise<void> {
  await tell(c, o, '*', 'Ignoring the response-body')
  for await (const data of chunks(c.task, answer)) await tell(c, o, '{', data)
  await tell(c, o, '*', closingLine(c, host, number, isKept(answer)))
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
