/** Reads words: quotes, expansions, substitutions. The part of the parser that works on characters. */
import { ShellSyntaxError, type Dialect, type Node, type Parameter, type Word, type WordPart } from './ast.js'

const NAME_START = /[A-Za-z_]/
const NAME = /[A-Za-z0-9_]/
const SPECIAL = '@*#?-$!'

/** A cursor over the source with what reading words needs. The parser extends it. */
export abstract class WordReader {
  protected pos = 0
  protected line = 1

  constructor(
    protected source: string,
    readonly dialect: Dialect,
    startLine = 1,
  ) {
    this.line = startLine
  }

  /** Parses commands up to the `)` that ends a substitution, and takes it. */
  protected abstract substitution(): Node | undefined
  /** Parses the text of a backquoted substitution. */
  protected abstract parseText(text: string): Node | undefined

  protected peek(ahead = 0): string {
    return this.source[this.pos + ahead] ?? ''
  }

  protected next(): string {
    const c = this.source[this.pos++] ?? ''
    if (c === '\n') this.line++
    return c
  }

  protected startsWith(text: string): boolean {
    return this.source.startsWith(text, this.pos)
  }

  /** Takes a backslash-newline, which is nothing at all. */
  protected skipContinuation(): boolean {
    if (!this.startsWith('\\\n')) return false
    this.next()
    this.next()
    return true
  }

  /** @param line where it began: bash tells that one */
  protected unterminated(what: string, line = this.line): ShellSyntaxError {
    return new ShellSyntaxError('unterminated', what, this.dialect === 'bash' ? line : this.line, true)
  }

  /**
   * A word up to an unquoted character of `stop` (by default what ends a word of a command). undefined when there is
   * none here.
   */
  protected readWord(stop = ' \t\n;&|<>()'): Word | undefined {
    const parts: Word = []
    let text = ''
    let any = false
    const flush = (): void => {
      if (text) parts.push({ type: 'text', text, quoted: false })
      text = ''
    }
    for (;;) {
      if (this.skipContinuation()) continue
      const c = this.peek()
      if (c === '') break
      if ((c === '<' || c === '>') && this.dialect === 'bash' && this.peek(1) === '(' && stop.includes('(')) {
        flush()
        any = true
        this.pos += 2
        parts.push({ type: 'process', direction: c, body: this.substitution(), quoted: false })
        continue
      }
      if (stop.includes(c)) break
      // bash: a group such as `@(a|b)`; a lone `!` in front of a parenthesis is a negation.
      if (this.dialect === 'bash' && '?*+@!'.includes(c) && this.peek(1) === '(' && stop.includes('(') && (any || c !== '!')) {
        text += this.next() + this.next()
        flush()
        parts.push(...(this.readWord(')') ?? []))
        if (this.peek() === '') throw this.unterminated(')')
        text += this.next()
        continue
      }
      any = true
      switch (c) {
        case '\\':
          flush()
          this.next()
          if (this.peek() === '') parts.push({ type: 'text', text: '\\', quoted: true })
          else parts.push({ type: 'text', text: this.next(), quoted: true })
          break
        case "'":
          flush()
          parts.push({ type: 'text', text: this.singleQuoted(), quoted: true })
          break
        case '"':
          flush()
          this.next()
          parts.push(...this.doubleQuoted())
          break
        case '`':
          flush()
          parts.push(this.backquoted(false))
          break
        case '$': {
          const part = this.dollar(false)
          if (part) {
            flush()
            parts.push(...(Array.isArray(part) ? part : [part]))
          } else text += this.next()
          break
        }
        default:
          text += this.next()
      }
    }
    flush()
    return any ? parts : undefined
  }

  private singleQuoted(): string {
    this.next()
    const end = this.source.indexOf("'", this.pos)
    if (end < 0) throw this.unterminated("'")
    const text = this.source.slice(this.pos, end)
    while (this.pos <= end) this.next()
    return text
  }

  /** After the opening quote; takes the closing one. Always gives a part, so that `""` is an empty field. */
  private doubleQuoted(): Word {
    const { line } = this
    const parts = this.quotedParts(() => this.peek() === '"', '$`"\\\n')
    if (this.peek() === '') throw this.unterminated('"', line)
    this.next()
    return parts.length > 0 ? parts : [{ type: 'text', text: '', quoted: true }]
  }

