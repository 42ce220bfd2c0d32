/** A node with the sums over its pods, kept up to date one pod at a time. */
import type { Node } from '../api/object.js'
import type { HostPort, PodInfo } from './podinfo.js'
import { portsClash } from './podinfo.js'
import type { Resources } from './resources.js'
import { addResources, readResources } from './resources.js'

export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number]

const noTaints: readonly Taint[] = []

export class NodeInfo {
  readonly name: string
  readonly pods = new Map<string, PodInfo>()
  readonly requested: Resources = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  /** What is left, kept beside the sums because every pod asks every node for it. */
  freeCpu = 0
  freeMemory = 0
  freePods = 0
  nonZeroCpu = 0
  nonZeroMemory = 0
  node: Node
  labels: Readonly<Record<string, string>> = {}
  taints: readonly Taint[] = noTaints
  unschedulable = false
  allocatable: Resources = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  allowedPods = 0
  /** Bytes of each image the node has, by every name of it. */
  images = new Map<string, number>()
  private readonly ports: HostPort[] = []

  constructor(node: Node) {
    this.name = node.metadata.name!
    this.node = node
    this.update(node)
  }

  /** Takes a new version of the node; its pods stay. */
  update(node: Node): void {
    const old = this.node
    this.node = node
    this.labels = node.metadata.labels ?? {}
    this.taints = node.spec?.taints ?? noTaints
    this.unschedulable = node.spec?.unschedulable === true
    // Heartbeats change conditions often, capacity seldom.
    if (old === node || JSON.stringify(old.status?.allocatable) !== JSON.stringify(node.status?.allocatable)) {
      const allocatable = node.status?.allocatable
      this.allocatable = readResources(allocatable)
      this.allowedPods = Number(allocatable?.pods ?? 0)
      this.countFree()
    }
    if (old === node || old.status?.images !== node.status?.images) {
      this.images = new Map()
      for (const image of node.status?.images ?? [])
        for (const name of image.names ?? []) this.images.set(name, Number(image.sizeBytes ?? 0))
    }
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.key, info)
    this.account(info, 1)
    for (const p of info.hostPorts) this.ports.push(p)
  }

  /** Takes away what `addPod` added; the very same info must be given. */
  removePod(info: PodInfo): void {
    if (this.pods.get(info.key) !== info) return
    this.pods.delete(info.key)
    this.account(info, -1)
    for (const p of info.hostPorts) this.ports.splice(this.ports.indexOf(p), 1)
  }

  /** Whether a host port is taken. */
  portTaken(wanted: HostPort): boolean {
    return this.ports.some((taken) => portsClash(wanted, taken))
  }

  private account(info: PodInfo, sign: 1 | -1): void {
    addResources(this.requested, info.requests, sign)
    this.nonZeroCpu += sign * info.nonZero.cpu
    this.nonZeroMemory += sign * info.nonZero.memory
    this.countFree()
  }

  private countFree(): void {
    this.freeCpu = this.allocatable.cpu - this.requested.cpu
    this.freeMemory = this.allocatable.memory - this.requested.memory
    this.freePods = this.allowedPods - this.pods.size
  }
}
