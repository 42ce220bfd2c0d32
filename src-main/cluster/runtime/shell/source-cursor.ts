/** A place in the text of a script. */
import { ShellSyntaxError, type Dialect } from './ast.js'

/** A place in the source, and what every part of the parser does there. */
export abstract class SourceCursor {
  protected pos = 0
  protected line = 1

  constructor(
    protected source: string,
    readonly dialect: Dialect,
    startLine = 1,
  ) {
    this.line = startLine
  }

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
}
