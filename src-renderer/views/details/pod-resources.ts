import { humanBytes, parseQuantity } from '../../components/bytes.js'
import { humanCores } from '../../components/chart-path.js'
import type { KubeObject } from '../../stores/object.js'

type Spec = KubeObject['spec']

/**
 * What a pod asks for of a resource in its base unit, as the scheduler counts it: the containers and sidecars together, or
 * an init container with the sidecars before it if that is more; plus the overhead.
 * See https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podResource(spec: Spec, list: 'requests' | 'limits', resource: string): number {
  const of = (c: Spec): number => parseQuantity(c.resources?.[list]?.[resource] ?? '0')
  let sidecars = 0
  let init = 0
  for (const c of spec?.initContainers ?? []) {
    if (c.restartPolicy === 'Always') {
      sidecars += of(c)
      init = Math.max(init, sidecars)
    } else init = Math.max(init, sidecars + of(c))
  }
  const running = ((spec?.containers ?? []) as Spec[]).reduce((n: number, c) => n + of(c), sidecars)
  return Math.max(init, running) + parseQuantity(spec?.overhead?.[resource] ?? '0')
}

/** What a pod asks for and may use at most, as words: `50m / 100m`; `–` for none. */
export interface Asks {
  cpu: string
  memory: string
}
export function asksOf({ spec }: KubeObject): Asks {
  const pair = (resource: 'cpu' | 'memory', text: (n: number) => string): string =>
    (['requests', 'limits'] as const)
      .map((list) => podResource(spec, list, resource))
      .map((n) => (n ? text(n) : '–'))
      .join(' / ')
  return { cpu: pair('cpu', humanCores), memory: pair('memory', humanBytes) }
}

/** Whether a pod is not over: it takes room on its node. */
export const isRunning = (pod: KubeObject): boolean => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'

/** What the pods that are not over ask for together. */
export function sumOf(pods: readonly KubeObject[], list: 'requests' | 'limits', resource: string): number {
  return pods.filter(isRunning).reduce((n, p) => n + podResource(p.spec, list, resource), 0)
}
