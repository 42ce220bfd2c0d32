/** Programs over lines and fields: cut, tr, comm, shuf. */
import { Fail, command, type Command, type Flavour } from './command.js'
import { lineBatches, openForReading, printLines, readLines } from './reading.js'
import { wholeNumber } from './option-number.js'
import { shuffle } from './sort.js'
import type { Program } from '../process.js'

/** What GNU's cut says of a list that is none. */
function listProblem(text: string, fields: boolean): string {
  const [what, many] = fields ? ['field', 'fields'] : ['byte/character position', 'byte/character positions']
  for (const part of text.split(',')) {
    if (/[^\d-]/.test(part)) return `invalid ${fields ? 'field value' : 'byte/character position'} '${part}'`
    if (part === '-') return 'invalid range with no endpoint: -'
    const [from = '', to] = part.split('-')
    if (part === '' || /^0+$/.test(from) || (to !== undefined && /^0+$/.test(to)))
      return `${fields ? 'fields' : 'byte/character positions'} are numbered from 1`
    if (to && Number(to) < Number(from)) return 'invalid decreasing range'
  }
  return `invalid ${what} list: ${many}`
}

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
  short: 'b:c:d:f:snz',
  long: {
    'bytes=': 'b',
    'characters=': 'c',
    'delimiter=': 'd',
    'fields=': 'f',
    'only-delimited': 's',
    'output-delimiter=': 'O',
    complement: 'C',
    'zero-terminated': 'z',
  },
  usage: '[OPTIONS] [FILE]...\n\nPrint selected fields from FILEs to stdout',
}

