/** What nginx itself says: its error pages, its welcome page, directory listings. */
import { STATUS_CODES } from 'node:http'

/** What stands beside a status in the first line of an answer and on pages; nothing beside those that nginx does not know. */
const REASONS: Readonly<Record<number, string>> = {
  ...Object.fromEntries(
    [
      200, 201, 202, 204, 206, 301, 303, 304, 307, 308, 400, 401, 402, 403, 404, 406, 409, 410, 411, 412, 415, 421, 429, 500, 501, 502, 505,
      507,
    ].map((code) => [code, STATUS_CODES[code]!]),
  ),
  302: 'Moved Temporarily',
  405: 'Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  416: 'Requested Range Not Satisfiable',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

/** Such as `404 Not Found`; only `418 ` for a status that has no name. */
export function statusLine(code: number): string {
  return `${code} ${REASONS[code] ?? ''}`
}

/** The built-in page of a status. Browsers get the line of the version only if `server` has one. */
export function errorPage(code: number, server: string, old: boolean): string {
  // The pages alone call these two so.
  const line = code === 401 ? '401 Authorization Required' : code === 302 ? '302 Found' : statusLine(code)
  const body = old ? '<body bgcolor="white">' : '<body>'
  return `<html>\r\n<head><title>${line}</title></head>\r\n${body}\r\n<center><h1>${line}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`
}

/** The index.html of the image. */
export function welcomePage(minor: number): string {
  const style =
    minor >= 21
      ? 'html { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n'
      : '    body {\n        width: 35em;\n        margin: 0 auto;\n        font-family: Tahoma, Verdana, Arial, sans-serif;\n    }\n'
  return `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
${style}</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`
}

/** The image's 50x.html. */
export function serverErrorPage(): string {
  return `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`
}

/** `07` for 7. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0')
}

/** One entry of a folder that is listed. */
export interface Listed {
  name: string
  directory: boolean
  mtime: number
  size: number
}

const inOrder = (entries: readonly Listed[]): Listed[] =>
  [...entries].sort((a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1))

/** The listing that `autoindex on` makes. @param exact sizes in bytes, else in K, M and G */
export function listing(path: string, entries: readonly Listed[], exact = true): string {
  const lines = inOrder(entries).map(({ name, directory, mtime, size }) => {
    const full = directory ? `${name}/` : name
    const shown = full.length > 50 ? `${full.slice(0, 47)}..&gt;` : full
    const date = new Date(mtime)
    const when = `${twoDigits(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`
    const pad = ' '.repeat(Math.max(0, 51 - full.length))
    const amount = directory ? '-' : exact ? String(size) : short(size)
    return `<a href="${encodeURIComponent(name)}${directory ? '/' : ''}">${shown}</a>${pad}${when}${amount.padStart(exact ? 20 : 8)}\r\n`
  })
  const title = `Index of ${path}`
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${lines.join('')}</pre><hr></body>\r\n</html>\r\n`
}

/** A size in the unit in which it has at most four digits. */
function short(size: number): string {
  if (size > 1024 ** 3 - 1) return `${Math.round(size / 1024 ** 3)}G`
  if (size > 1024 ** 2 - 1) return `${Math.round(size / 1024 ** 2)}M`
  return size > 9999 ? `${Math.round(size / 1024)}K` : String(size)
}

/** The listing as autoindex_format has it, and its type. */
export function listingAs(format: 'xml' | 'json' | 'jsonp', entries: readonly Listed[], callback: string): { type: string; text: string } {
  const sorted = inOrder(entries)
  if (format === 'xml') {
    const lines = sorted.map(({ name, directory, mtime, size }) => {
      const when = `${new Date(mtime).toISOString().slice(0, 19)}Z`
      const kind = directory ? 'directory' : 'file'
      return `<${kind} mtime="${when}"${directory ? '' : ` size="${size}"`}>${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${kind}>\n`
    })
    return {
      type: 'text/xml; charset=utf-8',
      text: `<?xml version="1.0"?>\r\n<list>\r\n${lines.join('').replaceAll('\n', '\r\n')}</list>\r\n`,
    }
  }
  const lines = sorted.map(({ name, directory, mtime, size }) => {
    const when = new Date(mtime).toUTCString()
    return `{ "name":${JSON.stringify(name)}, "type":"${directory ? 'directory' : 'file'}", "mtime":"${when}"${directory ? '' : `, "size":${size}`} }`
  })
  const text = `[\r\n${lines.join(',\r\n')}\r\n]`
  return format === 'jsonp' && callback !== ''
    ? { type: 'application/javascript', text: `/* callback */\r\n${callback}(${text});` }
    : { type: 'application/json', text }
}

/** As in the access log: `21/Nov/2026:09:17:00 +0000`. */
export function localTime(ms: number): string {
  const d = new Date(ms)
  return `${twoDigits(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())} +0000`
}

/** `2026-11-21T09:17:00+00:00`. */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`
}

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const TYPES = `
text/html html htm shtml; text/css css; text/xml xml; image/gif gif; image/jpeg jpeg jpg; application/javascript js;
application/atom+xml atom; application/rss+xml rss; text/mathml mml; text/plain txt; text/vnd.wap.wml wml;
image/avif avif; image/png png; image/svg+xml svg svgz; image/tiff tif tiff; image/webp webp; image/x-icon ico;
font/woff woff; font/woff2 woff2; application/java-archive jar war ear; application/json json; application/pdf pdf;
application/wasm wasm; application/zip zip; application/xhtml+xml xhtml; application/octet-stream bin exe dll deb dmg iso img;
audio/midi mid midi kar; audio/mpeg mp3; audio/ogg ogg; video/mp4 mp4; video/mpeg mpeg mpg; video/webm webm; video/x-msvideo avi
`

/** The text of /etc/nginx/mime.types. */
export function mimeTypes(): string {
  const lines = TYPES.trim()
    .split(/;\s*/)
    .map((entry) => {
      const [type, ...extensions] = entry.split(/\s+/)
      return `    ${type!.padEnd(48)} ${extensions.join(' ')};\n`
    })
  return `\ntypes {\n${lines.join('')}}\n`
}
