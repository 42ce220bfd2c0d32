/** A pod's quality of service class. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
import { addQuantities, compareQuantities, tryParseQuantity, type Quantity } from './quantity.js'
import type { SentPodSpec } from './pod-defaults.js'
import type { SentRequirements } from './resources.js'
import { entries, isEmpty, items, type SentMap } from './sent.js'

const COMPUTE = ['cpu', 'memory']

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

/** Adds the amounts of cpu and memory in a list to a sum; gives the names that were there. */
function addTo(sum: Map<string, Quantity>, list: SentMap): Set<string> {
  const found = new Set<string>()
  for (const [name, text] of entries(list)) {
    const amount = tryParseQuantity(text)
    if (!COMPUTE.includes(name) || !amount || amount.nano <= 0n) continue
    found.add(name)
    const before = sum.get(name)
    sum.set(name, before ? addQuantities(before, amount) : amount)
  }
  return found
}

/** The class of a pod with this spec, by what its containers (or the pod as a whole) ask for and are limited to. */
export function qosClassOf(spec: SentPodSpec | null | undefined): QosClass {
  const requests = new Map<string, Quantity>()
  const limits = new Map<string, Quantity>()
  let guaranteed = true
  const podLevel = spec?.resources
  const counted: (SentRequirements | null | undefined)[] =
    podLevel && !(isEmpty(podLevel.requests) && isEmpty(podLevel.limits))
      ? [podLevel]
      : [...items(spec?.containers), ...items(spec?.initContainers)].map((c) => c.resources)
  for (const r of counted) {
    addTo(requests, r?.requests)
    const limited = addTo(limits, r?.limits)
    if (!COMPUTE.every((name) => limited.has(name))) guaranteed = false
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  if (guaranteed && requests.size === limits.size) {
    const same = [...requests].every(([name, amount]) => {
      const limit = limits.get(name)
      return limit !== undefined && compareQuantities(limit, amount) === 0
    })
    if (same) return 'Guaranteed'
  }
  return 'Burstable'
}
