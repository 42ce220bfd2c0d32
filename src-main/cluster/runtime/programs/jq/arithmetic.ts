/** jq's operators on values. */
import { compare, typeOf, type Json, type JsonObject } from './json.js'
import { excerpt, JqError } from './paths.js'

export type Operator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>='

/** Characters that repeating a string may make. */
const LONGEST = 1 << 26

function describe(value: Json): string {
  return `${typeOf(value)} (${excerpt(value)})`
}

/** `left op right`. Throws {@link JqError} in jq's words. */
export function arithmetic(op: Operator, left: Json, right: Json): Json {
  switch (op) {
    case '==':
      return compare(left, right) === 0
    case '!=':
      return compare(left, right) !== 0
    case '<':
      return compare(left, right) < 0
    case '<=':
      return compare(left, right) <= 0
    case '>':
      return compare(left, right) > 0
    case '>=':
      return compare(left, right) >= 0
    case '+':
      return add(left, right)
    case '-':
      if (typeof left === 'number' && typeof right === 'number') return left - right
      if (Array.isArray(left) && Array.isArray(right)) return left.filter((v) => !right.some((r) => compare(v, r) === 0))
      throw new JqError(`${describe(left)} and ${describe(right)} cannot be subtracted`)
    case '*':
      return multiply(left, right)
    case '/':
      return divide(left, right)
    case '%':
      return remainder(left, right)
  }
}

/** `+`: numbers, strings, arrays, objects; null adds nothing. */
export function add(left: Json, right: Json): Json {
  if (left === null) return right
  if (right === null) return left
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length + right.length > LONGEST) throw new JqError('String too long')
    return left + right
  }
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right]
  if (left instanceof Map && right instanceof Map) return new Map([...left, ...right])
  throw new JqError(`${describe(left)} and ${describe(right)} cannot be added`)
}

function multiply(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (left instanceof Map && right instanceof Map) return merge(left, right)
  const [text, times] = typeof left === 'string' ? [left, right] : [right, left]
  if (typeof text === 'string' && typeof times === 'number') {
    if (!(times > 0)) return null
    const n = times < 1 ? 1 : Math.floor(times)
    if (text.length * n > LONGEST) throw new JqError('Repeat string result too long')
    return text.repeat(n)
  }
  throw new JqError(`${describe(left)} and ${describe(right)} cannot be multiplied`)
}

/** `*` of objects merges them level by level. */
function merge(left: JsonObject, right: JsonObject): JsonObject {
  const out = new Map(left)
  for (const [key, value] of right) {
    const old = out.get(key)
    out.set(key, old instanceof Map && value instanceof Map ? merge(old, value) : value)
  }
  return out
}

function divide(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') {
    if (right === 0) throw new JqError(`${describe(left)} and ${describe(right)} cannot be divided because the divisor is zero`)
    return left / right
  }
  if (typeof left === 'string' && typeof right === 'string') return left === '' ? [] : left.split(right)
  throw new JqError(`${describe(left)} and ${describe(right)} cannot be divided`)
}

function remainder(left: Json, right: Json): Json {
  if (typeof left !== 'number' || typeof right !== 'number') throw new JqError(`${describe(left)} and ${describe(right)} cannot be divided`)
  const divisor = Math.abs(Math.trunc(right))
  if (divisor === 0) throw new JqError(`${describe(left)} and ${describe(right)} cannot be divided (remainder) because the divisor is zero`)
  return (Math.trunc(left) % divisor) + 0
}
