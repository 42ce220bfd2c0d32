/** ifconfig and route: what the network of the container looks like. */
import { NO_TRAFFIC, type Link } from '../../../network/counters.js'
import type { Traffic } from '../../../network/network.js'
import { mac } from '../../proc-net.js'
import type { Program } from '../../process.js'
import { hasCapability } from '../../security.js'
import { command, Fail, type Command, type Flavour } from '../command.js'

/** The address of the node's end of a pod's link. */
export function gateway(ip: string): string {
  return ip.replace(/\.\d+$/, '.1')
}

/** What an interface has carried so far. */
export const trafficOf = (c: Command, link: Link): Traffic => c.task.net.traffic?.(link) ?? NO_TRAFFIC

/** Bytes as ifconfig shows them besides. */
function rounded(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const at = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10))
  return `${(Math.floor((bytes / 1024 ** at) * 10) / 10).toFixed(1)} ${units[at]}`
}

/** One interface as busybox shows it. */
function briefBlock(c: Command, link: Link, address: string): string {
  const { receivedBytes, receivedPackets, sentBytes, sentPackets } = trafficOf(c, link)
  const head =
    link === 'eth0'
      ? `eth0      Link encap:Ethernet  HWaddr ${mac(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${address.replace(/\.\d+$/, '.255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n`
      : 'lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n'
  return `${head}          RX packets:${receivedPackets} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:${sentPackets} errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:${link === 'lo' ? '1000 ' : '0 '}\n          RX bytes:${receivedBytes} (${rounded(receivedBytes)})  TX bytes:${sentBytes} (${rounded(sentBytes)})\n\n`
}

/** One interface as net-tools shows it. */
function fullBlock(c: Command, link: Link, address: string): string {
  const { receivedBytes, receivedPackets, sentBytes, sentPackets } = trafficOf(c, link)
  const head =
    link === 'eth0'
      ? `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet ${address}  netmask 255.255.255.0  broadcast ${address.replace(/\.\d+$/, '.255')}\n        ether ${mac(address)}  txqueuelen 0  (Ethernet)\n`
      : 'lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n        inet 127.0.0.1  netmask 255.0.0.0\n        inet6 ::1  prefixlen 128  scopeid 0x10<host>\n        loop  txqueuelen 1000  (Local Loopback)\n'
  const bytes = (n: number): string => `bytes ${n} (${rounded(n)})`
  return `${head}        RX packets ${receivedPackets}  ${bytes(receivedBytes)}\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets ${sentPackets}  ${bytes(sentBytes)}\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`
}

/** All interfaces as net-tools shows them. */
export const interfaceBlocks = (c: Command): string => (['eth0', 'lo'] as const).map((link) => fullBlock(c, link, c.task.net.ip)).join('')

/** The table of `netstat -i` and `ifconfig -s`. */
export function interfaceTable(c: Command, titled: boolean): string {
  const rows = (['eth0', 'lo'] as const).map((link) => {
    const { receivedPackets: rx, sentPackets: tx } = trafficOf(c, link)
    const number = (n: number, width: number): string => String(n).padStart(width)
    return `${link.padEnd(16)}${number(link === 'lo' ? 65_536 : 1500, 5)} ${number(rx, 8)}      0      0 0      ${number(tx, 8)}      0      0      0 ${link === 'lo' ? 'LRU' : 'BMRU'}\n`
  })
  return `${titled ? 'Kernel Interface table\n' : ''}Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n${rows.join('')}`
}

/** What ifconfig takes for changes: a state, an address, a flag, a setting with its value. */
const CHANGE =
  /^-?(up|down|[\d.]+(\/\d+)?|add|del|netmask|broadcast|mtu|metric|hw|arp|promisc|allmulti|multicast|txqueuelen|pointopoint|dynamic)$/

