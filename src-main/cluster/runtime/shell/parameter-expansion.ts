/** Parameter expansion (XCU 2.6.2): values, defaults, lengths, patterns, the parts of arrays. */
import { entriesOf } from './variables.js'
import type { Parameter, Word } from './ast.js'
import { matchable, Pattern, textOf } from './pattern.js'
import { charactersOf, unescape } from './escapes.js'
import { quotedValue, reusable } from './printf.js'
import type { Shell } from './shell.js'
import { expandArithmetic } from './arithmetic-expansion.js'
import { billMatching, expandPattern, expandString, pieces } from './expand.js'
import { type Piece } from './fields.js'

/** How often the work of `${x//pattern/…}` is billed: in tries, or earlier after so many places. */
const TRIES_PER_BILL = 1024
const MANY_PLACES = 100_000

/** All values of `$@`, `$*` or `${array[@]}`; undefined for a parameter with one value. */
function listOf(shell: Shell, p: Parameter): { values: string[]; star: boolean } | undefined {
  if (p.name === '@' || p.name === '*') return { values: shell.positional, star: p.name === '*' }
  const only = p.index?.length === 1 ? p.index[0] : undefined
  const subscript = only?.type === 'text' ? only.text : undefined
  if (subscript !== '@' && subscript !== '*') return undefined
  const v = shell.variables.lookup(p.name)
  const entries: [key: string, value: string][] = v?.elements ? entriesOf(v) : v?.value === undefined ? [] : [['0', v.value]]
  return { values: entries.map(([key, value]) => (p.indirect ? key : value)), star: subscript === '*' }
}

