/**
 * Changing what the containers of a running pod may use, without a new pod
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/): the node grants what the spec
 * wants when it has room, then the running containers get it, with a restart where their `resizePolicy` asks for one.
 */
import { jsonText } from '../../exact-json.js'
import type { Container, Pod } from '../api/object.js'
import { referenceTo } from '../controllers/events.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { DeclaredContainer, Instance, PodState, Requirements } from './pod-state.js'
import { bytes, millicores } from './quantity.js'
import { sameContent } from './status-writer.js'

/** Why a resize waits: `Infeasible` on this node for ever, `Deferred` until there is room. */
export interface PendingResize {
  reason: 'Infeasible' | 'Deferred'
  message: string
}

/** Those containers whose resources can change while they run, and those that show them. */
function resizable(pod: Pod): Container[] {
  return [...(pod.spec!.initContainers ?? []), ...pod.spec!.containers]
}

/** What the node has granted to a container. */
export function grantedResources(state: PodState, container: Container): Requirements {
  return state.granted.get(container.name) ?? container.resources ?? {}
}

/** The limits of the pod as a whole that a container lives under because it has none of its own. */
export function inheritedLimits(state: PodState, container: Container): Record<string, string> {
  const own = grantedResources(state, container).limits ?? {}
  return Object.fromEntries(Object.entries(state.grantedWhole?.limits ?? {}).filter(([name]) => own[name] === undefined))
}

/** What a container may use and is kept for it, the limits of its pod included. */
export function effectiveResources(state: PodState, container: Container): Requirements {
  const { requests, limits } = grantedResources(state, container)
  const all = { ...inheritedLimits(state, container), ...limits }
  return { ...(requests ? { requests } : {}), ...(Object.keys(all).length ? { limits: all } : {}) }
}

/** The limits of a pod as a whole, as its sandbox is told of them. */
export function sandboxLimits(state: PodState): { cpuLimit?: number; memoryLimit?: number } {
  return runtimeLimits(state.grantedWhole?.limits)
}

function runtimeLimits({ cpu, memory }: Record<string, string> = {}): { cpuLimit?: number; memoryLimit?: number } {
  return { ...(cpu ? { cpuLimit: millicores(cpu) } : {}), ...(memory ? { memoryLimit: bytes(memory) } : {}) }
}

/** Grants what the spec wants, or, for a pod that ran before, what its status says it had. */
export function grantAtStart(state: PodState): void {
  const whole = state.pod.spec!.resources as Requirements | undefined
  if (whole) state.grantedWhole = (state.pod.status?.resources as Requirements | undefined) ?? whole
  const { initContainerStatuses = [], containerStatuses = [] } = state.pod.status ?? {}
  const had = new Map([...initContainerStatuses, ...containerStatuses].map((s) => [s.name, s.resources]))
  for (const c of resizable(state.pod)) state.granted.set(c.name, (had.get(c.name) as Requirements | undefined) ?? c.resources ?? {})
}

/** A pod as the node has granted it, which is what it takes of the node while a change of its resources waits. */
export function asGranted({ pod, granted, grantedWhole }: PodState): Pod {
  const spec = pod.spec!
  const ofContainer = (c: Container): Container => ({ ...c, resources: granted.get(c.name) ?? c.resources })
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(ofContainer),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(ofContainer) } : {}),
      ...(grantedWhole ? { resources: grantedWhole } : {}),
    },
  }
}

/**
 * Takes up a change of resources in the spec. `refuse` says why the node cannot grant it.
 *
 * @returns whether more or less was granted
 */
export function considerResize(kubelet: NodeKubelet, state: PodState, refuse: () => PendingResize | undefined): boolean {
  const { pod, resize } = state
  const whole = pod.spec!.resources as Requirements | undefined
  const same = resizable(pod).every((c) => sameContent(grantedResources(state, c), c.resources ?? {}))
  if (same && sameContent(state.grantedWhole, whole)) {
    delete resize.pending
    return false
  }
  const about = referenceTo('v1', 'Pod', pod)
  const pending = refuse()
  if (pending) {
    if (!sameContent(pending, resize.pending))
      kubelet.events.event(
        about,
        'Warning',
        `Resize${pending.reason}`,
        summary(pod, `Pod resize ${pending.reason}`, { error: pending.message }),
      )
    resize.pending = pending
    return false
  }
  delete resize.pending
  for (const c of resizable(pod)) state.granted.set(c.name, c.resources ?? {})
  if (whole) state.grantedWhole = whole
  resize.inProgress = { generation: pod.metadata.generation ?? 0 }
  kubelet.events.event(about, 'Normal', 'ResizeStarted', summary(pod, 'Pod resize started'))
  return true
}

/** Whether a run has to end and begin anew to get what was granted to it. */
export function needsRestart(state: PodState, { spec }: DeclaredContainer, run: Instance): boolean {
  const granted = grantedResources(state, spec)
  const inherited = inheritedLimits(state, spec)
  return (['cpu', 'memory'] as const).some(
    (name) =>
      spec.resizePolicy?.some((p) => p.resourceName === name && p.restartPolicy === 'RestartContainer') &&
      (run.resources.requests?.[name] !== granted.requests?.[name] ||
        run.resources.limits?.[name] !== granted.limits?.[name] ||
        run.inherited?.[name] !== inherited[name]),
  )
}

