/**
 * What the API server makes of the default roles and bindings that it finds when it starts: what they lack is added,
 * what they have besides stays. "Auto-reconciliation" of the Kubernetes RBAC page.
 */
import type { KubeObject } from '../api/object.js'
import type { PolicyRule } from './authorizer.js'
import { missingRights } from './escalation.js'

/** While it is `false` an administrator has taken a default role or binding into their own hands. */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

interface Aggregation {
  clusterRoleSelectors?: object[]
}

interface RbacObject extends KubeObject {
  rules?: PolicyRule[]
  aggregationRule?: Aggregation
  subjects?: object[]
  roleRef?: object
}

const isProtected = ({ metadata }: KubeObject): boolean => metadata.annotations?.[AUTO_UPDATE] === 'false'

/** What of a list is not in another one, by value. */
function lacking<T extends object>(held: readonly T[] | undefined, wanted: readonly T[] | undefined): T[] {
  const texts = new Set((held ?? []).map((item) => sortedJson(item)))
  return (wanted ?? []).filter((item) => !texts.has(sortedJson(item)))
}

/** JSON that does not depend on the order of fields. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  )
}

/** Whether a stored binding leads to another role than it should: it has to be made anew, for its role cannot change. */
export const leadsElsewhere = (stored: RbacObject, wanted: RbacObject): boolean =>
  wanted.roleRef !== undefined && !isProtected(stored) && sortedJson(stored.roleRef) !== sortedJson(wanted.roleRef)

/** A stored role or binding with what it lacks of the default; undefined when it lacks nothing or is protected. */
export function completed(stored: RbacObject, wanted: RbacObject): RbacObject | undefined {
  if (isProtected(stored)) return undefined
  const labels = { ...wanted.metadata.labels, ...stored.metadata.labels }
  const annotations = { ...wanted.metadata.annotations, ...stored.metadata.annotations }
  const selectors = lacking(stored.aggregationRule?.clusterRoleSelectors, wanted.aggregationRule?.clusterRoleSelectors)
  // The rules of an aggregated role are written by its controller.
  const rules = wanted.aggregationRule ? [] : missingRights(stored.rules ?? [], wanted.rules ?? [])
  const subjects = lacking(stored.subjects, wanted.subjects)
  const noted =
    Object.keys(labels).length > Object.keys(stored.metadata.labels ?? {}).length ||
    Object.keys(annotations).length > Object.keys(stored.metadata.annotations ?? {}).length
  if (!noted && selectors.length + rules.length + subjects.length === 0) return undefined
  return {
    ...stored,
    metadata: { ...stored.metadata, labels, annotations },
    ...(selectors.length > 0
      ? { aggregationRule: { clusterRoleSelectors: [...(stored.aggregationRule?.clusterRoleSelectors ?? []), ...selectors] } }
      : {}),
    ...(rules.length > 0 ? { rules: [...(stored.rules ?? []), ...rules] } : {}),
    ...(subjects.length > 0 ? { subjects: [...(stored.subjects ?? []), ...subjects] } : {}),
  }
}
