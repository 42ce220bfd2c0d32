/** What a Deployment knows about its ReplicaSets: which is new, their revisions, and how a change of size is spread over them. */
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../api/object.js'
import { controllerRef, mutable } from '../api/object.js'
import { canonical, templateHash } from './templatehash.js'
import { timeOf } from './pods.js'

export const HASH_LABEL = 'pod-template-hash'
export const REVISION = 'deployment.kubernetes.io/revision'
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

const MAX_HISTORY_CHARACTERS = 2000

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

const texts = new WeakMap<object, string>()

/** The template as a text, without the hash label: equal templates give equal texts. */
function templateText(template: PodTemplateSpec | undefined): string {
  if (!template) return ''
  let text = texts.get(template)
  if (text === undefined) {
    const labels = { ...template.metadata?.labels }
    delete labels[HASH_LABEL]
    text = canonical({ ...template, metadata: { ...template.metadata, creationTimestamp: undefined, labels } })
    texts.set(template, text)
  }
  return text
}

export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return templateText(a) === templateText(b)
}

export function replicasOf(object: { spec?: { replicas?: number } } | undefined): number {
  return object?.spec?.replicas ?? (object ? 1 : 0)
}

/** Oldest first; by name when made in the same second. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const difference = timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp)
  return difference || (a.metadata.name! < b.metadata.name! ? -1 : 1)
}

/** The ReplicaSet with the Deployment's template; the oldest if there are several. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byCreation).find((set) => sameTemplate(set.spec?.template, deployment.spec?.template))
}

/** The revision in an object's annotations; 0 without one. It is a 64-bit number, and may be given by others than the controller. */
export function revisionOf(object: { metadata: { annotations?: Record<string, string> } }): bigint {
  const text = object.metadata.annotations?.[REVISION]
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) : 0n
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n)
}

export function sumReplicas(sets: readonly (ReplicaSet | undefined)[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0)
}

export function sumStatus(sets: readonly (ReplicaSet | undefined)[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number {
  return sets.reduce((sum, set) => sum + (set?.status?.[field] ?? 0), 0)
}

/** A number or a percentage of `total`; a percentage is rounded as told. */
export function scaledValue(value: unknown, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(String(value))
  if (!percent) return 0
  const n = (Number(percent[1]) * total) / 100
  return round === 'up' ? Math.ceil(n) : Math.floor(n)
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type !== 'Recreate'
}

/** How many pods may be there above the wished number; nobody but RollingUpdate has any. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0
}

/** How many pods may be missing from the wished number. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRollingUpdate(deployment) || replicasOf(deployment) === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, replicasOf(deployment))
}

/** Surge is rounded up, unavailable down; if both came out as zero nothing could ever move, so one may be unavailable. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge: surgeValue = '25%', maxUnavailable: unavailableValue = '25%' } = deployment.spec?.strategy?.rollingUpdate ?? {}
  const replicas = replicasOf(deployment)
  const surge = scaledValue(surgeValue, replicas, 'up')
  const unavailable = scaledValue(unavailableValue, replicas, 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** How many replicas the new ReplicaSet should have now. */
export function newReplicaCount(deployment: Deployment, all: readonly ReplicaSet[], set: ReplicaSet | undefined): number {
  const wished = replicasOf(deployment)
  if (!isRollingUpdate(deployment)) return wished
  const room = wished + maxSurge(deployment) - sumReplicas(all)
  if (room <= 0) return replicasOf(set)
  return replicasOf(set) + Math.min(room, wished - replicasOf(set))
}

/** The annotations of a ReplicaSet with those of its Deployment and its size; the same object when nothing changes. */
export function withSize(annotations: Record<string, string> | undefined, desired: number, max: number): Record<string, string> {
  if (annotations?.[DESIRED_REPLICAS] === String(desired) && annotations[MAX_REPLICAS] === String(max)) return annotations
  return { ...annotations, [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) }
}

/** The annotations that a new ReplicaSet gets: its Deployment's, with a new revision; the old one is kept as history. */
export function revisionAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: bigint): Record<string, string> {
  const annotations: Record<string, string> = { ...set?.metadata.annotations }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!NOT_COPIED.has(key)) annotations[key] = value
  const old = annotations[REVISION]
  if (revision > revisionOf({ metadata: { annotations } })) {
    annotations[REVISION] = String(revision)
    if (old) annotations[REVISION_HISTORY] = withRevision(annotations[REVISION_HISTORY], old)
  }
  return annotations
}

/** The history with one more revision; the oldest are forgotten when it gets too long for an annotation. */
function withRevision(history: string | undefined, revision: string): string {
  if (!history) return revision
  const revisions = [...history.split(','), revision]
  while (revisions.length > 1 && revisions.join(',').length > MAX_HISTORY_CHARACTERS) revisions.shift()
  return revisions.join(',')
}

/**
 * Spreads a change of size over the ReplicaSets of a rollout that is under way, each by its share, so that the rollout
 * goes on where it was.
 *
 * @returns the new size of each
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const wished = replicasOf(deployment)
  const total = sumReplicas(active)
  const allowed = wished > 0 ? wished + maxSurge(deployment) : 0
  const toAdd = allowed - total
  // The larger first; of equal ones the newer when growing, the older when shrinking.
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of sorted) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, toAdd, added)
    sizes.set(set, replicasOf(set) + share)
    added += share
  }
  const first = sorted[0]
  if (first && toAdd !== 0) sizes.set(first, Math.max(0, sizes.get(first)! + toAdd - added))
  return sizes
}

function shareOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  const size = replicasOf(set)
  const left = toAdd - added
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0)
  const wished = replicasOf(deployment)
  if (wished > 0 && before === 0) return 0
  const target = wished === 0 ? 0 : Math.round((size * (wished + maxSurge(deployment))) / before)
  const share = target - size
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left)
}

/** The ReplicaSet for the present template of a Deployment, beside the `old` ones. */
export function newReplicaSet({ deployment, old }: { deployment: Deployment; old: readonly ReplicaSet[] }, revision: bigint): ReplicaSet {
  const spec = deployment.spec!
  const hash = templateHash(spec.template, deployment.status?.collisionCount)
  const template: PodTemplateSpec = mutable(spec.template)
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [HASH_LABEL]: hash } }
  const wished = replicasOf(deployment)
  const annotations = {
    ...revisionAnnotations(deployment, undefined, revision),
    [DESIRED_REPLICAS]: String(wished),
    [MAX_REPLICAS]: String(wished + maxSurge(deployment)),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace!,
      labels: template.metadata.labels!,
      annotations,
      ownerReferences: [controllerRef('apps/v1', 'Deployment', deployment)],
    },
    spec: {
      replicas: newReplicaCount(deployment, old, undefined),
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template,
    },
  }
}
