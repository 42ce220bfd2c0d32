/** pr: text in pages with headers, and in columns (pr(1)). */
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Options } from '../command.js'
import { readLines } from '../reading.js'
import { formatTime } from '../strftime.js'

const SPEC = {
  short: 'abcdD:e::fFh:i::Jl:mn::N:o:rs::S::tTvw:W:',
  long: {
    across: 'a', 'show-control-chars': 'c', 'columns=': 'columns', 'double-space': 'd', 'date-format=': 'D', 'expand-tabs=?': 'e', 'form-feed': 'F',
    'header=': 'h', 'output-tabs=?': 'i', 'join-lines': 'J', 'length=': 'l', merge: 'm', 'number-lines=?': 'n', 'first-line-number=': 'N', 'indent=': 'o',
    'no-file-warnings': 'r', 'separator=?': 's', 'sep-string=?': 'S', 'omit-header': 't', 'omit-pagination': 'T', 'show-nonprinting': 'v', 'width=': 'w',
    'page-width=': 'W', 'pages=': 'pages',
  },
  usage: '[OPTION]... [FILE]...',
} // prettier-ignore

const [HEADER, TRAILER, TAB] = [5, 5, 8]

interface Layout {
  readonly columns: number
  readonly across: boolean
  /** Lines of text on a page; all of them without an end where there are no pages. */
  readonly body: number
  readonly headed: boolean
  readonly width: number
  readonly cuts: boolean
  readonly separator: string
  /** Columns are filled up to their width. */
  readonly aligned: boolean
  readonly number?: { readonly separator: string; readonly digits: number }
}

/** pr of coreutils. */
export function pr(): Program {
  return command('coreutils', async (c) => {
    let pages = ''
    const argv = c.task.argv.flatMap((arg, i) => {
      if (i > 0 && /^\+\d+(:\d+)?$/.test(arg)) {
        pages = arg.slice(1)
        return []
      }
      return i > 0 && /^-\d+$/.test(arg) ? [`--columns=${arg.slice(1)}`] : [arg]
    })
    const o = await c.options(SPEC, argv)
    const range = o.get('pages') ?? pages
    if (range !== '' && !/^[1-9]\d*(:\d+)?$/.test(range)) throw new Fail(`pr: invalid page range '${range}'`)
    const [first = 1, last = Infinity] = range === '' ? [] : range.split(':').map(Number)
    const sources: { name: string; lines: string[] }[] = []
    for await (const { name, file } of c.inputs(o.operands)) sources.push({ name, lines: await readLines(file) })
    if (sources.length === 0) return
    if (o.has('m') && o.has('columns')) throw new Fail('pr: cannot specify number of columns when printing in parallel')
    if (o.has('m') && o.has('a')) throw new Fail('pr: cannot specify both printing across and printing in parallel')
    const layout = layoutOf(o, o.has('m') ? sources.length : 0)
    if (o.has('m')) await print(c, o, layout, merged(sources, layout, o), '', [first, last])
    else for (const source of sources) await print(c, o, layout, single(source.lines, layout, o), source.name, [first, last])
  })
}

function number(o: Options, letter: string, standard: number, what: string, least = 1): number {
  const text = o.get(letter)
  if (text === undefined || text === '') return standard
  if (!/^\d+$/.test(text) || Number(text) < least) throw new Fail(`pr: ${what}: '${text}'`)
  return Number(text)
}

function layoutOf(o: Options, parallel: number): Layout {
  const columns = parallel || number(o, 'columns', 1, 'invalid number of columns')
  const length = number(o, 'l', 66, "'-l PAGE_LENGTH' invalid number of lines")
  const headed = !o.has('t') && !o.has('T') && length > HEADER + TRAILER
  const body = headed ? length - HEADER - TRAILER : length
  const given = o.get('n')
  const [, mark = '', digits = ''] = /^(\D?)(\d*)$/.exec(given ?? '') ?? []
  const separator = o.has('S') ? o.get('S')! : o.has('J') && !o.has('s') ? '\t' : o.has('s') ? o.get('s') || '\t' : columns > 1 ? ' ' : ''
  return {
    columns,
    across: o.has('a'),
    body: o.has('d') ? Math.max(1, Math.floor(body / 2)) : body,
    headed,
    width: number(o, o.has('W') ? 'W' : 'w', 72, "'-w PAGE_WIDTH' invalid number of characters"),
    cuts: (columns > 1 && !o.has('J') && (!o.has('s') || o.has('w'))) || o.has('W'),
    separator,
    aligned: columns > 1 && !o.has('J') && (!o.has('s') || o.has('w')),
    ...(given === undefined ? {} : { number: { separator: mark || '\t', digits: Number(digits || 5) } }),
  }
}

