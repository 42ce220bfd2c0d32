/** Reads words: quotes, expansions, substitutions. The part of the parser that works on characters. */
import type { Node, Word, WordPart } from './ast.js'
import { NAME_START, ParameterReader, SPECIAL } from './parameter-reader.js'

/** A cursor over the source with what reading words needs. The parser extends it. */
export abstract class WordReader extends ParameterReader {
  /** Parses commands up to the `)` that ends a substitution, and takes it. */
  protected abstract substitution(): Node | undefined
  /** bash's extglob: `!(a|b)` is a pattern, not the negation of a subshell. */
  protected abstract get extended(): boolean
  /** Parses the text of a backquoted substitution. */
  protected abstract parseText(text: string): Node | undefined

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
      if ((c === '<' || c === '>') && this.dialect !== 'dash' && this.peek(1) === '(' && stop.includes('(')) {
        flush()
        any = true
        this.pos += 2
        parts.push({ type: 'process', direction: c, body: this.substitution(), quoted: false })
        continue
      }
      if (stop.includes(c)) break
      // bash: a group such as `@(a|b)`, also within another; a lone `!` in front of a parenthesis is a negation.
      if (
        this.dialect === 'bash' &&
        '?*+@!'.includes(c) &&
        this.peek(1) === '(' &&
        (stop.includes('(') || stop === ')') &&
        (any || c !== '!' || this.extended)
      ) {
        any = true
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
  protected doubleQuoted(): Word {
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
    if (c === '[' && this.dialect === 'bash') {
      this.pos += 2
      return { type: 'arithmetic', expression: this.bracketedArithmetic(), quoted }
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

  /** The expression of bash's old `$[ … ]`, up to the bracket that closes it, which it takes. */
  private bracketedArithmetic(): Word {
    let depth = 0
    const expression = this.quotedParts(() => {
      const c = this.peek()
      if (c === ']' && depth === 0) return true
      if (c === '[') depth++
      if (c === ']') depth--
      return false
    }, '$`"\\')
    if (this.peek() === '') throw this.unterminated(']')
    this.next()
    return expression
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
}
