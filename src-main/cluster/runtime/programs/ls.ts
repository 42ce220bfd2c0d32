/** ls */
import type { Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { columnsOf } from '../pty.js'
import { nameTable } from './accounts.js'
import { command, humanSize, type Command, type Flavour, type Options } from './command.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

const SPEC = {
  short: '1AaCxdLHRFplinshrSXvctukGgow:T:NqQbBUfmI:Z',
  long: {
    all: 'a',
    'almost-all': 'A',
    directory: 'd',
    'human-readable': 'h',
    inode: 'i',
    'numeric-uid-gid': 'n',
    recursive: 'R',
    reverse: 'r',
    size: 's',
    classify: 'F',
    dereference: 'L',
    'group-directories-first': 'D',
    'full-time': 'E',
    'color=?': 'K',
    'width=': 'w',
    'time-style=': 'Y',
  },
  usage: `[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...

List directory contents

	-1	One column output
	-a	Include names starting with .
	-A	Like -a, but exclude . and ..
	-d	List directory names, not contents
	-R	Recurse
	-l	Long format
	-i	List inode numbers
	-h	Human readable sizes (1K 243M 2G)
	-S	Sort by size
	-t	Sort by mtime
	-r	Reverse sort order`,
}

interface Item {
  name: string
  path: string
  stat: Stat
}

export function ls(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const files: Item[] = []
    const directories: Item[] = []
    for (const name of o.operands.length > 0 ? o.operands : ['.']) {
      const item = await look(c, o, name, name, true)
      if (!item) continue
      if (item.stat.type === 'directory' && !o.has('d')) directories.push(item)
      else files.push(item)
    }
    const headed = o.has('R') || o.operands.length > 1
    if (files.length > 0) await show(c, o, sort(o, files))
    let first = files.length === 0
    for (const d of sort(o, directories)) {
      await listDirectory(c, o, d, headed, first)
      first = false
    }
    if (c.status !== 0 && !c.busybox) c.status = 2
  })
}

/** Follows a link given as an operand, unless it is listed as itself. */
async function look(c: Command, o: Options, name: string, path: string, operand: boolean): Promise<Item | undefined> {
  try {
    const follow = o.has('L') || (operand && (o.has('H') || !(o.has('l') || o.has('d') || o.has('F'))))
    let stat = c.fs.lstat(path)
    if (stat.type === 'symlink' && follow && c.fs.exists(path)) stat = c.fs.stat(path)
    return { name, path, stat }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(c.busybox ? `${name}: ${error.message}` : `cannot access '${name}': ${error.message}`)
    return undefined
  }
}

async function listDirectory(c: Command, o: Options, directory: Item, headed: boolean, first: boolean): Promise<void> {
  let names: string[]
  try {
    names = c.fs.readdir(directory.path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.warn(
      c.busybox ? `can't open '${directory.path}': ${error.message}` : `cannot open directory '${directory.path}': ${error.message}`,
    )
    return
  }
  if (!first) await c.print('\n')
  if (headed) await c.print(`${directory.path}:\n`)
  if (o.has('a') || o.has('f')) names = ['.', '..', ...names]
  else if (!o.has('A')) names = names.filter((n) => !n.startsWith('.'))
  const items: Item[] = []
  for (const name of names) {
    const item = await look(c, o, name, `${directory.path.replace(/\/$/, '')}/${name}`, false)
    if (item) items.push(item)
  }
  const sorted = sort(o, items)
  if (o.has('l') || o.has('n') || o.has('s') || o.has('g') || o.has('E')) await c.print(`total ${blocks(sorted)}\n`)
  await show(c, o, sorted)
  if (!o.has('R')) return
  for (const item of sorted) {
    if (item.stat.type === 'directory' && item.name !== '.' && item.name !== '..')
      await listDirectory(c, o, { ...item, name: item.path }, true, false)
  }
}

function blocks(items: Item[]): number {
  return items.reduce((sum, i) => sum + Math.ceil((i.stat.type === 'symlink' ? 0 : i.stat.size) / 4096) * 4, 0)
}

function sort(o: Options, items: Item[]): Item[] {
  if (o.has('U') || o.has('f')) return items
  const byName = (a: Item, b: Item): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  const sorted = [...items].sort((a, b) => {
    if (o.has('D')) {
      const d = Number(b.stat.type === 'directory') - Number(a.stat.type === 'directory')
      if (d !== 0) return d
    }
    if (o.has('S')) return b.stat.size - a.stat.size || byName(a, b)
    if (o.has('t') || ((o.has('c') || o.has('u')) && !o.has('l'))) return b.stat.mtime - a.stat.mtime || byName(a, b)
    if (o.has('X')) return (extension(a.name) < extension(b.name) ? -1 : extension(a.name) > extension(b.name) ? 1 : 0) || byName(a, b)
    if (o.has('v')) return a.name.localeCompare(b.name, 'en', { numeric: true })
    return byName(a, b)
  })
  return o.has('r') ? sorted.reverse() : sorted
}

function extension(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot) : ''
}

