/** The text in vi. */
import { indentOf, type Motion, type Spot } from './motions.js'

interface State {
  lines: string[]
  row: number
  column: number
}

const MOST_CHANGES = 100

/** The operators that change the case of letters. */
const CASES: Readonly<Record<string, (text: string) => string>> = {
  U: (text) => text.toUpperCase(),
  u: (text) => text.toLowerCase(),
  '~': (text) => [...text].map((ch) => (ch === ch.toUpperCase() ? ch.toLowerCase() : ch.toUpperCase())).join(''),
}

/** The text that is edited, the cursor in it, and what can be undone. */
export abstract class EditorBuffer {
  protected lines: string[] = ['']
  protected row = 0
  protected column = 0
  protected changed = false
  /** There is no line, not even an empty one. */
  protected bare = false
  protected mode: 'command' | 'insert' | 'replace' = 'command'
  /** What was cut or yanked: whole lines, or a piece that may go over several. */
  private clipboard: { text: string; linewise: boolean } = { text: '', linewise: false }
  private undone: State[] = []
  private done: State[] = []
  /** How often the text was about to be changed. */
  protected changes = 0
  /** How often what is being inserted is to stand there, and where its keys begin on the tape. */
  protected insertion: { times: number; from: number; opens: boolean } | undefined
  protected readonly marks = new Map<string, Spot>()
  /** Where the selection began, while there is one. */
  protected visual: (Spot & { linewise: boolean }) | undefined
  protected readonly settings = {
    number: false,
    ignoreCase: false,
    autoindent: false,
    tabstop: 8,
    shiftwidth: 8,
    expandtab: false,
    list: false,
  }

  protected get line(): string {
    return this.lines[this.row] ?? ''
  }

  protected set line(text: string) {
    this.lines[this.row] = text
    this.changed = true
  }

  private state(): State {
    return { lines: [...this.lines], row: this.row, column: this.column }
  }

  /** Keeps the text as it is, before it is changed. */
  protected remember(): void {
    this.changes++
    this.bare = false
    this.done.push(this.state())
    this.undone = []
    if (this.done.length > MOST_CHANGES) this.done.shift()
  }

  private back(from: State[], to: State[]): boolean {
    const state = from.pop()
    if (!state) return false
    this.bare = false
    to.push(this.state())
    this.lines = state.lines
    this.row = state.row
    this.column = state.column
    this.changed = true
    return true
  }

  protected undo(): boolean {
    return this.back(this.done, this.undone)
  }

  protected redo(): boolean {
    return this.back(this.undone, this.done)
  }

  private beBare(): void {
    this.lines = ['']
    this.bare = true
  }

  protected joinLines(row: number): void {
    if (row + 1 >= this.lines.length) return
    const [first, second] = [this.lines[row]!, this.lines[row + 1]!.trimStart()]
    const gap = second === '' || /\s$/.test(first) || second.startsWith(')') ? '' : ' '
    this.lines.splice(row, 2, first + gap + second)
    this.column = first.length
    this.changed = true
  }

  /** Deletes, changes, yanks or shifts what lies between two places. */
  protected operate(operator: string, from: Spot, to: Motion): void {
    if (operator !== 'y') this.remember()
    const [a, b] = from.row < to.row || (from.row === to.row && from.column <= to.column) ? [from, to] : [to, from]
    const last = Math.min(b.row, this.lines.length - 1)
    if (operator === '>' || operator === '<') return this.shift(operator, a.row, last)
    if (to.linewise && CASES[operator]) {
      for (let row = a.row; row <= last; row++) this.lines[row] = CASES[operator](this.lines[row]!)
      this.changed = true
      return
    }
    if (to.linewise) {
      this.clipboard = { text: this.lines.slice(a.row, last + 1).join('\n'), linewise: true }
      this.row = a.row
      if (operator === 'y') return
      this.changed = true
      this.lines.splice(a.row, last - a.row + 1, ...(operator === 'c' ? [''] : []))
      if (this.lines.length === 0) this.beBare()
      this.row = Math.min(this.row, this.lines.length - 1)
      this.column = indentOf(this.line)
      if (operator === 'c') this.mode = 'insert'
      return
    }
    const end = b.column + (to.inclusive ? 1 : 0)
    const head = this.lines[a.row]!.slice(0, a.column)
    const tail = this.lines[last]!.slice(end)
    const middle =
      a.row === last
        ? this.lines[last]!.slice(a.column, end)
        : [this.lines[a.row]!.slice(a.column), ...this.lines.slice(a.row + 1, last), this.lines[last]!.slice(0, end)].join('\n')
    if (CASES[operator]) {
      this.lines.splice(a.row, last - a.row + 1, ...(head + CASES[operator](middle) + tail).split('\n'))
      this.changed = true
    } else this.clipboard = { text: middle, linewise: false }
    this.row = a.row
    this.column = a.column
    if (operator === 'y' || CASES[operator]) return
    this.lines.splice(a.row, last - a.row + 1, head + tail)
    this.changed = true
    if (operator === 'c') this.mode = 'insert'
  }

  /** What is selected gives way to what was cut or yanked. */
  protected replaceWithClipboard(from: Spot, to: Motion): void {
    const kept = this.clipboard
    this.operate('d', from, to)
    const removed = this.clipboard
    this.clipboard = kept
    const atEnd = !to.linewise && this.column >= this.line.length && this.line.length > 0
    this.put(atEnd, 1)
    this.clipboard = removed
  }

  protected shift(way: string, from: number, to: number): void {
    const { shiftwidth, expandtab, tabstop } = this.settings
    for (let row = from; row <= to; row++) {
      const text = this.lines[row]!
      if (text === '') continue
      const lead = /^\s*/.exec(text)![0]
      const columns = [...lead].reduce((n, ch) => (ch === '\t' ? n + tabstop - (n % tabstop) : n + 1), 0)
      const wanted = Math.max(0, columns + (way === '>' ? shiftwidth : -shiftwidth))
      const blanks = expandtab ? ' '.repeat(wanted) : '\t'.repeat(Math.floor(wanted / tabstop)) + ' '.repeat(wanted % tabstop)
      this.lines[row] = blanks + text.slice(lead.length)
    }
    this.row = from
    this.column = indentOf(this.line)
    this.changed = true
  }

  protected put(after: boolean, times: number): void {
    const { text, linewise } = this.clipboard
    if (text === '' && !linewise) return
    this.remember()
    this.changed = true
    if (linewise) {
      const added = Array.from({ length: Math.min(times, 1000) }, () => text.split('\n')).flat()
      const at = after ? this.row + 1 : this.row
      this.lines.splice(at, 0, ...added)
      this.row = at
      this.column = indentOf(this.line)
      return
    }
    const at = after && this.line.length > 0 ? this.column + 1 : this.column
    const piece = text.repeat(Math.min(times, 1000))
    this.lines.splice(this.row, 1, ...(this.line.slice(0, at) + piece + this.line.slice(at)).split('\n'))
    this.column = piece.includes('\n') ? at : at + piece.length - 1
  }

  /** Takes lines out, or copies them, for what is put back later. */
  protected takeLines(from: number, to: number, remove: boolean): void {
    this.clipboard = { text: this.lines.slice(from, to + 1).join('\n'), linewise: true }
    if (!remove) return
    this.lines.splice(from, to - from + 1)
    if (this.lines.length === 0) this.beBare()
    this.row = Math.min(from, this.lines.length - 1)
    this.changed = true
  }
}
