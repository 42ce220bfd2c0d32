/** What two files differ in: their lines, the runs of them that differ, and which of those do not count. */
import { diffArrays, type ChangeObject } from 'diff'
import { external } from '../net/connection.js'
import type { Command } from '../command.js'

/** Wall ms that a comparison may take. */
const LIMIT = 4000
/** The same, before others have their turn. */
const AT_ONCE = 30

/** One of the two files. */
export interface Side {
  name: string
  data: Buffer
  /** ms since 1970. */
  mtime: number
}

/** The lines of a file without what ends them. */
export interface Text {
  lines: string[]
  /** The last line has no newline. */
  open: boolean
}

/** A run of lines that differ: from line `a` (from 0) of the first file and `b` of the second. */
export interface Change {
  a: number
  b: number
  /** How many lines of the first file are not in the second. */
  removed: number
  /** How many of the second are not in the first. */
  added: number
  /** It does not count: -B, -I. */
  trivial: boolean
}

/** How lines are compared. */
export interface Likeness {
  ignoreCase: boolean
  /** `all` (-w), `amount` (-b), `trailing` (-Z). */
  space: 'all' | 'amount' | 'trailing' | undefined
  /** -E: columns of a tab that counts as so many spaces. */
  tabs: number | undefined
  /** -B */
  blankLines: boolean
  /** -I: a change whose lines all match one of these does not count. */
  ignored: readonly RegExp[]
}

export function textOf(data: Buffer, stripCr = false): Text {
  if (data.length === 0) return { lines: [], open: false }
  const lines = data.toString('utf8').split('\n')
  const open = lines.at(-1) !== ''
  if (!open) lines.pop()
  return { lines: stripCr ? lines.map((line) => line.replace(/\r$/, '')) : lines, open }
}

/** A line with its tabs as spaces. */
export function expandTabs(line: string, size: number): string {
  let out = ''
  for (const c of line) out += c === '\t' ? ' '.repeat(size - (out.length % size)) : c
  return out
}

/** What a line is compared by. */
function keyOf(line: string, how: Likeness): string {
  let key = line
  if (how.space === 'all') key = key.replace(/\s+/g, '')
  else {
    if (how.tabs !== undefined) key = expandTabs(key, how.tabs)
    if (how.space !== undefined) key = key.trimEnd()
    if (how.space === 'amount') key = key.replace(/\s+/g, ' ')
  }
  return how.ignoreCase ? key.toLowerCase() : key
}

function keysOf(text: Text, how: Likeness): string[] {
  const keys = text.lines.map((line) => keyOf(line, how))
  // No newline is a difference, unless white space at the end is none.
  if (text.open && how.space === undefined) keys[keys.length - 1] += '\n'
  return keys
}

/** What makes the first text the second. */
export async function changesBetween(c: Command, left: Text, right: Text, how: Likeness): Promise<Change[]> {
  const [a, b] = [keysOf(left, how), keysOf(right, how)]
  const parts = await difference(c, a, b)
  const changes = parts ? settle(runs(parts), a, b) : [{ a: 0, b: 0, removed: a.length, added: b.length, trivial: false }]
  if (!how.blankLines && how.ignored.length === 0) return changes
  const blank = (line: string): boolean => (how.space === 'all' || how.space === 'amount' ? line.trim() === '' : line === '')
  const trivial = (line: string): boolean => (how.blankLines && blank(line)) || how.ignored.some((re) => re.test(line))
  for (const change of changes) change.trivial = [...removedLines(change, left), ...addedLines(change, right)].every(trivial)
  return changes
}

export function removedLines(change: Change, left: Text): string[] {
  return left.lines.slice(change.a, change.a + change.removed)
}

export function addedLines(change: Change, right: Text): string[] {
  return right.lines.slice(change.b, change.b + change.added)
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

function runs(parts: readonly ChangeObject<string[]>[]): Change[] {
  const changes: Change[] = []
  let [a, b] = [0, 0]
  let open: Change | undefined
  for (const part of parts) {
    if (!part.added && !part.removed) {
      a += part.count
      b += part.count
      open = undefined
      continue
    }
    if (!open) changes.push((open = { a, b, removed: 0, added: 0, trivial: false }))
    if (part.removed) {
      open.removed += part.count
      a += part.count
    } else {
      open.added += part.count
      b += part.count
    }
  }
  return changes
}

/**
 * Lines that only came or only went are shown as late as they can be: of `x x` and `x x x`, the last is the new one.
 * A run that meets the next one by that becomes a part of it.
 */
function settle(changes: Change[], a: readonly string[], b: readonly string[]): Change[] {
  const settled: Change[] = []
  for (let change = changes.pop(); change; change = changes.pop()) {
    for (;;) {
      const next = settled.at(-1)
      if (next && change.a + change.removed === next.a && change.b + change.added === next.b) {
        settled.pop()
        change = { ...change, removed: change.removed + next.removed, added: change.added + next.added }
      }
      const [lines, from, count] = change.added === 0 ? [a, change.a, change.removed] : [b, change.b, change.added]
      const pure = change.added === 0 || change.removed === 0
      if (!pure || from + count >= lines.length || lines[from] !== lines[from + count]) break
      change = { ...change, a: change.a + 1, b: change.b + 1 }
    }
    settled.push(change)
  }
  return settled.reverse()
}
