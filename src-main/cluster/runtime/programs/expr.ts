/** expr: arithmetic, comparison and matching of its arguments. */
import type { Program } from '../process.js'
import { compile } from './regex.js'
import { command, Fail, type Command, type Flavour } from './command.js'

export function expr(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const args = c.task.argv.slice(1)
    if (args.length === 0)
      throw new Fail(c.busybox ? 'expr: too few arguments' : "expr: missing operand\nTry 'expr --help' for more information.", 2)
    const value = new Expr(c, args).all()
    await c.print(`${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  })
}

class Expr {
  private at = 0

  constructor(
    private readonly c: Command,
    private readonly args: string[],
  ) {}

  all(): string {
    const v = this.or()
    if (this.at < this.args.length)
      throw new Fail(this.c.busybox ? 'expr: syntax error' : `expr: syntax error: unexpected argument '${this.args[this.at]}'`, 2)
    return v
  }

  private accept(...ops: string[]): string | undefined {
    const a = this.args[this.at]
    if (a === undefined || !ops.includes(a)) return undefined
    this.at++
    return a
  }

  private or(): string {
    let left = this.and()
    while (this.accept('|')) {
      const right = this.and()
      left = left !== '' && left !== '0' ? left : right !== '' ? right : '0'
    }
    return left
  }

  private and(): string {
    let left = this.compare()
    while (this.accept('&')) {
      const right = this.compare()
      left = left !== '' && left !== '0' && right !== '' && right !== '0' ? left : '0'
    }
    return left
  }

  private compare(): string {
    let left = this.sum()
    for (let op = this.accept('<', '<=', '=', '==', '!=', '>=', '>'); op; op = this.accept('<', '<=', '=', '==', '!=', '>=', '>')) {
      const right = this.sum()
      const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
      const [a, b]: [bigint | string, bigint | string] = numeric ? [BigInt(left), BigInt(right)] : [left, right]
      const result = { '<': a < b, '<=': a <= b, '=': a === b, '==': a === b, '!=': a !== b, '>=': a >= b, '>': a > b }[op as '<']
      left = result ? '1' : '0'
    }
    return left
  }

  private number(text: string): bigint {
    if (!/^-?\d+$/.test(text)) throw new Fail(`expr: non-${this.c.busybox ? 'numeric' : 'integer'} argument`, 2)
    return BigInt(text)
  }

  private sum(): string {
    let left = this.product()
    for (let op = this.accept('+', '-'); op; op = this.accept('+', '-')) {
      const right = this.product()
      left = String(op === '+' ? this.number(left) + this.number(right) : this.number(left) - this.number(right))
    }
    return left
  }

  private product(): string {
    let left = this.match()
    for (let op = this.accept('*', '/', '%'); op; op = this.accept('*', '/', '%')) {
      const a = this.number(left)
      const b = this.number(this.match())
      if (op !== '*' && b === 0n) throw new Fail('expr: division by zero', 2)
      left = String(op === '*' ? a * b : op === '/' ? a / b : a % b)
    }
    return left
  }

  private match(): string {
    let left = this.primary()
    while (this.accept(':')) left = this.matched(left, this.primary())
    return left
  }

  private matched(text: string, pattern: string): string {
    const m = compile(pattern, false).exec(text)
    const groups = pattern.includes('\\(')
    // The match is tied to the beginning.
    if (!m || m.index !== 0) return groups ? '' : '0'
    return groups ? (m[1] ?? '') : String(m[0].length)
  }

  private primary(): string {
    const a = this.args[this.at++]
    if (a === undefined)
      throw new Fail(this.c.busybox ? 'expr: syntax error' : `expr: syntax error: missing argument after '${this.args.at(-1)}'`, 2)
    if (a === '(') {
      const v = this.or()
      if (!this.accept(')')) throw new Fail('expr: syntax error', 2)
      return v
    }
    if (this.at < this.args.length) {
      if (a === 'length') return String(this.primary().length)
      if (a === 'match') return this.matched(this.primary(), this.primary())
      if (a === 'index') {
        const text = this.primary()
        const set = this.primary()
        return String([...text].findIndex((ch) => set.includes(ch)) + 1)
      }
      if (a === 'substr') {
        const text = this.primary()
        const from = Number(this.primary())
        const length = Number(this.primary())
        return from < 1 || length < 1 ? '' : text.slice(from - 1, from - 1 + length)
      }
    }
    return a
  }
}
