/** An API server in memory with many nodes and pods that wait, and the scheduler: what scheduler.mjs measures. */
import { admissionPlugins } from '../../src-main/cluster/access/admission/plugins.js'
import { resources } from '../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../src-main/cluster/api/object.js'
import { createApiServer } from '../../src-main/cluster/api/server.js'
import { VirtualClock } from '../../src-main/cluster/clock.js'
import { discoveryFrom } from '../../src-main/cluster/controllers/discovery.js'
import { Random } from '../../src-main/cluster/random.js'
import { startScheduler } from '../../src-main/cluster/scheduler/scheduler.js'
import { openStore } from '../../src-main/cluster/store/mvcc.js'

const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const ALLOCATABLE = { cpu: '32', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' }

/** Wall and CPU time that it takes to bind `pods` pods on `nodes` nodes, ms. */
export async function schedule(nodes: number, pods: number): Promise<{ wall: number; cpu: number }> {
  const clock = new VirtualClock()
  const random = new Random('bench')
  const server = createApiServer({ clock, random, store: openStore({ clock }), admission: admissionPlugins })
  await server.seeded
  const client = server.client(ADMIN)
  for (let i = 0; i < nodes; i++) {
    const labels = { 'kubernetes.io/hostname': `node-${i}`, 'topology.kubernetes.io/zone': `zone-${i % 3}` }
    const name = `node-${i}`
    await client.resource<Node>(resources.nodes).create('', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      status: { capacity: ALLOCATABLE, allocatable: ALLOCATABLE },
    })
    // New nodes are tainted as long as no kubelet says that they are ready.
    await client.resource<Node>(resources.nodes).patch('', name, { spec: { taints: null } }, { type: 'merge' })
  }
  await client.resource(resources.serviceaccounts).create('default', { metadata: { name: 'default' } } as never)
  for (let i = 0; i < pods; i++)
    await client.resource<Pod>(resources.pods).create('default', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, labels: { app: `app-${i % 20}` } },
      spec: {
        containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu: '100m', memory: '500Mi' } } }],
      },
    })
  const informers = server.informers(ADMIN)
  let bound = 0
  const began = performance.now()
  const cpuBefore = process.cpuUsage()
  const all = new Promise<void>((resolve) => {
    informers
      .for<Pod>(resources.pods)
      .on({ update: (old, pod) => !old.spec?.nodeName && pod.spec?.nodeName && ++bound === pods && resolve() })
  })
  const scheduler = startScheduler({
    client: server.client,
    informers,
    clock,
    random,
    discovery: discoveryFrom(server.kinds),
    log: (message, error) => console.error(message, error),
  })
  await all
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  scheduler.stop()
  clock.stop()
  await server.close()
  return { wall, cpu: (user + system) / 1000 }
}
