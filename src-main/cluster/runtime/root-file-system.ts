/** What is mounted in a container: its image copy-on-write, /proc, /dev, /sys, the pod's /etc files, volumes. */
import path from 'node:path'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { ContainerConfig, PodSandboxConfig } from './cri.js'
import { makeCgroupFiles } from './cgroup-files.js'
import { addDevices } from './devices.js'
import { layerWithMountPoints, mountPoint } from './mount-points.js'
import { MountTable, type Mount } from './mounts.js'
import { makeProc, type MachineInfo } from './proc.js'
import type { Namespaces } from './namespaces.js'
import { makeSys } from './sys.js'
import { DeviceNode, DirectoryNode, LazyDirectory, Tree, VirtualDirectory, type Inode } from './tree.js'
import { ImageVolume } from './image-volume.js'
import { NodeDisk } from './node-disk.js'
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
  /** When the container was made, ms since the epoch: so old are its files. */
  asOf: number
}

/** What every pod has mounted and few look at; nothing can be wrong with it. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const USUAL_MESSAGE_PATH = '/dev/termination-log'

/** Whether what is to be mounted in a container cannot be refused. */
export function hasUsualMounts({ mounts, terminationMessagePath = USUAL_MESSAGE_PATH }: ContainerConfig): boolean {
  const usual = mounts.every((m) => m.containerPath === TOKEN_PATH && !m.subPath && m.volume instanceof TreeVolume)
  return usual && mounts.length <= 1 && terminationMessagePath === USUAL_MESSAGE_PATH
}

/** The mounts of a container: at once where they can be refused, otherwise when somebody first looks at one of its files. */
export function containerMounts(options: RootOptions): MountTable {
  return hasUsualMounts(options.config) ? new MountTable(() => buildMounts(options)) : buildMounts(options)
}

function buildMounts(options: RootOptions): MountTable {
  const { asOf, clock, config, sandbox } = options
  const volumes = [...config.mounts]
    .sort((a, b) => a.containerPath.split('/').length - b.containerPath.split('/').length)
    .map((mount) => {
      if (!(mount.volume instanceof TreeVolume)) throw new Error(`volume at ${mount.containerPath} was not made by this runtime`)
      return { mount, volume: mount.volume, node: mount.subPath ? mount.volume.at(mount.subPath) : mount.volume.node }
    })
  const points = [
    ...['/proc', '/dev', '/sys'].map((at) => ({ path: at, directory: true })),
    ...['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'].map((at) => ({ path: at, directory: false })),
    ...(config.terminationMessagePath ? [{ path: config.terminationMessagePath, directory: false }] : []),
    ...volumes.map(({ mount, node }) => ({ path: mount.containerPath, directory: node.type === 'directory' })),
  ]
  const layer = layerWithMountPoints(options.layer, clock, points, asOf)
  const tree = new Tree(clock, { layer, sizeLimit: options.layerLimit, asOf })
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

  // The namespaces are known only after the mounts.
  const lazily = (make: () => VirtualDirectory): VirtualDirectory => {
    let made: VirtualDirectory | undefined
    const directory = (): VirtualDirectory => (made ??= make())
    return new VirtualDirectory(
      1,
      asOf,
      (name, viewer) => directory().get(name, viewer),
      (viewer) => directory().names(viewer),
    )
  }
  const procTree = new Tree(clock, { asOf })
  const processes = lazily(() => makeProc(procTree, options.namespaces(), options.machine))
  add('/proc', procTree, processes, { fstype: 'proc', source: 'proc' })
  const sys = new Tree(clock, { asOf })
  const kernel = lazily(() => makeSys(sys, options.namespaces(), options.machine, asOf))
  add('/sys', sys, kernel, { fstype: 'sysfs', source: 'sysfs', readOnly: true })
  const cgroup = makeCgroupFiles(sys, options.namespaces, asOf)
  table.add({ path: '/sys/fs/cgroup', tree: sys, root: cgroup, readOnly: true, fstype: 'cgroup2', source: 'cgroup' })

  // Most containers look at none of their devices.
  const devices = new LazyDirectory(1, 0o755, asOf, (directory) => {
    addDevices(dev, directory, options.random)
    directory.set('mqueue', dev.directory(0o1777, 0, 0))
    directory.set('pts', terminals(dev, options.namespaces))
  })
  const dev = new Tree(clock, { sizeLimit: 64 * 1024 * 1024, root: devices, asOf })
  devices.set('shm', dev.directory(0o1777, 0, 0))
  add('/dev', dev, dev.root, { fstype: 'tmpfs', source: 'tmpfs' })
  const shm = new Tree(clock, { mode: 0o1777, sizeLimit: 64 * 1024 * 1024, asOf })
  add('/dev/shm', shm, shm.root, { fstype: 'tmpfs', source: 'shm' })

  const pod = new Tree(clock, { asOf })
  const text = (at: string, content: string): void => {
    add(at, pod, pod.fileOf(Buffer.from(content), 0o644, 0, 0), { fstype: 'ext4', source: '/dev/vda1' })
  }
  text('/etc/hostname', `${sandbox.hostname}\n`)
  text('/etc/hosts', sandbox.hosts)
  text('/etc/resolv.conf', sandbox.resolvConf)
  if (config.terminationMessagePath) {
    const node = pod.file(0o666, 0, 0)
    const { dir, base } = path.posix.parse(config.terminationMessagePath)
    if (dir === '/dev') devices.set(base, dev.file(0o644, 0, 0))
    add(config.terminationMessagePath, pod, node, { fstype: 'ext4', source: '/dev/vda1' })
  }

  for (const { mount, volume, node } of volumes) {
    add(mount.containerPath, volume.tree, node, { ...fileSystemOf(volume), readOnly: mount.readOnly || volume instanceof ImageVolume })
    if (!(volume instanceof NodeDisk) || node !== volume.node) continue
    // What the node itself has mounted comes along.
    add(path.posix.join(mount.containerPath, 'proc'), procTree, processes, { fstype: 'proc', source: 'proc' })
    add(path.posix.join(mount.containerPath, 'dev'), dev, dev.root, { fstype: 'devtmpfs', source: 'udev' })
  }
  for (const t of [tree, procTree, sys, dev, shm, pod]) t.laidOut()
  return table
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

/** What /proc/mounts says of a volume. */
function fileSystemOf(volume: TreeVolume): { fstype: string; source: string } {
  if (volume instanceof ImageVolume) return { fstype: 'overlay', source: 'overlay' }
  return volume.medium === 'Memory' ? { fstype: 'tmpfs', source: 'tmpfs' } : { fstype: 'ext4', source: '/dev/vda1' }
}