async function valueOf(shell: Shell, p: Parameter): Promise<string | undefined> {
  let { name } = p
  if (p.indirect) {
    const reference = shell.variables.own(name)?.reference
    if (reference !== undefined) return reference
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

export async function parameter(shell: Shell, p: Parameter, fields: boolean, out: Piece[]): Promise<void> {
  if (p.bad !== undefined) throw shell.badSubstitution(p.bad)
  const push = (text: string): void => void out.push({ text, quoted: p.quoted, split: !p.quoted })
  if (p.prefix) return pushList(shell, shell.variables.names(p.name), p.prefix === '*', p.quoted, fields, out)
  const list = listOf(shell, p)
  if (p.length) return push(String(list ? list.values.length : (await lengthSubject(shell, p)).length))
  if (list && (!p.op || !'-=?+'.includes(p.op))) {
    const operator = p.op === '@' && p.word?.[0]?.type === 'text' ? p.word[0].text : ''
    if (operator === 'K' && p.index) return push(pairs(shell, p.name))
    if (operator === 'A' && p.index) return push(declaration(shell, p.name))
    const values = p.op ? await Promise.all(list.values.map((v) => transform(shell, p, v, list.values))) : list.values
    return pushList(shell, p.op === ':' ? await slice(shell, p, list.values) : values, list.star, p.quoted, fields, out)
  }
  const value = list ? (list.values.length > 0 ? list.values.join(' ') : undefined) : await valueOf(shell, p)
  switch (p.op) {
    case '-':
    case '+': {
      const set = value !== undefined && !(p.colon && value === '')
      if (set === (p.op === '+')) return useWord(shell, p, fields, out)
      // Quoted, the nothing of one parameter is an empty field; that of a list is none.
      if (p.op === '+') return p.quoted && !list ? push('') : undefined
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
      const pattern = await expandPattern(shell, p.word ?? [])
      const at = pattern.suffix(value, p.op === '%%')
      await billMatching(shell, pattern)
      return at < 0 ? value : value.slice(0, at)
    }
    case '#':
    case '##': {
      const pattern = await expandPattern(shell, p.word ?? [])
      const n = pattern.prefix(value, p.op === '##')
      await billMatching(shell, pattern)
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
      const folded = shell.shopt.has('nocasematch') ? pattern.ignoringCase() : pattern
      return replace(shell, value, folded, await replacement(shell, p.second ?? []), p.op)
    }
    case '^':
    case '^^':
    case ',':
    case ',,':
    case '~':
    case '~~': {
      const pattern = await expandPattern(shell, p.word ?? [])
      const upper = (c: string): boolean => p.op![0] === '^' || (p.op![0] === '~' && c === c.toLowerCase())
      const change = (c: string): string => (pattern.text !== '' && !pattern.matches(c) ? c : upper(c) ? c.toUpperCase() : c.toLowerCase())
      if (p.op.length === 2 && p.op !== '~~' && pattern.text === '') return p.op === '^^' ? value.toUpperCase() : value.toLowerCase()
      return p.op.length === 2 ? [...value].map(change).join('') : value === '' ? '' : change(value[0]!) + value.slice(1)
    }
    case '@':
      return transformed(shell, value, p.word?.[0]?.type === 'text' ? p.word[0].text : '', p.name)
    default:
      return value
  }
}

/** bash: `${array[@]@K}`: keys and quoted values. */
function pairs(shell: Shell, name: string): string {
  const v = shell.variables.lookup(name)
  const text = (v ? entriesOf(v) : []).map(([k, e]) => `${k} ${quotedValue(e)}`).join(' ')
  return v?.associative ? `${text} ` : text
}

/** bash: `${array[@]@A}`: the command that makes it again. */
function declaration(shell: Shell, name: string): string {
  const v = shell.variables.lookup(name)
  if (!v?.elements) return v?.value === undefined ? '' : transformed(shell, v.value, 'A', name)
  const elements = entriesOf(v)
    .map(([k, e]) => `[${k}]=${quotedValue(e)}`)
    .join(' ')
  return `declare -${transformed(shell, '', 'a', name)} ${name}=(${elements}${v.associative ? ' ' : ''})`
}

/** bash: `${name@operator}`. */
function transformed(shell: Shell, value: string, operator: string, name: string): string {
  const v = shell.variables.lookup(name)
  const attributes = `${v?.elements ? (v.associative ? 'A' : 'a') : ''}${v?.integer ? 'i' : ''}${v?.readonly ? 'r' : ''}${v?.exported ? 'x' : ''}`
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
      return unescape(value, 'printf', { characters: charactersOf((v) => shell.variables.get(v)) }).text
    case 'A':
      return `${attributes === '' ? '' : `declare -${attributes} `}${name}='${value.replaceAll("'", "'\\''")}'`
    case 'a':
      return attributes
    default:
      return value
  }
}

/** What a match becomes: bash puts the match in the place of each `&` that is not quoted (patsub_replacement). */
async function replacement(shell: Shell, word: Word): Promise<(match: string) => string> {
  if (shell.dialect !== 'bash' || !shell.shopt.has('patsub_replacement')) {
    const text = await expandString(shell, word)
    return () => text
  }
  const parts: { text: string; literal: boolean }[] = []
  for (const piece of await pieces(shell, word, false))
    parts.push(piece === 'break' ? { text: ' ', literal: true } : { text: piece.text, literal: piece.quoted })
  return (match) =>
    parts
      .map((p) =>
        p.literal ? p.text : p.text.replace(/\\(.)|&/gs, (all, c?: string) => (c === undefined ? match : c === '&' ? '&' : all)),
      )
      .join('')
}

async function replace(
  shell: Shell,
  value: string,
  pattern: Pattern,
  change: (match: string) => string,
  op: '/' | '//' | '/#' | '/%',
): Promise<string> {
  if (pattern.text === '') return op === '/#' ? change('') + value : op === '/%' ? value + change('') : value
  if (op === '/#') {
    const n = pattern.prefix(value, true)
    return n < 0 ? value : change(value.slice(0, n)) + value.slice(n)
  }
  if (op === '/%') {
    const at = pattern.suffix(value, true)
    return at < 0 ? value : value.slice(0, at) + change(value.slice(at))
  }
  if (!pattern.magic) {
    const [from, to] = [pattern.plain, change(pattern.plain).replaceAll('$', '$$$$')]
    return op === '//' ? value.replaceAll(from, to) : value.replace(from, to)
  }
  const chars = matchable(value)
  let out = ''
  let tries = 0
  for (let i = 0; i < chars.length;) {
    const { end, final } = pattern.match(chars, i, true)
    if (++tries % TRIES_PER_BILL === 0 || pattern.places > MANY_PLACES) await billMatching(shell, pattern)
    if (end > i) {
      out += change(textOf(chars, i, end))
      i = end
    } else if (final) return out + textOf(chars, i)
    else out += chars[i++]!
    if (end > 0 && i === end && op === '/') return out + textOf(chars, i)
  }
  return out
}
