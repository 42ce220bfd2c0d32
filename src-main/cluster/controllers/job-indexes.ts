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

/** `1,3-5,7` as a set, without the indexes that a Job of so many completions does not have. */
export function parseIndexes(text: string | undefined, completions = Infinity): Set<number> {
  const set = new Set<number>()
  for (const part of text ? text.split(',') : []) {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    for (let i = first; i <= last && i < completions; i++) set.add(i)
  }
  return set
}

/** A set as `1,3-5,7,8`: only three in a row and more make a range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length;) {
    let j = i
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j]! + 1) j++
    if (j - i < 2) parts.push(...sorted.slice(i, j + 1).map(String))
    else parts.push(`${sorted[i]}-${sorted[j]}`)
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

/**
 * Of pods that run those that an Indexed Job can do without: pods of no index, of an index beyond the completions, and
 * all but one of an index that has several.
 *
 * @param byWorth the pods, those to be deleted first in front
 */
export function surplusOfIndexes(byWorth: readonly Pod[], completions: number): Pod[] {
  const surplus: Pod[] = []
  const best = new Map<number, Pod>()
  for (const pod of byWorth) {
    const index = indexOf(pod)
    if (index === undefined || index >= completions) {
      surplus.push(pod)
      continue
    }
    const lesser = best.get(index)
    if (lesser) surplus.push(lesser)
    best.set(index, pod)
  }
  return surplus
}
