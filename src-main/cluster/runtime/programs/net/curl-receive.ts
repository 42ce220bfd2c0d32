/** Where the content of an answer goes, what is left over of it, and what it means for another try. */
import type { IncomingMessage } from 'node:http'
import { unzipSync } from 'node:zlib'
import type { Timer } from '../../../clock.js'
import { SystemError, type OpenFile } from '../../process.js'
import type { Command, Options } from '../command.js'
import { chunks } from './connection.js'
import type { Meter } from './curl-meter.js'
import { closingLine, headText, isNewer, writeOut, type CurlFailure, type Timing } from './curl-output.js'
import { warn } from './curl-data.js'
import { CurlError } from './curl-request.js'
import { tell } from './curl-tell.js'
import type { Url } from './http-client.js'

/** Where the content goes: a file (`-o`), one with the name of the URL (`-O`), or standard output. */
export interface Output {
  readonly path?: string
  readonly remote?: boolean
}

/** What became of a transfer. */
export interface Outcome {
  readonly code: number
  readonly status: number
  /** Seconds, as the server asks for with `Retry-After`. */
  readonly retryAfter?: number
}

/** An answer, and who gave it. */
interface Received {
  readonly url: Url
  readonly answer: IncomingMessage
  readonly address: string
  /** The bytes that are there already, with -C. */
  readonly resumed: number
  /** The URL as it was written, its number, and the bytes that were sent. */
  readonly written: string
  /** The text of -w. */
  readonly format: string | undefined
  readonly index: number
  readonly sent: number
  /** The own end of the connection. */
  readonly local: { readonly localAddress: string; readonly localPort: number }
}

/** The bytes that -C has already: those of the output with `-C -`. */
export function resumption(c: Command, o: Options, output: Output, url: Url): number {
  const at = o.get('C')
  if (at !== '-') return Number(at ?? 0)
  const path = pathOf(c, o, output, url)
  return path !== undefined && path !== '-' && c.fs.exists(path) ? c.fs.stat(path).size : 0
}

/** Writes the head of an answer where -D says; those of redirections come one after the other. */
export async function noteHead(c: Command, o: Options, head: string, another: boolean): Promise<void> {
  const file = o.get('D')
  if (file === '-') return c.print(head)
  if (file === undefined) return
  try {
    c.fs.writeFile(file, head, { append: another })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CurlError(23, isNewer(c) ? 'client returned ERROR on write' : 'Failure writing output to destination')
  }
}

