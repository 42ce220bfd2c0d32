/** Starts one run of a container: image, configuration, creation, start, postStart; with the events that tell of it. */
import { referenceTo } from '../controllers/events.js'
import type { RegistryLogin } from '../runtime/cri.js'
import { containerConfig } from './container-config.js'
import { killContainer } from './container-kill.js'
import { containerEnv } from './env.js'
import type { StartFailure } from './images.js'
import { runHook } from './lifecycle.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { DeclaredContainer, Instance, PodState } from './pod-state.js'
import { oomScoreAdjust } from './oom-score.js'
import { bytes } from './quantity.js'
import { missingImageVolumes } from './volumes/image-volumes.js'
import { containerFieldPath, containerState, observe, podLabel } from './pod-state.js'
import { effectiveResources, grantedResources, inheritedLimits } from './resize.js'

/** What containerd says when the OCI runtime could not start the process. */
function startError(message: string): string {
  return message.startsWith('exec:') || message.startsWith('chdir')
    ? `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${message}`
    : message
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a start needs to know besides. */
export interface StartOptions {
  /** Told of the new run as soon as the runtime knows it. */
  onRun(run: Instance): void
  /** Aborted when the pod is to end. */
  signal: AbortSignal
  /** What the pod has to say to registries. */
  logins: readonly RegistryLogin[]
  /** The image volumes of the pod that cannot be had. */
  missingVolumes: ReadonlyMap<string, StartFailure>
}

/**
 * Starts a container whose turn it is.
 *
 * @returns why it could not be started; undefined when it runs
 */
export async function startContainer(
  kubelet: NodeKubelet,
  state: PodState,
  declared: DeclaredContainer,
  { onRun, signal, logins, missingVolumes }: StartOptions,
): Promise<StartFailure | undefined> {
  const { events, runtime, clock } = kubelet
  const { spec, kind } = declared
  const { pod } = state
  const about = referenceTo('v1', 'Pod', pod, containerFieldPath(kind, spec.name))
  const failed = (text: string): void => events.event(about, 'Warning', 'Failed', `Error: ${text}`)

  const missing = missingImageVolumes(spec, missingVolumes)
  for (const { reason } of missing) failed(reason)
  if (missing.length > 0) return missing.at(-1)

  const image = await kubelet.images.ensure(pod, spec, about, { signal, logins })
  if ('reason' in image) {
    failed(image.reason)
    return image
  }
  signal.throwIfAborted()

  const sandbox = state.sandbox!
  const resources = grantedResources(state, spec)
  const c = containerState(state, spec.name, kind)
  const attempt = c.current ? c.current.attempt + 1 : 0
  let config
  try {
    const env = await containerEnv(pod, spec, {
      node: kubelet.facts,
      podIP: state.ip,
      services: kubelet.services(),
      objects: kubelet.objects,
      volumes: state.volumes,
    })
    config = containerConfig(pod, { ...spec, resources: effectiveResources(state, spec) }, env, state.volumes, image)
    config.attempt = attempt
    config.oomScoreAdj = oomScoreAdjust(pod, { ...spec, resources }, bytes(kubelet.facts.allocatable.memory))
  } catch (error) {
    failed(messageOf(error))
    return { reason: 'CreateContainerConfigError', message: messageOf(error) }
  }
  signal.throwIfAborted()

  let id: string
  try {
    id = await runtime.createContainer(sandbox.id, config)
  } catch (error) {
    failed(messageOf(error))
    return { reason: 'CreateContainerError', message: messageOf(error) }
  }
  events.event(about, 'Normal', 'Created', 'Container created')
  if (image.placeholder && attempt === 0)
    events.event(
      about,
      'Warning',
      'PlaceholderImage',
      `Image ${JSON.stringify(spec.image)} is not in the catalogue of the embedded cluster: a placeholder runs instead and ${config.runsToCompletion && config.ports.length === 0 ? 'ends' : 'listens on the declared ports'}`,
    )

  const run: Instance = {
    id,
    sandboxId: sandbox.id,
    attempt,
    specImage: spec.image ?? '',
    image: image.reference,
    imageID: image.id,
    state: 'created',
    startedAt: 0,
    started: spec.startupProbe === undefined,
    resources,
    inherited: inheritedLimits(state, spec),
  }
  const dropped = c.previous
  c.previous = c.current
  c.current = run
  onRun(run)
  // One ended run is kept, for its log and its last state.
  if (dropped) await runtime.removeContainer(dropped.id).catch(() => undefined)

  try {
    await runtime.startContainer(id)
  } catch (error) {
    const message = startError(messageOf(error))
    Object.assign(run, { state: 'exited', startedAt: 0, finishedAt: clock.now(), exitCode: 128, reason: 'StartError', message })
    failed(message)
    return { reason: 'RunContainerError', message }
  }
  const info = runtime.containerInfo(id)
  if (info) observe(run, info)
  else Object.assign(run, { state: 'running', startedAt: clock.now() })
  events.event(about, 'Normal', 'Started', 'Container started')

  const hook = spec.lifecycle?.postStart
  if (hook && run.state === 'running') {
    try {
      await runHook(hook, {
        clock,
        runtime,
        from: kubelet.network()!,
        podIP: state.ip,
        pod: podLabel(pod),
        container: spec,
        containerId: id,
      })
    } catch (error) {
      events.event(about, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
      await killContainer(kubelet, state, declared, run, { message: 'FailedPostStartHook' })
      return { reason: 'PostStartHookError', message: messageOf(error) }
    }
  }
  return undefined
}