  /** Parts as inside double quotes, until `end` or the end of the source. `escapable` follow a backslash that goes away. */
  protected quotedParts(end: () => boolean, escapable: string): Word {
    const parts: Word = []
    let text = ''
    const flush = (): void => {
      if (text) parts.push({ type: 'text', text, quoted: true })
      text = ''
    }
    while (this.peek() !== '' && !end()) {
      const c = this.peek()
      if (c === '\\') {
        if (this.skipContinuation()) continue
        this.next()
        if (this.peek() !== '' && escapable.includes(this.peek())) text += this.next()
        else text += '\\'
      } else if (c === '`') {
        flush()
        parts.push(this.backquoted(true))
      } else if (c === '$') {
        const part = this.dollar(true)
        if (part) {
          flush()
          parts.push(...(Array.isArray(part) ? part : [part]))
        } else text += this.next()
      } else text += this.next()
    }
    flush()
    return parts
  }

  private backquoted(quoted: boolean): WordPart {
    this.next()
    let text = ''
    for (;;) {
      const c = this.peek()
      if (c === '') throw this.unterminated('`')
      this.next()
      if (c === '`') break
      if (c === '\\' && ('\\`$'.includes(this.peek()) || (quoted && this.peek() === '"'))) text += this.next()
      else text += c
    }
    return { type: 'command', body: this.parseText(text), quoted }
  }

  /** At `$`: an expansion, or undefined when the dollar stands for itself. */
  private dollar(quoted: boolean): WordPart | Word | undefined {
    const c = this.peek(1)
    if (c === '(') {
      if (this.peek(2) === '(') {
        const arithmetic = this.arithmetic(quoted)
        if (arithmetic) return arithmetic
      }
      this.pos += 2
      return { type: 'command', body: this.substitution(), quoted }
    }
    if (c === '{') {
      this.pos += 2
      return this.braced(quoted)
    }
    if (c === "'" && !quoted && this.dialect !== 'dash') {
      this.pos += 2
      return { type: 'text', text: this.ansiQuoted(), quoted: true }
    }
    if (c === '"' && !quoted && this.dialect === 'bash') {
      this.pos += 2
      return this.doubleQuoted()
    }
    if (NAME_START.test(c)) {
      this.pos++
      return { type: 'parameter', name: this.name(), quoted }
    }
    if (c !== '' && (SPECIAL.includes(c) || /[0-9]/.test(c))) {
      this.pos += 2
      return { type: 'parameter', name: c, quoted }
    }
    return undefined
  }

  protected name(): string {
    const start = this.pos
    while (NAME.test(this.peek())) this.pos++
    return this.source.slice(start, this.pos)
  }

  /** `$(( … ))`, or undefined when the parentheses turn out to be a substitution that begins with a subshell. */
  private arithmetic(quoted: boolean): WordPart | undefined {
    const start = this.pos
    const { line } = this
    this.pos += 3
    const expression = this.arithmeticText()
    if (expression) return { type: 'arithmetic', expression, quoted }
    this.pos = start
    this.line = line
    return undefined
  }

  /** The expression up to `))`, which it takes; undefined when the parentheses do not close together. */
  protected arithmeticText(): Word | undefined {
    let depth = 0
    let closed = false
    const expression = this.quotedParts(() => {
      const c = this.peek()
      if (c === '(') depth++
      if (c === ')') {
        if (depth === 0) {
          closed = this.peek(1) === ')'
          return true
        }
        depth--
      }
      return false
    }, '$`"\\')
    if (this.peek() === '') throw this.unterminated('((')
    if (!closed) return undefined
    this.pos += 2
    return expression
  }

