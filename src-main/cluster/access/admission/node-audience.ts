/**
 * For which audience a node may have the tokens of a pod that it runs: one that the pod's volumes are for, or one that it
 * is allowed to ask for. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
import type * as k8s from '@kubernetes/client-node'
import type { Pod, Wire } from '../../api/object.js'
import type { AdmissionAttributes } from './plugin.js'

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]
type PersistentVolume = Wire<k8s.V1PersistentVolume>
type Claim = Wire<k8s.V1PersistentVolumeClaim>

/** The verb on an audience, as if it were a resource, that lets a node ask for it. */
const REQUEST = 'request-serviceaccounts-token-audience'

/** The CSI drivers that serve the volumes of plugins that Kubernetes had built in. */
const MIGRATED = {
  awsElasticBlockStore: 'ebs.csi.aws.com',
  azureDisk: 'disk.csi.azure.com',
  azureFile: 'file.csi.azure.com',
  cinder: 'cinder.csi.openstack.org',
  gcePersistentDisk: 'pd.csi.storage.gke.io',
  portworxVolume: 'pxd.portworx.com',
  vsphereVolume: 'csi.vsphere.vmware.com',
} as const

/** Something on the way from a volume to its driver is missing: the message says what. */
class Missing extends Error {}

/** Why a node may not have a token of a pod for these audiences; undefined when it may. None means that of the API server. */
export function audienceRestriction(a: AdmissionAttributes, pod: Pod, audiences: readonly string[]): string | undefined {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  const audience = audiences[0] ?? ''
  const missing: string[] = []
  for (const volume of pod.spec?.volumes ?? []) {
    try {
      if (isFor(a, pod, volume, audience)) return undefined
    } catch (error) {
      if (!(error instanceof Missing)) throw error
      if (!missing.includes(error.message)) missing.push(error.message)
    }
  }
  const quoted = JSON.stringify(audience)
  if (missing.length > 0) return `error validating audience ${quoted}: ${missing.length > 1 ? `[${missing.join(', ')}]` : missing[0]!}`
  const access = { verb: REQUEST, group: '', version: 'v1', resource: audience, subresource: '', namespace: a.namespace, name: a.name }
  if (a.decide(a.user, access).allowed) return undefined
  return `audience ${quoted} not found in pod spec volume, ${a.user.username} is not authorized to request tokens for this audience`
}

/** Whether a volume wants tokens for an audience: it is projected of them, or its driver asks for them. Throws {@link Missing}. */
function isFor(a: AdmissionAttributes, pod: Pod, volume: Volume, audience: string): boolean {
  const sources = volume.projected?.sources ?? []
  if (sources.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return true
  const driver = driverOf(a, pod, volume)
  if (!driver) return false
  const { spec } = found(a, 'storage.k8s.io', 'csidrivers', '', driver, 'csidriver.storage.k8s.io') as Wire<k8s.V1CSIDriver>
  return spec?.tokenRequests?.some((request) => request.audience === audience) === true
}

/** The CSI driver that a volume is of; undefined for one of Kubernetes' own. Throws {@link Missing}. */
function driverOf(a: AdmissionAttributes, pod: Pod, volume: Volume): string | undefined {
  const { namespace, name } = pod.metadata
  if (volume.ephemeral) {
    const made = a.lookup('', 'persistentvolumeclaims', namespace ?? '', `${name}-${volume.name}`) as Claim | undefined
    return driverOfVolume(a, made?.spec?.volumeName ?? volume.ephemeral.volumeClaimTemplate?.spec?.volumeName)
  }
  if (volume.persistentVolumeClaim) {
    const { claimName } = volume.persistentVolumeClaim
    const claim = found(a, '', 'persistentvolumeclaims', namespace ?? '', claimName ?? '', 'persistentvolumeclaim') as Claim
    return driverOfVolume(a, claim.spec?.volumeName)
  }
  return volume.csi?.driver ?? migrated(volume)
}

function driverOfVolume(a: AdmissionAttributes, name: string | undefined): string | undefined {
  if (!name) return undefined
  const { spec } = found(a, '', 'persistentvolumes', '', name, 'persistentvolume') as PersistentVolume
  return spec && (spec.csi?.driver ?? migrated(spec))
}

function migrated(source: Volume | NonNullable<PersistentVolume['spec']>): string | undefined {
  const plugin = (Object.keys(MIGRATED) as (keyof typeof MIGRATED)[]).find((field) => source[field])
  return plugin && MIGRATED[plugin]
}

/** @param what what the object is called where it is missing */
function found(a: AdmissionAttributes, group: string, resource: string, namespace: string, name: string, what: string): object {
  const object = a.lookup(group, resource, namespace, name)
  if (!object) throw new Missing(`${what} ${JSON.stringify(name)} not found`)
  return object
}
