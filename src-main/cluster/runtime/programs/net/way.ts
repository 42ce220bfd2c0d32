/** mtr and tracepath: the way to a host, hop by hop. */
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { echo, echoId, resolve } from './probe.js'
import { hostEntries } from './names.js'

/** What was heard of one hop. */
interface Hop {
  address: string | undefined
  sent: number
  times: number[]
}

const MOST_HOPS = 30
const PATIENCE = 1_000

/** Sends one round of probes, one for each hop, and writes down what came back. */
async function round(c: Command, address: string, hops: Hop[], sequence: number): Promise<void> {
  for (let ttl = 1; ttl <= MOST_HOPS; ttl++) {
    const hop = (hops[ttl - 1] ??= { address: undefined, sent: 0, times: [] })
    hop.sent++
    const back = await echo(c, address, { id: echoId(c), sequence: sequence * MOST_HOPS + ttl, size: 36, ttl }, PATIENCE)
    if (!back) {
      // Behind five silent hops nothing is looked for.
      if (hops.slice(-5).every((h) => h.address === undefined) && hops.length >= 5) return
      continue
    }
    hop.address = back.address
    hop.times.push(0.04 + c.task.random.next() * 0.06)
    if (back.kind === 'reply') return
  }
}

const MTR = {
  short: 'hvF:c:i:rwxCjplo:y:unbez46s:a:f:m:U:P:L:B:Q:G:Z:tT',
  long: {
    report: 'r', 'report-wide': 'w', 'report-cycles=': 'c', 'interval=': 'i', 'no-dns': 'n', 'show-ips': 'b', version: 'v', help: 'h',
    'psize=': 's', 'max-ttl=': 'm', 'first-ttl=': 'f', json: 'j', csv: 'C', raw: 'l', split: 'p', udp: 'u', tcp: 'T', curses: 't', 'aslookup': 'z',
  },
  usage: '',
} // prettier-ignore

export function mtr(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options(MTR)
    if (o.has('v')) return void (await c.print('mtr 0.96\n'))
    const host = o.operands[0]
    if (host === undefined || o.has('h')) {
      await c.print('\nUsage:\n mtr [options] hostname\n')
      return o.has('h') ? 0 : 1
    }
    const address = await resolve(c, host, `mtr: Failed to resolve host: ${host}: Name does not resolve`)
    const names = new Map<string, string>()
    const named = async (at: string | undefined): Promise<string> => {
      if (at === undefined) return '???'
      if (o.has('n')) return at
      if (!names.has(at)) names.set(at, (await hostEntries(c, at))[0]?.names[0] ?? at)
      const name = names.get(at)!
      return o.has('b') && name !== at ? `${name} (${at})` : name
    }
    const hops: Hop[] = []
    const interval = Number(o.get('i') ?? 1) * 1000
    const asReport = ['r', 'w', 'j', 'C'].some((letter) => o.has(letter))
    const cycles = Number(o.get('c') ?? (asReport ? 10 : Infinity))
    if (asReport) {
      const started = new Date(c.task.clock.now()).toISOString().slice(0, 19)
      for (let cycle = 0; cycle < cycles; cycle++) {
        await round(c, address, hops, cycle)
        await c.task.sleep(interval)
      }
      if (o.has('j')) return jsonReport(c, o, host, hops, { cycles, named })
      if (o.has('C')) return csvReport(c, host, hops, named)
      return report(c, hops, `Start: ${started}+0000\n`, named, o.has('w'))
    }
    if (o.has('l') || o.has('p')) return stream(c, address, hops, { interval, cycles, named, raw: o.has('l'), numeric: o.has('n') })
    if (c.task.fd(1)?.kind !== 'tty') throw new Fail('mtr: unable to get raw terminal: not a tty')
    return interactive(c, host, address, hops, { interval, cycles, named })
  })
}

/** The numbers of a hop; times in ms. */
function numbersOf({ sent, times }: Hop): { loss: number; last: number; average: number; best: number; worst: number; deviation: number } {
  const average = times.length > 0 ? times.reduce((a, b) => a + b, 0) / times.length : 0
  const [best, worst] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [0, 0]
  return {
    loss: ((sent - times.length) / sent) * 100,
    last: times.at(-1) ?? 0,
    average,
    best,
    worst,
    deviation: times.length > 0 ? Math.sqrt(times.reduce((a, t) => a + (t - average) ** 2, 0) / times.length) : 0,
  }
}

