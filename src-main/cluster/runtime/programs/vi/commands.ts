/** The command line of vi, its searches, and its file. */
import type { OpenFile } from '../../process.js'
import { SystemError } from '../../process.js'
import type { Pty } from '../../pty.js'
import type { Command } from '../command.js'
import { EditorBuffer } from './buffer.js'

/** The command line of the editor, and searches. */
export abstract class EditorCommands extends EditorBuffer {
  protected mode: 'command' | 'insert' | 'replace' = 'command'
  protected status = ''
  protected search = ''
  private queue: string[] = []
  protected done = false

  constructor(
    protected readonly c: Command,
    protected readonly terminal: Pty,
    private readonly keys: OpenFile,
    protected path: string | undefined,
  ) {
    super()
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

  /** One key; an escape sequence counts as one. */
  protected async key(): Promise<string | undefined> {
    if (this.queue.length === 0) {
      const data = await this.keys.read(4096)
      if (data.length === 0) return undefined
      const text = Buffer.from(data).toString('utf8')
      // oxlint-disable-next-line no-control-regex
      this.queue = text.match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu) ?? []
    }
    return this.queue.shift()
  }

  protected find(direction: 1 | -1): void {
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
  protected async ask(prompt: string): Promise<string | undefined> {
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

  protected ex(line: string): void {
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
}
