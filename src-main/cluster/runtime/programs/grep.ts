/** grep, egrep, fgrep */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { lineBatches, openForReading, readText } from './reading.js'
import { isDirectory } from './files.js'
import { globMatches } from './glob-match.js'
import { boundedRegExp } from './guarded-regexp.js'
import { versionText } from './gnu-versions.js'
import { perlPattern } from './perl-regex.js'
import { compile, RegexError } from './regex.js'

/** Matches of one line between two bills, and CPU ms of one. */
const MATCHES_PER_BILL = 256
const MATCH_COST = 0.0005

const SPEC = {
  short: 'EFGPe:f:ivwxcnhHlLqsoRrm:A:B:C:zaIUbTyZD:d:uV',
  long: {
    'extended-regexp': 'E',
    'fixed-strings': 'F',
    'basic-regexp': 'G',
    'perl-regexp': 'P',
    'regexp=': 'e',
    'file=': 'f',
    'ignore-case': 'i',
    'invert-match': 'v',
    'word-regexp': 'w',
    'line-regexp': 'x',
    count: 'c',
    'line-number': 'n',
    'no-filename': 'h',
    'with-filename': 'H',
    'files-with-matches': 'l',
    'files-without-match': 'L',
    quiet: 'q',
    silent: 'q',
    'no-messages': 's',
    'only-matching': 'o',
    recursive: 'r',
    'dereference-recursive': 'R',
    'max-count=': 'm',
    'after-context=': 'A',
    'before-context=': 'B',
    'context=': 'C',
    'color=?': 'K',
    'colour=?': 'K',
    'include=': 'N',
    'exclude=': 'X',
    'exclude-dir=': 'D',
    text: 'a',
    'line-buffered': 'u',
    'byte-offset': 'b',
    'initial-tab': 'T',
    'label=': 'label',
    'null-data': 'z',
    null: 'Z',
    'no-ignore-case': 'case',
    'binary-files=': 'binary-files',
    'directories=': 'd',
    'devices=': 'D',
    'exclude-from=': 'exclude-from',
    'group-separator=': 'separator',
    'no-group-separator': 'no-separator',
    binary: 'U',
  },
  usage:
    '[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n\nSearch for PATTERN in FILEs (or stdin)',
}

export function grep(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(c.busybox ? SPEC : { ...SPEC, digits: 'C' })
    if (o.has('V')) return c.print(versionText('grep', c.fs))
    if (!c.busybox && !/^(always|yes|force|never|no|none|auto|tty|if-tty|)$/.test(o.get('K') ?? '')) {
      await c.print(c.help(SPEC))
      return 2
    }
    const operands = [...o.operands]
    const patterns = [...o.all('e')]
    for (const path of o.all('f')) patterns.push(...(await patternsOf(c, path)))
    if (!o.has('e') && !o.has('f')) {
      const first = operands.shift()
      if (first === undefined) {
        const error = c.usageError(SPEC)
        throw new Fail(c.busybox ? error.message : "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2)
      }
      patterns.push(...first.split('\n'))
    }
    if (o.get('d') === 'recurse') o.add('r', '')
    for (const letter of ['m', 'A', 'B', 'C']) counted(c, letter, o.get(letter))
    await checkPatterns(c, o, patterns)
    const regex = build(c, o, patterns)
    const recursive = o.has('r') || o.has('R')
    // Below a directory files have names; one that is named alone does not need its name.
    const several = operands.length > 1 || (recursive && (c.busybox || operands.length === 0 || isDirectory(c, operands[0]!)))
    const search = new Search(c, o, regex, o.has('H') || (!o.has('h') && several))
    if (operands.length === 0) operands.push(recursive ? '.' : '-')
    for (const path of operands) {
      await visit(c, o, search, path, recursive, operands.length === 1 && path === '.' && o.operands.length < 2)
      if (search.found && o.has('q')) return 0
    }
    if (c.status !== 0) return 2
    return search.found ? 0 : 1
  })
}

/** The lines of a file of patterns. */
async function patternsOf(c: Command, path: string): Promise<string[]> {
  try {
    const text = await readText(c, path)
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`grep: ${path}: ${error.message}`, 2)
  }
}

/** What GNU's grep says of patterns that are likely to be mistaken. */
async function checkPatterns(c: Command, o: Options, patterns: readonly string[]): Promise<void> {
  if (c.busybox || o.has('F') || o.has('P') || c.name === 'fgrep') return
  if (patterns.some((p) => /^\[:[^\]]*:\]$/.test(p))) throw new Fail('grep: character class syntax is [[:space:]], not [:space:]', 2)
  if (!o.has('E') && c.name !== 'egrep') return
  const first = patterns.find((p) => /^[*+?]/.test(p))
  if (first !== undefined) await c.task.writeError(`grep: warning: ${first[0]} at start of expression\n`)
}

