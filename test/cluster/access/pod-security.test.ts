/** The Pod Security Standards as they were in each version, check by check. */
import { describe, expect, it } from 'vitest'
import { violations, type Level } from '../../../src-main/cluster/access/admission/pod-security-checks.js'

/** A pod of one container that breaks nothing of either level. */
const SAFE = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
const pod = (spec: object = {}, container: object = {}): never =>
  ({
    containers: [{ name: 'c', ...container, securityContext: { ...SAFE, ...(container as { securityContext?: object }).securityContext } }],
    ...spec,
  }) as never
const broken = (level: Level, minor: number, spec: never, annotations: Record<string, string> = {}): string =>
  violations({ level, minor }, { annotations }, spec)
const LATEST = Infinity

describe('the baseline level', () => {
  const sysctls = (...names: string[]): never => pod({ securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } })
  const selinux = (options: object): never => pod({}, { securityContext: { seLinuxOptions: options } })
  const probed = pod({}, { livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } })
  it.each([
    [26, sysctls('net.ipv4.ip_local_reserved_ports'), 'forbidden sysctls (net.ipv4.ip_local_reserved_ports)'],
    [27, sysctls('net.ipv4.ip_local_reserved_ports'), ''],
    [28, sysctls('net.ipv4.tcp_keepalive_time', 'kernel.msgmax'), 'forbidden sysctls (net.ipv4.tcp_keepalive_time, kernel.msgmax)'],
    [29, sysctls('net.ipv4.tcp_keepalive_time', 'kernel.msgmax'), 'forbidden sysctls (kernel.msgmax)'],
    [31, sysctls('net.ipv4.tcp_rmem'), 'forbidden sysctls (net.ipv4.tcp_rmem)'],
    [LATEST, sysctls('net.ipv4.tcp_rmem'), ''],
    [
      30,
      selinux({ type: 'container_engine_t' }),
      'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    ],
    [31, selinux({ type: 'container_engine_t' }), ''],
    [
      LATEST,
      selinux({ type: 'spc_t', user: 'u', role: 'r' }),
      'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [33, probed, ''],
    [34, probed, 'probe or lifecycle host (container "c" uses host "10.0.0.1")'],
  ])('of 1.%s', (minor, spec, want) => {
    expect(broken('baseline', minor, spec)).toBe(want)
  })

  it('asked for seccomp profiles in annotations before 1.19', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      'container.seccomp.security.alpha.kubernetes.io/c': 'docker/default',
    }
    const unconfined = pod({}, { securityContext: { seccompProfile: { type: 'Unconfined' } } })
    expect(broken('baseline', 18, unconfined, annotations)).toBe(
      'seccompProfile (forbidden annotation "seccomp.security.alpha.kubernetes.io/pod=unconfined")',
    )
    expect(broken('baseline', 19, unconfined, annotations)).toBe(
      'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    )
  })

  it('lets pods with users of their own see all of /proc since 1.35, the restricted level does not', () => {
    const unmasked = pod({ hostUsers: false }, { securityContext: { procMount: 'Unmasked' } })
    const fault = 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'
    expect([34, 35].map((minor) => broken('baseline', minor, unmasked))).toEqual([fault, ''])
    expect([34, 35].map((minor) => broken('restricted', minor, unmasked))).toEqual([fault, fault])
  })
})

describe('the restricted level', () => {
  const bare = { containers: [{ name: 'c' }] } as never
  const escalation = 'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)'
  const capabilities = 'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])'
  const nonRoot = 'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)'
  const seccomp = 'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
  it.each([
    [7, [nonRoot]],
    [8, [escalation, nonRoot]],
    [19, [escalation, nonRoot, seccomp]],
    [22, [escalation, capabilities, nonRoot, seccomp]],
    [LATEST, [escalation, capabilities, nonRoot, seccomp]],
  ])('of 1.%s', (minor, want) => {
    expect(broken('restricted', minor, bare)).toBe(want.join(', '))
  })

  it('says no more of capabilities than its own check does, once it has one', () => {
    const raw = pod({}, { securityContext: { capabilities: { add: ['NET_RAW'] } } })
    const added = 'must not include "NET_RAW" in securityContext.capabilities.add'
    expect(broken('restricted', 21, raw)).toBe(`non-default capabilities (container "c" ${added})`)
    expect(broken('restricted', 22, raw)).toBe(
      `unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" ${added})`,
    )
  })

  it('lets Windows pods be since 1.25, but for their user', () => {
    const windows = { os: { name: 'windows' }, containers: [{ name: 'c', securityContext: { runAsUser: 0 } }] } as never
    expect(broken('restricted', 24, windows)).toBe(
      [escalation, capabilities, nonRoot, 'runAsUser=0 (container "c" must not set runAsUser=0)', seccomp].join(', '),
    )
    expect(broken('restricted', 25, windows)).toBe(`${nonRoot}, runAsUser=0 (container "c" must not set runAsUser=0)`)
  })

  it('lets pods with users of their own run as root since 1.35', () => {
    const root = pod({ hostUsers: false, securityContext: { runAsUser: 0 } }, { securityContext: { runAsNonRoot: false } })
    const faults =
      'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0)'
    expect([34, 35].map((minor) => broken('restricted', minor, root))).toEqual([faults, ''])
  })

  it('does not let a pod say that it runs as root, though its containers say that they do not', () => {
    expect(broken('restricted', LATEST, pod({ securityContext: { runAsNonRoot: false } }))).toBe(
      'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)',
    )
  })
})
