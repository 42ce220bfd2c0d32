/** diff: compares files and directories, in the forms that GNU's knows; busybox has the unified one. */
import type { Program } from '../../process.js'
import { SystemError } from '../../process.js'
import { command, type Command, type Flavour } from '../command.js'
import { openForReading, readAll } from '../reading.js'
import { globMatches } from '../glob-match.js'
import { formatTime } from '../strftime.js'
import { changesBetween, textOf, type Side } from './changes.js'
import { contextForm, edScript, forwardScript, normalForm, rcsForm, unifiedForm } from './forms.js'
import { colored, type Comparison } from './look.js'
import { merged } from './merged.js'
import { planOf, type Plan } from './options.js'
import { sideBySide } from './side-by-side.js'

/** One run: 0 for the same, 1 for different, 2 for trouble. */
interface Run extends Plan {
  c: Command
}

export function diff(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const run: Run = { c, ...(await planOf(c)) }
    const { options: o } = run
    if (!o.has('from') && !o.has('to')) return comparePaths(run, o.operands[0]!, o.operands[1]!)
    let status = 0
    for (const path of o.operands) {
      const pair = o.has('from') ? ([o.get('from')!, path] as const) : ([path, o.get('to')!] as const)
      status = Math.max(status, await comparePaths(run, ...pair))
    }
    return status
  })
}

function isDirectory({ c }: Run, path: string): boolean {
  return path !== '-' && c.fs.exists(path) && c.fs.stat(path).type === 'directory'
}

async function comparePaths(run: Run, first: string, second: string): Promise<number> {
  const { c, options: o } = run
  const directories = [isDirectory(run, first), isDirectory(run, second)]
  if (directories[0] && directories[1]) return compareDirectories(run, first, second)
  const base = (path: string): string => path.split('/').filter(Boolean).at(-1) ?? path
  const from = directories[0] ? `${first}/${base(second)}` : first
  const to = directories[1] ? `${second}/${base(first)}` : second
  if (from === '-' && to === '-') return 0
  const sides: Side[] = []
  for (const [name, other] of [
    [from, to],
    [to, from],
  ] as const) {
    try {
      const absent = o.has('N') || (o.has('P') && name === from)
      sides.push(absent && name !== '-' && !c.fs.exists(name) && c.fs.exists(other) ? { name, data: Buffer.alloc(0), mtime: 0 } : await read(c, name))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `can't stat '${name}': ${error.message}` : `${name}: ${error.message}`)
    }
  }
  const [a, b] = sides
  return a && b ? compareFiles(run, a, b) : 2
} // prettier-ignore

async function read(c: Command, name: string): Promise<Side> {
  if (name === '-') return { name, data: await readAll(c.task.fd(0)!), mtime: c.task.clock.now() }
  const file = await openForReading(c.task, name)
  try {
    return { name, data: await readAll(file), mtime: c.fs.stat(name).mtime }
  } finally {
    file.close()
  }
}

/** What a kind of file is called where it meets another kind. */
function kindOf({ c }: Run, path: string): string {
  const { type, size } = c.fs.stat(path)
  if (type === 'file') return size === 0 ? 'regular empty file' : 'regular file'
  return (
    { directory: 'directory', symlink: 'symbolic link', fifo: 'fifo', socket: 'socket', block: 'block special file' }[type as string] ??
    'character special file'
  )
}

function namesOf(run: Run, directory: string): string[] {
  const { c, options: o, excluded } = run
  const from = o.get('S')
  return c.fs
    .readdir(directory)
    .filter((name) => (from === undefined || name >= from) && !excluded.some((pattern) => globMatches(pattern, name)))
}

async function compareDirectories(run: Run, first: string, second: string): Promise<number> {
  const { c, options: o } = run
  const join = (directory: string, name: string): string => (directory.endsWith('/') ? directory + name : `${directory}/${name}`)
  const fold = o.has('fold') && !o.has('no-fold')
  const mine = new Map(namesOf(run, first).map((name) => [fold ? name.toLowerCase() : name, name]))
  const theirs = new Map(namesOf(run, second).map((name) => [fold ? name.toLowerCase() : name, name]))
  let status = 0
  for (const key of [...new Set([...mine.keys(), ...theirs.keys()])].sort()) {
    const [mineName, theirName] = [mine.get(key), theirs.get(key)]
    const name = (mineName ?? theirName)!
    const [a, b] = [join(first, mineName ?? name), join(second, theirName ?? name)]
    const only = mineName === undefined ? second : theirName === undefined ? first : undefined
    if (only !== undefined && !(o.has('N') || (o.has('P') && only === second))) {
      await c.print(`Only in ${only}: ${name}\n`)
      status = Math.max(status, 1)
      continue
    }
    status = Math.max(status, await compareEntries(run, a, b, only === undefined ? undefined : only === first ? a : b))
  }
  return status
}

