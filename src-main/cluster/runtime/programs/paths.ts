/** Programs about names and places: pwd, basename, dirname, readlink, realpath, stat, du, df, mount. */
import { rawMode, type Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { unescape } from '../shell/escapes.js'
import { nameTable } from './accounts.js'
import { command, Fail, humanSize, type Command, type Flavour, type Options } from './command.js'
import { baseName } from './files.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

export function pwd(flavour: Flavour): Program {
  return command(flavour, (c) => c.print(`${c.fs.realpath(c.task.cwd)}\n`))
}

export function basename(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'as:', long: { multiple: 'a', 'suffix=': 's' }, usage: 'FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...' }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    const many = o.has('a') || o.has('s')
    const suffix = o.get('s') ?? (many ? '' : (o.operands[1] ?? ''))
    for (const path of many ? o.operands : o.operands.slice(0, 1)) {
      const name = baseName(path)
      await c.print(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`)
    }
  })
}

export function dirname(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'z', usage: 'FILENAME\n\nStrip non-directory suffix from FILENAME' }
    const o = await c.options(spec)
    if (o.operands.length === 0 || (c.busybox && o.operands.length > 1)) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      const trimmed = path.replace(/\/+$/, '')
      const at = trimmed.lastIndexOf('/')
      await c.print(
        `${trimmed === '' ? (path.startsWith('/') ? '/' : '.') : at < 0 ? '.' : trimmed.slice(0, at).replace(/\/+$/, '') || '/'}\n`,
      )
    }
  })
}

export function readlink(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'fnemqsv',
      long: { canonicalize: 'f', 'no-newline': 'n' },
      usage: '[-fnv] FILE\n\nDisplay the value of a symlink',
    })
    for (const path of o.operands) {
      try {
        const text = o.has('f') || o.has('e') || o.has('m') ? canonical(c, path) : c.fs.readlink(path)
        await c.print(o.has('n') ? text : `${text}\n`)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        c.status = 1
      }
    }
  })
}

/** As realpath(3), but the last component need not exist. */
function canonical(c: Command, path: string, links = 0): string {
  if (c.fs.exists(path)) return c.fs.realpath(path)
  const target = links < 40 ? linkTarget(c, path) : undefined
  if (target !== undefined)
    return canonical(c, target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/') + 1)}${target}`, links + 1)
  const at = path.lastIndexOf('/')
  const parent = at < 0 ? '.' : path.slice(0, at) || '/'
  return `${c.fs.realpath(parent).replace(/\/$/, '')}/${path.slice(at + 1)}`
}

/** Where a link that points nowhere points to. */
function linkTarget(c: Command, path: string): string | undefined {
  try {
    return c.fs.readlink(path)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

export function realpath(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'emsq', usage: 'FILE...\n\nPrint absolute pathnames of FILEs' }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      try {
        await c.print(`${canonical(c, path)}\n`)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(`${path}: ${error.message}`)
      }
    }
  })
}

const KINDS: Record<Stat['type'], string> = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  device: 'character special file',
  fifo: 'fifo',
}

export function stat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'c:Lft',
      long: { 'format=': 'c', 'printf=': 'p', dereference: 'L' },
      usage: '[-ltf] [-c FMT] FILE...\n\nDisplay file (default) or filesystem status',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      try {
        const s = o.has('L') ? c.fs.stat(path) : c.fs.lstat(path)
        const [format, escaped] = [o.get('c'), o.get('p')]
        if (format !== undefined) await c.print(`${fill(c, format, path, s)}\n`)
        else if (escaped !== undefined) await c.print(fill(c, unescape(escaped, 'printf').text, path, s))
        else await c.print(describe(c, path, s))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `can't stat '${path}': ${error.message}` : `cannot statx '${path}': ${error.message}`)
      }
    }
  })
}

function fill(c: Command, format: string, path: string, s: Stat): string {
  const names = nameTable(c.fs)
  const values: Record<string, string> = {
    a: s.mode.toString(8),
    A: modeText(s),
    b: String(Math.ceil(s.size / 512)),
    B: '512',
    f: rawMode(s).toString(16),
    F: s.type === 'file' && s.size === 0 ? 'regular empty file' : KINDS[s.type],
    g: String(s.gid),
    G: names.group(s.gid),
    h: String(s.links),
    i: String(s.inode),
    n: path,
    N: s.type === 'symlink' ? `'${path}' -> '${c.fs.readlink(path)}'` : `'${path}'`,
    s: String(s.size),
    u: String(s.uid),
    U: names.user(s.uid),
    x: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    y: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    z: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    X: String(Math.floor(s.mtime / 1000)),
    Y: String(Math.floor(s.mtime / 1000)),
    Z: String(Math.floor(s.mtime / 1000)),
    '%': '%',
  }
  return format.replace(/%(.)/g, (m, k: string) => (Object.hasOwn(values, k) ? values[k]! : m))
}

function describe(c: Command, path: string, s: Stat): string {
  const names = nameTable(c.fs)
  const shown = s.type === 'symlink' ? `${c.busybox ? `'${path}' -> '${c.fs.readlink(path)}'` : `${path} -> ${c.fs.readlink(path)}`}` : path
  const time = (label: string): string => `${label}: ${formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime)}\n`
  return (
    `  File: ${shown}\n  Size: ${c.busybox ? String(s.size).padEnd(15) + ' ' : String(s.size).padEnd(10) + '\t'}${`Blocks: ${Math.ceil(s.size / 4096) * 8}`.padEnd(18)} IO Block: 4096   ${s.type === 'file' && s.size === 0 ? 'regular empty file' : KINDS[s.type]}\n` +
    `Device: ${c.busybox ? '31h/49d' : '0,49'}\tInode: ${String(s.inode).padEnd(11)} Links: ${s.links}\n` +
    `Access: (${s.mode.toString(8).padStart(4, '0')}/${modeText(s)})  Uid: (${String(s.uid).padStart(5)}/${names.user(s.uid).padStart(8)})   Gid: (${String(s.gid).padStart(5)}/${names.group(s.gid).padStart(8)})\n` +
    time('Access') +
    time('Modify') +
    time('Change') +
    (c.busybox ? '' : ' Birth: -\n')
  )
}

