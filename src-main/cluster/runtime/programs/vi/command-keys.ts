/** vi's command mode. */
import { EditorCommands } from './commands.js'
import { bracket, indentOf, inLine, nextWord, paragraph, previousWord, textObject, wordEnd, type Motion } from './motions.js'

const MOST = 100_000

/** The keys of vi's command mode. */
export abstract class CommandKeys extends EditorCommands {
  /** The key behind `g`, where the two are no motion. */
  private behindG: string | undefined
  private charSearch: { way: string; ch: string } | undefined

  protected async commandKey(first: string): Promise<void> {
    let key: string | undefined = first
    let digits = ''
    while (key !== undefined && (/^[1-9]$/.test(key) || (key === '0' && digits !== ''))) {
      digits += key
      key = await this.key()
    }
    if (key === undefined) return
    const given = digits === '' ? undefined : Math.min(Number(digits), MOST)
    if (this.visual) return this.visualKey(key, given)
    if (this.move(key)) {
      if (key === '\x06' || key === '\x02') this.column = indentOf(this.line)
      return
    }
    const motion = await this.motion(key, given)
    if (motion) return void this.go(motion)
    await this.act(key, given)
    if (key === '\x04' || key === '\x15') this.column = indentOf(this.lines[Math.max(0, Math.min(this.row, this.lines.length - 1))]!)
  }

  private go({ row, column }: Motion): void {
    this.row = row
    this.column = column
  }

  /** Where a key leads; undefined when it is no motion or leads nowhere. */
  private async motion(key: string, given: number | undefined): Promise<Motion | undefined> {
    const n = given ?? 1
    const { lines, row, column } = this
    const last = lines.length - 1
    const lineAt = (to: number): Motion => {
      const at = Math.max(0, Math.min(last, to))
      return { row: at, column: indentOf(lines[at]!), linewise: true }
    }
    const words = (step: typeof nextWord, big: boolean): Motion => {
      let spot: Motion = { row, column }
      for (let i = 0; i < n; i++) spot = step(lines, spot, big)
      return spot
    }
    switch (key) {
      case 'h':
      case '\x7f':
      case '\b': return { row, column: Math.max(0, column - n) } // prettier-ignore
      case 'l':
      case ' ': return { row, column: Math.min(this.line.length, column + n) } // prettier-ignore
      case 'k':
      case '\x10': return { row: Math.max(0, row - n), column, linewise: true } // prettier-ignore
      case 'j':
      case '\n':
      case '\x0e': return { row: Math.min(last, row + n), column, linewise: true } // prettier-ignore
      case '\r':
      case '+': return lineAt(row + n) // prettier-ignore
      case '-': return lineAt(row - n) // prettier-ignore
      case '_': return lineAt(row + n - 1) // prettier-ignore
      case '0': return { row, column: 0 } // prettier-ignore
      case '^': return { row, column: indentOf(this.line) } // prettier-ignore
      case '|': return { row, column: n - 1 } // prettier-ignore
      case '$': {
        const at = Math.min(last, row + n - 1)
        return { row: at, column: Math.max(0, lines[at]!.length - 1), inclusive: true }
      }
      case 'w':
      case 'W': return words(nextWord, key === 'W') // prettier-ignore
      case 'b':
      case 'B': return words(previousWord, key === 'B') // prettier-ignore
      case 'e':
      case 'E': return { ...words(wordEnd, key === 'E'), inclusive: true } // prettier-ignore
      case 'G': return lineAt((given ?? lines.length) - 1) // prettier-ignore
      case 'g':
        this.behindG = await this.key()
        if (this.behindG === '_') return { row, column: Math.max(0, this.line.trimEnd().length - 1), inclusive: true }
        return this.behindG === 'g' ? lineAt((given ?? 1) - 1) : undefined
      case 'H': return lineAt(this.firstShown + n - 1) // prettier-ignore
      case 'M': return lineAt(Math.floor((this.firstShown + Math.min(last, this.firstShown + this.terminal.rows - 2)) / 2)) // prettier-ignore
      case 'L': return lineAt(Math.min(last, this.firstShown + this.terminal.rows - 2) - n + 1) // prettier-ignore
      case '}':
      case '{': {
        // prettier-ignore
        let at = row
        for (let i = 0; i < n; i++) at = paragraph(lines, at, key === '}' ? 1 : -1)
        return { row: at, column: 0 }
      }
      case '%': {
        const found = bracket(lines, { row, column })
        return found && { ...found, inclusive: true }
      }
      case 'f':
      case 'F':
      case 't':
      case 'T': {
        // prettier-ignore
        const ch = await this.key()
        if (ch === undefined || ch < ' ') return undefined
        this.charSearch = { way: key, ch }
        return this.inThisLine(key, ch, n)
      }
      case ';':
      case ',': {
        // prettier-ignore
        if (!this.charSearch) return undefined
        const { way, ch } = this.charSearch
        return this.inThisLine(key === ';' ? way : way === way.toLowerCase() ? way.toUpperCase() : way.toLowerCase(), ch, n)
      }
      case '/':
      case '?': {
        // prettier-ignore
        const text = await this.ask(key)
        if (text === undefined) return undefined
        if (text !== '') this.search = text
        this.searchWay = key === '/' ? 1 : -1
        return this.found(this.searchWay, n)
      }
      case 'n': return this.found(this.searchWay, n) // prettier-ignore
      case 'N': return this.found(this.searchWay === 1 ? -1 : 1, n) // prettier-ignore
      case '*':
      case '#': {
        // prettier-ignore
        const word = /\w+/.exec(this.line.slice(/\w*$/.exec(this.line.slice(0, column))!.index))?.[0]
        if (word === undefined) return undefined
        this.search = `\\<${word}\\>`
        this.searchWay = key === '*' ? 1 : -1
        return this.found(this.searchWay, n)
      }
      case "'":
      case '`': {
        // prettier-ignore
        const mark = this.marks.get((await this.key()) ?? '')
        if (!mark) {
          this.status = 'Mark not set'
          return undefined
        }
        return key === "'" ? lineAt(mark.row) : { ...mark }
      }
      default:
        return undefined
    }
  }

