/** dc: calculates with a stack; numbers of any length, registers, and macros that are strings. */
import { SystemError, type Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { readText } from '../reading.js'
import {
  add, compare, divide, format, integer, isZero, lengthOf, MathError, multiply, negated, parseNumber, power, remainder, rescaled, squareRoot, subtract,
  type Decimal,
} from './decimal.js' // prettier-ignore

type Value = Decimal | string

const SPEC = {
  short: 'e:f:hVx',
  long: { 'expression=': 'e', 'file=': 'f', help: 'h', version: 'V' },
  usage: '[-x] [-eSCRIPT]... [-fFILE]... [FILE]...\n\nReverse-Polish calculator',
}
const LINE = 70
const MOST_VALUES = 100_000

/** Ends macros: as many as it says, or dc itself. */
class Leave extends Error {
  constructor(public levels: number) {
    super()
  }
}

export function dc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? { ...SPEC, short: 'e:f:x', long: {} } : SPEC)
    if (o.has('V')) return c.print('dc (GNU bc 1.07.1) 1.4.1\n')
    if (o.has('h')) return c.print('Usage: dc [OPTION] [file ...]\n  -e, --expression=EXPR    evaluate expression\n  -f, --file=FILE          evaluate contents of file\n  -h, --help               tell this and end\n  -V, --version            tell the version and end\n') // prettier-ignore
    const calculator = new Calculator(c)
    try {
      for (const [letter, value] of o.given) {
        if (letter === 'e') await calculator.run(`${value}\n`)
        if (letter === 'f') await calculator.file(value)
      }
      for (const path of o.operands) await calculator.file(path)
      if (o.operands.length === 0 && !o.has('e') && !o.has('f'))
        for (let line = await c.task.readLine(); line !== undefined; line = await c.task.readLine()) await calculator.run(`${line}\n`)
    } catch (error) {
      if (!(error instanceof Leave)) throw error
    }
    return c.status
  })
}

class Calculator {
  private stack: Value[] = []
  private readonly registers = new Map<string, Value[]>()
  private readonly arrays = new Map<string, Map<number, Value>>()
  private scale = 0
  private inBase = 10
  private outBase = 10
  private depth = 0
  /** A string that goes on in the next line. */
  private held = ''

  constructor(private readonly c: Command) {}

  async file(path: string): Promise<void> {
    try {
      await this.run(await readText(this.c, path))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (this.c.busybox) throw new Fail(`dc: can't open '${path}': ${error.message}`)
      await this.c.task.writeError(`dc: Could not open file ${path}\n`)
    }
  }

  private complain(message: string): Promise<void> {
    return this.c.task.writeError(`dc: ${message}\n`)
  }

  private pop(): Value {
    const value = this.stack.pop()
    if (value === undefined) throw new MathError('stack empty')
    return value
  }

  private push(value: Value): void {
    if (this.stack.length >= MOST_VALUES) throw new MathError('stack overflow')
    this.stack.push(value)
  }

  /** Two numbers from the stack, which stays as it is when there are none. */
  private pair(): [Decimal, Decimal] {
    const [a, b] = this.stack.slice(-2)
    if (a === undefined || b === undefined) throw new MathError('stack empty')
    if (typeof a === 'string' || typeof b === 'string') throw new MathError('non-numeric value')
    this.stack.length -= 2
    return [a, b]
  }

  private number(): Decimal {
    const value = this.stack.at(-1)
    if (value === undefined) throw new MathError('stack empty')
    if (typeof value === 'string') throw new MathError('non-numeric value')
    this.stack.pop()
    return value
  }

  private shown(value: Value): string {
    if (typeof value === 'string') return value
    const text = format(value, this.outBase)
    return text.length < LINE ? text : text.match(new RegExp(`.{1,${LINE - 1}}`, 'g'))!.join('\\\n')
  }

