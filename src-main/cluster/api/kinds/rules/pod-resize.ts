/** Changing what a running pod may use, through `resize`. https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ */
import { field, type FieldError } from '../../errors.js'
import { MIRROR } from './pod-annotations.js'
import type { SentContainer, SentPodSpec } from './pod-defaults.js'
import { qosClassOf } from './pod-qos.js'
import type { SentPod } from './pod-update.js'
import { asksForNothing, type SentRequirements } from './resources.js'
import { entries, isEmpty, items, semanticEqual, type SentMap } from './sent.js'

const LISTS = ['containers', 'initContainers'] as const
const COMPUTE_ONLY = 'only cpu and memory resources are mutable'

/** Keeps of a sent pod what a resize may write, in place: resources and resize policies, if the containers are the same. */
export function keepResize(pod: SentPod, old: SentPod): void {
  const sent = pod.spec ?? {}
  const before = old.spec ?? {}
  if (LISTS.some((list) => items(sent[list]).length !== items(before[list]).length)) return
  const kept: SentPodSpec = structuredClone(before)
  if (sent.resources) kept.resources = sent.resources
  else delete kept.resources
  for (const list of LISTS) {
    const containers = items<SentContainer>(sent[list])
    const same = containers.every((c, i) => c.name === items<SentContainer>(before[list])[i]!.name)
    if (!same) kept[list] = containers
    else items<SentContainer>(kept[list]).forEach((c, i) => takeResources(c, containers[i]!))
  }
  pod.spec = kept
}

function takeResources(to: SentContainer, from: SentContainer): void {
  for (const name of ['resources', 'resizePolicy'] as const) {
    if (from[name] === undefined) delete to[name]
    else to[name] = from[name] as never
  }
}

/** The rules of a resize, on what {@link keepResize} has left. */
export function validateResize(pod: SentPod, old: SentPod, errors: FieldError[]): void {
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  const refusal = old.metadata?.annotations?.[MIRROR] !== undefined ? 'static' : before.os?.name === 'windows' ? 'windows' : ''
  if (refusal) {
    errors.length = 0
    errors.push(field.forbidden('', `${refusal} pods cannot be resized`))
    return
  }
  if ((old.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(spec))
    errors.push(field.invalid('spec', old.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  const running = items(old.status?.containerStatuses).find((s) => s.state?.running)
  if (running && !running.resources) errors.push(field.forbidden('spec', 'Pod running on node without support for resize'))
  const masked: SentPodSpec = structuredClone(spec)
  if (!asksForNothing(spec.resources) || !asksForNothing(before.resources)) validatePodLevel(masked, before, errors)
  if (!validateOrder(spec, before, errors)) return
  const pairs = (list: (typeof LISTS)[number]): [SentContainer, SentContainer][] =>
    items<SentContainer>(spec[list]).map((c, i) => [c, items<SentContainer>(before[list])[i]!])
  for (const list of ['initContainers', 'containers'] as const)
    pairs(list).forEach(([c, was], i) =>
      validateNothingRemoved(c.resources, was.resources, `spec.${list}[${i}].resources`, 'resource', errors),
    )
  for (const list of LISTS)
    pairs(list).forEach(([c, was], i) => {
      const mask = items<SentContainer>(masked[list])[i]!
      mask.resources = withCompute(c.resources, was.resources)
      if (list === 'initContainers') validateInit(c, mask, was, `spec.initContainers[${i}]`, errors)
      else if (!semanticEqual(mask, was)) errors.push(field.forbidden('spec', COMPUTE_ONLY))
    })
  if (errors.length === 0 && !semanticEqual(masked, before)) errors.push(field.forbidden('spec', COMPUTE_ONLY))
}

function validateInit(c: SentContainer, mask: SentContainer, was: SentContainer, path: string, errors: FieldError[]): void {
  if (!semanticEqual(mask, was))
    errors.push(field.forbidden(path, 'only cpu and memory resources for init or sidecar containers are mutable'))
  if (c.restartPolicy === 'Always' || semanticEqual(c, was)) return
  for (const policy of items(c.resizePolicy))
    if (policy.restartPolicy === 'RestartContainer')
      errors.push(field.forbidden(path, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'))
}

function validatePodLevel(masked: SentPodSpec, before: SentPodSpec, errors: FieldError[]): void {
  const was = before.resources
  if (was && !masked.resources) {
    errors.push(field.forbidden('spec.resources', 'pod-level resources cannot be removed'))
    return
  }
  if (was) validateNothingRemoved(masked.resources, was, 'spec.resources', 'pod-level resource', errors)
  const { claims } = masked.resources ?? {}
  const rest: SentRequirements = { ...withCompute(masked.resources, was), ...(claims ? { claims } : {}) }
  if (was || !asksForNothing(rest) || !isEmpty(claims)) masked.resources = rest
  else delete masked.resources
  if (!semanticEqual(masked.resources, was)) errors.push(field.forbidden('spec', 'only cpu and memory resources are mutable at pod-level'))
}

function validateOrder(spec: SentPodSpec, before: SentPodSpec, errors: FieldError[]): boolean {
  const count = errors.length
  for (const list of LISTS) {
    const now = items<SentContainer>(spec[list])
    const old = items<SentContainer>(before[list])
    if (now.length !== old.length) errors.push(field.forbidden(`spec.${list}`, `${list} may not be added or removed on resize`))
    else
      old.forEach((c, i) => {
        if (now[i]!.name !== c.name)
          errors.push(field.forbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`))
      })
  }
  return errors.length === count
}

function validateNothingRemoved(
  now: SentRequirements | null | undefined,
  old: SentRequirements | null | undefined,
  path: string,
  what: string,
  errors: FieldError[],
): void {
  for (const list of ['requests', 'limits'] as const)
    if (entries(old?.[list]).some(([name]) => now?.[list]?.[name] === undefined))
      errors.push(field.forbidden(`${path}.${list}`, `${what} ${list} cannot be removed`))
}

/** Requirements with the cpu and memory of others: what is left to compare is what a resize may not touch. */
function withCompute(now: SentRequirements | null | undefined, old: SentRequirements | null | undefined): SentRequirements {
  const list = (name: 'limits' | 'requests'): SentMap => {
    const others = entries(now?.[name]).filter(([resource]) => resource !== 'cpu' && resource !== 'memory')
    const compute = entries(old?.[name]).filter(([resource]) => resource === 'cpu' || resource === 'memory')
    return others.length + compute.length > 0 ? Object.fromEntries([...others, ...compute]) : undefined
  }
  return { limits: list('limits'), requests: list('requests') } as SentRequirements
}
