/** The file system calls of one process: its working directory, user and umask over the container's mounts. */
import { systemError } from './errors.js'
import type { FileSystem, Stat } from './fs.js'
import { EXECUTE, permits, READ, WRITE, type Credentials, type Found, type Mount, type MountTable } from './mounts.js'
import { Handle, type Caller, type FileDescription } from './open-file.js'
import { DirectoryFile, fifoEnd, RegularFile, VirtualText } from './regular-file.js'
import type { Task } from './task.js'
import {
  SymlinkNode,
  VirtualDirectory,
  type DirectoryNode,
  type FileNode,
  type Inode,
  type SocketNode,
  type Viewer,
  type Tree,
} from './tree.js'

/** The bit of a directory's mode that hands its group down to what is made in it. */
const SET_GROUP = 0o2000

/** Bytes that files take on a disk come in these. */
const BLOCK = 4096
/** File systems of the kernel's own, whose directories take no room. */
const NO_BLOCKS: ReadonlySet<string> = new Set(['proc', 'sysfs', 'cgroup2', 'devpts', 'mqueue'])

/** The process that calls. */
export interface FileCaller extends Caller, Viewer, Credentials {
  readonly cwd: string
  readonly umask: number
}

/** open(2) flags of the contract, with what they mean. */
const openModes = {
  r: { read: true, write: false, create: false, truncate: false, append: false, exclusive: false },
  'r+': { read: true, write: true, create: false, truncate: false, append: false, exclusive: false },
  w: { read: false, write: true, create: true, truncate: true, append: false, exclusive: false },
  a: { read: false, write: true, create: true, truncate: false, append: true, exclusive: false },
  wx: { read: false, write: true, create: true, truncate: false, append: false, exclusive: true },
  /** The shell's `<>`. */
  'rw+': { read: true, write: true, create: true, truncate: false, append: false, exclusive: false },
}

export type OpenFlags = keyof typeof openModes

/** {@link FileSystem} for one process. */
export class FileCalls implements FileSystem {
  constructor(
    private mounts: MountTable,
    private readonly by: FileCaller,
  ) {}

  /** The absolute form of a path, not resolved. */
  absolute(path: string): string {
    if (path === '') throw systemError('ENOENT')
    return path.startsWith('/') ? path : `${this.by.cwd}/${path}`
  }

  /** What is mounted where, as this process sees it. */
  get table(): MountTable {
    return this.mounts
  }

  /** chroot(2): paths begin at a directory from now on, here and in processes started from here. Throws ENOENT, ENOTDIR, EACCES. */
  changeRoot(path: string): void {
    const found = this.walk(path)
    if (found.node?.type === 'directory' && !permits(found.node, this.by, EXECUTE)) throw systemError('EACCES')
    this.mounts = this.mounts.under(found)
  }

  /** setns(2) of a mount namespace: has its mounts and begins at its root, as do processes started from here. */
  enterMounts(mounts: MountTable): void {
    this.mounts = mounts
  }

  /** The process whose namespace a link in /proc/PID/ns stands for; undefined for any other file. Throws ENOENT, ENOTDIR, EACCES. */
  namespaceOf(path: string): Task | undefined {
    const { node } = this.find(path, false)
    return node instanceof SymlinkNode ? node.namespaceOf : undefined
  }

  /**
   * mount(2): a file system of `tree` lies over a path from now on, or with `from` what is at that path lies there as well.
   * Throws ENOENT, ENOTDIR, EACCES.
   */
  mountOver(path: string, what: { tree: Tree; from?: undefined } | { from: string; tree?: undefined }, about: Partial<Mount> = {}): void {
    const at = this.find(path)
    const source = what.from === undefined ? undefined : this.find(what.from)
    const root = what.tree ? what.tree.root : source!.node
    if ((at.node.type === 'directory') !== (root.type === 'directory')) throw systemError('ENOTDIR')
    const {
      tree,
      fstype,
      source: device,
      options,
    } = source ? { ...source.mount } : { tree: what.tree!, fstype: 'tmpfs', source: 'tmpfs', options: undefined }
    this.mounts.mount({ path: at.path, tree, root, readOnly: false, fstype, source: device, ...(options === undefined ? {} : { options }), ...(source ? { from: source.path } : {}), ...about }) // prettier-ignore
  }

  /** umount(2). Throws ENOENT, EINVAL where nothing is mounted, EBUSY for the root. */
  unmount(path: string): void {
    const { path: at } = this.find(path)
    if (at === '/') throw systemError('EBUSY')
    if (!this.mounts.unmount(at)) throw systemError('EINVAL')
  }

  private walk(path: string, follow = true): Found {
    this.by.check()
    return this.mounts.walk(this.absolute(path), { follow, who: this.by, viewer: this.by })
  }

