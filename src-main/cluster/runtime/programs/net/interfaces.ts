/** ifconfig and route: what the network of the container looks like. */
import type { Program } from '../../process.js'
import { command, Fail, type Flavour } from '../command.js'

/** A MAC address made of the IPv4 address, as many bridge plugins do. */
export function mac(ip: string): string {
  return `0a:58:${ip
    .split('.')
    .map((n) => Number(n).toString(16).padStart(2, '0'))
    .join(':')}`
}

/** The address of the node's end of a pod's link. */
export function gateway(ip: string): string {
  return ip.replace(/\.\d+$/, '.1')
}

export function ifconfig(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { ip: address } = c.task.net
    const wanted = c.task.argv.slice(1).find((a) => a !== '-a')
    const blocks: Record<string, string> = c.busybox
      ? {
          eth0: `eth0      Link encap:Ethernet  HWaddr ${mac(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${address.replace(/\.\d+$/, '.255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:0 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
          lo: `lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
        }
      : {
          eth0: `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet ${address}  netmask 255.255.255.0  broadcast ${address.replace(/\.\d+$/, '.255')}\n        ether ${mac(address)}  txqueuelen 0  (Ethernet)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`,
          lo: `lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n        inet 127.0.0.1  netmask 255.0.0.0\n        inet6 ::1  prefixlen 128  scopeid 0x10<host>\n        loop  txqueuelen 1000  (Local Loopback)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`,
        }
    if (wanted !== undefined && !Object.hasOwn(blocks, wanted))
      throw new Fail(
        c.busybox
          ? `ifconfig: ${wanted}: error fetching interface information: Device not found`
          : `${wanted}: error fetching interface information: Device not found`,
      )
    await c.print(wanted === undefined ? Object.values(blocks).join('') : blocks[wanted]!)
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
