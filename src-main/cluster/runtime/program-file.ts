/** From a command line to the program that runs it: PATH, permissions, `#!` lines (execve(2)). */
import { isErrorCode, systemError } from './errors.js'
import type { FileCalls } from './fs-calls.js'
import type { Program } from './process.js'

/** What {@link resolveProgram} found. */
export interface Resolved {
  program: Program
  /** As the program gets it: a script's interpreter puts itself in front. */
  argv: readonly string[]
  path: string
}

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Finds a command in PATH: its path, or undefined. A name with a slash is a path already.
 * `denied` tells that there was one that may not be executed.
 */
export function searchPath(fs: FileCalls, name: string, path = DEFAULT_PATH): { path?: string; denied: boolean } {
  if (name.includes('/')) return { path: name, denied: false }
  let denied = false
  if (name === '') return { denied }
  for (const directory of path.split(':')) {
    const candidate = `${directory || '.'}/${name}`
    try {
      fs.executable(candidate)
      return { path: candidate, denied: false }
    } catch (error) {
      if (isErrorCode(error, 'EACCES') && fs.exists(candidate) && fs.stat(candidate).type === 'file') denied = true
    }
  }
  return { denied }
}

/** Bytes that one argument may have, and all of them together (execve(2): MAX_ARG_STRLEN and a quarter of the stack). */
const LONGEST_ARGUMENT = 131_072
const ALL_ARGUMENTS = 2 * 1024 * 1024

/** Whether a program can be started with so long arguments. */
export function argumentsFit(argv: readonly string[]): boolean {
  const total = argv.reduce((sum, argument) => sum + argument.length + 1 + 8, 0)
  return total <= ALL_ARGUMENTS && argv.every((argument) => argument.length < LONGEST_ARGUMENT)
}

/**
 * The program for a command line. Throws ENOENT, EACCES, E2BIG, or ENOEXEC for a text without `#!` line, which a shell then
 * runs itself.
 */
export function resolveProgram(
  process: { readonly fs: FileCalls },
  argv: readonly string[],
  options: { path?: string } = {},
  depth = 0,
): Resolved {
  const { fs } = process
  const found = searchPath(fs, argv[0] ?? '', options.path)
  if (!found.path) throw systemError(found.denied ? 'EACCES' : 'ENOENT')
  const { node, path } = fs.executable(found.path)
  if (!argumentsFit(argv)) throw systemError('E2BIG')
  if (node.program) return { program: node.program, argv, path }
  const head = Buffer.from(node.content.subarray(0, 256)).toString('latin1')
  if (!head.startsWith('#!')) throw systemError('ENOEXEC')
  if (depth > 4) throw systemError('ELOOP')
  const line = head.slice(2).split('\n', 1)[0]!.trim()
  const space = line.search(/[ \t]/)
  const interpreter = space < 0 ? line : line.slice(0, space)
  const argument = space < 0 ? [] : [line.slice(space).trim()]
  if (!interpreter.startsWith('/')) throw systemError('ENOENT')
  return resolveProgram(process, [interpreter, ...argument, found.path, ...argv.slice(1)], {}, depth + 1)
}
