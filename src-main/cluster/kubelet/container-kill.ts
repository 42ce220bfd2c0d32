/** Stops one running container: preStop, SIGTERM, grace, SIGKILL. Kubernetes documentation, "Termination of Pods". */
import { referenceTo } from '../controllers/events.js'
import { runHook } from './lifecycle.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { DeclaredContainer, Instance, PodState } from './pod-state.js'
import { containerFieldPath, observe, podLabel } from './pod-state.js'
import { untilAborted } from './until-aborted.js'

/** Every container gets at least this many seconds to end by itself. */
const MINIMUM_GRACE = 2

/** The seconds a container has to end, by the pod's deletion, the probe that it is killed for, and the pod's spec. */
function gracePeriod({ pod }: PodState, { spec }: DeclaredContainer, failedProbe: 'liveness' | 'startup' | undefined): number {
  const { deletionGracePeriodSeconds } = pod.metadata
  if (deletionGracePeriodSeconds !== undefined) return Number(deletionGracePeriodSeconds)
  const probe = failedProbe && spec[`${failedProbe}Probe`]
  return Number(probe?.terminationGracePeriodSeconds ?? pod.spec!.terminationGracePeriodSeconds ?? 30)
}

/**
 * Kills a run and waits until it has exited.
 *
 * @param options.message the Killing event's; `Stopping container NAME` by default
 * @param options.graceSeconds instead of what the pod asks for
 * @param options.failedProbe that which the run is killed for
 * @param options.withoutHook leaves out what it would do before it is told to end
 * @param options.signal stops the waiting: whoever aborts it ends the container in another way
 * @param options.turn resolves when this container may be told to end (sidecars wait for the main containers)
 */
export async function killContainer(
  kubelet: NodeKubelet,
  state: PodState,
  declared: DeclaredContainer,
  run: Instance,
  options: {
    message?: string
    graceSeconds?: number
    failedProbe?: 'liveness' | 'startup' | undefined
    turn?: Promise<void>
    withoutHook?: boolean
    signal?: AbortSignal
  } = {},
): Promise<void> {
  const { clock, runtime, events } = kubelet
  const { spec, kind } = declared
  const about = referenceTo('v1', 'Pod', state.pod, containerFieldPath(kind, spec.name))
  events.event(about, 'Normal', 'Killing', options.message ?? `Stopping container ${spec.name}`)
  const grace = options.graceSeconds ?? gracePeriod(state, declared, options.failedProbe)
  const began = clock.now()
  const left = (): number => grace - Math.floor((clock.now() - began) / 1000)

  const hook = options.withoutHook ? undefined : spec.lifecycle?.preStop
  if (hook && grace > 0) {
    const timeUp = new AbortController()
    const done = runHook(hook, {
      clock,
      runtime,
      from: kubelet.network()!,
      podIP: state.ip,
      pod: podLabel(state.pod),
      container: spec,
      containerId: run.id,
    }).catch(() => events.event(about, 'Warning', 'FailedPreStopHook', 'PreStopHook failed'))
    const overOrLate = Promise.race([done, clock.sleep(grace * 1000, timeUp.signal).catch(() => undefined)])
    await untilAborted(overOrLate, options.signal).finally(() => timeUp.abort())
  }
  if (options.turn && left() > 0) {
    const timeUp = new AbortController()
    await Promise.race([options.turn, clock.sleep(left() * 1000, timeUp.signal).catch(() => undefined)])
    timeUp.abort()
  }
  run.stopping = true
  await untilAborted(runtime.stopContainer(run.id, Math.max(left(), MINIMUM_GRACE)), options.signal)
  const info = runtime.containerInfo(run.id)
  if (info) observe(run, info)
}
