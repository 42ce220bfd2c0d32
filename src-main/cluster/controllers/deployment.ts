/**
 * The Deployment controller: one ReplicaSet per template, and the exchange of the old ones for the new one by the
 * Deployment's strategy (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Deployment, Pod, ReplicaSet } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, splitKey } from '../api/object.js'
import { claim } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import {
  DESIRED_REPLICAS,
  REVISION,
  byCreation,
  findNewReplicaSet,
  isRollingUpdate,
  maxRevision,
  maxSurge,
  maxUnavailable,
  newReplicaCount,
  newReplicaSet,
  proportionalSizes,
  replicasOf,
  revisionAnnotations,
  revisionOf,
  sameTemplate,
  sumReplicas,
  sumStatus,
  withSize,
} from './deployment-replicasets.js'
import type { DeploymentCondition, DeploymentStatus } from './deployment-status.js'
import {
  conditionOf,
  countsOf,
  hasProgressDeadline,
  isComplete,
  makeCondition,
  rolloutStatus,
  sameStatus,
  setCondition,
  untilStuck,
} from './deployment-status.js'
import { referenceTo } from './events.js'
import { resolveOwner } from './ownedpods.js'
import { isNamespaceTerminating } from './podcontrol.js'
import { isPodFinished, podInformer, podsControlledBy } from './pods.js'
import { isEmptySelector, matcherOf } from './selector.js'

/** A Deployment with its ReplicaSets, as one sync sees and changes them. */
interface Rollout {
  deployment: Deployment
  /** The ReplicaSet of the current template, if it is there. */
  fresh: ReplicaSet | undefined
  old: ReplicaSet[]
}

const OWNER_INDEX = 'replicasets-by-controller'

