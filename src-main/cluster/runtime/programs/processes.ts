/** top, kill, killall, pidof, pgrep, pkill. */
import { signalNumbers, SystemError, type Program, type Signal } from '../process.js'
import { memoryInfo } from './memory.js'
import { commandName, processState } from '../proc.js'
import { parseSignal } from '../signals.js'
import type { Task } from '../task.js'
import { nameTable } from './accounts.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { readText } from './reading.js'
import { boundedRegExp } from './guarded-regexp.js'
import { countedMs, commandLine, tasks } from './process-columns.js'
import { upLine } from './time.js'

/** Memory as busybox shows it: 1234, 12m. */
function size(bytes: number): string {
  const k = Math.round(bytes / 1024)
  return k < 10_000 ? String(k) : `${Math.round(k / 1024)}m`
}

const KILL = { short: 'l::Ls:q:', long: { 'signal=': 's', 'queue=': 'q', 'list=?': 'l', table: 'L' }, usage: '[options] <pid> [...]' }

const SIGNALS = Object.entries(signalNumbers).sort(([, a], [, b]) => a - b)

/** `kill -l`: all names, or the name of a number and the number of a name. */
async function tellSignals(c: Command, wanted: readonly string[]): Promise<void> {
  if (wanted.length === 0 && c.busybox) return c.print(SIGNALS.map(([name, n]) => `${String(n).padStart(2)}) ${name}\n`).join(''))
  if (wanted.length === 0) {
    const names = SIGNALS.map(([name]) => (name === 'IO' ? 'POLL' : name))
    return c.print(`${names.slice(0, 16).join(' ')}\n${names.slice(16).join(' ')}\n`)
  }
  for (const text of wanted) {
    const number = Number(text) > 128 ? Number(text) - 128 : Number(text)
    const byNumber = SIGNALS.find(([, n]) => n === number)?.[0]
    const name = text.toUpperCase().replace(/^SIG/, '')
    const byName = SIGNALS.find(([each]) => each === name)?.[1]
    if (byNumber === undefined && byName === undefined)
      throw new Fail(c.busybox ? `kill: unknown signal '${text}'` : `kill: unknown signal name ${text}`)
    await c.print(`${byNumber ?? byName}\n`)
  }
}

/** `kill -L`. */
function signalTable(): string {
  const cells = SIGNALS.map(([name, n]) => `${String(n).padStart(2)} ${(name === 'IO' ? 'POLL' : name).padEnd(7)}`)
  const lines = Array.from({ length: Math.ceil(cells.length / 7) }, (_, i) => cells.slice(i * 7, i * 7 + 7).join(' '))
  return lines.map((line, i) => `${i < lines.length - 1 ? line.trimEnd() : line}\n`).join('')
}

export function kill(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    let signal: Signal | undefined = 'TERM'
    let test = false
    if (args[0] === '-l' || args[0] === '--list') {
      await tellSignals(c, args.slice(1))
      return 0
    }
    if (!c.busybox && (args[0] === '-L' || args[0] === '--table')) return c.print(signalTable()).then(() => 0)
    if (!c.busybox && args[0] === '--help') return c.print(c.help(KILL)).then(() => 0)
    if (args[0]?.startsWith('-') && args[0] !== '--') {
      let text = args.shift()!.slice(1)
      if (text === 's' || text === '-signal') text = args.shift() ?? ''
      test = text === '0'
      signal = parseSignal(text)
      if (!signal && !test)
        throw c.busybox ? new Fail(`kill: bad signal name '${text}'`) : c.usageError(KILL, `invalid argument ${text[0] ?? ''}`)
    }
    if (args[0] === '--') args.shift()
    if (args.length === 0) throw c.busybox ? new Fail('kill: you need to specify whom to kill') : c.usageError(KILL)
    for (const a of args) {
      if (!/^-?\d+$/.test(a)) {
        await c.warn(c.busybox ? `invalid number '${a}'` : `failed to parse argument: '${a}'`)
        continue
      }
      try {
        c.task.signal(Number(a), test ? undefined : signal)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `can't kill pid ${a}: ${error.message}` : `(${a}): ${error.message}`)
      }
    }
    return c.status
  })
}

