/** A Deployment's status: its counts, and the conditions by which `kubectl rollout status` follows a rollout. */
import { jsonText } from '../../exact-json.js'
import type { Deployment, ReplicaSet } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import { maxUnavailable, replicasOf, sumReplicas, sumStatus } from './deployment-replicasets.js'
import { timeOrLongAgo } from './pods.js'

export type DeploymentStatus = NonNullable<Deployment['status']>
export type DeploymentCondition = NonNullable<DeploymentStatus['conditions']>[number]

const TIMED_OUT = 'ProgressDeadlineExceeded'
const COMPLETE = 'NewReplicaSetAvailable'

export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((c) => c.type === type)
}

export function makeCondition(type: string, status: string, reason: string, message: string, now: number): DeploymentCondition {
  return { type, status, lastUpdateTime: rfc3339(now), lastTransitionTime: rfc3339(now), reason, message }
}

/** Sets a condition; one with the same status and reason stays as it is, and the transition time changes only with the status. */
export function setCondition(conditions: readonly DeploymentCondition[], condition: DeploymentCondition): DeploymentCondition[] {
  const old = conditions.find((c) => c.type === condition.type)
  if (old && old.status === condition.status && old.reason === condition.reason) return [...conditions]
  const others = conditions.filter((c) => c.type !== condition.type)
  return [...others, old?.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition]
}

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds !== undefined && seconds !== 2 ** 31 - 1
}

/** The counts, and the Available condition. */
export function countsOf(deployment: Deployment, all: readonly ReplicaSet[], fresh: ReplicaSet | undefined, now: number): DeploymentStatus {
  const available = sumStatus(all, 'availableReplicas')
  const ready = sumStatus(all, 'readyReplicas')
  const replicas = sumStatus(all, 'replicas')
  const updated = sumStatus([fresh], 'replicas')
  const unavailable = Math.max(0, sumReplicas(all) - available)
  const terminating = all.reduce((sum, set) => sum + (set.status?.terminatingReplicas ?? 0), 0)
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment)
  const condition = enough
    ? makeCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : makeCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now)
  const { collisionCount } = deployment.status ?? {}
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...(replicas ? { replicas } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    ...(unavailable ? { unavailableReplicas: unavailable } : {}),
    terminatingReplicas: terminating,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: setCondition(deployment.status?.conditions ?? [], condition),
  }
}

/** Whether all pods are of the new revision and available, and none of the old ones is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wished = replicasOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === wished &&
    (status.replicas ?? 0) === wished &&
    (status.availableReplicas ?? 0) === wished &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const old = deployment.status ?? {}
  const oldPods = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0)
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldPods(status) < oldPods(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  )
}

/** Milliseconds until the rollout counts as stuck, 0 or less when it does already; undefined when it cannot. */
export function untilStuck(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const condition = conditionOf(status, 'Progressing')
  if (!hasProgressDeadline(deployment) || !condition) return undefined
  if (condition.reason === COMPLETE || condition.reason === TIMED_OUT || condition.reason === 'DeploymentPaused') return undefined
  return timeOrLongAgo(condition.lastUpdateTime) + deployment.spec!.progressDeadlineSeconds! * 1000 - now
}

/** The whole status during a rollout, with the Progressing and ReplicaFailure conditions. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  fresh: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const status = countsOf(deployment, all, fresh, now)
  let conditions: DeploymentCondition[] = status.conditions ?? []
  if (!hasProgressDeadline(deployment)) conditions = conditions.filter((c) => c.type !== 'Progressing')
  const current = conditionOf(deployment.status, 'Progressing')
  // Scaling a Deployment whose rollout is over is not progress of a rollout.
  const over = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === COMPLETE
  if (hasProgressDeadline(deployment) && !over) {
    const what = fresh ? `ReplicaSet "${fresh.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
    const left = untilStuck(deployment, { ...status, conditions }, now)
    if (isComplete(deployment, status)) {
      conditions = setCondition(conditions, makeCondition('Progressing', 'True', COMPLETE, `${what} has successfully progressed.`, now))
    } else if (isProgressing(deployment, status)) {
      const condition = makeCondition('Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`, now)
      // Each step sets the update time anew: the deadline counts from the last progress.
      if (current?.status === 'True') condition.lastTransitionTime = current.lastTransitionTime
      conditions = [...conditions.filter((c) => c.type !== 'Progressing'), condition]
    } else if (current?.reason === TIMED_OUT || (left !== undefined && left <= 0)) {
      conditions = setCondition(conditions, makeCondition('Progressing', 'False', TIMED_OUT, `${what} has timed out progressing.`, now))
    }
  }
  const failures = fresh?.status?.conditions?.filter((c) => c.type === 'ReplicaFailure') ?? []
  const failure = failures[0] ?? all.flatMap((set) => set.status?.conditions ?? []).find((c) => c.type === 'ReplicaFailure')
  conditions = failure
    ? setCondition(conditions, { ...makeCondition(failure.type, failure.status, failure.reason ?? '', failure.message ?? '', now) })
    : conditions.filter((c) => c.type !== 'ReplicaFailure')
  return { ...status, conditions }
}

export function sameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  const plain = (s: DeploymentStatus | undefined): string =>
    jsonText([
      s?.observedGeneration,
      s?.replicas ?? 0,
      s?.updatedReplicas ?? 0,
      s?.readyReplicas ?? 0,
      s?.availableReplicas ?? 0,
      s?.unavailableReplicas ?? 0,
      s?.terminatingReplicas,
      s?.collisionCount,
      (s?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message, c.lastUpdateTime]),
    ])
  return plain(a) === plain(b)
}
