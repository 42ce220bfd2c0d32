/** sleep, date, uptime, timeout: programs about time. All of it is the cluster's time. */
import type { Program, Signal } from '../process.js'
import { SystemError } from '../process.js'
import { parseSignal } from '../signals.js'
import { choice } from './choice.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { readText } from './reading.js'
import { parseDuration } from './sizes.js'
import { parseBusyboxTime, parseByFormat } from './date-formats.js'
import { versionText } from './gnu-versions.js'
import { notFound } from './launch.js'
import { formatTime, parseTime } from './strftime.js'

export function sleep(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    // busybox' takes no options at all: what begins with a dash is a wrong number.
    const plain = c.busybox && c.task.argv[1] !== '--help'
    const { operands } = plain
      ? { operands: c.task.argv.slice(1) }
      : await c.options({
          short: '',
          usage: c.busybox
            ? '[N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays'
            : 'NUMBER[SUFFIX]...',
        })
    if (operands.length === 0) throw c.usageError({ short: '', usage: '[N]...' }, c.busybox ? undefined : 'missing operand')
    let total = 0
    for (const o of operands) {
      if (o === 'infinity' || o === 'inf') total = Infinity
      const ms = o === 'infinity' || o === 'inf' ? 0 : parseDuration(o)
      if (ms === undefined && c.busybox) throw new Fail(`sleep: invalid number '${o}'`)
      if (ms === undefined) await c.warn(`invalid time interval '${o}'`)
      total += ms ?? 0
    }
    if (c.status !== 0) throw new Fail("Try 'sleep --help' for more information.")
    // For ever is longer than any timer.
    while (total === Infinity) await c.task.sleep(86_400_000 * 365)
    await c.task.sleep(total)
  })
}

/** busybox' time: runs a program, and tells how long it took. */
export function timeProgram(): Program {
  return command('busybox', async (c) => {
    const spec = {
      short: 'vpao:f:',
      stopAtOperand: true,
      usage: '[-vpa] [-o FILE] PROG ARGS\n\nRun PROG, display resource usage when it exits',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec)
    const started = c.task.clock.now()
    const before = c.task.childCpu
    let status: number
    try {
      status = await (await c.task.spawn({ argv: o.operands })).wait()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(`can't execute '${o.operands[0]}': ${error.message}`)
      status = error.code === 'ENOENT' ? 127 : 126
    }
    const real = (c.task.clock.now() - started) / 1000
    const system = (c.task.childCpu.kernel - before.kernel) / 1000
    const user = (c.task.childCpu.all - before.all) / 1000 - system
    const long = (seconds: number): string => `${Math.floor(seconds / 60)}m ${(seconds % 60).toFixed(2)}s`
    const text = o.has('p')
      ? `real ${real.toFixed(2)}\nuser ${user.toFixed(2)}\nsys ${system.toFixed(2)}\n`
      : `${status === 0 ? '' : `Command exited with non-zero status ${status}\n`}real\t${long(real)}\nuser\t${long(user)}\nsys\t${long(system)}\n`
    await c.task.writeError(text)
    return status
  })
}

export function usleep(): Program {
  return command('busybox', (c) => c.task.sleep(Number(c.task.argv[1] ?? 0) / 1000))
}

const DATE_USAGE = `[OPTIONS] [+FMT] [[-s] TIME]

Display time (using +FMT), or set time

	-u		Work in UTC (don't convert to local time)
	-s TIME		Set time to TIME
	-d TIME		Display TIME, not 'now'
	-D FMT		FMT (strptime format) for -s/-d TIME conversion
	-r FILE		Display last modification time of FILE
	-R		Output RFC-2822 date
	-I[SPEC]	Output ISO-8601 date`

