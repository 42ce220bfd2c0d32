/** Evaluates awk expressions. */
import { Fail } from '../command.js'
import { LINE_COST, openForReading } from '../reading.js'
import type { Expression } from './syntax.js'
import { Input, LONGEST_TEXT, type Scalar, looksNumeric, toNumber } from './values.js'
import { AwkFunctions } from './functions.js'

/** CPU ms that a letter of a long text costs. */
const LETTER_COST = 0.000001

/** Evaluates expressions. */
export abstract class AwkExpressions extends AwkFunctions {
  protected async subscript(list: Expression[]): Promise<string> {
    if (list.length === 1) return this.text(await this.evaluate(list[0]!))
    const parts: string[] = []
    for (const e of list) parts.push(this.text(await this.evaluate(e)))
    return parts.join(this.text(this.get('SUBSEP')))
  }

  protected async evaluate(e: Expression): Promise<Scalar> {
    switch (e.type) {
      case 'number':
      case 'string':
        return e.value
      case 'regex':
        return this.regex(e.source).test(this.record) ? 1 : 0
      case 'name':
        return this.get(e.name)
      case 'field':
        return this.field(Math.trunc(toNumber(await this.evaluate(e.of))))
      case 'index': {
        const key = await this.subscript(e.subscripts)
        const array = this.array(e.name)
        const value = array.get(key)
        if (value !== undefined) return value
        array.set(key, new Input(''))
        return new Input('')
      }
      case 'group':
        return this.evaluate(e.items[0]!)
      case 'conditional':
        return this.truth(await this.evaluate(e.test)) ? this.evaluate(e.yes) : this.evaluate(e.no)
      case 'assign': {
        const right = await this.evaluate(e.value)
        const value = e.op === '=' ? right : arithmetic(e.op[0]!, toNumber(await this.evaluate(e.target)), toNumber(right))
        await this.store(e.target, value)
        return value
      }
      case 'increment': {
        const old = toNumber(await this.evaluate(e.target))
        const value = e.op === '++' ? old + 1 : old - 1
        await this.store(e.target, value)
        return e.prefix ? value : old
      }
      case 'unary': {
        const v = await this.evaluate(e.operand)
        if (e.op === '!') return this.truth(v) ? 0 : 1
        return e.op === '-' ? -toNumber(v) : toNumber(v)
      }
      case 'binary':
        return this.binary(e)
      case 'match':
        return (await this.pattern(e.right)).test(this.text(await this.evaluate(e.left))) === e.negate ? 0 : 1
      case 'in':
        return this.array(e.array).has(await this.subscript(e.subscripts)) ? 1 : 0
      case 'call':
        return this.call(e.name, e.args)
      case 'getline':
        return this.getline(e)
    }
  }

  private async binary(e: Expression & { type: 'binary' }): Promise<Scalar> {
    const left = await this.evaluate(e.left)
    if (e.op === '&&') return this.truth(left) && this.truth(await this.evaluate(e.right)) ? 1 : 0
    if (e.op === '||') return this.truth(left) || this.truth(await this.evaluate(e.right)) ? 1 : 0
    const right = await this.evaluate(e.right)
    if (e.op === ' ') {
      const text = this.text(left) + this.text(right)
      if (text.length > LONGEST_TEXT) throw this.outOfMemory()
      if (text.length > 4096) await this.c.work(text.length * LETTER_COST)
      return text
    }
    if (['<', '<=', '==', '!=', '>', '>='].includes(e.op)) {
      const numeric = (v: Scalar): boolean => typeof v === 'number' || (v instanceof Input && (looksNumeric(v.text) || v.text === ''))
      const bothEmptyInput = (v: Scalar): boolean => v instanceof Input && v.text === ''
      const asNumbers = numeric(left) && numeric(right) && !(bothEmptyInput(left) && bothEmptyInput(right))
      const [a, b]: [number | string, number | string] = asNumbers ? [toNumber(left), toNumber(right)] : [this.text(left), this.text(right)]
      const result = { '<': a < b, '<=': a <= b, '==': a === b, '!=': a !== b, '>': a > b, '>=': a >= b }[e.op as '<']
      return result ? 1 : 0
    }
    // mawk goes on with inf and nan.
    if ((e.op === '/' || e.op === '%') && toNumber(right) === 0 && this.c.busybox) {
      await this.flush()
      throw new Fail('awk: cmd. line:1: Division by zero')
    }
    return arithmetic(e.op, toNumber(left), toNumber(right))
  }

  protected async store(target: Expression, value: Scalar): Promise<void> {
    if (target.type === 'name') this.set(target.name, value)
    else if (target.type === 'field') this.setField(Math.trunc(toNumber(await this.evaluate(target.of))), value)
    else if (target.type === 'index') {
      const key = await this.subscript(target.subscripts)
      this.array(target.name).set(key, value)
      this.memory.grew(LINE_COST + key.length + (typeof value === 'number' ? 8 : this.text(value).length))
    } else if (target.type === 'group') await this.store(target.items[0]!, value)
  }

  private async getline(e: Expression & { type: 'getline' }): Promise<number> {
    let line: string | undefined
    if (!e.file && !e.command) {
      const before = this.record
      if (!e.target) return (await this.nextRecord()) ? 1 : 0
      if (!(await this.nextRecord())) return 0
      line = this.record
      this.setRecord(before)
      await this.store(e.target, new Input(line))
      return 1
    }
    const name = this.text(await this.evaluate((e.file ?? e.command)!))
    let reader = this.readers.get(name)
    if (!reader) {
      const path = Buffer.from(name, 'latin1').toString('utf8')
      if (e.file) {
        if (path !== '-' && !this.c.fs.exists(path)) return -1
        const file = path === '-' ? this.c.task.fd(0)! : await openForReading(this.c.task, path)
        reader = { file, rest: '', ended: false, close: async () => (file.close?.(), 0) }
      } else reader = this.commandReader(path)
      this.readers.set(name, reader)
    }
    line = await this.readRecord(reader)
    if (line === undefined) return 0
    if (e.command) this.set('NR', toNumber(this.get('NR')) + 1)
    if (e.target) await this.store(e.target, new Input(line))
    else this.setRecord(line)
    return 1
  }
}

function arithmetic(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    default:
      return a ** b
  }
}
