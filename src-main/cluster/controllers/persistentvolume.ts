/** Binds claims to volumes and takes volumes back when their claim is gone (https://kubernetes.io/docs/concepts/storage/persistent-volumes/). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Pod } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { SPAM_BURST, SPAM_REFILL_MS } from './event-correlator.js'
import type { ObjectReference } from './events.js'
import { referenceTo } from './events.js'
import type { Claim, StorageClass, Volume } from './persistentvolume-model.js'
import {
  BETA_CLASS,
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  bestVolume,
  classNameOf,
  defaultClass,
  isClaimOf,
  mismatch,
  provisionerOf,
} from './persistentvolume-model.js'
import { isPodFinished, podInformer } from './pods.js'
import { updateStatus } from './status.js'
import { sameValue } from './templatehash.js'
import { claimsOf, PODS_BY_CLAIM } from './volumeprotection.js'
import { recycledBy, VolumeRecycler } from './volumerecycler.js'

const CLAIM = 'claim/'
const VOLUME = 'volume/'
/** --pvclaimbinder-sync-period */
const SYNC_PERIOD_MS = 15_000

export function startPersistentVolumeBinder(ctx: ControllerContext): Controller {
  const claimClient = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const volumeClient = ctx.client.resource<Volume>(resources.persistentvolumes)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  const classes = ctx.informers.for<StorageClass>(resources.storageclasses)
  const pods = podInformer(ctx.informers)
  pods.addIndex(PODS_BY_CLAIM, claimsOf)
  // One at a time: two claims must not be given the same volume.
  const controller = new KeyedController(ctx, { name: 'persistentvolume-controller', workers: 1, sync })
  const recycler = new VolumeRecycler(ctx)
  controller.onStop(() => recycler.stop())
  const onClaim = (claim: Claim): void => controller.queue.add(CLAIM + keyOf(claim))
  const onVolume = (volume: Volume): void => {
    controller.queue.add(VOLUME + keyOf(volume))
    // A new volume may serve a claim that waits.
    for (const claim of claims.list()) if (!claim.spec?.volumeName) onClaim(claim)
  }
  controller.listen(claims, {
    add: onClaim,
    update: (_old, claim) => onClaim(claim),
    delete(claim) {
      if (claim.spec?.volumeName) controller.queue.add(VOLUME + claim.spec.volumeName)
    },
  })
  controller.listen(volumes, {
    add: onVolume,
    update: (_old, volume) => onVolume(volume),
    delete(volume) {
      const ref = volume.spec?.claimRef
      if (ref) controller.queue.add(`${CLAIM}${ref.namespace}/${ref.name}`)
    },
  })
  const onClass = (): void => [...claims.list()].filter((c) => !c.spec?.volumeName).forEach(onClaim)
  controller.listen(classes, { add: onClass, update: onClass })
  const onRecycler = (pod: Pod): void => {
    const volume = recycledBy(pod)
    if (volume !== undefined) controller.queue.add(VOLUME + volume)
  }
  controller.listen(pods, {
    update: (_old, pod) => onRecycler(pod),
    delete: onRecycler,
    // A claim that waits for its consumer is looked at again once there is one.
    add(pod) {
      for (const key of claimsOf(pod)) {
        const claim = claims.getByKey(key)
        if (claim && !claim.spec?.volumeName) controller.queue.addAfter(CLAIM + key, SYNC_PERIOD_MS)
      }
    },
  })
  return controller.startAfter(claims, volumes, classes, pods)

  async function sync(key: string): Promise<void> {
    if (key.startsWith(CLAIM)) {
      const { namespace, name } = splitKey(key.slice(CLAIM.length))
      const claim = claims.get(namespace, name)
      if (claim) await syncClaim(claim)
    } else {
      const volume = volumes.get('', key.slice(VOLUME.length))
      if (volume) await syncVolume(volume)
    }
  }

  // ---- claims ----

  async function syncClaim(claim: Claim): Promise<void> {
    if (claim.metadata.annotations?.[BIND_COMPLETED]) return checkBound(claim)
    if (claim.metadata.deletionTimestamp !== undefined) return
    if (claim.spec?.volumeName) {
      const named = volumes.get('', claim.spec.volumeName)
      const wrong = named && !named.spec?.claimRef ? mismatch(named, claim) : undefined
      if (wrong) {
        const text = `Cannot bind to requested volume ${JSON.stringify(claim.spec.volumeName)}: ${wrong}`
        ctx.events.event(about(claim), 'Warning', 'VolumeMismatch', text)
      } else if (named && (!named.spec?.claimRef || isClaimOf(named, claim))) return bind(named, claim)
      else if (named) {
        const text = `volume ${JSON.stringify(named.metadata.name)} already bound to a different claim.`
        ctx.events.event(about(claim), 'Warning', 'FailedBinding', text)
      }
      return leavePending(claim)
    }
    const storageClass = classNameOf(claim) ? classes.get('', classNameOf(claim)) : undefined
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.metadata.annotations?.[SELECTED_NODE]
    const volume = bestVolume(claim, volumes.list())
    if (volume && (!waits || isClaimOf(volume, claim))) return bind(volume, claim)
    if (await assignDefaultClass(claim)) return
    await leavePending(claim)
    if (waits) return tellWaiting(claim)
    if (!classNameOf(claim)) {
      const text = 'no persistent volumes available for this claim and no storage class is set'
      return ctx.events.event(about(claim), 'Normal', 'FailedBinding', text)
    }
    if (!storageClass) {
      const text = `storageclass.storage.k8s.io "${classNameOf(claim)}" not found`
      return ctx.events.event(about(claim), 'Warning', 'ProvisioningFailed', text)
    }
    await askProvisioner(claim, storageClass)
  }

  /**
   * Leaves a claim unbound for now; it is looked at, and what it lacks is told, again and again. Of what is told for
   * long only one event in five minutes passes, so it is not told more often.
   */
  function leavePending(claim: Claim): Promise<void> {
    const age = ctx.clock.now() - Date.parse(claim.metadata.creationTimestamp ?? '')
    const often = !(age > SPAM_BURST * SYNC_PERIOD_MS)
    controller.queue.addAfter(CLAIM + keyOf(claim), often ? SYNC_PERIOD_MS : SPAM_REFILL_MS)
    return setPhase(claim, 'Pending')
  }

  /** Gives a claim the default class that there was none of when it was made. */
  async function assignDefaultClass(claim: Claim): Promise<boolean> {
    if (claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.[BETA_CLASS] !== undefined) return false
    const found = defaultClass(classes.list())
    if (!found) return false
    const { namespace, name, resourceVersion } = claim.metadata
    const patch = { metadata: { resourceVersion }, spec: { storageClassName: found.metadata.name } }
    await claimClient.patch(namespace!, name!, patch, { type: 'merge' })
    return true
  }

  /** Says that a claim waits for a pod to use it, or for the pods that use it to be scheduled. */
  function tellWaiting(claim: Claim): void {
    const using = pods.byIndex(PODS_BY_CLAIM, keyOf(claim)).filter((p) => !p.spec?.nodeName && !isPodFinished(p))
    const names = using.map((p) => p.metadata.name).join(',')
    if (using.length === 0) {
      const text = 'waiting for first consumer to be created before binding'
      return ctx.events.event(about(claim), 'Normal', 'WaitForFirstConsumer', text)
    }
    const text = `waiting for ${using.length > 1 ? 'pods' : 'pod'} ${names} to be scheduled`
    ctx.events.event(about(claim), 'Normal', 'WaitForPodScheduled', text)
  }

  async function askProvisioner(claim: Claim, storageClass: StorageClass): Promise<void> {
    const provisioner = provisionerOf(storageClass.provisioner)
    if (!provisioner) {
      const why = `no volume plugin matched name: ${storageClass.provisioner}`
      return ctx.events.event(about(claim), 'Warning', 'ProvisioningFailed', why)
    }
    if (claim.metadata.annotations?.[STORAGE_PROVISIONER] !== provisioner) {
      const annotations = { [STORAGE_PROVISIONER]: provisioner, [BETA_STORAGE_PROVISIONER]: provisioner }
      await claimClient.patch(claim.metadata.namespace!, claim.metadata.name!, { metadata: { annotations } }, { type: 'merge' })
    }
    const text =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. ` +
      'If volume creation is delayed, please verify that the provisioner is running and correctly registered.'
    ctx.events.event(about(claim), 'Normal', 'ExternalProvisioning', text)
  }

  async function checkBound(claim: Claim): Promise<void> {
    const name = claim.spec?.volumeName
    const volume = name ? volumes.get('', name) : undefined
    if (!volume) {
      if (claim.status?.phase === 'Lost') return
      await setPhase(claim, 'Lost')
      const text = `Bound claim has lost ${name ? 'its' : 'reference to'} PersistentVolume. Data on the volume is lost!`
      return ctx.events.event(about(claim), 'Warning', 'ClaimLost', text)
    }
    if (!volume.spec?.claimRef || isClaimOf(volume, claim)) return bind(volume, claim)
    if (claim.status?.phase === 'Lost') return
    await setPhase(claim, 'Lost')
    ctx.events.event(about(claim), 'Warning', 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  }

  /** Volume first, then claim: whoever is interrupted in between goes on from there. */
  async function bind(volume: Volume, claim: Claim): Promise<void> {
    const { namespace, name, uid, resourceVersion } = claim.metadata
    let bound = volume
    if (!isClaimOf(volume, claim) || volume.spec?.claimRef?.uid !== uid) {
      const byUser = volume.spec?.claimRef !== undefined
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion }
      const metadata = {
        resourceVersion: volume.metadata.resourceVersion,
        ...(byUser ? {} : { annotations: { [BOUND_BY_CONTROLLER]: 'yes' } }),
      }
      bound = await volumeClient.patch('', volume.metadata.name!, { metadata, spec: { claimRef } }, { type: 'merge' })
    }
    if (bound.status?.phase !== 'Bound') await updateStatus(volumeClient, bound, { ...bound.status, phase: 'Bound' })
    let now = claim
    if (claim.spec?.volumeName !== volume.metadata.name || !claim.metadata.annotations?.[BIND_COMPLETED]) {
      const annotations = { [BIND_COMPLETED]: 'yes', ...(claim.spec?.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }) }
      const patch = { metadata: { annotations }, spec: { volumeName: volume.metadata.name } }
      now = await claimClient.patch(namespace!, name!, patch, { type: 'merge' })
    }
    const { accessModes = [], capacity = {} } = volume.spec!
    // A claim that was made larger keeps the capacity it has until its volume has grown.
    const status = { ...now.status, phase: 'Bound', accessModes, capacity: now.status?.capacity ?? { storage: capacity.storage! } }
    if (!sameValue(now.status, status)) await updateStatus(claimClient, now, status)
  }

  async function setPhase(claim: Claim, phase: string): Promise<void> {
    if (claim.status?.phase !== phase) await updateStatus(claimClient, claim, { ...claim.status, phase })
  }

  // ---- volumes ----

  async function syncVolume(volume: Volume): Promise<void> {
    const ref = volume.spec?.claimRef
    if (!ref) return setVolumePhase(volume, 'Available')
    // Set aside for a claim by its name, which may still come.
    if (!ref.uid) return setVolumePhase(volume, 'Available')
    const claim = claims.get(ref.namespace!, ref.name!)
    if (claim?.metadata.uid === ref.uid) {
      if (claim.spec?.volumeName && claim.spec.volumeName !== volume.metadata.name) return unbind(volume)
      controller.queue.add(CLAIM + keyOf(claim))
      return
    }
    const live = await claimClient.get(ref.namespace!, ref.name!).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
    if (live?.metadata.uid === ref.uid) return
    await reclaim(volume)
  }

  /** Takes a volume back from a claim that has got another: one that a person has set aside for it stays so. */
  async function unbind(volume: Volume): Promise<void> {
    const { name, resourceVersion, annotations } = volume.metadata
    if (annotations?.[PROVISIONED_BY] && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') return reclaim(volume)
    const byController = annotations?.[BOUND_BY_CONTROLLER] !== undefined
    const metadata = { resourceVersion, ...(byController ? { annotations: { [BOUND_BY_CONTROLLER]: null } } : {}) }
    const claimRef = byController ? null : { uid: null, resourceVersion: null }
    const free = await volumeClient.patch('', name!, { metadata, spec: { claimRef } }, { type: 'merge' })
    await setVolumePhase(free, 'Available')
  }

  async function reclaim(volume: Volume): Promise<void> {
    const policy = volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain'
    if (volume.status?.phase !== 'Failed') await setVolumePhase(volume, 'Released')
    if (policy === 'Recycle') return recycle(volume)
    if (policy !== 'Delete') return
    // Volumes of the simulation hold nothing outside of it: deleting the object deletes the data.
    const why = volume.metadata.annotations?.[PROVISIONED_BY] ? undefined : undeletable(volume)
    if (why) return fail(volume, 'VolumeFailedDelete', why)
    await volumeClient.delete('', volume.metadata.name!, { preconditions: { uid: volume.metadata.uid! } }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }

  async function recycle(volume: Volume): Promise<void> {
    const about = referenceTo('v1', 'PersistentVolume', volume)
    const { namespace, name } = volume.spec!.claimRef!
    const users = pods.byIndex(PODS_BY_CLAIM, `${namespace}/${name}`).filter((pod) => !isPodFinished(pod))
    if (users.length > 0) {
      controller.queue.addAfter(VOLUME + keyOf(volume), SYNC_PERIOD_MS)
      return ctx.events.event(about, 'Normal', 'VolumeFailedRecycle', `Volume is used by pods: ${users.map(keyOf).sort().join(',')}`)
    }
    const result = await recycler.step(volume)
    if (result.state === 'failed') {
      // What failed once is tried again and again.
      controller.queue.addAfter(VOLUME + keyOf(volume), SYNC_PERIOD_MS)
      return fail(volume, 'VolumeFailedRecycle', result.why)
    }
    if (result.state === 'running') return
    ctx.events.event(about, 'Normal', 'VolumeRecycled', 'Volume recycled')
    await unbind(volumes.get('', volume.metadata.name!) ?? volume)
  }

  /** Says why a volume cannot be reclaimed, once. */
  async function fail(volume: Volume, reason: string, why: string): Promise<void> {
    if (volume.status?.phase === 'Failed') return
    await updateStatus(volumeClient, volume, { ...volume.status, phase: 'Failed', message: why })
    ctx.events.event(referenceTo('v1', 'PersistentVolume', volume), 'Warning', reason, why)
  }

  async function setVolumePhase(volume: Volume, phase: string): Promise<void> {
    if (volume.status?.phase === phase || volume.metadata.deletionTimestamp !== undefined) return
    const { message: _message, reason: _reason, ...status } = volume.status ?? {}
    await updateStatus(volumeClient, volume, { ...status, phase })
  }
}

/** Why a volume that nobody has provisioned cannot be deleted with its data: only hostPath volumes below /tmp can. */
function undeletable({ metadata, spec }: Volume): string | undefined {
  if (!spec?.hostPath) return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`
  const { path } = spec.hostPath
  return /^\/tmp\/.+/.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`
}

function about(claim: Claim): ObjectReference {
  return referenceTo('v1', 'PersistentVolumeClaim', claim)
}
