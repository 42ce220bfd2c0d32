/** Makes the claims of generic ephemeral volumes, which live and die with their pod (https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Pod } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import type { Claim } from './persistentvolume-model.js'
import { podInformer } from './pods.js'

type EphemeralVolume = { name: string; ephemeral: { volumeClaimTemplate?: { metadata?: Claim['metadata']; spec: Claim['spec'] } } }

export function startEphemeralVolumeController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const pods = podInformer(ctx.informers)
  const controller = new KeyedController(ctx, { name: 'ephemeral-volume-controller', sync })
  const enqueue = (pod: Pod): void => {
    if (pod.metadata.deletionTimestamp === undefined && ephemeralVolumes(pod).length) controller.queue.add(keyOf(pod))
  }
  controller.listen(pods, { add: enqueue, update: (_old, pod) => enqueue(pod) })
  // A claim that is deleted while its pod needs it comes back.
  controller.listen(claims, {
    delete(claim) {
      const owner = claim.metadata.ownerReferences?.find((o) => o.controller && o.kind === 'Pod')
      if (owner) controller.queue.add(`${claim.metadata.namespace}/${owner.name}`)
    },
  })
  return controller.startAfter(pods, claims)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(namespace, name)
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return
    for (const volume of ephemeralVolumes(pod)) {
      try {
        await provide(pod, volume)
      } catch (error) {
        const message = `ephemeral volume ${volume.name}: ${(error as Error).message}`
        ctx.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedBinding', message)
        throw error
      }
    }
  }

  async function provide(pod: Pod, { name: volume, ephemeral }: EphemeralVolume): Promise<void> {
    const { namespace, name: podName, uid } = pod.metadata
    const name = `${podName}-${volume}`
    const known = claims.get(namespace!, name)
    if (known) {
      if (known.metadata.ownerReferences?.some((o) => o.controller && o.uid === uid)) return
      throw new Error(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`)
    }
    const { metadata: { labels, annotations } = {}, spec } = ephemeral.volumeClaimTemplate ?? {}
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        ...(labels ? { labels } : {}),
        ...(annotations ? { annotations } : {}),
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec,
    }
    await client.create(namespace!, claim as Claim).catch((error: unknown) => {
      if (!isReason(error, 'AlreadyExists')) throw error
    })
  }
}

function ephemeralVolumes(pod: Pod): EphemeralVolume[] {
  return (pod.spec?.volumes ?? []).filter((v) => v.ephemeral) as unknown as EphemeralVolume[]
}
