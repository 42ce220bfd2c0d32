/** What a terminal driver does for a process that has input but no terminal: shows what is typed and sends whole lines. */
export interface LineInputTarget {
  echo(text: string): void
  send(data: string): void
  /** No more input comes. */
  end(): void
}

export class LineInput {
  private line = ''

  constructor(private readonly target: LineInputTarget) {}

  /** Enter sends the line, Backspace takes a character back, Ctrl+U the line; Ctrl+D on an empty line ends the input. */
  type(text: string): void {
    for (const c of text.replaceAll('\r\n', '\r')) {
      if (c === '\r' || c === '\n') {
        this.target.echo('\r\n')
        this.target.send(`${this.line}\n`)
        this.line = ''
      } else if (c === '\u007f' || c === '\b') this.erase(1)
      else if (c === '\u0015') this.erase(Infinity)
      else if (c === '\u0004') {
        if (this.line) this.target.send(this.line)
        else this.target.end()
        this.line = ''
      } else if (c >= ' ') {
        this.line += c
        this.target.echo(c)
      }
    }
  }

  private erase(count: number): void {
    const characters = [...this.line]
    const gone = characters.splice(Math.max(0, characters.length - count))
    this.line = characters.join('')
    this.target.echo('\b \b'.repeat(gone.length))
  }
}
