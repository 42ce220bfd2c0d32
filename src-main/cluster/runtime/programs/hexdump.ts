/** hexdump: bytes in the format of its options, or of the format strings that it is given (hexdump(1)). */
import type { OpenFile, Program } from '../process.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { parseSize } from './sizes.js'

/** A part of a format string: what is printed for each of its `count` pieces of `bytes` bytes. */
interface Unit {
  count: number
  /** The count was written in front of it: the unit does not stretch to the end of a line. */
  counted: boolean
  bytes: number
  pieces: Piece[]
}

/** Literal text, or a conversion: `%5.3d`, `%_ax`, `%_p`. */
type Piece = string | { flags: string; width: number; precision?: number; conversion: string }

const OFFSET = '"%07.7_Ax\n"'
const LINES: Readonly<Record<string, readonly string[]>> = {
  '': [OFFSET, '"%07.7_ax " 8/2 "%04x " "\n"'],
  b: [OFFSET, '"%07.7_ax " 16/1 "%03o " "\n"'],
  c: [OFFSET, '"%07.7_ax " 16/1 "%3_c " "\n"'],
  C: ['"%08.8_Ax\n"', '"%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x " ', '"  |" 16/1 "%_p" "|\n"'],
  d: [OFFSET, '"%07.7_ax " 8/2 "  %05u " "\n"'],
  o: [OFFSET, '"%07.7_ax " 8/2 " %06o " "\n"'],
  x: [OFFSET, '"%07.7_ax " 8/2 "   %04x " "\n"'],
}

const SPEC = {
  short: 'bcdoxCve:f:n:s:',
  long: { 'one-byte-octal': 'b', 'one-byte-char': 'c', canonical: 'C', 'two-bytes-decimal': 'd', 'two-bytes-octal': 'o', 'two-bytes-hex': 'x', 'format=': 'e', 'format-file=': 'f', 'length=': 'n', 'skip=': 's', 'no-squeezing': 'v' },
  usage: '[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...',
} // prettier-ignore

/** CPU ms that a byte costs. */
const BYTE_COST = 0.00005

export function hexdump(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const sources = [
      ...o.all('e'),
      ...o.all('f').flatMap((path) =>
        c.fs
          .readText(path)
          .split('\n')
          .filter((l) => /^[^#]/.test(l)),
      ),
    ]
    const letter = c.name === 'hd' ? 'C' : [...'bcCdox'].filter((l) => o.has(l))
    for (const l of letter) sources.push(...LINES[l]!)
    if (sources.length === 0) sources.push(...LINES['']!)
    const formats = sources.map((s) => parseFormat(c, s))
    const skip = parseSize(o.get('s') ?? '0') ?? 0
    let left = o.has('n') ? (parseSize(o.get('n')!) ?? 0) : Infinity
    let skipped = 0
    const dump = new Dump(formats, skip, o.has('v'))
    for await (const { name, file } of c.inputs(o.operands)) {
      if (skip > 0 && name === '-' && (file as OpenFile).kind !== 'file') throw new Fail(`${c.name}: stdin: Illegal seek`)
      while (left > 0) {
        let data = await file.read(Math.min(65_536, left + skip - skipped))
        if (data.length === 0) break
        const skipping = Math.min(data.length, skip - skipped)
        skipped += skipping
        data = data.subarray(skipping)
        left -= data.length
        await c.print(Buffer.from(dump.more(data), 'latin1'))
        await c.work(data.length * BYTE_COST)
      }
      if (left <= 0) break
    }
    await c.print(Buffer.from(dump.end(), 'latin1'))
    return c.status
  })
}

/** What the formats print of data that comes in pieces; blocks that are alike are one `*`, unless `verbose`. */
class Dump {
  private readonly block: number
  private rest = Buffer.alloc(0)
  private previous: string | undefined
  private starred = false

