/** csplit: a file in pieces where lines are as told (csplit(1)). */
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { readAll } from '../reading.js'
import { compile, RegexError } from '../regex.js'

const SPEC = {
  short: 'b:f:kn:qsz',
  long: {
    'suffix-format=': 'b', 'prefix=': 'f', 'keep-files': 'k', 'suppress-matched': 'm', 'digits=': 'n', quiet: 'q', silent: 'q', 'elide-empty-files': 'z',
  },
  usage: '[OPTION]... FILE PATTERN...',
} // prettier-ignore

interface Pattern {
  /** As it was given. */
  readonly text: string
  readonly line?: number
  readonly match?: RegExp
  readonly offset: number
  /** What comes before it is passed over. */
  readonly skips: boolean
  /** How often again. */
  times: number
}

/** csplit of coreutils. */
export function csplit(): Program {
  return command('coreutils', async (c) => {
    const o = await c.options(SPEC)
    const [name, ...words] = o.operands
    if (name === undefined || words.length === 0)
      throw c.usageError(SPEC, name === undefined ? 'missing operand' : `missing operand after '${name}'`)
    const digits = o.get('n') ?? '2'
    if (!/^\d+$/.test(digits)) throw new Fail(`csplit: invalid number: '${digits}'`)
    const patterns = words.reduce<Pattern[]>((all, word) => read(all, word), [])
    let lines: string[] = []
    const split = (data: Uint8Array): string[] =>
      Buffer.from(data)
        .toString('latin1')
        .split(/(?<=\n)/)
        .filter(Boolean)
    if (name === '-') lines = split(await readAll(c.task.fd(0)!))
    else {
      try {
        lines = split(c.fs.readFile(name))
      } catch (error) {
        throw new Fail(`csplit: cannot open '${name}' for reading: ${c.text(error)}`)
      }
    }
    const pieces = new Pieces(c, o, Number(digits))
    try {
      await cut(lines, patterns, pieces, o)
    } catch (error) {
      if (!o.has('k')) pieces.forget()
      throw error
    }
  })
}

function read(all: Pattern[], word: string): Pattern[] {
  const repeat = /^\{(\*|\d+)\}$/.exec(word)
  if (repeat && all.length > 0) {
    all.at(-1)!.times = repeat[1] === '*' ? Infinity : Number(repeat[1])
    return all
  }
  if (/^[/%]/.test(word)) {
    const mark = word[0]!
    const end = word.lastIndexOf(mark)
    if (end === 0) throw new Fail(`csplit: ${word}: closing delimiter '${mark}' missing`)
    const tail = word.slice(end + 1)
    if (!/^([-+]?\d+)?$/.test(tail)) throw new Fail(`csplit: ${word}: integer expected after delimiter`)
    try {
      return [...all, { text: word, match: compile(word.slice(1, end), false), offset: Number(tail || 0), skips: mark === '%', times: 0 }]
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      throw new Fail(`csplit: ${word}: invalid regular expression: ${error.message}`)
    }
  }
  if (!/^\d+$/.test(word)) throw new Fail(`csplit: '${word}': invalid pattern`)
  if (Number(word) === 0) throw new Fail(`csplit: ${word}: line number must be greater than zero`)
  const last = all.findLast((each) => each.line !== undefined)
  if (last && Number(word) < last.line!) throw new Fail(`csplit: line number '${word}' is smaller than preceding line number, ${last.line}`)
  return [...all, { text: word, line: Number(word), offset: 0, skips: false, times: 0 }]
}

async function cut(lines: readonly string[], patterns: readonly Pattern[], pieces: Pieces, o: Options): Promise<void> {
  let at = 0
  // Where the pattern before matched: the next is looked for behind it.
  let from = 0
  for (const pattern of patterns)
    for (let turn = 0; turn <= pattern.times; turn++) {
      const missing = (what: string): Fail => new Fail(`csplit: '${pattern.text}': ${what}${turn > 0 ? ` on repetition ${turn}` : ''}`)
      let to: number
      if (pattern.line !== undefined) {
        to = pattern.line * (turn + 1) - 1
        if (to > lines.length) {
          await pieces.write(lines.slice(at))
          throw missing('line number out of range')
        }
        from = to
      } else {
        const found = lines.findIndex((line, i) => i >= from && pattern.match!.test(line.replace(/\n$/, '')))
        if (found < 0) {
          if (pattern.times === Infinity) {
            if (pattern.skips) at = lines.length
            break
          }
          if (!pattern.skips) await pieces.write(lines.slice(at))
          throw missing('match not found')
        }
        to = found + pattern.offset
        if (to < at || to > lines.length) throw missing('line number out of range')
        from = found + 1
      }
      if (!pattern.skips) await pieces.write(lines.slice(at, to))
      at = to + (o.has('m') ? 1 : 0)
      from = Math.max(from, at + (pattern.offset > 0 ? 1 : 0))
    }
  await pieces.write(lines.slice(at))
}

class Pieces {
  private readonly made: string[] = []

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    private readonly digits: number,
  ) {}

  async write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0 && this.o.has('z')) return
    const data = Buffer.from(lines.join(''), 'latin1')
    const number = this.made.length
    const format = this.o.get('b')
    const suffix = format === undefined ? String(number).padStart(this.digits, '0') : shown(format, number)
    const path = `${this.o.get('f') ?? 'xx'}${suffix}`
    this.c.fs.writeFile(path, data)
    this.made.push(path)
    if (!this.o.has('q') && !this.o.has('s')) await this.c.print(`${data.length}\n`)
  }

  forget(): void {
    for (const path of this.made) this.c.fs.remove(path)
  }
}

/** A number in the form of -b, as `%03d.txt`. */
function shown(format: string, number: number): string {
  if ((format.match(/%[^%]/g) ?? []).length === 0) throw new Fail('csplit: missing % conversion specification in suffix')
  return format.replace(
    /%(%|([-0]*)(\d*)(?:\.(\d+))?([diuoxX]))/g,
    (whole, _all, flags: string, width: string, least: string, kind: string) => {
      if (whole === '%%') return '%'
      const text = number.toString(kind === 'o' ? 8 : /x/i.test(kind) ? 16 : 10).padStart(Number(least ?? 0), '0')
      const cased = kind === 'X' ? text.toUpperCase() : text
      return flags.includes('-') ? cased.padEnd(Number(width)) : cased.padStart(Number(width), flags.includes('0') ? '0' : ' ')
    },
  )
}
