/**
 * Line editing at a terminal: moving, erasing, history, search, completion. Works on any VT100-like terminal: the line
 * is drawn again after each change, over as many rows as it takes.
 */
import { columnsOf } from '../screen-columns.js'
import type { Modes } from '../terminal-modes.js'
import { Interrupted } from './endings.js'
import { type Key, KeyReader } from './line-keys.js'

/** Asks the terminal to mark what is pasted, and to do so no more. */
const PASTE_MARKS = { on: '\x1b[?2004h', off: '\x1b[?2004l\r' }

const RAW: Partial<Modes> = { icanon: false, echo: false, isig: false, icrnl: true, ixon: false }

export class LineEditor extends KeyReader {
  private line: string[] = []
  private cursor = 0
  private prompt = ''
  /** The row of the cursor, from the row in which the prompt's last line began. */
  private row = 0
  private killed = ''
  private historyAt = 0
  private draft = ''
  /** What Alt-. has put in: from which line of the history, and how long. */
  private argumentAt = 0
  private argumentLength = 0
  private lastKey: Key | 'unknown' | undefined

  /**
   * Reads one line. undefined at end of file (Ctrl-D on an empty line). Throws Interrupted at Ctrl-C.
   * @param first whether it is the first line of a command
   */
  async read(prompt: string, first: boolean): Promise<string | undefined> {
    const { task } = this.owner
    const terminal = task.terminal
    const modes = terminal?.modes
    terminal?.setModes(RAW)
    this.line = []
    this.cursor = 0
    this.row = 0
    this.historyAt = this.owner.history.length
    this.draft = ''
    // Only the last line of a prompt is drawn again.
    const lines = prompt.split('\n')
    this.prompt = lines.pop()!
    const marks = this.owner.marksPastes === true
    await this.out(`${marks ? PASTE_MARKS.on : ''}${lines.map((l) => `${visible(l)}\n`).join('')}${visible(this.prompt)}`)
    try {
      for (;;) {
        const key = await this.key()
        if (key === undefined) return undefined
        const done = await this.apply(key, first)
        this.lastKey = typeof key === 'object' ? undefined : key
        if (done) return done.line
      }
    } finally {
      if (marks && !task.ended) await this.out(PASTE_MARKS.off)
      if (!task.ended && terminal && modes) terminal.setModes(modes)
    }
  }

  private out(text: string): Promise<void> {
    return this.owner.task.writeError(text)
  }

  /** Does what a key says; returns the line when it is finished. */
  private async apply(key: Key | { text: string } | 'unknown', first: boolean): Promise<{ line: string | undefined } | undefined> {
    if (typeof key === 'object') return this.insert(key.text)
    const length = this.line.length
    switch (key) {
      case 'enter':
        await this.moveTo(length)
        await this.out('\n')
        return { line: this.line.join('') }
      case 'interrupt':
        await this.moveTo(length)
        await this.out('^C\n')
        throw new Interrupted()
      case 'eof':
        if (length === 0 && first) return { line: undefined }
        return this.remove(this.cursor, this.cursor + 1)
      case 'left':
        return this.moveTo(Math.max(0, this.cursor - 1))
      case 'right':
        return this.moveTo(Math.min(length, this.cursor + 1))
      case 'home':
        return this.moveTo(0)
      case 'end':
        return this.moveTo(length)
      case 'word-left':
        return this.moveTo(this.wordStart())
      case 'word-right':
        return this.moveTo(this.wordEnd())
      case 'erase':
        return this.remove(this.cursor - 1, this.cursor)
      case 'delete':
        return this.remove(this.cursor, this.cursor + 1)
      case 'erase-word': {
        let start = this.cursor
        while (start > 0 && this.line[start - 1] === ' ') start--
        while (start > 0 && this.line[start - 1] !== ' ') start--
        return this.kill(start, this.cursor)
      }
      case 'kill-word':
        return this.kill(this.cursor, this.wordEnd())
      case 'kill-end':
        return this.kill(this.cursor, length)
      case 'kill-start':
        return this.kill(0, this.cursor)
      case 'yank':
        return this.insert(this.killed)
      case 'last-argument':
        return this.lastArgument()
      case 'upper-word':
      case 'lower-word':
      case 'capital-word':
        return this.changeWord(key)
      case 'transpose': {
        if (!this.owner.isBash) return undefined
        if (this.cursor === 0 || length < 2) return undefined
        const at = Math.min(this.cursor, length - 1)
        const swapped = [this.line[at]!, this.line[at - 1]!]
        this.line.splice(at - 1, 2, ...swapped)
        this.cursor = at + 1
        return this.redraw()
      }
      case 'clear':
        await this.out('\x1b[H\x1b[J')
        this.row = 0
        return this.redraw()
      case 'up':
      case 'down':
        return this.browse(key === 'up' ? -1 : 1)
      case 'search':
        return this.search(first)
      case 'tab':
        return this.complete()
      default:
        return undefined
    }
  }

