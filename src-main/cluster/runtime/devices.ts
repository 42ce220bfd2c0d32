/** The devices of a container: /dev/null, zero, full, random, urandom, tty. */
import type { Random } from '../random.js'
import { systemError } from './errors.js'
import { FileDescription } from './open-file.js'
import { DeviceNode, type DirectoryNode, type Tree, type Viewer } from './tree.js'

class NullDevice extends FileDescription {
  readonly kind = 'null'

  async read(): Promise<Uint8Array> {
    return new Uint8Array()
  }

  async write(): Promise<void> {}

  override describe(): string {
    return '/dev/null'
  }
}

/** What reads as nothing and takes all, as a process is given it that has no input. */
export function nullDevice(): FileDescription {
  return new NullDevice()
}

/** A device that reads as bytes without end. */
class StreamDevice extends FileDescription {
  readonly kind = 'device'

  constructor(
    private readonly name: string,
    private readonly fill: (n: number) => Uint8Array,
    private readonly full = false,
  ) {
    super()
  }

  async read(max: number): Promise<Uint8Array> {
    return this.fill(Math.min(max, 1_048_576))
  }

  async write(): Promise<void> {
    if (this.full) throw systemError('ENOSPC')
  }

  override describe(): string {
    return `/dev/${this.name}`
  }
}

function randomBytes(random: Random, n: number): Uint8Array {
  const out = new Uint8Array(n)
  for (let i = 0; i < n; i += 4) {
    const v = random.uint32()
    out[i] = v
    if (i + 1 < n) out[i + 1] = v >>> 8
    if (i + 2 < n) out[i + 2] = v >>> 16
    if (i + 3 < n) out[i + 3] = v >>> 24
  }
  return out
}

/** Fills the root of a /dev tree with its devices and links. */
export function addDevices(tree: Tree, root: DirectoryNode, random: Random): void {
  const now = tree.clock.now()
  const device = (name: string, major: number, minor: number, open: (viewer: Viewer) => FileDescription): void => {
    root.set(name, new DeviceNode(tree.inode(), 0o666, now, major, minor, open))
  }
  device('null', 1, 3, nullDevice)
  device('zero', 1, 5, () => new StreamDevice('zero', (n) => new Uint8Array(n)))
  device('full', 1, 7, () => new StreamDevice('full', (n) => new Uint8Array(n), true))
  device('random', 1, 8, () => new StreamDevice('random', (n) => randomBytes(random, n)))
  device('urandom', 1, 9, () => new StreamDevice('urandom', (n) => randomBytes(random, n)))
  device('tty', 5, 0, (viewer) => {
    const terminal = viewer.controllingTerminal()
    if (!terminal) throw systemError('ENXIO')
    return terminal
  })
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['ptmx', 'pts/ptmx'],
    ['core', '/proc/kcore'],
  ] as const)
    root.set(name, tree.symlink(target, 0, 0))
}
