/** The grammar of parameter expansion. */
import type { Parameter, Word } from './ast.js'
import { textOfBytes } from '../stray-bytes.js'
import { SourceCursor } from './source-cursor.js'

export const NAME_START = /[A-Za-z_]/
const NAME = /[A-Za-z0-9_]/
/** The parameters whose name is one mark. */
export const SPECIAL = '@*#?-$!'

/** Reads `${…}` and `$'…'`. */
export abstract class ParameterReader extends SourceCursor {
  protected name(): string {
    const start = this.pos
    while (NAME.test(this.peek())) this.pos++
    return this.source.slice(start, this.pos)
  }

  /** After `${`. */
  protected braced(quoted: boolean): Parameter {
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
          // bash: quotes inside keep their meaning, so that `&` can be told from a quoted one.
          p.second = this.operand(p.quoted && this.dialect !== 'bash', '}')
        }
        return this.closeBrace(p)
      case '^':
      case ',':
      case '~':
        if (this.dialect !== 'bash') return this.badSubstitution(p, start)
        p.op = c
        if (this.peek() === c) p.op = `${c}${this.next()}` as '^^'
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

  protected ansiQuoted(): string {
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
    const character = /^(?:u([0-9A-Fa-f]{1,4})|U(0{0,7}[0-9A-Fa-f]{1,5}))/.exec(rest)
    if (character) {
      this.pos += character[0].length
      return String.fromCodePoint(parseInt(character[1] ?? character[2]!, 16))
    }
    const control = /^c(.)/s.exec(rest)
    if (control) {
      this.pos += 2
      return String.fromCharCode(control[1]!.charCodeAt(0) & 31)
    }
    // Bytes one after the other may be a character together.
    const bytes = /^(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3})(?:\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}))*/.exec(rest)
    if (bytes) {
      this.pos += bytes[0].length
      return textOfBytes(bytes[0].split('\\').map((b) => (b[0] === 'x' ? parseInt(b.slice(1), 16) : parseInt(b, 8) & 255)))
    }
    const c = this.next()
    const known: Record<string, string> = { a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
    return Object.hasOwn(known, c) ? known[c]! : '\\\'"?'.includes(c) ? c : `\\${c}`
  }

  protected abstract readWord(stop?: string): Word | undefined
  protected abstract quotedParts(end: () => boolean, escapable: string): Word
  protected abstract doubleQuoted(): Word
}
