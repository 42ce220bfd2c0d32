/** Completion indexes of Indexed Jobs: reading them from pods, and the compressed form of the status (`1,3-5,7`). */
import type { Pod } from '../api/object.js'

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
