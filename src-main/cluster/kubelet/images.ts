/**
 * Images on one node: pulls by policy, one pull after the other (the kubelet's default), with back-off and the events
 * that tell of it. Kubernetes documentation, "Images".
 */
import type { EventRecorder, ObjectReference } from '../controllers/events.js'
import type { Container, Pod } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { ContainerRuntime, PulledImage, RegistryLogin } from '../runtime/cri.js'
import { ImageError } from '../runtime/cri.js'
import { BackOff } from './backoff.js'
import { goDuration } from '../go-duration.js'
import { imageNameError } from './image-name.js'

/** Why a container cannot run yet, as `state.waiting` shows it. */
export interface StartFailure {
  reason: string
  message?: string
  /** When (ms since the epoch) trying again makes sense; undefined for the usual retry. */
  retryAt?: number
}

/** What asks for an image: a container, or a volume. */
export type WithImage = Pick<Container, 'image' | 'imagePullPolicy'>

export interface PullOptions {
  /** Aborted when the pod is to end. */
  signal: AbortSignal
  /** What the pod has to say to registries. */
  logins: readonly RegistryLogin[]
}

export class NodeImages {
  private readonly backOff: BackOff
  private readonly lastErrors = new Map<string, string>()
  private queue: Promise<unknown> = Promise.resolve()
  /** Counts what was pulled. */
  version = 0

  constructor(
    private readonly node: string,
    private readonly runtime: ContainerRuntime,
    private readonly clock: Clock,
    private readonly events: EventRecorder,
  ) {
    this.backOff = new BackOff(clock)
  }

  /** Whether starting this container will have to wait for a registry. */
  needsPull(container: WithImage): boolean {
    if (container.imagePullPolicy === 'Never') return false
    return container.imagePullPolicy === 'Always' || !this.present(container.image ?? '')
  }

  /**
   * Makes sure that the image of a container or a volume is on the node.
   *
   * @param about the container or the pod, for events
   */
  async ensure(pod: Pod, container: WithImage, about: ObjectReference, options: PullOptions): Promise<PulledImage | StartFailure> {
    const image = container.image ?? ''
    const nameError = imageNameError(image)
    if (nameError) {
      const message = `Failed to apply default image tag ${JSON.stringify(image)}: ${nameError}`
      this.events.event(about, 'Warning', 'InspectFailed', message)
      return { reason: 'InvalidImageName', message }
    }
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const present = policy === 'Always' ? undefined : this.present(image)
    // What another pod has pulled with its Secret is not for everybody: who has none must ask the registry.
    if (present && (policy === 'Never' || (this.runtime.mayUse?.(image, options.logins) ?? true))) {
      this.events.event(
        about,
        'Normal',
        'Pulled',
        `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`,
      )
      return present
    }
    if (policy === 'Never') {
      const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`
      this.events.event(about, 'Warning', 'ErrImageNeverPull', message)
      return { reason: 'ErrImageNeverPull', message }
    }
    return this.pull(`${pod.metadata.uid}_${image}`, image, about, options)
  }

  /** Forgets the back-off of a pod's images. */
  forget(pod: Pod, images: Iterable<string>): void {
    for (const image of images) {
      this.backOff.forget(`${pod.metadata.uid}_${image}`)
      this.lastErrors.delete(`${pod.metadata.uid}_${image}`)
    }
  }

  private present(image: string): PulledImage | undefined {
    try {
      return this.runtime.imageStatus(this.node, image)
    } catch (error) {
      if (error instanceof ImageError) return undefined
      throw error
    }
  }

  private async pull(
    key: string,
    image: string,
    about: ObjectReference,
    { signal, logins }: PullOptions,
  ): Promise<PulledImage | StartFailure> {
    const heldUntil = this.backOff.heldSinceUpdate(key)
    if (heldUntil !== undefined) {
      const held = `Back-off pulling image ${JSON.stringify(image)}`
      this.events.event(about, 'Normal', 'BackOff', held)
      const last = this.lastErrors.get(key)
      return { reason: 'ImagePullBackOff', message: last ? `${held}: ${last}` : held, retryAt: heldUntil }
    }
    this.lastErrors.delete(key)
    this.events.event(about, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`)
    const asked = this.clock.now()
    let started = asked
    try {
      const pulled = await this.inTurn(() => {
        started = this.clock.now()
        signal.throwIfAborted()
        return this.runtime.pullImage(this.node, image, signal, logins)
      })
      this.version++
      const ended = this.clock.now()
      const took = goDuration(Math.floor(ended - started))
      const inAll = goDuration(Math.floor(ended - asked))
      this.events.event(
        about,
        'Normal',
        'Pulled',
        `Successfully pulled image ${JSON.stringify(image)} in ${took} (${inAll} including waiting). Image size: ${pulled.size} bytes.`,
      )
      return pulled
    } catch (error) {
      if (signal.aborted) throw error
      const message = error instanceof Error ? error.message : String(error)
      const reason = error instanceof ImageError ? error.reason : 'ErrImagePull'
      this.events.event(about, 'Warning', 'Failed', `Failed to pull image ${JSON.stringify(image)}: ${message}`)
      this.backOff.next(key, this.clock.now())
      this.lastErrors.set(key, `${reason}: ${message}`)
      return { reason, message }
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }
}
