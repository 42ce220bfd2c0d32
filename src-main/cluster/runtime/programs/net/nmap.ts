/** nmap 7.95: which hosts are there, and which of their ports are open. */
import { DnsError } from '../../../network/network.js'
import type { PortState } from '../../../network/port-state.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { formatTime } from '../strftime.js'
import { external, isAddress, within } from './connection.js'
import { exchange } from './http-client.js'
import { hostEntries } from './names.js'
import { MOST_SCANNED, NAMES_OF_PORTS, OFTEN_OPEN } from './nmap-ports.js'
import { echo, echoId } from './probe.js'
import { portOf, serviceName } from './services.js'

const SPEC = {
  short: 's:p:FPT:nRvdAOo:i:h6eVSr',
  long: { open: 'open', 'top-ports=': 'top', reason: 'reason', version: 'V', help: 'h', 'max-retries=': 'x', 'min-rate=': 'x', 'host-timeout=': 'x', 'exclude=': 'exclude', 'script=': 'x', 'system-dns': 'x', 'packet-trace': 'x', unprivileged: 'unprivileged', privileged: 'x', 'scan-delay=': 'x', 'traceroute': 'x' },
  usage: '',
} // prettier-ignore

/** CPU ms for a probe. */
const PROBE_COST = 0.02
/** Cluster ms until a port that does not answer counts as filtered: a probe and a second one. */
const SILENT = 1_100
/** Probes that wait for an answer at the same time. */
const AT_ONCE = 100

interface Found {
  port: number
  protocol: 'TCP' | 'UDP'
  state: PortState | 'open|filtered'
  version: string
}

/** `-sS`, `-Pn`: the letters that begin with s, P, and others are one word to nmap. */
function readable(argv: readonly string[]): string[] {
  return argv.flatMap((a) => {
    const long = /^--?(open|reason|version|top-ports|exclude|unprivileged|iflist|help)(=.*)?$/.exec(a)
    if (long) return [`--${long[1]}${long[2] ?? ''}`]
    if (/^-P[nESUAYOR]/.test(a) || a === '-P0') return a === '-Pn' || a === '-P0' ? ['-P'] : []
    if (/^-v+$/.test(a) || /^-d+\d?$/.test(a)) return ['-v']
    return [a]
  })
}

export function nmap(): Program {
  return command('coreutils', async (c) => {
    const o = await c.optionsOr(
      SPEC,
      (fault) => new Fail(`${fault}\nSee the output of nmap -h for a summary of options.`, 255),
      readable(c.task.argv),
    )
    if (o.has('V'))
      return void (await c.print(
        'Nmap version 7.95 ( https://nmap.org )\nPlatform: x86_64-alpine-linux-musl\nCompiled with: liblua-5.4.7 openssl-3.3.2 libssh2-1.11.1 libz-1.3.1 libpcre2-10.43 libpcap-1.10.5 nmap-libdnet-1.18.0 ipv6\nCompiled without:\nAvailable nsock engines: epoll poll select\n',
      ))
    const started = c.task.clock.now()
    const out = (text: string): Promise<void> => c.print(text)
    await out(`Starting Nmap 7.95 ( https://nmap.org ) at ${formatTime('%Y-%m-%d %H:%M', started)} UTC\n`)
    const ports = portsOf(c, o)
    const targets: { name: string; address: string }[] = []
    for (const given of o.operands) {
      try {
        targets.push(...(await targetsOf(c, given)))
      } catch (error) {
        if (!(error instanceof DnsError)) throw error
        await c.task.writeError(`Failed to resolve "${given}".\n`)
      }
    }
    if (targets.length === 0)
      await c.task.writeError(
        o.operands.length === 0
          ? 'WARNING: No targets were specified, so 0 hosts scanned.\n'
          : 'WARNING: No targets were specified, so 0 hosts scanned.\n',
      )
    let up = 0
    for (const { name, address } of targets) {
      const there = o.has('P') || (await isUp(c, address))
      if (!there) {
        if (o.has('v')) await out(`Nmap scan report for ${await shown(c, o, name, address)} [host down]\n`)
        continue
      }
      up++
      await reportHost(c, o, name, address, ports, out)
    }
    const seconds = ((c.task.clock.now() - started) / 1000).toFixed(2)
    if (up === 0 && targets.length === 1) await out('Note: Host seems down. If it is really up, but blocking our ping probes, try -Pn\n')
    await out(
      `Nmap done: ${targets.length} IP address${targets.length === 1 ? '' : 'es'} (${up} host${up === 1 ? '' : 's'} up) scanned in ${seconds} seconds\n`,
    )
    return 0
  })
}

