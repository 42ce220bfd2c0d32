/** numfmt: numbers to and from units that people read. */
import type { Program } from '../process.js'
import { command, Fail, type Options } from './command.js'
import { readAll } from './reading.js'

type Unit = 'none' | 'auto' | 'si' | 'iec' | 'iec-i'

const UNITS: readonly Unit[] = ['none', 'auto', 'si', 'iec', 'iec-i']
const POWERS = 'KMGTPEZYRQ'

const ROUNDINGS: Readonly<Record<string, (n: number) => number>> = {
  up: Math.ceil,
  down: Math.floor,
  'from-zero': (n) => (n < 0 ? Math.floor(n) : Math.ceil(n)),
  'towards-zero': Math.trunc,
  nearest: (n) => Math.sign(n) * Math.round(Math.abs(n)),
}

interface How {
  readonly from: Unit
  readonly to: Unit
  readonly fromUnit: number
  readonly toUnit: number
  readonly round: (n: number) => number
  readonly suffix: string
  /** What --format says: text around the number, its width, its digits after the point. */
  readonly format?: { before: string; after: string; width: number; left: boolean; zero: boolean; digits?: number } | undefined
  readonly padding: number
}

/** Throws Fail for what is no number with the suffixes that `from` allows. */
function parse(text: string, { from, fromUnit, suffix }: How): { value: number; decimals: number } {
  const plain = suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  const m = /^([-+]?)(\d+(?:\.(\d*))?|\.(\d+))(.*)$/.exec(plain)
  if (!m) throw new Fail(`numfmt: invalid number: '${text}'`, 2)
  const number = Number(m[1] + m[2]!)
  const rest = m[5]!
  const decimals = (m[3] ?? m[4] ?? '').length
  if (rest === '') return { value: number * fromUnit, decimals }
  const power = POWERS.indexOf(rest[0]!.toUpperCase())
  const known = power >= 0 && (rest[0] === 'k' || rest[0] === rest[0]!.toUpperCase())
  if (!known) throw new Fail(`numfmt: invalid suffix in input: '${text}'`, 2)
  if (from === 'none') throw new Fail(`numfmt: rejecting suffix in input: '${text}' (consider using --from)`, 2)
  if (from === 'iec-i' && rest[1] !== 'i') throw new Fail(`numfmt: missing 'i' suffix in input: '${text}' (e.g Ki/Mi/Gi)`, 2)
  const withI = rest[1] === 'i' && (from === 'auto' || from === 'iec-i')
  if (rest.length > (withI ? 2 : 1)) throw new Fail(`numfmt: invalid suffix in input '${text}': '${rest.slice(withI ? 2 : 1)}'`, 2)
  const base = from === 'si' || (from === 'auto' && !withI) ? 1000 : 1024
  return { value: number * base ** (power + 1) * fromUnit, decimals: 0 }
}

function show(value: number, decimals: number, how: How): string {
  const { to, round, format } = how
  const n = value / how.toUnit
  if (to === 'none') {
    const digits = format?.digits ?? decimals
    return `${(round(Number((n * 10 ** digits).toPrecision(15))) / 10 ** digits).toFixed(digits)}${how.suffix}`
  }
  const base = to === 'si' ? 1000 : 1024
  let [scaled, power] = [n, 0]
  for (; Math.abs(scaled) >= base && power < POWERS.length; power++) scaled /= base
  const rounded = (digits: number): number => round(Number((scaled * 10 ** digits).toPrecision(15))) / 10 ** digits
  // Below ten a tenth counts; it is shown where there is a unit, and else rounded off once more, to the even number.
  const digitsOf = (): number => format?.digits ?? (Math.abs(scaled) < 10 ? 1 : 0)
  let digits = digitsOf()
  let shown = rounded(digits)
  if (Math.abs(shown) >= base && power < POWERS.length) {
    scaled = shown / base
    power++
    digits = digitsOf()
    shown = rounded(digits)
  }
  if (format?.digits === undefined && digits === 1 && (power === 0 || Math.abs(shown) >= 10)) {
    digits = 0
    shown = Math.abs(shown % 1) === 0.5 ? 2 * Math.round(shown / 2) : Math.round(shown)
  }
  const unit = power === 0 ? '' : `${POWERS[power - 1]}${to === 'iec-i' ? 'i' : ''}`
  return `${shown.toFixed(digits)}${unit}${how.suffix}`
}

/** One number as it is asked for. @param width how wide the field was, for who says nothing of padding */
function converted(text: string, how: How, width: number): string {
  const { value, decimals } = parse(text, how)
  const { format, padding } = how
  let out = show(value, decimals, how)
  if (format) {
    if (format.zero) out = out.padStart(format.width, '0')
    else out = format.left ? out.padEnd(format.width) : out.padStart(format.width)
    out = format.before + out + format.after
  }
  if (padding !== 0) return padding > 0 ? out.padStart(padding) : out.padEnd(-padding)
  return out.padStart(width)
}

