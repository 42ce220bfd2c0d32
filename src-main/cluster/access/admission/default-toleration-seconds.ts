import type { Pod } from '../../api/object.js'
import type { AdmissionPlugin } from './plugin.js'
import { isAbout } from './refuse.js'

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const SECONDS = 300
/** The same for all pods: frozen, and kept once. */
const TOLERATIONS = TAINTS.map((key) => Object.freeze({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }))

/** DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or not reachable, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  mutate(a) {
    if (!isAbout(a, '', 'Pod')) return
    const pod = a.object as unknown as Pod
    if (!pod.spec) return
    const { tolerations = [] } = pod.spec
    const missing = TOLERATIONS.filter(
      ({ key, effect }) => !tolerations.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === effect)),
    )
    // The spec may be that of the stored pod.
    if (missing.length > 0) pod.spec = { ...pod.spec, tolerations: [...tolerations, ...missing] }
  },
}
