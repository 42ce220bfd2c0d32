/** The rules of a pod's spec, in pods and in templates. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
import { field, type FieldError } from '../../errors.js'
import { validateAffinity, validateTopologySpread } from './affinity.js'
import { checkName, checkOneOf, checkRange, checkRequired, internal } from './checks.js'
import { validateContainers } from './containers.js'
import { checkIP } from './ip.js'
import { dns1123Label, dns1123Subdomain, dns1123SubdomainWithUnderscore, qualifiedName } from './names.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { validatePodResources } from './pod-resources.js'
import { validateRequirements } from './resources.js'
import { validatePodSecurityContext } from './security-context.js'
import { validateLabelMap } from './selectors.js'
import { entries, isEmpty, items, strings, type SentMap } from './sent.js'
import { validateTolerations } from './tolerations.js'
import { validateVolumes } from './volumes.js'

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

export interface PodSpecContext {
  /** Whether it is a pod's own spec, not a template's. */
  isPod: boolean
  /** The pod's name, for claims that are made after it; empty in a template. */
  podName?: string
}

/** Checks a spec that has its defaults. */
export function validatePodSpec(sent: SentPodSpec | null | undefined, ctx: PodSpecContext, path: string, errors: FieldError[]): void {
  const spec = sent ?? {}
  if (typeof spec.terminationGracePeriodSeconds !== 'number') errors.push(field.required(`${path}.terminationGracePeriodSeconds`))
  const volumes = validateVolumes(spec.volumes, { podName: ctx.podName ?? '', isPod: ctx.isPod }, `${path}.volumes`, errors)
  validateResourceClaims(spec, `${path}.resourceClaims`, errors)
  validateContainers(spec, volumes, ctx.isPod, path, errors)
  validatePodResources(spec, `${path}.resources`, errors)
  validateHostNetworkPorts(spec, ctx.isPod, path, errors)
  checkOneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${path}.restartPolicy`, errors)
  checkOneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, errors)
  validateLabelMap(spec.nodeSelector, `${path}.nodeSelector`, errors)
  validatePodSecurityContext(spec, `${path}.securityContext`, errors)
  validateAffinity(spec.affinity, `${path}.affinity`, errors)
  validateDnsConfig(spec, `${path}.dnsConfig`, errors)
  items(spec.readinessGates).forEach((g, i) =>
    checkName(qualifiedName, g.conditionType ?? '', `${path}.readinessGates[${i}].conditionType`, errors),
  )
  validateSchedulingGates(spec, `${path}.schedulingGates`, errors)
  validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, errors)
  validateHostUsers(spec, path, errors)
  validateNames(spec, path, errors)
  validateTolerations(spec.tolerations, `${path}.tolerations`, errors)
  items(spec.hostAliases).forEach((a, i) => {
    checkIP(a.ip ?? '', `${path}.hostAliases[${i}].ip`, errors)
    strings(a.hostnames).forEach((h, j) => checkName(dns1123Subdomain, h, `${path}.hostAliases[${i}].hostnames[${j}]`, errors))
  })
  if (spec.overhead) validateRequirements({ limits: spec.overhead }, `${path}.overhead`, errors)
  validateOs(spec, path, errors)
}

function validateNames(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  if (spec.serviceAccountName) checkName(dns1123Subdomain, spec.serviceAccountName, `${path}.serviceAccountName`, errors)
  if (spec.nodeName) checkName(dns1123Subdomain, spec.nodeName, `${path}.nodeName`, errors)
  if (typeof spec.activeDeadlineSeconds === 'number')
    checkRange(spec.activeDeadlineSeconds, 1, 2147483647, `${path}.activeDeadlineSeconds`, errors)
  if (spec.hostname) checkName(dns1123Label, spec.hostname, `${path}.hostname`, errors)
  if (spec.subdomain) checkName(dns1123Label, spec.subdomain, `${path}.subdomain`, errors)
  if (spec.hostnameOverride) {
    const at = `${path}.hostnameOverride`
    if (Buffer.byteLength(spec.hostnameOverride) > 64) errors.push(field.tooLong(at, 64))
    checkName(dns1123Subdomain, spec.hostnameOverride, at, errors)
    if (spec.setHostnameAsFQDN) errors.push(field.invalid(at, spec.hostnameOverride, 'may not be specified when setHostnameAsFQDN is true'))
    if (spec.hostNetwork) errors.push(field.invalid(at, spec.hostnameOverride, 'may not be specified when hostNetwork is true'))
  }
  if (spec.priorityClassName) checkName(dns1123Subdomain, spec.priorityClassName, `${path}.priorityClassName`, errors)
  if (typeof spec.runtimeClassName === 'string') checkName(dns1123Subdomain, spec.runtimeClassName, `${path}.runtimeClassName`, errors)
  if (typeof spec.preemptionPolicy === 'string')
    checkOneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`, errors)
}