  /** @param offset where in the file the data begins */
  constructor(
    private readonly formats: Unit[][],
    private offset: number,
    private readonly verbose: boolean,
  ) {
    this.block = Math.max(1, ...formats.map((units) => units.reduce((n, u) => n + u.count * u.bytes, 0)))
    for (const units of formats) stretch(units, this.block)
  }

  more(data: Uint8Array): string {
    const all = Buffer.concat([this.rest, data])
    let out = ''
    let at = 0
    for (; at + this.block <= all.length; at += this.block) out += this.one(all.subarray(at, at + this.block))
    this.rest = all.subarray(at)
    return out
  }

  end(): string {
    let out = this.rest.length > 0 ? this.one(this.rest) : ''
    for (const units of this.formats) out += atEnd(this.offset, units)
    return out
  }

  private one(data: Buffer): string {
    const from = this.offset
    this.offset += data.length
    const key = data.toString('latin1')
    if (!this.verbose && key === this.previous) {
      const mark = this.starred ? '' : '*\n'
      this.starred = true
      return mark
    }
    this.previous = key
    this.starred = false
    return this.formats.map((units) => line(data, from, units)).join('')
  }
}

/** The last unit without a count of its own goes on to the end of the block. */
function stretch(units: Unit[], block: number): void {
  const used = units.reduce((n, u) => n + u.count * u.bytes, 0)
  const last = units.at(-1)
  if (last && !last.counted && last.bytes > 0 && used < block) last.count += Math.floor((block - used) / last.bytes)
}

/** One block in a format. @param from its offset */
function line(data: Buffer, from: number, units: readonly Unit[]): string {
  let out = ''
  let at = 0
  for (const unit of units) {
    for (let i = 0; i < unit.count; i++) {
      let text = ''
      for (const piece of unit.pieces) {
        if (typeof piece === 'string') text += piece
        else if (piece.conversion.startsWith('_A')) continue
        else if (piece.conversion.startsWith('_a')) text += number(BigInt(from + at), piece, piece.conversion[2]!)
        else if (at < data.length) text += convert(data.subarray(at, at + unit.bytes), unit.bytes, piece)
        else text += ' '.repeat(piece.width)
      }
      if (unit.pieces.some((p) => typeof p !== 'string' && p.conversion.startsWith('_A'))) continue
      // Blanks behind the last piece of several are left out.
      out += unit.count > 1 && i === unit.count - 1 ? text.replace(/(?<=\S|^ *)[ \t]+$/, (blanks) => trimmedLast(unit, blanks)) : text
      at += unit.bytes
    }
  }
  return out
}

/** The blanks at the end of a unit that belong to its last conversion, without those that its format has behind it. */
function trimmedLast(unit: Unit, blanks: string): string {
  const last = unit.pieces.at(-1)
  const own = typeof last === 'string' ? /[ \t]*$/.exec(last)![0].length : 0
  return blanks.slice(0, blanks.length - own)
}

/** What `%_A` prints when all is done. */
function atEnd(offset: number, units: readonly Unit[]): string {
  const unit = units.find((u) => u.pieces.some((p) => typeof p !== 'string' && p.conversion.startsWith('_A')))
  if (!unit || offset === 0) return ''
  return unit.pieces.map((p) => (typeof p === 'string' ? p : number(BigInt(offset), p, p.conversion[2]!))).join('')
}

function number(value: bigint, piece: Exclude<Piece, string>, base: string): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString({ x: 16, X: 16, o: 8 }[base] ?? 10)
  const shown = (negative ? '-' : '') + (base === 'X' ? digits.toUpperCase() : digits).padStart(piece.precision ?? 0, '0')
  return pad(shown, piece)
}

function pad(text: string, { flags, width, precision }: Exclude<Piece, string>): string {
  if (flags.includes('-')) return text.padEnd(width)
  return text.padStart(width, flags.includes('0') && precision === undefined ? '0' : ' ')
}

