/** `proxy_pass`: the request goes on to another server, its answer comes back as it arrives. */
import type { IncomingMessage } from 'node:http'
import { isAddress } from '../../../network/addresses.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { Killed } from '../../process.js'
import { connectAs } from '../../own-sockets.js'
import { secure } from '../../programs/net/http-client.js'
import { recall, type CacheZone, type Kept } from './cache.js'
import type { Location } from './model.js'
import type { Request } from './request.js'
import { forward, type Passed } from './proxy-request.js'
import { relay, sendKept } from './proxy-answer.js'
import type { Context } from './respond.js'
import { failure } from './stream.js'
import { choose, note, single, type Peer, type Upstream } from './upstream.js'

/** What `proxy_pass` says of one request. */
export interface Target {
  upstream: Upstream
  scheme: 'http' | 'https'
  /** What `proxy_pass` puts in place of the location's prefix; undefined to pass the path as it is. */
  uri: string | undefined
  /** `$proxy_host`: host and port as they are written. */
  name: string
}

/** How a request that was passed on ends other than with the answer of the other server. */
export interface Ways {
  fail(code: number): Promise<void>
  /** Goes on with another path of this server, as X-Accel-Redirect asks. */
  goTo(path: string): Promise<void>
}

/** The place where the cache keeps an answer. */
export interface Slot {
  zone: CacheZone
  key: string
}

async function targetOf(request: Request, context: Context, text: string): Promise<Target | undefined> {
  const url = request.expand(text)
  const match = /^(https?):\/\/([^/?]+)(.*)$/.exec(url)
  if (!match) {
    await context.logError(request, 'error', `invalid URL prefix in "${url}"`)
    return undefined
  }
  const [, scheme, name = '', uri] = match
  const known = request.config.upstreams.get(name)
  const target = (upstream: Upstream): Target => ({ upstream, scheme: scheme as 'http', uri: uri || undefined, name })
  if (known) return target(known)
  const [host = '', port] = name.split(':')
  if (!isAddress(host) && !request.config.addresses.has(host) && !request.settings.resolver) {
    await context.logError(request, 'error', `no resolver defined to resolve ${host}`)
    return undefined
  }
  return target(single(host, Number(port ?? (scheme === 'https' ? 443 : 80))))
}

const truthy = (request: Request, texts: readonly string[]): boolean => texts.some((text) => !['', '0'].includes(request.expand(text)))

/** Passes a request on. */
export async function proxy(request: Request, context: Context, location: Location, pass: string, ways: Ways): Promise<void> {
  const target = await targetOf(request, context, pass)
  if (!target) return ways.fail(pass.includes('://') && !request.expand(pass).includes('://') ? 500 : 502)
  request.set('proxy_host', target.name)
  request.set('proxy_port', target.name.split(':')[1] ?? (target.scheme === 'https' ? '443' : '80'))
  const path = passedPath(request, location, pass, target)
  const { settings, config, worker } = request
  const zone =
    settings.cache === 'off' || !settings.cacheMethods.includes(request.method)
      ? undefined
      : config.caches.get(request.expand(settings.cache))
  const slot = zone && { zone, key: request.expand(settings.cacheKey) }
  const bypass = slot !== undefined && truthy(request, settings.cacheBypass)
  const kept = slot && recall(slot.zone, worker.fs, slot.key, worker.clock.now())
  if (slot) request.cacheStatus = bypass ? 'BYPASS' : kept?.fresh ? 'HIT' : kept ? 'EXPIRED' : 'MISS'
  if (kept?.fresh && !bypass) return sendKept(request, kept)
  const answer = await exchange(request, context, target, path, slot !== undefined, kept)
  if (answer === 'stale') {
    request.cacheStatus = 'STALE'
    return sendKept(request, kept!)
  }
  if (answer === 'gone') return
  if (typeof answer === 'number') return ways.fail(answer)
  await relay(request, answer, { location, pass, target, ways, slot: truthy(request, settings.noCache) ? undefined : slot })
}

/** Asks a server that speaks another protocol than HTTP, of which there is none: it is not there, or hangs up. */
export async function proxyOther(request: Request, context: Context, pass: string, ways: Ways): Promise<void> {
  const target = await targetOf(request, context, `http://${request.expand(pass).replace(/^\w+:\/\//, '')}`)
  const peer = target && choose(target.upstream, new Set(), '', request.worker.clock.now())
  if (!target || !peer) return ways.fail(502)
  try {
    ;(await dial(request, target, peer)).destroy()
  } catch (error) {
    if (error instanceof Killed) throw error
    return ways.fail(await explain(request, context, target, peer, request.uri, error))
  }
  await context.logError(request, 'error', 'upstream prematurely closed connection while reading response header from upstream')
  await ways.fail(502)
}

/** An answer with the connection that it comes over. */
export interface Answered {
  answer: IncomingMessage
  connection: Connection
}

/**
 * Asks the servers of the group in turn, until one gives an answer that is not to be passed over.
 * @returns `stale` where what is kept may be sent instead, `gone` where nobody waits any more, or the status of the failure
 */
