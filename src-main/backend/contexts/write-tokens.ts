/**
 * Writes renewed tokens into a kubeconfig, next to other programs that do the same: the file is locked as kubectl locks it, is read anew,
 * and nothing else in it changes, comments and order included.
 */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Document, isAlias, isScalar, parseDocument } from 'yaml'

/** How long a lock of somebody else is waited for, ms, and how often it is looked at. Tokens are written in an instant. */
const LOCK_PATIENCE = 2_000
const LOCK_LOOK = 50

/**
 * Sets keys of `auth-provider.config` of a user. Gives whether they were written: not where the file may not be written, has the user no
 * more, or stays locked; the tokens are good all the same.
 */
export async function writeProviderConfig(file: string, user: string, values: Readonly<Record<string, string>>): Promise<boolean> {
  const unlock = await lock(file)
  if (!unlock) return false
  try {
    const real = fs.realpathSync(file)
    const before = fs.readFileSync(real, 'utf8')
    let after: string | undefined = before
    for (const [key, value] of Object.entries(values)) after = after === undefined ? undefined : withValue(after, user, key, value)
    if (after === undefined) return false
    if (after !== before) replace(real, after)
    return true
  } catch (error) {
    if (/^E(ACCES|PERM|ROFS|NOENT|NOSPC)$/.test((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  } finally {
    unlock()
  }
}

/** Takes the lock that client-go takes, a file beside it that must not be there yet; gives what lets it go, or nothing. */
async function lock(file: string): Promise<(() => void) | undefined> {
  const name = `${file}.lock`
  for (const giveUp = Date.now() + LOCK_PATIENCE; ; await sleep(LOCK_LOOK)) {
    try {
      fs.closeSync(fs.openSync(name, 'wx', 0))
      return () => fs.rmSync(name, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > giveUp) return undefined
    }
  }
}

/** The text with one value changed or added; nothing where it has no such user. */
function withValue(text: string, user: string, key: string, value: string): string | undefined {
  const document = parseDocument(text)
  const at = pathOf(document, user)
  if (!at) return undefined
  const node = document.getIn([...at, key], true)
  if (isScalar(node) && node.range && !isAlias(node)) {
    const [start, end] = node.range
    const changed = text.slice(0, start) + (node.type === 'PLAIN' && isPlain(value) ? value : JSON.stringify(value)) + text.slice(end)
    // A block of several lines, say, cannot be changed in its place.
    if (parseDocument(changed).getIn([...at, key]) === value) return changed
  }
  document.setIn([...at, key], value)
  return asJson(text)
    ? `${JSON.stringify(document.toJS(), null, /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1])}\n`
    : document.toString({ lineWidth: 0 })
}

/** Whether YAML reads a text as itself without quotes. Tokens are letters, digits and a few signs. */
const isPlain = (value: string): boolean => /^[A-Za-z][\w./+=-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)

/** Whether a kubeconfig is written as JSON, which programs that read only that may have to read again. */
function asJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function pathOf(document: Document, user: string): (string | number)[] | undefined {
  const { users } = (document.toJS() ?? {}) as { users?: { name?: unknown; user?: { 'auth-provider'?: unknown } }[] }
  const index = Array.isArray(users) ? users.findIndex((u) => u && String(u.name) === user) : -1
  if (index < 0 || !users![index]!.user?.['auth-provider']) return undefined
  return ['users', index, 'user', 'auth-provider', 'config']
}

/** Puts a text in place of a file's in one step, with its mode; in place where its folder takes no other file. */
function replace(file: string, text: string): void {
  const { mode } = fs.statSync(file)
  // What may not be written is not replaced either.
  fs.accessSync(file, fs.constants.W_OK)
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`)
  try {
    fs.writeFileSync(temporary, text, { mode: mode & 0o777 })
    fs.renameSync(temporary, file)
  } catch {
    fs.rmSync(temporary, { force: true })
    fs.writeFileSync(file, text)
  }
}
