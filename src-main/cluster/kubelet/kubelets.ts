/**
 * The kubelets of all nodes of a cluster, as one engine: one watch of pods, one of nodes, one timer for all heartbeats.
 * An idle pod costs memory and nothing else.
 */
import type { Client, Informers, UserInfo } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ConfigMap, Node, Pod, Secret, Service } from '../api/object.js'
import type { Clock, Idle, Timer } from '../clock.js'
import type { Network } from '../network/network.js'
import type { Random } from '../random.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import type { KubeletEndpoint } from './endpoint.js'
import { LEASE_RENEWAL_MS } from './lease.js'
import { KubeletNode } from './node.js'
import type { Machine } from './node-status.js'
import { SIMULATED_ANNOTATION } from './node-status.js'
import type { ClusterDns } from './pod-dns.js'
import { podStats, podUsageNow, type PodStats, type PodUsage } from './pod-stats.js'
import type { PodWorker } from './pod-worker.js'
import type { PersistentVolumes } from './volumes/volumes.js'

/** A node to add. What is left out has a default: the lowest free address of the machines' network, say. */
export interface NodeSpec extends Partial<Machine> {
  name: string
  /** False for a machine whose power is off; true by default. */
  running?: boolean
}

export interface KubeletsOptions {
  /** Makes a client that acts as a user. */
  client(user: UserInfo): Client
  informers: Informers
  runtime: ContainerRuntime
  network: Network
  clock: Clock
  random: Random
  /** The first node's name; the others are `NAME-m02`, `NAME-m03`, … */
  clusterName: string
  /** The nodes to have. By default those that are there from before, or three when there are none. */
  nodes?: readonly NodeSpec[]
  dns?: ClusterDns
  /** How often each kubelet asks its runtime what has ended, cluster ms; by default it learns of it at once. */
  relistMs?: number
  /** Told of what a kubelet cannot deal with itself, for the cluster's log. */
  log?(message: string, error: unknown): void
}

export interface Kubelets {
  /** The streaming endpoint of a node; undefined for a node that is not simulated here. */
  endpoint(node: string): KubeletEndpoint | undefined
  /** Adds a machine and registers its node. Rejects with an Error when the name is taken. */
  addNode(spec: NodeSpec): Promise<void>
  /** Cuts a node's power for good and removes its Node object. */
  removeNode(name: string): Promise<void>
  /** Cuts a node's power: heartbeats end, containers are gone. */
  stopNode(name: string): Promise<void>
  /** Lets a node's pods end within the shutdown grace periods of its kubelet, then cuts its power. */
  shutDownNode(name: string): Promise<void>
  /** Boots a stopped node, with other hardware where `changes` says so: its containers start anew. */
  startNode(name: string, changes?: Partial<Machine>): Promise<void>
  /** What a node runs on; undefined for a node that is not simulated here. */
  machine(name: string): Machine | undefined
  /** Whether a node's machine is on; undefined for a node that is not simulated here. */
  powered(name: string): boolean | undefined
  /** The nodes that are simulated here. */
  nodes(): readonly { name: string; address: string; powered: boolean }[]
  /** What the running containers use now. */
  metrics(): PodUsage[]
  /** What the pods of one node use now, in full. */
  stats(node: string): PodStats[]
  /** Ends all work; containers are left to the runtime. */
  stop(): void
}

export const DEFAULT_DNS: ClusterDns = { server: '10.96.0.10', domain: 'cluster.local' }
/** The period of a real kubelet, for {@link KubeletsOptions.relistMs}, ms. */
export const RELIST_MS = 1_000
const MACHINE_NETWORK = '192.168.49.'
const FIRST_HOST = 2
/** How long the start waits for the pod CIDRs, which the node IPAM controller hands out, ms. */
export const JOIN_PATIENCE_MS = 5_000
/** Each heartbeat is a write, and those of thousands of nodes together would be a second in which nobody else has a turn. */
const BEATS_AT_ONCE = 50
/** A changed ConfigMap or Secret reaches mounted files within this time, ms: the kubelet's sync period. */
const FILE_SYNC_MS = 60_000

