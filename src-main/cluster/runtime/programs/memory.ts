/** How much memory there is and how it is used: free and vmstat. */
import { Fail, command, type Command, type Flavour, type Options } from './command.js'
import type { Program } from '../process.js'
import { formatTime } from './strftime.js'

/** What /proc/meminfo tells, in KiB by name. */
export function memoryInfo(c: Command): Record<string, number> {
  const out: Record<string, number> = {}
  for (const m of c.fs.readText('/proc/meminfo').matchAll(/^(\w+):\s+(\d+) kB/gm)) out[m[1]!] = Number(m[2])
  return out
}

const UNITS: Readonly<Record<string, readonly [base: number, power: number]>> = {
  b: [1024, 0], k: [1024, 1], m: [1024, 2], g: [1024, 3], tebi: [1024, 4], pebi: [1024, 5],
  kilo: [1000, 1], mega: [1000, 2], giga: [1000, 3], tera: [1000, 4], peta: [1000, 5],
} // prettier-ignore

const FREE = {
  short: 'bkmghltvs:c:wV',
  long: {
    bytes: 'b', kilo: 'kilo', mega: 'mega', giga: 'giga', tera: 'tera', peta: 'peta', kibi: 'k', mebi: 'm', gibi: 'g', tebi: 'tebi', pebi: 'pebi',
    human: 'h', si: 'si', lohi: 'l', total: 't', committed: 'v', 'seconds=': 's', 'count=': 'c', wide: 'w',
  },
  usage: '[-bkmgh]\n\nDisplay free and used memory',
} // prettier-ignore

export function free(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...FREE, short: 'bkmgh', long: {} } : FREE)
    if (c.busybox) return c.print(busyboxFree(memoryInfo(c), o))
    if (o.has('V')) return c.print('free from procps-ng 4.0.2\n')
    const units = Object.keys(UNITS).filter((letter) => o.has(letter))
    if (units.length > 1) throw new Fail('free: Multiple unit options don\'t make sense.') // prettier-ignore
    const seconds = o.get('s')
    if (seconds !== undefined && !(Number(seconds) >= 0.000001))
      throw new Fail(`free: seconds argument failed: '${seconds}': Invalid argument`)
    const count = o.get('c')
    if (count !== undefined && !(/^\d+$/.test(count) && Number(count) > 0))
      throw new Fail(`free: failed to parse count argument: '${count}'${/^\d+$/.test(count) ? ': Numerical result out of range' : ''}`)
    const rounds = count !== undefined ? Number(count) : seconds !== undefined ? Infinity : 1
    for (let round = 1; ; round++) {
      await c.print(table(memoryInfo(c), o, units[0] ?? 'k'))
      if (round >= rounds) return
      await c.print('\n')
      await c.task.sleep(Number(seconds ?? 1) * 1000)
    }
  })
}

/** A number of KiB, in the unit that was asked for or with three digits and the unit that fits. */
function shown(kibibytes: number, o: Options, unit: string): string {
  if (!o.has('h')) {
    const [base, power] = UNITS[unit]!
    return String(Math.floor((kibibytes * 1024) / (o.has('si') ? 1000 : base) ** power))
  }
  const base = o.has('si') ? 1000 : 1024
  let [value, power] = [kibibytes * 1024, 0]
  for (; value >= base && power < 5; power++) value /= base
  const suffix = power === 0 ? 'B' : `${' KMGTP'[power]}${o.has('si') ? '' : 'i'}`
  return `${power === 0 || value >= 10 ? Math.floor(value) : value.toFixed(1)}${suffix}`
}