export function date(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'ud:s:r:RI::D:' : 'ud:f:s:r:RI::',
      long: {
        utc: 'u',
        universal: 'u',
        'date=': 'd',
        'set=': 's',
        'reference=': 'r',
        'rfc-2822': 'R',
        'rfc-email': 'R',
        'iso-8601=?': 'I',
        'rfc-3339=': 'F',
        'file=': 'f',
        resolution: 'resolution',
        debug: 'debug',
      },
      usage: DATE_USAGE,
    }
    const o = await c.options(spec)
    if (o.has('s')) {
      await c.warn(c.busybox ? "can't set date: Operation not permitted" : 'cannot set date: Operation not permitted')
      return 1
    }
    if (!c.busybox && ['d', 'r', 'f', 'resolution'].filter((letter) => o.has(letter)).length > 1)
      throw c.usageError(spec, 'the options to specify dates for printing are mutually exclusive')
    const asked = o.given.filter(([letter]) => 'RIF'.includes(letter)).length
    const spelled = o.get('I')
    if (spelled && !c.busybox) o.add('I', choice(c, '--iso-8601', spelled, [['hours'], ['minutes'], ['date'], ['seconds'], ['ns']]))
    if (o.has('F')) o.add('F', choice(c, '--rfc-3339', o.get('F')!, [['date'], ['seconds'], ['ns']]))
    if (!c.busybox && o.operands.length > 1) throw c.usageError(spec, `extra operand '${o.operands[1]}'`)
    if (o.has('resolution')) return void (await c.print('0.000000001\n'))
    let at = c.task.clock.now()
    const text = o.get('d')
    if (text !== undefined) {
      const format = c.busybox ? o.get('D') : undefined
      const parsed = format !== undefined ? parseByFormat(text, format, at) : (c.busybox ? parseBusyboxTime : parseTime)(text, at)
      if (parsed === undefined) throw new Fail(`date: invalid date '${text}'`)
      at = parsed
    }
    const reference = o.get('r')
    if (reference !== undefined) {
      try {
        at = c.fs.stat(reference).mtime
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(c.busybox ? `date: can't stat '${reference}': ${error.message}` : `date: ${reference}: ${error.message}`)
      }
    }
    let format = c.busybox ? '%a %b %e %H:%M:%S %Z %Y' : '%a %b %e %H:%M:%S %Z %Y'
    if (o.has('R')) format = '%a, %d %b %Y %H:%M:%S %z'
    if (o.has('I'))
      format =
        {
          '': '%Y-%m-%d',
          date: '%Y-%m-%d',
          hours: '%Y-%m-%dT%H%:z',
          minutes: '%Y-%m-%dT%H:%M%:z',
          seconds: '%Y-%m-%dT%H:%M:%S%:z',
          ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
        }[o.get('I')!] ?? '%Y-%m-%d'
    if (o.has('F')) format = { date: '%Y-%m-%d', ns: '%Y-%m-%d %H:%M:%S.%N%:z' }[o.get('F')!] ?? '%Y-%m-%d %H:%M:%S%:z'
    const first = o.operands[0]
    if (asked + (first?.startsWith('+') ? 1 : 0) > 1 && !c.busybox) throw new Fail('date: multiple output formats specified')
    if (first !== undefined) {
      if (!first.startsWith('+')) throw new Fail(`date: invalid date '${first}'`)
      format = first.slice(1)
    }
    const shown = (time: number): string => `${formatTime(format, time, o.has('u') ? 'UTC' : c.task.env['TZ'])}\n`
    const list = o.get('f')
    if (list === undefined) return c.print(shown(at)).then(() => undefined)
    for (const line of (await lines(c, list)).split('\n').slice(0, -1)) {
      const time = parseTime(line, at)
      if (time === undefined) await c.warn(`invalid date '${line}'`)
      else await c.print(shown(time))
    }
    return undefined
  })
}

/** The text of the file of dates. Throws Fail. */
async function lines(c: Command, path: string): Promise<string> {
  try {
    const text = await readText(c, path)
    return text === '' || text.endsWith('\n') ? text : `${text}\n`
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`date: ${path}: ${error.message}`)
  }
}

