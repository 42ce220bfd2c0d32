/**
 * The Pod Security Standards, check by check: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 * The wording is that of the checks of k8s.io/pod-security-admission.
 */
import type { Container, PodSpec } from '../../api/object.js'
import { BASELINE } from './pod-security-baseline.js'
import type { Check, CheckedMetadata } from './pod-security-check.js'
import { RESTRICTED } from './pod-security-restricted.js'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** A level of the standards as they were in a minor version of Kubernetes; Infinity is the latest. */
export interface Standard {
  readonly level: Level
  readonly minor: number
}

/** What a pod breaks of a level, as one text: `privileged (container "c" must not …), hostPort (…)`. Empty when nothing. */
export function violations({ level, minor }: Standard, metadata: CheckedMetadata, spec: PodSpec): string {
  if (level === 'privileged') return ''
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ]
  const stricter = level === 'restricted' ? checksOf(RESTRICTED, minor) : []
  const overridden = new Set(stricter.map(({ overrides }) => overrides))
  return [...checksOf(BASELINE, minor).filter(({ id }) => !overridden.has(id)), ...stricter]
    .map(({ judge }) => judge(spec, metadata, containers))
    .filter((fault) => fault !== undefined)
    .map(({ reason, detail }) => `${reason} (${detail})`)
    .join(', ')
}

/** The checks as they were in a version. */
function checksOf(checks: readonly Check[], minor: number): Check[] {
  const current = new Map<string, Check>()
  for (const check of checks) if (check.since <= minor) current.set(check.id, check)
  return [...current.values()]
}
