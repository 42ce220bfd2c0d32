/** Counts in the status of a workload that must fit each other. */
import { field, type FieldError } from '../../errors.js'
import { checkNotNegative } from './checks.js'

type Counts = Readonly<Record<string, unknown>>

/** Checks the counts of a ReplicaSet or ReplicationController. */
export function validateReplicaCounts(status: object | null | undefined, errors: FieldError[]): void {
  const s = (status ?? {}) as Counts
  const n = (name: string): number => Number(s[name] ?? 0)
  for (const name of [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'terminatingReplicas',
    'observedGeneration',
  ])
    checkNotNegative(n(name), `status.${name}`, errors)
  for (const name of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])
    if (n(name) > n('replicas')) errors.push(field.invalid(`status.${name}`, n(name), 'cannot be greater than status.replicas'))
  if (n('availableReplicas') > n('readyReplicas'))
    errors.push(field.invalid('status.availableReplicas', n('availableReplicas'), 'cannot be greater than readyReplicas'))
}

/** Checks that the named numbers of a status are not negative. */
export function validateNotNegativeCounts(status: object | null | undefined, names: readonly string[], errors: FieldError[]): void {
  const s = (status ?? {}) as Counts
  for (const name of names) checkNotNegative(Number(s[name] ?? 0), `status.${name}`, errors)
}

interface Collisions {
  collisionCount?: number | null
}

/** Collisions are counted up only: a count that is taken back would give a hash out twice. */
export function checkCollisionCount(status: Collisions | null | undefined, old: Collisions | null | undefined, errors: FieldError[]): void {
  const before = old?.collisionCount
  const now = status?.collisionCount
  if (typeof before === 'number' && (typeof now !== 'number' || now < before))
    errors.push(field.invalid('status.collisionCount', now ?? 0, 'cannot be decremented'))
}
