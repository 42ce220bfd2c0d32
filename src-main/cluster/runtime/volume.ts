/** Volumes: trees that outlive containers. */
import type { Clock } from '../clock.js'
import type { Volume } from './cri.js'
import { DirectoryNode, FileNode, Tree, type Inode } from './tree.js'

/** A volume of this runtime. */
export class TreeVolume implements Volume {
  readonly tree: Tree

  constructor(
    clock: Clock,
    readonly medium: 'Memory' | '' = '',
    sizeLimit?: number,
    mode = 0o777,
  ) {
    this.tree = new Tree(clock, { sizeLimit, mode })
  }

  get root(): DirectoryNode {
    return this.tree.root
  }

  usage(): number {
    return this.tree.usage
  }

  /**
   * As the kubelet's atomic writer: the files stand in a new directory with a time stamp, `..data` is a link to it, and
   * each name is a link through `..data`, so that readers see either all old files or all new ones.
   */
  replaceFiles(files: Readonly<Record<string, { data: Uint8Array; mode: number }>>, owner: { uid?: number; gid?: number } = {}): void {
    const { root, tree } = this
    const uid = owner.uid ?? 0
    const gid = owner.gid ?? 0
    const now = tree.clock.now()
    const old = root.get('..data')
    const stamp = stampName(now, (name) => root.get(name) !== undefined)
    const directory = tree.directory(0o755, uid, gid)
    for (const [path, file] of Object.entries(files)) {
      const parts = path.split('/').filter(Boolean)
      let here = directory
      for (const part of parts.slice(0, -1)) {
        let next = here.get(part)
        if (!(next instanceof DirectoryNode)) here.set(part, (next = tree.directory(0o755, uid, gid)))
        here = next as DirectoryNode
      }
      const node = tree.file(file.mode, uid, gid)
      tree.write(node, file.data, 0)
      here.set(parts.at(-1)!, node)
    }
    root.set(stamp, directory)
    root.set('..data', tree.symlink(stamp, 0, 0))
    const names = new Set(directory.names())
    for (const name of names) if (!root.get(name)) root.set(name, tree.symlink(`..data/${name}`, 0, 0))
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
      if (next?.type === 'symlink' && links++ < 40) {
        if (next.target.startsWith('/')) throw new Error(`subPath ${path} leaves its volume`)
        rest.push(...next.target.split('/').filter(Boolean).reverse())
        continue
      }
      if (!next) {
        next = this.tree.directory(0o755, 0, 0)
        here.set(name, next)
      }
      above.push(here)
      here = next
    }
    if (here instanceof DirectoryNode || here instanceof FileNode) return here
    throw new Error(`subPath ${path}: neither a file nor a directory`)
  }
}

/** `..2026_11_21_09_17_00.1234567890` */
function stampName(now: number, taken: (name: string) => boolean): string {
  const base = `..${new Date(now).toISOString().slice(0, 19).replace(/[-T:]/g, '_')}`
  for (let i = now % 1000; ; i++) {
    const name = `${base}.${String(i).padStart(9, '0')}`
    if (!taken(name)) return name
  }
}
