/** A sed script: its addresses and instructions, and the parser that reads them. */
import { Fail, type Command } from '../command.js'
import { compile, RegexError } from '../regex.js'
import { insertedText, unescape } from './escapes.js'

export type Address =
  | { type: 'line'; line: number }
  | { type: 'last' }
  | { type: 'regex'; regex: RegExp | undefined }
  | { type: 'step'; first: number; step: number }
  | { type: 'offset'; lines: number }
  | { type: 'multiple'; of: number }

export interface Instruction {
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
  /** Whether what a substitution made is run as a command, and gives way to its output. */
  run?: boolean
  file?: string
  /** Where `b`, `t` and `}` go: index of an instruction. */
  target: number
  /** State of a range: where it ends, or undefined when it is not open. */
  openUntil?: number
}

/** The target of a jump to a label that there is not. */
export const NOWHERE = -1

/** Commands of GNU's sed that busybox has not. */
const GNU_COMMANDS = 'QRWFvze'

export class ScriptParser {
  private at = 0
  private readonly out: Instruction[] = []
  private readonly blocks: number[] = []
  private readonly labels = new Map<string, number>()

  constructor(
    private readonly c: Command,
    private readonly text: string,
    private readonly extended: boolean,
    /** Whether commands that run programs or reach files are refused. */
    private readonly sandbox = false,
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
    if (this.blocks.length > 0 && !this.c.busybox) throw new Fail("sed: -e expression #1, char 0: unmatched `{'")
    for (const open of this.blocks) this.out[open]!.target = this.out.length
    for (const i of this.out) {
      if (!'btT'.includes(i.name)) continue
      if (i.text === '') i.target = this.out.length
      else {
        const target = this.labels.get(i.text)
        // busybox misses a label only where it goes there.
        if (target === undefined && !this.c.busybox) throw new Fail(`sed: can't find label for jump to \`${i.text}'`, 4)
        i.target = target ?? NOWHERE
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
      const step = /^~(\d*)/.exec(this.text.slice(this.at))
      if (step && !this.c.busybox) {
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
      const source = this.delimited(delimiter, 'address')
      const flags = this.c.busybox ? '' : /^[IM]*/.exec(this.text.slice(this.at))![0]
      this.at += flags.length
      const known = `${flags.includes('I') ? 'i' : ''}${flags.includes('M') ? 'm' : ''}`
      return { type: 'regex', regex: source === '' ? undefined : this.regex(source, known) }
    }
    const offset = /^[+~]\d*/.exec(this.text.slice(this.at))
    if (offset && !this.c.busybox) {
      this.at += offset[0].length
      throw this.fail('', 'invalid usage of +N or ~N as first address')
    }
    return undefined
  }

  private regex(source: string, flags: string): RegExp {
    try {
      return compile(unescape(source, !this.c.busybox, /[\\^$.*+?()[\]{}|/]/), this.extended, flags)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      throw this.fail(`bad regex '${source}': ${error.message}`, error.message)
    }
  }

  /** Text up to the delimiter, which it takes. An escaped delimiter stands for itself. */
  private delimited(delimiter: string, what: 'address' | 's' | 'y', kind: 'regex' | 'replacement' = 'regex'): string {
    let out = ''
    let inClass = false
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined || (c === '\n' && kind === 'regex'))
        throw this.fail("unmatched '/'", `unterminated ${what === 'address' ? 'address regex' : `\`${what}' command`}`)
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
      if (sign === '+' || (sign === '~' && !this.c.busybox)) {
        this.at++
        const n = /^\d+/.exec(this.text.slice(this.at))?.[0] ?? ''
        this.at += n.length
        i.to = sign === '+' ? { type: 'offset', lines: Number(n) } : { type: 'multiple', of: Number(n) }
      } else i.to = this.address()
      // GNU's `0,/re/`: the range has begun, so that the first line may end it.
      if (i.from.type === 'line' && i.from.line === 0 && i.to?.type === 'regex') i.openUntil = Infinity
      if (!i.to) {
        if (this.at < this.text.length) this.at++
        throw this.fail('no address after comma', "unexpected `,'")
      }
    }
    this.blanks()
    while (this.text[this.at] === '!') {
      this.at++
      if (i.negate) throw this.fail('unsupported command !', "multiple `!'s")
      i.negate = true
      this.blanks()
    }
    i.name = this.text[this.at] ?? ''
    if (i.name !== '') this.at++
    this.checkAddresses(i)
    if (this.c.busybox && i.name !== '' && GNU_COMMANDS.includes(i.name)) throw this.fail(`unsupported command ${i.name}`, '')
    if (this.sandbox && /[erRwW]/.test(i.name)) throw this.fail('', SANDBOXED)
    switch (i.name) {
      case '{':
        this.blocks.push(this.out.length)
        this.out.push(i)
        return
      case '}': {
        const open = this.blocks.pop()
        if (open === undefined && !this.c.busybox) throw this.fail('', "unexpected `}'")
        this.out.push(i)
        if (open !== undefined) this.out[open]!.target = this.out.length
        return this.end()
      }
      case 's':
        this.substitute(i)
        break
      case 'y': {
        const delimiter = this.text[this.at++]!
        const from = this.delimited(delimiter, 'y', 'replacement')
        const to = this.delimited(delimiter, 'y', 'replacement')
        if (unescapeText(from).length !== unescapeText(to).length && !this.c.busybox)
          throw this.fail('', "strings for `y' command are different lengths")
        i.text = `${unescapeText(from)}\0${unescapeText(to)}`
        break
      }
      case 'a':
      case 'i':
      case 'c': {
        this.blanks()
        if (this.text[this.at] === undefined && !this.c.busybox) throw this.fail('', "expected \\ after `a', `c' or `i'")
        // What follows a backslash keeps the blanks that it begins with.
        const led = /^\\(?:[ \t]*\n)?/.exec(this.text.slice(this.at))?.[0] ?? ''
        this.at += led.length
        const nothing = led !== '' && this.at >= this.text.length && !this.c.busybox
        let line = this.skipLine()
        while (/(^|[^\\])(\\\\)*\\$/.test(line) && this.at < this.text.length) line = `${line.slice(0, -1)}\n${this.skipLine()}`
        i.text = nothing ? '' : Buffer.from(`${insertedText(line, !this.c.busybox)}\n`).toString('latin1')
        this.out.push(i)
        return
      }
      case ':':
        this.blanks()
        if (/^[\n;}]?$/.test(this.text[this.at] ?? '') && !this.c.busybox) throw this.fail('', '":" lacks a label')
        this.labels.set(this.label(), this.out.length)
        return
      case 'b':
      case 't':
      case 'T':
        this.blanks()
        i.text = this.label()
        break
      case 'e':
        this.blanks()
        i.text = this.skipLine()
        this.out.push(i)
        return
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        this.blanks()
        i.file = this.skipLine()
        if (i.file === '') throw this.fail('empty filename', 'missing filename in r/R/w/W commands')
        this.out.push(i)
        return
      case 'q':
      case 'Q':
      case 'l': {
        if (this.c.busybox) break
        this.blanks()
        const n = /^\d+/.exec(this.text.slice(this.at))?.[0] ?? ''
        this.at += n.length
        i.text = n
        break
      }
      case 'v':
        this.version()
        return this.end()
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
      case 'F':
        break
      case '':
        throw this.fail('missing command', 'missing command')
      default:
        throw this.fail(`unsupported command ${i.name}`, `unknown command: \`${i.name}'`)
    }
    this.out.push(i)
    this.end()
  }

  /** How many addresses a command of GNU's takes, and where 0 is one. */
  private checkAddresses(i: Instruction): void {
    if (i.to && 'ai'.includes(i.name) && i.name !== '' && this.c.busybox) throw this.fail(`command '${i.name}' uses only one address`, '')
    if (this.c.busybox) return
    if (i.from?.type === 'line' && i.from.line === 0 && i.to?.type !== 'regex') throw this.fail('', 'invalid usage of line address 0')
    if (i.to && (i.name === 'q' || i.name === 'Q')) throw this.fail('', 'command only uses one address')
    if (i.from && i.name === ':') throw this.fail('', ": doesn't want any addresses")
  }

  /** GNU's `v`: the version that the script wants. */
  private version(): void {
    this.blanks()
    const wanted = /^[\d.]*/.exec(this.text.slice(this.at))![0]
    this.at += wanted.length
    const [major = 0, minor = 0] = wanted.split('.').map(Number)
    if (major > 4 || (major === 4 && minor > 9)) throw this.fail('', 'expected newer version of sed')
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
    if (c !== ';' && c !== '\n') {
      if (this.c.busybox && /[a-zA-Z={:]/.test(c)) return
      this.at++
      throw this.fail(/[\d$/\\,]/.test(c) ? 'missing command' : 'garbage after command', 'extra characters after command')
    }
    this.at++
  }

  /** GNU takes an option of `s` once. */
  private once(given: boolean, option: string): void {
    if (given && !this.c.busybox) throw this.fail('', `multiple ${option}${option === 'number' ? '' : "'"} options to \`s' command`)
  }

  private substitute(i: Instruction): void {
    const delimiter = this.text[this.at++]
    if (delimiter === undefined || delimiter === '\n') throw this.fail("unmatched 's'", "unterminated `s' command")
    const source = this.delimited(delimiter, 's')
    const replacement = this.delimited(delimiter, 's', 'replacement')
    let flags = ''
    let numbered = false
    for (;;) {
      const c = this.text[this.at]
      const n = /^\d+/.exec(this.text.slice(this.at))
      if (n) {
        this.at += n[0].length
        this.once(numbered, 'number')
        numbered = true
        if (Number(n[0]) === 0 && !this.c.busybox) throw this.fail('', "number option to `s' command may not be zero")
        i.nth = Number(n[0]) || 1
        // With busybox the last of them holds, and 0 is all.
        if (this.c.busybox) i.global = Number(n[0]) === 0
      } else if (c === 'g') {
        this.at++
        this.once(i.global, '`g')
        i.global = true
        if (this.c.busybox) i.nth = 1
      } else if (c === 'p') {
        this.at++
        this.once(i.print, '`p')
        i.print = true
      } else if (c === ' ' || c === '\t') {
        this.at++
      } else if (c === 'i' || c === 'I') {
        flags += 'i'
        this.at++
      } else if ((c === 'm' || c === 'M') && !this.c.busybox) {
        flags += 'm'
        this.at++
      } else if (c === 'e' && !this.c.busybox) {
        this.at++
        if (this.sandbox) throw this.fail('', SANDBOXED)
        i.run = true
      } else if (c === 'w') {
        this.at++
        if (this.sandbox) throw this.fail('', SANDBOXED)
        this.blanks()
        i.file = this.skipLine()
        if (i.file === '') throw this.fail('empty filename', 'missing filename in r/R/w/W commands')
        break
      } else if (c === undefined || /[\s;}#]/.test(c)) break
      else {
        this.at++
        throw this.fail(`bad option in substitution expression`, "unknown option to `s'")
      }
    }
    i.regex = source === '' ? undefined : this.regex(source, `g${flags}`)
    i.replacement = parseReplacement(Buffer.from(replacement).toString('latin1'), !this.c.busybox)
    const groups = i.regex ? new RegExp(`${i.regex.source}|`).exec('')!.length - 1 : 9
    const wrong = i.replacement.find((part) => typeof part === 'number' && part > groups)
    if (wrong !== undefined && !this.c.busybox) throw this.fail('', `invalid reference \\${String(wrong as number)} on \`s' command's RHS`)
  }
}

/** What a script is told that runs in a sandbox. */
const SANDBOXED = 'e/r/w commands disabled in sandbox mode'

function unescapeText(text: string): string {
  return Buffer.from(text.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\\\/g, '\\')).toString('latin1')
}

/** Text, group numbers (0 for `&`), and where `cases` are known changes of case (`\U`, `\l`, …). */
function parseReplacement(source: string, cases: boolean): (string | number | { case: string })[] {
  const text = unescape(source, cases, /[\\&]/)
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
      } else if (cases && /[ULEul]/.test(n)) {
        flush()
        out.push({ case: n })
      } else literal += n === 'n' ? '\n' : n === 't' ? '\t' : n
    } else literal += c
  }
  flush()
  return out
}