function formatOf(text: string | undefined): How['format'] {
  if (text === undefined) return undefined
  const m = /^((?:[^%]|%%)*)%(['0-]*)(\d*)(?:\.(\d*))?f((?:[^%]|%%)*)$/.exec(text)
  if (!m) {
    const why = text.includes('%')
      ? `invalid format '${text}', directive must be %[0]['][-][N][.][N]f`
      : `format '${text}' has no % directive`
    throw new Fail(`numfmt: ${why}`)
  }
  const digits = m[4] === undefined ? {} : { digits: Number(m[4] || 0) }
  const around = (part: string): string => part.replaceAll('%%', '%')
  return {
    before: around(m[1]!),
    after: around(m[5]!),
    width: Number(m[3] || 0),
    left: m[2]!.includes('-'),
    zero: m[2]!.includes('0'),
    ...digits,
  }
}

/** `2`, `1-3`, `-`: whether a field, counted from 1, is one of those. */
function fieldsOf(text: string): (n: number) => boolean {
  const ranges = text.split(',').map((part) => {
    const m = /^(\d*)(-?)(\d*)$/.exec(part)
    if (!m || part === '') throw new Fail(`numfmt: invalid field value '${part}'`)
    return { from: Number(m[1] || 1), to: m[2] ? Number(m[3] || Infinity) : Number(m[1]) }
  })
  return (n) => ranges.some(({ from, to }) => n >= from && n <= to)
}

function unitOf(o: Options, letter: string): Unit {
  const text = o.get(letter) ?? 'none'
  const option = letter === 'F' ? '--from' : '--to'
  if (!(UNITS as readonly string[]).includes(text) || (letter === 'T' && text === 'auto'))
    throw new Fail(`numfmt: invalid argument '${text}' for '${option}'`)
  return text as Unit
}

function sizeOf(text: string | undefined): number {
  const m = /^(\d*)([KMGTPE]?)(i?)$/.exec(text ?? '1')
  if (!m || text === '' || m[1] === '0') throw new Fail(`numfmt: invalid unit size: '${text}'`)
  return Number(m[1] || 1) * (m[2] ? (m[3] ? 1024 : 1000) ** (POWERS.indexOf(m[2]) + 1) : 1)
}

export function numfmt(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options({
      short: 'd:z',
      long: {
        'delimiter=': 'd', 'field=': 'N', 'format=': 'f', 'from=': 'F', 'from-unit=': 'u', grouping: 'g', 'header=?': 'H', 'invalid=': 'I',
        'padding=': 'p', 'round=': 'r', 'suffix=': 'S', 'to=': 'T', 'to-unit=': 'U', 'zero-terminated': 'z', debug: 'debug',
      }, // prettier-ignore
      usage: '[OPTION]... [NUMBER]...',
    })
    const rounding = o.get('r') ?? 'from-zero'
    if (!Object.hasOwn(ROUNDINGS, rounding)) throw new Fail(`numfmt: invalid argument '${rounding}' for '--round'`)
    const padding = Number(o.get('p') ?? 0)
    if (o.has('p') && (!Number.isInteger(padding) || padding === 0)) throw new Fail(`numfmt: invalid padding value '${o.get('p')}'`)
    const how: How = {
      from: unitOf(o, 'F'),
      to: unitOf(o, 'T'),
      fromUnit: sizeOf(o.get('u')),
      toUnit: sizeOf(o.get('U')),
      round: ROUNDINGS[rounding]!,
      suffix: o.get('S') ?? '',
      format: formatOf(o.get('f')),
      padding,
    }
    const header = o.has('H') ? o.get('H') || '1' : '0'
    if (!/^\d+$/.test(header) || (o.has('H') && Number(header) === 0)) throw new Fail(`numfmt: invalid header value '${header}'`)
    if (o.has('debug') && how.from === 'none' && how.to === 'none' && !o.has('p') && !o.has('f'))
      await c.task.writeError('numfmt: no conversion option specified\n')
    const end = o.has('z') ? '\0' : '\n'
    const chosen = fieldsOf(o.get('N') ?? '1')
    const mode = o.get('I') ?? 'abort'
    let status = 0
    const field = async (text: string, width: number): Promise<string> => {
      try {
        return converted(text, how, width)
      } catch (error) {
        if (!(error instanceof Fail) || mode === 'abort') throw error
        if (mode !== 'ignore') await c.task.writeError(`${error.message}\n`)
        if (mode === 'fail') status = 2
        return text
      }
    }
    const line = async (text: string): Promise<string> => {
      const delimiter = o.get('d')
      const parts = delimiter === undefined ? (text.match(/\s*\S+|\s+$/g) ?? ['']) : text.split(delimiter)
      const out: string[] = []
      for (const [i, part] of parts.entries()) {
        const number = part.trimStart()
        if (!chosen(i + 1) || (number === '' && i > 0)) out.push(part)
        else if (delimiter !== undefined) out.push(await field(part, 0))
        else {
          // One blank is between fields; more of them are room that the number may have.
          const between = i > 0 ? part[0]! : ''
          const room = part.length - between.length
          out.push(between + (await field(number, room > number.length ? room : 0)))
        }
      }
      return out.join(delimiter ?? '')
    }
    if (o.operands.length > 0) {
      for (const operand of o.operands) await c.print(`${await line(operand)}${end}`)
      return status
    }
    const text = (await readAll(c.task.fd(0)!)).toString('utf8')
    const headers = Number(header)
    const all = text.endsWith(end) ? text.slice(0, -1).split(end) : text === '' ? [] : text.split(end)
    for (const [i, each] of all.entries()) await c.print(`${i < headers ? each : await line(each)}${end}`)
    return status
  })
}
