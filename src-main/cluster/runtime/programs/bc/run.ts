/** How bc runs what was read: variables, functions, and what it prints. */
import { escapesOf } from './strings.js'
import {
  add, compare, divide, format, integer, isZero, lengthOf, MathError, multiply, negated, ONE, parseNumber, power, remainder, rescaled,
  squareRoot, subtract, ZERO, type Decimal,
} from './decimal.js' // prettier-ignore
import { LIBRARY } from './functions.js'
import type { Expression, Place, Statement } from './parse.js'

/** What ends bc. */
export class Quit extends Error {}

type Definition = Extract<Statement, { kind: 'define' }>
type Flow = { kind: 'break' } | { kind: 'continue' } | { kind: 'return'; value: Decimal } | undefined

/** What the interpreter has of the world. */
export interface World {
  print(text: string): void
  /** Tells of what went wrong while something ran. */
  complain(text: string): void
  readLine(): Promise<string | undefined>
  /** Accounts for work done; pauses now and then. */
  work(cpuMs: number): Promise<void> | void
}

const LINE = 69
const MOST_ELEMENTS = 65_536
const DEEPEST = 1000

export class Machine {
  private readonly variables = new Map<string, Decimal>()
  private readonly arrays = new Map<string, Map<number, Decimal>>()
  private readonly functions = new Map<string, Definition>()
  private scale = 0
  private inBase = 10
  private outBase = 10
  private last = ZERO
  private column = 0
  private depth = 0
  private current = '(main)'

  constructor(
    private readonly world: World,
    private readonly library: boolean,
  ) {
    if (library) this.scale = 20
  }

  /** Runs statements; a fault of one ends the rest of them. Throws Quit. */
  async run(statements: readonly Statement[]): Promise<void> {
    this.depth = 0
    this.current = '(main)'
    try {
      await this.all(statements)
    } catch (error) {
      if (!(error instanceof MathError)) throw error
      this.world.complain(error.message)
    }
  }

  private fault(message: string, address: number): MathError {
    return new MathError(`Runtime error (func=${this.current}, adr=${address}): ${message}`)
  }

  private async all(statements: readonly Statement[]): Promise<Flow> {
    for (const statement of statements) {
      const flow = await this.one(statement)
      if (flow) return flow
    }
    return undefined
  }

  private async one(s: Statement): Promise<Flow> {
    const pause = this.world.work(0.001)
    if (pause) await pause
    switch (s.kind) {
      case 'nothing':
        return undefined
      case 'expression': {
        const value = await this.value(s.value)
        if (!s.shown) return undefined
        this.last = value
        this.write(`${format(value, this.outBase)}\n`)
        return undefined
      }
      case 'print':
        for (const part of s.parts) {
          if (typeof part === 'string') this.write(s.raw ? part : escapesOf(part))
          else this.write(format((this.last = await this.value(part)), this.outBase))
        }
        return undefined
      case 'block':
        return this.all(s.body)
      case 'if': {
        if (!isZero(await this.value(s.test))) return this.one(s.yes)
        return s.no ? this.one(s.no) : undefined
      }
      case 'loop':
        if (s.before) await this.value(s.before)
        while (!s.test || !isZero(await this.value(s.test))) {
          const flow = await this.one(s.body)
          if (flow?.kind === 'break') break
          if (flow?.kind === 'return') return flow
          if (s.after) await this.value(s.after)
          const rest = this.world.work(0.001)
          if (rest) await rest
        }
        return undefined
      case 'jump':
        if (s.to === 'halt' || s.to === 'quit') throw new Quit()
        return { kind: s.to }
      case 'return':
        return { kind: 'return', value: s.value ? await this.value(s.value) : ZERO }
      case 'define':
        this.functions.set(s.name, s)
        return undefined
    }
  }

