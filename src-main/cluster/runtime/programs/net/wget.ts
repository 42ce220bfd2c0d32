/** wget */
import type { IncomingMessage } from 'node:http'
import { DnsError, NetworkError } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { parseDuration } from '../sizes.js'
import { formatTime } from '../strftime.js'
import { chunks, within } from './connection.js'
import { Pool } from './curl-pool.js'
import { exchange, open, parseUrl, type Url } from './http-client.js'
import { attachCookies, jarOf, saveCookies } from './wget-cookies.js'
import { beginLog, checkBody, GNU_SPEC, listed, NEGATIONS, SPEC, SPELLED, VERSION } from './wget-options.js'
import { convert, recurse } from './wget-recursive.js'
import { addressOf, human, nameOf, pairs, save, Talk, type Session } from './wget-save.js'

export function wget(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = (c.busybox ? c.task.argv : spelledOut(c.task.argv)).flatMap((a) =>
      !c.busybox && /^-n[cdHp]$/.test(a)
        ? [NEGATIONS[a[2]!]!]
        : a === '-nv'
          ? ['--no-verbose']
          : /^-nv./.test(a)
            ? ['--no-verbose', `-${a.slice(3)}`]
            : /^-[qS]*O-$/.test(a)
              ? [a.slice(0, -1), '-']
              : [a],
    )
    const o = await c.options(c.busybox ? SPEC : GNU_SPEC, argv).catch((error: unknown) => {
      if (c.busybox || !(error instanceof Fail)) throw error
      throw new Fail(`${error.message.split('\n')[0]}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more options.`, 2)
    })
    if (!c.busybox && o.has('version')) return c.print(VERSION)
    if (!c.busybox) await beginLog(c, o)
    const urls = [...o.operands, ...(c.busybox ? [] : await listed(c, o))]
    if (o.has('i') && urls.length === 0) return void (await new Talk(c, o).say(`No URLs found in ${o.get('i')!}.\n`, true))
    if (urls.length === 0)
      throw c.busybox
        ? c.usageError(SPEC)
        : new Fail("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.")
    if (!c.busybox) checkBody(o)
    if (o.has('b') && !c.busybox) return behind(c, o, argv)
    const began = c.task.clock.now()
    const recursive = !c.busybox && (o.has('r') || o.has('m') || o.has('p'))
    if (recursive) expand(o)
    const session: Session = { pool: new Pool(), files: 0, bytes: 0, ...(c.busybox ? {} : { jar: jarOf(c, o) }) }
    const fetch = (url: string): Promise<number> => fetchOne(c, o, url, session)
    for (const [i, url] of urls.entries()) {
      if (i > 0 && o.has('wait') && !c.busybox) await c.task.sleep(parseDuration(o.get('wait')!)!)
      const code = recursive ? await recurse(c, o, url, session, fetch) : await fetch(url)
      if (code !== 0) c.status = code
    }
    session.pool.close()
    if (!c.busybox) saveCookies(c, o, session)
    const finish = async (): Promise<void> => {
      if (o.has('k') && !c.busybox) await convert(c, o, session, new Talk(c, o))
    }
    if (c.busybox || (urls.length < 2 && session.files < 2 && !recursive)) return finish()
    const { files, bytes } = session
    const now = c.task.clock.now()
    await new Talk(c, o).say(
      `FINISHED --${formatTime('%Y-%m-%d %H:%M:%S', now)}--\nTotal wall clock time: ${now === began ? '0' : String((now - began) / 1000)}s\nDownloaded: ${files} files, ${human(bytes)} in 0s (1.00 MB/s)\n`,
      true,
    )
    await finish()
  })
}

/** GNU's letters that stand for another thing inside are given by their long names, also in a bundle. */
function spelledOut(argv: readonly string[]): string[] {
  return argv.flatMap((arg, i) => {
    if (i === 0 || !/^-[A-Za-z]/.test(arg) || arg.startsWith('-n')) return [arg]
    const [, letter = '', rest = ''] = /^-(.)(.*)$/s.exec(arg)!
    const long = SPELLED[letter]
    if (long === undefined) return [arg]
    if (/[HEK]/.test(letter)) return rest === '' ? [long] : [long, ...spelledOut(['', `-${rest}`]).slice(1)]
    return rest === '' ? [long] : [`${long}=${rest}`]
  })
}