function table(m: Readonly<Record<string, number>>, o: Options, unit: string): string {
  const kb = (name: string): number => m[name] ?? 0
  const cache = kb('Cached') + kb('SReclaimable')
  const used = Math.max(0, kb('MemTotal') - kb('MemAvailable'))
  const row = (name: string, values: readonly number[]): string =>
    `${name.padEnd(9)}${values.map((v, i) => shown(v, o, unit).padStart(i === 0 ? 11 : 12)).join('')}\n`
  const heads = ['total', 'used', 'free', 'shared', ...(o.has('w') ? ['buffers', 'cache'] : ['buff/cache']), 'available']
  const swapUsed = kb('SwapTotal') - kb('SwapFree')
  const caches = o.has('w') ? [kb('Buffers'), cache] : [kb('Buffers') + cache]
  const lines = [
    `${' '.repeat(8)}${heads.map((h) => h.padStart(12)).join('')}\n`,
    row('Mem:', [kb('MemTotal'), used, kb('MemFree'), kb('Shmem'), ...caches, kb('MemAvailable')]),
  ]
  if (o.has('l')) lines.push(row('Low:', [kb('MemTotal'), kb('MemTotal') - kb('MemFree'), kb('MemFree')]), row('High:', [0, 0, 0]))
  lines.push(row('Swap:', [kb('SwapTotal'), swapUsed, kb('SwapFree')]))
  if (o.has('t')) lines.push(row('Total:', [kb('MemTotal') + kb('SwapTotal'), used + swapUsed, kb('MemFree') + kb('SwapFree')]))
  const limit = Math.floor(kb('MemTotal') / 2) + kb('SwapTotal')
  if (o.has('v')) lines.push(row('Comm:', [limit, used, Math.max(0, limit - used)]))
  return lines.join('')
}

function busyboxFree(m: Readonly<Record<string, number>>, o: Options): string {
  const show = (kb: number): string => {
    if (o.has('h')) return kb === 0 ? '0' : kb >= 1_048_576 ? `${(kb / 1_048_576).toFixed(1)}G` : kb >= 1024 ? `${(kb / 1024).toFixed(1)}M` : `${kb.toFixed(1)}K`
    return String(Math.floor(o.has('b') ? kb * 1024 : o.has('m') ? kb / 1024 : o.has('g') ? kb / 1_048_576 : kb))
  }
  const row = (name: string, values: readonly number[]): string => `${name.padEnd(7)}${values.map((v) => show(v).padStart(12)).join('')}\n`
  const cache = (m['Buffers'] ?? 0) + (m['Cached'] ?? 0)
  const used = m['MemTotal']! - m['MemFree']! - cache
  const heads = ['total', 'used', 'free', 'shared', 'buff/cache', 'available'].map((h) => h.padStart(12)).join('')
  return `${' '.repeat(7)}${heads}\n${row('Mem:', [m['MemTotal']!, used, m['MemFree']!, m['Shmem']!, cache, m['MemAvailable']!])}${row('Swap:', [0, 0, 0])}`
} // prettier-ignore

const VMSTAT = {
  short: 'afmnsdDp:S:wtVy',
  long: {
    active: 'a', forks: 'f', slabs: 'm', 'one-header': 'n', stats: 's', disk: 'd', 'disk-sum': 'D', 'partition=': 'p', 'unit=': 'S', wide: 'w',
    timestamp: 't', 'no-first': 'y',
  },
  usage: '[options] [delay [count]]\n\nReport virtual memory statistics',
} // prettier-ignore

/** The first line of /proc/stat: user, nice, system, idle, iowait and stolen time, in hundredths of seconds. */
function cpuTimes(c: Command): number[] {
  return c.fs.readText('/proc/stat').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number)
}

export function vmstat(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options(VMSTAT)
    if (o.has('V')) return c.print('vmstat from procps-ng 4.0.2\n')
    const [delay, count] = o.operands.map((text) => {
      if (!/^\d+$/.test(text)) throw new Fail(`vmstat: failed to parse argument: '${text}'`)
      return Number(text)
    })
    if (delay === 0) throw new Fail('vmstat: delay must be positive integer')
    const unit = { k: 1000, K: 1024, m: 1_000_000, M: 1_048_576 }[o.get('S') ?? 'K']
    if (unit === undefined) throw new Fail('vmstat: -S requires k, K, m or M (default is KiB)')
    if (o.has('f')) return c.print(`${/^processes (\d+)/m.exec(c.fs.readText('/proc/stat'))?.[1]!.padStart(13)} forks\n`)
    if (o.has('s')) return c.print(statistics(c, unit))
    const zone = formatTime('%Z', c.task.clock.now(), c.task.env['TZ'])
    const heads = headers(o, zone)
    let before = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let round = 0; ; round++) {
      if (round === 0 || (!o.has('n') && round % 22 === 0)) await c.print(heads)
      const now = cpuTimes(c)
      if (!(round === 0 && o.has('y'))) await c.print(sample(c, o, unit, before, now))
      before = now
      if (delay === undefined || round + 1 >= (count ?? Infinity)) return
      await c.task.sleep(delay * 1000)
    }
  })
}

