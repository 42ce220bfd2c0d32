/** What curl says of a transfer: heads of answers, what -v tells, the text of -w. */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket, PeerCertificate } from 'node:tls'
import type { Command, Options } from '../command.js'
import { buildOf, curlVersion } from './curl-options.js'
import { isTold, tell } from './curl-tell.js'
import type { Request } from './http-client.js'
import { authorityOf } from './http2-client.js'

/** When the steps of a transfer were over, cluster ms from its start. */
export interface Timing {
  start: number
  lookup: number
  connect: number
  starttransfer: number
  /** Redirects followed before this request. */
  redirects: number
  /** The connections that were made, and the number of the one in use. */
  connects: number
  connection: number
}

/** The status line and headers of an answer as they came. */
export function headText(answer: IncomingMessage): string {
  let out = `HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let i = 0; i < answer.rawHeaders.length; i += 2) out += `${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`
  return `${out}\r\n`
}

/** Tells of the head of an answer, and of what its lines mean before each. @param remarks one for each cookie that is set */
export async function tellHead(c: Command, o: Options, answer: IncomingMessage, remarks: readonly string[], known: boolean): Promise<void> {
  const [...left] = remarks
  let lines = ''
  const flush = async (): Promise<void> => {
    if (lines !== '') await tell(c, o, '<', lines)
    lines = ''
  }
  for (const line of headText(answer).split(/(?<=\r\n)/)) {
    const refused = known && answer.statusCode === 401 && /^www-authenticate: *basic/i.test(line)
    const remark = /^set-cookie:/i.test(line) ? left.shift() : refused ? 'Authentication problem. Ignoring this.' : undefined
    if (remark) {
      await flush()
      await tell(c, o, '*', remark)
    }
    lines += line
  }
  await flush()
}

/** Whether this curl has the wording of version 8. */
export function isNewer(c: Command): boolean {
  return !curlVersion(c).startsWith('7.')
}

/** Tells of a request that is sent: how HTTP is spoken, its head and its data. */
export async function tellRequest(c: Command, o: Options, request: Request, over2: boolean): Promise<void> {
  const { method, url, version, body } = request
  const own = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'host')
  const headers = own.map(([k, v]) => [over2 && !isNewer(c) ? k.toLowerCase() : k, String(v)] as const)
  if (over2) {
    const pseudo = [[':method', method], [':scheme', url.scheme], [':authority', authorityOf(request)], [':path', url.path]] // prettier-ignore
    const sent = [...pseudo, ...headers.map(([k, v]) => [k.toLowerCase(), v])]
    const tag = isNewer(c) ? '[HTTP/2] [1]' : 'h2h3'
    if (isNewer(c)) await tell(c, o, '*', `using HTTP/2\n${tag} OPENED stream for ${url.scheme}://${authorityOf(request)}${url.path}`)
    else await tell(c, o, '*', 'using HTTP/2')
    await tell(c, o, '*', sent.map(([k, v]) => `${tag} [${k}: ${v}]`).join('\n'))
  } else if (isNewer(c)) await tell(c, o, '*', 'using HTTP/1.x')
  const spoken = over2 ? '2' : version === '1.0' ? '1.0' : '1.1'
  const lines = [`${method} ${url.path} HTTP/${spoken}`, `Host: ${authorityOf(request)}`, ...headers.map(([k, v]) => `${k}: ${v}`)]
  await tell(c, o, '>', lines.map((line) => `${line}\r\n`).join('') + '\r\n')
  if (body && (o.has('trace') || o.has('trace-ascii') || c.task.fd(1)?.kind !== 'tty')) await tell(c, o, '}', body)
  if (isNewer(c)) await tell(c, o, '*', body ? `upload completely sent off: ${body.length} bytes` : 'Request completely sent off')
}

/** What OpenSSL says, with its number, of a chain that ends in a certificate that signed itself; by the code of Node. */
const VERIFY_RESULT: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate (18)',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain (19)',
}

