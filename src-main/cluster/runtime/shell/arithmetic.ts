/** Shell arithmetic (XCU 2.6.4): C expressions over signed 64-bit integers. */

import type { Dialect } from './ast.js'

/** Variables as an expression sees them. */
export interface ArithmeticVariables {
  get(name: string, index?: string): string | undefined
  set(name: string, value: string, index?: string): void
  /** Whether the subscripts of a name are keys, not numbers: an associative array. */
  keyed?(name: string): boolean
}

/** A wrong expression; each shell words it in its own way. */
export class ArithmeticError extends Error {
  constructor(
    readonly kind: 'syntax' | 'division' | 'recursion' | 'number' | 'exponent' | 'base',
    readonly rest: string,
    readonly expression: string,
    message: string,
  ) {
    super(message)
    this.name = 'ArithmeticError'
  }
}

const TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|\d+#[0-9A-Za-z@_]+|\d+|[A-Za-z_][A-Za-z0-9_]*|\*\*=?|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%&|^!~<>=?:,()[\]])/y

/** dash has no ++, --, ** and comma, and reads octals digit by digit. */
const DASH_TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*|[A-Za-z_][A-Za-z0-9_]*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^!~<>=?:()])/y

const WORD = /\w+/y

const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='])

/** How closely each operator binds. */
const BINDS: ReadonlyMap<string, number> = new Map(
  [['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']].flatMap((operators, level) =>
    operators.map((operator) => [operator, level] as const),
  ),
)

/** The digits of numbers with a base, as in `64#@_`. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'

/** A value that may be assigned to. */
interface Value {
  value: bigint
  name?: string
  index?: string
}