function counted(c: Command, letter: string, text: string | undefined): void {
  if (text === undefined || /^\d+$/.test(text)) return
  if (c.busybox) throw new Fail(`grep: invalid number '${text}'`, 2)
  throw new Fail(letter === 'm' ? 'grep: invalid max count' : `grep: ${text}: invalid context length argument`, 2)
}

function build(c: Command, o: Options, patterns: string[]): RegExp {
  const extended = o.has('E') || c.name === 'egrep'
  const fixed = o.has('F') || c.name === 'fgrep'
  let flags = ''
  try {
    const sources = patterns.map((p) => {
      if (fixed)
        return Buffer.from(p)
          .toString('latin1')
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      if (!o.has('P')) return compile(p, extended).source
      const perl = perlPattern(Buffer.from(p).toString('latin1'))
      flags += perl.flags
      return perl.source
    })
    // Without any pattern nothing is found.
    let source = sources.length === 0 ? '(?!)' : sources.map((s) => `(?:${s})`).join('|')
    if (o.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`
    if (o.has('x')) source = `^(?:${source})$`
    return boundedRegExp(source, [...new Set(`g${flags}${ignoresCase(o) ? 'i' : ''}${o.has('z') ? 'm' : ''}`)].join(''))
  } catch (error) {
    if (!(error instanceof RegexError) && !(error instanceof SyntaxError)) throw error
    const message = error instanceof SyntaxError ? perlMessage(error.message) : error.message
    throw new Fail(c.busybox ? `grep: bad regex '${patterns.join('\n')}': ${message}` : `grep: ${message}`, 2)
  }
}

/** The last of `-i`, `-y` and `--no-ignore-case` holds. */
function ignoresCase(o: Options): boolean {
  return 'iy'.includes(o.given.findLast(([letter]) => ['i', 'y', 'case'].includes(letter))?.[0] ?? 'case')
}

/** What PCRE calls the mistakes that JavaScript tells of. */
function perlMessage(message: string): string {
  if (message.includes('Unterminated group')) return 'missing closing parenthesis'
  if (message.includes('Unmatched')) return 'unmatched closing parenthesis'
  if (message.includes('Nothing to repeat')) return 'quantifier does not follow a repeatable item'
  if (message.includes('Unterminated character class')) return 'missing terminating ] for character class'
  if (message.includes('out of order in character class')) return 'range out of order in character class'
  return message.includes('\\ at end') ? '\\ at end of pattern' : message
}

async function visit(c: Command, o: Options, search: Search, path: string, recursive: boolean, implied: boolean): Promise<void> {
  if (path === '-') return search.file(o.get('label') ?? '(standard input)', c.task.fd(0)!)
  try {
    const stat = c.fs.stat(path)
    if (stat.type === 'directory') {
      if (!recursive) {
        if (c.busybox || o.get('d') === 'skip') return
        return c.warn(`${path}: Is a directory`, 2)
      }
      const base = path.replace(/\/$/, '')
      for (const name of c.fs.readdir(path).sort()) {
        const child = implied ? name : `${base}/${name}`
        const isDirectory = c.fs.lstat(child).type === 'directory'
        if (c.fs.lstat(child).type === 'symlink' && !o.has('R')) continue
        if (isDirectory ? o.all('D').some((p) => globMatches(p, name)) : !selected(o, name)) continue
        await visit(c, o, search, child, true, false)
      }
      return
    }
    const file = await openForReading(c.task, path)
    try {
      await search.file(path, file)
    } finally {
      file.close()
    }
  } catch (error) {
    if (!(error instanceof SystemError) || error.code === 'EPIPE') throw error
    c.status = 2
    if (!o.has('s')) await c.task.writeError(`grep: ${path}: ${error.message}\n`)
  }
}

function selected(o: Options, name: string): boolean {
  if (o.all('X').some((p) => globMatches(p, name))) return false
  return !o.has('N') || o.all('N').some((p) => globMatches(p, name))
}

/** The search through one file after the other. */
class Search {
  found = false
  private lastPrinted = 0
  private separator = false
  /** Where the current line begins in its file. */
  private offset = 0

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly regex: RegExp,
    private readonly named: boolean,
  ) {}

  async file(name: string, file: OpenFile): Promise<void> {
    const { c, o } = this
    const after = Number(o.get('A') ?? o.get('C') ?? 0)
    const before = Number(o.get('B') ?? o.get('C') ?? 0)
    const limit = Number(o.get('m') ?? Infinity)
    const quiet = o.has('q') || o.has('l') || o.has('L') || o.has('c')
    const separator = o.has('z') ? 0 : 10
    const text = c.busybox || o.has('a') || o.has('z') || o.get('binary-files') === 'text'
    let binary = false
    let offset = 0
    let number = 0
    let matches = 0
    let following = 0
    this.lastPrinted = 0
    let context: [number, string][] = []
    for await (const lines of lineBatches(file, separator)) {
      let out = ''
      for (const raw of lines) {
        number++
        const line = (raw.at(-1) === separator ? raw.subarray(0, -1) : raw).toString('latin1')
        this.offset = offset
        offset += raw.length
        binary ||= !text && raw.includes(0)
        if (binary && (o.has('I') || o.get('binary-files') === 'without-match')) return
        this.regex.lastIndex = 0
        if (matches < limit && this.regex.test(line) !== o.has('v')) {
          matches++
          this.found = true
          if (o.has('q')) return
          if (binary && !quiet) {
            if (out !== '') await c.print(Buffer.from(out, 'latin1'))
            return c.task.writeError(`grep: ${name}: binary file matches\n`)
          }
          if (!quiet) {
            for (const [n, text] of context) out += this.line(name, n, text, '-')
            context = []
            out += o.has('o') ? await this.parts(name, number, line) : this.line(name, number, line, ':')
            following = after
          }
          if (matches >= limit && after === 0) break
        } else if (following > 0 && !quiet) {
          following--
          out += this.line(name, number, line, '-')
        } else if (before > 0) {
          context.push([number, line])
          if (context.length > before) context.shift()
        }
        const pause = c.task.tick(0.001)
        if (pause) await pause
      }
      if (out !== '') await c.print(Buffer.from(out, 'latin1'))
      if ((o.has('l') && matches > 0) || (matches >= limit && following === 0)) break
    }
    const after0 = o.has('Z') ? '\0' : undefined
    if (o.has('c') && (c.busybox || !(o.has('l') || o.has('L'))))
      await c.print(`${this.named ? `${name}${after0 ?? ':'}` : ''}${matches}\n`)
    else if (o.has('l') ? matches > 0 : o.has('L') && matches === 0) await c.print(`${name}${after0 ?? '\n'}`)
  }

  /** What stands before a line. @param offset of the line or of the match in it, for -b */
  private head(name: string, number: number, mark: string, offset = this.offset): string {
    const colour = this.coloured
    const m = colour ? `\x1b[36m\x1b[K${mark}\x1b[m\x1b[K` : mark
    const figure = (n: number): string => {
      const shown = String(n).padStart(this.o.has('T') ? 2 : 0)
      return colour ? `\x1b[32m\x1b[K${shown}\x1b[m\x1b[K${m}` : `${shown}${mark}`
    }
    return (
      (this.named
        ? colour
          ? `\x1b[35m\x1b[K${name}\x1b[m\x1b[K${this.o.has('Z') ? '\0' : m}`
          : name + (this.o.has('Z') ? '\0' : mark)
        : '') +
      (this.o.has('n') ? figure(number) : '') +
      (this.o.has('b') ? figure(offset) : '') +
      (this.o.has('T') && (this.named || this.o.has('n') || this.o.has('b')) ? '\t' : '')
    )
  }

  private get coloured(): boolean {
    // busybox takes the option, and that is all.
    if (this.c.busybox) return false
    const when = this.o.get('K')
    return when === 'always' || ((when === '' || when === 'auto') && this.c.task.fd(1)?.kind === 'tty')
  }

  private line(name: string, number: number, text: string, mark: string): string {
    let out = ''
    if (this.separator && this.lastPrinted !== number - 1 && (this.o.has('A') || this.o.has('B') || this.o.has('C')))
      out = this.o.has('no-separator') ? '' : `${this.o.get('separator') ?? '--'}\n`
    this.separator = true
    this.lastPrinted = number
    const shown =
      mark === ':' && this.coloured && !this.o.has('v')
        ? text.replace(this.regex, (m) => (m === '' ? m : `\x1b[01;31m\x1b[K${m}\x1b[m\x1b[K`))
        : text
    return `${out}${this.head(name, number, mark)}${shown}${this.o.has('z') ? '\0' : '\n'}`
  }

  /** What -o prints of a line. */
  private async parts(name: string, number: number, text: string): Promise<string> {
    if (this.o.has('v')) return ''
    let out = ''
    let matches = 0
    this.regex.lastIndex = 0
    for (const m of text.matchAll(this.regex)) {
      const shown = this.coloured ? `\x1b[01;31m\x1b[K${m[0]}\x1b[m\x1b[K` : m[0]
      if (m[0] !== '') out += `${this.head(name, number, ':', this.offset + m.index)}${shown}${this.o.has('z') ? '\0' : '\n'}`
      if (++matches % MATCHES_PER_BILL > 0) continue
      const pause = this.c.task.tick(MATCHES_PER_BILL * MATCH_COST)
      if (pause) await pause
    }
    return out
  }
}
