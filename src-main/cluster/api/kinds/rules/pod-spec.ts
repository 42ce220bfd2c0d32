/** The rules of a pod's spec, in pods and in templates. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
import { field, type FieldError } from '../../errors.js'
import { validateAffinity, validateTopologySpread } from './affinity.js'
import { checkName, checkOneOf, checkRange, checkRequired, isNumber } from './checks.js'
import { validateContainers } from './containers.js'
import { checkIP } from './ip.js'
import { dns1123Label, dns1123Subdomain, dns1123SubdomainWithUnderscore, qualifiedName } from './names.js'
import type { SentPodSpec } from './pod-defaults.js'
import { validateHostProcesses, validateOs } from './pod-os.js'
import { validatePodResources } from './pod-resources.js'
import { validateRequirements } from './resources.js'
import { validatePodSecurityContext } from './security-context.js'
import { validateLabelMap } from './selectors.js'
import { items, strings } from './sent.js'
import { serverForm } from './server-form.js'
import { validateTolerations } from './tolerations.js'
import { visitContainers } from './visit-containers.js'
import { validateVolumes } from './volumes.js'

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

export interface PodSpecContext {
  /** Whether it is a pod's own spec, not a template's. */
  isPod: boolean
  /** The pod's name, for claims that are made after it; empty in a template. */
  podName?: string
  /** Whether a kubelet has the pod from a file of its own. */
  isStatic?: boolean
}

/** Checks a spec that has its defaults. */
export function validatePodSpec(sent: SentPodSpec | null | undefined, ctx: PodSpecContext, path: string, errors: FieldError[]): void {
  const spec = sent ?? {}
  if (!isNumber(spec.terminationGracePeriodSeconds)) errors.push(field.required(`${path}.terminationGracePeriodSeconds`))
  const volumes = validateVolumes(spec.volumes, { podName: ctx.podName ?? '', isPod: ctx.isPod }, `${path}.volumes`, errors)
  validateResourceClaims(spec, ctx.isStatic === true, `${path}.resourceClaims`, errors)
  validateContainers(spec, volumes, path, errors)
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
  validateHostProcesses(spec, path, errors)
  validateHostUsers(spec, path, errors)
  validateHostnameOverride(spec, `${path}.hostnameOverride`, errors)
  validateOwnNames(spec, path, errors)
  validateTolerations(spec.tolerations, `${path}.tolerations`, errors)
  items(spec.hostAliases).forEach((a, i) => {
    checkIP(a.ip ?? '', `${path}.hostAliases[${i}].ip`, errors)
    strings(a.hostnames).forEach((h, j) => checkName(dns1123Subdomain, h, `${path}.hostAliases[${i}].hostnames[${j}]`, errors))
  })
  validateClasses(spec, path, errors)
  if (spec.overhead) validateRequirements({ limits: spec.overhead }, `${path}.overhead`, errors)
  validateOs(spec, path, errors)
  validateFileKeyVolumes(spec, path, errors)
}

function validateOwnNames(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  if (spec.serviceAccountName) checkName(dns1123Subdomain, spec.serviceAccountName, `${path}.serviceAccountName`, errors)
  if (spec.nodeName) checkName(dns1123Subdomain, spec.nodeName, `${path}.nodeName`, errors)
  if (isNumber(spec.activeDeadlineSeconds)) checkRange(spec.activeDeadlineSeconds, 1, 2147483647, `${path}.activeDeadlineSeconds`, errors)
  if (spec.hostname) checkName(dns1123Label, spec.hostname, `${path}.hostname`, errors)
  if (spec.subdomain) checkName(dns1123Label, spec.subdomain, `${path}.subdomain`, errors)
}

function validateClasses(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  if (spec.priorityClassName) checkName(dns1123Subdomain, spec.priorityClassName, `${path}.priorityClassName`, errors)
  if (typeof spec.runtimeClassName === 'string') checkName(dns1123Subdomain, spec.runtimeClassName, `${path}.runtimeClassName`, errors)
  if (typeof spec.preemptionPolicy === 'string')
    checkOneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`, errors)
}

function validateResourceClaims(spec: SentPodSpec, isStatic: boolean, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  items(spec.resourceClaims).forEach((c, i) => {
    const at = `${path}[${i}]`
    if (isStatic) {
      errors.push(field.forbidden('', 'static pods do not support resource claims'))
      return
    }
    const name = c.name ?? ''
    if (!checkRequired(name, `${at}.name`, errors)) return
    if (names.has(name)) errors.push(field.duplicate(`${at}.name`, name))
    else checkName(dns1123Label, name, `${at}.name`, errors)
    names.add(name)
    const sources = (['resourceClaimName', 'resourceClaimTemplateName'] as const).filter((s) => typeof c[s] === 'string')
    const refuse = (why: string): void => void errors.push(field.invalid(at, serverForm('PodResourceClaim', c), why))
    if (sources.length > 1) refuse('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')
    if (sources.length === 0) refuse('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')
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
  const refused = 'when `hostUsers` is false'
  if (spec.hostNetwork) errors.push(field.forbidden(`${path}.hostNetwork`, refused))
  if (spec.hostPID) errors.push(field.forbidden(`${path}.HostPID`, refused))
  if (spec.hostIPC) errors.push(field.forbidden(`${path}.HostIPC`, refused))
  // Devices cannot be given to mapped users.
  visitContainers(spec, path, (c, at) => {
    if (items(c.volumeDevices).length > 0) errors.push(field.forbidden(`${at}.volumeDevices`, refused))
  })
}

function validateHostnameOverride(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const name = spec.hostnameOverride
  if (typeof name !== 'string') return
  if (spec.setHostnameAsFQDN) errors.push(field.forbidden(path, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) errors.push(field.forbidden(path, 'may not be specified when hostNetwork is true'))
  if (Buffer.byteLength(name) > 64) errors.push(field.tooLong(path, 64))
  checkName(dns1123Subdomain, name, path, errors)
}

/** Files of variables are written by init containers to an emptyDir. */
function validateFileKeyVolumes(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const volumes = new Map(items(spec.volumes).map((v) => [v.name ?? '', v]))
  visitContainers(spec, path, (c, at) =>
    items(c.env).forEach((e, i) => {
      const ref = e.valueFrom?.fileKeyRef
      if (!ref) return
      const where = `${at}.env[${i}].valueFrom.fileKeyRef.volumeName`
      const volume = volumes.get(ref.volumeName ?? '')
      if (!volume) errors.push(field.notFound(where, ref.volumeName ?? ''))
      else if (!volume.emptyDir) errors.push(field.invalid(where, ref.volumeName, 'referenced volume must be of type emptyDir'))
    }),
  )
}
