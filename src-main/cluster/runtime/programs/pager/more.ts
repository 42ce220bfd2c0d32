/** more on a terminal: what has been read scrolls away, and it ends with the text. */
import type { OpenFile } from '../../process.js'
import type { Command, Options } from '../command.js'
import { RegexError, compile } from '../regex.js'
import { Keys } from './keys.js'
import type { Document } from './less.js'

export class More {
  private readonly keys: Keys
  private at = 0
  private searched: RegExp | undefined

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly documents: readonly Document[],
    file: OpenFile,
    private readonly starts: readonly string[],
  ) {
    this.keys = new Keys(c, file)
  }

  private get rows(): number {
    return Number(this.o.get('n')) || Math.max(1, this.c.task.terminal!.rows - 1)
  }

  async run(): Promise<void> {
    for (const [i, document] of this.documents.entries()) {
      let lines = this.o.has('s') ? document.lines.filter((line, n, all) => line !== '' || all[n - 1] !== '') : document.lines
      if (this.documents.length > 1 && !this.c.busybox) lines = ['::::::::::::::', document.name ?? '', '::::::::::::::', ...lines]
      this.at = 0
      for (const start of this.starts) {
        if (/^\d+$/.test(start)) this.at = Math.min(lines.length, Number(start) - 1)
        else if (start.startsWith('/')) this.find(lines, start.slice(1))
      }
      if (!(await this.show(lines, i === this.documents.length - 1))) return
    }
  }

  private find(lines: readonly string[], pattern: string): boolean {
    try {
      if (pattern !== '') this.searched = compile(pattern, true)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      return false
    }
    const found = lines.findIndex((line, i) => i >= this.at && this.searched!.test(line))
    if (found < 0) return false
    this.at = Math.max(0, found - 2)
    return true
  }

  private async write(lines: readonly string[], count: number): Promise<void> {
    const { columns } = this.c.task.terminal!
    let left = count
    let out = ''
    while (left > 0 && this.at < lines.length) {
      const line = lines[this.at++]!
      out += `${line}\n`
      left -= Math.max(1, Math.ceil(line.length / columns))
    }
    await this.c.print(out)
  }

  /** Shows a text; false when it was left. */
  private async show(lines: readonly string[], last: boolean): Promise<boolean> {
    await this.write(lines, this.rows)
    let said = ''
    for (let count = ''; this.at < lines.length || (!last && count !== '');) {
      const share = Math.floor((this.at * 100) / lines.length)
      await this.c.print(said || `\x1b[7m--More--${this.c.busybox ? ` (${share}% of ${lines.length} lines)` : `(${share}%)`}\x1b[27m`)
      said = ''
      const key = await this.keys.next()
      await this.c.print('\r\x1b[K')
      if (key === undefined || key === 'q' || key === 'Q' || key === '\x03') return false
      if (/^\d$/.test(key)) {
        count += key
        continue
      }
      const n = Number(count) || 0
      count = ''
      switch (key) {
        case ' ':
        case 'z':
          await this.write(lines, n || this.rows)
          break
        case '\r':
        case '\n':
        case 'j':
          await this.write(lines, n || 1)
          break
        case 'd':
        case '\x04':
          await this.write(lines, n || 11)
          break
        case 's':
          this.at = Math.min(lines.length, this.at + (n || 1))
          await this.c.print(`\n...skipping ${n || 1} line${(n || 1) === 1 ? '' : 's'}\n\n`)
          await this.write(lines, this.rows)
          break
        case 'f':
          this.at = Math.min(lines.length, this.at + (n || 1) * this.rows)
          await this.write(lines, this.rows)
          break
        case 'b':
        case '\x02':
          this.at = Math.max(0, this.at - (n || 1) * this.rows - this.rows)
          await this.c.print(`...back ${n || 1} page${(n || 1) === 1 ? '' : 's'}\n`)
          await this.write(lines, this.rows)
          break
        case '=':
          said = String(this.at)
          break
        case '/':
        case 'n': {
          const pattern = key === '/' ? await this.keys.line('/') : ''
          if (pattern === undefined) break
          await this.c.print('\r\x1b[K')
          if (pattern === '' && !this.searched) said = '\x1b[7mNo previous regular expression\x1b[27m'
          else if (this.find(lines, pattern)) {
            await this.c.print('...skipping\n')
            await this.write(lines, this.rows)
          } else said = '\x1b[7mPattern not found\x1b[27m'
          break
        }
        case 'h':
        case '?':
          await this.c.print('SPACE, z: next screen   ENTER: next line   d: half a screen   b: back   s, f: skip\n/PATTERN, n: search   =: line number   q: quit\n') // prettier-ignore
          break
        default:
          said = "\x1b[7m[Press 'h' for instructions.]\x1b[27m"
      }
    }
    return true
  }
}