/** Tells of a TLS handshake. @param offered the protocols that were offered by ALPN */
export async function tellHandshake(c: Command, o: Options, socket: TLSSocket, offered: readonly string[] = []): Promise<void> {
  if (!isTold(o)) return
  const cert = socket.getPeerCertificate()
  const cipher = socket.getCipher()
  const protocol = socket.getProtocol() ?? 'TLSv1.3'
  const error = socket.authorizationError as unknown as string | undefined
  const verdict = !error
    ? ' SSL certificate verify ok.'
    : ` SSL certificate verify result: ${VERIFY_RESULT[error] ?? 'unable to get local issuer certificate (20)'}${o.has('k') ? ', continuing anyway.' : ''}`
  const agreed = typeof socket.alpnProtocol === 'string' && socket.alpnProtocol
  const lines = [
    ...(offered.length > 0 ? [`ALPN: ${isNewer(c) ? 'curl ' : ''}offers ${offered.join(',')}`] : []),
    `${protocol} (OUT), TLS handshake, Client hello (1):`,
    `${protocol} (IN), TLS handshake, Server hello (2):`,
    `${protocol} (IN), TLS handshake, Encrypted Extensions (8):`,
    `${protocol} (IN), TLS handshake, Certificate (11):`,
    `${protocol} (IN), TLS handshake, CERT verify (15):`,
    `${protocol} (IN), TLS handshake, Finished (20):`,
    `${protocol} (OUT), TLS change cipher, Change cipher spec (1):`,
    `${protocol} (OUT), TLS handshake, Finished (20):`,
    `SSL connection using ${protocol} / ${cipher.standardName ?? cipher.name}`,
    ...(offered.length > 0 ? [agreed ? `ALPN: server accepted ${agreed}` : 'ALPN: server did not agree on a protocol. Uses default.'] : []),
    'Server certificate:',
    ` subject: ${nameOf(cert.subject)}`,
    ` start date: ${cert.valid_from}`,
    ` expire date: ${cert.valid_to}`,
    ` issuer: ${nameOf(cert.issuer)}`,
    verdict,
  ]
  await tell(c, o, '*', lines.join('\n'))
}

/** As OpenSSL prints a name in one line: `O=Acme Co; CN=web`. */
function nameOf(name: PeerCertificate['subject'] | undefined): string {
  return Object.entries(name ?? {})
    .flatMap(([key, value]) => [value].flat().map((v) => `${key}=${v}`))
    .join('; ')
}

/** What -v tells at the end. */
export function closingLine(c: Command, host: string, number: number, kept: boolean): string {
  if (kept) return `Connection #${number} to host ${host} left intact`
  return isNewer(c) ? `shutting down connection #${number}` : `Closing connection ${number}`
}

/** What went wrong, in curl's number and words. */
export interface CurlFailure {
  readonly code: number
  readonly message: string
}

/** What `-w` can tell of a transfer. Times are cluster ms. */
export interface Told {
  readonly answer?: IncomingMessage
  readonly bytes: number
  readonly url: string
  readonly timing: Timing
  readonly total: number
  readonly address: string
  readonly failure?: CurlFailure | undefined
  /** The URL as it was written, the name of the file and the number of the URL. */
  readonly written?: string
  readonly file?: string | undefined
  readonly index?: number
  readonly sent?: number
  /** The own end of the connection. */
  readonly local?: { readonly localAddress: string; readonly localPort: number }
}

