/** ps: busybox' and that of procps. */
import type { Program } from '../process.js'
import { commandName } from '../proc.js'
import type { Task } from '../task.js'
import { groups, nameTable, users } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { columnsByName, commandLine, cpuTime, tasks, type Column } from './process-columns.js'
import { readArguments, wrong, type Request } from './ps-arguments.js'

export function ps(flavour: Flavour): Program {
  return flavour === 'busybox' ? busyboxPs() : procps()
}

function busyboxPs(): Program {
  return command('busybox', async (c) => {
    const o = await c.options(
      { short: 'o:Tlwefa', usage: '[-o COL1,COL2=HEADER] [-T]\n\nShow list of processes' },
      c.task.argv.map((a, i) => (i > 0 && /^[auxw]+$/.test(a) ? '-w' : a)),
    )
    const names = nameTable(c.fs)
    const columns = o.get('o')
    if (columns !== undefined) return void (await c.print(table(c, columnsOf(columns.split(','), true), tasks(c))))
    let out = 'PID   USER     TIME  COMMAND\n'
    for (const t of tasks(c))
      out += `${String(t.pid).padStart(5)} ${names.user(t.uid).slice(0, 8).padEnd(8)} ${cpuTime(t.cpuMs, 'm:ss').padStart(5)} ${commandLine(t)}\n`
    await c.print(out)
  })
}

/** Columns that busybox makes as wide as a pid of five digits. */
const BUSYBOX_WIDTHS: Readonly<Record<string, number>> = { pid: 5, ppid: 5, pgid: 5, sid: 5, comm: 16 }

/** The columns of a list of names, each perhaps with a header or a width of its own. Throws Fail. */
function columnsOf(wanted: readonly string[], busybox: boolean): Column[] {
  return wanted.map((w): Column => {
    const [, given = '', width, header] = /^([^=:]*)(?::(\d+))?(?:=(.*))?$/s.exec(w.trim()) ?? []
    const name = given.toLowerCase()
    const column = Object.hasOwn(columnsByName, name) ? columnsByName[name] : undefined
    if (!column)
      throw busybox
        ? new Fail(`ps: bad -o argument '${given}', supported arguments: ${Object.keys(columnsByName).join(',')}`)
        : wrong(`unknown user-defined format specifier "${w}"`)
    const own = busybox ? (BUSYBOX_WIDTHS[name] ?? column[1]) : Math.max(column[1], header?.length ?? 0)
    return [header ?? column[0], width === undefined ? own : Number(width), column[2], column[3]]
  })
}

function table(c: Command, columns: readonly Column[], list: readonly Task[], headed = true, lead?: (t: Task) => string): string {
  const names = nameTable(c.fs)
  const row = (values: string[]): string =>
    `${values.map((v, i) => (i === values.length - 1 && !columns[i]![2] ? v : columns[i]![2] ? v.padStart(columns[i]![1]) : v.padEnd(columns[i]![1]))).join(' ')}\n`
  const head = !headed || columns.every(([h]) => h === '') ? '' : row(columns.map(([h]) => h))
  const value = (column: Column, t: Task): string => {
    const text = column[3](t, c, names)
    return lead && TITLES.has(column[3]) ? lead(t) + text : text
  }
  return head + list.map((t) => row(columns.map((column) => value(column, t)))).join('')
}

/** The columns in which a tree is drawn. */
const TITLES: ReadonlySet<Column[3]> = new Set(['args', 'cmd', 'command', 'comm'].map((name) => columnsByName[name]![3]))

function procps(): Program {
  return command('coreutils', async (c) => {
    const request = readArguments(c.task.argv.slice(1))
    if (request.version) return c.print('ps from procps-ng 4.0.2\n')
    let list = selected(c, request)
    if (request.sort) list = sorted(c, list, request.sort)
    const columns = columnsOf(request.columns, false)
    const tree = request.forest ? forest(list, request.forest) : undefined
    await c.print(table(c, columns, tree?.list ?? list, request.headed, tree?.lead))
    return list.length === 0 ? 1 : 0
  })
}

