/** Short hands for `rbac/v1.PolicyRule`s, to write default roles with. */
import type { PolicyRule } from './authorizer.js'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

export const READ = ['get', 'list', 'watch']
export const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']
export const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** A rule: verbs on resources of one group or several. */
export function on(
  group: string | readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
  resourceNames?: readonly string[],
): PolicyRule {
  return { apiGroups: typeof group === 'string' ? [group] : group, ...(resourceNames ? { resourceNames } : {}), resources, verbs }
}

/** A rule: reading paths that are no resources. */
export function urls(paths: readonly string[]): PolicyRule {
  return { nonResourceURLs: paths, verbs: ['get'] }
}

/** Writing events, in both of their groups. */
export const EVENTS = on(['', 'events.k8s.io'], ['events'], ['create', 'patch', 'update'])