/** The user a kubelet acts as. */
export function nodeUser(name: string): UserInfo {
  return { username: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }
}

const INSTALLER: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

/** The usual machines of a cluster: a control plane, then workers; 2 to 8 cores. */
export function defaultNodes(clusterName: string, count: number): NodeSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? clusterName : `${clusterName}-m${String(i + 1).padStart(2, '0')}`,
    controlPlane: i === 0,
  }))
}

class Engine implements Kubelets {
  private readonly byName = new Map<string, KubeletNode>()
  private readonly owners = new Map<string, PodWorker>()
  /** The pods that mount a ConfigMap or Secret, by `configmaps/NAMESPACE/NAME`. */
  private readonly mounting = new Map<string, Set<PodWorker>>()
  private readonly persistent: PersistentVolumes = new Map()
  private readonly stops: (() => void)[] = []
  private readonly heartbeat: Timer
  private readonly installer: Client
  private stopped = false

  constructor(private readonly options: KubeletsOptions) {
    const { runtime, clock } = options
    this.installer = options.client(INSTALLER)
    this.stops.push(
      runtime.onChange((info) => {
        const worker = this.owners.get(info.id)
        worker?.onContainer(info)
        if (info.state === 'exited') this.owners.delete(info.id)
      }),
    )
    this.heartbeat = clock.every(LEASE_RENEWAL_MS, () => {
      const nodes = [...this.byName.values()]
      if (nodes.length <= BEATS_AT_ONCE || clock.jumpsTo !== undefined) return beat(nodes)
      return void clock.track(this.beatInTurns(nodes))
    })
  }