  /** Alt-. of readline: the last word of the line before; again, that of the line before that. */
  private async lastArgument(): Promise<undefined> {
    if (!this.owner.isBash) return undefined
    const again = this.lastKey === 'last-argument'
    const at = again ? this.argumentAt - 1 : this.owner.history.length - 1
    const line = this.owner.history[at]
    if (line === undefined) {
      await this.out('\x07')
      return undefined
    }
    if (again) {
      this.line.splice(this.cursor - this.argumentLength, this.argumentLength)
      this.cursor -= this.argumentLength
    }
    const argument = /(?:\\.|"[^"]*"|'[^']*'|\S)+\s*$/.exec(line)?.[0].trimEnd() ?? ''
    this.argumentAt = at
    this.argumentLength = [...argument].length
    this.line.splice(this.cursor, 0, ...argument)
    this.cursor += this.argumentLength
    return this.redraw()
  }

  /** Alt-U, Alt-L and Alt-C of readline: from the cursor to the end of the word. */
  private changeWord(key: 'upper-word' | 'lower-word' | 'capital-word'): Promise<undefined> | undefined {
    if (!this.owner.isBash) return undefined
    const end = this.wordEnd()
    const text = this.line.slice(this.cursor, end).join('')
    const changed =
      key === 'upper-word'
        ? text.toUpperCase()
        : key === 'lower-word'
          ? text.toLowerCase()
          : text.toLowerCase().replace(/\w/, (c) => c.toUpperCase())
    this.line.splice(this.cursor, end - this.cursor, ...changed)
    this.cursor = end
    return this.redraw()
  }

  private async insert(text: string): Promise<undefined> {
    const chars = [...text]
    const atEnd = this.cursor === this.line.length
    this.line.splice(this.cursor, 0, ...chars)
    this.cursor += chars.length
    const columns = this.columns
    const end = this.columnAt(this.line.length)
    // The plain case, typing at the end of the line, is echoed as it is.
    if (atEnd && !/[\n\t]/.test(text) && Math.floor(end / columns) === this.row && end % columns !== 0) await this.out(text)
    else await this.redraw()
    return undefined
  }

  private async remove(from: number, to: number): Promise<undefined> {
    if (from < 0 || from >= this.line.length || to <= from) return undefined
    this.line.splice(from, to - from)
    this.cursor = from
    await this.redraw()
    return undefined
  }

  private kill(from: number, to: number): Promise<undefined> {
    if (to > from) this.killed = this.line.slice(from, to).join('')
    return this.remove(from, to)
  }

  private wordStart(): number {
    let i = this.cursor
    while (i > 0 && !/\w/.test(this.line[i - 1]!)) i--
    while (i > 0 && /\w/.test(this.line[i - 1]!)) i--
    return i
  }

  private wordEnd(): number {
    let i = this.cursor
    while (i < this.line.length && !/\w/.test(this.line[i]!)) i++
    while (i < this.line.length && /\w/.test(this.line[i]!)) i++
    return i
  }

  private async browse(step: number): Promise<undefined> {
    const { history } = this.owner
    const to = this.historyAt + step
    if (to < 0 || to > history.length) {
      await this.out('\x07')
      return undefined
    }
    if (this.historyAt === history.length) this.draft = this.line.join('')
    this.historyAt = to
    this.line = [...(to === history.length ? this.draft : history[to]!)]
    this.cursor = this.line.length
    return this.redraw()
  }

