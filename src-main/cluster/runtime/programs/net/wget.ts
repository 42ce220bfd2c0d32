/** wget */
import type { IncomingMessage } from 'node:http'
import { DnsError, NetworkError } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { OpenFile, Program } from '../../process.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { parseDuration } from '../sizes.js'
import { formatTime } from '../strftime.js'
import { chunks, within } from './connection.js'
import { exchange, open, parseUrl, type Url } from './http-client.js'

const SPEC = {
  short: 'cqSO:o:T:t:P:U:Y:nvb',
  long: {
    quiet: 'q',
    'output-document=': 'O',
    'timeout=': 'T',
    'tries=': 't',
    'header=': 'H',
    'post-data=': 'D',
    'user-agent=': 'U',
    'no-check-certificate': 'K',
    spider: 's',
    'server-response': 'S',
    'directory-prefix=': 'P',
    continue: 'c',
    'no-verbose': 'v',
    'method=': 'M',
    'body-data=': 'D',
    'max-redirect=': 'R',
    'content-on-error': 'E',
    'post-file=': 'F',
    'retry-connrefused': 'C',
  },
  usage: `[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP`,
}

export function wget(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = c.task.argv.flatMap((a) =>
      a === '-nv'
        ? ['--no-verbose']
        : /^-nv./.test(a)
          ? ['--no-verbose', `-${a.slice(3)}`]
          : /^-[qS]*O-$/.test(a)
            ? [a.slice(0, -1), '-']
            : [a],
    )
    const o = await c.options(SPEC, argv).catch((error: unknown) => {
      if (c.busybox || !(error instanceof Fail)) throw error
      throw new Fail(`${error.message.split('\n')[0]}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more options.`, 2)
    })
    if (o.operands.length === 0)
      throw c.busybox
        ? c.usageError(SPEC)
        : new Fail("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.")
    for (const url of o.operands) {
      const code = await fetchOne(c, o, url)
      if (code !== 0) c.status = code
    }
  })
}

/** GNU wget talks about everything it does; busybox only of the file. */
class Talk {
  constructor(
    private readonly c: Command,
    private readonly o: Options,
  ) {}

  /** Says something; not with -q, and with -nv only what GNU's still says then. */
  say(text: string, brief = false): Promise<void> {
    const silent = this.o.has('q') || (this.o.has('v') && !this.c.busybox && !brief)
    return silent ? Promise.resolve() : this.c.task.writeError(text)
  }
}

