/** fmt: paragraphs filled anew, their lines as even as they can be (fmt(1)). */
import type { Program } from '../../process.js'
import { columnsOf } from '../../screen-columns.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { readLines } from '../reading.js'

const SPEC = {
  short: 'cg:p:stuw:',
  long: {
    'crown-margin': 'c', 'goal=': 'g', 'prefix=': 'p', 'split-only': 's', 'tagged-paragraph': 't', 'uniform-spacing': 'u', 'width=': 'w',
  },
  usage: '[-WIDTH] [OPTION]... [FILE]...',
} // prettier-ignore

const DEFAULT_WIDTH = 75
const MOST = 2500
/** Percent by which lines may be shorter than the widest. */
const LEEWAY = 7

interface Word {
  readonly text: string
  /** Blanks behind it in its line. */
  space: number
  readonly opens: boolean
  readonly stops: boolean
  /** It ends a sentence. */
  final: boolean
}

interface Line {
  readonly indent: number
  readonly words: Word[]
}

const square = (n: number): number => n * n

/** fmt of coreutils. */
export function fmt(): Program {
  return command('coreutils', async (c) => {
    const argv = c.task.argv.map((arg, i) => (i === 1 && /^-\d/.test(arg) ? `-w${arg.slice(1)}` : arg))
    const o = await c.options(SPEC, argv)
    const number = (letter: string, what: string, most: number): number | undefined => {
      const text = o.get(letter)
      if (text === undefined) return undefined
      if (/^\d+$/.test(text) && Number(text) <= most) return Number(text)
      throw new Fail(`fmt: invalid width: '${text}'${/^\d+$/.test(text) ? `: ${what}` : ''}`)
    }
    let width = number('w', 'Numerical result out of range', MOST)
    const goal = number('g', 'Numerical result out of range', width ?? DEFAULT_WIDTH)
    width ??= goal === undefined ? DEFAULT_WIDTH : goal + 10
    const shape = { width, goal: goal ?? Math.floor((width * (2 * (100 - LEEWAY) + 1)) / 200) }
    for await (const { file } of c.inputs(o.operands)) await fill(c, o, await readLines(file), shape)
  })
}

interface Shape {
  readonly width: number
  readonly goal: number
}

/** Reads paragraph by paragraph; a change of the indent, an empty line or another prefix ends one. */
async function fill(c: Command, o: Options, lines: readonly string[], shape: Shape): Promise<void> {
  const whole = o.get('p') ?? ''
  const prefix = whole.trim()
  const lead = whole.length - whole.trimStart().length
  const write = (text: string) => c.print(Buffer.from(text, 'latin1'))
  let before = 0
  // With -t a paragraph without a second line takes the indent of the one before.
  let tagged = 0
  const parse = (raw: string): Line | undefined => {
    const blank = /^[ \t]*/.exec(raw)![0]
    const at = columns(blank)
    if (prefix !== '' && (!raw.slice(blank.length).startsWith(prefix) || at < lead)) return undefined
    const rest = raw.slice(blank.length + prefix.length)
    if (rest.trim() === '') return undefined
    before = prefix === '' ? 0 : at
    const inner = columns(/^[ \t]*/.exec(rest)![0])
    return { indent: prefix === '' ? at : at + prefix.length + inner, words: wordsOf(rest, o) }
  }
  for (let i = 0; i < lines.length;) {
    const first = parse(lines[i]!.replace(/\n$/, ''))
    if (!first) {
      const raw = lines[i++]!.replace(/\n$/, '')
      await write(`${prefix === '' ? '' : raw.trim() === '' ? '' : raw}\n`)
      continue
    }
    const paragraph = [first]
    const margin = before
    i++
    let second: Line | undefined
    for (; i < lines.length && !o.has('s'); i++) {
      const next = parse(lines[i]!.replace(/\n$/, ''))
      if (!next) break
      if (paragraph.length === 1 && (o.has('c') || o.has('t'))) {
        if (o.has('t') && next.indent === first.indent) break
        second = next
      } else if (next.indent !== (second ?? first).indent) break
      paragraph.push(next)
    }
    const words = paragraph.flatMap((line) => line.words)
    words.at(-1)!.final = words.at(-1)!.final || words.at(-1)!.stops
    if (second) tagged = second.indent
    else if (tagged === first.indent) tagged = first.indent === 0 ? 3 : 0
    const other = o.has('t') && !o.has('c') ? tagged : (second?.indent ?? first.indent)
    let indent = first.indent
    for (const line of broken(words, first.indent, other, shape)) {
      const head = prefix === '' ? ' '.repeat(indent) : `${' '.repeat(margin)}${prefix}${' '.repeat(indent - margin - prefix.length)}`
      await write(`${head}${line}\n`)
      indent = other
    }
    await c.work(words.length / 1000)
  }
}

