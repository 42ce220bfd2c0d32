/** `upstream`: groups of servers, and which of them a request goes to (https://nginx.org/en/docs/http/ngx_http_upstream_module.html). */
import { parseIPv4 } from '../../../network/addresses.js'
import { zipCrc } from '../../programs/checksums.js'
import { ConfigError, type Directive } from './conf.js'
import { milliseconds } from './units.js'

/** One server of a group, with what became of the requests to it. */
export interface Peer {
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly backup: boolean
  readonly down: boolean
  /** So many failures within {@link failTimeout} ms keep it out for as long; 0 for never. */
  readonly maxFails: number
  readonly failTimeout: number
  readonly maxConns: number
  current: number
  fails: number
  failedAt: number
  active: number
}

export type Method = 'round-robin' | 'least_conn' | 'ip_hash' | 'hash' | 'consistent' | 'random'

/** A group of servers and the way to choose among them. */
export interface Upstream {
  readonly name: string
  readonly peers: readonly Peer[]
  readonly method: Method
  /** Of `hash`, with variables. */
  readonly key: string
  /** Idle connections that a worker keeps; 0 for none. */
  readonly keepalive: number
}

/** The group that an address makes by itself. */
export function single(host: string, port: number): Upstream {
  return { name: host, peers: [peerOf(host, port)], method: 'round-robin', key: '', keepalive: 0 }
}

function peerOf(host: string, port: number, options: Partial<Peer> = {}): Peer {
  const rest = { weight: 1, backup: false, down: false, maxFails: 1, failTimeout: 10_000, maxConns: 0 }
  return { host, port, ...rest, current: 0, fails: 0, failedAt: -Infinity, active: 0, ...options }
}

/** Reads a block `upstream`. Throws {@link ConfigError} in nginx' words. */
export function upstreamOf(d: Directive): Upstream {
  const block = d.block ?? []
  const found = (name: string): Directive | undefined => block.find((b) => b.name === name)
  const servers = block.filter((b) => b.name === 'server')
  if (servers.length === 0) throw new ConfigError('no servers are inside upstream', d)
  const hash = found('hash')
  const named = (['least_conn', 'ip_hash', 'random'] as const).find((name) => found(name))
  const method = hash ? (hash.args[1] === 'consistent' ? 'consistent' : 'hash') : (named ?? 'round-robin')
  return {
    name: d.args[0]!,
    peers: servers.map((server) => serverOf(server, method)),
    method,
    key: hash?.args[0] ?? '',
    keepalive: Number(found('keepalive')?.args[0] ?? 0),
  }
}

function serverOf(d: Directive, method: Method): Peer {
  const [host = '', port] = d.args[0]!.split(':')
  const number = (text: string, d0: string): number => {
    if (!/^\d+$/.test(text)) throw new ConfigError(`invalid parameter "${d0}"`, d)
    return Number(text)
  }
  const options: { -readonly [K in keyof Peer]?: Peer[K] } = {}
  for (const option of d.args.slice(1)) {
    const [name = '', value = ''] = option.split(/=(.*)/s)
    if (name === 'weight' && number(value, option) > 0) options.weight = Number(value)
    else if (name === 'max_fails') options.maxFails = number(value, option)
    else if (name === 'max_conns') options.maxConns = number(value, option)
    else if (name === 'fail_timeout' && milliseconds(value) !== undefined) options.failTimeout = milliseconds(value)!
    else if (option === 'backup') {
      if (['ip_hash', 'hash', 'consistent', 'random'].includes(method))
        throw new ConfigError('balancing method does not support parameter "backup"', d)
      options.backup = true
    } else if (option === 'down') options.down = true
    else if (option !== 'resolve' && !option.startsWith('service=')) throw new ConfigError(`invalid parameter "${option}"`, d)
  }
  return peerOf(host, Number(port ?? 80), options)
}

