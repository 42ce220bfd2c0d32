/** The state of a running awk program. */
import { formatPrintf } from '../../shell/printf.js'
import { MeasuredMemory } from '../../memory-budget.js'
import { Fail, type Command } from '../command.js'
import { LINE_COST } from '../reading.js'
import { boundedRegExp } from '../guarded-regexp.js'
import { compile, RegexError } from '../regex.js'
import { parseAwk } from './parse.js'
import type { AwkProgram } from './syntax.js'
import { type AwkArray, type Cell, Input, type Scalar, looksNumeric, toNumber } from './values.js'

/** Bytes of a value. */
function sizeOf(value: Scalar | undefined): number {
  return typeof value === 'string' ? value.length : value instanceof Input ? value.text.length : 8
}

/** The variables and arrays of a running program, its record and the fields of it. */
export abstract class AwkVariables {
  protected readonly program: AwkProgram
  protected readonly globals = new Map<string, Cell>()
  protected locals: Map<string, Cell> | undefined
  protected record = ''
  private fields: string[] | undefined
  /** What separates the fields of the record: FS as it was when the record came. */
  private separator = ' '
  private NF = 0
  private readonly regexes = new Map<string, RegExp>()
  /** The variables of the functions that called the one that runs. */
  protected readonly callers: (Map<string, Cell> | undefined)[] = []
  protected readonly memory: MeasuredMemory

  constructor(
    protected readonly c: Command,
    source: string,
    assignments: readonly string[],
    operands: readonly string[],
  ) {
    this.memory = new MeasuredMemory(c.task, () => this.measure())
    this.program = parseAwk(Buffer.from(source).toString('latin1'), !c.busybox)
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

  /** Bytes of all variables and arrays. */
  private measure(): number {
    let bytes = 0
    for (const scope of [this.globals, this.locals, ...this.callers])
      for (const { value } of scope?.values() ?? []) {
        if (!(value instanceof Map)) bytes += sizeOf(value)
        else for (const [key, element] of value) bytes += LINE_COST + key.length + sizeOf(element)
      }
    return bytes
  }

  /** It wants more memory than there can be. Throws Killed where there is a limit. */
  protected outOfMemory(): Fail {
    this.c.task.exhaust()
    return new Fail('awk: out of memory', 2)
  }

  /** `name=value` of -v or among the files. */
  protected assignment(text: string): void {
    const eq = text.indexOf('=')
    const value = text.slice(eq + 1).replace(/\\(n|t|\\|")/g, (_m, ch: string) => ({ n: '\n', t: '\t', '\\': '\\', '"': '"' })[ch]!)
    this.set(text.slice(0, eq), new Input(value))
  }

  protected setRecord(text: string): void {
    this.record = text
    this.fields = undefined
    // A separator that is set later is for the next record.
    this.separator = this.text(this.get('FS'))
  }

  private splitFields(): string[] {
    if (!this.fields) {
      this.fields = this.split(this.record, this.separator)
      this.NF = this.fields.length
    }
    return this.fields
  }

  protected split(text: string, separator: string): string[] {
    if (text === '') return []
    if (separator === ' ') return text.trim() === '' ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, '').split(/[ \t\n]+/)
    if (separator === '') return [...text]
    if (separator.length === 1 && separator !== ' ') return separator === '\\' ? text.split('\\') : text.split(separator)
    const regex = boundedRegExp(this.regex(separator).source.replace(/\((?!\?)/g, '(?:'))
    return text.split(regex)
  }

  protected field(n: number): Scalar {
    if (n < 0) throw new Fail(`awk: ${this.c.busybox ? 'cmd. line:1: ' : ''}attempt to access field ${n}`, 2)
    if (n === 0) return new Input(this.record)
    return new Input(this.splitFields()[n - 1] ?? '')
  }

  protected setField(n: number, value: Scalar): void {
    if (n === 0) return this.setRecord(this.text(value))
    const fields = this.splitFields()
    if (n > 100_000) throw new Fail('awk: field number out of range', 2)
    while (fields.length < n) fields.push('')
    fields[n - 1] = this.text(value)
    this.NF = fields.length
    this.record = fields.join(this.text(this.get('OFS')))
  }

  protected cell(name: string): Cell {
    const local = this.locals?.get(name)
    if (local) return local
    let cell = this.globals.get(name)
    if (!cell) this.globals.set(name, (cell = { value: undefined }))
    return cell
  }

  protected get(name: string): Scalar {
    if (name === 'NF') {
      this.splitFields()
      return this.NF
    }
    const { value } = this.cell(name)
    if (value instanceof Map) throw new Fail(`awk: cmd. line:1: attempt to use array '${name}' in a scalar context`, 2)
    return value ?? new Input('')
  }

  protected set(name: string, value: Scalar): void {
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
    if (typeof value !== 'number') this.memory.grew(sizeOf(value))
  }

  protected array(name: string): AwkArray {
    const cell = this.cell(name)
    if (cell.value === undefined) cell.value = new Map()
    if (!(cell.value instanceof Map)) throw new Fail(`awk: cmd. line:1: attempt to use scalar '${name}' as an array`, 2)
    return cell.value
  }

  protected text(v: Scalar): string {
    if (typeof v === 'string') return v
    if (typeof v !== 'number') return v.text
    return this.numberText(v, 'CONVFMT')
  }

  protected numberText(v: number, format: 'CONVFMT' | 'OFMT'): string {
    // mawk writes what fits in an int as such, busybox what fits in 64 bits; the rest goes by the format.
    const largest = this.c.busybox ? 2 ** 63 - 1024 : 2 ** 31 - 1
    if (Number.isInteger(v) && Math.abs(v) <= largest) return String(BigInt(v))
    if (Number.isNaN(v)) return 'nan'
    if (!Number.isFinite(v)) return v < 0 ? '-inf' : 'inf'
    const spec = this.globals.get(format)?.value
    return formatPrintf(typeof spec === 'string' ? spec : '%.6g', [String(v)], { now: 0 }).text
  }

  protected truth(v: Scalar): boolean {
    if (typeof v === 'number') return v !== 0
    if (typeof v === 'string') return v !== ''
    return looksNumeric(v.text) ? toNumber(v) !== 0 : v.text !== ''
  }

  protected regex(source: string): RegExp {
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
}
