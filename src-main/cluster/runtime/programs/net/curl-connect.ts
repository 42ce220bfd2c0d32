/** How curl gets to a server: by name, by `--resolve`, by `--connect-to`, by a socket that is a file. */
import type { TLSSocket } from 'node:tls'
import { isAddress, isIPv6, isWithin } from '../../../network/addresses.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { SystemError } from '../../process.js'
import { connectAt } from '../../unix-sockets.js'
import type { Command, Options } from '../command.js'
import { within } from './connection.js'
import { curlVersion } from './curl-options.js'
import { isNewer, tellHandshake, type Timing } from './curl-output.js'
import { CurlError } from './curl-request.js'
import { open, overTls, parseUrl, type Request, type Url } from './http-client.js'

/** A connection to whoever answers, and its address as curl shows it. */
export interface Dialled {
  connection: Connection
  address: string
  /** The path to ask for where it is not that of the address: proxies are told the whole of it. */
  path?: string
}

/**
 * Opens the connection of a request.
 *
 * @param left cluster ms that the whole transfer has left, if that is limited
 * @throws CurlError 6, 7 or 28 in curl's words, and what TLS says
 */
export async function dial(c: Command, o: Options, request: Request, timing: Timing, left: number | undefined): Promise<Dialled> {
  const limits = [left, o.has('connect-timeout') ? Number(o.get('connect-timeout')) * 1000 : undefined].filter(
    (n): n is number => n !== undefined,
  )
  const timeout = limits.length > 0 ? Math.min(...limits) : undefined
  const abstract = o.get('abstract-unix-socket')
  const path = abstract === undefined ? o.get('unix-socket') : `@${abstract}`
  if (path !== undefined) return overFile(c, o, request, timing, path)
  checkInterface(c, o)
  const proxy = proxyOf(c, o, request.url)
  return proxy ? overProxy(c, o, request, timing, timeout, proxy) : overNetwork(c, o, request, timing, timeout)
}

/** A server that did not take the connection. */
function unreachable(c: Command, url: Pick<Url, 'host' | 'port'>, ms: number): string {
  const [major = 0, minor = 0] = curlVersion(c).split('.').map(Number)
  const could = major > 8 || (major === 8 && minor >= 12) ? 'Could not' : "Couldn't"
  return `Failed to connect to ${url.host} port ${url.port} after ${ms} ms: ${could} connect to server`
}

const closes = (c: Command): { closes: string } => ({ closes: isNewer(c) ? '* closing connection #0\n' : '* Closing connection 0\n' })