/** What -m and -r stand for. */
function expand(o: Options): void {
  if (o.has('m')) for (const letter of ['r', 'N']) o.add(letter, '')
  if (!o.has('nd') && (o.has('r') || o.has('p'))) o.add('x', '')
}

/** Goes on behind the shell's back, and says where it tells of it. */
async function behind(c: Command, o: Options, argv: readonly string[]): Promise<number> {
  let log = o.get('a') ?? o.get('o')
  if (log === undefined) {
    log = 'wget-log'
    for (let n = 1; c.fs.exists(log); n++) log = `wget-log.${n}`
  }
  const own = argv.slice(1).filter((arg) => arg !== '-b' && arg !== '--background')
  const words = ['wget', ...own, ...(o.has('a') || o.has('o') ? [] : ['-o', log])]
  const child = c.task.fork(async (task) => {
    task.newSession()
    task.argv = words
    return wget('coreutils')(task)
  })
  await c.print(`Continuing in background, pid ${child.pid}.\n${o.has('a') || o.has('o') ? '' : `Output will be written to '${log}'.\n`}`)
  return 0
}

async function fetchOne(c: Command, o: Options, text: string, session: Session): Promise<number> {
  let url = parseUrl(text)
  if (!url) throw new Fail(c.busybox ? `wget: bad address '${text}'` : `${text}: Invalid host name.`)
  if (url.scheme !== 'http' && url.scheme !== 'https')
    throw new Fail(c.busybox ? `wget: not an http or ftp url: ${text}` : `${text}: Unsupported scheme '${url.scheme}'.`)
  const talk = new Talk(c, o)
  if (!c.busybox && o.has('O') && o.get('O') !== '-' && session.files === 0) checkOutput(c, o.get('O')!)
  if (!c.busybox && o.has('s')) await talk.say('Spider mode enabled. Check if remote file exists.\n')
  const shown = `${/:\/\//.test(text) ? text : `http://${text}`}${url.path === '/' && !text.endsWith('/') ? '/' : ''}`
  const most = c.busybox ? MOST_REDIRECTIONS : Number(o.get('R') ?? MOST_REDIRECTIONS)
  const known = nameOf(o, url)
  if (!c.busybox && o.has('nc') && !o.has('O') && c.fs.exists(known)) {
    await talk.say(`File '${known}' already there; not retrieving.\n${o.has('v') ? '' : '\n'}`, true)
    return 0
  }
  let login = o.has('auth-no-challenge') ? loginOf(o, url) : undefined
  for (let hop = 0; hop <= most; hop++) {
    const answer = await requestAgain(c, o, url, talk, hop === 0 ? shown : addressOf(url), { session, login })
    if (typeof answer === 'number') return answer
    const status = answer.statusCode ?? 0
    const location = answer.headers.location
    if (status >= 300 && status < 400 && location) {
      if (c.busybox) answer.destroy()
      else for await (const data of chunks(c.task, answer)) void data
      const next: Url | undefined = location.startsWith('/') ? { ...url, path: location } : parseUrl(location)
      if (!next) return 1
      if (!c.busybox) await talk.say(`Location: ${location} [following]\n`)
      url = next
      continue
    }
    if (status === 304 && o.has('N') && !c.busybox) {
      await talk.say(`File '${known}' not modified on server. Omitting download.\n\n`, true)
      return 0
    }
    if (status === 401 && !c.busybox) {
      const asked = answer.headers['www-authenticate'] ?? ''
      const own = loginOf(o, url)
      for await (const data of chunks(c.task, answer)) void data
      if (own !== undefined && login === undefined && /^basic/i.test(asked)) {
        login = own
        await talk.say(`Authentication selected: ${asked}\n`)
        continue
      }
      await talk.say('\nUsername/Password Authentication Failed.\n', true)
      return 6
    }
    if (status === 416 && o.has('c') && !c.busybox) {
      answer.destroy()
      await talk.say('\n    The file is already fully retrieved; nothing to do.\n\n')
      return 0
    }
    if (status >= 400 && !(o.has('E') && !c.busybox)) {
      answer.destroy()
      if (c.busybox) {
        await c.task.writeError(`wget: server returned error: HTTP/${answer.httpVersion} ${status} ${answer.statusMessage}\n`)
        return 1
      }
      if (o.has('s')) await talk.say('Remote file does not exist -- broken link!!!\n\n')
      else
        await talk.say(
          `${formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())} ERROR ${status}: ${answer.statusMessage}.\n${o.has('v') ? '' : '\n'}`,
          true,
        )
      return 8
    }
    const code = await save(c, o, url, answer, talk, session)
    return code === 0 && status >= 400 && !c.busybox ? 8 : code
  }
  if (c.busybox) throw new Fail('wget: too many redirections')
  await talk.say(`${most} redirections exceeded.\n`)
  return 8
}

