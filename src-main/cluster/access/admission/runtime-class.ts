import type * as k8s from '@kubernetes/client-node'
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Pod, Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { isAbout, refusal } from './refuse.js'
import { mergeTolerations } from './tolerations.js'

type RuntimeClass = Wire<k8s.V1RuntimeClass>

/** RuntimeClass: a pod's runtime class must exist; its overhead and its scheduling rules become the pod's. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  operations: ['CREATE'],
  mutate(a) {
    if (!isAbout(a, '', 'Pod')) return
    const spec = (a.object as unknown as Pod).spec
    const found = spec && classOf(a, spec)
    if (!spec || !found) return
    if (found.overhead?.podFixed) {
      if (spec.overhead && !sameAmounts(spec.overhead, found.overhead.podFixed)) {
        throw refusal(a, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
      }
      spec.overhead = { ...found.overhead.podFixed }
    }
    const { nodeSelector, tolerations } = found.scheduling ?? {}
    for (const [key, value] of Object.entries(nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key]
      if (own !== undefined && own !== value) {
        throw refusal(a, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
      }
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
    }
    if (tolerations?.length) spec.tolerations = mergeTolerations([...(spec.tolerations ?? []), ...tolerations])
  },
  validate(a) {
    if (!isAbout(a, '', 'Pod')) return
    const spec = (a.object as unknown as Pod).spec
    if (spec?.overhead && !classOf(a, spec)?.overhead?.podFixed) {
      throw refusal(a, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    }
  },
}

function classOf(a: AdmissionAttributes, spec: NonNullable<Pod['spec']>): RuntimeClass | undefined {
  const name = spec.runtimeClassName
  if (!name) return undefined
  const found = a.lookup('node.k8s.io', 'runtimeclasses', '', name) as unknown as RuntimeClass | undefined
  if (!found) throw refusal(a, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

function sameAmounts(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((k) => b[k] !== undefined && parseQuantity(a[k]!).nano === parseQuantity(b[k]).nano)
  )
}
