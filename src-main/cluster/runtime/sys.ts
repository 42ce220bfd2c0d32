/** /sys: what a container sees of its network interfaces and processors; what is under fs/cgroup is mounted there. */
import { generatedDirectory, type Values } from './generated-files.js'
import type { Namespaces } from './namespaces.js'
import type { MachineInfo } from './proc.js'
import { mac } from './proc-net.js'
import type { Tree, VirtualDirectory } from './tree.js'

/** Makes /sys. `tree` owns its inodes; `now` is cluster time, ms. */
export function makeSys(tree: Tree, namespaces: Namespaces, machine: MachineInfo, now: number): VirtualDirectory {
  return generatedDirectory(tree, now, () => sysFiles(namespaces, machine), { separator: '/', mode: 0o444 })
}

function sysFiles({ net }: Namespaces, machine: MachineInfo): Values {
  const processors = machine.cpus === 1 ? '0' : `0-${machine.cpus - 1}`
  return new Map<string, () => string>([
    ['class/net/eth0/address', () => mac(net.ip)],
    ['class/net/eth0/mtu', () => '1500'],
    ['class/net/eth0/operstate', () => 'up'],
    ['class/net/lo/address', () => '00:00:00:00:00:00'],
    ['class/net/lo/mtu', () => '65536'],
    ['class/net/lo/operstate', () => 'unknown'],
    ['fs/cgroup/cgroup.type', () => 'domain'],
    ['devices/system/cpu/online', () => processors],
    ['devices/system/cpu/possible', () => processors],
    ['devices/system/cpu/present', () => processors],
  ])
}