  /** Long lines are broken, each part but the last with a backslash. */
  private write(text: string): void {
    let out = ''
    for (const ch of text) {
      if (ch === '\n') this.column = 0
      else if (++this.column === LINE) {
        out += '\\\n'
        this.column = 1
      }
      out += ch
    }
    this.world.print(out)
  }

  private async value(e: Expression): Promise<Decimal> {
    switch (e.kind) {
      case 'number':
        return parseNumber(e.text, this.inBase)
      case 'variable':
      case 'element':
        return this.read(await this.resolve(e))
      case 'assign': {
        const place = await this.resolve(e.place)
        const right = await this.value(e.value)
        const value = e.operator === '=' ? right : await this.operate(e.operator[0]!, this.read(place), right, e.address)
        return this.store(place, value)
      }
      case 'step': {
        const place = await this.resolve(e.place)
        const before = this.read(place)
        const after = this.store(place, add(before, integer(e.by)))
        return e.before ? after : before
      }
      case 'unary': {
        const value = await this.value(e.value)
        return e.operator === '-' ? negated(value) : isZero(value) ? ONE : ZERO
      }
      case 'binary': {
        const left = await this.value(e.left)
        const right = await this.value(e.right)
        return this.operate(e.operator, left, right, e.address)
      }
      case 'call':
        return this.call(e)
    }
  }

  private async operate(operator: string, a: Decimal, b: Decimal, address: number): Promise<Decimal> {
    const size = a.digits.toString(16).length + b.digits.toString(16).length
    const pause = this.world.work(size * size * 1e-7)
    if (pause) await pause
    const truth = (value: boolean): Decimal => (value ? ONE : ZERO)
    try {
      switch (operator) {
        case '+':
          return add(a, b)
        case '-':
          return subtract(a, b)
        case '*':
          return multiply(a, b, this.scale)
        case '/':
          return divide(a, b, this.scale)
        case '%':
          return remainder(a, b, this.scale)
        case '^':
          if (b.scale !== 0) this.world.complain(`Runtime warning (func=${this.current}, adr=${address}): non-zero scale in exponent`)
          return power(a, b, this.scale)
        case '<':
          return truth(compare(a, b) < 0)
        case '>':
          return truth(compare(a, b) > 0)
        case '<=':
          return truth(compare(a, b) <= 0)
        case '>=':
          return truth(compare(a, b) >= 0)
        case '==':
          return truth(compare(a, b) === 0)
        case '!=':
          return truth(compare(a, b) !== 0)
        case '&&':
          return truth(!isZero(a) && !isZero(b))
        default:
          return truth(!isZero(a) || !isZero(b))
      }
    } catch (error) {
      if (error instanceof MathError) throw this.fault(error.message, address)
      throw error
    }
  }

  private async resolve(place: Place): Promise<{ name: string; index?: number }> {
    if (place.kind === 'variable') return { name: place.name }
    const index = Number(rescaled(await this.value(place.index), 0).digits)
    if (index < 0 || index >= MOST_ELEMENTS) throw this.fault(`Array ${place.name} subscript out of bounds.`, 0)
    return { name: place.name, index }
  }

  private read({ name, index }: { name: string; index?: number }): Decimal {
    if (index !== undefined) return this.arrays.get(name)?.get(index) ?? ZERO
    if (name === 'scale') return integer(this.scale)
    if (name === 'ibase') return integer(this.inBase)
    if (name === 'obase') return integer(this.outBase)
    return name === 'last' ? this.last : (this.variables.get(name) ?? ZERO)
  }

  private store({ name, index }: { name: string; index?: number }, value: Decimal): Decimal {
    const whole = Number(rescaled(value, 0).digits)
    if (index !== undefined) this.array(name).set(index, value)
    else if (name === 'scale') this.scale = this.within(whole, 0, 100_000, 'scale')
    else if (name === 'ibase') this.inBase = this.within(whole, 2, 16, 'ibase')
    else if (name === 'obase') this.outBase = this.within(whole, 2, 2_147_483_647, 'obase')
    else if (name === 'last') this.last = value
    else this.variables.set(name, value)
    return value
  }

