/**
 * The parameters that a binding gives to an admission policy.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
 */
import type * as k8s from '@kubernetes/client-node'
import { matchesSelector } from '../../api/kinds/rules/selectors.js'
import type { Sent } from '../../api/kinds/rules/sent.js'
import type { KubeObject } from '../../api/object.js'
import { isNamespace } from './policy-matching.js'
import type { AdmissionAttributes } from './plugin.js'

type ParamKind = Sent<k8s.V1ParamKind>
type ParamRef = Sent<k8s.V1ParamRef>

/** Why the parameters of a binding cannot be had. */
export class ParamsFault extends Error {}

/** The resource that a policy's parameters are of; undefined when it has none. Throws {@link ParamsFault} when there is none. */
export function paramResource(kind: ParamKind | null | undefined, a: AdmissionAttributes): ParamResource | undefined {
  if (!kind) return undefined
  const apiVersion = kind.apiVersion ?? ''
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const resource = a.resourceOf(group, version, kind.kind ?? '')
  if (!resource) throw new ParamsFault(`failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind.kind}'`)
  return { group, plural: resource.plural, namespaced: resource.namespaced }
}

interface ParamResource {
  readonly group: string
  readonly plural: string
  readonly namespaced: boolean
}

/**
 * The objects with which a policy is evaluated, each in its turn; null when it is evaluated without. None when there are
 * none and that is no fault. Throws {@link ParamsFault}.
 */
export function paramsOf(
  resource: ParamResource | undefined,
  ref: ParamRef | null | undefined,
  a: AdmissionAttributes,
): readonly (KubeObject | null)[] {
  if (!resource || !ref) return [null]
  const namespace = resource.namespaced ? namespaceOfParams(ref, a) : ''
  if (!resource.namespaced && ref.namespace)
    throw new ParamsFault('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const found = foundParams(ref, resource.group, resource.plural, namespace, a)
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ParamsFault('no params found for policy binding with `Deny` parameterNotFoundAction')
  return found
}

function namespaceOfParams(ref: ParamRef, a: AdmissionAttributes): string {
  const namespace = ref.namespace || (isNamespace(a) ? a.name : a.namespace)
  if (!namespace) throw new ParamsFault('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  return namespace
}

function foundParams(ref: ParamRef, group: string, plural: string, namespace: string, a: AdmissionAttributes): readonly KubeObject[] {
  if (ref.name) {
    const param = a.lookup(group, plural, namespace, ref.name)
    return param ? [param] : []
  }
  return a.lookupAll(group, plural, namespace || undefined).filter((o) => matchesSelector(ref.selector, o.metadata.labels))
}
