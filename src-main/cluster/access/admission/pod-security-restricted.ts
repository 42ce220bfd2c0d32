/** The restricted level of the Pod Security Standards: what a hardened pod does without, besides the baseline. */
import type { Container, PodSpec } from '../../api/object.js'
import { are, hasOwnUsers, namesOf, plural, quoted, sorted } from './pod-security-check.js'
import type { Check, Judge } from './pod-security-check.js'
import { procMount } from './pod-security-baseline.js'

const RESTRICTED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
])

const allowPrivilegeEscalation: Judge = (spec, _, containers) => {
  const bad = containers.filter((c) => c.securityContext?.allowPrivilegeEscalation !== false)
  return bad.length
    ? {
        reason: 'allowPrivilegeEscalation != false',
        detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must set securityContext.allowPrivilegeEscalation=false`,
      }
    : undefined
}

const capabilitiesRestricted: Judge = (spec, _, containers) => {
  const lacking = containers.filter((c) => !(c.securityContext?.capabilities?.drop ?? []).includes('ALL'))
  const added = (c: Container): string[] => (c.securityContext?.capabilities?.add ?? []).filter((x) => x !== 'NET_BIND_SERVICE')
  const adding = containers.filter((c) => added(c).length)
  if (!lacking.length && !adding.length) return undefined
  const details = [
    ...(lacking.length
      ? [`${plural('container', lacking)} ${quoted(namesOf(lacking))} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length
      ? [
          `${plural('container', adding)} ${quoted(namesOf(adding))} must not include ${quoted(sorted(adding.flatMap(added)))} in securityContext.capabilities.add`,
        ]
      : []),
  ]
  return { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

const restrictedVolumes: Judge = (spec) => {
  const typeOf = (v: object): string => Object.keys(v).find((k) => k !== 'name') ?? 'emptyDir'
  const bad = (spec.volumes ?? []).filter((v) => !RESTRICTED_VOLUMES.has(typeOf(v)))
  if (!bad.length) return undefined
  const types = sorted(bad.map(typeOf))
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad)} ${quoted(bad.map((v) => v.name))} ${are(bad, 'uses', 'use')} restricted volume ${plural('type', types)} ${quoted(types)}`,
  }
}

const runAsNonRoot: Judge = (spec, _, containers) => {
  const pod = spec.securityContext?.runAsNonRoot
  const explicit = containers.filter((c) => c.securityContext?.runAsNonRoot === false)
  const implicit = containers.filter((c) => c.securityContext?.runAsNonRoot === undefined)
  if (explicit.length > 0 || pod === false) {
    const where = [
      ...(pod === false ? ['pod'] : []),
      ...(explicit.length > 0 ? [`${plural('container', explicit)} ${quoted(namesOf(explicit))}`] : []),
    ]
    return { reason: 'runAsNonRoot != true', detail: `${where.join(' and ')} must not set securityContext.runAsNonRoot=false` }
  }
  if (pod === true || implicit.length === 0) return undefined
  return {
    reason: 'runAsNonRoot != true',
    detail: `pod or ${plural('container', implicit)} ${quoted(namesOf(implicit))} must set securityContext.runAsNonRoot=true`,
  }
}

const runAsUser: Judge = (spec, _, containers) => {
  const bad = containers.filter((c) => c.securityContext?.runAsUser === 0)
  const pod = spec.securityContext?.runAsUser === 0
  if (!bad.length && !pod) return undefined
  const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
  return { reason: 'runAsUser=0', detail: `${where.join(' and ')} must not set runAsUser=0` }
}

const seccompProfileRestricted: Judge = (spec, _, containers) => {
  const allowed = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost'
  const pod = spec.securityContext?.seccompProfile?.type
  const explicit = containers.filter((c) => c.securityContext?.seccompProfile && !allowed(c.securityContext.seccompProfile.type))
  const implicit = containers.filter((c) => !c.securityContext?.seccompProfile)
  if (explicit.length || (pod !== undefined && !allowed(pod))) {
    const where = [
      ...(pod !== undefined && !allowed(pod) ? ['pod'] : []),
      ...(explicit.length ? [`${plural('container', explicit)} ${quoted(namesOf(explicit))}`] : []),
    ]
    return {
      reason: 'seccompProfile',
      detail: `${where.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(sorted([...explicit.map((c) => c.securityContext!.seccompProfile!.type), ...(pod && !allowed(pod) ? [pod] : [])]))}`,
    }
  }
  if (allowed(pod) || !implicit.length) return undefined
  return {
    reason: 'seccompProfile',
    detail: `pod or ${plural('container', implicit)} ${quoted(namesOf(implicit))} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}

/** A check that does not look at some pods. */
const unless =
  (exempt: (spec: PodSpec) => boolean, judge: Judge): Judge =>
  (spec, ...rest) =>
    exempt(spec) ? undefined : judge(spec, ...rest)

/** What these say is said otherwise on Windows. */
const isWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows'

/** In the order in which faults are told: by the names of the checks. */
export const RESTRICTED: readonly Check[] = [
  { id: 'allowPrivilegeEscalation', since: 8, judge: allowPrivilegeEscalation },
  { id: 'allowPrivilegeEscalation', since: 25, judge: unless(isWindows, allowPrivilegeEscalation) },
  { id: 'capabilities_restricted', since: 22, overrides: 'capabilities_baseline', judge: capabilitiesRestricted },
  { id: 'capabilities_restricted', since: 25, overrides: 'capabilities_baseline', judge: unless(isWindows, capabilitiesRestricted) },
  { id: 'procMount_restricted', since: 35, overrides: 'procMount', judge: procMount },
  { id: 'restrictedVolumes', since: 0, overrides: 'hostPathVolumes', judge: restrictedVolumes },
  { id: 'runAsNonRoot', since: 0, judge: runAsNonRoot },
  { id: 'runAsNonRoot', since: 35, judge: unless(hasOwnUsers, runAsNonRoot) },
  { id: 'runAsUser', since: 23, judge: runAsUser },
  { id: 'runAsUser', since: 35, judge: unless(hasOwnUsers, runAsUser) },
  { id: 'seccompProfile_restricted', since: 19, overrides: 'seccompProfile_baseline', judge: seccompProfileRestricted },
  { id: 'seccompProfile_restricted', since: 25, overrides: 'seccompProfile_baseline', judge: unless(isWindows, seccompProfileRestricted) },
]
