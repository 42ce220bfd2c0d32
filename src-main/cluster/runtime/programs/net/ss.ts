/** ss: the sockets of the container's network, as iproute2 lists them. */
import { isIPv6 } from '../../../network/addresses.js'
import type { Socket } from '../../../network/network.js'
import { inodeOf } from '../../proc-net.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { hostEntries } from './names.js'
import { serviceName } from './services.js'
import { FilterFault, socketFilter } from './socket-filter.js'
import { chosen, chosenUnix, ownerOf } from './sockets.js'

const USAGE = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -r, --resolve       resolve host names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -o, --options       show timer information
   -e, --extended      show detailed socket information
   -m, --memory        show socket memory usage
   -p, --processes     show process using socket
   -T, --threads       show thread using socket
   -i, --info          show internal TCP information
       --tipcinfo      show internal tipc socket information
   -s, --summary       show socket usage summary
       --tos           show tos and priority information
       --cgroup        show cgroup information
   -b, --bpf           show bpf filter socket information
   -E, --events        continually display sockets as they are destroyed
   -Z, --context       display task SELinux security contexts
   -z, --contexts      display task and socket SELinux security contexts
   -N, --net           switch to the specified network namespace name

   -4, --ipv4          display only IP version 4 sockets
   -6, --ipv6          display only IP version 6 sockets
   -0, --packet        display PACKET sockets
   -t, --tcp           display only TCP sockets
   -M, --mptcp         display only MPTCP sockets
   -S, --sctp          display only SCTP sockets
   -u, --udp           display only UDP sockets
   -d, --dccp          display only DCCP sockets
   -w, --raw           display only RAW sockets
   -x, --unix          display only Unix domain sockets
       --tipc          display only TIPC sockets
       --vsock         display only vsock sockets
       --xdp           display only XDP sockets
   -f, --family=FAMILY display sockets of type FAMILY
       FAMILY := {inet|inet6|link|unix|netlink|vsock|tipc|xdp|help}

   -K, --kill          forcibly close sockets, display what was closed
   -H, --no-header     Suppress header line
   -O, --oneline       socket's data printed on a single line
       --inet-sockopt  show various inet socket options

   -A, --query=QUERY, --socket=QUERY
       QUERY := {all|inet|tcp|mptcp|udp|raw|unix|unix_dgram|unix_stream|unix_seqpacket|packet|packet_raw|packet_dgram|netlink|dccp|sctp|vsock_stream|vsock_dgram|tipc|xdp}[,QUERY]

   -D, --diag=FILE     Dump raw information about TCP sockets to FILE
   -F, --filter=FILE   read filter information from FILE
       FILTER := [ state STATE-FILTER ] [ EXPRESSION ]
       STATE-FILTER := {all|connected|synchronized|bucket|big|TCP-STATES}
         TCP-STATES := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|closed|close-wait|last-ack|listening|closing}
          connected := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|close-wait|last-ack|closing}
       synchronized := {established|syn-recv|fin-wait-{1,2}|time-wait|close-wait|last-ack|closing}
             bucket := {syn-recv|time-wait}
                big := {established|syn-sent|fin-wait-{1,2}|closed|close-wait|last-ack|listening|closing}`

const SS = {
  short: 'hVnraloemptiusHO46wxdKbZzN:Ef:A:D:F:0SMT',
  long: {
    help: 'h', version: 'V', numeric: 'n', resolve: 'r', all: 'a', listening: 'l', options: 'o', extended: 'e', memory: 'm', processes: 'p',
    threads: 'T', info: 'i', tipcinfo: 'tipcinfo', summary: 's', tos: 'tos', cgroup: 'cgroup', bpf: 'b', events: 'E', context: 'Z',
    contexts: 'z', 'net=': 'N', ipv4: '4', ipv6: '6', packet: '0', tcp: 't', mptcp: 'M', sctp: 'S', udp: 'u', dccp: 'd', raw: 'w', unix: 'x',
    tipc: 'tipc', vsock: 'vsock', xdp: 'xdp', 'family=': 'f', kill: 'K', 'no-header': 'H', oneline: 'O', 'inet-sockopt': 'inet-sockopt',
    'query=': 'A', 'socket=': 'A', 'diag=': 'D', 'filter=': 'F',
  },
  usage: '',
} // prettier-ignore

/** What -A names, of which a container has those of these three protocols. */
const TABLES: Readonly<Record<string, string>> = {
  all: 'tux', inet: 'tu', tcp: 't', udp: 'u', raw: 'w', unix: 'x', unix_stream: 'x', unix_dgram: 'w', unix_seqpacket: 'w', packet: 'w',
  packet_raw: 'w', packet_dgram: 'w', netlink: 'w', dccp: 'w', mptcp: 'w', sctp: 'w', vsock: 'w', vsock_stream: 'w', vsock_dgram: 'w', tipc: 'w', xdp: 'w',
} // prettier-ignore
const FAMILIES: Readonly<Record<string, string>> = {
  inet: '4',
  inet6: '6',
  unix: 'x',
  link: 'w',
  netlink: 'w',
  vsock: 'w',
  tipc: 'w',
  xdp: 'w',
}
/** Protocols that nothing in a container speaks. */
const OTHERS = ['w', '0', 'S', 'M', 'd', 'tipc', 'vsock', 'xdp']

/** Turns -A and -f into the options for what they name. Throws {@link Fail} in the words of ss. */
function spell(o: Options): void {
  const letters = (table: Readonly<Record<string, string>>, name: string, fault: string): void => {
    const found = table[name]
    if (found === undefined) throw new Fail(`ss: "${name}" ${fault}\n${USAGE}`, 255)
    for (const letter of found) o.add(letter, '')
  }
  for (const name of o.get('A')?.split(',') ?? []) letters(TABLES, name, 'is illegal socket table id')
  if (o.has('f')) letters(FAMILIES, o.get('f')!, 'is invalid family')
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
    const o = await c.optionsOr(SS, (fault) => new Fail(`${fault}\n${USAGE}`, 255))
    if (o.has('h')) return c.print(`${USAGE}\n`)
    if (o.has('Z') || o.has('z')) throw new Fail('ss: SELinux is not enabled.')
    if (o.has('N')) throw new Fail(`Cannot open network namespace "${o.get('N')}": No such file or directory`)
    if (o.has('F')) o.operands.push(...filterOf(c, o.get('F')!))
    spell(o)
    if (o.has('D')) return c.fs.writeFile(o.get('D')!, '')
    // Sockets end unheard: nothing tells of them.
    if (o.has('E')) return c.task.sleep(Infinity)
    if (o.has('K')) await c.task.writeError('RTNETLINK answers: Operation not permitted\n')
    if (o.has('V')) return void (await c.print('ss utility, iproute2-6.1.0\n'))
    if (o.has('s')) return summary(c, c.task.net.sockets())
    const others = OTHERS.some((letter) => o.has(letter))
    const none = o.has('K') || (others && !o.has('t') && !o.has('u') && !o.has('x'))
    const sockets = none ? [] : filtered(c, o)
    const named = await namesOf(c, o, sockets)
    const files = none
      ? []
      : o.has('x') || (!o.has('t') && !o.has('u') && !o.has('4') && !o.has('6') && o.operands.length === 0)
        ? chosenUnix(c, o)
        : []
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
        named.host(s.localAddress) ?? shownAddress(s.localAddress),
        named.port(s.localPort, s.protocol),
        s.remoteAddress ? (named.host(s.remoteAddress) ?? shownAddress(s.remoteAddress)) : anyPeer(s.localAddress),
        s.remotePort === undefined ? '*' : named.port(s.remotePort, s.protocol),
        `${users(s.owner, 6)}${more(c, o, s)}`,
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
    throw new Fail(`${error.message}\n${USAGE}`, 255)
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
  const width = titles.map((_, i) => Math.max(0, ...all.map((row) => row[i]!.split('\n')[0]!.length)))
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

/** The words of a filter in a file. */
function filterOf(c: Command, path: string): string[] {
  try {
    return c.fs.readText(path).split(/\s+/).filter(Boolean)
  } catch {
    throw new Fail('fopen filter file: No such file or directory', 255)
  }
}

interface Names {
  host(address: string): string | undefined
  port(port: number, protocol: Socket['protocol']): string
}

/** The names of ports, unless -n asks for numbers, and with -r those of hosts. */
async function namesOf(c: Command, o: Options, sockets: readonly Socket[]): Promise<Names> {
  const hosts = new Map<string, string>()
  if (o.has('r'))
    for (const address of new Set(sockets.flatMap((s) => [s.localAddress, s.remoteAddress ?? ''])))
      if (address !== '' && address !== '0.0.0.0' && address !== '::') {
        const name = (await hostEntries(c, address))[0]?.names[0]
        if (name !== undefined) hosts.set(address, name)
      }
  return {
    host: (address) => hosts.get(address),
    port: (port, protocol) => (o.has('n') ? undefined : serviceName(c, port, protocol === 'TCP' ? 'tcp' : 'udp')) ?? String(port),
  }
}

/** What -e, -o, -m, -i, --tos and --cgroup tell of a socket besides, the last two on a line of their own unless -O joins them. */
function more(c: Command, o: Options, s: Socket): string {
  const tcp = s.protocol === 'TCP'
  const listening = s.state === 'LISTEN' || s.state === 'UNCONN'
  const inode = inodeOf(c.task.net, s)
  const local = s.localAddress.startsWith('127.')
  const parts = [
    o.has('o') && s.state === 'TIME_WAIT' ? 'timer:(timewait,59sec,0)' : '',
    o.has('e') ? `ino:${inode} sk:${(inode - 9_999).toString(16)}` : '',
    o.has('e') || o.has('cgroup') ? 'cgroup:/' : '',
    o.has('e') ? `${isIPv6(s.localAddress) && listening ? 'v6only:0 ' : ''}<->` : '',
    o.has('tos') ? 'tos:0 class_id:0' : '',
  ].filter(Boolean)
  const memory = tcp ? (listening ? 'rb131072,t0,tb16384' : 'rb131072,t0,tb87040') : 'rb212992,t0,tb212992'
  // A new connection of a kernel with its defaults.
  const [mss, pmtu] = local ? [32_768, 65_535] : [1448, 1500]
  const info = listening
    ? 'cubic cwnd:10'
    : `cubic wscale:7,7 rto:204 mss:${mss} pmtu:${pmtu} rcvmss:536 advmss:${local ? 65_483 : 1448} cwnd:10`
  const lines = [
    o.has('m') ? `skmem:(r0,${memory},f0,w0,o0,bl0,d0)` : '',
    o.has('i') && tcp ? `${o.has('e') && !listening ? 'ts sack ' : ''}${info}` : '',
  ].filter(Boolean)
  const first = parts.length > 0 ? ` ${parts.join(' ')}` : ''
  return lines.length === 0 ? first : `${first}${o.has('O') ? ' ' : '\n\t '}${lines.join(' ')}`
}
