/** diff and cmp. diff's comparison is the library's; here are its inputs and the two ways to print what it finds. */
import { diffArrays, type ChangeObject } from 'diff'
import type { Program } from '../process.js'
import { SystemError } from '../process.js'
import { external } from './net/connection.js'
import { formatTime } from './strftime.js'
import { command, Fail, openForReading, parseSize, readAll, type Command, type Flavour, type Options } from './command.js'

/** Wall ms that a comparison may take. */
const LIMIT = 4000
/** The same, before others have their turn. */
const AT_ONCE = 30

const DIFF = {
  short: 'abBdiL:NqrsS:tTuU:wc',
  long: {
    text: 'a',
    brief: 'q',
    'ignore-all-space': 'w',
    'ignore-blank-lines': 'B',
    'ignore-case': 'i',
    'ignore-space-change': 'b',
    'new-file': 'N',
    recursive: 'r',
    'report-identical-files': 's',
    'unified=?': 'U',
    'label=': 'L',
    color: 'C',
    'color=': 'C',
  },
  usage: '[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2\n\nCompare files line by line and output the differences',
}

interface Side {
  name: string
  data: Buffer
  /** ms since 1970. */
  mtime: number
}

/** A run of lines that differ: from line `a` (from 0) of the first file and `b` of the second. */
interface Change {
  a: number
  b: number
  removed: string[]
  added: string[]
}

export function diff(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(DIFF)
    const [first, second] = o.operands
    if (first === undefined || second === undefined)
      throw c.busybox ? c.usageError(DIFF) : c.usageError(DIFF, `missing operand after '${first ?? 'diff'}'`)
    return comparePaths(c, o, first, second)
  })
}

function isDirectory(c: Command, path: string): boolean {
  return path !== '-' && c.fs.exists(path) && c.fs.stat(path).type === 'directory'
}

/** 0 for the same, 1 for different, 2 for trouble. */
async function comparePaths(c: Command, o: Options, first: string, second: string): Promise<number> {
  const directories = [isDirectory(c, first), isDirectory(c, second)]
  if (directories[0] && directories[1]) return compareDirectories(c, o, first, second)
  const base = (path: string): string => path.split('/').filter(Boolean).at(-1) ?? path
  const from = directories[0] ? `${first}/${base(second)}` : first
  const to = directories[1] ? `${second}/${base(first)}` : second
  const sides: Side[] = []
  for (const name of [from, to]) {
    try {
      sides.push(await read(c, o, name))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `can't stat '${name}': ${error.message}` : `${name}: ${error.message}`)
    }
  }
  const [a, b] = sides
  return a && b ? compareFiles(c, o, a, b) : 2
}

async function read(c: Command, o: Options, name: string): Promise<Side> {
  if (name === '-') return { name, data: await readAll(c.task.fd(0)!), mtime: c.task.clock.now() }
  if (o.has('N') && !c.fs.exists(name)) return { name, data: Buffer.alloc(0), mtime: 0 }
  const file = await openForReading(c.task, name)
  try {
    return { name, data: await readAll(file), mtime: c.fs.stat(name).mtime }
  } finally {
    file.close()
  }
}

async function compareDirectories(c: Command, o: Options, first: string, second: string): Promise<number> {
  const names = [...new Set([...c.fs.readdir(first), ...c.fs.readdir(second)])].sort()
  let status = 0
  for (const name of names) {
    const [a, b] = [`${first}/${name}`, `${second}/${name}`]
    const only = !c.fs.exists(a) ? second : !c.fs.exists(b) ? first : undefined
    if (only !== undefined && !o.has('N')) {
      await c.print(`Only in ${only}: ${name}\n`)
      status = Math.max(status, 1)
    } else if (isDirectory(c, a) && isDirectory(c, b)) {
      if (o.has('r')) status = Math.max(status, await compareDirectories(c, o, a, b))
      else await c.print(`Common subdirectories: ${a} and ${b}\n`)
    } else {
      const before = c.status
      const same = (await read(c, o, a)).data.equals((await read(c, o, b)).data)
      if (!same && !o.has('q')) await c.print(`diff ${o.has('r') ? '-r ' : ''}${a} ${b}\n`)
      status = Math.max(status, await comparePaths(c, o, a, b), before)
    }
  }
  return status
}