export async function receive(
  c: Command,
  o: Options,
  output: Output,
  { url, answer, address, resumed, ...more }: Received,
  timing: Timing,
  left: () => number | undefined,
  meter: Meter,
): Promise<Outcome> {
  const status = answer.statusCode ?? 0
  const after = answer.headers['retry-after']
  const outcome = (code: number): Outcome => ({ code, status, ...(after && /^\d+$/.test(after) ? { retryAfter: Number(after) } : {}) })
  const report = async (bytes: number, failed?: CurlFailure): Promise<void> => {
    const format = more.format
    const total = c.task.clock.now() - timing.start
    if (format !== undefined)
      await writeOut(c, format, {
        answer,
        bytes,
        url: urlText(url),
        timing,
        total,
        address,
        failure: failed,
        file: pathOf(c, o, output, url, answer),
        ...more,
      })
  }
  const failure =
    (o.has('f') || o.has('fail-with-body')) && status >= 400
      ? { code: 22, message: `The requested URL returned error: ${status}` }
      : undefined
  if (failure && !o.has('fail-with-body')) {
    answer.destroy()
    await meter.fail(22, Number(answer.headers['content-length'] ?? 0))
    if (!o.has('s') || o.has('S')) await c.task.writeError(`curl: (22) ${failure.message}\n`)
    await report(0, failure)
    return outcome(22)
  }
  const announced = answer.headers['content-length']
  const tooLarge = o.has('max-filesize') && Number(announced ?? 0) > bytesOf(o.get('max-filesize')!)
  if (tooLarge) throw new CurlError(63, 'Maximum file size exceeded')
  // What is there already is whole, or the server begins anew.
  const whole = resumed > 0 && (status === 416 || (status === 200 && Number(announced) === resumed))
  if (resumed > 0 && status === 200 && !whole)
    throw new CurlError(33, `HTTP server does${isNewer(c) ? ' not' : "n't"} seem to support byte ranges. Cannot resume.`)
  const etag = answer.headers.etag
  if (o.has('etag-save') && etag !== undefined) c.fs.writeFile(o.get('etag-save')!, `${etag}\n`)
  let path = pathOf(c, o, output, url, answer)
  if (path !== undefined && o.has('no-clobber')) path = unused(c, path)
  if (path !== undefined && output.remote && o.has('J') && answer.headers['content-disposition'] && c.fs.exists(path)) {
    await warn(c, o, `Failed to open the file ${path}: File exists`)
    throw new CurlError(23, isNewer(c) ? 'client returned ERROR on write' : 'Failed writing header')
  }
  if (whole || (status === 304 && o.has('z'))) answer.destroy()
  // Without content, no file is made of it.
  const out = whole ? c.task.fd(1) : openOutput(c, o, path, resumed > 0)
  if (o.has('i') || o.has('I')) await out?.write(Buffer.from(headText(answer)))
  const length = answer.headers['content-length']
  let bytes = 0
  const remaining = left()
  let timedOut = false
  const rate = bytesOf(o.get('limit-rate') ?? '0')
  const slow = watchSpeed(
    c,
    o,
    () => bytes,
    () => answer.destroy(),
  )
  const timer =
    remaining === undefined
      ? undefined
      : c.task.clock.after(remaining, () => {
          timedOut = true
          answer.destroy()
        })
  try {
    for await (const data of whole ? [] : decoded(o, answer, chunks(c.task, answer))) {
      if (o.has('I')) continue
      if (!out) await unwritable(c, o, path!)
      if (o.has('trace') || o.has('trace-ascii') || (bytes === 0 && (path !== undefined || c.task.fd(1)?.kind !== 'tty')))
        await tell(c, o, '{', data)
      bytes += data.length
      await out!.write(data)
      // No faster than --limit-rate.
      const early = rate > 0 ? (bytes / rate) * 1000 - (c.task.clock.now() - timing.start - timing.starttransfer) : 0
      if (early > 0) await c.task.sleep(early)
    }
  } catch (error) {
    if (!timedOut && slow.message === undefined) throw cutShort(c, error, length === undefined ? undefined : Number(length) - bytes)
  }
  timer?.cancel()
  slow.stop()
  if (!out && !timedOut) await unwritable(c, o, path!)
  out?.close?.()
  if (slow.message !== undefined) throw new CurlError(28, slow.message)
  if (timedOut)
    throw new CurlError(28, `Operation timed out after ${c.task.clock.now() - timing.start} milliseconds with ${bytes} bytes received`)
  await meter.end(bytes, length === undefined ? undefined : Number(length), c.task.clock.now() - timing.start)
  await tell(c, o, '*', closingLine(c, url.host, timing.connection, isKept(answer)))
  const changed = Date.parse(answer.headers['last-modified'] ?? '')
  if (o.has('R') && path !== undefined && path !== '-' && !Number.isNaN(changed)) c.fs.utimes(path, changed)
  await report(bytes, failure)
  if (failure && (!o.has('s') || o.has('S'))) await c.task.writeError(`curl: (22) ${failure.message}\n`)
  return outcome(failure?.code ?? 0)
}

/** An answer that ended before all of it was there. */
function cutShort(c: Command, error: unknown, missing: number | undefined): unknown {
  if ((error as { code?: string }).code !== 'ECONNRESET') return error
  if (missing === undefined) return new CurlError(18, 'transfer closed with outstanding read data remaining')
  return new CurlError(
    18,
    isNewer(c) ? `end of response with ${missing} bytes missing` : `transfer closed with ${missing} bytes remaining to read`,
  )
}

