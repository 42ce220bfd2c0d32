/** When a Job fails, ignores a failure, succeeds early or waits: pod failure policy, success policy and back-off. */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Pod, Wire } from '../api/object.js'
import { timeOf } from './pods.js'
import type { IndexFailures } from './job-indexes.js'
import { failuresBefore, lastFailed, parseIndexes } from './job-indexes.js'

export type Job = Wire<k8s.V1Job> & { metadata: ObjectMeta }

/** Pods are recreated 10 s, 20 s, 40 s … after a failure, at most 10 min. */
const BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 600_000

export interface PolicyVerdict {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  message: string
}

/** What the pod failure policy says of a failed pod; undefined when no rule matches. */
export function failureVerdict(job: Job, pod: Pod): PolicyVerdict | undefined {
  const rules = job.spec?.podFailurePolicy?.rules ?? []
  for (const [i, rule] of rules.entries()) {
    const action = rule.action as PolicyVerdict['action']
    if (rule.onExitCodes) {
      const { containerName, operator, values } = rule.onExitCodes
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
      for (const s of statuses) {
        const code = s.state?.terminated?.exitCode
        if (!code || (containerName && s.name !== containerName)) continue
        if (values.includes(code) !== (operator === 'In')) continue
        const where = `pod ${pod.metadata.namespace}/${pod.metadata.name}`
        return { action, message: `Container ${s.name} for ${where} failed with exit code ${code} matching ${action} rule at index ${i}` }
      }
    } else {
      for (const pattern of rule.onPodConditions ?? []) {
        const c = pod.status?.conditions?.find((x) => x.type === pattern.type && x.status === (pattern.status ?? 'True'))
        if (!c) continue
        const where = `Pod ${pod.metadata.namespace}/${pod.metadata.name}`
        return { action, message: `${where} has condition ${pattern.type} matching ${action} rule at index ${i}` }
      }
    }
  }
  return undefined
}

/** The message of the success policy's first rule that is met; undefined when none is. */
export function successVerdict(job: Job, succeeded: ReadonlySet<number>): string | undefined {
  const rules = job.spec?.successPolicy?.rules ?? []
  for (const [i, { succeededIndexes, succeededCount }] of rules.entries()) {
    const wanted = succeededIndexes ? parseIndexes(succeededIndexes) : undefined
    const met = wanted ? [...wanted].filter((x) => succeeded.has(x)).length : succeeded.size
    if (met >= (succeededCount ?? wanted?.size ?? Infinity)) return `Matched rules at index ${i}`
  }
  return undefined
}

/** Milliseconds until the next pod may be made after `failures` in a row, of which the last was at `last` (ms). */
export function backoffLeft(failures: number, last: number, now: number): number {
  if (failures === 0) return 0
  return last + Math.min(BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS) - now
}

/** The failures of an index, of which `last` is the pod that failed last. */
export function failuresOf(job: Job, last: Pod | undefined): IndexFailures {
  if (!last) return { counted: 0, ignored: 0 }
  const { counted, ignored } = failuresBefore(last)
  return failureVerdict(job, last)?.action === 'Ignore' ? { counted, ignored: ignored + 1 } : { counted: counted + 1, ignored }
}

/** Of indexes that want a pod those that may have one now, and how long the first of the others has to wait, ms. */
export function dueIndexes(indexes: readonly number[], pods: readonly Pod[], now: number): { indexes: number[]; left: number } {
  const due: number[] = []
  let left = Infinity
  for (const index of indexes) {
    const last = lastFailed(pods, index)
    const before = last ? failuresBefore(last) : undefined
    const wait = before ? backoffLeft(before.counted + before.ignored + 1, finishTime(last!, now), now) : 0
    if (wait <= 0) due.push(index)
    else left = Math.min(left, wait)
  }
  return { indexes: due, left: left === Infinity ? 0 : left }
}

/** When a pod ended, ms: its last container's end, or its deletion, or now. */
export function finishTime(pod: Pod, now: number): number {
  const ends = (pod.status?.containerStatuses ?? []).map((s) => timeOf(s.state?.terminated?.finishedAt)).filter((t) => !Number.isNaN(t))
  if (ends.length) return Math.max(...ends)
  const deleted = timeOf(pod.metadata.deletionTimestamp)
  return Number.isNaN(deleted) ? now : Math.min(now, deleted)
}

/** The sum of restarts of pods that are still at it: with restartPolicy OnFailure these are the failures. */
export function restartsOf(active: readonly Pod[]): number {
  let sum = 0
  for (const p of active) {
    if (p.status?.phase !== 'Running' && p.status?.phase !== 'Pending') continue
    for (const s of [...(p.status.initContainerStatuses ?? []), ...(p.status.containerStatuses ?? [])]) sum += s.restartCount
  }
  return sum
}
