/** The disk of a node: its operating system, Debian, with what pods leave there through hostPath volumes. */
import type { Clock } from '../clock.js'
import { debianTree } from './images/userland.js'
import { inspectionPrograms } from './programs/catalogue.js'
import { buildLayer } from './layer.js'
import type { MountTable } from './mounts.js'
import { Tree, type DirectoryNode, type FileNode } from './tree.js'
import type { Program } from './process.js'
import { TreeVolume } from './volume.js'

/** What a node has beyond Debian's base system, as those of minikube and kind do. */
const TOOLS = ['curl', 'ip', 'netstat', 'ping', 'ss', 'lsof', 'vi']

/** What shows the rules of kube-proxy and the connections that the kernel remembers. */
const FILTER_TOOLS = ['iptables', 'iptables-save', 'ip6tables', 'ip6tables-save', 'conntrack']

/** The files that differ from node to node, by their paths; `address` is the node's own. */
function filesOf(node: string, address: string | undefined): Record<string, string> {
  const hosts = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', ...(address ? [`${address}\t${node}`] : [])]
  return {
    '/etc/hosts': `${hosts.join('\n')}\n`,
    '/etc/hostname': `${node}\n`,
    '/etc/resolv.conf': 'nameserver 192.168.49.1\n',
  }
}

/**
 * What the disks of all nodes have in common.
 *
 * @param own further programs by their paths, each of which finds its node by the process it runs in
 */
export function nodeLayer(clock: Clock, own: Readonly<Record<string, Program>>): DirectoryNode {
  return buildLayer(clock, {
    ...debianTree('bookworm', { tools: TOOLS }),
    ...Object.fromEntries(FILTER_TOOLS.map((name) => [`/usr/sbin/${name}`, { program: inspectionPrograms[name]! }])),
    ...Object.fromEntries(Object.entries(own).map(([path, program]) => [path, { program }])),
    '/etc/crictl.yaml': 'runtime-endpoint: unix:///run/containerd/containerd.sock\n',
    '/home': { directory: true },
    '/var/lib/kubelet': { directory: true, mode: 0o700 },
    // Links that also lead there where the disk is mounted elsewhere.
    '/var/run': { symlink: '../run' },
    '/var/lock': { symlink: '../run/lock' },
  })
}

/** The whole disk of a node; what is mounted of it are its parts, or all of it. */
export class NodeDisk extends TreeVolume {
  /** What the processes of the node itself have mounted, the disk included. */
  mounted: (() => MountTable) | undefined
  /** Whether anything is mounted besides the disk and what the kernel shows: nobody has asked for it otherwise. */
  hasProcesses: () => boolean = () => false

  /** The disk as its operating system left it. @param layer see {@link nodeLayer} */
  constructor(clock: Clock, layer: DirectoryNode, node: string, address: string | undefined) {
    const tree = new Tree(clock, { layer })
    super(clock, '', undefined, undefined, { tree, node: tree.root })
    this.onNode = { path: '/', disk: this }
    for (const [path, text] of Object.entries(filesOf(node, address))) {
      const { node: file } = this.part(path, true)
      tree.write(file as FileNode, Buffer.from(text), 0)
    }
  }
}
