/** What the kubelet knows of one pod on its node: plain data that `sync.ts` moves and `status.ts` shows. */
import type { Container, Pod } from '../api/object.js'
import type { ContainerInfo, PodSandbox, Volume } from '../runtime/cri.js'

/** The `resources` of a container. */
export type Requirements = { limits?: Record<string, string>; requests?: Record<string, string> }

/** One run of a container. */
export interface Instance {
  /** The runtime's id, without `containerd://`. */
  id: string
  /** The sandbox it ran in: what ran in an earlier one does not count as initialization. */
  sandboxId: string
  /** How many runs came before: shown as `restartCount`. */
  attempt: number
  /** The image as the spec had it when the run began: another one means that the container is to be replaced. */
  specImage: string
  /** The resolved reference and digest, as in the status. */
  image: string
  imageID: string
  state: 'created' | 'running' | 'exited'
  /** Who its first process is. */
  user?: { uid: number; gid: number; groups: readonly number[] }
  /** ms since the epoch; `startedAt` is 0 for one that never started. */
  startedAt: number
  finishedAt?: number
  exitCode?: number
  reason?: string
  message?: string
  /** The startup probe has passed, or there is none. */
  started: boolean
  /** The readiness probe says ready; undefined before its first answer. */
  ready?: boolean
  /** A probe gave up: the container is to be killed and restarted. */
  failedProbe?: 'liveness' | 'startup'
  /** The kubelet has told it to end, and waits for that. */
  stopping?: boolean
  /** What it may use, and what is kept for it. */
  resources: Requirements
  /** It was ended for all containers to be restarted: it runs again, whatever its policy says. */
  reset?: boolean
  /** What it lives under of the pod's own limits, where it has none. */
  inherited?: Record<string, string>
  /** Brought back after a restart of the simulator: times are those of the status, not of the runtime. */
  restored?: boolean
}

export type ContainerKind = 'init' | 'main' | 'ephemeral'

/** One container of the pod, over all its runs. */
export interface ContainerState {
  readonly name: string
  readonly kind: ContainerKind
  /** The latest run. */
  current?: Instance
  /** The one before, kept for `lastState` and `logs --previous`. */
  previous?: Instance
  /** Why it could not be started (again): `CrashLoopBackOff`, `ErrImagePull`, … */
  waiting?: { reason: string; message?: string }
}

/** What becomes of a change of a pod's resources. */
export interface Resize {
  pending?: { reason: 'Infeasible' | 'Deferred'; message: string }
  /** One that was granted and is under way: the generation of the pod that asked for it. */
  inProgress?: { generation: number }
  /** What holds it up. */
  error?: string
}

/** One pod on its node. */
export interface PodState {
  /** The latest version from the API; frozen. */
  pod: Pod
  readonly containers: Map<string, ContainerState>
  /** When the kubelet first saw the pod, ms. */
  startTime: number
  sandbox?: PodSandbox
  /** The id of a sandbox that was stopped but not yet removed. */
  endedSandbox?: string
  /** The pod's address, also after its sandbox is gone. */
  ip: string
  volumes: Map<string, Volume>
  /** How long to wait before the next attempt to mount, ms; undefined before the first failure. */
  mountRetryMs?: number
  /** Set when the kubelet itself ends the pod: its final phase, reason and message. */
  verdict?: {
    phase: 'Failed' | 'Succeeded'
    reason?: string
    message?: string
    /** Ended through no fault of its own: what its condition `DisruptionTarget` says. */
    disrupted?: string
    /** The node never took the pod: nothing is known of its containers. */
    refused?: boolean
  }
  /** What the node has granted, by container. */
  readonly granted: Map<string, Requirements>
  /** What it has granted to the pod as a whole, and what its sandbox has of it; undefined for a pod without such resources. */
  grantedWhole?: Requirements
  appliedWhole?: Requirements
  /** A change of resources that waits, and one that is under way, with what holds it up. */
  readonly resize: Resize
  /** All containers are being ended so that all can be started anew. */
  restartingAll?: boolean
  /** All containers have ended and none will start again. */
  terminal: boolean
}

