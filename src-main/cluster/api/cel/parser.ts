/** Reads the text of a CEL expression, with optional syntax (`a.?b`, `a[?0]`) and the macros of one and two variables. */
import { tokens, type Token } from './lexer.js'
import { qualified, SyntaxFault, type Dialect, type Entry, type Expr } from './syntax.js'

/** What may begin an expression, as the compiler lists it. */
const EXPRESSION = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

const RESERVED = new Set(
  'as break const continue else for function if import in let loop package namespace return var void while'.split(' '),
)

const BINARY: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>=', 'in'], ['+', '-'], ['*', '/', '%']]

/** The macros by name, with how many variables and arguments each may have. */
const MACROS: Readonly<Record<string, readonly (readonly [vars: number, args: number])[]>> = {
  all: [
    [1, 1],
    [2, 1],
  ],
  exists: [
    [1, 1],
    [2, 1],
  ],
  exists_one: [
    [1, 1],
    [2, 1],
  ],
  existsOne: [
    [1, 1],
    [2, 1],
  ],
  filter: [[1, 1]],
  map: [
    [1, 1],
    [1, 2],
  ],
  transformList: [
    [2, 1],
    [2, 2],
  ],
  transformMap: [
    [2, 1],
    [2, 2],
  ],
  transformMapEntry: [
    [2, 1],
    [2, 2],
  ],
  sortBy: [[1, 1]],
  optMap: [[1, 1]],
  optFlatMap: [[1, 1]],
}

/** How deep expressions may be nested. */
const DEEPEST = 250

/** Parses an expression. Throws {@link SyntaxFault}. */
export function parse(source: string, dialect: Dialect = {}): Expr {
  const parser = new Parser(tokens(source), dialect)
  return parser.whole()
}

class Parser {
  private position = 0
  private depth = 0

  constructor(
    private readonly all: readonly Token[],
    private readonly dialect: Dialect,
  ) {}

  whole(): Expr {
    const expr = this.expression()
    // One token too many could be left out; more cannot.
    if (this.token.type !== 'end') throw this.unexpected('<EOF>', this.all[this.position + 1]?.type === 'end' ? 'extraneous' : 'mismatched')
    return expr
  }

  private get token(): Token {
    return this.all[this.position]!
  }

  private is(text: string): boolean {
    return this.token.type !== 'literal' && this.token.type !== 'end' && this.token.text === text
  }

  private accept(text: string): Token | undefined {
    return this.is(text) ? this.all[this.position++] : undefined
  }

  private expect(text: string): Token {
    const found = this.accept(text)
    if (!found) throw this.unexpected(`'${text}'`)
    return found
  }

  private unexpected(expected: string, how = 'mismatched'): SyntaxFault {
    const { text, at } = this.token
    return new SyntaxFault({ at, message: `Syntax error: ${how} input '${text}' expecting ${expected}` })
  }

  private expression(): Expr {
    if (++this.depth > DEEPEST) throw new SyntaxFault({ at: this.token.at, message: `expression recursion limit exceeded: ${DEEPEST}` })
    const condition = this.binary(0)
    const question = this.accept('?')
    if (!question) {
      this.depth--
      return condition
    }
    const yes = this.binary(0)
    this.expect(':')
    const no = this.expression()
    this.depth--
    return { kind: 'call', at: question.at, name: '_?_:_', target: undefined, args: [condition, yes, no] }
  }

  private binary(level: number): Expr {
    const operators = BINARY[level]
    if (!operators) return this.unary()
    let left = this.binary(level + 1)
    for (;;) {
      const op = operators.find((o) => this.is(o))
      if (op === undefined) return left
      const { at } = this.expect(op)
      const right = this.binary(level + 1)
      left = { kind: 'call', at, name: op === 'in' ? '@in' : `_${op}_`, target: undefined, args: [left, right] }
    }
  }

  private unary(): Expr {
    const op = this.accept('!') ?? this.accept('-')
    if (!op) return this.member()
    if (
      op.text === '-' &&
      this.token.type === 'literal' &&
      (typeof this.token.value === 'bigint' || typeof this.token.value === 'number')
    ) {
      // A sign belongs to its number: the least int has no positive form.
      const literal = this.token
      this.position++
      return this.suffixes({ kind: 'const', at: op.at, value: -(literal.value as bigint) })
    }
    if (++this.depth > DEEPEST) throw new SyntaxFault({ at: op.at, message: `expression recursion limit exceeded: ${DEEPEST}` })
    const operand = this.unary()
    this.depth--
    return { kind: 'call', at: op.at, name: op.text === '!' ? '!_' : '-_', target: undefined, args: [operand] }
  }

  private member(): Expr {
    return this.suffixes(this.primary())
  }

  private suffixes(start: Expr): Expr {
    let expr = start
    for (;;) {
      const dot = this.accept('.')
      if (dot) {
        const optional = this.accept('?') !== undefined
        const field = this.identifier(true)
        const open = optional ? undefined : this.accept('(')
        expr = open ? this.method(expr, field, open.at) : { kind: 'select', at: dot.at, operand: expr, field, optional }
        continue
      }
      const names = this.is('{') ? qualified(expr) : undefined
      if (names) {
        expr = { kind: 'struct', at: this.expect('{').at, name: names.join('.'), fields: this.fields() }
        continue
      }
      const bracket = this.accept('[')
      if (!bracket) return expr
      const optional = this.accept('?') !== undefined
      const index = this.expression()
      this.expect(']')
      expr = { kind: 'index', at: bracket.at, operand: expr, index, optional }
    }
  }

