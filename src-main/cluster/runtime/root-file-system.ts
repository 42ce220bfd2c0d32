/** What is mounted in a container: its image copy-on-write, /proc, /dev, /sys, the pod's /etc files, volumes. */
import path from 'node:path'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { ContainerConfig, PodSandboxConfig } from './cri.js'
import { systemError } from './errors.js'
import { makeCgroupFiles } from './cgroup-files.js'
import { blockDevice } from './block-device.js'
import { addDevices, nullDevice } from './devices.js'
import { hasMountPoints, layerWithMountPoints, mountPoint, type MountPoint } from './mount-points.js'
import { MountTable, type Mount } from './mounts.js'
import { makeProc, type MachineInfo } from './proc.js'
import type { Namespaces } from './namespaces.js'
import { makeSys } from './sys.js'
import { DeviceNode, DirectoryNode, FileNode, LazyDirectory, Tree, VirtualDirectory, type Inode, type Viewer } from './tree.js'
import { ImageVolume } from './image-volume.js'
import { NodeDisk } from './node-disk.js'
import { DISK, KERNEL, lazily, PROC } from './node-mounts.js'
import { TreeVolume } from './volume.js'

type OnNode = NonNullable<TreeVolume['onNode']>

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

/** Bytes of /dev and /dev/shm. */
const SHARED_MEMORY = 64 * 1024 * 1024
const inMemory = (bytes: number): string => `size=${Math.floor(bytes / 1024)}k,inode64`
const DEVICES = { fstype: 'tmpfs', source: 'tmpfs', options: `nosuid,size=${SHARED_MEMORY / 1024}k,mode=755,inode64` }

/** Whether what is to be mounted in a container cannot be refused: it is the usual, or the image has taken the like before. */
export function cannotBeRefused(config: ContainerConfig, layer: DirectoryNode): boolean {
  const { mounts, terminationMessagePath = USUAL_MESSAGE_PATH } = config
  if (terminationMessagePath !== USUAL_MESSAGE_PATH || config.devices) return false
  const whole = mounts.every((m) => !m.subPath && m.volume instanceof TreeVolume && !(m.volume instanceof NodeDisk))
  if (!whole) return false
  if (mounts.length === 0 || (mounts.length === 1 && mounts[0]!.containerPath === TOKEN_PATH)) return true
  const points = mountPoints(config)
  // What is mounted in another mount is made in that one.
  const apart = mounts.every(
    ({ containerPath: at }) => path.posix.normalize(at) === at && !at.endsWith('/') && !points.some((p) => at.startsWith(`${p.path}/`) || p.path.startsWith(`${at}/`)), // prettier-ignore
  )
  return apart && hasMountPoints(layer, points)
}

/** The mounts of a container: made when somebody first looks at one of its files, or when {@link MountTable.build} is called. */
export function containerMounts(options: RootOptions): MountTable {
  return new MountTable((self) => buildMounts(options, self))
}

const byDepth = (mounts: ContainerConfig['mounts']): ContainerConfig['mounts'] =>
  [...mounts].sort((a, b) => a.containerPath.split('/').length - b.containerPath.split('/').length)

/** What is mounted over something in the image's files. */
function mountPoints({ mounts, devices = [], terminationMessagePath: messages }: ContainerConfig): MountPoint[] {
  const isFile = ({ volume, subPath }: ContainerConfig['mounts'][number]): boolean =>
    subPath ? (volume as TreeVolume).at(subPath).type !== 'directory' : (volume as TreeVolume).isFile
  return [
    ...['/proc', '/dev', '/sys'].map((at) => ({ path: at, directory: true })),
    ...['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'].map((at) => ({ path: at, directory: false })),
    ...(messages ? [{ path: messages, directory: false }] : []),
    ...devices.filter((d) => !d.path.startsWith('/dev/')).map((d) => ({ path: d.path, directory: false })),
    ...byDepth(mounts).map((mount) => ({ path: mount.containerPath, directory: !isFile(mount) })),
  ]
}