const NAMED = 'nul soh stx etx eot enq ack bel bs ht lf vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us'.split(
  ' ',
)
const ESCAPES: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }

function convert(bytes: Buffer, size: number, piece: Exclude<Piece, string>): string {
  const b = bytes[0]!
  const isShown = b >= 32 && b < 127
  switch (piece.conversion) {
    case '_p':
      return pad(isShown ? String.fromCharCode(b) : '.', piece)
    case '_c':
      return pad(ESCAPES[b] ?? (isShown ? String.fromCharCode(b) : b.toString(8).padStart(3, '0')), piece)
    case '_u':
      return pad(b === 127 ? 'del' : (NAMED[b] ?? (isShown ? String.fromCharCode(b) : b.toString(16).padStart(2, '0'))), piece)
    case 'c':
      return pad(String.fromCharCode(b), piece)
    case 's':
      return pad(bytes.toString('latin1').split('\0')[0]!.slice(0, piece.precision), piece)
    case 'e':
    case 'f':
    case 'g':
    case 'E':
    case 'G': {
      const whole = Buffer.concat([bytes, Buffer.alloc(8)])
      const value = size === 4 ? whole.readFloatLE(0) : whole.readDoubleLE(0)
      const text = piece.conversion === 'f' ? value.toFixed(piece.precision ?? 6) : piece.conversion === 'g' ? String(value) : value.toExponential(piece.precision ?? 6)
      return pad(text, piece)
    } // prettier-ignore
    default: {
      let value = 0n
      for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
      return number('di'.includes(piece.conversion) ? BigInt.asIntN(8 * size, value) : value, piece, piece.conversion)
    }
  }
}

/** Bytes that a conversion takes when its unit does not say. */
function bytesOf(conversion: string): number {
  if (/^(_[pcu]|c)$/.test(conversion)) return 1
  if (conversion.startsWith('_')) return 0
  return /[efgEG]/.test(conversion) ? 8 : 4
}

/** The units of a format string: `[COUNT/BYTES] "FORMAT"`, any number of them. */
function parseFormat(c: Command, source: string): Unit[] {
  const units: Unit[] = []
  const scan = /\s*(?:(\d+)(?:\/(\d+)|(?=\s|"))|\/(\d+))?\s*"((?:[^"\\]|\\[^])*)"/y
  let at = 0
  while (source.slice(at).trim() !== '') {
    scan.lastIndex = at
    const m = scan.exec(source)
    if (!m) throw new Fail(`${c.name}: bad format {${source}}`)
    at = scan.lastIndex
    const pieces = parsePieces(m[4]!)
    const conversions = pieces.filter((p) => typeof p !== 'string')
    const own = Math.max(0, ...conversions.map((p) => (p.conversion === 's' ? (p.precision ?? 1) : bytesOf(p.conversion))))
    units.push({
      count: m[1] === undefined ? 1 : Number(m[1]),
      counted: m[1] !== undefined,
      bytes: own === 0 ? 0 : Number(m[2] ?? m[3] ?? own),
      pieces,
    })
  }
  return units
}

const BACKSLASHED: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '0': '\0' }

function parsePieces(format: string): Piece[] {
  const text = format.replace(/\\(.)/g, (_, e: string) => BACKSLASHED[e] ?? e)
  const pieces: Piece[] = []
  let from = 0
  for (const m of text.matchAll(/%(%|([-+ #0]*)(\d*)(?:\.(\d*))?(_[aA][dox]|_[cpu]|[cdiouxXeEfgGs]))/g)) {
    if (m.index > from) pieces.push(text.slice(from, m.index))
    from = m.index + m[0].length
    if (m[1] === '%') pieces.push('%')
    else pieces.push({ flags: m[2]!, width: Number(m[3]), conversion: m[5]!, ...(m[4] === undefined ? {} : { precision: Number(m[4]) }) })
  }
  if (from < text.length) pieces.push(text.slice(from))
  return pieces
}