/** The processes that are asked for. Throws Fail. */
function selected(c: Command, request: Request): Task[] {
  const { lists } = request
  const chosen = (t: Task): boolean => lists.some(([letter, values]) => TESTS[letter]!(c, t, values))
  for (const [letter, values] of lists) {
    if (letter === 'u' || letter === 'U')
      for (const value of values)
        if (!/^\d+$/.test(value) && !users(c.fs).some(({ name }) => name === value)) throw wrong('user name does not exist')
  }
  const own = (t: Task): boolean => {
    if (lists.length > 0) return chosen(t)
    if (request.all === 'everything') return true
    if (request.all === 'terminals') return t.terminal !== undefined && t.sessionId !== t.pid
    if (request.all === 'followers') return t.sessionId !== t.pid
    // One's own, at one's terminal; without one, those that have none either.
    return t.uid === c.task.uid && (request.all === 'mine' || t.terminal === c.task.terminal)
  }
  return tasks(c).filter((t) => own(t) !== request.negate)
}

const TESTS: Readonly<Record<string, (c: Command, t: Task, values: readonly string[]) => boolean>> = {
  p: (_, t, values) => values.includes(String(t.pid)),
  C: (_, t, values) => values.some((name) => commandName(t) === name.slice(0, 15)),
  u: (c, t, values) => values.some((who) => who === String(t.uid) || users(c.fs).some(({ name, id }) => name === who && id === t.uid)),
  U: (c, t, values) => TESTS['u']!(c, t, values),
  G: (c, t, values) => values.some((who) => who === String(t.gid) || groups(c.fs).some(({ name, id }) => name === who && id === t.gid)),
  g: (_, t, values) => values.includes(String(t.sessionId)),
  s: (_, t, values) => values.includes(String(t.sessionId)),
  t: (_, t, values) => values.some((tty) => (t.terminal ? `pts/${t.terminal.index}` : '?') === tty.replace(/^\/dev\//, '')),
  parent: (_, t, values) => values.includes(String(t.ppid)),
}

function sorted(c: Command, list: Task[], keys: readonly string[]): Task[] {
  const names = nameTable(c.fs)
  const order = keys.map((key) => {
    const name = key.replace(/^[-+]/, '').toLowerCase()
    const column = Object.hasOwn(columnsByName, name) ? columnsByName[name]! : undefined
    if (!column) throw wrong('unknown sort specifier')
    return { down: key.startsWith('-'), value: (t: Task) => (/start|time$/.test(name) && name !== 'time' && name !== 'cputime' ? String(t.startedAt) : name === 'time' || name === 'cputime' ? String(t.cpuMs) : column[3](t, c, names)) }
  }) // prettier-ignore
  return list.toSorted((a, b) => {
    for (const { down, value } of order) {
      const [x, y] = [value(a), value(b)]
      const difference =
        x !== '' && y !== '' && !Number.isNaN(Number(x)) && !Number.isNaN(Number(y)) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0
      if (difference !== 0) return down ? -difference : difference
    }
    return 0
  })
}

/** The processes with each behind its parent, and what is drawn before their commands: lines, or only the room that they would take. */
function forest(list: readonly Task[], style: 'lines' | 'room'): { list: Task[]; lead: (t: Task) => string } {
  const leads = new Map<Task, string>()
  const out: Task[] = []
  const children = (pid: number): Task[] => list.filter((t) => t.ppid === pid && t.pid !== pid)
  const visit = (t: Task, lead: string, below: string): void => {
    leads.set(t, lead)
    out.push(t)
    const kids = children(t.pid)
    for (const [i, child] of kids.entries()) {
      if (style === 'room') visit(child, `${below}  `, `${below}  `)
      else visit(child, `${below} \\_ `, `${below}${i < kids.length - 1 ? ' |  ' : '    '}`)
    }
  }
  for (const t of list) if (!list.some((other) => other.pid === t.ppid && other !== t)) visit(t, '', '')
  return { list: out, lead: (t) => leads.get(t) ?? '' }
}
