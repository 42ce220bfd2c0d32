/**
 * kube-scheduler: takes pods without a node from the queue one by one, finds the best node for each and binds it
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/).
 */
import type { Client, Informer, Informers, UserInfo } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Namespace, Node, Pod } from '../api/object.js'
import { keyOf } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { ResourceDiscovery } from '../controllers/discovery.js'
import { servedInformers } from '../controllers/discovery.js'
import { EventRecorder, referenceTo } from '../controllers/events.js'
import { isPodFinished } from '../controllers/pods.js'
import type { Random } from '../random.js'
import { BindFailure, Binder } from './binder.js'
import { SchedulerCache } from './cache.js'
import type { SchedulingRecord } from './explain.js'
import { recordOf, SchedulingRecords } from './explain.js'
import { nodeChanged, podChanged } from './changes.js'
import type { ClusterEvent, Plugin, SchedulerView } from './framework.js'
import { NO_NODES, noNodeFits } from './messages.js'
import type { NodeInfo } from './nodeinfo.js'
import { Nominations } from './nominations.js'
import type { PodInfo } from './podinfo.js'
import { podInfo } from './podinfo.js'
import { PodWriter } from './pod-writer.js'
import { DynamicResources } from './plugins/dynamicresources.js'
import type { FitStrategy } from './plugins/noderesources.js'
import { NodeVolumeLimits } from './plugins/nodevolumelimits.js'
import { VolumeBinding } from './plugins/volumebinding.js'
import type { VolumeChange } from './plugins/volumehints.js'
import { VolumeRestrictions } from './plugins/volumerestrictions.js'
import { VolumeZone } from './plugins/volumezone.js'
import type { PodDisruptionBudget } from './preemption.js'
import { findPreemption } from './preemption.js'
import type { VolumePlugins } from './profile.js'
import { defaultProfile } from './profile.js'
import type { QueuedPod } from './queue.js'
import { SchedulingQueue } from './queue.js'
import type { Selection } from './selection.js'
import { selectNode } from './selection.js'
import { equalResources } from './resources.js'
import { SpreadSelectors } from './spreadselector.js'

export interface SchedulerOptions {
  /** Gives a client that acts as a user. */
  client(user: UserInfo): Client
  informers: Informers
  clock: Clock
  random: Random
  /** Which resources there are; kinds that the cluster does not have are taken to be empty. All by default. */
  discovery?: ResourceDiscovery
  /** Pods with this `spec.schedulerName` are scheduled; `default-scheduler` by default. */
  name?: string
  fitStrategy?: FitStrategy
  /** For how many pods the reasons of their placement are kept; 5000 by default. */
  records?: number
  /** Told of errors that are nobody else's business, for the cluster's log. */
  log?(message: string, error: unknown): void
}

export interface Scheduler {
  /** Why a pod is where it is, or nowhere: the record of the last attempt. `podKey` is `namespace/name`. */
  explain(podKey: string): SchedulingRecord | undefined
  /** How many pods wait, by the part of the queue they are in. */
  pending(): { active: number; backoff: number; unschedulable: number }
  stop(): void
}

const USER: UserInfo = { username: 'system:kube-scheduler', groups: ['system:authenticated'] }
/** Bindings under way at the same time; more pods wait in the queue. */
const MAX_BINDINGS = 256
/** After so many pods others get a turn. */
const PODS_PER_TURN = 16

