/**
 * The loop that keeps a number of pods of one template running. ReplicaSets and ReplicationControllers are both this
 * loop: they differ in names and in the form of their selector.
 */
import type { GroupVersionResource, ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta, Pod, PodTemplateSpec } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import { claim } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { Expectations } from './expectations.js'
import { listenToOwnedPods } from './ownedpods.js'
import { byDeletionPriority, colocation } from './pod-ranking.js'
import { createPod, deleteOwnedPod, firstError, isNamespaceTerminating, podFromTemplate, slowStart } from './podcontrol.js'
import { isPodActive, isPodAvailable, isPodReady, isPodTerminating, podInformer, podsControlledBy, podsWithoutController } from './pods.js'
import type { LabelMatcher } from './selector.js'
import { ShortLivedPods } from './shortlived.js'
import { writeStatus } from './status.js'

/** At most so many pods are created or deleted in one sync; the next sync does the rest. */
const BURST = 500

export interface ReplicaStatus {
  replicas: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
  conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[]
}

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicated {
  metadata: ObjectMeta
  spec?: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec }
  status?: ReplicaStatus
}

/** How the two kinds differ. */
export interface ReplicatedKind<T extends Replicated> {
  /** The controller's name, also in its events. */
  name: string
  apiVersion: string
  kind: string
  gvr: GroupVersionResource
  selects(object: T): LabelMatcher
  /** Whether other objects of the kind with the same owner count when pods are ranked for deletion by node. */
  ranksWithSiblings: boolean
  /** Whether the status counts terminating pods. */
  countsTerminating: boolean
}

