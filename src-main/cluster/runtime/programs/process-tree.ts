/** pstree and pwdx: how processes hang together, and where they are. */
import type { Program } from '../process.js'
import { commandName } from '../proc.js'
import type { Task } from '../task.js'
import { users } from './accounts.js'
import { command, Fail, type Command, type Flavour } from './command.js'

export function pstree(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'pa',
      long: { 'show-pids': 'p' },
      usage: '[-p] [PID|USER]\n\nDisplay process tree, optionally start from USER or PID',
    })
    const all = c.task.namespaces.pids.list().filter((task) => !task.ended)
    const [wanted] = o.operands
    let roots = all.filter((task) => task.ppid === 0)
    if (wanted !== undefined && /^\d+$/.test(wanted)) roots = all.filter((task) => task.pid === Number(wanted))
    else if (wanted !== undefined) {
      const user = users(c.fs).find((each) => each.name === wanted)
      if (!user) throw new Fail(c.busybox ? `pstree: unknown user ${wanted}` : `No such user name: ${wanted}`)
      roots = all.filter((task) => task.uid === user.id && task.parent?.uid !== user.id)
    }
    const lines = roots.flatMap((task) => drawn(c, o.has('p'), all, task))
    await c.print(lines.map((line) => `${line}\n`).join(''))
  })
}

/** A process and below it its children; those that look the same are counted, unless their pids are asked for. */
function drawn(c: Command, pids: boolean, all: readonly Task[], task: Task): string[] {
  const title = `${commandName(task)}${pids ? `(${task.pid})` : ''}`
  const below = all.filter((each) => each.parent === task).map((each) => drawn(c, pids, all, each))
  const blocks: { lines: string[]; count: number }[] = []
  for (const lines of below.sort((a, b) => (a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : 0))) {
    const same = blocks.find((each) => each.lines.join('\n') === lines.join('\n'))
    if (same && !pids) same.count++
    else blocks.push({ lines, count: 1 })
  }
  if (blocks.length === 0) return [title]
  const margin = ' '.repeat(title.length)
  return blocks.flatMap(({ lines, count }, i) => {
    const times = count > 1 ? `${count}*[` : ''
    const [only, end] = [blocks.length === 1, i === blocks.length - 1]
    return lines.map((line, n) => {
      const text = n === 0 ? `${times}${line}${times ? ']' : ''}` : `${' '.repeat(times.length)}${line}`
      if (n > 0) return `${margin} ${end ? ' ' : '|'} ${text}`
      if (i === 0) return `${title}${only ? '---' : '-+-'}${text}`
      return `${margin} ${end ? '`' : '|'}-${text}`
    })
  })
}

export function pwdx(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', usage: 'PID...\n\nShow current directory for PIDs' }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec)
    for (const operand of o.operands) {
      const pid = Number(operand.replace(/^\/proc\//, ''))
      if (!Number.isInteger(pid)) throw new Fail(`pwdx: invalid ${c.busybox ? 'number' : 'process id:'} '${operand}'`)
      const task = c.task.namespaces.pids.list().find((each) => each.pid === pid)
      if (task) await c.print(`${operand}: ${task.cwd}\n`)
      else if (c.busybox) await c.warn(`can't read link '/proc/${pid}/cwd': No such file or directory`)
      else {
        await c.task.writeError(`${operand}: No such process\n`)
        c.status = 1
      }
    }
  })
}