/** The variables of `-w`; numbers and texts as JSON has them. */
function variables({
  answer,
  bytes,
  url,
  timing,
  total,
  address,
  failure,
  written = url,
  file,
  index = 0,
  sent = 0,
  local,
}: Told): Record<string, string | number | null> {
  const seconds = (ms: number): string => (ms / 1000).toFixed(6)
  const secure = url.startsWith('https:')
  const port = address === '' ? 0 : Number(/^https?:\/\/[^/]*:(\d+)(?:\/|$)/.exec(url)?.[1] ?? (secure ? 443 : 80))
  const to = (answer?.statusCode ?? 0) >= 300 && (answer?.statusCode ?? 0) < 400 ? answer?.headers.location : undefined
  const location = to === undefined ? null : URL.canParse(to, url) ? new URL(to, url).href : to
  const request = (answer as { req?: { method?: string; _header?: string } } | undefined)?.req
  return {
    certs: '',
    content_type: answer?.headers['content-type'] ?? null,
    errormsg: failure?.message ?? null,
    exitcode: failure?.code ?? 0,
    filename_effective: file ?? null,
    ftp_entry_path: null,
    http_code: answer?.statusCode ?? 0,
    http_connect: 0,
    http_version: answer?.httpVersion ?? '0',
    local_ip: local?.localAddress ?? '',
    local_port: local?.localPort ?? 0,
    method: request?.method ?? 'GET',
    num_certs: 0,
    num_connects: timing.connects,
    num_headers: answer ? answer.rawHeaders.length / 2 : 0,
    num_redirects: timing.redirects,
    proxy_ssl_verify_result: 0,
    redirect_url: location,
    referer: null,
    remote_ip: address,
    remote_port: port,
    response_code: answer?.statusCode ?? 0,
    scheme: secure ? 'HTTPS' : 'HTTP',
    size_download: bytes,
    size_header: answer ? headText(answer).length : 0,
    size_request: request?._header?.length ?? 0,
    size_upload: sent,
    speed_download: total > 0 ? Math.round((bytes * 1000) / total) : 0,
    speed_upload: 0,
    ssl_verify_result: 0,
    time_appconnect: seconds(secure ? timing.connect : 0),
    time_connect: seconds(timing.connect),
    time_namelookup: seconds(timing.lookup),
    time_pretransfer: seconds(timing.connect),
    time_redirect: seconds(0),
    time_starttransfer: seconds(timing.starttransfer),
    time_total: seconds(total),
    url: written,
    url_effective: url,
    urlnum: index,
  }
}

/** Writes the text of `-w`: its variables, `%header{NAME}`, `%{json}`, and what of it goes to standard error. */
export async function writeOut(c: Command, format: string, told: Told): Promise<void> {
  const values = variables(told)
  const text = format
  let [out, toError] = ['', false]
  const flush = async (): Promise<void> => {
    await (toError ? c.task.writeError(out) : c.print(out))
    out = ''
  }
  for (const [whole, percent, header, name] of text.matchAll(/(%%)|%header\{([^}]*)\}|%\{(\w+)\}|\\[ntr]|[^%\\]+|[\s\S]/g)) {
    if (percent !== undefined) out += '%'
    else if (header !== undefined) out += [told.answer?.headers[header.toLowerCase()] ?? ''].flat().join(', ')
    else if (name === 'stderr' || name === 'stdout') {
      await flush()
      toError = name === 'stderr'
    } else if (name === 'onerror') {
      if (!told.failure) break
    } else if (name === 'json') out += json(c, values)
    else if (name === 'header_json') out += headerJson(told.answer)
    else if (name !== undefined && Object.hasOwn(values, name)) {
      const value = String(values[name] ?? '')
      out += /^(http|response)_code$|^http_connect$/.test(name) ? value.padStart(3, '0') : value
    } else if (name !== undefined) {
      await flush()
      await c.task.writeError(`curl: unknown --write-out variable: '${name}'\n`)
    } else out += { '\\n': '\n', '\\t': '\t', '\\r': '\r' }[whole] ?? whole
  }
  await flush()
}

/** `%{json}`: times are numbers there, and what there is none of is null. */
function json(c: Command, values: ReturnType<typeof variables>): string {
  const shown = Object.entries(values).map(([name, value]) => {
    if (name.startsWith('time_')) return `${JSON.stringify(name)}:${value}`
    return `${JSON.stringify(name)}:${JSON.stringify(name === 'http_version' ? String(value).replace(/\.0$/, '') : value)}`
  })
  return `{${shown.join(',')},"curl_version":"${buildOf(c).library}"}`
}

/** `%{header_json}`: a line for each header. */
function headerJson(answer: IncomingMessage | undefined): string {
  const lines = Object.entries(headerLists(answer)).map(([name, values]) => `${JSON.stringify(name)}:${JSON.stringify(values)}`)
  return `{${lines.join(',\n')}\n}`
}

function headerLists(answer: IncomingMessage | undefined): Record<string, string[]> {
  const lists: Record<string, string[]> = {}
  const raw = answer?.rawHeaders ?? []
  for (let i = 0; i < raw.length; i += 2) (lists[raw[i]!.toLowerCase()] ??= []).push(raw[i + 1]!)
  return lists
}
