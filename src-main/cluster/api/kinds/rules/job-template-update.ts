/**
 * What of a Job's template may change: nothing while it runs; once it is suspended and none of its pods is left, where
 * they may go and what their containers ask for, whether or not it has run before.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives
 */
import type { FieldError } from '../../errors.js'
import { checkStructure } from './server-form.js'
import type { SentTemplate } from './pod-template.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type SentJob = Sent<Pick<k8s.V1Job, 'spec' | 'status'>>
type SentPodSpec = NonNullable<SentTemplate['spec']>

/** Checks the template of an update against the one that is there. */
export function validateTemplateUpdate(job: SentJob, old: SentJob, errors: FieldError[]): void {
  const template = job.spec?.template ?? {}
  const before = old.spec?.template ?? {}
  if (!atRest(old)) return checkStructure('PodTemplateSpec', template, before, 'spec.template', errors)
  const expected = withResources(withDirectives(before, template).spec ?? {}, template.spec ?? {})
  // With the resources all else but the pod's spec is let go.
  checkStructure('PodSpec', template.spec, expected, 'spec.template.spec', errors)
}

/** Whether a Job is suspended and has no pods: it has not begun, or its controller has told that it is suspended. */
function atRest({ spec, status }: SentJob): boolean {
  if (spec?.suspend !== true || status?.active) return false
  return !status?.startTime || items(status.conditions).some((c) => c.type === 'Suspended' && c.status === 'True')
}

/** The old template with where the pods may go taken from the new one. */
function withDirectives(before: SentTemplate, now: SentTemplate): SentTemplate {
  const spec: SentPodSpec = { ...before.spec }
  const own = now.spec ?? {}
  for (const name of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) Object.assign(spec, { [name]: own[name] })
  spec.affinity = affinityOf(spec.affinity, own.affinity)
  const metadata = { ...before.metadata, labels: now.metadata?.labels, annotations: now.metadata?.annotations }
  return { ...before, metadata, spec }
}

/** The old affinity with the node affinity of the new one; none when there is nothing else. */
function affinityOf(before: SentPodSpec['affinity'], now: SentPodSpec['affinity']): SentPodSpec['affinity'] {
  const { podAffinity, podAntiAffinity } = before ?? {}
  if (!now && !podAffinity && !podAntiAffinity) return undefined
  return { podAffinity, podAntiAffinity, nodeAffinity: now?.nodeAffinity }
}

/** The old spec with the resources of the new one, container by container where the names are the same. */
function withResources(before: SentPodSpec, now: SentPodSpec): SentPodSpec {
  const spec: SentPodSpec = { ...before }
  for (const name of ['containers', 'initContainers'] as const) {
    const list = items(before[name])
    const other = items(now[name])
    if (list.length !== other.length) continue
    spec[name] = list.map((c, i) => (c.name === other[i]!.name ? { ...c, resources: other[i]!.resources } : c))
  }
  return spec
}
