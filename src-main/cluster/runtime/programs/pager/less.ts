/** less on a terminal: forward and back, searches, marks, following a file that grows. */
import { SystemError, type OpenFile } from '../../process.js'
import type { Command, Options } from '../command.js'
import { readText } from '../reading.js'
import { RegexError, compile } from '../regex.js'
import { Keys } from './keys.js'
import { broken, cut, HELP, linesOf, OPTION_WORDS, visible } from './rows.js'

/** A text that is looked at. */
export interface Document {
  /** undefined for standard input. */
  name: string | undefined
  lines: string[]
}

/** One row of the screen: a line, or a part of it. */
interface Row {
  line: number
  text: string
}

export class Less {
  private readonly keys: Keys
  private index = 0
  private rows: Row[] = []
  private top = 0
  private left = 0
  private pattern: RegExp | undefined
  private direction: 1 | -1 = 1
  private only: RegExp | undefined
  private highlighted = true
  private readonly marks = new Map<string, number>()
  private before = 0
  private half: number | undefined
  private said = ''
  private fresh = true
  private interrupted = false
  private drawnFor = ''

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly documents: Document[],
    file: OpenFile,
    private readonly starts: readonly string[],
  ) {
    this.keys = new Keys(c, file)
  }

  private get document(): Document {
    return this.documents[this.index]!
  }

  private get height(): number {
    return Math.max(1, this.c.task.terminal!.rows - 1)
  }

  private get last(): number {
    return Math.max(0, this.rows.length - this.height)
  }

  async run(): Promise<void> {
    this.layOut()
    if (this.o.has('F') && this.documents.length === 1 && this.rows.length <= this.height)
      return this.c.print(this.rows.map((row) => `${row.text}\n`).join(''))
    const screen = !this.o.has('X')
    if (screen) await this.c.print('\x1b[?1049h')
    this.c.task.onSignal('INT', () => void (this.interrupted = true))
    try {
      for (const start of [...this.starts, ...this.o.all('p').map((text) => `/${text}`)]) await this.start(start)
      for (;;) {
        await this.draw()
        if (this.o.has('e') && this.top >= this.last && !this.fresh) return
        const key = await this.keys.next()
        if (key === undefined || !(await this.press(key, ''))) return
        this.fresh = false
      }
    } finally {
      if (!this.c.task.ended) await this.c.print(screen ? '\r\x1b[K\x1b[?1049l' : '\r\x1b[K')
    }
  }

  private async start(text: string): Promise<void> {
    if (text.startsWith('/')) this.search(text.slice(1), 1)
    else if (/^\d+g?$/i.test(text)) this.toLine(parseInt(text, 10))
    else for (const key of text) await this.press(key, '')
  }

  /** Breaks the lines into rows of the screen's width. */
  private layOut(): void {
    const columns = this.c.task.terminal!.columns
    const numbered = this.o.has('N')
    const width = Math.max(1, columns - (numbered ? 8 : 0))
    const raw = this.o.has('R') || this.o.has('r')
    const chop = this.o.has('S')
    const rows: Row[] = []
    this.document.lines.forEach((given, line) => {
      if (this.only && !this.only.test(given)) return
      if (this.o.has('s') && given === '' && this.document.lines[line - 1] === '') return
      const text = visible(given, raw)
      const number = numbered ? `${String(line + 1).padStart(7)} ` : ''
      if (chop) rows.push({ line, text: number + cut(text, this.left, width) })
      else
        for (const [i, part] of broken(text, width).entries())
          rows.push({ line, text: (i === 0 ? number : ' '.repeat(number.length)) + part })
    })
    this.rows = rows
    this.drawnFor = `${columns}`
  }

  private async draw(): Promise<void> {
    const { columns } = this.c.task.terminal!
    if (this.drawnFor !== `${columns}`) {
      const { line } = this.rows[this.top] ?? { line: 0 }
      this.layOut()
      this.top = Math.max(
        0,
        this.rows.findIndex((row) => row.line >= line),
      )
    }
    this.top = Math.max(0, Math.min(this.top, this.last))
    const shown = this.rows.slice(this.top, this.top + this.height).map(({ text }) => this.marked(text))
    const tilde = this.o.has('~') ? '' : '~'
    while (shown.length < this.height) shown.push(tilde)
    await this.c.print(`\x1b[H\x1b[J${shown.join('\n')}\n${this.prompt()}`)
    this.said = ''
  }

  /** What was searched for stands out. */
  private marked(text: string): string {
    if (!this.pattern || !this.highlighted || this.o.has('G')) return text
    const all = new RegExp(this.pattern.source, `${this.pattern.flags}g`)
    return text.replace(all, (m) => (m === '' ? '' : `\x1b[7m${m}\x1b[27m`))
  }

  private prompt(): string {
    const end = this.top >= this.last
    const several = this.documents.length > 1 ? ` (file ${this.index + 1} of ${this.documents.length})` : ''
    const name = this.document.name ?? (this.documents.length > 1 ? '-' : '')
    const percent = `${Math.floor((Math.min(this.rows.length, this.top + this.height) * 100) / Math.max(1, this.rows.length))}%`
    const from = this.rows[this.top]?.line ?? 0
    const to = this.rows[Math.min(this.rows.length, this.top + this.height) - 1]?.line ?? 0
    let text = this.said
    if (text === '' && this.o.has('M')) text = `${name}${several} lines ${from + 1}-${to + 1}/${this.document.lines.length} ${end ? '(END)' : percent}`.trimStart()
    else if (text === '' && this.o.has('m')) text = end ? `${this.fresh ? `${name}${several} ` : ''}(END)`.trimStart() : percent
    else if (text === '' && end) text = `${this.fresh && name ? `${name}${several} ` : ''}(END)`
    else if (text === '' && this.fresh && name) text = `${name}${several}`
    if (text === '') return this.only ? '& :' : ':'
    return `\x1b[7m${this.only ? '& ' : ''}${text}\x1b[27m`
  } // prettier-ignore

  private toLine(n: number): void {
    const at = this.rows.findIndex((row) => row.line >= n - 1)
    this.jump(at < 0 ? this.last : at)
  }

  private jump(to: number): void {
    this.before = this.top
    this.top = to
  }

  private search(text: string, direction: 1 | -1, times = 1): void {
    const inverse = text.startsWith('!')
    const wanted = inverse ? text.slice(1) : text
    if (wanted !== '') {
      try {
        const ignores = this.o.has('I') || (this.o.has('i') && !/[A-Z]/.test(wanted))
        this.pattern = compile(wanted, true, ignores ? 'i' : '')
      } catch (error) {
        if (!(error instanceof RegexError)) throw error
        this.said = `${error.message}  (press RETURN)`
        return
      }
      this.highlighted = true
    }
    if (!this.pattern) {
      this.said = 'No previous regular expression  (press RETURN)'
      return
    }
    const { lines } = this.document
    let line = this.rows[this.top]?.line ?? 0
    for (let n = 0; n < times; n++) {
      let at = line + (this.fresh && direction > 0 ? 0 : direction)
      while (at >= 0 && at < lines.length && this.pattern.test(lines[at]!) === inverse) at += direction
      if (at < 0 || at >= lines.length) {
        this.said = 'Pattern not found  (press RETURN)'
        return
      }
      line = at
    }
    this.toLine(line + 1)
  }

  private async open(index: number): Promise<void> {
    if (index < 0 || index >= this.documents.length) {
      this.said = `No ${index < 0 ? 'previous' : 'next'} file  (press RETURN)`
      return
    }
    this.index = index
    this.top = this.left = 0
    this.layOut()
  }

  /** What F waits for, until Ctrl-C: more of the file. */
  private async follow(): Promise<void> {
    this.top = this.last
    for (this.interrupted = false; !this.interrupted;) {
      this.said = 'Waiting for data... (interrupt to abort)'
      await this.draw()
      if (!this.interrupted && (await this.keys.within(1000))) {
        await this.keys.next()
        return
      }
      const { name } = this.document
      if (name === undefined || !this.c.fs.exists(name)) continue
      this.document.lines = linesOf(await readText(this.c, name))
      this.layOut()
      this.top = this.last
    }
  }

  private info(): string {
    const { name, lines } = this.document
    const to = this.rows[Math.min(this.rows.length, this.top + this.height) - 1]?.line ?? 0
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
    const seen = lines.slice(0, to + 1).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
    return `${name ?? '-'} lines ${(this.rows[this.top]?.line ?? 0) + 1}-${to + 1}/${lines.length} byte ${seen}/${bytes} ${Math.floor((seen * 100) / Math.max(1, bytes))}%  (press RETURN)`
  }

  /** Does what a key asks for; false when that is to leave. */
  private async press(key: string, count: string): Promise<boolean> {
    if (/^\d$/.test(key)) {
      await this.c.print(`\r\x1b[K:${count}${key}`)
      const next = await this.keys.next()
      return next === undefined ? false : this.press(next, count + key)
    }
    const n = count === '' ? undefined : Number(count)
    const page = Number(this.o.get('z')) || this.height
    switch (key) {
      case 'q':
      case 'Q': return false // prettier-ignore
      case '\x03': return !this.o.has('K') // prettier-ignore
      case 'Z': return (await this.keys.next()) !== 'Z' // prettier-ignore
      case ' ':
      case 'f':
      case '\x06':
      case '\x16':
      case '\x1b[6~':
      case 'z': // prettier-ignore
        this.top += n ?? page
        break
      case 'b':
      case '\x02':
      case '\x1bv':
      case '\x1b[5~':
      case 'w': // prettier-ignore
        this.top -= n ?? page
        break
      case '\r':
      case '\n':
      case 'e':
      case 'j':
      case 'J':
      case '\x05':
      case '\x0e':
      case '\x1b[B':
      case '\x1bOB': // prettier-ignore
        this.top += n ?? 1
        break
      case 'y':
      case 'k':
      case 'K':
      case '\x19':
      case '\x0b':
      case '\x10':
      case '\x1b[A':
      case '\x1bOA': // prettier-ignore
        this.top -= n ?? 1
        break
      case 'd':
      case '\x04':
      case 'u':
      case '\x15': // prettier-ignore
        this.half = n ?? this.half
        this.top += (this.half ?? this.height >> 1) * (key === 'd' || key === '\x04' ? 1 : -1)
        break
      case 'g':
      case '<':
      case '\x1b<':
      case '\x1b[H':
      case '\x1b[1~': // prettier-ignore
        this.toLine(n ?? 1)
        break
      case 'G':
      case '>':
      case '\x1b>':
      case '\x1b[F':
      case '\x1b[4~': // prettier-ignore
        if (n === undefined) this.jump(this.last)
        else this.toLine(n)
        break
      case 'p':
      case '%': // prettier-ignore
        this.toLine(Math.floor((this.document.lines.length * Math.min(100, n ?? 0)) / 100) + 1)
        break
      case '\x1b[C':
      case '\x1bOC':
      case '\x1b[D':
      case '\x1bOD': {
        // prettier-ignore
        const by = n ?? this.c.task.terminal!.columns >> 1
        this.left = Math.max(0, this.left + (key.endsWith('C') ? by : -by))
        this.layOut()
        break
      }
      case 'r':
      case 'R':
      case '\x12':
      case '\x0c': // prettier-ignore
        break
      case 'F':
        await this.follow()
        break
      case '/':
      case '?': {
        // prettier-ignore
        const text = await this.keys.line(key)
        if (text === undefined) break
        this.direction = key === '/' ? 1 : -1
        this.search(text, this.direction, n)
        break
      }
      case 'n':
      case 'N': // prettier-ignore
        this.search('', key === 'n' ? this.direction : this.direction === 1 ? -1 : 1, n)
        break
      case '\x1bu':
        this.highlighted = !this.highlighted
        break
      case '&': {
        const text = await this.keys.line('&/')
        if (text === undefined) break
        this.only = text === '' ? undefined : compile(text, true, this.o.has('i') ? 'i' : '')
        this.top = 0
        this.layOut()
        break
      }
      case 'm': {
        const letter = await this.keys.next()
        if (letter !== undefined) this.marks.set(letter, this.top)
        break
      }
      case "'": {
        const letter = (await this.keys.next()) ?? ''
        const to = letter === "'" ? this.before : letter === '^' ? 0 : letter === '$' ? this.last : this.marks.get(letter)
        if (to === undefined) this.said = 'Mark not set  (press RETURN)'
        else this.jump(to)
        break
      }
      case '=':
      case '\x07': // prettier-ignore
        this.said = this.info()
        break
      case 'h':
      case 'H': // prettier-ignore
        await this.c.print(`\x1b[H\x1b[J${HELP}\x1b[7mHELP -- Press RETURN for more, or q when done\x1b[27m`)
        await this.keys.next()
        break
      case 'V':
        this.said = 'less 590  (press RETURN)'
        break
      case '-':
      case '_': await this.option(key); break // prettier-ignore
      case ':': return this.colon(n) // prettier-ignore
      case '!':
      case 'v': await this.outside(key); break // prettier-ignore
      default:
        await this.c.print('\x07')
    }
    return true
  }

  /** `-N` changes an option, `_N` tells of it. */
  private async option(key: string): Promise<void> {
    await this.c.print(`\r\x1b[K${key}`)
    const letter = await this.keys.next()
    if (letter === undefined || !Object.hasOwn(OPTION_WORDS, letter)) {
      this.said = `There is no ${letter ?? ''} option ("less --help" for help)  (press RETURN)`
      return
    }
    if (key === '-' && this.o.has(letter)) this.o.delete(letter)
    else if (key === '-') this.o.add(letter, '')
    this.said = `${OPTION_WORDS[letter]![this.o.has(letter) ? 0 : 1]}  (press RETURN)`
    const line = this.rows[this.top]?.line ?? 0
    this.layOut()
    this.top = Math.max(
      0,
      this.rows.findIndex((row) => row.line >= line),
    )
  }

  private async colon(n: number | undefined): Promise<boolean> {
    await this.c.print('\r\x1b[K:')
    const key = await this.keys.next()
    if (key === undefined || key === 'q' || key === 'Q') return false
    if (key === 'n') await this.open(this.index + (n ?? 1))
    else if (key === 'p') await this.open(this.index - (n ?? 1))
    else if (key === 'x') await this.open((n ?? 1) - 1)
    else if (key === 'f') this.said = this.info()
    else if (key === 'd' && this.documents.length > 1) {
      this.documents.splice(this.index, 1)
      await this.open(Math.min(this.index, this.documents.length - 1))
    } else if (key === 'e') {
      const name = (await this.keys.line('Examine: '))?.trim()
      if (!name) return true
      try {
        this.documents.splice(this.index + 1, 0, { name, lines: linesOf(await readText(this.c, name)) })
        await this.open(this.index + 1)
        this.fresh = true
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        this.said = `${name}: ${error.message}  (press RETURN)`
      }
    }
    return true
  }

  /** A command of the shell, or the editor on this file. */
  private async outside(key: string): Promise<void> {
    const { terminal } = this.c.task
    const line = key === '!' ? await this.keys.line('!') : `${this.c.task.env['VISUAL'] ?? this.c.task.env['EDITOR'] ?? 'vi'} '${this.document.name ?? ''}'`
    if (line === undefined || (key === 'v' && this.document.name === undefined)) return
    const modes = terminal!.modes
    terminal!.setModes({ icanon: true, echo: true })
    await this.c.print('\r\x1b[K')
    await (await this.c.task.spawn({ argv: ['/bin/sh', '-c', line] })).wait()
    terminal!.setModes(modes)
    if (key === '!') {
      await this.c.print('!done  (press RETURN)')
      await this.keys.next()
    } else {
      this.document.lines = linesOf(await readText(this.c, this.document.name!))
      this.layOut()
    }
  } // prettier-ignore
}
