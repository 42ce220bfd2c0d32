/** What makes the names of a definition valid, and whether a group of Kubernetes' own was approved. */
import { field, type FieldError } from '../../errors.js'
import type { ObjectMeta } from '../../object.js'
import { dns1035Label, dns1123Subdomain } from './names.js'
import { strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Names = Sent<k8s.V1CustomResourceDefinitionNames>

const APPROVED = 'api-approved.kubernetes.io'
const REVIEW = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Adds one error with all that a check of a name says. */
function check(rule: (name: string) => string[], value: string, path: string, errors: FieldError[], prefix = '', tested = value): void {
  const messages = rule(tested)
  if (messages.length > 0) errors.push(field.invalid(path, value, prefix + messages.join(',')))
}

/** Checks the group of a definition: a domain of at least two parts. */
export function checkGroup(group: string, path: string, errors: FieldError[]): void {
  const before = errors.length
  if (!group) errors.push(field.required(path))
  else check(dns1123Subdomain, group, path, errors)
  if (errors.length === before && !group.includes('.')) errors.push(field.invalid(path, group, 'should be a domain with at least one dot'))
}

/** Checks the name of a version. */
export function checkVersionName(name: string, path: string, errors: FieldError[]): void {
  check(dns1035Label, name, path, errors)
}

/** Names that the spec must have; what is accepted may lack them. */
export function checkNamesPresent(names: Names, path: string, errors: FieldError[]): void {
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names[name]) errors.push(field.required(`${path}.${name}`))
}

/** Checks the names that are there. */
export function checkNames(names: Names | null | undefined, path: string, errors: FieldError[]): void {
  const { plural, singular, kind, listKind, shortNames, categories } = names ?? {}
  if (plural) check(dns1035Label, plural, `${path}.plural`, errors)
  if (singular) check(dns1035Label, singular, `${path}.singular`, errors)
  const mixed = 'may have mixed case, but should otherwise match: '
  if (kind) check(dns1035Label, kind, `${path}.kind`, errors, mixed, kind.toLowerCase())
  if (listKind) check(dns1035Label, listKind, `${path}.listKind`, errors, mixed, listKind.toLowerCase())
  strings(shortNames).forEach((name, i) => check(dns1035Label, name, `${path}.shortNames[${i}]`, errors))
  if (kind && kind === listKind) errors.push(field.invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'))
  strings(categories).forEach((name, i) => check(dns1035Label, name, `${path}.categories[${i}]`, errors))
}

type Approval = 'missing' | 'bypassed' | 'approved' | 'invalid'

function approvalOf({ annotations }: ObjectMeta): Approval {
  const approval = annotations?.[APPROVED]
  if (!approval) return 'missing'
  if (approval.startsWith('unapproved')) return 'bypassed'
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+/.test(approval) ? 'approved' : 'invalid'
}

/** Groups of Kubernetes' own domains say who approved them, or that nobody did. What an update leaves as it was is fine. */
export function checkApproval(group: string, metadata: ObjectMeta, old: ObjectMeta | undefined, errors: FieldError[]): void {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return
  const approval = approvalOf(metadata)
  if (old && approvalOf(old) === approval) return
  const at = `metadata.annotations[${APPROVED}]`
  const wanted = `protected groups must have approval annotation "${APPROVED}"`
  if (approval === 'missing') errors.push(field.required(at, `${wanted}, ${REVIEW}`))
  else if (approval === 'invalid') {
    const text = `${wanted} with either a URL or a reason starting with "unapproved", ${REVIEW}`
    errors.push(field.invalid(at, metadata.annotations![APPROVED], text))
  }
}
