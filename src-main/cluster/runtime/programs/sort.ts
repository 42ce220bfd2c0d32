/** sort: by the whole line or by keys, in the orders of GNU sort. */
import type { Random } from '../../random.js'
import type { Program } from '../process.js'
import { choice } from './choice.js'
import { KINDS, orderOf } from './sort-order.js'
import { Fail, command, type Command, type Flavour, type Options } from './command.js'
import { readLines, readText } from './reading.js'

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
  /** Blanks before its beginning, and before its end, do not count. */
  skipStart: boolean
  skipEnd: boolean
}

function parseKey(text: string): Key | undefined {
  const m = /^(\d+)(?:\.(\d+))?([bdfghinMrRV]*)(?:,(\d+)(?:\.(\d+))?([bdfghinMrRV]*))?$/.exec(text)
  if (!m || Number(m[1]) === 0 || /^0+$/.test(m[2] ?? '') || /^0+$/.test(m[4] ?? '')) return undefined
  return {
    from: Number(m[1]),
    fromChar: Number(m[2] ?? 1),
    to: m[4] ? Number(m[4]) : Infinity,
    toChar: Number(m[5] ?? 0),
    flags: m[3]! + (m[6] ?? ''),
    skipStart: m[3]!.includes('b'),
    skipEnd: m[6]?.includes('b') ?? false,
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
    'check=?': 'c',
    'parallel=': 'parallel',
    'buffer-size=': 'S',
    'temporary-directory=': 'T',
    'batch-size=': 'batch',
    'compress-program=': 'compress',
    'files0-from=': 'files0',
    'random-source=': 'source',
    'sort=': 'sort',
    stable: 's',
    debug: 'debug',
    'zero-terminated': 'z',
  },
  usage: '[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...\n\nSort lines of text',
}

/** Where the field of a number (from 1) begins in a line, and where it ends. */
function fieldAt(line: string, number: number, separator: string | undefined): [start: number, end: number] {
  let at = 0
  for (let field = 1; ; field++) {
    let end = at
    if (separator !== undefined) end = line.indexOf(separator, at)
    else {
      // A field without separator begins with the blanks before it.
      while (/[ \t\n]/.test(line[end] ?? '')) end++
      while (end < line.length && !/[ \t\n]/.test(line[end]!)) end++
    }
    if (end < 0) end = line.length
    if (field === number) return [at, end]
    if (end >= line.length) return [line.length, line.length]
    at = separator === undefined ? end : end + 1
  }
}

const skipBlanks = (line: string, from: number): number => from + /^[ \t]*/.exec(line.slice(from))![0].length

function keyText(line: string, key: Key, separator: string | undefined): string {
  let [start] = fieldAt(line, key.from, separator)
  if (key.skipStart) start = skipBlanks(line, start)
  start += key.fromChar - 1
  if (key.to === Infinity) return line.slice(start)
  const [last, end] = fieldAt(line, key.to, separator)
  const to = key.toChar === 0 ? end : Math.min(end, (key.skipEnd ? skipBlanks(line, last) : last) + key.toChar)
  return line.slice(start, Math.max(start, to))
}

/** Options that GNU's sort does not take, or not together. */
function check(c: Command, o: Options, keys: readonly Key[]): void {
  const refuse = (message: string): never => {
    throw new Fail(`sort: ${message}`, 2)
  }
  const exclusive = (letters: string): void => {
    const [first, ...rest] = [...KINDS].filter((x) => letters.includes(x))
    const kinds = [first, ...rest].filter((x) => x !== undefined)
    const dictionary = letters.includes('d') || letters.includes('i')
    if (kinds.length > 1 || (kinds.length === 1 && dictionary && /[ghMn]/.test(kinds[0]!)))
      refuse(
        `options '-${[...'dfghinMRV']
          .filter((x) => letters.includes(x))
          .sort(alphabetical)
          .join('')}' are incompatible`,
      )
  }
  exclusive([...'dighMnRV'].filter((x) => o.has(x)).join(''))
  for (const key of keys) exclusive(key.flags.replace(/[bfr]/g, ''))
  if (o.has('c') && o.has('C')) refuse("options '-cC' are incompatible")
  const checking = o.has('c') ? 'c' : 'C'
  if (o.has(checking) && o.has('o')) refuse(`options '-${checking}o' are incompatible`)
  if (o.has(checking) && o.operands.length > 1) refuse(`extra operand '${o.operands[1]}' not allowed with -${checking}`)
  for (const [letter, name] of [
    ['S', 'S'],
    ['parallel', '-parallel'],
    ['batch', '-batch-size'],
  ] as const) {
    const text = o.get(letter)
    if (text === undefined) continue
    if (!/^\d/.test(text)) refuse(`invalid -${name} argument '${text}'`)
    if (letter === 'S' ? !/^\d+[%bKkMmGgTtPEZY]?$/.test(text) : !/^\d+$/.test(text)) refuse(`invalid suffix in -${name} argument '${text}'`)
    if (letter === 'parallel' && Number(text) === 0) refuse('number in parallel must be nonzero')
    if (letter === 'batch' && Number(text) < 2) refuse(`invalid -${name} argument '${text}'\nsort: minimum --batch-size argument is '2'`)
  }
}

