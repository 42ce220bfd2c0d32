/** What curl sends: the request that its options describe. */
import type { Command, Options } from '../command.js'
import { curlVersion } from './curl-options.js'
import type { Request, TlsOptions, Url } from './http-client.js'

/** An error with curl's number. */
export class CurlError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** The request of a command line for a URL. Throws SystemError for a file that cannot be read. */
export function buildRequest(c: Command, o: Options, url: Url): Request {
  const headers: Record<string, string> = { 'User-Agent': o.get('A') ?? `curl/${curlVersion(c)}`, Accept: '*/*' }
  const file = (t: string): string => (t.startsWith('@') ? (t === '@-' ? '' : c.fs.readText(t.slice(1))) : t)
  const parts = [
    ...o.all('d').map((d) => file(d).replace(d.startsWith('@') ? /[\r\n]/g : /(?!)/g, '')),
    ...o.all('r'),
    ...o.all('B').map(file),
    ...o
      .all('U')
      .map((u) =>
        u.includes('=') ? `${u.slice(0, u.indexOf('=') + 1)}${encodeURIComponent(u.slice(u.indexOf('=') + 1))}` : encodeURIComponent(u),
      ),
    ...o.all('j').map(file),
  ]
  let body: Buffer | undefined
  let target = url
  if (parts.length > 0 && o.has('G')) target = { ...url, path: `${url.path}${url.path.includes('?') ? '&' : '?'}${parts.join('&')}` }
  else if (parts.length > 0) {
    body = Buffer.from(parts.join(o.has('j') ? '' : '&'))
    headers['Content-Type'] = o.has('j') ? 'application/json' : 'application/x-www-form-urlencoded'
    if (o.has('j')) headers['Accept'] = 'application/json'
    headers['Content-Length'] = String(body.length)
  }
  if (o.has('F')) {
    const boundary = `------------------------${c.task.random.hex(11)}`
    body = formBody(c, o.all('F'), boundary)
    headers['Content-Length'] = String(body.length)
    headers['Content-Type'] = `multipart/form-data; boundary=${boundary}`
  }
  if (o.has('T')) {
    body = Buffer.from(c.fs.readFile(o.get('T')!))
    headers['Content-Length'] = String(body.length)
  }
  const user = o.get('u') ?? url.user
  if (user !== undefined) headers['Authorization'] = `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`
  if (o.has('t')) headers['Authorization'] = `Bearer ${o.get('t')}`
  if (o.has('e')) headers['Referer'] = o.get('e')!
  if (o.has('b') && o.get('b')!.includes('=')) headers['Cookie'] = o.get('b')!
  if (o.has('p')) headers['Accept-Encoding'] = 'identity'
  for (const h of o.all('H')) {
    const m = /^([^:;]+)([:;])(.*)$/.exec(h)
    if (!m) continue
    const known = Object.keys(headers).find((k) => k.toLowerCase() === m[1]!.toLowerCase())
    if (known) delete headers[known]
    if (m[3]!.trim() !== '' || m[2] === ';') headers[m[1]!] = m[3]!.trim()
  }
  const method = o.get('X') ?? (o.has('I') ? 'HEAD' : o.has('T') ? 'PUT' : body ? 'POST' : 'GET')
  const tls: TlsOptions = { insecure: o.has('k') }
  if (o.has('a')) tls.ca = c.fs.readText(o.get('a')!)
  if (o.has('E')) tls.cert = c.fs.readText(o.get('E')!)
  if (o.has('K')) tls.key = c.fs.readText(o.get('K')!)
  return { url: target, method, headers, body, tls }
}

/** A multipart/form-data body: `name=value`, `name=@file`, `name=<file`, with `;type=` and `;filename=`. */
function formBody(c: Command, fields: readonly string[], boundary: string): Buffer {
  const parts: Buffer[] = []
  for (const field of fields) {
    const at = field.indexOf('=')
    if (at < 0) throw new CurlError(2, `Illegally formatted input field`)
    const name = field.slice(0, at)
    const [value = '', ...attributes] = field.slice(at + 1).split(';')
    const attribute = (key: string): string | undefined =>
      attributes
        .find((a) => a.trim().startsWith(`${key}=`))
        ?.trim()
        .slice(key.length + 1)
    const isFile = value.startsWith('@')
    const path = value.slice(1)
    const data = isFile || value.startsWith('<') ? Buffer.from(c.fs.readFile(path)) : Buffer.from(value)
    const type = attribute('type') ?? (isFile ? contentType(path) : undefined)
    const filename = isFile ? `; filename="${attribute('filename') ?? path.split('/').at(-1)}"` : ''
    parts.push(
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n`,
      ),
      data,
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return Buffer.concat(parts)
}

function contentType(path: string): string {
  const types: Readonly<Record<string, string>> = {
    txt: 'text/plain',
    html: 'text/html',
    jpg: 'image/jpeg',
    png: 'image/png',
    gif: 'image/gif',
    xml: 'application/xml',
    json: 'application/octet-stream',
  }
  return types[path.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream'
}
