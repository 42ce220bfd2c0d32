import type { KubeObject } from '../../stores/object.js'

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

/** Whom a binding gives rights. */
export interface Subject {
  kind: string
  name: string
  namespace?: string
}

/** What somebody wants to do, as `resource` or `resource/subresource`. */
export interface Wish {
  verb: string
  group: string
  resource: string
}

/** Somebody who may, by which binding. */
export interface Grant {
  subject: Subject
  binding: { kind: string; name: string; namespace?: string }
  role: { kind: string; name: string }
  /** Only these objects; undefined: all. */
  names?: string[]
}

/** Whether a rule covers a wish, as the RBAC authorizer compares them. */
export function ruleAllows(rule: PolicyRule, { verb, group, resource }: Wish): boolean {
  const [, subresource] = resource.split('/')
  const has = (list: string[] | undefined, word: string) => (list ?? []).some((x) => x === '*' || x === word)
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    (has(rule.resources, resource) || (subresource !== undefined && (rule.resources ?? []).includes(`*/${subresource}`)))
  )
}

/** Who may do it, read from roles and bindings: what `kubectl auth who-can` plugins tell. Bindings of `namespace` and of the cluster count. */
export function whoCan(wish: Wish, namespace: string | undefined, roles: readonly KubeObject[], bindings: readonly KubeObject[]): Grant[] {
  const grants: Grant[] = []
  for (const b of bindings) {
    const where = b.metadata.namespace
    if (where && where !== namespace) continue
    const role = roles.find(
      (r) => r.metadata.name === b.roleRef?.name && (b.roleRef.kind === 'Role' ? r.metadata.namespace === where : !r.metadata.namespace),
    )
    const rules = ((role?.rules ?? []) as PolicyRule[]).filter((r) => ruleAllows(r, wish))
    if (!rules.length) continue
    const names = rules.every((r) => r.resourceNames?.length) ? rules.flatMap((r) => r.resourceNames ?? []) : undefined
    for (const subject of (b.subjects ?? []) as Subject[])
      grants.push({
        subject,
        binding: { kind: where ? 'RoleBinding' : 'ClusterRoleBinding', name: b.metadata.name, ...(where ? { namespace: where } : {}) },
        role: { kind: b.roleRef.kind, name: b.roleRef.name },
        ...(names ? { names } : {}),
      })
  }
  return grants
}

/** Whether a binding names a service account: itself, or the groups that all of them are in. */
export function namesServiceAccount(binding: KubeObject, namespace: string, name: string): boolean {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return ((binding.subjects ?? []) as Subject[]).some((s) => {
    if (s.kind === 'ServiceAccount') return s.name === name && (s.namespace ?? binding.metadata.namespace) === namespace
    if (s.kind === 'User') return s.name === `system:serviceaccount:${namespace}:${name}`
    return s.kind === 'Group' && groups.includes(s.name)
  })
}