async function exchange(
  request: Request,
  context: Context,
  target: Target,
  path: string,
  cached: boolean,
  kept: Kept | undefined,
): Promise<Answered | 'stale' | 'gone' | number> {
  const { settings, worker, upstream } = request
  const tried = new Set<Peer>()
  const passed: Passed = { path, host: target.name, cached, body: undefined }
  const stale = (reason: string): boolean => kept !== undefined && settings.cacheUseStale.includes(reason)
  let [status, reason] = [502, 'error']
  for (;;) {
    const { method } = target.upstream
    const key = method === 'ip_hash' ? request.clientAddress : request.expand(target.upstream.key)
    const limit = settings.nextUpstreamTries
    const peer = limit > 0 && tried.size >= limit ? undefined : choose(target.upstream, tried, key, worker.clock.now(), Math.random)
    if (!peer) {
      if (tried.size === 0) {
        upstream.addresses.push(target.name)
        upstream.statuses.push('502')
        await context.logError(
          request,
          'error',
          'no live upstreams while connecting to upstream',
          `${target.scheme}://${target.name}${path}`,
        )
      }
      return stale(reason) ? 'stale' : status
    }
    tried.add(peer)
    const startedAt = worker.clock.now()
    const result = await attempt(request, context, target, peer, passed)
    if (request.res.destroyed && !(result instanceof Object)) return 'gone'
    upstream.times.push(((worker.clock.now() - startedAt) / 1000).toFixed(3))
    if (result === 'gone') return 'gone'
    if (typeof result === 'number') {
      ;[status, reason] = [result, result === 504 ? 'timeout' : 'error']
      upstream.statuses.push(String(result))
      note(peer, false, worker.clock.now())
      if (!settings.nextUpstream.includes(reason)) return stale(reason) ? 'stale' : status
      continue
    }
    const code = result.answer.statusCode ?? 502
    upstream.statuses.push(String(code))
    const again = settings.nextUpstream.includes(`http_${code}`) && tried.size < target.upstream.peers.length
    note(peer, !again, worker.clock.now())
    if (stale(`http_${code}`)) {
      result.connection.destroy()
      return 'stale'
    }
    if (!again) return result
    result.connection.destroy()
    ;[status, reason] = [code, `http_${code}`]
  }
}

/** Asks one server. Gives its answer, or the status that stands for why there is none. */
async function attempt(
  request: Request,
  context: Context,
  target: Target,
  peer: Peer,
  passed: Passed,
): Promise<Answered | 'gone' | number> {
  let connection: Connection
  try {
    connection = await dial(request, target, peer)
  } catch (error) {
    if (error instanceof Killed) throw error
    return explain(request, context, target, peer, passed.path, error)
  }
  peer.active++
  connection.once('close', () => peer.active--)
  try {
    const answer = await forward(request, connection, passed)
    return answer === undefined ? 'gone' : { answer, connection }
  } catch (error) {
    connection.destroy()
    if (request.res.destroyed) return 'gone'
    const slow = error instanceof NetworkError && error.code === 'ETIMEDOUT'
    const what = slow
      ? 'upstream timed out (110: Connection timed out) while reading response header from upstream'
      : 'upstream prematurely closed connection while reading response header from upstream'
    await context.logError(request, 'error', what, upstreamUrl(request, target, peer, passed.path))
    return slow ? 504 : 502
  }
}

async function dial(request: Request, target: Target, peer: Peer): Promise<Connection> {
  const { worker, settings } = request
  const [address] = await worker.net.resolve(peer.host)
  request.upstream.addresses.push(`${address}:${peer.port}`)
  const controller = new AbortController()
  const timer = worker.clock.after(settings.proxyConnectTimeout, () => controller.abort(new NetworkError('ETIMEDOUT', 'connect ETIMEDOUT')))
  try {
    const connection = await connectAs(worker, address!, peer.port, controller.signal)
    if (target.scheme === 'http') return connection
    const { proxySslVerify, proxySslName, proxySslTrusted } = settings
    const name = request.expand(proxySslName ?? '$proxy_host').replace(/:\d+$/, '')
    const ca = proxySslVerify && proxySslTrusted !== undefined ? { ca: worker.fs.readText(proxySslTrusted) } : {}
    return (await secure(connection, name, { insecure: !proxySslVerify, ...ca })) as never
  } finally {
    timer.cancel()
  }
}

/** Logs why no connection came about. Gives the status to answer. */
async function explain(request: Request, context: Context, target: Target, peer: Peer, path: string, error: unknown): Promise<number> {
  if (error instanceof DnsError) {
    await context.logError(request, 'error', `${peer.host} could not be resolved (3: Host not found)`)
    return 502
  }
  const url = upstreamUrl(request, target, peer, path)
  if (!(error instanceof NetworkError)) {
    const { reason = 'unexpected eof while reading', code = '' } = error as { reason?: string; code?: string }
    const verify = /CERT|ISSUER|SELF_SIGNED/.test(code)
    const what = verify
      ? `upstream SSL certificate verify error: (20:unable to get local issuer certificate) while SSL handshaking to upstream`
      : `SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::${reason}) while SSL handshaking to upstream`
    await context.logError(request, 'error', what, url)
    return 502
  }
  await context.logError(request, 'error', failure(error), url)
  return error.code === 'ETIMEDOUT' ? 504 : 502
}

function upstreamUrl(request: Request, { scheme }: Target, peer: Peer, path: string): string {
  return `${scheme}://${request.upstream.addresses.at(-1) ?? `${peer.host}:${peer.port}`}${path}`
}

/** The path that the other server is asked for. */
function passedPath(request: Request, location: Location, pass: string, target: Target): string {
  const args = request.args ? `?${request.args}` : ''
  if (target.uri === undefined) return request.redirects > 0 || request.inner ? encodeURI(request.uri) + args : (request.req.url ?? '/')
  if (pass.includes('$')) return target.uri
  const rest = location.kind === 'regex' || location.kind === 'named' ? '' : request.uri.slice(location.pattern.length)
  return encodeURI(target.uri + rest) + args
}
