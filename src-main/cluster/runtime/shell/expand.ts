/** Word expansion (XCU 2.6): tilde, parameters, command substitution, arithmetic, field splitting, globs, quote removal. */
import { ArithmeticError, evaluate } from './arithmetic.js'
import type { Parameter, Word, WordPart } from './ast.js'
import { expandBraces } from './braces.js'
import { globPaths } from './glob.js'
import { escapePattern, Pattern } from './pattern.js'
import { reusable, unescape } from './printf.js'
import type { Shell } from './shell.js'

/** A piece of an expanded word. Pieces of an unquoted expansion can be split. */
type Piece = { text: string; quoted: boolean; split: boolean } | 'break'

interface Segment {
  text: string
  quoted: boolean
}

/** Words of a command: each becomes any number of fields. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const out: string[] = []
  for (const original of words) {
    // The most common words by far: plain text.
    const only = original.length === 1 ? original[0]! : undefined
    if (only?.type === 'text' && (only.quoted || !/[*?[~{\\]/.test(only.text))) {
      out.push(only.text)
      continue
    }
    for (const word of shell.dialect === 'bash' ? expandBraces(original) : [original]) {
      for (const field of split(shell, await pieces(shell, word, true))) out.push(...glob(shell, field))
    }
  }
  return out
}

/** A word that stays one field: the value of an assignment, the subject of `case`, a redirection's target. */
export async function expandString(shell: Shell, word: Word, options: { assignment?: boolean } = {}): Promise<string> {
  const only = word.length === 1 ? word[0]! : undefined
  if (only?.type === 'text' && (only.quoted || !only.text.includes('~'))) return only.text
  let text = ''
  for (const piece of await pieces(shell, word, false, options.assignment)) text += piece === 'break' ? ' ' : piece.text
  return text
}

/** A word as a pattern: what was quoted stands for itself. */
export async function expandPattern(shell: Shell, word: Word): Promise<Pattern> {
  let text = ''
  for (const piece of await pieces(shell, word, false))
    text += piece === 'break' ? ' ' : piece.quoted ? escapePattern(piece.text) : piece.text
  return new Pattern(text, shell.dialect === 'bash')
}

/** The value of an arithmetic expression. */
export async function expandArithmetic(shell: Shell, expression: Word): Promise<bigint> {
  return calculate(shell, await expandString(shell, expression))
}

/** Evaluates the text of an expression in the shell's variables; a wrong one is the shell's error. */
export function calculate(shell: Shell, text: string): bigint {
  const { variables, dialect } = shell
  try {
    return evaluate(
      text,
      {
        get: (name, index) => {
          const value = index === undefined ? variables.get(name) : variables.getElement(name, String(index))
          if (value === undefined && shell.options.nounset) throw shell.unset(name)
          return value
        },
        set: (name, value, index) => (index === undefined ? variables.set(name, value) : variables.setElement(name, String(index), value)),
      },
      dialect,
    )
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error
    throw shell.error(arithmeticMessage(shell, error))
  }
}

function arithmeticMessage(shell: Shell, error: ArithmeticError): string {
  if (shell.dialect === 'ash') return error.kind === 'division' ? 'divide by zero' : 'arithmetic syntax error'
  if (shell.dialect === 'bash') {
    const rest = error.rest.trim()
    if (error.kind === 'division')
      return `${error.expression}: division by 0 (error token is "${rest || (error.expression.split(/[/%]/).at(-1) ?? '').trim()}")`
    return `${error.expression}: syntax error: operand expected (error token is "${rest}")`
  }
  if (error.kind === 'number') return error.message
  return `arithmetic expression: ${error.message}: "${error.expression}"`
}

// Parts to pieces.

async function pieces(shell: Shell, word: Word, fields: boolean, assignment = false): Promise<Piece[]> {
  const out: Piece[] = []
  for (let i = 0; i < word.length; i++) {
    const part = word[i]!
    if (part.type === 'text') {
      if (part.quoted || !part.text.includes('~')) out.push({ text: part.text, quoted: part.quoted, split: false })
      else tilde(shell, part.text, { first: i === 0, last: i === word.length - 1, assignment }, out)
    } else await expansion(shell, part, fields, out)
  }
  return out
}