function named(c: Command, name: string): Task[] {
  return tasks(c).filter((t) => !t.ended && t !== c.task && commandName(t) === name.slice(0, 15))
}

export function pidof(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'so:', usage: '[OPTIONS] [NAME]...\n\nList PIDs of all processes with names that match NAMEs' })
    const pids = o.operands
      .flatMap((n) => named(c, n.split('/').at(-1)!))
      .map((t) => t.pid)
      .reverse()
    if (pids.length === 0) return 1
    await c.print(`${(o.has('s') ? pids.slice(0, 1) : pids).join(' ')}\n`)
    return 0
  })
}

export function killall(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    let signal: Signal = 'TERM'
    const quiet = args.includes('-q')
    const rest = args.filter((a) => a !== '-q')
    if (rest[0]?.startsWith('-')) {
      const text = rest.shift()!.slice(1)
      signal = parseSignal(text === 's' ? (rest.shift() ?? '') : text) ?? 'TERM'
    }
    for (const name of rest) {
      const found = named(c, name)
      if (found.length === 0 && !quiet) await c.warn(`${name}: no process ${c.busybox ? 'killed' : 'found'}`)
      else if (found.length === 0) c.status = 1
      for (const t of found) c.task.signal(t.pid, signal)
    }
  })
}

const PGREP = {
  'list-name': 'l', 'list-full': 'a', 'pgroup=': 'g', 'group=': 'G', 'ignore-case': 'i', 'older=': 'O', 'session=': 's', 'terminal=': 't', 'uid=': 'U',
  'pidfile=': 'F', logpidfile: 'L', 'runstates=': 'r', 'ignore-ancestors': 'A', lightweight: 'w', echo: 'e', 'queue=': 'q', 'signal=': 'signal',
} // prettier-ignore

/** The process whose number a file holds. Throws Fail. */
async function pidIn(c: Command, path: string): Promise<number> {
  let text: string
  try {
    text = await readText(c, path)
  } catch {
    throw new Fail(`${c.name}: pidfile not valid\nTry \`${c.name} --help' for more information.`, 1)
  }
  const pid = /^\s*(\d+)/.exec(text)?.[1]
  if (pid === undefined) throw new Fail(`${c.name}: pidfile not valid\nTry \`${c.name} --help' for more information.`, 1)
  return Number(pid)
}

