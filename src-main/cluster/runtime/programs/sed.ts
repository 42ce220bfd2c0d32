/** sed */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, openForReading, readAll, type Command, type Flavour, type Options } from './command.js'
import { boundedRegExp } from './guarded-regexp.js'
import { compile, RegexError } from './regex.js'

type Address =
  | { type: 'line'; line: number }
  | { type: 'last' }
  | { type: 'regex'; regex: RegExp | undefined }
  | { type: 'step'; first: number; step: number }
  | { type: 'offset'; lines: number }
  | { type: 'multiple'; of: number }

interface Instruction {
  from?: Address
  to?: Address
  negate: boolean
  name: string
  text: string
  regex?: RegExp
  replacement?: (string | number | { case: string })[]
  global: boolean
  nth: number
  print: boolean
  file?: string
  /** Where `b`, `t` and `}` go: index of an instruction. */
  target: number
  /** State of a range: where it ends, or undefined when it is not open. */
  openUntil?: number
}

const SPEC = {
  short: 'ne:f:ri::Esuz',
  long: {
    quiet: 'n',
    silent: 'n',
    'expression=': 'e',
    'file=': 'f',
    'regexp-extended': 'E',
    'in-place=?': 'i',
    separate: 's',
    'null-data': 'z',
    unbuffered: 'u',
  },
  usage: '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...',
}

export function sed(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const scripts = [...o.all('e')]
    for (const f of o.all('f')) scripts.push(c.fs.readText(f).replace(/\n$/, ''))
    const operands = [...o.operands]
    if (scripts.length === 0) {
      const first = operands.shift()
      if (first === undefined)
        throw new Fail(c.busybox ? c.usageError(SPEC).message : 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...')
      scripts.push(first)
    }
    const program = new ScriptParser(c, scripts.join('\n'), o.has('E') || o.has('r')).parse()
    if (!o.has('i')) return new Editor(c, o, program, (b) => c.print(b)).run(inputsOf(c, operands))
    let status = 0
    for (const path of operands) {
      try {
        const original = c.fs.stat(path)
        const out: Buffer[] = []
        status = await new Editor(c, o, structuredProgram(program), async (b) => void out.push(Buffer.from(b))).run(inputsOf(c, [path]))
        const suffix = o.get('i')
        if (suffix) c.fs.writeFile(path + suffix, c.fs.readFile(path))
        c.fs.writeFile(path, Buffer.concat(out))
        c.fs.chmod(path, original.mode)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `${path}: ${error.message}` : `can't read ${path}: ${error.message}`, c.busybox ? 1 : 2)
      }
    }
    return c.status || status
  })
}

/** Ranges start closed in each file that is edited in place. */
function structuredProgram(program: Instruction[]): Instruction[] {
  return program.map((i) => ({ ...i, openUntil: undefined }))
}

async function* inputsOf(c: Command, operands: string[]): AsyncGenerator<OpenFile> {
  for (const name of operands.length > 0 ? operands : ['-']) {
    if (name === '-') {
      yield c.task.fd(0)!
      continue
    }
    try {
      const stat = c.fs.stat(name)
      if (stat.type === 'directory') {
        await c.warn(c.busybox ? `read error: Is a directory` : `couldn't edit ${name}: not a regular file`)
        continue
      }
      const file = await openForReading(c.task, name)
      yield file
      file.close()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.warn(c.busybox ? `${name}: ${error.message}` : `can't read ${name}: ${error.message}`, c.busybox ? 1 : 2)
    }
  }
}

class ScriptParser {
  private at = 0
  private readonly out: Instruction[] = []
  private readonly blocks: number[] = []
  private readonly labels = new Map<string, number>()

  constructor(
    private readonly c: Command,
    private readonly text: string,
    private readonly extended: boolean,
  ) {}

  private fail(busybox: string, gnu: string): Fail {
    return new Fail(this.c.busybox ? `sed: ${busybox}` : `sed: -e expression #1, char ${this.at}: ${gnu}`)
  }

  parse(): Instruction[] {
    for (;;) {
      while (this.at < this.text.length && /[\s;]/.test(this.text[this.at]!)) this.at++
      if (this.at >= this.text.length) break
      if (this.text[this.at] === '#') this.skipLine()
      else this.instruction()
    }
    if (this.blocks.length > 0) throw this.fail('unterminated {', 'unmatched `{')
    for (const i of this.out) {
      if (!'btT'.includes(i.name)) continue
      if (i.text === '') i.target = this.out.length
      else {
        const target = this.labels.get(i.text)
        if (target === undefined) throw this.fail(`can't find label '${i.text}' for jump`, `can't find label for jump to \`${i.text}'`)
        i.target = target
      }
    }
    return this.out
  }

