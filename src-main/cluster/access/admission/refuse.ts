/** What admission plugins have in common: how they refuse, and what they look at. */
import { forbidden } from '../../api/errors.js'
import type { StatusError } from '../../api/errors.js'
import type { AdmissionAttributes } from './plugin.js'

/** 403 about the object of a request: `pods "x" is forbidden: why`. */
export function refusal(a: AdmissionAttributes, why: string): StatusError {
  const { name, generateName } = a.object?.metadata ?? {}
  return forbidden({ group: a.requested.group, resource: a.requested.plural }, a.name || name || generateName || 'Unknown', why)
}

/** Whether a request is about a kind itself, not about one of its subresources. */
export function isAbout(a: AdmissionAttributes, group: string, kind: string): boolean {
  return a.kind.kind === kind && a.kind.group === group && a.subresource === ''
}

/** Several reasons as Go prints an aggregate of errors. */
export function aggregate(reasons: readonly string[]): string {
  const unique = [...new Set(reasons)]
  return unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`
}