/** Capital letters first. */
function alphabetical(a: string, b: string): number {
  return a < b ? -1 : 1
}

export function sort(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SORT)
    const orders = [['general-numeric'], ['human-numeric'], ['month'], ['numeric'], ['random'], ['version']]
    const order = o.get('sort')
    if (order !== undefined) o.add({ g: 'g', h: 'h', m: 'M', n: 'n', r: 'R', v: 'V' }[choice(c, '--sort', order, orders)[0]!]!, '')
    const checking = o.get('c')
    const quietly = o.has('C') || (checking !== undefined && /^(quiet|silent)$/.test(checking))
    if (quietly && !o.has('C') && o.operands.length > 1 && !c.busybox)
      throw new Fail(`sort: extra operand '${o.operands[1]}' not allowed with -C`, 2)
    if (checking && !quietly && !c.busybox) choice(c, '--check', checking, [['quiet', 'silent'], ['diagnose-first']])
    const tab = o.get('t')
    if (tab !== undefined && tab !== '\\0' && [...tab].length !== 1)
      throw new Fail(
        c.busybox ? 'sort: bad -t parameter' : tab === '' ? 'sort: empty tab' : `sort: multi-character tab '${tab}'`,
        c.busybox ? 1 : 2,
      )
    const keys = o.all('k').map((k) => parseKey(k) ?? badKey(c, k))
    if (!c.busybox) check(c, o, keys)
    const list = o.get('files0')
    if (list !== undefined && o.operands.length > 0)
      throw c.usageError(SORT, `extra operand '${o.operands[0]}'\nfile operands cannot be combined with --files0-from`)
    const inputs = list === undefined ? o.operands : (await readText(c, list)).split('\0').filter(Boolean)
    const lists: string[][] = []
    for (const name of inputs.length > 0 ? inputs : ['-']) {
      for await (const { file } of c.inputs([name])) lists.push(await readLines(file, 'latin1', o.has('z') ? 0 : 10))
      // The first that cannot be read is the end of it.
      if (c.status !== 0) return c.status
    }
    const lines = lists.flat()
    await c.work(lines.length * 0.001)
    const compare = comparison(o, keys, c.task.random)
    const tie = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0) * (o.has('r') ? -1 : 1)
    if (o.has('c') || o.has('C')) {
      const bad = lines.findIndex((l, i) => i > 0 && compare(lines[i - 1]!, l) + (o.has('u') ? 1 : 0) > 0)
      if (bad > 0 && !quietly)
        await c.task.writeError(c.busybox ? `Check line ${bad}\n` : `sort: ${o.operands[0] ?? '-'}:${bad + 1}: disorder: ${lines[bad]}\n`)
      return bad > 0 ? 1 : 0
    }
    const whole = (a: string, b: string): number => compare(a, b) || (o.has('s') || o.has('u') ? 0 : tie(a, b))
    let sorted = o.has('m') ? merged(lists, whole) : await sortInSteps(lines, whole, (cpuMs) => c.work(cpuMs))
    if (o.has('u')) sorted = sorted.filter((l, i) => i === 0 || compare(sorted[i - 1]!, l) !== 0)
    const target = o.get('o')
    const parts: Buffer[] = []
    for (let i = 0; i < sorted.length; i += LINES_PER_STEP) {
      const text = sorted.slice(i, i + LINES_PER_STEP).join(o.has('z') ? '\0' : '\n') + (o.has('z') ? '\0' : '\n')
      const part = Buffer.from(text, 'latin1')
      if (target === undefined) await c.print(part)
      else parts.push(part)
    }
    if (target !== undefined) c.fs.writeFile(target, Buffer.concat(parts))
    return c.status
  })
}

