/** What bc reads: statements and expressions, with the addresses that its own machine would have them at. */

export type Place = { kind: 'variable'; name: string } | { kind: 'element'; name: string; index: Expression }

export type Expression =
  | { kind: 'number'; text: string }
  | Place
  | { kind: 'assign'; operator: string; place: Place; value: Expression; address: number }
  | { kind: 'step'; by: 1n | -1n; before: boolean; place: Place }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression; address: number }
  | { kind: 'unary'; operator: '-' | '!'; value: Expression }
  | { kind: 'call'; name: string; args: readonly (Expression | { kind: 'array'; name: string })[]; address: number }

export type Statement =
  | { kind: 'expression'; value: Expression; shown: boolean }
  | { kind: 'print'; parts: readonly (string | Expression)[]; raw: boolean }
  | { kind: 'block'; body: readonly Statement[] }
  | { kind: 'if'; test: Expression; yes: Statement; no?: Statement | undefined }
  | { kind: 'loop'; before?: Expression | undefined; test?: Expression | undefined; after?: Expression | undefined; body: Statement }
  | { kind: 'jump'; to: 'break' | 'continue' | 'halt' | 'quit' }
  | { kind: 'return'; value?: Expression | undefined }
  | { kind: 'define'; name: string; parameters: readonly string[]; autos: readonly string[]; body: readonly Statement[] }
  | { kind: 'nothing' }

/** More has to be read before it can be told what it means. */
export class Incomplete extends Error {}

/** @param message as GNU's bc has it behind the line number */
export class SyntaxFault extends Error {
  constructor(
    message: string,
    /** Whether it is the end of the line that was not expected: the next one has begun then. */
    readonly atEnd = false,
  ) {
    super(message)
  }
}