type Named = (at: string | undefined) => Promise<string>

/** The table of what was heard. */
async function table(c: Command, hops: readonly Hop[], named: Named, width: number): Promise<string[]> {
  const rows: string[] = []
  for (const [i, hop] of hops.entries()) {
    const { loss, last, average, best, worst, deviation } = numbersOf(hop)
    const numbers = [last, average, best, worst, deviation].map((n, at) => n.toFixed(1).padStart(at === 0 ? 7 : 6)).join('')
    rows.push(
      `${String(i + 1).padStart(3)}.|-- ${(await named(hop.address)).slice(0, width).padEnd(width)}${`${loss.toFixed(1)}%`.padStart(7)}${String(hop.sent).padStart(6)}${numbers}`,
    )
  }
  return rows
}

/** -j: the report as mtr writes JSON, with numbers of a fixed length. */
async function jsonReport(
  c: Command,
  o: Options,
  host: string,
  hops: readonly Hop[],
  { cycles, named }: Pick<Screen, 'cycles' | 'named'>,
): Promise<void> {
  const rows = await Promise.all(
    hops.map(async (hop, i) => {
      const { loss, last, average, best, worst, deviation } = numbersOf(hop)
      const members: [string, string][] = [
        ['count', String(i + 1)],
        ['host', JSON.stringify(await named(hop.address))],
        ['Loss%', loss.toFixed(1)],
        ['Snt', String(hop.sent)],
        ...([['Last', last], ['Avg', average], ['Best', best], ['Wrst', worst], ['StDev', deviation]] as const).map(([name, n]): [string, string] => [name, n.toFixed(3).replace(/0{1,2}$/, '')]), // prettier-ignore
      ]
      return `            {\n${members.map(([name, value]) => `                "${name}": ${value}`).join(',\n')}\n            }`
    }),
  )
  const about = {
    src: c.task.hostname,
    dst: host,
    tos: 0,
    tests: cycles,
    psize: o.get('s') ?? '64',
    bitpattern: '0x00',
  }
  const head = Object.entries(about).map(([name, value]) => `            "${name}": ${JSON.stringify(value)}`) // prettier-ignore
  await c.print(
    `{\n    "report": {\n        "mtr": {\n${head.join(',\n')}\n        },\n        "hubs": [\n${rows.join(',\n')}\n        ]\n    }\n}\n`,
  )
}

/** -C: the report as lines of comma-separated values. */
async function csvReport(c: Command, host: string, hops: readonly Hop[], named: Named): Promise<void> {
  await c.print('Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n')
  for (const [i, hop] of hops.entries()) {
    const { loss, last, average, best, worst, deviation } = numbersOf(hop)
    const times = [last, average, best, worst, deviation].map((n) => n.toFixed(2)).join(',')
    const about = `MTR.0.96,${Math.floor(c.task.clock.now() / 1000)},OK,${host},${i + 1},${await named(hop.address)}`
    await c.print(`${about},${loss.toFixed(2)},${hop.sent},0,${times}\n`)
  }
}

/** -l and -p: what is heard, line by line as it is heard, for other programs. */
async function stream(
  c: Command,
  address: string,
  hops: Hop[],
  { interval, cycles, named, raw, numeric }: Screen & { raw: boolean; numeric: boolean },
): Promise<void> {
  const most = Number.isFinite(cycles) ? cycles : 10
  for (let cycle = 0; cycle < most; cycle++) {
    const known = hops.map((hop) => hop.address)
    await round(c, address, hops, cycle)
    for (const [i, hop] of hops.entries()) {
      const port = 33_000 + cycle * MOST_HOPS + i
      if (raw) await c.print(`x ${i} ${port}\n`)
      if (hop.address === undefined) continue
      const time = Math.round((hop.times.at(-1) ?? 0) * 1000)
      if (raw && known[i] === undefined)
        await c.print(
          `h ${i} ${hop.address}\n${numeric || (await named(hop.address)) === hop.address ? '' : `d ${i} ${await named(hop.address)}\n`}`,
        )
      if (raw) await c.print(`p ${i} ${time} ${port}\n`)
      else {
        const { loss, last, average, best, worst, deviation } = numbersOf(hop)
        const times = [last, average, best, worst, deviation].map((n) => n.toFixed(0)).join(' ')
        await c.print(`${i + 1} ${await named(hop.address)} ${loss.toFixed(0)} ${hop.times.length} ${hop.sent} ${times}\n`)
      }
    }
    if (cycle < most - 1) await c.task.sleep(interval)
  }
}

