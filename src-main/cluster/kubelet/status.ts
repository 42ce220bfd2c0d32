/** The status of a pod, made from what the kubelet knows of it. */
import { rfc3339 } from '../clock.js'
import type { Container, ContainerStatus, Pod, PodStatus } from '../api/object.js'
import { podConditions } from './conditions.js'
import { closeStatuses } from './final-status.js'
import { podPhase } from './phase.js'
import type { ContainerKind, ContainerState, Instance, PodState } from './pod-state.js'
import { isSidecar, mayRestartAll, restartsAfter } from './pod-state.js'
import { qosClass } from './qos.js'
import { grantedResources } from './resize.js'
import { RESTARTING_ALL } from './restart-all.js'

type StateOfContainer = NonNullable<ContainerStatus['state']>

/** What `containerID` and `imageID` are prefixed with. */
export const RUNTIME_SCHEME = 'containerd://'

/** The `terminated` state of a run that has ended. */
function terminated(run: Instance): NonNullable<StateOfContainer['terminated']> {
  return {
    exitCode: run.exitCode ?? 0,
    ...(run.reason ? { reason: run.reason } : {}),
    ...(run.message ? { message: run.message } : {}),
    startedAt: rfc3339(run.startedAt),
    finishedAt: rfc3339(run.finishedAt ?? run.startedAt),
    containerID: RUNTIME_SCHEME + run.id,
  }
}

function volumeMounts(container: Container): ContainerStatus['volumeMounts'] {
  const mounts = container.volumeMounts ?? []
  if (mounts.length === 0) return undefined
  return mounts.map((m) => ({
    name: m.name,
    mountPath: m.mountPath,
    // The nodes' runtime can do it, so that `IfPossible` is as good as `Enabled`.
    ...(m.readOnly ? { readOnly: true, recursiveReadOnly: isRecursive(m) ? 'Enabled' : 'Disabled' } : {}),
  }))
}

function isRecursive({ recursiveReadOnly }: { recursiveReadOnly?: string }): boolean {
  return recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible'
}

/** Whether the next sync will start this container again, so that it shows why it waits rather than how it ended. */
function willStart(container: Container, kind: ContainerKind, state: PodState, c: ContainerState | undefined): boolean {
  if (state.pod.metadata.deletionTimestamp || state.terminal || state.verdict) return false
  const run = c?.current
  if (!run) return true
  return run.state === 'exited' && (run.reset === true || restartsAfter(container, kind, state.pod, run.exitCode ?? 0))
}

