/**
 * Whether a request is one of those that an admission policy or its binding is about.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#match-requests-matchconstraints
 */
import type * as k8s from '@kubernetes/client-node'
import { notFound } from '../../api/errors.js'
import { isEmptySelector, matchesSelector } from '../../api/kinds/rules/selectors.js'
import { items, strings, type Sent } from '../../api/kinds/rules/sent.js'
import type { Kind } from '../../api/kinds/kind.js'
import type { KubeObject } from '../../api/object.js'
import type { AdmissionAttributes } from './plugin.js'

type MatchResources = Sent<k8s.V1MatchResources>
type Rule = Sent<k8s.V1NamedRuleWithOperations>

/**
 * The version of the resource in which a request matches, by preference the one that the client writes in; undefined when
 * it does not. Where no resources are named, it is about all. Throws when its namespace is not there.
 */
export function matchingVersion(match: MatchResources | null | undefined, a: AdmissionAttributes): Kind | undefined {
  if (!match) return a.requested
  if (!matchesObject(match, a)) return undefined
  const { matchPolicy } = match
  if (versionInRules(items(match.excludeResourceRules), matchPolicy, a)) return undefined
  const rules = items(match.resourceRules)
  const version = rules.length > 0 ? versionInRules(rules, matchPolicy, a) : a.requested
  return version && matchesNamespace(match, a) ? version : undefined
}

/** The version that one of the rules is about: any in which the resource is served, unless it is to be exact. */
function versionInRules(rules: readonly Rule[], policy: string | null | undefined, a: AdmissionAttributes): Kind | undefined {
  if (rules.some((rule) => matchesRule(rule, a.requested, a))) return a.requested
  if (rules.length === 0 || policy !== 'Equivalent') return undefined
  const versions = a.versions()
  for (const rule of rules) {
    const version = versions.find((v) => matchesRule(rule, v, a))
    if (version) return version
  }
  return undefined
}

/** Whether a request is for a namespace itself. */
export const isNamespace = (a: AdmissionAttributes): boolean => a.kind.group === '' && a.kind.plural === 'namespaces'

const includes = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value)

function matchesRule(rule: Rule, version: Kind, a: AdmissionAttributes): boolean {
  const names = strings(rule.resourceNames)
  return (
    includes(strings(rule.operations), a.operation) &&
    includes(strings(rule.apiGroups), version.group) &&
    includes(strings(rule.apiVersions), version.version) &&
    matchesScope(rule.scope, a) &&
    strings(rule.resources).some((text) => matchesResource(text, a)) &&
    (names.length === 0 || names.includes(a.name))
  )
}

function matchesScope(scope: string | null | undefined, a: AdmissionAttributes): boolean {
  if (!scope || scope === '*') return true
  return (scope === 'Namespaced') === (a.namespace !== '' && !isNamespace(a))
}

/** A resource or one of its subresources; a star stands for any, and without a slash for the resource itself. */
function matchesResource(text: string, a: AdmissionAttributes): boolean {
  const [resource = '', subresource = ''] = text.split('/')
  return (resource === '*' || resource === a.kind.plural) && (subresource === '*' || subresource === a.subresource)
}

function matchesNamespace({ namespaceSelector }: MatchResources, a: AdmissionAttributes): boolean {
  if (!namespaceSelector || isEmptySelector(namespaceSelector)) return true
  if (isNamespace(a)) return matchesSelector(namespaceSelector, (a.object ?? a.oldObject)?.metadata.labels)
  if (!a.namespace) return true
  return matchesSelector(namespaceSelector, namespaceOf(a).metadata.labels)
}

/** The namespace of a request that has one. */
export function namespaceOf(a: AdmissionAttributes): KubeObject {
  const namespace = a.lookup('', 'namespaces', '', a.namespace)
  if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, a.namespace)
  return namespace
}

/** Either of the old and the new object may have the labels. */
function matchesObject({ objectSelector }: MatchResources, a: AdmissionAttributes): boolean {
  if (!objectSelector || isEmptySelector(objectSelector)) return true
  return [a.object, a.oldObject].some((object) => object?.metadata !== undefined && matchesSelector(objectSelector, object.metadata.labels))
}
