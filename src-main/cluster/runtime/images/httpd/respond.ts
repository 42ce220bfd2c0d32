/** How httpd answers: files, listings, redirects, other servers, its own pages. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpDate, httpRequest } from '../../../network/http.js'
import { NetworkError } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { normalised } from '../nginx/request.js'
import { apacheTime, commonLog } from './apache.js'
import type { HttpdConf, Node } from './conf.js'
import { all, last, lead, type Asked, type Lead } from './site.js'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
}

interface Answer {
  status: number
  body: Uint8Array
  type: string
  headers: Record<string, string | string[]>
}

/** Titles and texts of Apache's own pages. */
const PAGES: Readonly<Record<number, readonly [title: string, text: string]>> = {
  401: ['Unauthorized', "This server could not verify that you\nare authorized to access the document\nrequested.  Either you supplied the wrong\ncredentials (e.g., bad password), or your\nbrowser doesn't understand how to supply\nthe credentials required."],
  403: ['Forbidden', "You don't have permission to access this resource."],
  404: ['Not Found', 'The requested URL was not found on this server.'],
  405: ['Method Not Allowed', 'The requested method is not allowed for this URL.'],
  410: ['Gone', 'The requested resource is no longer available on this server and there is no forwarding address.\nPlease remove all references to this resource.'],
  500: ['Internal Server Error', 'The server encountered an internal error or\nmisconfiguration and was unable to complete\nyour request.</p>\n<p>Please contact the server administrator at \n you@example.com to inform them of the time this error occurred,\n and the actions you performed just before this error.</p>\n<p>More information about this error may be available\nin the server error log.'],
  503: ['Service Unavailable', 'The server is temporarily unable to service your\nrequest due to maintenance downtime or capacity\nproblems. Please try again later.'],
} // prettier-ignore
const MOVED: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
}

/** One of Apache's own pages. */
function html(status: number, title: string, text: string): Answer {
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`
  return { status, body: Buffer.from(body), type: 'text/html; charset=iso-8859-1', headers: {} }
}

function failure(status: number): Answer {
  const [title, text] = PAGES[status] ?? ['Error', '']
  return html(status, title, text)
}

/** Answers one request, and tells the access log of it. @param server as in the header `Server` */
export async function respond(process: Process, conf: HttpdConf, server: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [target = '/', query = ''] = (req.url ?? '/').split(/\?(.*)/s)
  const asked: Asked = {
    path: normalised(target),
    query,
    method: req.method ?? 'GET',
    host: req.headers.host ?? '',
    port: req.socket.localPort ?? 80,
    client: req.socket.remoteAddress ?? '',
    header: (name) => String(req.headers[name] ?? ''),
  }
  const led = lead(process, conf, asked)
  const error = (message: string): Promise<void> =>
    process.writeError(
      `[${apacheTime(process)}] [core:error] [pid ${process.pid}:tid ${process.pid}] [client ${asked.client}:${req.socket.remotePort}] ${message}\n`,
    )
  if (led.kind === 'fail' && led.log !== undefined) await error(led.log)
  if (led.kind !== 'proxy') req.resume()
  let answer = await answerOf(process, conf, led, asked, req, error)
  const nodes = 'nodes' in led ? led.nodes : []
  if (answer.status >= 400 && led.kind !== 'proxy') answer = withDocument(process, conf, nodes, asked, answer)
  const { status, body, type, headers } = withHeaders(nodes, answer)
  res.writeHead(status, { Server: server, ...headers, 'Content-Length': body.length, ...(type === '' ? {} : { 'Content-Type': type }) })
  res.end(req.method === 'HEAD' ? undefined : body)
  await process.write(commonLog(process, req, status, body.length))
}

type Tell = (message: string) => Promise<void>

async function answerOf(process: Process, conf: HttpdConf, led: Lead, asked: Asked, req: IncomingMessage, error: Tell): Promise<Answer> {
  if (led.kind === 'fail') return { ...failure(led.status), headers: led.header ?? {} }
  if (led.kind === 'redirect') return moved(led.status, led.to, asked)
  if (led.kind === 'proxy') return passed(process, led, asked, req, error)
  return fileAnswer(process, conf, led, asked, error)
}

/** A redirect to an address of the host that was asked, unless it names another. */
function moved(status: number, to: string, { host, port }: Asked): Answer {
  const url = to.startsWith('/') ? `http://${host || `localhost:${port}`}${to}` : to
  return { ...html(status, MOVED[status] ?? 'Found', `The document has moved <a href="${url}">here</a>.`), headers: { Location: url } }
}

/** Asks another server, as ProxyPass says. */
async function passed(process: Process, led: Lead & { kind: 'proxy' }, asked: Asked, req: IncomingMessage, error: Tell): Promise<Answer> {
  const [, host = '', port = '80', path = ''] = /^http:\/\/([^/:]+)(?::(\d+))?(.*)$/.exec(led.url) ?? []
  const { connection: _, 'transfer-encoding': __, ...headers } = req.headers
  const named = Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined))
  try {
    const answer = await httpRequest(process.net, {
      host,
      port: Number(port),
      method: asked.method,
      path: path || '/',
      headers: { ...named, host: led.keepHost ? asked.host : `${host}${port === '80' ? '' : `:${port}`}`, 'X-Forwarded-For': asked.client, 'X-Forwarded-Host': asked.host, 'X-Forwarded-Server': asked.host.replace(/:\d+$/, '') },
      ...(asked.method === 'GET' || asked.method === 'HEAD' ? {} : { body: req }),
    }) // prettier-ignore
    const parts: Buffer[] = []
    for await (const part of answer) parts.push(part as Buffer)
    const { connection: ___, 'transfer-encoding': ____, 'content-length': _____, 'content-type': type = '', ...rest } = answer.headers
    const back = led.reverse.find(([, url]) => rest.location?.startsWith(url))
    if (back) rest.location = `http://${asked.host}${back[0]}${rest.location!.slice(back[1].length)}`
    return { status: answer.statusCode ?? 502, body: Buffer.concat(parts), type, headers: rest as Record<string, string> }
  } catch (cause) {
    if (!(cause instanceof NetworkError)) await error(`AH00898: DNS lookup failure for: ${host} returned by ${asked.path}`)
    else await error(`AH01114: HTTP: failed to make connection to backend: ${host}`)
    return failure(503)
  }
}

