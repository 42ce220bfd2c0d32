/** Runs awk programs. Text is bytes (latin1 strings). */
import type { OpenFile } from '../../process.js'
import { makePipe } from '../../pipe.js'
import { Handle } from '../../open-file.js'
import { exitCode } from '../../task.js'
import { formatPrintf } from '../../shell/printf.js'
import { Fail, openForReading, type Command } from '../command.js'
import { boundedRegExp } from '../guarded-regexp.js'
import { compile, RegexError } from '../regex.js'
import { formatTime } from '../strftime.js'
import { parseAwk, type AwkProgram, type Expression, type Statement } from './parse.js'

/** A string that looks like a number compares as one when it comes from input. */
class Input {
  constructor(readonly text: string) {}
}

type Scalar = number | string | Input
type AwkArray = Map<string, Scalar>
interface Cell {
  value: Scalar | AwkArray | undefined
}

class Next {}
class NextFile {}
class Exit {
  constructor(readonly code: number | undefined) {}
}
class ReturnValue {
  constructor(readonly value: Scalar) {}
}
class Loop {
  constructor(readonly kind: 'break' | 'continue') {}
}

const NUMBER = /^\s*[-+]?(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/

function looksNumeric(text: string): boolean {
  const m = NUMBER.exec(text)
  return m !== null && text.slice(m[0].length).trim() === ''
}

function toNumber(v: Scalar | undefined): number {
  if (typeof v === 'number') return v
  if (v === undefined) return 0
  const text = typeof v === 'string' ? v : v.text
  const m = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/.exec(text)
  return m ? Number(m[0]) : 0
}

interface Reader {
  file: OpenFile
  rest: string
  ended: boolean
  close: () => Promise<number>
}

interface Writer {
  write: (text: string) => Promise<void>
  close: () => Promise<number>
}

export class Awk {
  private readonly program: AwkProgram
  private readonly globals = new Map<string, Cell>()
  private locals: Map<string, Cell> | undefined
  private record = ''
  private fields: string[] | undefined
  private NF = 0
  private readonly regexes = new Map<string, RegExp>()
  private readonly readers = new Map<string, Reader>()
  private readonly writers = new Map<string, Writer>()
  private readonly ranges = new Set<number>()
  private out = ''
  private main: Reader | undefined
  private argument = 1
  private usedFile = false
  private seed = 0
  private depth = 0

  constructor(
    private readonly c: Command,
    source: string,
    assignments: readonly string[],
    operands: readonly string[],
  ) {
    this.program = parseAwk(Buffer.from(source).toString('latin1'))
    for (const [name, value] of Object.entries({
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      FILENAME: '',
    }))
      this.set(name, value)
    for (const [name, value] of Object.entries({ NR: 0, FNR: 0, RSTART: 0, RLENGTH: -1 })) this.set(name, value)
    const env: AwkArray = new Map(Object.entries(c.task.env).map(([k, v]) => [k, new Input(Buffer.from(v).toString('latin1'))]))
    this.globals.set('ENVIRON', { value: env })
    this.globals.set('ARGV', {
      value: new Map([c.name, ...operands].map((a, i): [string, Scalar] => [String(i), new Input(Buffer.from(a).toString('latin1'))])),
    })
    this.set('ARGC', operands.length + 1)
    for (const a of assignments) this.assignment(Buffer.from(a).toString('latin1'))
  }

  /** `name=value` of -v or among the files. */
  private assignment(text: string): void {
    const eq = text.indexOf('=')
    const value = text.slice(eq + 1).replace(/\\(n|t|\\|")/g, (_m, ch: string) => ({ n: '\n', t: '\t', '\\': '\\', '"': '"' })[ch]!)
    this.set(text.slice(0, eq), new Input(value))
  }

  async run(): Promise<number> {
    let code = 0
    const guarded = async (body: () => Promise<void>): Promise<boolean> => {
      try {
        await body()
        return true
      } catch (error) {
        if (!(error instanceof Exit)) throw error
        if (error.code !== undefined) code = error.code
        return false
      }
    }
    const rules = this.program.rules
    let go = await guarded(async () => {
      for (const r of rules) if (r.kind === 'BEGIN') await this.execute(r.body!)
    })
    const reads = rules.some((r) => r.kind !== 'BEGIN')
    if (go && reads) {
      go = await guarded(async () => {
        while (await this.nextRecord()) {
          await this.mainRules()
          const pause = this.c.task.tick(0.002)
          if (pause) await pause
        }
      })
    }
    // END runs after exit in BEGIN or a main rule, too, but not after exit in END.
    if (reads || go) {
      await guarded(async () => {
        for (const r of rules) if (r.kind === 'END') await this.execute(r.body!)
      })
    }
    await this.flush()
    for (const name of this.writers.keys()) await this.close(name)
    for (const name of this.readers.keys()) await this.close(name)
    return code
  }

  private async mainRules(): Promise<void> {
    try {
      for (const [i, r] of this.program.rules.entries()) {
        if (r.kind !== 'main') continue
        if (r.until) {
          if (!this.ranges.has(i)) {
            if (!this.truth(await this.evaluate(r.pattern!))) continue
            this.ranges.add(i)
          }
          if (this.truth(await this.evaluate(r.until))) this.ranges.delete(i)
        } else if (r.pattern && !this.truth(await this.evaluate(r.pattern))) continue
        if (r.body) await this.execute(r.body)
        else this.out += this.record + this.text(this.get('ORS'))
      }
    } catch (error) {
      if (error instanceof NextFile) {
        await this.main?.close()
        this.main = undefined
      } else if (!(error instanceof Next)) throw error
    }
    if (this.out.length > 65_536) await this.flush()
  }

  // Input.

  private async nextRecord(): Promise<boolean> {
    for (;;) {
      if (!this.main && !(await this.openNext())) return false
      const line = await this.readRecord(this.main!)
      if (line === undefined) {
        await this.main!.close()
        this.main = undefined
        continue
      }
      this.set('NR', toNumber(this.get('NR')) + 1)
      this.set('FNR', toNumber(this.get('FNR')) + 1)
      this.setRecord(line)
      return true
    }
  }

  private async openNext(): Promise<boolean> {
    const argc = toNumber(this.get('ARGC'))
    const argv = this.globals.get('ARGV')!.value as AwkArray
    while (this.argument < argc) {
      const arg = this.text(argv.get(String(this.argument++)) ?? '')
      if (arg === '') continue
      if (/^[A-Za-z_]\w*=/.test(arg)) {
        this.assignment(arg)
        continue
      }
      this.usedFile = true
      if (arg === '-') return this.useInput()
      const path = Buffer.from(arg, 'latin1').toString('utf8')
      try {
        const file = await openForReading(this.c.task, path)
        this.main = { file, rest: '', ended: false, close: async () => (file.close(), 0) }
        this.set('FILENAME', arg)
        this.set('FNR', 0)
        return true
      } catch (error) {
        this.c.task.check()
        await this.flush()
        await this.c.warn(this.c.busybox ? `${path}: ${this.c.text(error)}` : `cannot open "${path}" (${this.c.text(error)})`, 2)
        if (!this.c.busybox) throw new Exit(2)
      }
    }
    return this.usedFile ? false : this.useInput()
  }

  private useInput(): boolean {
    this.usedFile = true
    const file = this.c.task.fd(0)
    if (!file) return false
    this.main = { file, rest: '', ended: false, close: async () => 0 }
    return true
  }

  private async readRecord(r: Reader): Promise<string | undefined> {
    const rs = this.text(this.get('RS'))
    if (rs === '') return this.readParagraph(r)
    for (;;) {
      if (rs.length === 1) {
        const at = r.rest.indexOf(rs)
        if (at >= 0) {
          const line = r.rest.slice(0, at)
          r.rest = r.rest.slice(at + 1)
          return line
        }
      } else {
        const m = this.regex(rs).exec(r.rest)
        if (m && m[0] !== '' && (r.ended || m.index + m[0].length < r.rest.length)) {
          const line = r.rest.slice(0, m.index)
          r.rest = r.rest.slice(m.index + m[0].length)
          return line
        }
      }
      if (r.ended) {
        if (r.rest === '') return undefined
        const line = r.rest
        r.rest = ''
        return line
      }
      await this.fill(r)
    }
  }

  private async readParagraph(r: Reader): Promise<string | undefined> {
    while (!r.ended) await this.fill(r)
    r.rest = r.rest.replace(/^\n+/, '')
    if (r.rest === '') return undefined
    const m = /\n\n+/.exec(r.rest)
    const line = m ? r.rest.slice(0, m.index) : r.rest.replace(/\n$/, '')
    r.rest = m ? r.rest.slice(m.index + m[0].length) : ''
    return line
  }

  private async fill(r: Reader): Promise<void> {
    // Whoever waits for more has seen what there was.
    await this.flush()
    const data = await r.file.read(65_536)
    if (data.length === 0) r.ended = true
    else r.rest += Buffer.from(data).toString('latin1')
  }

  private setRecord(text: string): void {
    this.record = text
    this.fields = undefined
  }

  private splitFields(): string[] {
    if (!this.fields) {
      this.fields = this.split(this.record, this.text(this.get('FS')))
      this.NF = this.fields.length
    }
    return this.fields
  }

  private split(text: string, separator: string): string[] {
    if (text === '') return []
    if (separator === ' ') return text.trim() === '' ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, '').split(/[ \t\n]+/)
    if (separator === '') return [...text]
    if (separator.length === 1 && separator !== ' ') return separator === '\\' ? text.split('\\') : text.split(separator)
    const regex = boundedRegExp(this.regex(separator).source.replace(/\((?!\?)/g, '(?:'))
    return text.split(regex)
  }

  private field(n: number): Scalar {
    if (n < 0) throw new Fail(`awk: ${this.c.busybox ? 'cmd. line:1: ' : ''}attempt to access field ${n}`, 2)
    if (n === 0) return new Input(this.record)
    return new Input(this.splitFields()[n - 1] ?? '')
  }

  private setField(n: number, value: Scalar): void {
    if (n === 0) return this.setRecord(this.text(value))
    const fields = this.splitFields()
    if (n > 100_000) throw new Fail('awk: field number out of range', 2)
    while (fields.length < n) fields.push('')
    fields[n - 1] = this.text(value)
    this.NF = fields.length
    this.record = fields.join(this.text(this.get('OFS')))
  }

  // Variables.

  private cell(name: string): Cell {
    const local = this.locals?.get(name)
    if (local) return local
    let cell = this.globals.get(name)
    if (!cell) this.globals.set(name, (cell = { value: undefined }))
    return cell
  }

  private get(name: string): Scalar {
    if (name === 'NF') {
      this.splitFields()
      return this.NF
    }
    const { value } = this.cell(name)
    if (value instanceof Map) throw new Fail(`awk: cmd. line:1: attempt to use array '${name}' in a scalar context`, 2)
    return value ?? new Input('')
  }

  private set(name: string, value: Scalar): void {
    if (name === 'NF') {
      const fields = this.splitFields()
      const n = Math.min(100_000, Math.max(0, toNumber(value)))
      fields.length = Math.min(fields.length, n)
      while (fields.length < n) fields.push('')
      this.NF = n
      this.record = fields.join(this.text(this.get('OFS')))
      return
    }
    this.cell(name).value = value
  }

  private array(name: string): AwkArray {
    const cell = this.cell(name)
    if (cell.value === undefined) cell.value = new Map()
    if (!(cell.value instanceof Map)) throw new Fail(`awk: cmd. line:1: attempt to use scalar '${name}' as an array`, 2)
    return cell.value
  }

  private text(v: Scalar): string {
    if (typeof v === 'string') return v
    if (typeof v !== 'number') return v.text
    return this.numberText(v, 'CONVFMT')
  }

  private numberText(v: number, format: 'CONVFMT' | 'OFMT'): string {
    if (Number.isInteger(v) && Math.abs(v) < 1e16) return String(v)
    if (Number.isNaN(v)) return this.c.busybox ? 'nan' : '-nan'
    if (!Number.isFinite(v)) return v < 0 ? '-inf' : 'inf'
    const spec = this.globals.get(format)?.value
    return formatPrintf(typeof spec === 'string' ? spec : '%.6g', [String(v)], { now: 0 }).text
  }

  private truth(v: Scalar): boolean {
    if (typeof v === 'number') return v !== 0
    if (typeof v === 'string') return v !== ''
    return looksNumeric(v.text) ? toNumber(v) !== 0 : v.text !== ''
  }

  private regex(source: string): RegExp {
    let r = this.regexes.get(source)
    if (!r) {
      try {
        // The source is bytes already.
        r = compile(Buffer.from(source, 'latin1').toString('utf8'), true)
      } catch (error) {
        if (!(error instanceof RegexError)) throw error
        throw new Fail(`awk: ${this.c.busybox ? `bad regex '${source}': ` : ''}${error.message}`, 2)
      }
      this.regexes.set(source, r)
      if (this.regexes.size > 500) this.regexes.delete(this.regexes.keys().next().value!)
    }
    return r
  }

  private async pattern(e: Expression): Promise<RegExp> {
    return this.regex(e.type === 'regex' ? e.source : this.text(await this.evaluate(e)))
  }

  private async subscript(list: Expression[]): Promise<string> {
    if (list.length === 1) return this.text(await this.evaluate(list[0]!))
    const parts: string[] = []
    for (const e of list) parts.push(this.text(await this.evaluate(e)))
    return parts.join(this.text(this.get('SUBSEP')))
  }

  // Expressions.

  private async evaluate(e: Expression): Promise<Scalar> {
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
      if (text.length > 64 * 1024 * 1024) throw new Fail('awk: out of memory', 2)
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
    if ((e.op === '/' || e.op === '%') && toNumber(right) === 0) {
      await this.flush()
      throw new Fail(
        this.c.busybox ? 'awk: cmd. line:1: Division by zero' : `awk: division by zero${e.op === '%' ? ' in %' : ''}`,
        this.c.busybox ? 1 : 2,
      )
    }
    return arithmetic(e.op, toNumber(left), toNumber(right))
  }

  private async store(target: Expression, value: Scalar): Promise<void> {
    if (target.type === 'name') this.set(target.name, value)
    else if (target.type === 'field') this.setField(Math.trunc(toNumber(await this.evaluate(target.of))), value)
    else if (target.type === 'index') {
      const key = await this.subscript(target.subscripts)
      this.array(target.name).set(key, value)
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

  private shell(line: string, fds: Map<number, Handle['description']>): ReturnType<Command['task']['fork']> {
    const { task } = this.c
    return task.fork(
      async (child) => {
        const run = await child.spawn({ argv: ['/bin/sh', '-c', line] })
        return run.wait()
      },
      { fds },
    )
  }

  private commandReader(line: string): Reader {
    const { reader, writer } = makePipe()
    reader.retain()
    const child = this.shell(line, new Map([[1, writer]]))
    const file = new Handle(reader, this.c.task)
    return {
      file,
      rest: '',
      ended: false,
      close: async () => {
        reader.release()
        return exitCode(await this.c.task.waitFor(child))
      },
    }
  }

  // Functions.

  private async call(name: string, args: Expression[]): Promise<Scalar> {
    const fn = this.program.functions.get(name)
    if (fn) return this.callFunction(name, fn, args)
    const value = async (i: number): Promise<Scalar> => (args[i] ? this.evaluate(args[i]) : new Input(''))
    const string = async (i: number): Promise<string> => this.text(await value(i))
    const num = async (i: number): Promise<number> => toNumber(await value(i))
    switch (name) {
      case 'length': {
        const a = args[0]
        if (!a) return this.record.length
        if (a.type === 'name' && this.cell(a.name).value instanceof Map) return this.array(a.name).size
        return (await string(0)).length
      }
      case 'substr': {
        const s = await string(0)
        let from = Math.round(await num(1))
        let to = args[2] ? from + Math.round(await num(2)) : Infinity
        if (from < 1) from = 1
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
        throw new Fail(
          this.c.busybox ? `awk: cmd. line:1: Call to undefined function` : `awk: function ${name} not defined`,
          this.c.busybox ? 1 : 2,
        )
    }
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
    this.locals = locals
    try {
      await this.execute(fn.body)
      return new Input('')
    } catch (error) {
      if (error instanceof ReturnValue) return error.value
      throw error
    } finally {
      this.locals = saved
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
    let n = 0
    const result = text.replace(boundedRegExp(regex.source, all ? 'g' : ''), (m: string) => {
      n++
      return replacement.replace(/\\\\|\\&|&/g, (r) => (r === '&' ? m : r === '\\&' ? '&' : '\\'))
    })
    if (n > 0) await this.store(target, result)
    return n
  }

  private async gensub(args: Expression[]): Promise<string> {
    const regex = await this.pattern(args[0]!)
    const replacement = this.text(await this.evaluate(args[1]!))
    const how = this.text(await this.evaluate(args[2]!))
    const text = args[3] ? this.text(await this.evaluate(args[3])) : this.record
    const which = /^[gG]/.test(how) ? 0 : Number(how) || 1
    let n = 0
    return text.replace(boundedRegExp(regex.source, 'g'), (m: string, ...rest: unknown[]) => {
      n++
      if (which !== 0 && n !== which) return m
      return replacement.replace(/\\(\d)|\\&|&/g, (r, d?: string) =>
        d !== undefined ? (d === '0' ? m : String(rest[Number(d) - 1] ?? '')) : r === '&' ? m : '&',
      )
    })
  }

  private async format(args: Expression[]): Promise<string> {
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
    while (values.length < kinds.length) values.push('')
    // One pass only: awk does not use the format again; backslashes are text by now.
    return formatPrintf(format.replaceAll('\\', '\\\\'), values.slice(0, kinds.length), { now: 0 }).text
  }

  // Statements.

  private async execute(s: Statement): Promise<void> {
    const pause = this.c.task.tick(0.0005)
    if (pause) await pause
    switch (s.type) {
      case 'block':
        for (const b of s.body) await this.execute(b)
        return
      case 'expression':
        await this.evaluate(s.expression)
        return
      case 'print':
        return this.print(s)
      case 'if':
        if (this.truth(await this.evaluate(s.test))) await this.execute(s.yes)
        else if (s.no) await this.execute(s.no)
        return
      case 'while':
        if (s.after && !(await this.loopBody(s.body))) return
        while (this.truth(await this.evaluate(s.test))) if (!(await this.loopBody(s.body))) return
        return
      case 'for':
        if (s.init) await this.execute(s.init)
        while (!s.test || this.truth(await this.evaluate(s.test))) {
          if (!(await this.loopBody(s.body))) return
          if (s.step) await this.execute(s.step)
        }
        return
      case 'forIn':
        for (const key of Array.from(this.array(s.array).keys())) {
          if (!this.array(s.array).has(key)) continue
          this.set(s.variable, new Input(key))
          if (!(await this.loopBody(s.body))) return
        }
        return
      case 'next':
        throw new Next()
      case 'nextfile':
        throw new NextFile()
      case 'break':
      case 'continue':
        throw new Loop(s.type)
      case 'exit':
        throw new Exit(s.value ? toNumber(await this.evaluate(s.value)) & 255 : undefined)
      case 'return':
        throw new ReturnValue(s.value ? await this.evaluate(s.value) : new Input(''))
      case 'delete':
        if (s.subscripts) this.array(s.array).delete(await this.subscript(s.subscripts))
        else this.array(s.array).clear()
    }
  }

  private async loopBody(body: Statement): Promise<boolean> {
    try {
      await this.execute(body)
      return true
    } catch (error) {
      if (!(error instanceof Loop)) throw error
      return error.kind === 'continue'
    }
  }

  private async print(s: Statement & { type: 'print' }): Promise<void> {
    let text: string
    if (s.formatted) text = await this.format(s.args)
    else {
      const parts: string[] = []
      for (const e of s.args) {
        const v = await this.evaluate(e)
        parts.push(typeof v === 'number' ? this.numberText(v, 'OFMT') : this.text(v))
      }
      text = (s.args.length === 0 ? this.record : parts.join(this.text(this.get('OFS')))) + this.text(this.get('ORS'))
    }
    if (!s.op) {
      this.out += text
      if (this.out.length > 65_536) await this.flush()
      return
    }
    const name = this.text(await this.evaluate(s.to!))
    let writer = this.writers.get(name)
    if (!writer) this.writers.set(name, (writer = await this.openWriter(s.op, name)))
    await writer.write(text)
  }

  private async openWriter(op: '>' | '>>' | '|', name: string): Promise<Writer> {
    const { task } = this.c
    const path = Buffer.from(name, 'latin1').toString('utf8')
    const bytes = (t: string): Buffer => Buffer.from(t, 'latin1')
    if (op === '|') {
      await this.flush()
      const { reader, writer } = makePipe()
      writer.retain()
      const child = this.shell(path, new Map([[0, reader]]))
      const file = new Handle(writer, task)
      return {
        write: (t) => file.write(bytes(t)),
        close: async () => {
          writer.release()
          return exitCode(await task.waitFor(child))
        },
      }
    }
    if (path === '/dev/stdout' || path === '-') return { write: async (t) => void (this.out += t), close: async () => 0 }
    if (path === '/dev/stderr') return { write: (t) => task.writeError(bytes(t)), close: async () => 0 }
    const file = this.c.fs.open(path, op === '>' ? 'w' : 'a')
    return { write: (t) => file.write(bytes(t)), close: async () => (file.close(), 0) }
  }

  private async close(name: string): Promise<number> {
    const writer = this.writers.get(name)
    const reader = this.readers.get(name)
    if (!writer && !reader) return -1
    if (writer) await this.flush()
    this.writers.delete(name)
    this.readers.delete(name)
    const a = await writer?.close()
    const b = await reader?.close()
    return a ?? b ?? 0
  }

  private async flush(): Promise<void> {
    if (this.out === '') return
    const text = this.out
    this.out = ''
    await this.c.print(Buffer.from(text, 'latin1'))
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
