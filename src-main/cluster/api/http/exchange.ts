/** One request and its answer, over HTTP/1.1 or HTTP/2: reading the body within limits, writing what was negotiated. */
import { gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { shownJson } from '../shown-json.js'
import type { UserInfo } from '../client.js'
import { StatusError, badRequest, internalError, type Status } from '../errors.js'
import type { Flow } from '../flowcontrol/classify.js'
import type { AnyRequest, AnyResponse } from '../streaming/contract.js'
import { hostTimeout } from '../../host.js'
import { TooManyRequests } from './inflight.js'
import { defaultLimits, type Limits } from './limits.js'
import { jsonToProtobuf } from '../protobuf/encode.js'
import { PROTOBUF } from '../protobuf/messages.js'
import { negotiate, type AnswerForm } from './negotiate.js'
import { toYaml } from './yaml.js'
import type { RequestInfo } from './requestinfo.js'

const compress = promisify(gzip)

/** Answers from this size on are compressed for those who accept it, bytes. */
const COMPRESS_FROM = 128 * 1024
/** Long answers are written in pieces of this size, bytes. */
const PIECE = 256 * 1024
/** Slices of at most so many bytes are copied here: calling Buffer for them costs more. */
const SHORT = 8

/** User agents that people read the answers of: they get indented JSON, as from kube-apiserver. */
const PRETTY_AGENTS = /^(curl|Wget|Mozilla\/5\.0)/

export class Exchange {
  readonly warnings: string[] = []
  /** The media types that the answer may have; undefined for all that there are. */
  answerTypes: readonly string[] | undefined
  /** Those of an object as it is; undefined for all of the above. A transformation of it, or an error, may have any of those. */
  wholeTypes: readonly string[] | undefined
  /** The form of an answer that may be a transformation, once it is known. */
  private transformed: AnswerForm | undefined
  user: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

  constructor(
    readonly request: AnyRequest,
    readonly response: AnyResponse,
    readonly info: RequestInfo,
    readonly limits: Limits = defaultLimits,
  ) {}

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }

  get method(): string {
    return this.request.method ?? 'GET'
  }

  /** Tells which flow the request belongs to, in the headers of API Priority and Fairness. */
  tellFlow(flow: Flow | undefined): void {
    // An upgrade has no answer to put headers on.
    if (!flow || !this.response) return
    this.response.setHeader('x-kubernetes-pf-flowschema-uid', flow.schema)
    this.response.setHeader('x-kubernetes-pf-prioritylevel-uid', flow.level)
  }

  /** The form that the answer is to have. Throws 406. */
  form(transform = true, isError = false): AnswerForm {
    if (transform && this.transformed) return this.transformed
    const { answerTypes: types, wholeTypes } = this
    const form = negotiate(this.header('accept'), { transform, ...(types && { types }), ...(wholeTypes && !isError && { wholeTypes }) })
    if (transform) this.transformed = form
    return form
  }

  /** Reads the whole body. Throws 413 above the limit; cuts the connection when it does not come. */
  async body(): Promise<Buffer> {
    const { body: largest, refusedBody, bodyTime } = this.limits
    const announced = Number(this.header('content-length') ?? 0)
    if (announced > 0 && announced <= largest && this.request.readableLength === announced) {
      // A small body mostly arrives together with its head.
      const body = this.request.read() as Buffer
      this.request.resume()
      return body
    }
    const chunks: Buffer[] = []
    let size = 0
    const cancel = hostTimeout(bodyTime, () => {
      this.response.destroy()
      this.request.destroy()
    })
    try {
      for await (const chunk of this.request) {
        size += (chunk as Buffer).length
        // What is too large is still read for a while: a client that is cut off in the middle of sending sees a broken
        // connection instead of the answer.
        if (size > refusedBody) throw tooLarge(largest)
        if (announced <= largest && size <= largest) chunks.push(chunk as Buffer)
        else chunks.length = 0
      }
      if (size > largest) throw tooLarge(largest)
    } catch (error) {
      // The client has gone in the middle of its body, and nobody will read this.
      throw error instanceof StatusError ? error : badRequest('unexpected EOF')
    } finally {
      cancel()
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  }

  /** Starts the answer. */
  head(code: number, contentType: string, headers: Record<string, string | string[]> = {}): void {
    const { response } = this
    if (this.warnings.length > 0) headers['warning'] = warningHeaders(this.warnings)
    response.statusCode = code
    response.setHeader('cache-control', 'no-cache, private')
    if (contentType) response.setHeader('content-type', contentType)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  }

  text(code: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
    this.head(code, contentType, { 'x-content-type-options': 'nosniff', 'content-length': String(Buffer.byteLength(body)) })
    this.end(body)
  }

  /** Answers an object whose JSON may be at hand already. */
  async object(code: number, object: unknown, bytes: Buffer | undefined, form: AnswerForm): Promise<void> {
    if (form.mediaType === PROTOBUF) {
      const encoded = jsonToProtobuf(object as { kind?: string })
      if (encoded) return this.bytes(code, encoded, PROTOBUF)
    }
    if (form.mediaType === 'application/yaml') return this.bytes(code, Buffer.from(toYaml(object)), 'application/yaml')
    if (this.isPretty(form)) return this.indented(code, object)
    return this.bytes(code, bytes ?? Buffer.from(`${shownJson(object)}\n`), 'application/json')
  }

  /** Answers indented JSON, whatever was asked for: what is no object of the API, and errors to those who accept no form of them. */
  indented(code: number, body: unknown): Promise<void> {
    return this.bytes(code, Buffer.from(shownJson(body, 2)), 'application/json')
  }

  /** Whether JSON is to be indented: when it is asked for, and for browsers and tools of the command line. */
  isPretty(form: AnswerForm): boolean {
    if (form.pretty) return true
    const asked = this.info.query.get('pretty')
    if (asked !== null) return asked !== 'false' && asked !== '0'
    return PRETTY_AGENTS.test(this.header('user-agent') ?? '')
  }

  /** Answers bytes, compressed when that is worth it. */
  async bytes(code: number, body: Buffer, contentType: string, headers: Record<string, string> = {}): Promise<void> {
    let out = body
    if (body.length >= COMPRESS_FROM && this.acceptsGzip) {
      out = await compress(body, { level: 1 })
      headers['content-encoding'] = 'gzip'
      headers['vary'] = 'Accept-Encoding'
    }
    headers['content-length'] = String(out.length)
    this.head(code, contentType, headers)
    this.end(out)
  }

  get acceptsGzip(): boolean {
    return /\bgzip\b/.test(this.header('accept-encoding') ?? '')
  }

  /** Answers a text made of many slices without putting them together first. */
  async slices(code: number, total: number, slices: Iterable<Buffer>, contentType: string): Promise<void> {
    if (total < PIECE || this.acceptsGzip) {
      return this.bytes(code, Buffer.concat([...slices], total), contentType)
    }
    this.head(code, contentType, { 'content-length': String(total) })
    if (this.method === 'HEAD') return this.end()
    let piece = Buffer.allocUnsafe(PIECE)
    let filled = 0
    for (const slice of slices) {
      if (slice.length <= SHORT && filled + slice.length < PIECE) {
        for (let i = 0; i < slice.length; i++) piece[filled++] = slice[i]!
        continue
      }
      for (let from = 0; from < slice.length;) {
        const n = slice.copy(piece, filled, from)
        filled += n
        from += n
        if (filled < PIECE) continue
        if (!(await this.write(piece))) return
        piece = Buffer.allocUnsafe(PIECE)
        filled = 0
      }
    }
    this.end(piece.subarray(0, filled))
  }

  /** Writes a part and waits while the client is slow. False when the client has gone. */
  async write(part: Buffer): Promise<boolean> {
    const { response } = this
    if (response.destroyed || response.writableEnded) return false
    if ((response as { write(b: Buffer): boolean }).write(part)) return true
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off('drain', done)
        response.off('close', done)
        resolve()
      }
      response.on('drain', done)
      response.on('close', done)
    })
    return !response.destroyed
  }

  end(last?: Buffer | string): void {
    const response = this.response as { end(body?: Buffer | string): void }
    if (this.method === 'HEAD' || last === undefined) response.end()
    else response.end(last)
  }

  /** Answers an error as a Status; anything that is not one is a 500 whose cause stays here. */
  async fail(error: unknown): Promise<void> {
    // Nobody is left to tell when the client has gone.
    if (this.response.destroyed) return
    if (error instanceof TooManyRequests) {
      this.response.setHeader('retry-after', String(error.retryAfter))
      return this.text(429, `${error.message}\n`)
    }
    const status = statusOf(error)
    if (this.response.headersSent) {
      this.response.destroy()
      return
    }
    const { retryAfterSeconds } = status.details ?? {}
    if (retryAfterSeconds) this.response.setHeader('retry-after', String(retryAfterSeconds))
    // What is left of a body that was refused is not worth reading.
    if (status.code === 413) this.response.setHeader('connection', 'close')
    let form: AnswerForm
    try {
      form = this.form(false, true)
    } catch {
      return this.indented(status.code, status)
    }
    await this.object(status.code, status, undefined, form)
  }
}

function tooLarge(limit: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)
}

/** Warning headers as RFC 7234 has them, one per text. */
export function warningHeaders(texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => `299 - "${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, ' ')}"`)
}

/** The Status of any error. What is not meant for clients is written to stderr and told as an internal error. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  if (error instanceof URIError) return badRequest('malformed percent-encoding in the URL').status
  console.error('the API server failed:', error)
  return internalError('the server could not do this').status
}