export function cut(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...CUT, short: `${CUT.short}O:DF:` } : CUT)
    const lists = ['b', 'c', 'f', 'F'].flatMap((letter) => o.all(letter))
    const list = lists[0]
    if (lists.length > 1) throw c.busybox ? c.usageError(CUT) : c.usageError(CUT, 'only one list may be specified')
    if (list === undefined)
      throw c.busybox
        ? new Fail('cut: expected a list of bytes, characters, or fields')
        : c.usageError(CUT, 'you must specify a list of bytes, characters, or fields')
    const selected = parseList(list)
    if (!selected) throw c.busybox ? new Fail(`cut: invalid range ${list}`) : c.usageError(CUT, listProblem(list, o.has('f')))
    if (!c.busybox && !o.has('f')) {
      if (o.has('d')) throw c.usageError(CUT, 'an input delimiter may be specified only when operating on fields')
      if (o.has('s')) throw c.usageError(CUT, 'suppressing non-delimited lines makes sense\n\tonly when operating on fields')
    }
    const end = o.has('z') ? '\0' : '\n'
    const wanted = o.has('C') ? (n: number): boolean => !selected(n) : selected
    const given = o.get('d')
    // No character is the byte 0.
    const delimiter = given === '' && !c.busybox ? '\0' : Buffer.from(given ?? '\t').toString('latin1')
    if (delimiter.length !== 1 && !c.busybox) throw c.usageError(CUT, 'the delimiter must be a single character')
    const output = o.has('O') ? Buffer.from(o.get('O')!).toString('latin1') : delimiter
    for await (const { file } of c.inputs(o.operands)) {
      for await (const lines of lineBatches(file, end.charCodeAt(0))) {
        let out = ''
        for (const raw of lines) {
          const text = (raw.at(-1) === end.charCodeAt(0) ? raw.subarray(0, -1) : raw).toString(o.has('c') ? 'utf8' : 'latin1')
          if (o.has('f')) {
            const fields = text.split(delimiter)
            if (fields.length === 1) {
              if (!o.has('s')) out += text + end
            } else out += fields.filter((_, i) => wanted(i + 1)).join(output) + end
          } else if (o.has('c')) out += Buffer.from([...text].filter((_, i) => wanted(i + 1)).join('')).toString('latin1') + end
          else out += [...text].filter((_, i) => wanted(i + 1)).join('') + end
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

/** More bytes than a set of `tr` needs. */
const LARGEST_SET = 4096

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
      // More than the other set can have characters changes nothing.
      const times = Math.min(LARGEST_SET, repeat[2] ? Number(repeat[2]) : Math.max(0, fill - out.length))
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

/** What GNU's tr does not take. */
function checkSets(first: string, second: string | undefined): void {
  for (const set of [first, second ?? '']) {
    const name = /\[:(\w*):\]/.exec(set)?.[1]
    if (name !== undefined && !Object.hasOwn(CLASSES, name))
      throw new Fail(name === '' ? "tr: missing character class name '[::]'" : `tr: invalid character class '${name}'`)
    for (const [range, from, to] of set.replace(/\[:\w+:\]|\\./g, '').matchAll(/([^-])-([^-])/g))
      if (from! > to!) throw new Fail(`tr: range-endpoints of '${range}' are in reverse collating sequence order`)
  }
  if (/\[.\*\d*\]/s.test(first) && second !== undefined) throw new Fail('tr: the [c*] repeat construct may not appear in string1')
  if (second === '') throw new Fail('tr: when not truncating set1, string2 must be non-empty')
}

export function tr(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: c.busybox ? 'cCds' : 'AcCdst',
      long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
      stopAtOperand: true,
      usage: '[-cds] STRING1 [STRING2]\n\nTranslate, squeeze, or delete characters from stdin, writing to stdout',
    }
    const o = await c.options(spec)
    const [first, second] = o.operands
    if (first === undefined) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    if (second === undefined && !o.has('d') && !o.has('s'))
      throw c.usageError(spec, c.busybox ? undefined : `missing operand after '${first}'\nTwo strings must be given when translating.`)
    const extra = o.operands[o.has('d') && !o.has('s') ? 1 : 2]
    if (extra !== undefined && !c.busybox) {
      const only = o.has('d') && o.operands.length === 2 ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''
      throw c.usageError(spec, `extra operand '${extra}'${only}`)
    }
    if (!c.busybox) checkSets(first, second)
    let one = trSet(first)
    if (o.has('c') || o.has('C')) {
      const set = new Set(one)
      one = Array.from({ length: 256 }, (_, n) => n).filter((n) => !set.has(n))
    }
    const two = second === undefined ? [] : trSet(second, one.length)
    const map = Array.from({ length: 256 }, (_, n) => n)
    const remove = new Set(o.has('d') ? one : [])
    if (o.has('t')) one = one.slice(0, two.length)
    // Of a letter that comes twice the last counts.
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

const COMM = {
  short: '123z',
  long: { 'check-order': 'check', 'nocheck-order': 'nocheck', 'output-delimiter=': 'delimiter', total: 'total', 'zero-terminated': 'z' },
  usage: '[-123] FILE1 FILE2\n\nCompare FILE1 with FILE2',
}

/** Which files were said to be out of order. */
class OrderCheck {
  private readonly told = new Set<1 | 2>()

  constructor(
    private readonly c: Command,
    /** `unpaired`: only once a line had no equal in the other file. */
    private readonly when: 'never' | 'unpaired' | 'always',
  ) {}

  /** Whether the program goes on behind the line. */
  async look(file: 1 | 2, lines: readonly string[], at: number, unpaired: boolean): Promise<boolean> {
    if (this.told.has(file) || this.when === 'never' || !(unpaired || this.when === 'always')) return true
    if (at === 0 || at >= lines.length || lines[at - 1]! <= lines[at]!) return true
    this.told.add(file)
    await this.c.warn(`file ${file} is not in sorted order`)
    return this.when !== 'always'
  }

  async end(): Promise<void> {
    if (this.told.size > 0) await this.c.warn('input is not in sorted order')
  }
}

export function comm(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(COMM)
    const { operands } = o
    if (operands.length < 2)
      throw c.usageError(COMM, c.busybox ? undefined : `missing operand${operands[0] === undefined ? '' : ` after '${operands[0]}'`}`)
    if (operands.length > 2) throw c.usageError(COMM, c.busybox ? undefined : `extra operand '${operands[2]}'`)
    const end = o.has('z') ? '\0' : '\n'
    const read = async (name: string): Promise<string[]> => {
      try {
        return await readLines(name === '-' ? c.task.fd(0)! : await openForReading(c.task, name), 'latin1', end.charCodeAt(0))
      } catch (error) {
        await c.openFailed(name, error)
        throw new Fail('')
      }
    }
    const a = await read(operands[0]!)
    const b = await read(operands[1]!)
    const order = new OrderCheck(c, o.has('nocheck') || c.busybox ? 'never' : o.has('check') ? 'always' : 'unpaired')
    const delimiter = Buffer.from(o.get('delimiter') ?? '\t').toString('latin1')
    const before2 = o.has('1') ? '' : delimiter
    const before3 = before2 + (o.has('2') ? '' : delimiter)
    let out = ''
    let unpaired = false
    const counts = [0, 0, 0]
    let going = true
    for (let i = 0, j = 0; going && (i < a.length || j < b.length);) {
      const which = j >= b.length || (i < a.length && a[i]! < b[j]!) ? 0 : i >= a.length || b[j]! < a[i]! ? 1 : 2
      counts[which]!++
      unpaired ||= which < 2
      if (!o.has(String(which + 1))) out += ['', before2, before3][which]! + (which === 1 ? b[j] : a[i]) + end
      if (which !== 1) going = await order.look(1, a, ++i, unpaired)
      if (which !== 0 && going) going = await order.look(2, b, ++j, unpaired)
    }
    if (going && o.has('total')) out += `${counts.join(delimiter)}${delimiter}total${end}`
    await c.print(Buffer.from(out, 'latin1'))
    if (going) await order.end()
    return c.status
  })
}

const SHUF = {
  short: 'ei:n:o:rz',
  long: {
    echo: 'e',
    'input-range=': 'i',
    'head-count=': 'n',
    'output=': 'o',
    'random-source=': 'source',
    repeat: 'r',
    'zero-terminated': 'z',
  },
  usage: '[-n NUM] [-i LOW-HIGH | FILE]',
}

export function shuf(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SHUF, short: 'ei:n:o:z' } : SHUF)
    const end = o.has('z') ? '\0' : '\n'
    const given = o.get('i')
    const range = given === undefined ? undefined : /^(\d+)-(\d+)$/.exec(given)
    if (given !== undefined && o.has('e')) throw c.usageError(SHUF, 'cannot combine -e and -i options')
    if (given !== undefined && (!range || Number(range[1]) > Number(range[2]) + 1))
      throw new Fail(c.busybox ? `shuf: ${given}: invalid range` : `shuf: invalid input range: '${given}'`)
    const extra = o.has('e') ? undefined : o.operands[given === undefined ? 1 : 0]
    if (extra !== undefined) throw c.usageError(SHUF, c.busybox ? undefined : `extra operand '${extra}'`)
    const count = o.get('n') === undefined ? Infinity : wholeNumber(c, o.get('n')!, 'line count')
    let lines: string[]
    if (range)
      lines = Array.from({ length: Math.min(1e6, Number(range[2]) - Number(range[1]) + 1) }, (_, i) => String(Number(range[1]) + i))
    else if (o.has('e')) lines = o.operands
    else
      lines = await readLines(
        o.operands[0] && o.operands[0] !== '-' ? await openForReading(c.task, o.operands[0]) : c.task.fd(0)!,
        'latin1',
        end.charCodeAt(0),
      )
    const bytes = range !== undefined || !o.has('e') ? 'latin1' : 'utf8'
    if (o.has('r')) {
      if (lines.length === 0 && count > 0) throw new Fail('shuf: no lines to repeat')
      for (let left = count; left > 0;) {
        const some = Array.from({ length: Math.min(left, 1000) }, () => c.task.random.pick(lines))
        left -= some.length
        await printLines(c, some, bytes, end)
      }
      return
    }
    shuffle(lines, c.task.random)
    const picked = lines.slice(0, count)
    if (o.has('o')) c.fs.writeFile(o.get('o')!, Buffer.from(picked.map((line) => line + end).join(''), bytes))
    else await printLines(c, picked, bytes, end)
  })
}