  private within(value: number, least: number, most: number, name: string): number {
    if (value >= least && value <= most) return value
    const to = value < least ? least : most
    const what =
      value < least
        ? name === 'scale'
          ? 'negative scale, set to 0'
          : `${name} too small, set to ${to}`
        : `${name} too large, set to ${to}`
    this.world.complain(`Runtime warning (func=${this.current}, adr=5): ${what}`)
    return to
  }

  private array(name: string): Map<number, Decimal> {
    let array = this.arrays.get(name)
    if (!array) this.arrays.set(name, (array = new Map()))
    return array
  }

  private async call(e: Extract<Expression, { kind: 'call' }>): Promise<Decimal> {
    const definition = this.functions.get(e.name)
    if (definition) return this.invoke(definition, e)
    if (e.name === 'read') {
      const line = await this.world.readLine()
      return /^\s*-?[0-9A-F.]+\s*$/.test(line ?? '') ? parseNumber(line!.trim(), this.inBase) : ZERO
    }
    const args: Decimal[] = []
    for (const arg of e.args) if (arg.kind !== 'array') args.push(await this.value(arg))
    const [first = ZERO] = args
    if (e.name === 'length') return integer(lengthOf(first))
    if (e.name === 'scale') return integer(first.scale)
    try {
      if (e.name === 'sqrt') return squareRoot(first, this.scale)
    } catch (error) {
      if (error instanceof MathError) throw this.fault(error.message, e.address - 1)
      throw error
    }
    const known = this.library && Object.hasOwn(LIBRARY, e.name) ? LIBRARY[e.name] : undefined
    if (!known) throw this.fault(`Function ${e.name} not defined.`, e.address)
    if (args.length !== known.arguments) throw this.fault('Parameter number mismatch', e.address)
    const pause = this.world.work(this.scale * this.scale * 1e-5)
    if (pause) await pause
    return known.of(args, this.scale)
  }

  /** Names of a function stand for values of their own until it returns. */
  private async invoke({ name, parameters, autos, body }: Definition, e: Extract<Expression, { kind: 'call' }>): Promise<Decimal> {
    if (e.args.length !== parameters.length) throw this.fault('Parameter number mismatch', e.address)
    if (this.depth >= DEEPEST) throw this.fault('Stack overflow', e.address)
    const values: (Decimal | Map<number, Decimal>)[] = []
    for (const [i, arg] of e.args.entries()) {
      if ((arg.kind === 'array') !== parameters[i]!.endsWith('[]')) throw this.fault('Parameter type mismatch parameter', e.address)
      values.push(arg.kind === 'array' ? new Map(this.array(arg.name)) : await this.value(arg))
    }
    const kept = [...parameters, ...autos].map((each) => {
      const key = each.replace('[]', '')
      return each.endsWith('[]') ? ([each, this.arrays.get(key)] as const) : ([each, this.variables.get(key)] as const)
    })
    for (const each of [...parameters, ...autos]) this.bind(each, values[parameters.indexOf(each)])
    const [caller, base] = [this.current, this.inBase]
    this.current = name
    this.depth++
    // The stack of the machine below is not without end.
    if (this.depth % 50 === 0) await Promise.resolve()
    try {
      const flow = await this.all(body)
      return flow?.kind === 'return' ? flow.value : ZERO
    } finally {
      this.depth--
      this.current = caller
      this.inBase = base
      for (const [each, value] of kept.reverse()) this.bind(each, value)
    }
  }

  private bind(name: string, value: Decimal | Map<number, Decimal> | undefined): void {
    const key = name.replace('[]', '')
    if (name.endsWith('[]')) {
      if (value instanceof Map) this.arrays.set(key, value)
      else this.arrays.delete(key)
    } else if (value === undefined || value instanceof Map) this.variables.delete(key)
    else this.variables.set(key, value)
  }
}
