/** renice, ionice, chrt, taskset, stdbuf, chroot, setpriv: other ways to run a program, or to change how one runs. */
import { SystemError, type Program } from '../process.js'
import { systemError } from '../errors.js'
import { hasCapability } from '../security.js'
import { command, Fail, type Command, type Flavour, type OptionSpec } from './command.js'
import { groups, users } from './accounts.js'
import { become, LEAST_NICE, mayHurry, NICEST } from './launch.js'

export function renice(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'n:pgu',
      stopAtOperand: true,
      usage: '[-n] PRIORITY [[-p|g|u] ID...]...\n\nChange scheduling priority of a running process',
    }
    const args = c.task.argv.slice(1)
    if (!c.busybox) for (const flag of args) if (/^--(help|version)$/.test(flag)) await c.options({ ...spec, long: {} })
    const relative = args[0] === '--relative' || (c.busybox && args[0] === '-n')
    if (/^(-n|--priority|--relative)$/.test(args[0] ?? '')) args.shift()
    const text = args.shift()
    const wanted = Number(text)
    if (text === undefined || args.length === 0)
      throw c.busybox ? c.usageError(spec) : c.usageError(spec, text === undefined ? 'not enough arguments' : 'not enough arguments')
    if (!/^[-+]?\d+$/.test(text))
      throw new Fail(
        c.busybox ? `renice: invalid number '${text}'` : `renice: invalid priority '${text}'\nTry 'renice --help' for more information.`,
      )
    let kind = 'process ID'
    for (const arg of args) {
      const which = {
        '-p': 'process ID',
        '--pid': 'process ID',
        '-g': 'process group ID',
        '--pgrp': 'process group ID',
        '-u': 'user ID',
        '--user': 'user ID',
      }[arg]
      if (which) kind = which
      else await setPriority(c, kind, arg, wanted, relative)
    }
  })
}

async function setPriority(c: Command, kind: string, id: string, wanted: number, relative: boolean): Promise<void> {
  const uid = users(c.fs).find((user) => user.name === id)?.id ?? Number(id)
  const of = c.task.namespaces.pids.list().filter((each) => {
    if (kind === 'user ID') return each.uid === uid
    return kind === 'process ID' ? each.pid === Number(id) : each.processGroup === Number(id)
  })
  if (kind === 'user ID' && Number.isNaN(uid)) return c.warn(c.busybox ? `unknown user ${id}` : `unknown user ${id}`)
  if (kind !== 'user ID' && !/^\d+$/.test(id)) return c.warn(c.busybox ? `invalid number '${id}'` : `bad ${kind} value: ${id}`)
  const first = of[0]
  if (!first)
    return c.warn(c.busybox ? `getpriority ${id}: No such process` : `failed to get priority for ${id} (${kind}): No such process`)
  const old = Math.min(...of.map((each) => each.niceness))
  const next = Math.max(LEAST_NICE, Math.min(NICEST, relative ? old + wanted : wanted))
  if (of.some((each) => c.task.uid !== 0 && each.uid !== c.task.uid))
    return c.warn(
      c.busybox ? `setpriority ${id}: Operation not permitted` : `failed to set priority for ${id} (${kind}): Operation not permitted`,
    )
  if (next < old && !mayHurry(c))
    return c.warn(c.busybox ? `setpriority ${id}: Permission denied` : `failed to set priority for ${id} (${kind}): Permission denied`)
  for (const each of of) each.niceness = next
  if (!c.busybox) await c.print(`${id} (${kind}) old priority ${old}, new priority ${next}\n`)
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
    if (o.given.length === 0) throw c.usageError(spec, 'you must specify a buffering mode option')
    return become(c, o.operands)
  })
}

export function chroot(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec: OptionSpec = {
      short: '',
      long: c.busybox ? {} : { 'groups=': 'groups', 'userspec=': 'userspec', 'skip-chdir': 'skip-chdir' },
      stopAtOperand: true,
      usage: 'NEWROOT [PROG ARGS]\n\nRun PROG with root directory set to NEWROOT',
    }
    const o = await c.options(spec)
    const [root, ...given] = o.operands
    if (o.has('skip-chdir') && root !== undefined && c.fs.exists(root) && c.fs.realpath(root) !== '/')
      throw c.usageError(spec, "option --skip-chdir only permitted if NEWROOT is old '/'")
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
    if (!o.has('skip-chdir')) task.cwd = '/'
    const [user, group] = (o.get('userspec') ?? '').split(':')
    const found = user ? users(task.fs).find((each) => each.name === user || String(each.id) === user) : undefined
    if (user && !found && !/^\d+$/.test(user)) throw new Fail('chroot: invalid user', 125)
    const gid = group ? (groups(task.fs).find((each) => each.name === group)?.id ?? Number(group)) : found?.gid
    if (gid !== undefined && Number.isNaN(gid)) throw new Fail('chroot: invalid group', 125)
    if (o.has('groups')) {
      const names = o.get('groups')!.split(',').filter(Boolean)
      task.groups = names.map((name) => groups(task.fs).find((each) => each.name === name)?.id ?? Number(name))
    } else if (found || gid !== undefined) task.groups = gid === undefined ? [] : [gid]
    if (gid !== undefined) task.gid = gid
    if (user) task.uid = found?.id ?? Number(user)
    return become(c, given.length > 0 ? given : [task.env['SHELL'] ?? '/bin/sh', '-i'])
  })
}

function refused(c: Command, root: string, why: string): never {
  throw new Fail(
    c.busybox ? `chroot: can't change root directory to '${root}': ${why}` : `chroot: cannot change root directory to '${root}': ${why}`,
    c.busybox ? 1 : 125,
  )
}
