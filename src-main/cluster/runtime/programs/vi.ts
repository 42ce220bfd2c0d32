/** vi: enough of it to look at a file, change it and save it. */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import type { Pty } from '../pty.js'
import { command, Fail, openForReading, type Command, type Flavour } from './command.js'

export function vi(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { terminal } = c.task
    if (!terminal || c.task.fd(1)?.kind !== 'tty')
      throw new Fail(c.busybox ? "vi: can't read user input" : 'Vim: Warning: Output is not to a terminal')
    const keys = await openForReading(c.task, '/dev/tty')
    const modes = terminal.modes
    terminal.setModes({ icanon: false, echo: false, isig: false, icrnl: false, ixon: false })
    await c.print('\x1b[?1049h')
    try {
      await new Editor(
        c,
        terminal,
        keys,
        c.task.argv.slice(1).find((a) => !/^[-+]/.test(a)),
      ).run()
    } finally {
      if (!c.task.ended) {
        terminal.setModes(modes)
        await c.print('\x1b[?1049l')
      }
      keys.close()
    }
    return 0
  })
}

class Editor {
  private lines: string[] = ['']
  private row = 0
  private column = 0
  private top = 0
  private mode: 'command' | 'insert' | 'replace' = 'command'
  private changed = false
  private status = ''
  private clipboard: string[] | undefined
  private clipboardInline = ''
  private search = ''
  private count = ''
  private undoStack: { lines: string[]; row: number; column: number }[] = []
  private queue: string[] = []
  private done = false

  constructor(
    private readonly c: Command,
    private readonly terminal: Pty,
    private readonly keys: OpenFile,
    private path: string | undefined,
  ) {
    this.load()
  }

  private load(): void {
    if (this.path === undefined) return
    try {
      const text = this.c.fs.readText(this.path)
      this.lines = text.replace(/\n$/, '').split('\n')
      this.status = `'${this.path}' ${this.lines.length}L, ${Buffer.byteLength(text)}C`
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      this.status = error.code === 'ENOENT' ? `'${this.path}' [New File]` : `'${this.path}' ${error.message}`
    }
  }

  async run(): Promise<void> {
    this.c.task.onSignal('WINCH', () => undefined)
    while (!this.done) {
      await this.draw()
      const key = await this.key()
      if (key === undefined) return
      this.status = ''
      if (this.mode === 'command') await this.commandKey(key)
      else this.insertKey(key)
      const limit = this.mode === 'command' ? Math.max(0, this.line.length - 1) : this.line.length
      this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
      this.column = Math.max(0, Math.min(this.column, limit))
    }
  }

  private get line(): string {
    return this.lines[this.row] ?? ''
  }

  private set line(text: string) {
    this.lines[this.row] = text
    this.changed = true
  }