export function pgrep(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.map((a) => a)
    let signal: Signal | undefined = 'TERM'
    const kills = c.name === 'pkill'
    if (kills && args[1] && /^-([A-Z]+|\d+)$/.test(args[1]) && (args[1] === '-0' || parseSignal(args[1].slice(1))))
      signal = parseSignal(args.splice(1, 1)[0]!.slice(1))
    const spec = {
      short: c.busybox ? 'flanovxs:P:' : kills ? 'fnoxs:P:u:U:G:g:t:ceiO:F:Lr:Aq:' : 'flanovxs:P:u:U:G:g:t:cd:iwO:F:Lr:A',
      long: {
        count: 'c',
        'delimiter=': 'd',
        full: 'f',
        exact: 'x',
        newest: 'n',
        oldest: 'o',
        inverse: 'v',
        'parent=': 'P',
        'euid=': 'u',
        ...(c.busybox ? {} : PGREP),
      },
      usage: '[-flanovx] PATTERN\n\nDisplay process(es) selected by regex PATTERN',
    }
    const o = await c.options(spec, args)
    const pattern = o.operands[0]
    const names = nameTable(c.fs)
    const chosen = (letter: string, of: (t: Task) => readonly (string | number)[]): ((t: Task) => boolean) => {
      const values = o.get(letter)?.split(',')
      return (t) => values === undefined || of(t).some((value) => values.includes(String(value)))
    }
    if (pattern === undefined && !['s', 'P', 'u', 'U', 'G', 'g', 't', 'O', 'F', 'r'].some((letter) => o.has(letter)))
      throw c.busybox
        ? c.usageError(spec)
        : new Fail(`${c.name}: no matching criteria specified\nTry \`${c.name} --help' for more information.`, 2)
    if (o.has('signal')) {
      signal = o.get('signal') === '0' ? undefined : parseSignal(o.get('signal')!)
      if (signal === undefined && o.get('signal') !== '0')
        throw new Fail(`${c.name}: Unknown signal "${o.get('signal')}".\nTry \`${c.name} --help' for more information.`, 2)
    }
    const filed = o.has('F') ? await pidIn(c, o.get('F')!) : undefined
    const ancestors = new Set<number>()
    for (let at: Task | undefined = c.task; at && o.has('A'); at = tasks(c).find((t) => t.pid === at!.ppid)) ancestors.add(at.pid)
    const [now, state] = [c.task.clock.now(), (t: Task): string => (t.stopped ? 'T' : t.ended ? 'Z' : 'S')]
    const regex = boundedRegExp(o.has('x') ? `^(?:${pattern ?? ''})$` : (pattern ?? ''), o.has('i') ? 'i' : '')
    const tests = [
      (t: Task) => pattern === undefined || regex.test(o.has('f') ? t.argv.join(' ') : commandName(t)),
      chosen('P', (t) => [t.ppid]),
      chosen('u', (t) => [t.uid, names.user(t.uid)]),
      chosen('U', (t) => [t.uid, names.user(t.uid)]),
      chosen('G', (t) => [t.gid, names.group(t.gid)]),
      chosen('g', (t) => [t.processGroup]),
      chosen('s', (t) => [t.sessionId]),
      (t: Task) => filed === undefined || t.pid === filed,
      (t: Task) => !o.has('O') || now - t.startedAt > Number(o.get('O')) * 1000,
      (t: Task) => !o.has('r') || o.get('r')!.includes(state(t)),
      (t: Task) => !ancestors.has(t.pid),
      chosen('t', (t) => [t.terminal ? `pts/${t.terminal.index}` : '?']),
    ]
    const found = tasks(c).filter((t) => !t.ended && t !== c.task && tests.every((test) => test(t)) !== o.has('v'))
    const listed = o.has('n') ? found.slice(-1) : o.has('o') ? found.slice(0, 1) : found
    if (kills) {
      for (const t of listed) {
        c.task.signal(t.pid, signal)
        if (o.has('e') && !c.busybox) await c.print(`${commandName(t)} killed (pid ${t.pid})\n`)
      }
    }
    const line = (t: Task): string =>
      `${t.pid}${o.has('a') ? ` ${commandLine(t)}` : o.has('l') ? ` ${c.busybox ? commandLine(t) : commandName(t)}` : ''}`
    if (o.has('c') && !c.busybox) await c.print(`${listed.length}\n`)
    else if (!kills && listed.length > 0) await c.print(`${listed.map(line).join(o.get('d') ?? '\n')}\n`)
    return found.length > 0 ? 0 : 1
  })
}

const TOP = {
  'batch-mode': 'b', 'cmdline-toggle': 'c', 'delay=': 'd', 'scale-summary-mem=': 'E', 'scale-task-mem=': 'e', 'threads-show': 'H', 'idle-toggle': 'i',
  'iterations=': 'n', 'sort-override=': 'o', 'list-fields': 'O', 'pid=': 'p', 'secure-mode': 's', 'accum-time-toggle': 'S', 'filter-any-user=': 'U',
  'filter-only-euser=': 'u', 'width=?': 'w', 'single-cpu-toggle': '1', help: 'h', version: 'V',
} // prettier-ignore

/** The fields of top that its processes can be sorted by. */
const ORDERS: Readonly<Record<string, (t: Task, names: ReturnType<typeof nameTable>) => number | string>> = {
  PID: (t) => t.pid, PPID: (t) => t.ppid, USER: (t, names) => names.user(t.uid), UID: (t) => t.uid, PR: (t) => 20 + t.niceness, NI: (t) => t.niceness,
  VIRT: (t) => t.memory, RES: (t) => t.memory, SHR: (t) => t.memory, S: (t) => Number(t.ended), '%CPU': (t) => t.cpuMs, '%MEM': (t) => t.memory,
  TIME: (t) => t.cpuMs, 'TIME+': (t) => t.cpuMs, COMMAND: (t) => commandName(t), PGRP: (t) => t.processGroup, SID: (t) => t.sessionId,
} // prettier-ignore