  private skipLine(): string {
    const end = this.text.indexOf('\n', this.at)
    const line = this.text.slice(this.at, end < 0 ? undefined : end)
    this.at = end < 0 ? this.text.length : end + 1
    return line
  }

  private blanks(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++
  }

  private address(): Address | undefined {
    const c = this.text[this.at]
    const number = /^\d+/.exec(this.text.slice(this.at))
    if (number) {
      this.at += number[0].length
      const step = /^~(\d+)/.exec(this.text.slice(this.at))
      if (step) {
        this.at += step[0].length
        return { type: 'step', first: Number(number[0]), step: Number(step[1]) }
      }
      return { type: 'line', line: Number(number[0]) }
    }
    if (c === '$') {
      this.at++
      return { type: 'last' }
    }
    if (c === '/' || c === '\\') {
      if (c === '\\') this.at++
      const delimiter = this.text[this.at++]!
      const source = this.delimited(delimiter)
      const flags = /^[IM]*/.exec(this.text.slice(this.at))![0]
      this.at += flags.length
      return { type: 'regex', regex: source === '' ? undefined : this.regex(source, flags.includes('I') ? 'i' : '') }
    }
    return undefined
  }

  private regex(source: string, flags: string): RegExp {
    try {
      return compile(source, this.extended, flags)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      throw this.fail(`bad regex '${source}': ${error.message}`, error.message)
    }
  }

  /** Text up to the delimiter, which it takes. An escaped delimiter stands for itself. */
  private delimited(delimiter: string, kind: 'regex' | 'replacement' = 'regex'): string {
    let out = ''
    let inClass = false
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined || (c === '\n' && kind === 'regex'))
        throw this.fail("unmatched '/'", kind === 'regex' ? 'unterminated address regex' : "unterminated `s' command")
      this.at++
      if (c === '\\') {
        const n = this.text[this.at++] ?? ''
        if (n === delimiter && !inClass)
          out += kind === 'regex' && delimiter !== '/' && /[|.+?(){}[\]^$*]/.test(delimiter) ? n : n === '&' ? '\\&' : n
        else out += c + n
        continue
      }
      if (kind === 'regex' && c === '[' && !inClass) {
        inClass = true
        out += c
        // A bracket directly after the beginning belongs to the set.
        if (this.text[this.at] === '^') out += this.text[this.at++]
        if (this.text[this.at] === ']') out += this.text[this.at++]
        continue
      }
      if (c === '[' && inClass && /[:.=]/.test(this.text[this.at] ?? '')) {
        const end = this.text.indexOf(`${this.text[this.at]}]`, this.at + 1)
        if (end > 0) {
          out += c + this.text.slice(this.at, end + 2)
          this.at = end + 2
          continue
        }
      }
      if (c === ']' && inClass) inClass = false
      if (c === delimiter && !inClass) return out
      out += c
    }
  }

  private instruction(): void {
    const i: Instruction = { negate: false, name: '', text: '', global: false, nth: 1, print: false, target: 0 }
    i.from = this.address()
    this.blanks()
    if (i.from && this.text[this.at] === ',') {
      this.at++
      this.blanks()
      const sign = this.text[this.at]
      if (sign === '+' || sign === '~') {
        this.at++
        const n = /^\d+/.exec(this.text.slice(this.at))?.[0] ?? ''
        this.at += n.length
        i.to = sign === '+' ? { type: 'offset', lines: Number(n) } : { type: 'multiple', of: Number(n) }
      } else i.to = this.address()
      if (!i.to) throw this.fail('no address after comma', "unexpected `,'")
    }
    this.blanks()
    while (this.text[this.at] === '!') {
      i.negate = true
      this.at++
      this.blanks()
    }
    i.name = this.text[this.at++] ?? ''
    switch (i.name) {
      case '{':
        this.blocks.push(this.out.length)
        this.out.push(i)
        return
      case '}': {
        const open = this.blocks.pop()
        if (open === undefined) throw this.fail('unexpected }', "unexpected `}'")
        this.out.push(i)
        this.out[open]!.target = this.out.length
        return this.end()
      }
      case 's':
        this.substitute(i)
        break
      case 'y': {
        const delimiter = this.text[this.at++]!
        const from = this.delimited(delimiter, 'replacement')
        const to = this.delimited(delimiter, 'replacement')
        i.text = `${unescapeText(from)}\0${unescapeText(to)}`
        break
      }
      case 'a':
      case 'i':
      case 'c': {
        this.blanks()
        if (this.text[this.at] === '\\') {
          this.at++
          this.blanks()
          if (this.text[this.at] === '\n') this.at++
        }
        let line = this.skipLine()
        while (line.endsWith('\\') && this.at < this.text.length) line = `${line.slice(0, -1)}\n${this.skipLine()}`
        i.text = Buffer.from(`${line.replace(/\\(.)/g, '$1')}\n`).toString('latin1')
        this.out.push(i)
        return
      }
      case ':':
        this.blanks()
        this.labels.set(this.label(), this.out.length)
        return
      case 'b':
      case 't':
      case 'T':
        this.blanks()
        i.text = this.label()
        break
      case 'r':
      case 'w':
        this.blanks()
        i.file = this.skipLine()
        this.out.push(i)
        return
      case 'q':
      case 'Q':
      case 'l': {
        this.blanks()
        const n = /^\d+/.exec(this.text.slice(this.at))?.[0] ?? ''
        this.at += n.length
        i.text = n
        break
      }
      case '=':
      case 'd':
      case 'D':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
        break
      case '':
        throw this.fail('missing command', 'missing command')
      default:
        throw this.fail(`unsupported command ${i.name}`, `unknown command: \`${i.name}'`)
    }
    this.out.push(i)
    this.end()
  }

  private label(): string {
    const m = /^[^\n;}]*/.exec(this.text.slice(this.at))![0]
    this.at += m.length
    return m.trim()
  }

  private end(): void {
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined || c === '}' || c === '#') return
    if (c !== ';' && c !== '\n') throw this.fail('garbage after command', 'extra characters after command')
    this.at++
  }

  private substitute(i: Instruction): void {
    const delimiter = this.text[this.at++]
    if (delimiter === undefined || delimiter === '\n') throw this.fail("unmatched 's'", "unterminated `s' command")
    const source = this.delimited(delimiter)
    const replacement = this.delimited(delimiter, 'replacement')
    let flags = ''
    for (;;) {
      const c = this.text[this.at]
      const n = /^\d+/.exec(this.text.slice(this.at))
      if (n) {
        i.nth = Number(n[0])
        this.at += n[0].length
      } else if (c === 'g') {
        i.global = true
        this.at++
      } else if (c === 'p') {
        i.print = true
        this.at++
      } else if (c === 'i' || c === 'I') {
        flags += 'i'
        this.at++
      } else if (c === 'm' || c === 'M') {
        flags += 'm'
        this.at++
      } else if (c === 'w') {
        this.at++
        this.blanks()
        i.file = this.skipLine()
        break
      } else if (c === undefined || /[\s;}#]/.test(c)) break
      else throw this.fail(`bad option in substitution expression`, "unknown option to `s'")
    }
    i.regex = source === '' ? undefined : this.regex(source, `g${flags}`)
    i.replacement = parseReplacement(Buffer.from(replacement).toString('latin1'))
  }
}

