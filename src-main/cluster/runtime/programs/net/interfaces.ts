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

export function route(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { ip: address } = c.task.net
    const row = (values: string[]): string =>
      `${values[0]!.padEnd(16)}${values[1]!.padEnd(16)}${values[2]!.padEnd(16)}${values[3]!.padEnd(6)}0      0        0 eth0\n`
    const numeric = c.task.argv.includes('-n')
    await c.print(
      `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n${row([numeric ? '0.0.0.0' : 'default', gateway(address), '0.0.0.0', 'UG'])}${row([address.replace(/\.\d+$/, '.0'), numeric ? '0.0.0.0' : '*', '255.255.255.0', 'U'])}`,
    )
  })
}
