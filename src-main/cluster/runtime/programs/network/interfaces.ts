/** What the network looks like from inside: ip, ifconfig, route, netstat, ss, arp. */
import type { Process, Program } from '../../process.js'

/** The interface towards the cluster: pods have a veth with a /24 behind the bridge .1. */
function eth0(p: Process): { address: string; network: string; gateway: string; mac: string } {
  const address = p.net.ip
  const parts = address.split('.')
  const hex = (n: string | undefined): string =>
    Number(n ?? 0)
      .toString(16)
      .padStart(2, '0')
  return {
    address,
    network: `${parts.slice(0, 3).join('.')}.0`,
    gateway: `${parts.slice(0, 3).join('.')}.1`,
    mac: `9a:${parts.map(hex).join(':')}:7e`.slice(0, 17),
  }
}

export const ip: Program = async (p) => {
  const args = p.argv.slice(1).filter((a) => !/^-(4|6|o|br|c|color|brief)$/.test(a))
  const brief = p.argv.includes('-br') || p.argv.includes('-brief')
  const what = args[0] ?? ''
  const { address, network, gateway, mac } = eth0(p)
  const is = (word: string): boolean => what.length > 0 && word.startsWith(what)
  if (is('route')) {
    await p.write(`default via ${gateway} dev eth0 \n${network}/24 dev eth0 scope link  src ${address} \n`)
    return 0
  }
  if (is('address') || is('link')) {
    if (brief) {
      await p.write(
        is('link')
          ? `lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \neth0@if2         UP             ${mac} <BROADCAST,MULTICAST,UP,LOWER_UP> \n`
          : `lo               UNKNOWN        127.0.0.1/8 ::1/128 \neth0@if2         UP             ${address}/24 \n`,
      )
      return 0
    }
    const inet = (text: string): string => (is('address') ? text : '')
    await p.write(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue ${is('link') ? 'mode DEFAULT ' : ''}qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${inet('    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n')}` +
        `2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue ${is('link') ? 'mode DEFAULT ' : ''}\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff\n${inet(`    inet ${address}/24 brd ${network.replace(/0$/, '255')} scope global eth0\n       valid_lft forever preferred_lft forever\n`)}`,
    )
    return 0
  }
  await p.writeError(
    what ? `ip: invalid argument '${what}' to 'ip'\n` : 'Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]\n',
  )
  return 1
}

export const ifconfig: Program = async (p) => {
  const { address, network, mac } = eth0(p)
  const wanted = p.argv[1]
  const blocks: Record<string, string> = {
    eth0: `eth0      Link encap:Ethernet  HWaddr ${mac.toUpperCase()}  \n          inet addr:${address}  Bcast:${network.replace(/0$/, '255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n          RX packets:12 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:9 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:0 \n          RX bytes:1032 (1.0 KiB)  TX bytes:726 (726.0 B)\n\n`,
    lo: `lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
  }
  if (wanted && wanted !== '-a' && !blocks[wanted]) {
    await p.writeError(`ifconfig: ${wanted}: error fetching interface information: Device not found\n`)
    return 1
  }
  await p.write(wanted && wanted !== '-a' ? blocks[wanted]! : `${blocks.eth0}${blocks.lo}`)
  return 0
}

export const route: Program = async (p) => {
  const { network, gateway } = eth0(p)
  await p.write(
    `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\ndefault         ${gateway.padEnd(15)} 0.0.0.0         UG    0      0        0 eth0\n${network.padEnd(15)} 0.0.0.0         255.255.255.0   U     0      0        0 eth0\n`,
  )
  return 0
}

/** Listening ports, as `netstat -tln` prints them. */
export const netstat: Program = async (p) => {
  const flags = p.argv
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
  if (flags.includes('r')) return route(p)
  const listening = /[la]/.test(flags)
  await p.write(
    `Active Internet connections (${flags.includes('a') ? 'servers and established' : listening ? 'only servers' : 'w/o servers'})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${flags.includes('p') ? 'PID/Program name    ' : ''}\n`,
  )
  if (listening)
    for (const l of sorted(p))
      await p.write(
        `tcp        0      0 ${`${l.address}:${l.port}`.padEnd(23)} ${'0.0.0.0:*'.padEnd(23)} LISTEN      ${flags.includes('p') ? '-                   ' : ''}\n`,
      )
  return 0
}

/** Listening ports, as `ss -tln` prints them. */
export const ss: Program = async (p) => {
  const flags = p.argv
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
  await p.write('State    Recv-Q   Send-Q     Local Address:Port      Peer Address:Port  Process  \n')
  if (/[la]/.test(flags))
    for (const l of sorted(p))
      await p.write(`LISTEN   0        511        ${`${l.address}:${l.port}`.padStart(18)}           0.0.0.0:*                \n`)
  return 0
}

function sorted(p: Process): { address: string; port: number }[] {
  return [...p.net.listeners()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1))
}

export const traceroute: Program = async (p) => {
  const name = p.argv.slice(1).find((a) => !a.startsWith('-'))
  if (!name) {
    await p.writeError('Usage: traceroute [-46FIlnrv] [-f 1ST_TTL] [-m MAXTTL] HOST [BYTES]\n')
    return 1
  }
  let address: string
  try {
    address = (await p.net.resolve(name))[0]!
  } catch {
    await p.writeError(`traceroute: bad address '${name}'\n`)
    return 1
  }
  const ms = (): string => `${(0.01 + p.random.next() * 0.02).toFixed(3)} ms`
  const { gateway, network } = eth0(p)
  await p.write(`traceroute to ${name} (${address}), 30 hops max, 46 byte packets\n`)
  const hops = address.startsWith(network.replace(/0$/, '')) ? [address] : [gateway, address]
  for (const [i, hop] of hops.entries()) await p.write(`${String(i + 1).padStart(2)}  ${hop} (${hop})  ${ms()}  ${ms()}  ${ms()}\n`)
  return 0
}
