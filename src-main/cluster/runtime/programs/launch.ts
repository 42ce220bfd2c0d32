/** Programs that run another program: nohup, setsid, nice, and what others launch theirs with; which. */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { resolveProgram, searchPath } from '../program-file.js'
import { exitCode } from '../exit-reason.js'
import { hasCapability } from '../security.js'
import { command, Fail, type Command, type Flavour, type OptionSpec } from './command.js'

/** Those of coreutils that say what it was that failed. */
const TELLS_OF_COMMAND: ReadonlySet<string> = new Set(['chroot', 'nohup', 'stdbuf', 'timeout'])

/** Tells that a program could not be run; 127 when it is not there, 126 otherwise. */
export async function notFound(c: Command, name: string, error: SystemError): Promise<number> {
  const missing = error.code === 'ENOENT'
  if (c.busybox) await c.warn(`can't execute '${name}': ${error.message}`)
  else if (c.name === 'nsenter') await c.warn(`failed to execute ${name}: ${error.message}`)
  else if (TELLS_OF_COMMAND.has(c.name)) await c.warn(`failed to run command '${name}': ${error.message}`)
  else await c.warn(c.name === 'env' || c.name === 'nice' ? `'${name}': ${error.message}` : `${name}: ${error.message}`)
  return missing ? 127 : 126
}

/** Becomes another program, as exec(3). */
export async function become(c: Command, argv: readonly string[], env: Readonly<Record<string, string>> = c.task.env): Promise<number> {
  let found
  try {
    found = resolveProgram(c.task, argv, { path: env['PATH'] })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (error.code === 'ENOEXEC') found = resolveProgram(c.task, ['/bin/sh', ...argv])
    else return notFound(c, argv[0]!, error)
  }
  return c.task.exec(found.program, found.argv, env)
}

export function nohup(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', stopAtOperand: true, usage: 'COMMAND [ARG]...' }
    const argv = c.busybox ? c.task.argv.slice(1) : (await c.options(spec)).operands
    if (argv.length === 0) throw c.usageError(spec, 'missing operand')
    c.task.onSignal('HUP', 'ignore')
    if (c.task.fd(1)?.kind === 'tty') {
      const file = c.fs.openDescription('nohup.out', 'a', 0o600)
      await c.task.writeError(
        c.busybox ? 'nohup: appending output to nohup.out\n' : "nohup: ignoring input and appending output to 'nohup.out'\n",
      )
      c.task.setDescriptor(1, file)
      if (c.task.fd(2)?.kind === 'tty') c.task.setDescriptor(2, file)
    }
    return become(c, argv)
  })
}

export function setsid(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec: OptionSpec = {
      short: c.busybox ? 'c' : 'cfw',
      long: c.busybox ? {} : { ctty: 'c', fork: 'f', wait: 'w' },
      stopAtOperand: true,
      usage: '[-c] PROG ARGS',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'no command specified')
    // The leader of a process group cannot found a session: its child does.
    if (!o.has('f') && c.task.processGroup !== c.task.pid) {
      c.task.newSession()
      return become(c, o.operands)
    }
    const child = c.task.fork(async (task) => {
      task.newSession()
      return (await task.spawn({ argv: o.operands })).wait()
    })
    return o.has('w') ? exitCode(await c.task.waitFor(child)) : 0
  })
}

/** Whether it may take precedence over others: CAP_SYS_NICE, which containers are not given. */
export function mayHurry(c: Command): boolean {
  const { security } = c.task.namespaces
  return security ? hasCapability(security, c.task.uid, 'SYS_NICE') : c.task.uid === 0
}

/** How far from the others a process may be set. */
export const NICEST = 19
export const LEAST_NICE = -20

export function nice(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'n:',
      long: { 'adjustment=': 'n' },
      digits: 'n',
      stopAtOperand: true,
      usage: '[-n ADJUST] [PROG ARGS]',
    }
    // `--5` is the old form of `-n -5`.
    const argv = c.task.argv.map((arg, i) => (i === 1 && /^-[-+]\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg))
    const o = await c.options(spec, argv)
    const text = o.get('n') ?? '10'
    const adjustment = Number(text)
    if (!/^[-+]?\d+$/.test(text))
      throw new Fail(c.busybox ? `nice: invalid number '${text}'` : `nice: invalid adjustment '${text}'`, c.busybox ? 1 : 125)
    if (o.operands.length === 0) {
      if (o.has('n')) throw c.usageError(spec, c.busybox ? undefined : 'a command must be given with an adjustment')
      await c.print(`${c.task.niceness}\n`)
      return 0
    }
    const wanted = Math.max(LEAST_NICE, Math.min(NICEST, c.task.niceness + adjustment))
    if (wanted >= c.task.niceness || mayHurry(c)) c.task.niceness = wanted
    else if (c.busybox) throw new Fail(`nice: setpriority(${wanted}): Permission denied`)
    else await c.task.writeError('nice: cannot set niceness: Permission denied\n')
    return become(c, o.operands)
  })
}

export function which(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'a', usage: '[-a] COMMAND...\n\nLocate COMMAND' })
    if (o.operands.length === 0 && c.busybox) throw c.usageError({ short: 'a', usage: '[-a] COMMAND...' })
    if (o.operands.length === 0) c.status = 1
    for (const name of o.operands) {
      const { path } = searchPath(c.fs, name, c.task.env['PATH'])
      if (path && c.fs.exists(path)) await c.print(`${path}\n`)
      else c.status = 1
    }
  })
}
