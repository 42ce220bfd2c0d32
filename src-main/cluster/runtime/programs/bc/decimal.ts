/** Decimal numbers of any length, with the scales that bc and dc give to results (POSIX bc, "Operations"). */

/** A number: `digits` without its point, which stands `scale` digits from the right. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** What bc and dc tell of an operation that cannot be done. */
export class MathError extends Error {}

/** The digits that a number may have: more would keep the machine busy for nothing. */
const MOST_DIGITS = 200_000

export const ZERO: Decimal = { digits: 0n, scale: 0 }
export const ONE: Decimal = { digits: 1n, scale: 0 }

const powers: bigint[] = [1n]

/** Ten to a power. */
export function tenTo(n: number): bigint {
  if (n > 2000) return 10n ** BigInt(n)
  for (let i = powers.length; i <= n; i++) powers.push(powers[i - 1]! * 10n)
  return powers[n]!
}

export function integer(n: number | bigint): Decimal {
  return { digits: BigInt(n), scale: 0 }
}

/** The same number with another scale: what has no place is cut off. */
export function rescaled({ digits, scale }: Decimal, to: number): Decimal {
  if (to === scale) return { digits, scale }
  return { digits: to > scale ? digits * tenTo(to - scale) : digits / tenTo(scale - to), scale: to }
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [rescaled(a, scale).digits, rescaled(b, scale).digits, scale]
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b)
  return { digits: x + y, scale }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negated(b))
}

export function negated({ digits, scale }: Decimal): Decimal {
  return { digits: -digits, scale }
}

export function compare(a: Decimal, b: Decimal): number {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

export const isZero = ({ digits }: Decimal): boolean => digits === 0n

/** How many digits a number has that count. */
export function lengthOf({ digits, scale }: Decimal): number {
  const text = (digits < 0n ? -digits : digits).toString()
  return Math.max(text === '0' ? (scale === 0 ? 1 : 0) : text.length, scale)
}

function bounded(digits: number): void {
  if (digits > MOST_DIGITS) throw new MathError('Out of memory')
}

export function multiply(a: Decimal, b: Decimal, scale: number): Decimal {
  const wanted = Math.min(a.scale + b.scale, Math.max(scale, a.scale, b.scale))
  const digits = a.digits * b.digits
  bounded(digits.toString(16).length)
  return rescaled({ digits, scale: a.scale + b.scale }, wanted)
}

/** Throws MathError for a zero. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  if (isZero(b)) throw new MathError('Divide by zero')
  const shift = scale + b.scale - a.scale
  const digits = shift >= 0 ? (a.digits * tenTo(shift)) / b.digits : a.digits / (b.digits * tenTo(-shift))
  return { digits, scale }
}

/** What is left of a division at a scale. Throws MathError for a zero. */
export function remainder(a: Decimal, b: Decimal, scale: number): Decimal {
  if (isZero(b)) throw new MathError('Modulo by zero')
  const quotient = divide(a, b, scale)
  const wanted = Math.max(a.scale, b.scale + scale)
  const product = { digits: quotient.digits * b.digits, scale: quotient.scale + b.scale }
  return rescaled(subtract(a, product), wanted)
}

/** A power with a whole exponent. Throws MathError. */
export function power(a: Decimal, b: Decimal, scale: number): Decimal {
  const exponent = Number(rescaled(b, 0).digits)
  if (!Number.isSafeInteger(exponent)) throw new MathError('exponent too large in raise')
  if (exponent === 0) return ONE
  const n = Math.abs(exponent)
  bounded(n * Math.max(1, lengthOf(a) - (isZero(a) || a.digits === 1n || a.digits === -1n ? 1 : 0)) - n)
  const whole = { digits: a.digits ** BigInt(n), scale: a.scale * n }
  if (exponent < 0) return divide(ONE, whole, scale)
  return rescaled(whole, Math.min(a.scale * n, Math.max(scale, a.scale)))
}

/** The whole part of the square root of a whole number. */
export function rootOf(n: bigint): bigint {
  if (n < 2n) return n
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** Throws MathError for a number below zero. */
export function squareRoot(a: Decimal, scale: number): Decimal {
  if (a.digits < 0n) throw new MathError('Square root of a negative number')
  const wanted = Math.max(scale, a.scale)
  return { digits: rootOf(a.digits * tenTo(2 * wanted - a.scale)), scale: wanted }
}

const DIGITS = '0123456789ABCDEF'

/** A number as it is written in a base; digits that the base has not are its last one. */
export function parseNumber(text: string, base: number): Decimal {
  const [whole = '', fraction = ''] = text.split('.')
  const alone = whole.length + fraction.length === 1
  const value = (ch: string): bigint => BigInt(alone ? DIGITS.indexOf(ch) : Math.min(DIGITS.indexOf(ch), base - 1))
  if (base === 10 && /^\d*$/.test(whole + fraction)) return { digits: BigInt(whole + fraction || '0'), scale: fraction.length }
  let digits = 0n
  for (const ch of whole) digits = digits * BigInt(base) + value(ch)
  if (fraction === '') return { digits, scale: 0 }
  let [top, bottom] = [0n, 1n]
  for (const ch of fraction) {
    top = top * BigInt(base) + value(ch)
    bottom *= BigInt(base)
  }
  return { digits: digits * tenTo(fraction.length) + (top * tenTo(fraction.length)) / bottom, scale: fraction.length }
}

/** A number as bc prints it: no zero before the point; bases above 16 have numbers for digits, with blanks before them. */
export function format(n: Decimal, base: number, leadingZero = false): string {
  if (isZero(n)) return '0'
  const sign = n.digits < 0n ? '-' : ''
  const abs = n.digits < 0n ? -n.digits : n.digits
  const unit = tenTo(n.scale)
  const whole = abs / unit
  let fraction = abs % unit
  if (base === 10) {
    const text = n.scale === 0 ? '' : `.${fraction.toString().padStart(n.scale, '0')}`
    return `${sign}${whole === 0n && text !== '' && !leadingZero ? '' : whole}${text}`
  }
  const width = String(base - 1).length
  const digit = (value: bigint, first: boolean): string =>
    base <= 16 ? DIGITS[Number(value)]! : `${first ? '' : ' '}${value.toString().padStart(width, '0')}`
  let text = ''
  if (base <= 16) text = whole === 0n ? '' : whole.toString(base).toUpperCase()
  else for (let left = whole; left > 0n; left /= BigInt(base)) text = digit(left % BigInt(base), false) + text
  if (n.scale > 0) {
    text += '.'
    for (let t = 1n, first = true; t.toString().length <= n.scale; t *= BigInt(base), first = false) {
      fraction *= BigInt(base)
      text += digit(fraction / unit, first)
      fraction %= unit
    }
  }
  return sign + text
}
