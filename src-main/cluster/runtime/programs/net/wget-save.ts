/** What wget tells, and where it puts what came. */
import type { IncomingMessage } from 'node:http'
import type { OpenFile } from '../../process.js'
import { Fail, type Command, type Options } from '../command.js'
import { formatTime } from '../strftime.js'
import { chunks } from './connection.js'
import type { CookieJar } from './curl-cookies.js'
import type { Pool } from './curl-pool.js'
import type { Url } from './http-client.js'

/** What goes on from URL to URL: the connections that are kept, and what came. */
export interface Session {
  readonly pool: Pool
  files: number
  bytes: number
  /** What servers had it keep, where it keeps anything. */
  readonly jar?: CookieJar | undefined
  /** What came last, and all that -r and -p have saved by its address. */
  last?: { readonly path: string; readonly type: string }
  saved?: Map<string, { readonly path: string; readonly type: string }>
}

/** GNU wget talks about everything it does; busybox only of the file. */
export class Talk {
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

/** Bytes as in `98K`, `1.5M`. */
export function human(bytes: number): string {
  let [value, unit] = [bytes, '']
  for (const next of 'KMGT') {
    if (value < 1024) break
    ;[value, unit] = [value / 1024, next]
  }
  return unit === '' || value >= 10 ? `${Math.round(value)}${unit}` : `${value.toFixed(1)}${unit}`
}

/** A URL as it is written: without the port that its scheme has anyhow. */
export const addressOf = ({ scheme, host, port, path }: Url): string =>
  `${scheme}://${host}${port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`}${path}`

/** The headers of an answer as they came. */
export function pairs(answer: IncomingMessage): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < answer.rawHeaders.length; i += 2) out.push([answer.rawHeaders[i]!, answer.rawHeaders[i + 1]!])
  return out
}

/** Writes an answer where it belongs, and tells of it. Returns the code to end with. */
export async function save(c: Command, o: Options, url: Url, answer: IncomingMessage, talk: Talk, session: Session): Promise<number> {
  const length = answer.headers['content-length']
  const type = answer.headers['content-type']?.split(';')[0]
  const resumed = answer.statusCode === 206 && o.has('c') ? Number(/bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1] ?? 0) : 0
  const whole = length === undefined ? undefined : Number(length) + resumed
  const sized = (n: number): string => (n < 1024 ? String(n) : `${n} (${human(n)})`)
  const announced = `Length: ${whole === undefined ? 'unspecified' : sized(whole)}${resumed > 0 && length !== undefined ? `, ${sized(Number(length))} remaining` : ''}${type ? ` [${type}]` : ''}\n`
  if (o.has('s')) {
    answer.destroy()
    if (c.busybox) await talk.say('remote file exists\n')
    else if (type === 'text/html')
      await talk.say(`${announced}Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n`)
    else await talk.say(`${announced}Remote file exists.\n\n`)
    return 0
  }
  const given = o.has('content-disposition')
    ? /filename="?([^";]+)"?/i
        .exec(answer.headers['content-disposition'] ?? '')?.[1]
        ?.split('/')
        .at(-1)
    : undefined
  let path = o.get('O') ?? adjusted(o, given === undefined ? nameOf(o, url) : nameOf(o, { ...url, path: `/${given}` }), type)
  let out: OpenFile
  if (path === '-') out = c.task.fd(1)!
  else {
    if (!c.busybox && !o.has('O') && path.includes('/')) c.fs.mkdir(path.replace(/\/[^/]*$/, ''), { recursive: true })
    if (!o.has('O') && resumed === 0 && !(o.has('N') || o.has('x') || (o.has('c') && !c.busybox)) && c.fs.exists(path)) {
      if (c.busybox) throw new Fail(`wget: can't open '${path}': File exists`)
      let n = 1
      while (c.fs.exists(`${path}.${n}`)) n++
      path = `${path}.${n}`
    }
    out = c.fs.open(path, resumed > 0 || (o.has('O') && session.files > 0) ? 'a' : 'w')
  }
  if (c.busybox) await talk.say(path === '-' ? 'writing to stdout\n' : `saving to '${path}'\n`)
  else await talk.say(`${announced}Saving to: '${path === '-' ? 'STDOUT' : path}'\n\n`)
  if (o.has('save-headers') && !c.busybox)
    await out.write(
      Buffer.from(
        `HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\r\n${pairs(answer)
          .map(([k, v]) => `${k}: ${v}\r\n`)
          .join('')}\r\n`,
      ),
    )
  let bytes = 0
  try {
    for await (const data of chunks(c.task, answer)) {
      bytes += data.length
      await out.write(data)
    }
  } catch (error) {
    if (c.busybox || (error as { code?: string }).code !== 'ECONNRESET') throw error
    const now = formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())
    await talk.say(`${dots(bytes, resumed, whole)}${now} (1.00 MB/s) - Connection closed at byte ${bytes + resumed}. Giving up.\n\n`)
    return 4
  }
  out.close?.()
  if (path !== '-') session.last = { path, type: type ?? '' }
  session.files++
  session.bytes += bytes
  const changed = Date.parse(answer.headers['last-modified'] ?? '')
  if (!c.busybox && path !== '-' && !o.has('keep-time') && !Number.isNaN(changed)) c.fs.utimes(path, changed)
  const label = path === '-' ? '-' : path
  if (c.busybox) {
    await talk.say(`${label.slice(0, 20).padEnd(20)} 100% |********************************| ${String(bytes).padStart(5)}  0:00:00 ETA\n`)
    await talk.say(path === '-' ? 'written to stdout\n' : `'${path}' saved\n`)
  } else {
    await talk.say(c.task.terminal ? bar(label, bytes + resumed) : dots(bytes + resumed, resumed))
    const now = formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now())
    await talk.say(
      `${now} (1.00 MB/s) - ${path === '-' ? 'written to stdout' : `'${path}' saved`} [${bytes + resumed}${whole === undefined ? '' : `/${whole}`}]\n\n`,
    )
    if (o.has('v'))
      await talk.say(`${now} URL:${addressOf(url)} [${bytes + resumed}${whole === undefined ? '' : `/${whole}`}] -> "${path}" [1]\n`, true)
  }
  return 0
}

