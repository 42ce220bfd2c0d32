/** od: bytes in octal and other notations (od(1)). */
import type { Program } from '../process.js'
import { LONGEST_LINE } from '../open-file.js'
import { choice } from './choice.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { parseSize } from './sizes.js'

/** One notation of a line: how wide a cell is and how it is made of the bytes at a place. */
interface Notation {
  size: number
  /** Characters of a cell with the blank before it. */
  width: number
  cell(row: Buffer, at: number): string
  /** The printable characters follow the line, as with `-t x1z`. */
  text: boolean
}

const LONG = { 'address-radix=': 'A', 'format=': 't', 'read-bytes=': 'N', 'skip-bytes=': 'j', 'output-duplicates': 'v', 'width=?': 'w', 'endian=': 'endian', 'strings=?': 'S', traditional: 'traditional' } // prettier-ignore

const SPEC = {
  short: 'A:t:N:j:w::vabcdfioslxS:hHXDOBILeF',
  long: LONG,
  usage: '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [FILE]...',
}

/** The old letters and the types that they stand for. */
const OLD: Readonly<Record<string, string>> = {
  a: 'a', b: 'o1', c: 'c', d: 'u2', f: 'fF', h: 'x2', i: 'dI', l: 'dL', o: 'o2', s: 'd2', x: 'x2', B: 'o2', D: 'u4', F: 'fD', H: 'x4', I: 'dL', L: 'dL', O: 'o4', X: 'x4', e: 'fD',
} // prettier-ignore

const SIZES: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8 }
/** Characters that the largest number of a size takes. */
const WIDTHS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  d: { 1: 4, 2: 6, 4: 11, 8: 20 },
  u: { 1: 3, 2: 5, 4: 10, 8: 20 },
  o: { 1: 3, 2: 6, 4: 11, 8: 22 },
  x: { 1: 2, 2: 4, 4: 8, 8: 16 },
}
const ESCAPES: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }
const NAMES = 'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
  ' ',
)

function notations(c: Command, types: string, big: boolean): Notation[] {
  const found: Notation[] = []
  for (let rest = types; rest !== '';) {
    const m = /^([acdfoux])([CSILFD]|\d+)?(z?)/.exec(rest)
    if (!m)
      throw new Fail(
        c.busybox
          ? `od: invalid character '${rest[0]}' in type string '${types}'`
          : `od: invalid character '${rest[0]}' in type string '${types}'`,
      )
    rest = rest.slice(m[0].length)
    const kind = m[1]!
    const size = kind === 'a' || kind === 'c' ? 1 : m[2] ? (SIZES[m[2]] ?? Number(m[2])) : kind === 'f' ? 8 : 4
    if (kind === 'f' ? size !== 4 && size !== 8 : ![1, 2, 4, 8].includes(size))
      throw new Fail(
        `od: invalid type string '${types}';\nthis system doesn't provide a ${size}-byte ${kind === 'f' ? 'floating point' : 'integral'} type`,
      )
    found.push({ ...notation(kind, size, big), text: m[3] === 'z' })
  }
  return found
}

function notation(kind: string, size: number, big: boolean): Omit<Notation, 'text'> {
  const padded = (width: number, text: (row: Buffer, at: number) => string): Omit<Notation, 'text'> => ({
    size,
    width: width + 1,
    cell: (row, at) => text(row, at).padStart(width + 1),
  })
  if (kind === 'c') return padded(3, (row, at) => character(row[at]!))
  if (kind === 'a')
    return padded(3, (row, at) => NAMES[row[at]! & 127] ?? ((row[at]! & 127) === 127 ? 'del' : String.fromCharCode(row[at]! & 127)))
  const value = (row: Buffer, at: number): bigint => {
    let n = 0n
    for (let k = 0; k < size; k++) n |= BigInt(row[at + k] ?? 0) << BigInt(8 * (big ? size - 1 - k : k))
    return n
  }
  if (kind === 'f') {
    return padded(size === 4 ? 15 : 24, (row, at) => {
      const whole = Buffer.alloc(8)
      whole.writeBigUInt64LE(value(row, at))
      return float(size === 4 ? whole.readFloatLE(0) : whole.readDoubleLE(0), size === 4 ? 9 : 17)
    })
  }
  const width = WIDTHS[kind]![size]!
  if (kind === 'd') return padded(width, (row, at) => String(BigInt.asIntN(8 * size, value(row, at))))
  if (kind === 'u') return padded(width, (row, at) => String(value(row, at)))
  return padded(width, (row, at) =>
    value(row, at)
      .toString(kind === 'x' ? 16 : 8)
      .padStart(width, '0'),
  )
}

