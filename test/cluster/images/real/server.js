const net = require('net')
const DATE = 'Sat, 21 Nov 2026 09:17:00 GMT'
const pages = {
  '/site/': [
    'text/html',
    '<html><head><link rel="stylesheet" href="style.css"></head><body><a href="a.html">a</a> <a href="sub/b.html">b</a> <img src="i.png"> <a href="/other/x.html">x</a> <a href="private/p.html">p</a></body></html>\n',
  ],
  '/site/style.css': ['text/css', 'body { background: url(bg.png) }\n'],
  '/site/a.html': ['text/html', '<a href="sub/b.html">b</a> <a href="missing.html">m</a>\n'],
  '/site/sub/b.html': ['text/html', '<a href="../a.html">a</a> <a href="c.txt">c</a>\n'],
  '/site/sub/c.txt': ['text/plain', 'see\n'],
  '/site/i.png': ['image/png', 'PNG\n'],
  '/site/bg.png': ['image/png', 'BG\n'],
  '/site/private/p.html': ['text/html', 'secret\n'],
  '/other/x.html': ['text/html', 'other\n'],
  '/robots.txt': ['text/plain', 'User-agent: *\nDisallow: /site/private/\n'],
}
let busy = 0
const REASONS = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  401: 'Unauthorized',
  404: 'Not Found',
  416: 'Range Not Satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
/** Answers one request after the other on a connection, byte for byte as it is written here. */
net
  .createServer((socket) => {
    let got = Buffer.alloc(0)
    let told = false
    socket.on('error', () => {})
    socket.on('data', (data) => {
      got = Buffer.concat([got, data])
      for (;;) {
        const end = got.indexOf('\r\n\r\n')
        if (end < 0) return
        const [first, ...lines] = got.toString('latin1', 0, end).split('\r\n')
        const [method, url, version] = first.split(' ')
        const headers = Object.fromEntries(
          lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
        )
        if (headers.expect === '100-continue' && !told) {
          told = true
          socket.write('HTTP/1.1 100 Continue\r\n\r\n')
        }
        let body
        let after
        if (headers['transfer-encoding'] === 'chunked') {
          const rest = got.toString('latin1', end + 4)
          const last = /(?:^|\r\n)0\r\n\r\n/.exec(rest)
          if (!last) return
          body = ''
          for (let at = 0; ;) {
            const size = parseInt(rest.slice(at), 16)
            if (!size) break
            at = rest.indexOf('\r\n', at) + 2
            body += rest.slice(at, at + size)
            at += size + 2
          }
          after = end + 4 + last.index + last[0].length
        } else {
          const length = Number(headers['content-length'] || 0)
          if (got.length < end + 4 + length) return
          body = got.toString('latin1', end + 4, end + 4 + length)
          after = end + 4 + length
        }
        got = got.subarray(after)
        told = false
        answer({ method, url, version, headers, lines, body, socket })
      }
    })
  })
  .listen(8080, '127.0.0.1')

function answer({ method, url, version, headers, lines, body, socket }) {
  const [path] = url.split('?')
  const begin = (status, given) => {
    let out = `HTTP/1.1 ${status} ${REASONS[status] || 'Unknown'}\r\nDate: ${DATE}\r\nServer: test\r\n`
    for (const [name, value] of Object.entries(given)) for (const one of [value].flat()) out += `${name}: ${one}\r\n`
    return `${out}\r\n`
  }
  const say = (status, given, text) => {
    socket.write(
      Buffer.from(
        begin(status, { ...(text === undefined ? {} : { 'Content-Length': text.length }), ...given }) +
          (method === 'HEAD' || text === undefined ? '' : text),
        'latin1',
      ),
    )
    if (headers.connection === 'close' || (version === 'HTTP/1.0' && headers.connection !== 'Keep-Alive')) socket.end()
  }
  const plain = { 'Content-Type': 'text/plain' }
  let m
  if (path === '/') say(200, plain, 'hello\n')
  else if (path === '/echo' || path.startsWith('/echo/')) {
    say(200, plain, `${method} ${url} ${version}\n${lines.join('\n')}\n\n${body}${body ? '\n' : ''}`)
  } else if ((m = /^\/status\/(\d+)$/.exec(path))) say(+m[1], plain, `status ${m[1]}\n`)
  else if ((m = /^\/redirect\/(\d+)$/.exec(path)))
    say(302, { ...plain, Location: m[1] === '0' ? '/echo' : `/redirect/${m[1] - 1}` }, 'moved\n')
  else if ((m = /^\/moved\/(\d+)$/.exec(path))) say(+m[1], { ...plain, Location: 'http://127.0.0.1:8080/echo' }, '')
  else if (path === '/cookie')
    say(
      200,
      { ...plain, 'Set-Cookie': ['a=1; Path=/', 'b=2; Path=/echo; Max-Age=3600', 'c=3; HttpOnly', 'd=4; Domain=example.com'] },
      'cookies\n',
    )
  else if (path === '/big') {
    const all = 'x'.repeat(100000)
    const range = /^bytes=(\d*)-(\d*)$/.exec(headers.range || '')
    if (!range) return say(200, { ...plain, 'Accept-Ranges': 'bytes' }, all)
    let [from, to] = [range[1], range[2]]
    if (from === '') {
      from = 100000 - +to
      to = 99999
    } else {
      from = +from
      to = to === '' ? 99999 : Math.min(+to, 99999)
    }
    if (from >= 100000) return say(416, { ...plain, 'Content-Range': 'bytes */100000' }, '')
    say(206, { ...plain, 'Content-Range': `bytes ${from}-${to}/100000` }, all.slice(from, to + 1))
  } else if (path === '/chunked')
    socket.write(begin(200, { ...plain, 'Transfer-Encoding': 'chunked' }) + '4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n')
  else if (path === '/close') socket.end(begin(200, { ...plain, Connection: 'close' }) + 'closed\n')
  else if (path === '/slow') setTimeout(() => say(200, plain, 'slow\n'), 3000)
  else if (path === '/auth' && headers.authorization === 'Basic bWU6cHc=') say(200, plain, 'in\n')
  else if (path === '/auth') say(401, { ...plain, 'WWW-Authenticate': 'Basic realm="r"' }, 'who\n')
  else if (path === '/file') {
    const head = { ...plain, ETag: '"v1"', 'Last-Modified': 'Sat, 01 Nov 2025 10:00:00 GMT' }
    if (headers['if-none-match'] === '"v1"' || Date.parse(headers['if-modified-since'] || 0) >= Date.parse(head['Last-Modified']))
      return say(304, head)
    say(200, head, 'file\n')
  } else if (path === '/given') say(200, { ...plain, 'Content-Disposition': 'attachment; filename="given.txt"' }, 'given\n')
  else if (path === '/empty') say(204, {}, undefined)
  else if (path === '/reset') socket.end()
  else if (path === '/half') socket.end(begin(200, { ...plain, 'Content-Length': 100 }) + 'half\n')
  else if (path === '/busy' && ++busy % 3 === 0) say(200, plain, 'done\n')
  else if (path === '/busy') say(503, { ...plain, 'Retry-After': '2' }, 'busy\n')
  else if (path === '/gzip')
    say(200, { ...plain, 'Content-Encoding': 'gzip' }, Buffer.from('H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=', 'base64').toString('latin1'))
  else if (pages[path]) say(200, { 'Content-Type': pages[path][0], 'Last-Modified': 'Sat, 01 Nov 2025 10:00:00 GMT' }, pages[path][1])
  else say(404, plain, 'not found\n')
}
