/** /proc/net: the sockets, interfaces, routes and neighbours of a network. proc(5) */
import { NO_TRAFFIC } from '../network/counters.js'
import { isIPv6 } from '../network/addresses.js'
import type { NetworkNamespace, Socket } from '../network/network.js'
import { unixSockets } from './unix-sockets.js'

const pad = (n: number, width: number): string => String(n).padStart(width)
const hex = (n: number, width: number): string => n.toString(16).toUpperCase().padStart(width, '0')

/** An IPv4 address as the kernel prints it: its bytes from the last to the first. */
const hexAddress = (address: string): string =>
  address
    .split('.')
    .reverse()
    .map((n) => hex(Number(n), 2))
    .join('')

/** An address of either family; `::` and addresses of IPv4 in those of IPv6. */
function hexOf(address: string, wide: boolean): string {
  if (!wide) return hexAddress(address)
  if (isIPv6(address)) return address === '::1' ? '00000000000000000000000001000000' : '0'.repeat(32)
  return `0000000000000000FFFF0000${hexAddress(address)}`
}

const STATES: Readonly<Record<Socket['state'], string>> = {
  ESTABLISHED: '01',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
  UNCONN: '07',
  CLOSE_WAIT: '08',
  LISTEN: '0A',
}

/** /proc/net/tcp, tcp6, udp and udp6: one line for each socket of a protocol and family. */
function sockets(net: NetworkNamespace, protocol: 'TCP' | 'UDP', wide: boolean): string {
  const own = socketsOf(net, protocol, wide)
  const lines = own.map((s, i) => {
    const local = `${hexOf(s.localAddress, wide)}:${hex(s.localPort, 4)}`
    const remote = `${hexOf(s.remoteAddress ?? (wide ? '::' : '0.0.0.0'), wide)}:${hex(s.remotePort ?? 0, 4)}`
    return `${pad(i, 4)}: ${local} ${remote} ${STATES[s.state]} 00000000:00000000 00:00000000 00000000     0        0 ${FIRST_INODE + i} 1\n`
  })
  const titles = wide
    ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
    : '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  return titles + lines.join('')
}

/** The inode of the first socket of a table. */
const FIRST_INODE = 10_000

const socketsOf = (net: NetworkNamespace, protocol: Socket['protocol'], wide: boolean): Socket[] =>
  net.sockets().filter((s) => s.protocol === protocol && isIPv6(s.localAddress) === wide)

/** The inode of a socket, as the tables of /proc/net have it. */
export function inodeOf(net: NetworkNamespace, socket: Socket): number {
  const { protocol, localAddress, localPort, remotePort } = socket
  const own = socketsOf(net, protocol, isIPv6(localAddress))
  return FIRST_INODE + own.findIndex((s) => s.localAddress === localAddress && s.localPort === localPort && s.remotePort === remotePort)
}

function device(net: NetworkNamespace): string {
  const rows = (['lo', 'eth0'] as const).map((link) => {
    const { receivedBytes, receivedPackets, sentBytes, sentPackets } = net.traffic?.(link) ?? NO_TRAFFIC
    const [rx, tx] = [`${pad(receivedBytes, 7)} ${pad(receivedPackets, 7)}`, `${pad(sentBytes, 8)} ${pad(sentPackets, 7)}`]
    return `${link.padStart(6)}: ${rx}    0    0    0     0          0         0 ${tx}    0    0    0     0       0          0\n`
  })
  return `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${rows.join('')}`
}

function routes(net: NetworkNamespace): string {
  const [subnet, gateway] = ['0', '1'].map((last) => hexAddress(net.ip.replace(/\d+$/, last)))
  const row = (to: string, via: string, flags: string, mask: string): string =>
    `${`eth0\t${to}\t${via}\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0`.padEnd(127)}\n`
  const titles = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
  return `${titles.padEnd(127)}\n${row('00000000', gateway!, '0003', '00000000')}${row(subnet!, '00000000', '0001', '00FFFFFF')}`
}

/** The MAC address of an address: made of it, as many bridge plugins do. */
export function mac(ip: string): string {
  const bytes = ip.split('.').map((n) => Number(n).toString(16).padStart(2, '0'))
  return `0a:58:${bytes.join(':')}`
}

function neighbours(net: NetworkNamespace): string {
  const gateway = net.ip.replace(/\d+$/, '1')
  return `IP address       HW type     Flags       HW address            Mask     Device\n${gateway.padEnd(16)} 0x1         0x2         ${mac(gateway)}     *        eth0\n`
}

function unix(net: NetworkNamespace): string {
  const rows = unixSockets(net).map((s) => {
    const [count, flags, state] = s.state === 'LISTEN' ? ['00000002', '00010000', '01'] : ['00000003', '00000000', '03']
    return `${s.inode.toString(16).padStart(16, '0')}: ${count} 00000000 ${flags} 0001 ${state} ${pad(s.inode, 5)}${s.path ? ` ${s.path}` : ''}\n`
  })
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${rows.join('')}`
}

/** The files of /proc/net by name, each with what it says when it is read. */
export function networkFiles(net: NetworkNamespace): Readonly<Record<string, () => string>> {
  return {
    arp: () => neighbours(net),
    dev: () => device(net),
    if_inet6: () => '00000000000000000000000000000001 01 80 10 80       lo\n',
    route: () => routes(net),
    tcp: () => sockets(net, 'TCP', false),
    tcp6: () => sockets(net, 'TCP', true),
    udp: () => sockets(net, 'UDP', false),
    udp6: () => sockets(net, 'UDP', true),
    unix: () => unix(net),
  }
}
