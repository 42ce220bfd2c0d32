/** traceroute, of Dmitry Butskoy and of busybox. */
import type { EchoAnswer } from '../../../network/echo.js'
import { isIPv6, isWithin } from '../../../network/addresses.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { dummies } from './ip-links.js'
import { echo, echoId, resolve } from './probe.js'

const USAGE = ``

const BUSYBOX = {
  short: '46FIlnrvdf:m:q:p:t:w:s:i:z:g:',
  usage:
    '[-46FIlnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]\n\t[-t TOS] [-w WAIT_SEC] [-s SRC_IP] [-i IFACE]\n\t[-z PAUSE_MSEC] HOST [BYTES]\n\nTrace the route to HOST',
}
const MODERN = {
  short: '46dFITnreAUDVf:g:i:m:N:p:t:l:w:q:s:z:O:M:P:',
  long: {
    help: 'h', debug: 'd', 'dont-fragment': 'F', 'first=': 'f', 'gateway=': 'g', icmp: 'I', tcp: 'T', 'interface=': 'i', 'max-hops=': 'm',
    'sim-queries=': 'N', 'port=': 'p', 'tos=': 't', 'flowlabel=': 'l', 'wait=': 'w', 'queries=': 'q', 'source=': 's', 'sendwait=': 'z',
    extensions: 'e', 'as-path-lookups': 'A', 'module=': 'M', 'options=': 'O', 'sport=': 'sport', 'fwmark=': 'fwmark', udp: 'U', dccp: 'D',
    'protocol=': 'P', mtu: 'mtu', back: 'back', version: 'V',
  },
  usage: '',
} // prettier-ignore
const MODULES = ['default', 'icmp', 'tcp', 'tcpconn', 'udp', 'udplite', 'dccp', 'raw', 'udpl']

/** What is asked for, within its bounds. */
interface Way {
  first: number
  hops: number
  probes: number
  /** Milliseconds. */
  wait: number
  pause: number
  /** Of a whole packet. */
  bytes: number
}

/** Refuses what cannot be, in the words of the program. */
function wayOf(c: Command, o: Options): Way {
  const number = (letter: string, otherwise: number, least: number, most: number): number => {
    const text = o.get(letter)
    if (text === undefined) return otherwise
    const position = c.task.argv.findIndex((arg) => arg.startsWith(`-${letter}`))
    if (!/^\d+(\.\d+)?(,[\d.]+)*$/.test(text))
      throw c.busybox
        ? new Fail(`traceroute: invalid number '${text}'`)
        : new Fail(`Cannot handle \`-${letter}' option with arg \`${text}' (argc ${position + 1})`, 2)
    const value = Number.parseFloat(text)
    if (c.busybox && (value < least || value > most)) throw new Fail(`traceroute: number ${text} is not in ${least}..${most} range`)
    return value
  }
  const hops = number('m', 30, 1, 255)
  const first = number('f', 1, 1, hops)
  const probes = number('q', 3, 1, 65_535)
  const given = o.operands[1]
  const least = c.busybox ? 46 : 28
  if (given !== undefined && !/^\d+$/.test(given))
    throw c.busybox
      ? new Fail(`traceroute: invalid number '${given}'`)
      : new Fail(`Cannot handle "packetlen" cmdline arg \`${given}' on position 2 (argc ${c.task.argv.length - 1})`, 2)
  const bytes = given === undefined ? (c.busybox ? 46 : o.has('mtu') ? 65_000 : 60) : Math.max(least, Number(given))
  if (!c.busybox) {
    if (hops > 255) throw new Fail('max hops cannot be more than 255', 2)
    if (first < 1 || first > hops) throw new Fail('first hop out of range', 2)
    if (probes > 10) throw new Fail('no more than 10 probes per hop', 2)
    if (bytes > 65_000) throw new Fail(`too big packetlen ${bytes} specified`, 2)
    const module = o.get('M')
    if (module !== undefined && !MODULES.includes(module)) throw new Fail(`Unknown traceroute module ${module}`, 2)
  }
  const pause = number('z', 0, 0, 86_400)
  // Modern traceroute takes up to ten for seconds.
  return { first, hops, probes, bytes, wait: number('w', 5, 1, 86_400) * 1000, pause: c.busybox || pause > 10 ? pause : pause * 1000 }
}

