/** What is done to bodies on their way out: sub_filter, additions, charset, gzip (https://nginx.org/en/docs/http/ngx_http_sub_module.html). */
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Request } from './request.js'

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip)
const gunzip = promisify<Uint8Array, Buffer>(zlib.gunzip)

const plainType = (type: string | undefined): string => (type ?? '').split(';')[0]!.trim().toLowerCase()
const covers = (types: readonly string[], type: string | undefined): boolean => types.includes('*') || types.includes(plainType(type))

/** The content type with the charset of the directive, where it has none. */
export function withCharset({ settings }: Request, type: string): string {
  const { charset, charsetTypes } = settings
  return charset === 'off' || !covers(charsetTypes, type) || /charset=/i.test(type) ? type : `${type}; charset=${charset}`
}

/** Whether something changes the body of an answer, which must be whole for that. */
export function changesBody({ settings, res }: Request, status: number, type: string | undefined): boolean {
  if (settings.subFilters.length > 0 && covers(settings.subTypes, type)) return true
  if (settings.gunzip && res.getHeader('Content-Encoding') === 'gzip') return true
  return status === 200 && (settings.addBefore !== '' || settings.addAfter !== '') && plainType(type) === 'text/html'
}

/**
 * The body as the filters leave it; what it was known by before, its length and times, is taken back.
 * @param ask gives the body of another path of the server
 */
export async function changedBody(
  request: Request,
  body: Uint8Array,
  type: string | undefined,
  ask: (path: string) => Promise<Buffer>,
): Promise<Buffer> {
  const { settings, res, req } = request
  let bytes: Buffer = Buffer.from(body)
  if (settings.gunzip && res.getHeader('Content-Encoding') === 'gzip' && !takesGzip(request)) {
    bytes = await gunzip(bytes)
    res.removeHeader('Content-Encoding')
    weaken(res)
  }
  if (settings.subFilters.length > 0 && covers(settings.subTypes, type)) {
    let text = bytes.toString('latin1')
    for (const { from, to } of settings.subFilters) {
      const pattern = request.expand(from)
      if (pattern === '') continue
      text = replaced(text, Buffer.from(pattern).toString('latin1'), Buffer.from(request.expand(to)).toString('latin1'), settings.subOnce)
    }
    bytes = Buffer.from(text, 'latin1')
    for (const name of ['Last-Modified', 'ETag', 'Accept-Ranges']) res.removeHeader(name)
  }
  if ((settings.addBefore !== '' || settings.addAfter !== '') && plainType(type) === 'text/html') {
    const [before, after] = [settings.addBefore, settings.addAfter]
    bytes = Buffer.concat([...(before ? [await ask(before)] : []), bytes, ...(after ? [await ask(after)] : [])])
    weaken(res)
  }
  res.removeHeader('Content-Length')
  if (req.httpVersion === '1.1') res.setHeader('Transfer-Encoding', 'chunked')
  return bytes
}

function replaced(text: string, from: string, to: string, once: boolean): string {
  const [lower, wanted] = [text.toLowerCase(), from.toLowerCase()]
  let out = ''
  let at = 0
  for (let next = lower.indexOf(wanted); next >= 0; next = once ? -1 : lower.indexOf(wanted, at)) {
    out += text.slice(at, next) + to
    at = next + from.length
  }
  return out + text.slice(at)
}

/** What is changed on the way cannot be asked for in parts, and is only nearly the same. */
function weaken(res: ServerResponse): void {
  res.removeHeader('Accept-Ranges')
  res.removeHeader('Last-Modified')
  const etag = res.getHeader('ETag')
  if (typeof etag === 'string' && !etag.startsWith('W/')) res.setHeader('ETag', `W/${etag}`)
}

/** Whether a client takes gzip. */
export function takesGzip({ req }: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\b)/i.test(String(req.headers['accept-encoding'] ?? ''))
}

/** Whether gzip is on for an answer, and the client takes it. @param length undefined where it is not known */
export function compresses(request: Request, status: number, length: number | undefined, type: string | undefined): boolean {
  const { req, res, settings } = request
  if (!settings.gzip || ![200, 403, 404].includes(status) || (length !== undefined && length < settings.gzipMinLength)) return false
  if (res.hasHeader('Content-Encoding') || !covers(settings.gzipTypes, type)) return false
  if (settings.gzipVary) res.appendHeader('Vary', 'Accept-Encoding')
  if (req.httpVersion < settings.gzipHttpVersion || !takesGzip(request)) return false
  return req.headers.via === undefined || proxied(request)
}

/** Whether an answer to a proxy may be compressed, by gzip_proxied. */
function proxied({ req, res, settings }: Request): boolean {
  const control = String(res.getHeader('Cache-Control') ?? '').toLowerCase()
  const conditions: Readonly<Record<string, boolean>> = {
    any: true,
    expired: res.hasHeader('Expires') && Date.parse(String(res.getHeader('Expires'))) <= Date.parse(String(res.getHeader('Date'))),
    'no-cache': control.includes('no-cache'),
    'no-store': control.includes('no-store'),
    private: control.includes('private'),
    no_last_modified: !res.hasHeader('Last-Modified'),
    no_etag: !res.hasHeader('ETag'),
    auth: req.headers.authorization !== undefined,
  }
  return settings.gzipProxied.some((name) => conditions[name] === true)
}

/** Tells the client that the body comes compressed. */
export function announceGzip(res: ServerResponse): void {
  res.removeHeader('Content-Length')
  res.setHeader('Transfer-Encoding', 'chunked')
  res.setHeader('Content-Encoding', 'gzip')
  res.removeHeader('Accept-Ranges')
  const etag = res.getHeader('ETag')
  if (typeof etag === 'string' && !etag.startsWith('W/')) res.setHeader('ETag', `W/${etag}`)
}

/** A body compressed as gzip_comp_level says. */
export function compressed({ settings }: Request, body: Uint8Array): Promise<Buffer> {
  return gzip(body, { level: settings.gzipLevel })
}
