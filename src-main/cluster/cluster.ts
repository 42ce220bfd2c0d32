/**
 * Puts an embedded cluster together: store, API server, controllers, scheduler, network, runtime, kubelets, on one
 * clock and one random source.
 */
import { statSync } from 'node:fs'
import path from 'node:path'
import { admissionPlugins } from './access/admission/plugins.js'
import { loadCertificates } from './access/certificates.js'
import { writeKubeconfig } from './access/kubeconfig.js'
import { builtinSigners } from './access/signing.js'
import { dnsAvailability, startAddons } from './addons/install.js'
import { ingressImages } from './addons/ingress-nginx.js'
import { followKubeProxies } from './addons/kube-proxy-events.js'
import { addonImages } from './addons/manifests.js'
import { followMissingImages } from './addons/missing-images.js'
import { followPrivateRegistries } from './addons/private-registries.js'
import { resources, type Informer, type UserInfo } from './api/client.js'
import { isReason, StatusError } from './api/errors.js'
import { clock as clockKind } from './api/kinds/clock.js'
import { tunnel as tunnelKind } from './api/kinds/tunnel.js'
import { machine as machineKind } from './api/kinds/machine.js'
import type { Node, Pod } from './api/object.js'
import { serveProxies } from './api/proxy/proxy.js'
import { createApiServer, type ApiServer } from './api/server.js'
import { createStreaming } from './api/streaming/streaming.js'
import { IDLE, VirtualClock } from './clock.js'
import { followClockResource, wantedSpeed } from './clock-resource.js'
import { holdControlPlaneLeases } from './control-plane-leases.js'
import { discoveryFrom } from './controllers/discovery.js'
import { startControllers } from './controllers/manager.js'
import { podNetworkFor } from './controllers/nodeipam.js'
import { hostNow } from './host.js'
import { loadIdentity, SAVE_EVERY, saveIdentity } from './identity.js'
import { DEFAULT_DNS, RELIST_MS, startKubelets, type Kubelets } from './kubelet/kubelets.js'
import { lockDirectory } from './lock.js'
import { followMachines, nodeSpecOf, wantedMachines } from './machine-resource.js'
import { grantMetricsToViewers } from './metrics/access.js'
import { autoscalingMetrics } from './metrics/autoscaling.js'
import { MetricsCollector } from './metrics/collector.js'
import { metricsKinds } from './metrics/resources.js'
import { attachDns } from './network/dns.js'
import { createNetwork } from './network/fabric.js'
import { attachHealthCheckPorts } from './network/health-check-ports.js'
import { attachHostPorts } from './network/host-ports.js'
import { attachOutside } from './network/outside.js'
import { attachPolicies } from './network/policy.js'
import { attachServices } from './network/services.js'
import { startTunnels } from './network/tunnels.js'
import { Random } from './random.js'
import { markMissing, resolveImage } from './runtime/images/catalogue.js'
import { imageCatalogue } from './runtime/images/resource.js'
import { authorizePull, requireLogin, requireNoLogin } from './runtime/images/private-registries.js'
import { createRuntime } from './runtime/runtime.js'
import { schedulingDecisions } from './scheduler/decisions.js'
import { startScheduler, type Scheduler } from './scheduler/scheduler.js'
import { journalFile } from './store/journal.js'
import { openStore } from './store/mvcc.js'
import { StoreClosedError } from './store/store.js'

/** The control plane's own address in the simulated network, and its port there, as kubeadm has them. */
const CONTROL_PLANE = { ip: '192.168.49.2', port: 8443 }
/** How often it is written down while it jumps, wall ms. */
const SAVE_STEPS_EVERY = 100

export interface ClusterOptions {
  name: string
  /** Where it keeps its state. */
  directory: string
  /** Where its kubeconfig is written. */
  kubeconfig: string
  /** HTTPS port on 127.0.0.1; the one it had, or a free one, when left out. */
  port?: number
  /** Nodes when it is created. */
  nodes?: number
  /** Cluster milliseconds per wall millisecond; as its clock object says when left out. */
  speed?: number
  seed?: number
}

/** A running cluster. */
export interface Cluster {
  readonly server: string
  /** Resolves when all nodes that should be are Ready. */
  readonly ready: Promise<void>
  readonly clock: VirtualClock
  readonly api: ApiServer
  readonly kubelets: Kubelets
  readonly scheduler: Scheduler
  /** Ends everything and writes what there is to write. */
  stop(): Promise<void>
}

/** The components' own user where they have none: what kubeadm calls the cluster's administrator. */
const KUBE_PROXY: UserInfo = {
  username: 'system:serviceaccount:kube-system:kube-proxy',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
}
const SYSTEM: UserInfo = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