/** Starts the scheduler; it begins as soon as its informers have synced. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  return new DefaultScheduler(options)
}

class DefaultScheduler implements Scheduler {
  private readonly name: string
  private readonly client: Client
  private readonly writer: PodWriter
  private readonly clock: Clock
  private readonly random: Random
  private readonly events: EventRecorder
  private readonly cache = new SchedulerCache()
  private readonly nominations = new Nominations()
  private readonly queue: SchedulingQueue
  private readonly records: SchedulingRecords
  private readonly spread: SpreadSelectors
  private readonly volumes: VolumePlugins
  private readonly devices: DynamicResources
  private readonly view: SchedulerView
  private readonly plugins: readonly Plugin[]
  private readonly binder: Binder
  private readonly pods: Informer<Pod>
  private readonly namespaces: Informer<Namespace>
  private readonly budgets: Informer<PodDisruptionBudget>
  private readonly stops: (() => void)[] = []
  private readonly log: (message: string, error: unknown) => void
  private nextStart = 0
  private bindings = 0
  private onBindingDone: (() => void) | undefined
  private started = false
  private stopped = false
  private running = false

  constructor(options: SchedulerOptions) {
    const informers = servedInformers(options.informers, options.discovery)
    this.name = options.name ?? 'default-scheduler'
    this.clock = options.clock
    this.random = options.random
    this.log = options.log ?? (() => {})
    this.client = options.client(USER)
    const onError = (error: unknown): void => this.log('recording an event of the scheduler failed', error)
    this.events = new EventRecorder({ client: this.client, clock: this.clock, component: this.name, style: 'series', onError })
    this.writer = new PodWriter({ client: this.client, clock: this.clock, events: this.events, scheduler: this.name, log: this.log })
    this.queue = new SchedulingQueue(this.clock, () => this.pump())
    this.records = new SchedulingRecords(options.records ?? 5000)
    this.spread = new SpreadSelectors(informers)
    const changed = (change: VolumeChange): void => this.moved({ type: 'VolumeChange', change })
    this.volumes = {
      restrictions: new VolumeRestrictions(informers),
      limits: new NodeVolumeLimits(informers, changed),
      binding: new VolumeBinding({ client: this.client, informers, clock: this.clock, changed }),
      zone: new VolumeZone(informers),
    }
    this.namespaces = informers.for<Namespace>(resources.namespaces)
    this.budgets = informers.for<PodDisruptionBudget>(resources.poddisruptionbudgets)
    this.view = {
      cache: this.cache,
      spreadSelector: (pod) => this.spread.of(pod),
      namespaceLabels: (namespace) => this.namespaces.get('', namespace)?.metadata.labels,
    }
    this.devices = new DynamicResources({
      client: this.client,
      informers,
      clock: this.clock,
      random: this.random,
      changed: (event) => this.onClaims(event),
    })
    this.stops.push(this.devices.stop)
    this.plugins = defaultProfile(this.volumes, this.devices, options.fitStrategy)
    this.binder = new Binder({ client: this.client, events: this.events, writer: this.writer, plugins: this.plugins })
    const nodes = informers.for<Node>(resources.nodes)
    this.pods = informers.for<Pod>(resources.pods)
    this.stops.push(
      nodes.on({
        add: (node) => {
          this.cache.setNode(node)
          this.moved({ type: 'NodeAdd', node })
        },
        update: (old, node) => {
          this.cache.setNode(node)
          this.moved({ type: 'NodeUpdate', old, node })
        },
        delete: (node) => {
          this.cache.removeNode(node.metadata.name!)
          this.moved({ type: 'NodeDelete', node })
        },
      }),
      this.pods.on({
        add: (pod) => this.onPod(undefined, pod),
        update: (old, pod) => this.onPod(old, pod),
        delete: (pod) => this.onPodGone(pod),
      }),
      this.namespaces.on({
        update: (old, namespace) => {
          if (JSON.stringify(old.metadata.labels) === JSON.stringify(namespace.metadata.labels)) return
          this.cache.resetCounters()
          this.moved({ type: 'NamespaceUpdate' })
        },
      }),
    )
    const { limits, binding } = this.volumes
    const views = [this.namespaces, this.budgets, limits, binding, this.devices].map((v) => v.synced)
    void Promise.all([nodes.synced, this.pods.synced, ...views]).then(() => {
      this.started = true
      this.pump()
    })
  }

  explain(podKey: string): SchedulingRecord | undefined {
    return this.records.get(podKey)
  }

  pending(): { active: number; backoff: number; unschedulable: number } {
    return this.queue.size
  }

  stop(): void {
    this.stopped = true
    this.queue.stop()
    this.spread.stop()
    this.volumes.binding.stop()
    this.volumes.limits.stop()
    for (const stop of this.stops) stop()
  }

  // ---- what happens in the cluster ----

  private isMine(pod: Pod): boolean {
    return (pod.spec?.schedulerName ?? 'default-scheduler') === this.name
  }

  private onPod(old: Pod | undefined, pod: Pod): void {
    const key = keyOf(pod)
    if (pod.spec?.nodeName) {
      this.queue.remove(key)
      this.nominations.remove(key)
      if (isPodFinished(pod)) {
        if (!this.cache.podOn(key)) return
        this.cache.removePod(key)
        return this.moved({ type: 'AssignedPodDelete', pod })
      }
      const known = this.cache.podOn(key)
      const info = podInfo(pod)
      this.cache.setPod(info)
      if (!old || !known || known.info.pod.spec!.nodeName !== pod.spec.nodeName) this.moved({ type: 'AssignedPodAdd', pod })
      else if (podChanged(old, pod) || !equalResources(known.info.requests, info.requests))
        this.moved({ type: 'AssignedPodUpdate', old, pod })
      return
    }
    if (!this.isMine(pod) || isPodFinished(pod)) return
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.queue.remove(key)
      this.nominations.remove(key)
      return
    }
    if (this.cache.isAssumed(key)) return
    const info = podInfo(pod)
    // A version from before our own note of the nomination does not undo it.
    const nominated = pod.status?.nominatedNodeName
    if (nominated || old?.status?.nominatedNodeName) this.nominations.set(info, nominated)
    const queued = this.queue.find(key)
    if (!queued) {
      if (!old || !this.isMine(old)) this.enqueue(info, 0)
      return
    }
    this.queue.replace(info)
    if (queued.gated) {
      if (!this.heldBack(pod)) this.enqueue(info, queued.attempts)
    } else if (old && podChanged(old, pod) && this.helps(queued, { type: 'PodUpdate', old, pod })) this.queue.retry(key)
  }

  private onPodGone(pod: Pod): void {
    const key = keyOf(pod)
    this.queue.remove(key)
    this.nominations.remove(key)
    this.records.remove(key)
    if (!pod.spec?.nodeName && !this.cache.isAssumed(key)) return
    for (const plugin of this.plugins) plugin.abandon?.(pod.metadata.uid!)
    this.cache.removePod(key)
    this.moved({ type: 'AssignedPodDelete', pod })
  }

  /** Claims for devices have changed: pods that were held back for want of them may be tried. */
  private onClaims(event: ClusterEvent): void {
    for (const { info, attempts } of this.queue.gated()) if (!this.heldBack(info.pod)) this.enqueue(info, attempts)
    this.moved(event)
  }

  private heldBack(pod: Pod): string | undefined {
    return this.plugins.find((p) => p.holdsBack?.(pod))?.name
  }

  private enqueue(info: PodInfo, attempts: number): void {
    const by = this.heldBack(info.pod)
    if (!by) return this.queue.add(info, attempts)
    const now = this.clock.now()
    this.queue.addUnschedulable({ info, attempts, queuedAt: now, triedAt: now, rejectedBy: new Set([by]), gated: true })
  }

  /** Something changed that may let waiting pods fit. */
  private moved(event: ClusterEvent): void {
    if (this.queue.size.unschedulable === 0 || (event.type === 'NodeUpdate' && !nodeChanged(event.old, event.node))) return
    this.queue.move((queued) => this.helps(queued, event))
  }

  /** Whether one of the plugins that refused a pod says that an event may help it. */
  private helps({ rejectedBy, info }: QueuedPod, event: ClusterEvent): boolean {
    if (rejectedBy.size === 0) return true
    return this.plugins.some((p) => rejectedBy.has(p.name) && p.helps?.(event, info, this.view))
  }

  // ---- the loop ----

  private pump(): void {
    if (this.running || !this.started || this.stopped) return
    this.running = true
    void this.clock.track(this.run())
  }

  private async run(): Promise<void> {
    // Not within the event that brought the pod: its whole batch should be seen first.
    await Promise.resolve()
    for (let n = 1; !this.stopped; n++) {
      if (this.bindings >= MAX_BINDINGS) {
        // Whoever frees a place calls again; a loop that waited here would hold up a jump of the clock.
        this.onBindingDone = () => this.pump()
        break
      }
      const next = this.queue.pop()
      if (!next) break
      try {
        this.scheduleOne(next)
      } catch (error) {
        this.failed(next, `scheduling ${next.info.key}`, error)
      }
      if (n % PODS_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    this.running = false
  }

  private scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    queued.attempts++
    queued.triedAt = this.clock.now()
    const selection = selectNode({
      pod: info,
      view: this.view,
      plugins: this.plugins,
      nominations: this.nominations,
      start: this.nextStart,
      random: this.random,
    })
    this.nextStart = selection.nextStart
    if (!selection.chosen) return this.fitsNowhere(queued, selection)
    const message = `Successfully assigned ${info.key} to ${selection.chosen.name}`
    this.records.add(recordOf(queued, selection, { outcome: 'Scheduled', message }))
    this.cache.assume(info, selection.chosen)
    this.nominations.remove(info.key)
    for (const plugin of this.plugins) plugin.reserve?.(info, selection.chosen)
    this.bindings++
    void this.bind(queued, selection.chosen, message).finally(() => {
      this.bindings--
      const resume = this.onBindingDone
      this.onBindingDone = undefined
      resume?.()
    })
  }

  private async bind(queued: QueuedPod, node: NodeInfo, message: string): Promise<void> {
    const { info } = queued
    try {
      await this.binder.bind(info, node, message)
    } catch (error) {
      for (const plugin of this.plugins) plugin.unreserve?.(info)
      // Of a pod that is gone, nothing is left to take back; another may have come by its name.
      if (this.pods.get(info.namespace, info.pod.metadata.name!)?.metadata.uid !== info.uid) return
      this.cache.forget(info.key)
      this.moved({ type: 'AssignedPodDelete', pod: info.pod })
      if (this.stopped || (error instanceof BindFailure && error.isGone)) return
      this.failed(queued, `binding ${info.key} to ${node.name}`, error)
    }
  }

  /**
   * Something went wrong with a pod that is not for want of a node: that is told, and the pod is tried again as it is
   * by then, unless it has a node now or is going.
   */
  private failed(queued: QueuedPod, doing: string, error: unknown): void {
    const { key, namespace, pod } = queued.info
    const text = (error as Error).message
    this.log(`${doing} failed`, error)
    this.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedScheduling', text, { action: 'Scheduling' })
    const now = this.pods.get(namespace, pod.metadata.name!) ?? pod
    if (now.spec!.nodeName || now.metadata.deletionTimestamp !== undefined || isPodFinished(now) || this.queue.has(key)) return
    queued.info = podInfo(now)
    void this.writer.report(queued.info, 'SchedulerError', text, now.status?.nominatedNodeName)
    queued.triedAt = this.clock.now()
    queued.rejectedBy = new Set()
    this.queue.addBackoff(queued)
  }

  private fitsNowhere(queued: QueuedPod, selection: Selection): void {
    const { info } = queued
    queued.rejectedBy = selection.rejectedBy
    let message: string
    let nominated = info.pod.status?.nominatedNodeName
    if (selection.total === 0) message = NO_NODES
    else {
      message = noNodeFits(selection.total, selection.reasons, selection.everywhere)
      const preemption = findPreemption({
        pod: info,
        filters: selection.filters,
        nominations: this.nominations,
        rejections: selection.rejections,
        nominatedNode: nominated ? this.cache.nodes.get(nominated) : undefined,
        budgets: [...this.budgets.list()],
        random: this.random,
      })
      if (typeof preemption === 'string') {
        message += ` ${this.devices.postFilter(info)}, preemption: ${preemption}`
        // Room that was promised and cannot be had any more is promised to nobody.
        if (!preemption.startsWith('not eligible')) nominated = undefined
      } else {
        nominated = preemption.node.name
        for (const other of this.nominations.on(nominated).filter(({ priority }) => priority < info.priority)) {
          this.nominations.remove(other.key)
          void this.writer.withdrawNomination(other)
        }
        this.writer.evict(info, nominated, preemption.victims)
      }
    }
    this.nominations.set(info, nominated)
    this.records.add(recordOf(queued, selection, { outcome: 'Unschedulable', message, nominated }))
    this.queue.addUnschedulable(queued)
    this.events.event(referenceTo('v1', 'Pod', info.pod), 'Warning', 'FailedScheduling', message, { action: 'Scheduling' })
    void this.writer.report(info, 'Unschedulable', message, nominated)
  }
}