  /** Runs a text. Throws Leave. */
  async run(given: string): Promise<void> {
    const text = this.held + given
    this.held = ''
    let at = 0
    while (at < text.length) {
      const pause = this.c.task.tick(0.002)
      if (pause) await pause
      const number = /^_?(?:[0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]*)/.exec(text.slice(at, at + 100_000))
      if (number) {
        const digits = number[0].replace('_', '')
        const value = parseNumber(digits, this.inBase)
        this.push(number[0].startsWith('_') ? negated(value) : value)
        at += number[0].length
        continue
      }
      const ch = text[at++]!
      if (/\s/.test(ch)) continue
      if (ch === '#') {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
        continue
      }
      if (ch === '[') {
        const end = closing(text, at)
        if (end === undefined) {
          this.held = text.slice(at - 1)
          return
        }
        this.push(text.slice(at, end))
        at = end + 1
        continue
      }
      if (ch === '!' && !/[<>=]/.test(text[at] ?? '')) {
        const end = text.indexOf('\n', at)
        await this.shell(text.slice(at, end < 0 ? undefined : end))
        at = end < 0 ? text.length : end
        continue
      }
      const negative = ch === '!'
      const name = negative ? text[at++]! : ch
      const register = 'slSL<>=:;'.includes(name) ? text[at++] : undefined
      try {
        await this.one(name, register ?? '', negative)
      } catch (error) {
        if (!(error instanceof MathError)) throw error
        if (this.c.busybox && this.c.task.fd(0)?.kind !== 'tty') throw new Fail(`dc: ${busyboxWords(error.message)}`)
        await this.complain(this.c.busybox ? busyboxWords(error.message) : error.message)
      }
    }
  }

  /** Runs a macro; what leaves it may leave those around it. */
  private async macro(text: string): Promise<void> {
    if (this.depth >= 1000) throw new MathError('recursion too deep')
    this.depth++
    if (this.depth % 50 === 0) await Promise.resolve()
    try {
      await this.run(text)
    } catch (error) {
      if (!(error instanceof Leave) || --error.levels > 0) throw error
    } finally {
      this.depth--
    }
  }

  private top(register: string): Value {
    const value = this.registers.get(register)?.at(-1)
    if (value === undefined) throw new MathError(`register '${register}' (0${register.charCodeAt(0).toString(8)}) is empty`)
    return value
  }

  private async shell(line: string): Promise<void> {
    await (await this.c.task.spawn({ argv: ['/bin/sh', '-c', line] })).wait()
  }

  private async calculate(name: string): Promise<void> {
    const [a, b] = this.pair()
    const size = a.digits.toString(16).length + b.digits.toString(16).length
    const pause = this.c.task.tick(size * size * 1e-7)
    if (pause) await pause
    try {
      if (name === '+') this.push(add(a, b))
      else if (name === '-') this.push(subtract(a, b))
      else if (name === '*') this.push(multiply(a, b, this.scale))
      else if (name === '/') this.push(divide(a, b, this.scale))
      else if (name === '%') this.push(remainder(a, b, this.scale))
      else if (name === '^') this.push(power(a, b, this.scale))
      else {
        this.push(divide(a, b, this.scale))
        this.push(remainder(a, b, this.scale))
      }
    } catch (error) {
      if (!(error instanceof MathError)) throw error
      this.stack.push(a, b)
      throw new MathError(
        error.message === 'Divide by zero' ? 'divide by zero' : error.message === 'Modulo by zero' ? 'remainder by zero' : error.message,
      )
    }
  }