async function fetchOne(c: Command, o: Options, text: string): Promise<number> {
  let url = parseUrl(text)
  if (!url) throw new Fail(`wget: ${c.busybox ? `bad address '${text}'` : `${text}: Invalid host name.`}`)
  if (url.scheme !== 'http' && url.scheme !== 'https')
    throw new Fail(c.busybox ? `wget: not an http or ftp url: ${text}` : `${text}: Unsupported scheme \`${url.scheme}'.`)
  const talk = new Talk(c, o)
  if (!c.busybox && o.has('O') && o.get('O') !== '-') checkOutput(c, o.get('O')!)
  if (!c.busybox && o.has('s')) await talk.say('Spider mode enabled. Check if remote file exists.\n')
  const shown = `${/:\/\//.test(text) ? text : `http://${text}`}${url.path === '/' && !text.endsWith('/') ? '/' : ''}`
  const most = c.busybox ? MOST_REDIRECTIONS : Number(o.get('R') ?? MOST_REDIRECTIONS)
  for (let hop = 0; hop <= most; hop++) {
    const answer = await requestAgain(c, o, url, talk, hop === 0 ? shown : addressOf(url))
    if (typeof answer === 'number') return answer
    const status = answer.statusCode ?? 0
    const location = answer.headers.location
    if (status >= 300 && status < 400 && location) {
      answer.destroy()
      const next: Url | undefined = location.startsWith('/') ? { ...url, path: location } : parseUrl(location)
      if (!next) return 1
      if (!c.busybox) await talk.say(`Location: ${location} [following]\n`)
      url = next
      continue
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
    return save(c, o, url, answer, talk)
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

/** A URL as it is written: without the port that its scheme has anyhow. */
const addressOf = ({ scheme, host, port, path }: Url): string =>
  `${scheme}://${host}${port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`}${path}`

/** What came of asking once, besides an answer or the code to end with: it may be worth another try. */
const AGAIN = Symbol('again')

/** Asks; GNU's again, as often as -t says, when nothing or too little was heard. */
async function requestAgain(c: Command, o: Options, url: Url, talk: Talk, shown: string): Promise<IncomingMessage | number> {
  const wanted = Number(o.get('t') ?? TRIES)
  const tries = wanted > 0 ? wanted : Infinity
  for (let turn = 1; ; turn++) {
    if (!c.busybox) {
      const time = formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())
      await talk.say(`--${time}--  ${turn > 1 ? `(try:${String(turn).padStart(2)})  ` : ''}${shown}\n`)
    }
    const answer = await request(c, o, url, talk)
    if (answer !== AGAIN) return answer
    await talk.say(turn < tries ? 'Retrying.\n\n' : 'Giving up.\n\n')
    if (turn >= tries) return 4
    await c.task.sleep(Math.min(turn * 1000, LONGEST_WAIT))
  }
}

async function request(c: Command, o: Options, url: Url, talk: Talk): Promise<IncomingMessage | number | typeof AGAIN> {
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
  if (c.busybox)
    await talk.say(`Connecting to ${url.host}${url.port === 80 && url.scheme === 'http' ? '' : `:${url.port}`} (${address}:${url.port})\n`)
  else {
    if (address !== url.host) await talk.say(`Resolving ${url.host} (${url.host})... ${address}\n`)
    await talk.say(`Connecting to ${url.host}${address === url.host ? '' : ` (${url.host})|${address}|`}:${url.port}... `)
  }
  let connected = false
  try {
    const answer = await within(c.task, timeout, async (signal) => {
      const connection = await open(c.task, url, { insecure: c.busybox || o.has('K') }, address, signal)
      connected = true
      if (!c.busybox) await talk.say('connected.\nHTTP request sent, awaiting response... ')
      const resumed = !c.busybox && o.has('c') && !o.has('O') && c.fs.exists(nameOf(o, url)) ? c.fs.stat(nameOf(o, url)).size : 0
      const headers: Record<string, string> = {
        'User-Agent': o.get('U') ?? (c.busybox ? 'Wget' : 'Wget/1.21.3'),
        ...(c.busybox ? {} : { Accept: '*/*', 'Accept-Encoding': 'identity' }),
      }
      if (resumed > 0) headers['Range'] = `bytes=${resumed}-`
      for (const h of o.all('H')) headers[h.slice(0, h.indexOf(':'))] = h.slice(h.indexOf(':') + 1).trim()
      const body = o.get('D') ?? (o.has('F') ? c.fs.readText(o.get('F')!) : undefined)
      if (body !== undefined) {
        headers['Content-Type'] ??= 'application/x-www-form-urlencoded'
        headers['Content-Length'] = String(Buffer.byteLength(body))
      }
      const method = o.get('M') ?? (body === undefined ? (o.has('s') ? 'HEAD' : 'GET') : 'POST')
      return exchange(
        connection,
        { url, method, headers, body: body === undefined ? undefined : Buffer.from(body), tls: { insecure: true } },
        signal,
      )
    })
    if (!answer) {
      if (c.busybox) throw new Fail('wget: download timed out')
      await talk.say(connected ? 'Read error (Connection timed out) in headers.\n' : 'failed: Connection timed out.\n')
      return AGAIN
    }
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
      await talk.say(`failed: ${errorText(error)}.\n`)
      return error.code === 'ETIMEDOUT' || (error.code === 'ECONNREFUSED' && o.has('C')) ? AGAIN : 4
    }
    if (!c.busybox && url.scheme === 'https') return tlsFailed(c, error, url, talk)
    if (c.busybox) throw new Fail('wget: error getting response')
    await talk.say('No data received.\n')
    return AGAIN
  }
}

function pairs(answer: IncomingMessage): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < answer.rawHeaders.length; i += 2) out.push([answer.rawHeaders[i]!, answer.rawHeaders[i + 1]!])
  return out
}

async function save(c: Command, o: Options, url: Url, answer: IncomingMessage, talk: Talk): Promise<number> {
  const length = answer.headers['content-length']
  const type = answer.headers['content-type']?.split(';')[0]
  const announced = `Length: ${length ?? 'unspecified'}${type ? ` [${type}]` : ''}\n`
  if (o.has('s')) {
    answer.destroy()
    if (c.busybox) await talk.say('remote file exists\n')
    else if (type === 'text/html')
      await talk.say(`${announced}Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n`)
    else await talk.say(`${announced}Remote file exists.\n\n`)
    return 0
  }
  let path = o.get('O') ?? nameOf(o, url)
  let out: OpenFile
  if (path === '-') out = c.task.fd(1)!
  else {
    if (!o.has('O') && c.fs.exists(path)) {
      if (c.busybox) throw new Fail(`wget: can't open '${path}': File exists`)
      let n = 1
      while (c.fs.exists(`${path}.${n}`)) n++
      path = `${path}.${n}`
    }
    out = c.fs.open(path, 'w')
  }
  if (c.busybox) await talk.say(path === '-' ? 'writing to stdout\n' : `saving to '${path}'\n`)
  else await talk.say(`${announced}Saving to: '${path === '-' ? 'STDOUT' : path}'\n\n`)
  let bytes = 0
  for await (const data of chunks(c.task, answer)) {
    bytes += data.length
    await out.write(data)
  }
  out.close?.()
  const label = path === '-' ? '-' : path
  if (c.busybox) {
    await talk.say(`${label.slice(0, 20).padEnd(20)} 100% |********************************| ${String(bytes).padStart(5)}  0:00:00 ETA\n`)
    await talk.say(path === '-' ? 'written to stdout\n' : `'${path}' saved\n`)
  } else {
    await talk.say(c.task.terminal ? bar(label, bytes) : dots(bytes))
    const now = formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())
    await talk.say(
      `${now} (1.00 MB/s) - ${path === '-' ? 'written to stdout' : `'${path}' saved`} [${bytes}${length ? `/${length}` : ''}]\n\n`,
    )
    if (o.has('v')) await talk.say(`${now} URL:${addressOf(url)} [${bytes}${length ? `/${length}` : ''}] -> "${path}" [1]\n`, true)
  }
  return 0
}