/** Tells on stderr what a component could not deal with itself: the answer of the API in a line, anything else with its stack. */
function log(message: string, error: unknown): void {
  // Writes into a namespace that is being deleted are refused by design; they are nobody's trouble.
  if (isReason(error, 'Forbidden') && error.message.includes('because it is being terminated')) return
  // What was under way when the cluster stopped comes too late.
  if (error instanceof StoreClosedError) return
  console.error(`${message}:`, error instanceof StatusError ? error.message : error)
}

/** Starts a cluster. Rejects with a sentence when the directory or the port cannot be used. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { directory, name } = options
  const unlock = lockDirectory(directory)
  const undo: (() => unknown)[] = [unlock]
  try {
    const identity = loadIdentity(directory, options)
    const controlPlane = identity.controlPlane ?? name
    const clock = new VirtualClock(identity.speed === 0 ? { start: identity.time } : { notBefore: identity.time })
    undo.push(() => clock.stop())
    const certificatesLoading = loadCertificates({ directory: path.join(directory, 'pki'), addresses: [CONTROL_PLANE.ip] })
    const storeDirectory = path.join(directory, 'store')
    const store = openStore({ directory: storeDirectory, clock })
    undo.push(() => store.close())
    // The stream of chance goes on after a restart instead of giving the same uids again.
    const random = new Random(`${identity.seed}/${store.revision}`)
    const certificates = await certificatesLoading
    const network = createNetwork({ clock, random: random.fork('network') })
    const api = createApiServer({
      store,
      clock,
      random: random.fork('api'),
      admission: admissionPlugins,
      controlPlane: CONTROL_PLANE,
      certificates,
      streaming: createStreaming(),
      bytesOnDisk: () => statSync(journalFile(storeDirectory)).size,
    })
    undo.push(() => api.close())
    await api.seeded

    const client = (user: UserInfo): ReturnType<ApiServer['client']> => api.client(user)
    const informers = api.informers(SYSTEM)
    const metrics = new MetricsCollector(clock)
    undo.push(() => metrics.stop())
    api.kinds.add(clockKind, tunnelKind, machineKind, ...metricsKinds(metrics, informers, clock))
    await grantMetricsToViewers(client(SYSTEM))
    const speed = await wantedSpeed(client(SYSTEM), options.speed)
    if (speed > 0) clock.setSpeed(speed)
    attachServices({ network, informers, clock, random: random.fork('services'), podNetwork: podNetworkFor(identity.nodes) })
    attachHostPorts({ network, informers })
    attachHealthCheckPorts({ network, informers })
    attachPolicies({ network, informers })
    attachOutside(network)
    attachDns({ network, informers, address: DEFAULT_DNS.server, domain: DEFAULT_DNS.domain, available: dnsAvailability(informers) })
    const runtime = createRuntime({
      clock,
      random: random.fork('runtime'),
      network,
      resolveImage,
      authorizePull,
    })
    const discovery = discoveryFrom(api.kinds)
    const clusterCIDR = podNetworkFor(identity.nodes)
    const controllers = startControllers({
      client,
      informers,
      clock,
      random: random.fork('controllers'),
      log,
      discovery,
      clusterCIDR,
      metrics: autoscalingMetrics(metrics, informers),
      rootCertificate: certificates.ca.cert,
      signers: builtinSigners(certificates.ca, clock),
      issueLegacyToken: (request) => api.tokens!.issueLegacy(request),
    })
    undo.push(() => controllers.stop())
    const scheduler = startScheduler({ client, informers, clock, random: random.fork('scheduler'), log, discovery })
    undo.push(() => scheduler.stop())
    api.kinds.add(imageCatalogue())
    api.kinds.add(schedulingDecisions((podKey) => scheduler.explain(podKey), informers))
    const nodes = informers.for<Node>(resources.nodes)
    await nodes.synced
    const { machines, isNew } = await wantedMachines({
      client: client(SYSTEM),
      nodes: nodes.list(),
      clusterName: controlPlane,
      count: identity.nodes,
    })
    const kubelets = await startKubelets({
      client,
      informers,
      runtime,
      network,
      clock,
      random: random.fork('kubelets'),
      clusterName: controlPlane,
      nodes: machines.map(nodeSpecOf),
      relistMs: RELIST_MS,
      log,
    })
    undo.push(() => kubelets.stop())
    const unfollowMachines = followMachines({ client: client(SYSTEM), informers, kubelets, clock, log })
    undo.push(unfollowMachines)
    metrics.start(kubelets)
    api.setKubelet((pod: Pod) => {
      const endpoint = kubelets.endpoint(pod.spec?.nodeName ?? '')
      if (!endpoint) throw new Error(`no kubelet for the node of ${pod.metadata.name}`)
      return endpoint
    })
    serveProxies({
      api,
      random: random.fork('proxy'),
      network: () => network.node(controlPlane),
      kubelet: (node) => kubelets.endpoint(node),
      usage: (node) => kubelets.stats(node),
      traffic: (node) => network.node(node)?.traffic?.(),
      rates: metrics,
      configuration: (node) => kubelets.machine(node)?.kubelet,
      reachKubelet: (node) => {
        const machine = kubelets.nodes().find((n) => n.name === node)
        if (!machine?.powered) throw new Error(`dial tcp ${machine?.address ?? node}:10250: connect: no route to host`)
      },
    })
    if (isNew)
      for (const node of kubelets.nodes()) for (const image of [...addonImages, ...ingressImages]) runtime.adoptImage(node.name, image)
    const stopAddons = startAddons({
      client: client(SYSTEM),
      informers,
      controlPlane,
      clusterCIDR,
      server: `https://${CONTROL_PLANE.ip}:${CONTROL_PLANE.port}`,
      ca: certificates.ca.cert,
      isNew,
      log,
    })
    undo.push(stopAddons)
    const releaseLeases = holdControlPlaneLeases({ client: client(SYSTEM), clock, random: random.fork('leases'), host: controlPlane, log })
    undo.push(releaseLeases)
    followKubeProxies({ client: client(KUBE_PROXY), informers, clock })
    followMissingImages({ informers, mark: markMissing, log })
    followPrivateRegistries({ informers, close: requireLogin, open: requireNoLogin })
    const stopTunnels = startTunnels({ client: client(SYSTEM), informers, clock, from: () => network.node(controlPlane), log })
    undo.push(stopTunnels)
    network.node(controlPlane)?.listen(CONTROL_PLANE.port, (connection) => api.handleConnection(connection))

    const port = await listen(api, options.port ?? identity.port, options.port !== undefined && options.port !== 0)
    let savedAt = 0
    const save = (): void => {
      saveIdentity(directory, { ...identity, port, time: clock.now(), speed: clock.speed })
      savedAt = hostNow()
    }
    save()
    // A jump saves after each of its steps.
    clock.every(SAVE_EVERY, () => (clock.jumpsTo === undefined ? save() : IDLE))
    const server = `https://127.0.0.1:${port}`
    writeKubeconfig(options.kubeconfig, { name, server, certificates })
    const ready = nodesReady(nodes, machines.filter((m) => m.spec.running).length)
    let unfollow = (): void => undefined
    const follow = (): void => {
      unfollow = followClockResource({
        client: client(SYSTEM),
        informers,
        clock,
        onChange: save,
        // A long jump makes many steps in the blink of an eye.
        onStep: () => hostNow() - savedAt > SAVE_STEPS_EVERY && save(),
        log,
      })
    }
    // A paused cluster lives until its nodes are up.
    if (speed > 0) follow()
    else void ready.then(follow)
    return {
      server,
      ready,
      clock,
      api,
      kubelets,
      scheduler,
      stop: async () => {
        unfollow()
        unfollowMachines()
        metrics.stop()
        stopAddons()
        releaseLeases()
        kubelets.stop()
        scheduler.stop()
        controllers.stop()
        save()
        await api.close()
        clock.stop()
        await store.close()
        unlock()
      },
    }
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

/** Listens on the port; on another one when the cluster's own old port has been taken by somebody else. */
async function listen(api: ApiServer, port: number, strict: boolean): Promise<number> {
  try {
    return await api.listen({ port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && !strict) return api.listen({ port: 0 })
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is in use; choose another with --port`)
    if (code === 'EACCES') throw new Error(`port ${port} needs more rights; choose one from 1024 up with --port`)
    throw error
  }
}

/** Resolves once `count` nodes are Ready. */
function nodesReady(nodes: Informer<Node>, count: number): Promise<void> {
  const isReady = (n: Node): boolean => n.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false
  const ready = new Set<string>()
  return new Promise((resolve) => {
    const look = (node?: Node): void => {
      if (node && isReady(node)) ready.add(node.metadata.name!)
      else if (node) ready.delete(node.metadata.name!)
      if (ready.size < count) return
      stop()
      resolve()
    }
    // `on` tells the nodes that are there already before it returns.
    let stop: () => void = () => queueMicrotask(() => stop())
    stop = nodes.on({ add: look, update: (_old, node) => look(node) })
    look()
  })
}
