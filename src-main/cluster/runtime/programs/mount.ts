/** mount and umount: file systems in memory, and directories that lie in two places. mount(8), umount(8) */
import { SystemError, type Program } from '../process.js'
import { hasCapability } from '../security.js'
import { Tree } from '../tree.js'
import { command, Fail, type Command, type Flavour, type Options } from './command.js'
import { parseSize } from './sizes.js'

const MOUNT = {
  short: 'aflnrsvwBRMt:o:O:L:U:',
  long: { bind: 'B', rbind: 'R', move: 'M', all: 'a', verbose: 'v', 'read-only': 'r', rw: 'w', 'types=': 't', 'options=': 'o' },
  usage: '[OPTIONS] [-o OPT] DEVICE NODE\n\nMount a filesystem. Filesystem autodetection requires /proc.',
}
const UMOUNT = {
  short: 'arlfdnRvt:',
  long: { all: 'a', lazy: 'l', force: 'f', recursive: 'R' },
  usage: '[-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY\n\nUnmount filesystems',
}

/** util-linux says this below what the kernel refused. */
const MORE = '\n       dmesg(1) may have more information after failed mount system call.'

/** Whether the process may change what is mounted. */
function mayMount(c: Command): boolean {
  const { security } = c.task.namespaces
  return security ? hasCapability(security, c.task.uid, 'SYS_ADMIN') : c.task.uid === 0
}

export function mount(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(MOUNT)
    const [source, target] = o.operands
    if (o.has('a')) return
    if (source === undefined) {
      for (const line of c.fs.readText('/proc/mounts').split('\n').filter(Boolean)) {
        const [device, path, type, options] = line.split(' ')
        if (!o.has('t') || o.get('t') === type) await c.print(`${device} on ${path} type ${type} (${options})\n`)
      }
      return
    }
    const options = o.all('o').flatMap((text) => text.split(','))
    const place = target ?? source
    if (!mayMount(c))
      throw new Fail(c.busybox ? 'mount: permission denied (are you root?)' : `mount: ${place}: permission denied.`, c.busybox ? 1 : 32)
    if (options.includes('remount')) return remount(c, place, options)
    if (target === undefined)
      throw new Fail(c.busybox ? `mount: can't find ${source} in /etc/fstab` : `mount: ${source}: can't find in /etc/fstab.`, 1)
    if (!c.fs.exists(target)) throw refused(c, source, target, 'mount point does not exist', 'No such file or directory')
    lay(c, o, source, target, options)
  })
}

function refused(c: Command, source: string, target: string, said: string, error: string): Fail {
  return c.busybox
    ? new Fail(`mount: mounting ${source} on ${target} failed: ${error}`, 255)
    : new Fail(`mount: ${target}: ${said}.${MORE}`, 32)
}

/** Mounts what the command line names. Throws Fail. */
function lay(c: Command, o: Options, source: string, target: string, options: readonly string[]): void {
  const readOnly = o.has('r') || options.includes('ro')
  const type = o.get('t')
  try {
    if (o.has('B') || o.has('R') || options.includes('bind') || options.includes('rbind')) {
      if (!c.fs.exists(source)) throw refused(c, source, target, `special device ${source} does not exist`, 'No such file or directory')
      return c.fs.mountOver(target, { from: source }, { readOnly })
    }
    if (type === 'tmpfs' || type === 'ramfs') {
      const option = (name: string): string | undefined => options.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)
      const size = sizeOf(c, option('size'))
      const mode = option('mode')
      const tree = new Tree(c.task.clock, { sizeLimit: size, mode: mode === undefined ? 0o1777 : parseInt(mode, 8) })
      const told = [
        'relatime',
        ...(option('size') ? [`size=${Math.ceil(size / 1024)}k`] : []),
        ...(mode === undefined ? [] : [`mode=${mode}`]),
      ]
      return c.fs.mountOver(target, { tree }, { readOnly, fstype: type, source, options: told.join(',') })
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw refused(c, source, target, error.message.toLowerCase(), error.message)
  }
  if (type === undefined && !c.fs.exists(source))
    throw refused(c, source, target, `special device ${source} does not exist`, 'No such file or directory')
  throw refused(
    c,
    source,
    target,
    type === undefined ? `${source} is not a block device` : `unknown filesystem type '${type}'`,
    'No such device',
  )
}

/** Bytes of `size=`; half of the machine's memory where nothing is said, as the kernel has it. */
function sizeOf(c: Command, text: string | undefined): number {
  const memory = Number(/MemTotal:\s+(\d+)/.exec(c.fs.readText('/proc/meminfo'))?.[1] ?? 0) * 1024
  const share = /^(\d+)%$/.exec(text ?? '')?.[1]
  return share === undefined ? (parseSize(text ?? '') ?? memory / 2) : (memory * Number(share)) / 100
}

function remount(c: Command, place: string, options: readonly string[]): void {
  const at = c.fs.exists(place) ? c.fs.mountOf(place) : undefined
  if (!at || at.path !== c.fs.realpath(place))
    throw c.busybox
      ? new Fail(`mount: can't find ${place} in /proc/mounts`, 1)
      : new Fail(`mount: ${place}: mount point not mounted or bad option.${MORE}`, 32)
  if (options.includes('ro')) at.readOnly = true
  if (options.includes('rw')) at.readOnly = false
}

export function umount(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(UMOUNT)
    if (o.operands.length === 0 && !o.has('a'))
      throw c.busybox ? c.usageError(UMOUNT) : new Fail("umount: bad usage\nTry 'umount --help' for more information.")
    for (const path of o.operands) {
      if (!mayMount(c))
        throw new Fail(
          c.busybox ? `umount: can't unmount ${path}: Operation not permitted` : `umount: ${path}: must be superuser to unmount.`,
          c.busybox ? 1 : 32,
        )
      try {
        c.fs.unmount(path)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        const said =
          { EINVAL: 'not mounted', ENOENT: 'no mount point specified', EBUSY: 'target is busy' }[error.code] ?? error.message.toLowerCase()
        await c.task.writeError(c.busybox ? `umount: can't unmount ${path}: ${error.message}\n` : `umount: ${path}: ${said}.\n`)
        c.status = c.busybox ? 1 : 32
      }
    }
  })
}
