/** What of a pod may change, and through which endpoint. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement */
import { field, type FieldError } from '../../errors.js'
import type { Pod } from '../../object.js'
import { checkImmutable, checkName } from './checks.js'
import { dns1123Subdomain, qualifiedName } from './names.js'
import { checkIP, isIPv6Address } from './ip.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { qosClassOf } from './pod-qos.js'
import { entries, isEmpty, items, semanticEqual, type Sent, type SentMap } from './sent.js'
import { specDiff } from './spec-diff.js'
import { validateTolerations } from './tolerations.js'
import type * as k8s from '@kubernetes/client-node'

type SentPod = Sent<Pod>

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')
const MIRROR = 'kubernetes.io/config.mirror'

/** The rules of an update of the pod itself. */
export function validatePodUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  if (pod.metadata?.annotations?.[MIRROR] && !old.metadata?.annotations?.[MIRROR])
    errors.push(field.forbidden(`metadata.annotations[${MIRROR}]`, 'may not add mirror pod annotation'))
  for (const list of ['containers', 'initContainers'] as const) {
    if (items(spec[list]).length !== items(before[list]).length) {
      errors.push(field.forbidden(`spec.${list}`, 'pod updates may not add or remove containers'))
      return
    }
  }
  if (!validateDeadline(spec.activeDeadlineSeconds ?? undefined, before.activeDeadlineSeconds ?? undefined, errors)) return
  validateAddedTolerations(spec, before, errors)
  validateDeletedGates(spec, before, errors)
  if (semanticEqual(spec, before)) return

  // What may change is put back; then nothing may differ.
  const masked = structuredClone(spec)
  for (const list of ['containers', 'initContainers'] as const)
    items<SentContainer>(masked[list]).forEach((c, i) => (c.image = items<SentContainer>(before[list])[i]?.image))
  masked.activeDeadlineSeconds = before.activeDeadlineSeconds
  masked.schedulingGates = before.schedulingGates
  masked.tolerations = before.tolerations
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && masked.terminationGracePeriodSeconds === 1)
    masked.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  if (!isEmpty(before.schedulingGates)) maskGated(masked, before, errors)
  if (!semanticEqual(masked, before)) {
    const diff = specDiff('V1PodSpec', before, masked)
    errors.push(field.forbidden('spec', `pod updates may not change fields other than ${CHANGEABLE}\n${diff}`))
  }
}