function buildMounts(options: RootOptions, self: MountTable): MountTable {
  const { asOf, clock, config, sandbox } = options
  const volumes = byDepth(config.mounts).map((mount) => {
    if (!(mount.volume instanceof TreeVolume)) throw new Error(`volume at ${mount.containerPath} was not made by this runtime`)
    return { mount, volume: mount.volume, node: mount.subPath ? mount.volume.at(mount.subPath) : mount.volume.node }
  })
  const layer = layerWithMountPoints(options.layer, clock, mountPoints(config), asOf)
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
  type How = Pick<Mount, 'fstype' | 'source' | 'options' | 'from'> & { readOnly?: boolean }
  const add = (at: string, owner: Tree, node: Inode, how: How): void => {
    const real = mountPoint(table, at, node.type === 'directory')
    table.add({ path: real, tree: owner, root: node, ...how, readOnly: how.readOnly ?? false })
  }

  // The namespaces are known only after the mounts.
  const procTree = new Tree(clock, { asOf })
  const processes = lazily(asOf, () => makeProc(procTree, options.namespaces(), options.machine))
  add('/proc', procTree, processes, PROC)

  const blocks = (config.devices ?? []).map((device, minor) => {
    const { volume, path: at, readOnly } = device
    if (!(volume instanceof TreeVolume) || !(volume.node instanceof FileNode)) throw new Error(`volume at ${at} is no block device`)
    const content = { tree: volume.tree, node: volume.node }
    return { at, make: () => blockDevice(dev, content, at, minor, { bytes: volume.deviceBytes ?? 0, readOnly }) }
  })

  // Most containers look at none of their devices.
  const devices = new LazyDirectory(1, 0o755, asOf, (directory) => {
    addDevices(dev, directory, options.random)
    directory.set('mqueue', dev.directory(0o1777, 0, 0))
    directory.set('pts', dev.directory(0o755, 0, 0))
  })
  const dev = new Tree(clock, { sizeLimit: SHARED_MEMORY, root: devices, asOf })
  devices.set('shm', dev.directory(0o1777, 0, 0))
  add('/dev', dev, dev.root, DEVICES)
  for (const { at, make } of blocks) {
    const { dir, base } = path.posix.parse(path.posix.normalize(at))
    if (dir === '/dev') devices.set(base, make())
    else add(at, dev, make(), DEVICES)
  }
  const pts = new Tree(clock, { asOf })
  const ptsOptions = 'nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666'
  table.add({ path: '/dev/pts', tree: pts, root: terminals(pts, options.namespaces), readOnly: false, fstype: 'devpts', source: 'devpts', options: ptsOptions }) // prettier-ignore
  const queues = new Tree(clock, { mode: 0o1777, asOf })
  table.add({ path: '/dev/mqueue', tree: queues, root: queues.root, readOnly: false, fstype: 'mqueue', source: 'mqueue', options: KERNEL })

  const sys = new Tree(clock, { asOf })
  const kernel = lazily(asOf, () => makeSys(sys, options.namespaces(), options.machine, asOf))
  const readOnly = !config.privileged
  add('/sys', sys, kernel, { fstype: 'sysfs', source: 'sysfs', options: KERNEL, readOnly })
  const cgroups = new Tree(clock, { asOf })
  const cgroup = makeCgroupFiles(cgroups, options.namespaces, asOf)
  const cgroupOptions = `${KERNEL},nsdelegate,memory_recursiveprot`
  table.add({ path: '/sys/fs/cgroup', tree: cgroups, root: cgroup, readOnly, fstype: 'cgroup2', source: 'cgroup', options: cgroupOptions })

  // What containerd mounts after that, by the number of names in the path: volumes before files of the pod's own.
  const pod = new Tree(clock, { asOf })
  const shm = new Tree(clock, { mode: 0o1777, sizeLimit: SHARED_MEMORY, asOf })
  const directory = `/var/lib/kubelet/pods/${sandbox.uid}`
  const text = (at: string, content: string, from?: string) => (): void =>
    add(at, pod, pod.fileOf(Buffer.from(content), 0o644, 0, 0), { ...DISK, ...(from ? { from } : {}) })
  const own: [path: string, mount: () => void][] = [['/etc/hosts', text('/etc/hosts', sandbox.hosts, `${directory}/etc-hosts`)]]
  const { terminationMessagePath: messages } = config
  if (messages)
    own.push([
      messages,
      () => {
        const { dir, base } = path.posix.parse(messages)
        if (dir === '/dev') devices.set(base, dev.file(0o644, 0, 0))
        add(messages, pod, pod.file(0o666, 0, 0), { ...DISK, from: `${directory}/containers/${config.name}/message` })
      },
    ])
  own.push(
    ['/etc/hostname', text('/etc/hostname', `${sandbox.hostname}\n`)],
    ['/etc/resolv.conf', text('/etc/resolv.conf', sandbox.resolvConf)],
    ['/dev/shm', () => add('/dev/shm', shm, shm.root, { fstype: 'tmpfs', source: 'shm', options: `relatime,${inMemory(SHARED_MEMORY)}` })],
  )
  const wanted = volumes.map(({ mount, volume, node }): (typeof own)[number] => [
    mount.containerPath,
    () => {
      const face = fileSystemOf(volume, options.machine.memory)
      add(mount.containerPath, volume.tree, node, { ...face, readOnly: mount.readOnly || volume instanceof ImageVolume })
      if (volume.onNode && node === volume.node) bindNode({ table, self }, mount, volume.onNode)
    },
  ])
  const depth = (at: string): number => path.posix.normalize(at).split('/').length
  const free = own.filter(([at]) => !volumes.some(({ mount }) => mount.containerPath === at))
  for (const [, make] of [...wanted, ...free].sort(([a], [b]) => depth(a) - depth(b))) make()
  if (!config.privileged) mask(table, processes, { dev, asOf, memory: options.machine.memory })

  for (const t of [tree, procTree, sys, cgroups, dev, pts, queues, shm, pod]) t.laidOut()
  return table
}