/** `~` and `~user` at the beginning, and after colons of an assignment. */
function tilde(shell: Shell, text: string, at: { first: boolean; last: boolean; assignment: boolean }, out: Piece[]): void {
  const sections = at.assignment ? text.split(/(?<=:)/) : [text]
  sections.forEach((section, i) => {
    const m = /^~([A-Za-z0-9._-]*)(?=$|[/:])/.exec(section)
    const complete = m && (m[0].length < section.length || at.last)
    const home = m && complete && (at.first || i > 0) ? homeOf(shell, m[1]!) : undefined
    if (home === undefined) out.push({ text: section, quoted: false, split: false })
    else {
      out.push({ text: home, quoted: true, split: false })
      out.push({ text: section.slice(m![0].length), quoted: false, split: false })
    }
  })
}

function homeOf(shell: Shell, user: string): string | undefined {
  if (user === '') return shell.variables.get('HOME')
  return shell.users().find((u) => u.name === user)?.home
}

async function expansion(shell: Shell, part: Exclude<WordPart, { type: 'text' }>, fields: boolean, out: Piece[]): Promise<void> {
  switch (part.type) {
    case 'command':
      out.push({ text: await shell.substitute(part.body), quoted: part.quoted, split: !part.quoted })
      return
    case 'arithmetic':
      out.push({ text: String(await expandArithmetic(shell, part.expression)), quoted: part.quoted, split: !part.quoted })
      return
    case 'process':
      out.push({ text: await shell.processSubstitution(part.direction, part.body), quoted: true, split: false })
      return
    case 'parameter':
      await parameter(shell, part, fields, out)
  }
}

// Parameters.

/** All values of `$@`, `$*` or `${array[@]}`; undefined for a parameter with one value. */
function listOf(shell: Shell, p: Parameter): { values: string[]; star: boolean } | undefined {
  if (p.name === '@' || p.name === '*') return { values: shell.positional, star: p.name === '*' }
  const only = p.index?.length === 1 ? p.index[0] : undefined
  const subscript = only?.type === 'text' ? only.text : undefined
  if (subscript !== '@' && subscript !== '*') return undefined
  const v = shell.variables.lookup(p.name)
  const values = v?.elements ? [...v.elements.values()] : v?.value === undefined ? [] : [v.value]
  return { values: p.indirect ? [...(v?.elements?.keys() ?? (values.length > 0 ? ['0'] : []))] : values, star: subscript === '*' }
}

async function valueOf(shell: Shell, p: Parameter): Promise<string | undefined> {
  let { name } = p
  if (p.indirect) {
    const target = shell.parameter(name)
    if (target === undefined) return undefined
    name = target
  }
  if (!p.index) return shell.parameter(name)
  const v = shell.variables.lookup(name)
  if (v?.associative) return shell.variables.getElement(name, await expandString(shell, p.index))
  let index = await expandArithmetic(shell, p.index)
  if (index < 0n && v?.elements) index += BigInt([...v.elements.keys()].at(-1) ?? 0) + 1n
  return shell.variables.getElement(name, String(index))
}

async function parameter(shell: Shell, p: Parameter, fields: boolean, out: Piece[]): Promise<void> {
  if (p.bad !== undefined) throw shell.badSubstitution(p.bad)
  const push = (text: string): void => void out.push({ text, quoted: p.quoted, split: !p.quoted })
  if (p.prefix) return pushList(shell, shell.variables.names(p.name), p.prefix === '*', p.quoted, fields, out)
  const list = listOf(shell, p)
  if (p.length) return push(String(list ? list.values.length : (await lengthSubject(shell, p)).length))
  if (list && (!p.op || !'-=?+'.includes(p.op))) {
    const values = p.op ? await Promise.all(list.values.map((v) => transform(shell, p, v, list.values))) : list.values
    return pushList(shell, p.op === ':' ? await slice(shell, p, list.values) : values, list.star, p.quoted, fields, out)
  }
  const value = list ? (list.values.length > 0 ? list.values.join(' ') : undefined) : await valueOf(shell, p)
  switch (p.op) {
    case '-':
    case '+': {
      const set = value !== undefined && !(p.colon && value === '')
      if (set === (p.op === '+')) return useWord(shell, p, fields, out)
      if (p.op === '+') return
      if (list) return pushList(shell, list.values, list.star, p.quoted, fields, out)
      return push(value!)
    }
    case '=': {
      if (value !== undefined && !(p.colon && value === '')) return push(value)
      const word = await expandString(shell, p.word ?? [])
      if (!/^[A-Za-z_]/.test(p.name)) throw shell.badSubstitution(`\${${p.name}=}`)
      shell.variables.set(p.name, word)
      return push(word)
    }
    case '?': {
      if (value !== undefined && !(p.colon && value === '')) return push(value)
      const word = await expandString(shell, p.word ?? [])
      throw shell.parameterError(
        p.name,
        word ||
          (shell.dialect === 'bash' && p.colon
            ? 'parameter null or not set'
            : shell.dialect === 'dash' && p.colon
              ? 'parameter not set or null'
              : 'parameter not set'),
      )
    }
    default:
  }
  if (value === undefined) {
    if (shell.options.nounset && !list) throw shell.unset(p.name)
    return p.op === '@' && !p.quoted ? undefined : push('')
  }
  push(p.op ? await transform(shell, p, value, []) : value)
}

