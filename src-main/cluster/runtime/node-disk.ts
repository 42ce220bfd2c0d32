/** The disk of a node: the files of its operating system that pods find there through hostPath volumes. */
import type { Clock } from '../clock.js'
import { DirectoryNode } from './tree.js'
import { TreeVolume } from './volume.js'

const OS_RELEASE = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION="12 (bookworm)"',
  'VERSION_CODENAME=bookworm',
  'ID=debian',
  'HOME_URL="https://www.debian.org/"',
  'SUPPORT_URL="https://www.debian.org/support"',
  'BUG_REPORT_URL="https://bugs.debian.org/"',
]

/** The files by their paths; `address` is the node's own. */
function files(node: string, address: string | undefined): Record<string, string> {
  const hosts = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', ...(address ? [`${address}\t${node}`] : [])]
  return {
    '/etc/hosts': `${hosts.join('\n')}\n`,
    '/etc/hostname': `${node}\n`,
    '/etc/os-release': `${OS_RELEASE.join('\n')}\n`,
    '/etc/resolv.conf': 'nameserver 192.168.49.1\n',
  }
}

/** The directories that every node has, with their modes. */
const DIRECTORIES: Readonly<Record<string, number>> = {
  '/home': 0o755,
  '/mnt': 0o755,
  '/opt': 0o755,
  '/root': 0o700,
  '/run': 0o755,
  '/srv': 0o755,
  '/tmp': 0o1777,
  '/usr': 0o755,
  '/var/lib/kubelet': 0o700,
  '/var/log': 0o755,
}

/** A node's disk as its operating system left it. */
export function nodeDisk(clock: Clock, node: string, address: string | undefined): TreeVolume {
  const disk = new TreeVolume(clock, '', undefined, 0o755)
  for (const [path, mode] of Object.entries(DIRECTORIES)) disk.at(path).mode = mode
  for (const [path, text] of Object.entries(files(node, address))) {
    const slash = path.lastIndexOf('/')
    const above = disk.at(path.slice(0, slash)) as DirectoryNode
    const file = disk.tree.file(0o644, 0, 0)
    disk.tree.write(file, Buffer.from(text), 0)
    above.set(path.slice(slash + 1), file)
  }
  return disk
}