async function compareFiles(c: Command, o: Options, a: Side, b: Side): Promise<number> {
  const [left, right] = [a, b].map((side) => lines(side.data)) as [string[], string[]]
  const same = a.data.equals(b.data)
  const changes = same ? [] : await changesOf(c, left, right, o)
  if (changes.length === 0) {
    if (o.has('s')) await c.print(`Files ${a.name} and ${b.name} are identical\n`)
    return 0
  }
  if (o.has('q') || (!o.has('a') && (a.data.includes(0) || b.data.includes(0)))) {
    await c.print(o.has('q') ? `Files ${a.name} and ${b.name} differ\n` : `Binary files ${a.name} and ${b.name} differ\n`)
    return 1
  }
  // busybox knows only the unified form.
  const unified = c.busybox || o.has('u') || o.has('U')
  if (unified) {
    const labels = o.all('L')
    const heading = (side: Side, i: number): string => labels[i] ?? (c.busybox ? side.name : `${side.name}\t${stamp(c, side.mtime)}`)
    const context = Number(o.get('U') || 3)
    await c.print(`--- ${heading(a, 0)}\n+++ ${heading(b, 1)}\n${hunks(left, right, changes, context)}`)
  } else await c.print(changes.map(normal).join(''))
  return 1
}

function stamp(c: Command, ms: number): string {
  const fraction = String(Math.floor(((ms % 1000) + 1000) % 1000)).padStart(3, '0')
  return formatTime(`%Y-%m-%d %H:%M:%S.${fraction}000000 %z`, ms, c.task.env['TZ'])
}

/** Lines with their newlines; the mark of a last line without one is part of the line. */
function lines(data: Buffer): string[] {
  const text = data.toString('utf8')
  if (text === '') return []
  const all: string[] = []
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    all.push(end < 0 ? `${text.slice(from)}\n\\ No newline at end of file\n` : text.slice(from, end + 1))
    from = end < 0 ? text.length : end + 1
  }
  return all
}

/**
 * What makes one list of lines the other: at once when that is found soon, else a step at a time, with others in between;
 * undefined when they are too different for that.
 */
async function difference(c: Command, left: string[], right: string[]): Promise<ChangeObject<string[]>[] | undefined> {
  const soon = diffArrays(left, right, { timeout: AT_ONCE })
  if (soon) return soon
  const { task } = c
  return external(
    task,
    task.clock.track(
      new Promise<ChangeObject<string[]>[] | undefined>((resolve) => {
        diffArrays(left, right, { timeout: LIMIT, callback: (found?: ChangeObject<string[]>[]) => resolve(found) } as never)
      }),
    ),
  )
}

async function changesOf(c: Command, left: string[], right: string[], o: Options): Promise<Change[]> {
  const key = (line: string): string => {
    let k = line
    if (o.has('w')) k = k.replace(/\s+/g, '')
    else if (o.has('b')) k = k.replace(/\s+/g, ' ').trimEnd()
    return o.has('i') ? k.toLowerCase() : k
  }
  const parts = await difference(c, left.map(key), right.map(key))
  if (!parts) return [{ a: 0, b: 0, removed: left, added: right }]
  const changes: Change[] = []
  let a = 0
  let b = 0
  let open: Change | undefined
  for (const part of parts) {
    if (!part.added && !part.removed) {
      a += part.count
      b += part.count
      open = undefined
      continue
    }
    if (!open) changes.push((open = { a, b, removed: [], added: [] }))
    if (part.removed) for (const end = a + part.count; a < end; a++) open.removed.push(left[a]!)
    else for (const end = b + part.count; b < end; b++) open.added.push(right[b]!)
  }
  return o.has('B') ? changes.filter((x) => [...x.removed, ...x.added].some((l) => l.trim() !== '')) : changes
}

