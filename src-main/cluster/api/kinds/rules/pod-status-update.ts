/** What the status of a pod may become. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkImmutable, checkName, checkRange } from './checks.js'
import { checkIP, isIPv6Address } from './ip.js'
import { dns1123Subdomain, qualifiedName } from './names.js'
import { validateAnnotationUpdates, validatePodAnnotations } from './pod-annotations.js'
import { validateClaimStatuses, validateExtendedResourceClaim } from './pod-claim-status.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import type { SentPod } from './pod-update.js'
import { isEmpty, items, type Sent } from './sent.js'
import { visitContainers } from './visit-containers.js'
import type * as k8s from '@kubernetes/client-node'

const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized']
const NOT_NEGATIVE = 'must be a non-negative integer'
/** The largest id of a user or group. */
const MOST = 2147483647

/** Keeps what a client that does not know of it would clear, in place: the class of service and the generations seen. */
export function keepObserved(pod: SentPod, old: SentPod): void {
  const status = (pod.status ??= {})
  const before = old.status ?? {}
  if (!status.qosClass && before.qosClass) status.qosClass = before.qosClass
  if (!status.observedGeneration && before.observedGeneration) status.observedGeneration = before.observedGeneration
  const generations = new Map<string, number[]>()
  for (const c of items(before.conditions)) {
    const type = c.type ?? ''
    generations.set(type, [...(generations.get(type) ?? []), c.observedGeneration ?? 0])
  }
  // A condition that is left alone is the stored one, which nobody changes.
  if (status.conditions)
    status.conditions = status.conditions.map((c) => {
      const seen = generations.get(c?.type ?? '')?.shift()
      return c && seen && !c.observedGeneration ? { ...c, observedGeneration: seen } : c
    })
}

/** The rules of an update of the status. */
export function validatePodStatusUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const status = pod.status ?? {}
  const before = old.status ?? {}
  const annotations = pod.metadata?.annotations
  validateAnnotationUpdates(annotations, old.metadata?.annotations, 'metadata.annotations', errors)
  validatePodAnnotations(annotations, pod.spec, 'metadata.annotations', errors)
  items(status.conditions).forEach((c, i) => {
    const at = `status.conditions[${i}]`
    const generation = c.observedGeneration ?? 0
    if (generation < 0) errors.push(field.invalid(`${at}.observedGeneration`, generation, NOT_NEGATIVE))
    if (!SYSTEM_CONDITIONS.includes(c.type ?? '')) checkName(qualifiedName, c.type ?? '', `${at}.Type`, errors)
  })
  validateNomination(status.nominatedNodeName ?? '', before.nominatedNodeName ?? '', old.spec?.nodeName ?? '', errors)
  const generation = status.observedGeneration ?? 0
  if (generation < 0) errors.push(field.invalid('status.observedGeneration', generation, NOT_NEGATIVE))
  // What was stored without a class may be given one.
  if (before.qosClass) checkImmutable(status.qosClass, before.qosClass, 'status.qosClass', errors)
  const spec = old.spec ?? {}
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
    const containers = items<SentContainer>(list === 'containerStatuses' ? spec.containers : spec.initContainers)
    checkTransitions(status[list], before[list], (name, code) => mayRestart(containers, spec, name, code), `status.${list}`, errors)
  }
  const ephemeral = 'status.ephemeralContainerStatuses'
  checkTransitions(status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, () => false, ephemeral, errors)
  validateClaimStatuses(status.resourceClaimStatuses, pod.spec ?? {}, 'status.resourceClaimStatuses', errors)
  validateExtendedResourceClaim(status.extendedResourceClaimStatus, pod.spec ?? {}, 'status.extendedResourceClaimStatus', errors)
  const podIPs = items(status.podIPs).map((p) => p.ip ?? '')
  checkIPs(podIPs, 'status.podIPs', errors)
  const hostIPs = items(status.hostIPs).map((h) => h.ip ?? '')
  if (hostIPs.length && (status.hostIP ?? '') !== hostIPs[0])
    errors.push(field.invalid('status.hostIPs[0].ip', hostIPs[0], 'must be equal to `hostIP`'))
  checkIPs(hostIPs, 'status.hostIPs', errors)
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const)
    validateUsers(status[list], pod.spec?.os?.name || 'linux', `status.${list}`, errors)
  validateDevices(status.containerStatuses, items<SentContainer>(pod.spec?.containers), 'status.containerStatuses', errors)
  validateDevices(status.initContainerStatuses, items<SentContainer>(pod.spec?.initContainers), 'status.initContainerStatuses', errors)
  items(status.ephemeralContainerStatuses).forEach((s, i) => {
    if (!isEmpty(s.allocatedResourcesStatus))
      errors.push(field.forbidden(`${ephemeral}[${i}].allocatedResourcesStatus`, 'must not be specified in container status'))
  })
}

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown']

