/**
 * File trees in memory. An image's files are one tree that all its containers share; nodes of it are marked `shared`
 * and are copied into the container's own tree before the first change (copy-on-write, as overlayfs copies up).
 */
import type { Clock } from '../clock.js'
import type { Connection } from '../network/network.js'
import { diskBudgetOf } from './disk-budget.js'
import { systemError } from './errors.js'
import type { FileType } from './fs.js'
import type { FileDescription } from './open-file.js'
import type { MountTable } from './mounts.js'
import { Pipe } from './pipe.js'
import type { Program } from './process.js'
import type { Task } from './task.js'

/** Who looks at a node: virtual files such as /proc/self depend on it. */
export interface Viewer {
  readonly pid: number
  /** The description of one of its descriptors. */
  description(fd: number): FileDescription | undefined
  descriptors(): number[]
  /** Its controlling terminal, opened anew. */
  controllingTerminal(): FileDescription | undefined
}

/** What all nodes have. */
abstract class Node {
  abstract readonly type: FileType
  links = 1
  /** Part of an image layer: to be copied before a change. */
  shared = false

  constructor(
    readonly inode: number,
    public mode: number,
    public uid: number,
    public gid: number,
    public mtime: number,
  ) {}

  /** A private copy under the same inode number. */
  abstract copy(): Inode
}

/** What every file begins with: a container has hundreds of files without bytes of their own. */
const NO_BYTES = new Uint8Array()

export class FileNode extends Node {
  readonly type = 'file'
  /** Bytes, with room to grow beyond `size`. */
  data: Uint8Array = NO_BYTES
  size = 0
  /** Set for an executable of an image. */
  program?: Program
  /** Set for a file whose text is made when it is read (/proc). */
  generate?: (viewer: Viewer) => string
  /** Set for a file that takes writes itself (/proc/sys). */
  accept?: (text: string) => void

  /** A plain Uint8Array even over a Buffer, whose `slice` would share the bytes instead of copying them. */
  get content(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset, this.size)
  }

  copy(): FileNode {
    const n = new FileNode(this.inode, this.mode, this.uid, this.gid, this.mtime)
    n.data = this.content.slice()
    n.size = this.size
    n.program = this.program
    return n
  }
}

/** What every directory begins with. */
const NO_ENTRIES = new Map<string, Inode>()

export class DirectoryNode extends Node {
  readonly type = 'directory'
  private entries = NO_ENTRIES
  /** Whether a copy has the same entries: whoever changes them first makes its own. */
  private lent = true

  get(name: string, _viewer?: Viewer): Inode | undefined {
    return this.entries.get(name)
  }

  names(_viewer?: Viewer): string[] {
    return [...this.entries.keys()]
  }

  set(name: string, node: Inode): void {
    this.own().set(name, node)
  }

  delete(name: string): void {
    if (this.entries.has(name)) this.own().delete(name)
  }

  get empty(): boolean {
    return this.entries.size === 0
  }

  copy(): DirectoryNode {
    const n = new DirectoryNode(this.inode, this.mode, this.uid, this.gid, this.mtime)
    n.entries = this.entries
    this.lent = true
    return n
  }

  private own(): Map<string, Inode> {
    if (this.lent) this.entries = new Map(this.entries)
    this.lent = false
    return this.entries
  }
}

/** A directory that is filled when somebody looks for more than what was put in it since (/dev). */
export class LazyDirectory extends DirectoryNode {
  private readonly madeAt: number

  /** @param fill puts in what the directory has from the beginning */
  constructor(
    inode: number,
    mode: number,
    mtime: number,
    private fill: ((directory: DirectoryNode) => void) | undefined,
  ) {
    super(inode, mode, 0, 0, mtime)
    this.madeAt = mtime
  }

  override get(name: string, viewer?: Viewer): Inode | undefined {
    return super.get(name, viewer) ?? this.filled().ownEntry(name)
  }

  override names(viewer?: Viewer): string[] {
    this.filled()
    return super.names(viewer)
  }

  override delete(name: string): void {
    this.filled()
    super.delete(name)
  }

  override get empty(): boolean {
    this.filled()
    return super.empty
  }

  override copy(): DirectoryNode {
    this.filled()
    return super.copy()
  }

  private ownEntry(name: string): Inode | undefined {
    return super.get(name)
  }

  private filled(): this {
    const { fill } = this
    if (!fill) return this
    this.fill = undefined
    const put = super.names().map((name) => [name, super.get(name)!] as const)
    fill(this)
    // All of it is as old as the directory.
    for (const name of super.names()) super.get(name)!.mtime = this.madeAt
    for (const [name, node] of put) super.set(name, node)
    return this
  }
}

/** A directory whose entries are made when they are looked up (/proc, /dev/pts). Nothing can be created in it. */
export class VirtualDirectory extends DirectoryNode {
  constructor(
    inode: number,
    mtime: number,
    private readonly lookup: (name: string, viewer: Viewer) => Inode | undefined,
    private readonly list: (viewer: Viewer) => string[],
    mode = 0o555,
  ) {
    super(inode, mode, 0, 0, mtime)
  }

  override get(name: string, viewer?: Viewer): Inode | undefined {
    return super.get(name) ?? (viewer && this.lookup(name, viewer))
  }

  override names(viewer?: Viewer): string[] {
    return [...super.names(), ...(viewer ? this.list(viewer) : [])]
  }

  override copy(): VirtualDirectory {
    return this
  }
}

export class SymlinkNode extends Node {
  readonly type = 'symlink'
  /** Set for /proc/PID/fd/N: opening it gives this very description. */
  opens?: (viewer: Viewer) => FileDescription | undefined
  /** Set for /proc/PID/root of another container: the mounts among which the walk goes on. */
  leadsTo?: MountTable
  /** Set for /proc/PID/ns/NAME: the process whose namespace it is. */
  namespaceOf?: Task