function colour(o: Options, c: Command, item: Item): string {
  const when = o.get('K')
  const terminal = c.task.fd(1)?.kind === 'tty'
  // busybox colours by itself on a terminal; coreutils only when it is told to.
  const on = when === undefined ? c.busybox && terminal : when === '' || when === 'always' || (when === 'auto' && terminal)
  if (!on) return ''
  switch (item.stat.type) {
    case 'directory':
      return '1;34'
    case 'symlink':
      return '1;36'
    case 'device':
      return '1;33'
    case 'fifo':
      return '0;33'
    case 'file':
      return item.stat.mode & 0o111 ? '1;32' : c.busybox ? '0;0' : ''
  }
}

function suffix(o: Options, stat: Stat): string {
  if (o.has('p') && stat.type === 'directory') return '/'
  if (!o.has('F')) return ''
  return { directory: '/', symlink: '@', fifo: '|', device: '', file: stat.mode & 0o111 ? '*' : '' }[stat.type]
}

function decorated(c: Command, o: Options, item: Item): string {
  const col = colour(o, c, item)
  return (col ? `\x1b[${col}m${item.name}\x1b[m` : item.name) + suffix(o, item.stat)
}

async function show(c: Command, o: Options, items: Item[]): Promise<void> {
  if (items.length === 0) return
  if (o.has('l') || o.has('n') || o.has('g') || o.has('o') || o.has('E')) return longFormat(c, o, items)
  const prefix = (i: Item): string =>
    (o.has('i') ? `${String(i.stat.inode).padStart(7)} ` : '') + (o.has('s') ? `${String(blocks([i])).padStart(7)} ` : '')
  const terminal = c.task.fd(1)?.kind === 'tty'
  if (o.has('m')) return c.print(`${items.map((i) => decorated(c, o, i)).join(', ')}\n`)
  if (o.has('1') || !(terminal || o.has('C') || o.has('x')))
    return c.print(items.map((i) => `${prefix(i)}${decorated(c, o, i)}\n`).join(''))
  const total = Number(o.get('w') ?? 0) || c.task.terminal?.columns || 80
  const lengths = items.map((i) => columnsOf(prefix(i) + i.name + suffix(o, i.stat)))
  const across = o.has('x')
  const { columns, widths } = layout(lengths, total, across, c.busybox)
  const rows = Math.ceil(items.length / columns)
  let out = ''
  for (let r = 0; r < rows; r++) {
    let line = ''
    for (let col = 0; col < columns; col++) {
      const i = across ? r * columns + col : col * rows + r
      const item = items[i]
      if (!item) continue
      const more = across ? col < columns - 1 && items[i + 1] : items[i + rows]
      line += prefix(item) + decorated(c, o, item) + (more ? ' '.repeat(widths[col]! - lengths[i]!) : '')
    }
    out += `${line}\n`
  }
  return c.print(out)
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

async function longFormat(c: Command, o: Options, items: Item[]): Promise<void> {
  const names = nameTable(c.fs)
  const numeric = o.has('n')
  const now = c.task.clock.now()
  const time = (ms: number): string => {
    if (o.has('E')) return formatTime('%Y-%m-%d %H:%M:%S.%N %z', ms, c.task.env['TZ'])
    const style = o.get('Y')
    if (style === 'long-iso') return formatTime('%Y-%m-%d %H:%M', ms, c.task.env['TZ'])
    const recent = ms > now - HALF_YEAR && ms <= now + 3_600_000
    return formatTime(recent ? '%b %e %H:%M' : '%b %e  %Y', ms, c.task.env['TZ'])
  }
  const rows = items.map((i) => {
    const { stat } = i
    const size = stat.device
      ? `${stat.device.major}, ${String(stat.device.minor).padStart(3)}`
      : o.has('h')
        ? humanSize(stat.size, c.busybox)
        : String(stat.size)
    let name = decorated(c, o, i)
    if (stat.type === 'symlink') name += ` -> ${c.fs.readlink(i.path)}`
    return {
      inode: String(stat.inode),
      mode: modeText(stat),
      links: String(stat.links),
      user: numeric ? String(stat.uid) : names.user(stat.uid),
      group: numeric ? String(stat.gid) : names.group(stat.gid),
      size,
      time: time(stat.mtime),
      name,
    }
  })
  const width = (key: 'inode' | 'links' | 'user' | 'group' | 'size'): number => Math.max(...rows.map((r) => r[key].length))
  // busybox has fixed columns, coreutils as wide as needed.
  const w = c.busybox
    ? { inode: 7, links: 5, user: 8, group: 8, size: 9 }
    : { inode: width('inode'), links: width('links'), user: width('user'), group: width('group'), size: width('size') }
  let out = ''
  for (const r of rows) {
    const head = o.has('i') ? `${r.inode.padStart(w.inode)} ` : ''
    const owner = `${o.has('g') ? '' : `${r.user.padEnd(w.user)} `}${o.has('o') ? '' : `${r.group.padEnd(w.group)} `}`
    const links = c.busybox ? r.links.padStart(w.links) : ` ${r.links.padStart(w.links)}`
    out += `${head}${r.mode}${links} ${owner}${r.size.padStart(w.size)} ${r.time} ${r.name}\n`
  }
  await c.print(out)
}
