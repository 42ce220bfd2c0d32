/**
 * What is mounted where in one container, and the walk along a path through it: components, symbolic links, mount
 * points, search permission.
 */
import { systemError } from './errors.js'
import { SymlinkNode, type DirectoryNode, type Inode, type Tree, type Viewer } from './tree.js'

/** Something mounted at a path: a directory, or a single file. */
export interface Mount {
  readonly path: string
  readonly tree: Tree
  readonly root: Inode
  readOnly: boolean
  /** For /proc/mounts and df: `overlay`, `tmpfs`, `proc`, `ext4`. */
  readonly fstype: string
  readonly source: string
  /** What /proc/mounts tells of it after `ro` or `rw`; `relatime` where nothing else is said. */
  readonly options?: string
  /** Where what is mounted is in its file system; all of it where nothing is said. */
  readonly from?: string
}

/** Whose permissions count. */
export interface Credentials {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

export const READ = 4
export const WRITE = 2
export const EXECUTE = 1

/** The permission check of path_resolution(7); root passes, but executes only what somebody may execute. */
export function permits(node: Inode, who: Credentials, want: number): boolean {
  if (who.uid === 0) return !(want & EXECUTE) || node.type === 'directory' || (node.mode & 0o111) !== 0
  const bits = node.uid === who.uid ? node.mode >> 6 : node.gid === who.gid || who.groups.includes(node.gid) ? node.mode >> 3 : node.mode
  return (bits & want) === want
}

/** One directory on the way to a file. */
export interface Step {
  node: DirectoryNode
  readonly name: string
  readonly path: string
  readonly mount: Mount
}

/** Where a walk ended. */
export interface Found {
  /** The path without symbolic links. */
  readonly path: string
  /** The last component's name; empty for the root. */
  readonly name: string
  /** undefined when the last component does not exist. */
  readonly node: Inode | undefined
  readonly mount: Mount
  /** The directories above it, from the root. */
  readonly parents: Step[]
}

const MAX_LINKS = 40

/** All mounts of a container. The root is a mount, too. */
export class MountTable {
  private made: Map<string, Mount> | undefined
  /** The last names of the paths: most of what is walked through is none of them. */
  private readonly names = new Set<string>()
  private make: ((self: MountTable) => MountTable) | undefined
  /** What a mount lies over. */
  private readonly covered = new WeakMap<Mount, Mount>()
  /** Where else what is mounted below a path here is mounted. */
  private spreads: { readonly from: string; readonly to: WeakRef<MountTable>; readonly at: string }[] | undefined

  /** @param root or, for a table that is made when somebody first looks at it, how it is made */
  constructor(root: Mount | ((self: MountTable) => MountTable)) {
    if (typeof root === 'function') this.make = root
    else this.made = new Map([['/', root]])
  }

  /** Whether it is there already. */
  get isMade(): boolean {
    return this.made !== undefined
  }

  /** Makes it now. Throws for mounts that cannot be made. */
  build(): void {
    void this.mounts
  }

  private get mounts(): Map<string, Mount> {
    if (!this.made) {
      const { mounts, names } = this.make!(this)
      this.made = mounts
      for (const name of names) this.names.add(name)
      this.make = undefined
    }
    return this.made
  }

  get root(): Mount {
    return this.mounts.get('/')!
  }

  list(): Mount[] {
    return [...this.mounts.values()]
  }

  /** Mounts over an existing path; a later mount at the same path covers the earlier. */
  add(mount: Mount): void {
    const there = this.mounts.get(mount.path)
    if (there) this.covered.set(mount, there)
    this.mounts.set(mount.path, mount)
    this.names.add(mount.path.slice(mount.path.lastIndexOf('/') + 1))
  }

  /** Takes the latest mount at a path away; what it covered comes back. Returns false where nothing is mounted. */
  remove(path: string): boolean {
    const mount = this.mounts.get(path)
    if (!mount) return false
    const below = this.covered.get(mount)
    if (below) this.mounts.set(path, below)
    else this.mounts.delete(path)
    return true
  }

  /** Lets what is mounted below a path here from now on be mounted below a path of another table as well, while that is in use. */
  propagate(from: string, to: MountTable, at: string): void {
    ;(this.spreads ??= []).push({ from, to: new WeakRef(to), at })
  }

  /** mount(2): as {@link add}, here and wherever mounts of that place go on to. */
  mount(mount: Mount): void {
    this.add(mount)
    for (const [to, path] of this.besides(mount.path)) if (to.mountAt(path)?.root !== mount.root) to.mount({ ...mount, path })
  }

  /** umount(2): as {@link remove}, here and where the mount has gone on to. */
  unmount(path: string): boolean {
    const mount = this.mounts.get(path)
    if (!this.remove(path)) return false
    for (const [to, other] of this.besides(path)) if (to.mountAt(other)?.root === mount!.root) to.unmount(other)
    return true
  }