/** Refuses arguments of top that mean nothing. Throws Fail. */
function checkTop(o: Options): void {
  const [count, delay, field, pids] = [o.get('n'), o.get('d'), o.get('o'), o.get('p')]
  if (count !== undefined && !/^[1-9]\d*$/.test(count)) throw new Fail(`top: bad iterations argument '${count}'`)
  if (delay !== undefined && !(Number(delay) >= 0)) throw new Fail(`top: bad delay interval '${delay}'`)
  if (field !== undefined && !Object.hasOwn(ORDERS, field.replace(/^[-+]/, '').toUpperCase()))
    throw new Fail(`top: unrecognized field name '${field}'`)
  const bad = pids?.split(',').find((pid) => !/^\d+$/.test(pid))
  if (bad !== undefined) throw new Fail(`top: bad pid '${bad}'`)
}

export function top(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: c.busybox ? 'bn:d:Hm' : 'bcE:e:d:Hin:o:Op:SsU:u:w::1hV', long: c.busybox ? {} : TOP, usage: '[-b] [-n COUNT] [-d SECONDS]\n\nShow a view of process activity in real time' } // prettier-ignore
    const o = await c.options(spec)
    if (o.has('V')) return c.print('top from procps-ng 4.0.2\n').then(() => 0)
    if (o.has('h')) return c.print(c.help(spec)).then(() => 0)
    if (o.has('O')) return c.print(`${Object.keys(ORDERS).join('\n')}\n`).then(() => 0)
    if (!c.busybox) checkTop(o)
    const rounds = Number(o.get('n') ?? Infinity)
    const wait = Math.max(0.1, Number(o.get('d') ?? (c.busybox ? 5 : 3))) * 1000
    const input = c.task.fd(0)
    const terminal = !o.has('b') && input?.kind === 'tty' ? c.task.terminal : undefined
    const modes = terminal?.modes
    terminal?.setModes({ icanon: false, echo: false })
    let before = new Map<Task, number>()
    let beforeAt = c.task.clock.now()
    try {
      for (let i = 0; i < rounds; i++) {
        const now = c.task.clock.now()
        const text = topScreen(
          c,
          o,
          before,
          Math.max(1, now - beforeAt),
          i === 0,
          terminal ? terminal.rows - 1 : Infinity,
          terminal?.columns,
        )
        before = new Map(tasks(c).map((t) => [t, countedMs(t)]))
        beforeAt = now
        await c.print(terminal ? `\x1b[H\x1b[J${text}` : text)
        if (i + 1 >= rounds) break
        if (!terminal || !input) await c.task.sleep(wait)
        else if (await c.task.poll(input, wait)) {
          const key = await input.read(16)
          if (key.length === 0 || key[0] === 113 || key[0] === 3) break
        }
      }
    } finally {
      if (!c.task.ended && modes) {
        terminal!.setModes(modes)
        await c.print('\n')
      }
    }
    return 0
  })
}