/** The progress at a terminal. */
function bar(label: string, bytes: number): string {
  return `${label.slice(0, 19).padEnd(19)} 100%[===================>] ${String(bytes).padStart(7)}  --.-KB/s    in 0s\n\n`
}

/** The progress where there is no terminal: a dot for each kilobyte, 50 in a line. */
function dots(bytes: number): string {
  const lines: string[] = []
  for (let at = 0; at === 0 || at < bytes; at += 51_200) {
    const shown = Math.floor(Math.min(51_200, bytes - at) / 1024)
    const row = '.'.repeat(shown).replace(/.{10}(?=.)/g, '$& ')
    const last = at + 51_200 >= bytes
    const share = last ? 100 : Math.floor(((at + 51_200) / bytes) * 100)
    lines.push(`${`${Math.floor(at / 1024)}K`.padStart(7)} ${row.padEnd(53)} ${String(share).padStart(3)}% 1.00M${last ? '=0s' : ' 0s'}`)
  }
  return `${lines.join('\n')}\n\n`
}

/** GNU's opens the file of -O before anything else. */
function checkOutput(c: Command, path: string): void {
  try {
    c.fs.open(path, 'w').close?.()
  } catch (error) {
    throw new Fail(`${path}: ${c.text(error)}`)
  }
}

function nameOf(o: Options, url: Url): string {
  const name = url.path.split('?')[0]!.split('/').at(-1) || 'index.html'
  return o.has('P') ? `${o.get('P')}/${name}` : name
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
