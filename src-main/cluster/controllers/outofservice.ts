/** Nodes of which somebody has said that they are down for good (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown). */
import type { Node } from '../api/object.js'
import { readiness } from './zonehealth.js'

/** Says of a node that nobody need wait for its kubelet. */
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/** Whether somebody has said that a node that is not ready is down for good. */
export function isOutOfService(node: Node): boolean {
  return readiness(node) !== 'True' && !!node.spec?.taints?.some((t) => t.key === OUT_OF_SERVICE)
}
