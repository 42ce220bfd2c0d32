/**
 * Role-based access control over the stored Roles, ClusterRoles and their bindings. Follows "Using RBAC Authorization"
 * of the Kubernetes documentation: rules only add, `system:masters` may do everything.
 */
import type { UserInfo } from '../api/client.js'
import type { KubeObject } from '../api/object.js'
import type { Store } from '../store/store.js'
import type { Authorizer, Decision, MissingRole, PathAccess, PolicyRule, ResourceAccess, UserRules } from './authorizer.js'
import { joinedErrors } from './authorizer.js'

/** `rbac/v1.Subject`. */
export interface Subject {
  kind: string
  name: string
  namespace?: string
}

interface Binding extends KubeObject {
  roleRef: { kind: string; name: string }
  subjects?: readonly Subject[]
}

interface Role extends KubeObject {
  rules?: readonly PolicyRule[]
}

const ROOT = '/registry/rbac.authorization.k8s.io/'
/** The group that is above all rules. */
export const MASTERS = 'system:masters'
const ALLOWED_MASTERS: Decision = { allowed: true, reason: '' }
const DENIED: Decision = { allowed: false, reason: '' }
/** Decisions kept before all are dropped. */
const LARGEST_CACHE = 10_000

/** A rule that holds for a user, and the binding that gives it. */
interface Grant {
  readonly rule: PolicyRule
  readonly reason: string
}

/** What the bindings of a user give in one scope. */
interface Grants {
  readonly given: readonly Grant[]
  /** The roles of bindings that are not there. */
  readonly missing: readonly MissingRole[]
}

/** The authorizer of a server. Reads roles from the store; what it found is kept until a role or binding changes. */
export class RbacAuthorizer implements Authorizer {
  private readonly grants = new Map<string, Grants>()
  private readonly decisions = new Map<string, Decision>()
  private readAt = -1
  private changedAt = 0
  private readonly stop: () => void

  constructor(private readonly store: Store) {
    this.stop = store.watch(ROOT, store.revision, (events) => (this.changedAt = events[events.length - 1]!.revision))
  }

  authorize(user: UserInfo, access: ResourceAccess): Decision {
    if (user.groups.includes(MASTERS)) return ALLOWED_MASTERS
    return this.decide(
      user,
      `${access.verb}\0${access.group}\0${access.resource}\0${access.subresource}\0${access.namespace}\0${access.name}`,
      () => this.firstGrant(user, access.namespace, (rule) => ruleAllows(rule, access)),
    )
  }

  authorizePath(user: UserInfo, access: PathAccess): Decision {
    if (user.groups.includes(MASTERS)) return ALLOWED_MASTERS
    return this.decide(user, `${access.verb}\0\0${access.path}`, () => this.firstGrant(user, '', (rule) => ruleAllowsPath(rule, access)))
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const scopes = this.scopesOf(user, namespace)
    return { rules: scopes.flatMap((s) => s.given.map((g) => g.rule)), missing: missingIn(scopes) }
  }

  close(): void {
    this.stop()
  }

  private decide(user: UserInfo, question: string, answer: () => Decision): Decision {
    this.refresh()
    const key = `${user.username}\0${user.groups.join('\u0001')}\0${question}`
    let decision = this.decisions.get(key)
    if (!decision) {
      decision = answer()
      if (this.decisions.size >= LARGEST_CACHE) this.decisions.clear()
      this.decisions.set(key, decision)
    }
    return decision
  }

  /** Forgets everything once a role or binding has changed since it was read. */
  private refresh(): void {
    if (this.readAt >= this.changedAt && this.readAt >= 0) return
    this.grants.clear()
    this.decisions.clear()
    this.readAt = this.store.revision
  }

  private firstGrant(user: UserInfo, namespace: string, allows: (rule: PolicyRule) => boolean): Decision {
    const scopes = this.scopesOf(user, namespace)
    for (const { given } of scopes) for (const grant of given) if (allows(grant.rule)) return { allowed: true, reason: grant.reason }
    const missing = missingIn(scopes)
    if (missing.length === 0) return DENIED
    return { allowed: false, reason: `RBAC: ${joinedErrors(missing.map(missingText))}` }
  }

