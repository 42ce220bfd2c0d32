/** Ends all containers of a pod and frees its sandbox. Kubernetes documentation, "Termination of Pods". */
import { killContainer } from './container-kill.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { DeclaredContainer, Instance, PodState } from './pod-state.js'
import { declaredContainer, declaredContainers, isSidecar } from './pod-state.js'
import { crashKey } from './sync.js'

interface Victim {
  declared: DeclaredContainer
  run: Instance
}

/**
 * Kills what runs: main containers together, then sidecars one by one, the last first; frees the address.
 *
 * @param graceSeconds instead of what the pod asks for
 */
export async function terminateContainers(kubelet: NodeKubelet, state: PodState, graceSeconds?: number): Promise<void> {
  const { pod } = state
  const victims: Victim[] = []
  for (const c of state.containers.values()) {
    const declared = declaredContainer(pod, c.name)
    if (declared && c.current?.state === 'running') victims.push({ declared, run: c.current })
  }
  const order = new Map((pod.spec!.initContainers ?? []).map((c, i) => [c.name, i]))
  const sidecar = (v: Victim): boolean => isSidecar(v.declared.spec, v.declared.kind)
  const kill = ({ declared, run }: Victim, turn?: Promise<void>): Promise<void> =>
    killContainer(kubelet, state, declared, run, {
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      ...(turn ? { turn } : {}),
    })

  const main = victims.filter((v) => !sidecar(v)).map((v) => kill(v))
  let turn: Promise<void> = Promise.all(main).then(() => undefined)
  const all: Promise<void>[] = [...main]
  const sidecars = victims.filter(sidecar).sort((a, b) => order.get(b.declared.spec.name)! - order.get(a.declared.spec.name)!)
  for (const v of sidecars) {
    const ended = kill(v, turn)
    all.push(ended)
    turn = Promise.all([turn, ended]).then(() => undefined)
  }
  await Promise.all(all)
  if (state.sandbox) {
    await kubelet.runtime.stopPodSandbox(state.sandbox.id)
    state.endedSandbox = state.sandbox.id
    delete state.sandbox
  }
  kubelet.volumes.release(pod)
}

/** Asks the runtime to end what still runs within fewer seconds: the pod's grace period was shortened meanwhile. */
export function hurryContainers(kubelet: NodeKubelet, state: PodState, graceSeconds: number): void {
  for (const c of state.containers.values())
    if (c.current?.state === 'running') void kubelet.runtime.stopContainer(c.current.id, graceSeconds).catch(() => undefined)
}

/** Drops everything of an ended pod: containers with their logs, sandbox, volumes. */
export async function removePod(kubelet: NodeKubelet, state: PodState): Promise<void> {
  const { runtime } = kubelet
  for (const c of state.containers.values())
    for (const run of [c.current, c.previous]) if (run) await runtime.removeContainer(run.id).catch(() => undefined)
  const sandbox = state.sandbox?.id ?? state.endedSandbox
  if (sandbox) await runtime.removePodSandbox(sandbox).catch(() => undefined)
  delete state.sandbox
  delete state.endedSandbox
  state.volumes.clear()
  kubelet.volumes.release(state.pod)
  for (const { spec } of declaredContainers(state.pod)) kubelet.crashes.forget(crashKey(state, spec))
  kubelet.images.forget(state.pod, new Set(declaredContainers(state.pod).map((d) => d.spec.image ?? '')))
  kubelet.volumes.tokens.forget(state.pod.metadata.uid!)
}
