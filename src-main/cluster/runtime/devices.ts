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
  override readonly byteCost: number
  private readonly full: boolean

  constructor(
    private readonly name: string,
    private readonly fill: (n: number) => Uint8Array,
    { byteCost = 0, full = false } = {},
  ) {
    super()
    this.byteCost = byteCost
    this.full = full
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

/** CPU ms that the kernel computes for one random byte: 400 MB a second. */
const RANDOM_BYTE_COST = 0.000_002_5

function randomBytes(random: Random, n: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(n / 4))
  for (let i = 0; i < words.length; i++) words[i] = random.uint32()
  return new Uint8Array(words.buffer, 0, n)
}

/** Fills the root of a /dev tree with its devices and links. */
export function addDevices(tree: Tree, root: DirectoryNode, random: Random): void {
  const now = tree.clock.now()
  const device = (name: string, major: number, minor: number, open: (viewer: Viewer) => FileDescription): void => {
    root.set(name, new DeviceNode(tree.inode(), 0o666, now, major, minor, open))
  }
  device('null', 1, 3, nullDevice)
  device('zero', 1, 5, () => new StreamDevice('zero', (n) => new Uint8Array(n)))
  device('full', 1, 7, () => new StreamDevice('full', (n) => new Uint8Array(n), { full: true }))
  const chance = (name: string) => (): FileDescription =>
    new StreamDevice(name, (n) => randomBytes(random, n), { byteCost: RANDOM_BYTE_COST })
  device('random', 1, 8, chance('random'))
  device('urandom', 1, 9, chance('urandom'))
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
