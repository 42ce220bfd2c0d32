/** The tokens of an awk program. */
import { AwkSyntaxError, type Expression } from './syntax.js'

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
const BUILTINS = new Set([
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
/** The functions that mawk has not. */
export const NOT_OF_MAWK = new Set(['gensub', 'and', 'or', 'xor', 'lshift', 'rshift', 'compl'])
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

/** A cursor over the tokens of an awk program. */
export abstract class AwkTokens {
  protected at = 0
  protected line = 1
  protected token!: Token
  protected previous: Token | undefined
  /** Inside `print …` a `>` is a redirection, and inside `for (… in …)` an `in` ends the expression. */
  protected noGreater = 0
  protected noIn = 0

  constructor(
    protected readonly source: string,
    private readonly mawk = false,
  ) {
    this.advance()
  }

  protected fail(message?: string): AwkSyntaxError {
    const { type, text, line } = this.token
    const near = type === 'end' || type === 'newline' ? 'end of line' : type === 'string' ? `"${text}"` : text
    // The text ends with a newline of its own.
    return new AwkSyntaxError(message ?? `syntax error at or near ${near}`, message ? line + 1 : line)
  }

  protected advance(): Token {
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
      if (BUILTINS.has(name[0]) && !(this.mawk && NOT_OF_MAWK.has(name[0]))) return { type: 'builtin', text: name[0], line }
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
      const hex = /^x([\dA-Fa-f]{1,2})/.exec(s.slice(this.at, this.at + 3))
      if (hex) {
        out += String.fromCharCode(parseInt(hex[1]!, 16))
        this.at += hex[0].length
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
  protected regex(): Expression {
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

  protected is(text: string): boolean {
    return (this.token.type === 'op' || this.token.type === 'keyword') && this.token.text === text
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false
    this.advance()
    return true
  }

  protected expect(text: string): void {
    if (this.accept(text)) return
    const { type } = this.token
    const near = type === 'end' || type === 'newline' ? 'end of line' : this.token.text
    throw text === ')' ? new AwkSyntaxError(`missing ) near ${near}`, this.token.line) : this.fail()
  }

  protected newlines(): void {
    while (this.token.type === 'newline' || this.is(';')) this.advance()
  }

  protected optionalNewlines(): void {
    while (this.token.type === 'newline') this.advance()
  }
}
