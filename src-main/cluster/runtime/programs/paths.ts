/** Programs about names and places: pwd, basename, dirname, readlink, realpath, stat, du, mount. */
import { rawMode, type Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { unescape } from '../shell/escapes.js'
import { nameTable } from './accounts.js'
import { command, Fail, humanSize, type Command, type Flavour } from './command.js'
import { fileSystemUse } from './disk-free.js'
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
  socket: 'socket',
}

export function stat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'c:Lft',
      long: { 'format=': 'c', 'printf=': 'p', dereference: 'L', 'file-system': 'f' },
      usage: '[-ltf] [-c FMT] FILE...\n\nDisplay file (default) or filesystem status',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    for (const path of o.operands) {
      try {
        if (o.has('f')) {
          await c.print(describeFileSystem(c, path))
          continue
        }
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

/** What `stat -f` calls file systems; those it has no word for by their number. */
const FILE_SYSTEMS: Readonly<Record<string, string>> = {
  ext4: 'ext2/ext3',
  overlay: 'overlayfs',
  tmpfs: 'tmpfs',
  devtmpfs: 'tmpfs',
  cgroup2: 'cgroup2fs',
}

function describeFileSystem(c: Command, path: string): string {
  const mount = c.fs.mountOf(path)
  const { size, used, inodes, usedInodes } = fileSystemUse(mount, c.fs.listMounts())
  const [total, free] = [size / 4096, Math.floor((size - used) / 4096)]
  return (
    `  File: "${path}"\n    ID: ${c.fs.stat(mount.path).inode.toString(16).padEnd(8, '0')} Namelen: 255     Type: ${FILE_SYSTEMS[mount.fstype] ?? mount.fstype}\n` +
    `Block size: ${'4096'.padEnd(10)}${c.busybox ? '' : ' Fundamental block size: 4096'}\n` +
    `Blocks: Total: ${String(total).padEnd(10)} Free: ${String(free).padEnd(10)} Available: ${free}\n` +
    `Inodes: Total: ${String(inodes).padEnd(10)} Free: ${inodes - usedInodes}\n`
  )
}

function fill(c: Command, format: string, path: string, s: Stat): string {
  const names = nameTable(c.fs)
  const values: Record<string, string> = {
    a: s.mode.toString(8),
    A: modeText(s),
    b: String(s.blocks),
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
    `  File: ${shown}\n  Size: ${c.busybox ? String(s.size).padEnd(15) + ' ' : String(s.size).padEnd(10) + '\t'}${`Blocks: ${s.blocks}`.padEnd(18)} IO Block: 4096   ${s.type === 'file' && s.size === 0 ? 'regular empty file' : KINDS[s.type]}\n` +
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
      let total = o.has('b') ? s.size : s.blocks * 512
      if (s.type === 'directory' && path !== '/proc')
        for (const name of c.fs.readdir(path)) total += await walk(`${path.replace(/\/$/, '')}/${name}`, depth + 1)
      if (depth <= depthLimit && (depth === 0 || s.type === 'directory' || o.has('a'))) await c.print(`${show(total)}\t${path}\n`)
      return total
    }
    for (const path of o.operands.length > 0 ? o.operands : ['.']) grand += await walk(path, 0)
    if (o.has('c')) await c.print(`${show(grand)}\ttotal\n`)
  })
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
