/**
 * Which names of a CustomResourceDefinition are accepted, and what its conditions say of it. Follows the naming and
 * establishing controllers of apiextensions-apiserver; conditions as in "CustomResourceDefinitionCondition".
 */
import { rfc3339 } from '../../clock.js'
import { equalJson } from '../copy.js'
import type { CustomResourceDefinition } from '../kinds/customresourcedefinition.js'
import { conversionBundleProblem } from '../kinds/rules/crd-conversion.js'

export interface Condition {
  type: string
  status: string
  lastTransitionTime?: string
  reason?: string
  message?: string
}

type Names = CustomResourceDefinition['spec']['names']
type Status = NonNullable<CustomResourceDefinition['status']>

const APPROVED = 'api-approved.kubernetes.io'

/** The names that other definitions of a group have been given; plural, singular and short names share one space. */
interface Taken {
  resources: Set<string>
  kinds: Set<string>
}

function takenBy(others: readonly CustomResourceDefinition[]): Taken {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { status } of others) {
    const names = status?.acceptedNames
    if (!names) continue
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) resources.add(name)
    for (const name of [names.kind, names.listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}

/** Accepts what is free, one by one; what is not leaves the name that was accepted before. */
function accept(wanted: Names, before: Partial<Names>, taken: Taken): { names: Names; refused?: { reason: string; message: string } } {
  let refused: { reason: string; message: string } | undefined
  const names: Names = { kind: before.kind ?? '', plural: before.plural ?? '' }
  if (before.singular) names.singular = before.singular
  if (before.listKind) names.listKind = before.listKind
  if (before.shortNames?.length) names.shortNames = [...before.shortNames]
  const refuse = (reason: string, name: string): void => void (refused ??= { reason, message: `${JSON.stringify(name)} is already in use` })

  if (taken.resources.has(wanted.plural)) refuse('PluralConflict', wanted.plural)
  else names.plural = wanted.plural
  if (wanted.singular && taken.resources.has(wanted.singular)) refuse('SingularConflict', wanted.singular)
  else if (wanted.singular) names.singular = wanted.singular
  const clashes = (wanted.shortNames ?? []).filter((n) => taken.resources.has(n))
  if (clashes.length) refuse('ShortNamesConflict', clashes[0]!)
  else if (wanted.shortNames?.length) names.shortNames = [...wanted.shortNames]
  else delete names.shortNames
  if (taken.kinds.has(wanted.kind)) refuse('KindConflict', wanted.kind)
  else names.kind = wanted.kind
  if (wanted.listKind && taken.kinds.has(wanted.listKind)) refuse('ListKindConflict', wanted.listKind)
  else if (wanted.listKind) names.listKind = wanted.listKind
  if (wanted.categories?.length) names.categories = [...wanted.categories]
  return refused ? { names, refused } : { names }
}

/** Sets a condition; its time changes with its status only. */
export function setCondition(conditions: readonly Condition[], condition: Condition, now: number): Condition[] {
  const old = conditions.find((c) => c.type === condition.type)
  const lastTransitionTime = old?.status === condition.status && old.lastTransitionTime ? old.lastTransitionTime : rfc3339(now)
  const set: Condition = {
    lastTransitionTime,
    message: condition.message ?? '',
    reason: condition.reason ?? '',
    status: condition.status,
    type: condition.type,
  }
  return old ? conditions.map((c) => (c === old ? set : c)) : [...conditions, set]
}

export function hasCondition(definition: CustomResourceDefinition, type: string): boolean {
  return (definition.status?.conditions ?? []).some((c) => c.type === type && c.status === 'True')
}

/**
 * The status that a definition is to have: its accepted names and conditions. The given status when nothing changes.
 * @param others the other definitions of the group
 * @param now cluster time, ms
 */
export function namingStatus(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[], now: number): Status {
  const before = definition.status ?? ({} as Status)
  const { names, refused } = accept(definition.spec.names, before.acceptedNames ?? {}, takenBy(others))
  let conditions = (before.conditions ?? []) as Condition[]
  conditions = setCondition(
    conditions,
    refused
      ? { type: 'NamesAccepted', status: 'False', ...refused }
      : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    now,
  )
  if (!hasCondition(definition, 'Established')) conditions = setCondition(conditions, establishedCondition(definition, !refused), now)
  const approval = approvalCondition(definition)
  if (approval) conditions = setCondition(conditions, approval, now)
  const status = { ...before, acceptedNames: names, conditions: conditions as unknown as Status['conditions'] } as Status
  return equalJson(status, before) ? before : status
}

/** Whether a definition is served from now on: its names are accepted, and its webhook for conversions can be trusted. */
function establishedCondition({ spec }: CustomResourceDefinition, isAccepted: boolean): Condition {
  const type = 'Established'
  if (!isAccepted) return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
  if (conversionBundleProblem(spec.conversion) !== undefined)
    return { type, status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' }
  return { type, status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
}

/** Groups of Kubernetes' own domains say whether they were reviewed. */
function approvalCondition({ metadata, spec }: CustomResourceDefinition): Condition | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return undefined
  const type = 'KubernetesAPIApprovalPolicyConformant'
  const annotation = metadata.annotations?.[APPROVED] ?? ''
  return annotation.startsWith('unapproved')
    ? { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(annotation)}` }
    : { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${annotation}` }
}