/** Lines that are sorted, or merged, before others have their turn. */
const LINES_PER_STEP = 5000
/** CPU ms that placing one line among others takes. */
const PLACING_COST = 0.0005

/** `lines` in order: pieces of them are sorted, then merged two by two; `work` is awaited, with CPU ms, after each step. */
async function sortInSteps(
  lines: readonly string[],
  compare: (a: string, b: string) => number,
  work: (cpuMs: number) => Promise<void>,
): Promise<string[]> {
  let pieces: string[][] = []
  for (let i = 0; i < lines.length; i += LINES_PER_STEP) {
    const piece = lines.slice(i, i + LINES_PER_STEP).sort(compare)
    pieces.push(piece)
    if (lines.length > LINES_PER_STEP) await work(piece.length * Math.log2(LINES_PER_STEP) * PLACING_COST)
  }
  while (pieces.length > 1) {
    const longer: string[][] = []
    for (let i = 0; i < pieces.length; i += 2) {
      const [a, b] = [pieces[i]!, pieces[i + 1]]
      longer.push(b ? await mergedInSteps(a, b, compare, work) : a)
    }
    pieces = longer
  }
  return pieces[0] ?? []
}

async function mergedInSteps(
  a: readonly string[],
  b: readonly string[],
  compare: (a: string, b: string) => number,
  work: (cpuMs: number) => Promise<void>,
): Promise<string[]> {
  const out: string[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    // Of lines that are alike the earlier stays first.
    if (j >= b.length || (i < a.length && compare(a[i]!, b[j]!) <= 0)) out.push(a[i++]!)
    else out.push(b[j++]!)
    if (out.length % LINES_PER_STEP === 0) await work(LINES_PER_STEP * PLACING_COST)
  }
  return out
}

/** Puts lists together that are in order already. */
function merged(lists: string[][], compare: (a: string, b: string) => number): string[] {
  const heads = lists.map(() => 0)
  const out: string[] = []
  for (;;) {
    let best = -1
    lists.forEach((list, i) => {
      if (heads[i]! < list.length && (best < 0 || compare(list[heads[i]!]!, lists[best]![heads[best]!]!) < 0)) best = i
    })
    if (best < 0) return out
    out.push(lists[best]![heads[best]!++]!)
  }
}

function keyProblem(text: string): string {
  if (!/^\d/.test(text)) return `invalid number at field start: invalid count at start of '${text}'`
  if (/^0+(\D|$)/.test(text)) return `field number is zero: invalid field specification '${text}'`
  if (/^\d+\.0*(\D|$)/.test(text)) return `character offset is zero: invalid field specification '${text}'`
  if (/,($|\D)/.test(text)) return `invalid number after ',': invalid count at start of '${text.slice(text.indexOf(',') + 1)}'`
  if (/,0/.test(text)) return `field number is zero: invalid field specification '${text}'`
  return `stray character in field spec: invalid field specification '${text}'`
}

function badKey(c: Command, text: string): never {
  throw new Fail(c.busybox ? `sort: bad field specification` : `sort: ${keyProblem(text)}`, 2)
}

function comparison(o: Options, keys: Key[], random: Random): (a: string, b: string) => number {
  const global = [...`${KINDS}dfi`].filter((x) => o.has(x)).join('')
  const sign = o.has('r') ? -1 : 1
  if (keys.length === 0) {
    const compare = orderOf(global, random)
    return (a, b) => sign * compare(o.has('b') ? a.trimStart() : a, o.has('b') ? b.trimStart() : b)
  }
  const separator = o.get('t') === '\\0' ? '\0' : o.get('t')
  const parts = keys.map((given) => {
    // A key with letters of its own has nothing of the others.
    const own = given.flags !== ''
    const key = own || !o.has('b') ? given : { ...given, skipStart: true, skipEnd: true }
    return { key, compare: orderOf(own ? given.flags : global, random), sign: own ? (given.flags.includes('r') ? -1 : 1) : sign }
  })
  return (a, b) => {
    for (const p of parts) {
      const n = p.sign * p.compare(keyText(a, p.key, separator), keyText(b, p.key, separator))
      if (n !== 0) return n
    }
    return 0
  }
}