/**
 * Gives the running containers what was granted to them, unless the pod uses more memory than it would be left with.
 *
 * @param ending runs that are killed to begin anew: they take what was granted when they start
 * @returns whether what the pod's status says of the resize has changed
 */
export function applyResizes(kubelet: NodeKubelet, state: PodState, ending: ReadonlySet<Instance>): boolean {
  const { pod, resize } = state
  const runs = resizable(pod).flatMap((spec): { spec: Container; run: Instance }[] => {
    const run = state.containers.get(spec.name)?.current
    return run?.state === 'running' ? [{ spec, run }] : []
  })
  const error = memoryShortfall(kubelet, state, runs, ending)
  const changed = error !== resize.error
  if (error === undefined) {
    delete resize.error
    applyWhole(kubelet, state)
    for (const { spec, run } of runs) if (!ending.has(run)) applyResize(kubelet, state, spec, run)
    return changed
  }
  resize.error = error
  if (changed)
    kubelet.events.event(
      referenceTo('v1', 'Pod', pod),
      'Warning',
      'ResizeError',
      summary(pod, 'Pod resize error', { ...resize.inProgress, error }),
    )
  return changed
}

/** Why the memory limit of a pod cannot be lowered now; undefined when it can, and for a pod without one. */
function memoryShortfall(
  { runtime }: NodeKubelet,
  state: PodState,
  runs: readonly { spec: Container; run: Instance }[],
  ending: ReadonlySet<Instance>,
): string | undefined {
  let [before, wanted, used] = [0, 0, 0]
  const { grantedWhole, appliedWhole } = state
  if (grantedWhole?.limits?.memory && appliedWhole?.limits?.memory) {
    before = bytes(appliedWhole.limits.memory)
    wanted = bytes(grantedWhole.limits.memory)
    for (const { run } of runs) if (!ending.has(run)) used += runtime.containerStats(run.id)?.memoryBytes ?? 0
    return shortfall(before, wanted, used)
  }
  for (const { spec, run } of runs) {
    const limit = grantedResources(state, spec).limits?.memory
    const had = run.resources.limits?.memory
    if (limit === undefined || had === undefined) return undefined
    wanted += bytes(limit)
    before += bytes(had)
    if (!ending.has(run)) used += runtime.containerStats(run.id)?.memoryBytes ?? 0
  }
  return shortfall(before, wanted, used)
}

function shortfall(before: number, wanted: number, used: number): string | undefined {
  if (wanted >= before || used <= wanted) return undefined
  return `attempting to set pod memory limit (${wanted}) below current usage (${used})`
}

/** Gives the sandbox what was granted to the pod as a whole. */
function applyWhole({ runtime }: NodeKubelet, state: PodState): void {
  if (!state.sandbox || !state.grantedWhole || sameContent(state.appliedWhole, state.grantedWhole)) return
  runtime.updatePodSandbox?.(state.sandbox.id, sandboxLimits(state))
  state.appliedWhole = state.grantedWhole
}

/** Gives a running container what was granted to it. */
function applyResize(kubelet: NodeKubelet, state: PodState, spec: Container, run: Instance): void {
  const granted = grantedResources(state, spec)
  const inherited = inheritedLimits(state, spec)
  if (sameContent(run.resources, granted) && sameContent(run.inherited, inherited)) return
  const cpu = granted.requests?.['cpu']
  const limits = runtimeLimits({ ...inherited, ...granted.limits })
  kubelet.runtime.updateContainer?.(run.id, { ...limits, ...(cpu ? { cpuRequest: millicores(cpu) } : {}) })
  run.resources = granted
  run.inherited = inherited
}

/** Ends a resize once all running containers have what was granted to them. Returns whether it just did. */
export function finishResize(kubelet: NodeKubelet, state: PodState): boolean {
  const { pod, resize } = state
  if (!resize.inProgress || !sameContent(state.appliedWhole, state.grantedWhole)) return false
  for (const c of resizable(pod)) {
    const run = state.containers.get(c.name)?.current
    if (run?.state === 'running' && !sameContent(run.resources, grantedResources(state, c))) return false
  }
  kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'ResizeCompleted', summary(pod, 'Pod resize completed', resize.inProgress))
  delete resize.inProgress
  return true
}

/** The text of an event about a resize. @param told the generation that asked for it, by default the latest, and what is wrong */
function summary(
  pod: Pod,
  what: string,
  { generation = pod.metadata.generation ?? 0, error }: { generation?: number; error?: string } = {},
): string {
  const { initContainers, containers, resources } = pod.spec!
  const shown = (list: readonly Container[]): object[] => list.map(({ name, resources = {} }) => ({ name, resources: sorted(resources) }))
  const body = {
    ...(resources ? { resources: sorted(resources as Requirements) } : {}),
    ...(initContainers?.length ? { initContainers: shown(initContainers) } : {}),
    containers: shown(containers),
    generation,
    ...(error ? { error } : {}),
  }
  return `${what}: ${jsonText(body)}`
}

/** Limits before requests, each by name: the order in which Go prints them. */
function sorted({ limits, requests }: Requirements): object {
  const byName = (map: Record<string, string> | undefined): object =>
    Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...(limits ? { limits: byName(limits) } : {}), ...(requests ? { requests: byName(requests) } : {}) }
}