  /** The other tables, and the paths there, at which a mount at a path of this one appears. */
  private besides(path: string): [to: MountTable, path: string][] {
    if (!this.spreads) return []
    this.spreads = this.spreads.filter(({ to }) => to.deref())
    const inside = this.spreads.filter(({ from }) => path.startsWith(from === '/' ? from : `${from}/`) && path !== from)
    return inside.map(({ from, to, at }) => [to.deref()!, `${at === '/' ? '' : at}${path.slice(from === '/' ? 0 : from.length)}`])
  }

  /** What is mounted at a path itself; undefined where nothing is. */
  mountAt(path: string): Mount | undefined {
    return this.mounts.get(path)
  }

  /** The mounts as a process sees them whose root is the directory that a walk found (chroot(2)). Throws ENOENT, ENOTDIR. */
  under(found: Found): MountTable {
    if (!found.node) throw systemError('ENOENT')
    if (found.node.type !== 'directory') throw systemError('ENOTDIR')
    if (found.path === '/') return this
    // A root has no directory above it that a copy of it could be put in.
    const root = found.mount.readOnly ? found.node : this.own(found).node!
    const table = new MountTable({ ...found.mount, path: '/', root })
    const inside = `${found.path}/`
    for (const mount of this.list()) if (mount.path.startsWith(inside)) table.add({ ...mount, path: mount.path.slice(found.path.length) })
    return table
  }

  /**
   * Walks to `path` (absolute). With `follow`, a symbolic link in the last place is followed as well.
   * Throws ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG; a missing last component is no error.
   */
  walk(path: string, options: { follow: boolean; who: Credentials; viewer?: Viewer }): Found {
    if (path.length > 4096) throw systemError('ENAMETOOLONG')
    const { who, viewer } = options
    const rest = path.split('/').reverse()
    const root: Step = { node: this.root.root as DirectoryNode, name: '', path: '/', mount: this.root }
    let steps: Step[] = [root]
    let links = 0
    while (rest.length > 0) {
      const name = rest.pop()!
      if (name === '' || name === '.') continue
      const here = steps.at(-1)!
      if (name === '..') {
        if (steps.length > 1) steps.pop()
        continue
      }
      if (name.length > 255) throw systemError('ENAMETOOLONG')
      if (!permits(here.node, who, EXECUTE)) throw systemError('EACCES')
      const childPath = here.path === '/' ? `/${name}` : `${here.path}/${name}`
      const mounted = this.names.has(name) ? this.mounts.get(childPath) : undefined
      const child = mounted ? mounted.root : here.node.get(name, viewer)
      const mount = mounted ?? here.mount
      const last = !rest.some((c) => c !== '' && c !== '.')
      // A slash at the end asks for a directory, and so for what a link points to.
      const slash = rest.length > 0
      if (!child) {
        if (!last || rest.includes('.')) throw systemError('ENOENT')
        return { path: childPath, name, node: undefined, mount, parents: steps }
      }
      if (child instanceof SymlinkNode && (!last || options.follow || slash) && !(last && child.opens && !slash)) {
        if (++links > MAX_LINKS) throw systemError('ELOOP')
        if (child.leadsTo) return elsewhere(child.leadsTo.walk(`/${rest.reverse().join('/')}`, options), childPath, steps)
        rest.push(...child.target.split('/').reverse())
        if (child.target.startsWith('/')) steps = [root]
        continue
      }
      if (child.type !== 'directory') {
        if (!last || slash) throw systemError('ENOTDIR')
        return { path: childPath, name, node: child, mount, parents: steps }
      }
      steps.push({ node: child, name, path: childPath, mount })
    }
    const end = steps.at(-1)!
    return { path: end.path, name: end.name, node: end.node, mount: end.mount, parents: steps.slice(0, -1) }
  }

  /**
   * Makes what a walk found changeable: copies directories and the node itself out of the image's layer. Returns the
   * directory that holds the node, and the node. Throws EROFS on a read-only mount.
   */
  own(found: Found): { parent: DirectoryNode | undefined; node: Inode | undefined } {
    const { mount } = found
    if (mount.readOnly) throw systemError('EROFS')
    let above: DirectoryNode | undefined
    for (const step of found.parents) {
      if (step.node.shared) {
        step.node = copyUp(step.node, step.mount.tree) as DirectoryNode
        above!.set(step.name, step.node)
      }
      above = step.node
    }
    let node = found.node
    if (node?.shared && above) {
      node = copyUp(node, mount.tree)
      above.set(found.name, node)
    }
    return { parent: above, node }
  }
}

/** Where a walk ended among the mounts of another container, as seen from where it began. */
function elsewhere(found: Found, prefix: string, above: Step[]): Found {
  const at = (path: string): string => (path === '/' ? prefix : `${prefix}${path}`)
  return { ...found, path: at(found.path), parents: [...above, ...found.parents.map((step) => ({ ...step, path: at(step.path) }))] }
}

/** A changeable copy of what a layer has, in a tree of its own. */
export function copyUp(node: Inode, tree: Tree): Inode {
  const copy = node.copy()
  tree.adopt(copy)
  return copy
}
