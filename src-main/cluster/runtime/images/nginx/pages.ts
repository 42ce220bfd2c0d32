/** What nginx itself says: its error pages, its welcome page, directory listings. */
import { STATUS_CODES } from 'node:http'

const REASONS: Readonly<Record<number, string>> = {
  302: '302 Found',
  405: '405 Not Allowed',
  408: '408 Request Time-out',
  413: '413 Request Entity Too Large',
  414: '414 Request-URI Too Large',
  416: '416 Requested Range Not Satisfiable',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
}

/** Such as `404 Not Found`. */
export function statusLine(code: number): string {
  return REASONS[code] ?? `${code} ${STATUS_CODES[code] ?? ''}`.trim()
}

/** The built-in page of a status. Browsers get the line of the version only if `server` has one. */
export function errorPage(code: number, server: string, old: boolean): string {
  // The page alone calls this one so.
  const line = code === 401 ? '401 Authorization Required' : statusLine(code)
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

/** The listing that `autoindex on` makes. */
export function listing(path: string, entries: readonly { name: string; directory: boolean; mtime: number; size: number }[]): string {
  const sorted = [...entries].sort((a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1))
  const lines = sorted.map(({ name, directory, mtime, size }) => {
    const full = directory ? `${name}/` : name
    const shown = full.length > 50 ? `${full.slice(0, 47)}..&gt;` : full
    const date = new Date(mtime)
    const when = `${twoDigits(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`
    const pad = ' '.repeat(Math.max(0, 51 - full.length))
    return `<a href="${encodeURIComponent(name)}${directory ? '/' : ''}">${shown}</a>${pad}${when}${(directory ? '-' : String(size)).padStart(20)}\r\n`
  })
  const title = `Index of ${path}`
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${lines.join('')}</pre><hr></body>\r\n</html>\r\n`
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
