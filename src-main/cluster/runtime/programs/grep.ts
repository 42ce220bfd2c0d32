/** grep, egrep, fgrep */
import type { OpenFile, Program } from '../process.js'
import { SystemError } from '../process.js'
import { command, Fail, lineBatches, openForReading, type Command, type Flavour, type Options } from './command.js'
import { boundedRegExp } from './guarded-regexp.js'
import { compile, RegexError } from './regex.js'

const SPEC = {
  short: 'EFGPe:f:ivwxcnhHlLqsoRrm:A:B:C:zaIUbT',
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
    binary: 'U',
  },
  digits: 'C',
  usage:
    '[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n\nSearch for PATTERN in FILEs (or stdin)',
}

export function grep(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const operands = [...o.operands]
    const patterns = [...o.all('e')]
    for (const path of o.all('f')) patterns.push(...c.fs.readText(path).replace(/\n$/, '').split('\n'))
    if (!o.has('e') && !o.has('f')) {
      const first = operands.shift()
      if (first === undefined) {
        const error = c.usageError(SPEC)
        throw new Fail(c.busybox ? error.message : "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2)
      }
      patterns.push(...first.split('\n'))
    }
    const regex = build(c, o, patterns)
    const recursive = o.has('r') || o.has('R')
    const search = new Search(c, o, regex, o.has('H') || (!o.has('h') && (operands.length > 1 || recursive)))
    if (operands.length === 0) operands.push(recursive ? '.' : '-')
    for (const path of operands) {
      await visit(c, o, search, path, recursive, operands.length === 1 && path === '.' && o.operands.length < 2)
      if (search.found && o.has('q')) return 0
    }
    if (c.status !== 0) return 2
    return search.found ? 0 : 1
  })
}

function build(c: Command, o: Options, patterns: string[]): RegExp {
  const extended = o.has('E') || c.name === 'egrep'
  const fixed = o.has('F') || c.name === 'fgrep'
  try {
    const sources = patterns.map((p) => {
      if (fixed)
        return Buffer.from(p)
          .toString('latin1')
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return o.has('P') ? Buffer.from(p).toString('latin1') : compile(p, extended).source
    })
    let source = sources.map((s) => `(?:${s})`).join('|')
    if (o.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`
    if (o.has('x')) source = `^(?:${source})$`
    return boundedRegExp(source, o.has('i') ? 'gi' : 'g')
  } catch (error) {
    if (!(error instanceof RegexError) && !(error instanceof SyntaxError)) throw error
    throw new Fail(c.busybox ? `grep: bad regex '${patterns.join('\n')}': ${error.message}` : `grep: ${error.message}`, 2)
  }
}

async function visit(c: Command, o: Options, search: Search, path: string, recursive: boolean, implied: boolean): Promise<void> {
  if (path === '-') return search.file('(standard input)', c.task.fd(0)!)
  try {
    const stat = c.fs.stat(path)
    if (stat.type === 'directory') {
      if (!recursive) {
        if (c.busybox) return
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

function globMatches(pattern: string, name: string): boolean {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(name)
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
    let number = 0
    let matches = 0
    let following = 0
    this.lastPrinted = 0
    let context: [number, string][] = []
    for await (const lines of lineBatches(file)) {
      let out = ''
      for (const raw of lines) {
        number++
        const line = raw.toString('latin1').replace(/\n$/, '')
        this.regex.lastIndex = 0
        if (matches < limit && this.regex.test(line) !== o.has('v')) {
          matches++
          this.found = true
          if (o.has('q')) return
          if (!quiet) {
            for (const [n, text] of context) out += this.line(name, n, text, '-')
            context = []
            out += o.has('o') ? this.parts(name, number, line) : this.line(name, number, line, ':')
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
    if (o.has('c')) await c.print(`${this.named ? `${name}:` : ''}${matches}\n`)
    else if (o.has('l') ? matches > 0 : o.has('L') && matches === 0) await c.print(`${name}\n`)
  }

  private head(name: string, number: number, mark: string): string {
    const colour = this.coloured
    const m = colour ? `\x1b[36m\x1b[K${mark}\x1b[m\x1b[K` : mark
    return (
      (this.named ? (colour ? `\x1b[35m\x1b[K${name}\x1b[m\x1b[K${m}` : name + mark) : '') +
      (this.o.has('n') ? (colour ? `\x1b[32m\x1b[K${number}\x1b[m\x1b[K${m}` : `${number}${mark}`) : '')
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
    if (this.separator && this.lastPrinted !== number - 1 && (this.o.has('A') || this.o.has('B') || this.o.has('C'))) out = '--\n'
    this.separator = true
    this.lastPrinted = number
    const shown =
      mark === ':' && this.coloured && !this.o.has('v')
        ? text.replace(this.regex, (m) => (m === '' ? m : `\x1b[01;31m\x1b[K${m}\x1b[m\x1b[K`))
        : text
    return `${out}${this.head(name, number, mark)}${shown}\n`
  }

  private parts(name: string, number: number, text: string): string {
    if (this.o.has('v')) return ''
    let out = ''
    this.regex.lastIndex = 0
    for (const m of text.matchAll(this.regex)) {
      const shown = this.coloured ? `\x1b[01;31m\x1b[K${m[0]}\x1b[m\x1b[K` : m[0]
      if (m[0] !== '') out += `${this.head(name, number, ':')}${shown}\n`
    }
    return out
  }
}
