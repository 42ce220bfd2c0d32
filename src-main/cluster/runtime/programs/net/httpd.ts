/** busybox httpd: serves the files of a directory, and programs under its /cgi-bin. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpDate } from '../../../network/http.js'
import { errorText } from '../../errors.js'
import { isAddressInUse, serveInProcess, untilKilled } from '../../images/server-process.js'
import { nullDevice } from '../../devices.js'
import { SystemError, type Program } from '../../process.js'
import { Command, command, Fail } from '../command.js'

const SPEC = {
  short: 'c:p:u:r:m:e:d:h:fiv',
  usage: '[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]',
}

const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain', h: 'text/plain', c: 'text/plain', cc: 'text/plain', cpp: 'text/plain',
  htm: 'text/html', html: 'text/html', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', png: 'image/png', svg: 'image/svg+xml',
  css: 'text/css', js: 'application/javascript', wav: 'audio/wav', avi: 'video/x-msvideo', mov: 'video/quicktime',
  mpe: 'video/mpeg', mpeg: 'video/mpeg', mid: 'audio/midi', midi: 'audio/midi', mp3: 'audio/mpeg',
} // prettier-ignore

const REASONS: Readonly<Record<number, readonly [title: string, text: string]>> = {
  400: ['Bad Request', 'Unsupported method'],
  403: ['Forbidden', ''],
  404: ['Not Found', 'The requested URL was not found'],
  501: ['Not Implemented', 'The requested method is not recognized'],
}

interface Answer {
  status: number
  reason: string
  headers: Record<string, string>
  body: Uint8Array
}

function failure(status: number): Answer {
  const [reason, text] = REASONS[status]!
  const body = Buffer.from(
    `<HTML><HEAD><TITLE>${status} ${reason}</TITLE></HEAD>\n<BODY><H1>${status} ${reason}</H1>\n${text}\n</BODY></HTML>\n`,
  )
  return { status, reason, headers: { 'Content-type': 'text/html' }, body }
}

/** The file of a path below the home directory, or what keeps it from being sent. */
function fileAnswer(c: Command, home: string, url: string): Answer {
  const [path = '/'] = url.split('?')
  let plain: string
  try {
    plain = decodeURIComponent(path)
  } catch {
    return failure(400)
  }
  if (!plain.startsWith('/') || plain.split('/').includes('..')) return failure(404)
  let file = `${home}${plain}`.replace(/\/{2,}/g, '/')
  try {
    if (c.fs.stat(file).type === 'directory') {
      if (!plain.endsWith('/'))
        return { status: 302, reason: 'Found', headers: { 'Content-type': 'text/html', Location: `${plain}/` }, body: new Uint8Array() }
      file += 'index.html'
    }
    const { mtime } = c.fs.stat(file)
    const body = c.fs.readFile(file)
    const type = TYPES[/\.([^./]+)$/.exec(file)?.[1] ?? '']
    const seconds = Math.floor(mtime / 1000)
    const headers = {
      ...(type ? { 'Content-type': type } : {}),
      'Accept-Ranges': 'bytes',
      'Last-Modified': httpDate(mtime),
      ETag: `"${seconds.toString(16)}-${body.length.toString(16)}"`,
      'Content-Length': String(body.length),
    }
    return { status: 200, reason: 'OK', headers, body }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return failure(error.code === 'EACCES' ? 403 : 404)
  }
}

/** The raw answer: busybox closes every connection, and writes its headers in an order of its own. */
async function answer(c: Command, home: string, verbose: number, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const peer = `${req.socket.remoteAddress?.includes(':') ? req.socket.remoteAddress : `[::ffff:${req.socket.remoteAddress}]`}:${req.socket.remotePort}`
  const say = async (text: string): Promise<void> => void (verbose > 1 && (await c.task.writeError(`${peer}: ${text}\n`)))
  req.resume()
  await c.work(0.2)
  await say(`url:${req.url}`)
  const { status, reason, headers, body } = ['GET', 'HEAD'].includes(req.method ?? '') ? fileAnswer(c, home, req.url ?? '/') : failure(501)
  await say(`response:${status}`)
  const { socket } = res
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket?.write(`HTTP/1.1 ${status} ${reason}\r\nDate: ${httpDate(c.task.clock.now())}\r\nConnection: close\r\n${head.join('')}\r\n`)
  socket?.end(req.method === 'HEAD' ? new Uint8Array() : body)
}

/** In the background unless `-f`, as the real one is. */
export function httpd(): Program {
  return command('busybox', async (c) => {
    const o = await c.options(SPEC)
    if (o.has('d') || o.has('e') || o.has('m')) return special(c, o.get('d'), o.get('e'))
    const listen = /^(?:(.*):)?(\d+)$/.exec(o.get('p') ?? '80')
    if (!listen || Number(listen[2]) > 65_535) throw new Fail(`httpd: bad address '${o.get('p')}'`)
    const home = c.fs.absolute(o.get('h') ?? '.')
    try {
      c.fs.readdir(home)
    } catch (error) {
      throw new Fail(`httpd: can't change directory to '${o.get('h')}': ${errorText(error)}`)
    }
    const serve = (on: Command): void => {
      try {
        serveInProcess(on.task, Number(listen[2]), (req, res) => answer(on, home, o.all('v').length, req, res), {
          address: listen[1] ?? '::',
        })
      } catch (error) {
        throw isAddressInUse(error) ? new Fail('httpd: bind: Address already in use') : error
      }
    }
    if (o.has('f')) {
      serve(c)
      return untilKilled(c.task)
    }
    let failed: Fail | undefined
    const started = new Promise<void>((resolve) => {
      c.task.fork(
        async (child) => {
          child.newSession()
          try {
            serve(new Command(child, 'busybox'))
          } catch (error) {
            if (!(error instanceof Fail)) throw error
            failed = error
            resolve()
            return 1
          }
          resolve()
          return untilKilled(child)
        },
        { fds: new Map([0, 1, 2].map((n) => [n, nullDevice()])) },
      )
    })
    await c.task.clock.track(started)
    if (failed) throw failed
    return 0
  })
}

/** -d decodes a URL, -e encodes HTML. */
async function special(c: Command, url: string | undefined, html: string | undefined): Promise<number> {
  if (url !== undefined) await c.print(`${decodeURIComponent(url.replaceAll('+', ' '))}\n`)
  if (html !== undefined) await c.print(`${html.replace(/[^A-Za-z0-9]/g, (ch) => `&#${ch.charCodeAt(0)};`)}\n`)
  return 0
}