async function lengthSubject(shell: Shell, p: Parameter): Promise<string> {
  const value = await valueOf(shell, p)
  if (value === undefined && shell.options.nounset) throw shell.unset(p.name)
  return value ?? ''
}

/** The word of `${x-word}`: its own quotes and expansions count, and an unquoted one is split like an expansion. */
async function useWord(shell: Shell, p: Parameter, fields: boolean, out: Piece[]): Promise<void> {
  for (const piece of await pieces(shell, p.word ?? [], fields)) {
    if (piece === 'break') out.push(piece)
    else if (p.quoted) out.push({ ...piece, quoted: true, split: false })
    else out.push({ ...piece, split: !piece.quoted })
  }
  // "${x-}" is an empty field, not nothing.
  if (p.quoted && (p.word ?? []).length === 0) out.push({ text: '', quoted: true, split: false })
}

function pushList(shell: Shell, values: string[], star: boolean, quoted: boolean, fields: boolean, out: Piece[]): void {
  const ifs = shell.variables.get('IFS')
  if (quoted && star) {
    out.push({ text: values.join(ifs === undefined ? ' ' : (ifs[0] ?? '')), quoted: true, split: false })
    return
  }
  if (!fields) {
    out.push({ text: values.join(star && ifs !== undefined ? (ifs[0] ?? '') : ' '), quoted, split: false })
    return
  }
  values.forEach((text, i) => {
    if (i > 0) out.push('break')
    out.push({ text, quoted, split: !quoted })
  })
}

async function slice(shell: Shell, p: Parameter, values: string[]): Promise<string[]> {
  const from = Number(await expandArithmetic(shell, p.word ?? []))
  const all = p.name === '@' || p.name === '*' ? [shell.arg0, ...values] : values
  const start = from < 0 ? Math.max(0, all.length + from) : from
  const rest = all.slice(start)
  return p.second ? rest.slice(0, Number(await expandArithmetic(shell, p.second))) : rest
}

async function transform(shell: Shell, p: Parameter, value: string, all: string[]): Promise<string> {
  switch (p.op) {
    case '%':
    case '%%': {
      const at = (await expandPattern(shell, p.word ?? [])).suffix(value, p.op === '%%')
      return at < 0 ? value : value.slice(0, at)
    }
    case '#':
    case '##': {
      const n = (await expandPattern(shell, p.word ?? [])).prefix(value, p.op === '##')
      return n < 0 ? value : value.slice(n)
    }
    case ':': {
      if (all.length > 0) return value
      const offset = Number(await expandArithmetic(shell, p.word ?? []))
      const start = offset < 0 ? value.length + offset : offset
      if (start < 0 || start > value.length) return ''
      if (!p.second) return value.slice(start)
      const length = Number(await expandArithmetic(shell, p.second))
      return length < 0 ? value.slice(start, Math.max(start, value.length + length)) : value.slice(start, start + length)
    }
    case '/':
    case '//':
    case '/#':
    case '/%': {
      const pattern = await expandPattern(shell, p.word ?? [])
      return replace(value, pattern, await expandString(shell, p.second ?? []), p.op)
    }
    case '^':
    case '^^':
    case ',':
    case ',,': {
      const pattern = await expandPattern(shell, p.word ?? [])
      const change = (c: string): string =>
        pattern.text !== '' && !pattern.matches(c) ? c : p.op![0] === '^' ? c.toUpperCase() : c.toLowerCase()
      return p.op.length === 2 ? [...value].map(change).join('') : value === '' ? '' : change(value[0]!) + value.slice(1)
    }
    case '@':
      return transformed(shell, value, p.word?.[0]?.type === 'text' ? p.word[0].text : '', p.name)
    default:
      return value
  }
}