/** Fails as the kernel does for a device or an address that is not there, and for who may not send so. */
function checkSource(c: Command, o: Options, address: string): void {
  const raw = ['I', 'T', 'D', 'P'].some((letter) => o.has(letter)) || ['icmp', 'tcp', 'raw', 'dccp'].includes(o.get('M') ?? '')
  if (!c.busybox && raw && c.task.uid !== 0)
    throw new Fail('You do not have enough privileges to use this traceroute method.\nsocket: Operation not permitted')
  const device = o.get('i')
  const { ip } = c.task.net
  if (device !== undefined && !['lo', 'eth0', ...dummies(c).map(({ name }) => name)].includes(device))
    throw new Fail(c.busybox ? "traceroute: can't bind to interface: No such device" : 'setsockopt SO_BINDTODEVICE: No such device')
  const source = o.get('s')
  if (
    source !== undefined &&
    source !== ip &&
    source !== '127.0.0.1' &&
    !dummies(c).some(({ addresses }) => addresses.some((each) => each.split('/')[0] === source))
  )
    throw new Fail(c.busybox ? 'traceroute: bind: Cannot assign requested address' : 'bind: Cannot assign requested address')
  if (o.has('g'))
    throw new Fail(
      c.busybox ? 'traceroute: setsockopt(IP_OPTIONS): Operation not permitted' : 'setsockopt IP_OPTIONS: Operation not permitted',
    )
  if (!c.busybox && o.has('fwmark')) throw new Fail('setsockopt SO_MARK: Operation not permitted')
  if (!c.busybox && c.task.uid !== 0 && (o.has('d') || Number(o.get('sport') ?? 1024) < 1024))
    throw new Fail(o.has('d') ? 'setsockopt SO_DEBUG: Permission denied' : 'bind: Permission denied')
  // Without routes only what is on the link can be reached.
  if (o.has('r') && address !== ip && address !== '127.0.0.1' && !isWithin(ip.replace(/\.\d+$/, '.0/24'), address))
    throw new Fail(c.busybox ? 'traceroute: sendto: Network unreachable' : 'connect: Network is unreachable')
}

export function traceroute(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const bad = (fault: string): Fail => {
      const word = /'(-{0,2}[^']*)'/.exec(fault)?.[1] ?? ''
      const option = word.startsWith('-') ? word : `-${word}`
      return new Fail(`Bad option \`${option}' (argc ${Math.max(1, c.task.argv.findIndex((arg) => arg.startsWith(option)))})`, 2)
    }
    const o = c.busybox ? await c.options(BUSYBOX) : await c.optionsOr(MODERN, bad)
    const host = o.operands[0]
    if (!c.busybox && o.has('V'))
      return c.print('Modern traceroute for Linux, version 2.1.2\nCopyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later\n')
    if (!c.busybox && (host === undefined || o.has('h'))) return c.print(`${USAGE}\n`)
    if (host === undefined) throw c.usageError(BUSYBOX)
    const position = c.task.argv.indexOf(host)
    const cannot = (why: string): string => `${host}: ${why}\nCannot handle "host" cmdline arg \`${host}' on position 1 (argc ${position})`
    const way = wayOf(c, o)
    const address = await resolve(c, host, c.busybox ? `traceroute: bad address '${host}'` : cannot('Name or service not known'), c.busybox ? 1 : 2)
    if (!c.busybox && o.has('6') && !isIPv6(address)) throw new Fail(cannot('Address family for hostname not supported'), 2)
    if (!c.busybox && ['I', 'T', 'D', 'P'].some((letter) => o.has(letter))) checkSource(c, o, address)
    await c.print(`traceroute to ${host} (${address}), ${way.hops} hops max, ${way.bytes + (!c.busybox && o.has('g') ? 12 : 0)} byte packets\n`)
    checkSource(c, o, address)
    return follow(c, o, host, address, way)
  })
} // prettier-ignore

/** Goes the way, hop by hop. */
async function follow(c: Command, o: Options, host: string, address: string, way: Way): Promise<number | void> {
  const shown = (at: string, name = at): string => (o.has('n') ? at : `${name} (${at})`)
  const { probes, wait, pause } = way
  for (let ttl = way.first; ttl <= way.hops; ttl++) {
    const at = String(ttl).padStart(2)
    let back: EchoAnswer | undefined
    for (let probe = 0; probe < probes; probe++) {
      if (pause > 0 && (probe > 0 || ttl > way.first)) await c.task.sleep(pause)
      back = await echo(c, address, { id: echoId(c), sequence: ttl * probes + probe, size: Math.min(1472, way.bytes) - 28, ttl }, wait)
    }
    const took = (): string => `  ${(0.004 + c.task.random.next() * 0.01).toFixed(3)} ms`
    // --mtu tells of the largest packet where it is first found.
    const mtu = !c.busybox && o.has('mtu') && ttl === way.first ? ' F=1500' : ''
    const times = (): string => `${took()}${mtu}${Array.from({ length: probes - 1 }, took).join('')}`
    if (back && !c.busybox && o.has('A')) {
      await c.print(`${at}  ${shown(back.address, back.kind === 'reply' ? host : back.address)}`)
      await c.task.writeError('whois.radb.net/nicname: Name or service not known\n')
      return 2
    }
    const length = c.busybox && o.has('v') && back ? ` ${way.bytes - 18} bytes to ${c.task.net.ip}` : ''
    const left = c.busybox && o.has('l') && back ? ` (${back.ttl})` : ''
    if (!back) await c.print(c.busybox ? `${at}${'  *'.repeat(probes)}\n` : `${at} ${' *'.repeat(probes)}\n`)
    else if (back.kind === 'reply') return c.print(`${at}  ${shown(address, host)}${length}${times()}${left}\n`)
    else await c.print(`${at}  ${shown(back.address)}${length}${times()}${left}\n`)
  }
}
