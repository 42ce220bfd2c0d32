/** renice, ionice, chrt, taskset, stdbuf, chroot, setpriv: other ways to run a program, or to change how one runs. */
import { SystemError, type Program } from '../process.js'
import { systemError } from '../errors.js'
import { hasCapability } from '../security.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { become } from './launch.js'

export function renice(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'n:pgu',
      stopAtOperand: true,
      usage: '[-n] PRIORITY [[-p|g|u] ID...]...\n\nChange scheduling priority of a running process',
    }
    const o = await c.options(spec)
    const ids = [...o.operands]
    const priority = Number(o.get('n') ?? ids.shift())
    if (!Number.isInteger(priority) || ids.length === 0) throw c.usageError(spec)
    for (const id of ids.filter((each) => !each.startsWith('-'))) {
      const there = c.task.namespaces.pids.list().some((each) => each.pid === Number(id))
      if (!there)
        await c.warn(c.busybox ? `getpriority ${id}: No such process` : `failed to get priority for ${id} (process ID): No such process`)
      else if (!c.busybox) await c.print(`${id} (process ID) old priority 0, new priority ${priority}\n`)
    }
  })
}

export function ionice(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'c:n:p:t',
      long: { 'class=': 'c', 'classdata=': 'n', 'pid=': 'p' },
      stopAtOperand: true,
      usage: '[-c 1-3] [-n 0-7] [-t] { -p PID | PROG ARGS }',
    })
    if (o.operands.length > 0) return become(c, o.operands)
    if (!o.has('c') && !o.has('n')) await c.print('none: prio 0\n')
    return 0
  })
}

export function taskset(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'pac',
      long: { pid: 'p', 'cpu-list': 'c' },
      stopAtOperand: true,
      usage: '[-ap] [HEXMASK | -c LIST] { PID | PROG ARGS }',
    }
    const o = await c.options(spec)
    if (o.has('p')) {
      const pid = o.operands.at(-1)
      if (!c.task.namespaces.pids.list().some((each) => each.pid === Number(pid)))
        throw new Fail(
          c.busybox
            ? `taskset: can't get pid ${pid}'s affinity: No such process`
            : `taskset: failed to get pid ${pid}'s affinity: No such process`,
        )
      await c.print(o.has('c') ? `pid ${pid}'s current affinity list: 0,1\n` : `pid ${pid}'s current affinity mask: 3\n`)
      return 0
    }
    if (o.operands.length < 2) throw c.usageError(spec)
    return become(c, o.operands.slice(1))
  })
}

/** Programs here write at once whatever is asked for. */
export function stdbuf(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'i:o:e:',
      long: { 'input=': 'i', 'output=': 'o', 'error=': 'e' },
      stopAtOperand: true,
      usage: 'OPTION... COMMAND',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, 'missing operand')
    return become(c, o.operands)
  })
}

export function chroot(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', stopAtOperand: true, usage: 'NEWROOT [PROG ARGS]\n\nRun PROG with root directory set to NEWROOT' }
    const o = await c.options(spec)
    const [root, ...given] = o.operands
    if (root === undefined) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    const { task } = c
    const { security } = task.namespaces
    try {
      if (security && !hasCapability(security, task.uid, 'SYS_CHROOT')) throw systemError('EPERM')
      task.fs.changeRoot(root)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      return refused(c, root, error.message)
    }
    task.cwd = '/'
    return become(c, given.length > 0 ? given : [task.env['SHELL'] ?? '/bin/sh', '-i'])
  })
}

function refused(c: Command, root: string, why: string): never {
  throw new Fail(
    c.busybox ? `chroot: can't change root directory to '${root}': ${why}` : `chroot: cannot change root directory to '${root}': ${why}`,
    c.busybox ? 1 : 125,
  )
}