/** ` 13:22:05 up  4:05,  0 user,  load average: 0.00, 0.00, 0.00`: what uptime and top begin with. */
export function upLine(c: Command): string {
  const up = Math.floor(Number(c.fs.readText('/proc/uptime').split(' ')[0]))
  const days = Math.floor(up / 86_400)
  const hours = Math.floor(up / 3600) % 24
  const minutes = Math.floor(up / 60) % 60
  const length = `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`}`
  const load = c.fs.readText('/proc/loadavg').split(' ').slice(0, 3).join(', ')
  return ` ${formatTime('%H:%M:%S', c.task.clock.now())} up ${length},  ${c.busybox ? '0 users' : '0 user'},  load average: ${load}`
}

export function uptime(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: c.busybox ? '' : 'pshV',
      long: { pretty: 'p', since: 's', help: 'h', version: 'V' },
      usage: c.busybox ? '\n\nDisplay the time since the last boot' : '[options]',
    })
    if (o.has('V')) return c.print(versionText('uptime', c.fs))
    if (o.has('h')) return c.print(c.help({ short: 'ps', long: { pretty: 'p', since: 's' }, usage: '[options]' }))
    const up = Math.floor(Number(c.fs.readText('/proc/uptime').split(' ')[0]))
    if (o.has('s')) return c.print(`${formatTime('%Y-%m-%d %H:%M:%S', c.task.clock.now() - up * 1000, c.task.env['TZ'])}\n`)
    await c.print(o.has('p') ? `${pretty(up)}\n` : `${upLine(c)}\n`)
  })
}

/** `up 2 weeks, 3 days, 1 hour, 5 minutes`. @param up in seconds */
function pretty(up: number): string {
  const parts = [
    [Math.floor(up / 604_800), 'week'],
    [Math.floor(up / 86_400) % 7, 'day'],
    [Math.floor(up / 3600) % 24, 'hour'],
    [Math.floor(up / 60) % 60, 'minute'],
  ] as const
  const told = parts.filter(([n, unit]) => n > 0 || (unit === 'minute' && up < 60)).map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`)
  return `up ${told.join(', ')}`
}

export function timeout(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 's:k:' : 's:k:v',
      long: { 'signal=': 's', 'kill-after=': 'k', 'preserve-status': 'P', foreground: 'F', verbose: 'v' },
      stopAtOperand: true,
      usage: '[-s SIG] [-k KILL_SECS] SECS PROG ARGS\n\nRun PROG. Send SIG to it if it is not gone in SECS seconds.\nDefault SIG: TERM.',
    }
    const o = await c.options(spec)
    const [duration, ...argv] = o.operands
    if (duration === undefined || argv.length === 0) throw c.usageError(spec)
    const wrong = [o.get('k'), duration].find((text) => text !== undefined && parseDuration(text) === undefined)
    if (wrong !== undefined) {
      if (c.busybox) throw new Fail(`timeout: invalid time interval '${wrong}'`, 1)
      throw c.usageError(spec, `invalid time interval '${wrong}'`)
    }
    const ms = parseDuration(duration)!
    const signal = parseSignal(o.get('s') ?? 'TERM')
    if (!signal)
      throw c.busybox ? new Fail(`timeout: bad signal name '${o.get('s')}'`) : c.usageError(spec, `'${o.get('s')}': invalid signal`)
    return runWithin(c, argv, { ms, signal, killAfter: o.get('k'), preserve: o.has('P'), tell: o.has('v') })
  })
}

async function runWithin(
  c: Command,
  argv: string[],
  how: { ms: number; signal: Signal; killAfter: string | undefined; preserve: boolean; tell: boolean },
): Promise<number> {
  const { ms, signal, killAfter, preserve } = how
  const { task } = c
  let child
  try {
    child = await task.spawn({ argv })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return notFound(c, argv[0]!, error)
  }
  let timedOut = false
  const end = (by: Signal): void => {
    if (how.tell) void task.writeError(`timeout: sending signal ${by} to command '${argv[0]}'\n`)
    child.kill(by)
  }
  const timers = [
    task.clock.after(ms, () => {
      if (ms === 0) return
      timedOut = true
      end(signal)
      child.kill('CONT')
      const later = killAfter === undefined ? undefined : parseDuration(killAfter)
      if (later !== undefined) timers.push(task.clock.after(later, () => end('KILL')))
    }),
  ]
  task.aborted.addEventListener('abort', () => timers.forEach((t) => t.cancel()))
  for (const s of ['TERM', 'INT', 'HUP'] as const) task.onSignal(s, () => child.kill(s))
  const code = await child.wait()
  for (const t of timers) t.cancel()
  if (!timedOut || preserve) return code
  // A KILL that coreutils sends to its group ends itself as well.
  if (!c.busybox && signal === 'KILL') task.kill(task.pid, 'KILL')
  // coreutils says 124 unless the process had to be killed; busybox passes the signal's status on.
  return c.busybox ? code : code === 137 ? 137 : 124
}