  private inThisLine(way: string, ch: string, times: number): Motion | undefined {
    const at = inLine(this.line, this.column, way, ch, times)
    return at === undefined ? undefined : { row: this.row, column: at, inclusive: way === 'f' || way === 't' }
  }

  private async act(key: string, given: number | undefined): Promise<void> {
    const n = given ?? 1
    const page = this.terminal.rows - 2
    switch (key) {
      case '\x04': this.row += given ?? page >> 1; return // prettier-ignore
      case '\x15': this.row -= given ?? page >> 1; return // prettier-ignore
      case '\x05': this.row += n; return // prettier-ignore
      case '\x19': this.row -= n; return // prettier-ignore
      case '\x0c':
      case '\x12': if (key === '\x12') this.redo(); return // prettier-ignore
      case '\x07': this.status = this.info(); return // prettier-ignore
      case 'i':
      case 'I':
      case 'a':
      case 'A':
      case 'R': // prettier-ignore
        this.remember()
        if (key === 'I') this.column = indentOf(this.line)
        if (key === 'a' && this.line.length > 0) this.column++
        if (key === 'A') this.column = this.line.length
        this.mode = key === 'R' ? 'replace' : 'insert'
        this.insertion = { times: n, from: this.tape.length, opens: false }
        return
      case 'o':
      case 'O': // prettier-ignore
        this.remember()
        if (key === 'o') this.row++
        this.lines.splice(this.row, 0, this.settings.autoindent ? /^\s*/.exec(this.lines[Math.max(0, this.row - 1)]!)![0] : '')
        this.column = this.line.length
        this.changed = true
        this.mode = 'insert'
        this.insertion = { times: n, from: this.tape.length, opens: true }
        return
      case 'x':
      case 'X':
      case 's':
      case 'D':
      case 'C': {
        // prettier-ignore
        const from = key === 'X' ? Math.max(0, this.column - n) : this.column
        const to = key === 'X' ? this.column : key === 'D' || key === 'C' ? this.line.length : Math.min(this.line.length, this.column + n)
        this.operate(key === 's' || key === 'C' ? 'c' : 'd', { row: this.row, column: from }, { row: this.row, column: to })
        return
      }
      case 'S': return this.operate('c', { row: this.row, column: 0 }, { row: this.row + n - 1, column: 0, linewise: true }) // prettier-ignore
      case 'Y': return this.operate('y', { row: this.row, column: this.column }, { row: this.row + n - 1, column: 0, linewise: true }) // prettier-ignore
      case 'r': {
        const ch = await this.key()
        if (ch === undefined || (ch < ' ' && ch !== '\r') || this.column + n > this.line.length) return
        this.remember()
        if (ch === '\r') this.lines.splice(this.row++, 1, this.line.slice(0, this.column), this.line.slice(this.column + 1))
        else this.line = this.line.slice(0, this.column) + ch.repeat(n) + this.line.slice(this.column + n)
        this.changed = true
        this.column = ch === '\r' ? 0 : this.column + n - 1
        return
      }
      case '~': {
        this.remember()
        const part = this.line.slice(this.column, this.column + n)
        this.line = this.line.slice(0, this.column) + swapped(part) + this.line.slice(this.column + n)
        this.column += n
        return
      }
      case 'J':
        this.remember()
        for (let i = 0; i < Math.max(1, n - 1); i++) this.joinLines(this.row)
        return
      case 'd':
      case 'c':
      case 'y':
      case '>':
      case '<': return this.operator(key, given) // prettier-ignore
      case 'p':
      case 'P': this.put(key === 'p', n); return // prettier-ignore
      case 'u':
        this.undo()
        return
      case '.': this.again(); return // prettier-ignore
      case 'm': {
        const name = await this.key()
        if (name !== undefined) this.marks.set(name, { row: this.row, column: this.column })
        return
      }
      case 'v':
      case 'V': // prettier-ignore
        if (this.c.busybox) return
        this.visual = { row: this.row, column: this.column, linewise: key === 'V' }
        return
      case '"':
        await this.key()
        return
      case ':': {
        const line = await this.ask(':')
        if (line !== undefined) await this.ex(line)
        return
      }
      case 'Z': {
        const next = await this.key()
        if (next === 'Z') await this.ex('x')
        if (next === 'Q') await this.ex('q!')
        return
      }
      case 'g':
        if (this.behindG === 'U' || this.behindG === 'u' || this.behindG === '~') return this.operator(this.behindG, given)
        if (this.behindG === 'I') {
          this.remember()
          this.column = 0
          this.mode = 'insert'
        } else if (this.behindG === 'J') {
          this.remember()
          for (let i = 0; i < Math.max(1, n - 1) && this.row + 1 < this.lines.length; i++)
            this.lines.splice(this.row, 2, this.line + this.lines[this.row + 1]!)
          this.changed = true
        }
        return
      case 'z': {
        await this.key()
        return
      }
      default:
    }
  }

