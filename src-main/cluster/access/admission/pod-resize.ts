import { compareQuantities, quantityMilli, quantityValue, tryParseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Node, Pod } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { podResources, type Amounts } from './pod-resources.js'
import { refusal } from './refuse.js'

/** The label by which a node tells its operating system. */
const OS = 'kubernetes.io/os'

/**
 * PodResizeValidator: a running pod is not resized to more than its whole node has, nor on a node that cannot resize.
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export const podResize: AdmissionPlugin = {
  name: 'PodResizeValidator',
  operations: ['UPDATE'],
  validate(a) {
    if (a.subresource !== 'resize' || a.kind.plural !== 'pods') return
    const pod = a.object as unknown as Pod
    const name = pod.spec?.nodeName
    if (!name || pod.metadata.generation === a.oldObject?.metadata.generation) return
    const node = a.lookup('', 'nodes', '', name) as unknown as Node | undefined
    if (!node) throw refusal(a, `node ${JSON.stringify(name)} not found`)
    const os = node.metadata.labels?.[OS] ?? 'linux'
    if (os !== 'linux') {
      throw because(
        a,
        'UnsupportedPlatform',
        `pod resize is only supported on linux nodes, node ${JSON.stringify(name)} is ${JSON.stringify(os)}`,
      )
    }
    const beyond = amountsBeyond(podResources(pod, 'requests'), node.status?.allocatable ?? {})
    if (beyond.length > 0) throw because(a, 'NodeCapacity', `node didn't have enough allocatable resources: ${beyond.join('; ')}`)
  },
}

/** What is asked for and more than there is: of CPU in millicores, of memory in bytes. */
function amountsBeyond(requests: Amounts, allocatable: Readonly<Amounts>): string[] {
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const requested = tryParseQuantity(requests[resource] ?? '0')!
    const there = tryParseQuantity(allocatable[resource] ?? '0')!
    const amount = resource === 'cpu' ? quantityMilli : quantityValue
    return compareQuantities(requested, there) > 0 ? [`${resource}, requested: ${amount(requested)}, allocatable: ${amount(there)}`] : []
  })
}

/** A refusal whose cause clients can tell from others. */
function because(a: AdmissionAttributes, cause: string, why: string): Error {
  const error = refusal(a, why)
  error.status.details!.causes = [{ reason: cause }]
  return error
}