function character(b: number): string {
  return ESCAPES[b] ?? (b >= 32 && b < 127 ? String.fromCharCode(b) : b.toString(8).padStart(3, '0'))
}

/** A number in as few digits as tell it from its neighbours, as %g writes them. */
function float(n: number, digits: number): string {
  if (n === 0) return Object.is(n, -0) ? '-0' : '0'
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n < 0 ? '-inf' : 'inf'
  let text = n.toPrecision(digits)
  for (let d = digits === 9 ? 6 : 15; d < digits; d++) {
    const shorter = n.toPrecision(d)
    if (digits === 9 ? Math.fround(Number(shorter)) === n : Number(shorter) === n) {
      text = shorter
      break
    }
  }
  const [mantissa = '', exponent] = Number(text).toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < digits) return String(Number(text))
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** CPU ms that a byte costs. */
const BYTE_COST = 0.00005

export function od(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const skip = size(c, o, 'j') ?? 0
    const types = o.given.flatMap(([letter, value]) => (letter === 't' ? [value] : letter in OLD ? [OLD[letter]!] : []))
    if (o.has('endian')) choice(c, '--endian', o.get('endian')!, [['little'], ['big']])
    const shown = (types.length > 0 ? types : ['o2']).flatMap((each) => notations(c, each, o.get('endian') === 'big'))
    const width = await widthOf(c, o, shown)
    const least = o.has('S') ? (size(c, o, 'S', o.get('S') || '3') ?? 3) : undefined
    const radix = o.get('A') ?? 'o'
    if (!/^[doxn]$/.test(radix)) throw new Fail(`od: invalid output address radix '${radix}'; it must be one character from [doxn]`)
    const address = (n: number): string => {
      if (radix === 'n') return ''
      return radix === 'x' ? n.toString(16).padStart(6, '0') : n.toString(radix === 'd' ? 10 : 8).padStart(7, '0')
    }
    const limit = size(c, o, 'N') ?? Infinity
    if (least !== undefined) {
      for await (const { at, text } of strings(pieces(c, o.operands, skip, limit), least, skip))
        await c.print(`${radix === 'n' ? '' : `${address(at)} `}${text}\n`)
      return c.status
    }
    const rows = new Rows({ width, shown, address, all: o.has('v') }, skip)
    for await (const data of pieces(c, o.operands, skip, limit)) {
      await c.print(rows.more(data))
      await c.work(data.length * BYTE_COST)
    }
    if (c.status !== 0 && rows.offset === skip) return c.status
    await c.print(`${rows.end()}${radix === 'n' ? '' : `${address(rows.offset)}\n`}`)
    return c.status
  })
}

/** An option as it was called: by its letter, or by its long name. */
function named(c: Command, letter: string): string {
  const long = Object.entries(LONG)
    .find(([, each]) => each === letter)?.[0]
    .replace(/=\??$/, '')
  return c.task.argv.some((arg) => arg.startsWith(`--${long}`)) ? `--${long}` : `-${letter}`
}

