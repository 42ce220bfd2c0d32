/** Programs that run another program: env, nohup, xargs' launching, setsid, nice, which. */
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { resolveProgram, searchPath } from '../program-file.js'
import { usageText } from './busybox.js'
import { command, type Command, type Flavour } from './command.js'

/** Those of coreutils that say what it was that failed. */
const TELLS_OF_COMMAND: ReadonlySet<string> = new Set(['chroot', 'nohup', 'stdbuf', 'timeout'])

/** Tells that a program could not be run; 127 when it is not there, 126 otherwise. */
export async function notFound(c: Command, name: string, error: SystemError): Promise<number> {
  const missing = error.code === 'ENOENT'
  if (c.busybox) await c.warn(`can't execute '${name}': ${error.message}`)
  else if (TELLS_OF_COMMAND.has(c.name)) await c.warn(`failed to run command '${name}': ${error.message}`)
  else await c.warn(c.name === 'env' ? `'${name}': ${error.message}` : `${name}: ${error.message}`)
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

export function env(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'iu:0',
      long: { 'ignore-environment': 'i', 'unset=': 'u', null: '0' },
      stopAtOperand: true,
      usage: '[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]\n\nPrint current environment or run PROG after setting up environment',
    })
    const result = Object.assign(Object.create(null) as Record<string, string>, o.has('i') ? {} : c.task.env)
    for (const name of o.all('u')) delete result[name]
    const args = [...o.operands]
    if (args[0] === '-') {
      args.shift()
      for (const name of Object.keys(result)) delete result[name]
    }
    while (args[0] && /^[^=]+=/.test(args[0])) {
      const arg = args.shift()!
      result[arg.slice(0, arg.indexOf('='))] = arg.slice(arg.indexOf('=') + 1)
    }
    if (args.length > 0) return become(c, args, result)
    const end = o.has('0') ? '\0' : '\n'
    await c.print(
      Object.entries(result)
        .map(([k, v]) => `${k}=${v}${end}`)
        .join(''),
    )
    return 0
  })
}

export function printenv(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { operands } = await c.options({ short: '0', usage: '[VARIABLE]...' })
    if (operands.length === 0) {
      await c.print(
        Object.entries(c.task.env)
          .map(([k, v]) => `${k}=${v}\n`)
          .join(''),
      )
      return
    }
    for (const name of operands) {
      const value = Object.hasOwn(c.task.env, name) ? c.task.env[name] : undefined
      if (value === undefined) c.status = 1
      else await c.print(`${value}\n`)
    }
  })
}

export function nohup(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const argv = c.task.argv.slice(1)
    if (argv.length === 0) {
      await c.task.writeError(c.busybox ? usageText(c.task, 'nohup') : "nohup: missing operand\nTry 'nohup --help' for more information.\n")
      return c.busybox ? 1 : 125
    }
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
    const o = await c.options({ short: 'cfw', stopAtOperand: true, usage: '[-c] PROG ARGS' })
    c.task.newSession()
    return become(c, o.operands)
  })
}

export function nice(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'n:',
      long: { 'adjustment=': 'n' },
      digits: 'n',
      stopAtOperand: true,
      usage: '[-n ADJUST] [PROG ARGS]',
    })
    if (o.operands.length > 0) return become(c, o.operands)
    await c.print('0\n')
    return 0
  })
}

export function which(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'a', usage: '[-a] COMMAND...\n\nLocate COMMAND' })
    for (const name of o.operands) {
      const { path } = searchPath(c.fs, name, c.task.env['PATH'])
      if (path && c.fs.exists(path)) await c.print(`${path}\n`)
      else c.status = 1
    }
  })
}
