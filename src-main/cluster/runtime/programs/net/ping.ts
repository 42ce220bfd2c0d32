/** ping, of iputils and of busybox. */
import { isIPv6 } from '../../../network/addresses.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { isAddress } from './connection.js'
import { dummies } from './ip-links.js'
import { echo, echoId, resolve } from './probe.js'

const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).`

const SPEC = { short: '46aAbBc:CdDe:fF:hi:I:l:Lm:M:nN:Op:qQ:rRs:S:t:T:UvVw:W:', usage: USAGE }
const BUSYBOX = { short: '46c:i:w:W:s:qt:I:Anvp:', usage: '[OPTIONS] HOST\n\nSend ICMP ECHO_REQUESTs to HOST' }
/** The largest packet that the links of pods carry. */
const MTU = 1500

/** What ping shows of the interface or address that -I names; ends it for one that is not there. */
function sourceOf(c: Command, named: string | undefined): string {
  if (named === undefined) return ''
  const { ip } = c.task.net
  const addresses: Readonly<Record<string, string>> = { eth0: ip, lo: '127.0.0.1' }
  if (isAddress(named)) {
    if (!Object.values(addresses).includes(named))
      throw c.busybox ? new Fail("ping: can't set multicast source interface") : new Fail('ping: bind: Cannot assign requested address', 2)
    return c.busybox ? ` from ${named}` : ` from ${named} :`
  }
  const address = addresses[named] ?? dummies(c).find(({ name }) => name === named)?.addresses[0]
  if (address === undefined)
    throw c.busybox ? new Fail(`ping: bad address '${named}'`) : new Fail(`ping: SO_BINDTODEVICE ${named}: No such device`, 2)
  return c.busybox ? '' : ` from ${address.split('/')[0]} ${named}:`
}

/** The number of an option within its bounds. Throws {@link Fail} in the words of the program. */
function numberOf(c: Command, o: Options, letter: string, otherwise: number, least: number, most: number, fraction = false): number {
  const text = o.get(letter)
  if (text === undefined) return otherwise
  const valid = fraction ? /^\d+(\.\d+)?$/.test(text) : /^\d+$/.test(text)
  const value = Number(text)
  if (valid && value >= least && value <= most) return value
  if (c.busybox) throw new Fail(valid ? `ping: number ${text} is not in ${least}..${most} range` : `ping: invalid number '${text}'`)
  const bounds = most === Infinity ? '9223372036854775807' : String(most)
  throw new Fail(`ping: invalid argument: '${text}'${valid ? `: out of range: ${least} <= value <= ${bounds}` : ''}`)
}

/** Refuses what iputils refuses before it sends anything. */
function checkWords(o: Options): void {
  const pattern = o.get('p')
  if (pattern !== undefined && !/^[0-9a-f]+$/i.test(pattern))
    throw new Fail(`ping: patterns must be specified as hex digits: ${pattern}`, 2)
  const mtu = o.get('M')
  if (mtu !== undefined && !['do', 'dont', 'want', 'probe'].includes(mtu)) throw new Fail(`ping: invalid -M argument: ${mtu}`, 2)
  const stamp = o.get('T')
  if (stamp !== undefined && !['tsonly', 'tsandaddr', 'tsprespec'].includes(stamp.split(' ')[0]!))
    throw new Fail(`ping: invalid timestamp type: ${stamp}`, 2)
}

export function ping(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = c.busybox ? await c.options(BUSYBOX) : await c.optionsOr(SPEC, (fault) => new Fail(`${fault}\n${USAGE}`, 2))
    if (!c.busybox && o.has('V'))
      return c.print('ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n')
    if (!c.busybox && o.has('h')) throw new Fail(USAGE, 2)
    const host = o.operands[0]
    if (host === undefined) throw new Fail(c.busybox ? c.usageError(BUSYBOX).message : 'ping: usage error: Destination address required')
    if (!c.busybox) checkWords(o)
    const count = numberOf(c, o, 'c', Infinity, 1, c.busybox ? 2_147_483_647 : Infinity)
    const size = numberOf(c, o, 's', 56, 0, c.busybox ? 65_535 : 65_507)
    const ttl = numberOf(c, o, 't', 64, c.busybox ? 1 : 0, 255)
    const preload = c.busybox ? 1 : numberOf(c, o, 'l', 1, 1, 65_536)
    if (preload > 3 && c.task.uid !== 0) throw new Fail(`ping: cannot set preload to value greater than 3: ${preload}`, 2)
    const adaptive = o.has('A') || (!c.busybox && o.has('f'))
    const interval = o.has('i') || !adaptive ? numberOf(c, o, 'i', 1, 0, 1_000_000, true) * 1000 : 0
    const wait = numberOf(c, o, 'W', 1, 0, 1_000_000, true) * 1000
    const deadline = o.has('w') ? c.task.clock.now() + numberOf(c, o, 'w', 0, 0, 2_147_483, true) * 1000 : Infinity
    const unknown = c.busybox ? `ping: bad address '${host}'` : `ping: ${host}: Name or service not known`
    const address = await resolve(c, host, unknown, c.busybox ? 1 : 2)
    const six = isIPv6(address)
    if (!c.busybox && ((o.has('6') && !six) || (o.has('4') && six)))
      throw new Fail(`ping: ${host}: ${isAddress(host) ? 'Address family for hostname not supported' : 'Address family for hostname not supported'}`, 2)
    const { ip } = c.task.net
    const near = address === '127.0.0.1' ? address : ip
    const from = !c.busybox && o.has('B') && !o.has('I') ? ` from ${near} :` : sourceOf(c, o.get('I'))
    if (!c.busybox && o.has('v'))
      await c.task.writeError(`ping: sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW), hints.ai_family: AF_UNSPEC\n\nai->ai_family: ${six ? 'AF_INET6' : 'AF_INET'}, ai->ai_canonname: '${host}'\n`)
    if (!c.busybox && o.has('p')) await c.print(`PATTERN: 0x${o.get('p')!.toLowerCase()}\n`)
    // Routers of the network drop packets with options of IP.
    const dropped = !c.busybox && (o.has('R') || o.has('T'))
    await c.print(
      c.busybox
        ? `PING ${host} (${address})${from}: ${size} data bytes\n`
        : six
          ? `PING ${host}(${address})${from} ${size} data bytes\n`
          : `PING ${host} (${address})${from} ${size}(${size + (dropped ? 68 : 28)}) bytes of data.\n`,
    )
    const started = c.task.clock.now()
    const times: number[] = []
    let [sent, heard, errors] = [0, 0, 0]
    /** When something was last sent or heard. */
    let last = started
    /** Times are in the packet, when there is room for them. */
    const timed = size >= 16
    const summary = (): Promise<void> => {
      const loss = sent === 0 ? 0 : Math.round(((sent - heard) / sent) * 1_000_000) / 10_000
      const [min, max] = [Math.min(...times), Math.max(...times)]
      const average = times.reduce((a, b) => a + b, 0) / times.length
      const deviation = Math.sqrt(times.reduce((a, t) => a + (t - average) ** 2, 0) / times.length)
      const failed = errors > 0 ? ` +${errors} errors,` : ''
      const lost = c.busybox ? Math.floor(loss) : Number(loss.toPrecision(6))
      const head = c.busybox
        ? `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${heard} packets received, ${lost}% packet loss\n`
        : `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${heard} received,${failed} ${lost}% packet loss, time ${Math.round(last - started)}ms\n`
      const ipg = sent > 1 ? ((last - started) / (sent - 1)).toFixed(3) : '0.000'
      const tail =
        times.length === 0
          ? c.busybox ? '' : '\n'
          : c.busybox
            ? `round-trip min/avg/max = ${min.toFixed(3)}/${average.toFixed(3)}/${max.toFixed(3)} ms\n`
            : `rtt min/avg/max/mdev = ${min.toFixed(3)}/${average.toFixed(3)}/${max.toFixed(3)}/${deviation.toFixed(3)} ms${adaptive && sent > 1 ? `, ipg/ewma ${ipg}/${average.toFixed(3)} ms` : ''}\n`
      return c.print(head + tail)
    }
    let interrupted = false
    c.task.onSignal('INT', () => {
      interrupted = true
      void summary()
        .then(
          () => c.task.exit(heard > 0 ? 0 : 1),
          () => undefined,
        )
        .catch(() => undefined)
    })
    const flood = !c.busybox && o.has('f')
    const stamp = (): string => {
      const now = c.task.clock.now()
      return !c.busybox && o.has('D') ? `[${Math.floor(now / 1000)}.${String(Math.floor((now % 1000) * 1000)).padStart(6, '0')}] ` : ''
    }
    const say = async (line: string): Promise<void> => void (o.has('q') || flood || (await c.print(`${stamp()}${line}\n`)))
    const tooLong = !c.busybox && o.get('M') === 'do' && size + 28 > MTU && near !== '127.0.0.1' && address !== ip
    for (let i = 0; i < count && !interrupted && c.task.clock.now() < deadline; i++) {
      sent++
      last = c.task.clock.now()
      if (flood && !o.has('q')) await c.print('.')
      const sequence = c.busybox ? i : i + 1
      const patience = Math.min(wait, Math.max(0, deadline - c.task.clock.now()))
      const back = tooLong || dropped ? undefined : await echo(c, address, { id: echoId(c), sequence, size, ttl }, patience)
      if (tooLong) {
        errors++
        await c.task.writeError(`ping: local error: message too long, mtu=${MTU}\n`)
      } else if (dropped) await c.task.sleep(patience)
      if (back?.kind === 'time exceeded' && !c.busybox) {
        errors++
        await say(`From ${back.address} icmp_seq=${sequence} Time to live exceeded`)
      }
      if (back?.kind === 'reply') {
        last = c.task.clock.now()
        heard++
        const ms = 0.04 + c.task.random.next() * 0.06
        if (timed) times.push(ms)
        const bell = !c.busybox && o.has('a') ? '\u0007' : ''
        const ident = !c.busybox && o.has('v') ? ` ident=${echoId(c)}` : ''
        const time = timed ? ` time=${ms.toFixed(3)} ms` : ''
        if (flood && !o.has('q')) await c.print('\b \b')
        await say(c.busybox ? `${size + 8} bytes from ${address}: seq=${i} ttl=${back.ttl}${time}` : `${bell}${size + 8} bytes from ${address}: icmp_seq=${sequence}${ident} ttl=${back.ttl}${time}`)
      } else if (!c.busybox && o.has('O') && !tooLong && back === undefined && i + 1 < count) await say(`no answer yet for icmp_seq=${sequence}`)
      if (i + 1 < count && i + 1 >= preload) await c.task.sleep(Math.min(interval, Math.max(0, deadline - c.task.clock.now())))
    }
    await summary()
    return heard > 0 && (count === Infinity || deadline === Infinity || heard >= count) ? 0 : 1
  })
} // prettier-ignore