  /** After `${`. */
  private braced(quoted: boolean): Parameter {
    const start = this.pos
    const bash = this.dialect === 'bash'
    const p: Parameter = { type: 'parameter', name: '', quoted }
    if (this.peek() === '#' && this.peek(1) !== '}' && !(this.peek(1) !== '' && ':%-=?+'.includes(this.peek(1)) && this.peek(2) !== '}')) {
      p.length = true
      this.next()
    } else if (this.peek() === '!' && bash && /[A-Za-z_0-9@*#]/.test(this.peek(1))) {
      p.indirect = true
      this.next()
    }
    const c = this.peek()
    if (NAME_START.test(c)) p.name = this.name()
    else if (/[0-9]/.test(c)) {
      while (/[0-9]/.test(this.peek())) p.name += this.next()
    } else if (c !== '' && SPECIAL.includes(c)) p.name = this.next()
    else return this.badSubstitution(p, start)
    if (p.indirect && (this.peek() === '*' || this.peek() === '@') && this.peek(1) === '}') p.prefix = this.next() as '*'
    if (bash && this.peek() === '[') {
      this.next()
      p.index = this.readWord(']') ?? []
      this.next()
    }
    if (this.peek() === '}') {
      this.next()
      return p
    }
    if (p.length) return this.badSubstitution(p, start)
    return this.operator(p, start)
  }

  private operator(p: Parameter, start: number): Parameter {
    const extended = this.dialect !== 'dash'
    const c = this.next()
    switch (c) {
      case ':':
        if ('-=?+'.includes(this.peek()) && this.peek() !== '') {
          p.colon = true
          p.op = this.next() as '-'
        } else if (extended) {
          p.op = ':'
          p.word = this.operand(p.quoted, ':}')
          if (this.peek() === ':') {
            this.next()
            p.second = this.operand(p.quoted, '}')
          }
          return this.closeBrace(p)
        } else return this.badSubstitution(p, start)
        break
      case '-':
      case '=':
      case '?':
      case '+':
        p.op = c
        break
      case '%':
      case '#':
        p.op = c
        if (this.peek() === c) {
          this.next()
          p.op = c === '%' ? '%%' : '##'
        }
        p.word = this.operand(false, '}')
        return this.closeBrace(p)
      case '/':
        if (!extended) return this.badSubstitution(p, start)
        p.op = '/'
        if (this.peek() === '/' || this.peek() === '#' || this.peek() === '%') p.op = `/${this.next()}` as '//'
        p.word = this.operand(false, '/}')
        if (this.peek() === '/') {
          this.next()
          p.second = this.operand(p.quoted, '}')
        }
        return this.closeBrace(p)
      case '^':
      case ',':
        if (this.dialect !== 'bash') return this.badSubstitution(p, start)
        p.op = c
        if (this.peek() === c) {
          this.next()
          p.op = c === '^' ? '^^' : ',,'
        }
        p.word = this.operand(false, '}')
        return this.closeBrace(p)
      case '@':
        if (this.dialect !== 'bash' || !/[QULuEPAaKk]/.test(this.peek())) return this.badSubstitution(p, start)
        p.op = '@'
        p.word = [{ type: 'text', text: this.next(), quoted: true }]
        return this.closeBrace(p)
      default:
        this.pos--
        return this.badSubstitution(p, start)
    }
    p.word = this.operand(p.quoted, '}')
    return this.closeBrace(p)
  }

  /** The word after an operator; inside double quotes it is read as if it were quoted, too. */
  private operand(quoted: boolean, stop: string): Word {
    if (!quoted) return this.readWord(stop) ?? []
    const parts: Word = []
    for (;;) {
      parts.push(...this.quotedParts(() => stop.includes(this.peek()) || this.peek() === '"', '$`"\\}'))
      // A quote inside toggles nothing but the meaning of its content, which is quoted here anyway.
      if (this.peek() !== '"') return parts
      this.next()
      parts.push(...this.doubleQuoted())
    }
  }

  private closeBrace(p: Parameter): Parameter {
    if (this.peek() === '') throw this.unterminated('}')
    this.next()
    return p
  }

  private badSubstitution(p: Parameter, start: number): Parameter {
    let depth = 1
    while (depth > 0) {
      const c = this.peek()
      if (c === '') throw this.unterminated('}')
      if (c === '{') depth++
      if (c === '}') depth--
      this.next()
    }
    return { ...p, bad: `\${${this.source.slice(start, this.pos)}` }
  }

  private ansiQuoted(): string {
    let text = ''
    for (;;) {
      const c = this.peek()
      if (c === '') throw this.unterminated("'")
      this.next()
      if (c === "'") return text
      text += c === '\\' ? this.ansiEscape() : c
    }
  }

  private ansiEscape(): string {
    const rest = this.source.slice(this.pos)
    const match = /^(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|[0-7]{1,3})/.exec(rest)
    if (match) {
      this.pos += match[0].length
      const digits = /^[xu]/.test(match[0]) ? parseInt(match[0].slice(1), 16) : parseInt(match[0], 8)
      return String.fromCodePoint(digits)
    }
    const c = this.next()
    const known: Record<string, string> = { a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
    return Object.hasOwn(known, c) ? known[c]! : '\\\'"?'.includes(c) ? c : `\\${c}`
  }
}
