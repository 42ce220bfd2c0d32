/** Volumes: trees that outlive containers. */
import type { Clock } from '../clock.js'
import type { FileOfVolume, Volume } from './cri.js'
import { copyUp } from './mounts.js'
import type { NodeDisk } from './node-disk.js'
import { DirectoryNode, FileNode, Tree, type Inode } from './tree.js'

type VolumeFiles = Parameters<Volume['replaceFiles']>[0]
type Owner = { uid?: number; gid?: number }

const MAX_LINKS = 40

/** What a group may do with a directory that is given to it: all, and what is made in it is the group's too. */
const GROUP_DIRECTORY = 0o2770

/** A volume of this runtime. */
export class TreeVolume implements Volume {
  private made: { readonly tree: Tree; readonly node: DirectoryNode | FileNode } | undefined
  /** The files of a volume that nobody has looked at: what most pods never do with their token. */
  private unseen: { readonly files: VolumeFiles; readonly owner: Owner; readonly since: number } | undefined
  private readonly madeAt: number
  deviceBytes?: number
  /** Set for what is on the disk of a node: where there, and what the node has mounted. */
  onNode?: { readonly path: string; readonly disk: NodeDisk }

  /** @param part an existing node of another volume's tree, which this one is a part of */
  constructor(
    private readonly clock: Clock,
    readonly medium: 'Memory' | '' = '',
    private readonly sizeLimit?: number,
    // A file system in memory is one in which all may write, and delete what is theirs.
    private readonly mode = medium === 'Memory' ? 0o1777 : 0o777,
    part?: { tree: Tree; node: DirectoryNode | FileNode },
  ) {
    this.made = part
    this.madeAt = clock.now()
  }

  get tree(): Tree {
    return this.content().tree
  }

  /** What is mounted: a directory, or a single file. */
  get node(): DirectoryNode | FileNode {
    return this.content().node
  }

  private content(): { readonly tree: Tree; readonly node: DirectoryNode | FileNode } {
    if (this.made) return this.made
    const { clock, sizeLimit, mode, unseen } = this
    const tree = new Tree(clock, { sizeLimit, mode, asOf: unseen?.since ?? this.madeAt })
    this.made = { tree, node: tree.root }
    this.unseen = undefined
    if (unseen) this.write(unseen.files, unseen.owner)
    tree.laidOut()
    return this.made
  }

  /** Whether it is a single file. To ask makes nothing. */
  get isFile(): boolean {
    return this.made?.node instanceof FileNode
  }

  /** The directory that the volume is. Throws for a volume that is a single file. */
  get root(): DirectoryNode {
    if (this.node instanceof DirectoryNode) return this.node
    throw new Error('the volume is a file')
  }

  /** The node at a path of the volume, without making anything; links are not followed. */
  find(path: string): Inode | undefined {
    let here: Inode | undefined = this.root
    for (const name of path.split('/').filter(Boolean)) here = here instanceof DirectoryNode ? here.get(name) : undefined
    return here
  }

  /** A volume that is a part of this one: the directory (or file) at `path`, made if it is missing. */
  part(path: string, file: boolean): TreeVolume {
    const { tree } = this
    if (file && !this.find(path)) {
      const slash = path.lastIndexOf('/')
      const above = this.at(path.slice(0, slash))
      if (above instanceof DirectoryNode) above.set(path.slice(slash + 1), tree.file(0o644, 0, 0))
    }
    return new TreeVolume(this.clock, this.medium, undefined, undefined, { tree, node: this.at(path) })
  }

  /** Where the bytes of a block device lie. */
  asDevice(bytes: number): TreeVolume {
    const made = this.part('/disk.img', true)
    made.deviceBytes = bytes
    return made
  }

  usage(): number {
    if (this.made) return this.made.tree.usage
    return this.unseen ? sizeOf(this.unseen.files) : 0
  }

  inodes(): number {
    // A name of the atomic writer's is a link and a file; the directories are the root, the dated one and the link to it.
    if (this.unseen) return 2 * Object.keys(this.unseen.files).length + 3
    return this.made ? countInodes(this.made.node) : 1
  }

  /**
   * As the kubelet's atomic writer: the files stand in a new directory with a time stamp, `..data` is a link to it, and
   * each name is a link through `..data`, so that readers see either all old files or all new ones.
   */
  replaceFiles(files: VolumeFiles, owner: Owner = {}): void {
    if (this.made || (this.sizeLimit !== undefined && largestSizeOf(files) > this.sizeLimit)) this.write(files, owner)
    else this.unseen = { files, owner, since: this.clock.now() }
  }