  constructor(
    inode: number,
    readonly target: string,
    uid: number,
    gid: number,
    mtime: number,
  ) {
    super(inode, 0o777, uid, gid, mtime)
  }

  copy(): SymlinkNode {
    const n = new SymlinkNode(this.inode, this.target, this.uid, this.gid, this.mtime)
    return n
  }
}

export class DeviceNode extends Node {
  readonly type = 'device'

  constructor(
    inode: number,
    mode: number,
    mtime: number,
    readonly major: number,
    readonly minor: number,
    readonly open: (viewer: Viewer) => FileDescription,
    /** It keeps what is written, at the place where it was. */
    readonly block = false,
  ) {
    super(inode, mode, 0, major === 136 ? 5 : 0, mtime)
  }

  copy(): DeviceNode {
    return this
  }
}

export class FifoNode extends Node {
  readonly type = 'fifo'
  pipe = new Pipe()

  copy(): FifoNode {
    return new FifoNode(this.inode, this.mode, this.uid, this.gid, this.mtime)
  }
}

/** A socket that is a file; it stays behind when nobody hears it any more. */
export class SocketNode extends Node {
  readonly type = 'socket'
  /** Takes a connection; undefined while nobody listens. */
  take: ((connection: Connection) => void) | undefined

  copy(): SocketNode {
    return this
  }
}

export type Inode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode | SocketNode

/** A file system of its own: makes nodes, and counts the bytes that its files take. */
export class Tree {
  private used = 0
  private nextInode: number
  private asOf: number | undefined
  readonly root: DirectoryNode

  /**
   * @param options.sizeLimit bytes that files may take together; a write beyond it fails with ENOSPC
   * @param options.layer an image's root to start from; it is not changed
   * @param options.root what to take as the root, otherwise an empty directory of the mode
   * @param options.asOf how old what is in it is, ms since the epoch, until {@link laidOut} is called
   */
  constructor(
    readonly clock: Clock,
    options: { sizeLimit?: number; layer?: DirectoryNode; root?: DirectoryNode; mode?: number; firstInode?: number; asOf?: number } = {},
  ) {
    this.asOf = options.asOf
    this.sizeLimit = options.sizeLimit ?? Infinity
    this.nextInode = options.firstInode ?? (options.layer ? 1_000_000 : 2)
    if (options.layer) {
      const root = options.layer.copy()
      root.shared = false
      this.root = root
    } else this.root = options.root ?? new DirectoryNode(1, options.mode ?? 0o755, 0, 0, this.now())
  }

  /** When what is made and changed now is made and changed: some trees are made only when somebody looks at them. */
  now(): number {
    return this.asOf ?? this.clock.now()
  }

  /** What comes from now on is new. */
  laidOut(): this {
    this.asOf = undefined
    return this
  }

  readonly sizeLimit: number

  /** Bytes that files take which were written here (an image's own files are not counted). */
  get usage(): number {
    return this.used
  }

  inode(): number {
    return this.nextInode++
  }

  file(mode: number, uid: number, gid: number): FileNode {
    return new FileNode(this.inode(), mode, uid, gid, this.now())
  }

  /** A file with bytes that nobody else changes from now on. */
  fileOf(data: Uint8Array, mode: number, uid: number, gid: number): FileNode {
    const node = this.file(mode, uid, gid)
    this.reserve(data.length)
    this.used += data.length
    node.data = data
    node.size = data.length
    return node
  }

  directory(mode: number, uid: number, gid: number): DirectoryNode {
    return new DirectoryNode(this.inode(), mode, uid, gid, this.now())
  }

  symlink(target: string, uid: number, gid: number): SymlinkNode {
    return new SymlinkNode(this.inode(), target, uid, gid, this.now())
  }

  fifo(mode: number, uid: number, gid: number): FifoNode {
    return new FifoNode(this.inode(), mode, uid, gid, this.now())
  }

  socket(mode: number, uid: number, gid: number): SocketNode {
    return new SocketNode(this.inode(), mode, uid, gid, this.now())
  }

  /** Writes `data` at `position`, growing the file. Throws ENOSPC above the tree's limit. */
  write(node: FileNode, data: Uint8Array, position: number): void {
    const end = position + data.length
    if (end > node.size) this.resize(node, end)
    node.data.set(data, position)
    node.mtime = this.now()
  }

  /** Truncates or extends (with zeros) to `size` bytes. */
  resize(node: FileNode, size: number): void {
    const growth = size - node.size
    if (growth > 0) this.reserve(growth)
    this.used += growth
    if (size > node.data.length) {
      const step = Math.min(node.data.length, Math.max(16_777_216, node.data.length / 4))
      const grown = new Uint8Array(Math.max(size, node.data.length + step, 64))
      grown.set(node.content)
      node.data = grown
    } else if (growth < 0) {
      node.data.fill(0, size, node.size)
      if (size === 0) node.data = new Uint8Array()
    }
    node.size = size
    node.mtime = this.now()
  }

  /** Throws ENOSPC when files may not take so many bytes more. */
  private reserve(bytes: number): void {
    if (this.used + bytes > this.sizeLimit || !diskBudgetOf(this.clock).mayGrow(this, bytes)) throw systemError('ENOSPC')
  }

  /** Takes over a node copied up from a layer: its bytes count here from now on. */
  adopt(node: Inode): void {
    if (node.type !== 'file') return
    this.reserve(node.size)
    this.used += node.size
  }

  /** One name of a node is gone; the last one frees its bytes. */
  unlinked(node: Inode): void {
    node.links--
    if (node.links <= 0 && node.type === 'file' && !node.shared) this.used -= node.size
  }
}
