/**
 * POSIX regular expressions (basic and extended, with GNU's extensions) as JavaScript's. Text is matched byte by byte
 * (latin1 strings), as in the POSIX locale that containers have.
 */

import { boundedRegExp } from './guarded-regexp.js'

/** A regular expression that cannot be parsed; the message is the C library's. */
export class RegexError extends Error {}

/** What the classes of bracket expressions (`[:alpha:]`) stand for, in those of JavaScript. */
export const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
}

/** Translates the source of a regular expression. Throws {@link RegexError}. */
export function translate(pattern: string, extended: boolean): string {
  const p = Buffer.from(pattern).toString('latin1')
  let out = ''
  let depth = 0
  /** Whether a repetition may follow, and whether `^` and `*` here are at a beginning. */
  let atom = false
  let start = true
  for (let i = 0; i < p.length; i++) {
    const c = p[i]!
    const open = (): void => {
      out += '('
      depth++
      atom = false
      start = true
    }
    const close = (): void => {
      if (depth === 0) throw new RegexError('Unmatched ) or \\)')
      out += ')'
      depth--
      atom = true
      start = false
    }
    const interval = (): void => {
      const end = extended ? '}' : '\\}'
      const at = p.indexOf(end, i)
      const m = at < 0 ? null : /^(\d*)(,?)(\d*)$/.exec(p.slice(i + 1, at))
      if (!m || (m[1] === '' && m[2] === '')) throw new RegexError(at < 0 ? 'Unmatched \\{' : 'Invalid content of \\{\\}')
      if (m[3] !== '' && Number(m[3]) < Number(m[1])) throw new RegexError('Invalid content of \\{\\}')
      out += `{${m[1] || '0'}${m[2]}${m[3]}}`
      i = at + end.length - 1
    }
    const alternate = (): void => {
      out += '|'
      atom = false
      start = true
    }
    if (c === '[') {
      const [text, end] = bracket(p, i)
      out += text
      i = end
      atom = true
      start = false
      continue
    }
    if (c === '\\') {
      const n = p[++i]
      if (n === undefined) throw new RegexError('Trailing backslash')
      if (!extended && n === '(') open()
      else if (!extended && n === ')') close()
      else if (!extended && n === '{') {
        if (!atom) throw new RegexError('Invalid preceding regular expression')
        interval()
      } else if (!extended && (n === '+' || n === '?') && atom) out += n
      else if (!extended && n === '|') alternate()
      else if (/[1-9]/.test(n)) {
        out += `(?:\\${n})`
        atom = true
        start = false
      } else if (n === '<') out += '\\b(?=\\w)'
      else if (n === '>') out += '\\b(?<=\\w)'
      else if (n === '`') out += '(?<![\\s\\S])'
      else if (n === "'") out += '(?![\\s\\S])'
      else {
        out += /[wWsSbB]/.test(n) ? `\\${n}` : n === 'n' ? '\\n' : n === 't' ? '\\t' : literal(n)
        atom = true
        start = false
      }
      continue
    }
    if (c === '*') {
      // A repetition of nothing at the beginning of an extended expression says nothing.
      if (!atom && extended && start) continue
      if (!atom) {
        if (extended && !start) throw new RegexError('Invalid preceding regular expression')
        out += '\\*'
        atom = true
      } else if (!/[*+?]$/.test(out) || /\\[*+?]$/.test(out)) out += '*'
      start = false
      continue
    }
    if (extended && (c === '+' || c === '?')) {
      if (!atom && start) continue
      if (!atom) out += literal(c)
      else if (/(^|[^\\])[*+?]$/.test(out)) out = out.slice(0, -1) + '*'
      else out += c
      continue
    }
    if (extended && c === '(') open()
    else if (extended && c === ')' && depth > 0) close()
    else if (extended && c === '|') alternate()
    else if (extended && c === '{' && atom && /^\{\d*,?\d*\}/.test(p.slice(i))) interval()
    else if (c === '^' && (extended || start)) out += '^'
    else if (c === '$' && (extended || i === p.length - 1 || p.startsWith('\\)', i + 1) || p.startsWith('\\|', i + 1))) out += '$'
    else if (c === '.') {
      out += '[^\\n]'
      atom = true
      start = false
    } else {
      out += literal(c)
      atom = true
      start = false
    }
  }
  if (depth > 0) throw new RegexError('Unmatched ( or \\(')
  return out.includes('|') ? longestFirst(out) : out
}

