/** The text in vi. */

/** The text that is edited, the cursor in it, and what can be undone. */
export abstract class EditorBuffer {
  protected lines: string[] = ['']
  protected row = 0
  protected column = 0
  protected changed = false
  protected clipboard: string[] | undefined
  protected clipboardInline = ''
  protected undoStack: { lines: string[]; row: number; column: number }[] = []

  protected get line(): string {
    return this.lines[this.row] ?? ''
  }

  protected set line(text: string) {
    this.lines[this.row] = text
    this.changed = true
  }

  protected remember(): void {
    this.undoStack.push({ lines: [...this.lines], row: this.row, column: this.column })
    if (this.undoStack.length > 100) this.undoStack.shift()
  }

  protected wordForward(): void {
    let i = this.column
    while (i < this.line.length && /\w/.test(this.line[i]!)) i++
    while (i < this.line.length && !/\w/.test(this.line[i]!)) i++
    if (i < this.line.length || this.row === this.lines.length - 1) this.column = i
    else {
      this.row++
      this.column = /^\s*/.exec(this.line)![0].length
    }
  }

  protected wordBack(): void {
    let i = this.column
    if (i === 0 && this.row > 0) {
      this.row--
      i = this.line.length
    }
    while (i > 0 && !/\w/.test(this.line[i - 1]!)) i--
    while (i > 0 && /\w/.test(this.line[i - 1]!)) i--
    this.column = i
  }
}
