/** What is mounted in a container: its image copy-on-write, /proc, /dev, the pod's /etc files, volumes. */
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { ContainerConfig, PodSandboxConfig } from './cri.js'
import { addDevices } from './devices.js'
import { MountTable, type Mount } from './mounts.js'
import { makeProc, type MachineInfo } from './proc.js'
import type { Namespaces } from './namespaces.js'
import { DeviceNode, DirectoryNode, Tree, VirtualDirectory, type Inode } from './tree.js'
import { TreeVolume } from './volume.js'

export interface RootOptions {
  clock: Clock
  random: Random
  machine: MachineInfo
  sandbox: PodSandboxConfig
  config: ContainerConfig
  layer: DirectoryNode
  layerLimit: number
  /** There once the container is made. */
  namespaces: () => Namespaces
}

/** Makes the mounts of a container. */
export function buildMounts(options: RootOptions): MountTable {
  const { clock, config, sandbox } = options
  const tree = new Tree(clock, { layer: options.layer, sizeLimit: options.layerLimit })
  const root: Mount = {
    path: '/',
    tree,
    root: tree.root,
    readOnly: config.readOnlyRootFilesystem ?? false,
    fstype: 'overlay',
    source: 'overlay',
  }
  const table = new MountTable(root)
  const add = (path: string, owner: Tree, node: Inode, how: { fstype: string; source: string; readOnly?: boolean }): void => {
    const real = mountPoint(table, path, node.type === 'directory')
    table.add({ path: real, tree: owner, root: node, readOnly: how.readOnly ?? false, fstype: how.fstype, source: how.source })
  }

  const procTree = new Tree(clock)
  let proc: VirtualDirectory | undefined
  // Its processes are known only after the mounts.
  const lazy = (): VirtualDirectory => (proc ??= makeProc(procTree, options.namespaces(), options.machine))
  add(
    '/proc',
    procTree,
    new VirtualDirectory(
      1,
      clock.now(),
      (name, viewer) => lazy().get(name, viewer),
      (viewer) => lazy().names(viewer),
    ),
    { fstype: 'proc', source: 'proc' },
  )

  const dev = new Tree(clock, { sizeLimit: 64 * 1024 * 1024 })
  addDevices(dev, options.random)
  dev.root.set('shm', dev.directory(0o1777, 0, 0))
  dev.root.set('mqueue', dev.directory(0o1777, 0, 0))
  dev.root.set('pts', terminals(dev, options.namespaces))
  add('/dev', dev, dev.root, { fstype: 'tmpfs', source: 'tmpfs' })
  const shm = new Tree(clock, { mode: 0o1777, sizeLimit: 64 * 1024 * 1024 })
  add('/dev/shm', shm, shm.root, { fstype: 'tmpfs', source: 'shm' })

  const pod = new Tree(clock)
  const text = (path: string, content: string): void => {
    const node = pod.file(0o644, 0, 0)
    pod.write(node, Buffer.from(content), 0)
    add(path, pod, node, { fstype: 'ext4', source: '/dev/vda1' })
  }
  text('/etc/hostname', `${sandbox.hostname}\n`)
  text('/etc/hosts', sandbox.hosts)
  text('/etc/resolv.conf', sandbox.resolvConf)
  if (config.terminationMessagePath) {
    const node = pod.file(0o666, 0, 0)
    add(config.terminationMessagePath, pod, node, { fstype: 'ext4', source: '/dev/vda1' })
  }

  for (const mount of [...config.mounts].sort((a, b) => a.containerPath.split('/').length - b.containerPath.split('/').length)) {
    if (!(mount.volume instanceof TreeVolume)) throw new Error(`volume at ${mount.containerPath} was not made by this runtime`)
    const { volume } = mount
    const node = mount.subPath ? volume.at(mount.subPath) : volume.node
    add(mount.containerPath, volume.tree, node, {
      fstype: volume.medium === 'Memory' ? 'tmpfs' : 'ext4',
      source: volume.medium === 'Memory' ? 'tmpfs' : '/dev/vda1',
      readOnly: mount.readOnly,
    })
  }
  return table
}

/** Makes the file or directory that something is mounted over, as runc does; returns its path without links. */
function mountPoint(table: MountTable, path: string, directory: boolean): string {
  const who = { uid: 0, gid: 0, groups: [] }
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

/** /dev/pts: a device for each terminal that a process of the container has. */
function terminals(tree: Tree, namespaces: () => Namespaces): VirtualDirectory {
  const inUse = () => {
    const found = new Map(
      namespaces()
        .pids.list()
        .filter((t) => t.terminal && !t.terminal.closed)
        .map((t) => [String(t.terminal!.index), t] as const),
    )
    return found
  }
  const now = tree.clock.now()
  return new VirtualDirectory(
    tree.inode(),
    now,
    (name) => {
      const task = inUse().get(name)
      return task && new DeviceNode(tree.inode(), 0o620, now, 136, Number(name), () => task.controllingTerminal()!)
    },
    () => [...inUse().keys()],
    0o755,
  )
}