/** The hosts of an argument: a name, an address, a block of addresses, or ranges in the last parts. */
async function targetsOf(c: Command, given: string): Promise<{ name: string; address: string }[]> {
  const block = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(given)
  if (block) {
    const size = 2 ** (32 - Number(block[2]))
    if (Number(block[2]) < 16) throw new Fail(`Illegal netmask in "${given}". Assuming /32 (one host)`)
    const first = Math.floor(block[1]!.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) / size) * size
    return Array.from({ length: size }, (_, i) => [24, 16, 8, 0].map((shift) => Math.floor((first + i) / 2 ** shift) % 256).join('.')).map((address) => ({ name: address, address })) // prettier-ignore
  }
  const range = /^(\d+\.\d+\.\d+)\.(\d+)-(\d+)$/.exec(given)
  if (range)
    return Array.from({ length: Math.min(256, Number(range[3]) - Number(range[2]) + 1) }, (_, i) => `${range[1]}.${Number(range[2]) + i}`).map((address) => ({ name: address, address })) // prettier-ignore
  if (isAddress(given)) return [{ name: given, address: given }]
  return [{ name: given, address: (await external(c.task, c.task.net.resolve(given)))[0]! }]
}

async function isUp(c: Command, address: string): Promise<boolean> {
  if (address === c.task.net.ip || address.startsWith('127.')) return true
  // A service does not answer echo requests, but its ports do.
  if ([443, 80].some((port) => c.task.net.portState!(address, port, 'TCP') !== 'filtered')) return true
  const back = await echo(c, address, { id: echoId(c), sequence: 1, size: 0 }, SILENT * 2)
  return back?.kind === 'reply'
}

/** The ports to look at, ascending. Throws {@link Fail} for a list that is none. */
function portsOf(c: Command, o: Options): number[] {
  if (!o.has('p')) {
    const all = o.has('F') ? OFTEN_OPEN : MOST_SCANNED
    return o.has('top')
      ? expand(o.has('F') || Number(o.get('top')) <= 100 ? OFTEN_OPEN : MOST_SCANNED).slice(0, Number(o.get('top')))
      : expand(all)
  }
  const text = o.get('p')!.replace(/[TU]:/g, '')
  if (text === '-') return Array.from({ length: 65_535 }, (_, i) => i + 1)
  const ports = text.split(',').flatMap((part) => {
    const range = /^(\d*)-(\d*)$/.exec(part)
    if (range) return expand(`${range[1] || 1}-${range[2] || 65_535}`)
    const port = /^\d+$/.test(part) ? Number(part) : portOf(c, part)
    if (port === undefined) throw new Fail(`Found no matches for the service mask '${part}' and your specified protocols\nQUITTING!`)
    if (port > 65_535) throw new Fail('Ports specified must be between 0 and 65535 inclusive\nQUITTING!')
    return [port]
  })
  return [...new Set(ports)].sort((a, b) => a - b)
}