  /** `d`, `c`, `y`, `>` and `<` with what comes behind them. */
  private async operator(key: string, given: number | undefined): Promise<void> {
    let digits = ''
    let next = await this.key()
    for (; next !== undefined && /^[1-9]$/.test(next); next = await this.key()) digits += next
    if (next === undefined) return
    const n = digits === '' && given === undefined ? undefined : (given ?? 1) * Number(digits || 1)
    const from = { row: this.row, column: this.column }
    if (next === key) return this.operate(key, from, { row: this.row + (n ?? 1) - 1, column: 0, linewise: true })
    if (next === 'i' || next === 'a') {
      const range = textObject(this.line, this.column, next === 'a', (await this.key()) ?? '')
      if (range) this.operate(key, { row: this.row, column: range[0] }, { row: this.row, column: range[1] })
      return
    }
    // `cw` changes the word and not the blanks behind it.
    const word = key === 'c' && /^[wW]$/.test(next) && /\S/.test(this.line[this.column] ?? ' ')
    const motion = await this.motion(word ? (next === 'w' ? 'e' : 'E') : next, n)
    if (!motion) return
    // Nor does `dw` take the end of the line.
    const over = /^[wW]$/.test(next) && !word && motion.row > this.row && motion.column <= indentOf(this.lines[motion.row]!)
    if (over) this.operate(key, from, { row: motion.row - 1, column: this.lines[motion.row - 1]!.length })
    else this.operate(key, from, motion)
  }

  private async visualKey(key: string, given: number | undefined): Promise<void> {
    const start = this.visual!
    if (key === '\x1b' || key === '\x03' || key === 'v' || key === 'V') {
      this.visual = undefined
      return
    }
    if (this.move(key)) return
    if (key === 'i' || key === 'a') {
      const range = textObject(this.line, this.column, key === 'a', (await this.key()) ?? '')
      if (range) {
        this.visual = { row: this.row, column: range[0], linewise: false }
        this.column = range[1] - 1
      }
      return
    }
    const operation = {
      d: 'd',
      x: 'd',
      y: 'y',
      c: 'c',
      s: 'c',
      '>': '>',
      '<': '<',
      D: 'd',
      Y: 'y',
      '~': '~',
      u: 'u',
      U: 'U',
      p: 'p',
      J: 'J',
      ':': ':',
    }[key]
    if (operation === undefined) {
      const motion = await this.motion(key, given)
      if (motion) this.go(motion)
      return
    }
    this.visual = undefined
    const end = { row: this.row, column: this.column }
    if (operation === ':') {
      const line = await this.ask(':')
      const [a, b] = [Math.min(start.row, end.row) + 1, Math.max(start.row, end.row) + 1]
      if (line !== undefined) await this.ex(`${a},${b}${line}`)
      return
    }
    if (operation === 'J') {
      this.remember()
      const [a, b] = [Math.min(start.row, end.row), Math.max(start.row, end.row)]
      this.row = a
      for (let i = a; i < Math.max(b, a + 1); i++) this.joinLines(a)
      return
    }
    if (operation === 'p') {
      this.replaceWithClipboard(start, { ...end, linewise: start.linewise, inclusive: true })
      return
    }
    this.operate(operation, start, { ...end, linewise: start.linewise || key === 'D' || key === 'Y', inclusive: true })
  }

  protected abstract move(key: string): boolean
}

function swapped(text: string): string {
  return [...text].map((ch) => (ch === ch.toUpperCase() ? ch.toLowerCase() : ch.toUpperCase())).join('')
}
