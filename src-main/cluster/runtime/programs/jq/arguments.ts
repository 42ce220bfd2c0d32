/** The arguments of jq's natives: their values, and what is said of one that does not fit. */
import type { Evaluator } from './evaluate.js'
import type { Closure, Native } from './scope.js'
import { typeOf, type Json } from './json.js'
import { excerpt, JqError } from './paths.js'

/** A native of the input alone. */
export function of(f: (value: Json) => Json): Native {
  return (_jq, input) => f(input.value)
}

/** A native of the input and all combinations of its arguments' values. */
export function each(f: (value: Json, ...args: Json[]) => Json): Native {
  return async function* (jq, input, args) {
    for await (const values of product(jq, input.value, args)) yield { value: f(input.value, ...values) }
  }
}

/** All combinations of the values of closures; the last one varies slowest. */
export async function* product(jq: Evaluator, input: Json, args: readonly Closure[]): AsyncGenerator<Json[]> {
  const last = args.at(-1)
  if (!last) {
    yield []
    return
  }
  for await (const value of jq.values(last, input))
    for await (const before of product(jq, input, args.slice(0, -1))) yield [...before, value]
}

export function described(value: Json): string {
  return `${typeOf(value)} (${excerpt(value)})`
}

export function number(value: Json, what = 'number required'): number {
  if (typeof value !== 'number') throw new JqError(`${described(value)} ${what}`)
  return value
}

export function arrayOf(value: Json, verb: string): Json[] {
  if (!Array.isArray(value)) throw new JqError(`${described(value)} cannot be ${verb}, as it is not an array`)
  return value
}
