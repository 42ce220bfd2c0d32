/** What is mounted on a node itself: its disk, and what its kernel shows of its own processes, devices and settings. */
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { addDevices } from './devices.js'
import { MountTable } from './mounts.js'
import type { Namespaces } from './namespaces.js'
import type { NodeDisk } from './node-disk.js'
import { makeProc, type MachineInfo } from './proc.js'
import { makeSys } from './sys.js'
import { LazyDirectory, Tree, VirtualDirectory } from './tree.js'

/** How the file systems of the kernel's own are mounted. */
export const KERNEL = 'nosuid,nodev,noexec,relatime'
export const PROC = { fstype: 'proc', source: 'proc', options: KERNEL }
/** How what is on the disk of a node is mounted. */
export const DISK = { fstype: 'ext4', source: '/dev/vda1' }

export interface NodeMountsOptions {
  readonly disk: NodeDisk
  readonly clock: Clock
  readonly random: Random
  readonly machine: MachineInfo
  /** Those of the node's own processes; there once somebody looks. */
  namespaces(): Namespaces
}

/** The mounts of a node's own processes. What is in them is made when somebody looks. */
export function nodeMounts({ disk, clock, random, machine, namespaces }: NodeMountsOptions): MountTable {
  const { tree, root } = disk
  const table = new MountTable({ path: '/', tree, root, readOnly: false, ...DISK })
  const asOf = machine.bootedAt
  const processes = new Tree(clock, { asOf })
  const kernel = new Tree(clock, { asOf })
  const devices = new LazyDirectory(1, 0o755, asOf, (directory) => addDevices(dev, directory, random))
  const dev = new Tree(clock, { root: devices, asOf })
  const proc = lazily(asOf, () => makeProc(processes, namespaces(), machine))
  const sys = lazily(asOf, () => makeSys(kernel, namespaces(), machine, asOf))
  table.add({ path: '/proc', tree: processes, root: proc, readOnly: false, ...PROC })
  table.add({ path: '/dev', tree: dev, root: dev.root, readOnly: false, fstype: 'devtmpfs', source: 'udev', options: 'nosuid,relatime' })
  table.add({ path: '/sys', tree: kernel, root: sys, readOnly: false, fstype: 'sysfs', source: 'sysfs', options: KERNEL })
  return table
}

/** A directory that is made when somebody looks into it, as what it shows is known only later. */
export function lazily(asOf: number, make: () => VirtualDirectory): VirtualDirectory {
  let made: VirtualDirectory | undefined
  const directory = (): VirtualDirectory => (made ??= make())
  return new VirtualDirectory(
    1,
    asOf,
    (name, viewer) => directory().get(name, viewer),
    (viewer) => directory().names(viewer),
  )
}
