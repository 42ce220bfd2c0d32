import type * as k8s from '@kubernetes/client-node'
import type { Wire } from '../../api/object.js'
import { newest } from './default-storage-class.js'
import type { AdmissionPlugin } from './plugin.js'
import { isAbout } from './refuse.js'

const DEFAULT = 'ingressclass.kubernetes.io/is-default-class'
const OLD_CLASS = 'kubernetes.io/ingress.class'

/** DefaultIngressClass: an Ingress that names no class gets the default one; should there be several, the newest. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  operations: ['CREATE'],
  mutate(a) {
    if (!isAbout(a, 'networking.k8s.io', 'Ingress')) return
    const ingress = a.object as unknown as Wire<k8s.V1Ingress>
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata?.annotations?.[OLD_CLASS] !== undefined) return
    const found = newest(a.lookupAll('networking.k8s.io', 'ingressclasses').filter((c) => c.metadata.annotations?.[DEFAULT] === 'true'))
    if (found) ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name! }
  },
}
