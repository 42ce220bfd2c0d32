/** df, and what `stat -f` tells: how full file systems are. */
import type { Mount } from '../mounts.js'
import type { Program } from '../process.js'
import { DirectoryNode, FileNode, VirtualDirectory, type Inode } from '../tree.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { humanSize } from './sizes.js'

/** Bytes of a node's disk, and of those what its system and the images on it take. */
const DISK = 60 * 1024 ** 3
const SYSTEM = DISK / 5
/** How many files a disk can hold, and how many of them its system is. */
const DISK_INODES = 3_932_160
const SYSTEM_INODES = 412_310
const PAGE = 4096

/** What statfs(2) tells: bytes, and numbers of files. */
export interface FileSystemUse {
  readonly size: number
  readonly used: number
  readonly inodes: number
  readonly usedInodes: number
}

const onDisk = (mount: Mount): boolean => mount.fstype === 'ext4' || mount.fstype === 'overlay'

/** How full the file system of a mount is; all zeros for those of the kernel's own. @param all the mounts of the container */
export function fileSystemUse(mount: Mount, all: readonly Mount[]): FileSystemUse {
  if (onDisk(mount)) {
    const trees = new Set(all.filter(onDisk).map(({ tree }) => tree))
    const files = [...trees].reduce((sum, tree) => sum + tree.usage, 0)
    return { size: DISK, used: Math.min(DISK, SYSTEM + files), inodes: DISK_INODES, usedInodes: SYSTEM_INODES + trees.size }
  }
  if (!mount.fstype.endsWith('tmpfs')) return { size: 0, used: 0, inodes: 0, usedInodes: 0 }
  const limit = /(?:^|,)size=(\d+)k/.exec(mount.options ?? '')
  const size = limit ? Number(limit[1]) * 1024 : Number.isFinite(mount.tree.sizeLimit) ? mount.tree.sizeLimit : DISK
  const { pages, inodes } = held(mount.tree.root)
  return { size, used: pages * PAGE, inodes: Math.ceil(size / PAGE), usedInodes: inodes }
}

/** Files in memory take whole pages; what is in each other's directories is counted once. */
function held(node: Inode): { pages: number; inodes: number } {
  const sum = { pages: node instanceof FileNode ? Math.ceil(node.size / PAGE) : 0, inodes: 1 }
  if (!(node instanceof DirectoryNode) || node instanceof VirtualDirectory) return sum
  for (const name of node.names()) {
    const below = held(node.get(name)!)
    sum.pages += below.pages
    sum.inodes += below.inodes
  }
  return sum
}

const SUFFIXES: Readonly<Record<string, number>> = {
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
}

/** `512`, `1K`, `M`. Throws Fail for what is no size. */
function blockSize(text: string): { bytes: number; suffix: string } {
  const m = /^(\d*)([KMGT]B?)?$/i.exec(text)
  const suffix = (m?.[2] ?? '').toUpperCase()
  if (!m || text === '' || m[1] === '0') throw new Fail(`invalid -B argument '${text}'`)
  return { bytes: Number(m[1] || 1) * (SUFFIXES[suffix] ?? 1), suffix: m[1] ? '' : suffix }
}

/** The unit of a listing: how its column is called and how a number of bytes is shown. */
function unitOf(c: Command, o: Options): { head: string; show(bytes: number): string } {
  if (o.has('h')) return { head: 'Size', show: (n) => humanSize(n, c.busybox) }
  if (o.has('H')) return { head: 'Size', show: (n) => inThousands(n) }
  const wanted = o.get('B')
  const { bytes, suffix } = wanted === undefined ? { bytes: o.has('m') ? 1024 ** 2 : 1024, suffix: '' } : blockSize(wanted)
  const round = c.busybox ? Math.round : Math.ceil
  const named =
    (o.has('P') || (c.busybox && wanted !== undefined)) && !o.has('m') ? String(bytes) : unitName(bytes, wanted === undefined && c.busybox)
  return { head: `${named}-blocks`, show: (n) => `${round(n / bytes)}${suffix}` }
}

function unitName(bytes: number, busybox: boolean): string {
  if (bytes === 1) return busybox ? '1' : '1B'
  for (const suffix of ['T', 'G', 'M', 'K']) if (bytes % SUFFIXES[suffix]! === 0) return `${bytes / SUFFIXES[suffix]!}${suffix}`
  return `${bytes}B`
}

/** Powers of 1000, rounded up, as `df -H`. */
function inThousands(bytes: number): string {
  let [value, at] = [bytes, 0]
  for (; value >= 1000 && at < 5; at++) value /= 1000
  if (at === 0) return String(bytes)
  return `${value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : Math.ceil(value)}${' kMGTP'[at]}`
}

