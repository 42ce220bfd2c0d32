/** The grammar of awk (POSIX.1-2017), as a syntax tree. */

export type Expression =
  | { type: 'number'; value: number }
  | { type: 'string'; value: string }
  | { type: 'regex'; source: string }
  | { type: 'name'; name: string }
  | { type: 'index'; name: string; subscripts: Expression[] }
  | { type: 'field'; of: Expression }
  | { type: 'assign'; op: string; target: Expression; value: Expression }
  | { type: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | { type: 'binary'; op: string; left: Expression; right: Expression }
  | { type: 'unary'; op: string; operand: Expression }
  | { type: 'increment'; op: '++' | '--'; prefix: boolean; target: Expression }
  | { type: 'match'; negate: boolean; left: Expression; right: Expression }
  | { type: 'in'; subscripts: Expression[]; array: string }
  | { type: 'group'; items: Expression[] }
  | { type: 'call'; name: string; args: Expression[] }
  | { type: 'getline'; target?: Expression; file?: Expression; command?: Expression }

export type Statement =
  | { type: 'block'; body: Statement[] }
  | { type: 'expression'; expression: Expression }
  | { type: 'print'; args: Expression[]; formatted: boolean; op?: '>' | '>>' | '|'; to?: Expression }
  | { type: 'if'; test: Expression; yes: Statement; no?: Statement }
  | { type: 'while'; test: Expression; body: Statement; after: boolean }
  | { type: 'for'; init?: Statement; test?: Expression; step?: Statement; body: Statement }
  | { type: 'forIn'; variable: string; array: string; body: Statement }
  | { type: 'next' | 'nextfile' | 'break' | 'continue' }
  | { type: 'exit' | 'return'; value?: Expression }
  | { type: 'delete'; array: string; subscripts?: Expression[] }

export interface Rule {
  kind: 'BEGIN' | 'END' | 'main'
  pattern?: Expression
  /** The end of a range `from, to`. */
  until?: Expression
  /** undefined prints the record. */
  body?: Statement
}

export interface AwkProgram {
  rules: Rule[]
  functions: Map<string, { parameters: string[]; body: Statement }>
}

export class AwkSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}

type Token = {
  type: 'number' | 'string' | 'regex' | 'name' | 'function' | 'builtin' | 'keyword' | 'op' | 'newline' | 'end'
  text: string
  value?: number
  line: number
}

const KEYWORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
])
export const BUILTINS = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'gensub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'and',
  'or',
  'xor',
  'lshift',
  'rshift',
  'compl',
])
const OPERATORS = [
  '**=',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '**',
  '!~',
  '>>',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '>',
  '<',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
]

/** Parses a program. Throws {@link AwkSyntaxError}. */
export function parseAwk(source: string): AwkProgram {
  return new AwkParser(source).program()
}

class AwkParser {
  private at = 0
  private line = 1
  private token!: Token
  private previous: Token | undefined
  private readonly result: AwkProgram = { rules: [], functions: new Map() }
  /** Inside `print …` a `>` is a redirection, and inside `for (… in …)` an `in` ends the expression. */
  private noGreater = 0
  private noIn = 0

  constructor(private readonly source: string) {
    this.advance()
  }

  private fail(message = 'syntax error'): AwkSyntaxError {
    return new AwkSyntaxError(message, this.token?.line ?? this.line)
  }

  private advance(): Token {
    this.previous = this.token
    this.token = this.scan()
    return this.previous
  }

