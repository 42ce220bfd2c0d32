/**
 * One node: its Node object, its Lease, its network and the workers of its pods. It owns no timer: the engine's shared
 * one calls {@link KubeletNode.heartbeat}.
 */
import type { Client, Informer, ResourceClient } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Node, Pod, Service } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Clock } from '../clock.js'
import { EventRecorder, referenceTo } from '../controllers/events.js'
import type { ObjectReference } from '../controllers/events.js'
import type { Network, NetworkNamespace } from '../network/network.js'
import type { Random } from '../random.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import { refusal, resizeRefusal } from './admission.js'
import { BackOff } from './backoff.js'
import { afterMakingRoom } from './critical-pods.js'
import { Evictions } from './eviction.js'
import { serveHealthPort } from './health-port.js'
import { NodeImages } from './images.js'
import { NodeLease } from './lease.js'
import { NodeReport } from './node-report.js'
import { NodeEndpoint } from './node-endpoint.js'
import type { NodeFacts } from './downward-api.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'
import { endPods, SHUTTING_DOWN, shutdownSteps } from './node-shutdown.js'
import type { Machine } from './node-status.js'
import { allocatableResources, nodeLabels, nodeStatus } from './node-status.js'
import { makeNodeObject } from './node-registration.js'
import type { ClusterDns } from './pod-dns.js'
import { Relist } from './relist.js'
import type { Beginning, WorkerHooks } from './pod-worker.js'
import { PodWorker } from './pod-worker.js'
import { bytes } from './quantity.js'
import { referencedObjects } from './referenced-objects.js'
import type { PendingResize } from './resize.js'
import { resizeOrder } from './resize-order.js'
import { hasPast } from './restore.js'
import { isMirror, podIdentity, StaticPods } from './static-pods.js'
import { isFinal } from './status.js'
import { sameContent } from './status-writer.js'
import { AttachedVolumes } from './volumes/attached.js'
import type { PersistentVolumes } from './volumes/volumes.js'
import { NodeVolumes } from './volumes/volumes.js'

const REGISTER_RETRY_MS = 200
/** `kernel.pid_max` where nothing else is said. */
const DEFAULT_PIDS = 32_768
const DEFAULTS: KubeletConfiguration = {}

export interface NodeOptions {
  machine: Machine
  /** False for a machine whose power is off. */
  running: boolean
  /** Acts as the node: `system:node:NAME`. */
  client: Client
  /** Acts as the installer of the cluster, for what a kubelet may not do to its own Node. */
  installer: Client
  clock: Clock
  random: Random
  runtime: ContainerRuntime
  network: Network
  dns: ClusterDns
  services: Informer<Service>
  persistent: PersistentVolumes
  /** See {@link Relist}, ms. */
  relistMs: number
  log(message: string, error: unknown): void
  /** Tells the engine which worker a container belongs to. */
  onRun(containerId: string, worker: PodWorker): void
  /** Tells the engine of a new worker, and of one that is done. */
  onWorker(worker: PodWorker, present: boolean): void
}

export class KubeletNode {
  readonly kubelet: NodeKubelet
  readonly endpoint: NodeEndpoint
  private hardware: Machine
  private readonly workers = new Map<string, PodWorker>()
  private readonly byName = new Map<string, PodWorker>()
  private readonly lease: NodeLease
  private readonly evictions: Evictions
  private readonly statics: StaticPods
  private readonly nodes: ResourceClient<Node>
  private readonly pods: ResourceClient<Pod>
  private object: Node | undefined
  private namespace: NetworkNamespace | undefined
  private on: boolean
  private shuttingDown = false
  private readonly report: NodeReport
  private readonly attached: AttachedVolumes
  private readonly hooks: WorkerHooks
  private markJoined!: () => void
  /** Resolves when the node has its place in the pod network. */
  readonly joined = new Promise<void>((resolve) => (this.markJoined = resolve))