const DU = {
  short: 'aschkmxd:LHbB:',
  long: { summarize: 's', all: 'a', total: 'c', 'human-readable': 'h', 'max-depth=': 'd', bytes: 'b', 'one-file-system': 'x' },
  usage: '[-aHLdclsxhmk] [FILE]...\n\nSummarize disk space used for FILEs (or directories)',
}

export function du(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(DU)
    const show = (bytes: number): string =>
      o.has('h') ? humanSize(bytes, c.busybox) : o.has('b') ? String(bytes) : String(Math.ceil(bytes / (o.has('m') ? 1_048_576 : 1024)))
    const depthLimit = o.has('s') ? 0 : Number(o.get('d') ?? Infinity)
    let grand = 0
    const walk = async (path: string, depth: number): Promise<number> => {
      let s: Stat
      try {
        s = c.fs.lstat(path)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        await c.warn(c.busybox ? `${path}: ${error.message}` : `cannot access '${path}': ${error.message}`)
        return 0
      }
      let total = o.has('b') ? s.size : s.type === 'symlink' ? 0 : Math.ceil(s.size / 4096) * 4096
      if (s.type === 'directory' && path !== '/proc')
        for (const name of c.fs.readdir(path)) total += await walk(`${path.replace(/\/$/, '')}/${name}`, depth + 1)
      if (depth <= depthLimit && (depth === 0 || s.type === 'directory' || o.has('a'))) await c.print(`${show(total)}\t${path}\n`)
      return total
    }
    for (const path of o.operands.length > 0 ? o.operands : ['.']) grand += await walk(path, 0)
    if (o.has('c')) await c.print(`${show(grand)}\ttotal\n`)
  })
}

/** The node's disk as containers see it, in bytes. */
const DISK = 60 * 1024 ** 3

export function df(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'PkmhTait:B:',
      long: { 'human-readable': 'h', 'print-type': 'T', all: 'a' },
      usage: '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...\n\nPrint filesystem usage statistics',
    })
    const found: string[] = []
    for (const p of o.operands) {
      if (c.fs.exists(p)) found.push(p)
      else await c.warn(c.busybox ? `${p}: can't find mount point` : `${p}: No such file or directory`)
    }
    if (found.length < o.operands.length && found.length === 0) return 1
    const mounts = found.length > 0 ? found.map((p) => c.fs.mountOf(p)) : c.fs.listMounts().filter((m) => m.fstype !== 'proc')
    const rows = mounts.map((m) => {
      const size = Number.isFinite(m.tree.sizeLimit) && m.fstype !== 'overlay' ? m.tree.sizeLimit : DISK
      const used = (m.fstype === 'overlay' || m.fstype === 'ext4' ? DISK * 0.2 : 0) + m.tree.usage
      const show = (n: number): string => (o.has('h') ? humanSize(n, c.busybox) : String(Math.floor(n / (o.has('m') ? 1_048_576 : 1024))))
      return [
        m.source,
        ...(o.has('T') ? [m.fstype] : []),
        show(size),
        show(used),
        show(size - used),
        `${Math.ceil((used / size) * 100)}%`,
        m.path,
      ]
    })
    const unit = o.has('h') ? 'Size' : o.has('m') ? '1M-blocks' : '1K-blocks'
    const head = [
      'Filesystem',
      ...(o.has('T') ? ['Type'] : []),
      unit,
      'Used',
      c.busybox || !o.has('h') ? 'Available' : 'Avail',
      'Use%',
      c.busybox ? 'Mounted on' : 'Mounted on',
    ]
    await c.print(layout(head, rows, o, c.busybox))
  })
}

function layout(head: string[], rows: string[][], o: Options, busybox: boolean): string {
  const all = [head, ...rows]
  const left = o.has('T') ? 2 : 1
  const widths = head.map((_, i) => Math.max(...all.map((r) => r[i]!.length)))
  const least = busybox ? [20, ...(left > 1 ? [10] : []), 9, 9, 9, 4] : [14, ...(left > 1 ? [4] : []), 5, 5, 5, 4]
  least.forEach((n, i) => (widths[i] = Math.max(n, widths[i]!)))
  return all
    .map((r) => `${r.map((v, i) => (i === r.length - 1 ? v : i < left ? v.padEnd(widths[i]!) : v.padStart(widths[i]!))).join(' ')}\n`)
    .join('')
}

export function mount(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    if (c.task.argv.length > 1)
      throw new Fail(
        c.busybox ? `mount: permission denied (are you root?)` : `mount: ${c.task.argv.at(-1)}: permission denied.`,
        c.busybox ? 1 : 32,
      )
    for (const line of c.fs.readText('/proc/mounts').split('\n').filter(Boolean)) {
      const [source, path, type, options] = line.split(' ')
      await c.print(`${source} on ${path} type ${type} (${options})\n`)
    }
  })
}

export function umount(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const path = c.task.argv.at(-1)!
    throw new Fail(
      c.busybox ? `umount: can't unmount ${path}: Operation not permitted` : `umount: ${path}: must be superuser to unmount.`,
      c.busybox ? 1 : 32,
    )
  })
}
