/** The baseline level of the Pod Security Standards: what lets a pod out of its containers. */
import type * as k8s from '@kubernetes/client-node'
import type { Container, Wire } from '../../api/object.js'
import { are, hasOwnUsers, namesOf, plural, quoted, sorted } from './pod-security-check.js'
import type { Check, Judge } from './pod-security-check.js'

const BASELINE_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
)
const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t']
const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports']
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

const appArmorProfile: Judge = (spec, metadata, containers) => {
  const allowed = (p: Wire<k8s.V1AppArmorProfile> | undefined): boolean => !p || p.type === 'RuntimeDefault' || p.type === 'Localhost'
  const bad = containers.filter((c) => !allowed(c.securityContext?.appArmorProfile))
  const pod = !allowed(spec.securityContext?.appArmorProfile)
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([k, v]) =>
      k.startsWith('container.apparmor.security.beta.kubernetes.io/') && v !== '' && v !== 'runtime/default' && !v.startsWith('localhost/'),
  )
  if (!bad.length && !pod && !annotations.length) return undefined
  const where = [
    ...(annotations.length ? [`${plural('annotation', annotations)} ${quoted(annotations.map(([k, v]) => `${k}=${v}`).sort())}`] : []),
    ...(pod ? ['pod must not set AppArmor profile type to "Unconfined"'] : []),
    ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))} must not set AppArmor profile type to "Unconfined"`] : []),
  ]
  return { reason: 'forbidden AppArmor profile', detail: where.join(' and ') }
}

const capabilitiesBaseline: Judge = (_, __, containers) => {
  const added = (c: Container): string[] => (c.securityContext?.capabilities?.add ?? []).filter((x) => !BASELINE_CAPABILITIES.has(x))
  const bad = containers.filter((c) => added(c).length)
  return bad.length
    ? {
        reason: 'non-default capabilities',
        detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not include ${quoted(sorted(bad.flatMap(added)))} in securityContext.capabilities.add`,
      }
    : undefined
}

const hostNamespaces: Judge = (spec) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((f) => spec[f])
  return used.length ? { reason: 'host namespaces', detail: used.map((f) => `${f}=true`).join(', ') } : undefined
}

const hostPathVolumes: Judge = (spec) => {
  const bad = (spec.volumes ?? []).filter((v) => v.hostPath)
  return bad.length ? { reason: 'hostPath volumes', detail: `${plural('volume', bad)} ${quoted(bad.map((v) => v.name))}` } : undefined
}

const hostPorts: Judge = (_, __, containers) => {
  const ports = (c: Container): number[] => (c.ports ?? []).map((p) => p.hostPort ?? 0).filter((p) => p !== 0)
  const bad = containers.filter((c) => ports(c).length)
  if (!bad.length) return undefined
  const all = [...new Set(bad.flatMap(ports))].sort((x, y) => x - y)
  return {
    reason: 'hostPort',
    detail: `${plural('container', bad)} ${quoted(namesOf(bad))} ${are(bad, 'uses', 'use')} ${plural('hostPort', all)} ${all.join(', ')}`,
  }
}

const hostProbesAndHostLifecycle: Judge = (spec, _, containers) => {
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
}

