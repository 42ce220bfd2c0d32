/** A node with a kubelet over fakes, and the pods of the tests. */
import type { Container, Node, Pod } from '../../../src-main/cluster/api/object.js'
import { VirtualClock, type WallTime } from '../../../src-main/cluster/clock.js'
import type { Kubelets, NodeSpec } from '../../../src-main/cluster/kubelet/kubelets.js'
import { startKubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeApi } from './fake-api.js'
import { FakeRuntime } from './fake-runtime.js'

export const START = Date.parse('2026-11-21T09:00:00Z')

export interface Bench {
  clock: VirtualClock
  api: FakeApi
  runtime: FakeRuntime
  kubelets: Kubelets
  /** Creates a pod on the node and lets everything settle. */
  create(pod: Pod): Promise<Pod>
  pod(name?: string): Pod
  /** Another kubelet over the same API, as after a restart of the simulator. */
  restart(): Promise<Bench>
}

/** Gives every node its pod CIDR, as the node IPAM controller does. */
function allocateCidrs(api: FakeApi): void {
  let n = 0
  api.listen('nodes', {
    add: (node) => void api.put('nodes', { ...node, spec: { ...(node as unknown as Node).spec, podCIDR: `10.244.${n++}.0/24` } }),
  })
}

async function assemble(
  clock: VirtualClock,
  api: FakeApi,
  nodes: readonly NodeSpec[] | undefined,
  seed: string,
  behave?: (runtime: FakeRuntime) => void,
  relistMs?: number,
): Promise<Bench> {
  const runtime = new FakeRuntime(clock)
  behave?.(runtime)
  const started = startKubelets({
    client: (user) => api.client(user),
    informers: api.informers(),
    runtime,
    network: runtime.network,
    clock,
    random: new Random(seed),
    clusterName: 'drydock',
    ...(nodes ? { nodes } : {}),
    ...(relistMs === undefined ? {} : { relistMs }),
  })
  await clock.settle()
  const kubelets = await started
  await clock.settle()
  return {
    clock,
    api,
    runtime,
    kubelets,
    create: async (pod) => {
      api.put('pods', pod as never)
      await clock.settle()
      return api.pod(pod.metadata.name!)!
    },
    pod: (name = 'web') => api.pod(name)!,
    restart: async () => {
      kubelets.stop()
      return assemble(clock, api, undefined, 'again', behave)
    },
  }
}

/** One node `drydock` (or those given), ready for pods. */
export async function bench(
  options: { nodes?: readonly NodeSpec[] | undefined; behave?: (runtime: FakeRuntime) => void; wall?: WallTime; relistMs?: number } = {},
): Promise<Bench> {
  const clock = new VirtualClock({ start: START, speed: 0, ...(options.wall ? { wall: options.wall } : {}) })
  const api = new FakeApi(clock, new Random('api'))
  allocateCidrs(api)
  const nodes = 'nodes' in options ? options.nodes : [{ name: 'drydock', controlPlane: true }]
  return assemble(clock, api, nodes, 'seed', options.behave, options.relistMs)
}

/** A pod bound to the node, as the API server would have filled it in. */
export function pod(container: Partial<Container> = {}, spec: Partial<NonNullable<Pod['spec']>> = {}, name = 'web'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1, labels: { app: name } },
    spec: {
      nodeName: 'drydock',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      enableServiceLinks: true,
      containers: [{ name: 'app', image: 'nginx', imagePullPolicy: 'IfNotPresent', ...container }],
      ...spec,
    },
    status: { phase: 'Pending', qosClass: 'BestEffort', conditions: [] },
  } as Pod
}
