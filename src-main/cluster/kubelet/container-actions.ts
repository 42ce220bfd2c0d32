/**
 * Which containers of a pod are to be started and killed, from how they are now: init containers one after the other,
 * those that stay beside them from then on, main containers once all are initialized. Kubernetes documentation, "Init
 * Containers", "Sidecar Containers", "Pod Lifecycle".
 */
import type { DeclaredContainer, Instance, PodState } from './pod-state.js'
import { currentRun, declaredContainers, hasInitialized, isSidecar, restartsAfter } from './pod-state.js'
import { needsRestart } from './resize.js'

export interface ContainerActions {
  /** `failedProbe` is that which the run is killed for: it may have a grace period of its own. */
  kill: { declared: DeclaredContainer; run: Instance; message: string; failedProbe?: 'liveness' | 'startup' }[]
  /** In this order. */
  start: DeclaredContainer[]
}

/** What is to be done with the containers now. */
export function containerActions(state: PodState): ContainerActions {
  const actions: ContainerActions = { kill: [], start: [] }
  const declared = declaredContainers(state.pod)
  // What somebody looks into a pod with is started once, whatever becomes of the pod's sandbox.
  for (const d of declared) if (d.kind === 'ephemeral' && !state.containers.get(d.spec.name)?.current) actions.start.push(d)
  if (initialize(state, declared, actions)) for (const d of declared) if (d.kind === 'main') consider(state, d, actions)
  return actions
}

/** What is to be done with the init containers. Returns whether main containers may run. */
function initialize(state: PodState, declared: readonly DeclaredContainer[], actions: ContainerActions): boolean {
  const init = declared.filter((d) => d.kind === 'init')
  const initialized = hasInitialized(state)
  const begun = init.map((d) => currentRun(state, d.spec.name) !== undefined)
  const last = initialized ? init.length : begun.lastIndexOf(true)
  // The ones before it have done their part: who is to stay is kept running, and nobody waits for that.
  for (const d of init.slice(0, Math.max(0, last))) if (isSidecar(d.spec, d.kind)) consider(state, d, actions)
  if (initialized) return true
  const latest = init[last]
  if (latest) {
    const run = currentRun(state, latest.spec.name)!
    if (isSidecar(latest.spec, latest.kind)) {
      consider(state, latest, actions)
      if (run.state !== 'running' || !run.started) return false
    } else if (run.state !== 'exited' || run.exitCode !== 0) {
      if (run.state !== 'running') consider(state, latest, actions)
      return false
    }
  }
  const next = init[last + 1]
  if (next) actions.start.push(next)
  return !next
}

/** Whether one container whose time has come is to be started, or killed and perhaps started again. */
function consider(state: PodState, d: DeclaredContainer, actions: ContainerActions): void {
  const { pod } = state
  const run = currentRun(state, d.spec.name)
  // Of a sidecar the kubelet has other words: it is understood that it is restarted.
  const isInit = d.kind === 'init'
  const kill = (message: string, restarts = true, failedProbe?: 'liveness' | 'startup'): void => {
    actions.kill.push({ declared: d, run: run!, message, ...(failedProbe ? { failedProbe } : {}) })
    if (restarts) actions.start.push(d)
  }
  if (!run) {
    // In another sandbox, too, a main container can have ended for good.
    if (d.kind !== 'main' || !hasEnded(state, d)) actions.start.push(d)
  } else if (run.state === 'created') {
    actions.start.push(d)
  } else if (run.state === 'running' && run.specImage !== d.spec.image) {
    kill(isInit ? `Init container ${d.spec.name} definition changed` : `Container ${d.spec.name} definition changed, will be restarted`)
  } else if (run.state === 'running' && needsRestart(state, d, run)) {
    kill(`Container ${d.spec.name} resize requires restart`)
  } else if (run.state === 'running' && run.failedProbe) {
    // Killed by its probe is a failure, whatever code it will exit with.
    const restarts = restartsAfter(d.spec, d.kind, pod, 137)
    const told = restarts && !isInit ? ', will be restarted' : ''
    kill(`${isInit ? 'Init container' : 'Container'} ${d.spec.name} failed ${run.failedProbe} probe${told}`, restarts, run.failedProbe)
  } else if (run.state === 'exited' && !hasEnded(state, d)) {
    actions.start.push(d)
  }
}

/** Whether the latest run of a container was its last. */
export function hasEnded({ pod, containers }: PodState, { spec, kind }: DeclaredContainer): boolean {
  const run = containers.get(spec.name)?.current
  return run?.state === 'exited' && !run.reset && !restartsAfter(spec, kind, pod, run.exitCode ?? 0)
}

/** Whether no main container runs that is to be kept, and none is to start: what else runs in the pod is then ended too. */
export function mainContainersDone(state: PodState): boolean {
  return declaredContainers(state.pod).every((d) => d.kind !== 'main' || hasEnded(state, d) || isLost(state, d))
}

/** Whether a probe gave up on a container that is not restarted. */
function isLost(state: PodState, d: DeclaredContainer): boolean {
  const run = currentRun(state, d.spec.name)
  const gaveUp = run?.state === 'running' && run.failedProbe !== undefined && run.specImage === d.spec.image
  return gaveUp && !restartsAfter(d.spec, d.kind, state.pod, 137)
}