/** One line, unless asked for all: what else a file system is mounted at, and those without blocks, are left out. */
function listed(mounts: readonly Mount[], busybox: boolean): Mount[] {
  const seen = new Set<unknown>()
  return mounts.filter((mount) => {
    if (fileSystemUse(mount, mounts).size === 0) return false
    const device = mount.fstype === 'ext4' ? mount.source : mount.tree
    if (!busybox && seen.has(device)) return false
    seen.add(device)
    return true
  })
}

/** df(1): lines of busybox's own, or of coreutils'. */
export function df(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: c.busybox ? 'PkmhTait:B:' : 'PkmhHTailvt:x:B:',
      long: {
        'human-readable': 'h', si: 'H', 'print-type': 'T', all: 'a', inodes: 'i', portability: 'P', local: 'l', total: 'total', sync: 'sync', 'no-sync': 'sync',
        'type=': 't', 'exclude-type=': 'x', 'block-size=': 'B', 'output=?': 'output',
      }, // prettier-ignore
      usage: c.busybox ? '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...\n\nPrint filesystem usage statistics' : '[OPTION]... [FILE]...',
    })
    const fields = o.has('output') ? fieldsOf(c, o) : undefined
    const all = c.fs.listMounts()
    const found: Mount[] = []
    for (const path of o.operands) {
      if (c.fs.exists(path)) found.push(c.fs.mountOf(path))
      else await c.warn(c.busybox ? `${path}: can't find mount point` : `${path}: No such file or directory`)
    }
    if (o.operands.length > 0 && found.length === 0 && !c.busybox) return 1
    const chosen = (o.operands.length > 0 ? found : o.has('a') ? all : listed(all, c.busybox)).filter(
      ({ fstype }) => (o.get('t') ?? fstype) === fstype && o.get('x') !== fstype,
    )
    if (chosen.length === 0 && !c.busybox) throw new Fail('df: no file systems processed')
    const unit = unitOf(c, o)
    const show = o.has('i') ? (o.has('h') ? unit.show : String) : unit.show
    const numbers = (m: Mount): [total: number, used: number] => {
      const use = fileSystemUse(m, all)
      return o.has('i') ? [use.inodes, use.usedInodes] : [use.size, use.used]
    }
    const row = (source: string, type: string, [size, used]: [number, number], path: string): string[] => [
      source, ...(o.has('T') ? [type] : []), show(size), show(used), show(size - used), share(used, size, c.busybox), path,
    ] // prettier-ignore
    if (fields) return c.print(chosenFields(c, fields, chosen, o.has('total'), unit, all, o.operands))
    const rows = chosen.map((m) => row(m.source, m.fstype, numbers(m), m.path))
    if (o.has('total')) {
      const sums = chosen.map(numbers).reduce(([a, b], [size, used]) => [a + size, b + used], [0, 0])
      rows.push(row('total', '-', sums, '-'))
    }
    const head = ['Filesystem', ...(o.has('T') ? ['Type'] : []), ...columns(c, o, unit.head), 'Mounted on']
    await c.print(c.busybox ? busyboxLines(head, rows, o) : lines(head, rows, o.has('T') ? 2 : 1))
  })
}

/** The columns that --output knows, in the order in which it shows them all. */
const OUTPUTS = ['source', 'fstype', 'itotal', 'iused', 'iavail', 'ipcent', 'size', 'used', 'avail', 'pcent', 'file', 'target']

/** Throws Fail for a column that there is not. */
function fieldsOf(c: Command, o: Options): string[] {
  for (const letter of ['i', 'P', 'T'])
    if (o.has(letter))
      throw c.usageError({ short: '', usage: '' }, `options ${letter === 'P' ? '-P' : `-${letter}`} and --output are mutually exclusive`)
  const fields = o.all('output').flatMap((text) => (text === '' ? OUTPUTS : text.split(',')))
  const unknown = fields.find((field) => !OUTPUTS.includes(field))
  if (unknown !== undefined) throw c.usageError({ short: '', usage: '' }, `option --output: field '${unknown}' unknown`)
  const twice = fields.find((field, i) => fields.indexOf(field) < i)
  if (twice !== undefined) throw c.usageError({ short: '', usage: '' }, `option --output: field '${twice}' used more than once`)
  return fields
}

