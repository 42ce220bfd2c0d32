/**
 * A whole cluster in memory, on a clock that stands still: the real API server, controllers, scheduler, runtime,
 * network, images, kubelets, machines and metrics.
 */
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { followPrivateRegistries } from '../../../src-main/cluster/addons/private-registries.js'
import type { Client, Informers } from '../../../src-main/cluster/api/client.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import { machine as machineKind } from '../../../src-main/cluster/api/kinds/machine.js'
import type { Event, KubeObject, Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { ApiServer } from '../../../src-main/cluster/api/server.js'
import { createApiServer } from '../../../src-main/cluster/api/server.js'
import type { WallTime } from '../../../src-main/cluster/clock.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { discoveryFrom } from '../../../src-main/cluster/controllers/discovery.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import type { Kubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { startKubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { followMachines, nodeSpecOf, wantedMachines } from '../../../src-main/cluster/machine-resource.js'
import { autoscalingMetrics } from '../../../src-main/cluster/metrics/autoscaling.js'
import { MetricsCollector } from '../../../src-main/cluster/metrics/collector.js'
import { metricsKinds } from '../../../src-main/cluster/metrics/resources.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import type { Network } from '../../../src-main/cluster/network/network.js'
import { Random } from '../../../src-main/cluster/random.js'
import type { ContainerRuntime } from '../../../src-main/cluster/runtime/cri.js'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { authorizePull, requireLogin, requireNoLogin } from '../../../src-main/cluster/runtime/images/private-registries.js'
import { createRuntime } from '../../../src-main/cluster/runtime/runtime.js'
import { schedulingDecisions } from '../../../src-main/cluster/scheduler/decisions.js'
import type { Scheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'

export const START = Date.parse('2026-11-21T09:00:00Z')
export const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

type Gvr = { group: string; version: string; resource: string }

export interface WholeCluster {
  clock: VirtualClock
  server: ApiServer
  admin: Client
  informers: Informers
  scheduler: Scheduler
  kubelets: Kubelets
  runtime: ContainerRuntime
  network: Network
  metrics: MetricsCollector
  /** What components could not deal with themselves. */
  errors: string[]
  /** Creates an object and lets everything settle. */
  create<T extends KubeObject>(gvr: Gvr, object: object): Promise<T>
  /** Creates a pod in `default`. */
  pod(name: string, spec: object, metadata?: object): Promise<Pod>
  get<T>(gvr: Gvr, namespace: string, name: string): Promise<T>
  list<T>(gvr: Gvr, namespace?: string): Promise<T[]>
  /** `Type Reason Message` of an object's events, in the order of their names. */
  eventsOf(name: string, namespace?: string): Promise<string[]>
  /** Lets the API server take its first node for one with so much CPU, which its kubelet knows nothing of. */
  believeInMore(cpu: string): Promise<void>
  /** What a container wrote so far. */
  logs(pod: string, container: string): Promise<string>
  /** Starts kubelets, runtime and network anew over the same API, as a restart of the simulator does. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface WholeClusterOptions {
  nodes?: number
  seed?: string
  /** What the clock follows once it is given a speed. */
  wall?: WallTime
}

export async function startWholeCluster({ nodes: count = 3, seed = 'seed', wall }: WholeClusterOptions = {}): Promise<WholeCluster> {
  const clock = new VirtualClock({ start: START, speed: 0, ...(wall ? { wall } : {}) })
  const random = new Random(seed)
  const certificates = await loadCertificates()
  const server = createApiServer({
    clock,
    random: random.fork('api'),
    store: openStore({ clock }),
    admission: admissionPlugins,
    certificates,
  })
  await server.seeded
  const informers = server.informers(ADMIN)
  const admin = server.client(ADMIN)
  const errors: string[] = []
  const log = (message: string, error: unknown): void => void errors.push(`${message}: ${(error as Error).message}`)
  const metrics = new MetricsCollector(clock)
  server.kinds.add(machineKind, ...metricsKinds(metrics, informers, clock))
  const common = { client: server.client, informers, clock, discovery: discoveryFrom(server.kinds), log }
  const controllers = startControllers({
    ...common,
    random: random.fork('controllers'),
    rootCertificate: 'CERTIFICATE',
    metrics: autoscalingMetrics(metrics, informers),
  })
  const scheduler = startScheduler({ ...common, random: random.fork('scheduler') })
  server.kinds.add(schedulingDecisions((podKey) => scheduler.explain(podKey), informers))

  const boot = async (name: string): Promise<Pick<WholeCluster, 'kubelets' | 'runtime' | 'network'> & { down(): void }> => {
    const network = createNetwork({ clock, random: random.fork(`network/${name}`) })
    attachServices({ network, informers, clock, random: random.fork(`services/${name}`) })
    const runtime = createRuntime({ clock, random: random.fork(`runtime/${name}`), network, resolveImage, authorizePull })
    const nodes = informers.for<Node>(resources.nodes)
    await nodes.synced
    const { machines } = await wantedMachines({ client: admin, nodes: nodes.list(), clusterName: 'drydock', count })
    const starting = startKubelets({
      client: server.client,
      informers,
      runtime,
      network,
      clock,
      random: random.fork(`kubelets/${name}`),
      clusterName: 'drydock',
      nodes: machines.map(nodeSpecOf),
      log,
    })
    await clock.advance(1_000)
    const kubelets = await starting
    const unfollow = followMachines({ client: admin, informers, kubelets, clock, log })
    await clock.settle()
    return { network, runtime, kubelets, down: () => (unfollow(), kubelets.stop()) }
  }
  let machines = await boot('first')
  metrics.start(machines.kubelets)
  followPrivateRegistries({ informers, close: requireLogin, open: requireNoLogin })

  const create = async <T extends KubeObject>(gvr: Gvr, object: object): Promise<T> => {
    const o = object as T
    const made = await admin.resource<T>(gvr).create(o.metadata.namespace ?? '', o)
    await clock.settle()
    return made
  }
  return {
    clock,
    server,
    admin,
    informers,
    scheduler,
    metrics,
    errors,
    get kubelets() {
      return machines.kubelets
    },
    get runtime() {
      return machines.runtime
    },
    get network() {
      return machines.network
    },
    create,
    pod: (name, spec, metadata = {}) =>
      create<Pod>(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata }, spec }),
    get: (gvr, namespace, name) => admin.resource(gvr).get(namespace, name) as never,
    list: async (gvr, namespace) => [...(await admin.resource(gvr).list(namespace ? { namespace } : {})).items] as never,
    async believeInMore(cpu) {
      const nodes = admin.resource(resources.nodes)
      const [node] = (await nodes.list()).items
      await nodes.patch('', node!.metadata.name!, { status: { allocatable: { cpu } } }, { type: 'merge', subresource: 'status' })
    },
    async eventsOf(name, namespace = 'default') {
      const { items } = await admin.resource<Event>(resources.events).list({ namespace })
      return items
        .filter((e) => e.involvedObject.name === name)
        .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
        .map((e) => `${e.type} ${e.reason} ${e.message}`)
    },
    async logs(pod, container) {
      const { spec } = await admin.resource<Pod>(resources.pods).get('default', pod)
      const stream = await machines.kubelets.endpoint(spec!.nodeName!)!.logs({ namespace: 'default', pod, container }, {})
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return text
    },
    async restart() {
      machines.down()
      machines = await boot('again')
    },
    async stop() {
      metrics.stop()
      machines.down()
      controllers.stop()
      scheduler.stop()
      await server.close()
    },
  }
}
