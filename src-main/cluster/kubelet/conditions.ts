/** The conditions of a pod that the kubelet owns. Kubernetes documentation, "Pod Lifecycle", "Pod conditions". */
import type { ContainerStatus, Pod, PodCondition } from '../api/object.js'
import type { Resize } from './pod-state.js'
import { isSidecar } from './pod-state.js'
import type { Phase } from './phase.js'

/** What the kubelet says of a pod that it evicts for the sake of the node; others say it too. */
export const DISRUPTION_TARGET = 'DisruptionTarget'
/** The reason of {@link DISRUPTION_TARGET} when it is the kubelet that says so. */
export const BY_KUBELET = 'TerminationByKubelet'

/** What the kubelet says of a pod while its resources are to change. */
const RESIZE_PENDING = 'PodResizePending'
const RESIZE_IN_PROGRESS = 'PodResizeInProgress'

type Draft = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

/** What the kubelet says of a pod while all its containers are ended to begin anew; only of pods that may ask for that. */
const RESTARTING_ALL = 'AllContainersRestarting'

/** The types, in the order in which the kubelet writes them. */
export const kubeletConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const

/** All that the kubelet may say of a pod, also what comes and goes, in the order in which it is written. */
export const statedConditions = [RESIZE_PENDING, RESIZE_IN_PROGRESS, ...kubeletConditions, RESTARTING_ALL, DISRUPTION_TARGET] as const

function draft(type: string, ok: boolean, reason?: string, message?: string): Draft {
  return { type, status: ok ? 'True' : 'False', ...(reason ? { reason } : {}), ...(message ? { message } : {}) }
}

/** A list of names as Go prints a slice: `[a b]`. */
function names(list: readonly string[]): string {
  return `[${list.join(' ')}]`
}

function initialized(pod: Pod, statuses: ReadonlyMap<string, ContainerStatus>, phase: Phase, anyMainStarted: boolean): Draft {
  const unknown: string[] = []
  const incomplete: string[] = []
  for (const c of pod.spec!.initContainers ?? []) {
    const s = statuses.get(c.name)
    if (!s) unknown.push(c.name)
    else if (isSidecar(c, 'init') ? !s.started : !s.ready) incomplete.push(c.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return draft('Initialized', true, 'PodCompleted')
  const messages = [
    ...(unknown.length ? [`containers with unknown status: ${names(unknown)}`] : []),
    ...(incomplete.length ? [`containers with incomplete status: ${names(incomplete)}`] : []),
  ]
  if (anyMainStarted || messages.length === 0) return draft('Initialized', true)
  return draft('Initialized', false, 'ContainersNotInitialized', messages.join(', '))
}

function containersReady(pod: Pod, statuses: ReadonlyMap<string, ContainerStatus>, phase: Phase): Draft {
  if (phase === 'Succeeded') return draft('ContainersReady', false, 'PodCompleted')
  if (phase === 'Failed') return draft('ContainersReady', false, 'PodFailed')
  const unknown: string[] = []
  const unready: string[] = []
  const sidecars = (pod.spec!.initContainers ?? []).filter((c) => isSidecar(c, 'init'))
  for (const c of [...sidecars, ...pod.spec!.containers]) {
    const s = statuses.get(c.name)
    if (!s) unknown.push(c.name)
    else if (!s.ready) unready.push(c.name)
  }
  const messages = [
    ...(unknown.length ? [`containers with unknown status: ${names(unknown)}`] : []),
    ...(unready.length ? [`containers with unready status: ${names(unready)}`] : []),
  ]
  return messages.length ? draft('ContainersReady', false, 'ContainersNotReady', messages.join(', ')) : draft('ContainersReady', true)
}

function ready(pod: Pod, containers: Draft): Draft {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' }
  const messages: string[] = []
  for (const gate of pod.spec!.readinessGates ?? []) {
    const c = pod.status?.conditions?.find((x) => x.type === gate.conditionType)
    if (!c) messages.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`)
    else if (c.status !== 'True') messages.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${c.status}`)
  }
  return messages.length ? draft('Ready', false, 'ReadinessGatesNotReady', messages.join(', ')) : draft('Ready', true)
}

function restartingAll(phase: Phase, underWay: boolean): Draft {
  if (phase === 'Succeeded') return draft(RESTARTING_ALL, false, 'PodCompleted')
  if (phase === 'Failed') return draft(RESTARTING_ALL, false, 'PodFailed')
  if (!underWay) return draft(RESTARTING_ALL, false)
  return draft(RESTARTING_ALL, true, 'RestartAllContainersStarted', 'container exited with restart policy rule')
}

/**
 * All conditions of a pod: those of others as they are, then the kubelet's own. A condition keeps its
 * `lastTransitionTime` while its status stays the same.
 *
 * @param previous the conditions as last written
 * @param now RFC 3339
 */
export function podConditions(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  options: {
    phase: Phase
    hasSandbox: boolean
    anyMainStarted: boolean
    /** A change of resources that waits, and one that is under way. */
    resize?: Resize
    /** Whether all containers are being restarted; undefined for a pod that cannot ask for that. */
    restartingAll?: boolean
    /** Why the kubelet evicted the pod through no fault of its own. */
    disruption?: string
    previous: readonly PodCondition[]
    now: string
  },
): PodCondition[] {
  const byName = new Map(statuses.map((s) => [s.name, s]))
  const containers = containersReady(pod, byName, options.phase)
  const { pending, inProgress, error } = options.resize ?? {}
  const own: Draft[] = [
    ...(pending ? [draft(RESIZE_PENDING, true, pending.reason, pending.message)] : []),
    ...(inProgress ? [error === undefined ? draft(RESIZE_IN_PROGRESS, true) : draft(RESIZE_IN_PROGRESS, true, 'Error', error)] : []),
    draft('PodReadyToStartContainers', options.hasSandbox),
    initialized(pod, byName, options.phase, options.anyMainStarted),
    ready(pod, containers),
    containers,
    draft('PodScheduled', true),
    ...(options.restartingAll === undefined ? [] : [restartingAll(options.phase, options.restartingAll)]),
    ...(options.disruption === undefined ? [] : [draft(DISRUPTION_TARGET, true, BY_KUBELET, options.disruption)]),
  ]
  const generation = pod.metadata.generation
  const passing: readonly string[] = [RESIZE_PENDING, RESIZE_IN_PROGRESS]
  const others = (pod.status?.conditions ?? []).filter((c) => !passing.includes(c.type) && !own.some((o) => o.type === c.type))
  const dated = own.map((c): PodCondition => {
    const old = options.previous.find((p) => p.type === c.type)
    const since = old?.status === c.status ? old.lastTransitionTime : undefined
    const observed = c.type === RESIZE_IN_PROGRESS ? inProgress!.generation : generation
    return { ...c, lastTransitionTime: since ?? options.now, ...(observed ? { observedGeneration: observed } : {}) }
  })
  return [...others, ...dated]
}