function containerStatus(container: Container, kind: ContainerKind, state: PodState): ContainerStatus {
  const c = state.containers.get(container.name)
  const run = c?.current
  const mounts = volumeMounts(container)
  const status: ContainerStatus = {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { waiting: { reason: (state.pod.spec!.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating' } },
    lastState: {},
    ...(kind === 'ephemeral' ? {} : { started: false }),
    ...(mounts ? { volumeMounts: mounts } : {}),
  }
  if (run) {
    status.image = run.image
    status.imageID = run.imageID
    status.containerID = RUNTIME_SCHEME + run.id
    status.restartCount = run.attempt
    status.resources = run.resources
    if (run.user) {
      const { uid, gid, groups } = run.user
      status.user = { linux: { uid, gid, supplementalGroups: [...groups] } }
    }
    const { requests } = grantedResources(state, container)
    if (requests) status.allocatedResources = requests
    if (c.previous) status.lastState = { terminated: terminated(c.previous) }
    if (run.reset && !state.terminal) {
      status.restartCount++
      status.lastState = { terminated: terminated(run) }
      status.state = { waiting: { ...RESTARTING_ALL } }
    } else if (run.state === 'running') {
      status.state = { running: { startedAt: rfc3339(run.startedAt) } }
      if (kind !== 'ephemeral') status.started = run.started
      const probed = container.readinessProbe !== undefined
      status.ready = (kind === 'main' || isSidecar(container, kind)) && run.started && (probed ? run.ready === true : true)
    } else if (run.state === 'exited') {
      status.state = { terminated: terminated(run) }
      status.ready = kind === 'init' && !isSidecar(container, kind) && run.exitCode === 0
    }
  }
  if (c?.waiting && willStart(container, kind, state, c)) {
    if (status.state?.terminated) status.lastState = { terminated: status.state.terminated }
    status.state = { waiting: { reason: c.waiting.reason, ...(c.waiting.message ? { message: c.waiting.message } : {}) } }
  }
  return status
}

/**
 * The whole status.
 *
 * @param previous the status as last written: for transition times, and a phase that is final stays
 * @param node the node's address
 * @param now ms since the epoch
 */
export function podStatus(state: PodState, previous: PodStatus | undefined, node: { address: string }, now: number): PodStatus {
  const { pod } = state
  if (state.verdict?.refused) return refusedStatus(state, previous)
  const spec = pod.spec!
  const initialized = [...state.containers.values()].some((c) => c.kind === 'main' && c.current)
  const statusesOf = (kind: ContainerKind, containers: readonly Container[] = []): ContainerStatus[] =>
    containers.map((c) => containerStatus(c, kind, state))
  let init = statusesOf('init', spec.initContainers)
  let main = statusesOf('main', spec.containers)
  if (state.terminal) ({ init, main } = closeStatuses(pod, { init, main }))
  const ephemeral = statusesOf('ephemeral', spec.ephemeralContainers as Container[] | undefined)

  const active = main.some((s) => s.state?.running)
  let phase = state.verdict?.phase ?? podPhase(pod, [...init, ...main], state.terminal, active || initialized)
  const before = previous?.phase
  if (before === 'Succeeded' || before === 'Failed') phase = before
  // All pods end in a final phase; one that never ran has failed.
  else if (state.terminal && phase !== 'Succeeded') phase = 'Failed'
  // What was ended to begin anew is not the end of the pod.
  else if (!state.verdict && !state.terminal && state.restartingAll && (phase === 'Failed' || phase === 'Succeeded')) phase = 'Pending'

  const reason = state.verdict?.reason ?? (phase === before ? previous?.reason : undefined)
  const message = state.verdict?.message ?? (phase === before ? previous?.message : undefined)
  const ip = spec.hostNetwork ? node.address : state.ip
  const anyMainStarted = main.some((s) => s.state?.running || s.state?.terminated || s.lastState?.terminated)
  return {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    phase,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    conditions: podConditions(pod, [...init, ...main], {
      phase,
      hasSandbox: state.sandbox !== undefined,
      anyMainStarted,
      resize: state.resize,
      ...(mayRestartAll(pod) ? { restartingAll: state.restartingAll === true } : {}),
      ...(state.verdict?.disrupted === undefined ? {} : { disruption: state.verdict.disrupted }),
      previous: previous?.conditions ?? [],
      now: rfc3339(now),
    }),
    hostIP: node.address,
    hostIPs: [{ ip: node.address }],
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    startTime: rfc3339(state.startTime),
    ...(init.length ? { initContainerStatuses: init } : {}),
    containerStatuses: byName(main),
    ...(ephemeral.length ? { ephemeralContainerStatuses: byName(ephemeral) } : {}),
    qosClass: qosClass(pod),
    ...(state.grantedWhole?.requests ? { allocatedResources: state.grantedWhole.requests } : {}),
    ...(state.appliedWhole ? { resources: state.appliedWhole } : {}),
  } as PodStatus
}

/** Those of init containers keep their order; the kubelet tells of the others by name. */
function byName(statuses: readonly ContainerStatus[]): ContainerStatus[] {
  return [...statuses].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A pod that its node has not taken has a reason, and no containers that anything could be said of. */
function refusedStatus({ pod, verdict, startTime }: PodState, previous: PodStatus | undefined): PodStatus {
  return {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    phase: verdict!.phase,
    reason: verdict!.reason!,
    message: verdict!.message!,
    conditions: previous?.conditions?.filter((c) => c.type === 'PodScheduled') ?? [],
    startTime: rfc3339(startTime),
    qosClass: qosClass(pod),
  } as PodStatus
}

/** Whether a pod's phase is final. */
export function isFinal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}