const KEYWORDS = new Set(
  'auto break continue define else for halt if length limits print quit read return sqrt warranty while ibase obase scale last'.split(' '),
)
const SPECIALS = new Set(['scale', 'ibase', 'obase', 'last'])
const TOKEN =
  /\s*?(\\\n|[ \t]+|\/\*[^]*?\*\/|#[^\n]*|\n|"[^"]*"|[0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]+|[a-z][a-z0-9_]*|\+\+|--|[-+*/%^]=|&&|\|\||[<>=!]=|[-+*/%^<>=!(){}[\],;.])/y
const DEEPEST = 400

/** The pieces of a text; newlines are pieces, too. Throws Incomplete and SyntaxFault. */
export function tokens(text: string): string[] {
  const out: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const m = TOKEN.exec(text)
    if (!m) {
      const rest = text.slice(from).trimStart()
      if (/^("|\/\*)/.test(rest) || rest === '\\') throw new Incomplete()
      throw new SyntaxFault(`illegal character: ${rest[0]}`)
    }
    const piece = m[1]!
    if (/^(\\\n|[ \t]|\/\*|#)/.test(piece)) continue
    out.push(piece)
  }
  return out
}

/** Reads what stands on whole lines. */
export class Parser {
  private at = 0
  private depth = 0
  /** Where the next instruction would be. */
  private address = 0

  constructor(private readonly pieces: readonly string[]) {}

  /** All statements. Throws Incomplete and SyntaxFault. */
  program(): Statement[] {
    const out: Statement[] = []
    while (this.at < this.pieces.length) {
      if (this.take('\n') || this.take(';')) continue
      out.push(this.statement())
      if (this.at < this.pieces.length && !this.take('\n') && !this.take(';')) throw this.fault()
    }
    return out
  }

  private get next(): string | undefined {
    return this.pieces[this.at]
  }

  private take(piece: string): boolean {
    if (this.next !== piece) return false
    this.at++
    return true
  }

  private need(piece: string): void {
    if (this.take(piece)) return
    throw this.fault()
  }

  private fault(): Error {
    return this.at >= this.pieces.length ? new Incomplete() : new SyntaxFault('syntax error', this.next === '\n')
  }

  private newlines(): void {
    while (this.take('\n'));
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > DEEPEST) throw new SyntaxFault('syntax error')
    try {
      return read()
    } finally {
      this.depth--
    }
  }

  private name(): string {
    const piece = this.next ?? ''
    if (!/^[a-z]/.test(piece) || KEYWORDS.has(piece)) throw this.fault()
    this.at++
    return piece
  }

  private body(): Statement {
    this.newlines()
    if (this.at >= this.pieces.length) throw new Incomplete()
    return this.take(';') ? { kind: 'nothing' } : this.statement()
  }

  private statement(): Statement {
    return this.nested(() => this.oneStatement())
  }

  private oneStatement(): Statement {
    const piece = this.next!
    if (piece.startsWith('"')) {
      this.at++
      this.address += piece.length
      return { kind: 'print', parts: [piece.slice(1, -1)], raw: true }
    }
    this.at++
    switch (piece) {
      case '{': {
        const body: Statement[] = []
        for (;;) {
          while (this.take('\n') || this.take(';'));
          if (this.take('}')) return { kind: 'block', body }
          if (this.at >= this.pieces.length) throw new Incomplete()
          body.push(this.statement())
          if (this.next !== '}' && this.next !== '\n' && this.next !== ';') throw this.fault()
        }
      }
      case 'if': {
        this.need('(')
        const test = this.expression()
        this.need(')')
        const yes = this.body()
        const mark = this.at
        if (yes.kind === 'block') this.newlines()
        else this.take(';')
        if (this.take('else')) return { kind: 'if', test, yes, no: this.body() }
        this.at = mark
        return { kind: 'if', test, yes }
      }
      case 'while': {
        this.need('(')
        const test = this.expression()
        this.need(')')
        return { kind: 'loop', test, body: this.body() }
      }
      case 'for': {
        this.need('(')
        const part = (end: string): Expression | undefined => (this.next === end ? undefined : this.expression())
        const before = part(';')
        this.need(';')
        const test = part(';')
        this.need(';')
        const after = part(')')
        this.need(')')
        return { kind: 'loop', before, test, after, body: this.body() }
      }
      case 'break':
      case 'continue':
      case 'halt':
      case 'quit':
        return { kind: 'jump', to: piece }
      case 'return': {
        if (this.next === undefined || [';', '\n', '}'].includes(this.next)) return { kind: 'return' }
        return { kind: 'return', value: this.expression() }
      }
      case 'print': {
        const parts: (string | Expression)[] = []
        do {
          if (this.next?.startsWith('"')) parts.push(this.pieces[this.at++]!.slice(1, -1))
          else parts.push(this.expression())
        } while (this.take(','))
        return { kind: 'print', parts, raw: false }
      }
      case 'define':
        return this.definition()
      case 'limits':
      case 'warranty':
        return { kind: 'nothing' }
      default:
        this.at--
    }
    const value = this.expression()
    this.address++
    return { kind: 'expression', value, shown: value.kind !== 'assign' }
  }

  private definition(): Statement {
    if (this.next === 'void') this.at++
    const name = this.name()
    const list = (end: string): string[] => {
      const out: string[] = []
      if (this.take(end)) return out
      do {
        const each = this.name()
        out.push(this.take('[') ? (this.need(']'), `${each}[]`) : each)
      } while (this.take(','))
      this.need(end)
      return out
    }
    this.need('(')
    const parameters = list(')')
    this.newlines()
    this.need('{')
    while (this.take('\n') || this.take(';'));
    let autos: string[] = []
    if (this.take('auto')) {
      do {
        const each = this.name()
        autos = [...autos, this.take('[') ? (this.need(']'), `${each}[]`) : each]
      } while (this.take(','))
    }
    const body: Statement[] = []
    for (;;) {
      while (this.take('\n') || this.take(';'));
      if (this.take('}')) return { kind: 'define', name, parameters, autos, body }
      if (this.at >= this.pieces.length) throw new Incomplete()
      body.push(this.statement())
      if (this.next !== '}' && this.next !== '\n' && this.next !== ';') throw this.fault()
    }
  }

  private expression(): Expression {
    return this.nested(() => this.either())
  }

  private left(operators: readonly string[], read: () => Expression): Expression {
    let value = read()
    while (this.next !== undefined && operators.includes(this.next)) {
      const operator = this.pieces[this.at++]!
      const right = read()
      value = { kind: 'binary', operator, left: value, right, address: ++this.address }
    }
    return value
  }

  private either(): Expression {
    return this.left(['||'], () => this.both())
  }

  private both(): Expression {
    return this.left(['&&'], () => this.not())
  }

  private not(): Expression {
    if (!this.take('!')) return this.relation()
    const value = this.nested(() => this.not())
    this.address++
    return { kind: 'unary', operator: '!', value }
  }

  private relation(): Expression {
    return this.left(['<', '>', '<=', '>=', '==', '!='], () => this.assignment())
  }

  private assignment(): Expression {
    const value = this.sum()
    if ((value.kind !== 'variable' && value.kind !== 'element') || !/^([-+*/%^]?=)$/.test(this.next ?? '')) return value
    const operator = this.pieces[this.at++]!
    const right = this.nested(() => this.assignment())
    this.address += operator === '=' ? 0 : 1
    return { kind: 'assign', operator, place: value, value: right, address: this.address }
  }

  private sum(): Expression {
    return this.left(['+', '-'], () => this.product())
  }

  private product(): Expression {
    return this.left(['*', '/', '%'], () => this.power())
  }

  private power(): Expression {
    const base = this.sign()
    if (!this.take('^')) return base
    const right = this.nested(() => this.power())
    return { kind: 'binary', operator: '^', left: base, right, address: ++this.address }
  }

  private sign(): Expression {
    if (!this.take('-')) return this.primary()
    const value = this.nested(() => this.sign())
    this.address++
    return { kind: 'unary', operator: '-', value }
  }

  private primary(): Expression {
    const piece = this.next
    if (piece === undefined) throw new Incomplete()
    if (piece === '\n') throw new SyntaxFault('syntax error', true)
    this.at++
    if (/^[0-9A-F]|^\.[0-9A-F]/.test(piece)) {
      this.address += piece === '0' || piece === '1' ? 1 : piece.length + 2
      return { kind: 'number', text: piece }
    }
    if (piece === '(') {
      const value = this.expression()
      this.need(')')
      // What stands in parentheses is shown, also when it assigns.
      return value.kind === 'assign' ? { kind: 'unary', operator: '-', value: { kind: 'unary', operator: '-', value } } : value
    }
    if (piece === '++' || piece === '--') {
      const place = this.primary()
      if (place.kind !== 'variable' && place.kind !== 'element') throw new SyntaxFault('syntax error')
      return { kind: 'step', by: piece === '++' ? 1n : -1n, before: true, place }
    }
    if (['length', 'sqrt', 'read'].includes(piece) || (piece === 'scale' && this.next === '(')) return this.call(piece)
    if (piece === '.' || SPECIALS.has(piece)) return this.stepped({ kind: 'variable', name: piece === '.' ? 'last' : piece })
    if (!/^[a-z]/.test(piece) || KEYWORDS.has(piece)) {
      this.at--
      throw new SyntaxFault('syntax error')
    }
    if (this.next === '(') return this.call(piece)
    if (this.take('[')) {
      const index = this.expression()
      this.need(']')
      return this.stepped({ kind: 'element', name: piece, index })
    }
    return this.stepped({ kind: 'variable', name: piece })
  }

  private stepped(place: Place): Expression {
    this.address += 2
    if (this.next !== '++' && this.next !== '--') return place
    return { kind: 'step', by: this.pieces[this.at++] === '++' ? 1n : -1n, before: false, place }
  }

  private call(name: string): Expression {
    this.need('(')
    const args: (Expression | { kind: 'array'; name: string })[] = []
    if (!this.take(')')) {
      do {
        if (/^[a-z]/.test(this.next ?? '') && this.pieces[this.at + 1] === '[' && this.pieces[this.at + 2] === ']') {
          args.push({ kind: 'array', name: this.next! })
          this.at += 3
        } else args.push(this.expression())
      } while (this.take(','))
      this.need(')')
    }
    // What is built in is one instruction, what is defined names its arguments after its own.
    this.address += 2
    const address = this.address
    if (!['length', 'sqrt', 'read', 'scale'].includes(name)) this.address += args.length + 1
    return { kind: 'call', name, args, address }
  }
}
