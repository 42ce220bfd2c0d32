/** diff -D and --…-format: both files in one, in a form of the caller's own. */
import type { Text } from './changes.js'
import type { Comparison } from './look.js'

/** What happened to a group of lines. */
export type Group = 'old' | 'new' | 'changed' | 'unchanged'

/** The formats that were given: of groups, and of lines. */
export interface Formats {
  groups: Partial<Record<Group, string>>
  lines: Partial<Record<Exclude<Group, 'changed'>, string>>
}

/** The formats of -D NAME. */
export function ifdefFormats(name: string): Formats['groups'] {
  return {
    old: `#ifndef ${name}\n%<#endif /* ! ${name} */\n`,
    new: `#ifdef ${name}\n%>#endif /* ${name} */\n`,
    changed: `#ifndef ${name}\n%<#else /* ${name} */\n%>#endif /* ${name} */\n`,
  }
}

/** Lines of one text. */
interface Span {
  text: Text
  from: number
  count: number
}

/** `%n`, `%-5d`, `%c'x'`: the rest of a format, and what its start stands for. */
const NUMBER = /^%([-']*)(\d*)((?:\.\d+)?)([doxX])([eEfFlLmMnN])/
const CHARACTER = /^%c'(\\[0-7]{1,3}|[^\\])'/
const CHOICE = /^%\(([A-Za-z]|\d+)=([A-Za-z]|\d+)\?/

function character(text: string): string {
  return text.startsWith('\\') ? String.fromCharCode(parseInt(text.slice(1), 8)) : text
}

function numberText(value: number, flags: string, width: string, precision: string, base: string): string {
  const digits = value.toString(base === 'o' ? 8 : base === 'd' ? 10 : 16).padStart(Number(precision.slice(1) || 0), '0')
  const text = base === 'X' ? digits.toUpperCase() : digits
  const zero = width.startsWith('0') && precision === '' && !flags.includes('-')
  const size = Number(width || 0)
  return flags.includes('-') ? text.padEnd(size) : text.padStart(size, zero ? '0' : ' ')
}

/** The number that a letter stands for: small letters are of the first file, capitals of the second. */
function valueOf(letter: string, old: Span, now: Span): number | undefined {
  const span = letter === letter.toLowerCase() ? old : now
  const first = span.from + 1
  switch (letter.toLowerCase()) {
    case 'e':
      return first - 1
    case 'f':
      return first
    case 'l':
      return span.from + span.count
    case 'm':
      return span.from + span.count + 1
    case 'n':
      return span.count
    default:
      return undefined
  }
}

/** Both files in one, as the formats say. */
export function merged({ left, right, changes }: Comparison, { groups, lines }: Formats): string {
  const byLine = (kind: Exclude<Group, 'changed'>, { text, from, count }: Span): string => {
    let out = ''
    for (let i = from; i < from + count; i++) {
      const newline = text.open && i === text.lines.length - 1 ? '' : '\n'
      out += lineText(lines[kind] ?? '%L', text.lines[i]!, newline, i + 1)
    }
    return out
  }
  const oldFormat = groups.old ?? groups.changed ?? '%<'
  const newFormat = groups.new ?? groups.changed ?? '%>'
  const formatOf: Record<Group, string> = {
    old: oldFormat,
    new: newFormat,
    changed: groups.changed ?? oldFormat + newFormat,
    unchanged: groups.unchanged ?? '%=',
  }
  const group = (format: string, old: Span, now: Span): string => {
    let out = ''
    let rest = format
    while (rest !== '') {
      const at = rest.indexOf('%')
      if (at < 0) return out + rest
      out += rest.slice(0, at)
      rest = rest.slice(at)
      const sign = rest[1] ?? ''
      const number = NUMBER.exec(rest)
      const char = CHARACTER.exec(rest)
      const choice = CHOICE.exec(rest)
      if (sign === '<') out += byLine('old', old)
      else if (sign === '>') out += byLine('new', now)
      else if (sign === '=') out += byLine('unchanged', old)
      else if (number) out += numberText(valueOf(number[5]!, old, now)!, number[1]!, number[2]!, number[3]!, number[4]!)
      else if (char) out += character(char[1]!)
      else if (choice) {
        const [then, otherwise, end] = branches(rest, choice[0].length)
        const operand = (text: string): number | undefined => (/\d/.test(text) ? Number(text) : valueOf(text, old, now))
        out += group(operand(choice[1]!) === operand(choice[2]!) ? then : otherwise, old, now)
        rest = rest.slice(end)
        continue
      } else if (sign === '%') out += '%'
      else out += `%${sign}`
      rest = rest.slice(number?.[0].length ?? char?.[0].length ?? 2)
    }
    return out
  }
  let out = ''
  let [a, b] = [0, 0]
  const add = (kind: Group, removed: number, added: number): void => {
    if (removed > 0 || added > 0)
      out += group(formatOf[kind], { text: left, from: a, count: removed }, { text: right, from: b, count: added })
    a += removed
    b += added
  }
  for (const change of changes) {
    if (change.trivial) continue
    add('unchanged', change.a - a, change.b - b)
    add(change.removed === 0 ? 'new' : change.added === 0 ? 'old' : 'changed', change.removed, change.added)
  }
  add('unchanged', left.lines.length - a, right.lines.length - b)
  return out
}

/** `THEN:ELSE)` of a choice from `from` on, and where it ends. */
function branches(text: string, from: number): [then: string, otherwise: string, end: number] {
  let [depth, colon] = [0, -1]
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('%(', i)) depth++
    else if (text[i] === ':' && depth === 0 && colon < 0) colon = i
    else if (text[i] === ')' && depth-- === 0)
      return [text.slice(from, colon < 0 ? i : colon), colon < 0 ? '' : text.slice(colon + 1, i), i + 1]
  }
  return [text.slice(from), '', text.length]
}

function lineText(format: string, line: string, newline: string, number: number): string {
  return format.replace(/%(?:%|L|l|c'(\\[0-7]{1,3}|[^\\])'|([-']*)(\d*)((?:\.\d+)?)([doxX])n)/g, (all, char?: string, flags?: string, width?: string, precision?: string, base?: string) => {
    if (all === '%%') return '%'
    if (all === '%L') return `${line}${newline}`
    if (all === '%l') return line
    return char === undefined ? numberText(number, flags!, width!, precision!, base!) : character(char)
  })
} // prettier-ignore