/** Starts the loop for one kind. */
export function startReplication<T extends Replicated>(ctx: ControllerContext, kind: ReplicatedKind<T>): Controller {
  const client: ResourceClient<T> = ctx.client.resource<T>(kind.gvr)
  const sets = ctx.informers.for<T>(kind.gvr)
  const pods = podInformer(ctx.informers)
  const podClient = ctx.client.resource<Pod>({ group: '', version: 'v1', resource: 'pods' })
  const expectations = new Expectations(ctx.clock)
  const shortLived = new ShortLivedPods(ctx.clock)
  const controller = new KeyedController(ctx, { name: kind.name, sync })

  controller.listen(sets, {
    add: (set) => controller.queue.add(keyOf(set)),
    update: (_old, set) => controller.queue.add(keyOf(set)),
    delete(set) {
      expectations.delete(keyOf(set))
      controller.queue.add(keyOf(set))
    },
  })
  listenToOwnedPods<T>({
    controller,
    pods,
    ownerKind: kind.kind,
    owners: sets,
    expectations,
    changed: (set, old, pod) => shortLived.changed(set, old, pod),
    *matching(pod) {
      for (const set of sets.list(pod.metadata.namespace)) if (kind.selects(set)(pod.metadata.labels)) yield set
    },
  })
  return controller.startAfter(sets, pods)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const set = sets.get(namespace, name)
    if (!set) return expectations.delete(key)
    const mayAct = expectations.satisfied(key)
    const active = await claimPods(set)
    let failure: unknown
    if (mayAct && set.metadata.deletionTimestamp === undefined) failure = await manage(key, set, active)
    await report(key, set, active, failure)
    if (failure !== undefined) throw failure
  }

  /** The pods that are at work: those that have ended or are going are neither taken nor let go. */
  function claimPods(set: T): Promise<Pod[]> {
    const namespace = set.metadata.namespace!
    const candidates = [...podsControlledBy(pods, set.metadata.uid!), ...podsWithoutController(pods, namespace)]
    return claim(candidates.filter(isPodActive), {
      owner: controllerRef(kind.apiVersion, kind.kind, set),
      ownerDeleted: set.metadata.deletionTimestamp !== undefined,
      selects: kind.selects(set),
      client: podClient,
      async stillThere() {
        const live = await client.get(namespace, set.metadata.name!)
        return live.metadata.uid === set.metadata.uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  /** Creates what is missing or deletes what is too much. Gives the first error. */
  async function manage(key: string, set: T, active: readonly Pod[]): Promise<unknown> {
    const difference = active.length - (set.spec?.replicas ?? 1)
    const about = referenceTo(kind.apiVersion, kind.kind, set)
    if (difference < 0) {
      const wait = shortLived.wait(set)
      if (wait > 0) return void controller.queue.addAfter(key, wait)
      const count = Math.min(-difference, BURST)
      expectations.expectCreations(key, count)
      const owner = controllerRef(kind.apiVersion, kind.kind, set)
      const { succeeded, error } = await slowStart(count, () =>
        createPod(ctx, podFromTemplate(set.spec!.template!, set.metadata.namespace!, owner), about),
      )
      // What failed or was not tried will never be seen.
      if (succeeded < count) expectations.creationObserved(key, count - succeeded)
      return isNamespaceTerminating(error) ? undefined : error
    }
    if (difference > 0) {
      const victims = toDelete(set, active, Math.min(difference, BURST))
      expectations.expectDeletions(key, victims.map(keyOf))
      return firstError(
        victims.map(async (pod) => {
          try {
            await deleteOwnedPod(ctx, pod, about)
          } catch (error) {
            expectations.deletionObserved(key, keyOf(pod))
            if (!isReason(error, 'NotFound')) throw error
          }
        }),
      )
    }
    return undefined
  }

  function toDelete(set: T, active: readonly Pod[], count: number): Pod[] {
    if (count >= active.length) return [...active]
    return byDeletionPriority(active, colocation(active, family(set, active)), ctx.clock.now()).slice(0, count)
  }

  /** The pods that count for colocation: those of all sets with the same owner, such as one Deployment's. */
  function* family(set: T, active: readonly Pod[]): Generator<Pod> {
    const owner = kind.ranksWithSiblings ? controllerOf(set) : undefined
    if (!owner) return yield* active
    for (const sibling of sets.list(set.metadata.namespace))
      if (controllerOf(sibling)?.uid === owner.uid) yield* podsControlledBy(pods, sibling.metadata.uid!)
  }

  async function report(key: string, set: T, active: readonly Pod[], failure: unknown): Promise<void> {
    const status = statusOf(key, set, active, failure)
    if (sameStatus(set, status)) return
    await writeStatus(client, set, { ...status, observedGeneration: set.metadata.generation ?? 0 })
  }

  function statusOf(key: string, set: T, active: readonly Pod[], failure: unknown): ReplicaStatus {
    const template = Object.entries(set.spec?.template?.metadata?.labels ?? {})
    const minReady = set.spec?.minReadySeconds ?? 0
    const now = ctx.clock.now()
    let labeled = 0
    let ready = 0
    let available = 0
    let soonest = Infinity
    for (const pod of active) {
      const labels = pod.metadata.labels ?? {}
      if (template.every(([k, v]) => labels[k] === v)) labeled++
      if (!isPodReady(pod)) continue
      ready++
      if (isPodAvailable(pod, minReady, now, (ms) => (soonest = Math.min(soonest, ms)))) available++
    }
    if (soonest !== Infinity) controller.queue.addAfter(key, soonest)
    const conditions = conditionsOf(set, active.length, failure)
    return {
      replicas: active.length,
      ...(labeled ? { fullyLabeledReplicas: labeled } : {}),
      ...(ready ? { readyReplicas: ready } : {}),
      ...(available ? { availableReplicas: available } : {}),
      ...(kind.countsTerminating ? { terminatingReplicas: terminatingOf(set).length } : {}),
      ...(conditions.length ? { conditions } : {}),
    }
  }

  function terminatingOf(set: T): Pod[] {
    const selects = kind.selects(set)
    return podsControlledBy(pods, set.metadata.uid!).filter((pod) => isPodTerminating(pod) && selects(pod.metadata.labels))
  }

  function conditionsOf(set: T, count: number, failure: unknown): NonNullable<ReplicaStatus['conditions']> {
    const others = (set.status?.conditions ?? []).filter((c) => c.type !== 'ReplicaFailure')
    if (failure === undefined) return others
    const known = set.status?.conditions?.find((c) => c.type === 'ReplicaFailure')
    if (known) return [...others, known]
    const reason = count < (set.spec?.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete'
    const message = (failure as Error).message
    return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: rfc3339(ctx.clock.now()), reason, message }]
  }
}

function sameStatus(set: Replicated, status: ReplicaStatus): boolean {
  const old = set.status
  return (
    old !== undefined &&
    old.observedGeneration === (set.metadata.generation ?? 0) &&
    old.replicas === status.replicas &&
    (old.fullyLabeledReplicas ?? 0) === (status.fullyLabeledReplicas ?? 0) &&
    (old.readyReplicas ?? 0) === (status.readyReplicas ?? 0) &&
    (old.availableReplicas ?? 0) === (status.availableReplicas ?? 0) &&
    old.terminatingReplicas === status.terminatingReplicas &&
    JSON.stringify(old.conditions ?? []) === JSON.stringify(status.conditions ?? [])
  )
}
