/** Keeps pods off cordoned nodes. */
import type { Plugin } from '../framework.js'
import { reject } from '../framework.js'
import { tolerates } from './tainttoleration.js'

const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const rejection = reject('node(s) were unschedulable', true)

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter(pod) {
    const tolerated = tolerates(pod.pod.spec!.tolerations, TAINT)
    return tolerated ? undefined : { check: (node) => (node.unschedulable ? rejection : undefined) }
  },
  helps(event) {
    if (event.type === 'PodUpdate') return tolerates(event.pod.spec!.tolerations, TAINT)
    if (event.type === 'NodeAdd') return !event.node.spec?.unschedulable
    return event.type === 'NodeUpdate' && !!event.old.spec?.unschedulable && !event.node.spec?.unschedulable
  },
}
