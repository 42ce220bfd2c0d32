/** netstat: the sockets of the container's network, and what it shares with ss. */
import { isIPv6 } from '../../../network/addresses.js'
import type { Socket } from '../../../network/network.js'
import { commandName } from '../../proc.js'
import { unixSockets, type UnixSocket } from '../../unix-sockets.js'
import type { Program } from '../../process.js'
import { Task } from '../../task.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { inodeOf } from '../../proc-net.js'
import { interfaceBlocks, interfaceTable, routeTable, trafficOf } from './interfaces.js'

/**
 * The process that a socket belongs to, where the caller may know: it sees those of its process namespace, and unless it is root
 * only its own user's. A socket of which the network does not know is that of the first process.
 */
export function ownerOf(c: Command, owner?: object): { pid: number; name: string } | undefined {
  const { pids } = c.task.namespaces
  const process = owner instanceof Task ? owner : pids.init
  if (!process || (c.task.uid !== 0 && process.uid !== c.task.uid) || !pids.list().includes(process)) return undefined
  return { pid: process.pid, name: commandName(process) }
}

const isListening = (s: Socket): boolean => s.state === 'LISTEN' || s.state === 'UNCONN'

/**
 * The sockets that the options of either program ask for; without one of a protocol, of all.
 * @param inAnyState whether the options of states do not count
 */
export function chosen(c: Command, o: Options, inAnyState = false): Socket[] {
  const tcp = o.has('t') || !o.has('u')
  const udp = o.has('u') || !o.has('t')
  const ofFamily = (s: Socket): boolean => o.has('4') === o.has('6') || isIPv6(s.localAddress) === o.has('6')
  return c.task.net.sockets().filter((s) => {
    if ((s.protocol === 'TCP' ? !tcp : !udp) || !ofFamily(s)) return false
    return inAnyState || o.has('a') || (o.has('l') ? isListening(s) : !isListening(s))
  })
}

const NETSTAT = {
  short: 'rnaltuwxpeWcs46iogMVvNSCFUZ',
  long: {
    all: 'a',
    listening: 'l',
    listen: 'l',
    tcp: 't',
    udp: 'u',
    raw: 'w',
    unix: 'x',
    numeric: 'n',
    program: 'p',
    programs: 'p',
    route: 'r',
    interfaces: 'i',
    statistics: 's',
    continuous: 'c',
    extend: 'e',
    wide: 'W',
    timers: 'o',
    groups: 'g',
    masquerade: 'M',
    version: 'V',
    verbose: 'v',
    symbolic: 'N',
    sctp: 'S',
    udplite: 'U',
    fib: 'F',
    cache: 'C',
    'numeric-users': 'n',
    'numeric-hosts': 'n',
    'numeric-ports': 'n',
    inet: '4',
    inet6: '6',
  },
  usage: '[-ral] [-tuwx] [-en]',
}

/** The multicast groups that every container is in. */
const GROUPS = ['lo              1      224.0.0.1', 'eth0            1      224.0.0.1', 'lo              1      ff02::1', 'lo              1      ff01::1', 'eth0            1      ff02::1', 'eth0            1      ff01::1']
  .map((line) => `${line}\n`)
  .join('') // prettier-ignore

/** netstat -s, as far as the network counts: packets, and connections that are open. */
function statistics(c: Command): string {
  const links = (['lo', 'eth0'] as const).map((link) => trafficOf(c, link))
  const sum = (pick: (traffic: (typeof links)[number]) => number): number => links.reduce((total, each) => total + pick(each), 0)
  const [received, sent] = [sum((t) => t.receivedPackets), sum((t) => t.sentPackets)]
  const bytes = [sum((t) => t.receivedBytes), sum((t) => t.sentBytes)]
  const open = c.task.net.sockets().filter((s) => s.protocol === 'TCP' && s.state === 'ESTABLISHED').length
  return `Ip:\n    Forwarding: 1\n    ${received} total packets received\n    0 forwarded\n    0 incoming packets discarded\n    ${received} incoming packets delivered\n    ${sent} requests sent out\nTcp:\n    ${open} connections established\nIpExt:\n    InOctets: ${bytes[0]}\n    OutOctets: ${bytes[1]}\n`
}

/** The names that net-tools gives to states. */
const STATE: Readonly<Record<string, string>> = { UNCONN: '' }

