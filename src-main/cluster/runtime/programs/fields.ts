/** Programs over lines and fields: cut, tr, sort, uniq, comm, shuf. */
import { Fail, command, lineBatches, openForReading, readAll, type Command, type Flavour, type Options } from './command.js'
import type { OpenFile, Program } from '../process.js'

/** A list such as `1,3-5,7-`: whether a position (from 1) is in it. */
function parseList(text: string): ((n: number) => boolean) | undefined {
  const ranges: [number, number][] = []
  for (const part of text.split(',')) {
    const m = /^(\d*)(-?)(\d*)$/.exec(part.trim())
    if (!m || part === '' || part === '-') return undefined
    const from = m[1] === '' ? 1 : Number(m[1])
    const to = m[2] ? (m[3] === '' ? Infinity : Number(m[3])) : from
    if (from === 0 || to < from) return undefined
    ranges.push([from, to])
  }
  return (n) => ranges.some(([a, b]) => n >= a && n <= b)
}

const CUT = {
  short: 'b:c:d:f:sn',
  long: {
    'bytes=': 'b',
    'characters=': 'c',
    'delimiter=': 'd',
    'fields=': 'f',
    'only-delimited': 's',
    'output-delimiter=': 'O',
    complement: 'C',
  },
  usage: '[OPTIONS] [FILE]...\n\nPrint selected fields from FILEs to stdout',
}

export function cut(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(CUT)
    const list = o.get('b') ?? o.get('c') ?? o.get('f')
    if (list === undefined)
      throw c.busybox
        ? new Fail('cut: expected a list of bytes, characters, or fields')
        : c.usageError(CUT, 'you must specify a list of bytes, characters, or fields')
    const selected = parseList(list)
    if (!selected)
      throw c.busybox
        ? new Fail(`cut: invalid range ${list}`)
        : c.usageError(CUT, o.has('f') ? 'invalid field range' : 'invalid byte or character range')
    const wanted = o.has('C') ? (n: number): boolean => !selected(n) : selected
    const delimiter = Buffer.from(o.get('d') ?? '\t').toString('latin1')
    if (delimiter.length !== 1 && !c.busybox) throw c.usageError(CUT, 'the delimiter must be a single character')
    const output = o.get('O') ?? delimiter
    for await (const { file } of c.inputs(o.operands)) {
      for await (const lines of lineBatches(file)) {
        let out = ''
        for (const raw of lines) {
          const text = raw.toString(o.has('c') ? 'utf8' : 'latin1').replace(/\n$/, '')
          if (o.has('f')) {
            const fields = text.split(delimiter)
            if (fields.length === 1) {
              if (!o.has('s')) out += `${text}\n`
            } else out += `${fields.filter((_, i) => wanted(i + 1)).join(output)}\n`
          } else if (o.has('c')) out += `${Buffer.from([...text].filter((_, i) => wanted(i + 1)).join('')).toString('latin1')}\n`
          else out += `${[...text].filter((_, i) => wanted(i + 1)).join('')}\n`
        }
        await c.print(Buffer.from(out, 'latin1'))
      }
    }
  })
}

const CLASSES: Record<string, (n: number) => boolean> = {
  alpha: (n) => (n >= 65 && n <= 90) || (n >= 97 && n <= 122),
  digit: (n) => n >= 48 && n <= 57,
  alnum: (n) => CLASSES['alpha']!(n) || CLASSES['digit']!(n),
  upper: (n) => n >= 65 && n <= 90,
  lower: (n) => n >= 97 && n <= 122,
  space: (n) => n === 32 || (n >= 9 && n <= 13),
  blank: (n) => n === 32 || n === 9,
  punct: (n) => n > 32 && n < 127 && !CLASSES['alnum']!(n),
  cntrl: (n) => n < 32 || n === 127,
  print: (n) => n >= 32 && n < 127,
  graph: (n) => n > 32 && n < 127,
  xdigit: (n) => CLASSES['digit']!(n) || (n >= 65 && n <= 70) || (n >= 97 && n <= 102),
}

