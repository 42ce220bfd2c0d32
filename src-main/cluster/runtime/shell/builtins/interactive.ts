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

export async function historyBuiltin(shell: Shell): Promise<number> {
  await shell.task.write(
    shell.history
      .map((l, i) => `${String(i + (shell.dialect === 'bash' ? 1 : 0)).padStart(shell.dialect === 'bash' ? 5 : 4)}  ${l}\n`)
      .join(''),
  )
  return 0
}
