/**
 * Whether the expressions of a ValidatingAdmissionPolicy fit the types of what it matches.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
 */
import type { Variables } from '../api/cel/check.js'
import { checkedType } from '../api/cel/compile.js'
import { typeOfModel } from '../api/cel/model-types.js'
import { AUTHORIZER, DYN, type Type } from '../api/cel/types.js'
import { policyVariables, withComposed } from '../api/kinds/rules/admission-expressions.js'
import { items, strings } from '../api/kinds/rules/sent.js'
import type { ValidatingAdmissionPolicy } from '../api/kinds/validatingadmissionpolicy.js'
import { modelOf } from '../api/schema/schema.js'
import type { DiscoveredSchema } from './discovery.js'

/** An expression by its place, and what is wrong with it for the kinds that it is about. */
export interface ExpressionWarning {
  fieldRef: string
  warning: string
}

/** With more kinds than this a rule is not looked at further. */
const MOST_KINDS = 10

/**
 * Checks the validations of a policy against each kind that its rules name.
 * @param kinds all that are served
 * @param unique makes the names of types that messages show unlike any others
 */
export function typeWarnings(
  { spec = {} }: ValidatingAdmissionPolicy,
  kinds: readonly DiscoveredSchema[],
  unique: number,
): ExpressionWarning[] {
  const typed = (kind: DiscoveredSchema): Type => typeOfModel(modelOf(kind.model), `${kind.kind}${unique}`)
  const [group = '', version = ''] = versionOf(spec.paramKind?.apiVersion ?? '')
  const param = spec.paramKind && kinds.find((k) => k.group === group && k.version === version && k.kind === spec.paramKind!.kind)
  const params = param && typed(param)
  const scopes = matchedKinds(spec.matchConstraints?.resourceRules, kinds).map((kind) => {
    const object = typed(kind)
    const { 'authorizer.requestResource': _, ...given } = policyVariables(false)
    const variables = { ...given, object, oldObject: object, authorizer: AUTHORIZER, ...(params ? { params } : {}) }
    return { kind, variables: withVariables(spec.variables, variables) }
  })
  return items(spec.validations).flatMap(({ expression, messageExpression }, i) =>
    Object.entries({ expression, messageExpression }).flatMap(([name, source]) => {
      const warning = source ? scopes.flatMap(({ kind, variables }) => faultOf(source, kind, variables)).join('\n') : ''
      return warning ? [{ fieldRef: `spec.validations[${i}].${name}`, warning }] : []
    }),
  )
}

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>

/** Adds what the policy has made variables of; one that is wrong may be anything. */
function withVariables(variables: Spec['variables'], given: Variables): Variables {
  const composed = new Map<string, Type>()
  for (const { name, expression } of items(variables)) {
    const checked = checkedType(expression ?? '', withComposed(given, composed))
    composed.set(name ?? '', 'type' in checked ? checked.type : DYN)
  }
  return withComposed(given, composed)
}

function faultOf(source: string, { group, version, kind }: DiscoveredSchema, variables: Variables): string[] {
  const checked = checkedType(source, variables)
  return 'issues' in checked ? [`${group}/${version}, Kind=${kind}: ${checked.issues}\n`] : []
}

const versionOf = (apiVersion: string): string[] => (apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion])

/** The kinds that rules name, in their order; what a star stands for is not looked at, nor subresources. */
function matchedKinds(
  rules: NonNullable<Spec['matchConstraints']>['resourceRules'],
  kinds: readonly DiscoveredSchema[],
): readonly DiscoveredSchema[] {
  const found = new Set<DiscoveredSchema>()
  for (const rule of items(rules)) {
    const [groups, versions] = [strings(rule.apiGroups), strings(rule.apiVersions)]
    if ([...groups, ...versions].some((text) => text.includes('*'))) continue
    const resources = strings(rule.resources).filter((text) => !/[*/]/.test(text))
    const named = kinds.filter((k) => groups.includes(k.group) && versions.includes(k.version) && resources.includes(k.plural))
    for (const kind of named.sort(byGroupVersionKind).slice(0, MOST_KINDS)) found.add(kind)
    if (named.length >= MOST_KINDS) break
  }
  return [...found].sort(byGroupVersionKind)
}

const keyOf = ({ group, version, kind }: DiscoveredSchema): string => [group, version, kind].join('\0')
const byGroupVersionKind = (a: DiscoveredSchema, b: DiscoveredSchema): number => (keyOf(a) < keyOf(b) ? -1 : 1)
