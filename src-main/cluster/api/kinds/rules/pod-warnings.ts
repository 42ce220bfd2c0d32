/** What clients are warned of in pods and templates that are valid. https://kubernetes.io/blog/2020/09/03/warnings/ */
import type { ObjectMeta } from '../../object.js'
import { hostnameWarnings } from './hostname-warning.js'
import { deprecatedNodeLabel, nodeSelectorTermWarnings } from './node-labels.js'
import { ipWarnings } from './ip-warnings.js'
import { APP_ARMOR, APP_ARMOR_FIELD, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotations.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import type { SentTemplate } from './pod-template.js'
import { entries, isEmpty, items, strings, type Sent } from './sent.js'
import { visitContainers } from './visit-containers.js'
import { fractionWarning, volumeWarnings } from './volume-warnings.js'
import type * as k8s from '@kubernetes/client-node'

const DEPRECATED_ANNOTATIONS: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]
const SECCOMP_FIELD = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const NO_SELECTOR = 'a null labelSelector results in matching no pod'

interface Described {
  metadata?: Sent<ObjectMeta> | null
  spec?: SentPodSpec | null
}

/** Warnings for a new pod. */
export function podWarnings(pod: Described & { metadata: ObjectMeta }): string[] {
  return [...hostnameWarnings(pod, undefined, "the Pod's hostname"), ...describedWarnings(pod, '')]
}

/** Warnings for the template of pods at a path such as `spec.template`. */
export function podTemplateWarnings(template: SentTemplate | null | undefined, path: string): string[] {
  return template ? describedWarnings(template, `${path}.`) : []
}

/** `prefix` is empty for a pod, and the path of a template with its dot. */
function describedWarnings({ metadata, spec: sent }: Described, prefix: string): string[] {
  const spec = sent ?? {}
  const at = `${prefix}spec`
  const annotations = metadata?.annotations ?? {}
  const annotation = (key: string, text: string): string[] =>
    annotations[key] === undefined ? [] : [`${prefix}metadata.annotations[${key}]: ${text}`]
  const texts = placementWarnings(spec, at)
  for (const [key, text] of DEPRECATED_ANNOTATIONS) texts.push(...annotation(key, text))
  texts.push(...volumeWarnings(spec.volumes, `${at}.volumes`), ...listWarnings(spec, at))
  for (const name of ['memory', 'ephemeral-storage']) texts.push(...fractionWarning(spec.overhead?.[name], `${at}.overhead[${name}]`))
  const context = spec.securityContext
  if (!context?.seccompProfile) texts.push(...annotation(SECCOMP_POD, SECCOMP_FIELD))
  visitContainers(spec, at, (c, path) => {
    const name = c.name ?? ''
    if (!c.securityContext?.seccompProfile) texts.push(...annotation(SECCOMP_CONTAINER + name, SECCOMP_FIELD))
    const armoured = context?.appArmorProfile || c.securityContext?.appArmorProfile
    if (prefix && !armoured) texts.push(...annotation(APP_ARMOR + name, APP_ARMOR_FIELD))
    texts.push(...containerWarnings(c, path))
  })
  texts.push(...portWarnings(spec, at), ...portNameWarnings(spec, at))
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    texts.push(`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  return [...texts, ...podAffinityWarnings(spec, `${at}.affinity`)]
}

function placementWarnings(spec: SentPodSpec, at: string): string[] {
  const texts: string[] = []
  for (const [key] of entries(spec.nodeSelector)) {
    const text = deprecatedNodeLabel(key)
    if (text) texts.push(`${at}.nodeSelector[${key}]: ${text}`)
  }
  const node = spec.affinity?.nodeAffinity
  const path = `${at}.affinity.nodeAffinity`
  items(node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).forEach((t, i) => {
    const here = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`
    texts.push(...nodeSelectorTermWarnings(t, false, here))
  })
  items(node?.preferredDuringSchedulingIgnoredDuringExecution).forEach((t, i) => {
    const here = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`
    texts.push(...nodeSelectorTermWarnings(t.preference, true, here))
  })
  items(spec.topologySpreadConstraints).forEach((c, i) => {
    const here = `${at}.topologySpreadConstraints[${i}]`
    const text = deprecatedNodeLabel(c.topologyKey)
    if (text) texts.push(`${here}.topologyKey: ${c.topologyKey} is ${text}`)
    if (!c.labelSelector) texts.push(`${here}.labelSelector: ${NO_SELECTOR}`)
  })
  return texts
}

function listWarnings(spec: SentPodSpec, at: string): string[] {
  const texts: string[] = []
  const ips = new Set<string>()
  items(spec.hostAliases).forEach((a, i) => {
    const ip = a.ip ?? ''
    if (ips.has(ip)) texts.push(`${at}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`)
    ips.add(ip)
    texts.push(...ipWarnings(ip, `${at}.hostAliases[${i}].ip`))
  })
  const names = new Set<string>()
  items(spec.imagePullSecrets).forEach((s, i) => {
    const name = s.name ?? ''
    if (names.has(name)) texts.push(`${at}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`)
    names.add(name)
  })
  items(spec.imagePullSecrets).forEach((s, i) => {
    if (!s.name) texts.push(`${at}.imagePullSecrets[${i}].name: invalid empty name ""`)
  })
  strings(spec.dnsConfig?.nameservers).forEach((n, i) => texts.push(...ipWarnings(n, `${at}.dnsConfig.nameservers[${i}]`)))
  return texts
}

function containerWarnings(c: SentContainer, path: string): string[] {
  const texts: string[] = []
  for (const name of ['memory', 'ephemeral-storage'])
    for (const list of ['limits', 'requests'] as const)
      texts.push(...fractionWarning(c.resources?.[list]?.[name], `${path}.resources.${list}[${name}]`))
  const names = new Set<string>()
  items(c.env).forEach((e, i) => {
    const name = e.name ?? ''
    const value = e.value ?? ''
    const reference = `$(${name})`
    // A later definition may build on the earlier one.
    const hides = e.valueFrom || value === reference || !value.includes(reference)
    if (names.has(name) && hides)
      texts.push(`${path}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
    names.add(name)
  })
  return texts
}