function topScreen(c: Command, o: Options, before: Map<Task, number>, elapsed: number, first: boolean, rows: number, columns = 80): string {
  const names = nameTable(c.fs)
  const m = memoryInfo(c)
  const cache = m['Buffers']! + m['Cached']!
  const used = m['MemTotal']! - m['MemFree']! - cache
  const usage = (t: Task): number =>
    first ? (countedMs(t) / Math.max(1, c.task.clock.now() - t.startedAt)) * 100 : ((countedMs(t) - (before.get(t) ?? 0)) / elapsed) * 100
  const key = (o.get('o') ?? '%CPU').toUpperCase()
  const order = ORDERS[key.replace(/^[-+]/, '')] ?? ((t: Task) => usage(t))
  const way = key.startsWith('-') ? 1 : -1
  const rank = (t: Task): number | string => (key.endsWith('%CPU') ? usage(t) : order(t, names))
  const wanted = (t: Task): boolean => {
    if (o.has('p') && !o.get('p')!.split(',').includes(String(t.pid))) return false
    const user = o.get('u') ?? o.get('U')
    if (user !== undefined && names.user(t.uid) !== user && String(t.uid) !== user) return false
    return !o.has('i') || first || usage(t) > 0
  }
  const list = tasks(c)
    .filter(wanted)
    .sort((a, b) => {
      const [x, y] = [rank(a), rank(b)]
      return (x < y ? -1 : x > y ? 1 : 0) * way || a.pid - b.pid
    })
  const total = list.reduce((sum, t) => sum + usage(t), 0)
  const lines: string[] = []
  if (c.busybox) {
    lines.push(
      `Mem: ${used}K used, ${m['MemFree']}K free, ${m['Shmem']}K shrd, ${m['Buffers']}K buff, ${m['Cached']}K cached`,
      `CPU: ${total.toFixed(0).padStart(3)}% usr   0% sys   0% nic ${Math.max(0, 100 - total)
        .toFixed(0)
        .padStart(3)}% idle   0% io   0% irq   0% sirq`,
      `Load average: ${c.fs.readText('/proc/loadavg').trim()}`,
      '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND',
    )
    for (const t of list) {
      const vsz = t.memory * 3
      lines.push(
        `${String(t.pid).padStart(5)} ${String(t.ppid).padStart(5)} ${names.user(t.uid).slice(0, 8).padEnd(8)} ${processState(t, c.task).padEnd(4)} ${size(vsz).padStart(5)} ${((vsz / 1024 / m['MemTotal']!) * 100).toFixed(0).padStart(3)}% ${'0'.padStart(3)} ${usage(t).toFixed(0).padStart(3)}% ${commandLine(t)}`,
      )
    }
  } else {
    lines.push(
      `top -${upLine(c)}`,
      `Tasks: ${String(list.length).padStart(3)} total, ${String(list.filter((t) => processState(t, c.task) === 'R').length).padStart(3)} running, ${String(list.filter((t) => processState(t, c.task) === 'S').length).padStart(3)} sleeping,   0 stopped, ${String(list.filter((t) => t.ended).length).padStart(3)} zombie`,
      `%Cpu(s): ${total.toFixed(1).padStart(4)} us,  0.0 sy,  0.0 ni,${Math.max(0, 100 - total)
        .toFixed(1)
        .padStart(5)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st `,
      `MiB Mem : ${(m['MemTotal']! / 1024).toFixed(1).padStart(8)} total, ${(m['MemFree']! / 1024).toFixed(1).padStart(8)} free, ${(used / 1024).toFixed(1).padStart(8)} used, ${(cache / 1024).toFixed(1).padStart(8)} buff/cache`,
      `MiB Swap: ${'0.0'.padStart(8)} total, ${'0.0'.padStart(8)} free, ${'0.0'.padStart(8)} used. ${(m['MemAvailable']! / 1024).toFixed(1).padStart(8)} avail Mem`,
      '',
      '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
    )
    for (const t of list) {
      const kbytes = Math.round(t.memory / 1024)
      lines.push(
        `${String(t.pid).padStart(7)} ${names.user(t.uid).slice(0, 8).padEnd(8)}  ${String(20 + t.niceness).padStart(2)} ${String(t.niceness).padStart(3)} ${String(kbytes * 3).padStart(7)} ${String(kbytes).padStart(6)} ${String(Math.round(kbytes / 2)).padStart(6)} ${processState(t, c.task)} ${usage(t).toFixed(1).padStart(5)} ${((kbytes / m['MemTotal']!) * 100).toFixed(1).padStart(5)} ${`${Math.floor(t.cpuMs / 60_000)}:${((t.cpuMs % 60_000) / 1000).toFixed(2).padStart(5, '0')}`.padStart(9)} ${o.has('c') ? commandLine(t) : commandName(t)}`,
      )
    }
  }
  return lines
    .slice(0, rows)
    .map((l) => `${l.slice(0, rows === Infinity ? undefined : columns)}\n`)
    .join('')
}