const privileged: Judge = (_, __, containers) => {
  const bad = containers.filter((c) => c.securityContext?.privileged)
  return bad.length
    ? { reason: 'privileged', detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not set securityContext.privileged=true` }
    : undefined
}

export const procMount: Judge = (_, __, containers) => {
  const bad = containers.filter((c) => c.securityContext?.procMount && c.securityContext.procMount !== 'Default')
  return bad.length
    ? {
        reason: 'procMount',
        detail: `${plural('container', bad)} ${quoted(namesOf(bad))} must not set securityContext.procMount to ${quoted(sorted(bad.map((c) => c.securityContext!.procMount!)))}`,
      }
    : undefined
}

const seLinuxOptions =
  (allowed: ReadonlySet<string>): Judge =>
  (spec, _, containers) => {
    const options = [spec.securityContext?.seLinuxOptions, ...containers.map((c) => c.securityContext?.seLinuxOptions)].filter(
      (o) => o !== undefined,
    )
    const types = sorted(options.map((o) => o.type ?? '').filter((t) => !allowed.has(t)))
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
  }

const seccompProfileBaseline: Judge = (spec, _, containers) => {
  const bad = containers.filter((c) => c.securityContext?.seccompProfile?.type === 'Unconfined')
  const pod = spec.securityContext?.seccompProfile?.type === 'Unconfined'
  if (!bad.length && !pod) return undefined
  const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
  return { reason: 'seccompProfile', detail: `${where.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"` }
}

const sysctls =
  (allowed: ReadonlySet<string>): Judge =>
  (spec) => {
    const bad = (spec.securityContext?.sysctls ?? []).map((s) => s.name).filter((n) => !allowed.has(n))
    return bad.length ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined
  }

const windowsHostProcess: Judge = (spec, _, containers) => {
  const bad = containers.filter((c) => c.securityContext?.windowsOptions?.hostProcess === true)
  const pod = spec.securityContext?.windowsOptions?.hostProcess === true
  if (!bad.length && !pod) return undefined
  const where = [...(pod ? ['pod'] : []), ...(bad.length ? [`${plural('container', bad)} ${quoted(namesOf(bad))}`] : [])]
  return { reason: 'hostProcess', detail: `${where.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true` }
}

const SECCOMP_ANNOTATION = /^(?:seccomp\.security\.alpha\.kubernetes\.io\/pod$|container\.seccomp\.security\.alpha\.kubernetes\.io\/)/

/** Before there was a field for it, the profile was told by annotations. */
const seccompAnnotations: Judge = (_, metadata) => {
  const allowed = (profile: string): boolean =>
    profile === 'runtime/default' || profile === 'docker/default' || profile.startsWith('localhost/')
  const bad = Object.entries(metadata.annotations ?? {}).filter(([key, profile]) => SECCOMP_ANNOTATION.test(key) && !allowed(profile))
  if (bad.length === 0) return undefined
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad)} ${quoted(bad.map(([k, v]) => `${k}=${v}`).sort())}` }
}

/** In the order in which faults are told: by the names of the checks. */
export const BASELINE: readonly Check[] = [
  { id: 'appArmorProfile', since: 0, judge: appArmorProfile },
  { id: 'capabilities_baseline', since: 0, judge: capabilitiesBaseline },
  { id: 'hostNamespaces', since: 0, judge: hostNamespaces },
  { id: 'hostPathVolumes', since: 0, judge: hostPathVolumes },
  { id: 'hostPorts', since: 0, judge: hostPorts },
  { id: 'hostProbesAndHostLifecycle', since: 34, judge: hostProbesAndHostLifecycle },
  { id: 'privileged', since: 0, judge: privileged },
  { id: 'procMount', since: 0, judge: procMount },
  { id: 'procMount', since: 35, judge: (spec, ...rest) => (hasOwnUsers(spec) ? undefined : procMount(spec, ...rest)) },
  { id: 'seLinuxOptions', since: 0, judge: seLinuxOptions(new Set(SELINUX_TYPES)) },
  { id: 'seLinuxOptions', since: 31, judge: seLinuxOptions(new Set([...SELINUX_TYPES, 'container_engine_t'])) },
  { id: 'seccompProfile_baseline', since: 0, judge: seccompAnnotations },
  { id: 'seccompProfile_baseline', since: 19, judge: seccompProfileBaseline },
  { id: 'sysctls', since: 0, judge: sysctls(new Set(SYSCTLS)) },
  { id: 'sysctls', since: 27, judge: sysctls(new Set(SYSCTLS_27)) },
  { id: 'sysctls', since: 29, judge: sysctls(new Set(SYSCTLS_29)) },
  { id: 'sysctls', since: 32, judge: sysctls(new Set(SYSCTLS_32)) },
  { id: 'windowsHostProcess', since: 0, judge: windowsHostProcess },
]
