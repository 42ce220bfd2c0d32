/**
 * The Pod Security Standards, check by check: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 * The wording is that of the checks of k8s.io/pod-security-admission.
 */
import { SAFE_SYSCTLS } from '../../api/kinds/rules/safe-sysctls.js'
import type * as k8s from '@kubernetes/client-node'
import type { Container, PodSpec, Wire } from '../../api/object.js'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** The metadata that checks look at. */
export interface CheckedMetadata {
  annotations?: { [key: string]: string }
}

/** A broken rule: what it is about, and where. */
interface Fault {
  reason: string
  detail: string
}

type Check = (spec: PodSpec, metadata: CheckedMetadata, containers: readonly Container[]) => Fault | undefined

const quoted = (names: readonly string[]): string => names.map((n) => JSON.stringify(n)).join(', ')
const plural = (word: string, names: readonly unknown[]): string => (names.length === 1 ? word : `${word}s`)
const are = (names: readonly unknown[], one: string, many: string): string => (names.length === 1 ? one : many)
const namesOf = (containers: readonly Container[]): string[] => containers.map((c) => c.name)
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

const BASELINE_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
)
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])
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

/** In the order in which faults are told: by the names of the checks. */
const baseline: readonly Check[] = [
  (spec, metadata, containers) => {
    const allowed = (p: Wire<k8s.V1AppArmorProfile> | undefined): boolean => !p || p.type === 'RuntimeDefault' || p.type === 'Localhost'
    const bad = containers.filter((c) => !allowed(c.securityContext?.appArmorProfile))
    const pod = !allowed(spec.securityContext?.appArmorProfile)
    const annotations = Object.entries(metadata.annotations ?? {}).filter(
      ([k, v]) =>
        k.startsWith('container.apparmor.security.beta.kubernetes.io/') &&
        v !== '' &&
        v !== 'runtime/default' &&
        !v.startsWith('localhost/'),
    )
    if (!bad.length && !pod && !annotations.length) return undefined
    const where = [
      ...(annotations.length ? [`${plural('annotation', annotations)} ${quoted(annotations.map(([k, v]) => `${k}=${v}`).sort())}`] : []),
      ...(pod ? ['pod must not set AppArmor profile type to "Unconfined"'] : []),
      ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))} must not set AppArmor profile type to "Unconfined"`] : []),
    ]
    return { reason: 'forbidden AppArmor profile', detail: where.join(' and ') }
  },
  (_, __, containers) => {
    const added = (c: Container): string[] => (c.securityContext?.capabilities?.add ?? []).filter((x) => !BASELINE_CAPABILITIES.has(x))
    const bad = containers.filter((c) => added(c).length)
    return bad.length
      ? {
          reason: 'non-default capabilities',
          detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not include ${quoted(sorted(bad.flatMap(added)))} in securityContext.capabilities.add`,
        }
      : undefined
  },
  (spec) => {
    const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((f) => spec[f])
    return used.length ? { reason: 'host namespaces', detail: used.map((f) => `${f}=true`).join(', ') } : undefined
  },
  (spec) => {
    const bad = (spec.volumes ?? []).filter((v) => v.hostPath)
    return bad.length ? { reason: 'hostPath volumes', detail: `${plural('volume', bad)} ${quoted(bad.map((v) => v.name))}` } : undefined
  },
  (_, __, containers) => {
    const ports = (c: Container): number[] => (c.ports ?? []).map((p) => p.hostPort ?? 0).filter((p) => p !== 0)
    const bad = containers.filter((c) => ports(c).length)
    if (!bad.length) return undefined
    const all = [...new Set(bad.flatMap(ports))].sort((x, y) => x - y)
    return {
      reason: 'hostPort',
      detail: `${plural('container', bad)} ${quoted(namesOf(bad))} ${are(bad, 'uses', 'use')} ${plural('hostPort', all)} ${all.join(', ')}`,
    }
  },
  (spec, _, containers) => {
    const hosts = (c: Container): string[] => {
      const handlers = [c.livenessProbe, c.readinessProbe, c.startupProbe, c.lifecycle?.postStart, c.lifecycle?.preStop]
      return handlers
        .flatMap((h) => [h?.httpGet?.host, h?.tcpSocket?.host])
        .filter((x): x is string => Boolean(x) && x !== '127.0.0.1' && x !== '::1')
    }
    const bad = containers.filter((c) => hosts(c).length)
    return bad.length
      ? {
          reason: 'probe or lifecycle host',
          detail: `${plural('container', bad)} ${quoted(namesOf(bad))} ${are(bad, 'uses', 'use')} ${are(sorted(bad.flatMap(hosts)), 'host', 'hosts')} ${quoted(sorted(bad.flatMap(hosts)))}`,
        }
      : undefined
  },
  (_, __, containers) => {
    const bad = containers.filter((c) => c.securityContext?.privileged)
    return bad.length
      ? { reason: 'privileged', detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not set securityContext.privileged=true` }
      : undefined
  },
  (_, __, containers) => {
    const bad = containers.filter((c) => c.securityContext?.procMount && c.securityContext.procMount !== 'Default')
    return bad.length
      ? {
          reason: 'procMount',
          detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not set securityContext.procMount to ${quoted(sorted(bad.map((c) => c.securityContext!.procMount!)))}`,
        }
      : undefined
  },
  (spec, _, containers) => {
    const options = [spec.securityContext?.seLinuxOptions, ...containers.map((c) => c.securityContext?.seLinuxOptions)].filter(
      (o) => o !== undefined,
    )
    const types = sorted(options.map((o) => o.type ?? '').filter((t) => !SELINUX_TYPES.has(t)))
    const user = options.some((o) => o.user)
    const role = options.some((o) => o.role)
    if (!types.length && !user && !role) return undefined
    const parts = [
      ...(types.length ? [`${plural('type', types)} ${quoted(types)}`] : []),
      ...(user ? ['user may not be set'] : []),
      ...(role ? ['role may not be set'] : []),
    ]
    const bad = containers.filter((c) => c.securityContext?.seLinuxOptions)
    const where = [
      ...(spec.securityContext?.seLinuxOptions ? ['pod'] : []),
      ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : []),
    ]
    return { reason: 'seLinuxOptions', detail: `${where.join(' and ')} set forbidden securityContext.seLinuxOptions: ${parts.join('; ')}` }
  },
  (spec, _, containers) => {
    const bad = containers.filter((c) => c.securityContext?.seccompProfile?.type === 'Unconfined')
    const pod = spec.securityContext?.seccompProfile?.type === 'Unconfined'
    if (!bad.length && !pod) return undefined
    const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
    return { reason: 'seccompProfile', detail: `${where.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"` }
  },
  (spec) => {
    const bad = (spec.securityContext?.sysctls ?? []).map((s) => s.name).filter((n) => !SAFE_SYSCTLS.has(n))
    return bad.length ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined
  },
  (spec, _, containers) => {
    const bad = containers.filter((c) => c.securityContext?.windowsOptions?.hostProcess === true)
    const pod = spec.securityContext?.windowsOptions?.hostProcess === true
    if (!bad.length && !pod) return undefined
    const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
    return { reason: 'hostProcess', detail: `${where.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true` }
  },
]

