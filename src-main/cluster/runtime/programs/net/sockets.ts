/** netstat and ss: the sockets of the container's network. */
import { isIPv6 } from '../../../network/addresses.js'
import type { Socket } from '../../../network/network.js'
import { commandName } from '../../proc.js'
import { unixSockets, type UnixSocket } from '../../unix-sockets.js'
import type { Program } from '../../process.js'
import { Task } from '../../task.js'
import { command, Fail, type Command, type Flavour, type Options } from '../command.js'
import { FilterFault, socketFilter } from './socket-filter.js'
import { interfaceTable, route } from './interfaces.js'

/**
 * The process that a socket belongs to, where the caller may know: it sees those of its process namespace, and unless it is root
 * only its own user's. A socket of which the network does not know is that of the first process.
 */
function ownerOf(c: Command, owner?: object): { pid: number; name: string } | undefined {
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
function chosen(c: Command, o: Options, inAnyState = false): Socket[] {
  const tcp = o.has('t') || !o.has('u')
  const udp = o.has('u') || !o.has('t')
  const ofFamily = (s: Socket): boolean => o.has('4') === o.has('6') || isIPv6(s.localAddress) === o.has('6')
  return c.task.net.sockets().filter((s) => {
    if ((s.protocol === 'TCP' ? !tcp : !udp) || !ofFamily(s)) return false
    return inAnyState || o.has('a') || (o.has('l') ? isListening(s) : !isListening(s))
  })
}

const NETSTAT = {
  short: 'rnaltuwxpeWcs46io',
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
    'numeric-hosts': 'n',
    'numeric-ports': 'n',
    inet: '4',
    inet6: '6',
  },
  usage: '[-ral] [-tuwx] [-en]',
}

/** The names that net-tools gives to states. */
const STATE: Readonly<Record<string, string>> = { UNCONN: '' }

export function netstat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(NETSTAT)
    if (o.has('r')) return route(flavour)(c.task)
    if (o.has('i') && !c.busybox) return c.print(interfaceTable(c, true))
    if (!o.has('x') || o.has('t') || o.has('u')) await listInternet(c, o)
    if (o.has('x') || (!o.has('t') && !o.has('u') && !o.has('w') && !o.has('4') && !o.has('6'))) await listUnix(c, o)
  })
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

function chosenUnix(c: Command, o: Options): UnixSocket[] {
  return unixSockets(c.task.net).filter((s) => o.has('a') || (s.state === 'LISTEN') === o.has('l'))
}

/** The sockets of TCP and UDP, as netstat lists them. */
async function listInternet(c: Command, o: Options): Promise<void> {
  const programs = o.has('p')
  const what = o.has('a') ? 'servers and established' : o.has('l') ? 'only servers' : 'w/o servers'
  await c.print(
    `Active Internet connections (${what})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${programs ? 'PID/Program name    ' : ''}\n`,
  )
  for (const s of chosen(c, o)) {
    const process = programs ? ownerOf(c, s.owner) : undefined
    const named = programs ? (process ? `${process.pid}/${process.name}` : '-').padEnd(20) : ''
    const local = `${s.localAddress}:${s.localPort}`
    const remote = s.remoteAddress === undefined ? `${isIPv6(s.localAddress) ? '::' : '0.0.0.0'}:*` : `${s.remoteAddress}:${s.remotePort}`
    const protocol = `${s.protocol.toLowerCase()}${!c.busybox && isIPv6(s.localAddress) ? '6' : ''}`
    const state = (STATE[s.state] ?? s.state).padEnd(11)
    await c.print(`${protocol.padEnd(5)}      0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state} ${named}\n`)
  }
}

const SS = {
  short: 'hVnraloemptiusHO46wxdK',
  long: {
    help: 'h',
    version: 'V',
    numeric: 'n',
    all: 'a',
    listening: 'l',
    processes: 'p',
    tcp: 't',
    udp: 'u',
    summary: 's',
    'no-header': 'H',
    ipv4: '4',
    ipv6: '6',
    extended: 'e',
    options: 'o',
    info: 'i',
    memory: 'm',
    unix: 'x',
  },
  usage: '[ OPTIONS ] [ FILTER ]',
}

/** The names that ss gives to states. */
const SS_STATE: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  CLOSE_WAIT: 'CLOSE-WAIT',
  FIN_WAIT2: 'FIN-WAIT-2',
  TIME_WAIT: 'TIME-WAIT',
}

