import type { Pod } from '../../api/object.js'
import type { Binding } from '../../api/kinds/binding.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'

/** Labels of a node that its pods may read of themselves, through the downward API. */
const COPIED = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/**
 * PodTopologyLabels: a pod carries the zone and the region of the node that it is bound to. What the pod (or the binding)
 * says of them itself is left alone.
 */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  operations: ['CREATE'],
  mutate(a) {
    if (!a.object) return
    const node = nodeNameOf(a)
    if (!node) return
    const labels = a.lookup('', 'nodes', '', node)?.metadata.labels ?? {}
    for (const key of COPIED) {
      const value = labels[key]
      if (value !== undefined && a.object.metadata.labels?.[key] === undefined)
        a.object.metadata.labels = { ...a.object.metadata.labels, [key]: value }
    }
  },
}

/** The node that a request ties a pod to: by a binding of it, or as it is made. */
function nodeNameOf(a: AdmissionAttributes): string | undefined {
  if (a.kind.group !== '' || a.kind.plural !== 'pods') return undefined
  if (a.subresource === '') return (a.object as unknown as Pod).spec?.nodeName
  const { target } = a.object as unknown as Binding
  return a.subresource === 'binding' && target?.kind === 'Node' ? target.name : undefined
}