  /** One key; an escape sequence counts as one. */
  private async key(): Promise<string | undefined> {
    if (this.queue.length === 0) {
      const data = await this.keys.read(4096)
      if (data.length === 0) return undefined
      const text = Buffer.from(data).toString('utf8')
      // oxlint-disable-next-line no-control-regex
      this.queue = text.match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu) ?? []
    }
    return this.queue.shift()
  }

  private remember(): void {
    this.undoStack.push({ lines: [...this.lines], row: this.row, column: this.column })
    if (this.undoStack.length > 100) this.undoStack.shift()
  }

  private insertKey(key: string): void {
    switch (key) {
      case '\x1b':
      case '\x03':
        this.mode = 'command'
        this.column--
        return
      case '\r':
      case '\n': {
        const rest = this.line.slice(this.column)
        this.line = this.line.slice(0, this.column)
        this.lines.splice(++this.row, 0, rest)
        this.column = 0
        return
      }
      case '\x7f':
      case '\b':
        if (this.column > 0) {
          this.line = this.line.slice(0, this.column - 1) + this.line.slice(this.column)
          this.column--
        } else if (this.row > 0) {
          const text = this.line
          this.lines.splice(this.row--, 1)
          this.column = this.line.length
          this.line += text
        }
        return
      default:
    }
    if (this.move(key)) return
    if (key < ' ' && key !== '\t') return
    this.line = this.line.slice(0, this.column) + key + this.line.slice(this.column + (this.mode === 'replace' ? key.length : 0))
    this.column += key.length
  }

  /** Arrow keys and the like, in every mode. */
  private move(key: string): boolean {
    const page = this.terminal.rows - 2
    switch (key) {
      case '\x1b[A':
      case '\x1bOA':
        this.row--
        break
      case '\x1b[B':
      case '\x1bOB':
        this.row++
        break
      case '\x1b[C':
      case '\x1bOC':
        this.column++
        break
      case '\x1b[D':
      case '\x1bOD':
        this.column--
        break
      case '\x1b[H':
      case '\x1b[1~':
        this.column = 0
        break
      case '\x1b[F':
      case '\x1b[4~':
        this.column = Infinity
        break
      case '\x1b[5~':
      case '\x02':
        this.row -= page
        break
      case '\x1b[6~':
      case '\x06':
        this.row += page
        break
      case '\x1b[3~':
        this.line = this.line.slice(0, this.column) + this.line.slice(this.column + 1)
        break
      default:
        return key.startsWith('\x1b[') || key.startsWith('\x1bO')
    }
    this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
    return true
  }

  private wordForward(): void {
    let i = this.column
    while (i < this.line.length && /\w/.test(this.line[i]!)) i++
    while (i < this.line.length && !/\w/.test(this.line[i]!)) i++
    if (i < this.line.length || this.row === this.lines.length - 1) this.column = i
    else {
      this.row++
      this.column = /^\s*/.exec(this.line)![0].length
    }
  }

  private wordBack(): void {
    let i = this.column
    if (i === 0 && this.row > 0) {
      this.row--
      i = this.line.length
    }
    while (i > 0 && !/\w/.test(this.line[i - 1]!)) i--
    while (i > 0 && /\w/.test(this.line[i - 1]!)) i--
    this.column = i
  }

  private async commandKey(key: string): Promise<void> {
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

  private find(direction: 1 | -1): void {
    if (this.search === '') return
    const n = this.lines.length
    for (let i = 0; i <= n; i++) {
      const row = (((this.row + direction * i) % n) + n) % n
      const text = this.lines[row]!
      const at =
        direction > 0
          ? text.indexOf(this.search, i === 0 ? this.column + 1 : 0)
          : text.lastIndexOf(this.search, i === 0 ? this.column - 1 : Infinity)
      if (at < 0 || (i === 0 && direction < 0 && this.column === 0)) continue
      this.row = row
      this.column = at
      return
    }
    this.status = 'Pattern not found'
  }

  /** A line at the bottom of the screen; undefined when it is given up. */
  private async ask(prompt: string): Promise<string | undefined> {
    let text = ''
    for (;;) {
      await this.c.print(`\x1b[${this.terminal.rows};1H\x1b[K${prompt}${text}`)
      const key = await this.key()
      if (key === undefined || key === '\x1b' || key === '\x03') return undefined
      if (key === '\r' || key === '\n') return text
      if (key === '\x7f' || key === '\b') {
        if (text === '') return undefined
        text = text.slice(0, -1)
      } else if (key >= ' ') text += key
    }
  }

  private ex(line: string): void {
    const text = line.trim()
    if (/^\d+$/.test(text)) {
      this.row = Number(text) - 1
      return
    }
    if (text === '$') {
      this.row = this.lines.length - 1
      return
    }
    const substitution = /^(%|\d+(?:,(?:\d+|\$))?)?s(.)(.*)$/.exec(text)
    if (substitution) return this.substitute(substitution[1] ?? '', substitution[2]!, substitution[3]!)
    const m = /^(w|wq|x|q|e|set|d|r)(!?)(?:\s+(.*))?$/.exec(text)
    if (!m) {
      this.status = `':${text}' is not implemented`
      return
    }
    const [, name, force, argument] = m
    switch (name) {
      case 'w':
        this.save(argument)
        return
      case 'wq':
      case 'x':
        if (name === 'x' && !this.changed) this.done = true
        else if (this.save(argument)) this.done = true
        return
      case 'q':
        if (this.changed && !force) this.status = 'No write since last change (:q! overrides)'
        else this.done = true
        return
      case 'e':
        if (this.changed && !force) this.status = 'No write since last change (:e! overrides)'
        else {
          this.path = argument ?? this.path
          this.lines = ['']
          this.row = this.column = 0
          this.changed = false
          this.load()
        }
        return
      case 'd':
        this.remember()
        this.clipboard = this.lines.splice(this.row, 1)
        if (this.lines.length === 0) this.lines = ['']
        this.changed = true
        return
      case 'r':
        if (argument && this.c.fs.exists(argument)) {
          this.remember()
          this.lines.splice(this.row + 1, 0, ...this.c.fs.readText(argument).replace(/\n$/, '').split('\n'))
          this.changed = true
        } else this.status = `'${argument ?? ''}' No such file or directory`
        return
      default:
    }
  }

  private substitute(range: string, delimiter: string, rest: string): void {
    const [from = '', to = '', flags = ''] = rest.split(delimiter)
    const last = this.lines.length - 1
    const [a, b] =
      range === ''
        ? [this.row, this.row]
        : range === '%'
          ? [0, last]
          : [
              Number(range.split(',')[0]) - 1,
              range.includes(',') ? (range.endsWith('$') ? last : Number(range.split(',')[1]) - 1) : Number(range) - 1,
            ]
    this.remember()
    let n = 0
    for (let i = a; i <= Math.min(b, last); i++) {
      const before = this.lines[i]!
      const after = flags.includes('g') ? before.split(from).join(to) : before.replace(from, () => to)
      if (after === before || from === '') continue
      this.lines[i] = after
      this.row = i
      n++
    }
    if (n > 0) this.changed = true
    this.status = n > 0 ? `${n} substitutions` : 'No match'
  }

  private save(to = this.path): boolean {
    if (to === undefined) {
      this.status = 'No current filename'
      return false
    }
    const text = `${this.lines.join('\n')}\n`
    try {
      this.c.fs.writeFile(to, text)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      this.status = `'${to}' ${error.message}`
      return false
    }
    this.path ??= to
    this.changed = false
    this.status = `'${to}' ${this.lines.length}L, ${Buffer.byteLength(text)}C`
    return true
  }

  private async draw(): Promise<void> {
    const { rows, columns } = this.terminal
    const height = Math.max(1, rows - 1)
    this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
    if (this.row < this.top) this.top = this.row
    if (this.row >= this.top + height) this.top = this.row - height + 1
    const at = Math.min(this.column, this.line.length)
    const left = Math.max(0, expand(this.line.slice(0, at)).length - columns + 1)
    let out = '\x1b[?25l\x1b[H'
    for (let i = 0; i < height; i++) {
      const text = this.lines[this.top + i]
      out += `\x1b[K${text === undefined ? '~' : expand(text).slice(left, left + columns)}${i < height - 1 ? '\r\n' : ''}`
    }
    const mode = this.mode === 'command' ? '-' : this.mode === 'insert' ? 'I' : 'R'
    const bar =
      this.status ||
      `${mode} ${this.path ?? 'No file'}${this.changed ? ' [Modified]' : ''} ${this.row + 1}/${this.lines.length} ${Math.floor(((this.row + 1) * 100) / this.lines.length)}%`
    out += `\r\n\x1b[K${bar.slice(0, columns - 1)}\x1b[${this.row - this.top + 1};${expand(this.line.slice(0, at)).length - left + 1}H\x1b[?25h`
    await this.c.print(out)
  }
}

/** Tabs as blanks up to the next eighth column. */
function expand(text: string): string {
  let out = ''
  for (const ch of text) out += ch === '\t' ? ' '.repeat(8 - (out.length % 8)) : ch
  return out
}
