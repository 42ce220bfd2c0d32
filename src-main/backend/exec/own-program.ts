/** Programs that the person has installed themselves, found as their login shell finds them: a window's own PATH is often a shorter one. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { withHome } from '../../directories.js'
import { environment } from './local-terminals.js'
import { loginShell } from './login-shell.js'

/** How long the login shell may take to say where a program is, ms. */
export const LOOKUP_TIMEOUT = 15_000
const MARK = 'drydock-path='

/** Where a program is. */
export interface OwnProgram {
  file: string
  /** The PATH of the login shell: plugins and credential helpers are looked for there too. */
  path: string
}

/** What a login shell says of a program, as {@link question} has it say so. */
export function foundIn(answer: string): OwnProgram | undefined {
  const [searched, before] = pathIn(answer)
  const file = before?.trim()
  return searched !== undefined && file && path.isAbsolute(file) ? { file, path: searched } : undefined
}

/** The PATH in what a login shell says, and the line before it. */
function pathIn(answer: string): [searched?: string, before?: string] {
  const lines = answer.split(/\r?\n/)
  const at = lines.findIndex((l) => l.startsWith(MARK))
  return at < 0 ? [] : [lines[at]!.slice(MARK.length), lines[at - 1]]
}

/** Says where a program is, after whatever the profile prints. Read alike by POSIX shells and fish. */
const question = (name: string): string => `command -v ${name} && echo "${MARK}$PATH"`

/** What a program prints when it is asked something short; nothing when it fails or is not there. @param timeout ms */
export function ask(file: string, args: string[], env: Record<string, string>, timeout = LOOKUP_TIMEOUT): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout, maxBuffer: 1024 * 1024 }, (error, stdout) => resolve(error ? undefined : stdout)).stdin?.end()
  })
}

/** The PATH of the login shell; that of this process where it does not answer. */
export async function loginPath(): Promise<string> {
  const env = environment()
  if (process.platform === 'win32') return env.PATH ?? ''
  const answer = (await ask(loginShell(), ['-l', '-c', `echo "${MARK}$PATH"`], env)) ?? ''
  return pathIn(answer)[0] || (env.PATH ?? '')
}

/** The file of a program on a PATH; a path is taken as it is, `~` for the person's home. Undefined where there is none that can be run. */
export async function programOn(searched: string, name: string): Promise<string | undefined> {
  if (process.platform === 'win32' && !/[\\/]/.test(name)) return (await findProgram(name))?.file
  const folders = name.includes(path.sep) ? [''] : searched.split(path.delimiter).filter(Boolean)
  for (const folder of folders) {
    const file = folder ? path.join(folder, name) : withHome(name)
    try {
      if (!fs.statSync(file).isFile()) continue
      fs.accessSync(file, fs.constants.X_OK)
      return file
    } catch {
      // It is not there, or may not be run.
    }
  }
  return undefined
}

/** Looks for a program by its name, such as `kubectl`. */
export async function findProgram(name: string): Promise<OwnProgram | undefined> {
  const env = environment()
  if (process.platform !== 'win32') return foundIn((await ask(loginShell(), ['-l', '-c', question(name)], env)) ?? '')
  const file = (await ask('where', [name], env))?.split(/\r?\n/)[0]?.trim()
  return file ? { file, path: env.PATH ?? '' } : undefined
}
