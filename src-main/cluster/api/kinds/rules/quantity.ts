/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `1e9`), exact: amounts are kept as whole billionths in a bigint, the finest
 * step the API keeps. Follows the documented serialisation of `resource.Quantity`: parsing, the canonical form that
 * the server answers with, comparison and arithmetic.
 */

/** Which family of suffixes a quantity was written with; the canonical form keeps it. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  /** Billionths of the unit. */
  readonly nano: bigint
  readonly format: QuantityFormat
  /** How it was written, when the API keeps that instead of the canonical form. */
  readonly text?: string
}

/** Why a text is not a quantity, in the API's words. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'QuantityError'
  }
}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const NANO = 1_000_000_000n
/** Larger amounts that are written in powers of two are cut off here, as the API does. */
const LARGEST_BINARY = (2n ** 63n - 1n) * NANO

const DECIMAL_SUFFIX: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY_SUFFIX: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const DECIMAL_BY_EXPONENT = new Map(Object.entries(DECIMAL_SUFFIX).map(([s, e]) => [e, s]))
const BINARY_NAMES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const parsed = new Map<string, Quantity>()
const PARSED_LIMIT = 4096

/** Reads a quantity. A number is taken as the API takes it: by its digits. Throws {@link QuantityError}. */
export function parseQuantity(text: string | number): Quantity {
  const s = String(text)
  const known = parsed.get(s)
  if (known) return known
  const q = parse(s)
  if (parsed.size >= PARSED_LIMIT) parsed.clear()
  parsed.set(s, q)
  return q
}

function parse(s: string): Quantity {
  // Digits may be missing on either side of the point, and on both.
  const m = s && /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(s)
  if (!m) throw new QuantityError(FORMAT_WRONG)
  const [, sign, whole, fraction = '', suffix] = m as unknown as [string, string, string, string | undefined, string]
  let amount = BigInt(whole + fraction || '0')
  let exponent = -fraction.length
  let format: QuantityFormat = 'DecimalSI'
  if (suffix in DECIMAL_SUFFIX) exponent += DECIMAL_SUFFIX[suffix]!
  else if (suffix in BINARY_SUFFIX) {
    format = 'BinarySI'
  } else {
    const e = /^[eE]([-+]?[0-9]+)$/.exec(suffix)
    if (!e) throw new QuantityError("unable to parse quantity's suffix")
    // Beyond these the amount is zero or cut off anyway; the bound keeps the power small.
    exponent += Math.max(-400, Math.min(400, Number(e[1])))
    format = 'DecimalExponent'
  }
  const kept = keepsText(whole.replace(/^0+/, '') || '0', fraction, suffix, exponent) ? { text: s } : {}
  amount <<= BigInt(BINARY_SUFFIX[suffix] ?? 0)
  exponent += 9
  if (exponent >= 0) amount *= 10n ** BigInt(exponent)
  else {
    const divisor = 10n ** BigInt(-exponent)
    // Finer than a billionth is rounded away from zero.
    amount = (amount + divisor - 1n) / divisor
  }
  if (format === 'BinarySI') {
    if (amount > LARGEST_BINARY) amount = LARGEST_BINARY
    if (amount > 0n && amount < NANO) format = 'DecimalSI'
  }
  return { nano: sign === '-' ? -amount : amount, format, ...kept }
}

/**
 * Whether the API takes a text for the canonical form, without a close look: signs, zeros in front and a fraction of
 * thousandths stay as they were written.
 * @param exponent of ten, that of the last digit
 */
function keepsText(whole: string, fraction: string, suffix: string, exponent: number): boolean {
  const power = BINARY_SUFFIX[suffix]
  if (power !== undefined) {
    return fraction === '' && 14 - whole.length - Math.trunc((power * 3) / 10) >= 0 && BigInt(whole) % 8n !== 0n
  }
  const digits = whole + fraction
  return digits.length <= 18 && exponent >= -9 && exponent % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}

/** Reads a quantity, or gives undefined for what is none. */
export function tryParseQuantity(text: string | number | null | undefined): Quantity | undefined {
  if (text === null || text === undefined) return undefined
  try {
    return parseQuantity(text)
  } catch {
    return undefined
  }
}

/** The canonical text: no fraction, the largest suffix that loses nothing, the family of suffixes kept. */
export function formatQuantity(q: Quantity): string {
  if (q.nano === 0n) return '0'
  if (q.text !== undefined) return q.text
  const sign = q.nano < 0n ? '-' : ''
  const abs = q.nano < 0n ? -q.nano : q.nano
  let { format } = q
  // Small and fractional amounts are not shown in powers of two: that would lose digits.
  if (format === 'BinarySI' && (abs < 1024n * NANO || abs % NANO !== 0n)) format = 'DecimalSI'
  if (format === 'BinarySI') {
    let whole = abs / NANO
    let step = 0
    while (step < 6 && whole % 1024n === 0n) {
      whole /= 1024n
      step++
    }
    return `${sign}${whole}${BINARY_NAMES[step]}`
  }
  let digits = abs
  let exponent = -9
  while ((exponent < 18 || format === 'DecimalExponent') && digits % 1000n === 0n) {
    digits /= 1000n
    exponent += 3
  }
  const suffix = format === 'DecimalSI' ? DECIMAL_BY_EXPONENT.get(exponent)! : exponent === 0 ? '' : `e${exponent}`
  return `${sign}${digits}${suffix}`
}

/** The canonical form of a quantity's text; throws {@link QuantityError}. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text))
}

/** Negative, zero or positive as a is less than, equal to or more than b. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0
}

/** a + b, written as a is (as b is when a is zero). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** a - b, written as a is (as b is when a is zero). */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** The amount in whole units (bytes, pods), fractions rounded away from zero. */
export function quantityValue(q: Quantity): number {
  return Number(roundUp(q.nano, NANO))
}

/** The amount in thousandths (millicores), finer parts rounded away from zero. */
export function quantityMilli(q: Quantity): number {
  return Number(roundUp(q.nano, 1_000_000n))
}

/** Whether the amount is a whole number. */
export function isWhole(q: Quantity): boolean {
  return q.nano % NANO === 0n
}

function roundUp(n: bigint, step: bigint): bigint {
  return n >= 0n ? (n + step - 1n) / step : -((-n + step - 1n) / step)
}