/** The bytes of a `tr` set. `fill` says how long `[c*]` makes it. */
function trSet(text: string, fill = 0): number[] {
  const s = Buffer.from(text).toString('latin1')
  const out: number[] = []
  const escape = (i: number): [number, number] => {
    const octal = /^[0-7]{1,3}/.exec(s.slice(i + 1))
    if (octal) return [parseInt(octal[0], 8) & 255, i + octal[0].length]
    const known: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, '\\': 92 }
    const ch = s[i + 1] ?? '\\'
    return [known[ch] ?? ch.charCodeAt(0), i + 1]
  }
  for (let i = 0; i < s.length; i++) {
    const cls = /^\[:(\w+):\]/.exec(s.slice(i))
    if (cls && Object.hasOwn(CLASSES, cls[1]!)) {
      for (let n = 0; n < 256; n++) if (CLASSES[cls[1]!]!(n)) out.push(n)
      i += cls[0].length - 1
      continue
    }
    const repeat = /^\[(.)\*(\d*)\]/s.exec(s.slice(i))
    if (repeat) {
      const times = repeat[2] ? Number(repeat[2]) : Math.max(0, fill - out.length)
      for (let n = 0; n < times; n++) out.push(repeat[1]!.charCodeAt(0))
      i += repeat[0].length - 1
      continue
    }
    let from: number
    ;[from, i] = s[i] === '\\' ? escape(i) : [s.charCodeAt(i), i]
    if (s[i + 1] === '-' && i + 2 < s.length) {
      let to: number
      ;[to, i] = s[i + 2] === '\\' ? escape(i + 2) : [s.charCodeAt(i + 2), i + 2]
      for (let n = from; n <= to; n++) out.push(n)
    } else out.push(from)
  }
  return out
}

export function tr(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'cCdst',
      long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
      stopAtOperand: true,
      usage: '[-cds] STRING1 [STRING2]\n\nTranslate, squeeze, or delete characters from stdin, writing to stdout',
    }
    const o = await c.options(spec)
    const [first, second] = o.operands
    if (first === undefined) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    if (second === undefined && !o.has('d') && !o.has('s'))
      throw c.usageError(spec, c.busybox ? undefined : `missing operand after '${first}'`)
    let one = trSet(first)
    if (o.has('c') || o.has('C')) {
      const set = new Set(one)
      one = Array.from({ length: 256 }, (_, n) => n).filter((n) => !set.has(n))
    }
    const two = second === undefined ? [] : trSet(second, one.length)
    const map = Array.from({ length: 256 }, (_, n) => n)
    const remove = new Set(o.has('d') ? one : [])
    if (!o.has('d') && two.length > 0) one.forEach((n, i) => (map[n] = two[Math.min(i, two.length - 1)]!))
    const squeeze = new Set(o.has('s') ? (second === undefined ? one : two) : [])
    let last = -1
    for (let d = await c.task.read(); d.length > 0; d = await c.task.read()) {
      const out: number[] = []
      for (const b of d) {
        if (remove.has(b)) continue
        const n = map[b]!
        if (n === last && squeeze.has(n)) continue
        out.push(n)
        last = n
      }
      await c.print(Uint8Array.from(out))
    }
  })
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
  short: 'nrgMhucszbdfiok:t:o:T:mVCS:',
  long: {
    'numeric-sort': 'n',
    reverse: 'r',
    unique: 'u',
    'key=': 'k',
    'field-separator=': 't',
    'ignore-case': 'f',
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
      if (text !== '') lines.push(...text.replace(/\n$/, '').split('\n'))
    }
    await c.work(lines.length * 0.001)
    const compare = comparison(o, keys)
    const tie = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0) * (o.has('r') ? -1 : 1)
    if (o.has('c') || o.has('C')) {
      const bad = lines.findIndex((l, i) => i > 0 && compare(lines[i - 1]!, l) > 0)
      if (bad > 0 && o.has('c')) await c.task.writeError(`sort: ${o.operands[0] ?? '-'}:${bad + 1}: disorder: ${lines[bad]}\n`)
      return bad > 0 ? 1 : 0
    }
    let sorted = lines.sort((a, b) => compare(a, b) || (o.has('s') || o.has('u') ? 0 : tie(a, b)))
    if (o.has('u')) sorted = sorted.filter((l, i) => i === 0 || compare(sorted[i - 1]!, l) !== 0)
    const out = Buffer.from(sorted.map((l) => `${l}\n`).join(''), 'latin1')
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