  /** What a user is given at cluster scope, then in a namespace. */
  private scopesOf(user: UserInfo, namespace: string): Grants[] {
    return [this.grantsOf(user, ''), ...(namespace ? [this.grantsOf(user, namespace)] : [])]
  }

  /** The rules bound to a user at cluster scope ('') or by the bindings of one namespace. */
  private grantsOf(user: UserInfo, namespace: string): Grants {
    this.refresh()
    const key = `${namespace}\0${user.username}\0${user.groups.join('\u0001')}`
    let found = this.grants.get(key)
    if (!found) {
      found = this.readGrants(user, namespace)
      if (this.grants.size >= LARGEST_CACHE) this.grants.clear()
      this.grants.set(key, found)
    }
    return found
  }

  private readGrants(user: UserInfo, namespace: string): Grants {
    const prefix = namespace ? `${ROOT}rolebindings/${namespace}/` : `${ROOT}clusterrolebindings/`
    const given: Grant[] = []
    const missing: MissingRole[] = []
    for (const { object } of this.store.list(prefix).items) {
      const binding = object as Binding
      const subject = binding.subjects?.find((s) => isSubject(s, user, namespace))
      if (!subject) continue
      const { kind, name } = binding.roleRef
      const key = kind === 'ClusterRole' ? `${ROOT}clusterroles/${name}` : `${ROOT}roles/${namespace}/${name}`
      const role = this.store.get(key)?.object as Role | undefined
      if (!role) missing.push({ kind, name })
      const source = namespace ? `RoleBinding "${binding.metadata.name}/${namespace}"` : `ClusterRoleBinding "${binding.metadata.name}"`
      const reason = `RBAC: allowed by ${source} of ${kind} "${name}" to ${printedSubject(subject)}`
      for (const rule of role?.rules ?? []) given.push({ rule, reason })
    }
    return { given, missing }
  }
}

/** What the authorizer says of a role that is not there. */
export function missingText({ kind, name }: MissingRole): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
}

const missingIn = (scopes: readonly Grants[]): MissingRole[] => [
  ...new Map(scopes.flatMap((s) => s.missing.map((m) => [missingText(m), m]))).values(),
]

function printedSubject(s: Subject): string {
  return s.kind === 'ServiceAccount' ? `ServiceAccount "${s.name}/${s.namespace}"` : `${s.kind} "${s.name}"`
}

function isSubject(s: Subject, user: UserInfo, namespace: string): boolean {
  switch (s.kind) {
    case 'User':
      return s.name === user.username
    case 'Group':
      return user.groups.includes(s.name)
    case 'ServiceAccount':
      return user.username === `system:serviceaccount:${s.namespace || namespace}:${s.name}`
    default:
      return false
  }
}

const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes('*') === true || list?.includes(value) === true

/** Whether a rule allows a request for a resource. */
export function ruleAllows(rule: PolicyRule, access: ResourceAccess): boolean {
  if (!has(rule.verbs, access.verb) || !has(rule.apiGroups, access.group)) return false
  const { resource, subresource } = access
  const resources = rule.resources ?? []
  const wanted = subresource ? `${resource}/${subresource}` : resource
  if (!resources.includes('*') && !resources.includes(wanted) && !(subresource && resources.includes(`*/${subresource}`))) return false
  return !rule.resourceNames?.length || rule.resourceNames.includes(access.name)
}

/** Whether a rule allows a request for a path; a `*` at the end stands for any rest. */
export function ruleAllowsPath(rule: PolicyRule, access: PathAccess): boolean {
  if (!has(rule.verbs, access.verb)) return false
  return (rule.nonResourceURLs ?? []).some(
    (url) => url === '*' || url === access.path || (url.endsWith('*') && access.path.startsWith(url.slice(0, -1).replace(/\*+$/, ''))),
  )
}
