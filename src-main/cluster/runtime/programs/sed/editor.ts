/** Runs a sed script over the lines of its inputs. */
import type { OpenFile } from '../../process.js'
import { commandOutput } from './commands.js'
import { MeasuredMemory } from '../../memory-budget.js'
import { LONGEST_LINE } from '../../open-file.js'
import { Fail, type Command, type Options } from '../command.js'
import { openForReading, readAll } from '../reading.js'
import { boundedRegExp } from '../guarded-regexp.js'
import { replaceMatches, type Match } from '../replace-matches.js'
import { buildReplacement } from './replacement.js'
import { unambiguous } from './unambiguous.js'
import { NOWHERE, type Address, type Instruction } from './script.js'

/** CPU ms that one letter of the pattern space costs a command. */
const LETTER_COST = 0.000001
/** Characters that the pattern space and the hold space may have. */
const LONGEST_SPACE = 64 * 1024 * 1024

/** A file that is edited, by its name. */
export interface SedInput {
  name: string
  file: OpenFile
}

export class Editor {
  private pattern = ''
  private hold = ''
  private line = 0
  private appended: string[] = []
  private missingNewline = false
  private owesNewline = false
  private lastRegex: RegExp | undefined
  private out = ''
  private readonly written = new Map<string, string>()
  private pending: { text: string; newline: boolean; name: string }[] = []
  private ended = false
  private source!: AsyncGenerator<SedInput>
  private current: OpenFile | undefined
  private rest = ''
  /** Names of the file that is being read and of the one whose line is edited. */
  private nextName = '-'
  private fileName = '-'
  /** What is left of the files that `R` reads line by line. */
  private readonly lines = new Map<string, string[]>()
  private readonly memory: MeasuredMemory

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly program: Instruction[],
    private readonly emit: (data: Buffer) => Promise<void>,
  ) {
    this.memory = new MeasuredMemory(c.task, () => this.pattern.length + this.hold.length)
  }

  async run(source: AsyncGenerator<SedInput>): Promise<number> {
    this.source = source
    let status = 0
    // What is written to is there from the beginning, and empty.
    for (const { name, file } of this.program) if (file !== undefined && 'swW'.includes(name)) this.write(file, undefined)
    for (;;) {
      if (!(await this.nextLine())) break
      const result = await this.cycle()
      if (result !== undefined) {
        status = result
        break
      }
      const pause = this.c.task.tick(0.002)
      if (pause) await pause
      // What came together goes together; what comes slowly is shown at once.
      if (this.pending.length === 0 || this.out.length > 65_536) await this.flush()
    }
    await this.flush()
    for (const [path, text] of this.written) {
      if (path === '/dev/stderr') await this.c.task.writeError(Buffer.from(text, 'latin1'))
      else this.c.fs.writeFile(path, Buffer.from(text, 'latin1'))
    }
    return this.c.status || status
  }

  private async flush(): Promise<void> {
    if (this.out === '') return
    const text = this.out
    this.out = ''
    await this.emit(Buffer.from(text, 'latin1'))
  }

  /** Fills the queue of lines so that it is known whether there is another one. */
  private async fill(): Promise<void> {
    while (this.pending.length < 2 && !this.ended) {
      if (!this.current) {
        const next = await this.source.next()
        if (next.done) {
          this.ended = true
          return
        }
        this.current = next.value.file
        this.nextName = next.value.name
      }
      if (this.pending.length === 1) {
        // Somebody who types sees each line answered before the next one is waited for, unless `$` has to be known.
        if (!this.needsLast) return
      }
      const data = await this.current.read(65_536)
      if (data.length === 0) {
        if (this.rest !== '') this.pending.push({ text: this.rest, newline: false, name: this.nextName })
        this.rest = ''
        this.current = undefined
        continue
      }
      const text = Buffer.from(data).toString('latin1')
      if (!text.includes(this.end)) {
        this.rest += text
        if (this.rest.length > LONGEST_LINE) throw this.outOfMemory()
        continue
      }
      const lines = (this.rest + text).split(this.end)
      this.rest = lines.pop()!
      for (const l of lines) this.pending.push({ text: l, newline: true, name: this.nextName })
    }
  }

  /** It wants more memory than there can be. Throws Killed where there is a limit. */
  private outOfMemory(): Fail {
    this.c.task.exhaust()
    return new Fail('sed: Cannot allocate memory', this.c.busybox ? 1 : 4)
  }

  /** The pattern space or the hold space has grown. */
  private grew(bytes: number): void {
    if (this.pattern.length > LONGEST_SPACE || this.hold.length > LONGEST_SPACE) throw this.outOfMemory()
    this.memory.grew(bytes)
  }

  private get needsLast(): boolean {
    return this.program.some((i) => i.from?.type === 'last' || i.to?.type === 'last' || i.name === 'N')
  }

  private async nextLine(): Promise<boolean> {
    if (this.pending.length < 2) await this.fill()
    const next = this.pending.shift()
    if (!next) return false
    this.pattern = next.text
    this.missingNewline = !next.newline
    this.fileName = next.name
    this.line++
    return true
  }

  /** What ends a line: with -z a zero byte. */
  private get end(): string {
    return this.o.has('z') ? '\0' : '\n'
  }

  private async lineOf(path: string): Promise<string | undefined> {
    if (!this.lines.has(path)) this.lines.set(path, (await this.readFile(path)).replace(/\n$/, '').split('\n').reverse())
    const left = this.lines.get(path)!
    const line = left.pop()
    return line === '' && left.length === 0 ? undefined : line
  }

  private get isLast(): boolean {
    return this.ended && this.pending.length === 0
  }

  private print(text: string): void {
    if (this.owesNewline) this.out += this.end
    // A last line that had no newline gets none, unless something follows.
    this.owesNewline = this.missingNewline && this.pending.length === 0
    this.out += this.owesNewline ? text : text + this.end
  }

  private noRegex(): Fail {
    return new Fail(this.c.busybox ? 'sed: no previous regexp' : 'sed: -e expression #1, char 0: no previous regular expression')
  }

  /** What stands between the lines: a last line without a newline gets one first. */
  private insert(text: string): void {
    if (text !== '' && this.owesNewline) {
      this.out += this.end
      this.owesNewline = false
    }
    this.out += text
  }

  private matches(a: Address): boolean {
    switch (a.type) {
      case 'line':
        return this.line === a.line
      case 'last':
        return this.isLast
      case 'regex': {
        const regex = a.regex ?? this.lastRegex
        if (!regex) throw this.noRegex()
        this.lastRegex = regex
        regex.lastIndex = 0
        return regex.test(this.pattern)
      }
      case 'step':
        return a.step === 0 ? this.line === a.first : this.line >= a.first && (this.line - a.first) % a.step === 0
      default:
        return false
    }
  }

  private selects(i: Instruction): boolean {
    if (!i.from) return true
    if (!i.to) return this.matches(i.from)
    if (i.openUntil === undefined) {
      if (!this.matches(i.from)) return false
      if (i.to.type === 'line') {
        if (i.to.line > this.line) i.openUntil = i.to.line
      } else if (i.to.type === 'offset') {
        if (i.to.lines > 0) i.openUntil = this.line + i.to.lines
      } else if (i.to.type === 'multiple') {
        if (i.to.of > 0 && this.line % i.to.of !== 0) i.openUntil = Math.ceil(this.line / i.to.of) * i.to.of
      } else i.openUntil = Infinity
      return true
    }
    if (i.openUntil !== Infinity) {
      if (this.line >= i.openUntil) i.openUntil = undefined
      return true
    }
    if (this.matches(i.to)) i.openUntil = undefined
    return true
  }

  /** One line through the program. The exit status when `q` ends it all. */
  private async cycle(): Promise<number | undefined> {
    let substituted = false
    for (let at = 0; at < this.program.length; at++) {
      const i = this.program[at]!
      if (this.selects(i) === i.negate) {
        if (i.name === '{') at = i.target - 1
        continue
      }
      switch (i.name) {
        case 's':
          if (await this.substitute(i)) substituted = true
          break
        case 'd':
          await this.finish(false)
          return undefined
        case 'D':
          if (!this.pattern.includes('\n')) {
            await this.finish(false)
            return undefined
          }
          this.pattern = this.pattern.slice(this.pattern.indexOf('\n') + 1)
          await this.finish(false)
          at = -1
          break
        case 'p':
          this.print(this.pattern)
          break
        case 'P':
          this.insert(`${this.pattern.split('\n', 1)[0]}\n`)
          break
        case '=':
          this.insert(`${this.line}\n`)
          break
        case 'a':
          this.appended.push(i.text)
          break
        case 'r':
          this.appended.push(await this.readFile(i.file!))
          break
        case 'i':
          this.insert(i.text)
          break
        case 'c':
          if (!i.to || i.openUntil === undefined || i.negate) this.insert(i.text)
          await this.finish(false)
          return undefined
        case 'n':
          if (!this.o.has('n')) this.print(this.pattern)
          await this.finish(false)
          if (!(await this.nextLine())) return this.quit(0, false)
          break
        case 'N': {
          const before = this.pattern
          this.flushAppended()
          if (!(await this.nextLine())) {
            this.pattern = before
            return this.quit(0, true)
          }
          this.pattern = `${before}\n${this.pattern}`
          this.grew(this.pattern.length - before.length)
          break
        }
        case 'g':
          this.pattern = this.hold
          break
        case 'G':
          this.pattern += `\n${this.hold}`
          this.grew(this.hold.length)
          break
        case 'h':
          this.hold = this.pattern
          break
        case 'H':
          this.hold += `\n${this.pattern}`
          this.grew(this.pattern.length)
          break
        case 'x':
          ;[this.pattern, this.hold] = [this.hold, this.pattern]
          break
        case 'z':
          this.pattern = ''
          break
        case 'y': {
          const [from, to] = i.text.split('\0') as [string, string]
          this.pattern = [...this.pattern].map((ch) => (from.includes(ch) ? (to[from.indexOf(ch)] ?? ch) : ch)).join('')
          break
        }
        case 'l':
          // busybox takes the command, and that is all.
          if (!this.c.busybox) this.insert(`${unambiguous(this.pattern, Number(i.text || this.o.get('l') || 70))}$\n`)
          break
        case 'e':
          if (i.text === '') this.pattern = (await commandOutput(this.c, this.pattern)).replace(/\n$/, '')
          else this.insert(await commandOutput(this.c, i.text))
          break
        case 'F':
          this.insert(`${this.fileName}${this.end}`)
          break
        case 'W':
          this.write(i.file!, this.pattern.split('\n', 1)[0]!)
          break
        case 'R': {
          const line = await this.lineOf(i.file!)
          if (line !== undefined) this.appended.push(`${line}\n`)
          break
        }
        case 'w':
          this.write(i.file!, this.pattern)
          break
        case 'b':
          at = this.target(i) - 1
          break
        case 't':
        case 'T':
          if (substituted === (i.name === 't')) at = this.target(i) - 1
          substituted = false
          break
        case 'q':
          return this.quit(Number(i.text || 0), true)
        case 'Q':
          return Number(i.text || 0)
        default:
      }
      const pause = this.c.task.tick(0.0005 + this.pattern.length * LETTER_COST)
      if (pause) await pause
    }
    await this.finish(!this.o.has('n'))
    return undefined
  }

  private target(i: Instruction): number {
    if (i.target === NOWHERE) throw new Fail(`sed: can't find label for jump to '${i.text}'`)
    return i.target
  }

  private quit(status: number, print: boolean): number {
    if (print && !this.o.has('n')) this.print(this.pattern)
    this.flushAppended()
    return status
  }

  private async finish(print: boolean): Promise<void> {
    if (print) this.print(this.pattern)
    this.flushAppended()
  }

  private flushAppended(): void {
    for (const text of this.appended) this.insert(text)
    this.appended = []
  }

  private write(path: string, text: string | undefined): void {
    if (text === undefined) {
      if (!path.startsWith('/dev/')) this.c.fs.writeFile(path, '')
      return
    }
    if (path === '/dev/stdout') this.insert(`${text}\n`)
    else this.written.set(path, `${this.written.get(path) ?? ''}${text}\n`)
  }

  private async readFile(path: string): Promise<string> {
    if (!this.c.fs.exists(path)) return ''
    const file = await openForReading(this.c.task, path)
    const text = (await readAll(file)).toString('latin1')
    file.close()
    return text
  }

  private async substitute(i: Instruction): Promise<boolean> {
    const regex = i.regex ?? (this.lastRegex && boundedRegExp(this.lastRegex.source, 'g'))
    if (!regex) throw this.noRegex()
    this.lastRegex = regex
    let done = false
    const change = ({ groups, number }: Match): string | undefined => {
      if (number + 1 < i.nth) return groups[0]
      if (number + 1 > i.nth && !i.global) return undefined
      done = true
      return buildReplacement(i.replacement!, groups)
    }
    const bounds = { longest: LONGEST_SPACE, tooLong: () => this.outOfMemory() }
    const { text } = await replaceMatches(this.c.task, this.pattern, regex, change, bounds)
    if (!done) return false
    const grown = text.length - this.pattern.length
    this.pattern = text
    if (grown > 0) this.grew(grown)
    if (i.run) this.pattern = (await commandOutput(this.c, this.pattern)).replace(/\n$/, '')
    if (i.print) this.print(this.pattern)
    if (i.file) this.write(i.file, this.pattern)
    return true
  }
}
