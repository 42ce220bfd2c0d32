import type * as k8s from '@kubernetes/client-node'
import { equalJson, without } from '../../api/copy.js'
import { notFound } from '../../api/errors.js'
import type { KubeObject, Node, Pod, Wire } from '../../api/object.js'
import { nodeOf } from '../node-authorizer.js'
import { referencesOf } from '../pod-references.js'
import { audienceRestriction } from './node-audience.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { refusal } from './refuse.js'

const MIRROR = 'kubernetes.io/config.mirror'
const LEASES = 'kube-node-lease'
const RESTRICTED = 'node-restriction.kubernetes.io'

/** The labels under kubernetes.io and k8s.io that a kubelet may give its node. */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/windows-build',
  'kubernetes.io/os',
  'beta.kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/arch',
])
const KUBELET_LABEL_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io']

/**
 * NodeRestriction: a kubelet writes its own Node, the pods that are bound to it, and what belongs to them.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  mutate(a) {
    const node = nodeOf(a.user)
    if (node === undefined || a.operation === 'CONNECT') return
    if (node === '') throw refusal(a, `could not determine node from user ${JSON.stringify(a.user.username)}`)
    const why = restriction(a, node)
    if (why !== undefined) throw refusal(a, why)
  },
}

/** Why a node may not write this; undefined when it may. Throws 404 for a pod that is not there. */
function restriction(a: AdmissionAttributes, node: string): string | undefined {
  switch (`${a.kind.plural}.${a.kind.group}`) {
    case 'pods.':
      if (a.subresource === '') return onPod(a, node)
      if (a.subresource === 'status') return onPodStatus(a, node)
      if (a.subresource === 'eviction') return onEviction(a, node)
      return `unexpected pod subresource ${JSON.stringify(a.subresource)}, only 'status' and 'eviction' are allowed`
    case 'nodes.':
      return onNode(a, node)
    case 'persistentvolumeclaims.':
      return a.subresource === 'status' ? onClaimStatus(a, node) : 'may only update PVC status'
    case 'serviceaccounts.':
      return onToken(a, node)
    case 'leases.coordination.k8s.io':
      if (a.namespace !== LEASES) return `can only access leases in the ${JSON.stringify(LEASES)} system namespace`
      return nameOf(a) === node ? undefined : 'can only access node lease with the same name as the requesting node'
    case 'csinodes.storage.k8s.io':
      return nameOf(a) === node ? undefined : 'can only access CSINode with the same name as the requesting node'
    default:
      return undefined
  }
}

const nameOf = (a: AdmissionAttributes): string => (a.operation === 'CREATE' ? (a.object?.metadata.name ?? '') : a.name)

/** The pod that a request is about. Throws 404. */
function podNamed(a: AdmissionAttributes, name: string): Pod {
  const pod = a.lookup('', 'pods', a.namespace, name) as Pod | undefined
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
  return pod
}

function onPod(a: AdmissionAttributes, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  if (a.operation === 'CREATE') return onMirrorPod(a, a.object as unknown as Pod, node)
  if (a.operation !== 'DELETE') return `unexpected operation ${JSON.stringify(a.operation)}, ${who} can only create and delete mirror pods`
  const pod = podNamed(a, a.name)
  return pod.spec?.nodeName === node ? undefined : `${who} can only delete pods with spec.nodeName set to itself`
}