export function startDeploymentController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Deployment>(resources.deployments)
  const setClient = ctx.client.resource<ReplicaSet>(resources.replicasets)
  const deployments = ctx.informers.for<Deployment>(resources.deployments)
  const sets = ctx.informers.for<ReplicaSet>(resources.replicasets)
  const pods = podInformer(ctx.informers)
  sets.addIndex(OWNER_INDEX, (set) => [controllerOf(set)?.uid ?? `orphans/${set.metadata.namespace}`])
  const controller = new KeyedController(ctx, { name: 'deployment-controller', sync })

  const enqueue = (deployment: Deployment): void => controller.queue.add(keyOf(deployment))
  controller.listen(deployments, { add: enqueue, update: (_old, deployment) => enqueue(deployment), delete: enqueue })

  const deploymentOf = (set: ReplicaSet): Deployment | undefined =>
    resolveOwner(deployments, 'Deployment', set.metadata.namespace!, controllerOf(set))
  const onSet = (set: ReplicaSet): void => {
    const owner = deploymentOf(set)
    if (owner) return enqueue(owner)
    if (controllerOf(set)) return
    for (const deployment of deployments.list(set.metadata.namespace))
      if (matcherOf(deployment.spec?.selector)(set.metadata.labels)) enqueue(deployment)
  }
  controller.listen(sets, {
    add: onSet,
    update(old, set) {
      if (controllerOf(old)?.uid !== controllerOf(set)?.uid) onSet(old)
      onSet(set)
    },
    delete: onSet,
  })
  // Recreate waits until the last old pod is gone; nobody else needs to know of pods.
  controller.listen(pods, {
    delete(pod) {
      const set = resolveOwner(sets, 'ReplicaSet', pod.metadata.namespace!, controllerOf(pod))
      const deployment = set && deploymentOf(set)
      if (deployment && !isRollingUpdate(deployment)) enqueue(deployment)
    },
  })
  return controller.startAfter(deployments, sets, pods)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const deployment = deployments.get(namespace, name)
    if (!deployment) return
    if (isEmptySelector(deployment.spec?.selector)) {
      const text = 'This deployment is selecting all pods. A non-empty selector is required.'
      ctx.events.event(about(deployment), 'Warning', 'SelectingAll', text)
      return
    }
    const all = await claimSets(deployment)
    const fresh = findNewReplicaSet(deployment, all)
    const rollout: Rollout = { deployment, fresh, old: all.filter((set) => set !== fresh) }
    if (deployment.metadata.deletionTimestamp !== undefined) return writeCounts(rollout)
    await checkPaused(rollout)
    if (deployment.spec?.paused) return resize(rollout)
    if (isScaling(rollout)) return resize(rollout)
    if (isRollingUpdate(deployment)) await rollingUpdate(rollout)
    else await recreate(rollout)
  }

  function claimSets(deployment: Deployment): Promise<ReplicaSet[]> {
    const { namespace, name, uid } = deployment.metadata
    return claim([...sets.byIndex(OWNER_INDEX, uid!), ...sets.byIndex(OWNER_INDEX, `orphans/${namespace}`)], {
      owner: controllerRef('apps/v1', 'Deployment', deployment),
      ownerDeleted: deployment.metadata.deletionTimestamp !== undefined,
      selects: matcherOf(deployment.spec?.selector),
      client: setClient,
      async stillThere() {
        const live = await client.get(namespace!, name!)
        return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  // ---- strategies ----

  async function rollingUpdate(rollout: Rollout): Promise<void> {
    await bringNewSet(rollout, true)
    if (await growNew(rollout)) return writeRollout(rollout)
    if (await shrinkOld(rollout)) return writeRollout(rollout)
    await cleanUpIfComplete(rollout)
    await writeRollout(rollout)
  }

  async function recreate(rollout: Rollout): Promise<void> {
    await bringNewSet(rollout, false)
    const active = rollout.old.filter((set) => replicasOf(set) > 0)
    if (active.length) {
      for (const set of active) await scale(rollout, set, 0)
      return writeRollout(rollout)
    }
    if (oldPodsRun(rollout)) return writeRollout(rollout)
    if (!rollout.fresh) await bringNewSet(rollout, true)
    if (rollout.fresh) await scale(rollout, rollout.fresh, replicasOf(rollout.deployment))
    await cleanUpIfComplete(rollout)
    await writeRollout(rollout)
  }

  function oldPodsRun({ old }: Rollout): boolean {
    if (sumStatus(old, 'replicas') > 0) return true
    return old.some((set) => podsControlledBy(pods, set.metadata.uid!).some((pod: Pod) => !isPodFinished(pod)))
  }

  async function growNew(rollout: Rollout): Promise<boolean> {
    const { deployment, fresh } = rollout
    if (!fresh || replicasOf(fresh) === replicasOf(deployment)) return false
    if (replicasOf(fresh) > replicasOf(deployment)) return scale(rollout, fresh, replicasOf(deployment))
    return scale(rollout, fresh, newReplicaCount(deployment, everySet(rollout), fresh))
  }

  /** Takes pods from the old sets: first those that are not available anyway, then as many as availability allows. */
  async function shrinkOld(rollout: Rollout): Promise<boolean> {
    const { deployment, fresh } = rollout
    if (sumReplicas(rollout.old) === 0) return false
    const least = replicasOf(deployment) - maxUnavailable(deployment)
    const notYet = replicasOf(fresh) - (fresh?.status?.availableReplicas ?? 0)
    let room = sumReplicas(everySet(rollout)) - least - notYet
    if (room <= 0) return false
    let changed = false
    for (const set of [...rollout.old].sort(byCreation)) {
      const idle = replicasOf(set) - (set.status?.availableReplicas ?? 0)
      if (room <= 0 || replicasOf(set) === 0 || idle <= 0) continue
      const less = Math.min(room, idle)
      changed = (await scale(rollout, set, replicasOf(set) - less)) || changed
      room -= less
    }
    let spare = sumStatus(everySet(rollout), 'availableReplicas') - least
    for (const set of [...rollout.old].sort(byCreation)) {
      if (spare <= 0) break
      const less = Math.min(replicasOf(set), spare)
      if (less === 0) continue
      changed = (await scale(rollout, set, replicasOf(set) - less)) || changed
      spare -= less
    }
    return changed
  }

  // ---- scaling ----

  function isScaling({ deployment, fresh, old }: Rollout): boolean {
    return [...old, ...(fresh ? [fresh] : [])].some((set) => {
      const desired = set.metadata.annotations?.[DESIRED_REPLICAS]
      return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment)
    })
  }

  /** The Deployment's size has changed (or it is paused): sizes change, templates do not. */
  async function resize(rollout: Rollout): Promise<void> {
    await bringNewSet(rollout, false)
    const { deployment } = rollout
    const wished = replicasOf(deployment)
    const active = everySet(rollout).filter((set) => replicasOf(set) > 0)
    const latest = rollout.fresh ?? [...rollout.old].sort(byCreation).at(-1)
    const only = active.length === 0 ? latest : active.length === 1 ? active[0] : undefined
    if (active.length <= 1) {
      if (only) await scale(rollout, only, wished)
    } else if (isSaturated(rollout)) {
      for (const set of rollout.old.filter((s) => replicasOf(s) > 0)) await scale(rollout, set, 0)
    } else if (isRollingUpdate(deployment)) {
      for (const [set, size] of proportionalSizes(deployment, active)) await writeSize(rollout, set, size)
    }
    if (deployment.spec?.paused) await cleanUp(rollout)
    await writeCounts(rollout)
  }

  function isSaturated({ deployment, fresh }: Rollout): boolean {
    const wished = replicasOf(deployment)
    const desired = Number(fresh?.metadata.annotations?.[DESIRED_REPLICAS] ?? NaN)
    return replicasOf(fresh) === wished && desired === wished && fresh?.status?.availableReplicas === wished
  }

  /** Gives one ReplicaSet another size. Says whether it has changed; the annotations of one that has its size stay as they were. */
  async function scale(rollout: Rollout, set: ReplicaSet, size: number): Promise<boolean> {
    return replicasOf(set) !== size && (await writeSize(rollout, set, size))
  }

  /** Writes the size of a ReplicaSet, and the annotations that tell that of the Deployment. Says whether the size has changed. */
  async function writeSize(rollout: Rollout, set: ReplicaSet, size: number): Promise<boolean> {
    const { deployment } = rollout
    const before = replicasOf(set)
    const wished = replicasOf(deployment)
    const annotations = withSize(set.metadata.annotations, wished, wished + maxSurge(deployment))
    if (before === size && annotations === set.metadata.annotations) return false
    const changed = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, replicas: size } }
    replaceSet(rollout, set, await setClient.update(changed))
    if (before === size) return false
    const direction = before < size ? 'up' : 'down'
    const text = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${size}`
    ctx.events.event(about(deployment), 'Normal', 'ScalingReplicaSet', text)
    return true
  }

  // ---- the new ReplicaSet ----

  /** Brings the new ReplicaSet's annotations up to date; makes it if it is missing and `create` is set. */
  async function bringNewSet(rollout: Rollout, create: boolean): Promise<void> {
    const { deployment, fresh } = rollout
    const revision = maxRevision(rollout.old) + 1n
    if (fresh) {
      const annotations = revisionAnnotations(deployment, fresh, revision)
      const minReadySeconds = deployment.spec?.minReadySeconds || undefined
      const changed = JSON.stringify(annotations) !== JSON.stringify(fresh.metadata.annotations ?? {})
      if (changed || (fresh.spec?.minReadySeconds || undefined) !== minReadySeconds) {
        const updated = { ...fresh, metadata: { ...fresh.metadata, annotations }, spec: { ...fresh.spec!, minReadySeconds } }
        replaceSet(rollout, fresh, await setClient.update(updated))
      }
      await setRevision(rollout, revisionOf(rollout.fresh!))
      if (!hasProgressDeadline(deployment) || conditionOf(deployment.status, 'Progressing')) return
      return writeCondition(
        rollout,
        makeCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${fresh.metadata.name}"`, ctx.clock.now()),
      )
    }
    if (!create) return
    const made = await createSet(rollout, revision)
    if (!made) return
    rollout.fresh = made
    await setRevision(rollout, revision)
    if (!hasProgressDeadline(deployment)) return
    const text = `Created new replica set "${made.metadata.name}"`
    await writeCondition(rollout, makeCondition('Progressing', 'True', 'NewReplicaSetCreated', text, ctx.clock.now()))
  }

  async function createSet(rollout: Rollout, revision: bigint): Promise<ReplicaSet | undefined> {
    const { deployment } = rollout
    const { namespace } = deployment.metadata
    const wanted = newReplicaSet(rollout, revision)
    const name = wanted.metadata.name!
    try {
      const created = await setClient.create(namespace!, wanted)
      const size = replicasOf(created)
      if (size > 0) ctx.events.event(about(deployment), 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`)
      return created
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return takeExistingSet(rollout, name, error)
      if (isNamespaceTerminating(error)) throw error
      const text = `Failed to create new replica set "${name}": ${(error as Error).message}`
      const condition = makeCondition('Progressing', 'False', 'ReplicaSetCreateError', text, ctx.clock.now())
      if (hasProgressDeadline(deployment)) await writeCondition(rollout, condition)
      ctx.events.event(about(deployment), 'Warning', 'ReplicaSetCreateError', text)
      throw error
    }
  }

  /** The name is taken, says `taken`: by our own set that the cache does not know yet, or by chance by another one. */
  async function takeExistingSet(rollout: Rollout, name: string, taken: unknown): Promise<ReplicaSet> {
    const { deployment } = rollout
    const existing = await setClient.get(deployment.metadata.namespace!, name)
    if (controllerOf(existing)?.uid === deployment.metadata.uid && sameTemplate(existing.spec?.template, deployment.spec?.template))
      return existing
    // A collision: another hash is tried on the next sync.
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    await client.update({ ...deployment, status: { ...deployment.status, collisionCount } }, { subresource: 'status' })
    throw taken
  }

  // ---- writing ----

  async function setRevision(rollout: Rollout, revision: bigint): Promise<void> {
    const { deployment } = rollout
    if (deployment.metadata.annotations?.[REVISION] === String(revision)) return
    const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) }
    // Through the status, as kube-controller-manager does: an annotation written to the object itself would be a new generation.
    rollout.deployment = await client.update(
      { ...deployment, metadata: { ...deployment.metadata, annotations } },
      { subresource: 'status' },
    )
  }

  async function writeCondition(rollout: Rollout, condition: DeploymentCondition): Promise<void> {
    const { deployment } = rollout
    const conditions = setCondition(deployment.status?.conditions ?? [], condition)
    rollout.deployment = await client.update({ ...deployment, status: { ...deployment.status, conditions } }, { subresource: 'status' })
  }

  /** A pause stops the progress deadline; so says a condition. */
  async function checkPaused(rollout: Rollout): Promise<void> {
    const { deployment } = rollout
    if (!hasProgressDeadline(deployment)) return
    const condition = conditionOf(deployment.status, 'Progressing')
    if (condition?.reason === 'ProgressDeadlineExceeded') return
    const known = condition?.reason === 'DeploymentPaused'
    const now = ctx.clock.now()
    if (deployment.spec?.paused && !known)
      await writeCondition(rollout, makeCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', now))
    else if (!deployment.spec?.paused && known)
      await writeCondition(rollout, makeCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now))
  }

  function writeCounts(rollout: Rollout): Promise<void> {
    return writeStatus(rollout, countsOf(rollout.deployment, everySet(rollout), rollout.fresh, ctx.clock.now()))
  }

  async function writeRollout(rollout: Rollout): Promise<void> {
    const { deployment } = rollout
    const now = ctx.clock.now()
    const status = rolloutStatus(deployment, everySet(rollout), rollout.fresh, now)
    await writeStatus(rollout, status)
    const left = untilStuck(deployment, status, now)
    // A second later, because times in the API have no fractions.
    if (left !== undefined) controller.queue.addAfter(keyOf(deployment), Math.max(left, 0) + 1000)
  }

  async function writeStatus(rollout: Rollout, status: DeploymentStatus): Promise<void> {
    const { deployment } = rollout
    if (!sameStatus(deployment.status, status))
      rollout.deployment = await client.update({ ...deployment, status }, { subresource: 'status' })
  }

  // ---- history ----

  async function cleanUpIfComplete(rollout: Rollout): Promise<void> {
    if (isComplete(rollout.deployment, rollout.deployment.status ?? {})) await cleanUp(rollout)
  }

  /** Deletes old, empty ReplicaSets beyond `spec.revisionHistoryLimit`, those of the oldest revisions first. */
  async function cleanUp(rollout: Rollout): Promise<void> {
    const limit = rollout.deployment.spec?.revisionHistoryLimit
    if (limit === undefined || limit === 2 ** 31 - 1) return
    const kept = rollout.old.filter((set) => set.metadata.deletionTimestamp === undefined)
    kept.sort((a, b) => Number(revisionOf(a) - revisionOf(b)) || byCreation(a, b))
    for (const set of kept.slice(0, Math.max(0, kept.length - limit))) {
      if (replicasOf(set) !== 0 || (set.status?.replicas ?? 0) !== 0) continue
      if ((set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0)) continue
      await setClient
        .delete(set.metadata.namespace!, set.metadata.name!, { preconditions: { uid: set.metadata.uid! } })
        .catch(ignoreNotFound)
    }
  }
}

function everySet({ fresh, old }: Rollout): ReplicaSet[] {
  return fresh ? [...old, fresh] : old
}

function replaceSet(rollout: Rollout, before: ReplicaSet, after: ReplicaSet): void {
  if (rollout.fresh === before) rollout.fresh = after
  else rollout.old = rollout.old.map((set) => (set === before ? after : set))
}

function about(deployment: Deployment): ReturnType<typeof referenceTo> {
  return referenceTo('apps/v1', 'Deployment', deployment)
}

function ignoreNotFound(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
