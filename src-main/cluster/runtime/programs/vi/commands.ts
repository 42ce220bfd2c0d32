/** What the keys of vi rest on: keys that are played again, searches, the file, and the command line. */
import type { OpenFile } from '../../process.js'
import { SystemError } from '../../process.js'
import type { Pty } from '../../pty.js'
import type { Command } from '../command.js'
import { compile, RegexError } from '../regex.js'
import { EditorBuffer } from './buffer.js'
import type { Motion } from './motions.js'

/** The keys that one command may play again at most. */
const LONGEST_CHANGE = 10_000

export abstract class EditorCommands extends EditorBuffer {
  protected status = ''
  protected search = ''
  protected searchWay: 1 | -1 = 1
  /** The first row that the screen shows. */
  protected firstShown = 0
  protected finished = false
  private queue: string[] = []
  /** The keys of the command that is being typed, and of the last that changed something. */
  protected tape: string[] = []
  protected lastChange: string[] = []
  protected replaying = false

  constructor(
    protected readonly c: Command,
    protected readonly terminal: Pty,
    private readonly keys: OpenFile,
    protected path: string | undefined,
    protected readonly readOnly = false,
  ) {
    super()
    this.load()
  }

  protected load(): void {
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

  protected info(): string {
    const total = this.lines.length
    return `'${this.path ?? 'No file'}'${this.changed ? ' [modified]' : ''} line ${this.row + 1} of ${total} --${Math.floor(((this.row + 1) * 100) / total)}%--`
  }

  /** One key; an escape sequence counts as one. */
  protected async key(): Promise<string | undefined> {
    if (this.queue.length === 0) {
      this.replaying = false
      const data = await this.keys.read(4096)
      if (data.length === 0) return undefined
      const text = Buffer.from(data).toString('utf8')
      // oxlint-disable-next-line no-control-regex
      this.queue = text.match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu) ?? []
    }
    const key = this.queue.shift()
    if (key !== undefined && this.tape.length < LONGEST_CHANGE) this.tape.push(key)
    return key
  }

  /** `.`: the last change once more. */
  protected again(): void {
    this.replaying = true
    this.queue.unshift(...this.lastChange)
  }

  protected pattern(text: string): RegExp | undefined {
    try {
      return compile(text, false, this.settings.ignoreCase ? 'i' : '')
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      this.status = `bad search pattern '${text}'`
      return undefined
    }
  }

  /** Where the pattern is found next, around the end of the text. */
  protected found(way: 1 | -1, times: number, wholeLines = false): Motion | undefined {
    const regex = this.search === '' ? undefined : this.pattern(this.search)
    if (!regex) {
      if (this.search === '') this.status = 'No previous search'
      return undefined
    }
    let [row, column] = [this.row, wholeLines ? (way > 0 ? Infinity : -1) : this.column]
    for (let n = 0; n < Math.min(times, 1000); n++) {
      const next = this.foundFrom(regex, row, column, way)
      if (!next) {
        this.status = 'Pattern not found'
        return undefined
      }
      ;[row, column] = next
    }
    return { row, column }
  }

  private foundFrom(regex: RegExp, row: number, column: number, way: 1 | -1): [row: number, column: number] | undefined {
    const all = new RegExp(regex.source, `${regex.flags}g`)
    const total = this.lines.length
    for (let i = 0; i <= total; i++) {
      const at = (((row + way * i) % total) + total) % total
      const columns = [...this.lines[at]!.matchAll(all)].map((m) => m.index)
      const fits = i > 0 ? columns : columns.filter((each) => (way > 0 ? each > column : each < column))
      const found = way > 0 ? fits[0] : fits.at(-1)
      if (found !== undefined) return [at, found]
    }
    return undefined
  }

  /** A line at the bottom of the screen; undefined when it is given up. */
  protected async ask(prompt: string): Promise<string | undefined> {
    let text = ''
    for (;;) {
      await this.c.print(`\x1b[${this.terminal.rows};1H\x1b[K${prompt}${text}`)
      const key = await this.key()
      if (key === undefined || key === '\x1b' || key === '\x03') return undefined
      if (key === '\r' || key === '\n') return text
      if (key === '\x15') text = ''
      else if (key === '\x17') text = text.replace(/\S*\s*$/, '')
      else if (key === '\x7f' || key === '\b') {
        if (text === '') return undefined
        text = text.slice(0, -1)
      } else if (key >= ' ') text += key
    }
  }

  /** Runs a line of the command line. */
  protected abstract ex(line: string): Promise<void>

  protected save(to = this.path, lines: readonly string[] = this.lines, force = false): boolean {
    if (to === undefined) {
      this.status = 'No current filename'
      return false
    }
    if (this.readOnly && to === this.path && !force) {
      this.status = `'${to}' is read only`
      return false
    }
    // What has no line at all has no end of one.
    const text = this.bare && lines === this.lines && lines[0] === '' ? '' : `${lines.join('\n')}\n`
    try {
      this.c.fs.writeFile(to, text)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      this.status = `'${to}' ${error.message}`
      return false
    }
    this.path ??= to
    if (lines === this.lines && to === this.path) this.changed = false
    this.status = `'${to}' ${lines.length}L, ${Buffer.byteLength(text)}C`
    return true
  }
}
