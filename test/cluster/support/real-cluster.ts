/**
 * The real API server in memory, with controllers, scheduler and a stand-in for the kubelets, on a clock that stands
 * still: for tests of how they work together.
 */
import type { Client, Informers } from '../../../src-main/cluster/api/client.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import { isReason } from '../../../src-main/cluster/api/errors.js'
import type { Event, KubeObject, Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { ApiServer } from '../../../src-main/cluster/api/server.js'
import { createApiServer } from '../../../src-main/cluster/api/server.js'
import { rfc3339, VirtualClock } from '../../../src-main/cluster/clock.js'
import { discoveryFrom } from '../../../src-main/cluster/controllers/discovery.js'
import type { ControllersOptions } from '../../../src-main/cluster/controllers/manager.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import { Random } from '../../../src-main/cluster/random.js'
import type { Scheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'

export const START = Date.parse('2026-11-21T09:00:00Z')
const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

type Gvr = { group: string; version: string; resource: string }

export interface RealCluster {
  clock: VirtualClock
  server: ApiServer
  admin: Client
  informers: Informers
  scheduler: Scheduler
  /** Errors that controllers and scheduler logged. */
  errors: string[]
  /** What the stand-in kubelets do with pods; may be replaced. */
  kubelet: { ready(pod: Pod): boolean; ends(pod: Pod): boolean }
  create<T extends KubeObject>(gvr: Gvr, object: object): Promise<T>
  get<T>(gvr: Gvr, namespace: string, name: string): Promise<T>
  list<T>(gvr: Gvr, namespace?: string): Promise<T[]>
  eventsOf(name: string, namespace?: string): Promise<string[]>
  stop(): Promise<void>
}

export async function startRealCluster(options: Partial<ControllersOptions> & { nodes?: number } = {}): Promise<RealCluster> {
  const { nodes = 2, ...rest } = options
  const clock = new VirtualClock({ start: START, speed: 0 })
  const server = createApiServer({ clock, random: new Random('api'), store: openStore({ clock }) })
  const admin = server.client(ADMIN)
  const errors: string[] = []
  const log = (message: string, error: unknown): void => void errors.push(`${message}: ${(error as Error).message}`)
  const informers = server.informers(ADMIN)
  const discovery = discoveryFrom(server.kinds)
  const common = { client: server.client, informers, clock, discovery, log }
  const controllers = startControllers({ ...common, random: new Random('controllers'), rootCertificate: 'CERTIFICATE', ...rest })
  const scheduler = startScheduler({ ...common, random: new Random('scheduler') })
  const kubelet = { ready: (_pod: Pod) => true, ends: (_pod: Pod) => true }
  startKubelets(admin, informers, clock, kubelet, log)
  const create = <T extends KubeObject>(gvr: Gvr, object: object): Promise<T> => {
    const o = object as T
    return admin.resource<T>(gvr).create(o.metadata.namespace ?? '', o)
  }
  await server.seeded
  for (let i = 1; i <= nodes; i++) await create(resources.nodes, readyNode(`node-${i}`, clock))
  await clock.advance(1000)
  return {
    clock,
    server,
    admin,
    informers,
    scheduler,
    errors,
    kubelet,
    create,
    get: (gvr, namespace, name) => admin.resource(gvr).get(namespace, name) as never,
    list: async (gvr, namespace) => [...(await admin.resource(gvr).list(namespace ? { namespace } : {})).items] as never,
    async eventsOf(name, namespace = 'default') {
      const { items } = await admin.resource<Event>(resources.events).list({ namespace })
      return items
        .filter((e) => e.involvedObject.name === name)
        .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
        .map((e) => `${e.type} ${e.reason} ${e.message}`)
    },
    async stop() {
      controllers.stop()
      scheduler.stop()
      await server.close()
    },
  }
}

export function readyNode(name: string, clock: VirtualClock): Node {
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110' }
  const now = rfc3339(clock.now())
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: {
      capacity: allocatable,
      allocatable,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
    },
  }
}

/** Starts bound pods at once with an address, ends deleted ones at once, and renews no lease. */
function startKubelets(
  admin: Client,
  informers: Informers,
  clock: VirtualClock,
  kubelet: RealCluster['kubelet'],
  log: (m: string, e: unknown) => void,
): void {
  const client = admin.resource<Pod>(resources.pods)
  let address = 1
  const tend = (pod: Pod): void => {
    const { namespace, name, deletionTimestamp } = pod.metadata
    if (!pod.spec?.nodeName) return
    if (deletionTimestamp !== undefined) {
      if (kubelet.ends(pod)) client.delete(namespace!, name!, { gracePeriodSeconds: 0 }).catch(() => undefined)
      return
    }
    if (pod.status?.phase !== 'Pending' || pod.status.podIP) return
    const now = rfc3339(clock.now())
    address++
    const podIP = `10.244.${address >> 8}.${address & 255}`
    const ready = { type: 'Ready', status: kubelet.ready(pod) ? 'True' : 'False', lastTransitionTime: now }
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], startTime: now, conditions: [ready] }
    client
      .patch(namespace!, name!, { status }, { type: 'strategic', subresource: 'status' })
      // One that was deleted at once meanwhile has no status any more, as a kubelet sees it, too.
      .catch((error: unknown) => isReason(error, 'NotFound') || log('kubelet', error))
  }
  informers.for<Pod>(resources.pods).on({ add: tend, update: (_old, pod) => tend(pod) })
}
