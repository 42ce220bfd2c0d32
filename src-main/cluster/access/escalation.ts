/**
 * Nobody gives what they do not have: a role may only hold, and a binding only give, what its writer is allowed already.
 * The verb `escalate` lifts it for roles, the verb `bind` for bindings. Follows "Privilege escalation prevention and
 * bootstrapping" of the Kubernetes RBAC page.
 */
import { forbidden, notFound } from '../api/errors.js'
import type { UserInfo } from '../api/client.js'
import type { KubeObject } from '../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './admission/plugin.js'
import type { Authorizer, MissingRole, PolicyRule } from './authorizer.js'
import { joinedErrors } from './authorizer.js'
import { MASTERS, ruleAllowsPath } from './rbac.js'

const GROUP = 'rbac.authorization.k8s.io'
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

interface RoleShape extends KubeObject {
  rules?: readonly PolicyRule[]
  aggregationRule?: unknown
}

interface BindingShape extends KubeObject {
  roleRef?: { apiGroup?: string; kind: string; name: string }
  subjects?: unknown
}

/** The check as an admission plugin: it looks at what is about to be stored. Refuses with 403. */
export function escalationCheck(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'rbac/escalation',
    operations: ['CREATE', 'UPDATE'],
    isOfRegistry: true,
    validate(a) {
      if (a.kind.group !== GROUP || a.subresource || !a.object || a.user.groups.includes(MASTERS)) return
      if (a.kind.plural === 'roles' || a.kind.plural === 'clusterroles') checkRole(authorizer, a)
      else if (a.kind.plural === 'rolebindings' || a.kind.plural === 'clusterrolebindings') checkBinding(authorizer, a)
    },
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

function checkRole(authorizer: Authorizer, a: AdmissionAttributes): void {
  const role = a.object as RoleShape
  const old = a.oldObject as RoleShape | undefined
  if (old && same(old.rules, role.rules) && same(old.aggregationRule, role.aggregationRule)) return
  const { plural: resource } = a.kind
  // The name is not part of the request's path when a role is created.
  const name = old ? a.name : ''
  if (authorizer.authorize(a.user, { verb: 'escalate', group: GROUP, resource, subresource: '', namespace: a.namespace, name }).allowed)
    return
  const held = authorizer.rulesFor(a.user, a.namespace)
  const refuse = (why: string): Error => forbidden({ group: GROUP, resource }, role.metadata.name ?? '', why)
  const missing = missingRights(held.rules, role.rules ?? [])
  if (missing.length > 0) throw refuse(notHeld(a.user, missing, held.missing))
  if ((role.aggregationRule || old?.aggregationRule) && missingRights(held.rules, EVERYTHING).length > 0) {
    throw refuse('must have cluster-admin privileges to use an aggregationRule')
  }
}

function checkBinding(authorizer: Authorizer, a: AdmissionAttributes): void {
  const binding = a.object as BindingShape
  const old = a.oldObject as BindingShape | undefined
  if (old && same(old.roleRef, binding.roleRef) && same(old.subjects, binding.subjects)) return
  const { kind = '', name = '' } = binding.roleRef ?? {}
  const resource = kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  const { namespace } = a
  if (authorizer.authorize(a.user, { verb: 'bind', group: GROUP, resource, subresource: '', namespace, name }).allowed) return
  const role = a.lookup(GROUP, resource, resource === 'roles' ? namespace : '', name) as RoleShape | undefined
  if (!role) throw notFound({ group: GROUP, resource }, name)
  const held = authorizer.rulesFor(a.user, namespace)
  const missing = missingRights(held.rules, role.rules ?? [])
  if (missing.length > 0) {
    throw forbidden({ group: GROUP, resource: a.kind.plural }, binding.metadata.name ?? '', notHeld(a.user, missing, held.missing))
  }
}

const quoted = (list: readonly string[]): string => `[${list.map((text) => JSON.stringify(text)).join(' ')}]`

function notHeld(user: UserInfo, missing: readonly PolicyRule[], roles: readonly MissingRole[]): string {
  const rules = [...new Set(compacted(missing).map(printedRule))].sort()
  const errors = roles.map(({ kind, name }) => `${kind.toLowerCase()}s.${GROUP} ${JSON.stringify(name)} not found`)
  const unresolved = errors.length ? `; resolution errors: [${joinedErrors(errors)}]` : ''
  return `user ${JSON.stringify(user.username)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${rules.join('\n')}${unresolved}`
}

function printedRule(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  return `{${parts.flatMap(([name, list]) => (list?.length ? [`${name}:${quoted(list)}`] : [])).join(', ')}}`
}

/** The verbs on one resource together in one rule, one that is wanted twice twice. */
function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { verbs = [], ...of } = rule
    const key = JSON.stringify(of.nonResourceURLs ? rule : of)
    const before = of.nonResourceURLs ? [] : (merged.get(key)?.verbs ?? [])
    merged.set(key, { ...of, verbs: [...before, ...verbs] })
  }
  return [...merged.values()]
}

/** What of the wanted rules no held rule covers, each right apart. */
export function missingRights(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(rightsOf).filter((right) => !held.some((rule) => covers(rule, right)))
}

/** A rule as rules of one verb on one resource, or one URL. */
function rightsOf(rule: PolicyRule): PolicyRule[] {
  const rights: PolicyRule[] = []
  for (const verb of rule.verbs ?? []) {
    for (const url of rule.nonResourceURLs ?? []) rights.push({ nonResourceURLs: [url], verbs: [verb] })
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const right = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!rule.resourceNames?.length) rights.push(right)
        else for (const name of rule.resourceNames) rights.push({ ...right, resourceNames: [name] })
      }
    }
  }
  return rights
}

const has = (list: readonly string[] | undefined, value: string): boolean => list?.some((v) => v === '*' || v === value) ?? false

/** Whether a held rule gives one right. */
function covers(held: PolicyRule, right: PolicyRule): boolean {
  const verb = right.verbs![0]!
  if (!has(held.verbs, verb)) return false
  const path = right.nonResourceURLs?.[0]
  if (path !== undefined) return ruleAllowsPath(held, { verb, path })
  const resource = right.resources![0]!
  const slash = resource.indexOf('/')
  const every = slash < 0 ? undefined : `*${resource.slice(slash)}`
  if (!has(held.apiGroups, right.apiGroups![0]!)) return false
  if (!has(held.resources, resource) && !(every && held.resources?.includes(every))) return false
  if (!held.resourceNames?.length) return true
  return right.resourceNames !== undefined && held.resourceNames.includes(right.resourceNames[0]!)
}
