/** Answers from files: static ones, folders, parts of files, compressed files beside them. */
import { httpDate } from '../../../network/http.js'
import type { Stat } from '../../fs.js'
import { takesGzip } from './filters.js'
import { listing, listingAs } from './pages.js'
import type { Request } from './request.js'
import { redirectInside, fail, type Context } from './respond.js'
import { redirect, send } from './send.js'

/** Where a path lies in the file tree: `root` plus path, or `alias` in place of the location's prefix. */
export function filePath(request: Request, uri: string): string {
  const { location, settings } = request
  if (location?.alias !== undefined) {
    const alias = request.expand(location.alias)
    return location.kind === 'regex' ? alias : alias + uri.slice(location.pattern.length)
  }
  return request.expand(settings.root).replace(/\/$/, '') + uri
}

/** What is at a path; undefined when nothing is. */
export function statOf(request: Request, path: string): Stat | undefined {
  try {
    return request.worker.fs.stat(path)
  } catch {
    return undefined
  }
}

/** Answers with the file, or the folder, of the current path. */
export async function serveFile(request: Request, context: Context): Promise<void> {
  // An error page is fetched with GET whatever the request was.
  const method = request.failing ? 'GET' : request.method
  const { uri, settings } = request
  const path = filePath(request, uri)
  if (uri.endsWith('/')) {
    for (const name of settings.index) {
      const index = request.expand(name)
      const file = index.startsWith('/') ? index : path + index
      if (statOf(request, index.startsWith('/') ? filePath(request, index) : file)?.type !== 'file') continue
      request.uri = index.startsWith('/') ? index : uri + index
      return redirectInside(request, context)
    }
    const directory = statOf(request, path)
    if (!directory) return missing(request, context, `${path}${settings.index[0] ?? ''}`, 'ENOENT')
    if (method !== 'GET' && method !== 'HEAD') return fail(request, context, 405)
    if (!settings.autoindex) {
      await context.logError(request, 'error', `directory index of "${path}" is forbidden`)
      return fail(request, context, 403)
    }
    const entries = request.worker.fs.readdir(path).flatMap((name) => {
      const stat = name.startsWith('.') ? undefined : statOf(request, `${path}${name}`)
      return stat ? [{ name, directory: stat.type === 'directory', mtime: stat.mtime, size: stat.size }] : []
    })
    if (request.req.httpVersion === '1.1') request.res.setHeader('Transfer-Encoding', 'chunked')
    if (settings.autoindexFormat === 'html') return send(request, 200, listing(uri, entries, settings.autoindexExactSize), 'text/html')
    const { type, text } = listingAs(settings.autoindexFormat, entries, request.variable('arg_callback'))
    return send(request, 200, text, type)
  }
  let stat: Stat
  try {
    stat = request.worker.fs.stat(path)
  } catch (error) {
    return missing(request, context, path, (error as { code?: string }).code ?? 'ENOENT')
  }
  if (stat.type === 'directory') return redirect(request, 301, `${encodeURI(uri)}/${request.args ? `?${request.args}` : ''}`)
  if (method !== 'GET' && method !== 'HEAD') return fail(request, context, 405)
  const zipped = settings.gzipStatic === 'off' ? undefined : zippedFile(request, path)
  let data: Uint8Array
  try {
    data = zipped ?? request.worker.fs.readFile(path)
  } catch (error) {
    return missing(request, context, path, (error as { code?: string }).code ?? 'ENOENT')
  }
  await sendFile(request, context, path, stat, data)
}

/** The compressed file beside a file, for clients that take it. */
function zippedFile(request: Request, path: string): Uint8Array | undefined {
  const { settings, res, worker } = request
  if (statOf(request, `${path}.gz`)?.type !== 'file') return undefined
  if (settings.gzipVary) res.appendHeader('Vary', 'Accept-Encoding')
  if (settings.gzipStatic !== 'always' && !takesGzip(request)) return undefined
  res.setHeader('Content-Encoding', 'gzip')
  return worker.fs.readFile(`${path}.gz`)
}

async function missing(request: Request, context: Context, path: string, code: string): Promise<void> {
  const denied = code === 'EACCES'
  const why = denied ? '13: Permission denied' : code === 'ENOTDIR' ? '20: Not a directory' : '2: No such file or directory'
  if (denied || request.settings.logNotFound) await context.logError(request, 'error', `open() "${path}" failed (${why})`)
  await fail(request, context, denied ? 403 : 404)
}

async function sendFile(request: Request, context: Context, path: string, stat: Stat, data: Uint8Array): Promise<void> {
  const { req, res, settings } = request
  const modified = Math.floor(stat.mtime / 1000)
  const etag = `"${modified.toString(16)}-${data.length.toString(16)}"`
  const extension = /\.([^./]+)$/.exec(request.uri)?.[1]?.toLowerCase()
  const type = (extension !== undefined && settings.types.get(extension)) || settings.defaultType
  res.setHeader('Last-Modified', httpDate(modified * 1000))
  if (settings.etag) res.setHeader('ETag', etag)
  const since = request.inner || settings.ifModifiedSince === 'off' ? undefined : req.headers['if-modified-since']
  const none = request.inner ? undefined : req.headers['if-none-match']
  const unmodified = Date.parse(req.headers['if-unmodified-since'] ?? '')
  const match = req.headers['if-match']
  if (unmodified < modified * 1000 || (match !== undefined && match !== '*' && !match.split(/,\s*/).includes(etag)))
    return fail(request, context, 412)
  if (
    none !== undefined
      ? none === '*' || none.split(/,\s*/).some((t) => t.replace(/^W\//, '') === etag)
      : since === httpDate(modified * 1000) || (settings.ifModifiedSince === 'before' && Date.parse(since ?? '') >= modified * 1000)
  )
    return send(request, 304, undefined, undefined)
  if (settings.maxRanges === 0 || request.inner) return send(request, 200, data, type)
  res.setHeader('Accept-Ranges', 'bytes')
  const condition = req.headers['if-range']
  const whole = typeof condition === 'string' && condition !== etag && condition !== httpDate(modified * 1000)
  const range = whole ? null : /^bytes=(\d*)-(\d*)$/.exec(req.headers.range ?? '')
  if (range && (range[1] || range[2])) {
    const start = range[1] ? Number(range[1]) : Math.max(0, data.length - Number(range[2]))
    const end = range[1] && range[2] ? Math.min(Number(range[2]), data.length - 1) : data.length - 1
    if (start > end) {
      res.setHeader('Content-Range', `bytes */${data.length}`)
      for (const name of ['ETag', 'Accept-Ranges']) res.removeHeader(name)
      return fail(request, context, 416)
    }
    res.setHeader('Content-Range', `bytes ${start}-${end}/${data.length}`)
    res.removeHeader('Accept-Ranges')
    return send(request, 206, data.subarray(start, end + 1), type)
  }
  await send(request, 200, data, type)
}