/** `2,3c2`: the form that diff has by default. */
function normal(change: Change): string {
  const range = (from: number, n: number): string => (n === 0 ? String(from) : n === 1 ? String(from + 1) : `${from + 1},${from + n}`)
  const { removed, added } = change
  const letter = removed.length === 0 ? 'a' : added.length === 0 ? 'd' : 'c'
  const marked = (mark: string, all: string[]): string => all.map((l) => `${mark} ${l}`).join('')
  return `${range(change.a, removed.length)}${letter}${range(change.b, added.length)}\n${marked('<', removed)}${letter === 'c' ? '---\n' : ''}${marked('>', added)}`
}

/** The unified form, with lines of context around changes that are near each other. */
function hunks(left: string[], right: string[], changes: Change[], context: number): string {
  const groups: Change[][] = []
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1)
    if (last && change.a - (last.a + last.removed.length) <= 2 * context) groups.at(-1)!.push(change)
    else groups.push([change])
  }
  return groups
    .map((group) => {
      const first = group[0]!
      const last = group.at(-1)!
      const before = Math.min(context, first.a)
      const end = Math.min(left.length, last.a + last.removed.length + context)
      const body = left.slice(first.a - before, first.a).map((l) => ` ${l}`)
      group.forEach((change, i) => {
        body.push(...change.removed.map((l) => `-${l}`), ...change.added.map((l) => `+${l}`))
        body.push(...left.slice(change.a + change.removed.length, group[i + 1]?.a ?? end).map((l) => ` ${l}`))
      })
      const counts = [
        end - first.a + before,
        Math.min(right.length, last.b + last.added.length + (end - last.a - last.removed.length)) - first.b + before,
      ]
      const range = (from: number, n: number): string => (n === 1 ? String(from + 1) : `${n === 0 ? from : from + 1},${n}`)
      return `@@ -${range(first.a - before, counts[0]!)} +${range(first.b - before, counts[1]!)} @@\n${body.join('')}`
    })
    .join('')
}

const CMP = {
  short: 'lsn:',
  long: { verbose: 'l', silent: 's', quiet: 's', 'bytes=': 'n' },
  usage: '[-ls] [-n NUM] FILE1 [FILE2]\n\nCompare FILE1 with FILE2 (or stdin)',
}

export function cmp(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(CMP)
    const [first, second = '-'] = o.operands
    if (first === undefined) throw c.busybox ? c.usageError(CMP) : c.usageError(CMP, "missing operand after 'cmp'")
    const limit = o.has('n') ? (parseSize(o.get('n')!) ?? Infinity) : Infinity
    const data: Buffer[] = []
    for (const name of [first, second]) {
      try {
        const file = name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)
        data.push((await readAll(file)).subarray(0, limit))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Fail(`cmp: ${name}: ${error.message}`, 2)
      }
    }
    return compareBytes(c, o, [first, second], data as [Buffer, Buffer])
  })
}

async function compareBytes(c: Command, o: Options, names: [string, string], [a, b]: [Buffer, Buffer]): Promise<number> {
  const length = Math.min(a.length, b.length)
  let line = 1
  let status = 0
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) {
      if (o.has('s')) return 1
      if (!o.has('l')) {
        await c.print(`${names[0]} ${names[1]} differ: char ${i + 1}, line ${line}\n`)
        return 1
      }
      status = 1
      await c.print(`${String(i + 1).padStart(String(length).length)} ${a[i]!.toString(8).padStart(3)} ${b[i]!.toString(8).padStart(3)}\n`)
    }
    if (a[i] === 10) line++
  }
  if (a.length === b.length) return status
  if (!o.has('s')) {
    const short = a.length < b.length ? names[0] : names[1]
    await c.task.writeError(
      c.busybox || length === 0
        ? `cmp: EOF on ${short}${length === 0 && !c.busybox ? ' which is empty' : ''}\n`
        : `cmp: EOF on ${short} after byte ${length}, ${a.at(length - 1) === 10 || b.at(length - 1) === 10 ? '' : 'in '}line ${line - (a[length - 1] === 10 ? 1 : 0)}\n`,
    )
  }
  return 1
}
