/** How find writes what it has found: -ls and -printf. */
import { nameTable } from './accounts.js'
import type { Command } from './command.js'
import type { Entry } from './find-expression.js'
import { baseName } from './files.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

/** The line of `-ls`, as `ls -dils` writes it. */
export function listed(c: Command, e: Entry): string {
  const { stat } = e
  const names = nameTable(c.fs)
  const blocks = stat.blocks / 2
  const now = c.task.clock.now()
  const recent = stat.mtime > now - 15_778_476_000 && stat.mtime <= now + 3_600_000
  const time = formatTime(recent ? '%b %e %H:%M' : '%b %e  %Y', stat.mtime, c.task.env['TZ'])
  const owner = `${names.user(stat.uid).padEnd(8)} ${names.group(stat.gid).padEnd(8)}`
  const link = stat.type === 'symlink' ? ` -> ${c.fs.readlink(e.path)}` : ''
  return `${String(stat.inode).padStart(9)} ${String(blocks).padStart(6)} ${modeText(stat)} ${String(stat.links).padStart(3)} ${owner} ${String(stat.size).padStart(8)} ${time} ${e.path}${link}\n`
}

const letterOf = (type: Entry['stat']['type']): string =>
  ({ file: 'f', directory: 'd', symlink: 'l', fifo: 'p', device: 'c', block: 'b', socket: 's' })[type]

const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }

/** Directives, escapes, and the text between them. */
const TOKEN = /%([-+ #0]*)(\d*)(?:\.(\d+))?([ABCT])?([^])|\\([0-7]{1,3}|[^])|[^%\\]+|[%\\]/g

/** A format of -printf, ready for each file, and what is odd about it. */
export function compileFormat(c: Command, format: string): { of(e: Entry): string; warnings: string[] } {
  const warnings: string[] = []
  const parts: (string | ((values: (letter: string) => string | undefined, e: Entry) => string))[] = []
  for (const [whole, flags = '', width = '', precision, time, letter, escaped] of format.matchAll(TOKEN)) {
    if (escaped === 'c') break
    if (escaped !== undefined) parts.push(escape(escaped, warnings))
    else if (letter === undefined) parts.push(whole)
    else if (letter === '%' && whole === '%%') parts.push('%')
    else if (time !== undefined) parts.push((_, e) => padded(timePart(c, letter, e), flags, width))
    else {
      if (!DIRECTIVES.includes(letter)) warnings.push(`unrecognized format directive \`%${letter}'`)
      parts.push((value) => {
        const text = value(letter)
        return text === undefined ? whole : padded(precision === undefined ? text : text.slice(0, Number(precision)), flags, width)
      })
    }
  }
  const of = (e: Entry): string => {
    const value = valuesOf(c, e)
    return parts.map((part) => (typeof part === 'string' ? part : part(value, e))).join('')
  }
  return { of, warnings }
}

function escape(text: string, warnings: string[]): string {
  if (/^[0-7]/.test(text)) return String.fromCharCode(parseInt(text, 8) & 0xff)
  if (Object.hasOwn(LETTERS, text)) return LETTERS[text]!
  warnings.push(`unrecognized escape \`\\${text}'`)
  return `\\${text}`
}

function padded(text: string, flags: string, width: string): string {
  return flags.includes('-') ? text.padEnd(Number(width)) : text.padStart(Number(width))
}

function timePart(c: Command, letter: string, e: Entry): string {
  const { mtime } = e.stat
  if (letter === '@') return (mtime / 1000).toFixed(10)
  if (letter === '+') return formatTime('%Y-%m-%d+%H:%M:%S.%N', mtime, c.task.env['TZ']) + '0'
  const text = formatTime(`%${letter}`, mtime, c.task.env['TZ'])
  // Seconds have all their digits.
  return letter === 'S' || letter === 'T' || letter === 'X' ? `${text}.${formatTime('%N', mtime)}0` : text
}

const DIRECTIVES = 'pfhPsmMugUGdyYinkblHtacD'

/** What the directives stand for, each looked up when it is wanted. */
function valuesOf(c: Command, e: Entry): (letter: string) => string | undefined {
  const { stat, path } = e
  const names = nameTable(c.fs)
  const values: Readonly<Record<string, () => string>> = {
    p: () => path,
    f: () => baseName(path),
    h: () => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
    P: () => (path === e.root ? '' : path.slice(e.root.replace(/\/$/, '').length + 1)),
    s: () => String(stat.size),
    m: () => stat.mode.toString(8),
    M: () => modeText(stat),
    u: () => names.user(stat.uid),
    g: () => names.group(stat.gid),
    U: () => String(stat.uid),
    G: () => String(stat.gid),
    d: () => String(e.depth),
    y: () => letterOf(stat.type),
    Y: () => (stat.type !== 'symlink' ? letterOf(stat.type) : c.fs.exists(path) ? letterOf(c.fs.stat(path).type) : 'N'),
    i: () => String(stat.inode),
    n: () => String(stat.links),
    k: () => String(stat.blocks / 2),
    b: () => String(stat.blocks),
    l: () => (stat.type === 'symlink' ? c.fs.readlink(path) : ''),
    H: () => e.root,
    t: () => moment(c, e),
    a: () => moment(c, e),
    c: () => moment(c, e),
  }
  return (letter) => (Object.hasOwn(values, letter) ? values[letter]!() : undefined)
}

const moment = (c: Command, e: Entry): string =>
  `${formatTime('%a %b %e %H:%M:%S.%N', e.stat.mtime, c.task.env['TZ'])}0 ${formatTime('%Y', e.stat.mtime, c.task.env['TZ'])}`
