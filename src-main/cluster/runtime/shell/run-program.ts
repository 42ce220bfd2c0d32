/** Replaces a shell's process by a program, or by a text that the shell reads itself. */
import { resolveProgram, searchPath, type Resolved } from '../program-file.js'
import { Killed, SystemError } from '../process.js'
import type { Shell } from './shell.js'
import { exportedText } from './source-text.js'
import { runScriptText } from './script.js'

/**
 * Replaces this process by a program; returns only when there is none: 127 not found, 126 not executable.
 *
 * @param how `called`: its name for itself; `bare`: with no environment
 */
export async function runProgram(shell: Shell, argv: string[], how: { called?: string | undefined; bare?: boolean } = {}): Promise<number> {
  const { task } = shell
  const env: Record<string, string> = how.bare ? {} : shell.variables.environment()
  for (const name of how.bare ? [] : shell.exportedFunctions) {
    const body = shell.functions.get(name)
    if (body) env[`BASH_FUNC_${name}%%`] = exportedText(body)
  }
  let found: Resolved
  try {
    found = resolveProgram(task, argv, { path: shell.variables.get('PATH') ?? '' })
  } catch (error) {
    if (error instanceof Killed || !(error instanceof SystemError)) throw error
    if (error.code === 'ENOEXEC') return runTextFile(shell, argv)
    const name = argv[0]!
    const isDirectory = name.includes('/') && task.fs.exists(name) && task.fs.stat(name).type === 'directory'
    await shell.complain(notRunMessage(shell, name, error, isDirectory))
    return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 127 : 126
  }
  // The EXIT trap and others do not survive.
  if (found.path && !how.bare) env['_'] = shell.dialect === 'bash' ? found.path : (env['_'] ?? '')
  if (env['_'] === '') delete env['_']
  return task.exec(found.program, how.called === undefined ? found.argv : [how.called, ...found.argv.slice(1)], env)
}

function notRunMessage(shell: Shell, name: string, error: SystemError, isDirectory: boolean): string {
  if (shell.dialect === 'bash') {
    if (isDirectory) return `${name}: Is a directory`
    // Without a PATH the name is one of a file here.
    if (error.code === 'ENOENT' && !name.includes('/') && shell.variables.get('PATH')) return `${name}: command not found`
    if (error.code === 'ENOENT' && shell.task.fs.exists(name)) return `${name}: cannot execute: required file not found`
    return `${name}: ${error.message}`
  }
  if (error.code === 'ENOENT') return `${name}: not found`
  return `${name}: ${error.message}`
}

/** A text without `#!` line: the shell reads it itself, in this process. */
async function runTextFile(shell: Shell, argv: string[]): Promise<number> {
  const path = searchPath(shell.task.fs, argv[0]!, shell.variables.get('PATH')).path ?? argv[0]!
  const text = shell.task.fs.readText(path)
  shell.task.argv = argv
  return runScriptText(shell.task, shell.dialect, path, argv.slice(1), text, shell.variables.environment())
}
