/**
 * Changing what the containers of a running pod may use, without a new pod
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/): the node grants what the spec
 * wants when it has room, then the running containers get it, with a restart where their `resizePolicy` asks for one.
 */
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

/** Grants what the spec wants, or, for a pod that ran before, what its status says it had. */
export function grantAtStart(state: PodState): void {
  const { initContainerStatuses = [], containerStatuses = [] } = state.pod.status ?? {}
  const had = new Map([...initContainerStatuses, ...containerStatuses].map((s) => [s.name, s.resources]))
  for (const c of resizable(state.pod)) state.granted.set(c.name, (had.get(c.name) as Requirements | undefined) ?? c.resources ?? {})
}

/**
 * Takes up a change of resources in the spec. `refuse` says why the node cannot grant it.
 *
 * @returns whether more or less was granted
 */
export function considerResize(kubelet: NodeKubelet, state: PodState, refuse: () => PendingResize | undefined): boolean {
  const { pod, resize } = state
  if (resizable(pod).every((c) => sameContent(grantedResources(state, c), c.resources ?? {}))) {
    delete resize.pending
    return false
  }
  const about = referenceTo('v1', 'Pod', pod)
  const pending = refuse()
  if (pending) {
    if (!sameContent(pending, resize.pending))
      kubelet.events.event(about, 'Warning', `Resize${pending.reason}`, summary(pod, `Pod resize ${pending.reason}`, pending.message))
    resize.pending = pending
    return false
  }
  delete resize.pending
  for (const c of resizable(pod)) state.granted.set(c.name, c.resources ?? {})
  resize.inProgress = true
  kubelet.events.event(about, 'Normal', 'ResizeStarted', summary(pod, 'Pod resize started'))
  return true
}

/** Whether a run has to end and begin anew to get what was granted to it. */
export function needsRestart(state: PodState, { spec }: DeclaredContainer, run: Instance): boolean {
  const granted = grantedResources(state, spec)
  return (['cpu', 'memory'] as const).some(
    (name) =>
      spec.resizePolicy?.some((p) => p.resourceName === name && p.restartPolicy === 'RestartContainer') &&
      (run.resources.requests?.[name] !== granted.requests?.[name] || run.resources.limits?.[name] !== granted.limits?.[name]),
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
    for (const { spec, run } of runs) if (!ending.has(run)) applyResize(kubelet, state, spec, run)
    return changed
  }
  resize.error = error
  if (changed) kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'ResizeError', summary(pod, 'Pod resize error', error))
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
  for (const { spec, run } of runs) {
    const limit = grantedResources(state, spec).limits?.memory
    const had = run.resources.limits?.memory
    if (limit === undefined || had === undefined) return undefined
    wanted += bytes(limit)
    before += bytes(had)
    if (!ending.has(run)) used += runtime.containerStats(run.id)?.memoryBytes ?? 0
  }
  if (wanted >= before || used <= wanted) return undefined
  return `attempting to set pod memory limit (${wanted}) below current usage (${used})`
}

/** Gives a running container what was granted to it. */
function applyResize(kubelet: NodeKubelet, state: PodState, spec: Container, run: Instance): void {
  const granted = grantedResources(state, spec)
  if (sameContent(run.resources, granted)) return
  const { cpu, memory } = granted.limits ?? {}
  kubelet.runtime.updateContainer?.(run.id, {
    ...(cpu ? { cpuLimit: millicores(cpu) } : {}),
    ...(memory ? { memoryLimit: bytes(memory) } : {}),
  })
  run.resources = granted
}

/** Ends a resize once all running containers have what was granted to them. Returns whether it just did. */
export function finishResize(kubelet: NodeKubelet, state: PodState): boolean {
  const { pod, resize } = state
  if (!resize.inProgress) return false
  for (const c of resizable(pod)) {
    const run = state.containers.get(c.name)?.current
    if (run?.state === 'running' && !sameContent(run.resources, grantedResources(state, c))) return false
  }
  delete resize.inProgress
  kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'ResizeCompleted', summary(pod, 'Pod resize completed'))
  return true
}

function summary(pod: Pod, what: string, error?: string): string {
  const { initContainers, containers } = pod.spec!
  const shown = (list: readonly Container[]): object[] => list.map(({ name, resources = {} }) => ({ name, resources: sorted(resources) }))
  const body = {
    ...(initContainers?.length ? { initContainers: shown(initContainers) } : {}),
    containers: shown(containers),
    generation: pod.metadata.generation ?? 0,
    ...(error ? { error } : {}),
  }
  return `${what}: ${JSON.stringify(body)}`
}

/** Limits before requests, each by name: the order in which Go prints them. */
function sorted({ limits, requests }: Requirements): object {
  const byName = (map: Record<string, string> | undefined): object =>
    Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...(limits ? { limits: byName(limits) } : {}), ...(requests ? { requests: byName(requests) } : {}) }
}
