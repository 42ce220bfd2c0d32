/** sort: by the whole line or by keys, in the orders of GNU sort. */
import type { Random } from '../../random.js'
import type { Program } from '../process.js'
import { Fail, command, readAll, type Command, type Flavour, type Options } from './command.js'

/** Puts them in an order that nobody can tell. */
export function shuffle(lines: string[], random: Random): void {
  for (let i = lines.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[lines[i], lines[j]] = [lines[j]!, lines[i]!]
  }
}

interface Key {
  from: number
  fromChar: number
  to: number
  toChar: number
  flags: string
}

function parseKey(text: string): Key | undefined {
  const m = /^(\d+)(?:\.(\d+))?([bdfghinMrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghinMrV]*))?$/.exec(text)
  if (!m) return undefined
  return {
    from: Number(m[1]),
    fromChar: Number(m[2] ?? 1),
    to: m[4] ? Number(m[4]) : Infinity,
    toChar: Number(m[5] ?? 0),
    flags: m[3]! + (m[6] ?? ''),
  }
}

const SORT = {
  short: 'nrgMhucszbdfik:t:o:T:mVCRS:',
  long: {
    'numeric-sort': 'n',
    reverse: 'r',
    unique: 'u',
    'key=': 'k',
    'field-separator=': 't',
    'ignore-case': 'f',
    'dictionary-order': 'd',
    'general-numeric-sort': 'g',
    'month-sort': 'M',
    'random-sort': 'R',
    'ignore-leading-blanks': 'b',
    'ignore-nonprinting': 'i',
    merge: 'm',
    'human-numeric-sort': 'h',
    'version-sort': 'V',
    'output=': 'o',
    stable: 's',
    check: 'c',
    'zero-terminated': 'z',
  },
  usage: '[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...\n\nSort lines of text',
}

function keyText(line: string, key: Key, separator: string | undefined): string {
  if (separator !== undefined) {
    const fields = line.split(separator)
    const part = fields.slice(key.from - 1, key.to === Infinity ? undefined : key.to)
    if (key.toChar > 0 && part.length === key.to - key.from + 1) part[part.length - 1] = part.at(-1)!.slice(0, key.toChar)
    return part.join(separator).slice(key.fromChar - 1)
  }
  // A field without separator begins with the blanks before it.
  const fields = line.match(/\s*\S+|\s+$/g) ?? []
  const part = fields.slice(key.from - 1, key.to === Infinity ? undefined : key.to)
  const text = part.join('')
  return key.fromChar > 1 || key.flags.includes('b') ? text.trimStart().slice(key.fromChar - 1) : text
}

const SUFFIX: Record<string, number> = { K: 1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 }
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

function compareBy(flags: string): (a: string, b: string) => number {
  const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const number = (s: string): number => Number(/^\s*[-+]?\d*\.?\d*/.exec(s)![0]) || 0
  if (flags.includes('n')) return (a, b) => number(a) - number(b)
  if (flags.includes('g')) return (a, b) => (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0)
  if (flags.includes('h')) {
    const human = (s: string): [number, number] => {
      const m = /^\s*(-?\d*\.?\d+)([KkMGTPE])?/.exec(s)
      return m ? [m[2] ? SUFFIX[m[2]]! : 0, Number(m[1])] : [-1, 0]
    }
    return (a, b) => human(a)[0] - human(b)[0] || human(a)[1] - human(b)[1]
  }
  if (flags.includes('M'))
    return (a, b) => MONTHS.indexOf(a.trim().slice(0, 3).toUpperCase()) - MONTHS.indexOf(b.trim().slice(0, 3).toUpperCase())
  if (flags.includes('V')) return (a, b) => a.localeCompare(b, 'en', { numeric: true })
  if (flags.includes('f')) return (a, b) => plain(a.toUpperCase(), b.toUpperCase())
  if (flags.includes('d')) return (a, b) => plain(a.replace(/[^A-Za-z0-9 \t]/g, ''), b.replace(/[^A-Za-z0-9 \t]/g, ''))
  return plain
}

export function sort(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SORT)
    const keys = o.all('k').map((k) => parseKey(k) ?? badKey(c, k))
    const lines: string[] = []
    for await (const { file } of c.inputs(o.operands)) {
      const text = (await readAll(file)).toString('latin1')
      const end = o.has('z') ? '\0' : '\n'
      if (text !== '') for (const line of (text.endsWith(end) ? text.slice(0, -1) : text).split(end)) lines.push(line)
    }
    await c.work(lines.length * 0.001)
    const compare = comparison(o, keys)
    const tie = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0) * (o.has('r') ? -1 : 1)
    if (o.has('c') || o.has('C')) {
      const bad = lines.findIndex((l, i) => i > 0 && compare(lines[i - 1]!, l) > 0)
      if (bad > 0 && o.has('c'))
        await c.task.writeError(c.busybox ? `Check line ${bad}\n` : `sort: ${o.operands[0] ?? '-'}:${bad + 1}: disorder: ${lines[bad]}\n`)
      return bad > 0 ? 1 : 0
    }
    if (o.has('R')) shuffle(lines, c.task.random)
    let sorted = o.has('R') ? lines : lines.sort((a, b) => compare(a, b) || (o.has('s') || o.has('u') ? 0 : tie(a, b)))
    if (o.has('u')) sorted = sorted.filter((l, i) => i === 0 || compare(sorted[i - 1]!, l) !== 0)
    const out = Buffer.from(sorted.map((l) => `${l}${o.has('z') ? '\0' : '\n'}`).join(''), 'latin1')
    const target = o.get('o')
    if (target === undefined) await c.print(out)
    else c.fs.writeFile(target, out)
    return c.status
  })
}

function badKey(c: Command, text: string): never {
  throw new Fail(
    c.busybox ? `sort: bad field specification` : `sort: invalid number at field start: invalid count at start of '${text}'`,
    2,
  )
}

function comparison(o: Options, keys: Key[]): (a: string, b: string) => number {
  const global = ['n', 'g', 'h', 'M', 'V', 'f', 'd'].filter((x) => o.has(x)).join('')
  const sign = o.has('r') ? -1 : 1
  if (keys.length === 0) {
    const compare = compareBy(global)
    return (a, b) => sign * compare(o.has('b') ? a.trimStart() : a, o.has('b') ? b.trimStart() : b)
  }
  const separator = o.get('t') === '\\t' ? '\t' : o.get('t')
  const parts = keys.map((key) => {
    const own = key.flags.replaceAll('b', '')
    return { key, compare: compareBy(own.replace('r', '') || global), sign: own === '' ? sign : own.includes('r') ? -1 : 1 }
  })
  return (a, b) => {
    for (const p of parts) {
      const n = p.sign * p.compare(keyText(a, p.key, separator), keyText(b, p.key, separator))
      if (n !== 0) return n
    }
    return 0
  }
}