function validateResourceClaims(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  items(spec.resourceClaims).forEach((c, i) => {
    const at = `${path}[${i}]`
    const name = c.name ?? ''
    if (!checkRequired(name, `${at}.name`, errors)) return
    if (names.has(name)) errors.push(field.duplicate(`${at}.name`, name))
    else checkName(dns1123Label, name, `${at}.name`, errors)
    names.add(name)
    const sources = (['resourceClaimName', 'resourceClaimTemplateName'] as const).filter((s) => typeof c[s] === 'string')
    if (sources.length > 1)
      errors.push(
        field.invalid(
          at,
          internal(c, ['name', 'resourceClaimName', 'resourceClaimTemplateName']),
          'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      )
    if (sources.length === 0)
      errors.push(
        field.invalid(
          at,
          internal(c, ['name', 'resourceClaimName', 'resourceClaimTemplateName']),
          'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        ),
      )
    for (const s of sources) checkName(dns1123Subdomain, c[s]!, `${at}.${s}`, errors)
  })
}

/** With the host's network a container's port is the host's port. A template may leave it out. */
function validateHostNetworkPorts(spec: SentPodSpec, isPod: boolean, path: string, errors: FieldError[]): void {
  if (!spec.hostNetwork) return
  items(spec.containers).forEach((c, i) =>
    items(c.ports).forEach((p, j) => {
      const host = p.hostPort ?? 0
      if ((isPod || host !== 0) && host !== (p.containerPort ?? 0))
        errors.push(
          field.invalid(`${path}.containers[${i}].ports[${j}].hostPort`, host, 'must match `containerPort` when `hostNetwork` is true'),
        )
    }),
  )
}

function validateDnsConfig(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const config = spec.dnsConfig
  const nameservers = strings(config?.nameservers)
  if (spec.dnsPolicy === 'None') {
    if (!config) errors.push(field.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    else if (nameservers.length === 0)
      errors.push(field.required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
    if (nameservers.length === 0) return
  }
  if (!config) return
  if (nameservers.length > 3) errors.push(field.invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers'))
  nameservers.forEach((n, i) => checkIP(n, `${path}.nameservers[${i}]`, errors))
  const searches = strings(config.searches)
  if (searches.length > 32) errors.push(field.invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'))
  if (searches.join(' ').length > 2048) {
    const text = 'must not have more than 2048 characters (including spaces) in the search list'
    errors.push(field.invalid(`${path}.searches`, searches, text))
  }
  searches.forEach((s, i) => {
    if (s === '.') return
    checkName(dns1123SubdomainWithUnderscore, s.endsWith('.') ? s.slice(0, -1) : s, `${path}.searches[${i}]`, errors)
  })
  items(config.options).forEach((o, i) => {
    if (!o.name) errors.push(field.required(`${path}.options[${i}]`, 'must not be empty'))
  })
}

function validateSchedulingGates(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  items(spec.schedulingGates).forEach((g, i) => {
    const name = g.name ?? ''
    checkName(qualifiedName, name, `${path}[${i}]`, errors)
    if (seen.has(name)) errors.push(field.duplicate(`${path}[${i}]`, name))
    seen.add(name)
  })
}

function validateHostUsers(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  if (spec.hostUsers !== false) return
  const refused = 'when `pod.Spec.HostUsers` is false'
  if (spec.hostNetwork) errors.push(field.forbidden(`${path}.hostNetwork`, refused))
  if (spec.hostPID) errors.push(field.forbidden(`${path}.HostPID`, refused))
  if (spec.hostIPC) errors.push(field.forbidden(`${path}.HostIPC`, refused))
}

/** Fields of the pod's and the containers' security contexts that Windows does not have. */
const NOT_ON_WINDOWS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const NOT_ON_WINDOWS_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

function isSet(o: object | null | undefined, name: string): boolean {
  const v = (o as Record<string, unknown> | null | undefined)?.[name]
  return v !== undefined && v !== null && !(Array.isArray(v) && v.length === 0)
}

function validateOs(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const os = spec.os
  if (!os) return
  if (!os.name) {
    errors.push(field.required(`${path}.os.name`, 'cannot be empty'))
    return
  }
  if (!['linux', 'windows'].includes(os.name)) {
    errors.push(field.notSupported(`${path}.os`, os.name, ['linux', 'windows']))
    return
  }
  const lists: [string, SentContainer[]][] = [
    ['initContainers', items<SentContainer>(spec.initContainers)],
    ['containers', items<SentContainer>(spec.containers)],
  ]
  const sc = spec.securityContext
  if (os.name === 'linux') {
    const refused = 'windows options cannot be set for a linux pod'
    if (sc?.windowsOptions) errors.push(field.forbidden(`${path}.securityContext.windowsOptions`, refused))
    for (const [name, list] of lists)
      list.forEach((c, i) => {
        if (c.securityContext?.windowsOptions) errors.push(field.forbidden(`${path}.${name}[${i}].securityContext.windowsOptions`, refused))
      })
    return
  }
  const refused = 'cannot be set for a windows pod'
  for (const name of NOT_ON_WINDOWS) if (isSet(sc, name)) errors.push(field.forbidden(`${path}.securityContext.${name}`, refused))
  if (isSet(spec, 'hostUsers')) errors.push(field.forbidden(`${path}.hostUsers`, refused))
  if (spec.hostPID) errors.push(field.forbidden(`${path}.hostPID`, refused))
  if (spec.hostIPC) errors.push(field.forbidden(`${path}.hostIPC`, refused))
  if (isSet(spec, 'shareProcessNamespace')) errors.push(field.forbidden(`${path}.shareProcessNamespace`, refused))
  for (const [list, containers] of lists)
    containers.forEach((c, i) => {
      for (const name of NOT_ON_WINDOWS_CONTAINER)
        if (isSet(c.securityContext, name)) errors.push(field.forbidden(`${path}.${list}[${i}].securityContext.${name}`, refused))
    })
}

const MIRROR = 'kubernetes.io/config.mirror'

/** Annotations that mean something to pods. */
export function validatePodAnnotations(
  annotations: SentMap,
  spec: SentPodSpec | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (isEmpty(annotations)) return
  if (annotations?.[MIRROR] && !spec?.nodeName) {
    errors.push(field.invalid(`${path}[${MIRROR}]`, annotations[MIRROR], 'must set spec.nodeName if mirror pod annotation is set'))
  }
  const cost = annotations?.['controller.kubernetes.io/pod-deletion-cost']
  if (typeof cost === 'string' && !/^(0|-?[1-9]\d{0,9})$/.test(cost))
    errors.push(field.invalid(`${path}[controller.kubernetes.io/pod-deletion-cost]`, cost, 'must be a 32bit integer'))
  for (const [k, v] of entries(annotations)) {
    if (!k.startsWith('container.apparmor.security.beta.kubernetes.io/')) continue
    const name = k.slice(k.indexOf('/') + 1)
    const known = [...items(spec?.containers), ...items(spec?.initContainers)].some((c) => c.name === name)
    if (!known) errors.push(field.invalid(`${path}[${k}]`, name, 'container not found'))
    if (v && v !== 'runtime/default' && v !== 'unconfined' && !v.startsWith('localhost/'))
      errors.push(field.invalid(`${path}[${k}]`, v, `invalid AppArmor profile name: ${JSON.stringify(v)}`))
  }
}
