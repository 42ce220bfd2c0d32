/**
 * The logs of a node's containers as files of its disk, where agents that collect logs look for them
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node):
 * `/var/log/pods/NAMESPACE_NAME_UID/CONTAINER/RESTARTS.log`, and in `/var/log/containers` a link to each. They are made
 * when somebody looks, and go with their containers.
 */
import type { Clock } from '../clock.js'
import type { Container } from './container.js'
import { SystemError } from './process.js'
import type { Sandbox } from './sandbox.js'
import type { DirectoryNode, FileNode, Inode } from './tree.js'
import { Tree, VirtualDirectory } from './tree.js'
import type { TreeVolume } from './volume.js'

const PODS = '/var/log/pods'
const DIRECTORY_MODE = 0o755
const FILE_MODE = 0o640

/** Adds the directories to the disk of a node. @param sandboxes those of the node */
export function addNodeLogs(disk: TreeVolume, clock: Clock, sandboxes: () => readonly Sandbox[]): void {
  const logs = new NodeLogs(disk.tree, new Tree(clock), sandboxes)
  const { node } = disk.part('/var/log', false)
  ;(node as DirectoryNode).set('pods', logs.pods())
  ;(node as DirectoryNode).set('containers', logs.containers())
}

/** `default_web_6f2b…`: the directory of a pod. */
function podName({ config: { namespace, name, uid } }: Sandbox): string {
  return `${namespace}_${name}_${uid}`
}

function fileName({ config }: Container): string {
  return `${config.attempt ?? 0}.log`
}

class NodeLogs {
  /** What was made of a sandbox, or of a container, by what it is for: it stays as long as that does. */
  private readonly made = new WeakMap<Sandbox | Container, Map<string, Inode>>()

  /**
   * @param tree owns the inodes
   * @param own the files' bytes count here: the space that logs take is counted with their containers
   */
  constructor(
    private readonly tree: Tree,
    private readonly own: Tree,
    private readonly sandboxes: () => readonly Sandbox[],
  ) {}

  /** `/var/log/pods` */
  pods(): VirtualDirectory {
    const byName = (): Map<string, Sandbox> => new Map(this.sandboxes().map((s) => [podName(s), s]))
    return this.directory(byName, (sandbox) => this.pod(sandbox))
  }

  /** `/var/log/containers` */
  containers(): VirtualDirectory {
    const byName = (): Map<string, { sandbox: Sandbox; container: Container }> =>
      new Map(
        this.sandboxes().flatMap((sandbox) =>
          sandbox.containers.map((container) => {
            const { name, namespace } = sandbox.config
            return [`${name}_${namespace}_${container.config.name}-${container.id}.log`, { sandbox, container }]
          }),
        ),
      )
    return this.directory(byName, ({ sandbox, container }) =>
      this.once(container, 'link', () =>
        this.tree.symlink(`${PODS}/${podName(sandbox)}/${container.config.name}/${fileName(container)}`, 0, 0),
      ),
    )
  }

  private pod(sandbox: Sandbox): Inode {
    const name = podName(sandbox)
    const all = (): Container[] => this.sandboxes().flatMap((s) => (podName(s) === name ? s.containers : []))
    const byName = (): Map<string, Container> => new Map(all().map((c) => [c.config.name, c]))
    return this.once(sandbox, '', () =>
      this.directory(byName, ({ config }) =>
        this.once(sandbox, config.name, () =>
          this.directory(
            () => new Map(all().flatMap((c) => (c.config.name === config.name ? [[fileName(c), c]] : []))),
            (container) => this.once(container, 'file', () => this.file(container)),
          ),
        ),
      ),
    )
  }

  /** The file of a container's log, which grows with it. */
  private file({ log }: Container): FileNode {
    const node = this.tree.file(FILE_MODE, 0, 0)
    let first = 0
    let next = 0
    const follow = (): void => {
      let more = log.fileText(next)
      if (more.first !== first) {
        // What the file began with is not kept any more: it begins anew.
        this.own.resize(node, 0)
        more = log.fileText(more.first)
      }
      ;({ first, next } = more)
      try {
        this.own.write(node, more.data, node.size)
      } catch (error) {
        // Who writes a log does not learn that its copy has no room.
        if (!(error instanceof SystemError) || error.code !== 'ENOSPC') throw error
      }
    }
    follow()
    log.onWrite(follow)
    return node
  }

  private once<T extends Inode>(owner: Sandbox | Container, what: string, make: () => T): T {
    let mine = this.made.get(owner)
    if (!mine) this.made.set(owner, (mine = new Map()))
    let node = mine.get(what)
    if (!node) mine.set(what, (node = make()))
    return node as T
  }

  private directory<T>(entries: () => ReadonlyMap<string, T>, make: (entry: T) => Inode): VirtualDirectory {
    return new VirtualDirectory(
      this.tree.inode(),
      this.tree.now(),
      (name) => {
        const entry = entries().get(name)
        return entry && make(entry)
      },
      () => [...entries().keys()],
      DIRECTORY_MODE,
    )
  }
}
