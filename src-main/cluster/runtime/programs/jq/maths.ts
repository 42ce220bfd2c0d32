/** The mathematical builtins of jq, under the names that C has for them. */
import { each, number, of } from './arguments.js'
import type { Native } from './scope.js'
import type { Json } from './json.js'

/** The nearest whole number, of two that are as near the even one. */
function even(n: number): number {
  const low = Math.floor(n)
  if (n - low !== 0.5) return Math.round(n)
  return low % 2 === 0 ? low : low + 1
}

/** A number between a half and one, and the power of two that makes it the number again. */
function parts(n: number): [fraction: number, exponent: number] {
  if (n === 0 || !Number.isFinite(n)) return [n, 0]
  const exponent = Math.floor(Math.log2(Math.abs(n))) + 1
  const fraction = n / 2 ** exponent
  return Math.abs(fraction) >= 1
    ? [fraction / 2, exponent + 1]
    : Math.abs(fraction) < 0.5
      ? [fraction * 2, exponent - 1]
      : [fraction, exponent]
}

/** The double next to a number on the way to another. */
function next(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to) || from === to) return to
  if (from === 0) return to > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, from)
  view.setBigInt64(0, view.getBigInt64(0) + (to > from === from > 0 ? 1n : -1n))
  return view.getFloat64(0)
}

const ONE: Readonly<Record<string, (n: number) => number>> = {
  floor: Math.floor, ceil: Math.ceil, round: (n) => Math.sign(n) * Math.round(Math.abs(n)), trunc: Math.trunc, sqrt: Math.sqrt, cbrt: Math.cbrt,
  fabs: Math.abs, exp: Math.exp, exp2: (n) => 2 ** n, exp10: (n) => 10 ** n, pow10: (n) => 10 ** n, expm1: Math.expm1, log: Math.log, log2: Math.log2,
  log10: Math.log10, log1p: Math.log1p, sin: Math.sin, cos: Math.cos, tan: Math.tan, asin: Math.asin, acos: Math.acos, atan: Math.atan, sinh: Math.sinh,
  cosh: Math.cosh, tanh: Math.tanh, asinh: Math.asinh, acosh: Math.acosh, atanh: Math.atanh, rint: even, nearbyint: even,
  significand: (n) => (n === 0 || !Number.isFinite(n) ? n : parts(n)[0] * 2), logb: (n) => (n === 0 ? -Infinity : parts(n)[1] - 1),
} // prettier-ignore

const TWO: Readonly<Record<string, (a: number, b: number) => number>> = {
  pow: (a, b) => a ** b, atan2: Math.atan2, fmod: (a, b) => a % b, hypot: Math.hypot, fmin: Math.min, fmax: Math.max, fdim: (a, b) => Math.max(0, a - b),
  copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)), ldexp: (a, b) => a * 2 ** b, scalb: (a, b) => a * 2 ** b,
  scalbln: (a, b) => a * 2 ** Math.trunc(b), drem: (a, b) => a - b * even(a / b), remainder: (a, b) => a - b * even(a / b), nextafter: next, nexttoward: next,
} // prettier-ignore

export const mathNatives: Readonly<Record<string, Native>> = {
  ...Object.fromEntries(Object.entries(ONE).map(([name, f]) => [`${name}/0`, of((v) => f(number(v)))])),
  ...Object.fromEntries(Object.entries(TWO).map(([name, f]) => [`${name}/2`, each((_v, a, b) => f(number(a!), number(b!)))])),
  'fma/3': each((_v, a, b, c) => number(a!) * number(b!) + number(c!)),
  'frexp/0': of((v) => parts(number(v)) as Json),
  'modf/0': of((v) => [number(v) % 1, Math.trunc(v as number)]),
}