function expand(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** `web (10.96.0.5)`; an address alone with the name that DNS has for it. */
async function shown(c: Command, o: Options, name: string, address: string): Promise<string> {
  if (name !== address) return `${name} (${address})`
  const found = o.has('n') ? undefined : (await hostEntries(c, address))[0]?.names[0]
  return found ? `${found} (${address})` : address
}

async function reportHost(
  c: Command,
  o: Options,
  name: string,
  address: string,
  ports: readonly number[],
  out: (text: string) => Promise<void>,
): Promise<void> {
  const kinds = o.all('s').join('')
  await out(
    `Nmap scan report for ${await shown(c, o, name, address)}\nHost is up (${(0.00003 + c.task.random.next() * 0.00005).toFixed(6)}s latency).\n`,
  )
  if (kinds.includes('n') || kinds.includes('L')) return
  const protocol = kinds.includes('U') ? 'UDP' : 'TCP'
  const found: Found[] = []
  let silent = 0
  for (const port of ports) {
    const state = c.task.net.portState!(address, port, protocol)
    await c.work(PROBE_COST)
    if (state === 'filtered' && ++silent % AT_ONCE === 1) await c.task.sleep(SILENT)
    found.push({ port, protocol, state: protocol === 'UDP' && state !== 'closed' ? 'open|filtered' : state, version: '' })
  }
  if (kinds.includes('V') || o.has('A'))
    for (const each of found) if (each.state === 'open') each.version = await versionOf(c, address, each.port)
  await out(`${ignored(c, o, found, kinds)}\n`)
}

const WHY = { closed: 'reset', filtered: 'no-response', 'open|filtered': 'no-response', open: 'syn-ack' } as const

/** The table, with the states that many ports have told by their number. */
function ignored(c: Command, o: Options, found: readonly Found[], kinds: string): string {
  const connects = kinds.includes('T') || c.task.uid !== 0
  const why = (state: Found['state']): string =>
    found[0]?.protocol === 'UDP' && state === 'closed' ? 'port-unreach' : state === 'closed' && connects ? 'conn-refused' : WHY[state]
  const many = (['closed', 'filtered', 'open|filtered'] as const).filter((state) => found.filter((f) => f.state === state).length > 25)
  const hidden = o.has('open') ? (['closed', 'filtered'] as const) : many
  const rows = found.filter((f) => !(hidden as readonly string[]).includes(f.state))
  const protocol = (found[0]?.protocol ?? 'TCP').toLowerCase()
  let text = ''
  if (rows.length === 0 && many.length === 1) text += `All ${found.length} scanned ports on ${o.operands[0]} are in ignored states.\n`
  const told = many.map((state) => `${found.filter((f) => f.state === state).length} ${state} ${protocol} ports (${why(state)})`)
  if (told.length > 0) text += `Not shown: ${told.join(', ')}\n`
  if (rows.length === 0) return text
  const service = (f: Found): string => NAMES_OF_PORTS[f.port] ?? serviceName(c, f.port, f.protocol === 'TCP' ? 'tcp' : 'udp') ?? 'unknown'
  const versions = kinds.includes('V') || o.has('A')
  const cells = rows.map((f) => [`${f.port}/${protocol}`, f.state, service(f), ...(o.has('reason') ? [`${why(f.state)} ttl 63`] : []), ...(versions ? [f.version] : [])]) // prettier-ignore
  const all = [['PORT', 'STATE', 'SERVICE', ...(o.has('reason') ? ['REASON'] : []), ...(versions ? ['VERSION'] : [])], ...cells]
  const width = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  text += all
    .map(
      (row) =>
        `${row
          .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(width[i]!)))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('')
  return versions && rows.some((f) => f.state === 'open')
    ? `${text}\nService detection performed. Please report any incorrect results at https://nmap.org/submit/ .`
    : text
}

/** What a server says of itself: by the head of its answer to a request of HTTP. */
async function versionOf(c: Command, address: string, port: number): Promise<string> {
  try {
    const connection = await within(c.task, 3_000, (signal) => c.task.net.connect(address, port, signal))
    if (!connection) return ''
    const request = { url: { scheme: 'http', host: address, port, path: '/' }, method: 'GET', headers: {}, tls: { insecure: true } }
    const answer = await within(c.task, 3_000, (signal) => exchange(connection, request, signal))
    answer?.resume()
    connection.destroy()
    return String(answer?.headers.server ?? '').replace('/', ' ')
  } catch {
    c.task.check()
    return ''
  }
}
