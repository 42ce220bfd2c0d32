/** Lets claims and volumes that are being deleted go only when nobody uses them any more (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { VolumeAttributesClass } from '../api/kinds/volumeattributesclass.js'
import type { ObjectMeta, Pod } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { Claim, Volume } from './persistentvolume-model.js'
import { podInformer } from './pods.js'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'
const ATTRIBUTES_FINALIZER = 'kubernetes.io/vac-protection'
export const VOLUME_ATTRIBUTES_CLASSES = { group: 'storage.k8s.io', version: 'v1', resource: 'volumeattributesclasses' }
/** The index of claims and of volumes by the VolumeAttributesClasses that they name. */
const BY_ATTRIBUTES = 'by-volume-attributes-class'
/** The index of pods by the claims they use; see {@link claimsOf}. */
export const PODS_BY_CLAIM = 'pods-by-claim'

/** Removes `kubernetes.io/pvc-protection` when no pod uses the claim. */
export function startClaimProtectionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const pods = podInformer(ctx.informers)
  pods.addIndex(PODS_BY_CLAIM, claimsOf)
  const controller = new KeyedController(ctx, { name: 'pvc-protection-controller', sync })
  const onClaim = (claim: Claim): void => {
    if (isLeaving(claim, CLAIM_FINALIZER)) controller.queue.add(keyOf(claim))
  }
  const onPod = (pod: Pod): void => {
    for (const key of claimsOf(pod)) controller.queue.add(key)
  }
  controller.listen(claims, { add: onClaim, update: (_old, claim) => onClaim(claim) })
  controller.listen(pods, { delete: onPod })
  return controller.startAfter(claims, pods)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const claim = claims.get(namespace, name)
    if (!claim || !isLeaving(claim, CLAIM_FINALIZER)) return
    // A pod without a node has mounted nothing; one that has ended still has it, as long as it is there.
    if (!pods.byIndex(PODS_BY_CLAIM, key).some((p) => p.spec?.nodeName)) await removeFinalizer(client, claim, CLAIM_FINALIZER)
  }
}

/** Removes `kubernetes.io/pv-protection` when no claim is bound to the volume. */
export function startVolumeProtectionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Volume>(resources.persistentvolumes)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  const controller = new KeyedController(ctx, { name: 'pv-protection-controller', sync })
  const onVolume = (volume: Volume): void => {
    if (isLeaving(volume, VOLUME_FINALIZER) && volume.status?.phase !== 'Bound') controller.queue.add(volume.metadata.name!)
  }
  controller.listen(volumes, { add: onVolume, update: (_old, volume) => onVolume(volume) })
  return controller.startAfter(volumes)

  async function sync(name: string): Promise<void> {
    const volume = volumes.get('', name)
    if (volume && isLeaving(volume, VOLUME_FINALIZER) && volume.status?.phase !== 'Bound')
      await removeFinalizer(client, volume, VOLUME_FINALIZER)
  }
}

/**
 * Keeps a VolumeAttributesClass as long as a claim or a volume names it
 * (https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/).
 */
export function startAttributesProtectionController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<VolumeAttributesClass>(VOLUME_ATTRIBUTES_CLASSES)
  const classes = ctx.informers.for<VolumeAttributesClass>(VOLUME_ATTRIBUTES_CLASSES)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  claims.addIndex(BY_ATTRIBUTES, attributesOfClaim)
  volumes.addIndex(BY_ATTRIBUTES, attributesOfVolume)
  const controller = new KeyedController(ctx, { name: 'volumeattributesclass-protection-controller', workers: 1, sync })
  const onClass = ({ metadata }: VolumeAttributesClass): void => {
    const isProtected = !!metadata.finalizers?.includes(ATTRIBUTES_FINALIZER)
    if (isProtected === (metadata.deletionTimestamp !== undefined)) controller.queue.add(metadata.name!)
  }
  const release = (names: readonly string[], kept: readonly string[] = []): void => {
    for (const name of names) if (!kept.includes(name)) controller.queue.add(name)
  }
  controller.listen(classes, { add: onClass, update: (_old, now) => onClass(now) })
  controller.listen(claims, {
    update: (old, now) => release(attributesOfClaim(old), attributesOfClaim(now)),
    delete: (claim) => release(attributesOfClaim(claim)),
  })
  controller.listen(volumes, {
    update: (old, now) => release(attributesOfVolume(old), attributesOfVolume(now)),
    delete: (volume) => release(attributesOfVolume(volume)),
  })
  return controller.startAfter(classes, claims, volumes)

  async function sync(name: string): Promise<void> {
    const found = classes.get('', name)
    if (!found) return
    const { finalizers = [], deletionTimestamp, resourceVersion } = found.metadata
    if (isLeaving(found, ATTRIBUTES_FINALIZER)) {
      const used = claims.byIndex(BY_ATTRIBUTES, name).length + volumes.byIndex(BY_ATTRIBUTES, name).length
      if (used === 0) await removeFinalizer(client, found, ATTRIBUTES_FINALIZER)
    } else if (deletionTimestamp === undefined && !finalizers.includes(ATTRIBUTES_FINALIZER)) {
      const metadata = { resourceVersion, finalizers: [...finalizers, ATTRIBUTES_FINALIZER] }
      await client.patch('', name, { metadata }, { type: 'merge' })
    }
  }
}

/** The classes that a claim has, is to have, or is being given. */
function attributesOfClaim({ spec, status }: Claim): string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = status ?? {}
  return named(spec?.volumeAttributesClassName, currentVolumeAttributesClassName, modifyVolumeStatus?.targetVolumeAttributesClassName)
}

function attributesOfVolume({ spec }: Volume): string[] {
  return named(spec?.volumeAttributesClassName)
}

function named(...names: (string | undefined)[]): string[] {
  return [...new Set(names.filter((name): name is string => Boolean(name)))]
}

/** The keys of the claims that a pod uses. */
export function claimsOf(pod: Pod): string[] {
  const keys: string[] = []
  for (const v of pod.spec?.volumes ?? []) {
    const name = v.persistentVolumeClaim?.claimName ?? (v.ephemeral ? `${pod.metadata.name}-${v.name}` : undefined)
    if (name) keys.push(`${pod.metadata.namespace}/${name}`)
  }
  return keys
}

function isLeaving(object: { metadata: ObjectMeta }, finalizer: string): boolean {
  return object.metadata.deletionTimestamp !== undefined && !!object.metadata.finalizers?.includes(finalizer)
}

async function removeFinalizer(
  client: { patch(namespace: string, name: string, patch: unknown, options: { type: 'merge' }): Promise<unknown> },
  object: { metadata: ObjectMeta },
  finalizer: string,
): Promise<void> {
  const { namespace = '', name, resourceVersion } = object.metadata
  const finalizers = object.metadata.finalizers!.filter((f) => f !== finalizer)
  const patch = { metadata: { resourceVersion, finalizers: finalizers.length ? finalizers : null } }
  await client.patch(namespace, name!, patch, { type: 'merge' }).catch((error: unknown) => {
    if (!isReason(error, 'NotFound')) throw error
  })
}