const MOST_REDIRECTIONS = 20
/** How often GNU's wget asks for the same, where it is not told. */
const TRIES = 20
/** It waits a second longer each time, up to so many, ms. */
const LONGEST_WAIT = 10_000

/** What came of asking once, besides an answer or the code to end with: it may be worth another try. */
const AGAIN = Symbol('again')

/** Asks; GNU's again, as often as -t says, when nothing or too little was heard. */
async function requestAgain(c: Command, o: Options, url: Url, talk: Talk, shown: string, way: Way): Promise<IncomingMessage | number> {
  const wanted = Number(o.get('t') ?? TRIES)
  const tries = wanted > 0 ? wanted : Infinity
  for (let turn = 1; ; turn++) {
    if (!c.busybox) {
      const time = formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())
      if (way.login === undefined || o.has('auth-no-challenge') || turn > 1)
        await talk.say(`--${time}--  ${turn > 1 ? `(try:${String(turn).padStart(2)})  ` : ''}${shown}\n`)
    }
    const answer = await request(c, o, url, talk, way)
    if (answer !== AGAIN) return answer
    await talk.say(turn < tries ? 'Retrying.\n\n' : 'Giving up.\n\n')
    if (turn >= tries) return 4
    await c.task.sleep(Math.min(turn * 1000, LONGEST_WAIT))
  }
}

/** What a request goes with: connections that are kept, and who asks. */
interface Way {
  readonly session: Session
  /** As in `name:password`. */
  readonly login: string | undefined
}

/** The name and password of the options or the address. */
function loginOf(o: Options, url: Url): string | undefined {
  const user = o.get('user')
  return user === undefined ? url.user : `${user}:${o.get('password') ?? ''}`
}

