/** The language of jq (its manual, version 1.7): from text to a tree. */

import { type Expression, JqSyntaxError, type Pattern, text } from './syntax.js'
import { JqTokens, KEYWORDS } from './tokens.js'

const ASSIGN = new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='])
const COMPARE = new Set(['==', '!=', '<', '<=', '>', '>='])

const IDENTITY: Expression = { type: 'identity' }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '/': '/', '\\': '\\', '"': '"' }

/** Parses a program. Throws {@link JqSyntaxError}. */
export function parse(source: string): Expression {
  return new Parser(source).program()
}

class Parser extends JqTokens {
  private depth = 0

  program(): Expression {
    if (this.atEnd()) return IDENTITY
    const body = this.pipe()
    if (!this.atEnd()) throw this.unexpected()
    return body
  }

  /** A string with its `\(…)` parts, from its opening quote. */
  protected stringParts(): (string | Expression)[] {
    const parts: (string | Expression)[] = []
    let text = ''
    this.at++
    for (;;) {
      const c = this.source[this.at]
      if (c === undefined)
        throw new JqSyntaxError(`syntax error, unexpected end of file, unterminated string literal at <top-level>, line 1:\n${this.source}`)
      this.at++
      if (c === '"') break
      if (c !== '\\') {
        text += c
        continue
      }
      const e = this.source[this.at++] ?? ''
      if (e === '(') {
        if (text) parts.push(text)
        text = ''
        const outer = this.token
        this.token = this.scan()
        parts.push(this.pipe())
        if (!this.is(')')) throw this.unexpected()
        this.token = outer
      } else if (e === 'u') {
        text += String.fromCharCode(parseInt(this.source.slice(this.at, this.at + 4), 16))
        this.at += 4
      } else if (Object.hasOwn(ESCAPES, e)) text += ESCAPES[e]!
      else throw new JqSyntaxError(`syntax error, invalid escape at <top-level>, line 1:\n${this.source}`)
    }
    if (text || parts.length === 0) parts.push(text)
    return parts
  }

  // Expressions, from the loosest operator to the tightest.

  private pipe(): Expression {
    if (++this.depth > 1000) throw new JqSyntaxError('expression nested too deeply')
    try {
      if (this.is('def')) return this.definition()
      const left = this.comma()
      return this.accept('|') ? { type: 'pipe', left, right: this.pipe() } : left
    } finally {
      this.depth--
    }
  }

  private definition(): Expression {
    this.expect('def')
    const name = this.take().text
    const params: string[] = []
    if (this.accept('(')) {
      do {
        const p = this.take()
        params.push(p.type === 'variable' ? `$${p.text}` : p.text)
      } while (this.accept(';'))
      this.expect(')')
    }
    this.expect(':')
    const body = this.pipe()
    this.expect(';')
    const rest = this.token.type === 'end' ? IDENTITY : this.pipe()
    return { type: 'define', name, params, body, rest }
  }

  private comma(): Expression {
    let left = this.alternative()
    while (this.accept(',')) left = { type: 'comma', left, right: this.alternative() }
    return left
  }

  private alternative(): Expression {
    const left = this.assignment()
    return this.accept('//') ? { type: 'alternative', left, right: this.alternative() } : left
  }

  private assignment(): Expression {
    const left = this.or()
    if (this.token.type !== 'op' || !ASSIGN.has(this.token.text)) return left
    const op = this.take().text as '='
    return { type: 'assign', op, left, right: this.alternative() }
  }

  private or(): Expression {
    let left = this.and()
    while (this.accept('or')) left = { type: 'or', left, right: this.and() }
    return left
  }

  private and(): Expression {
    let left = this.comparison()
    while (this.accept('and')) left = { type: 'and', left, right: this.comparison() }
    return left
  }

  private comparison(): Expression {
    const left = this.sum()
    if (this.token.type !== 'op' || !COMPARE.has(this.token.text)) return left
    const op = this.take().text as '=='
    return { type: 'binary', op, left, right: this.sum() }
  }

  private sum(): Expression {
    let left = this.product()
    while (this.is('+') || this.is('-')) {
      const op = this.take().text as '+'
      left = { type: 'binary', op, left, right: this.product() }
    }
    return left
  }

