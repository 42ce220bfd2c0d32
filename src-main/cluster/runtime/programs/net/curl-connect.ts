/** How curl gets to a server: by name, by `--resolve`, by `--connect-to`, by a socket that is a file. */
import type { TLSSocket } from 'node:tls'
import { isAddress, isIPv6 } from '../../../network/addresses.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { SystemError } from '../../process.js'
import { connectAt } from '../../unix-sockets.js'
import type { Command, Options } from '../command.js'
import { within } from './connection.js'
import { curlVersion } from './curl-options.js'
import { isNewer, tellHandshake, type Timing } from './curl-output.js'
import { overProxy, proxyOf } from './curl-proxy.js'
import { CurlError } from './curl-request.js'
import { tell } from './curl-tell.js'
import { overTls, type Request, type Url } from './http-client.js'
import { connectAs } from '../../own-sockets.js'

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
  if (!proxy) return overNetwork(c, o, request, timing, timeout)
  const reach = (url: Url): Promise<Dialled> => overNetwork(c, o, { ...request, url }, timing, timeout)
  return overProxy(c, o, request, { proxy, reach, limit: timeout })
}

/** A server that did not take the connection. */
function unreachable(c: Command, url: Pick<Url, 'host' | 'port'>, ms: number): string {
  const [major = 0, minor = 0] = curlVersion(c).split('.').map(Number)
  const could = major > 8 || (major === 8 && minor >= 12) ? 'Could not' : "Couldn't"
  return `Failed to connect to ${url.host} port ${url.port} after ${ms} ms: ${could} connect to server`
}

const closes = (c: Command, { connection }: Timing): { closes: string } => ({ closes: isNewer(c) ? `closing connection #${connection}` : `Closing connection ${connection}` }) // prettier-ignore

/** What leads to a server besides its address: connections of different ways are not shared. */
export function wayOf(c: Command, o: Options, url: Url): string {
  return [o.get('abstract-unix-socket'), o.get('unix-socket'), proxyOf(c, o, url), o.get('U'), o.get('interface'), o.get('local-port')].join('|') + o.all('connect-to').join() // prettier-ignore
}

async function overFile(c: Command, o: Options, { url, tls }: Request, timing: Timing, path: string): Promise<Dialled> {
  const { clock } = c.task
  timing.lookup = clock.now() - timing.start
  await tell(c, o, '*', `  Trying ${path}:0...`)
  let plain: Connection
  try {
    plain = connectAt(c.task, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const message = isNewer(c) ? unreachable(c, url, 0) : "Couldn't connect to server"
    await tell(c, o, '*', `Immediate connect fail for ${path}: ${error.message}`)
    throw new CurlError(7, message, closes(c, timing))
  }
  const connection = await overTls(plain, url, tls)
  timing.connect = clock.now() - timing.start
  await tell(c, o, '*', `Connected to ${url.host} (${path}) port ${isNewer(c) ? '0' : `${url.port} (#${timing.connection})`}`)
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
  if (target.as !== undefined) await tell(c, o, '*', `Connecting to hostname: ${target.host}\nConnecting to port: ${target.port}`)
  const cached = `Added ${target.host}:${target.port}:${address} to DNS cache\nHostname ${target.host} was found in DNS cache`
  if (fixed) await tell(c, o, '*', cached)
  else if (isNewer(c) && address !== target.host)
    await tell(c, o, '*', `Host ${target.host}:${target.port} was resolved.\nIPv6: (none)\nIPv4: ${address}`)
  await tell(c, o, '*', `  Trying ${address}:${target.port}...`)
  try {
    const connection = await within(c.task, timeout, async (signal) =>
      overTls(await fromLocalPort(c, o, address, target.port, signal), { ...url, port: target.port }, request.tls),
    )
    if (!connection) {
      const ms = clock.now() - started
      throw new CurlError(28, limit === undefined ? unreachable(c, target, ms) : `Connection timed out after ${ms} milliseconds`)
    }
    timing.connect = clock.now() - timing.start
    await tell(c, o, '*', `Connected to ${target.host} (${address}) port ${target.port}${isNewer(c) ? '' : ` (#${timing.connection})`}`)
    if (url.scheme === 'https') await tellHandshake(c, o, connection as unknown as TLSSocket, request.tls.protocols)
    return { connection, address }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    const why = error.code === 'ECONNREFUSED' ? 'Connection refused' : error.code === 'EHOSTUNREACH' ? 'No route to host' : error.message
    const message = unreachable(c, target, clock.now() - started)
    await tell(c, o, '*', `connect to ${address} port ${target.port} failed: ${why}\n${message}`)
    throw new CurlError(error.code === 'ETIMEDOUT' ? 28 : 7, message, closes(c, timing))
  }
}

/** Opens a connection from a port of --local-port, if that is given, the first that is free; with --haproxy-protocol its other end is told of both. */
async function fromLocalPort(c: Command, o: Options, address: string, port: number, signal: AbortSignal): Promise<Connection> {
  const [first, last = first] = (o.get('local-port') ?? '').split('-').map(Number)
  const connection = o.has('local-port') ? await firstFree(first!, last!) : await connectAs(c.task, address, port, signal)
  if (o.has('haproxy-protocol')) {
    const { localAddress, localPort, remoteAddress, remotePort } = connection
    const family = isIPv6(remoteAddress) ? 'TCP6' : 'TCP4'
    connection.write(`PROXY ${family} ${localAddress} ${remoteAddress} ${localPort} ${remotePort}\r\n`)
  }
  return connection

  async function firstFree(from: number, to: number): Promise<Connection> {
    try {
      return await connectAs(c.task, address, port, signal, from)
    } catch (error) {
      if (!(error instanceof NetworkError) || error.code !== 'EADDRINUSE') throw error
      if (from < to) return firstFree(from + 1, to)
      throw new CurlError(45, `bind failed with errno 98: Address ${c.fs.exists('/etc/alpine-release') ? '' : 'already '}in use`)
    }
  }
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
