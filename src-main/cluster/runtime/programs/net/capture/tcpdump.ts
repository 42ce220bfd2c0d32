/** tcpdump 4.99: shows or keeps the packets that the interfaces of the container's network carry. */
import { DnsError } from '../../../../network/network.js'
import type { Packet } from '../../../../network/capture.js'
import type { Handle } from '../../../open-file.js'
import { SystemError, type Program } from '../../../process.js'
import { hasCapability } from '../../../security.js'
import { Command, command, Fail, type Options } from '../../command.js'
import { openForReading, readAll } from '../../reading.js'
import { external } from '../connection.js'
import { hostEntries } from '../names.js'
import { portOf, serviceName } from '../services.js'
import { fileHeader, fileRecord, readCapture, SNAPSHOT } from './file.js'
import { FilterError, hostNames, parseFilter, type Filter } from './filter.js'
import { ETHERNET, LINUX_SLL2 } from './frame.js'
import { Printer } from './print.js'

const VERSION = 'tcpdump version 4.99.5\nlibpcap version 1.10.5 (with TPACKET_V3)\nOpenSSL 3.5.4 30 Sep 2025\n'
const SPEC = {
  short: 'aAb#c:C:dDeE:fF:G:hi:IJj:KlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:',
  long: {
    'list-interfaces': 'D', 'interface=': 'i', number: '#', 'direction=': 'Q', 'snapshot-length=': 's', 'no-promiscuous-mode': 'p',
    'absolute-tcp-sequence-numbers': 'S', 'packet-buffered': 'U', help: 'h', count: 'k', 'immediate-mode': 'l', print: 'P',
  },
  usage: '',
} // prettier-ignore

const USAGE = `Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`
/** Packets that wait to be shown; more are dropped, as by a full buffer of the kernel. */
const WAITING = 4_096

export function tcpdump(): Program {
  return command('coreutils', async (c) => {
    if (c.task.argv.some((a) => a === '--version' || a === '-h' || a === '--help')) {
      await c.print(c.task.argv.includes('--version') ? VERSION : VERSION + USAGE)
      return 0
    }
    const o = await c.optionsOr(SPEC, (fault) => new Fail(`${fault}\n${VERSION}${USAGE}`.trimEnd(), 1))
    if (o.has('D')) {
      await c.print(
        '1.eth0 [Up, Running, Connected]\n2.any (Pseudo-device that captures on all interfaces) [Up, Running]\n3.lo [Up, Running, Loopback]\n',
      )
      return 0
    }
    const expression = o.has('F') ? c.fs.readText(o.get('F')!) : o.operands.join(' ')
    const file = o.get('r')
    if (file !== undefined) return readBack(c, o, file, expression)
    return captureLive(c, o, expression)
  })
}

/** Reads the filter, having looked up the names in it. Throws {@link Fail}. */
async function filterOf(c: Command, expression: string): Promise<Filter> {
  const addresses = new Map<string, string>()
  for (const name of hostNames(expression)) {
    try {
      addresses.set(name, (await external(c.task, c.task.net.resolve(name)))[0]!)
    } catch (error) {
      if (!(error instanceof DnsError)) throw error
    }
  }
  try {
    return parseFilter(expression, { host: (name) => addresses.get(name), port: (name) => portOf(c, name) })
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    throw new Fail(`tcpdump: ${error.message}`)
  }
}

/** The names that are shown for addresses: looked up once each, not at all with -n. */
class Names {
  private readonly known = new Map<string, string>()

  constructor(
    private readonly c: Command,
    private readonly o: Options,
  ) {}

  async learn(packet: Packet): Promise<void> {
    if (this.o.has('n')) return
    const about = packet.icmp && 'about' in packet.icmp ? [packet.icmp.about.destination] : []
    for (const { address } of [packet.source, packet.destination, ...about]) {
      if (this.known.has(address)) continue
      this.known.set(address, address)
      const [found] = await hostEntries(this.c, address)
      if (found?.names[0]) this.known.set(address, found.names[0])
    }
  }

  host(address: string): string {
    return this.known.get(address) ?? address
  }

  port(port: number, protocol: 'tcp' | 'udp'): string {
    const name = this.o.has('n') ? undefined : serviceName(this.c, port, protocol)
    return name ?? String(port)
  }
}

function printerOf(o: Options, names: Names, interfaces: boolean): Printer {
  const bytes = o.has('A') ? 'A' : o.has('X') ? 'X' : o.has('x') ? 'x' : undefined
  return new Printer({
    times: o.all('t').length,
    verbose: o.has('v'),
    quiet: o.has('q'),
    link: o.has('e'),
    interfaces,
    absolute: o.has('S'),
    numbered: o.has('#'),
    ...(bytes ? { bytes } : {}),
    host: (address) => names.host(address),
    port: (port, protocol) => names.port(port, protocol),
  })
}

