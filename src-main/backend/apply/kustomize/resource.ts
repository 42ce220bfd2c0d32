/** A resource on its way through kustomizations: what it is now, and the names that it had before. */
import type { Json } from '../../kinds/kind.js'
import { BackendError } from '../../errors.js'

export interface KustomizeResource {
  object: Json
  /** Every name that it has had, the first one first; the present one is `object.metadata.name`. */
  names: string[]
  /** Every namespace that it has had, the first one first. */
  namespaces: string[]
  /** Its name gets the hash of its content. */
  hashed: boolean
}

export interface Gvk {
  group: string
  version: string
  kind: string
}

export function gvkOf(object: Json): Gvk {
  const apiVersion = String(object.apiVersion ?? '')
  const slash = apiVersion.indexOf('/')
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: slash < 0 ? apiVersion : apiVersion.slice(slash + 1),
    kind: String(object.kind ?? ''),
  }
}

/** A resource as it comes from a file. */
export function newResource(object: Json, hashed = false): KustomizeResource {
  return { object, names: [String(object.metadata?.name ?? '')], namespaces: [String(object.metadata?.namespace ?? '')], hashed }
}

export function rename(resource: KustomizeResource, name: string): void {
  resource.object.metadata.name = name
  if (!resource.names.includes(name)) resource.names.push(name)
}

export function moveTo(resource: KustomizeResource, namespace: string): void {
  resource.object.metadata.namespace = namespace
  if (!resource.namespaces.includes(namespace)) resource.namespaces.push(namespace)
}

/** `Deployment.v1.apps/web.shop`, as kustomize names a resource in its messages. */
export function idOf(object: Json): string {
  const { group, version, kind } = gvkOf(object)
  return `${kind}.${version || '[noVer]'}.${group || '[noGrp]'}/${object.metadata?.name || '[noName]'}.${object.metadata?.namespace || '[noNs]'}`
}

/** An error that a kustomization causes, with the file that it is about. */
export function kustomizeError(where: string, message: string): BackendError {
  return new BackendError({ reason: 'Kustomize', message: `${where}: ${message}` })
}

const clusterScoped = new Set(
  (
    'APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle ComponentStatus ' +
    'CustomResourceDefinition FlowSchema IPAddress IngressClass MutatingAdmissionPolicy MutatingAdmissionPolicyBinding ' +
    'MutatingWebhookConfiguration Namespace Node PersistentVolume PodSecurityPolicy PriorityClass PriorityLevelConfiguration ' +
    'RuntimeClass SelfSubjectAccessReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersion SubjectAccessReview TokenReview ' +
    'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass'
  ).split(' '),
)
const builtInGroup = (group: string): boolean =>
  group === '' || group.endsWith('.k8s.io') || ['apps', 'batch', 'autoscaling', 'policy', 'extensions'].includes(group)

/** Whether a built-in kind stands outside of namespaces. Kinds that are not known count as namespaced, as in kustomize. */
export function isClusterScoped(object: Json): boolean {
  const { group, kind } = gvkOf(object)
  return builtInGroup(group) && clusterScoped.has(kind)
}

/** Whether a kind is one of Kubernetes' own, whose lists have merge keys. */
export const isBuiltIn = (object: Json): boolean => builtInGroup(gvkOf(object).group)
