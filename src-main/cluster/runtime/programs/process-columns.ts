/** What is told of processes: the columns of ps and top. */
import { commandName, processState } from '../proc.js'
import type { Task } from '../task.js'
import type { nameTable } from './accounts.js'
import type { Command } from './command.js'
import { formatTime } from './strftime.js'

export function tasks(c: Command): Task[] {
  return c.task.namespaces.pids.list()
}

export function commandLine(t: Task): string {
  return t.ended ? `[${commandName(t)}]` : t.argv.join(' ')
}

export function cpuTime(ms: number, style: 'm:ss' | 'hh:mm:ss'): string {
  const s = Math.floor(ms / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  return style === 'm:ss'
    ? `${Math.floor(s / 60)}:${two(s % 60)}`
    : `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

/** CPU ms of a process as /proc tells them: in hundredths of a second. */
export function countedMs(t: Task): number {
  return Math.floor(t.cpuMs / 10) * 10
}

export function percent(t: Task, c: Command): string {
  const age = Math.max(1, c.task.clock.now() - t.startedAt)
  return ((countedMs(t) / age) * 100).toFixed(1)
}

export type Column = [
  header: string,
  width: number,
  right: boolean,
  value: (t: Task, c: Command, names: ReturnType<typeof nameTable>) => string,
]

const start = (t: Task, c: Command): string => {
  const day = (ms: number): number => Math.floor(ms / 86_400_000)
  return formatTime(day(t.startedAt) === day(c.task.clock.now()) ? '%H:%M' : '%b%d', t.startedAt)
}

export const columnsByName: Record<string, Column> = {
  pid: ['PID', 7, true, (t) => String(t.pid)],
  ppid: ['PPID', 7, true, (t) => String(t.ppid)],
  pgid: ['PGID', 7, true, (t) => String(t.processGroup)],
  sid: ['SID', 7, true, (t) => String(t.sessionId)],
  user: ['USER', 8, false, (t, _c, n) => n.user(t.uid)],
  uid: ['UID', 5, true, (t) => String(t.uid)],
  group: ['GROUP', 8, false, (t, _c, n) => n.group(t.gid)],
  comm: ['COMMAND', 15, false, (t) => commandName(t)],
  args: ['COMMAND', 0, false, (t) => commandLine(t)],
  cmd: ['CMD', 0, false, (t) => commandLine(t)],
  command: ['COMMAND', 0, false, (t) => commandLine(t)],
  stat: [
    'STAT',
    4,
    false,
    (t, c) =>
      processState(t, c.task) + (t.sessionId === t.pid ? 's' : '') + (t.terminal && t.terminal.foreground === t.processGroup ? '+' : ''),
  ],
  state: ['S', 1, false, (t, c) => processState(t, c.task)],
  s: ['S', 1, false, (t, c) => processState(t, c.task)],
  vsz: ['VSZ', 6, true, (t) => String(Math.round((t.memory * 3) / 1024))],
  rss: ['RSS', 5, true, (t) => String(Math.round(t.memory / 1024))],
  time: ['TIME', 8, true, (t) => cpuTime(t.cpuMs, 'hh:mm:ss')],
  bsdtime: ['TIME', 6, true, (t) => cpuTime(t.cpuMs, 'm:ss')],
  etime: ['ELAPSED', 11, true, (t, c) => elapsed(c.task.clock.now() - t.startedAt)],
  etimes: ['ELAPSED', 7, true, (t, c) => String(Math.floor((c.task.clock.now() - t.startedAt) / 1000))],
  lstart: ['STARTED', 24, true, (t) => formatTime('%a %b %e %H:%M:%S %Y', t.startedAt)],
  start: ['STARTED', 8, true, start],
  bsdstart: ['START', 5, true, start],
  stime: ['STIME', 5, false, start],
  c: ['C', 2, true, () => '0'],
  tty: ['TT', 8, false, (t) => (t.terminal ? `pts/${t.terminal.index}` : '?')],
  nice: ['NI', 3, true, (t) => String(t.niceness)],
  ni: ['NI', 3, true, (t) => String(t.niceness)],
  pri: ['PRI', 3, true, (t) => String(19 - t.niceness)],
  pcpu: ['%CPU', 4, true, (t, c) => percent(t, c)],
  pmem: ['%MEM', 4, true, () => '0.0'],
}
/** Columns of procps that say little of a simulated process, or the same as another in another form. */
Object.assign(columnsByName, {
  f: ['F', 1, true, (t) => (t.uid === 0 ? '4' : '0')],
  gid: ['GID', 5, true, (t) => String(t.gid)],
  tpgid: ['TPGID', 7, true, (t) => String(t.terminal?.foreground ?? -1)],
  lwp: ['LWP', 7, true, (t) => String(t.pid)],
  nlwp: ['NLWP', 4, true, () => '1'],
  psr: ['PSR', 3, true, () => '0'],
  wchan: ['WCHAN', 6, false, () => '-'],
  cls: ['CLS', 3, true, () => 'TS'],
  sz: ['SZ', 5, true, (t) => String(pages(t))],
  // With no address to show, its column is what the size leaves of it.
  addr_sz: ['ADDR SZ', 7, true, (t) => `- ${String(pages(t)).padStart(5)}`],
  opri: ['PRI', 3, true, (t) => String(80 + t.niceness)],
  majflt: ['MAJFL', 6, true, () => '0'],
  trs: ['TRS', 5, true, () => '0'],
  drs: ['DRS', 5, true, (t) => String(Math.round((t.memory * 3) / 1024))],
} satisfies Record<string, Column>)
for (const [name, of, header] of [
  ['euser', 'user', 'EUSER'],
  ['ruser', 'user', 'RUSER'],
  ['uname', 'user', 'USER'],
  ['euid', 'uid', 'EUID'],
  ['ruid', 'uid', 'RUID'],
  ['egid', 'gid', 'EGID'],
  ['rgid', 'gid', 'RGID'],
  ['egroup', 'group', 'EGROUP'],
  ['rgroup', 'group', 'RGROUP'],
  ['tt', 'tty', 'TT'],
  ['tname', 'tty', 'TTY'],
  ['pgrp', 'pgid', 'PGRP'],
  ['sess', 'sid', 'SESS'],
  ['session', 'sid', 'SESS'],
  ['tid', 'lwp', 'TID'],
  ['spid', 'lwp', 'SPID'],
  ['thcount', 'nlwp', 'THCNT'],
  ['ucmd', 'comm', 'CMD'],
  ['ucomm', 'comm', 'COMMAND'],
  ['fname', 'comm', 'COMMAND'],
  ['cputime', 'time', 'TIME'],
  ['rssize', 'rss', 'RSS'],
  ['rsz', 'rss', 'RSZ'],
  ['vsize', 'vsz', 'VSZ'],
  ['size', 'vsz', 'SIZE'],
  ['policy', 'cls', 'POL'],
  ['class', 'cls', 'CLS'],
  ['start_time', 'bsdstart', 'START'],
] as const) {
  // prettier-ignore
  const [, width, right, value] = columnsByName[of]!
  columnsByName[name] = [header, width, right, value]
}
columnsByName['%cpu'] = columnsByName['pcpu']!
columnsByName['%mem'] = columnsByName['pmem']!

/** Pages of 4 KiB. */
function pages(t: Task): number {
  return Math.ceil((t.memory * 3) / 4096)
}

/** `[[DD-]hh:]mm:ss` */
function elapsed(ms: number): string {
  const s = Math.floor(ms / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  const days = Math.floor(s / 86_400)
  const hours = Math.floor(s / 3600) % 24
  const head = days > 0 ? `${days}-${two(hours)}:` : hours > 0 ? `${two(hours)}:` : ''
  return `${head}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}