  private write(files: VolumeFiles, owner: Owner): void {
    const { root, tree } = this
    const uid = owner.uid ?? 0
    const gid = owner.gid ?? 0
    const now = tree.now()
    const old = root.get('..data')
    const stamp = stampName(now, (name) => root.get(name) !== undefined)
    // What is given to a group is the group's to read, and so is what is made in it.
    const directoryMode = gid === 0 ? 0o755 : 0o2755
    if (gid !== 0) {
      root.gid = gid
      root.mode |= 0o2550
    }
    const directory = tree.directory(directoryMode, uid, gid)
    for (const [path, file] of Object.entries(files)) {
      const parts = path.split('/').filter(Boolean)
      let here = directory
      for (const part of parts.slice(0, -1)) {
        let next = here.get(part)
        if (!(next instanceof DirectoryNode)) here.set(part, (next = tree.directory(directoryMode, uid, gid)))
        here = next as DirectoryNode
      }
      const node = tree.file(file.mode, file.uid ?? uid, gid)
      const data = contentOf(file)
      tree.write(node, typeof data === 'string' ? Buffer.from(data) : data, 0)
      here.set(parts.at(-1)!, node)
    }
    root.set(stamp, directory)
    root.set('..data', tree.symlink(stamp, 0, gid))
    const names = new Set(directory.names())
    for (const name of names) if (!root.get(name)) root.set(name, tree.symlink(`..data/${name}`, 0, gid))
    for (const name of root.names()) {
      const node = root.get(name)!
      if (node.type === 'symlink' && node.target === `..data/${name}` && !names.has(name)) root.delete(name)
    }
    if (old?.type === 'symlink' && old.target !== stamp) {
      const gone = root.get(old.target)
      root.delete(old.target)
      if (gone) this.free(gone)
    }
    root.mtime = now
  }

  giveToGroup(gid: number): void {
    const give = (node: Inode): void => {
      node.gid = gid
      if (node instanceof DirectoryNode) {
        node.mode |= GROUP_DIRECTORY
        for (const name of node.names()) give(node.get(name)!)
      } else if (node.type !== 'symlink') node.mode |= 0o660
    }
    give(this.node)
  }

  belongsToGroup(gid: number): boolean {
    const { node } = this
    return node.gid === gid && node instanceof DirectoryNode && (node.mode & GROUP_DIRECTORY) === GROUP_DIRECTORY
  }

  prepareSubPath(path: string): void {
    this.at(path)
  }

  readFile(path: string): string | undefined {
    const found = this.lookUp(path)
    return found instanceof FileNode ? Buffer.from(found.content).toString('utf8') : undefined
  }

  /** The node at a path, links followed as if the volume were the root; nothing is made. */
  protected lookUp(path: string): Inode | undefined {
    const above: DirectoryNode[] = []
    const rest = path.split('/').reverse()
    let here: Inode | undefined = this.root
    let links = 0
    while (here && rest.length > 0) {
      const name = rest.pop()!
      if (name === '' || name === '.') continue
      if (name === '..') here = above.pop() ?? this.root
      else {
        if (!(here instanceof DirectoryNode)) return undefined
        const next = here.get(name)
        if (next?.type === 'symlink') {
          if (links++ === MAX_LINKS) return undefined
          if (next.target.startsWith('/')) {
            above.length = 0
            here = this.root
          }
          rest.push(...next.target.split('/').reverse())
          continue
        }
        above.push(here)
        here = next
      }
    }
    return here
  }

  private free(node: Inode): void {
    if (node instanceof DirectoryNode) for (const name of node.names()) this.free(node.get(name)!)
    this.tree.unlinked(node)
  }

  /** The node at a path inside the volume, following links; made as a directory if it is missing. */
  at(path: string): DirectoryNode | FileNode {
    let here: Inode = this.root
    const rest = path
      .split('/')
      .filter((p) => p && p !== '.')
      .reverse()
    let links = 0
    const above: DirectoryNode[] = []
    while (rest.length > 0) {
      const name = rest.pop()!
      if (!(here instanceof DirectoryNode)) throw new Error(`subPath ${path}: not a directory`)
      if (name === '..') {
        here = above.pop() ?? this.root
        continue
      }
      let next: Inode | undefined = here.get(name)
      if (next?.type === 'symlink' && links++ < MAX_LINKS) {
        if (next.target.startsWith('/')) throw new Error(`subPath ${path} leaves its volume`)
        rest.push(...next.target.split('/').filter(Boolean).reverse())
        continue
      }
      if (!next || next.shared) {
        // What is mounted of a layer is the volume's own.
        next = next ? copyUp(next, this.tree) : this.tree.directory(0o755, 0, 0)
        here.set(name, next)
      }
      above.push(here)
      here = next
    }
    if (here instanceof DirectoryNode || here instanceof FileNode) return here
    throw new Error(`subPath ${path}: neither a file nor a directory`)
  }
}

/** Bytes that files take together. */
/** Bytes of a text that is made once somebody looks, at most: of a token. */
const LARGEST_TEXT = 4096

const contentOf = ({ data }: FileOfVolume): Uint8Array | string => (typeof data === 'function' ? data() : data)

function sizeOf(files: VolumeFiles): number {
  return Object.values(files).reduce((sum, file) => sum + Buffer.byteLength(contentOf(file)), 0)
}

/** The same without making anything. */
function largestSizeOf(files: VolumeFiles): number {
  return Object.values(files).reduce((sum, { data }) => sum + (typeof data === 'function' ? LARGEST_TEXT : Buffer.byteLength(data)), 0)
}

/** `..2026_11_21_09_17_00.1234567890` */
function stampName(now: number, taken: (name: string) => boolean): string {
  const base = `..${new Date(now).toISOString().slice(0, 19).replace(/[-T:]/g, '_')}`
  for (let i = now % 1000; ; i++) {
    const name = `${base}.${String(i).padStart(9, '0')}`
    if (!taken(name)) return name
  }
}

/** A file or directory and all that is under it. */
function countInodes(node: Inode): number {
  return node instanceof DirectoryNode ? node.names().reduce((sum, name) => sum + countInodes(node.get(name)!), 1) : 1
}
