/**
 * The frame of a controller: informers tell what changed, handlers turn that into keys, workers call `sync(key)`, which
 * compares what is wanted with what is there and does the difference. Errors bring the key back with back-off.
 */
import { isReason } from '../api/errors.js'
import type { Client, Informer, InformerHandlers, Informers } from '../api/client.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { EventRecorder } from './events.js'
import { WorkQueue } from './workqueue.js'

/** What every controller is given. */
export interface ControllerContext {
  /** Acts as the controller's own user. */
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly random: Random
  /** Records events under the controller's name. */
  readonly events: EventRecorder
  /** Told of errors that are not a conflict or an absence, for the cluster's log. */
  log(message: string, error: unknown): void
}

/** A controller that runs. */
export interface Controller {
  readonly name: string
  stop(): void
}

export interface KeyedControllerOptions {
  name: string
  /** How many keys are synced at once; Kubernetes' own default for most controllers is 5. */
  workers?: number
  /** Brings one object to what it should be. */
  sync(key: string): Promise<void>
  /** After this many failures in a row a key is dropped until something changes; by default never. */
  maxRetries?: number
}

/** Informer handlers, a queue and its workers under one name. */
export class KeyedController implements Controller {
  readonly name: string
  readonly queue: WorkQueue
  private readonly stops: (() => void)[] = []
  private stopped = false

  constructor(
    private readonly ctx: ControllerContext,
    private readonly options: KeyedControllerOptions,
  ) {
    this.name = options.name
    this.queue = new WorkQueue({
      clock: ctx.clock,
      workers: options.workers ?? 5,
      process: async (key) => {
        await options.sync(key)
        this.queue.forget(key)
      },
      onError: (key, error) => this.failed(key, error),
    })
  }

  /** Listens to an informer for as long as the controller runs. */
  listen<T>(informer: Informer<T>, handlers: InformerHandlers<T>): void {
    this.stops.push(informer.on(handlers))
  }

  /** Something to end together with the controller. */
  onStop(fn: () => void): void {
    this.stops.push(fn)
  }

  /** Starts the workers as soon as all given informers have their first list. */
  startAfter(...informers: readonly { readonly synced: Promise<void> }[]): this {
    void Promise.all(informers.map((i) => i.synced)).then(() => {
      if (!this.stopped) this.queue.start()
    })
    return this
  }

  stop(): void {
    this.stopped = true
    this.queue.stop()
    for (const stop of this.stops) stop()
    this.stops.length = 0
  }

  private failed(key: string, error: unknown): void {
    // A conflict or an absence means that the cache was behind: trying again is all there is to do.
    if (!isReason(error, 'Conflict', 'NotFound', 'AlreadyExists')) this.ctx.log(`syncing ${this.name} ${key} failed`, error)
    const { maxRetries } = this.options
    if (maxRetries !== undefined && this.queue.requeues(key) >= maxRetries) {
      this.queue.forget(key)
      return
    }
    this.queue.addRateLimited(key)
  }
}
