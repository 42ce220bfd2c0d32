/** Through proxies: of HTTP (-x), which is asked for the whole address or for a tunnel, and of SOCKS. */
import { isAddress, isWithin } from '../../../network/addresses.js'
import type { Connection } from '../../../network/network.js'
import type { Command, Options } from '../command.js'
import { send, within } from './connection.js'
import type { Dialled } from './curl-connect.js'
import { curlVersion } from './curl-options.js'
import { isNewer } from './curl-output.js'
import { CurlError } from './curl-request.js'
import { tell } from './curl-tell.js'
import { overTls, parseUrl, type Request, type Url } from './http-client.js'
import { askSocks4, askSocks5, type SocksLine } from './socks.js'

/** The port of proxies where none is told. */
const PROXY_PORT = 1080
const SOCKS4_GRANTED = 90

interface Way {
  /** As -x has it. */
  readonly proxy: string
  /** Connects to the proxy itself. */
  reach(url: Url): Promise<Dialled>
  /** Cluster ms that it may take. */
  readonly limit: number | undefined
}

/** The connection of a request through a proxy. Throws CurlError 5, 7, 56 or 97. */
export async function overProxy(c: Command, o: Options, request: Request, { proxy, reach, limit }: Way): Promise<Dialled> {
  const named = parseUrl(proxy.includes('://') ? proxy : `http://${proxy}`)
  if (!named) throw new CurlError(5, `Unsupported proxy syntax in '${proxy}'`)
  const socks = /^socks(4a?|5h?)?$/.exec(named.scheme)
  if (named.scheme !== 'http' && !socks) throw new CurlError(7, `Unsupported proxy scheme for '${proxy}'`)
  const way = await reach({ ...named, scheme: 'http', port: /:\d+\/?$/.test(proxy) ? named.port : PROXY_PORT })
  const owner = o.get('U') ?? named.user
  const { url, tls } = request
  if (socks) {
    const { connection } = way
    const done = await within(c.task, limit, () => socksTunnel(c, o, connection, url, `socks${socks[1] ?? '4'}`, owner))
    if (!done) throw new CurlError(28, 'Proxy CONNECT aborted due to timeout')
    return { connection: await overTls(connection, url, tls), address: way.address }
  }
  const leave = owner === undefined ? undefined : `Basic ${Buffer.from(owner.includes(':') ? owner : `${owner}:`).toString('base64')}`
  const tunnels = url.scheme === 'https' || o.has('p')
  if (!tunnels && leave !== undefined) request.headers['Proxy-Authorization'] = leave
  if (!tunnels) {
    request.headers['Proxy-Connection'] = 'Keep-Alive'
    return { ...way, path: `http://${url.host}${url.port === 80 ? '' : `:${url.port}`}${url.path}` }
  }
  const authority = `${url.host}:${url.port}`
  const own = o.all('proxy-header').map((line) => `${line}\r\n`)
  const head = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${leave === undefined ? '' : `Proxy-Authorization: ${leave}\r\n`}User-Agent: curl/${curlVersion(c)}\r\nProxy-Connection: Keep-Alive\r\n${own.join('')}\r\n`
  if (isNewer(c)) await tell(c, o, '*', `CONNECT tunnel: HTTP/1.1 negotiated\nEstablish HTTP proxy tunnel to ${authority}`)
  await tell(c, o, '>', head)
  way.connection.write(head)
  const answer = await within(c.task, limit, () => headOf(way.connection))
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(answer ?? '')?.[1] ?? 0)
  if (status === 0) throw new CurlError(56, 'Proxy CONNECT aborted')
  await tell(c, o, '<', `${answer}\r\n\r\n`)
  if (status > 299) throw new CurlError(56, `CONNECT tunnel failed, response ${status}`)
  await tell(c, o, '*', `CONNECT phase completed\nCONNECT tunnel established, response ${status}`)
  return { connection: await overTls(way.connection, url, tls), address: way.address }
}

/** Has a SOCKS proxy connect to the host of a URL, by its address or, with 4a and 5h, by its name. Throws CurlError 97 in curl's words. */
async function socksTunnel(c: Command, o: Options, connection: Connection, url: Url, scheme: string, owner?: string): Promise<true> {
  const line = lineOf(c, connection)
  const remote = scheme.endsWith('a') || scheme.endsWith('h')
  const host = remote || isAddress(url.host) ? url.host : (await c.task.net.resolve(url.host).catch(() => []))[0]
  if (host === undefined) throw new CurlError(97, `Failed to resolve "${url.host}" for SOCKS${scheme[5]} connect.`)
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(owner ?? '') ?? []
  const cannot = isNewer(c) ? 'cannot' : "Can't"
  await tell(
    c,
    o,
    '*',
    `SOCKS${scheme[5]} connect to ${remote ? '' : 'IPv4 '}${host}:${url.port} (${remote ? 'remotely' : 'locally'} resolved)`,
  )
  if (scheme[5] === '4') {
    const status = await askSocks4(line, host, url.port, user)
    const shown = `${isAddress(host) ? host : '0.0.0.1'}:${url.port}. (${status})`
    const tag = isNewer(c) ? '[SOCKS] ' : ''
    if (status !== SOCKS4_GRANTED)
      throw new CurlError(97, `${tag}${cannot} complete SOCKS4 connection to ${shown}, request rejected or failed.`)
    await tell(c, o, '*', `SOCKS4${scheme.endsWith('a') ? 'a' : ''} request granted.`)
    return true
  }
  const answer = await askSocks5(line, host, url.port, owner === undefined ? undefined : { user, password })
  if ('refused' in answer)
    throw new CurlError(
      97,
      {
        version: 'Received invalid version in initial SOCKS5 response.',
        method: 'No authentication method was acceptable.',
        password: 'User was rejected by the SOCKS5 server (1 1).',
      }[answer.refused],
    )
  if (answer.status !== 0) throw new CurlError(97, `${cannot} complete SOCKS5 connection to ${url.host}. (${answer.status})`)
  await tell(c, o, '*', 'SOCKS5 request granted.')
  return true
}

/** How a proxy is spoken to over a connection; what comes behind its answers stays to be read. */
function lineOf(c: Command, connection: Connection): SocksLine {
  return {
    say: (bytes) => send(c.task, connection, bytes),
    take: (count) =>
      new Promise((resolve, reject) => {
        const done = (result?: Uint8Array): void => {
          connection.off('readable', more).off('end', ended).off('close', ended)
          if (result) resolve(result)
          else reject(new CurlError(97, 'connection to proxy closed'))
        }
        const ended = (): void => done()
        const more = (): void => {
          const bytes = connection.read(count) as Buffer | null
          if (bytes?.length === count) done(bytes)
        }
        connection.on('readable', more).once('end', ended).once('close', ended)
        more()
        if (connection.readableEnded || connection.destroyed) ended()
      }),
  }
}

/** What comes before the first empty line; what comes after it stays to be read. */
function headOf(connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0)
    const done = (head: string, rest?: Buffer): void => {
      connection.off('readable', more).off('end', ended).off('close', ended)
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
    connection.on('readable', more).once('end', ended).once('close', ended)
  })
}

/** The proxy of a URL: that of -x and --socks5, or of the environment, unless the host is one that needs none. */
export function proxyOf(c: Command, o: Options, { scheme, host }: Url): string | undefined {
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
  const [letter, value] = o.given.filter(([each]) => each === 'x' || each.startsWith('socks')).at(-1) ?? []
  const told = letter === undefined || letter === 'x' ? value : `${letter}://${value!.replace(/^\w+:\/\//, '')}`
  return told ?? own ?? env['all_proxy'] ?? env['ALL_PROXY']
}
