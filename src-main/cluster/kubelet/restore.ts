/**
 * What a pod's status says of a life that the kubelet did not see. After a restart of the simulator its pods are brought
 * back just as they were: same containers, same counts, same address. After a reboot of its node, what ran has ended.
 */
import type { ContainerStatus, Pod } from '../api/object.js'
import { containerConfig } from './container-config.js'
import { containerEnv } from './env.js'
import { parseGoDuration } from '../go-duration.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { Instance, PodState, Requirements } from './pod-state.js'
import { containerState, declaredContainer, declaredContainers } from './pod-state.js'
import { effectiveResources, inheritedLimits } from './resize.js'
import { RUNTIME_SCHEME } from './status.js'
import { crashKey, makeSandbox } from './sync.js'
import { restoreImageVolumes } from './volumes/image-volumes.js'

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

/** Whether the pod had a sandbox before the kubelet saw it first. */
export function hasPast(pod: Pod): boolean {
  const { podIP, containerStatuses, initContainerStatuses } = pod.status ?? {}
  return Boolean(podIP) || [...(containerStatuses ?? []), ...(initContainerStatuses ?? [])].some((s) => s.containerID)
}

function bareId(id: string | undefined): string {
  return (id ?? '').startsWith(RUNTIME_SCHEME) ? id!.slice(RUNTIME_SCHEME.length) : (id ?? '')
}

/** ms since the epoch; 0 for none. */
function time(text: string | undefined): number {
  return text ? Date.parse(text) : 0
}

function endedRun(specImage: string, status: ContainerStatus, ended: Ended, attempt: number): Instance {
  return {
    id: bareId(ended.containerID),
    sandboxId: '',
    attempt,
    specImage,
    image: status.image,
    imageID: status.imageID,
    state: 'exited',
    startedAt: time(ended.startedAt),
    finishedAt: time(ended.finishedAt),
    exitCode: ended.exitCode,
    ...(ended.reason ? { reason: ended.reason } : {}),
    ...(ended.message ? { message: ended.message } : {}),
    started: false,
    resources: (status.resources as Requirements | undefined) ?? {},
    restored: true,
  }
}

/** Fills the containers of a pod's state from its status; runs keep the sandbox id '' until they have one. */
export function recallContainers(state: PodState): void {
  const { pod } = state
  const status = pod.status ?? {}
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])]
  for (const s of all) {
    const declared = declaredContainer(pod, s.name)
    if (!declared) continue
    const c = containerState(state, s.name, declared.kind)
    const image = declared.spec.image ?? ''
    const last = s.lastState?.terminated
    if (s.state?.running) {
      c.current = {
        id: bareId(s.containerID),
        sandboxId: '',
        attempt: s.restartCount,
        specImage: image,
        image: s.image,
        imageID: s.imageID,
        state: 'running',
        startedAt: time(s.state.running.startedAt),
        started: s.started ?? true,
        ready: s.ready,
        resources: (s.resources as Requirements | undefined) ?? {},
        restored: true,
      }
      if (last) c.previous = endedRun(image, s, last, s.restartCount - 1)
    } else if (s.state?.terminated) {
      c.current = endedRun(image, s, s.state.terminated, s.restartCount)
      if (last) c.previous = endedRun(image, s, last, s.restartCount - 1)
    } else if (s.state?.waiting) {
      if (last) c.current = endedRun(image, s, last, s.restartCount)
      const { reason, message } = s.state.waiting
      if (reason && reason !== 'ContainerCreating' && reason !== 'PodInitializing') c.waiting = { reason, ...(message ? { message } : {}) }
    }
  }
}

/** Marks all that ran as lost with the machine it ran on. */
export function loseContainers(state: PodState, now: number): void {
  for (const c of state.containers.values()) {
    if (c.current?.state !== 'running') continue
    Object.assign(c.current, { state: 'exited', finishedAt: now, exitCode: 255, reason: 'Unknown', ready: false })
  }
}

/** Goes on with a back-off where its message says it was. */
function recallBackOff(kubelet: NodeKubelet, state: PodState): void {
  for (const c of state.containers.values()) {
    const text = c.waiting?.reason === 'CrashLoopBackOff' ? /^back-off (\S+) /.exec(c.waiting.message ?? '')?.[1] : undefined
    const delay = text === undefined ? undefined : parseGoDuration(text)
    const declared = declaredContainer(state.pod, c.name)
    if (delay !== undefined && declared) kubelet.crashes.restore(crashKey(state, declared.spec), delay)
  }
}

/**
 * Brings a pod back after a restart of the simulator: its sandbox under its old address, and what was running starts
 * anew under the old container ids. Neither its status nor any event tells of it.
 */
export async function restorePod(kubelet: NodeKubelet, state: PodState, onRun: (run: Instance) => void): Promise<void> {
  const { runtime } = kubelet
  const { pod } = state
  recallBackOff(kubelet, state)
  for (const volume of pod.spec!.volumes ?? [])
    if (!volume.image && !state.volumes.has(volume.name)) state.volumes.set(volume.name, await kubelet.volumes.setUp(volume, pod, state.ip))
  restoreImageVolumes(kubelet, state)
  if (!state.sandbox) await makeSandbox(kubelet, state, pod.spec!.hostNetwork ? undefined : pod.status?.podIP)
  const sandboxId = state.sandbox!.id
  for (const { spec, kind } of declaredContainers(pod)) {
    const c = containerState(state, spec.name, kind)
    const run = c.current
    if (!run || run.sandboxId === sandboxId) continue
    if (run.state !== 'running') {
      run.sandboxId = sandboxId
      continue
    }
    const env = await containerEnv(pod, spec, {
      node: kubelet.facts,
      podIP: state.ip,
      services: kubelet.services(),
      objects: kubelet.objects,
      volumes: state.volumes,
      filesLost: true,
    })
    run.inherited = inheritedLimits(state, spec)
    const granted = { ...spec, resources: effectiveResources(state, spec) }
    const config = containerConfig(pod, granted, env, state.volumes, undefined, run.id)
    run.id = await runtime.createContainer(sandboxId, { ...config, attempt: run.attempt })
    run.sandboxId = sandboxId
    onRun(run)
    await runtime.startContainer(run.id)
  }
}
