/** The functions that `bc -l` has: sine, cosine, arctangent, logarithm, exponential and Bessel's, cut off at the scale. */
import { rescaled, rootOf, tenTo, type Decimal } from './decimal.js'

/** Digits that are worked out beyond those that are shown. */
const GUARD = 12

/** A number as a whole one, `digits` places to the left. */
const fixed = (x: Decimal, digits: number): bigint => rescaled(x, digits).digits

const shown = (digits: bigint, at: number, scale: number): Decimal => rescaled({ digits, scale: at }, scale)

/** The sum of the Taylor series of arctan(1/n), in units of `one`. */
function arctanOfInverse(n: bigint, one: bigint): bigint {
  let [sum, power] = [0n, one / n]
  for (let k = 1n, sign = 1n; power !== 0n; k += 2n, sign = -sign) {
    sum += (sign * power) / k
    power /= n * n
  }
  return sum
}

/** Pi, by Machin's formula. */
function pi(one: bigint): bigint {
  return 4n * (4n * arctanOfInverse(5n, one) - arctanOfInverse(239n, one))
}

function exponential(x: Decimal, scale: number): Decimal {
  // A large exponent needs as many digits more as the result has before its point.
  const size = Math.min(20_000, Math.abs(Number(x.digits) / 10 ** x.scale))
  const digits = scale + GUARD + Math.ceil(size * 0.44)
  const one = tenTo(digits)
  let value = fixed(x, digits)
  let halvings = 0
  for (; (value < 0n ? -value : value) > one / 8n; halvings++) value /= 2n
  let [sum, term] = [one, one]
  for (let k = 1n; term !== 0n; k++) sum += term = (term * value) / (one * k)
  for (; halvings > 0; halvings--) sum = (sum * sum) / one
  return shown(sum, digits, scale)
}

function logarithm(x: Decimal, scale: number): Decimal {
  // What there is no logarithm of gives the least number that can be written, as the real one does.
  if (x.digits <= 0n) return { digits: (1n - tenTo(scale)) * tenTo(scale), scale }
  const digits = scale + GUARD + x.scale + x.digits.toString().length
  const one = tenTo(digits)
  let value = fixed(x, digits)
  let factor = 2n
  for (; value > 2n * one || value < one / 2n; factor *= 2n) value = rootOf(value * one)
  const z = ((value - one) * one) / (value + one)
  const square = (z * z) / one
  let [sum, power] = [0n, z]
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power = (power * square) / one
  }
  return shown(sum * factor, digits, scale)
}

/** Sine, and cosine a quarter of a turn ahead. */
function sine(x: Decimal, scale: number, ahead = false): Decimal {
  const digits = scale + GUARD + Math.max(0, x.digits.toString().length - x.scale)
  const one = tenTo(digits)
  const half = pi(one)
  let value = fixed(x, digits) + (ahead ? half / 2n : 0n)
  value %= 2n * half
  if (value > half) value -= 2n * half
  if (value < -half) value += 2n * half
  const square = (value * value) / one
  let [sum, term] = [0n, value]
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term
    term = (-term * square) / (one * (k + 1n) * (k + 2n))
  }
  return shown(sum, digits, scale)
}

function arctangent(x: Decimal, scale: number): Decimal {
  const digits = scale + GUARD + x.digits.toString().length
  const one = tenTo(digits)
  let value = fixed(x, digits)
  let doublings = 0n
  for (; (value < 0n ? -value : value) > one / 8n; doublings++) value = (value * one) / (one + rootOf(one * one + value * value))
  const square = (value * value) / one
  let [sum, power] = [0n, value]
  for (let k = 1n, sign = 1n; power !== 0n; k += 2n, sign = -sign) {
    sum += (sign * power) / k
    power = (power * square) / one
  }
  return shown(sum << doublings, digits, scale)
}

/** Bessel's function of a whole order. */
function bessel(order: Decimal, x: Decimal, scale: number): Decimal {
  const given = Number(rescaled(order, 0).digits)
  const n = Math.min(1000, Math.abs(given))
  const digits = scale + GUARD + n + Math.ceil(Math.abs(Number(x.digits) / 10 ** x.scale))
  const one = tenTo(digits)
  const half = fixed(x, digits) / 2n
  let term = one
  for (let k = 1; k <= n; k++) term = (term * half) / (one * BigInt(k))
  const square = (half * half) / one
  let sum = 0n
  for (let k = 1n; term !== 0n; k++) {
    sum += term
    term = (-term * square) / (one * k * (k + BigInt(n)))
  }
  return shown(given < 0 && n % 2 === 1 ? -sum : sum, digits, scale)
}

/** By name: what each makes of its arguments, at a scale. */
export const LIBRARY: Readonly<Record<string, { arguments: number; of(args: readonly Decimal[], scale: number): Decimal }>> = {
  s: { arguments: 1, of: ([x], scale) => sine(x!, scale) },
  c: { arguments: 1, of: ([x], scale) => sine(x!, scale, true) },
  a: { arguments: 1, of: ([x], scale) => arctangent(x!, scale) },
  l: { arguments: 1, of: ([x], scale) => logarithm(x!, scale) },
  e: { arguments: 1, of: ([x], scale) => exponential(x!, scale) },
  j: { arguments: 2, of: ([n, x], scale) => bessel(n!, x!, scale) },
}