/** Whether a server may be asked at all. @param now cluster ms */
function usable(peer: Peer, now: number): boolean {
  if (peer.down || (peer.maxConns > 0 && peer.active >= peer.maxConns)) return false
  return peer.maxFails === 0 || peer.fails < peer.maxFails || now - peer.failedAt > peer.failTimeout
}

/**
 * The server for the next attempt of a request; undefined when none lives.
 * @param tried those that this request has asked before
 * @param key the client's address for ip_hash, the expanded key for hash
 * @param now cluster ms
 * @param random of 0 to 1
 */
export function choose(
  upstream: Upstream,
  tried: ReadonlySet<Peer>,
  key: string,
  now: number,
  random: () => number = () => 0,
): Peer | undefined {
  const all = upstream.peers
  if (all.length === 1) return tried.size === 0 && !all[0]!.down ? all[0] : undefined
  const open = (peer: Peer): boolean => !tried.has(peer) && usable(peer, now)
  const first = all.filter((peer) => !peer.backup)
  const hashed = byHash(upstream, first, open, key)
  if (hashed) return hashed
  const living = first.filter(open)
  const among = living.length > 0 ? living : all.filter((peer) => peer.backup && open(peer))
  if (among.length === 0) return undefined
  if (upstream.method === 'random') return among[Math.floor(random() * among.length)]
  if (upstream.method !== 'least_conn') return smooth(among)
  const least = Math.min(...among.map((peer) => peer.active / peer.weight))
  return smooth(among.filter((peer) => peer.active / peer.weight === least))
}

/** Round robin that mixes the turns of heavy servers with those of light ones. */
function smooth(peers: readonly Peer[]): Peer {
  let [best, total] = [peers[0]!, 0]
  for (const peer of peers) {
    peer.current += peer.weight
    total += peer.weight
    if (peer.current > best.current) best = peer
  }
  best.current -= total
  return best
}

const crc = (text: string): number => zipCrc(Buffer.from(text))

/** Attempts of a hash before the servers take turns. */
const MOST_HASHES = 20

function byHash({ method, peers }: Upstream, first: readonly Peer[], open: (peer: Peer) => boolean, key: string): Peer | undefined {
  if (method === 'consistent') return onRing(peers, open, key)
  if (method !== 'ip_hash' && method !== 'hash') return undefined
  const total = first.reduce((sum, { weight }) => sum + weight, 0)
  let hash = method === 'ip_hash' ? 89 : 0
  const address = parseIPv4(key) ?? 0
  for (let attempt = 0; attempt < MOST_HASHES; attempt++) {
    if (method === 'ip_hash') for (const shift of [24, 16, 8]) hash = (hash * 113 + ((address >>> shift) & 255)) % 6271
    else hash += (crc(attempt > 0 ? `${attempt}${key}` : key) >>> 16) & 0x7fff
    let place = hash % total
    const peer = first.find(({ weight }) => (place -= weight) < 0)
    if (peer && open(peer)) return peer
  }
  return undefined
}

/** Points of a server on the ring, for each unit of its weight. */
const POINTS = 160

/** The server whose point comes next after the key's on a ring; servers that are gone leave the others' keys where they were. */
function onRing(peers: readonly Peer[], open: (peer: Peer) => boolean, key: string): Peer | undefined {
  const ring = peers
    .flatMap((peer) => Array.from({ length: POINTS * peer.weight }, (_, i) => ({ at: crc(`${peer.host}\0${peer.port}${i}`), peer })))
    .sort((a, b) => a.at - b.at)
  const start = crc(key)
  const after = [...ring.filter(({ at }) => at >= start), ...ring.filter(({ at }) => at < start)]
  return after.find(({ peer }) => open(peer))?.peer
}

/** Keeps what came of asking a server: failures of a time span count together, an answer ends them. */
export function note(peer: Peer, ok: boolean, now: number): void {
  if (ok) {
    peer.fails = 0
    return
  }
  if (now - peer.failedAt > peer.failTimeout) peer.fails = 0
  peer.fails++
  peer.failedAt = now
}
