/** The lines of /etc/passwd, /etc/group and /etc/shadow as programs change them, and how they ask for a password. */
import { createHash } from 'node:crypto'
import type { Command } from './command.js'

/** The lines of a file, none where it is not there. */
export function linesOf(c: Command, path: string): string[] {
  return c.fs.exists(path) ? c.fs.readText(path).split('\n').filter(Boolean) : []
}

/** Writes a file again; the rest of the line of a name is what `change` makes of its fields, nothing takes it out. */
export function changeLine(c: Command, path: string, name: string, edit: (fields: string[]) => string[] | undefined): boolean {
  let found = false
  const lines = linesOf(c, path).flatMap((line) => {
    const fields = line.split(':')
    if (fields[0] !== name) return [line]
    found = true
    const changed = edit(fields)
    return changed ? [changed.join(':')] : []
  })
  if (found) c.fs.writeFile(path, lines.map((line) => `${line}\n`).join(''))
  return found
}

/** Adds a line to a file, which is made where it is missing. */
export function appendLine(c: Command, path: string, line: string, mode?: number): void {
  c.fs.writeFile(path, `${line}\n`, { append: true, ...(mode === undefined ? {} : { mode }) })
}

/** A password as /etc/shadow holds it. Nothing here logs in with it. */
export function encrypted(c: Command, password: string, method: '$6$' | '$y$j9T$'): string {
  const salt = Array.from({ length: 16 }, () => './0123456789abcdefghijklmnopqrstuvwxyz'[c.task.random.int(38)]).join('')
  const hash = createHash('sha512').update(salt).update(password).digest('base64').replace(/[+=]/g, '.').slice(0, 86)
  return method === '$6$' ? `$6$${salt}$${hash}` : `${method}${salt}$${hash.slice(0, 43)}`
}

/** Asks for a line without showing it. @param always ends the line of the prompt also where there is no terminal */
export async function askHidden(c: Command, prompt: string, always = true): Promise<string> {
  const { terminal } = c.task
  const echo = terminal?.modes.echo
  await c.task.writeError(prompt)
  if (terminal) terminal.modes.echo = false
  try {
    return (await c.task.readLine()) ?? ''
  } finally {
    if (terminal && echo !== undefined) terminal.modes.echo = echo
    if (terminal || always) await c.task.writeError('\n')
  }
}