function unescapeText(text: string): string {
  return Buffer.from(text.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\\\/g, '\\')).toString('latin1')
}

/** Text, group numbers (0 for `&`), and changes of case (`\U`, `\l`, …). */
function parseReplacement(text: string): (string | number | { case: string })[] {
  const out: (string | number | { case: string })[] = []
  let literal = ''
  const flush = (): void => {
    if (literal) out.push(literal)
    literal = ''
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '&') {
      flush()
      out.push(0)
    } else if (c === '\\') {
      const n = text[++i] ?? ''
      if (/\d/.test(n)) {
        flush()
        out.push(Number(n))
      } else if (/[ULEul]/.test(n)) {
        flush()
        out.push({ case: n })
      } else literal += n === 'n' ? '\n' : n === 't' ? '\t' : n
    } else literal += c
  }
  flush()
  return out
}

function buildReplacement(parts: (string | number | { case: string })[], groups: (string | undefined)[]): string {
  let out = ''
  let mode = ''
  let once = ''
  for (const p of parts) {
    if (typeof p === 'object') {
      if (p.case === 'u' || p.case === 'l') once = p.case
      else mode = p.case === 'E' ? '' : p.case
      continue
    }
    let text = typeof p === 'number' ? (groups[p] ?? '') : p
    if (mode === 'U') text = text.toUpperCase()
    if (mode === 'L') text = text.toLowerCase()
    if (once && text !== '') {
      text = (once === 'u' ? text[0]!.toUpperCase() : text[0]!.toLowerCase()) + text.slice(1)
      once = ''
    }
    out += text
  }
  return out
}

