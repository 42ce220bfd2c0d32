/** Which changes of a pod are others' doing, and so mean work for its worker. */
import type { Pod } from '../api/object.js'
import { kubeletConditions } from './conditions.js'
import { sameContent } from './status-writer.js'

/** What users may change of a pod's metadata while it runs. */
export function labelling(pod: Pod): unknown {
  return [pod.metadata.labels, pod.metadata.annotations]
}

/** The conditions that others set, which readiness gates may ask for. */
export function foreignConditions(pod: Pod): unknown {
  const own: readonly string[] = kubeletConditions
  return pod.status?.conditions?.filter((c) => !own.includes(c.type))
}

/** Whether what the pod wants has changed. */
export function specChanged(old: Pod, pod: Pod): boolean {
  const { generation } = pod.metadata
  return generation === undefined ? !sameContent(old.spec, pod.spec) : generation !== old.metadata.generation
}
