/** How ls shows what it lists: names with quotes, colours and marks, columns, and the long format. */
import type { Stat } from '../fs.js'
import { columnsOf } from '../screen-columns.js'
import { nameTable } from './accounts.js'
import { type Command, type Options } from './command.js'
import { humanSize, parseSize } from './sizes.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

export interface Item {
  name: string
  path: string
  stat: Stat
}

/** What the items take on disk, in KiB. */
export function blocks(items: Item[]): number {
  return items.reduce((sum, i) => sum + i.stat.blocks / 2, 0)
}

const GNU_COLOURS: Readonly<Record<Stat['type'], string>> = {
  directory: '01;34',
  symlink: '01;36',
  device: '01;33',
  block: '01;33',
  fifo: '33',
  socket: '01;35',
  file: '01;32',
}
const BUSYBOX_COLOURS: Readonly<Record<Stat['type'], string>> = {
  directory: '1;34', symlink: '1;36', device: '1;33', block: '1;33', fifo: '0;33', socket: '1;35', file: '1;32',
} // prettier-ignore

function colourful(c: Command, o: Options): boolean {
  const when = o.get('K')
  const terminal = c.task.fd(1)?.kind === 'tty'
  // GNU's colours are for terminals that are known to have them.
  const { TERM, COLORTERM, LS_COLORS } = c.task.env
  if (!c.busybox && !COLORTERM && !LS_COLORS && (!TERM || TERM === 'dumb')) return false
  // busybox colours by itself on a terminal; coreutils only when it is told to.
  return when === undefined ? c.busybox && terminal : when === '' || when === 'always' || (when === 'auto' && terminal)
}

function colour(c: Command, stat: Stat): string {
  const plain = stat.type === 'file' && !(stat.mode & 0o111)
  if (c.busybox) return plain ? '0;0' : BUSYBOX_COLOURS[stat.type]
  if (stat.type === 'directory' && stat.mode & 0o1000 && stat.mode & 0o002) return '30;42'
  if (stat.type === 'file' && stat.mode & 0o4000) return '37;41'
  return plain ? '' : GNU_COLOURS[stat.type]
}

function suffix(o: Options, stat: Stat): string {
  if (stat.type === 'directory' && (o.has('p') || o.has('F') || o.has('file-type'))) return '/'
  const marks = {
    directory: '/',
    symlink: '@',
    fifo: '|',
    socket: '=',
    device: '',
    block: '',
    file: stat.mode & 0o111 && o.has('F') ? '*' : '',
  }
  return o.has('F') || o.has('file-type') ? marks[stat.type] : ''
}

