/** vi's command mode. */
import { EditorCommands } from './commands.js'

/** The keys of vi's command mode. */
export abstract class CommandKeys extends EditorCommands {
  private count = ''

  protected async commandKey(key: string): Promise<void> {
    if (/^[1-9]$/.test(key) || (key === '0' && this.count !== '')) {
      this.count += key
      return
    }
    const given = this.count !== ''
    const n = Math.min(Number(this.count || 1), 100_000)
    this.count = ''
    if (this.move(key)) return
    const repeat = (fn: () => void): void => {
      for (let i = 0; i < n; i++) fn()
    }
    switch (key) {
      case 'h':
        this.column -= n
        return
      case 'l':
      case ' ':
        this.column += n
        return
      case 'k':
        this.row = Math.max(0, this.row - n)
        return
      case 'j':
      case '\r':
      case '+':
        this.row = Math.min(this.lines.length - 1, this.row + n)
        return
      case '0':
        this.column = 0
        return
      case '^':
        this.column = /^\s*/.exec(this.line)![0].length
        return
      case '$':
        this.column = Infinity
        return
      case 'w':
        return repeat(() => this.wordForward())
      case 'b':
        return repeat(() => this.wordBack())
      case 'e': {
        const m = /^.?\W*\w*/.exec(this.line.slice(this.column))!
        this.column += Math.max(0, m[0].length - 1)
        return
      }
      case 'G':
        this.row = Math.min(given ? n : this.lines.length, this.lines.length) - 1
        this.column = /^\s*/.exec(this.line)![0].length
        return
      case 'g':
        if ((await this.key()) === 'g') this.row = 0
        return
      case 'i':
      case 'I':
      case 'a':
      case 'A':
      case 'R':
        this.remember()
        if (key === 'I') this.column = /^\s*/.exec(this.line)![0].length
        if (key === 'a' && this.line.length > 0) this.column++
        if (key === 'A') this.column = this.line.length
        this.mode = key === 'R' ? 'replace' : 'insert'
        return
      case 'o':
      case 'O':
        this.remember()
        if (key === 'o') this.row++
        this.lines.splice(this.row, 0, '')
        this.column = 0
        this.changed = true
        this.mode = 'insert'
        return
      case 'x':
        this.remember()
        this.clipboard = undefined
        this.clipboardInline = this.line.slice(this.column, this.column + n)
        this.line = this.line.slice(0, this.column) + this.line.slice(this.column + n)
        return
      case 'X':
        this.remember()
        this.line = this.line.slice(0, Math.max(0, this.column - n)) + this.line.slice(this.column)
        this.column -= n
        return
      case 'r': {
        const c = await this.key()
        if (c === undefined || c < ' ') return
        this.remember()
        this.line = this.line.slice(0, this.column) + c + this.line.slice(this.column + 1)
        return
      }
      case '~': {
        const c = this.line[this.column] ?? ''
        this.line =
          this.line.slice(0, this.column) + (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()) + this.line.slice(this.column + 1)
        this.column++
        return
      }
      case 'D':
      case 'C':
        this.remember()
        this.clipboard = undefined
        this.clipboardInline = this.line.slice(this.column)
        this.line = this.line.slice(0, this.column)
        if (key === 'C') this.mode = 'insert'
        return
      case 'J':
        if (this.row + 1 < this.lines.length) {
          this.remember()
          const next = this.lines.splice(this.row + 1, 1)[0]!.trimStart()
          this.line = `${this.line} ${next}`
        }
        return
      case 'd':
      case 'c':
      case 'y':
        return this.operate(key, n)
      case 'Y':
        this.clipboard = this.lines.slice(this.row, this.row + n)
        return
      case 'p':
      case 'P':
        this.remember()
        if (this.clipboard) {
          this.lines.splice(key === 'p' ? this.row + 1 : this.row, 0, ...this.clipboard)
          if (key === 'p') this.row++
          this.column = 0
        } else {
          const at = key === 'p' ? this.column + 1 : this.column
          this.line = this.line.slice(0, at) + this.clipboardInline + this.line.slice(at)
        }
        this.changed = true
        return
      case 'u': {
        const last = this.undoStack.pop()
        if (last) {
          this.lines = last.lines
          this.row = last.row
          this.column = last.column
          this.changed = true
        }
        return
      }
      case '/':
      case '?': {
        const text = await this.ask(key)
        if (text !== undefined && text !== '') this.search = text
        return this.find(key === '/' ? 1 : -1)
      }
      case 'n':
        return this.find(1)
      case 'N':
        return this.find(-1)
      case ':': {
        const line = await this.ask(':')
        if (line !== undefined) this.ex(line)
        return
      }
      case 'Z':
        if ((await this.key()) === 'Z') this.ex('x')
        return
      default:
    }
  }

  private async operate(key: string, n: number): Promise<void> {
    let motion = await this.key()
    let times = n
    while (motion !== undefined && /^[1-9]$/.test(motion)) {
      times = Number(motion)
      motion = await this.key()
    }
    if (motion === key) {
      this.clipboard = this.lines.slice(this.row, this.row + times)
      if (key === 'y') return
      this.remember()
      this.changed = true
      if (key === 'd') this.lines.splice(this.row, times)
      else {
        this.lines.splice(this.row, times, '')
        this.mode = 'insert'
        this.column = 0
      }
      if (this.lines.length === 0) this.lines = ['']
      return
    }
    if (motion === 'G' && key !== 'c') {
      this.clipboard = this.lines.slice(this.row)
      if (key === 'd') {
        this.remember()
        this.lines.splice(this.row)
        if (this.lines.length === 0) this.lines = ['']
        this.changed = true
      }
      return
    }
    const from = { row: this.row, column: this.column }
    if (motion === '$') this.column = this.line.length
    else if (motion === '0') this.column = 0
    else if (motion === 'l' || motion === ' ') this.column += times
    else if (motion === 'h') this.column -= times
    else if (motion === 'b') for (let i = 0; i < times; i++) this.wordBack()
    else if (motion === 'e') this.column += (/^.?\W*\w*/.exec(this.line.slice(this.column)) ?? [''])[0].length
    else if (motion === 'w') {
      // `cw` changes the word, not the blanks after it.
      if (key === 'c') this.column += (/^\w+|^\W/.exec(this.line.slice(this.column)) ?? [''])[0].length
      else for (let i = 0; i < times; i++) this.wordForward()
    } else return
    if (this.row !== from.row) {
      this.row = from.row
      this.column = this.line.length
    }
    const [a, b] = [Math.max(0, Math.min(from.column, this.column)), Math.max(from.column, this.column)]
    this.clipboard = undefined
    this.clipboardInline = this.line.slice(a, b)
    this.column = key === 'y' ? from.column : a
    if (key === 'y') return
    this.remember()
    this.line = this.line.slice(0, a) + this.line.slice(b)
    if (key === 'c') this.mode = 'insert'
  }

  protected abstract move(key: string): boolean
}
