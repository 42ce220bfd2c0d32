/** How find writes what it has found: -ls and -printf. */
import { nameTable } from './accounts.js'
import type { Command } from './command.js'
import type { Entry } from './find-expression.js'
import { baseName } from './files.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

/** The line of `-ls`, as `ls -dils` writes it. */
export function listed(c: Command, e: Entry): string {
  const { stat } = e
  const names = nameTable(c.fs)
  const blocks = stat.blocks / 2
  const now = c.task.clock.now()
  const recent = stat.mtime > now - 15_778_476_000 && stat.mtime <= now + 3_600_000
  const time = formatTime(recent ? '%b %e %H:%M' : '%b %e  %Y', stat.mtime, c.task.env['TZ'])
  const owner = `${names.user(stat.uid).padEnd(8)} ${names.group(stat.gid).padEnd(8)}`
  const link = stat.type === 'symlink' ? ` -> ${c.fs.readlink(e.path)}` : ''
  return `${String(stat.inode).padStart(9)} ${String(blocks).padStart(6)} ${modeText(stat)} ${String(stat.links).padStart(3)} ${owner} ${String(stat.size).padStart(8)} ${time} ${e.path}${link}\n`
}

const letterOf = (type: Entry['stat']['type']): string =>
  ({ file: 'f', directory: 'd', symlink: 'l', fifo: 'p', device: 'c', socket: 's' })[type]

/** What -printf writes of a file. */
export function fill(c: Command, format: string, e: Entry): string {
  const names = nameTable(c.fs)
  const values: Record<string, string> = {
    p: e.path,
    f: baseName(e.path),
    h: e.path.includes('/') ? e.path.slice(0, e.path.lastIndexOf('/')) : '.',
    P: e.path === e.root ? '' : e.path.slice(e.root.replace(/\/$/, '').length + 1),
    s: String(e.stat.size),
    m: e.stat.mode.toString(8),
    M: modeText(e.stat),
    u: names.user(e.stat.uid),
    g: names.group(e.stat.gid),
    U: String(e.stat.uid),
    G: String(e.stat.gid),
    d: String(e.depth),
    y: letterOf(e.stat.type),
    Y: e.stat.type !== 'symlink' ? letterOf(e.stat.type) : c.fs.exists(e.path) ? letterOf(c.fs.stat(e.path).type) : 'N',
    i: String(e.stat.inode),
    n: String(e.stat.links),
    k: String(e.stat.blocks / 2),
    b: String(e.stat.blocks),
    l: e.stat.type === 'symlink' ? c.fs.readlink(e.path) : '',
    H: e.root,
    t: formatTime('%a %b %e %H:%M:%S.%N %Y', e.stat.mtime),
    '%': '%',
  }
  return format
    .replace(/%[TACB]@/g, (e.stat.mtime / 1000).toFixed(10))
    .replace(/%[TACB](.)/g, (_m, k: string) => formatTime(`%${k}`, e.stat.mtime))
    .replace(/%(.)/g, (m, k: string) => (Object.hasOwn(values, k) ? values[k]! : m))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\0', '\0')
}
