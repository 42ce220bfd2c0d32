/** JSON values as jq has them: objects keep the order of their keys, whatever the keys are called. */

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = Map<string, Json>

/** An input that is not JSON; the message is jq's. */
export class JsonError extends Error {
  /** @param unfinished what comes next may make it JSON */
  constructor(
    message: string,
    readonly unfinished = false,
  ) {
    super(message)
  }
}

/** A place in a stream: newlines in front of it, and characters since the last of them. */
export interface Position {
  newlines: number
  column: number
}

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const LITERALS: readonly (readonly [string, Json])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
]
/** Nesting that jq accepts. */
const DEEPEST = 10_000

/** Reads the JSON texts of a stream one after the other. */
export class JsonReader {
  private at = 0
  private depth = 0
  /** How far the newlines are counted. */
  private counted = 0
  private newlines: number

  /** @param start where in its stream the text begins */
  constructor(
    private readonly text: string,
    private readonly start: Position = { newlines: 0, column: 0 },
  ) {
    this.newlines = start.newlines
  }

  /** Characters read so far. */
  get read(): number {
    return this.at
  }

  /** The place in the stream of a place in the text. */
  position(at: number): Position {
    const before = this.text.slice(0, at)
    const last = before.lastIndexOf('\n')
    let { newlines } = this.start
    for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) newlines++
    return { newlines, column: last < 0 ? this.start.column + at : at - last - 1 }
  }

  /** The next value; undefined at the end. Throws {@link JsonError}. */
  next(): Json | undefined {
    this.space()
    if (this.at >= this.text.length) return undefined
    try {
      return this.value()
    } catch (error) {
      // The stack of the simulator may be less deep than jq's limit.
      if (error instanceof RangeError) throw this.fail('Exceeds depth limit for parsing')
      throw error
    }
  }

  private space(): void {
    SPACE.lastIndex = this.at
    SPACE.test(this.text)
    this.at = SPACE.lastIndex
  }

  private fail(message: string): JsonError {
    const { newlines, column } = this.position(Math.min(this.at + 1, this.text.length))
    const unfinished = this.at >= this.text.length
    return new JsonError(`${message}${unfinished ? ' at EOF' : ''} at line ${newlines + 1}, column ${column}`, unfinished)
  }

  /** Lines of the stream read so far, the one of the last value included. */
  get lines(): number {
    const end = this.text.indexOf('\n', this.at)
    const until = end < 0 ? this.text.length : end + 1
    for (let i = this.text.indexOf('\n', this.counted); i >= 0 && i < until; i = this.text.indexOf('\n', i + 1)) this.newlines++
    this.counted = until
    return this.newlines
  }

  private value(): Json {
    this.space()
    const c = this.text[this.at]
    if (c === undefined) throw this.fail('Unfinished JSON term')
    if (c === '{' || c === '[') {
      if (++this.depth > DEEPEST) throw this.fail('Exceeds depth limit for parsing')
      const value = c === '{' ? this.object() : this.array()
      this.depth--
      return value
    }
    if (c === '"') return this.string()
    for (const [word, value] of LITERALS) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return value
    }
    NUMBER.lastIndex = this.at
    const m = NUMBER.exec(this.text)
    if (!m) throw this.invalidLiteral()
    this.at += m[0].length
    return Number(m[0])
  }

  private invalidLiteral(): JsonError {
    while (/[^\s,:[\]{}"]/.test(this.text[this.at] ?? ' ')) this.at++
    return this.fail('Invalid numeric literal')
  }

  private array(): Json[] {
    const out: Json[] = []
    this.at++
    this.space()
    if (this.take(']')) return out
    for (;;) {
      out.push(this.value())
      this.space()
      if (this.take(']')) return out
      if (!this.take(',')) throw this.fail(this.at < this.text.length ? 'Expected separator between values' : 'Unfinished JSON term')
    }
  }

  private object(): JsonObject {
    const out: JsonObject = new Map()
    this.at++
    this.space()
    if (this.take('}')) return out
    for (;;) {
      this.space()
      if (this.at >= this.text.length) throw this.fail('Unfinished JSON term')
      if (this.text[this.at] !== '"')
        throw this.fail(out.size > 0 && this.text[this.at] === '}' ? 'Expected another key-value pair' : 'Object keys must be strings')
      const key = this.string()
      this.space()
      if (!this.take(':')) throw this.fail('Objects must consist of key:value pairs')
      out.set(key, this.value())
      this.space()
      if (this.take('}')) return out
      if (!this.take(',')) throw this.fail(this.at < this.text.length ? 'Expected separator between values' : 'Unfinished JSON term')
    }
  }

  private take(c: string): boolean {
    if (this.text[this.at] !== c) return false
    this.at++
    return true
  }

  private string(): string {
    let end = this.at + 1
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1
    if (end >= this.text.length) {
      this.at = this.text.length
      throw this.fail('Unfinished string')
    }
    const raw = this.text.slice(this.at, end + 1)
    this.at = end + 1
    try {
      return JSON.parse(raw.replace(/[\n\r\t]/g, (c) => (c === '\n' ? '\\n' : c === '\r' ? '\\r' : '\\t'))) as string
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw this.fail('Invalid escape')
    }
  }
}

/** How {@link format} lays a value out. */
export interface Layout {
  /** Put in front of each level; undefined for one line. */
  indent?: string
  sortKeys?: boolean
  /** ASCII only. */
  ascii?: boolean
  colour?: boolean
}

const COLOURS = { null: '1;30', false: '0;39', true: '0;39', number: '0;39', string: '0;32', array: '1;39', object: '1;39', key: '34;1' }

function paint(layout: Layout, colour: keyof typeof COLOURS, text: string): string {
  return layout.colour ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text
}

/** A number as jq prints it. */
export function formatNumber(n: number): string {
  if (Number.isNaN(n)) return 'null'
  if (n === Infinity) return '1.7976931348623157e+308'
  if (n === -Infinity) return '-1.7976931348623157e+308'
  if (Object.is(n, -0)) return '-0'
  if (Number.isInteger(n) && Math.abs(n) < 1e17) return String(n)
  return Math.abs(n) <= 1e-5 || Math.abs(n) >= 1e17 ? n.toExponential().replace(/e([-+])(\d)$/, 'e$10$2') : String(n)
}

export function formatString(text: string, ascii = false): string {
  const json = JSON.stringify(text).replaceAll('\x7f', '\\u007f')
  return ascii ? json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : json
}

/** The text of a value. */
export function format(value: Json, layout: Layout = {}, level = 0): string {
  if (value === null) return paint(layout, 'null', 'null')
  if (typeof value === 'boolean') return paint(layout, value ? 'true' : 'false', String(value))
  if (typeof value === 'number') return paint(layout, 'number', formatNumber(value))
  if (typeof value === 'string') return paint(layout, 'string', formatString(value, layout.ascii))
  const isArray = Array.isArray(value)
  const [open, close] = isArray ? '[]' : '{}'
  const colour = isArray ? 'array' : 'object'
  const items = isArray
    ? value.map((v) => format(v, layout, level + 1))
    : entries(value, layout.sortKeys).map(
        ([k, v]) =>
          `${layout.colour ? paint(layout, 'key', formatString(k, layout.ascii)) : formatString(k, layout.ascii)}${paint(layout, 'object', ':')}${layout.indent === undefined ? '' : ' '}${format(v, layout, level + 1)}`,
      )
  if (items.length === 0) return paint(layout, colour, `${open}${close}`)
  if (layout.indent === undefined)
    return paint(layout, colour, open!) + items.join(paint(layout, colour, ',')) + paint(layout, colour, close!)
  const pad = `\n${layout.indent.repeat(level + 1)}`
  return `${paint(layout, colour, open!)}${pad}${items.join(paint(layout, colour, ',') + pad)}\n${layout.indent.repeat(level)}${paint(layout, colour, close!)}`
}

function entries(value: JsonObject, sorted = false): [string, Json][] {
  const all = [...value]
  return sorted ? all.sort((a, b) => compareText(a[0], b[0])) : all
}

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export function typeOf(value: Json): TypeName {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return value instanceof Map ? 'object' : (typeof value as 'boolean' | 'number' | 'string')
}

/** Strings in the order of their code points. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const ORDER = (value: Json): number => {
  if (value === null) return 0
  if (value === false) return 1
  if (value === true) return 2
  return ['number', 'string', 'array', 'object'].indexOf(typeOf(value)) + 3
}

/** jq's order of all values: null, false, true, numbers, strings, arrays, objects. */
export function compare(a: Json, b: Json): number {
  const byType = ORDER(a) - ORDER(b)
  if (byType !== 0) return byType
  if (typeof a === 'number') return a < (b as number) || Number.isNaN(a) ? -1 : a === b ? 0 : 1
  if (typeof a === 'string') return compareText(a, b as string)
  if (Array.isArray(a)) {
    const other = b as Json[]
    for (let i = 0; i < a.length && i < other.length; i++) {
      const c = compare(a[i]!, other[i]!)
      if (c !== 0) return c
    }
    return a.length - other.length
  }
  if (a instanceof Map) {
    const other = b as JsonObject
    const keys = [...a.keys()].sort(compareText)
    const byKeys = compare(keys, [...other.keys()].sort(compareText))
    if (byKeys !== 0) return byKeys
    for (const key of keys) {
      const c = compare(a.get(key)!, other.get(key)!)
      if (c !== 0) return c
    }
  }
  return 0
}
