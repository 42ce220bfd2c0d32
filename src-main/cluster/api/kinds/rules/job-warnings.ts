/** What clients are warned of in the spec of a Job, or of the Jobs of a CronJob. */
import type { ObjectMeta } from '../../object.js'
import type { SentJobSpec } from './job-spec.js'
import { templateWarnings } from './workload-warnings.js'

const MANY_COMPLETIONS = 100_000
const MANY_AT_ONCE = 10_000

interface Owner {
  metadata: ObjectMeta
}

/** Warnings for a Job's spec at a path of `object`, on a create and whenever an update makes a new generation. */
export function jobSpecWarnings(object: Owner, old: Owner | undefined, spec: SentJobSpec | null | undefined, path: string): string[] {
  if (old && old.metadata.generation === object.metadata.generation) return []
  const texts: string[] = []
  // Which indexes are done is kept as text in the status: there may be too many to tell.
  const many = (spec?.completions ?? 0) > MANY_COMPLETIONS && (spec?.parallelism ?? 0) > MANY_AT_ONCE
  if (spec?.completionMode === 'Indexed' && many) {
    const text =
      'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
    texts.push(`${path}: ${text}`)
  }
  return [...texts, ...templateWarnings(object, old, spec?.template, `${path}.template`)]
}