const linkName = (any: boolean): string => (any ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)')

async function readBack(c: Command, o: Options, path: string, expression: string): Promise<number> {
  let data: Buffer
  try {
    data = path === '-' ? await readAll(c.task.fd(0)!) : await readAll(await openForReading(c.task, path))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`tcpdump: ${path}: ${error.message}`)
  }
  let found: ReturnType<typeof readCapture>
  try {
    found = readCapture(data)
  } catch (error) {
    throw new Fail(`tcpdump: ${(error as Error).message}`)
  }
  const wanted = await filterOf(c, expression)
  const any = found.link === LINUX_SLL2
  await c.task.writeError(`reading from file ${path}, link-type ${linkName(any)}, snapshot length ${found.snapshot}\n`)
  const names = new Names(c, o)
  const printer = printerOf(o, names, any)
  const chosen = found.packets.filter(wanted).slice(0, o.has('c') ? Number(o.get('c')) : undefined)
  if (o.has('k')) {
    await c.print(`${chosen.length} packet${chosen.length === 1 ? '' : 's'}\n`)
    return 0
  }
  for (const packet of chosen) {
    await names.learn(packet)
    await c.print(printer.line(packet))
    await c.work(0.01)
  }
  return 0
}

async function captureLive(c: Command, o: Options, expression: string): Promise<number> {
  const device = o.get('i') ?? 'eth0'
  const any = device === 'any'
  const count = o.has('c') ? Number(o.get('c')) : Infinity
  if (!(count > 0)) throw new Fail(`tcpdump: invalid packet count ${o.get('c')}`)
  const snapshot = Number(o.get('s') ?? 0) || SNAPSHOT
  const { security } = c.task.namespaces
  if (security ? !hasCapability(security, c.task.uid, 'NET_RAW') : c.task.uid !== 0)
    throw new Fail(
      `tcpdump: ${device}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)`,
    )
  if (!any && device !== 'eth0' && device !== 'lo' && !device.startsWith('veth'))
    throw new Fail(`tcpdump: ${device}: No such device exists\n(No such device exists)`)
  const wanted = await filterOf(c, expression)
  const out = o.get('w')
  const link = any ? LINUX_SLL2 : ETHERNET
  let sink: Handle | undefined
  if (out !== undefined && out !== '-') {
    try {
      sink = c.fs.open(out, 'w') as Handle
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw new Fail(`tcpdump: ${out}: ${error.message}`)
    }
  }
  const keep = (data: Buffer): Promise<void> => (sink ? sink.write(data) : c.print(data))
  if (any) await c.task.writeError('tcpdump: data link type LINUX_SLL2\n')
  const listening = `listening on ${device}, link-type ${linkName(any)}, snapshot length ${snapshot} bytes\n`
  await c.task.writeError(
    out !== undefined || o.has('v')
      ? `tcpdump: ${listening}`
      : `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n${listening}`,
  )
  if (out !== undefined) await keep(fileHeader(link))

  const queue: Packet[] = []
  let [received, dropped, interrupted] = [0, 0, false]
  let wake: () => void = () => undefined
  const stop = c.task.net.capture!((packet) => {
    if (!any && packet.interface !== device) return
    if (o.get('Q') === 'in' ? packet.direction !== 'In' : o.get('Q') === 'out' && packet.direction !== 'Out') return
    if (!wanted(packet)) return
    received++
    if (queue.length >= WAITING) return void dropped++
    queue.push({ ...packet, data: Uint8Array.from(packet.data) })
    wake()
  })
  c.task.aborted.addEventListener('abort', stop, { once: true })
  const end = (): void => {
    interrupted = true
    wake()
  }
  for (const signal of ['INT', 'TERM', 'HUP'] as const) c.task.onSignal(signal, end)
  const names = new Names(c, o)
  const printer = printerOf(o, names, any)
  let captured = 0
  try {
    while (captured < count && !interrupted) {
      const packet = queue.shift()
      if (!packet) {
        await c.task.block((w) => {
          wake = w
          return () => undefined
        })
        wake = () => undefined
        continue
      }
      captured++
      await c.work(0.01)
      if (out !== undefined) await keep(fileRecord(packet, link, packet.interface === 'lo' ? 1 : 2, snapshot))
      if (out !== undefined && !o.has('P')) continue
      await names.learn(packet)
      await c.print(printer.line(packet))
    }
  } finally {
    stop()
    sink?.close()
  }
  const packets = (n: number): string => `${n} packet${n === 1 ? '' : 's'}`
  if (interrupted) await c.task.writeError('\n')
  await c.task.writeError(`${packets(captured)} captured\n${packets(received)} received by filter\n${packets(dropped)} dropped by kernel\n`)
  return 0
}
