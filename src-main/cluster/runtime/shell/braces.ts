/** bash's brace expansion: `{a,b}` and `{1..3}` in the unquoted text of a word, before anything else is expanded. */
import type { Word, WordPart } from './ast.js'

type Atom = string | WordPart

/** More words than this are not made of one: it would only fill the memory. */
const LIMIT = 100_000

/** The words that `word` stands for; itself alone when it has no braces to expand. */
export function expandBraces(word: Word): Word[] {
  if (!word.some((p) => p.type === 'text' && !p.quoted && p.text.includes('{'))) return [word]
  const atoms: Atom[] = word.flatMap((p): Atom[] => (p.type === 'text' && !p.quoted ? [...p.text] : [p]))
  return expand(atoms).map(join)
}

function join(atoms: Atom[]): Word {
  const word: Word = []
  for (const a of atoms) {
    const last = word.at(-1)
    if (typeof a !== 'string') word.push(a)
    else if (last?.type === 'text' && !last.quoted) word[word.length - 1] = { ...last, text: last.text + a }
    else word.push({ type: 'text', text: a, quoted: false })
  }
  return word
}

function expand(atoms: Atom[]): Atom[][] {
  for (let i = 0; i < atoms.length; i++) {
    if (atoms[i] !== '{' || atoms[i - 1] === '$') continue
    const group = readGroup(atoms, i)
    if (!group) continue
    const tails = expand(atoms.slice(group.end + 1))
    const out: Atom[][] = []
    for (const choice of group.choices) {
      for (const tail of tails) {
        out.push([...atoms.slice(0, i), ...choice, ...tail])
        if (out.length > LIMIT) return [atoms]
      }
    }
    return out
  }
  return [atoms]
}

function readGroup(atoms: Atom[], open: number): { choices: Atom[][]; end: number } | undefined {
  let depth = 0
  let start = open + 1
  const sections: Atom[][] = []
  for (let i = open + 1; i < atoms.length; i++) {
    const a = atoms[i]
    if (a === '{') depth++
    else if (a === '}' && depth > 0) depth--
    else if (a === '}') {
      sections.push(atoms.slice(start, i))
      if (sections.length > 1) return { choices: sections.flatMap(expand), end: i }
      const range = sequence(sections[0]!)
      // A backslash among the letters quotes nothing, and is gone.
      return range && { choices: range.map((s): Atom[] => (s === '\\' ? [{ type: 'text', text: '', quoted: true }] : [...s])), end: i }
    } else if (a === ',' && depth === 0) {
      sections.push(atoms.slice(start, i))
      start = i + 1
    }
  }
  return undefined
}

/** `1..5`, `a..e`, `01..10..2` */
function sequence(atoms: Atom[]): string[] | undefined {
  if (atoms.some((a) => typeof a !== 'string')) return undefined
  const m = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(atoms.join(''))
  if (!m) return undefined
  const [from, to] = [m[1]!, m[2]!]
  const letters = /^[A-Za-z]$/.test(from)
  if (letters !== /^[A-Za-z]$/.test(to)) return undefined
  const a = letters ? from.charCodeAt(0) : Number(from)
  const b = letters ? to.charCodeAt(0) : Number(to)
  const step = Math.abs(Number(m[3] ?? 1)) || 1
  if (Math.abs(b - a) / step > LIMIT) return undefined
  const padded = !letters && /^-?0\d|^-?0\d/.test(from) ? Math.max(from.length, to.length) : 0
  const out: string[] = []
  for (let n = a; a <= b ? n <= b : n >= b; n += a <= b ? step : -step) {
    const text = letters ? String.fromCharCode(n) : String(Math.abs(n)).padStart(padded - (n < 0 ? 1 : 0), '0')
    out.push(!letters && n < 0 ? `-${text}` : text)
  }
  return out
}
