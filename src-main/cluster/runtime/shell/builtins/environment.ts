/** Builtins about the process itself: working directory, umask, limits, times. */
import type { CpuTime } from '../../accounting.js'
import { isErrorCode } from '../../errors.js'
import { EXECUTE } from '../../mounts.js'
import type { Shell } from '../shell.js'

/** A path without `.`, `..` and double slashes, as `cd -L` keeps it. */
export function logicalPath(cwd: string, path: string): string {
  const parts: string[] = []
  for (const c of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (c === '' || c === '.') continue
    if (c === '..') parts.pop()
    else parts.push(c)
  }
  return `/${parts.join('/')}`
}

export async function cd(shell: Shell, argv: readonly string[]): Promise<number> {
  const { task, variables } = shell
  let args = argv.slice(1)
  let physical = false
  while (args[0] && /^-[LPe]+$/.test(args[0])) {
    physical = args[0].includes('P')
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  let show = false
  let target = args[0]
  if (args.length > 1 && shell.dialect === 'bash') {
    await shell.complainBuiltin('cd', 'too many arguments')
    return 1
  }
  if (target === undefined) {
    target = variables.get('HOME')
    if (target === undefined) {
      if (shell.dialect === 'bash') {
        await shell.complainBuiltin('cd', 'HOME not set')
        return 1
      }
      if (shell.dialect === 'dash') return 0
      target = '/'
    }
  } else if (target === '-') {
    target = variables.get('OLDPWD')
    if (target === undefined) {
      if (shell.dialect === 'bash') {
        await shell.complainBuiltin('cd', 'OLDPWD not set')
        return 1
      }
      target = task.cwd
    }
    show = true
  }
  const candidates: string[] = []
  const cdpath = variables.get('CDPATH')
  if (cdpath && !/^(\/|\.\.?(\/|$))/.test(target)) candidates.push(...cdpath.split(':').map((d) => (d ? `${d}/${target}` : target!)))
  candidates.push(target)
  let failure: unknown
  for (const candidate of candidates) {
    try {
      enter(shell, candidate, physical)
      if (show || (candidate !== target && candidates.length > 1)) await task.write(`${task.cwd}\n`)
      return 0
    } catch (error) {
      failure = error
    }
  }
  task.check()
  if (shell.dialect === 'bash') await shell.complainBuiltin('cd', `${target}: ${shell.describe(failure)}`)
  else if (shell.dialect === 'dash') await shell.complainBuiltin('cd', `can't cd to ${target}`)
  else await shell.complainBuiltin('cd', `can't cd to ${target}: ${shell.describe(failure)}`)
  return shell.dialect === 'bash' ? 1 : 2
}

function enter(shell: Shell, path: string, physical: boolean): void {
  const { task, variables } = shell
  const absolute = physical ? task.fs.realpath(path) : logicalPath(task.cwd, path)
  const stat = task.fs.stat(absolute)
  if (stat.type !== 'directory') throw notDirectory(shell, absolute)
  if (!task.fs.access(absolute, EXECUTE)) throw denied(shell, absolute)
  variables.set('OLDPWD', variables.get('PWD') ?? task.cwd)
  task.cwd = absolute
  variables.set('PWD', absolute)
}

// The kernel's own errors, had by making the call that fails.
function notDirectory(shell: Shell, path: string): unknown {
  try {
    shell.task.fs.readdir(path)
  } catch (error) {
    return error
  }
  return undefined
}
function denied(shell: Shell, path: string): unknown {
  try {
    shell.task.fs.stat(`${path}/.x`)
  } catch (error) {
    return isErrorCode(error, 'ENOENT') ? undefined : error
  }
  return undefined
}

export async function pwd(shell: Shell, argv: readonly string[]): Promise<number> {
  const { task } = shell
  const letters = argv
    .slice(1)
    .filter((arg) => /^-./.test(arg) && arg !== '--')
    .flatMap((arg) => arg.slice(1).split(''))
  const wrong = letters.find((letter) => letter !== 'L' && letter !== 'P')
  if (wrong !== undefined) throw shell.error(`pwd: ${shell.dialect === 'ash' ? 'illegal' : 'Illegal'} option -${wrong}`)
  await task.write(`${letters.at(-1) === 'P' ? task.fs.realpath(task.cwd) : task.cwd}\n`)
  return 0
}

export async function times(shell: Shell): Promise<number> {
  const digits = shell.dialect === 'bash' ? 3 : 6
  const format = (ms: number): string => `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1000).toFixed(digits)}s`
  const line = ({ all, kernel }: CpuTime): string => `${format(all - kernel)} ${format(kernel)}\n`
  await shell.task.write(line(shell.task.cpu()) + line(shell.task.childCpu))
  return 0
}
