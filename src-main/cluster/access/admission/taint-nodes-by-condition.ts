import type { Node } from '../../api/object.js'
import type { AdmissionPlugin } from './plugin.js'
import { isAbout } from './refuse.js'

const TAINT = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

/** TaintNodesByCondition: a new node takes no pods until the node lifecycle controller has seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  mutate(a) {
    if (!isAbout(a, '', 'Node')) return
    const node = a.object as unknown as Node
    const taints = node.spec?.taints ?? []
    if (taints.some((t) => t.key === TAINT.key && t.effect === TAINT.effect)) return
    node.spec = { ...node.spec, taints: [...taints, { ...TAINT }] }
  },
}
