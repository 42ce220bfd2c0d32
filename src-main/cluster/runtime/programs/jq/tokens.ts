/** The tokens of a jq program. */
import { type Expression, JqSyntaxError } from './syntax.js'

interface Token {
  type: 'number' | 'string' | 'name' | 'field' | 'variable' | 'format' | 'op' | 'end'
  text: string
  parts?: (string | Expression)[]
}

const OPERATORS = ['//=', '|=', '+=', '-=', '*=', '/=', '%=', '==', '!=', '<=', '>=', '//', '..']
export const KEYWORDS = new Set([
  'def',
  'if',
  'then',
  'elif',
  'else',
  'end',
  'as',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  'and',
  'or',
])
const NAME = /[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/y
const NUMERAL = /(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y

/** A cursor over the tokens of a jq program. */
export abstract class JqTokens {
  protected at = 0
  protected token: Token

  constructor(protected readonly source: string) {
    this.token = this.scan()
  }

  protected atEnd(): boolean {
    return this.token.type === 'end'
  }

  protected unexpected(): JqSyntaxError {
    const what =
      this.token.type === 'end'
        ? 'unexpected end of file'
        : this.token.type === 'op'
          ? `unexpected '${this.token.text}'`
          : `unexpected ${this.token.type === 'name' && !KEYWORDS.has(this.token.text) ? 'IDENT' : this.token.type === 'name' ? this.token.text : this.token.type.toUpperCase()}`
    return new JqSyntaxError(`syntax error, ${what} (Unix shell quoting issues?) at <top-level>, line 1:\n${this.source}`)
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const m = pattern.exec(this.source)
    if (!m) return undefined
    this.at += m[0].length
    return m[0]
  }

  protected scan(): Token {
    this.match(/(?:\s|#[^\n]*)+/y)
    const { source } = this
    const c = source[this.at]
    if (c === undefined) return { type: 'end', text: '' }
    if (c === '"') return { type: 'string', text: '"', parts: this.stringParts() }
    const numeral = this.match(NUMERAL)
    if (numeral !== undefined) return { type: 'number', text: numeral }
    if (c === '.' && /[A-Za-z_]/.test(source[this.at + 1] ?? '')) {
      this.at++
      return { type: 'field', text: this.match(/\w+/y)! }
    }
    if (c === '$' && /[A-Za-z_]/.test(source[this.at + 1] ?? '')) {
      this.at++
      return { type: 'variable', text: this.match(NAME)! }
    }
    if (c === '@') {
      this.at++
      return { type: 'format', text: `@${this.match(/\w+/y) ?? ''}` }
    }
    const name = this.match(NAME)
    if (name !== undefined) return { type: 'name', text: name }
    const op = OPERATORS.find((o) => source.startsWith(o, this.at)) ?? c
    this.at += op.length
    return { type: 'op', text: op }
  }

  protected take(): Token {
    const t = this.token
    this.token = this.scan()
    return t
  }

  protected is(text: string): boolean {
    return this.token.text === text && (this.token.type === 'op' || this.token.type === 'name')
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false
    this.take()
    return true
  }

  protected expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected()
  }

  protected abstract stringParts(): (string | Expression)[]
}