async function request(
  c: Command,
  o: Options,
  url: Url,
  talk: Talk,
  { session, login }: Way,
): Promise<IncomingMessage | number | typeof AGAIN> {
  const timeout = o.has('T') ? parseDuration(o.get('T')!) : 900_000
  let address: string
  try {
    const found = await within(c.task, timeout, () => c.task.net.resolve(url.host))
    if (!found?.[0]) throw new DnsError('TIMEOUT', url.host)
    address = found[0]
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    if (c.busybox) throw new Fail(`wget: bad address '${url.host}${url.port === 80 || url.port === 443 ? '' : `:${url.port}`}'`)
    await talk.say(`Resolving ${url.host} (${url.host})... failed: Name or service not known.\n`)
    if (o.has('q')) return 4
    throw new Fail(`wget: unable to resolve host address '${url.host}'`, 4)
  }
  const place = `${url.scheme} ${url.host} ${url.port}`
  const kept = c.busybox ? undefined : session.pool.take(place)
  if (c.busybox)
    await talk.say(`Connecting to ${url.host}${url.port === 80 && url.scheme === 'http' ? '' : `:${url.port}`} (${address}:${url.port})\n`)
  else if (kept) await talk.say(`Reusing existing connection to ${url.host}:${url.port}.\nHTTP request sent, awaiting response... `)
  else {
    if (address !== url.host) await talk.say(`Resolving ${url.host} (${url.host})... ${address}\n`)
    await talk.say(`Connecting to ${url.host}${address === url.host ? '' : ` (${url.host})|${address}|`}:${url.port}... `)
  }
  let connected = false
  try {
    const answer = await within(c.task, timeout, async (signal) => {
      const connection = kept?.connection ?? (await open(c.task, url, { insecure: c.busybox || o.has('K') }, address, signal))
      connected = true
      if (!c.busybox && !kept) await talk.say('connected.\nHTTP request sent, awaiting response... ')
      const resumed = !c.busybox && o.has('c') && !o.has('O') && c.fs.exists(nameOf(o, url)) ? c.fs.stat(nameOf(o, url)).size : 0
      const headers: Record<string, string> = {
        ...(o.has('referer') ? { Referer: o.get('referer')! } : {}),
        'User-Agent': o.get('U') ?? (c.busybox ? 'Wget' : 'Wget/1.21.3'),
        ...(c.busybox ? {} : { Accept: '*/*', 'Accept-Encoding': 'identity' }),
      }
      if (resumed > 0) headers['Range'] = `bytes=${resumed}-`
      const stamp = !c.busybox && o.has('N') && !o.has('O') && c.fs.exists(nameOf(o, url)) ? c.fs.stat(nameOf(o, url)).mtime : undefined
      if (stamp !== undefined) headers['If-Modified-Since'] = new Date(stamp).toUTCString()
      if (o.has('no-cache')) Object.assign(headers, { 'Cache-Control': 'no-cache', Pragma: 'no-cache' })
      if (login !== undefined) headers['Authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
      if (!c.busybox) headers['Connection'] = 'Keep-Alive'
      attachCookies(session, url, headers)
      for (const h of o.all('H')) headers[h.slice(0, h.indexOf(':'))] = h.slice(h.indexOf(':') + 1).trim()
      const body = o.get('body-data') ?? o.get('D') ?? (o.has('F') ? c.fs.readText(o.get('F')!) : undefined)
      if (body !== undefined) {
        headers['Content-Type'] ??= 'application/x-www-form-urlencoded'
        headers['Content-Length'] = String(Buffer.byteLength(body))
      }
      const method = o.get('M') ?? (body === undefined ? (o.has('s') ? 'HEAD' : 'GET') : 'POST')
      const received = await exchange(
        connection,
        { url, method, headers, body: body === undefined ? undefined : Buffer.from(body), tls: { insecure: true } },
        signal,
        !c.busybox,
      )
      if (!c.busybox)
        received.once('close', () =>
          received.complete && received.headers.connection !== 'close'
            ? session.pool.keep(place, { connection, address, number: 0 })
            : connection.end(),
        )
      return received
    })
    if (!answer) {
      if (c.busybox) throw new Fail('wget: download timed out')
      await talk.say(connected ? 'Read error (Connection timed out) in headers.\n' : 'failed: Connection timed out.\n')
      return AGAIN
    }
    session.jar?.take(url, answer.headers['set-cookie'])
    if (o.has('S'))
      await talk.say(
        `${c.busybox ? '' : '\n'}  HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\n${pairs(answer)
          .map(([k, v]) => `  ${k}: ${v}\n`)
          .join('')}`,
      )
    else if (!c.busybox) await talk.say(`${answer.statusCode} ${answer.statusMessage}\n`)
    return answer
  } catch (error) {
    if (error instanceof Fail) throw error
    c.task.check()
    if (error instanceof NetworkError) {
      if (c.busybox) throw new Fail(`wget: can't connect to remote host (${address}): ${errorText(error)}`)
      await talk.say(`failed: ${errorText(error)}.\n`, true)
      return error.code === 'ETIMEDOUT' || (error.code === 'ECONNREFUSED' && o.has('C')) ? AGAIN : 4
    }
    if (!c.busybox && url.scheme === 'https') return tlsFailed(c, error, url, talk)
    if (c.busybox) throw new Fail('wget: error getting response')
    await talk.say('No data received.\n')
    return AGAIN
  }
}

/** GNU's opens the file of -O before anything else. */
function checkOutput(c: Command, path: string): void {
  try {
    c.fs.open(path, 'w').close?.()
  } catch (error) {
    throw new Fail(`${path}: ${c.text(error)}`)
  }
}

/** What Debian's wget, which has GnuTLS, says of a server that it cannot trust or understand. */
async function tlsFailed(c: Command, error: unknown, url: Url, talk: Talk): Promise<number> {
  const { code = '', message } = error as { code?: string; message: string }
  await talk.say('connected.\n')
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    await talk.say(`ERROR: The certificate of '${url.host}' is not trusted.\n`, true)
    if (code.startsWith('UNABLE')) await talk.say(`ERROR: The certificate of '${url.host}' doesn't have a known issuer.\n`, true)
    return 5
  }
  await talk.say(
    `GnuTLS: ${/wrong version/.test(message) ? 'An unexpected TLS packet was received.' : 'Error in the pull function.'}\nUnable to establish SSL connection.\n`,
    true,
  )
  return 4
}