function validateDeadline(seconds: number | undefined, old: number | undefined, errors: FieldError[]): boolean {
  const at = 'spec.activeDeadlineSeconds'
  if (seconds === undefined) {
    if (old !== undefined) errors.push(field.invalid(at, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (seconds < 0 || seconds > 2147483647) {
    errors.push(field.invalid(at, seconds, 'must be between 0 and 2147483647, inclusive'))
    return false
  }
  if (old !== undefined && old < seconds) {
    errors.push(field.invalid(at, seconds, 'must be less than or equal to previous value'))
    return false
  }
  return true
}

function validateAddedTolerations(spec: SentPodSpec, before: SentPodSpec, errors: FieldError[]): void {
  const now = items(spec.tolerations)
  const kept = items(before.tolerations).every((old) =>
    now.some((t) => semanticEqual({ ...old, tolerationSeconds: null }, { ...t, tolerationSeconds: null })),
  )
  if (kept) validateTolerations(spec.tolerations, 'spec.tolerations', errors)
  else errors.push(field.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
}

function validateDeletedGates(spec: SentPodSpec, before: SentPodSpec, errors: FieldError[]): void {
  const old = new Set(items(before.schedulingGates).map((g) => g.name))
  items(spec.schedulingGates).forEach((g, i) => {
    if (old.has(g.name)) return
    const text = `only deletion is allowed, but found new scheduling gate '${g.name ?? ''}'`
    errors.push(field.forbidden(`spec.schedulingGates[${i}].name`, text))
  })
}

/** A pod that waits behind a gate may be told more narrowly where to run. */
function maskGated(masked: SentPodSpec, before: SentPodSpec, errors: FieldError[]): void {
  if (!semanticEqual(masked.nodeSelector, before.nodeSelector)) {
    const kept = entries(before.nodeSelector).every(([k, v]) => masked.nodeSelector?.[k] === v)
    if (!kept) {
      const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
      errors.push(field.invalid('spec.nodeSelector', masked.nodeSelector, text))
    }
    masked.nodeSelector = before.nodeSelector
  }
  const node = masked.affinity?.nodeAffinity
  const oldNode = before.affinity?.nodeAffinity
  if (semanticEqual(node, oldNode)) return
  validateNarrowedAffinity(node, oldNode, errors)
  const rest = { ...masked.affinity, nodeAffinity: oldNode }
  masked.affinity = before.affinity || rest.podAffinity || rest.podAntiAffinity ? rest : before.affinity
}

function validateNarrowedAffinity(
  node: Sent<k8s.V1NodeAffinity> | null | undefined,
  old: Sent<k8s.V1NodeAffinity> | null | undefined,
  errors: FieldError[],
): void {
  const at = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const oldTerms = items(old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms)
  const terms = items(node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms)
  if (oldTerms.length > 0 && oldTerms.length !== terms.length) {
    errors.push(field.invalid(at, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'))
    return
  }
  oldTerms.forEach((oldTerm, i) => {
    const term = terms[i] ?? {}
    const keeps = (name: 'matchExpressions' | 'matchFields'): boolean => {
      const list = items(oldTerm[name])
      return semanticEqual(items(term[name]).slice(0, list.length), list)
    }
    const wasEmpty = isEmpty(oldTerm.matchExpressions) && isEmpty(oldTerm.matchFields)
    const isStillEmpty = isEmpty(term.matchExpressions) && isEmpty(term.matchFields)
    if ((wasEmpty && !isStillEmpty) || !keeps('matchExpressions') || !keeps('matchFields'))
      errors.push(field.invalid(`${at}[${i}]`, term, 'only additions are allowed (no mutations or deletions)'))
  })
}

/** The rules of an update through `ephemeralcontainers`. */
export function validateEphemeralContainersUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  if (old.metadata?.annotations?.[MIRROR]) {
    errors.length = 0
    errors.push(field.forbidden('', 'static pods do not support ephemeral containers'))
    return
  }
  const now = new Map(items(pod.spec?.ephemeralContainers).map((c) => [c.name, c]))
  for (const c of items(old.spec?.ephemeralContainers)) {
    const name = JSON.stringify(c.name ?? '')
    const next = now.get(c.name)
    if (!next) errors.push(field.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be removed\n`))
    else if (!semanticEqual(c, next)) {
      const diff = specDiff('V1EphemeralContainer', c, next)
      errors.push(field.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed\n${diff}`))
    }
  }
}

/** The rules of an update through `resize`: only cpu and memory of containers that can take it. */
export function validateResize(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  if (old.metadata?.annotations?.[MIRROR]) {
    errors.push(field.forbidden('', 'static pods cannot be resized'))
    return
  }
  if (before.os?.name === 'windows') {
    errors.push(field.forbidden('', 'windows pods cannot be resized'))
    return
  }
  for (const list of ['containers', 'initContainers'] as const) {
    if (items(spec[list]).length !== items(before[list]).length) {
      errors.push(field.forbidden('spec', 'only cpu and memory resources are mutable'))
      return
    }
  }
  if (qosClassOf(before) !== qosClassOf(spec))
    errors.push(field.invalid('spec', old.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  const masked = structuredClone(spec)
  for (const list of ['initContainers', 'containers'] as const) {
    items<SentContainer>(before[list]).forEach((c, i) => {
      const next = items<SentContainer>(spec[list])[i]!
      const sidecar = list === 'initContainers' && c.restartPolicy === 'Always'
      const mask = items<SentContainer>(masked[list])[i]!
      if (list === 'containers' || sidecar) {
        validateContainerResize(next, c, `spec.${list}[${i}].resources`, errors)
        mask.resources = c.resources
        const rest = (r: SentContainer): unknown => [withoutCompute(r.resources?.limits), withoutCompute(r.resources?.requests)]
        if (!semanticEqual(rest(next), rest(c)) || !semanticEqual({ ...next, resources: null }, { ...c, resources: null })) {
          const what = sidecar
            ? 'only cpu and memory resources for sidecar containers are mutable'
            : 'only cpu and memory resources are mutable'
          errors.push(field.forbidden('spec', what))
        }
      } else if (!semanticEqual(next, c)) {
        errors.push(field.forbidden('spec', 'resources for non-sidecar init containers are immutable'))
      }
    })
  }
  if (errors.length === 0 && !semanticEqual(masked, before))
    errors.push(field.forbidden('spec', 'only cpu and memory resources are mutable'))
}

function withoutCompute(list: SentMap): object {
  return Object.fromEntries(entries(list).filter(([name]) => name !== 'cpu' && name !== 'memory'))
}

function validateContainerResize(c: SentContainer, old: SentContainer, path: string, errors: FieldError[]): void {
  for (const list of ['requests', 'limits'] as const) {
    const removed = entries(old.resources?.[list]).some(([name]) => c.resources?.[list]?.[name] === undefined)
    if (removed) errors.push(field.forbidden(`${path}.${list}`, `resource ${list} cannot be removed`))
  }
}

/** The rules of an update of the status. */
export function validatePodStatusUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const status = pod.status ?? {}
  const before = old.status ?? {}
  const system = ['PodScheduled', 'Ready', 'Initialized']
  items(status.conditions).forEach((c, i) => {
    if (!system.includes(c.type ?? '')) checkName(qualifiedName, c.type ?? '', `metadata.conditions[${i}].Type`, errors)
  })
  if (status.nominatedNodeName && status.nominatedNodeName !== before.nominatedNodeName)
    checkName(dns1123Subdomain, status.nominatedNodeName, 'status.nominatedNodeName', errors)
  // What was stored without a class may be given one.
  if (before.qosClass) checkImmutable(status.qosClass, before.qosClass, 'status.qosClass', errors)
  const { restartPolicy } = old.spec ?? {}
  const sidecars = new Set(
    items<SentContainer>(old.spec?.initContainers)
      .filter((c) => c.restartPolicy === 'Always')
      .map((c) => c.name),
  )
  checkTransitions(status.containerStatuses, before.containerStatuses, restartPolicy, new Set(), 'status.containerStatuses', errors)
  checkTransitions(
    status.initContainerStatuses,
    before.initContainerStatuses,
    restartPolicy,
    sidecars,
    'status.initContainerStatuses',
    errors,
  )
  const ephemeral = 'status.ephemeralContainerStatuses'
  checkTransitions(status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'Never', new Set(), ephemeral, errors)
  checkIPs(
    items(status.podIPs).map((p) => p.ip ?? ''),
    'status.podIPs',
    errors,
  )
  const hostIPs = items(status.hostIPs).map((h) => h.ip ?? '')
  if (hostIPs.length && (status.hostIP ?? '') !== hostIPs[0])
    errors.push(field.invalid('status.hostIPs[0].ip', hostIPs[0], 'must be equal to `hostIP`'))
  checkIPs(hostIPs, 'status.hostIPs', errors)
}

type Statuses = (Sent<k8s.V1ContainerStatus> | null)[] | null | undefined

/** A container that has ended for good stays ended. */
function checkTransitions(
  now: Statuses,
  old: Statuses,
  restartPolicy: string | null | undefined,
  sidecars: ReadonlySet<string | null | undefined>,
  path: string,
  errors: FieldError[],
): void {
  if (restartPolicy === 'Always') return
  items(old).forEach((o, i) => {
    const ended = o.state?.terminated
    if (!ended || (ended.exitCode !== 0 && restartPolicy === 'OnFailure') || sidecars.has(o.name)) return
    const next = items(now).find((s) => s.name === o.name)
    if (next && !next.state?.terminated)
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
}
