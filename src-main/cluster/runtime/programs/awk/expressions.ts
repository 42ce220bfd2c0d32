/** The grammar of awk's expressions. */
import type { Expression } from './syntax.js'
import { AwkTokens } from './tokens.js'

/** Parses expressions, from the loosest operator to the tightest. */
export abstract class ExpressionParser extends AwkTokens {
  /** Expressions up to a closing token, which is taken. */
  protected list(close: string): Expression[] {
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

  protected concatenation(): Expression {
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
