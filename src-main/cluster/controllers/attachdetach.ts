/**
 * The attach/detach controller: volumes of CSI drivers that ask for it are attached to the nodes whose pods use them,
 * and detached when no pod does and the node has let go of them
 * (https://kubernetes-csi.github.io/docs/csi-driver-object.html, attachRequired).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Node, Pod } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { isOutOfService } from './outofservice.js'
import type { Claim, Volume } from './persistentvolume-model.js'
import { isPodFinished, podInformer } from './pods.js'
import type { CSIDriver, VolumeAttachment } from './volumeattachment-model.js'
import { attachmentName, isExclusive, requiresAttach, uniqueVolumeName } from './volumeattachment-model.js'
import { claimsOf, PODS_BY_CLAIM } from './volumeprotection.js'
import { readiness } from './zonehealth.js'

const BY_VOLUME = 'volumeattachments-by-volume'
/** How long a node that is not ready may keep a volume that it has not let go of, ms. */
const PATIENCE_MS = 6 * 60_000

export function startAttachDetachController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<VolumeAttachment>(resources.volumeattachments)
  const nodeClient = ctx.client.resource<Node>(resources.nodes)
  const attachments = ctx.informers.for<VolumeAttachment>(resources.volumeattachments)
  const drivers = ctx.informers.for<CSIDriver>(resources.csidrivers)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const pods = podInformer(ctx.informers)
  pods.addIndex(PODS_BY_CLAIM, claimsOf)
  attachments.addIndex(BY_VOLUME, (a) => (a.spec?.source.persistentVolumeName ? [a.spec.source.persistentVolumeName] : []))
  /** What a volume waits for on a node was told of, and is not told again: messages by attachment. */
  const told = new Map<string, string>()
  /** Since when an attachment is not wanted any more, ms. */
  const unwanted = new Map<string, number>()
  const controller = new KeyedController(ctx, { name: 'attachdetach-controller', sync })

  const onPod = (pod: Pod): void => {
    if (!pod.spec?.nodeName) return
    for (const key of claimsOf(pod)) {
      const name = claims.getByKey(key)?.spec?.volumeName
      if (name && volumes.get('', name)?.spec?.csi) controller.queue.add(name)
    }
  }
  const onAttachment = ({ spec }: VolumeAttachment): void => {
    if (spec?.source.persistentVolumeName) controller.queue.add(spec.source.persistentVolumeName)
  }
  const onNode = ({ metadata }: Node): void => {
    for (const attachment of attachments.list()) if (attachment.spec?.nodeName === metadata.name) onAttachment(attachment)
  }
  controller.listen(pods, { add: onPod, update: (_old, pod) => onPod(pod), delete: onPod })
  controller.listen(attachments, {
    add: onAttachment,
    update: (_old, attachment) => onAttachment(attachment),
    delete(attachment) {
      told.delete(attachment.metadata.name!)
      unwanted.delete(attachment.metadata.name!)
      onAttachment(attachment)
    },
  })
  controller.listen(nodes, {
    update(old, node) {
      if (textOf(old) !== textOf(node)) onNode(node)
    },
    delete: onNode,
  })
  const all = (): void => {
    for (const volume of volumes.list()) if (volume.spec?.csi) controller.queue.add(volume.metadata.name!)
  }
  controller.listen(drivers, { add: all, update: all, delete: all })
  return controller.startAfter(attachments, drivers, volumes, claims, nodes, pods)

  async function sync(name: string): Promise<void> {
    const volume = volumes.get('', name)
    const csi = volume?.spec?.csi
    if (!csi) return
    const users = requiresAttach(drivers.get('', csi.driver)) ? usersOf(volume) : new Map<string, Pod[]>()
    const own = attachments.byIndex(BY_VOLUME, name).filter((a) => a.metadata.name === attachmentName(csi, a.spec!.nodeName))
    const left: VolumeAttachment[] = []
    for (const attachment of own) {
      const wanted = users.has(attachment.spec!.nodeName)
      if (wanted) unwanted.delete(attachment.metadata.name!)
      if (wanted || !(await detach(attachment, volume))) left.push(attachment)
    }
    for (const [nodeName, local] of users) {
      const attachment = left.find((a) => a.spec!.nodeName === nodeName)
      if (attachment) await settle(attachment, volume, local)
      else if (left.length > 0 && isExclusive(volume)) tellTaken(volume, nodeName, local, users, left)
      else left.push(await attach(volume, nodeName))
    }
  }

  /** The pods that use a volume, by their node. */
  function usersOf({ metadata, spec }: Volume): Map<string, Pod[]> {
    const users = new Map<string, Pod[]>()
    const ref = spec?.claimRef
    const key = `${ref?.namespace}/${ref?.name}`
    if (!ref || claims.getByKey(key)?.spec?.volumeName !== metadata.name) return users
    for (const pod of pods.byIndex(PODS_BY_CLAIM, key)) {
      const nodeName = pod.spec?.nodeName
      if (!nodeName || isPodFinished(pod) || !nodes.get('', nodeName)) continue
      const list = users.get(nodeName)
      if (list) list.push(pod)
      else users.set(nodeName, [pod])
    }
    return users
  }

  async function attach({ metadata, spec }: Volume, nodeName: string): Promise<VolumeAttachment> {
    const name = attachmentName(spec!.csi!, nodeName)
    told.delete(name)
    const source = { persistentVolumeName: metadata.name! }
    const object = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: { attacher: spec!.csi!.driver, nodeName, source },
    } as VolumeAttachment
    try {
      return await client.create('', object)
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return object
      throw error
    }
  }

  /** Once it is attached the node is told, and so are the pods; when that failed, the pods are. */
  async function settle({ metadata, status }: VolumeAttachment, volume: Volume, local: readonly Pod[]): Promise<void> {
    const failure = status?.attached ? undefined : status?.attachError?.message
    if (failure) {
      if (told.get(metadata.name!) === failure) return
      told.set(metadata.name!, failure)
      return tell(local, 'Warning', 'FailedAttachVolume', `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${failure}`)
    }
    if (!status?.attached) return
    const node = nodes.get('', local[0]!.spec!.nodeName!)
    const name = uniqueVolumeName(volume.spec!.csi!)
    const before = node?.status?.volumesAttached ?? []
    if (!node || before.some((v) => v.name === name)) return
    await report(node, [...before, { name, devicePath: '' }])
    // The space at its end is Kubernetes' own.
    tell(local, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `)
  }

  /** Detaches what no pod wants, once its node has let go of it. Says whether it is gone, or going. */
  async function detach({ metadata, spec }: VolumeAttachment, { metadata: { name: key }, spec: { csi } = {} }: Volume): Promise<boolean> {
    const node = nodes.get('', spec!.nodeName)
    const name = uniqueVolumeName(csi!)
    if (node?.status?.volumesInUse?.includes(name) && !isOutOfService(node)) {
      const since = unwanted.get(metadata.name!) ?? ctx.clock.now()
      unwanted.set(metadata.name!, since)
      const left = since + PATIENCE_MS - ctx.clock.now()
      if (left > 0) controller.queue.addAfter(key!, left)
      if (left > 0 || readiness(node) === 'True') return false
    }
    const before = node?.status?.volumesAttached ?? []
    const after = before.filter((v) => v.name !== name)
    if (node && after.length < before.length) await report(node, after)
    await client.delete('', metadata.name!).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
    return true
  }

  async function report({ metadata }: Node, volumesAttached: readonly object[]): Promise<void> {
    const status = { volumesAttached: volumesAttached.length ? volumesAttached : null }
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, status }
    await nodeClient.patch('', metadata.name!, patch, { type: 'merge', subresource: 'status' })
  }

  /** A volume that only one node can have is on another one. */
  function tellTaken(
    volume: Volume,
    nodeName: string,
    local: readonly Pod[],
    users: ReadonlyMap<string, readonly Pod[]>,
    others: readonly VolumeAttachment[],
  ): void {
    const by = others.flatMap((a) => users.get(a.spec!.nodeName) ?? []).map((pod) => pod.metadata.name)
    // A claim is of one namespace, so that all who use it may know of each other.
    const why = by.length
      ? `Volume is already used by pod(s) ${by.join(', ')}`
      : "Volume is already exclusively attached to one node and can't be attached to another"
    const name = attachmentName(volume.spec!.csi!, nodeName)
    if (told.has(name)) return
    told.set(name, why)
    tell(local, 'Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${volume.metadata.name}" ${why}`)
  }

  function tell(local: readonly Pod[], type: 'Normal' | 'Warning', reason: string, message: string): void {
    for (const pod of local) ctx.events.event(referenceTo('v1', 'Pod', pod), type, reason, message)
  }
}

/** What of a node decides on its volumes. */
function textOf(node: Node): string {
  return JSON.stringify([node.status?.volumesInUse, node.status?.volumesAttached, readiness(node), isOutOfService(node)])
}
