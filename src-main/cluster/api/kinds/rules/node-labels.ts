/** Labels of nodes that have got new names: who selects by the old ones is warned. */
import { labelValue } from './names.js'
import type { SentNodeSelectorTerm } from './node-affinity.js'
import type { SentSelector } from './selectors.js'
import { entries, items, strings, type SentMap } from './sent.js'

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

/** What is to be said of a label of nodes, if it is an old one. */
export function deprecatedNodeLabel(key: string | null | undefined): string | undefined {
  return DEPRECATED[key ?? '']
}

/** Warnings for one term of a node selector. Values are looked at where nothing refuses them. */
export function nodeSelectorTermWarnings(term: SentNodeSelectorTerm | null | undefined, checkValues: boolean, path: string): string[] {
  const texts: string[] = []
  items(term?.matchExpressions).forEach((r, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const text = deprecatedNodeLabel(r.key)
    if (text) texts.push(`${at}.key: ${r.key} is ${text}`)
    if (!checkValues) return
    strings(r.values).forEach((v, j) => {
      for (const m of labelValue(v)) texts.push(`${at}.values[${j}]: ${v} is invalid, ${m}`)
    })
  })
  return texts
}

/** Warnings for a selector of nodes that is a plain map; the whole map is named. */
export function nodeLabelMapWarnings(labels: SentMap, path: string): string[] {
  return entries(labels)
    .flatMap(([key]) => deprecatedNodeLabel(key) ?? [])
    .map((text) => `${path}: ${text}`)
}

/** Warnings for a label selector that selects nodes. */
export function nodeLabelSelectorWarnings(selector: SentSelector | null | undefined, path: string): string[] {
  const wanted = entries(selector?.matchLabels).flatMap(([key]) => {
    const text = deprecatedNodeLabel(key)
    return text ? [`${path}.matchLabels.${key}: ${text}`] : []
  })
  return [...nodeSelectorTermWarnings(selector, false, path), ...wanted]
}
