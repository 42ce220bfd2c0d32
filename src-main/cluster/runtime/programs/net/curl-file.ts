/** curl with file:// URLs: files of the container, read and written without a network. */
import { SystemError } from '../../process.js'
import type { Command, Options } from '../command.js'
import type { Meter } from './curl-meter.js'
import { writeOut, type Timing } from './curl-output.js'
import { openOutput, pathOf, type Outcome, type Output, unwritable } from './curl-receive.js'
import { CurlError } from './curl-request.js'

/** Whether an address is one of a file. */
export function isFile(text: string): boolean {
  return /^file:\/\//i.test(text)
}

interface FileTransfer {
  readonly text: string
  readonly output: Output
  readonly index: number
  /** What -T writes there. */
  readonly upload: Uint8Array | undefined
  readonly format: string | undefined
}

/** Copies a file to where the content goes, or what is uploaded to a file. Throws CurlError. */
export async function transferFile(c: Command, o: Options, one: FileTransfer, timing: Timing, meter: Meter): Promise<Outcome> {
  const [, host = '', rest = ''] = /^file:\/\/([^/]*)(\/[^?#]*)?/i.exec(one.text) ?? []
  if ((host !== '' && host !== 'localhost' && host !== '127.0.0.1') || rest === '')
    throw new CurlError(3, 'URL using bad/illegal format or missing URL')
  const path = decodeURIComponent(rest)
  await meter.begin()
  const tell = async (bytes: number, sent = 0): Promise<Outcome> => {
    const total = c.task.clock.now() - timing.start
    await meter.end(bytes, bytes, total)
    const url = { scheme: 'file', host: '', port: 0, path: rest }
    if (one.format !== undefined)
      await writeOut(c, one.format, { bytes, url: `file://${rest}`, timing, total, address: '', written: one.text, index: one.index, file: pathOf(c, o, one.output, url), sent }) // prettier-ignore
    return { code: 0, status: 0 }
  }
  if (one.upload) {
    try {
      c.fs.writeFile(path, one.upload, { append: o.has('a') })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new CurlError(23, `Can't open ${path} for writing`)
    }
    return tell(0, one.upload.length)
  }
  let data = Buffer.alloc(0)
  let head: string
  try {
    const stat = c.fs.stat(path)
    // A directory opens, and nothing can be read of it.
    if (stat.type === 'file') data = Buffer.from(c.fs.readFile(path))
    head = `Content-Length: ${stat.size}\r\nAccept-ranges: bytes\r\nLast-Modified: ${new Date(stat.mtime).toUTCString()}\r\n`
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CurlError(37, `Couldn't open file ${path}`)
  }
  const [, from, to, last] = /^(?:(\d+)-(\d*)|-(\d+))$/.exec(o.get('r') ?? (o.has('C') && o.get('C') !== '-' ? `${o.get('C')}-` : '')) ?? []
  const start = last === undefined ? Number(from ?? 0) : Math.max(0, data.length - Number(last))
  if (start > data.length) throw new CurlError(36, 'failed to resume file:// transfer')
  const part = data.subarray(start, to ? Number(to) + 1 : undefined)
  const url = { scheme: 'file', host: '', port: 0, path: rest }
  const target = pathOf(c, o, one.output, url)
  const out = openOutput(c, o, target, false)
  if (!out) return unwritable(c, o, target!)
  if (o.has('I') || o.has('i')) await out.write(Buffer.from(o.has('I') ? head : `${head}\r\n`))
  if (o.has('D')) await (o.get('D') === '-' ? c.print(`${head}\r\n`) : c.fs.writeFile(o.get('D')!, `${head}\r\n`))
  if (!o.has('I')) await out.write(part)
  if (target !== undefined && target !== '-') out.close?.()
  return tell(o.has('I') ? 0 : part.length)
}

/** A path without its `.` and `..`, which are taken out before anything is asked (RFC 3986, 5.2.4). */
export function squashed(path: string): string {
  const at = path.indexOf('?')
  const plain = at < 0 ? path : path.slice(0, at)
  if (!/\/\.\.?(\/|$)/.test(plain)) return path
  const out: string[] = []
  const parts = plain.split('/').slice(1)
  for (const [i, part] of parts.entries()) {
    if (part === '..') out.pop()
    else if (part !== '.') out.push(part)
    if (i === parts.length - 1 && (part === '..' || part === '.')) out.push('')
  }
  return `/${out.join('/')}${at < 0 ? '' : path.slice(at)}`
}