export function netstat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...NETSTAT, short: 'rnaltuwxpeW' } : NETSTAT)
    if (o.has('V')) return c.print('net-tools 2.10\n')
    if (o.has('M')) throw new Fail("netstat: no support for `ip_masquerade' on this system.")
    if (o.has('S')) await c.task.writeError("netstat: no support for `AF INET (sctp)' on this system.\n")
    const shown = (): Promise<void> => show(c, o)
    await shown()
    // With -c it goes on until somebody ends it.
    while (o.has('c')) {
      await c.task.sleep(1000)
      await shown()
    }
    return o.has('S') ? 1 : 0
  })
}

async function show(c: Command, o: Options): Promise<void> {
  if (o.has('r')) return c.print(routeTable(c, o.has('n'), c.busybox ? 'metrics' : 'sizes'))
  if (o.has('i') && o.has('e')) return c.print(`Kernel Interface table\n${interfaceBlocks(c)}`)
  if (o.has('i')) return c.print(interfaceTable(c, true))
  if (o.has('g'))
    return c.print(`IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n${GROUPS}`)
  if (o.has('s')) return c.print(statistics(c))
  if (o.has('S'))
    return c.print(
      'Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State      \n',
    )
  if (!o.has('x') || o.has('t') || o.has('u')) await listInternet(c, o)
  if (o.has('x') || (!o.has('t') && !o.has('u') && !o.has('w') && !o.has('4') && !o.has('6'))) await listUnix(c, o)
}

/** The sockets that are files, as netstat lists them. */
async function listUnix(c: Command, o: Options): Promise<void> {
  const what = o.has('a') ? 'servers and established' : o.has('l') ? 'only servers' : 'w/o servers'
  const programs = o.has('p')
  await c.print(
    `Active UNIX domain sockets (${what})\nProto RefCnt Flags       Type       State         I-Node   ${programs ? 'PID/Program name     ' : ''}Path\n`,
  )
  for (const { inode, state, path } of chosenUnix(c, o)) {
    const [count, flags, shown] = state === 'LISTEN' ? ['2 ', '[ ACC ]', 'LISTENING'] : ['3 ', '[ ]', 'CONNECTED']
    const process = ownerOf(c)
    const named = programs ? (process ? `${process.pid}/${process.name}` : '-').padEnd(21) : ''
    await c.print(`unix  ${count.padEnd(7)}${flags.padEnd(12)}STREAM     ${shown.padEnd(13)} ${String(inode).padEnd(8)} ${named}${path}\n`)
  }
}

/** The sockets that are files which the options of states leave. */
export function chosenUnix(c: Command, o: Options): UnixSocket[] {
  return unixSockets(c.task.net).filter((s) => o.has('a') || (s.state === 'LISTEN') === o.has('l'))
}

/** The sockets of TCP and UDP, as netstat lists them. */
async function listInternet(c: Command, o: Options): Promise<void> {
  const [extended, timers] = [o.has('e') && !c.busybox, o.has('o') && !c.busybox]
  const programs = o.has('p')
  const what = o.has('a') ? 'servers and established' : o.has('l') ? 'only servers' : 'w/o servers'
  await c.print(
    `Active Internet connections (${what})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${extended ? 'User       Inode      ' : ''}${programs ? 'PID/Program name    ' : ''}${timers ? 'Timer' : ''}\n`,
  )
  for (const s of chosen(c, o)) {
    const process = programs ? ownerOf(c, s.owner) : undefined
    const named = programs ? (process ? `${process.pid}/${process.name}` : '-').padEnd(20) : ''
    const local = `${s.localAddress}:${s.localPort}`
    const remote = s.remoteAddress === undefined ? `${isIPv6(s.localAddress) ? '::' : '0.0.0.0'}:*` : `${s.remoteAddress}:${s.remotePort}`
    const protocol = `${s.protocol.toLowerCase()}${!c.busybox && isIPv6(s.localAddress) ? '6' : ''}`
    const state = (STATE[s.state] ?? s.state).padEnd(11)
    await c.print(
      `${protocol.padEnd(5)}      0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state} ${extended ? extra(c, s) : ''}${named}${timers ? 'off (0.00/0/0)' : ''}\n`,
    )
  }
}

/** Whose a socket is, and its inode, as netstat -e shows them. */
function extra(c: Command, s: Socket): string {
  const owner = s.owner instanceof Task ? s.owner : c.task.namespaces.pids.init
  return `${accountName(c, owner?.uid ?? 0).padEnd(10)} ${String(inodeOf(c.task.net, s)).padEnd(10)} `
}

function accountName(c: Command, uid: number): string {
  const lines = c.fs.exists('/etc/passwd') ? c.fs.readText('/etc/passwd').split('\n') : []
  return lines.find((line) => line.split(':')[2] === String(uid))?.split(':')[0] ?? String(uid)
}