  private scan(): Token {
    const s = this.source
    for (;;) {
      const c = s[this.at]
      if (c === ' ' || c === '\t' || c === '\r') this.at++
      else if (c === '\\' && (s[this.at + 1] === '\n' || s.startsWith('\\\r\n', this.at))) {
        this.at += s[this.at + 1] === '\n' ? 2 : 3
        this.line++
      } else if (c === '#') while (this.at < s.length && s[this.at] !== '\n') this.at++
      else break
    }
    const { line } = this
    const c = s[this.at]
    if (c === undefined) return { type: 'end', text: '', line }
    if (c === '\n') {
      this.at++
      this.line++
      return { type: 'newline', text: '\n', line }
    }
    const number = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/.exec(s.slice(this.at, this.at + 64))
    if (number) {
      this.at += number[0].length
      return { type: 'number', text: number[0], value: Number(number[0]), line }
    }
    const name = /^[A-Za-z_]\w*/.exec(s.slice(this.at, this.at + 256))
    if (name) {
      this.at += name[0].length
      if (KEYWORDS.has(name[0])) return { type: 'keyword', text: name[0], line }
      if (BUILTINS.has(name[0])) return { type: 'builtin', text: name[0], line }
      return { type: s[this.at] === '(' ? 'function' : 'name', text: name[0], line }
    }
    if (c === '"') return { type: 'string', text: this.quoted(), line }
    const op = OPERATORS.find((o) => s.startsWith(o, this.at))
    if (!op) throw new AwkSyntaxError(`unexpected character '${c}'`, line)
    this.at += op.length
    return { type: 'op', text: op, line }
  }

  private quoted(): string {
    let out = ''
    const s = this.source
    this.at++
    for (;;) {
      const c = s[this.at]
      if (c === undefined || c === '\n') throw new AwkSyntaxError('unterminated string', this.line)
      this.at++
      if (c === '"') return out
      if (c !== '\\') {
        out += c
        continue
      }
      const octal = /^[0-7]{1,3}/.exec(s.slice(this.at, this.at + 3))
      if (octal) {
        out += String.fromCharCode(parseInt(octal[0], 8) & 255)
        this.at += octal[0].length
        continue
      }
      const n = s[this.at++] ?? ''
      const known: Record<string, string> = {
        n: '\n',
        t: '\t',
        r: '\r',
        '\\': '\\',
        '"': '"',
        '/': '/',
        a: '\x07',
        b: '\b',
        f: '\f',
        v: '\v',
        '\n': '',
      }
      out += Object.hasOwn(known, n) ? known[n] : `\\${n}`
    }
  }

  /** After the opening slash: the token before was `/` or `/=`. */
  private regex(): Expression {
    let out = this.token.text === '/=' ? '=' : ''
    const s = this.source
    let inClass = false
    for (;;) {
      const c = s[this.at]
      if (c === undefined || c === '\n') throw new AwkSyntaxError('unterminated regex', this.line)
      this.at++
      if (c === '\\') {
        const n = s[this.at++] ?? ''
        out += n === '/' ? '/' : c + n
        continue
      }
      if (c === '[' && !inClass) {
        inClass = true
        out += c
        if (s[this.at] === '^') out += s[this.at++]
        if (s[this.at] === ']') out += s[this.at++]
        continue
      }
      if (c === ']') inClass = false
      if (c === '/' && !inClass) break
      out += c
    }
    this.advance()
    return { type: 'regex', source: out }
  }

  private is(text: string): boolean {
    return (this.token.type === 'op' || this.token.type === 'keyword') && this.token.text === text
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false
    this.advance()
    return true
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw this.fail()
  }

  private newlines(): void {
    while (this.token.type === 'newline' || this.is(';')) this.advance()
  }

  private optionalNewlines(): void {
    while (this.token.type === 'newline') this.advance()
  }

  program(): AwkProgram {
    this.newlines()
    while (this.token.type !== 'end') {
      if (this.is('function') || this.is('func')) this.definition()
      else this.rule()
      this.newlines()
    }
    return this.result
  }

  private definition(): void {
    this.advance()
    const name = this.advance()
    if (name.type !== 'function' && name.type !== 'name') throw this.fail()
    this.expect('(')
    const parameters: string[] = []
    while (!this.is(')')) {
      this.optionalNewlines()
      const p = this.advance()
      if (p.type !== 'name') throw this.fail()
      parameters.push(p.text)
      if (!this.accept(',')) break
      this.optionalNewlines()
    }
    this.expect(')')
    this.optionalNewlines()
    this.result.functions.set(name.text, { parameters, body: this.block() })
  }

