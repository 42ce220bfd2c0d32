/** Keeps pods off nodes with taints that they do not tolerate (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */
import type { Node } from '../../api/object.js'
import type { Plugin } from '../framework.js'
import { normalizeByMax, reject } from '../framework.js'
import type { NodeInfo, Taint } from '../nodeinfo.js'
import type { Toleration } from '../podinfo.js'

/** Since v1.34.2 the message names no keys and values: they may be nobody's business. */
const rejection = reject('node(s) had untolerated taint(s)', true)

/** Whether one of the tolerations covers a taint. */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: { key: string; value?: string; effect: string }): boolean {
  return (tolerations ?? []).some((t) => covers(t, taint))
}

/** Whether a toleration covers a taint: an empty effect or key covers all. */
export function covers(t: Toleration, taint: { key: string; value?: string; effect: string }): boolean {
  if (t.effect && t.effect !== taint.effect) return false
  if (t.key && t.key !== taint.key) return false
  switch (t.operator ?? 'Equal') {
    case 'Exists':
      return true
    case 'Equal':
    case '':
      return !!t.key && (t.value ?? '') === (taint.value ?? '')
    case 'Gt':
      return Number(taint.value) > Number(t.value)
    case 'Lt':
      return Number(taint.value) < Number(t.value)
    default:
      return false
  }
}

const keepsOff = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'

function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): boolean {
  for (const taint of taints) if (keepsOff(taint) && !tolerates(tolerations, taint)) return true
  return false
}

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(pod) {
    const { tolerations } = pod.pod.spec!
    return { check: (node) => (node.taints.length > 0 && untolerated(node.taints, tolerations) ? rejection : undefined) }
  },
  score(pod, _view, nodes) {
    const avoided = (node: NodeInfo): boolean => node.taints.some((t) => t.effect === 'PreferNoSchedule')
    if (!nodes.some(avoided)) return undefined
    const { tolerations } = pod.pod.spec!
    return {
      score: (node) => node.taints.filter((t) => t.effect === 'PreferNoSchedule' && !tolerates(tolerations, t)).length,
      normalize: (scores) => normalizeByMax(scores, true),
    }
  },
  helps(event, pod) {
    const tolerable = (node: Node): boolean => !untolerated(node.spec?.taints ?? [], pod.pod.spec!.tolerations)
    if (event.type === 'PodUpdate') return event.old.spec!.tolerations?.length !== event.pod.spec!.tolerations?.length
    if (event.type === 'NodeAdd') return tolerable(event.node)
    return event.type === 'NodeUpdate' && !tolerable(event.old) && tolerable(event.node)
  },
}
