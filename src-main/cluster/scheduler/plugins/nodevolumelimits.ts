/**
 * How many volumes of one CSI driver a node can hold, as the driver says in the node's CSINode
 * (https://kubernetes.io/docs/concepts/storage/storage-limits/). A volume that several pods of the node use counts once.
 */
import type { Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { ClusterEvent, NodeFilter, Plugin } from '../framework.js'
import { reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import type { VolumeAttachment } from '../../controllers/volumeattachment-model.js'
import type { Claim, StorageClass, Volume } from './podclaims.js'
import { claimNamesOf } from './podclaims.js'
import type { CSINode, VolumeChange } from './volumehints.js'
import { follow, letsAttach } from './volumehints.js'

const tooMany = reject('node(s) exceed max volume count')

const BY_NODE = 'volume-attachments-by-node'

export class NodeVolumeLimits implements Plugin {
  readonly name = 'NodeVolumeLimits'
  readonly synced: Promise<unknown>
  /** Stops following the CSINodes. */
  readonly stop: () => void
  private readonly nodes: Informer<CSINode>
  private readonly claims: Informer<Claim>
  private readonly volumes: Informer<Volume>
  private readonly classes: Informer<StorageClass>
  private readonly attachments: Informer<VolumeAttachment>

  /** @param changed called when the limits of a node have changed */
  constructor(informers: Informers, changed: (change: VolumeChange) => void) {
    this.nodes = informers.for<CSINode>({ group: 'storage.k8s.io', version: 'v1', resource: 'csinodes' })
    this.claims = informers.for<Claim>(resources.persistentvolumeclaims)
    this.volumes = informers.for<Volume>(resources.persistentvolumes)
    this.classes = informers.for<StorageClass>(resources.storageclasses)
    this.attachments = informers.for<VolumeAttachment>(resources.volumeattachments)
    this.attachments.addIndex(BY_NODE, ({ spec }) => (spec ? [spec.nodeName] : []))
    this.synced = Promise.all([this.nodes, this.claims, this.volumes, this.classes, this.attachments].map((i) => i.synced))
    const stops = [follow('CSINode', this.nodes, changed), this.attachments.on({ delete: () => changed({ kind: 'VolumeAttachment' }) })]
    this.stop = () => stops.forEach((stop) => stop())
  }

  helps(event: ClusterEvent, pod: PodInfo): boolean {
    if (event.type === 'AssignedPodDelete') return claimNamesOf(event.pod).length > 0
    return event.type === 'VolumeChange' ? letsAttach(event.change, pod) : event.type === 'NodeAdd'
  }

  filter(pod: PodInfo): NodeFilter | undefined {
    const wanted = this.attachable(pod)
    if (wanted.size === 0) return undefined
    return { check: (node) => (this.exceeds(wanted, node) ? tooMany : undefined) }
  }

  private exceeds(wanted: ReadonlyMap<string, string>, node: NodeInfo): boolean {
    const limits = new Map<string, number>()
    for (const driver of this.nodes.get('', node.name)?.spec?.drivers ?? []) {
      const count = driver.allocatable?.count
      if (count !== undefined && count !== null) limits.set(driver.name, count)
    }
    if (limits.size === 0) return false
    const attached = new Map<string, string>()
    for (const other of node.pods.values()) for (const [volume, driver] of this.attachable(other)) attached.set(volume, driver)
    // What is attached stays so until it is detached, though the pod that used it is gone, or has not come yet.
    for (const { spec } of this.attachments.byIndex(BY_NODE, node.name)) {
      const name = spec!.source.persistentVolumeName
      const csi = name === undefined ? undefined : this.volumes.get('', name)?.spec?.csi
      if (csi) attached.set(`${csi.driver}/${csi.volumeHandle}`, spec!.attacher)
    }
    const added = new Map<string, number>()
    for (const [volume, driver] of wanted) if (!attached.has(volume)) added.set(driver, (added.get(driver) ?? 0) + 1)
    for (const [driver, count] of added) {
      const limit = limits.get(driver)
      if (limit === undefined) continue
      let used = 0
      for (const other of attached.values()) if (other === driver) used++
      if (used + count > limit) return true
    }
    return false
  }

  /** The CSI volumes of a pod with their drivers; of a claim that is not bound yet, the driver that will provision it. */
  private attachable(pod: PodInfo): Map<string, string> {
    const found = new Map<string, string>()
    for (const name of claimNamesOf(pod.pod)) {
      const claim = this.claims.get(pod.namespace, name)
      if (!claim) continue
      const volume = claim.spec?.volumeName ? this.volumes.get('', claim.spec.volumeName) : undefined
      const csi = volume?.spec?.csi
      if (csi) found.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver)
      else if (!volume) {
        const driver = claim.spec?.storageClassName ? this.classes.get('', claim.spec.storageClassName)?.provisioner : undefined
        if (driver) found.set(`${driver}/${pod.namespace}/${name}`, driver)
      }
    }
    return found
  }
}
