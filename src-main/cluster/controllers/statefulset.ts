/** The StatefulSet controller: pods with a lasting name and storage, made and replaced in order (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/). */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { OwnerReference, Pod } from '../api/object.js'
import { controllerRef, keyOf, splitKey } from '../api/object.js'
import { claim, setOwners } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import type { ControllerRevision } from './history.js'
import { revisionInformer, revisionsOf, trimRevisions } from './history.js'
import { listenToOwnedPods } from './ownedpods.js'
import { slowStart } from './podcontrol.js'
import { deletePod, isPodAvailable, isPodReady, podInformer, podsControlledBy, podsWithoutController } from './pods.js'
import { matcherOf } from './selector.js'
import { ShortLivedPods } from './shortlived.js'
import type { Claim, StatefulSet } from './statefulset-pods.js'
import { claimsOf, firstOrdinal, NAME_LABEL, newPod, ordinalOf, podName, replicasOf, revisionOf } from './statefulset-pods.js'
import { writeStatus } from './status.js'
import { canonical } from './templatehash.js'

const HASH_LABEL = 'controller.kubernetes.io/hash'

/** The revisions between which a set stands. */
interface Revisions {
  current: ControllerRevision
  update: ControllerRevision
}

export function startStatefulSetController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<StatefulSet>(resources.statefulsets)
  const podClient = ctx.client.resource<Pod>(resources.pods)
  const claimClient = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const sets = ctx.informers.for<StatefulSet>(resources.statefulsets)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const pods = podInformer(ctx.informers)
  const history = revisionInformer(ctx)
  const shortLived = new ShortLivedPods(ctx.clock)
  const controller = new KeyedController(ctx, { name: 'statefulset-controller', sync })

  const enqueue = (set: StatefulSet): void => controller.queue.add(keyOf(set))
  controller.listen(sets, { add: enqueue, update: (_old, set) => enqueue(set), delete: enqueue })
  listenToOwnedPods<StatefulSet>({
    controller,
    pods,
    ownerKind: 'StatefulSet',
    owners: sets,
    changed: (set, old, pod) => shortLived.changed(set, old, pod),
    *matching(pod) {
      for (const set of sets.list(pod.metadata.namespace)) if (matcherOf(set.spec?.selector)(pod.metadata.labels)) yield set
    },
  })
  controller.listen(claims, {
    // A pod may wait until the claim of the pod before it is gone.
    delete(claim) {
      for (const set of sets.list(claim.metadata.namespace))
        if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete') enqueue(set)
    },
  })
  return controller.startAfter(sets, claims, pods, history)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const set = sets.get(namespace, name)
    if (!set) return
    const mine = await claimPods(set)
    const known = await revisionsOf(ctx, history, 'StatefulSet', set, HASH_LABEL)
    const current = known.all.find((r) => r.metadata.name === set.status?.currentRevision) ?? known.update
    const revisions: Revisions = { current, update: known.update }
    try {
      if (set.metadata.deletionTimestamp === undefined) {
        // First the claims: a pod that goes must own what is to go with it.
        await applyRetention(set, mine)
        await advance(set, mine, revisions)
      }
    } finally {
      await report(set, revisions)
    }
    const inUse = new Set([current.metadata.name!, known.update.metadata.name!, ...mine.map((p) => revisionOf(p) ?? '')])
    await trimRevisions(ctx, known.all, inUse, set.spec?.revisionHistoryLimit ?? 10)
  }

  async function claimPods(set: StatefulSet): Promise<Pod[]> {
    const { namespace, name, uid } = set.metadata
    const ours = (pod: Pod): boolean => ordinalOf(set, pod) >= 0
    const orphans = podsWithoutController(pods, namespace!).filter(ours)
    return claim([...podsControlledBy(pods, uid!), ...orphans], {
      owner: controllerRef('apps/v1', 'StatefulSet', set),
      ownerDeleted: set.metadata.deletionTimestamp !== undefined,
      selects: matcherOf(set.spec?.selector),
      client: podClient,
      async stillThere() {
        const live = await client.get(namespace!, name!)
        return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  /** Takes the next steps; with ordered pods at most one at a time. */
  async function advance(set: StatefulSet, mine: readonly Pod[], { current, update }: Revisions): Promise<void> {
    const ordered = set.spec?.podManagementPolicy !== 'Parallel'
    const first = firstOrdinal(set)
    const end = first + replicasOf(set)
    const byOrdinal = new Map(mine.map((p) => [ordinalOf(set, p), p]))
    const surplus = mine.filter((p) => ordinalOf(set, p) < first || ordinalOf(set, p) >= end)
    const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0

    const missing: number[] = []
    // Ordinals below the partition come back with the template they had.
    const create = (ordinal: number): Promise<void> => createOne(set, ordinal, ordinal < first + partition ? current : update)
    for (let ordinal = first; ordinal < end; ordinal++) {
      const pod = byOrdinal.get(ordinal)
      if (!pod) {
        // It waits while a claim is there that goes with the pod before.
        if (hasStaleClaim(set, ordinal)) {
          if (ordered) return
          continue
        }
        if (ordered) return create(ordinal)
        missing.push(ordinal)
        continue
      }
      if (isEnded(pod)) {
        // The new pod comes once the old one is gone.
        if (pod.metadata.deletionTimestamp === undefined) await deleteOne(set, pod)
        if (ordered) return
        continue
      }
      if (pod.status?.phase === 'Pending') await createClaims(set, ordinal, pod.metadata.name!)
      if (ordered && (pod.metadata.deletionTimestamp !== undefined || !isHealthy(set, pod))) return
      await restoreIdentity(set, pod)
    }
    const { error } = await slowStart(missing.length, (i) => create(missing[i]!))
    if (error !== undefined) throw error

    surplus.sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a))
    const ailing = surplus.filter((pod) => pod.metadata.deletionTimestamp !== undefined || !isHealthy(set, pod))
    for (const pod of surplus) {
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (ordered) return
        continue
      }
      // Of several pods that are not healthy the lowest may go, and the others wait for it.
      if (ordered && ailing.includes(pod) && pod !== ailing.at(-1)) return
      await deleteOne(set, pod)
      if (ordered) return
    }
    if (surplus.length && ordered) return
    if (set.spec?.updateStrategy?.type === 'OnDelete') return
    await replaceOld(set, byOrdinal, first + partition, end, update)
  }

  /** Replaces pods of older revisions one at a time, the highest ordinal first, and waits for each, though it never worked. */
  async function replaceOld(
    set: StatefulSet,
    byOrdinal: ReadonlyMap<number, Pod>,
    lowest: number,
    end: number,
    update: ControllerRevision,
  ): Promise<void> {
    for (let o = end - 1; o >= lowest; o--) {
      const pod = byOrdinal.get(o)
      if (!pod) return
      const leaving = pod.metadata.deletionTimestamp !== undefined
      if (revisionOf(pod) !== update.metadata.name && !leaving) return deleteOne(set, pod)
      if (leaving || !isHealthy(set, pod)) return
    }
  }

  function isHealthy(set: StatefulSet, pod: Pod): boolean {
    const minReady = set.spec?.minReadySeconds ?? 0
    return (
      pod.status?.phase === 'Running' &&
      isPodReady(pod) &&
      isPodAvailable(pod, minReady, ctx.clock.now(), (ms) => controller.queue.addAfter(keyOf(set), ms))
    )
  }

  // ---- single pods ----

  async function createOne(set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
    const wait = shortLived.wait(set)
    if (wait > 0) return controller.queue.addAfter(keyOf(set), wait)
    const pod = newPod(set, ordinal, revision)
    const { namespace, name } = pod.metadata
    try {
      await createClaims(set, ordinal, name!)
      await podClient.create(namespace!, pod)
      ctx.events.event(about(set), 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`)
    } catch (error) {
      // A pod of that name that is not the set's own: nobody tells when it goes, and it is no failure to tell of.
      if (isReason(error, 'AlreadyExists')) throw error
      const text = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`
      ctx.events.event(about(set), 'Warning', 'FailedCreate', text)
      throw error
    }
  }

  /** Whether an ordinal has a claim that goes with a pod that is gone, as the retention policy wants it when scaled. */
  function hasStaleClaim(set: StatefulSet, ordinal: number): boolean {
    if ((set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled ?? 'Retain') === 'Retain') return false
    const name = podName(set, ordinal)
    return claimsOf(set, ordinal).some((wanted) => {
      const live = claims.get(wanted.metadata.namespace!, wanted.metadata.name!)
      return !!live?.metadata.ownerReferences?.some((o) => o.kind === 'Pod' && o.apiVersion === 'v1' && o.name === name)
    })
  }

  /** Makes the claims of a pod that are missing. Rejects with an Error that names what could not be made. */
  async function createClaims(set: StatefulSet, ordinal: number, pod: string): Promise<void> {
    const failures: string[] = []
    const { name: setName, namespace } = set.metadata
    for (const wanted of claimsOf(set, ordinal)) {
      const name = wanted.metadata.name!
      const known = claims.get(namespace!, name)
      if (known?.metadata.deletionTimestamp !== undefined) failures.push(`pvc ${name} is being deleted`)
      if (known) continue
      try {
        await claimClient.create(namespace!, wanted)
        const text = `create Claim ${name} Pod ${pod} in StatefulSet ${setName} success`
        ctx.events.event(about(set), 'Normal', 'SuccessfulCreate', text)
      } catch (error) {
        if (isReason(error, 'AlreadyExists')) continue
        const { message } = error as Error
        failures.push(`failed to create PVC ${name}: ${message}`)
        const text = `create Claim ${name} for Pod ${pod} in StatefulSet ${setName} failed error: ${message}`
        ctx.events.event(about(set), 'Warning', 'FailedCreate', text)
      }
    }
    if (failures.length) throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`)
  }

  async function deleteOne(set: StatefulSet, pod: Pod): Promise<void> {
    const text = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
    try {
      await deletePod(ctx.client, pod)
      ctx.events.event(about(set), 'Normal', 'SuccessfulDelete', `${text} successful`)
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      ctx.events.event(about(set), 'Warning', 'FailedDelete', `${text} failed error: ${(error as Error).message}`)
      throw error
    }
  }

  /** Gives a pod the label of its name back that somebody has taken away: Services find single pods by it. */
  async function restoreIdentity(set: StatefulSet, pod: Pod): Promise<void> {
    const { name, namespace, labels } = pod.metadata
    if (labels?.[NAME_LABEL] === name || pod.metadata.deletionTimestamp !== undefined) return
    await podClient.patch(namespace!, name!, { metadata: { labels: { [NAME_LABEL]: name } } }, { type: 'merge' })
    ctx.events.event(about(set), 'Normal', 'SuccessfulUpdate', `update Pod ${name} in StatefulSet ${set.metadata.name} successful`)
  }

  // ---- claims ----

  /** Lets claims go with their pod or with the set, as the retention policy says: by controller references. */
  async function applyRetention(set: StatefulSet, mine: readonly Pod[]): Promise<void> {
    if (!set.spec?.volumeClaimTemplates?.length) return
    const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
    const first = firstOrdinal(set)
    const end = first + replicasOf(set)
    const setRef = controllerRef('apps/v1', 'StatefulSet', set)
    for (const pod of mine) {
      const ordinal = ordinalOf(set, pod)
      const podRef = controllerRef('v1', 'Pod', pod)
      const condemned = ordinal < first || ordinal >= end
      for (const { metadata } of claimsOf(set, ordinal)) {
        const live = claims.get(metadata.namespace!, metadata.name!)
        const owners = live?.metadata.ownerReferences ?? []
        const others = owners.filter((o) => o.uid !== setRef.uid && o.uid !== podRef.uid)
        // A claim of somebody else's, or of an earlier pod or set of the name, is left alone.
        const foreign = others.some((o) => o.controller || names(o, setRef) || names(o, podRef))
        if (!live || (foreign && (whenDeleted === 'Delete' || whenScaled === 'Delete'))) continue
        const wanted: OwnerReference[] = [...others]
        if (condemned && whenScaled === 'Delete') wanted.push(podRef)
        else if (whenDeleted === 'Delete') wanted.push(setRef)
        if (canonical(owners) !== canonical(wanted)) await setOwners(live, wanted, claimClient)
      }
    }
  }

  // ---- status ----

  async function report(set: StatefulSet, { current, update }: Revisions): Promise<void> {
    const mine = podsControlledBy(pods, set.metadata.uid!).filter((p) => ordinalOf(set, p) >= 0)
    const updateName = update.metadata.name!
    let currentName = current.metadata.name!
    const alive = mine.filter((p) => p.metadata.deletionTimestamp === undefined)
    const count = (test: (p: Pod) => boolean): number => alive.filter(test).length
    const updated = count((p) => revisionOf(p) === updateName)
    const ready = mine.filter((p) => isPodReady(p) && !isEnded(p)).length
    const available = mine.filter((p) => isHealthy(set, p)).length
    // The update is over when every pod has the new revision and is ready.
    const rolling = set.spec?.updateStrategy?.type !== 'OnDelete'
    if (rolling && updated === replicasOf(set) && ready === replicasOf(set) && mine.length === replicasOf(set)) currentName = updateName
    const currentCount = count((p) => revisionOf(p) === currentName)
    const status: NonNullable<StatefulSet['status']> = {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: mine.length,
      ...(ready ? { readyReplicas: ready } : {}),
      ...(currentCount ? { currentReplicas: currentCount } : {}),
      ...(updated ? { updatedReplicas: updated } : {}),
      currentRevision: currentName,
      updateRevision: updateName,
      collisionCount: set.status?.collisionCount ?? 0,
      availableReplicas: available,
      ...(set.status?.conditions?.length ? { conditions: set.status.conditions } : {}),
    }
    if (canonical(set.status) !== canonical(status)) await writeStatus(client, set, status)
  }
}

function about(set: StatefulSet): ReturnType<typeof referenceTo> {
  return referenceTo('apps/v1', 'StatefulSet', set)
}

function isEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
}

/** Whether a reference means an object of the same kind and name. */
function names(reference: OwnerReference, other: OwnerReference): boolean {
  return reference.kind === other.kind && reference.apiVersion === other.apiVersion && reference.name === other.name
}