/** bash: `${name@operator}`. */
function transformed(shell: Shell, value: string, operator: string, name: string): string {
  switch (operator) {
    case 'Q':
      return /\p{Cc}/u.test(value) ? reusable(value) : `'${value.replaceAll("'", "'\\''")}'`
    case 'U':
      return value.toUpperCase()
    case 'u':
      return value === '' ? '' : value[0]!.toUpperCase() + value.slice(1)
    case 'L':
      return value.toLowerCase()
    case 'E':
      return unescape(value, 'printf').text
    case 'A':
      return `${name}='${value.replaceAll("'", "'\\''")}'`
    case 'a': {
      const v = shell.variables.lookup(name)
      return `${v?.elements ? (v.associative ? 'A' : 'a') : ''}${v?.integer ? 'i' : ''}${v?.readonly ? 'r' : ''}${v?.exported ? 'x' : ''}`
    }
    default:
      return value
  }
}

function replace(value: string, pattern: Pattern, replacement: string, op: '/' | '//' | '/#' | '/%'): string {
  if (pattern.text === '') return op === '/#' ? replacement + value : op === '/%' ? value + replacement : value
  if (op === '/#') {
    const n = pattern.prefix(value, true)
    return n < 0 ? value : replacement + value.slice(n)
  }
  if (op === '/%') {
    const at = pattern.suffix(value, true)
    return at < 0 ? value : value.slice(0, at) + replacement
  }
  if (!pattern.magic) return op === '//' ? value.split(pattern.plain).join(replacement) : value.replace(pattern.plain, () => replacement)
  let out = ''
  for (let i = 0; i < value.length;) {
    const n = pattern.prefix(value.slice(i), true)
    if (n > 0) {
      out += replacement
      i += n
      if (op === '/') return out + value.slice(i)
    } else out += value[i++]!
  }
  return out
}

// Pieces to fields.

function split(shell: Shell, all: Piece[]): Segment[][] {
  const ifs = shell.variables.get('IFS') ?? ' \t\n'
  const fields: Segment[][] = []
  let current: Segment[] | undefined
  /** The last field was ended by blanks only: one separator that follows belongs to them. */
  let afterBlank = false
  for (const piece of all) {
    if (piece === 'break') {
      if (current) fields.push(current)
      current = undefined
      afterBlank = false
      continue
    }
    if (!piece.split) {
      if (piece.quoted || piece.text !== '') (current ??= []).push(piece)
      afterBlank = false
      continue
    }
    let start = 0
    const { text } = piece
    for (let i = 0; i < text.length; i++) {
      const c = text[i]!
      if (!ifs.includes(c)) continue
      if (i > start) (current ??= []).push({ text: text.slice(start, i), quoted: false })
      start = i + 1
      const blank = c === ' ' || c === '\t' || c === '\n'
      if (current) {
        fields.push(current)
        current = undefined
        afterBlank = blank
      } else if (!blank) {
        if (!afterBlank) fields.push([])
        afterBlank = false
      }
    }
    if (start < text.length) {
      ;(current ??= []).push({ text: text.slice(start), quoted: false })
      afterBlank = false
    }
  }
  if (current) fields.push(current)
  return fields
}

function glob(shell: Shell, field: Segment[]): string[] {
  const plain = field.map((s) => s.text).join('')
  const bash = shell.dialect === 'bash'
  if (shell.options.noglob || !field.some((s) => !s.quoted && (/[*?[]/.test(s.text) || (bash && /[@+!]\(/.test(s.text))))) return [plain]
  const pattern = field.map((s) => (s.quoted ? escapePattern(s.text) : s.text)).join('')
  const found = globPaths(shell.task.fs, pattern, { extended: bash, dots: shell.shopt.has('dotglob') })
  if (found.length > 0) return found
  if (shell.shopt.has('failglob')) throw shell.error(`no match: ${plain}`)
  return shell.shopt.has('nullglob') ? [] : [plain]
}