  private identifier(isField: boolean): string {
    const { token } = this
    if (token.type !== 'ident') throw this.unexpected('IDENTIFIER')
    if (['true', 'false', 'null', 'in'].includes(token.text)) throw this.unexpected('IDENTIFIER')
    if (!isField && RESERVED.has(token.text)) throw new SyntaxFault({ at: token.at, message: `reserved identifier: ${token.text}` })
    this.position++
    return token.text
  }

  private arguments(): Expr[] {
    const args: Expr[] = []
    if (this.accept(')')) return args
    do args.push(this.expression())
    while (this.accept(','))
    this.expect(')')
    return args
  }

  private method(range: Expr, name: string, at: number): Expr {
    const args = this.arguments()
    if (this.dialect.bindings && range.kind === 'ident' && range.name === 'cel' && name === 'bind' && args.length === 3)
      return binding(args as [Expr, Expr, Expr], at)
    const shape = Object.hasOwn(MACROS, name) ? MACROS[name]!.find(([vars, rest]) => vars + rest === args.length) : undefined
    if (!shape) return { kind: 'call', at, name, target: range, args }
    const vars = args.slice(0, shape[0]).map((v) => {
      if (v.kind !== 'ident') throw new SyntaxFault({ at: v.at, message: 'argument must be a simple name' })
      return v.name
    })
    return { kind: 'macro', at, name: name === 'existsOne' ? 'exists_one' : name, range, vars, args: args.slice(shape[0]) }
  }

  private primary(): Expr {
    const { token } = this
    if (token.type === 'literal') {
      if (typeof token.value === 'bigint' && token.value === 2n ** 63n)
        throw new SyntaxFault({ at: token.at, message: 'invalid int literal' })
      this.position++
      return { kind: 'const', at: token.at, value: token.value }
    }
    if (this.accept('(')) {
      const inner = this.expression()
      this.expect(')')
      return inner
    }
    if (this.accept('[')) return { kind: 'list', at: token.at, elements: this.elements() }
    if (this.accept('{')) return { kind: 'map', at: token.at, entries: this.entries() }
    const leading = this.accept('.') !== undefined
    if (this.token.type !== 'ident') throw this.unexpected(EXPRESSION)
    if (!leading) {
      if (this.accept('null')) return { kind: 'const', at: token.at, value: null }
      if (this.is('true') || this.is('false'))
        return { kind: 'const', at: token.at, value: this.accept('true') ? true : !this.accept('false') }
      if (this.is('in')) throw this.unexpected(EXPRESSION)
    }
    const name = this.identifier(false)
    const open = this.accept('(')
    if (!open) return { kind: 'ident', at: token.at, name }
    const args = this.arguments()
    return name === 'has' ? presence(open.at, args) : { kind: 'call', at: open.at, name, target: undefined, args }
  }

  private elements(): Entry[] {
    const elements: Entry[] = []
    while (!this.accept(']')) {
      const optional = this.accept('?') !== undefined
      elements.push({ value: this.expression(), optional })
      this.separator(']')
    }
    return elements
  }

  /** A comma before the next element. What ends with one lacks its bracket, and nothing else unless it is within another. */
  private separator(close: string): void {
    if (this.is(close)) return
    this.expect(',')
    const { type, at, text } = this.token
    if (type !== 'end') return
    if (this.depth > 1) throw this.unexpected(`'${close}'`)
    throw new SyntaxFault({ at, message: `Syntax error: missing '${close}' at '${text}'` })
  }

  private fields(): (Entry & { name: string; at: number })[] {
    const fields: (Entry & { name: string; at: number })[] = []
    while (!this.accept('}')) {
      const optional = this.accept('?') !== undefined
      const name = this.identifier(true)
      const { at } = this.expect(':')
      fields.push({ name, value: this.expression(), optional, at })
      this.separator('}')
    }
    return fields
  }

  private entries(): (Entry & { key: Expr })[] {
    const entries: (Entry & { key: Expr })[] = []
    while (!this.accept('}')) {
      const optional = this.accept('?') !== undefined
      const key = this.expression()
      this.expect(':')
      entries.push({ key, value: this.expression(), optional })
      this.separator('}')
    }
    return entries
  }
}

function binding([name, value, inner]: [Expr, Expr, Expr], at: number): Expr {
  if (name.kind !== 'ident') throw new SyntaxFault({ at: name.at, message: 'cel.bind() variable names must be simple identifiers' })
  return { kind: 'macro', at, name: 'bind', range: value, vars: [name.name], args: [inner] }
}

function presence(at: number, args: readonly Expr[]): Expr {
  const [select] = args
  if (args.length !== 1 || select?.kind !== 'select') throw new SyntaxFault({ at, message: 'invalid argument to has() macro' })
  return { kind: 'has', at, operand: select.operand, field: select.field, optional: select.optional }
}