/** A name as the shell takes it, where it would not take it as it is. */
export function shellQuoted(name: string): string {
  if (name !== '' && !/[\s!"#$&'()*;<=>?[\\\]^`{|}~]/.test(name)) return name
  // A tilde and a hash only count at the beginning.
  if (name !== '' && !/[\s!"$&'()*;<=>?[\\^`|]|^[~#]|^\]/.test(name)) return name
  if (!name.includes("'")) return `'${name}'`
  return /["$`\\!]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`
}

/** How a name is written. GNU's ls quotes on a terminal what the shell would not take as it is. */
function written(c: Command, o: Options, name: string): string {
  if (c.busybox || o.has('N')) return name
  if (o.has('Q')) return `"${name.replace(/["\\]/g, '\\$&')}"`
  if (o.has('b')) return name.replace(/[ \\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  const style = o.get('quoting') ?? (c.task.fd(1)?.kind === 'tty' ? 'shell-escape' : 'literal')
  if (style.endsWith('-always')) return `'${name.replaceAll("'", "'\\''")}'`
  return style.startsWith('shell') ? shellQuoted(name) : name
}

/** Writes the names of one listing. */
class Names {
  private readonly coloured: boolean
  /** Whether names without quotes stand under the first letter of those with quotes. */
  private readonly aligned: boolean
  private begun = false

  constructor(
    private readonly c: Command,
    private readonly o: Options,
    items: readonly Item[],
    columns: boolean,
  ) {
    this.coloured = colourful(c, o)
    this.aligned = columns && c.task.fd(1)?.kind === 'tty' && items.some((item) => /^['"]/.test(this.text(item)) && !o.has('Q'))
  }

  get tabs(): boolean {
    return !this.c.busybox && !this.coloured && this.o.get('T') !== '0'
  }

  private text(item: Item): string {
    return written(this.c, this.o, item.name)
  }

  private indent(text: string): string {
    return this.aligned && !/^['"]/.test(text) ? ' ' : ''
  }

  length(item: Item): number {
    const text = this.text(item)
    return this.indent(text).length + columnsOf(text + suffix(this.o, item.stat))
  }

  write(item: Item, mark = true): string {
    const text = this.text(item)
    const code = this.coloured ? colour(this.c, item.stat) : ''
    const reset = this.c.busybox ? '\x1b[m' : '\x1b[0m'
    // GNU's ls resets the terminal before its first colour.
    const first = code !== '' && !this.c.busybox && !this.begun ? '\x1b[0m' : ''
    if (code !== '') this.begun = true
    return `${this.indent(text)}${linked(this.c, this.o, item.path, code ? `${first}\x1b[${code}m${text}${reset}` : text)}${mark ? suffix(this.o, item.stat) : ''}`
  }
}

/** A name as a link that terminals can open, where that was asked for. */
function linked(c: Command, o: Options, path: string, text: string): string {
  if (!o.has('hyperlink') || c.busybox) return text
  const real = c.fs.exists(path) ? c.fs.realpath(path) : c.fs.absolute(path)
  return `\x1b]8;;file://${c.task.hostname}${real}\x07${text}\x1b]8;;\x07`
}

/** What stands above the names of a directory. */
export function heading(c: Command, o: Options, path: string): string {
  return linked(c, o, path, written(c, o, path))
}

/**
 * Prints the items in the format that the options and the terminal ask for.
 * @param others what else the operands are: they count for the widths of the long format
 */
export async function show(c: Command, o: Options, items: Item[], others: readonly Item[] = []): Promise<void> {
  if (items.length === 0) return
  const long = o.has('l') || o.has('n') || o.has('g') || o.has('o') || o.has('E')
  const terminal = c.task.fd(1)?.kind === 'tty'
  const end = o.has('zero') ? '\0' : '\n'
  const inColumns = !long && !o.has('m') && !o.has('1') && !o.has('zero') && (terminal || o.has('C') || o.has('x'))
  const names = new Names(c, o, items, long || inColumns)
  if (long) return longFormat(c, o, items, names, others)
  const prefixed = (i: Item): string =>
    (o.has('i') ? `${String(i.stat.inode).padStart(7)} ` : '') +
    (o.has('s') ? `${String(blocks([i])).padStart(c.busybox ? 6 : 1)} ` : '') +
    (o.has('Z') && !c.busybox ? '? ' : '')
  if (o.has('m')) return c.print(`${items.map((i) => names.write(i)).join(', ')}\n`)
  if (!inColumns) return c.print(items.map((i) => `${prefixed(i)}${names.write(i)}${end}`).join(''))
  const total = Number(o.get('w') ?? 0) || c.task.terminal?.columns || 80
  const lengths = items.map((i) => prefixed(i).length + names.length(i))
  const across = o.has('x')
  const { columns, widths } = layout(lengths, total, across, c.busybox)
  const rows = Math.ceil(items.length / columns)
  let out = ''
  for (let r = 0; r < rows; r++) {
    let line = ''
    let at = 0
    let to = 0
    for (let col = 0; col < columns; col++) {
      const i = across ? r * columns + col : col * rows + r
      const item = items[i]
      if (!item) continue
      const more = across ? col < columns - 1 && items[i + 1] : items[i + rows]
      line += prefixed(item) + names.write(item)
      at = to + lengths[i]!
      to += widths[col]!
      if (more) line += gap(at, to, names.tabs)
    }
    out += `${line}\n`
  }
  return c.print(out)
}

/** From one column to another: GNU's ls takes tabs where they lead there. */
function gap(from: number, to: number, tabs: boolean): string {
  let out = ''
  for (let at = from; at < to;) {
    if (tabs && Math.floor(to / 8) > Math.floor((at + 1) / 8)) {
      out += '\t'
      at += 8 - (at % 8)
    } else {
      out += ' '
      at++
    }
  }
  return out
}

/** How many columns fit: GNU's are each as wide as they need to be, busybox' all as wide as the widest name. */
function layout(lengths: readonly number[], total: number, across: boolean, uniform: boolean): { columns: number; widths: number[] } {
  const widest = Math.max(...lengths) + 2
  const least = Math.max(1, Math.floor(total / widest))
  if (uniform) return { columns: least, widths: Array<number>(least).fill(widest) }
  for (let columns = Math.min(lengths.length, Math.max(1, Math.floor(total / 3))); columns > 1; columns--) {
    const rows = Math.ceil(lengths.length / columns)
    if (!across && Math.ceil(lengths.length / rows) < columns) continue
    const widths = Array<number>(columns).fill(0)
    lengths.forEach((length, i) => {
      const col = across ? i % columns : Math.floor(i / rows)
      widths[col] = Math.max(widths[col]!, length + (col === columns - 1 ? 0 : 2))
    })
    if (widths.reduce((a, b) => a + b, 0) < total) return { columns, widths }
  }
  return { columns: 1, widths: [widest] }
}

const HALF_YEAR = 15_778_476_000

function timeText(c: Command, o: Options, ms: number, now: number): string {
  const format = (text: string): string => formatTime(text, ms, c.task.env['TZ'])
  const style = o.get('Y')?.replace('posix-', '')
  if (o.has('E') || style === 'full-iso') return format(c.busybox ? '%Y-%m-%d %H:%M:%S %z' : '%Y-%m-%d %H:%M:%S.%N %z')
  if (style === 'long-iso') return format('%Y-%m-%d %H:%M')
  const recent = ms > now - HALF_YEAR && ms <= now + 3_600_000
  if (style === 'iso') return format(recent ? '%m-%d %H:%M' : '%Y-%m-%d ')
  if (style?.startsWith('+')) {
    // A second line is for what is recent.
    const [older = '', newer = older] = style.slice(1).split('\n')
    return format(recent ? newer : older)
  }
  return format(recent ? '%b %e %H:%M' : '%b %e  %Y')
}

function sizeText(c: Command, o: Options, stat: Stat): string {
  if (stat.device) return `${stat.device.major}, ${String(stat.device.minor).padStart(3)}`
  if (o.has('h')) return humanSize(stat.size, c.busybox)
  if (o.has('si')) return stat.size < 1000 ? String(stat.size) : humanSize((stat.size * 1024) / 1000)
  const unit = o.get('block-size')
  const scale = unit === undefined ? undefined : parseSize(/^\d/.test(unit) ? unit : `1${unit}`)
  return scale ? `${Math.ceil(stat.size / scale)}${/^\d/.test(unit!) ? '' : unit}` : String(stat.size)
}

async function longFormat(c: Command, o: Options, items: Item[], written: Names, others: readonly Item[]): Promise<void> {
  const names = nameTable(c.fs)
  const numeric = o.has('n')
  const now = c.task.clock.now()
  const rows = [...items, ...others].map((i) => {
    const { stat } = i
    const link = stat.type === 'symlink'
    return {
      inode: String(stat.inode),
      blocks: String(blocks([i])),
      mode: modeText(stat),
      links: String(stat.links),
      user: numeric ? String(stat.uid) : names.user(stat.uid),
      group: numeric ? String(stat.gid) : names.group(stat.gid),
      size: sizeText(c, o, stat),
      time: timeText(c, o, stat.mtime, now),
      name: link ? `${written.write(i, false)} -> ${c.fs.readlink(i.path)}` : written.write(i),
    }
  })
  const width = (key: 'inode' | 'blocks' | 'links' | 'user' | 'group' | 'size'): number => Math.max(...rows.map((r) => r[key].length))
  // busybox has fixed columns, coreutils as wide as needed.
  const w = c.busybox
    ? { inode: 7, blocks: 6, links: 5, user: 8, group: 8, size: 9 }
    : {
        inode: width('inode'),
        blocks: width('blocks'),
        links: width('links'),
        user: width('user'),
        group: width('group'),
        size: width('size'),
      }
  const withoutGroup = o.has('o') || (o.has('G') && !c.busybox)
  let out = ''
  for (const r of rows.slice(0, items.length)) {
    const head = (o.has('i') ? `${r.inode.padStart(w.inode)} ` : '') + (o.has('s') ? `${r.blocks.padStart(w.blocks)} ` : '')
    const user = r.user.padEnd(w.user)
    const owner = `${o.has('g') ? '' : `${user} `}${withoutGroup ? '' : `${r.group.padEnd(w.group)} `}${o.has('author') ? `${user} ` : ''}`
    const context = o.has('Z') && !c.busybox ? '? ' : ''
    const links = c.busybox ? r.links.padStart(w.links) : ` ${r.links.padStart(w.links)}`
    out += `${head}${r.mode}${links} ${owner}${context}${r.size.padStart(w.size)} ${r.time} ${r.name}${o.has('zero') ? '\0' : '\n'}`
  }
  await c.print(out)
}