function headers(o: Options, zone: string): string {
  const [first, second] = o.has('a') ? ['inact', 'active'] : ['buff', 'cache']
  const stamp = o.has('t') ? [' -----timestamp-----', ` ${zone.padStart(19)}`] : ['', '']
  if (o.has('w'))
    return (
      `--procs-- -----------------------memory---------------------- ---swap-- -----io---- -system-- ----------cpu----------${stamp[0]}\n` +
      `   r    b         swpd         free ${first!.padStart(12)} ${second!.padStart(12)}   si   so    bi    bo   in   cs  us  sy  id  wa  st  gu${stamp[1]}\n`
    )
  return (
    `procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----${stamp[0]}\n` +
    ` r  b   swpd   free ${first!.padStart(6)} ${second!.padStart(6)}   si   so    bi    bo   in   cs us sy id wa st${stamp[1]}\n`
  )
}

function sample(c: Command, o: Options, unit: number, before: readonly number[], now: readonly number[]): string {
  const m = memoryInfo(c)
  const part = (...at: number[]): number => at.reduce((sum, i) => sum + (now[i] ?? 0) - (before[i] ?? 0), 0)
  const total = Math.max(1, part(0, 1, 2, 3, 4, 5, 6, 7))
  const share = (value: number): number => Math.round((value * 100) / total)
  const cpu = [share(part(0, 1)), share(part(2, 5, 6)), 0, share(part(4)), share(part(7))]
  cpu[2] = Math.max(0, 100 - cpu.reduce((sum, value) => sum + value, 0))
  const scaled = (kb: number): number => Math.floor((kb * 1024) / unit)
  const cache = m['Cached']! + (m['SReclaimable'] ?? 0)
  const memory = [0, m['MemFree']!, o.has('a') ? cache : m['Buffers']!, o.has('a') ? m['MemTotal']! - m['MemAvailable']! : cache].map(
    scaled,
  )
  const [running] = /(\d+)\//.exec(c.fs.readText('/proc/loadavg'))?.slice(1) ?? ['0']
  const stamp = o.has('t') ? ` ${formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now(), c.task.env['TZ'])}` : ''
  const cells = (values: readonly (number | string)[], width: number): string =>
    values.map((value) => String(value).padStart(width)).join(' ')
  if (o.has('w'))
    return `${cells([running!, 0], 4)} ${cells(memory, 12)} ${cells([0, 0], 4)} ${cells([0, 0], 5)} ${cells([0, 0], 4)} ${cells([...cpu, 0], 3)}${stamp}\n`
  return `${cells([running!, 0], 2)} ${cells(memory, 6)} ${cells([0, 0], 4)} ${cells([0, 0], 5)} ${cells([0, 0], 4)} ${cells(cpu, 2)}${stamp}\n`
}

/** `vmstat -s`. */
function statistics(c: Command, unit: number): string {
  const m = memoryInfo(c)
  const cache = m['Cached']! + (m['SReclaimable'] ?? 0)
  const name = unit === 1024 ? 'K' : unit === 1000 ? 'k' : unit === 1_000_000 ? 'm' : 'M'
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, stolen = 0] = cpuTimes(c)
  const rows: [number, string][] = [
    ...([
      [m['MemTotal']!, 'total memory'], [m['MemTotal']! - m['MemAvailable']!, 'used memory'], [m['MemTotal']! - m['MemAvailable']!, 'active memory'],
      [cache, 'inactive memory'], [m['MemFree']!, 'free memory'], [m['Buffers']!, 'buffer memory'], [cache, 'swap cache'], [0, 'total swap'],
      [0, 'used swap'], [0, 'free swap'],
    ] as [number, string][]).map(([kb, what]): [number, string] => [Math.floor((kb * 1024) / unit), `${name} ${what}`]),
    [user, 'non-nice user cpu ticks'], [nice, 'nice user cpu ticks'], [system, 'system cpu ticks'], [idle, 'idle cpu ticks'], [wait, 'IO-wait cpu ticks'],
    [irq, 'IRQ cpu ticks'], [softirq, 'softirq cpu ticks'], [stolen, 'stolen cpu ticks'],
    [Number(/^btime (\d+)/m.exec(c.fs.readText('/proc/stat'))?.[1] ?? 0), 'boot time'],
    [Number(/^processes (\d+)/m.exec(c.fs.readText('/proc/stat'))?.[1] ?? 0), 'forks'],
  ] // prettier-ignore
  return rows.map(([value, what]) => `${String(value).padStart(13)} ${what}\n`).join('')
}