/** How the devices do that containers have been given: each by the name of what the container asks for. */
function validateDevices(statuses: Statuses, containers: SentContainer[], path: string, errors: FieldError[]): void {
  items(statuses).forEach((s, i) => {
    // Of a container that is not there nothing can be said.
    const container = containers.find((c) => c.name === s.name)
    items(s.allocatedResourcesStatus).forEach((of, j) => {
      const at = `${path}[${i}].allocatedResourcesStatus[${j}]`
      const why = container && deviceProblem(of.name ?? '', container)
      if (why) errors.push(field.invalid(`${at}.name`, of.name ?? '', why))
      const ids = new Set<string>()
      items(of.resources).forEach((r, k) => {
        checkGiven(r.health ?? '', HEALTH, `${at}.resources[${k}].health`, errors)
        const id = r.resourceID ?? ''
        if (ids.has(id)) errors.push(field.duplicate(`${at}.resources[${k}].resourceID`, id))
        ids.add(id)
      })
    })
  })
}

function deviceProblem(name: string, { resources }: SentContainer): string | undefined {
  if (!name.startsWith('claim:'))
    return resources?.requests?.[name] === undefined ? "must match one of the container's resource requests" : undefined
  const claims = items(resources?.claims).map((c) => `claim:${c.name ?? ''}${c.request ? `/${c.request}` : ''}`)
  const forms = "'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
  return claims.includes(name) ? undefined : `must match one of the container's resource claims in a format ${forms}`
}

/** As whom containers are said to run. */
function validateUsers(statuses: Statuses, os: string, path: string, errors: FieldError[]): void {
  items(statuses).forEach(({ user }, i) => {
    const linux = user?.linux
    if (!linux) return
    const at = `${path}[${i}].user.linux`
    if (os === 'windows') errors.push(field.forbidden(at, 'cannot be set for a windows pod'))
    if (os !== 'linux') return
    checkRange(linux.uid ?? 0, 0, MOST, `${at}.uid`, errors)
    checkRange(linux.gid ?? 0, 0, MOST, `${at}.gid`, errors)
    ;(linux.supplementalGroups ?? []).forEach((g, j) => checkRange(g ?? 0, 0, MOST, `${at}.supplementalGroups[${j}]`, errors))
  })
}

function validateNomination(name: string, old: string, node: string, errors: FieldError[]): void {
  if (name === '' || name === old) return
  const at = 'status.nominatedNodeName'
  checkName(dns1123Subdomain, name, at, errors)
  if (node) errors.push(field.forbidden(at, 'may not be set on pods that are already bound to a node'))
}

type Statuses = (Sent<k8s.V1ContainerStatus> | null)[] | null | undefined

/** Whether a container that has ended may run again: by its own rules and policy, else by the pod's policy. */
function mayRestart(containers: SentContainer[], spec: SentPodSpec, name: string, exitCode: number): boolean {
  let restartsAll = false
  visitContainers(spec, '', (c) => {
    restartsAll ||= items(c.restartPolicyRules).some((r) => r.action === 'RestartAllContainers')
  })
  if (restartsAll) return true
  const c = containers.find((o) => o.name === name)
  if (!c) return false
  if (c.restartPolicy) {
    const rule = items(c.restartPolicyRules).find((r) => {
      const among = (r.exitCodes?.values ?? []).includes(exitCode)
      return r.exitCodes?.operator === 'NotIn' ? !among : among
    })
    if (rule?.action === 'Restart') return true
  }
  const policy = c.restartPolicy || spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** A container that has ended for good stays ended. */
function checkTransitions(
  now: Statuses,
  old: Statuses,
  restarts: (name: string, exitCode: number) => boolean,
  path: string,
  errors: FieldError[],
): void {
  items(old).forEach((o, i) => {
    const ended = o.state?.terminated
    const next = ended && items(now).find((s) => s.name === o.name)
    if (!ended || !next || next.state?.terminated || restarts(o.name ?? '', ended.exitCode ?? 0)) return
    errors.push(field.forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state'))
  })
}

function checkIPs(list: string[], path: string, errors: FieldError[]): void {
  list.forEach((ip, i) => checkIP(ip, `${path}[${i}]`, errors))
  if (list.length < 2) return
  if (list.length > 2 || isIPv6Address(list[0]!) === isIPv6Address(list[1]!)) {
    const shown = list.map((ip) => ({ IP: ip }))
    errors.push(field.invalid(path, shown, 'may specify no more than one IP for each IP family'))
  }
  list.forEach((ip, i) => {
    if (list.indexOf(ip) < i) errors.push(field.duplicate(`${path}[${i}]`, { IP: ip }))
  })
}