/** What --output shows. */
function chosenFields(
  c: Command, fields: readonly string[], mounts: readonly Mount[], total: boolean, unit: ReturnType<typeof unitOf>, all: readonly Mount[], operands: readonly string[],
): string {
  const heads: Readonly<Record<string, string>> = {
    source: 'Filesystem', fstype: 'Type', itotal: 'Inodes', iused: 'IUsed', iavail: 'IFree', ipcent: 'IUse%', size: unit.head, used: 'Used',
    avail: unit.head === 'Size' ? 'Avail' : 'Avail', pcent: 'Use%', file: 'File', target: 'Mounted on',
  }
  const cells = (names: readonly [string, string, string, string], use: ReturnType<typeof fileSystemUse>): string[] => {
    const [source, fstype, file, target] = names
    const values: Readonly<Record<string, string>> = {
      source, fstype, file, target, itotal: String(use.inodes), iused: String(use.usedInodes), iavail: String(use.inodes - use.usedInodes),
      ipcent: share(use.usedInodes, use.inodes, false), size: unit.show(use.size), used: unit.show(use.used), avail: unit.show(use.size - use.used),
      pcent: share(use.used, use.size, false),
    }
    return fields.map((field) => values[field]!)
  }
  const uses = mounts.map((mount) => fileSystemUse(mount, all))
  const rows = mounts.map((mount, i) => cells([mount.source, mount.fstype, operands[i] ?? '-', mount.path], uses[i]!))
  const sum = (key: keyof FileSystemUse): number => uses.reduce((all, use) => all + use[key], 0)
  if (total)
    rows.push(cells(['total', '-', '-', '-'], { size: sum('size'), used: sum('used'), inodes: sum('inodes'), usedInodes: sum('usedInodes') }))
  const left = new Set(['source', 'fstype', 'file', 'target'])
  const least: Readonly<Record<string, number>> = { source: 14, fstype: 4, pcent: 4, ipcent: 4, file: 0, target: 0 }
  const table = [fields.map((field) => heads[field]!), ...rows]
  const widths = fields.map((field, i) => Math.max(least[field] ?? 5, ...table.map((r) => r[i]!.length)))
  const cell = (text: string, i: number): string =>
    left.has(fields[i]!) ? (i === fields.length - 1 ? text : text.padEnd(widths[i]!)) : text.padStart(widths[i]!)
  return table.map((r) => `${r.map(cell).join(' ')}\n`).join('')
} // prettier-ignore

function columns(c: Command, o: Options, unit: string): string[] {
  if (o.has('i')) return c.busybox ? ['Inodes', 'Used', 'Available', 'Use%'] : ['Inodes', 'IUsed', 'IFree', 'IUse%']
  const human = o.has('h') || o.has('H')
  return [unit, 'Used', human && !c.busybox ? 'Avail' : 'Available', o.has('P') && !human ? 'Capacity' : 'Use%']
}

function share(used: number, size: number, busybox: boolean): string {
  if (size === 0) return busybox ? '0%' : '-'
  return `${busybox ? Math.round((used * 100) / size) : Math.ceil((used / size) * 100)}%`
}

function lines(head: string[], rows: string[][], left: number): string {
  const all = [head, ...rows]
  const least = [14, ...(left > 1 ? [4] : []), 5, 5, 5, 4, 0]
  const widths = head.map((_, i) => Math.max(least[i]!, ...all.map((r) => r[i]!.length)))
  return all
    .map((r) => `${r.map((v, i) => (i === r.length - 1 ? v : i < left ? v.padEnd(widths[i]!) : v.padStart(widths[i]!))).join(' ')}\n`)
    .join('')
}

/** busybox's columns are as wide as they are: a name that does not fit has a line of its own. */
function busyboxLines(head: string[], rows: string[][], o: Options): string {
  const typed = o.has('T')
  const [unit, use] = [head.at(-5)!, head.at(-2)!]
  const units = unit.endsWith('-blocks') ? unit : unit.padStart(9)
  const titles = `Filesystem           ${typed ? 'Type       ' : ''}${units.padEnd(15)}Used Available ${use} Mounted on\n`
  const line = (cells: string[]): string => {
    const [source, ...rest] = cells as [string, ...string[]]
    const type = typed ? `${rest.shift()!.padEnd(10)} ` : ''
    const path = rest.pop()!
    const percent = rest.pop()!
    const name = !o.has('P') && source.length > 20 ? `${source}\n${' '.repeat(20)}` : source.padEnd(20)
    return `${name} ${type}${rest.map((v) => v.padStart(9)).join(' ')} ${percent.padStart(4)} ${path}\n`
  }
  return titles + rows.map(line).join('')
}
