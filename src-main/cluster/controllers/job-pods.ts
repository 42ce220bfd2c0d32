/** The pods of a Job as it makes them, with the finalizer that keeps each until it has been counted. */
import type { Pod } from '../api/object.js'
import { controllerRef } from '../api/object.js'
import type { IndexFailures } from './job-indexes.js'
import { failureAnnotations, INDEX_KEY } from './job-indexes.js'
import type { Job } from './job-policy.js'
import { podFromTemplate } from './podcontrol.js'

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
/** The API server puts five letters more behind a prefix and keeps the whole within a label's length. */
const MAX_PREFIX = 58

/** Whether a pod has not been counted yet. */
export function hasFinalizer(pod: Pod): boolean {
  return !!pod.metadata.finalizers?.includes(TRACKING_FINALIZER)
}

/**
 * A pod of a Job, or of one of its indexes.
 *
 * @param failures of the index before it, for a Job with a limit for each index
 */
export function newPod(job: Job, index: number | undefined, failures?: IndexFailures): Pod {
  const pod = podFromTemplate(job.spec!.template, job.metadata.namespace!, controllerRef('batch/v1', 'Job', job))
  pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER]
  if (index === undefined) return pod
  const text = String(index)
  pod.metadata.generateName = `${job.metadata.name!.slice(0, MAX_PREFIX - text.length - 2)}-${text}-`
  pod.metadata.labels = { ...pod.metadata.labels, [INDEX_KEY]: text }
  pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX_KEY]: text, ...(failures ? failureAnnotations(failures) : {}) }
  pod.spec!.hostname = `${job.metadata.name}-${index}`
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_KEY}']` } } }
  for (const c of [...pod.spec!.containers, ...(pod.spec!.initContainers ?? [])])
    if (!c.env?.some((e) => e.name === env.name)) c.env = [...(c.env ?? []), env]
  return pod
}
