/** Prefers nodes that have the pod's images already, large ones more, without crowding all pods on one node. */
import type { Plugin } from '../framework.js'
import { MAX_SCORE } from '../framework.js'

const MB = 1024 * 1024
/** Below the first nothing is gained; above the second (for each container) nothing more. */
const LOWER = 23 * MB
const UPPER_PER_CONTAINER = 1000 * MB

/** The full name that nodes list: `nginx` is `docker.io/library/nginx:latest`. */
function names(image: string): string[] {
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
  const first = tagged.split('/')[0]!
  const hasHost = tagged.includes('/') && /[.:]|^localhost$/.test(first)
  if (hasHost) return [tagged]
  return [tagged, tagged.includes('/') ? `docker.io/${tagged}` : `docker.io/library/${tagged}`]
}

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score(pod, { cache }) {
    if (cache.imageNodes.size === 0) return undefined
    const spec = pod.pod.spec!
    const containers = [...spec.containers, ...(spec.initContainers ?? [])]
    // Images that are mounted as volumes gain as much, but do not raise the bound.
    const mounted = (spec.volumes ?? []).flatMap((v) => v.image?.reference ?? [])
    const wanted = [...containers.map((c) => c.image ?? ''), ...mounted]
      .flatMap(names)
      .map((name) => ({ name, spread: (cache.imageNodes.get(name) ?? 0) / cache.nodes.size }))
      .filter((w) => w.spread > 0)
    if (wanted.length === 0) return undefined
    const upper = UPPER_PER_CONTAINER * containers.length
    return {
      score(node) {
        let sum = 0
        for (const { name, spread } of wanted) sum += Math.floor((node.images.get(name) ?? 0) * spread)
        const bounded = Math.min(Math.max(sum, LOWER), upper)
        return Math.floor((MAX_SCORE * (bounded - LOWER)) / (upper - LOWER))
      },
    }
  },
}