  private find(path: string, follow = true): Found & { node: Inode } {
    const found = this.walk(path, follow)
    if (!found.node) throw systemError('ENOENT')
    return found as Found & { node: Inode }
  }

  /** Makes `found`'s directory changeable and checks that this user may change it. */
  private change(found: Found): DirectoryNode {
    const above = found.parents.at(-1)
    if (!above || this.mounts.mountAt(found.path)) throw systemError('EBUSY')
    if (above.node instanceof VirtualDirectory && !found.node) throw systemError('EPERM')
    const { parent } = this.mounts.own({ ...found, node: undefined })
    if (!permits(parent!, this.by, WRITE | EXECUTE)) throw systemError('EACCES')
    return parent!
  }

  /** A new name in a directory; its mtime changes with it. */
  private enter(found: Found, node: Inode): void {
    if (found.node) throw systemError('EEXIST')
    const parent = this.change(found)
    parent.set(found.name, node)
    parent.mtime = found.mount.tree.clock.now()
  }

  /** The group of what is made in a directory: the directory's, where it hands its group down, or the maker's. */
  private groupIn(found: Found): number {
    const parent = found.parents.at(-1)?.node
    return parent && parent.mode & SET_GROUP ? parent.gid : this.by.gid
  }

  stat(path: string): Stat {
    return this.describe(this.find(path))
  }

  lstat(path: string): Stat {
    return this.describe(this.find(path, false))
  }

  private describe({ node, mount }: Found & { node: Inode }): Stat {
    const size = this.sizeOf(node, mount.fstype)
    const blocks = node.type === 'symlink' || (node.type === 'directory' && size !== BLOCK) ? 0 : Math.ceil(size / BLOCK) * (BLOCK / 512)
    let links = node.links
    if (node.type === 'directory') links = 2 + node.names(this.by).filter((n) => node.get(n, this.by)?.type === 'directory').length
    return {
      type: node.type === 'device' && node.block ? 'block' : node.type,
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      size,
      blocks,
      mtime: node.mtime,
      inode: node.inode,
      links,
      ...(node.type === 'device' ? { device: { major: node.major, minor: node.minor } } : {}),
    }
  }

  private sizeOf(node: Inode, fstype: string): number {
    if (node.type === 'file') return node.program ? node.size || 1 : node.size
    if (node.type === 'symlink') return node.target.length
    if (node.type !== 'directory' || NO_BLOCKS.has(fstype)) return 0
    // A directory in memory grows with what is in it.
    return fstype.endsWith('tmpfs') ? 20 * (2 + node.names(this.by).length) : BLOCK
  }

  exists(path: string): boolean {
    this.by.check()
    try {
      return this.walk(path).node !== undefined
    } catch {
      return false
    }
  }

  /** access(2) with the bits READ, WRITE and EXECUTE of mounts.ts. */
  access(path: string, want: number): boolean {
    try {
      const found = this.walk(path)
      if (!found.node || !permits(found.node, this.by, want)) return false
      return !(want & WRITE && found.mount.readOnly && found.node.type !== 'device')
    } catch {
      this.by.check()
      return false
    }
  }

  readFile(path: string): Uint8Array {
    const { node } = this.find(path)
    if (node.type === 'directory') throw systemError('EISDIR')
    if (!permits(node, this.by, READ)) throw systemError('EACCES')
    if (node.type !== 'file') throw systemError('EINVAL')
    if (node.generate) return Buffer.from(node.generate(this.by))
    return node.content.slice()
  }

  readText(path: string): string {
    return Buffer.from(this.readFile(path)).toString('utf8')
  }

  /** The file itself, for running it: its program if it is one. Throws EACCES unless it may be executed. */
  executable(path: string): { node: FileNode; path: string } {
    const found = this.find(path)
    if (found.node.type !== 'file') throw systemError('EACCES')
    if (!permits(found.node, this.by, EXECUTE)) throw systemError('EACCES')
    return { node: found.node, path: found.path }
  }

