/** Tolerations of several sources laid together. */
import type * as k8s from '@kubernetes/client-node'
import { equalJson } from '../../api/copy.js'
import type { Wire } from '../../api/object.js'

type Toleration = Wire<k8s.V1Toleration>

/** The tolerations without those that another of them covers. Of two that are equal the first stays. */
export function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = []
  for (const [i, t] of all.entries()) {
    if (merged.some((other) => covers(other, t))) continue
    if (all.slice(i + 1).some((other) => !equalJson(other, t) && covers(other, t))) continue
    merged.push(t)
  }
  return merged
}

/** Whether one tolerates all that another does. */
function covers(wide: Toleration, t: Toleration): boolean {
  if (equalJson(wide, t)) return true
  // No key, with Exists, is any key.
  if ((t.key ?? '') !== (wide.key ?? '') && (wide.key || wide.operator !== 'Exists')) return false
  if (wide.effect && t.effect !== wide.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (t.tolerationSeconds === undefined || t.tolerationSeconds > wide.tolerationSeconds) return false
  }
  if (wide.operator === 'Exists') return true
  return (!wide.operator || wide.operator === 'Equal') && t.operator === 'Equal' && (t.value ?? '') === (wide.value ?? '')
}
