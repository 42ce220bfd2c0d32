/** ip, ifconfig, route: what the network of the container looks like. */
import type { Program } from '../../process.js'
import { hasCapability } from '../../security.js'
import { command, Fail, type Command, type Flavour } from '../command.js'

/** A MAC address made of the IPv4 address, as many bridge plugins do. */
function mac(ip: string): string {
  return `0a:58:${ip
    .split('.')
    .map((n) => Number(n).toString(16).padStart(2, '0'))
    .join(':')}`
}

function gateway(ip: string): string {
  return ip.replace(/\.\d+$/, '.1')
}

/** Changing interfaces wants CAP_NET_ADMIN. What is changed is not kept. */
function mayAdminister(c: Command): void {
  const { security } = c.task.namespaces
  if (!security || hasCapability(security, c.task.uid, 'NET_ADMIN')) return
  throw new Fail(c.busybox ? 'ip: RTNETLINK answers: Operation not permitted' : 'RTNETLINK answers: Operation not permitted', 2)
}

export function ip(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1).filter((a) => !/^-(4|o|c|br|brief|color.*|s|d)$/.test(a))
    const brief = c.task.argv.includes('-br') || c.task.argv.includes('-brief')
    const what = args[0] ?? ''
    const { ip: address } = c.task.net
    if (what === '')
      throw new Fail(
        c.busybox
          ? c.usageError({ short: '', usage: '[OPTIONS] address|route|link|neigh|rule [ARGS]' }).message
          : 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename',
        c.busybox ? 1 : 255,
      )
    if ('address'.startsWith(what) && what[0] === 'a') {
      if (brief)
        return void (await c.print(`lo               UNKNOWN        127.0.0.1/8 \neth0@if2         UP             ${address}/24 \n`))
      return void (await c.print(
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n` +
          `2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    link/ether ${mac(address)} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    inet ${address}/24 brd ${address.replace(/\.\d+$/, '.255')} scope global eth0\n       valid_lft forever preferred_lft forever\n`,
      ))
    }
    if ('link'.startsWith(what)) {
      if (/^(add|del|delete|set|change|replace)$/.test(args[1] ?? '')) return mayAdminister(c)
      return void (await c.print(
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n    link/ether ${mac(address)} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n`,
      ))
    }
    if ('route'.startsWith(what)) {
      if (args[1] === 'get')
        return void (await c.print(`${args[2]} via ${gateway(address)} dev eth0 src ${address} uid ${c.task.uid} \n    cache \n`))
      return void (await c.print(
        `default via ${gateway(address)} dev eth0 \n${address.replace(/\.\d+$/, '.0')}/24 dev eth0 ${c.busybox ? 'scope link' : 'proto kernel scope link'}  src ${address} \n`,
      ))
    }
    if ('neighbour'.startsWith(what) || 'neighbor'.startsWith(what))
      return void (await c.print(`${gateway(address)} dev eth0 lladdr ${mac(gateway(address))} REACHABLE\n`))
    throw new Fail(`Object "${what}" is unknown, try "ip help".`, 1)
  })
}

export function ifconfig(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { ip: address } = c.task.net
    const wanted = c.task.argv.slice(1).find((a) => a !== '-a')
    const blocks: Record<string, string> = c.busybox
      ? {
          eth0: `eth0      Link encap:Ethernet  HWaddr ${mac(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${address.replace(/\.\d+$/, '.255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:0 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
          lo: `lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
        }
      : {
          eth0: `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet ${address}  netmask 255.255.255.0  broadcast ${address.replace(/\.\d+$/, '.255')}\n        ether ${mac(address)}  txqueuelen 0  (Ethernet)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`,
          lo: `lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n        inet 127.0.0.1  netmask 255.0.0.0\n        loop  txqueuelen 1000  (Local Loopback)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`,
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
