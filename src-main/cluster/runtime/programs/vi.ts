/** vi: an editor on a terminal. */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { openForReading } from './reading.js'
import { CommandLine } from './vi/command-line.js'

const SPEC = { short: 'c:RHbdeEnsyvZNmMlu:U:i:T:S:p', usage: '[-c CMD] [-R] [-H] [FILE]...\n\nEdit FILE' }

export function vi(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const starts: string[] = []
    const argv = c.task.argv.filter((arg, i) => i === 0 || !arg.startsWith('+') || !starts.push(arg.slice(1)))
    const o = await c.options(SPEC, argv)
    const { terminal } = c.task
    if (!terminal || c.task.fd(1)?.kind !== 'tty')
      throw new Fail(c.busybox ? "vi: can't read user input" : 'Vim: Warning: Output is not to a terminal')
    const keys = await openForReading(c.task, '/dev/tty')
    const modes = terminal.modes
    terminal.setModes({ icanon: false, echo: false, isig: false, icrnl: false, ixon: false })
    await c.print('\x1b[?1049h')
    try {
      const editor = new Editor(c, terminal, keys, o.operands[0], o.has('R') || c.name === 'view')
      await editor.run([...starts.map((text) => (text === '' ? '$' : text)), ...o.all('c')])
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

class Editor extends CommandLine {
  /** @param commands of the command line, before anything is typed */
  async run(commands: readonly string[]): Promise<void> {
    this.c.task.onSignal('WINCH', () => undefined)
    for (const text of commands) await this.ex(text)
    while (!this.finished) {
      await this.draw()
      if (this.mode === 'command') this.tape = []
      const changes = this.changes
      const key = await this.key()
      if (key === undefined) return
      this.status = ''
      if (this.mode === 'command') {
        await this.commandKey(key)
        if (this.changes !== changes && key !== '.' && key !== ':') this.lastChange = this.tape
      } else this.insertKey(key)
      const limit = this.mode === 'command' ? Math.max(0, this.line.length - 1) : this.line.length
      this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
      this.column = Math.max(0, Math.min(this.column, limit))
    }
  }

  /** What was inserted with a count stands there as often. */
  private insertAgain(): void {
    const { insertion, tape } = this
    this.insertion = undefined
    if (!insertion || insertion.times < 2) return
    const keys = tape.slice(insertion.from, -1)
    for (let n = 1; n < Math.min(insertion.times, 1000); n++) {
      if (insertion.opens) {
        this.lines.splice(++this.row, 0, '')
        this.column = 0
      }
      for (const key of keys) this.insertKey(key)
    }
  }

  private insertKey(key: string): void {
    switch (key) {
      case '\x1b':
      case '\x03':
        this.insertAgain()
        this.mode = 'command'
        this.column--
        return
      case '\r':
      case '\n': {
        const rest = this.line.slice(this.column)
        const lead = this.settings.autoindent ? /^\s*/.exec(this.line)![0] : ''
        this.line = this.line.slice(0, this.column)
        this.lines.splice(++this.row, 0, lead + rest)
        this.column = lead.length
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
      case '\x17':
      case '\x15': {
        const before = this.line.slice(0, this.column)
        const kept = key === '\x15' ? '' : before.replace(/(\w+|[^\w\s]+)?\s*$/, '')
        this.line = kept + this.line.slice(this.column)
        this.column = kept.length
        return
      }
      default:
    }
    if (this.move(key)) return
    if (key === '\t' && this.settings.expandtab) key = ' '.repeat(this.settings.tabstop - (this.column % this.settings.tabstop))
    if (key < ' ' && key !== '\t') return
    this.line = this.line.slice(0, this.column) + key + this.line.slice(this.column + (this.mode === 'replace' ? key.length : 0))
    this.column += key.length
  }

  /** Arrow keys and the like, in every mode. */
  protected move(key: string): boolean {
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
        this.remember()
        this.line = this.line.slice(0, this.column) + this.line.slice(this.column + 1)
        break
      default:
        return key.startsWith('\x1b[') || key.startsWith('\x1bO')
    }
    this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
    return true
  }

  private isSelected(row: number): boolean {
    const from = this.visual?.row
    return from !== undefined && row >= Math.min(from, this.row) && row <= Math.max(from, this.row)
  }

  private async draw(): Promise<void> {
    const { rows, columns } = this.terminal
    const height = Math.max(1, rows - 1)
    this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
    if (this.row < this.firstShown) this.firstShown = this.row
    if (this.row >= this.firstShown + height) this.firstShown = this.row - height + 1
    const numbers = this.settings.number ? Math.max(4, String(this.lines.length).length + 1) : 0
    const width = columns - numbers
    const { tabstop } = this.settings
    const at = Math.min(this.column, this.line.length)
    const left = Math.max(0, expand(this.line.slice(0, at), tabstop).length - width + 1)
    let out = '\x1b[?25l\x1b[H'
    for (let i = 0; i < height; i++) {
      const row = this.firstShown + i
      const text = this.lines[row]
      const number = numbers > 0 && text !== undefined ? `${String(row + 1).padStart(numbers - 1)} ` : ''
      const shown =
        text === undefined ? '~' : expand(this.settings.list ? `${text.replaceAll('\t', '^I')}$` : text, tabstop).slice(left, left + width)
      out += `\x1b[K${number}${this.isSelected(row) ? `\x1b[7m${shown || ' '}\x1b[m` : shown}${i < height - 1 ? '\r\n' : ''}`
    }
    const mode = this.visual ? 'V' : this.mode === 'command' ? '-' : this.mode === 'insert' ? 'I' : 'R'
    const bar =
      this.status ||
      `${mode} ${this.path ?? 'No file'}${this.changed ? ' [Modified]' : ''} ${this.row + 1}/${this.lines.length} ${Math.floor(((this.row + 1) * 100) / this.lines.length)}%`
    out += `\r\n\x1b[K${bar.slice(0, columns - 1)}\x1b[${this.row - this.firstShown + 1};${expand(this.line.slice(0, at), tabstop).length - left + 1 + numbers}H\x1b[?25h`
    await this.c.print(out)
  }
}

/** Tabs as blanks. @param tabstop every how many columns they stop */
function expand(text: string, tabstop: number): string {
  let out = ''
  for (const ch of text) out += ch === '\t' ? ' '.repeat(tabstop - (out.length % tabstop)) : ch
  return out
}