  /** The heartbeats of many nodes, a few at a time: who asks the API for something has a turn in between. */
  private async beatInTurns(nodes: readonly KubeletNode[]): Promise<void> {
    for (let i = 0; i < nodes.length && !this.stopped; i += BEATS_AT_ONCE) {
      beat(nodes.slice(i, i + BEATS_AT_ONCE))
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** Adopts the nodes that are there, adds those asked for, and begins to watch. */
  async start(): Promise<void> {
    const { informers, clusterName, clock } = this.options
    const nodes = informers.for<Node>(resources.nodes)
    const services = informers.for<Service>(resources.services)
    await Promise.all([nodes.synced, services.synced])
    const known = new Map([...nodes.list()].filter(isSimulated).map((n) => [n.metadata.name!, adopted(n)]))
    const wanted: readonly NodeSpec[] = this.options.nodes ?? (known.size ? [...known.values()] : defaultNodes(clusterName, 3))
    const addresses = new HostAddresses(known.values())
    for (const spec of wanted) {
      const machine = this.machineOf({ ...known.get(spec.name), ...spec }, addresses)
      addresses.take(machine)
      this.make(machine, spec.running ?? true)
    }
    this.stops.push(
      nodes.on({
        add: (n) => this.byName.get(n.metadata.name!)?.onObject(n),
        update: (_, n) => this.byName.get(n.metadata.name!)?.onObject(n),
        delete: (n) => this.byName.get(n.metadata.name!)?.onObjectGone(),
      }),
    )
    const running = [...this.byName.values()].filter((n) => n.powered)
    await Promise.all(running.map((n) => n.register()))
    if (this.stopped) return
    this.stops.push(
      informers.for<Pod>(resources.pods).on({
        add: (pod) => this.nodeOf(pod)?.addPod(pod, 'restored'),
        update: (_, pod) => this.nodeOf(pod)?.updatePod(pod),
        delete: (pod) => this.nodeOf(pod)?.removePod(pod),
      }),
      this.watchFiles('configmaps'),
      this.watchFiles('secrets'),
    )
    const patience = new AbortController()
    const joined = Promise.all(running.map((n) => n.joined))
    await Promise.race([joined, clock.sleep(JOIN_PATIENCE_MS, patience.signal).catch(() => undefined)])
    patience.abort()
  }

  endpoint(node: string): KubeletEndpoint | undefined {
    return this.byName.get(node)?.endpoint
  }

  async addNode(spec: NodeSpec): Promise<void> {
    if (this.byName.has(spec.name)) throw new Error(`node ${spec.name} exists already`)
    const node = this.make(this.machineOf(spec, new HostAddresses(this.byName.values())), spec.running ?? true)
    if (!node.powered) return
    await node.register()
    // Pods that name their node may have waited for it.
    for (const pod of this.podsOf(spec.name)) node.addPod(pod, 'restored')
  }

  async removeNode(name: string): Promise<void> {
    const node = this.find(name)
    this.byName.delete(name)
    await node.powerOff()
    try {
      await this.installer.resource<Node>(resources.nodes).delete('', name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  async stopNode(name: string): Promise<void> {
    const node = this.find(name)
    if (node.powered) await node.powerOff()
  }

  async shutDownNode(name: string): Promise<void> {
    const node = this.find(name)
    if (node.powered) await node.shutDown()
  }

  async startNode(name: string, changes: Partial<Machine> = {}): Promise<void> {
    const node = this.find(name)
    if (!node.powered) await node.powerOn({ ...node.machine, ...changes }, () => this.podsOf(name))
  }

  machine(name: string): Machine | undefined {
    return this.byName.get(name)?.machine
  }

  powered(name: string): boolean | undefined {
    return this.byName.get(name)?.powered
  }

  nodes(): readonly { name: string; address: string; powered: boolean }[] {
    return [...this.byName.values()].map(({ name, address, powered }) => ({ name, address, powered }))
  }

  metrics(): PodUsage[] {
    const { runtime } = this.options
    return [...this.byName.values()].flatMap(({ name, podWorkers }) =>
      [...podWorkers].flatMap(({ state }) => podUsageNow(state, name, runtime) ?? []),
    )
  }

  stats(node: string): PodStats[] {
    const workers = this.byName.get(node)?.podWorkers ?? []
    return [...workers].flatMap((worker) => podStats(worker, node, this.options.runtime) ?? [])
  }

  stop(): void {
    this.stopped = true
    this.heartbeat.cancel()
    for (const stop of this.stops) stop()
    for (const node of this.byName.values()) node.stop()
  }

  private podsOf(node: string): Pod[] {
    return [...this.options.informers.for<Pod>(resources.pods).list()].filter((p) => p.spec?.nodeName === node)
  }

  private find(name: string): KubeletNode {
    const node = this.byName.get(name)
    if (!node) throw new Error(`node ${name} is not simulated here`)
    return node
  }

  private nodeOf(pod: Pod): KubeletNode | undefined {
    return pod.spec?.nodeName ? this.byName.get(pod.spec.nodeName) : undefined
  }

  private machineOf({ running: _, ...spec }: NodeSpec, addresses: HostAddresses): Machine {
    const { random } = this.options
    return {
      address: addresses.lowestFree(),
      controlPlane: false,
      cpu: '4',
      memory: '8139468Ki',
      ephemeralStorage: '61202244Ki',
      pods: '110',
      machineID: random.hex(16),
      systemUUID: random.uuid(),
      bootID: random.uuid(),
      ...spec,
    }
  }

  private make(machine: Machine, running: boolean): KubeletNode {
    const { client, informers, clock, random, runtime, network, dns, relistMs = 0 } = this.options
    const node = new KubeletNode({
      machine,
      running,
      client: client(nodeUser(machine.name)),
      installer: this.installer,
      clock,
      random,
      runtime,
      network,
      dns: dns ?? DEFAULT_DNS,
      services: informers.for<Service>(resources.services),
      persistent: this.persistent,
      relistMs,
      log: this.options.log ?? (() => undefined),
      onRun: (id, worker) => this.owners.set(id, worker),
      onWorker: (worker, present) => this.index(worker, present),
    })
    this.byName.set(machine.name, node)
    return node
  }

  private index(worker: PodWorker, present: boolean): void {
    for (const reference of worker.references()) {
      const known = this.mounting.get(reference)
      if (present && known) known.add(worker)
      else if (present) this.mounting.set(reference, new Set([worker]))
      else if (known?.delete(worker) && known.size === 0) this.mounting.delete(reference)
    }
  }

  /** Brings changes of ConfigMaps or Secrets to the files of the pods that mount them, some time later. */
  private watchFiles(resource: 'configmaps' | 'secrets'): () => void {
    const { informers, clock, random } = this.options
    const changed = (object: ConfigMap | Secret): void => {
      const { namespace, name } = object.metadata
      for (const worker of this.mounting.get(`${resource}/${namespace}/${name}`) ?? [])
        clock.after(random.next() * FILE_SYNC_MS, () => worker.refreshFrom(`${resource}/${name}`))
    }
    return informers.for<ConfigMap | Secret>(resources[resource]).on({
      // One that may be missing comes later, or again.
      add: changed,
      update: (_, object) => changed(object),
      delete: changed,
    })
  }
}

/** The heartbeats of some nodes. Gives until when there is nothing more to do for them; undefined when something was set off. */
function beat(nodes: readonly KubeletNode[]): Idle | undefined {
  let busy = false
  let idleUntil = Infinity
  for (const node of nodes) {
    const rests = node.heartbeat()
    if (rests === undefined) busy = true
    else idleUntil = Math.min(idleUntil, rests)
  }
  return busy ? undefined : { idleUntil }
}

/** The addresses of the machines' network, of which machines have some. */
class HostAddresses {
  private readonly taken = new Set<string>()
  /** All hosts before this one are taken. */
  private host = FIRST_HOST

  constructor(machines: Iterable<{ address: string }>) {
    for (const machine of machines) this.take(machine)
  }

  take({ address }: { address: string }): void {
    this.taken.add(address)
  }

  lowestFree(): string {
    while (this.taken.has(machineAddress(this.host))) this.host++
    return machineAddress(this.host)
  }
}

/** The address of the nth host. Beyond one octet the machines' network goes on in the next: 192.168.50.0 and so on. */
function machineAddress(n: number): string {
  return n < 255 ? `${MACHINE_NETWORK}${n}` : `192.168.${50 + Math.floor((n - 255) / 254)}.${1 + ((n - 255) % 254)}`
}

/** Whether the machine of a Node is simulated here. */
export function isSimulated(node: Node): boolean {
  return node.metadata.annotations?.[SIMULATED_ANNOTATION] === 'true'
}

/** The machine of a Node that is there from before. */
export function adopted(node: Node): Machine {
  const { capacity = {}, addresses, nodeInfo } = node.status ?? {}
  return {
    name: node.metadata.name!,
    address: addresses?.find((a) => a.type === 'InternalIP')?.address ?? '',
    controlPlane: node.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
    cpu: capacity.cpu ?? '4',
    memory: capacity.memory ?? '8139468Ki',
    ephemeralStorage: capacity['ephemeral-storage'] ?? '61202244Ki',
    pods: capacity.pods ?? '110',
    machineID: nodeInfo?.machineID ?? '',
    systemUUID: nodeInfo?.systemUUID ?? '',
    bootID: nodeInfo?.bootID ?? '',
  }
}

/**
 * Starts the kubelets of a cluster. Resolves when all nodes are registered and have joined the pod network, or at the
 * latest {@link JOIN_PATIENCE_MS} after they were registered.
 */
export async function startKubelets(options: KubeletsOptions): Promise<Kubelets> {
  const engine = new Engine(options)
  await engine.start()
  return engine
}