/** The mirror of a static pod, which is the node's own and refers to nothing. */
function onMirrorPod(a: AdmissionAttributes, pod: Pod, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  if (pod.metadata.annotations?.[MIRROR] === undefined)
    return `pod does not have ${JSON.stringify(MIRROR)} annotation, ${who} can only create mirror pods`
  if (pod.spec?.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`
  const owners = pod.metadata.ownerReferences ?? []
  if (owners.length > 1) return `${who} can only create pods with a single owner reference set to itself`
  const [owner] = owners
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `${who} can only create pods with an owner reference set to itself`
  if (!owner.controller) return `${who} can only create pods with a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`
  const own = a.lookup('', 'nodes', '', node)
  if (!own) throw notFound({ group: '', resource: 'nodes' }, node)
  if (owner.uid !== own.metadata.uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${own.metadata.uid}`
  if (pod.spec.serviceAccountName) return `${who} can not create pods that reference a service account`
  const plain = { ...pod, metadata: { ...pod.metadata, annotations: {} } }
  for (const what of ['secrets', 'configmaps'] as const)
    if (referencesOf(plain, what).length > 0) return `${who} can not create pods that reference ${what}`
  if (pod.spec.resourceClaims?.length) return `${who} can not create pods that reference resourceclaims`
  const volumes = pod.spec.volumes ?? []
  if (volumes.some((v) => v.projected?.sources?.some((s) => s.clusterTrustBundle)))
    return `${who} can not create pods that reference clustertrustbundles`
  if (volumes.some((v) => v.persistentVolumeClaim)) return `${who} can not create pods that reference persistentvolumeclaims`
  return undefined
}

function onPodStatus(a: AdmissionAttributes, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  if (a.operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(a.operation)}`
  const [was, is] = [a.oldObject as unknown as Pod, a.object as unknown as Pod]
  if (was.spec?.nodeName !== node) return `${who} can only update pod status for pods with spec.nodeName set to itself`
  if (!equalJson(was.metadata.labels ?? {}, is.metadata.labels ?? {})) return `${who} cannot update labels through pod status`
  if (!equalJson(was.status?.resourceClaimStatuses ?? [], is.status?.resourceClaimStatuses ?? []))
    return `${who} cannot update resource claim statues`
  return undefined
}

function onEviction(a: AdmissionAttributes, node: string): string | undefined {
  if (a.operation !== 'CREATE') return `unexpected operation ${a.operation}`
  const pod = podNamed(a, a.name || (a.object?.metadata.name ?? ''))
  return pod.spec?.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`
}

function onClaimStatus(a: AdmissionAttributes, node: string): string | undefined {
  if (a.operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(a.operation)}`
  if (equalJson(withoutGrowth(a.oldObject!), withoutGrowth(a.object!))) return undefined
  return `node ${JSON.stringify(node)} is not allowed to update fields other than status.capacity and status.conditions`
}

/** A claim without what a node may change when a volume grows. */
function withoutGrowth(claim: KubeObject): object {
  const { status = {}, metadata, ...rest } = claim as KubeObject & { status?: Wire<k8s.V1PersistentVolumeClaimStatus> }
  return {
    ...rest,
    metadata: without(metadata, 'resourceVersion', 'managedFields'),
    status: without(status, 'capacity', 'conditions', 'allocatedResourceStatuses', 'allocatedResources'),
  }
}

function onNode(a: AdmissionAttributes, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`
  const name = nameOf(a)
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`
  if (a.operation === 'DELETE') return undefined
  const [was, is] = [a.oldObject as unknown as Node | undefined, a.object as unknown as Node]
  if (was && !equalJson(was.spec?.taints ?? [], is.spec?.taints ?? [])) return `${who} is not allowed to modify taints`
  // An owner that is gone takes the node with it.
  if (was && !equalJson(was.metadata.ownerReferences ?? [], is.metadata.ownerReferences ?? []))
    return `${who} is not allowed to modify ownerReferences`
  const forbidden = forbiddenLabels(is.metadata.labels ?? {}, was?.metadata.labels ?? {})
  if (forbidden.length === 0) return undefined
  return was
    ? `is not allowed to modify labels: ${forbidden.join(', ')}`
    : `${who} is not allowed to set the following labels: ${forbidden.join(', ')}`
}

/** The labels that differ and that no kubelet may set, sorted. */
function forbiddenLabels(is: Readonly<Record<string, string>>, was: Readonly<Record<string, string>>): string[] {
  const within = (namespace: string, domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`)
  return [...new Set([...Object.keys(is), ...Object.keys(was)])]
    .filter((key) => is[key] !== was[key])
    .filter((key) => {
      const namespace = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
      if (within(namespace, RESTRICTED)) return true
      if (!within(namespace, 'kubernetes.io') && !within(namespace, 'k8s.io')) return false
      return !KUBELET_LABELS.has(key) && !KUBELET_LABEL_NAMESPACES.some((domain) => within(namespace, domain))
    })
    .sort()
}

function onToken(a: AdmissionAttributes, node: string): string | undefined {
  if (a.operation !== 'CREATE' || a.subresource !== 'token') return undefined
  const { boundObjectRef: ref, audiences } = (a.object as unknown as Wire<k8s.AuthenticationV1TokenRequest>).spec ?? {}
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod'
  if (!ref.uid) return 'node requested token with a pod binding without a uid'
  const pod = podNamed(a, ref.name)
  if (ref.uid !== pod.metadata.uid)
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node'
  return audienceRestriction(a, pod, audiences ?? [])
}