type Port = Sent<k8s.V1ContainerPort>

function portWarnings(spec: SentPodSpec, at: string): string[] {
  const texts: string[] = []
  const seen = new Map<string, { path: string; port: Port }[]>()
  visitContainers(spec, at, (c, path) =>
    items(c.ports).forEach((port, i) => {
      const here = `${path}.ports[${i}]`
      if (port.hostIP && !port.hostPort) texts.push(`${here}: hostIP set without hostPort: ${shownPort(port)}`)
      const key = `${port.containerPort ?? 0}/${port.protocol ?? ''}`
      const others = seen.get(key) ?? []
      for (const other of others) {
        const how = collision(port, other.port)
        if (how) texts.push(`${here}: ${how} port definition with ${other.path}`)
      }
      seen.set(key, [...others, { path: here, port }])
    }),
  )
  return texts
}

/** A name means the first port that has it, of the containers that stay: init containers that end do not count. */
function portNameWarnings(spec: SentPodSpec, at: string): string[] {
  const texts: string[] = []
  const seen = new Map<string, string>()
  visitContainers(spec, at, (c, path) => {
    if (path.startsWith(`${at}.initContainers`) && c.restartPolicy !== 'Always') return
    items(c.ports).forEach(({ name }, i) => {
      if (!name) return
      const here = `${path}.ports[${i}]`
      const first = seen.get(name)
      if (first === undefined) seen.set(name, here)
      else {
        const means = `services and probes that select ports by name will use ${first}`
        texts.push(`${here}: duplicate port name ${JSON.stringify(name)} with ${first}, ${means}`)
      }
    })
  })
  return texts
}

function collision(a: Port, b: Port): string | undefined {
  const sameIP = (a.hostIP ?? '') === (b.hostIP ?? '')
  const samePort = (a.hostPort ?? 0) === (b.hostPort ?? 0)
  if (sameIP && samePort) return 'duplicate'
  if (!a.hostPort || !b.hostPort) return 'overlapping'
  return samePort && !a.hostIP !== !b.hostIP ? 'dangerously ambiguous' : undefined
}

/** A port as Go's `%+v` prints the server's own form of it. */
function shownPort(p: Port): string {
  return `{Name:${p.name ?? ''} HostPort:${p.hostPort ?? 0} ContainerPort:${p.containerPort ?? 0} Protocol:${p.protocol ?? ''} HostIP:${p.hostIP ?? ''}}`
}

function podAffinityWarnings(spec: SentPodSpec, at: string): string[] {
  const texts: string[] = []
  if (isEmpty(spec.affinity)) return texts
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[kind]
    items(affinity?.requiredDuringSchedulingIgnoredDuringExecution).forEach((t, i) => {
      if (!t.labelSelector) texts.push(`${at}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${NO_SELECTOR}`)
    })
    items(affinity?.preferredDuringSchedulingIgnoredDuringExecution).forEach((t, i) => {
      const here = `${at}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`
      if (!t.podAffinityTerm?.labelSelector) texts.push(`${here}.labelSelector: ${NO_SELECTOR}`)
    })
  }
  return texts
}
