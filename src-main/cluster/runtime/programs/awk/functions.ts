/** The functions that awk programs call. */
import { NOT_OF_MAWK } from './tokens.js'
import { exitCode } from '../../exit-reason.js'
import { formatPrintf } from '../../shell/printf.js'
import { Fail } from '../command.js'
import { LINE_COST } from '../reading.js'
import { boundedRegExp } from '../guarded-regexp.js'
import { replaceMatches, type Match, type Replaced } from '../replace-matches.js'
import { formatTime } from '../strftime.js'
import type { Expression, Statement } from './syntax.js'
import { type Cell, Input, LONGEST_TEXT, type Scalar, looksNumeric, toNumber } from './values.js'
import { ReturnValue } from './control.js'
import { AwkStreams } from './streams.js'

/** The functions of awk, and those of the program. */
export abstract class AwkFunctions extends AwkStreams {
  private seed = 0
  private depth = 0

  protected async pattern(e: Expression): Promise<RegExp> {
    return this.regex(e.type === 'regex' ? e.source : this.text(await this.evaluate(e)))
  }

  protected async call(name: string, args: Expression[]): Promise<Scalar> {
    const fn = this.program.functions.get(name)
    if (fn) return this.callFunction(name, fn, args)
    const value = async (i: number): Promise<Scalar> => (args[i] ? this.evaluate(args[i]) : new Input(''))
    const string = async (i: number): Promise<string> => this.text(await value(i))
    const num = async (i: number): Promise<number> => toNumber(await value(i))
    if (!this.c.busybox && NOT_OF_MAWK.has(name)) throw this.undefinedFunction(name)
    switch (name) {
      case 'length': {
        const a = args[0]
        if (!a) return this.record.length
        if (a.type === 'name' && this.cell(a.name).value instanceof Map) return this.array(a.name).size
        return (await string(0)).length
      }
      case 'substr': {
        const s = await string(0)
        const start = Math.trunc(await num(1))
        const length = args[2] ? Math.trunc(await num(2)) : Infinity
        const from = Math.max(1, start)
        // Both count the length from the first character that there is; mawk 1.3.4 adds how far the start is below 0.
        let to = from + length - (this.c.busybox ? 0 : Math.min(0, start))
        if (to > s.length + 1) to = s.length + 1
        return from >= to ? '' : s.slice(from - 1, to - 1)
      }
      case 'index':
        return (await string(0)).indexOf(await string(1)) + 1
      case 'split': {
        const s = await string(0)
        const separator = args[2] ? (args[2].type === 'regex' ? args[2].source : await string(2)) : this.text(this.get('FS'))
        const parts =
          args[2]?.type === 'regex' && separator.length === 1 ? (s === '' ? [] : s.split(this.regex(separator))) : this.split(s, separator)
        const array = this.array((args[1] as { name: string }).name)
        array.clear()
        parts.forEach((p, i) => array.set(String(i + 1), new Input(p)))
        this.memory.grew(parts.length * LINE_COST + s.length)
        return parts.length
      }
      case 'sub':
      case 'gsub':
        return this.substitute(args, name === 'gsub')
      case 'gensub':
        return this.gensub(args)
      case 'match': {
        const m = (await this.pattern(args[1]!)).exec(await string(0))
        this.set('RSTART', m ? m.index + 1 : 0)
        this.set('RLENGTH', m ? m[0].length : -1)
        if (args[2] && m) {
          const array = this.array((args[2] as { name: string }).name)
          array.clear()
          m.forEach((g, i) => array.set(String(i), new Input(g ?? '')))
        }
        return m ? m.index + 1 : 0
      }
      case 'sprintf':
        return this.format(args)
      case 'sin':
        return Math.sin(await num(0))
      case 'cos':
        return Math.cos(await num(0))
      case 'atan2':
        return Math.atan2(await num(0), await num(1))
      case 'exp':
        return Math.exp(await num(0))
      case 'log':
        return Math.log(await num(0))
      case 'sqrt':
        return Math.sqrt(await num(0))
      case 'int':
        return Math.trunc(await num(0))
      case 'rand':
        return this.c.task.random.next()
      case 'srand': {
        const old = this.seed
        this.seed = args[0] ? await num(0) : Math.floor(this.c.task.clock.now() / 1000)
        return old
      }
      case 'tolower':
        return (await string(0)).replace(/[A-Z]/g, (ch) => ch.toLowerCase())
      case 'toupper':
        return (await string(0)).replace(/[a-z]/g, (ch) => ch.toUpperCase())
      case 'system': {
        await this.flush()
        return exitCode(await this.c.task.waitFor(this.shell(Buffer.from(await string(0), 'latin1').toString('utf8'), new Map())))
      }
      case 'close':
        return this.close(await string(0))
      case 'fflush':
        await this.flush()
        return 0
      case 'systime':
        return Math.floor(this.c.task.clock.now() / 1000)
      case 'strftime':
        return formatTime(
          args[0] ? await string(0) : '%a %b %d %H:%M:%S %Z %Y',
          args[1] ? (await num(1)) * 1000 : this.c.task.clock.now(),
          this.c.task.env['TZ'],
        )
      case 'and':
        return (await num(0)) & (await num(1))
      case 'or':
        return (await num(0)) | (await num(1))
      case 'xor':
        return (await num(0)) ^ (await num(1))
      case 'lshift':
        return (await num(0)) * 2 ** (await num(1))
      case 'rshift':
        return Math.floor((await num(0)) / 2 ** (await num(1)))
      default:
        throw this.undefinedFunction(name)
    }
  }