function fileAnswer(process: Process, conf: HttpdConf, led: Lead & { kind: 'file' }, asked: Asked, error: Tell): Answer | Promise<Answer> {
  const { nodes, uri } = led
  let { file } = led
  try {
    if (process.fs.stat(file).type === 'directory') {
      if (!uri.endsWith('/')) return moved(301, `${encodeURI(uri)}/`, asked)
      const index = last(nodes, 'directoryindex')?.args ?? conf.index
      const found = index.find((name) => process.fs.exists(`${file}/${name}`))
      if (found === undefined) {
        const options = all(nodes, 'options').at(-1)?.args ?? []
        if (!options.some((option) => /^\+?(indexes|all)$/i.test(option)))
          return error(
            `AH01276: Cannot serve directory ${file}: No matching DirectoryIndex (${index.join(',')}) found, and server-generated directory index forbidden by Options directive`,
          ).then(() => failure(403))
        const names = process.fs.readdir(file).sort()
        const body = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>Index of ${uri}</title>\n </head>\n <body>\n<h1>Index of ${uri}</h1>\n<ul>${names.map((n) => `<li><a href="${n}"> ${n}</a></li>\n`).join('')}</ul>\n</body></html>\n`
        return { status: 200, body: Buffer.from(body), type: 'text/html;charset=ISO-8859-1', headers: {} }
      }
      file += `${file.endsWith('/') ? '' : '/'}${found}`
    }
    if (!['GET', 'HEAD', 'POST'].includes(asked.method)) return failure(405)
    const { mtime } = process.fs.stat(file)
    const body = process.fs.readFile(file)
    const extension = /\.([^./]+)$/.exec(file)?.[1]?.toLowerCase() ?? ''
    const added = all(nodes, 'addtype').findLast(({ args }) => args.slice(1).some((each) => each.replace(/^\./, '') === extension))
    const type = last(nodes, 'forcetype')?.args[0] ?? added?.args[0] ?? TYPES[extension] ?? ''
    const charset = last(nodes, 'adddefaultcharset')?.args[0]
    return {
      status: 200,
      body,
      type:
        charset && !/^off$/i.test(charset) && /^text\/(html|plain)$/.test(type)
          ? `${type}; charset=${/^on$/i.test(charset) ? 'iso-8859-1' : charset}`
          : type,
      headers: {
        'Last-Modified': httpDate(mtime),
        ETag: `"${body.length.toString(16)}-${Math.floor(mtime).toString(16)}"`,
        'Accept-Ranges': 'bytes',
      },
    }
  } catch (cause) {
    const fallback = last(nodes, 'fallbackresource')?.args[0]
    if (fallback !== undefined && fallback !== 'disabled' && uri !== fallback) {
      const next = lead(process, conf, { ...asked, path: fallback })
      if (next.kind === 'file') return fileAnswer(process, conf, next, asked, error)
    }
    return failure((cause as { code?: string }).code === 'EACCES' ? 403 : 404)
  }
}

/** The page of ErrorDocument in place of Apache's own: a text, a path, or an address elsewhere. */
function withDocument(process: Process, conf: HttpdConf, nodes: readonly Node[], asked: Asked, answer: Answer): Answer {
  const document = all(nodes, 'errordocument').findLast(({ args }) => args[0] === String(answer.status))?.args[1]
  if (document === undefined || document === 'default') return answer
  if (/^https?:/.test(document)) return moved(302, document, asked)
  if (!document.startsWith('/')) return { ...answer, body: Buffer.from(document) }
  const led = lead(process, conf, { ...asked, path: document, query: '' })
  if (led.kind !== 'file' || !process.fs.exists(led.file)) return answer
  const body = process.fs.readFile(led.file)
  return { ...answer, body, type: TYPES[/\.([^./]+)$/.exec(led.file)?.[1] ?? ''] ?? answer.type }
}

/** What the directive Header makes of an answer's headers. */
function withHeaders(nodes: readonly Node[], answer: Answer): Answer {
  const headers = { ...answer.headers }
  for (const { args } of all(nodes, 'header')) {
    const always = args[0] === 'always'
    const [action = '', name = '', value = ''] = always || args[0] === 'onsuccess' ? args.slice(1) : args
    if (!always && answer.status >= 400) continue
    const key = Object.keys(headers).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name
    if (action === 'unset') delete headers[key]
    else if (action === 'add' && headers[key] !== undefined) headers[key] = [headers[key], value].flat()
    else if ((action === 'append' || action === 'merge') && headers[key] !== undefined) headers[key] = `${String(headers[key])}, ${value}`
    else if (action !== 'setifempty' || headers[key] === undefined) headers[key] = value
  }
  return { ...answer, headers }
}