  private async one(name: string, register: string, negative: boolean): Promise<void> {
    const whole = (value: Decimal): number => Number(rescaled(value, 0).digits)
    switch (name) {
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case '~': // prettier-ignore
        return this.calculate(name)
      case '|': {
        const modulus = this.number()
        const [base, exponent] = this.pair()
        if (isZero(modulus)) throw new MathError('remainder by zero')
        let [result, square, left] = [1n, rescaled(base, 0).digits % rescaled(modulus, 0).digits, rescaled(exponent, 0).digits]
        for (; left > 0n; left >>= 1n, square = (square * square) % rescaled(modulus, 0).digits)
          if (left & 1n) result = (result * square) % rescaled(modulus, 0).digits
        return this.push(integer(result))
      }
      case 'v': {
        const value = this.number()
        if (value.digits < 0n) throw new MathError('square root of negative number')
        return this.push(squareRoot(value, this.scale))
      }
      case 'p':
        if (this.stack.length === 0) throw new MathError('stack empty')
        return this.c.print(`${this.shown(this.stack.at(-1)!)}\n`)
      case 'n':
        return this.c.print(this.shown(this.pop()))
      case 'P': {
        const value = this.pop()
        if (typeof value === 'string') return this.c.print(value)
        const hex = rescaled(value.digits < 0n ? negated(value) : value, 0).digits.toString(16)
        return this.c.print(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'))
      }
      case 'f':
        for (const value of this.stack.toReversed()) await this.c.print(`${this.shown(value)}\n`)
        return
      case 'c':
        this.stack = []
        return
      case 'd':
        if (this.stack.length === 0) throw new MathError('stack empty')
        return this.push(this.stack.at(-1)!)
      case 'r': {
        if (this.stack.length < 2) throw new MathError('stack empty')
        const [a, b] = [this.pop(), this.pop()]
        this.stack.push(a, b)
        return
      }
      case 'z':
        return this.push(integer(this.stack.length))
      case 'Z': {
        const value = this.pop()
        return this.push(integer(typeof value === 'string' ? value.length : lengthOf(value)))
      }
      case 'X': {
        const value = this.pop()
        return this.push(integer(typeof value === 'string' ? 0 : value.scale))
      }
      case 'k': {
        const scale = whole(this.number())
        if (scale < 0 || scale > 100_000) throw new MathError('scale must be a nonnegative integer')
        this.scale = scale
        return
      }
      case 'K':
        return this.push(integer(this.scale))
      case 'i': {
        const base = whole(this.number())
        if (base < 2 || base > 16) throw new MathError('input base must be a number between 2 and 16 (inclusive)')
        this.inBase = base
        return
      }
      case 'I':
        return this.push(integer(this.inBase))
      case 'o': {
        const base = whole(this.number())
        if (base < 2) throw new MathError('output base must be a number greater than 1')
        this.outBase = base
        return
      }
      case 'O':
        return this.push(integer(this.outBase))
      case 's':
        this.registers.set(register, [...(this.registers.get(register)?.slice(0, -1) ?? []), this.pop()])
        return
      case 'l':
        return this.push(this.registers.get(register)?.at(-1) ?? integer(0))
      case 'S':
        this.registers.set(register, [...(this.registers.get(register) ?? []), this.pop()])
        return
      case 'L': {
        const value = this.registers.has(register) ? this.registers.get(register)!.pop() : undefined
        if (value === undefined) throw new MathError(`stack register '${register}' (0${register.charCodeAt(0).toString(8)}) is empty`)
        return this.push(value)
      }
      case ':': {
        const index = whole(this.number())
        const value = this.pop()
        const array = this.arrays.get(register) ?? new Map<number, Value>()
        if (index < 0 || array.size >= MOST_VALUES) throw new MathError('array index must be a nonnegative integer')
        array.set(index, value)
        this.arrays.set(register, array)
        return
      }
      case ';':
        return this.push(this.arrays.get(register)?.get(whole(this.number())) ?? integer(0))
      case '<':
      case '>':
      case '=': {
        const [b, a] = this.pair()
        const order = compare(a, b)
        const holds = name === '=' ? order === 0 : name === '<' ? order < 0 : order > 0
        if (holds === negative) return
        const value = this.top(register)
        return typeof value === 'string' ? this.macro(value) : this.push(value)
      }
      case 'x': {
        const value = this.pop()
        return typeof value === 'string' ? this.macro(value) : this.push(value)
      }
      case 'a': {
        const value = this.pop()
        return this.push(typeof value === 'string' ? value.slice(0, 1) : String.fromCharCode(Number(rescaled(value, 0).digits & 255n)))
      }
      case '?': {
        const line = await this.c.task.readLine()
        return line === undefined ? undefined : this.macro(`${line}\n`)
      }
      case 'q':
        throw new Leave(this.depth > 1 ? 2 : Infinity)
      case 'Q': {
        const levels = whole(this.number())
        if (levels > 0 && this.depth > 0) throw new Leave(levels)
        return
      }
      default:
        throw new MathError(`'${name}' (0${name.charCodeAt(0).toString(8)}) unimplemented`)
    }
  }
}

/** What busybox says of what GNU's dc has other words for. */
function busyboxWords(message: string): string {
  if (/(stack|register).*empty/.test(message)) return 'stack has too few elements'
  if (message.endsWith('zero')) return 'divide by zero'
  if (/negative/.test(message)) return 'negative number'
  if (message.startsWith('input base')) return 'bad ibase; must be [2,16]'
  return message.replace(/^('.').* unimplemented$/, 'bad character $1')
}

/** Where the bracket is that closes the one before `from`. */
function closing(text: string, from: number): number | undefined {
  for (let at = from, depth = 1; at < text.length; at++) {
    if (text[at] === '[') depth++
    else if (text[at] === ']' && --depth === 0) return at
  }
  return undefined
}