/** Where a text of blanks ends, a tab going to the next multiple of eight. */
function columns(blank: string): number {
  let at = 0
  for (const char of blank) at = char === '\t' ? (Math.floor(at / 8) + 1) * 8 : at + 1
  return at
}

function wordsOf(text: string, o: Options): Word[] {
  const words: Word[] = []
  for (const [, word, blank] of text.matchAll(/(\S+)([ \t\f\r]*)/g)) {
    const stops = /[.?!]["')\]]*$/.test(word!)
    const space = columns(blank!)
    words.push({ text: word!, space, opens: /^['"([{]/.test(word!), stops, final: stops && space > 1 })
    if (o.has('u')) words.at(-1)!.space = stops && space > 1 ? 2 : 1
  }
  const end = words.at(-1)
  if (end) {
    end.final = end.stops
    end.space = end.final ? 2 : 1
  }
  return words
}

/** The lines of a paragraph, by what the whole costs least. */
function broken(words: readonly Word[], first: number, other: number, { width, goal }: Shape): string[] {
  const n = words.length
  const best: number[] = Array.from({ length: n + 1 }, () => 0)
  const next: number[] = Array.from({ length: n + 1 }, () => n)
  const long: number[] = Array.from({ length: n + 1 }, () => 0)
  for (let start = n - 1; start >= 0; start--) {
    let least = Infinity
    let length = (start === 0 ? first : other) + columnsOf(words[start]!.text)
    for (let end = start + 1; ; end++) {
      const short = end === n ? 0 : square((goal - length) * 10)
      const ragged = end === n || next[end] === n ? 0 : square((length - long[end]!) * 10) / 2
      const cost = Math.floor(short + ragged) + best[end]!
      if (cost < least) {
        least = cost
        next[start] = end
        long[start] = length
      }
      if (end === n) break
      length += words[end - 1]!.space + columnsOf(words[end]!.text)
      if (length >= width) break
    }
    best[start] = least + costOf(words, start)
  }
  const lines: string[] = []
  for (let at = 0; at < n; at = next[at]!) {
    const part = words.slice(at, next[at])
    lines.push(part.map((word, i) => word.text + (i === part.length - 1 ? '' : ' '.repeat(word.space))).join(''))
  }
  return lines
}

/** What it costs that a line begins with a word: dear inside a sentence's first or last words, cheap behind its end. */
function costOf(words: readonly Word[], at: number): number {
  let cost = square(70)
  const [word, before, two] = [words[at]!, words[at - 1], words[at - 2]]
  if (before) {
    if (before.stops) cost += before.final ? -square(50) : square(600)
    else if (/[,;:)]["')\]]*$/.test(before.text) || /[^\w\s]$/.test(before.text)) cost -= square(40)
    else if (two?.final) cost += Math.floor(square(200) / (before.text.length + 2))
  }
  if (word.opens) cost -= square(40)
  else if (word.final) cost += Math.floor(square(150) / (word.text.length + 2))
  return cost
}
