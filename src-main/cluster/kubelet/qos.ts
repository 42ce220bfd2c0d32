/** Quality of service of a pod. Kubernetes documentation, "Pod Quality of Service Classes". */
import type { Pod } from '../api/object.js'
import { quantityValue } from './quantity.js'

/** `Guaranteed` when every container limits cpu and memory and asks for just that; `BestEffort` when none asks for anything. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const known = pod.status?.qosClass
  if (known === 'Guaranteed' || known === 'Burstable' || known === 'BestEffort') return known
  const spec = pod.spec!
  const podLevel = spec.resources
  const all = podLevel?.requests || podLevel?.limits ? [{ resources: podLevel }] : [...spec.containers, ...(spec.initContainers ?? [])]
  let any = false
  let guaranteed = true
  for (const { resources } of all) {
    for (const name of ['cpu', 'memory']) {
      const request = quantityValue(resources?.requests?.[name] ?? resources?.limits?.[name])
      const limit = quantityValue(resources?.limits?.[name])
      if (request > 0 || limit > 0) any = true
      if (limit === 0 || request !== limit) guaranteed = false
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}
