/** vi: enough of it to look at a file, change it and save it. */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { openForReading } from './reading.js'
import { CommandKeys } from './vi/command-keys.js'

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

class Editor extends CommandKeys {
  private top = 0

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
        this.line = this.line.slice(0, this.column) + this.line.slice(this.column + 1)
        break
      default:
        return key.startsWith('\x1b[') || key.startsWith('\x1bO')
    }
    this.row = Math.max(0, Math.min(this.row, this.lines.length - 1))
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
