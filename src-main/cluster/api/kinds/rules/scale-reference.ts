/** References by version, kind and name, to what an autoscaler scales and to what it measures. */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { pathSegmentName } from './names.js'
import type { Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentReference = Sent<k8s.V2CrossVersionObjectReference>

/** What is wrong with a text as the group and version of an API; undefined when nothing is. */
export function versionProblem(version: string): string | undefined {
  return version.split('/').length > 2 ? `unexpected GroupVersion string: ${version}` : undefined
}

/** Checks a reference. `problem` tells what is wrong with its version; without it any version is taken. */
export function validateScaleReference(
  ref: SentReference,
  problem: ((ref: SentReference) => string | undefined) | undefined,
  path: string,
  errors: FieldError[],
): void {
  for (const name of ['kind', 'name'] as const) {
    const at = `${path}.${name}`
    if (checkRequired(ref[name], at, errors)) checkName(pathSegmentName, ref[name]!, at, errors)
  }
  const why = problem?.(ref)
  if (why) errors.push(field.invalid(`${path}.apiVersion`, ref.apiVersion ?? '', why))
}