  writeFile(path: string, data: string | Uint8Array, options: { append?: boolean; mode?: number } = {}): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const { node, mount } = this.fileForWriting(path, options.mode ?? 0o666, { truncate: !options.append })
    if (node.type !== 'file') {
      if (node.type === 'device') return
      throw systemError('EINVAL')
    }
    if (node.accept) return node.accept(Buffer.from(bytes).toString('utf8'))
    if (!options.append) mount.tree.resize(node, 0)
    mount.tree.write(node, bytes, node.size)
  }

  private fileForWriting(path: string, mode: number, how: { exclusive?: boolean; truncate: boolean }): { node: Inode; mount: Mount } {
    const found = this.walk(path, !how.exclusive)
    if (!found.node) {
      const node = found.mount.tree.file(mode & ~this.by.umask, this.by.uid, this.groupIn(found))
      this.enter(found, node)
      return { node, mount: found.mount }
    }
    if (how.exclusive) throw systemError('EEXIST')
    if (found.node.type === 'directory') throw systemError('EISDIR')
    // open(2) asks for the mount before it asks for the file where it is to cut the file off.
    if (how.truncate && found.node.type === 'file' && found.mount.readOnly) throw systemError('EROFS')
    if (!permits(found.node, this.by, WRITE)) throw systemError('EACCES')
    if (found.node.type === 'device' || found.node.type === 'symlink') return { node: found.node, mount: found.mount }
    return { node: this.mounts.own(found).node!, mount: found.mount }
  }

  readdir(path: string): string[] {
    const { node } = this.find(path)
    if (node.type !== 'directory') throw systemError('ENOTDIR')
    if (!permits(node, this.by, READ)) throw systemError('EACCES')
    return node.names(this.by)
  }

  mkdir(path: string, options: { recursive?: boolean; mode?: number } = {}): void {
    if (!options.recursive) return this.makeDirectory(path, options.mode)
    const absolute = this.absolute(path).split('/')
    for (let i = 1; i <= absolute.length; i++) {
      const part = absolute.slice(0, i).join('/') || '/'
      const found = this.walk(part)
      if (!found.node) this.makeDirectory(part, i === absolute.length ? options.mode : undefined)
      else if (found.node.type !== 'directory') throw systemError(i === absolute.length ? 'EEXIST' : 'ENOTDIR')
    }
  }

  private makeDirectory(path: string, mode = 0o777): void {
    const found = this.walk(path, false)
    const inherited = (found.parents.at(-1)?.node.mode ?? 0) & SET_GROUP
    this.enter(found, found.mount.tree.directory((mode & ~this.by.umask) | inherited, this.by.uid, this.groupIn(found)))
  }

  remove(path: string, options: { recursive?: boolean } = {}): void {
    const found = this.find(path, false)
    const { node } = found
    if (node.type === 'directory' && !options.recursive && node.names(this.by).length > 0) throw systemError('ENOTEMPTY')
    if (node.type === 'directory' && options.recursive) {
      const base = found.path === '/' ? '' : found.path
      for (const name of node.names(this.by)) this.remove(`${base}/${name}`, options)
    }
    const parent = this.change(found)
    if (parent.mode & 0o1000 && this.by.uid !== 0 && node.uid !== this.by.uid && parent.uid !== this.by.uid) throw systemError('EPERM')
    parent.delete(found.name)
    parent.mtime = found.mount.tree.clock.now()
    found.mount.tree.unlinked(node)
  }

  rename(from: string, to: string): void {
    const source = this.find(from, false)
    const target = this.walk(to, false)
    // What is mounted by itself keeps its name, and so do the names of others: /etc/hosts of a container is such a file.
    if (this.mounts.mountAt(source.path) || this.mounts.mountAt(target.path)) throw systemError('EBUSY')
    if (source.mount !== target.mount) throw systemError('EXDEV')
    if (source.path === target.path) return
    if (target.path.startsWith(`${source.path}/`)) throw systemError('EINVAL')
    if (target.node) {
      if (target.node.type === 'directory' && source.node.type !== 'directory') throw systemError('EISDIR')
      if (target.node.type !== 'directory' && source.node.type === 'directory') throw systemError('ENOTDIR')
      if (target.node.type === 'directory' && target.node.names(this.by).length > 0) throw systemError('ENOTEMPTY')
    }
    const sourceParent = this.change(source)
    // Walks again: owning the source may have copied directories that the target's walk still holds.
    const again = this.walk(to, false)
    const targetParent = this.change(again)
    if (again.node) again.mount.tree.unlinked(again.node)
    const node = sourceParent.get(source.name)!
    sourceParent.delete(source.name)
    targetParent.set(again.name, node)
    sourceParent.mtime = targetParent.mtime = source.mount.tree.clock.now()
  }

  symlink(target: string, path: string): void {
    const found = this.walk(path, false)
    this.enter(found, found.mount.tree.symlink(target, this.by.uid, this.groupIn(found)))
  }

  /** A named pipe. */
  makeFifo(path: string, mode = 0o666): void {
    const found = this.walk(path, false)
    this.enter(found, found.mount.tree.fifo(mode & ~this.by.umask, this.by.uid, this.groupIn(found)))
  }

  /** The file of a socket, for bind(2); throws EADDRINUSE where there is anything. */
  bindSocket(path: string): SocketNode {
    const found = this.walk(path, false)
    if (found.node) throw systemError('EADDRINUSE')
    const node = found.mount.tree.socket(0o777 & ~this.by.umask, this.by.uid, this.groupIn(found))
    this.enter(found, node)
    return node
  }

  /** The socket of a path, for connect(2); throws ECONNREFUSED where it is another file, EACCES where it may not be written. */
  socketAt(path: string): SocketNode {
    const { node } = this.find(path)
    if (!permits(node, this.by, WRITE)) throw systemError('EACCES')
    if (node.type !== 'socket') throw systemError('ECONNREFUSED')
    return node
  }

  link(existing: string, path: string): void {
    const source = this.find(existing, false)
    if (source.node.type === 'directory') throw systemError('EPERM')
    const target = this.walk(path, false)
    if (source.mount !== target.mount) throw systemError('EXDEV')
    if (target.node) throw systemError('EEXIST')
    const node = this.mounts.own(source).node!
    this.enter(this.walk(path, false), node)
    node.links++
  }

  readlink(path: string): string {
    const { node } = this.find(path, false)
    if (node.type !== 'symlink') throw systemError('EINVAL')
    return node.target
  }

  private owned(path: string, follow = true): Inode {
    const found = this.find(path, follow)
    if (this.by.uid !== 0 && found.node.uid !== this.by.uid) throw systemError('EPERM')
    return this.mounts.own(found).node!
  }

  chmod(path: string, mode: number): void {
    this.owned(path).mode = mode & 0o7777
  }

  /** Who is not root may only give what is theirs to another of their groups. @param link the link itself, not what it leads to */
  chown(path: string, uid: number, gid: number, { link = false } = {}): void {
    const { node: found } = this.find(path, !link)
    const mine =
      found.uid === this.by.uid && uid === found.uid && (gid === found.gid || this.by.groups.includes(gid) || gid === this.by.gid)
    if (this.by.uid !== 0 && !mine) throw systemError('EPERM')
    const node = this.owned(path, !link)
    node.uid = uid
    node.gid = gid
  }

  /** @param link the link itself, not what it leads to */
  utimes(path: string, mtime: number, { link = false } = {}): void {
    this.owned(path, !link).mtime = mtime
  }

  /** Cuts or extends a file to `size` bytes. */
  truncate(path: string, size: number): void {
    const { node, mount } = this.fileForWriting(path, 0o666, { truncate: true })
    if (node.type !== 'file') throw systemError('EINVAL')
    mount.tree.resize(node, size)
  }

  realpath(path: string): string {
    return this.find(path).path
  }

  /** Where a path lies: for df. */
  mountOf(path: string): Mount {
    return this.find(path).mount
  }

  listMounts(): Mount[] {
    return this.mounts.list()
  }

  open(path: string, flags: OpenFlags, mode = 0o666): Handle {
    return new Handle(this.openDescription(path, flags, mode), this.by, true)
  }

  /** As `open`, for a descriptor table. FIFOs open at once here; {@link openWaiting} waits for the other side. */
  openDescription(path: string, flags: OpenFlags, mode = 0o666): FileDescription {
    const how = openModes[flags]
    let node: Inode
    let mount: Mount
    if (how.create) ({ node, mount } = this.fileForWriting(path, mode, how))
    else {
      const found = this.find(path)
      if (how.write && found.node.type === 'directory') throw systemError('EISDIR')
      if (!permits(found.node, this.by, (how.read ? READ : 0) | (how.write ? WRITE : 0))) throw systemError('EACCES')
      node = how.write && found.node.type === 'file' ? this.mounts.own(found).node! : found.node
      mount = found.mount
    }
    switch (node.type) {
      case 'directory':
        return new DirectoryFile()
      case 'device':
        return node.open(this.by)
      case 'symlink': {
        const open = node.opens?.(this.by)
        if (!open) throw systemError('ENOENT')
        return open
      }
      case 'fifo':
        return fifoEnd(node, how)
      case 'socket':
        throw systemError('ENXIO')
      case 'file':
        if (node.generate) return new VirtualText(node.generate(this.by), node.accept)
        if (how.truncate) mount.tree.resize(node, 0)
        return new RegularFile(node, mount.tree, this.walk(path).path, how)
    }
  }

  /** As `openDescription`, but opening one side of a FIFO waits for the other side, as open(2) does. */
  async openWaiting(path: string, flags: OpenFlags, mode = 0o666): Promise<FileDescription> {
    const description = this.openDescription(path, flags, mode)
    const found = this.walk(path)
    if (found.node?.type !== 'fifo') return description
    const { pipe } = found.node
    description.retain()
    try {
      while (!(pipe.hasReaders && pipe.hasWriters)) await pipe.opened.wait(this.by)
    } catch (error) {
      description.release()
      throw error
    }
    return description
  }
}