/**
 * POSIX takes the longest of all alternatives, JavaScript the first that matches: one that goes on where another ends is
 * put before it. Alternatives with groups stay in their order, as that is the order of the groups' numbers.
 */
function longestFirst(source: string): string {
  const frames: { before: string; alternatives: string[] }[] = [{ before: '', alternatives: [''] }]
  const add = (text: string): void => void (frames.at(-1)!.alternatives[frames.at(-1)!.alternatives.length - 1] += text)
  const joined = (alternatives: string[]): string => {
    const sorted: string[] = []
    for (const a of alternatives) {
      const at = a.includes('(') ? -1 : sorted.findIndex((s) => a.length > s.length && a.startsWith(s) && !s.includes('('))
      sorted.splice(at < 0 ? sorted.length : at, 0, a)
    }
    return sorted.join('|')
  }
  for (const [token] of source.matchAll(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]))?|[^]/g)) {
    if (token[0] === '(') frames.push({ before: token, alternatives: [''] })
    else if (token === '|') frames.at(-1)!.alternatives.push('')
    else if (token === ')' && frames.length > 1) {
      const { before, alternatives } = frames.pop()!
      add(`${before}${joined(alternatives)})`)
    } else add(token)
  }
  return joined(frames[0]!.alternatives)
}

function literal(c: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c === '\n' ? '\\n' : c
}

function bracket(p: string, start: number): [string, number] {
  let i = start + 1
  let negate = false
  if (p[i] === '^') {
    negate = true
    i++
  }
  let body = ''
  const first = i
  for (;;) {
    const c = p[i]
    if (c === undefined) throw new RegexError(i === first ? 'Invalid regular expression' : 'Unmatched [, [^, [:, [., or [=')
    if (c === ']' && i > first) break
    if (c === '[' && (p[i + 1] === ':' || p[i + 1] === '.' || p[i + 1] === '=')) {
      const kind = p[i + 1]!
      const end = p.indexOf(`${kind}]`, i + 2)
      if (end < 0) throw new RegexError('Unmatched [, [^, [:, [., or [=')
      const name = p.slice(i + 2, end)
      if (kind === ':') {
        if (!Object.hasOwn(CLASSES, name)) throw new RegexError('Invalid character class name')
        body += CLASSES[name]
      } else body += classLiteral(name[0] ?? '')
      i = end + 2
      continue
    }
    // GNU programs also know these in brackets.
    if (c === '\\' && (p[i + 1] === 'n' || p[i + 1] === 't')) {
      body += `\\${p[i + 1]}`
      i += 2
      continue
    }
    if (p[i + 1] === '-' && p[i + 2] !== undefined && p[i + 2] !== ']') {
      const to = p[i + 2]!
      if (to < c) throw new RegexError('Invalid range end')
      body += `${classLiteral(c)}-${classLiteral(to)}`
      i += 3
      continue
    }
    body += classLiteral(c)
    i++
  }
  return [`[${negate ? '^' : ''}${body}]`, i]
}

function classLiteral(c: string): string {
  return /[\\\]^[-]/.test(c) ? `\\${c}` : c === '\n' ? '\\n' : c
}

/** Compiles a POSIX regular expression. Throws {@link RegexError}. */
export function compile(pattern: string, extended: boolean, flags = ''): RegExp {
  const source = translate(pattern, extended)
  try {
    return boundedRegExp(source || '(?:)', flags)
  } catch {
    throw new RegexError('Invalid regular expression')
  }
}