/** A container as the pod's spec declares it, of any kind. Ephemeral containers have the fields that matter here. */
export interface DeclaredContainer {
  spec: Container
  kind: ContainerKind
}

/** All containers of a pod: init first, then main, then ephemeral. */
export function declaredContainers(pod: Pod): DeclaredContainer[] {
  const spec = pod.spec!
  return [
    ...(spec.initContainers ?? []).map((c) => ({ spec: c, kind: 'init' as const })),
    ...spec.containers.map((c) => ({ spec: c, kind: 'main' as const })),
    ...(spec.ephemeralContainers ?? []).map((c) => ({ spec: c as Container, kind: 'ephemeral' as const })),
  ]
}

/** The declaration of a container by name. */
export function declaredContainer(pod: Pod, name: string): DeclaredContainer | undefined {
  return declaredContainers(pod).find((c) => c.spec.name === name)
}

/** An init container with `restartPolicy: Always`: it runs beside the main containers. */
export function isSidecar(container: Container, kind: ContainerKind): boolean {
  return kind === 'init' && container.restartPolicy === 'Always'
}

/** The state of a container, made on first use. */
export function containerState(state: PodState, name: string, kind: ContainerKind): ContainerState {
  let c = state.containers.get(name)
  if (!c) state.containers.set(name, (c = { name, kind }))
  return c
}

/** `name_namespace(uid)`, as kubelet messages call a pod. */
export function podLabel(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
}

/** `spec.containers{web}`: what an event about a container refers to. */
export function containerFieldPath(kind: ContainerKind, name: string): string {
  return `spec.${kind === 'init' ? 'initContainers' : kind === 'main' ? 'containers' : 'ephemeralContainers'}{${name}}`
}

/** The rule of a container for the exit code it ended with. */
export function matchingRule(container: Container, exitCode: number): NonNullable<Container['restartPolicyRules']>[number] | undefined {
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    if (!exitCodes) return false
    const listed = (exitCodes.values ?? []).includes(exitCode)
    return exitCodes.operator === 'In' ? listed : !listed
  })
}

/** Whether any container of a pod may ask for all to be restarted. */
export function mayRestartAll(pod: Pod): boolean {
  return declaredContainers(pod).some(({ spec }) => spec.restartPolicyRules?.some((r) => r.action === 'RestartAllContainers'))
}

/** Whether an exited container is to run again, by its own rules, its own policy, then the pod's. */
export function restartsAfter(container: Container, kind: ContainerKind, pod: Pod, exitCode: number): boolean {
  if (kind === 'ephemeral') return false
  // Either action starts it again: alone, or with all the others.
  if (matchingRule(container, exitCode)) return true
  const policy = container.restartPolicy ?? pod.spec!.restartPolicy ?? 'Always'
  if (policy === 'Never') return false
  // A regular init container that succeeded is done whatever the policy says.
  if (policy === 'OnFailure' || (kind === 'init' && container.restartPolicy !== 'Always')) return exitCode !== 0
  return true
}

/** The latest run of a container in the pod's present sandbox. */
export function currentRun(state: PodState, name: string): Instance | undefined {
  const run = state.containers.get(name)?.current
  return run && state.sandbox && run.sandboxId === state.sandbox.id ? run : undefined
}

/** Whether any main container was created in the present sandbox, which means that initialization is over. */
export function hasInitialized(state: PodState): boolean {
  for (const c of state.containers.values()) if (c.kind === 'main' && currentRun(state, c.name)) return true
  return false
}

/** Takes over what the runtime says of a run. Times of a restored run stay as its status had them. */
export function observe(run: Instance, info: ContainerInfo): void {
  run.state = info.state
  if (info.user) run.user = info.user
  if (info.startedAt !== undefined && !run.restored) run.startedAt = info.startedAt
  if (info.state === 'exited') {
    run.finishedAt = info.finishedAt ?? run.startedAt
    run.exitCode = info.exitCode ?? 0
    run.reason = info.reason ?? (run.exitCode === 0 ? 'Completed' : 'Error')
    if (info.message) run.message = info.message
  }
}
