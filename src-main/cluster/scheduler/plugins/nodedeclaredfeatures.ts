/** Keeps a pod that needs something new of its kubelet to the nodes that declare it (https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/). */
import type { Node, Pod } from '../../api/object.js'
import type { Plugin } from '../framework.js'
import { reject } from '../framework.js'

const rejection = reject("node(s) didn't match Pod's required features", true)

export const nodeDeclaredFeatures: Plugin = {
  name: 'NodeDeclaredFeatures',
  filter({ pod }) {
    const needed = neededBy(pod)
    return needed.length === 0 ? undefined : { check: (node) => (declares(node.node, needed) ? undefined : rejection) }
  },
  helps(event) {
    if (event.type === 'NodeAdd') return true
    return event.type === 'NodeUpdate' && declared(event.old).join() !== declared(event.node).join()
  },
}

/** What of a pod's spec not every kubelet can do. */
function neededBy({ spec }: Pod): string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const restartsAll = containers.some((c) => c.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers'))
  return [
    ...(restartsAll ? ['RestartAllContainersOnContainerExits'] : []),
    ...(spec?.hostNetwork && spec.hostUsers === false ? ['UserNamespacesHostNetworkSupport'] : []),
  ]
}

function declares(node: Node, needed: readonly string[]): boolean {
  const able = declared(node)
  return needed.every((feature) => able.includes(feature))
}

function declared(node: Node): readonly string[] {
  return node.status?.declaredFeatures ?? []
}