/** Whether the connection of an answer is one for more requests: those of HTTP/1.0 are where both say so. */
export function isKept({ headers, httpVersion }: IncomingMessage): boolean {
  const told = headers.connection?.toLowerCase()
  return httpVersion === '1.0' ? told === 'keep-alive' : told !== 'close'
}

/** Bytes a second, as in `200k`. */
function bytesOf(text: string): number {
  const [, digits = '0', unit = ''] = /^([\d.]+)([kmg]?)b?$/i.exec(text) ?? []
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ')
}

/** Gives up where less than --speed-limit bytes a second came for --speed-time seconds. */
function watchSpeed(c: Command, o: Options, bytes: () => number, giveUp: () => void): { message?: string; stop(): void } {
  if (!o.has('Y') && !o.has('y')) return { stop: () => undefined }
  const [limit, seconds] = [bytesOf(o.get('Y') ?? '1'), Number(o.get('y') ?? 30)]
  const watch: { message?: string; stop(): void } = { stop: () => timer.cancel() }
  const look = (before: number): Timer =>
    c.task.clock.after(seconds * 1000, () => {
      if (bytes() - before >= limit * seconds) return void (timer = look(bytes()))
      watch.message = `Operation too slow. Less than ${limit} bytes/sec transferred the last ${seconds} seconds`
      giveUp()
    })
  let timer = look(0)
  return watch
}

/** The name that -O takes from a URL; undefined without -O. Newer ones name what has none. */
export function remoteName(output: Output, url: Url): string | undefined {
  return output.remote && output.path === undefined ? (url.path.split('?')[0]!.split('/').at(-1) ?? '') : undefined
}

/** The file that the content goes to, in --output-dir; with -J and -O by the name that the server gives. */
export function pathOf(c: Command, o: Options, output: Output, url: Url, answer?: IncomingMessage): string | undefined {
  const offered = /filename="?([^";]+)"?/i
    .exec(answer?.headers['content-disposition'] ?? '')?.[1]
    ?.split(/[\\/]/)
    .at(-1)
  const remote = remoteName(output, url)
  const name = output.path ?? (remote !== undefined && o.has('J') && offered ? offered : remote)
  const folder = o.get('output-dir')
  return name === undefined || name === '-' || folder === undefined ? name : `${folder}/${name || 'curl_response'}`
}

/** A name that is not taken: `FILE.1` and so on. */
function unused(c: Command, path: string): string {
  for (let n = 0; n <= 100; n++) {
    const name = n === 0 ? path : `${path}.${n}`
    if (!c.fs.exists(name)) return name
  }
  return path
}

/** Where the content goes; undefined when the file cannot be made. */
export function openOutput(c: Command, o: Options, path: string | undefined, appends: boolean): OpenFile | undefined {
  if (path === undefined || path === '-') return c.task.fd(1)!
  try {
    if (o.has('create-dirs') && path.includes('/')) c.fs.mkdir(path.replace(/\/[^/]*$/, '') || '/', { recursive: true })
    return c.fs.open(path || 'curl_response', appends ? 'a' : 'w')
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Says why a file cannot be written, and ends with that. Throws CurlError. */
export async function unwritable(c: Command, o: Options, path: string): Promise<never> {
  let why = 'No such file or directory'
  try {
    c.fs.open(path, 'w').close?.()
  } catch (error) {
    why = c.text(error)
  }
  await warn(c, o, `Failed to open the file ${path}: ${why}`)
  throw new CurlError(23, isNewer(c) ? 'client returned ERROR on write' : 'Failure writing output to destination')
}

/** With --compressed, the content as it was before the server packed it. */
async function* decoded(o: Options, answer: IncomingMessage, data: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const encoding = answer.headers['content-encoding']
  if (!o.has('compressed') || (encoding !== 'gzip' && encoding !== 'deflate')) return yield* data
  const parts: Uint8Array[] = []
  for await (const part of data) parts.push(part)
  yield unzipSync(Buffer.concat(parts), { maxOutputLength: 256 * 1024 * 1024 })
}

/** A URL as `%{url_effective}` prints it. */
export function urlText(url: Url): string {
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  return `${url.scheme}://${url.host}${standard ? '' : `:${url.port}`}${url.path}`
}
