/** Builtins that change the flow of a script. */
import { isErrorCode } from '../../errors.js'
import { searchPath } from '../../program-file.js'
import { parseSignal } from '../../signals.js'
import { runProgram } from '../run-program.js'
import { runText } from '../script.js'
import { openForReading, readAll } from '../../programs/reading.js'
import { returning } from '../simple-commands.js'
import { LoopControl, Return, ShellExit } from '../endings.js'
import { mayLeave } from '../leaving.js'
import type { Shell } from '../shell.js'
import { signalList } from './job-control.js'
import { usage } from './usage.js'
import { isEvent, type TrapName } from '../traps.js'

export function colon(): number {
  return 0
}

export function falseBuiltin(): number {
  return 1
}

/** A numeric argument; throws the shell's error for anything else. */
function numeric(shell: Shell, argv: readonly string[], otherwise: number): number {
  const text = argv[1]
  if (text === undefined) return otherwise
  if (/^-?\d+$/.test(text)) return Number(text)
  if (shell.dialect === 'bash') throw shell.error(`${argv[0]}: ${text}: numeric argument required`, 2)
  throw shell.error(`${argv[0]}: Illegal number: ${text}`)
}

async function loopControl(shell: Shell, kind: 'break' | 'continue', argv: readonly string[]): Promise<number> {
  const levels = numeric(shell, argv, 1)
  if (levels < 1) throw shell.error(`${kind}: Illegal number: ${argv[1]}`)
  if (shell.loops === 0) {
    if (shell.dialect === 'bash') await shell.complain(`${kind}: only meaningful in a \`for', \`while', or \`until' loop`)
    return 0
  }
  throw new LoopControl(kind, Math.min(levels, shell.loops))
}

export function breakBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  return loopControl(shell, 'break', argv)
}

export function continueBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  return loopControl(shell, 'continue', argv)
}

export async function returnBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const given = numeric(shell, argv, shell.lastStatus)
  // dash returns more than a byte.
  const status = shell.dialect === 'dash' ? given : given & 255
  if (shell.calls === 0 && shell.sourced === 0 && shell.dialect === 'bash') {
    await shell.complain("return: can only `return' from a function or sourced script")
    return 2
  }
  throw new Return(status)
}

export async function exitBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  if (shell.options.interactive && !(await mayLeave(shell))) return 1
  throw new ShellExit(numeric(shell, argv, shell.lastStatus) & 255)
}

export async function logout(shell: Shell, argv: readonly string[]): Promise<number> {
  if (shell.isLogin) return exitBuiltin(shell, argv)
  await shell.complainBuiltin('logout', "not login shell: use `exit'")
  return 1
}

export async function evalBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const text = argv.slice(argv[1] === '--' && shell.dialect !== 'dash' ? 2 : 1).join(' ')
  if (shell.dialect !== 'bash') return runText(shell, text, shell.line || 1)
  const { line } = shell
  shell.indirection++
  try {
    return await runText(shell, text, line || 1, 0, 'eval')
  } finally {
    shell.indirection--
    shell.line = line
  }
}

export async function source(shell: Shell, argv: readonly string[]): Promise<number> {
  const name = argv[1]
  if (name === undefined) {
    if (shell.dialect === 'dash') return 0
    await shell.complainBuiltin(argv[0]!, 'filename argument required')
    return usage(shell, argv[0]!)
  }
  const { fs } = shell.task
  let text: string
  try {
    const path = name.includes('/') ? name : findSource(shell, name)
    // A pipe, as of `. <(…)`, is read to its end.
    text = fs.stat(path).type === 'file' ? fs.readText(path) : (await readAll(await openForReading(shell.task, path))).toString('utf8')
  } catch (error) {
    const missing = isErrorCode(error, 'ENOENT')
    if (shell.dialect === 'bash') {
      await shell.complain(`${name}: ${shell.describe(error)}`)
      return 1
    }
    if (shell.dialect === 'dash')
      throw shell.error(
        missing && !name.includes('/')
          ? `.: ${name}: not found`
          : `.: cannot open ${name}: ${missing ? 'No such file' : shell.describe(error)}`,
      )
    throw shell.error(missing && !name.includes('/') ? `.: ${name}: not found` : `.: can't open '${name}': ${shell.describe(error)}`)
  }
  const { positional } = shell
  if (argv.length > 2 && shell.dialect !== 'dash') shell.positional = argv.slice(2)
  shell.sourced++
  const { line } = shell
  shell.callStack.enter({ name: 'source', source: name, line })
  shell.indirection++
  try {
    return await returning(shell, () => runText(shell, text, 1))
  } finally {
    shell.sourced--
    shell.indirection--
    shell.callStack.leave()
    shell.line = line
    if (argv.length > 2 && shell.dialect !== 'dash') shell.positional = positional
  }
}