/** The progress at a terminal. */
function bar(label: string, bytes: number): string {
  return `${label.slice(0, 19).padEnd(19)} 100%[===================>] ${String(bytes).padStart(7)}  --.-KB/s    in 0s\n\n`
}

/** The progress where there is no terminal: a dot for each kilobyte, 50 in a line. */
function dots(bytes: number, resumed = 0, whole = bytes): string {
  const lines: string[] = []
  for (let at = 0; at === 0 || at < bytes; at += 51_200) {
    const shown = Math.floor(Math.min(51_200, bytes - at) / 1024)
    const had = Math.min(shown, Math.max(0, Math.floor((resumed - at) / 1024)))
    const row = (','.repeat(had) + '.'.repeat(shown - had)).replace(/.{10}(?=.)/g, '$& ')
    const last = at + 51_200 >= bytes
    const share = Math.floor((Math.min(at + 51_200, bytes) / Math.max(1, whole)) * 100) || (bytes === whole ? 100 : 0)
    lines.push(`${`${Math.floor(at / 1024)}K`.padStart(7)} ${row.padEnd(54)}${String(share).padStart(3)}% 1.00M${last ? '=0s' : ' 0s'}`)
  }
  return `${lines.join('\n')}\n\n`
}

/** The file that a URL is saved as. */
export function nameOf(o: Options, url: Url): string {
  const words = url.path.split('?')[0]!.split('/').slice(1)
  const query = url.path.includes('?') ? url.path.slice(url.path.indexOf('?')).replaceAll('/', '%2F') : ''
  const last = `${words.pop() || 'index.html'}${query}`
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  const host = o.has('nH') ? [] : [standard ? url.host : `${url.host}:${url.port}`]
  const name = o.has('x') ? [...host, ...words.slice(Number(o.get('cut-dirs') ?? 0)), last].join('/') : last
  return o.has('P') ? `${o.get('P')}/${name}` : name
}

/** The name under which a file of a URL is kept, with its kind at the end where -E wants that. */
function adjusted(o: Options, path: string, type: string | undefined): string {
  if (!o.has('E2')) return path
  if (type === 'text/html' && !/\.html?$/i.test(path)) return `${path}.html`
  return type === 'text/css' && !/\.css$/i.test(path) ? `${path}.css` : path
}
