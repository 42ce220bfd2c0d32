/** Pods for which preemption has made room on a node, and which others of lower priority must leave that room to. */
import type { PodInfo } from './podinfo.js'

export class Nominations {
  private readonly byNode = new Map<string, Map<string, PodInfo>>()
  private readonly nodeOf = new Map<string, string>()

  get isEmpty(): boolean {
    return this.nodeOf.size === 0
  }

  /** Notes the nomination of a pod, or that it has none. */
  set(info: PodInfo, nodeName: string | undefined): void {
    this.remove(info.key)
    if (!nodeName) return
    this.nodeOf.set(info.key, nodeName)
    let pods = this.byNode.get(nodeName)
    if (!pods) this.byNode.set(nodeName, (pods = new Map()))
    pods.set(info.key, info)
  }

  remove(key: string): void {
    const nodeName = this.nodeOf.get(key)
    if (nodeName === undefined) return
    this.nodeOf.delete(key)
    const pods = this.byNode.get(nodeName)!
    pods.delete(key)
    if (pods.size === 0) this.byNode.delete(nodeName)
  }

  on(nodeName: string): readonly PodInfo[] {
    const pods = this.byNode.get(nodeName)
    return pods ? [...pods.values()] : []
  }

  /** The node a pod is nominated to. */
  nodeFor(key: string): string | undefined {
    return this.nodeOf.get(key)
  }
}