/** Bytes of a line: a multiple of what every notation takes. */
async function widthOf(c: Command, o: Options, shown: readonly Notation[]): Promise<number> {
  const text = o.has('w') ? o.get('w') || '32' : '16'
  const width = parseSize(text)
  if (width === undefined) throw new Fail(c.busybox ? `od: invalid number '${text}'` : `od: invalid -w argument '${text}'`)
  const unit = Math.max(...shown.map((n) => n.size))
  if (width > 0 && width % unit === 0) return width
  await c.task.writeError(`od: warning: invalid width ${width}; using ${unit} instead\n`)
  return unit
}

/** The runs of printable characters in front of a byte 0, from `least` on, with their places. */
async function* strings(data: AsyncIterable<Uint8Array>, least: number, from: number): AsyncGenerator<{ at: number; text: string }> {
  let run = ''
  let at = from
  for await (const piece of data)
    for (const byte of piece) {
      at++
      if (byte >= 32 && byte < 127) run += String.fromCharCode(byte)
      else {
        if (byte === 0 && run.length >= least) yield { at: at - 1 - run.length, text: run }
        run = ''
      }
      if (run.length > LONGEST_LINE) run = run.slice(-least)
    }
}

function size(c: Command, o: Options, letter: string, text = o.get(letter)): number | undefined {
  if (text === undefined) return undefined
  const n = /^0[xX][0-9a-fA-F]+$/.test(text) ? Number(text) : parseSize(text)
  if (n === undefined) throw new Fail(c.busybox ? `od: invalid number '${text}'` : `od: invalid ${named(c, letter)} argument '${text}'`)
  return n
}

/** The bytes of all files together from `skip` on, at most `limit`, as they come. */
async function* pieces(c: Command, names: readonly string[], skip: number, limit: number): AsyncGenerator<Uint8Array> {
  let have = 0
  for await (const { file } of c.inputs(names)) {
    while (have < skip + limit) {
      const data = await file.read(Math.min(65_536, skip + limit - have))
      if (data.length === 0) break
      const from = Math.min(data.length, Math.max(0, skip - have))
      have += data.length
      if (from < data.length) yield data.subarray(from)
    }
  }
  if (skip > have && !c.busybox) throw new Fail('od: cannot skip past end of combined input')
}

interface Layout {
  width: number
  shown: readonly Notation[]
  address: (n: number) => string
  /** Lines that are alike are all written. */
  all: boolean
}

/** The rows of data that comes in pieces. */
class Rows {
  private rest = Buffer.alloc(0)
  private previous: string | undefined
  private starred = false

  /** @param offset of the next row */
  constructor(
    private readonly layout: Layout,
    public offset: number,
  ) {}

  more(data: Uint8Array): string {
    const all = Buffer.concat([this.rest, data])
    const { width } = this.layout
    let out = ''
    let at = 0
    for (; at + width <= all.length; at += width) out += this.row(all.subarray(at, at + width))
    this.rest = all.subarray(at)
    return out
  }

  end(): string {
    return this.rest.length > 0 ? this.row(this.rest) : ''
  }

  private row(row: Buffer): string {
    const { width, shown, address, all } = this.layout
    const at = this.offset
    this.offset += row.length
    const key = row.toString('latin1')
    if (key === this.previous && row.length === width && !all) {
      const mark = this.starred ? '' : '*\n'
      this.starred = true
      return mark
    }
    this.starred = false
    this.previous = key
    // Cells of several notations stand over each other, as wide as the widest of them asks for each byte.
    const perByte = Math.max(...shown.map((n) => n.width / n.size))
    let out = ''
    shown.forEach((n, i) => {
      let line = i === 0 ? address(at) : ' '.repeat(address(0).length)
      for (let k = 0; k < row.length; k += n.size) line += n.cell(row, k).padStart(Math.round(perByte * n.size))
      if (n.text) {
        const missing = Math.ceil(width / n.size) - Math.ceil(row.length / n.size)
        line += `${' '.repeat(missing * Math.round(perByte * n.size))}  >${key.replace(/[^ -~]/g, '.')}<`
      }
      out += `${line}\n`
    })
    return out
  }
}