const TITLES = '  Loss%   Snt   Last   Avg  Best  Wrst StDev'

async function report(c: Command, hops: readonly Hop[], start: string, named: Named, wide: boolean): Promise<void> {
  const names = await Promise.all(hops.map((hop) => named(hop.address)))
  const width = wide ? Math.max(c.task.hostname.length - 2, ...names.map((name) => name.length)) : 24
  const rows = await table(c, hops, named, width)
  await c.print(
    `${start}${`HOST: ${c.task.hostname}`.slice(0, width + 8).padEnd(width + 8)}${TITLES}\n${rows.map((row) => `${row}\n`).join('')}`,
  )
}

interface Screen {
  interval: number
  cycles: number
  named: Named
}

/** The table on the whole screen, drawn anew each round, until `q` or Ctrl-C. */
async function interactive(c: Command, host: string, address: string, hops: Hop[], { interval, cycles, named }: Screen): Promise<number> {
  const { task } = c
  let over = false
  task.onSignal('INT', () => (over = true))
  const keys = (async (): Promise<void> => {
    for (let data = await task.read(); data.length > 0 && !over; data = await task.read())
      if (Buffer.from(data).toString().includes('q')) over = true
  })()
  keys.catch(() => undefined)
  const raw = await task.spawn({ argv: ['stty', '-icanon', '-echo'] })
  await raw.wait()
  await c.print('\x1b[?1049h\x1b[H\x1b[2J')
  for (let cycle = 0; cycle < cycles && !over; cycle++) {
    await round(c, address, hops, cycle)
    const rows = await table(c, hops, named, 40)
    const now = new Date(task.clock.now()).toISOString().slice(0, 19)
    const head = `${' '.repeat(28)}My traceroute  [v0.96]\n${task.hostname} (${task.net.ip}) -> ${host} (${address})  ${now}+0000\nKeys:  Help   Display mode   Restart statistics   Order of fields   quit\n`
    await c.print(`\x1b[H${`${head}${` Host${' '.repeat(44)}`.slice(0, 48)}${TITLES}\n${rows.map((row) => `${row.replace('|--', '   ')}\n`).join('')}`.replaceAll('\n', '\x1b[K\r\n')}\x1b[J`) // prettier-ignore
    for (let waited = 0; waited < interval && !over; waited += 100) await task.sleep(100)
  }
  await c.print('\x1b[?1049l')
  await (await task.spawn({ argv: ['stty', 'icanon', 'echo'] })).wait()
  return 0
}

export function tracepath(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options({ short: '46nbhVl:m:p:', usage: '\n  tracepath [options] <destination>' })
    if (o.has('V')) return void (await c.print('tracepath from iputils 20250605\n'))
    const host = o.operands[0]
    if (host === undefined) throw new Fail('tracepath: usage error: Destination required', 255)
    const address = await resolve(c, host, `tracepath: ${host}: Name does not resolve`)
    const row = (hop: number, mark: string, text: string): Promise<void> => c.print(`${String(hop).padStart(2)}${mark}${text}\n`)
    await row(1, '?: ', `${'[LOCALHOST]'.padEnd(20)}${' '.repeat(12)}pmtu 1500`)
    const most = Number(o.get('m') ?? MOST_HOPS)
    for (let ttl = 1; ttl <= most; ttl++) {
      const back = await echo(c, address, { id: echoId(c), sequence: ttl, size: 1472, ttl }, PATIENCE)
      if (!back) {
        await row(ttl, ':  ', 'no reply')
        continue
      }
      const time = `${(0.02 + c.task.random.next() * 0.05).toFixed(3)}ms`
      const name = o.has('n') ? back.address : ((await hostEntries(c, back.address))[0]?.names[0] ?? back.address)
      const shown = o.has('b') ? `${name} (${back.address})` : name
      await row(ttl, ':  ', `${shown.padEnd(52)} ${time} ${back.kind === 'reply' ? 'reached' : ''}`)
      if (back.kind !== 'reply') continue
      await c.print(`     Resume: pmtu 1500 hops ${ttl} back ${ttl} \n`)
      return 0
    }
    await c.print(`     Too many hops: pmtu 1500\n     Resume: pmtu 1500 \n`)
    return 0
  })
}