  private rule(): void {
    if (this.is('BEGIN') || this.is('END')) {
      const kind = this.advance().text as 'BEGIN' | 'END'
      this.optionalNewlines()
      this.result.rules.push({ kind, body: this.block() })
      return
    }
    const rule: Rule = { kind: 'main' }
    if (!this.is('{')) {
      rule.pattern = this.expression()
      if (this.accept(',')) {
        this.optionalNewlines()
        rule.until = this.expression()
      }
    }
    if (this.is('{')) rule.body = this.block()
    this.result.rules.push(rule)
  }

  private block(): Statement {
    this.expect('{')
    const body: Statement[] = []
    this.newlines()
    while (!this.is('}')) {
      if (this.token.type === 'end') throw this.fail('unexpected end of file')
      body.push(this.statement())
      this.newlines()
    }
    this.advance()
    return { type: 'block', body }
  }

  private endOfSimple(): void {
    if (this.token.type === 'newline' || this.is(';')) this.advance()
    else if (!this.is('}') && this.token.type !== 'end') throw this.fail()
  }

  private statement(): Statement {
    if (this.is('{')) return this.block()
    if (this.accept(';')) return { type: 'block', body: [] }
    if (this.token.type === 'keyword') {
      switch (this.token.text) {
        case 'if': {
          this.advance()
          const test = this.parenthesised()
          this.optionalNewlines()
          const yes = this.statement()
          // An else may stand after newlines and a semicolon.
          const saved = { at: this.at, line: this.line, token: this.token, previous: this.previous }
          this.newlines()
          if (this.accept('else')) {
            this.optionalNewlines()
            return { type: 'if', test, yes, no: this.statement() }
          }
          Object.assign(this, saved)
          return { type: 'if', test, yes }
        }
        case 'while': {
          this.advance()
          const test = this.parenthesised()
          if (this.accept(';')) return { type: 'while', test, body: { type: 'block', body: [] }, after: false }
          this.optionalNewlines()
          return { type: 'while', test, body: this.statement(), after: false }
        }
        case 'do': {
          this.advance()
          this.optionalNewlines()
          const body = this.statement()
          this.newlines()
          this.expect('while')
          const test = this.parenthesised()
          this.endOfSimple()
          return { type: 'while', test, body, after: true }
        }
        case 'for':
          return this.forStatement()
        default:
      }
    }
    const s = this.simple()
    this.endOfSimple()
    return s
  }

  private parenthesised(): Expression {
    this.expect('(')
    const e = this.expression()
    this.expect(')')
    return e
  }

  private forStatement(): Statement {
    this.advance()
    this.expect('(')
    const saved = { at: this.at, line: this.line, token: this.token, previous: this.previous }
    if (this.token.type === 'name') {
      const variable = this.advance().text
      if (this.accept('in') && this.isName()) {
        const array = this.advance().text
        if (this.accept(')')) {
          this.optionalNewlines()
          return { type: 'forIn', variable, array, body: this.statement() }
        }
      }
      Object.assign(this, saved)
    }
    const init = this.is(';') ? undefined : this.simple()
    this.expect(';')
    this.optionalNewlines()
    const test = this.is(';') ? undefined : this.expression()
    this.expect(';')
    this.optionalNewlines()
    const step = this.is(')') ? undefined : this.simple()
    this.expect(')')
    if (this.accept(';')) return { type: 'for', init, test, step, body: { type: 'block', body: [] } }
    this.optionalNewlines()
    return { type: 'for', init, test, step, body: this.statement() }
  }

  private isName(): boolean {
    return this.token.type === 'name'
  }

  private simple(): Statement {
    const t = this.token
    if (t.type === 'keyword') {
      switch (t.text) {
        case 'next':
        case 'nextfile':
        case 'break':
        case 'continue':
          this.advance()
          return { type: t.text }
        case 'exit':
        case 'return': {
          this.advance()
          const ends = this.token.type === 'newline' || this.token.type === 'end' || this.is(';') || this.is('}')
          return { type: t.text, value: ends ? undefined : this.expression() }
        }
        case 'delete': {
          this.advance()
          const array = this.advance().text
          if (!this.accept('[')) return { type: 'delete', array }
          const subscripts = this.list(']')
          return { type: 'delete', array, subscripts }
        }
        case 'print':
        case 'printf':
          return this.print()
        default:
      }
    }
    return { type: 'expression', expression: this.expression() }
  }

