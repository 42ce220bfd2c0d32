/** Builtins that write and read text: `echo`, `printf`, `read`, `mapfile`. */
import { assign, assignmentTo } from '../assignments.js'
import { usage } from './usage.js'
import { charactersOf, echoed, echoedByDash, type EscapeOptions } from '../escapes.js'
import { formatPrintf, type PrintfComplaint } from '../printf.js'
import type { Shell } from '../shell.js'

export async function echo(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  const text = shell.dialect === 'dash' ? echoedByDash(args) : echoed(args, { ...escapesOf(shell), leadingZero: shell.dialect === 'bash' })
  await shell.task.write(text)
  return 0
}

function escapesOf(shell: Shell): EscapeOptions {
  if (shell.dialect !== 'bash') return { hexadecimal: shell.dialect !== 'dash' }
  return { characters: charactersOf((name) => shell.variables.get(name)) }
}

export async function printf(shell: Shell, argv: readonly string[]): Promise<number> {
  const [, first = ''] = argv
  if (shell.dialect === 'dash' && /^-./.test(first) && first !== '--') {
    await shell.complainBuiltin('printf', `Illegal option -${first[1]}`)
    return 2
  }
  let args = argv.slice(1)
  let variable: string | undefined
  if (shell.dialect === 'bash' && args[0] === '-v') {
    variable = args[1]
    args = args.slice(2)
    if (!/^[A-Za-z_]\w*(\[.+\])?$/.test(variable ?? '')) {
      await shell.complainBuiltin('printf', `\`${variable}': not a valid identifier`)
      return 2
    }
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) {
    if (shell.dialect === 'dash') throw shell.error('printf: usage: printf format [arg ...]')
    if (shell.dialect === 'bash') return usage(shell, 'printf')
    await shell.task.writeError('Usage: printf FORMAT [ARG]...\n')
    return 1
  }
  const result = formatPrintf(args[0]!, args.slice(1), {
    now: shell.task.clock.now(),
    ...escapesOf(shell),
    quoting: shell.dialect === 'bash',
  })
  // Output is buffered, so complaints come first.
  for (const c of result.complaints) {
    if (shell.dialect === 'ash') await shell.task.writeError(`sh: ${complaint(shell, c)}\n`)
    else await shell.complainBuiltin('printf', complaint(shell, c))
  }
  if (variable === undefined) await shell.task.write(result.text)
  else await assign(shell, assignmentTo(variable, result.text))
  return result.complaints.length === 0 ? 0 : shell.dialect === 'dash' && result.complaints.some((c) => c.kind === 'format') ? 2 : 1
}

function complaint(shell: Shell, c: PrintfComplaint): string {
  if (shell.dialect === 'ash') return c.kind === 'number' ? `invalid number '${c.text}'` : `${c.text}: invalid format`
  if (shell.dialect === 'bash') return c.kind === 'number' ? `${c.text}: invalid number` : `\`${c.text.at(-1)}': invalid format character`
  return c.kind === 'format'
    ? `${c.text}: invalid directive`
    : c.partial
      ? `${c.text}: not completely converted`
      : `${c.text}: expected numeric value`
}