export function uniq(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'cduif:s:w:z',
      long: { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i', 'skip-fields=': 'f', 'skip-chars=': 's', 'check-chars=': 'w' },
      usage: '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]\n\nDiscard duplicate lines',
    })
    const key = (line: string): string => {
      let k = line.replace(/\n$/, '')
      for (let i = 0; i < Number(o.get('f') ?? 0); i++) k = k.replace(/^\s*\S+/, '')
      k = k.slice(Number(o.get('s') ?? 0))
      if (o.has('w')) k = k.slice(0, Number(o.get('w')))
      return o.has('i') ? k.toLowerCase() : k
    }
    let current: string | undefined
    let n = 0
    const flush = (): string => {
      if (current === undefined || (o.has('d') && n < 2) || (o.has('u') && n > 1)) return ''
      const line = current.endsWith('\n') ? current : `${current}\n`
      return o.has('c') ? `${String(n).padStart(7)} ${line}` : line
    }
    let file: OpenFile = c.task.fd(0)!
    if (o.operands[0] !== undefined && o.operands[0] !== '-') {
      try {
        file = await openForReading(c.task, o.operands[0])
      } catch (error) {
        await c.openFailed(o.operands[0], error)
        return 1
      }
    }
    for await (const lines of lineBatches(file)) {
      let out = ''
      for (const raw of lines) {
        const line = raw.toString('latin1')
        if (current !== undefined && key(line) === key(current)) n++
        else {
          out += flush()
          current = line
          n = 1
        }
      }
      await c.print(Buffer.from(out, 'latin1'))
    }
    await c.print(Buffer.from(flush(), 'latin1'))
  })
}

export function comm(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: '123', usage: '[-123] FILE1 FILE2\n\nCompare FILE1 with FILE2' })
    const read = async (name: string): Promise<string[]> =>
      (await readAll(name === '-' ? c.task.fd(0)! : await openForReading(c.task, name)))
        .toString('latin1')
        .split(/(?<=\n)/)
        .filter(Boolean)
    const a = await read(o.operands[0] ?? '-')
    const b = await read(o.operands[1] ?? '-')
    let out = ''
    const tab2 = o.has('1') ? '' : '\t'
    const tab3 = tab2 + (o.has('2') ? '' : '\t')
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      if (j >= b.length || (i < a.length && a[i]! < b[j]!)) {
        if (!o.has('1')) out += a[i]
        i++
      } else if (i >= a.length || b[j]! < a[i]!) {
        if (!o.has('2')) out += tab2 + b[j]
        j++
      } else {
        if (!o.has('3')) out += tab3 + a[i]
        i++
        j++
      }
    }
    await c.print(Buffer.from(out, 'latin1'))
  })
}

export function shuf(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'n:i:e',
      long: { 'head-count=': 'n', 'input-range=': 'i', echo: 'e' },
      usage: '[-n NUM] [-i LOW-HIGH | FILE]',
    })
    let lines: string[]
    const range = /^(\d+)-(\d+)$/.exec(o.get('i') ?? '')
    if (range)
      lines = Array.from({ length: Math.min(1e6, Number(range[2]) - Number(range[1]) + 1) }, (_, i) => String(Number(range[1]) + i))
    else if (o.has('e')) lines = o.operands
    else
      lines = (await readAll(o.operands[0] ? await openForReading(c.task, o.operands[0]) : c.task.fd(0)!))
        .toString('utf8')
        .replace(/\n$/, '')
        .split('\n')
    for (let i = lines.length - 1; i > 0; i--) {
      const j = c.task.random.int(i + 1)
      ;[lines[i], lines[j]] = [lines[j]!, lines[i]!]
    }
    await c.print(
      lines
        .slice(0, Number(o.get('n') ?? lines.length))
        .map((l) => `${l}\n`)
        .join(''),
    )
  })
}