export function ifconfig(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { ip: address } = c.task.net
    const words = c.task.argv.slice(1)
    const options = words.filter((word) => /^-[a-z]+$/.test(word) && !CHANGE.test(word))
    const [wanted, ...changes] = words.filter((word) => !options.includes(word))
    const unknown = options.find((word) => !/^-(a|s|v)$/.test(word) || (c.busybox && word !== '-a'))
    if (unknown !== undefined && c.busybox)
      throw c.usageError({ short: '', usage: '[-a] [IFACE] [ADDRESS]' }, `invalid option -- '${unknown[1]}'`)
    if (unknown !== undefined)
      throw new Fail(`ifconfig: option \`${unknown}' not recognised.\nifconfig: \`--help' gives usage information.`)
    if (options.includes('-s')) return c.print(interfaceTable(c, false))
    const links = ['eth0', 'lo'] as const
    const chosen = links.filter((link) => wanted === undefined || link === wanted)
    if (chosen.length === 0)
      throw new Fail(
        c.busybox && changes.length === 0
          ? `ifconfig: ${wanted}: error fetching interface information: Device not found`
          : changes.length > 0 ? (c.busybox ? `ifconfig: SIOCGIFFLAGS: No such device` : `${wanted}: ERROR while getting interface flags: No such device`)
          : `${wanted}: error fetching interface information: Device not found`,
      ) // prettier-ignore
    if (changes.length > 0) {
      const { security } = c.task.namespaces
      const why = !security || hasCapability(security, c.task.uid, 'NET_ADMIN') ? 'Operation not supported' : 'Operation not permitted'
      const call = /^[\d.]/.test(changes[0]!) ? 'SIOCSIFADDR' : changes[0] === 'mtu' ? 'SIOCSIFMTU' : 'SIOCSIFFLAGS'
      throw new Fail(c.busybox ? `ifconfig: ${call}: ${why}` : `${call}: ${why}`, c.busybox ? 1 : 255)
    }
    await c.print(chosen.map((link) => (c.busybox ? briefBlock : fullBlock)(c, link, address)).join(''))
  })
}

const ROUTE = { short: 'nNveFC46A:hV', usage: '[{add|del|delete}]\n\nShow or edit kernel routing tables' }
const ROUTE_USAGE = `Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables
       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.

       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.
       route {-V|--version}                  Display version/author and exit.
`

export function route(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const words = c.task.argv.slice(1)
    const verb = words.find((word) => /^(add|del|delete|flush)$/.test(word))
    if (verb !== undefined) return changeRoutes(c, verb)
    const o = c.busybox ? await c.options({ ...ROUTE, short: 'neA:' }) : await c.optionsOr({ ...ROUTE, long: { numeric: 'n', extend: 'e', verbose: 'v', fib: 'F', cache: 'C', version: 'V', inet: '4', inet6: '6' } }, (fault) => new Fail(`${fault}\n${ROUTE_USAGE.trimEnd()}`, 4)) // prettier-ignore
    if (o.has('V')) return c.print('net-tools 2.10\n')
    if (o.has('h')) return c.print(ROUTE_USAGE)
    if (o.operands.length > 0 && !c.busybox) throw new Fail(ROUTE_USAGE.trimEnd(), 4)
    if (o.has('6') || o.get('A') === 'inet6')
      return c.print('Kernel IPv6 routing table\nDestination                    Next Hop                   Flag Met Ref Use If\n')
    const doubled = words.some((word) => /^-[a-z]*e[a-z]*e/.test(word)) || words.filter((word) => /^-[a-z]*e/.test(word)).length > 1
    await c.print(routeTable(c, o.has('n'), doubled ? 'all' : o.has('e') ? 'sizes' : 'metrics'))
  })
}

/** The table of route and netstat -r, with metrics or with the sizes of TCP, or both. */
export function routeTable(c: Command, numeric: boolean, columns: 'metrics' | 'sizes' | 'all'): string {
  const { ip: address } = c.task.net
  const unset = numeric || (!c.busybox && columns !== 'metrics') ? '0.0.0.0' : '*'
  const tail = { metrics: '0      0        0 eth0', sizes: '    0 0          0 eth0', all: '0      0        0 eth0     0     0      0' }[
    columns
  ]
  const titles = {
    metrics: 'Flags Metric Ref    Use Iface',
    sizes: 'Flags   MSS Window  irtt Iface',
    all: 'Flags Metric Ref    Use Iface    MSS   Window irtt',
  }[columns]
  const row = (to: string, via: string, mask: string, flags: string): string =>
    `${to.padEnd(16)}${via.padEnd(16)}${mask.padEnd(16)}${flags.padEnd(6)}${tail}\n`
  const rows =
    row(numeric ? '0.0.0.0' : 'default', gateway(address), '0.0.0.0', 'UG') +
    row(address.replace(/\.\d+$/, '.0'), unset, '255.255.255.0', 'U')
  return `Kernel IP routing table\nDestination     Gateway         Genmask         ${titles}\n${rows}`
}

/** Routes are the node's to make: they stay as they are. */
function changeRoutes(c: Command, verb: string): never {
  const { security } = c.task.namespaces
  const why = !security || hasCapability(security, c.task.uid, 'NET_ADMIN') ? 'Operation not supported' : 'Operation not permitted'
  const call = verb === 'add' ? 'SIOCADDRT' : 'SIOCDELRT'
  throw c.busybox ? new Fail(`route: ${call}: ${why}`) : new Fail(`${call}: ${why}`, 7)
}
