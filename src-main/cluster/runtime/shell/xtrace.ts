/** `set -x`: what the shell says before it runs something. */
import { expandString } from './expand.js'
import { quotedText } from './prompt.js'
import type { Shell } from './shell.js'

/** A word so that it could be typed again; dash shows words as they are. */
function reusableWord(shell: Shell, text: string): string {
  if (shell.dialect === 'dash' || (text !== '' && /^[A-Za-z0-9_@%+=:,./-]*$/.test(text))) return text
  return `'${text.replaceAll("'", shell.dialect === 'bash' ? "'\\''" : `'"'"'`)}'`
}

/** The prompt of a trace: PS4, expanded; bash repeats its first character for each level of indirection. */
async function mark(shell: Shell): Promise<string> {
  const text = shell.variables.get('PS4')
  if (text === undefined) return shell.dialect === 'bash' ? '' : '+ '
  // What the expansion of PS4 runs is not traced, nor does it change the status.
  const { lastStatus } = shell
  shell.options.xtrace = false
  let expanded: string
  try {
    expanded = /[$`\\]/.test(text) ? await expandString(shell, quotedText(shell, text)) : text
  } finally {
    shell.options.xtrace = true
  }
  shell.lastStatus = lastStatus
  return shell.dialect === 'bash' ? expanded.slice(0, 1).repeat(shell.indirection) + expanded : expanded
}

/** Writes one line of the trace, when tracing is on. */
export async function traceLine(shell: Shell, text: string | (() => string)): Promise<void> {
  if (shell.options.xtrace) await shell.task.writeError(`${await mark(shell)}${typeof text === 'string' ? text : text()}\n`)
}

/**
 * Traces a simple command.
 * @param assigned names with their values; an array's value is its source text
 */
export async function traceCommand(shell: Shell, assigned: readonly Assigned[], argv: readonly string[]): Promise<void> {
  if (!shell.options.xtrace) return
  const assignments = assigned.map((a) => `${a.name}=${a.array ? a.value : a.value === '' ? '' : reusableWord(shell, a.value)}`)
  if (shell.dialect === 'bash') for (const text of assignments) await traceLine(shell, text)
  const words = [...(shell.dialect === 'bash' ? [] : assignments), ...argv.map((word) => reusableWord(shell, word))]
  if (words.length > 0) await traceLine(shell, words.join(' '))
}

/** An assignment that was made. */
export interface Assigned {
  name: string
  value: string
  /** The value is the text of `(…)`. */
  array?: boolean
}