  constructor(private readonly options: NodeOptions) {
    const { machine, client, clock, random, runtime, dns, services, persistent, relistMs } = options
    this.hardware = machine
    this.on = options.running
    this.hooks = { onRun: options.onRun, refuseResize: (w) => this.refuseResize(w), onDone: (w) => this.forget(w) }
    const events = new EventRecorder({ client, clock, component: 'kubelet', host: machine.name })
    const node = { name: machine.name, address: machine.address }
    const facts = (): NodeFacts => ({ ...node, allocatable: allocatableResources(this.hardware) })
    const objects = referencedObjects(client)
    this.nodes = client.resource<Node>(resources.nodes)
    this.pods = client.resource<Pod>(resources.pods)
    this.report = new NodeReport({
      name: machine.name,
      clock,
      nodes: this.nodes,
      object: () => (this.on ? this.object : undefined),
      status: (previous) => this.status(previous),
      written: (node) => (this.object = node),
      changed: (reason) => this.tell('Normal', reason, `Node ${this.name} status is now: ${reason}`),
    })
    this.lease = new NodeLease(client, clock, machine.name, () => this.object?.metadata.uid)
    this.attached = new AttachedVolumes(
      client,
      () => this.object,
      () => {
        this.report.touch()
        void this.report.report(false)
      },
    )
    this.kubelet = {
      get facts() {
        return facts()
      },
      client,
      clock,
      random,
      runtime,
      events,
      objects,
      dns,
      relist: new Relist(clock, relistMs, relistMs && random.int(relistMs)),
      images: new NodeImages(machine.name, runtime, clock, events),
      volumes: new NodeVolumes({ client, clock, runtime, objects, node: facts, persistent, attached: this.attached }),
      crashes: new BackOff(clock),
      network: () => this.namespace,
      services: () => services.list(),
      log: options.log,
    }
    this.evictions = new Evictions({
      clock,
      events,
      configuration: () => this.hardware.kubelet ?? DEFAULTS,
      capacity: () => ({
        memory: bytes(this.hardware.memory),
        disk: bytes(this.hardware.ephemeralStorage),
        pids: this.hardware.pids ?? DEFAULT_PIDS,
        images: runtime.listImages(machine.name).reduce((sum, i) => sum + i.sizeBytes, 0),
      }),
      capacityVersion: () => `${this.hardware.bootID}/${this.kubelet.images.version}`,
      workers: () => this.workers.values(),
      stats: (id) => runtime.containerStats(id),
      removeUnusedImages: (bytes) => runtime.removeUnusedImages?.(machine.name, bytes) ?? 0,
      tellNode: (type, reason, message) => this.tell(type, reason, message),
      onPressure: () => void this.report.report(false),
    })
    this.statics = new StaticPods({ node: machine.name, clock, pods: this.pods, runtime, object: () => this.object })
    this.endpoint = new NodeEndpoint(
      runtime,
      (namespace, pod) => this.byName.get(`${namespace}/${pod}`),
      () => {
        if (!this.on) throw new Error(`dial tcp ${machine.address}:10250: connect: no route to host`)
      },
    )
  }

  get name(): string {
    return this.options.machine.name
  }

  /** What the node runs on. */
  get machine(): Machine {
    return this.hardware
  }

  get address(): string {
    return this.options.machine.address
  }

  /** Whether the machine runs. */
  get powered(): boolean {
    return this.on
  }

  get podWorkers(): Iterable<PodWorker> {
    return this.workers.values()
  }

