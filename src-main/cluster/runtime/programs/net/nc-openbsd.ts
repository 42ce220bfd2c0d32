/** OpenBSD's nc, as Debian, Alpine and netshoot have it. */
import { isIPv6 } from '../../../network/addresses.js'
import { NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import { SystemError, type Program } from '../../process.js'
import { connectAt } from '../../unix-sockets.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { arrivals, arrivalsAt, within, type Arrivals } from './connection.js'
import { throughProxy, type ProxyProtocol } from './nc-proxy.js'
import { relayUntil, type RelayRules } from './nc-relay.js'
import { UdpConversation } from './nc-udp.js'
import { resolve } from './probe.js'
import { portOf, serviceName } from './services.js'
import { connectAs } from '../../own-sockets.js'

const SHORT = '46bCDdFhklNnrStUuvZzI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:'
const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]`
/** What -h explains. */
const HELP = `\tCommand Summary:
\t\t-4\t\tUse IPv4
\t\t-6\t\tUse IPv6
\t\t-b\t\tAllow broadcast
\t\t-C\t\tSend CRLF as line-ending
\t\t-D\t\tEnable the debug socket option
\t\t-d\t\tDetach from stdin
\t\t-F\t\tPass socket fd
\t\t-h\t\tThis help text
\t\t-I length\tTCP receive buffer length
\t\t-i interval\tDelay interval for lines sent, ports scanned
\t\t-k\t\tKeep inbound sockets open for multiple connects
\t\t-l\t\tListen mode, for inbound connects
\t\t-M ttl\t\tOutgoing TTL / Hop Limit
\t\t-m minttl\tMinimum incoming TTL / Hop Limit
\t\t-N\t\tShutdown the network socket after EOF on stdin
\t\t-n\t\tSuppress name/port resolutions
\t\t-O length\tTCP send buffer length
\t\t-P proxyuser\tUsername for proxy authentication
\t\t-p port\t\tSpecify local port for remote connects
\t\t-q secs\t\tquit after EOF on stdin and delay of secs
\t\t-r\t\tRandomize remote ports
\t\t-S\t\tEnable the TCP MD5 signature option
\t\t-s sourceaddr\tLocal source address
\t\t-T keyword\tTOS value
\t\t-t\t\tAnswer TELNET negotiation
\t\t-U\t\tUse UNIX domain socket
\t\t-u\t\tUDP mode
\t\t-V rtable\tSpecify alternate routing table
\t\t-v\t\tVerbose
\t\t-W recvlimit\tTerminate after receiving a number of packets
\t\t-w timeout\tTimeout for connects and final net reads
\t\t-X proto\tProxy protocol: "4", "5" (SOCKS) or "connect"
\t\t-x addr[:port]\tSpecify proxy address and port
\t\t-Z\t\tDCCP mode
\t\t-z\t\tZero-I/O mode [used for scanning]
\tPort numbers can be individual or ranges: lo-hi [inclusive]
`
const LARGEST = 2 ** 31 - 1
/** Largest buffer of a socket that is asked for, bytes. */
const LARGEST_WINDOW = 65_536 * 2 ** 14
/** What -T knows by name, besides numbers. */
const SERVICE_CLASSES =
  /^(af[1-4][1-3]|critical|cs[0-7]|ef|inetcontrol|lowcost|lowdelay|netcontrol|reliability|throughput|0x[\da-f]{1,2}|\d{1,3})$/i
/** Cluster ms that -uz waits for word that nobody hears the port. */
const UDP_SILENCE = 1_000

interface Settings extends RelayRules {
  /** Names are not looked up. */
  readonly numeric: boolean
  readonly verbose: boolean
  readonly scan: boolean
  /** Cluster ms for a connection to come about. */
  readonly timeout: number | undefined
  readonly family: 4 | 6 | undefined
  readonly source: string | undefined
  readonly keep: boolean
}

export const openbsdNc = (): Program =>
  command('coreutils', async (c) => {
    const usage = (fault?: string): Fail => new Fail(`${fault === undefined ? '' : `${fault}\n`}${USAGE}`)
    // It knows no long options: of --help it does not know the second dash.
    const long = c.task.argv.slice(1).find((word, i, words) => word.startsWith('--') && word !== '--' && !words.slice(0, i).includes('--'))
    if (long) throw usage(`${c.name}: invalid option -- '-'`)
    const o = await c.optionsOr({ short: SHORT, usage: '' }, (fault) => usage(fault))
    if (o.has('h')) {
      await c.task.writeError(`OpenBSD netcat (Debian patchlevel 1.219-1)\n${USAGE}\n${HELP}`)
      return 0
    }
    const settings = settingsOf(c, o)
    const listens = o.has('l')
    if (listens && settings.scan) throw new Fail(`${c.name}: cannot use -z and -l`)
    if (settings.keep && !listens) throw new Fail(`${c.name}: must use -l with -k`)
    if (o.has('U')) return overFile(c, o, settings)
    if (listens && settings.source !== undefined) throw usage()
    const proxy = proxyOf(c, o)
    const { operands } = o
    if (listens && o.has('p') ? operands.length > 0 : operands.length > 2) throw usage()
    if (operands.length === 0 && !listens) throw usage()
    if (listens) {
      const text = o.get('p') ?? operands.at(-1)
      if (text === undefined) throw new Fail(`${c.name}: missing port number`)
      const address = operands.length === 2 ? await addressOf(c, operands[0]!, text, settings) : settings.family === 6 ? '::' : '0.0.0.0'
      return o.has('u') ? listenUdp(c, portsOf(c, text)[0]!, address, settings) : listen(c, portsOf(c, text)[0]!, address, settings)
    }
    const [host, text] = operands
    if (text === undefined) throw new Fail(`${c.name}: missing port number`)
    const ports = portsOf(c, text)
    if (o.has('r')) for (let i = ports.length - 1; i > 0; i--) swap(ports, i, c.task.random.int(i + 1))
    if (proxy) return viaProxy(c, proxy, host!, ports[0]!, settings)
    return o.has('u') ? connectUdp(c, host!, ports, settings) : connect(c, host!, ports, settings)
  })

function swap(list: number[], a: number, b: number): void {
  ;[list[a], list[b]] = [list[b]!, list[a]!]
}

/** Reads what the options say, and refuses what they cannot mean. */
function settingsOf(c: Command, o: Options): Settings {
  const number = (letter: string, least: number, most: number, refused: (why: string) => string): number | undefined => {
    const text = o.get(letter)
    if (text === undefined) return undefined
    const value = /^\s*[+-]?\d+$/.test(text) ? Number(text) : undefined
    const why = value === undefined ? 'invalid' : value < least ? 'too small' : value > most ? 'too large' : undefined
    if (why) throw new Fail(`${c.name}: ${refused(why)}`)
    return value
  }
  const text = (letter: string): string => o.get(letter)!
  const interval = number('i', 0, 2 ** 32 - 1, (why) => `interval ${why}: ${text('i')}`)
  number('M', 0, 255, (why) => `ttl is ${why}`)
  number('m', 0, 255, (why) => `minttl is ${why}`)
  const quit = number('q', -LARGEST, LARGEST, (why) => `quit timer ${why}: ${text('q')}`)
  const limit = number('W', 1, LARGEST, (why) => `receive limit ${why}: ${text('W')}`)
  const timeout = number('w', 0, Math.floor(LARGEST / 1000), (why) => `timeout ${why}: ${text('w')}`)
  number('I', 1, LARGEST_WINDOW, (why) => `TCP receive window ${why}: ${text('I')}`)
  number('O', 1, LARGEST_WINDOW, (why) => `TCP send window ${why}: ${text('O')}`)
  if (o.has('V')) throw new Fail(`${c.name}: no alternate routing table support available`)
  if (o.has('T') && !(SERVICE_CLASSES.test(text('T')) && !(Number(text('T')) > 255)))
    throw new Fail(`${c.name}: illegal tos value ${text('T')}`)
  if (o.has('S')) throw new Fail(`${c.name}: Unable to read TCP MD5SIG password`)
  if (o.has('Z')) throw new Fail(`${c.name}: Socket type not supported`)
  const source = o.get('s')
  const { net } = c.task
  if (source !== undefined && ![net.ip, '127.0.0.1', '0.0.0.0', '::', '::1'].includes(source))
    throw new Fail(
      /^[\d.]+$/.test(source) || isIPv6(source)
        ? `${c.name}: bind failed: Cannot assign requested address`
        : `${c.name}: getaddrinfo: Name or service not known`,
    )
  return {
    numeric: o.has('n'),
    verbose: o.has('v'),
    scan: o.has('z'),
    keep: o.has('k'),
    family: o.has('6') ? 6 : o.has('4') ? 4 : undefined,
    source,
    timeout: timeout === undefined ? undefined : timeout * 1000,
    idle: timeout === undefined ? undefined : timeout * 1000,
    interval: (interval ?? 0) * 1000,
    shutsDown: o.has('N') || (quit ?? -1) >= 0,
    quitAfter: (quit ?? -1) >= 0 ? quit! * 1000 : undefined,
    reads: !o.has('d'),
    crlf: o.has('C'),
    telnet: o.has('t'),
    limit,
    listens: o.has('l'),
  }
}

/** The ports of `80`, `http` or `8000-8010`. */
function portsOf(c: Command, text: string): number[] {
  const one = (word: string): number => {
    const known = /^\d+$/.test(word) ? Number(word) : portOf(c, word)
    const why = known === undefined ? 'invalid' : known < 1 ? 'too small' : known > 65_535 ? 'too large' : undefined
    if (why) throw new Fail(`${c.name}: port number ${why}: ${word}`)
    return known!
  }
  const range = /^(\w+)-(\w+)$/.exec(text)
  if (!range || portOf(c, text) !== undefined) return [one(text)]
  const [low, high] = [one(range[1]!), one(range[2]!)].sort((a, b) => a - b) as [number, number]
  return Array.from({ length: high - low + 1 }, (_, i) => low + i)
}

async function addressOf(c: Command, host: string, port: string | number, { numeric, family }: Settings): Promise<string> {
  const about = `${c.name}: getaddrinfo for host "${host}" port ${port}: `
  const isLiteral = /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || isIPv6(host)
  if (isLiteral && family !== undefined && isIPv6(host) !== (family === 6))
    throw new Fail(`${about}Address family for hostname not supported`)
  if (!isLiteral && numeric) throw new Fail(`${about}Name or service not known`)
  return isLiteral ? host : resolve(c, host, `${about}Name or service not known`)
}

const shown = (host: string, address: string): string => `${host}${host === address ? '' : ` (${address})`}`

/** Tells of a connection that came about. */
async function tellConnected(c: Command, host: string, address: string, port: number, protocol: 'tcp' | 'udp', s: Settings): Promise<void> {
  if (!s.verbose) return
  const name = (s.numeric ? undefined : serviceName(c, port, protocol)) ?? '*'
  await c.task.writeError(`Connection to ${shown(host, address)} ${port} port [${protocol}/${name}] succeeded!\n`)
}

async function connect(c: Command, host: string, ports: readonly number[], s: Settings): Promise<number> {
  const address = await addressOf(c, host, ports[0]!, s)
  let status = 1
  for (const [i, port] of ports.entries()) {
    if (i > 0 && s.interval) await c.task.sleep(s.interval)
    const connection = await dial(c, host, address, port, s)
    if (!connection) continue
    status = 0
    await tellConnected(c, host, address, port, 'tcp', s)
    if (s.scan) connection.destroy()
    else await relayUntil(c, connection, s)
  }
  return status
}

/** Connects; tells what keeps it from that, where that is wanted, and gives undefined. */
async function dial(c: Command, host: string, address: string, port: number, s: Settings): Promise<Connection | undefined> {
  try {
    const connection = await within(c.task, s.timeout, (signal) => connectAs(c.task, address, port, signal))
    if (connection) return connection
    throw new NetworkError('ETIMEDOUT', 'timed out')
  } catch (error) {
    c.task.check()
    if (!(error instanceof NetworkError)) throw error
    if (s.verbose) {
      const why =
        error.code === 'ETIMEDOUT' && s.timeout !== undefined ? 'timed out: Operation now in progress' : `failed: ${errorText(error)}`
      await c.task.writeError(`${c.name}: connect to ${shown(host, address)} port ${port} (tcp) ${why}\n`)
    }
    return undefined
  }
}

async function listen(c: Command, port: number, address: string, s: Settings): Promise<number> {
  let arriving: Arrivals
  try {
    arriving = arrivals(c.task, port, address)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(`${c.name}: ${errorText(error)}`)
  }
  if (s.verbose) await c.task.writeError(`Listening on ${address} ${arriving.port}\n`)
  do {
    const connection = await arriving.next()
    if (!s.keep) arriving.close()
    c.task.aborted.addEventListener('abort', () => connection.destroy())
    if (s.verbose) await c.task.writeError(`Connection received on ${connection.remoteAddress} ${connection.remotePort}\n`)
    await relayUntil(c, connection, s)
  } while (s.keep)
  return 0
}

/** With -U, sockets that are files. */
async function overFile(c: Command, o: Options, s: Settings): Promise<number> {
  const [path] = o.operands
  if (path === undefined) throw new Fail(USAGE)
  const noted = (text: string): Promise<void> | undefined => (s.verbose ? c.task.writeError(`${text} on ${path}\n`) : undefined)
  try {
    if (!s.listens) {
      const connection = connectAt(c.task, path)
      if (s.scan) connection.destroy()
      else await relayUntil(c, connection, s)
      return 0
    }
    const arriving = arrivalsAt(c.task, path)
    await noted('Listening')
    do {
      const connection = await arriving.next()
      if (!s.keep) arriving.close()
      c.task.aborted.addEventListener('abort', () => connection.destroy())
      await noted('Connection received')
      await relayUntil(c, connection, s)
    } while (s.keep)
    return 0
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(s.listens ? `${c.name}: ${error.message}` : `${c.name}: ${path}: ${error.message}`)
  }
}

/** Sends standard input in datagrams and prints the answers; with -z says whether anything objects. */
async function connectUdp(c: Command, host: string, ports: readonly number[], s: Settings): Promise<number> {
  const address = await addressOf(c, host, ports[0]!, s)
  let status = 1
  for (const port of ports) {
    const conversation = new UdpConversation(c)
    try {
      if (s.scan) {
        // A datagram that is answered by nothing, not even an error, counts as heard.
        conversation.socket.send(new Uint8Array(), port, address)
        await c.task.sleep(UDP_SILENCE)
        if (conversation.refused) {
          if (s.verbose)
            await c.task.writeError(`${c.name}: connect to ${shown(host, address)} port ${port} (udp) failed: Connection refused\n`)
          continue
        }
        status = 0
        await tellConnected(c, host, address, port, 'udp', s)
        continue
      }
      await tellConnected(c, host, address, port, 'udp', s)
      status = await conversation.talk((data) => conversation.socket.send(data, port, address), s)
    } finally {
      conversation.socket.close()
    }
  }
  return status
}

/** Hears datagrams; answers go to whoever spoke first. */
async function listenUdp(c: Command, port: number, address: string, s: Settings): Promise<number> {
  let conversation: UdpConversation
  try {
    conversation = new UdpConversation(c, port)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(`${c.name}: ${errorText(error)}`)
  }
  const { socket } = conversation
  if (s.verbose) await c.task.writeError(`Bound on ${address} ${socket.port}\n`)
  try {
    return await conversation.talk((data) => {
      if (conversation.peer) socket.send(data, conversation.peer.port, conversation.peer.address)
    }, s)
  } finally {
    socket.close()
  }
}

interface Proxy {
  readonly protocol: ProxyProtocol
  readonly host: string
  readonly port: number
}

/** What -x and -X say; SOCKS 5 where no protocol is named. */
function proxyOf(c: Command, o: Options): Proxy | undefined {
  const named = o.get('X')
  if (named !== undefined && !['connect', '4', '5'].includes(named)) throw new Fail(`${c.name}: unsupported proxy protocol`)
  const text = o.get('x')
  if (text === undefined) return undefined
  if (o.has('u')) throw new Fail(`${c.name}: no proxy support for UDP mode`)
  if (o.has('l')) throw new Fail(`${c.name}: no proxy support for listen`)
  const protocol = (named ?? '5') as ProxyProtocol
  const [host, port] = /^(.*):(\w+)$/.exec(text)?.slice(1) ?? [text, protocol === 'connect' ? '3128' : '1080']
  return { protocol, host: host!, port: portsOf(c, port!)[0]! }
}

async function viaProxy(c: Command, proxy: Proxy, host: string, port: number, s: Settings): Promise<number> {
  const address = await addressOf(c, proxy.host, proxy.port, { ...s, numeric: false })
  const connection = await dial(c, proxy.host, address, proxy.port, s)
  if (!connection) return 1
  const first = await throughProxy(c, connection, proxy.protocol, host, port)
  if (s.verbose) {
    const name = (s.numeric ? undefined : serviceName(c, port, 'tcp')) ?? '*'
    await c.task.writeError(`Connection to ${host} ${port} port [tcp/${name}] succeeded!\n`)
  }
  if (s.scan) connection.destroy()
  else await relayUntil(c, connection, s, first)
  return 0
}
