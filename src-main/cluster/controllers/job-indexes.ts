/** Completion indexes of Indexed Jobs: reading them from pods, and the compressed form of the status (`1,3-5,7`). */
import type { Pod } from '../api/object.js'

/** How often an index has failed before a pod of it was made: on pods of Jobs with a limit for each index. */
const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count'
/** The same for failures that the pod failure policy ignores. */
const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count'

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index'

/** The completion index of a pod; undefined when it has none. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY] ?? pod.metadata.labels?.[INDEX_KEY]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** `1,3-5,7` as a set. */
export function parseIndexes(text: string | undefined): Set<number> {
  const set = new Set<number>()
  for (const part of text ? text.split(',') : []) {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    for (let i = first; i <= last; i++) set.add(i)
  }
  return set
}

/** A set as `1,3-5,7`: two in a row are still written one by one joined by a dash. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length;) {
    let j = i
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j]! + 1) j++
    parts.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`)
    i = j + 1
  }
  return parts.join(',')
}

/** Failures of an index, those that count and those that are ignored. */
export interface IndexFailures {
  counted: number
  ignored: number
}

/** The failures that came before a pod of an index. */
export function failuresBefore(pod: Pod): IndexFailures {
  const numberOf = (key: string): number => Number(pod.metadata.annotations?.[key] ?? 0) || 0
  return { counted: numberOf(FAILURE_COUNT), ignored: numberOf(IGNORED_FAILURE_COUNT) }
}

/** The annotations by which the next pod of an index knows of the failures before it. */
export function failureAnnotations({ counted, ignored }: IndexFailures): Record<string, string> {
  return { [FAILURE_COUNT]: String(counted), ...(ignored ? { [IGNORED_FAILURE_COUNT]: String(ignored) } : {}) }
}

/** The failed pod that an index had last: the one with most failures before it. */
export function lastFailed(pods: readonly Pod[], index: number): Pod | undefined {
  const total = (pod: Pod): number => failuresBefore(pod).counted + failuresBefore(pod).ignored
  let last: Pod | undefined
  for (const pod of pods) if (indexOf(pod) === index && pod.status?.phase === 'Failed' && (!last || total(pod) > total(last))) last = pod
  return last
}