  private product(): Expression {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const op = this.take().text as '*'
      left = { type: 'binary', op, left, right: this.unary() }
    }
    return left
  }

  private unary(): Expression {
    return this.accept('-') ? { type: 'negate', of: this.postfix() } : this.postfix()
  }

  /** A term with its suffixes; `as` makes it the source of a binding that reaches as far as it can. */
  private postfix(): Expression {
    const source = this.suffixed()
    if (!this.accept('as')) return source
    const pattern = this.pattern()
    this.expect('|')
    return { type: 'bind', source, pattern, body: this.pipe() }
  }

  private suffixed(): Expression {
    let of = this.term()
    for (;;) {
      if (this.token.type === 'field') of = { type: 'field', of, name: text(this.take().text) }
      else if (this.accept('?')) of = { type: 'try', body: of }
      else if (this.is('[')) of = this.bracket(of)
      else if (this.is('.') && /["[]/.test(this.source[this.at] ?? '')) {
        this.take()
        if (this.token.type === 'string') of = { type: 'field', of, name: this.string() }
      } else return of
    }
  }

  private bracket(of: Expression): Expression {
    this.expect('[')
    if (this.accept(']')) return { type: 'iterate', of }
    if (this.accept(':')) {
      const to = this.pipe()
      this.expect(']')
      return { type: 'slice', of, to }
    }
    const from = this.pipe()
    if (this.accept(':')) {
      const to = this.is(']') ? undefined : this.pipe()
      this.expect(']')
      return { type: 'slice', of, from, to }
    }
    this.expect(']')
    return { type: 'field', of, name: from }
  }

  private string(format?: string): Expression {
    return { type: 'string', format, parts: this.take().parts! }
  }

  private term(): Expression {
    const t = this.token
    switch (t.type) {
      case 'number':
        return { type: 'literal', value: Number(this.take().text) }
      case 'string':
        return this.string()
      case 'field':
        return { type: 'field', of: IDENTITY, name: text(this.take().text) }
      case 'variable':
        return { type: 'variable', name: this.take().text }
      case 'format': {
        const name = this.take().text
        return this.token.type === 'string' ? this.string(name) : { type: 'format', name }
      }
      case 'op':
        return this.operatorTerm()
      case 'name':
        return KEYWORDS.has(t.text) ? this.keyword() : this.call()
      case 'end':
        throw this.unexpected()
    }
  }

  private operatorTerm(): Expression {
    if (this.accept('.')) return this.token.type === 'string' ? { type: 'field', of: IDENTITY, name: this.string() } : IDENTITY
    if (this.accept('..')) return { type: 'recurse' }
    if (this.accept('(')) {
      const body = this.pipe()
      this.expect(')')
      return body
    }
    if (this.accept('[')) {
      if (this.accept(']')) return { type: 'array' }
      const body = this.pipe()
      this.expect(']')
      return { type: 'array', body }
    }
    if (this.accept('{')) return this.object()
    throw this.unexpected()
  }

  private keyword(): Expression {
    const word = this.token.text
    switch (word) {
      case 'def':
        return this.definition()
      case 'if':
        this.take()
        return this.conditional()
      case 'try': {
        this.take()
        const body = this.suffixed()
        return { type: 'try', body, handler: this.accept('catch') ? this.suffixed() : undefined }
      }
      case 'reduce':
      case 'foreach': {
        this.take()
        const source = this.suffixed()
        this.expect('as')
        const pattern = this.pattern()
        this.expect('(')
        const init = this.pipe()
        this.expect(';')
        const update = this.pipe()
        const extract = word === 'foreach' && this.accept(';') ? this.pipe() : undefined
        this.expect(')')
        return word === 'reduce'
          ? { type: 'reduce', source, pattern, init, update }
          : { type: 'foreach', source, pattern, init, update, extract }
      }
      case 'label': {
        this.take()
        const name = this.take().text
        this.expect('|')
        return { type: 'label', name, body: this.pipe() }
      }
      default:
        throw this.unexpected()
    }
  }

  private conditional(): Expression {
    const condition = this.pipe()
    this.expect('then')
    const consequent = this.pipe()
    let alternative: Expression | undefined
    if (this.accept('elif')) return { type: 'if', condition, consequent, alternative: this.conditional() }
    if (this.accept('else')) alternative = this.pipe()
    this.expect('end')
    return { type: 'if', condition, consequent, alternative }
  }

  private call(): Expression {
    const name = this.take().text
    if (name === 'break' && this.token.type === 'variable') return { type: 'break', name: this.take().text }
    if (name === 'null' || name === 'true' || name === 'false') return { type: 'literal', value: name === 'null' ? null : name === 'true' }
    const args: Expression[] = []
    if (this.accept('(')) {
      do args.push(this.pipe())
      while (this.accept(';'))
      this.expect(')')
    }
    return { type: 'call', name, args }
  }

  private object(): Expression {
    const entries: { key: Expression; value: Expression }[] = []
    while (!this.is('}')) {
      const t = this.token
      let key: Expression
      let value: Expression | undefined
      if (t.type === 'variable') {
        this.take()
        key = text(t.text)
        value = { type: 'variable', name: t.text }
      } else if (t.type === 'string') key = this.string()
      else if (t.type === 'format') key = this.term()
      else if (t.type === 'name' || t.type === 'number') key = text(this.take().text)
      else {
        this.expect('(')
        key = this.pipe()
        this.expect(')')
        if (!this.is(':')) throw this.unexpected()
      }
      if (this.accept(':')) value = this.objectValue()
      entries.push({ key, value: value ?? { type: 'field', of: IDENTITY, name: key } })
      if (!this.accept(',')) break
    }
    this.expect('}')
    return { type: 'object', entries }
  }

  /** Values of an object bind tighter than its commas. */
  private objectValue(): Expression {
    let left = this.alternative()
    while (this.accept('|')) left = { type: 'pipe', left, right: this.alternative() }
    return left
  }

  private pattern(): Pattern {
    if (this.token.type === 'variable') return { type: 'variable', name: this.take().text }
    if (this.accept('[')) {
      const items: Pattern[] = []
      do items.push(this.pattern())
      while (this.accept(','))
      this.expect(']')
      return { type: 'array', items }
    }
    this.expect('{')
    const entries: { key: Expression; variable?: string; value?: Pattern }[] = []
    do {
      const t = this.token
      if (t.type === 'variable') {
        this.take()
        entries.push({ key: text(t.text), variable: t.text, value: this.accept(':') ? this.pattern() : undefined })
        continue
      }
      let key: Expression
      if (t.type === 'string') key = this.string()
      else if (t.type === 'name') key = text(this.take().text)
      else {
        this.expect('(')
        key = this.pipe()
        this.expect(')')
      }
      this.expect(':')
      entries.push({ key, value: this.pattern() })
    } while (this.accept(','))
    this.expect('}')
    return { type: 'object', entries }
  }
}