const restricted: readonly Check[] = [
  (spec, _, containers) => {
    if (spec.os?.name === 'windows') return undefined
    const bad = containers.filter((c) => c.securityContext?.allowPrivilegeEscalation !== false)
    return bad.length
      ? {
          reason: 'allowPrivilegeEscalation != false',
          detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must set securityContext.allowPrivilegeEscalation=false`,
        }
      : undefined
  },
  (spec, _, containers) => {
    if (spec.os?.name === 'windows') return undefined
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
  },
  (spec) => {
    const typeOf = (v: object): string => Object.keys(v).find((k) => k !== 'name') ?? 'emptyDir'
    const bad = (spec.volumes ?? []).filter((v) => !RESTRICTED_VOLUMES.has(typeOf(v)))
    if (!bad.length) return undefined
    const types = sorted(bad.map(typeOf))
    return {
      reason: 'restricted volume types',
      detail: `${plural('volume', bad)} ${quoted(bad.map((v) => v.name))} ${are(bad, 'uses', 'use')} restricted volume ${plural('type', types)} ${quoted(types)}`,
    }
  },
  (spec, _, containers) => {
    const pod = spec.securityContext?.runAsNonRoot
    const explicit = containers.filter((c) => c.securityContext?.runAsNonRoot === false)
    const implicit = containers.filter((c) => c.securityContext?.runAsNonRoot === undefined)
    if (explicit.length || pod === false) {
      // A pod that says no is at fault where a container does not say yes.
      const where = [
        ...(pod === false ? ['pod'] : []),
        ...(explicit.length ? [`${plural('container', explicit)} ${quoted(namesOf(explicit))}`] : []),
      ]
      if (explicit.length || implicit.length)
        return { reason: 'runAsNonRoot != true', detail: `${where.join(' and ')} must not set securityContext.runAsNonRoot=false` }
    }
    if (pod === true || !implicit.length) return undefined
    return {
      reason: 'runAsNonRoot != true',
      detail: `pod or ${plural('container', implicit)} ${quoted(namesOf(implicit))} must set securityContext.runAsNonRoot=true`,
    }
  },
  (spec, _, containers) => {
    const bad = containers.filter((c) => c.securityContext?.runAsUser === 0)
    const pod = spec.securityContext?.runAsUser === 0
    if (!bad.length && !pod) return undefined
    const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
    return { reason: 'runAsUser=0', detail: `${where.join(' and ')} must not set runAsUser=0` }
  },
  (spec, _, containers) => {
    if (spec.os?.name === 'windows') return undefined
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
  },
]

/** Baseline rules that a rule of the restricted level says more strictly: only the latter is told. */
const OVERRIDDEN = new Set(['non-default capabilities', 'hostPath volumes', 'seccompProfile'])

/** What a pod breaks of a level, as one text: `privileged (container "c" must not …), hostPort (…)`. Empty when nothing. */
export function violations(level: Level, metadata: CheckedMetadata, spec: PodSpec): string {
  if (level === 'privileged') return ''
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ]
  const run = (checks: readonly Check[]): Fault[] => checks.map((check) => check(spec, metadata, containers)).filter((f) => f !== undefined)
  const faults = run(baseline)
  const all = level === 'restricted' ? [...faults.filter((f) => !OVERRIDDEN.has(f.reason)), ...run(restricted)] : faults
  return all.map((f) => `${f.reason} (${f.detail})`).join(', ')
}