  /** Makes the Node object, or takes over the one that is there; then reports, and renews the Lease. */
  async register(): Promise<void> {
    this.tell('Normal', 'Starting', 'Starting kubelet.')
    while (this.on) {
      try {
        const { installer, runtime } = this.options
        this.object = await makeNodeObject({
          machine: this.hardware,
          nodes: this.nodes,
          installer,
          runtime,
          status: this.status(undefined),
        })
        break
      } catch {
        // The API is not up yet, or not yet open to nodes: the kubelet keeps trying.
        await this.options.clock.sleep(REGISTER_RETRY_MS)
      }
    }
    if (!this.on) return
    this.tell('Normal', 'NodeHasSufficientMemory', `Node ${this.name} status is now: NodeHasSufficientMemory`)
    this.tell('Normal', 'NodeHasNoDiskPressure', `Node ${this.name} status is now: NodeHasNoDiskPressure`)
    this.tell('Normal', 'NodeHasSufficientPID', `Node ${this.name} status is now: NodeHasSufficientPID`)
    this.tell('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
    this.joinNetwork()
    await Promise.all([this.report.report(true), this.lease.renew()])
  }

  /** The Node object changed. */
  onObject(object: Node): void {
    const wasSchedulable = this.object?.spec?.unschedulable !== true
    const known = this.object !== undefined
    const attached = this.object?.status?.volumesAttached
    this.object = object
    this.report.touch()
    if (!sameContent(attached, object.status?.volumesAttached)) for (const w of this.workers.values()) w.poke()
    const schedulable = object.spec?.unschedulable !== true
    if (known && schedulable !== wasSchedulable) {
      const reason = schedulable ? 'NodeSchedulable' : 'NodeNotSchedulable'
      this.tell('Normal', reason, `Node ${this.name} status is now: ${reason}`)
    }
    if (this.on && known && this.joinNetwork()) void this.report.report(false)
  }

  /** The Node object is gone; the machine runs on, as a kubelet does until it is restarted. */
  onObjectGone(): void {
    this.object = undefined
  }

  /**
   * Renews the Lease, and reports the status when it changed or is due. Returns the time before which there is nothing
   * more to do as long as nothing happens, ms; undefined when it has set something off.
   */
  heartbeat(): number | undefined {
    if (!this.on || !this.object) return Infinity
    let busy = this.lease.renew() !== undefined
    if (this.statics.check()) busy = true
    if (this.evictions.check()) busy = true
    const waiting: PodWorker[] = []
    for (const w of this.workers.values()) {
      const { pending, error } = w.state.resize
      if (pending?.reason === 'Deferred' || error !== undefined) waiting.push(w)
    }
    for (const w of waiting.sort((a, b) => resizeOrder(a.state.pod, b.state.pod))) w.poke()
    if (waiting.length) busy = true
    if (!this.report.idle) {
      void this.report.report(false)
      busy = true
    }
    return busy ? undefined : Math.min(this.lease.restsUntil, this.report.restsUntil)
  }

  /** A pod that is bound to this node appeared. */
  addPod(pod: Pod, beginning: Beginning): void {
    this.report.touch()
    // One that the kubelet is done with may still be kept by a finalizer.
    if (!this.on || (isFinal(pod) && pod.metadata.deletionGracePeriodSeconds === 0)) return
    if (isMirror(pod)) this.statics.recall(pod)
    if (isMirror(pod) && isFinal(pod) && beginning === 'rebooted') return this.statics.renew(pod)
    const uid = podIdentity(pod)
    const known = this.workers.get(uid)
    if (known) return this.tellWorker(known, pod)
    const worker = new PodWorker(this.kubelet, this.pods, pod, beginning, this.hooks)
    if (worker.active && !pod.metadata.deletionTimestamp && !hasPast(pod)) this.admit(worker)
    this.workers.set(uid, worker)
    this.options.onWorker(worker, true)
    this.byName.set(`${pod.metadata.namespace}/${pod.metadata.name}`, worker)
    worker.poke()
  }

  updatePod(pod: Pod): void {
    this.report.touch()
    const worker = this.workers.get(podIdentity(pod))
    if (worker) this.tellWorker(worker, pod)
    else this.addPod(pod, 'new')
  }

  private tellWorker(worker: PodWorker, pod: Pod): void {
    // A static pod hears nothing of the deletion of its mirror.
    if (isMirror(pod) && this.statics.shows(pod) && pod.metadata.deletionTimestamp !== undefined) return
    worker.update(pod)
  }

  removePod(pod: Pod): void {
    this.report.touch()
    if (isMirror(pod) && this.statics.onGone(pod)) return
    this.workers.get(podIdentity(pod))?.remove(pod)
  }

  /** Lets pods end first, as long as the kubelet is to wait for them, then cuts the power. */
  async shutDown(): Promise<void> {
    const active = [...this.workers.values()].filter((w) => w.active)
    this.tell('Normal', 'NodeShutdown', 'Shutdown manager detected shutdown event')
    this.shuttingDown = true
    void this.report.report(false)
    await endPods(this.options.clock, shutdownSteps(this.hardware.kubelet ?? DEFAULTS), active)
    if (this.on) await this.powerOff()
  }

  /** Cuts the power: containers are gone, and nobody tells the API. */
  async powerOff(): Promise<void> {
    this.on = false
    this.shuttingDown = false
    const workers = [...this.workers.values()]
    this.workers.clear()
    this.byName.clear()
    for (const w of workers) this.options.onWorker(w, false)
    await Promise.all([this.lease.shorten(), ...workers.map((w) => w.powerOff())])
    // Nobody answers at its address, and it may get another pod CIDR when its Node is made anew.
    this.namespace = undefined
    this.options.network.removeNode(this.name)
  }

  /**
   * Boots the machine again, perhaps with other hardware: what ran on it begins anew. `pods` gives those that are bound
   * to it once it is registered.
   */
  async powerOn(hardware: Machine, pods: () => Iterable<Pod>): Promise<void> {
    this.on = true
    this.hardware = { ...hardware, bootID: this.options.random.uuid() }
    this.tell('Warning', 'Rebooted', `Node ${this.name} has been rebooted, boot id: ${this.hardware.bootID}`)
    await this.register()
    for (const pod of pods()) this.addPod(pod, 'rebooted')
  }

  /** Stops acting, with the whole simulator. */
  stop(): void {
    this.on = false
    for (const w of this.workers.values()) w.stop()
  }

  private admit(worker: PodWorker): void {
    const others = [...this.workers.values()].filter((w) => w.active)
    const { pod } = worker.state
    const { metadata, spec, status } = this.object ?? {}
    const node = {
      name: this.name,
      labels: metadata?.labels ?? nodeLabels(this.hardware),
      taints: spec?.taints ?? [],
      allocatable: { ...status?.allocatable, ...this.kubelet.facts.allocatable },
    }
    const shares = others.map((w) => w.share)
    const unfit = this.evictions.refusal(pod) ?? afterMakingRoom(this.kubelet.events, pod, others, refusal(pod, shares, node))
    const why = unfit ?? (this.shuttingDown ? SHUTTING_DOWN : undefined)
    if (!why) return
    this.kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Warning', why.reason, why.message)
    worker.refuse(why.reason, `Pod was rejected: ${why.message}`)
  }

  private refuseResize(worker: PodWorker): PendingResize | undefined {
    const others = [...this.workers.values()].filter((o) => o !== worker && o.active)
    const shares = others.map((o) => o.share)
    return resizeRefusal(worker.state.pod, shares, this.kubelet.facts.allocatable)
  }

  private forget(worker: PodWorker): void {
    this.workers.delete(worker.uid)
    this.options.onWorker(worker, false)
    const { namespace, name } = worker.state.pod.metadata
    if (this.byName.get(`${namespace}/${name}`) === worker) this.byName.delete(`${namespace}/${name}`)
  }

  /** Joins the pod network once the node has its CIDR. Returns whether it just did. */
  private joinNetwork(): boolean {
    const cidr = this.object?.spec?.podCIDR
    if (this.namespace || !cidr) return false
    const { network } = this.options
    const known = network.node(this.name)
    this.namespace = known ?? network.addNode(this.name, this.address, cidr)
    if (!known) serveHealthPort(this.namespace, this.options.clock)
    for (const w of this.workers.values()) w.poke()
    this.markJoined()
    return true
  }

  private status(previous: Node['status']): NonNullable<Node['status']> {
    const { runtime, clock } = this.options
    return nodeStatus(this.hardware, {
      networkReady: this.namespace !== undefined,
      shuttingDown: this.shuttingDown,
      pressures: this.evictions.pressures,
      images: runtime.listImages(this.name),
      volumesInUse: this.attached.inUse,
      previous,
      now: rfc3339(clock.now()),
    })
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    // The kubelet names its node by name where others use the uid.
    const about: ObjectReference = { apiVersion: 'v1', kind: 'Node', name: this.name, uid: this.name }
    this.kubelet.events.event(about, type, reason, message)
  }
}
