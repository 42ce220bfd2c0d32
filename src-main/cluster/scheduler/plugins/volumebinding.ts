/**
 * The volumes of a pod: whether its claims exist and are bound, whether a node can reach them, and the binding of claims
 * that wait for their first consumer (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
 */
import type { Client, Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import { isReason, notFound } from '../../api/errors.js'
import type { Clock } from '../../clock.js'
import { BOUND_BY_CONTROLLER, SELECTED_NODE } from '../../controllers/persistentvolume-model.js'
import type { ClusterEvent, NodeFilter, Plugin, Rejection } from '../framework.js'
import { reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import type { Claim, StorageClass, Volume } from './podclaims.js'
import { claimNameOf } from './podclaims.js'
import type { VolumeChange } from './volumehints.js'
import { follow, isPlace, letsBind } from './volumehints.js'
import { reaches, VolumePlanner } from './volumeplan.js'

export interface VolumeBindingOptions {
  client: Client
  informers: Informers
  clock: Clock
  /** Called when a claim, a volume, a storage class, a driver or its room has come or changed. */
  changed(change: VolumeChange): void
}

/** How long a pod waits for its claims to be bound before it goes back to the queue (kube-scheduler's bindTimeoutSeconds). */
const BIND_TIMEOUT_MS = 600_000

const wrongNode = reject("node(s) didn't match PersistentVolume's node affinity", true)
const lostVolume = reject('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', true)

export class VolumeBinding implements Plugin {
  readonly name = 'VolumeBinding'
  readonly synced: Promise<unknown>
  private readonly claims: Informer<Claim>
  private readonly volumes: Informer<Volume>
  private readonly classes: Informer<StorageClass>
  private readonly planner: VolumePlanner
  private readonly stops: (() => void)[]
  /** Called with each claim that changes, while bindings wait; with a reason to end them. */
  private readonly waiters = new Map<string, (ended?: Error) => void>()

  constructor(private readonly options: VolumeBindingOptions) {
    const { informers } = options
    this.claims = informers.for<Claim>(resources.persistentvolumeclaims)
    this.volumes = informers.for<Volume>(resources.persistentvolumes)
    this.classes = informers.for<StorageClass>(resources.storageclasses)
    const changed = (change: VolumeChange): void => {
      for (const wake of this.waiters.values()) wake()
      options.changed(change)
    }
    this.planner = new VolumePlanner(informers, options.changed)
    this.synced = Promise.all([this.claims.synced, this.volumes.synced, this.classes.synced, this.planner.synced])
    this.stops = [
      follow('PersistentVolumeClaim', this.claims, changed),
      follow('PersistentVolume', this.volumes, changed),
      follow('StorageClass', this.classes, changed),
      this.planner.stop,
    ]
  }

  stop(): void {
    for (const stop of this.stops) stop()
    this.waiters.clear()
  }

  helps(event: ClusterEvent, pod: PodInfo): boolean {
    return event.type === 'VolumeChange' ? letsBind(event.change, pod) : isPlace(event)
  }

  filter(pod: PodInfo): NodeFilter | Rejection | undefined {
    const found = this.claimsOf(pod)
    if ('reasons' in found) return found
    if (found.length === 0) return undefined
    const bound = found.filter((c) => c.spec?.volumeName)
    const unbound = unboundOf(found)
    if (unbound.some((c) => !this.waitsForConsumer(c))) return reject('pod has unbound immediate PersistentVolumeClaims', true)
    return {
      check: (node) => {
        for (const claim of bound) {
          const volume = this.volumes.get('', claim.spec!.volumeName!)
          if (!volume) return lostVolume
          if (!reaches(volume, node)) return wrongNode
        }
        const plan = this.planner.plan(unbound, node)
        return 'reasons' in plan ? plan : undefined
      },
    }
  }

  reserve(pod: PodInfo, node: NodeInfo): void {
    if (!usesClaims(pod)) return
    const found = this.claimsOf(pod)
    const unbound = 'reasons' in found ? [] : unboundOf(found)
    const plan = this.planner.plan(unbound, node)
    if (unbound.length > 0 && !('reasons' in plan)) this.planner.assumptions.note(pod, node.name, plan)
  }

  unreserve(pod: PodInfo): void {
    this.planner.assumptions.release(pod)
  }

  preBind(pod: PodInfo, node: NodeInfo): Promise<void> | undefined {
    if (!usesClaims(pod)) return undefined
    const found = this.claimsOf(pod)
    if ('reasons' in found) return Promise.reject(new Error(found.reasons.join(', ')))
    const unbound = unboundOf(found)
    return unbound.length ? this.bindAll(pod, unbound, node) : undefined
  }

  abandon(uid: string): void {
    this.waiters.get(uid)?.(notFound(resources.pods, uid))
  }

  private claimsOf(pod: PodInfo): Claim[] | Rejection {
    const claims: Claim[] = []
    for (const volume of pod.pod.spec!.volumes ?? []) {
      const name = claimNameOf(pod.pod, volume)
      if (name === undefined) continue
      const claim = this.claims.get(pod.namespace, name)
      if (!claim && volume.ephemeral)
        return reject(`waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`, true)
      if (!claim) return reject(`persistentvolumeclaim "${name}" not found`, true)
      if (claim.metadata.deletionTimestamp !== undefined) return reject(`persistentvolumeclaim "${name}" is being deleted`, true)
      if (claim.status?.phase === 'Lost')
        return reject(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName}"`, true)
      claims.push(claim)
    }
    return claims
  }

  private classOf(claim: Claim): StorageClass | undefined {
    const name = claim.spec?.storageClassName
    return name ? this.classes.get('', name) : undefined
  }

  private waitsForConsumer(claim: Claim): boolean {
    return this.classOf(claim)?.volumeBindingMode === 'WaitForFirstConsumer'
  }

  private async bindAll(pod: PodInfo, unbound: readonly Claim[], node: NodeInfo): Promise<void> {
    const plan = this.planner.plan(unbound, node)
    if ('reasons' in plan) throw new Error(plan.reasons.join(', '))
    const { client } = this.options
    for (const [claim, volume] of plan.volumes) await this.setAside(volume, claim)
    for (const { metadata } of plan.provision) {
      const patch = { metadata: { annotations: { [SELECTED_NODE]: node.name } } }
      await client.resource<Claim>(resources.persistentvolumeclaims).patch(metadata.namespace!, metadata.name!, patch, { type: 'merge' })
    }
    await this.untilBound(pod, unbound)
    this.planner.assumptions.release(pod)
  }

  /** Sets a volume aside for a claim, unless another pod that shares the claim has done so. */
  private async setAside({ metadata }: Volume, claim: Claim): Promise<void> {
    const client = this.options.client.resource<Volume>(resources.persistentvolumes)
    const volume = this.volumes.get('', metadata.name!)
    if (volume?.spec?.claimRef?.uid === claim.metadata.uid) return
    const { namespace, name, uid } = claim.metadata
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid }
    const annotations = volume?.spec?.claimRef ? {} : { annotations: { [BOUND_BY_CONTROLLER]: 'yes' } }
    const resourceVersion = (volume?.metadata ?? metadata).resourceVersion
    try {
      await client.patch('', metadata.name!, { metadata: { resourceVersion, ...annotations }, spec: { claimRef } }, { type: 'merge' })
    } catch (error) {
      if (!isReason(error, 'Conflict')) throw error
      const live = await client.get('', metadata.name!)
      if (live.spec?.claimRef?.uid !== uid) throw error
    }
  }

  private untilBound({ uid }: PodInfo, claims: readonly Claim[]): Promise<void> {
    const asked = new Set<Claim>()
    return new Promise((resolve, reject_) => {
      const end = (why?: string | Error): void => {
        timer.cancel()
        this.waiters.delete(uid)
        if (why === undefined) resolve()
        else reject_(why instanceof Error ? why : new Error(`binding volumes: ${why}`))
      }
      const timer = this.options.clock.after(BIND_TIMEOUT_MS, () => end('context deadline exceeded'))
      const wake = (ended?: Error): void => {
        if (ended) return end(ended)
        let left = claims.length
        for (const claim of claims) {
          const now = this.claims.get(claim.metadata.namespace!, claim.metadata.name!)
          if (now?.status?.phase === 'Bound' && now.spec?.volumeName) left--
          else if (now?.metadata.annotations?.[SELECTED_NODE]) asked.add(claim)
          // A provisioner that cannot serve this node takes the note of it away.
          else if (now && asked.has(claim)) return end(`provisioning failed for PVC ${JSON.stringify(claim.metadata.name)}`)
        }
        if (left === 0) end()
      }
      this.waiters.set(uid, wake)
      wake()
    })
  }
}

function usesClaims({ pod }: PodInfo): boolean {
  return pod.spec!.volumes?.some((v) => v.persistentVolumeClaim || v.ephemeral) ?? false
}

function unboundOf(claims: readonly Claim[]): Claim[] {
  return claims.filter((c) => !c.spec?.volumeName)
}
