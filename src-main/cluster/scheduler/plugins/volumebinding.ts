/**
 * The volumes of a pod: whether its claims exist and are bound, whether a node can reach them, and the binding of claims
 * that wait for their first consumer (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
 */
import type { Client, Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import { compareQuantities, parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Clock } from '../../clock.js'
import { matcherOf } from '../../controllers/selector.js'
import type { ClusterEvent, NodeFilter, Plugin, Rejection } from '../framework.js'
import { reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import { nodeSelectorMatcher } from './nodeaffinity.js'
import type { Claim, StorageClass, Volume } from './podclaims.js'
import { claimNameOf } from './podclaims.js'

export interface VolumeBindingOptions {
  client: Client
  informers: Informers
  clock: Clock
  /** Called when a claim, a volume or a storage class has changed. */
  changed(): void
}

/** Tells the provisioner on which node the claim is wanted. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
/** How long a pod waits for its claims to be bound before it goes back to the queue (kube-scheduler's bindTimeoutSeconds). */
const BIND_TIMEOUT_MS = 600_000

const wrongNode = reject("node(s) didn't match PersistentVolume's node affinity", true)
const noVolume = reject("node(s) didn't find available persistent volumes to bind", true)
const lostVolume = reject('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', true)

export class VolumeBinding implements Plugin {
  readonly name = 'VolumeBinding'
  readonly synced: Promise<unknown>
  private readonly claims: Informer<Claim>
  private readonly volumes: Informer<Volume>
  private readonly classes: Informer<StorageClass>
  private readonly stops: (() => void)[]
  /** Called with each claim that changes, while bindings wait. */
  private readonly waiters = new Set<() => void>()

  constructor(private readonly options: VolumeBindingOptions) {
    const { informers } = options
    this.claims = informers.for<Claim>(resources.persistentvolumeclaims)
    this.volumes = informers.for<Volume>(resources.persistentvolumes)
    this.classes = informers.for<StorageClass>(resources.storageclasses)
    this.synced = Promise.all([this.claims.synced, this.volumes.synced, this.classes.synced])
    const changed = (): void => {
      for (const wake of this.waiters) wake()
      options.changed()
    }
    const handlers = { add: changed, update: changed, delete: changed }
    this.stops = [this.claims.on(handlers), this.volumes.on(handlers), this.classes.on(handlers)]
  }

  stop(): void {
    for (const stop of this.stops) stop()
    this.waiters.clear()
  }

  helps(event: ClusterEvent): boolean {
    return event.type === 'VolumeChange' || event.type === 'NodeAdd' || event.type === 'NodeUpdate'
  }

  filter(pod: PodInfo): NodeFilter | Rejection | undefined {
    const found = this.claimsOf(pod)
    if ('reasons' in found) return found
    if (found.length === 0) return undefined
    const bound = found.filter((c) => c.spec?.volumeName)
    const unbound = found.filter((c) => !c.spec?.volumeName)
    if (unbound.some((c) => !this.waitsForConsumer(c))) return reject('pod has unbound immediate PersistentVolumeClaims', true)
    return {
      check: (node) => {
        for (const claim of bound) {
          const volume = this.volumes.get('', claim.spec!.volumeName!)
          if (!volume) return lostVolume
          if (!reaches(volume, node)) return wrongNode
        }
        for (const claim of unbound) if (!this.canProvide(claim, node)) return noVolume
        return undefined
      },
    }
  }

  preBind(pod: PodInfo, node: NodeInfo): Promise<void> | undefined {
    if (!pod.pod.spec!.volumes?.some((v) => v.persistentVolumeClaim || v.ephemeral)) return undefined
    const found = this.claimsOf(pod)
    if ('reasons' in found) return Promise.reject(new Error(found.reasons.join(', ')))
    const unbound = found.filter((c) => !c.spec?.volumeName)
    return unbound.length ? this.bindAll(unbound, node) : undefined
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

  private canProvide(claim: Claim, node: NodeInfo): boolean {
    if (this.matchingVolume(claim, node)) return true
    const storageClass = this.classOf(claim)
    if (!storageClass || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false
    const allowed = storageClass.allowedTopologies ?? []
    if (allowed.length === 0) return true
    return allowed.some((t) => (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.labels[e.key] ?? '')))
  }

  /** The smallest free volume that serves the claim from this node. */
  private matchingVolume(claim: Claim, node: NodeInfo): Volume | undefined {
    const wanted = parseQuantity(claim.spec?.resources?.requests?.storage ?? '0')
    let best: Volume | undefined
    for (const volume of this.volumes.list()) {
      const spec = volume.spec!
      if (spec.claimRef || volume.status?.phase === 'Released' || (spec.storageClassName ?? '') !== (claim.spec?.storageClassName ?? ''))
        continue
      if (!(claim.spec?.accessModes ?? []).every((m) => spec.accessModes?.includes(m))) continue
      if (claim.spec?.selector && !matcherOf(claim.spec.selector)(volume.metadata.labels)) continue
      const size = parseQuantity(spec.capacity?.storage ?? '0')
      if (compareQuantities(size, wanted) < 0 || !reaches(volume, node)) continue
      if (!best || compareQuantities(size, parseQuantity(best.spec!.capacity?.storage ?? '0')) < 0) best = volume
    }
    return best
  }

  private async bindAll(unbound: readonly Claim[], node: NodeInfo): Promise<void> {
    const { client } = this.options
    for (const claim of unbound) {
      const { namespace, name, uid } = claim.metadata
      const volume = this.matchingVolume(claim, node)
      if (volume) {
        const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid }
        const patch = { metadata: { resourceVersion: volume.metadata.resourceVersion }, spec: { claimRef } }
        await client.resource<Volume>(resources.persistentvolumes).patch('', volume.metadata.name!, patch, { type: 'merge' })
      } else {
        const patch = { metadata: { annotations: { [SELECTED_NODE]: node.name } } }
        await client.resource<Claim>(resources.persistentvolumeclaims).patch(namespace!, name!, patch, { type: 'merge' })
      }
    }
    await this.untilBound(unbound)
  }

  private untilBound(claims: readonly Claim[]): Promise<void> {
    return new Promise((resolve, reject_) => {
      const isBound = (claim: Claim): boolean => {
        const now = this.claims.get(claim.metadata.namespace!, claim.metadata.name!)
        return now?.status?.phase === 'Bound' && !!now.spec?.volumeName
      }
      const timer = this.options.clock.after(BIND_TIMEOUT_MS, () => {
        this.waiters.delete(wake)
        reject_(new Error('timed out waiting for the condition'))
      })
      const wake = (): void => {
        if (!claims.every(isBound)) return
        timer.cancel()
        this.waiters.delete(wake)
        resolve()
      }
      this.waiters.add(wake)
      wake()
    })
  }
}

function reaches(volume: Volume, node: NodeInfo): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  return !terms || nodeSelectorMatcher(terms)(node.name, node.labels)
}