/**
 * What the node itself has mounted below a part of its disk comes along where that is mounted in a container; whether what
 * is mounted later does, and the other way, is for the propagation to say.
 */
function bindNode(
  { table, self }: { table: MountTable; self: MountTable },
  { containerPath, propagation }: ContainerConfig['mounts'][number],
  { path: on, disk }: OnNode,
): void {
  if (!disk.mounted || (!propagation && on !== '/' && !disk.hasProcesses())) return
  const node = disk.mounted()
  const at = path.posix.normalize(containerPath)
  for (const mount of node.list())
    if (mount.path !== on && mount.path.startsWith(on === '/' ? on : `${on}/`))
      table.add({ ...mount, path: path.posix.join(at, mount.path.slice(on === '/' ? 0 : on.length)) })
  if (propagation) node.propagate(on, self, at)
  if (propagation === 'Bidirectional') self.propagate(at, node, on)
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
      // Nothing here makes terminals but exec and attach.
      const made = (): never => {
        throw systemError('ENOSPC')
      }
      if (name === 'ptmx') return new DeviceNode(tree.inode(), 0o666, now, 5, 2, made)
      const task = inUse().get(name)
      return task && new DeviceNode(tree.inode(), 0o620, now, 136, Number(name), () => task.controllingTerminal()!)
    },
    () => [...inUse().keys(), 'ptmx'],
    0o755,
  )
}

/** What /proc/mounts says of a volume. @param memory bytes of the machine's: what files in memory may take that have no limit */
function fileSystemOf(volume: TreeVolume, memory: number): Pick<Mount, 'fstype' | 'source' | 'options'> {
  if (volume instanceof ImageVolume) return { fstype: 'overlay', source: 'overlay' }
  if (volume.medium !== 'Memory') return DISK
  const { sizeLimit } = volume.tree
  return { fstype: 'tmpfs', source: 'tmpfs', options: `relatime,${inMemory(Number.isFinite(sizeLimit) ? sizeLimit : memory)},noswap` }
}

/** Paths of /proc that containers read but do not write, and what is hidden from them, as containerd has it. */
const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger']
const EMPTY_DIRECTORIES = ['/proc/acpi', '/sys/firmware']
const EMPTY_FILES = ['/proc/kcore', '/proc/keys', '/proc/timer_list']

/** Hides from a container what of /proc and /sys is the machine's. */
function mask(table: MountTable, processes: VirtualDirectory, { dev, asOf, memory }: { dev: Tree; asOf: number; memory: number }): void {
  const { tree } = table.mountAt('/proc')!
  for (const name of READ_ONLY) {
    const entries = (viewer: Viewer): DirectoryNode => processes.get(name, viewer) as DirectoryNode
    const below = new VirtualDirectory(
      1,
      asOf,
      (entry, viewer) => entries(viewer).get(entry, viewer),
      (viewer) => entries(viewer).names(viewer),
    )
    const root = name === 'sysrq-trigger' ? tree.fileOf(Buffer.of(), 0o200, 0, 0) : below
    table.add({ path: `/proc/${name}`, tree, root, ...PROC, readOnly: true, from: `/${name}` })
  }
  for (const path of EMPTY_DIRECTORIES) {
    const empty = new Tree(dev.clock, { mode: 0o1777, sizeLimit: memory / 2, asOf })
    table.add({ path, tree: empty, root: empty.root, readOnly: true, fstype: 'tmpfs', source: 'tmpfs', options: 'relatime,inode64' })
  }
  for (const path of EMPTY_FILES) {
    const root = new DeviceNode(dev.inode(), 0o666, asOf, 1, 3, nullDevice)
    table.add({ path, tree: dev, root, readOnly: false, ...DEVICES, from: '/null' })
  }
}
