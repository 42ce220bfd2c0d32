/** `matchLabelKeys` and `mismatchLabelKeys`: when a pod is made, the keys become part of the selectors with its own labels. */
import type { Pod } from '../../object.js'
import { items } from './sent.js'

type Selector = { matchExpressions?: { key: string; operator: string; values?: string[] }[] }

/** Adds what the keys mean to the selectors of a new pod, in place. */
export function selectByOwnLabels(pod: Pod): void {
  const labels = pod.metadata?.labels ?? {}
  const add = (selector: Selector | undefined, keys: readonly string[] | undefined, operator: string): void => {
    if (!selector) return
    for (const key of keys ?? []) {
      const value = labels[key]
      if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] })
    }
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = pod.spec?.affinity?.[kind]
    const terms = [
      ...items(affinity?.requiredDuringSchedulingIgnoredDuringExecution),
      ...items(affinity?.preferredDuringSchedulingIgnoredDuringExecution).map((w) => w.podAffinityTerm),
    ]
    for (const t of terms) {
      add(t?.labelSelector, t?.matchLabelKeys, 'In')
      add(t?.labelSelector, t?.mismatchLabelKeys, 'NotIn')
    }
  }
  for (const c of items(pod.spec?.topologySpreadConstraints)) add(c.labelSelector, c.matchLabelKeys, 'In')
}
