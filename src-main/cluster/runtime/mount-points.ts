/** The files and directories that something is mounted over, as runc makes them in a container's root file system. */
import type { Clock } from '../clock.js'
import { MountTable, type Credentials, type Found } from './mounts.js'
import { DirectoryNode, Tree, type Inode } from './tree.js'

/** Something that is to be mounted. */
export interface MountPoint {
  readonly path: string
  readonly directory: boolean
}

/** Makes the file or directory that something is mounted over, as runc does; returns its path without links. */
export function mountPoint(table: MountTable, path: string, directory: boolean): string {
  const who = { uid: 0, gid: 0, groups: [] }
  const known = existing(table, path, who)
  if (known) return known.path
  const parts = path.split('/').filter(Boolean)
  let here = '/'
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1
    const found = table.walk(`${here === '/' ? '' : here}/${part}`, { follow: true, who })
    if (!found.node) {
      const { readOnly } = found.mount
      found.mount.readOnly = false
      const { parent } = table.own(found)
      found.mount.readOnly = readOnly
      parent!.set(found.name, last && !directory ? found.mount.tree.file(0o644, 0, 0) : found.mount.tree.directory(0o755, 0, 0))
    }
    here = found.path
  }
  return here
}

/** What is at a path; undefined when something on the way to it is missing. */
function existing(table: MountTable, path: string, who: Credentials): Found | undefined {
  try {
    const found = table.walk(path, { follow: true, who })
    return found.node && found
  } catch {
    // Made step by step, or told of there.
    return undefined
  }
}

/** How many layers with mount points are remembered of each image; beyond that the oldest is forgotten. */
const MOST = 64
/** Its nodes have other numbers than those that containers make. */
const FIRST_INODE = 500_000

const prepared = new WeakMap<DirectoryNode, Map<string, DirectoryNode>>()

/** What is mounted in a mount is left out. */
function outermost(points: readonly MountPoint[]): readonly MountPoint[] {
  return points.filter(({ path }, i) => !points.slice(0, i).some((p) => path.startsWith(`${p.path}/`)))
}
const keyOf = (points: readonly MountPoint[]): string => points.map(({ path, directory }) => (directory ? `${path}/` : path)).join('\0')

/** Whether an image has taken these mount points already, so that it will again. As {@link layerWithMountPoints}. */
export function hasMountPoints(layer: DirectoryNode, points: readonly MountPoint[]): boolean {
  return prepared.get(layer)?.has(keyOf(outermost(points))) ?? false
}

/**
 * An image's layer in which the mount points are there already. Containers of one template have the same, which need
 * then not be made in each of them.
 * @param points parents before their children; what is mounted in a mount is left out
 * @param asOf when they were made, ms since the epoch
 */
export function layerWithMountPoints(layer: DirectoryNode, clock: Clock, points: readonly MountPoint[], asOf = clock.now()): DirectoryNode {
  const own = outermost(points)
  const key = keyOf(own)
  let known = prepared.get(layer)
  if (!known) prepared.set(layer, (known = new Map()))
  const same = known.get(key)
  if (same) return same
  const tree = new Tree(clock, { layer, firstInode: FIRST_INODE, asOf })
  const table = new MountTable({ path: '/', tree, root: tree.root, readOnly: false, fstype: 'overlay', source: 'overlay' })
  for (const { path, directory } of own) mountPoint(table, path, directory)
  share(tree.root)
  if (known.size >= MOST) known.delete(known.keys().next().value!)
  known.set(key, tree.root)
  return tree.root
}

/** Marks a node and all below it as part of a layer. */
export function share(node: Inode): void {
  if (node.shared) return
  node.shared = true
  if (node instanceof DirectoryNode) for (const name of node.names()) share(node.get(name)!)
}