export function ss(): Program {
  return command('coreutils', async (c) => {
    const o = await c.optionsOr(SS, (fault) => new Fail(`${fault}\nUsage: ss ${SS.usage}`, 255))
    if (o.has('V')) return void (await c.print('ss utility, iproute2-6.1.0\n'))
    if (o.has('s')) return summary(c, c.task.net.sockets())
    const sockets = filtered(c, o)
    const files =
      o.has('x') || (!o.has('t') && !o.has('u') && !o.has('4') && !o.has('6') && o.operands.length === 0) ? chosenUnix(c, o) : []
    const netid = o.has('x') || o.has('t') === o.has('u')
    const users = (owner: object | undefined, fd: number): string => {
      const process = o.has('p') ? ownerOf(c, owner) : undefined
      return process ? `users:(("${process.name}",pid=${process.pid},fd=${fd}))` : ''
    }
    const unixRows = files.map(({ state, path, inode, peer }) => [
      ...(netid ? ['u_str'] : []), state, '0', state === 'LISTEN' ? '128' : '0', path || '*', String(inode), '*', String(peer), users(undefined, 5),
    ]) // prettier-ignore
    const rows = (o.has('x') && !o.has('t') && !o.has('u') ? [] : sockets).map((s) => {
      const listening = s.state === 'LISTEN'
      return [
        ...(netid ? [s.protocol.toLowerCase()] : []),
        SS_STATE[s.state] ?? s.state,
        '0',
        listening ? '511' : '0',
        shownAddress(s.localAddress),
        String(s.localPort),
        s.remoteAddress ? shownAddress(s.remoteAddress) : anyPeer(s.localAddress),
        s.remotePort === undefined ? '*' : String(s.remotePort),
        users(s.owner, 6),
      ]
    })
    await c.print(table([...unixRows, ...rows], netid, !o.has('H')))
  })
}

/** The sockets that the options and the filter of ss leave. */
function filtered(c: Command, o: Options): Socket[] {
  try {
    const { namesState, test } = socketFilter(o.operands)
    const [v4, v6] = [o.has('4'), o.has('6')]
    const family = (s: Socket): boolean => v4 === v6 || isIPv6(s.localAddress) === v6
    return chosen(c, o, namesState).filter((s) => family(s) && test(s))
  } catch (error) {
    if (!(error instanceof FilterFault)) throw error
    throw new Fail(`${error.message}\nUsage: ss ${SS.usage}`, 255)
  }
}

/** As ss shows an address: `*` for any of both families. */
function shownAddress(address: string): string {
  if (address === '::') return '*'
  return isIPv6(address) && !address.startsWith('[') ? `[${address}]` : address
}

/** What ss shows for a peer that may be anybody. */
function anyPeer(local: string): string {
  return local === '::' ? '*' : isIPv6(local) ? '[::]' : '0.0.0.0'
}

/** The columns as wide as what is in them; addresses to the right of their column, ports to the left. */
function table(rows: string[][], netid: boolean, header: boolean): string {
  const titles = [...(netid ? ['Netid'] : []), 'State', 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port', 'Process']
  const all = header ? [titles, ...rows] : rows
  const width = titles.map((_, i) => Math.max(0, ...all.map((row) => row[i]!.length)))
  const first = netid ? 1 : 0
  return all
    .map((row) => {
      const cell = (i: number): string => row[i]!.padEnd(width[i]!)
      const [local, remote] = [first + 3, first + 5]
      // A file has no port; its inode stands there.
      const between = row[0] === 'u_str' ? ' ' : ':'
      const address = (i: number): string => `${row[i]!.padStart(width[i]!)}${between}${row[i + 1]!.padEnd(width[i + 1]!)}`
      return `${netid ? `${cell(0)} ` : ''}${cell(first)} ${cell(first + 1)} ${cell(first + 2)} ${address(local)} ${address(remote)} ${row.at(-1)}\n`
    })
    .join('')
}

async function summary(c: Command, sockets: readonly Socket[]): Promise<void> {
  const tcp = sockets.filter((s) => s.protocol === 'TCP')
  const count = (state: string): number => tcp.filter((s) => s.state === state).length
  const udp = sockets.length - tcp.length
  await c.print(
    `Total: ${sockets.length}\nTCP:   ${tcp.length} (estab ${count('ESTABLISHED')}, closed 0, orphaned 0, timewait ${count('TIME_WAIT')})\n\n` +
      `Transport Total     IP        IPv6\nRAW\t  0         0         0        \nUDP\t  ${String(udp).padEnd(10)}${String(udp).padEnd(10)}0        \n` +
      `TCP\t  ${String(tcp.length).padEnd(10)}${String(tcp.length).padEnd(10)}0        \nINET\t  ${String(sockets.length).padEnd(10)}${String(sockets.length).padEnd(10)}0        \nFRAG\t  0         0         0        \n\n`,
  )
}