const plain = (line: string, o: Options): string => {
  let text = line.replace(/[\n\f]$/, '')
  if (o.has('e') || o.has('columns') || o.has('m')) text = expanded(text, Number(/\d+/.exec(o.get('e') ?? '')?.[0] ?? 8))
  if (o.has('c')) text = text.replace(/[\0-\x1f\x7f]/g, (char) => `^${String.fromCharCode(char.charCodeAt(0) ^ 64)}`) // oxlint-disable-line no-control-regex
  if (o.has('v')) text = text.replace(/[^ -~]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return text
}

function expanded(text: string, every: number): string {
  let out = ''
  for (const char of text) out += char === '\t' ? ' '.repeat(every - (out.length % every)) : char
  return out
}

/** A row of a page: its cells, of which an undefined one is empty. */
type Row = (string | undefined)[]

function numbered(layout: Layout, o: Options): (text: string) => string {
  let next = Number(o.get('N') ?? 1)
  const { number: form } = layout
  if (!form) return (text) => text
  return (text) => `${String(next++).slice(-form.digits).padStart(form.digits)}${form.separator}${text}`
}

/** The pages of one text, in columns down or across. */
function single(lines: readonly string[], layout: Layout, o: Options): Row[][] {
  const show = numbered(layout, o)
  const cells = lines.map((line) => show(plain(line, o)))
  const { columns, body, across } = layout
  const pages: Row[][] = []
  for (let at = 0; at < cells.length; at += body * columns) {
    const part = cells.slice(at, at + body * columns)
    const rows = Math.min(body, Math.ceil(part.length / columns))
    // What does not fill the page is shared out evenly over its columns.
    const heights = Array.from({ length: columns }, (_, i) =>
      part.length === body * columns ? body : Math.floor(part.length / columns) + (i < part.length % columns ? 1 : 0),
    )
    const starts = heights.map((_, i) => heights.slice(0, i).reduce((sum, n) => sum + n, 0))
    pages.push(
      Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (__, column) =>
          across ? part[row * columns + column] : row < heights[column]! ? part[starts[column]! + row] : undefined,
        ),
      ),
    )
  }
  return pages
}

/** The pages of several texts side by side. */
function merged(sources: readonly { lines: string[] }[], layout: Layout, o: Options): Row[][] {
  const most = Math.max(...sources.map(({ lines }) => lines.length))
  const rows: Row[] = Array.from({ length: most }, (_, i) => sources.map(({ lines }) => plain(lines[i] ?? '', o)))
  const pages: Row[][] = []
  for (let at = 0; at < rows.length; at += layout.body) pages.push(rows.slice(at, at + layout.body))
  return pages
}

async function print(
  c: Command,
  o: Options,
  layout: Layout,
  pages: readonly Row[][],
  name: string,
  [from, to]: readonly [number, number],
): Promise<void> {
  const margin = ' '.repeat(number(o, 'o', 0, "'-o MARGIN' invalid line offset", 0))
  const show = o.has('m') ? numbered(layout, o) : (text: string) => text
  const end = o.has('d') ? '\n\n' : '\n'
  const text = (row: Row): string => {
    const { columns, separator, aligned, width } = layout
    const { number: form } = layout
    const own = o.has('m') && form ? endOf(`${' '.repeat(form.digits)}${form.separator}`) : 0
    const each = Math.max(1, Math.floor((width - own - (columns - 1) * separator.length) / columns))
    const lastFilled = row.findLastIndex((cell) => cell !== undefined)
    const cells = row.slice(0, lastFilled + 1).map((cell = '', i) => {
      const cut = layout.cuts ? cell.slice(0, layout.columns > 1 ? each : width) : cell
      return aligned && i < lastFilled ? cut.padEnd(each) : cut
    })
    const line = cells.join(separator)
    return `${margin}${show(tabbed(line, layout, o))}`
  }
  if (from > pages.length)
    return void (await c.warn(
      `starting page number ${from} exceeds page count ${pages.length + (pages.at(-1)?.length === layout.body ? 1 : 0)}`,
      0,
    ))
  for (const [i, page] of pages.entries()) {
    const number_ = i + 1
    if (number_ < from || number_ > to) continue
    if (layout.headed) await c.print(Buffer.from(`\n\n${margin}${header(c, o, name, number_, layout)}\n\n\n`, 'latin1'))
    await c.print(Buffer.from(page.map((row) => `${text(row)}${end}`).join(''), 'latin1'))
    if (!layout.headed) continue
    if (o.has('f') || o.has('F')) await c.print('\f')
    else
      await c.print(
        '\n'.repeat(
          (layout.body - page.length) * end.length + TRAILER + (o.has('d') ? (Number(o.get('l') ?? 66) - HEADER - TRAILER) % 2 : 0),
        ),
      )
  }
}

/** The column in which a text ends, a tab going to the next multiple of eight. */
function endOf(text: string): number {
  let at = 0
  for (const char of text) at = char === '\t' ? (Math.floor(at / TAB) + 1) * TAB : at + 1
  return at
}

/** Runs of blanks become tabs where -i asks for them, and between columns. */
function tabbed(line: string, { columns }: Layout, o: Options): string {
  const wanted = o.get('i') ?? (columns > 1 ? '' : undefined)
  if (wanted === undefined) return line
  const every = Number(/\d+/.exec(wanted)?.[0] ?? TAB)
  const mark = /^\D/.exec(wanted)?.[0] ?? '\t'
  let out = ''
  for (const [, text = '', blanks = ''] of line.matchAll(/([^ ]*)( *)/g)) {
    out += text
    let at = endOf(out)
    const goal = at + blanks.length
    for (let next; goal - at > 1 && (next = (Math.floor(at / every) + 1) * every) <= goal; at = next) out += mark
    out += ' '.repeat(goal - at)
  }
  return out
}

/** Date, title and page, the title between the two. */
function header(c: Command, o: Options, name: string, page: number, { width }: Layout): string {
  const time = name === '' || name === '-' ? c.task.clock.now() : c.fs.stat(name).mtime
  const date = formatTime((o.get('D') ?? '%Y-%m-%d %H:%M').replace(/^\+/, ''), time)
  const title = o.get('h') ?? (name === '-' ? '' : name)
  const number_ = `Page ${page}`
  const free = Math.max(0, width - date.length - title.length - number_.length)
  const left = Math.floor(free / 2)
  return `${date}${' '.repeat(left)}${title}${' '.repeat(free - left)}${number_}`
}
