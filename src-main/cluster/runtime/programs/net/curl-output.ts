/** What curl says of a transfer: heads of answers, what -v tells, the text of -w. */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket, PeerCertificate } from 'node:tls'
import type { Command } from '../command.js'
import { curlVersion } from './curl-options.js'
import type { Request } from './http-client.js'

/** When the steps of a transfer were over, cluster ms from its start. */
export interface Timing {
  start: number
  lookup: number
  connect: number
  starttransfer: number
  /** Redirects followed before this request. */
  redirects: number
}

/** The status line and headers of an answer as they came. */
export function headText(answer: IncomingMessage): string {
  let out = `HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let i = 0; i < answer.rawHeaders.length; i += 2) out += `${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`
  return `${out}\r\n`
}

/** Whether this curl has the wording of version 8. */
export function isNewer(c: Command): boolean {
  return !curlVersion(c).startsWith('7.')
}

/** What -v tells of a request and the head of its answer. */
export async function tellExchange(c: Command, request: Request, answer: IncomingMessage): Promise<void> {
  const standard = request.url.port === (request.url.scheme === 'https' ? 443 : 80)
  const own = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'host')
  const host = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const lines = [
    ...(isNewer(c) ? ['* using HTTP/1.x'] : []),
    `> ${request.method} ${request.url.path} HTTP/1.1`,
    `> Host: ${String(host ?? `${request.url.host}${standard ? '' : `:${request.url.port}`}`)}`,
    ...own.map(([k, v]) => `> ${k}: ${String(v)}`),
    '> ',
    ...(isNewer(c) ? ['* Request completely sent off'] : []),
    ...headText(answer)
      .replace(/\r\n$/, '')
      .split('\r\n')
      .map((l) => `< ${l}`),
  ]
  await c.task.writeError(`${lines.join('\n')}\n`)
}

/** What -v tells of a TLS handshake. */
export async function tellHandshake(c: Command, socket: TLSSocket, insecure: boolean): Promise<void> {
  const cert = socket.getPeerCertificate()
  const cipher = socket.getCipher()
  const protocol = socket.getProtocol() ?? 'TLSv1.3'
  const error = socket.authorizationError as unknown as string | undefined
  const verdict = !error
    ? ' SSL certificate verify ok.'
    : ` SSL certificate verify result: ${/SELF_SIGNED/.test(error) ? 'self-signed certificate (18)' : 'unable to get local issuer certificate (20)'}${insecure ? ', continuing anyway.' : ''}`
  const lines = [
    `${protocol} (OUT), TLS handshake, Client hello (1):`,
    `${protocol} (IN), TLS handshake, Server hello (2):`,
    `${protocol} (IN), TLS handshake, Encrypted Extensions (8):`,
    `${protocol} (IN), TLS handshake, Certificate (11):`,
    `${protocol} (IN), TLS handshake, CERT verify (15):`,
    `${protocol} (IN), TLS handshake, Finished (20):`,
    `${protocol} (OUT), TLS change cipher, Change cipher spec (1):`,
    `${protocol} (OUT), TLS handshake, Finished (20):`,
    `SSL connection using ${protocol} / ${cipher.standardName ?? cipher.name}`,
    'Server certificate:',
    ` subject: ${nameOf(cert.subject)}`,
    ` start date: ${cert.valid_from}`,
    ` expire date: ${cert.valid_to}`,
    ` issuer: ${nameOf(cert.issuer)}`,
    verdict,
  ]
  await c.task.writeError(lines.map((l) => `* ${l}\n`).join(''))
}

/** As OpenSSL prints a name in one line: `O=Acme Co; CN=web`. */
function nameOf(name: PeerCertificate['subject'] | undefined): string {
  return Object.entries(name ?? {})
    .flatMap(([key, value]) => [value].flat().map((v) => `${key}=${v}`))
    .join('; ')
}

/** What -v tells at the end. */
export function closingLine(c: Command, host: string, kept: boolean): string {
  if (kept) return `* Connection #0 to host ${host} left intact\n`
  return isNewer(c) ? '* shutting down connection #0\n' : '* Closing connection 0\n'
}

/** The text of `-w` with its variables. */
export function writeOut(
  format: string,
  answer: IncomingMessage | undefined,
  bytes: number,
  url: string,
  timing: Timing,
  total: number,
  address: string,
  failure?: { code: number; message: string },
): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(6)
  const values: Record<string, string> = {
    http_code: String(answer?.statusCode ?? 0).padStart(3, '0'),
    response_code: String(answer?.statusCode ?? 0).padStart(3, '0'),
    size_download: String(bytes),
    time_total: seconds(total),
    time_namelookup: seconds(timing.lookup),
    time_connect: seconds(timing.connect),
    time_starttransfer: seconds(timing.starttransfer),
    time_pretransfer: seconds(timing.connect),
    content_type: answer?.headers['content-type'] ?? '',
    url_effective: url,
    remote_ip: address,
    http_version: answer?.httpVersion ?? '0',
    num_redirects: String(timing.redirects),
    redirect_url: answer?.headers.location ?? '',
    exitcode: String(failure?.code ?? 0),
    method: (answer as { req?: { method?: string } } | undefined)?.req?.method ?? 'GET',
    scheme: url.startsWith('https:') ? 'HTTPS' : 'HTTP',
    size_upload: '0',
    size_header: String(answer ? headText(answer).length : 0),
    num_connects: '1',
    speed_download: String(total > 0 ? Math.round((bytes * 1000) / total) : 0),
    time_appconnect: seconds(url.startsWith('https:') ? timing.connect : 0),
    time_redirect: seconds(0),
    ssl_verify_result: '0',
    errormsg: failure?.message ?? '',
    url,
    remote_port: address === '' ? '0' : (/^https?:\/\/[^/]*:(\d+)(?:\/|$)/.exec(url)?.[1] ?? (url.startsWith('https:') ? '443' : '80')),
  }
  return format
    .replace(/%\{(\w+)\}/g, (m, k: string) => (Object.hasOwn(values, k) ? values[k]! : m))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\r', '\r')
    .replaceAll('%%', '%')
}