function findSource(shell: Shell, name: string): string {
  for (const dir of (shell.variables.get('PATH') ?? '').split(':')) {
    if (shell.task.fs.exists(`${dir || '.'}/${name}`)) return `${dir || '.'}/${name}`
  }
  return shell.dialect === 'dash' ? `/${name}/` : name
}

export async function execBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  let args = argv.slice(1)
  if (args[0] === '--') args = args.slice(1)
  let name: string | undefined
  let [login, bare] = [false, false]
  while (shell.dialect !== 'dash' && /^-[acl]+$/.test(args[0] ?? '')) {
    const letters = args[0]!
    login ||= letters.includes('l')
    bare ||= letters.includes('c')
    if (letters.includes('a')) name = args[1]
    args = args.slice(letters.includes('a') ? 2 : 1)
  }
  if (args.length === 0) return 0
  const found = searchPath(shell.task.fs, args[0]!, shell.variables.get('PATH'))
  if (!found.path) {
    const text = found.denied ? 'Permission denied' : 'not found'
    await shell.complain(`exec: ${args[0]}: ${text}`)
    throw new ShellExit(found.denied ? 126 : 127)
  }
  const called = login ? `-${name ?? args[0]!}` : name
  throw new ShellExit(await runProgram(shell, args, { called, bare }))
}

/** The name of a condition as `trap` takes it. */
export function trapName(text: string): TrapName | undefined {
  if (text === '0' || text.toUpperCase() === 'EXIT') return 'EXIT'
  if (['ERR', 'DEBUG', 'RETURN'].includes(text.toUpperCase())) return text.toUpperCase() as TrapName
  return parseSignal(text)
}

export async function trap(shell: Shell, argv: readonly string[]): Promise<number> {
  let args = argv.slice(1)
  if (args[0] === '--') args = args.slice(1)
  else if (args[0] === '-l') {
    if (shell.dialect === 'dash') throw shell.error('trap: Illegal option -l')
    await shell.task.write(signalList(shell.dialect))
    return 0
  }
  if (shell.dialect === 'dash' && /^-[^-]/.test(args[0] ?? '')) throw shell.error(`trap: Illegal option -${args[0]![1]}`)
  const printing = args[0] === '-p'
  if (printing) args = args.slice(1)
  if (printing && args.some((text) => !trapName(text))) {
    for (const text of args.filter((each) => !trapName(each))) await shell.complainBuiltin('trap', `${text}: invalid signal specification`)
    return 1
  }
  if (args.length === 0 || printing) {
    const wanted = args.map(trapName)
    const prefix = shell.dialect === 'bash' ? 'SIG' : ''
    const listed = shell.traps.list().filter(([n]) => wanted.length === 0 || wanted.includes(n))
    const lines = listed.map(([n, a]) => `trap -- '${a.replaceAll("'", "'\\''")}' ${isEvent(n) ? n : prefix + n}\n`)
    await shell.task.write(lines.join(''))
    return 0
  }
  // A lone condition, or a number in the first place, takes traps back.
  const reset = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0]!)
  const action = reset ? undefined : args[0]!
  let status = 0
  for (const text of reset && args[0] !== '-' ? args : args.slice(1)) {
    const name = trapName(text)
    if (!name || (isEvent(name) && name !== 'EXIT' && shell.dialect !== 'bash')) {
      if (shell.dialect === 'bash') await shell.complainBuiltin('trap', `${text}: invalid signal specification`)
      else if (shell.dialect === 'dash') await shell.complainBuiltin('trap', `${text}: bad trap`)
      else await shell.complainBuiltin('trap', `${text}: invalid signal specification`)
      status = 1
      continue
    }
    shell.traps.set(name, action)
  }
  return status
}