  private undefinedFunction(name: string): Fail {
    const { busybox } = this.c
    return new Fail(
      busybox ? `awk: cmd. line:1: Call to undefined function` : `awk: line 2: function ${name} never defined`,
      busybox ? 1 : 2,
    )
  }

  private async callFunction(name: string, fn: { parameters: string[]; body: Statement }, args: Expression[]): Promise<Scalar> {
    if (++this.depth > 1000) throw new Fail(`awk: function ${name}: recursion too deep`, 2)
    const locals = new Map<string, Cell>()
    for (const [i, p] of fn.parameters.entries()) {
      const arg = args[i]
      // An array, or a name that may become one, is passed by reference.
      if (arg?.type === 'name' && (this.cell(arg.name).value instanceof Map || this.cell(arg.name).value === undefined))
        locals.set(p, this.cell(arg.name).value instanceof Map ? this.cell(arg.name) : this.lazyCell(arg.name))
      else locals.set(p, { value: arg ? await this.evaluate(arg) : undefined })
    }
    const saved = this.locals
    this.callers.push(saved)
    this.locals = locals
    try {
      await this.execute(fn.body)
      return new Input('')
    } catch (error) {
      if (error instanceof ReturnValue) return error.value
      throw error
    } finally {
      this.locals = saved
      this.callers.pop()
      this.depth--
    }
  }

  /** An unset argument: as an array it is the caller's, as a scalar the callee's own. */
  private lazyCell(name: string): Cell {
    const outer = this.cell(name)
    let own: Scalar | undefined
    return {
      get value() {
        return outer.value instanceof Map ? outer.value : own
      },
      set value(v) {
        if (v instanceof Map) outer.value = v
        else own = v
      },
    }
  }

  private async substitute(args: Expression[], all: boolean): Promise<number> {
    const regex = await this.pattern(args[0]!)
    const replacement = this.text(await this.evaluate(args[1]!))
    const target: Expression = args[2] ?? { type: 'field', of: { type: 'number', value: 0 } }
    const text = this.text(await this.evaluate(target))
    const change = ({ groups: [match], number }: Match): string | undefined => {
      if (!all && number > 0) return undefined
      return replacement.replace(/\\\\|\\&|&/g, (r) => (r === '&' ? match! : r === '\\&' ? '&' : '\\'))
    }
    const replaced = await this.replaceAll(text, regex, change)
    const n = all ? replaced.matches : Math.min(replaced.matches, 1)
    if (n > 0) await this.store(target, replaced.text)
    return n
  }

  private replaceAll(text: string, regex: RegExp, change: (match: Match) => string | undefined): Promise<Replaced> {
    const bounds = { longest: LONGEST_TEXT, tooLong: () => this.outOfMemory() }
    return replaceMatches(this.c.task, text, boundedRegExp(regex.source, 'g'), change, bounds)
  }

  private async gensub(args: Expression[]): Promise<string> {
    const regex = await this.pattern(args[0]!)
    const replacement = this.text(await this.evaluate(args[1]!))
    const how = this.text(await this.evaluate(args[2]!))
    const text = args[3] ? this.text(await this.evaluate(args[3])) : this.record
    const which = /^[gG]/.test(how) ? 0 : Number(how) || 1
    const change = ({ groups, number }: Match): string | undefined => {
      const match = groups[0]!
      if (which !== 0 && number + 1 !== which) return number < which ? match : undefined
      return replacement.replace(/\\(\d)|\\&|&/g, (r, d?: string) =>
        d !== undefined ? (d === '0' ? match : (groups[Number(d)] ?? '')) : r === '&' ? match : '&',
      )
    }
    return (await this.replaceAll(text, regex, change)).text
  }

  protected async format(args: Expression[]): Promise<string> {
    if (args.length === 0) throw new Fail('awk: not enough args in printf', 2)
    const format = this.text(await this.evaluate(args[0]!))
    const values: string[] = []
    // Which conversions want numbers: strings are converted as awk does, before printf sees them.
    const kinds = [...format.replaceAll('%%', '').matchAll(/%[-+ #0]*(\*|\d+)?(?:\.(\*|\d*))?[hlLqjzt]*([a-zA-Z])/g)].flatMap((m) => [
      ...(m[1] === '*' ? ['d'] : []),
      ...(m[2] === '*' ? ['d'] : []),
      m[3]!,
    ])
    for (const [i, e] of args.slice(1).entries()) {
      const v = await this.evaluate(e)
      const kind = kinds[i] ?? 's'
      if ('dioxXu'.includes(kind)) values.push(String(BigInt(Number.isFinite(toNumber(v)) ? Math.trunc(toNumber(v)) : 0)))
      else if ('feEgGF'.includes(kind)) values.push(String(toNumber(v)))
      else if (kind === 'c')
        values.push(
          typeof v === 'number' || (v instanceof Input && looksNumeric(v.text)) ? String.fromCharCode(toNumber(v) & 255) : this.text(v),
        )
      else values.push(this.text(v))
    }
    if (values.length < kinds.length && !this.c.busybox)
      throw new Fail(`awk: run time error: not enough arguments passed to printf("${format}")\n\tFILENAME="" FNR=0 NR=0`, 2)
    while (values.length < kinds.length) values.push('')
    // One pass only: awk does not use the format again; backslashes are text by now.
    return formatPrintf(format.replaceAll('\\', '\\\\'), values.slice(0, kinds.length), { now: 0 }).text
  }

  protected abstract evaluate(e: Expression): Promise<Scalar>
  protected abstract execute(s: Statement): Promise<void>
  protected abstract store(target: Expression, value: Scalar): Promise<void>
}