  private print(): Statement {
    const formatted = this.advance().text === 'printf'
    let args: Expression[] = []
    this.noGreater++
    if (
      !(
        this.token.type === 'newline' ||
        this.token.type === 'end' ||
        this.is(';') ||
        this.is('}') ||
        this.is('>') ||
        this.is('>>') ||
        this.is('|')
      )
    ) {
      args.push(this.expression())
      while (this.accept(',')) {
        this.optionalNewlines()
        args.push(this.expression())
      }
      // `print (a, b) > file`
      if (args.length === 1 && args[0]!.type === 'group' && args[0]!.items.length > 1) args = args[0]!.items
    }
    this.noGreater--
    const op = this.is('>') || this.is('>>') || this.is('|') ? (this.advance().text as '>') : undefined
    return { type: 'print', args, formatted, op, to: op ? this.concatenation() : undefined }
  }

  /** Expressions up to a closing token, which is taken. */
  private list(close: string): Expression[] {
    const out: Expression[] = []
    this.optionalNewlines()
    while (!this.is(close)) {
      out.push(this.expression())
      this.optionalNewlines()
      if (!this.accept(',')) break
      this.optionalNewlines()
    }
    this.expect(close)
    return out
  }

  // Expressions, by rising precedence.

  expression(): Expression {
    const left = this.conditional()
    const assignments = ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**=']
    if (this.token.type === 'op' && assignments.includes(this.token.text) && ['name', 'index', 'field'].includes(left.type)) {
      const op = this.advance().text
      this.optionalNewlines()
      return { type: 'assign', op: op === '**=' ? '^=' : op, target: left, value: this.expression() }
    }
    return left
  }

  private conditional(): Expression {
    const test = this.or()
    if (!this.accept('?')) return test
    this.optionalNewlines()
    const yes = this.expression()
    this.optionalNewlines()
    this.expect(':')
    this.optionalNewlines()
    return { type: 'conditional', test, yes, no: this.expression() }
  }

  private or(): Expression {
    let left = this.and()
    while (this.accept('||')) {
      this.optionalNewlines()
      left = { type: 'binary', op: '||', left, right: this.and() }
    }
    return left
  }

  private and(): Expression {
    let left = this.membership()
    while (this.accept('&&')) {
      this.optionalNewlines()
      left = { type: 'binary', op: '&&', left, right: this.membership() }
    }
    return left
  }

  private membership(): Expression {
    let left = this.matching()
    while (this.noIn === 0 && this.is('in')) {
      this.advance()
      left = { type: 'in', subscripts: left.type === 'group' ? left.items : [left], array: this.advance().text }
    }
    return left
  }

  private matching(): Expression {
    let left = this.comparison()
    while (this.is('~') || this.is('!~')) {
      const negate = this.advance().text === '!~'
      left = { type: 'match', negate, left, right: this.comparison() }
    }
    return left
  }

  private comparison(): Expression {
    let left = this.concatenation()
    for (;;) {
      const ops = ['<', '<=', '==', '!=', '>=', ...(this.noGreater === 0 ? ['>'] : [])]
      if (this.token.type === 'op' && ops.includes(this.token.text)) {
        const op = this.advance().text
        left = { type: 'binary', op, left, right: this.concatenation() }
      } else if (this.is('|') && this.peekGetline()) {
        this.advance()
        this.advance()
        left = { type: 'getline', command: left, target: this.lvalue() }
      } else return left
    }
  }

  private peekGetline(): boolean {
    return /^[ \t]*getline\b/.test(this.source.slice(this.at, this.at + 64))
  }

  private startsOperand(): boolean {
    const t = this.token
    if (t.type === 'number' || t.type === 'string' || t.type === 'name' || t.type === 'function' || t.type === 'builtin') return true
    if (t.type === 'op') return ['$', '!', '(', '-', '+', '++', '--'].includes(t.text)
    return false
  }

