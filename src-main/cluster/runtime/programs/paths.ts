/** stat. */
import { rawMode, type Stat } from '../fs.js'
import { SystemError, type Program } from '../process.js'
import { unescape } from '../shell/escapes.js'
import { choice } from './choice.js'
import { nameTable } from './accounts.js'
import { command, type Command, type Flavour, type Options } from './command.js'
import { fileSystemUse } from './disk-free.js'
import { modeText } from './modes.js'
import { formatTime } from './strftime.js'

const KINDS: Record<Stat['type'], string> = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  device: 'character special file',
  block: 'block special file',
  fifo: 'fifo',
  socket: 'socket',
}

/** What `-t` shows, in the letters of -c. */
const TERSE = '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o'

export function stat(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      short: 'c:Lft',
      long: { 'format=': 'c', 'printf=': 'p', dereference: 'L', 'file-system': 'f', 'cached=': 'cached', terse: 't' },
      usage: '[-ltf] [-c FMT] FILE...\n\nDisplay file (default) or filesystem status',
    }
    const o = await c.options(spec)
    if (o.operands.length === 0) throw c.usageError(spec, c.busybox ? undefined : 'missing operand')
    if (o.has('cached')) choice(c, '--cached', o.get('cached')!, [['default'], ['never'], ['always']])
    for (const path of o.operands) {
      try {
        if (o.has('f')) {
          await describeFileSystem(c, o, path)
          continue
        }
        const s = o.has('L') ? c.fs.stat(path) : c.fs.lstat(path)
        const [format, escaped] = [o.get('c'), o.get('p')]
        if (format !== undefined) await c.print(`${fill(c, format, path, s)}\n`)
        else if (escaped !== undefined) await c.print(fill(c, unescape(escaped, 'printf').text, path, s))
        else await c.print(o.has('t') ? `${fill(c, TERSE, path, s)}\n` : describe(c, path, s))
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

/** `stat -f`. */
async function describeFileSystem(c: Command, o: Options, path: string): Promise<void> {
  const mount = c.fs.mountOf(path)
  const { size, used, inodes, usedInodes } = fileSystemUse(mount, c.fs.listMounts())
  const [total, free] = [size / 4096, Math.floor((size - used) / 4096)]
  const id = c.fs.stat(mount.path).inode.toString(16).padEnd(8, '0')
  const type = FILE_SYSTEMS[mount.fstype] ?? mount.fstype
  const values: Readonly<Record<string, string>> = {
    n: path, i: id, l: '255', t: '0', T: type, s: '4096', S: '4096', b: String(total), f: String(free), a: String(free), c: String(inodes),
    d: String(inodes - usedInodes), '%': '%',
  } // prettier-ignore
  const filled = (format: string): string => format.replace(/%(.)/g, (m, k: string) => values[k] ?? m)
  const [format, escaped] = [o.get('c'), o.get('p')]
  if (format !== undefined) return c.print(`${filled(format)}\n`)
  if (escaped !== undefined) return c.print(filled(unescape(escaped, 'printf').text))
  if (o.has('t')) return c.print(`${filled('%n %i %l %t %s %S %b %f %a %c %d')}\n`)
  await c.print(
    `  File: "${path}"\n    ID: ${id} Namelen: 255     Type: ${type}\n` +
      `Block size: ${'4096'.padEnd(10)}${c.busybox ? '' : ' Fundamental block size: 4096'}\n` +
      `Blocks: Total: ${String(total).padEnd(10)} Free: ${String(free).padEnd(10)} Available: ${free}\n` +
      `Inodes: Total: ${String(inodes).padEnd(10)} Free: ${inodes - usedInodes}\n`,
  )
}

function fill(c: Command, format: string, path: string, s: Stat): string {
  const names = nameTable(c.fs)
  const values: Record<string, string> = {
    a: s.mode.toString(8),
    A: modeText(s),
    b: String(s.blocks),
    d: '49',
    D: '31',
    B: '512',
    f: rawMode(s).toString(16),
    F: s.type === 'file' && s.size === 0 ? 'regular empty file' : KINDS[s.type],
    g: String(s.gid),
    G: names.group(s.gid),
    h: String(s.links),
    i: String(s.inode),
    n: path,
    N: s.type === 'symlink' ? `'${path}' -> '${c.fs.readlink(path)}'` : `'${path}'`,
    m: c.fs.mountOf(path).path,
    o: '4096',
    s: String(s.size),
    t: '0',
    T: '0',
    u: String(s.uid),
    U: names.user(s.uid),
    x: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    y: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    z: formatTime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime),
    w: '-',
    W: '0',
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