class Editor {
  private pattern = ''
  private hold = ''
  private line = 0
  private appended: string[] = []
  private missingNewline = false
  private owesNewline = false
  private lastRegex: RegExp | undefined
  private out = ''
  private readonly written = new Map<string, string>()
  private pending: { text: string; newline: boolean }[] = []
  private ended = false
  private source!: AsyncGenerator<OpenFile>
  private current: OpenFile | undefined
  private rest = ''

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly program: Instruction[],
    private readonly emit: (data: Buffer) => Promise<void>,
  ) {}

  async run(source: AsyncGenerator<OpenFile>): Promise<number> {
    this.source = source
    let status = 0
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
    for (const [path, text] of this.written) this.c.fs.writeFile(path, Buffer.from(text, 'latin1'))
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
        this.current = next.value
      }
      if (this.pending.length === 1) {
        // Somebody who types sees each line answered before the next one is waited for, unless `$` has to be known.
        if (!this.needsLast) return
      }
      const data = await this.current.read(65_536)
      if (data.length === 0) {
        if (this.rest !== '') this.pending.push({ text: this.rest, newline: false })
        this.rest = ''
        this.current = undefined
        continue
      }
      const all = this.rest + Buffer.from(data).toString('latin1')
      const lines = all.split('\n')
      this.rest = lines.pop()!
      for (const l of lines) this.pending.push({ text: l, newline: true })
    }
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
    this.line++
    return true
  }

  private get isLast(): boolean {
    return this.ended && this.pending.length === 0
  }

  private print(text: string): void {
    if (this.owesNewline) this.out += '\n'
    // A last line that had no newline gets none, unless something follows.
    this.owesNewline = this.missingNewline && this.pending.length === 0
    this.out += this.owesNewline ? text : `${text}\n`
  }

  private matches(a: Address): boolean {
    switch (a.type) {
      case 'line':
        return this.line === a.line
      case 'last':
        return this.isLast
      case 'regex': {
        const regex = a.regex ?? this.lastRegex
        if (!regex) return false
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
        if (this.line % i.to.of !== 0) i.openUntil = Math.ceil(this.line / i.to.of) * i.to.of
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
          if (this.substitute(i)) substituted = true
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
          this.out += `${this.pattern.split('\n', 1)[0]}\n`
          break
        case '=':
          this.out += `${this.line}\n`
          break
        case 'a':
          this.appended.push(i.text)
          break
        case 'r':
          this.appended.push(await this.readFile(i.file!))
          break
        case 'i':
          this.out += i.text
          break
        case 'c':
          if (!i.to || i.openUntil === undefined || i.negate) this.out += i.text
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
          break
        }
        case 'g':
          this.pattern = this.hold
          break
        case 'G':
          this.pattern += `\n${this.hold}`
          break
        case 'h':
          this.hold = this.pattern
          break
        case 'H':
          this.hold += `\n${this.pattern}`
          break
        case 'x':
          ;[this.pattern, this.hold] = [this.hold, this.pattern]
          break
        case 'z':
          this.pattern = ''
          break
        case 'y': {
          const [from, to] = i.text.split('\0') as [string, string]
          this.pattern = [...this.pattern].map((ch) => (from.includes(ch) ? to[from.indexOf(ch)]! : ch)).join('')
          break
        }
        case 'l':
          this.out += `${this.pattern
            .replaceAll('\\', '\\\\')
            .replaceAll('\t', '\\t')
            .replaceAll('\n', '\\n')
            .replace(/[\x80-\xff]/g, (ch) => `\\${ch.charCodeAt(0).toString(8)}`)}$\n`
          break
        case 'w':
          this.write(i.file!, this.pattern)
          break
        case 'b':
          at = i.target - 1
          break
        case 't':
        case 'T':
          if (substituted === (i.name === 't')) at = i.target - 1
          substituted = false
          break
        case 'q':
          return this.quit(Number(i.text || 0), true)
        case 'Q':
          return Number(i.text || 0)
        default:
      }
      const pause = this.c.task.tick(0.0005)
      if (pause) await pause
    }
    await this.finish(!this.o.has('n'))
    return undefined
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
    for (const text of this.appended) this.out += text
    this.appended = []
  }

  private write(path: string, text: string): void {
    if (path === '/dev/stdout') this.out += `${text}\n`
    else this.written.set(path, `${this.written.get(path) ?? ''}${text}\n`)
  }

  private async readFile(path: string): Promise<string> {
    if (!this.c.fs.exists(path)) return ''
    const file = await openForReading(this.c.task, path)
    const text = (await readAll(file)).toString('latin1')
    file.close()
    return text
  }

  private substitute(i: Instruction): boolean {
    const regex = i.regex ?? (this.lastRegex && boundedRegExp(this.lastRegex.source, 'g'))
    if (!regex) throw new Fail('sed: no previous regexp')
    this.lastRegex = regex
    let n = 0
    let done = false
    const result = this.pattern.replace(regex, (match: string, ...rest: unknown[]) => {
      n++
      if (n < i.nth || (n > i.nth && !i.global)) return match
      done = true
      const groups = [
        match,
        ...(rest.slice(
          0,
          rest.findIndex((r) => typeof r === 'number'),
        ) as (string | undefined)[]),
      ]
      return buildReplacement(i.replacement!, groups)
    })
    if (!done) return false
    this.pattern = result
    if (i.print) this.print(this.pattern)
    if (i.file) this.write(i.file, this.pattern)
    return true
  }
}
