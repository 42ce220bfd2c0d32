/** What of a pod may change, and through which endpoint. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement */
import { field, type FieldError } from '../../errors.js'
import type { Pod } from '../../object.js'
import { checkRequired } from './checks.js'
import { MIRROR, validateAnnotationUpdates, validatePodAnnotations } from './pod-annotations.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { entries, isEmpty, items, semanticEqual, shownMap, type Sent } from './sent.js'
import { serverForm } from './server-form.js'
import { specDiff } from './spec-diff.js'
import { validateTolerations } from './tolerations.js'
import type * as k8s from '@kubernetes/client-node'

export type SentPod = Sent<Pod>

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** The rules of an update of the pod itself. */
export function validatePodUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  const annotations = pod.metadata?.annotations
  validateAnnotationUpdates(annotations, old.metadata?.annotations, 'metadata.annotations', errors)
  // The API server looks at annotations and images here again, and tells of them twice.
  validatePodAnnotations(annotations, spec, 'metadata.annotations', errors)
  if (spec === before) return
  for (const list of ['containers', 'initContainers'] as const) {
    if (items(spec[list]).length !== items(before[list]).length) {
      errors.push(field.forbidden(`spec.${list}`, 'pod updates may not add or remove containers'))
      return
    }
    items<SentContainer>(spec[list]).forEach((c, i) => checkImage(c.image, `spec.${list}[${i}].image`, errors))
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
    const diff = specDiff('PodSpec', before, masked)
    errors.push(field.forbidden('spec', `pod updates may not change fields other than ${CHANGEABLE}\n${diff}`))
  }
}

function checkImage(image: string | null | undefined, path: string, errors: FieldError[]): void {
  if (!checkRequired(image, path, errors)) return
  if (image!.trim() !== image) errors.push(field.invalid(path, image, 'must not have leading or trailing whitespace'))
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
      errors.push(field.invalid('spec.nodeSelector', shownMap(masked.nodeSelector), text))
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
    errors.push(field.invalid(at, shownTerms(terms), 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'))
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
      errors.push(
        field.invalid(`${at}[${i}]`, serverForm('NodeSelectorTerm', term), 'only additions are allowed (no mutations or deletions)'),
      )
  })
}

function shownTerms(terms: Sent<k8s.V1NodeSelectorTerm>[]): object[] | null {
  return terms.length ? terms.map((t) => serverForm('NodeSelectorTerm', t)) : null
}

/** The rules of an update through `ephemeralcontainers`. */
export function validateEphemeralContainersUpdate(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  if (old.metadata?.annotations?.[MIRROR]) {
    errors.length = 0
    errors.push(field.forbidden('', 'static pods do not support ephemeral containers'))
    return
  }
  const annotations = pod.metadata?.annotations
  validateAnnotationUpdates(annotations, old.metadata?.annotations, 'metadata.annotations', errors)
  validatePodAnnotations(annotations, pod.spec, 'metadata.annotations', errors)
  const now = new Map(items(pod.spec?.ephemeralContainers).map((c) => [c.name, c]))
  for (const c of items(old.spec?.ephemeralContainers)) {
    const name = JSON.stringify(c.name ?? '')
    const next = now.get(c.name)
    if (!next) errors.push(field.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be removed\n`))
    else if (!semanticEqual(c, next)) {
      const diff = specDiff('EphemeralContainer', c, next)
      errors.push(field.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed\n${diff}`))
    }
  }
}