  /** Ctrl-R: searches the history backwards as the person types. */
  private async search(first: boolean): Promise<{ line: string | undefined } | undefined> {
    const { prompt } = this
    const before = { line: this.line, cursor: this.cursor }
    let query = ''
    let at = this.owner.history.length
    const show = async (): Promise<void> => {
      this.prompt = `(reverse-i-search)'${query}': `
      await this.redraw()
    }
    const find = (from: number): void => {
      for (let i = from; i >= 0; i--) {
        const found = this.owner.history[i]?.indexOf(query) ?? -1
        if (found < 0 || query === '') continue
        at = i
        this.line = [...this.owner.history[i]!]
        this.cursor = found
        return
      }
    }
    await show()
    for (;;) {
      const key = await this.key()
      if (typeof key === 'object') {
        query += key.text
        find(Math.min(at, this.owner.history.length - 1))
        await show()
      } else if (key === 'search') {
        find(at - 1)
        await show()
      } else if (key === 'erase') {
        query = query.slice(0, -1)
        at = this.owner.history.length
        find(at - 1)
        await show()
      } else {
        this.prompt = prompt
        if (key === 'unknown' || key === undefined) {
          this.line = before.line
          this.cursor = before.cursor
        }
        this.historyAt = this.owner.history.length
        await this.redraw()
        return key === undefined || key === 'unknown' ? undefined : this.apply(key, first)
      }
    }
  }

  private async complete(): Promise<undefined> {
    const result = await this.owner.complete(this.line.slice(0, this.cursor).join(''))
    if (result.insert !== '') return this.insert(result.insert)
    if (result.choices.length < 2) {
      await this.out('\x07')
      return undefined
    }
    // The first Tab rings, the second shows the choices.
    if (this.lastKey !== 'tab') {
      await this.out('\x07')
      return undefined
    }
    const at = this.cursor
    await this.moveTo(this.line.length)
    await this.out(`\n${table(result.choices, this.columns)}`)
    this.row = 0
    this.cursor = at
    await this.redraw()
    return undefined
  }

  // Drawing.

  private get columns(): number {
    return Math.max(2, this.owner.task.terminal?.columns || 80)
  }

  /** Columns from the prompt's beginning to the `n`th character of the line. */
  private columnAt(n: number): number {
    const [first = '', ...others] = untabbed(this.line.slice(0, n)).split('\n')
    let column = columnsOf(stripped(this.prompt)) + columnsOf(first)
    // Pasted lines are rows of their own.
    for (const line of others) column = (Math.floor(column / this.columns) + 1) * this.columns + columnsOf(line)
    return column
  }

  private async moveTo(n: number): Promise<undefined> {
    if (n === this.cursor) return undefined
    this.cursor = n
    await this.out(this.place(this.columnAt(n)))
    return undefined
  }

  /** Moves the terminal's cursor to a column counted from the prompt's beginning. */
  private place(column: number): string {
    const row = Math.floor(column / this.columns)
    const vertical = row < this.row ? `\x1b[${this.row - row}A` : row > this.row ? `\x1b[${row - this.row}B` : ''
    this.row = row
    const x = column % this.columns
    return `${vertical}\r${x > 0 ? `\x1b[${x}C` : ''}`
  }

  private async redraw(): Promise<undefined> {
    const up = this.row > 0 ? `\x1b[${this.row}A` : ''
    const end = this.columnAt(this.line.length)
    let text = `${up}\r${visible(this.prompt)}${untabbed(this.line)}`
    // At the right edge the terminal waits with the wrap: a blank makes it happen.
    if (end > 0 && end % this.columns === 0) text += ' \r'
    text += '\x1b[J'
    this.row = Math.floor(end / this.columns)
    await this.out(text + (this.cursor === this.line.length && end % this.columns !== 0 ? '' : this.place(this.columnAt(this.cursor))))
    return undefined
  }
}

/** A line for the screen: tabs that were pasted take as much as they can. */
const untabbed = (line: readonly string[]): string => line.join('').replaceAll('\t', ' '.repeat(8))

/** A prompt for the screen: the marks around invisible text are not sent. */
function visible(prompt: string): string {
  return prompt.replaceAll('\x01', '').replaceAll('\x02', '')
}

/** A prompt as it counts in columns. */
function stripped(prompt: string): string {
  const shown = prompt
    .split('\x01')
    .map((part, i) => (i === 0 ? part : part.slice(part.indexOf('\x02') + 1)))
    .join('')
  // Colours that nobody has marked as invisible take no columns either.
  return shown
    .split('\x1b')
    .map((part, i) => (i === 0 ? part : part.replace(/^\[[0-9;?]*[A-Za-z]/, '')))
    .join('')
}

function table(choices: string[], columns: number): string {
  const width = Math.max(...choices.map(columnsOf)) + 2
  const perRow = Math.max(1, Math.floor(columns / width))
  const rows = Math.ceil(choices.length / perRow)
  let text = ''
  for (let r = 0; r < rows; r++) {
    for (let c = r; c < choices.length; c += rows) text += choices[c]! + ' '.repeat(width - columnsOf(choices[c]!))
    text = `${text.trimEnd()}\n`
  }
  return text
}
