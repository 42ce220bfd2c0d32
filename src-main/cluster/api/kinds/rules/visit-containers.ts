/** All containers of a pod in one go: init containers, then the regular ones, then ephemeral ones, as the API visits them. */
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { items } from './sent.js'

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** Calls `visit` with each container of a spec at `path` and the container's own path, such as `spec.containers[0]`. */
export function visitContainers(
  spec: SentPodSpec | null | undefined,
  path: string,
  visit: (container: SentContainer, path: string) => void,
): void {
  for (const list of LISTS)
    items<SentContainer>(spec?.[list] as (SentContainer | null)[] | null | undefined).forEach((c, i) => visit(c, `${path}.${list}[${i}]`))
}