async function overFile(c: Command, o: Options, { url, tls }: Request, timing: Timing, path: string): Promise<Dialled> {
  const { clock } = c.task
  const said = (text: string): Promise<void> | undefined => (o.has('v') ? c.task.writeError(text) : undefined)
  timing.lookup = clock.now() - timing.start
  await said(`*   Trying ${path}:0...\n`)
  let plain: Connection
  try {
    plain = connectAt(c.task, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const message = isNewer(c) ? unreachable(c, url, 0) : "Couldn't connect to server"
    await said(`* Immediate connect fail for ${path}: ${error.message}\n`)
    throw new CurlError(7, message, closes(c))
  }
  const connection = await overTls(plain, url, tls)
  timing.connect = clock.now() - timing.start
  await said(`* Connected to ${url.host} (${path}) port ${isNewer(c) ? '0' : `${url.port} (#0)`}\n`)
  return { connection, address: path }
}

async function overNetwork(c: Command, o: Options, request: Request, timing: Timing, limit: number | undefined): Promise<Dialled> {
  const { url } = request
  const { clock } = c.task
  const timeout = limit ?? 300_000
  const target = connectTo(o, url)
  const { address, fixed } = await lookUp(c, o, target, timeout)
  timing.lookup = clock.now() - timing.start
  const started = clock.now()
  if (o.has('v')) {
    if (target.as !== undefined) await c.task.writeError(`* Connecting to hostname: ${target.host}\n* Connecting to port: ${target.port}\n`)
    const cached = `* Added ${target.host}:${target.port}:${address} to DNS cache\n* Hostname ${target.host} was found in DNS cache\n`
    if (fixed) await c.task.writeError(cached)
    else if (isNewer(c) && address !== target.host)
      await c.task.writeError(`* Host ${target.host}:${target.port} was resolved.\n* IPv6: (none)\n* IPv4: ${address}\n`)
    await c.task.writeError(`*   Trying ${address}:${target.port}...\n`)
  }
  try {
    const connection = await within(c.task, timeout, (signal) => open(c.task, { ...url, port: target.port }, request.tls, address, signal))
    if (!connection) {
      const ms = clock.now() - started
      throw new CurlError(28, limit === undefined ? unreachable(c, target, ms) : `Connection timed out after ${ms} milliseconds`)
    }
    timing.connect = clock.now() - timing.start
    if (o.has('v')) await c.task.writeError(`* Connected to ${target.host} (${address}) port ${target.port}${isNewer(c) ? '' : ' (#0)'}\n`)
    if (o.has('v') && url.scheme === 'https') await tellHandshake(c, connection as unknown as TLSSocket, o.has('k'))
    return { connection, address }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    const why = error.code === 'ECONNREFUSED' ? 'Connection refused' : error.code === 'EHOSTUNREACH' ? 'No route to host' : error.message
    const message = unreachable(c, target, clock.now() - started)
    if (o.has('v')) await c.task.writeError(`* connect to ${address} port ${target.port} failed: ${why}\n* ${message}\n`)
    throw new CurlError(error.code === 'ETIMEDOUT' ? 28 : 7, message, closes(c))
  }
}

/** Through an HTTP proxy (-x): it is asked for the whole address, or for a tunnel where TLS is spoken. */
async function overProxy(
  c: Command,
  o: Options,
  request: Request,
  timing: Timing,
  limit: number | undefined,
  proxy: string,
): Promise<Dialled> {
  const { url, tls } = request
  const named = parseUrl(proxy.includes('://') ? proxy : `http://${proxy}`)
  if (!named) throw new CurlError(5, `Unsupported proxy syntax in '${proxy}'`)
  if (named.scheme !== 'http') throw new CurlError(7, `Unsupported proxy scheme for '${proxy}'`)
  // Proxies have a port of their own when none is told.
  const to: Url = { ...named, port: /:\d+\/?$/.test(proxy) ? named.port : 1080 }
  const way = await overNetwork(c, o, { ...request, url: to }, timing, limit)
  const owner = o.get('U') ?? named.user
  const leave = owner === undefined ? undefined : `Basic ${Buffer.from(owner.includes(':') ? owner : `${owner}:`).toString('base64')}`
  if (url.scheme !== 'https' && leave !== undefined) request.headers['Proxy-Authorization'] = leave
  if (url.scheme !== 'https') return { ...way, path: `http://${url.host}${url.port === 80 ? '' : `:${url.port}`}${url.path}` }
  const authority = `${url.host}:${url.port}`
  way.connection.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: curl/${curlVersion(c)}\r\nProxy-Connection: Keep-Alive\r\n${leave === undefined ? '' : `Proxy-Authorization: ${leave}\r\n`}${o
      .all('proxy-header')
      .map((line) => `${line}\r\n`)
      .join('')}\r\n`,
  )
  const head = await within(c.task, limit, () => headOf(way.connection))
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head ?? '')?.[1] ?? 0)
  if (status === 0) throw new CurlError(56, 'Proxy CONNECT aborted')
  if (status > 299) throw new CurlError(56, `CONNECT tunnel failed, response ${status}`)
  return { connection: await overTls(way.connection, url, tls), address: way.address }
}

/** What comes before the first empty line; what comes after it stays to be read. */
function headOf(connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0)
    const done = (head: string, rest?: Buffer): void => {
      connection.off('readable', more).off('end', ended)
      if (rest?.length) connection.unshift(rest)
      resolve(head)
    }
    const ended = (): void => done('')
    const more = (): void => {
      for (let part = connection.read() as Buffer | null; part !== null; part = connection.read() as Buffer | null) {
        seen = Buffer.concat([seen, part])
        const end = seen.indexOf('\r\n\r\n')
        if (end >= 0) return done(seen.toString('latin1', 0, end), seen.subarray(end + 4))
      }
    }
    connection.on('readable', more).once('end', ended)
  })
}

/** Where `--connect-to HOST:PORT:OTHER:PORT` leads; what is empty on the left is any, on the right stays. */
function connectTo(o: Options, { host, port }: Url): { host: string; port: number; as?: string } {
  for (const rule of o.all('connect-to')) {
    const [from = '', fromPort = '', to = '', toPort = ''] = rule.split(/:(?![^[]*\])/)
    if ((from !== '' && from.toLowerCase() !== host.toLowerCase()) || (fromPort !== '' && Number(fromPort) !== port)) continue
    return { host: to.replace(/^\[(.*)\]$/, '$1') || host, port: toPort === '' ? port : Number(toPort), as: rule }
  }
  return { host, port }
}

async function lookUp(
  c: Command,
  o: Options,
  { host, port }: { host: string; port: number },
  timeout: number,
): Promise<{ address: string; fixed: boolean }> {
  const fixed = o
    .all('resolve')
    .map((v) => v.split(':'))
    .find(([h, p]) => h === host && Number(p) === port)
  if (fixed) return { address: fixed.slice(2).join(':'), fixed: true }
  try {
    const found = await within(c.task, timeout, () => c.task.net.resolve(host))
    if (!found) throw new CurlError(28, `Resolving timed out after ${timeout} milliseconds`)
    const address = found.find((each) => isIPv6(each) === o.has('6') || (!o.has('6') && !o.has('4')))
    if (address !== undefined) return { address, fixed: false }
    throw isAddress(host) ? new CurlError(7, unreachable(c, { host, port }, 0)) : new CurlError(6, `Could not resolve host: ${host}`)
  } catch (error) {
    if (error instanceof DnsError) throw new CurlError(6, `Could not resolve host: ${host}`)
    throw error
  }
}

/** The proxy of a URL: that of -x, or of the environment, unless the host is one that needs none. */
function proxyOf(c: Command, o: Options, { scheme, host }: Url): string | undefined {
  const { env } = c.task
  const without = o.get('noproxy') ?? env['no_proxy'] ?? env['NO_PROXY'] ?? ''
  const name = host.toLowerCase()
  const exempt = without.split(/[\s,]+/).some((entry) => {
    const domain = entry.toLowerCase().replace(/^\./, '')
    if (domain === '*' || (domain !== '' && (name === domain || name.endsWith(`.${domain}`)))) return true
    return /^[\d.]+\/\d+$/.test(domain) && /^[\d.]+$/.test(name) && isWithin(domain, name)
  })
  if (exempt) return undefined
  // The name in capitals is not asked for http: a CGI program has it from a header.
  const own = scheme === 'http' ? env['http_proxy'] : (env['https_proxy'] ?? env['HTTPS_PROXY'])
  return o.get('x') ?? own ?? env['all_proxy'] ?? env['ALL_PROXY']
}

/** --interface names one that is there, or an address of it. Throws CurlError 45. */
function checkInterface(c: Command, o: Options): void {
  const named = o.get('interface')
  if (!named || ['eth0', 'lo', 'localhost', c.task.net.ip, c.task.hostname].includes(named.replace(/^(if|host)!/, ''))) return
  if (isAddress(named) && !named.startsWith('127.')) {
    const why = c.fs.exists('/etc/alpine-release') ? 'Address not available' : 'Cannot assign requested address'
    throw new CurlError(45, `bind failed with errno 99: ${why}`)
  }
  if (!isAddress(named)) throw new CurlError(45, `Couldn't bind to '${named}'`)
}
