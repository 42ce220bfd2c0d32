/** When a Job fails, ignores a failure or succeeds early: pod failure policy and success policy. */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Pod, Wire } from '../api/object.js'
import type { IndexFailures } from './job-indexes.js'
import { failuresBefore, parseIndexes } from './job-indexes.js'

export type Job = Wire<k8s.V1Job> & { metadata: ObjectMeta }

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

/** The failures of an index up to and with the pod that failed last, if there is one. */
export function failuresOf(job: Job, last: Pod | undefined): IndexFailures {
  if (!last) return { counted: 0, ignored: 0 }
  const { counted, ignored } = failuresBefore(last)
  return failureVerdict(job, last)?.action === 'Ignore' ? { counted, ignored: ignored + 1 } : { counted: counted + 1, ignored }
}

/** The sum of restarts of pods that are still at it: with restartPolicy OnFailure these are the failures. */
export function restartsOf(pods: readonly Pod[]): number {
  let sum = 0
  for (const p of pods) {
    if (p.status?.phase !== 'Running' && p.status?.phase !== 'Pending') continue
    for (const s of [...(p.status.initContainerStatuses ?? []), ...(p.status.containerStatuses ?? [])]) sum += s.restartCount
  }
  return sum
}
