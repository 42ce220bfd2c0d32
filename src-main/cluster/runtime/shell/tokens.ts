/** The tokens of the shell command language. */
import { literal, ShellSyntaxError, type Redirect, type Word } from './ast.js'
import { WordReader } from './word-reader.js'

export type Token =
  | { type: 'word'; word: Word; start: number; text: string }
  | { type: 'op'; op: string; start: number; text: string }
  | { type: 'newline' | 'end'; start: number; text: string }

const OPERATORS = [
  '<<-',
  '<<<',
  '&>>',
  ';;&',
  '&&',
  '||',
  ';;',
  ';&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '<',
  '>',
  '|&',
  '&',
  ';',
  '|',
  '(',
  ')',
]
const BASH_ONLY = new Set(['<<<', '&>>', ';;&', ';&', '&>', '|&'])
const ASH_EXTRA = new Set(['&>'])

interface HereDocument {
  redirect: Redirect
  delimiter: string
  quoted: boolean
  strip: boolean
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', '{', '}', '!', 'in'])
const RESERVED_BASH = new Set(['[[', ']]', 'function', 'select', 'time', 'coproc'])

/** Reads the source as tokens: words, operators, ends of lines. */
export abstract class TokenReader extends WordReader {
  protected token: Token | undefined
  /** The here-documents that begin after this line. */
  protected documents: HereDocument[] = []
  /** Alias texts put into the source: each name is not expanded again before `until`. */
  protected expanding: { name: string; until: number }[] = []

  protected look(): Token {
    this.token ??= this.scan()
    return this.token
  }

  protected take(): Token {
    const t = this.look()
    this.token = undefined
    if (t.type === 'newline' && this.documents.length > 0) this.readDocuments()
    return t
  }

  private scan(): Token {
    for (;;) {
      const c = this.peek()
      if (c === ' ' || c === '\t') this.pos++
      else if (this.skipContinuation()) continue
      else if (c === '#') while (this.peek() !== '' && this.peek() !== '\n') this.pos++
      else break
    }
    const start = this.pos
    this.expanding = this.expanding.filter((e) => e.until >= start)
    const c = this.peek()
    if (c === '') return { type: 'end', start, text: '' }
    if (c === '\n') {
      this.next()
      return { type: 'newline', start, text: '\n' }
    }
    const processSubstitution = this.dialect !== 'dash' && (c === '<' || c === '>') && this.peek(1) === '('
    const op = processSubstitution ? undefined : OPERATORS.find((o) => this.startsWith(o) && this.hasOperator(o))
    if (op) {
      this.pos += op.length
      return { type: 'op', op, start, text: op }
    }
    const word = this.readWord()!
    const text = this.source.slice(start, this.pos)
    word.spelling = text
    return { type: 'word', word, start, text }
  }

  private hasOperator(op: string): boolean {
    return this.dialect === 'bash' || !BASH_ONLY.has(op) || (this.dialect === 'ash' && ASH_EXTRA.has(op))
  }

  protected isOp(op: string): boolean {
    const t = this.look()
    return t.type === 'op' && t.op === op
  }

  /** The reserved word here, if there is one. */
  protected reserved(): string | undefined {
    const t = this.look()
    if (t.type !== 'word') return undefined
    const text = literal(t.word)
    if (text === undefined) return undefined
    return RESERVED.has(text) ||
      (this.dialect !== 'dash' &&
        RESERVED_BASH.has(text) &&
        !(this.dialect === 'ash' && (text === 'select' || text === 'coproc' || text === 'time')))
      ? text
      : undefined
  }

  protected expect(word: string): void {
    if (this.reserved() !== word && !this.isOp(word)) throw this.unexpected(this.look(), word)
    this.take()
  }

  protected unexpected(t: Token, expecting?: string, endIsNewline = false): ShellSyntaxError {
    const text = t.type === 'end' && !endIsNewline ? 'end of file' : t.type === 'newline' || t.type === 'end' ? 'newline' : t.text
    return new ShellSyntaxError('unexpected', text, this.line - (t.type === 'newline' ? 1 : 0), t.type === 'end', expecting)
  }

  protected skipNewlines(): void {
    while (this.look().type === 'newline') this.take()
  }

  protected abstract readDocuments(): void
}
