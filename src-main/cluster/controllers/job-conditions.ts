/** The conditions of a Job: whether it is over, is to be, and how. */
import { rfc3339 } from '../clock.js'
import type { Job } from './job-policy.js'

export type Condition = NonNullable<NonNullable<Job['status']>['conditions']>[number]

/** Why a Job is over. */
export interface End {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

/** Whether a Job is over, and how. */
export function isFinished(job: Job): boolean {
  return finishedAs(job) !== undefined
}

/** The condition that says how a Job is over; undefined while it is not. */
export function finishedAs(job: Job): Condition | undefined {
  return job.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')
}

/** The end that an earlier sync has decided on, while its pods are still going. */
export function plannedEnd(conditions: readonly Condition[]): End | undefined {
  for (const [target, type] of [
    ['SuccessCriteriaMet', 'Complete'],
    ['FailureTarget', 'Failed'],
  ] as const) {
    const planned = conditions.find((c) => c.type === target && c.status === 'True')
    if (planned) return { type, reason: planned.reason ?? '', message: planned.message ?? '' }
  }
  return undefined
}

/** The conditions with one more, or with one changed; its times stay while it says the same. `now` in ms. */
export function withCondition(
  conditions: readonly Condition[],
  type: string,
  status: string,
  reason: string,
  message: string,
  now: number,
): Condition[] {
  const old = conditions.find((c) => c.type === type)
  if (old?.status === status && old.reason === reason && old.message === message) return [...conditions]
  const at = rfc3339(now)
  const fresh = { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message }
  return old ? conditions.map((c) => (c === old ? fresh : c)) : [...conditions, fresh]
}
