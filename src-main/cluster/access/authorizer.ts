/** The question of access: may this user do this. `rbac.ts` answers it. */
import type { UserInfo } from '../api/client.js'
import { StatusError, forbidden, type ResourceName } from '../api/errors.js'

/** A request for a resource, as rules see it. */
export interface ResourceAccess {
  readonly verb: string
  readonly group: string
  readonly version?: string
  readonly resource: string
  /** Empty for the object itself. */
  readonly subresource: string
  /** Empty at cluster scope and for all namespaces. */
  readonly namespace: string
  /** Empty for a collection. */
  readonly name: string
  /** What a list, watch or deletecollection is limited to; only kubelets are judged by it. */
  readonly fieldSelector?: string
}

/** A request for a path that is no resource, such as /healthz. */
export interface PathAccess {
  readonly verb: string
  readonly path: string
}

export interface Decision {
  readonly allowed: boolean
  /** Why, as a SubjectAccessReview tells it; may be empty. */
  readonly reason: string
}

/** `rbac/v1.PolicyRule`. */
export interface PolicyRule {
  verbs?: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

/** What the bindings of a user come to. */
export interface UserRules {
  readonly rules: readonly PolicyRule[]
  /** The roles that bindings name and that are not there, each once. */
  readonly missing: readonly MissingRole[]
}

/** A role that a binding names and that is not there. */
export interface MissingRole {
  readonly kind: string
  readonly name: string
}

/** Errors as Go prints several of them as one. */
export function joinedErrors(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
}

export interface Authorizer {
  authorize(user: UserInfo, access: ResourceAccess): Decision
  authorizePath(user: UserInfo, access: PathAccess): Decision
  /** All rules that bindings give a user in a namespace (empty: at cluster scope). Who is above the rules has what is bound to their group. */
  rulesFor(user: UserInfo, namespace: string): UserRules
  /** Why `rulesFor` cannot tell all that a user may do; undefined when it can. */
  unresolved?(user: UserInfo): string | undefined
}

/** Whether what is done concerns a resource. */
export function isResourceAccess(access: ResourceAccess | PathAccess): access is ResourceAccess {
  return 'resource' in access
}

/** 403 in the API's wording. Says nothing about whether the object exists. */
export function refusal(user: UserInfo, access: ResourceAccess | PathAccess, reason = ''): StatusError {
  const who = `User ${JSON.stringify(user.username)} cannot ${access.verb}`
  const why = reason ? `: ${reason}` : ''
  if (!isResourceAccess(access)) return new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(access.path)}${why}`, {})
  const { group, resource, subresource, namespace, name } = access
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  const of: ResourceName = { group, resource }
  return forbidden(of, name, `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${why}`)
}