/** Two files of directories that have the same name. @param only the one of them that there is, where -N takes the other for empty */
async function compareEntries(run: Run, a: string, b: string, only: string | undefined): Promise<number> {
  const { c, options: o } = run
  const directories = only === undefined ? [isDirectory(run, a), isDirectory(run, b)] : [isDirectory(run, only), isDirectory(run, only)]
  if (directories[0] && directories[1]) {
    if (o.has('r')) return only === undefined ? compareDirectories(run, a, b) : compareAbsent(run, a, b, only)
    await c.print(`Common subdirectories: ${a} and ${b}\n`)
    return 0
  }
  if (o.has('links') && only === undefined && c.fs.lstat(a).type === 'symlink' && c.fs.lstat(b).type === 'symlink') {
    if (c.fs.readlink(a) === c.fs.readlink(b)) return 0
    await c.print(`Symbolic links ${a} and ${b} differ\n`)
    return 1
  }
  if (directories[0] !== directories[1]) {
    await c.print(`File ${a} is a ${kindOf(run, a)} while file ${b} is a ${kindOf(run, b)}\n`)
    return 1
  }
  const read = async (path: string): Promise<Side | undefined> => sideOf(run, path, only !== undefined && path !== only)
  const [left, right] = [await read(a), await read(b)]
  if (!left || !right) return 2
  return compareFiles(run, left, right, `diff${c.busybox ? (o.has('r') ? ' -r' : '') : run.given} ${a} ${b}\n`)
} // prettier-ignore

/** A directory that only one side has, whose files -N takes for new or gone. */
async function compareAbsent(run: Run, a: string, b: string, only: string): Promise<number> {
  let status = 0
  for (const name of namesOf(run, only).sort())
    status = Math.max(status, await compareEntries(run, `${a}/${name}`, `${b}/${name}`, `${only}/${name}`))
  return status
}

async function sideOf({ c }: Run, name: string, absent: boolean): Promise<Side | undefined> {
  if (absent) return { name, data: Buffer.alloc(0), mtime: 0 }
  try {
    return await read(c, name)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(`${name}: ${error.message}`, 2)
    return undefined
  }
}

/** @param above what is printed before their differences */
async function compareFiles(run: Run, a: Side, b: Side, above = ''): Promise<number> {
  const { c, options: o, form } = run
  const whole = form === 'columns' || form === 'merged'
  const same = a.data.equals(b.data)
  const binary = !o.has('a') && (a.data.includes(0) || b.data.includes(0))
  const strip = o.has('strip')
  const it = { left: textOf(a.data, strip), right: textOf(b.data, strip) }
  const changes = same || binary ? [] : await changesBetween(c, it.left, it.right, run.likeness)
  const differ = binary ? !same : changes.some((change) => !change.trivial)
  if (!differ) {
    if (whole && !o.has('q') && !binary) await c.print(textOfForm(run, { ...it, changes }))
    if (o.has('s')) await c.print(`Files ${a.name} and ${b.name} are identical\n`)
    return 0
  }
  if (o.has('q') || binary) {
    await c.print(`${o.has('q') ? 'Files' : 'Binary files'} ${a.name} and ${b.name} differ\n`)
    return 1
  }
  await c.print(above + headingOf(run, a, b) + textOfForm(run, { ...it, changes }))
  if (form !== 'ed' && form !== 'forward') return 1
  // Neither script can say that a last line has no newline.
  const open = [it.left.open ? a : undefined, it.right.open ? b : undefined].filter((side) => side !== undefined)
  for (const side of open) await c.warn(`${side.name}: No newline at end of file\n`)
  return open.length > 0 ? 2 : 1
}

function textOfForm(run: Run, it: Comparison): string {
  const { look, context, heading } = run
  switch (run.form) {
    case 'unified':
      return unifiedForm(it, look, context, heading)
    case 'context':
      return contextForm(it, look, context, heading)
    case 'ed':
      return edScript(it)
    case 'forward':
      return forwardScript(it)
    case 'rcs':
      return rcsForm(it)
    case 'columns':
      return sideBySide(it, look, run.columns)
    case 'merged':
      return merged(it, run.formats)
    case 'normal':
      return normalForm(it, look)
  }
}

/** The two lines that name the files, in the forms that have them. */
function headingOf({ c, options: o, form, look }: Run, a: Side, b: Side): string {
  if (form !== 'unified' && form !== 'context') return ''
  const labels = o.all('L')
  const name = (side: Side, i: number): string => labels[i] ?? (c.busybox ? side.name : `${side.name}\t${stamp(c, form, side.mtime)}`)
  const [from, to] = form === 'unified' ? ['---', '+++'] : ['***', '---']
  return `${colored(look, 'hd', `${from} ${name(a, 0)}`)}\n${colored(look, 'hd', `${to} ${name(b, 1)}`)}\n`
}

function stamp(c: Command, form: Plan['form'], ms: number): string {
  const { env } = c.task
  const language = env['LC_ALL'] || env['LC_TIME'] || env['LANG'] || 'C'
  if (form === 'context' && /^(?:C|POSIX)$/.test(language)) return formatTime('%a %b %e %H:%M:%S %Y', ms, env['TZ'])
  const fraction = String(Math.floor(((ms % 1000) + 1000) % 1000)).padStart(3, '0')
  return formatTime(`%Y-%m-%d %H:%M:%S.${fraction}000000 %z`, ms, env['TZ'])
}
