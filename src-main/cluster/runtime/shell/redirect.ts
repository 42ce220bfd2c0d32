/** Redirections (XCU 2.7): applied to the descriptors of the process, and taken back after builtins and compound commands. */
import { isErrorCode } from '../errors.js'
import type { FileDescription } from '../open-file.js'
import { SystemError } from '../process.js'
import { VirtualText } from '../regular-file.js'
import type { OpenFlags } from '../fs-calls.js'
import type { Redirect } from './ast.js'
import { expandString, expandWords } from './expand.js'
import type { Shell } from './shell.js'

/** A redirection failed; the message is ready to print. */
export class RedirectError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RedirectError'
  }
}

/** What the descriptors were before. */
export type Saved = Map<number, FileDescription | undefined>

const flagsOf: Partial<Record<Redirect['op'], OpenFlags>> = { '<': 'r', '>': 'w', '>|': 'w', '>>': 'a', '<>': 'rw+', '&>': 'w', '&>>': 'a' }

/**
 * Applies redirections in their order. Returns what {@link restore} needs. Throws {@link RedirectError}; then all are
 * taken back already.
 */
export async function redirect(shell: Shell, redirects: readonly Redirect[]): Promise<Saved> {
  const saved: Saved = new Map()
  try {
    for (const r of redirects) await apply(shell, r, saved)
  } catch (error) {
    restore(shell, saved)
    throw error
  }
  return saved
}

/** Puts descriptors back; of a process that has ended, only lets go of them. */
export function restore(shell: Shell, saved: Saved): void {
  for (const [fd, description] of saved) {
    if (!shell.task.ended) shell.task.setDescriptor(fd, description)
    description?.release()
  }
}

/** Keeps what was applied (`exec` without a command). */
export function keep(saved: Saved): void {
  for (const description of saved.values()) description?.release()
}

function put(shell: Shell, fd: number, description: FileDescription | undefined, saved: Saved): void {
  if (!saved.has(fd)) saved.set(fd, shell.task.description(fd)?.retain())
  // The new one may be the old one: it must not be closed in between.
  description?.retain()
  shell.task.setDescriptor(fd, description)
  description?.release()
}

async function apply(shell: Shell, r: Redirect, saved: Saved): Promise<void> {
  if (r.variable !== undefined) return applyNamed(shell, r, r.variable)
  const fd = r.fd ?? (r.op.startsWith('<') ? 0 : 1)
  switch (r.op) {
    case '<<':
      return put(shell, fd, new VirtualText(await expandString(shell, r.target)), saved)
    case '<<<':
      return put(shell, fd, new VirtualText(`${await expandString(shell, r.target)}\n`), saved)
    case '<&':
    case '>&':
      return duplicate(shell, r, fd, saved)
    default:
  }
  const path = await target(shell, r)
  const description = await open(shell, path, r.op)
  put(shell, fd, description, saved)
  if (r.op === '&>' || r.op === '&>>') put(shell, 2, description, saved)
}

/** bash: `{name}>file` opens a free descriptor from 10 on and stays open; `{name}>&-` closes it. */
async function applyNamed(shell: Shell, r: Redirect, name: string): Promise<void> {
  const closes = r.op.endsWith('&') && (await expandString(shell, r.target)) === '-'
  const element = /^(\w+)\[(.*)\]$/.exec(name)
  let fd = closes ? Number(element ? shell.variables.getElement(element[1]!, element[2]!) : shell.variables.get(name)) : 10
  if (!closes) while (shell.task.description(fd)) fd++
  const { variable: _variable, ...plain } = r
  const saved: Saved = new Map()
  await apply(shell, { ...plain, fd }, saved)
  keep(saved)
  if (closes) return
  if (element) shell.variables.setElement(element[1]!, element[2]!, String(fd))
  else shell.variables.set(name, String(fd))
}

async function target(shell: Shell, r: Redirect): Promise<string> {
  if (shell.dialect !== 'bash') return expandString(shell, r.target)
  const words = await expandWords(shell, [r.target])
  if (words.length !== 1) throw new RedirectError('ambiguous redirect')
  return words[0]!
}

async function duplicate(shell: Shell, r: Redirect, fd: number, saved: Saved): Promise<void> {
  const text = await expandString(shell, r.target)
  if (text === '-') return put(shell, fd, undefined, saved)
  const m = /^(\d+)(-?)$/.exec(text)
  if (!m) {
    // bash and ash: `>&file` is `&>file`.
    if (r.op === '>&' && r.fd === undefined && shell.dialect !== 'dash') {
      const description = await open(shell, text, '>')
      put(shell, 1, description, saved)
      return put(shell, 2, description, saved)
    }
    if (shell.dialect === 'dash') throw shell.error('Syntax error: Bad fd number')
    throw new RedirectError(shell.dialect === 'bash' ? `${text}: ambiguous redirect` : 'bad fd number')
  }
  const source = shell.task.description(Number(m[1]))
  if (!source) throw new RedirectError(`${m[1]}: Bad file descriptor`)
  put(shell, fd, source, saved)
  if (m[2] && Number(m[1]) !== fd) put(shell, Number(m[1]), undefined, saved)
}

async function open(shell: Shell, path: string, op: Redirect['op']): Promise<FileDescription> {
  const { fs } = shell.task
  try {
    const file = op === '>' && shell.options.noclobber ? noclobber(shell, path) : undefined
    return await fs.openWaiting(path, file ?? flagsOf[op]!)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new RedirectError(openMessage(shell, path, op, error))
  }
}

/** `set -C`: an existing regular file is not overwritten. */
function noclobber(shell: Shell, path: string): OpenFlags {
  const { fs } = shell.task
  return fs.exists(path) && fs.stat(path).type !== 'file' ? 'w' : 'wx'
}

function openMessage(shell: Shell, path: string, op: Redirect['op'], error: SystemError): string {
  if (shell.dialect === 'bash') return error.code === 'EEXIST' ? `${path}: cannot overwrite existing file` : `${path}: ${error.message}`
  const create = op !== '<'
  const missing = isErrorCode(error, 'ENOENT')
  if (shell.dialect === 'dash') {
    const text = missing ? (create ? 'Directory nonexistent' : 'No such file') : error.message
    return `cannot ${create ? 'create' : 'open'} ${path}: ${text}`
  }
  const text = missing ? (create ? 'nonexistent directory' : 'no such file') : error.message
  return `can't ${create ? 'create' : 'open'} ${path}: ${text}`
}