  private concatenation(): Expression {
    let left = this.additive()
    while (this.startsOperand() && !this.is('in')) left = { type: 'binary', op: ' ', left, right: this.additive() }
    return left
  }

  private additive(): Expression {
    let left = this.multiplicative()
    while (this.is('+') || this.is('-')) {
      const op = this.advance().text
      left = { type: 'binary', op, left, right: this.multiplicative() }
    }
    return left
  }

  private multiplicative(): Expression {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const op = this.advance().text
      left = { type: 'binary', op, left, right: this.unary() }
    }
    return left
  }

  private unary(): Expression {
    if (this.is('!') || this.is('-') || this.is('+')) {
      const op = this.advance().text
      return { type: 'unary', op, operand: this.unary() }
    }
    return this.power()
  }

  private power(): Expression {
    const base = this.postfix()
    if (!this.is('^') && !this.is('**')) return base
    this.advance()
    // Right-associative, and tighter than the unary minus of its exponent.
    const exponent = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power()
    return { type: 'binary', op: '^', left: base, right: exponent }
  }

  private postfix(): Expression {
    const e = this.primary()
    if ((this.is('++') || this.is('--')) && ['name', 'index', 'field'].includes(e.type)) {
      return { type: 'increment', op: this.advance().text as '++', prefix: false, target: e }
    }
    return e
  }

  private lvalue(): Expression | undefined {
    if (this.token.type === 'name' || this.is('$')) return this.primary()
    return undefined
  }

  private primary(): Expression {
    const t = this.token
    switch (t.type) {
      case 'number':
        this.advance()
        return { type: 'number', value: t.value! }
      case 'string':
        this.advance()
        return { type: 'string', value: t.text }
      case 'name': {
        this.advance()
        if (!this.accept('[')) return { type: 'name', name: t.text }
        const saved = { greater: this.noGreater, in: this.noIn }
        this.noGreater = this.noIn = 0
        const subscripts = this.list(']')
        this.noGreater = saved.greater
        this.noIn = saved.in
        return { type: 'index', name: t.text, subscripts }
      }
      case 'function':
        this.advance()
        this.advance()
        return { type: 'call', name: t.text, args: this.arguments() }
      case 'builtin': {
        this.advance()
        if (this.is('(')) {
          this.advance()
          return { type: 'call', name: t.text, args: this.arguments() }
        }
        if (t.text !== 'length') throw this.fail()
        return { type: 'call', name: 'length', args: [] }
      }
      case 'keyword':
        if (t.text === 'getline') {
          this.advance()
          const target = this.lvalue()
          if (this.is('<')) {
            this.advance()
            return { type: 'getline', target, file: this.postfix() }
          }
          return { type: 'getline', target }
        }
        throw this.fail()
      case 'op':
        switch (t.text) {
          case '$': {
            this.advance()
            if (this.is('++') || this.is('--')) {
              const op = this.advance().text as '++'
              return { type: 'field', of: { type: 'increment', op, prefix: true, target: this.primary() } }
            }
            return { type: 'field', of: this.is('-') || this.is('+') ? this.unary() : this.primary() }
          }
          case '++':
          case '--':
            this.advance()
            return { type: 'increment', op: t.text, prefix: true, target: this.primary() }
          case '!':
          case '-':
          case '+':
            return this.unary()
          case '(': {
            this.advance()
            const saved = { greater: this.noGreater, in: this.noIn }
            this.noGreater = this.noIn = 0
            const items = this.list(')')
            this.noGreater = saved.greater
            this.noIn = saved.in
            if (items.length === 1) return { type: 'group', items }
            if (items.length === 0) throw this.fail()
            return { type: 'group', items }
          }
          case '/':
          case '/=':
            return this.regex()
          default:
            throw this.fail()
        }
      default:
        throw this.fail()
    }
  }

  private arguments(): Expression[] {
    const saved = { greater: this.noGreater, in: this.noIn }
    this.noGreater = this.noIn = 0
    const args = this.list(')')
    this.noGreater = saved.greater
    this.noIn = saved.in
    return args
  }
}
