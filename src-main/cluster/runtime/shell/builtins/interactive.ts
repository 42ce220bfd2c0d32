/** Builtins for a person at the prompt. */
import type { Shell } from '../shell.js'
import { builtinNames } from './registry.js'

export async function help(shell: Shell): Promise<number> {
  const names = builtinNames(shell)
  let text = 'Built-in commands:\n------------------\n'
  let line = '\t'
  for (const name of names) {
    if (line.length + name.length > 70) {
      text += `${line}\n`
      line = '\t'
    }
    line += `${name} `
  }
  await shell.task.write(`${text}${line}\n`)
  return 0
}

/** The lines that were read, all or the last so many; bash can also forget some (-c, -d) and learn one (-s). */
export async function historyBuiltin(shell: Shell, argv: readonly string[]): Promise<number> {
  const args = argv.slice(1)
  const { history } = shell
  const bash = shell.dialect === 'bash'
  const [first] = args
  if (bash && first === '-c') {
    history.length = 0
    return 0
  }
  if (bash && first === '-s') {
    if (args.length > 1) history.push(args.slice(1).join(' '))
    return 0
  }
  if (bash && first === '-d') {
    const at = Number(args[1])
    if (!(at >= 1 && at <= history.length)) {
      await shell.complain(`history: ${args[1] ?? '-d'}: history position out of range`)
      return 1
    }
    history.splice(at - 1, 1)
    return 0
  }
  // -a, -n, -r and -w are about a file of which nothing is kept.
  if (bash && first !== undefined && /^-[anrw]$/.test(first)) return 0
  if (bash && first !== undefined && !/^\d+$/.test(first)) {
    await shell.complain(`history: ${first}: numeric argument required`)
    return 1
  }
  const from = bash && first !== undefined ? Math.max(0, history.length - Number(first)) : 0
  const [base, width] = bash ? [1, 5] : [0, 4]
  const lines = history.slice(from).map((line, i) => `${String(from + i + base).padStart(width)}  ${line}\n`)
  await shell.task.write(lines.join(''))
  return 0
}