/** Evaluates `expression`. Throws {@link ArithmeticError}. An empty expression is 0. */
export function evaluate(expression: string, variables: ArithmeticVariables, dialect: Dialect = 'dash', depth = 0): bigint {
  const bash = dialect === 'bash'
  if (depth > 100) throw new ArithmeticError('recursion', expression, expression, 'expression recursion level exceeded')
  let position = 0
  let tokenEnd = 0
  let token: string | undefined

  const at = (t: string): boolean => token === t
  const advance = (): void => {
    position = tokenEnd
    const pattern = dialect === 'dash' ? DASH_TOKEN : TOKEN
    pattern.lastIndex = position
    const m = pattern.exec(expression)
    if (m) {
      token = m[1]!
      tokenEnd = pattern.lastIndex
    } else {
      token = undefined
      if (expression.slice(position).trim() !== '') token = expression.slice(position).trim()[0]
    }
  }
  const fail = (message: string): never => {
    throw new ArithmeticError('syntax', expression.slice(position), expression, message)
  }
  const tooGreat = (text: string): never => {
    throw new ArithmeticError('base', text, expression, 'value too great for base')
  }
  const wrap = (n: bigint): bigint => BigInt.asIntN(64, n)

  const read = (name: string, index?: string): bigint => {
    const text = (variables.get(name, index) ?? '').trim()
    if (text === '') return 0n
    if (/^[-+]?\d+$/.test(text) && !/^[-+]?0\d/.test(text)) return wrap(BigInt(text))
    // dash takes the value as a number, the others as an expression again.
    if (dialect === 'dash' && !/^[-+]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(text))
      throw new ArithmeticError('number', text, expression, `Illegal number: ${text}`)
    return evaluate(text, variables, dialect, depth + 1)
  }

  const number = (text: string): bigint => {
    const base = /^(\d+)#(.+)$/.exec(text)
    if (base) {
      const radix = BigInt(base[1]!)
      let n = 0n
      for (const c of base[2]!) {
        const digit = DIGITS.indexOf(radix <= 36n ? c.toLowerCase() : c)
        if (digit < 0 || BigInt(digit) >= radix) return tooGreat(text)
        n = n * radix + BigInt(digit)
      }
      return wrap(n)
    }
    if (/^0[xX]/.test(text)) return wrap(BigInt(text))
    if (/^0\d/.test(text)) {
      if (/[89]/.test(text)) return tooGreat(text)
      return wrap(BigInt(`0o${text.slice(1)}`))
    }
    return wrap(BigInt(text))
  }

  const operate = (op: string, a: bigint, b: bigint): bigint => {
    switch (op) {
      case '+':
        return wrap(a + b)
      case '-':
        return wrap(a - b)
      case '*':
        return wrap(a * b)
      case '/':
      case '%':
        if (b === 0n) throw new ArithmeticError('division', expression.slice(position), expression, 'division by zero')
        return wrap(op === '/' ? a / b : a % b)
      case '<<':
        return wrap(a << (b & 63n))
      case '>>':
        return wrap(a >> (b & 63n))
      case '&':
        return a & b
      case '|':
        return a | b
      case '^':
        return a ^ b
      case '==':
        return a === b ? 1n : 0n
      case '!=':
        return a !== b ? 1n : 0n
      case '<':
        return a < b ? 1n : 0n
      case '>':
        return a > b ? 1n : 0n
      case '<=':
        return a <= b ? 1n : 0n
      case '>=':
        return a >= b ? 1n : 0n
      default:
        return fail(`unknown operator ${op}`)
    }
  }

  // `live` is false in the branch that is not taken: nothing is read, assigned or divided there.
  const primary = (live: boolean): Value => {
    const t = token
    if (t === undefined) return fail('expecting primary')
    if (t === '(') {
      advance()
      const v = comma(live)
      if (!at(')')) fail("expecting ')'")
      advance()
      return { value: v }
    }
    if (/^\d/.test(t)) {
      WORD.lastIndex = tokenEnd
      const tail = bash ? WORD.exec(expression)?.[0] : undefined
      if (tail !== undefined) tooGreat(t + tail)
      const value = number(t)
      advance()
      return { value }
    }
    if (/^[A-Za-z_]/.test(t)) {
      advance()
      let index: string | undefined
      if (bash && token === '[' && variables.keyed?.(t)) {
        const end = expression.indexOf(']', tokenEnd)
        if (end < 0) fail("expecting ']'")
        index = expression.slice(tokenEnd, end).replace(/^(["'])(.*)\1$/s, '$2')
        tokenEnd = end + 1
        advance()
      } else if (bash && token === '[') {
        advance()
        index = String(comma(live))
        if (!at(']')) fail("expecting ']'")
        advance()
      }
      return { value: live ? read(t, index) : 0n, name: t, index }
    }
    return fail('expecting primary')
  }

  const store = (v: Value, value: bigint, live: boolean): void => {
    if (v.name === undefined) fail('assignment to non-variable')
    if (live) variables.set(v.name!, String(value), v.index)
  }

  const unary = (live: boolean): Value => {
    const t = token
    if (t === '++' || t === '--') {
      advance()
      const v = unary(live)
      const value = wrap(v.value + (t === '++' ? 1n : -1n))
      if (v.name === undefined) return { value: t === '++' ? v.value : v.value }
      store(v, value, live)
      return { value }
    }
    if (t === '!' || t === '~' || t === '-' || t === '+') {
      advance()
      const { value } = unary(live)
      return { value: t === '!' ? (value === 0n ? 1n : 0n) : t === '~' ? ~value : t === '-' ? wrap(-value) : value }
    }
    const v = primary(live)
    if ((token === '++' || token === '--') && v.name !== undefined) {
      store(v, wrap(v.value + (token === '++' ? 1n : -1n)), live)
      advance()
      return { value: v.value }
    }
    return v
  }

  const power = (live: boolean): Value => {
    const base = unary(live)
    if (token !== '**') return base
    advance()
    const exponent = power(live).value
    if (exponent < 0n) throw new ArithmeticError('exponent', expression.slice(position), expression, 'exponent less than 0')
    let result = 1n
    let b = base.value
    for (let e = exponent & 0xffffffffn; e > 0n; e >>= 1n) {
      if (e & 1n) result = wrap(result * b)
      b = wrap(b * b)
    }
    return { value: result }
  }

  const binary = (level: number, live: boolean): Value => {
    let left = power(live)
    for (let binds = BINDS.get(token ?? ''); binds !== undefined && binds >= level; binds = BINDS.get(token ?? '')) {
      const op = token!
      advance()
      const right = binary(binds + 1, live).value
      left = { value: live ? operate(op, left.value, right) : 0n }
    }
    return left
  }

  const logical = (op: '||' | '&&', live: boolean): Value => {
    const inner = (l: boolean): Value => (op === '||' ? logical('&&', l) : binary(0, l))
    let left = inner(live)
    while (token === op) {
      advance()
      const decided = op === '||' ? left.value !== 0n : left.value === 0n
      const right = inner(live && !decided)
      left = { value: decided ? (op === '||' ? 1n : 0n) : right.value !== 0n ? 1n : 0n }
    }
    return left
  }

  const assignment = (live: boolean): Value => {
    const v = logical('||', live)
    if (token === '?') {
      advance()
      const yes = comma(live && v.value !== 0n)
      if (!at(':')) fail("expecting ':'")
      advance()
      const no = assignment(live && v.value === 0n).value
      return { value: v.value !== 0n ? yes : no }
    }
    if (token !== undefined && ASSIGN.has(token)) {
      const op = token
      if (v.name === undefined) fail('assignment to non-variable')
      advance()
      const right = assignment(live).value
      const value = op === '=' || !live ? right : operate(op.slice(0, -1), v.value, right)
      store(v, value, live)
      return { value }
    }
    return v
  }

  const comma = (live: boolean): bigint => {
    let { value } = assignment(live)
    while (token === ',' && dialect !== 'dash') {
      advance()
      value = assignment(live).value
    }
    return value
  }

  advance()
  if (token === undefined) return 0n
  const result = comma(true)
  if (token !== undefined) fail('expecting EOF')
  return result
}
