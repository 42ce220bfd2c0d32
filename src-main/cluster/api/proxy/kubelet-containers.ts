/** What a pod tells of one of its containers, whether it is an init container, an ephemeral one or one of its usual. */
import type { Container, ContainerStatus, Pod } from '../object.js'

/** The statuses of all containers of a pod, in the order in which they start. */
export function statusesOf(pod: Pod | undefined): ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod?.status ?? {}
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]
}

/** The status of a container; undefined before it has one. */
export const statusOf = (pod: Pod | undefined, container: string): ContainerStatus | undefined =>
  statusesOf(pod).find((s) => s.name === container)

/** How a container is declared. */
export function declarationOf(pod: Pod | undefined, container: string): Container | undefined {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod?.spec ?? {}
  return [...initContainers, ...containers, ...ephemeralContainers].find((c) => c.name === container)
}

/** Since when a container runs, ms; undefined when its pod does not tell. */
export function startedAt(pod: Pod | undefined, container: string): number | undefined {
  const at = statusOf(pod, container)?.state?.running?.startedAt
  return at ? Date.parse(at) : undefined
}
