/** An image's files as a tree that containers share. */
import type { ImageFile } from './images/image.js'
import { share } from './mount-points.js'
import { DirectoryNode, FileNode, Tree, type Inode } from './tree.js'
import type { Clock } from '../clock.js'

/** What a program looks like as bytes: enough of an ELF header for `file` and `cat` to recognise one. */
const ELF = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0, 1, 0, 0, 0])

/** Directories that every image has that has programs. */
const STANDARD: Readonly<Record<string, number>> = {
  '/dev': 0o755,
  '/etc': 0o755,
  '/proc': 0o555,
  '/sys': 0o555,
  '/tmp': 0o1777,
  '/run': 0o755,
  '/var': 0o755,
  '/var/run': 0o755,
  '/root': 0o700,
}

/** Builds the tree. All its nodes are `shared`: containers copy what they change. */
export function buildLayer(clock: Clock, files: Readonly<Record<string, ImageFile>>): DirectoryNode {
  const tree = new Tree(clock)
  const runs = Object.values(files).some((file) => typeof file === 'object' && 'program' in file)
  for (const [path, mode] of Object.entries(runs ? STANDARD : {})) {
    if (Object.hasOwn(files, path)) continue
    const directory = directoryAt(tree, path)
    directory.mode = mode
  }
  for (const [path, file] of Object.entries(files)) place(tree, path, file)
  share(tree.root)
  return tree.root
}

function directoryAt(tree: Tree, path: string): DirectoryNode {
  let here = tree.root
  for (const name of path.split('/').filter(Boolean)) {
    let next = here.get(name)
    if (!next || next.type === 'symlink') {
      next = tree.directory(0o755, 0, 0)
      here.set(name, next)
    }
    if (!(next instanceof DirectoryNode)) throw new Error(`image file ${path}: ${name} is not a directory`)
    here = next
  }
  return here
}

function place(tree: Tree, path: string, file: ImageFile): void {
  const at = path.lastIndexOf('/')
  const name = path.slice(at + 1)
  if (typeof file === 'object' && 'directory' in file) {
    const directory = directoryAt(tree, path)
    directory.mode = file.mode ?? 0o755
    directory.uid = file.uid ?? 0
    directory.gid = file.gid ?? 0
    return
  }
  directoryAt(tree, path.slice(0, at)).set(name, makeNode(tree, file))
}

function makeNode(tree: Tree, file: Exclude<ImageFile, { directory: true }>): Inode {
  if (typeof file === 'string' || file instanceof Uint8Array) return plain(tree, file, 0o644, 0, 0)
  if ('symlink' in file) return tree.symlink(file.symlink, 0, 0)
  if ('program' in file) {
    const node = plain(tree, ELF, file.mode ?? 0o755, 0, 0)
    node.program = file.program
    return node
  }
  return plain(tree, file.data, file.mode ?? 0o644, file.uid ?? 0, file.gid ?? 0)
}

function plain(tree: Tree, data: string | Uint8Array, mode: number, uid: number, gid: number): FileNode {
  const node = tree.file(mode, uid, gid)
  node.data = typeof data === 'string' ? Buffer.from(data) : data
  node.size = node.data.length
  return node
}
