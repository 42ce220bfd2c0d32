/** Metrics from simulated processes to the API and the autoscaler, with everything real, on a clock that stands still. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { resources, type Client } from '../../../src-main/cluster/api/client.js'
import type { NodeMetrics } from '../../../src-main/cluster/api/kinds/nodemetrics.js'
import type { PodMetrics } from '../../../src-main/cluster/api/kinds/podmetrics.js'
import type { UsageHistoryObject } from '../../../src-main/cluster/api/kinds/usagehistory.js'
import type { Deployment, Event, KubeObject, Pod, Service } from '../../../src-main/cluster/api/object.js'
import { createApiServer } from '../../../src-main/cluster/api/server.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { discoveryFrom } from '../../../src-main/cluster/controllers/discovery.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import { DEFAULT_DNS, startKubelets } from '../../../src-main/cluster/kubelet/kubelets.js'
import { autoscalingMetrics } from '../../../src-main/cluster/metrics/autoscaling.js'
import { MetricsCollector } from '../../../src-main/cluster/metrics/collector.js'
import { metricsKinds } from '../../../src-main/cluster/metrics/resources.js'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { Random } from '../../../src-main/cluster/random.js'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { createRuntime } from '../../../src-main/cluster/runtime/runtime.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'

const START = Date.parse('2026-11-21T09:00:00Z')
const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const POD_METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods' }
const NODE_METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'nodes' }
const POD_HISTORY = { group: 'drydock.dev', version: 'v1', resource: 'podusagehistories' }

const clock = new VirtualClock({ start: START, speed: 0 })
const stops: (() => unknown)[] = []
let admin: Client

beforeAll(async () => {
  const server = createApiServer({
    clock,
    random: new Random('api'),
    store: openStore({ clock }),
    admission: admissionPlugins,
    certificates: await loadCertificates(),
  })
  await server.seeded
  admin = server.client(ADMIN)
  const informers = server.informers(ADMIN)
  const common = { client: server.client, informers, clock, discovery: discoveryFrom(server.kinds) }
  const metrics = new MetricsCollector(clock)
  server.kinds.add(...metricsKinds(metrics, informers, clock))
  const controllers = startControllers({
    ...common,
    random: new Random('c'),
    rootCertificate: 'CERTIFICATE',
    metrics: autoscalingMetrics(metrics, informers),
  })
  const scheduler = startScheduler({ ...common, random: new Random('s') })
  const network = createNetwork({ clock, random: new Random('n') })
  attachServices({ network, informers, clock, random: new Random('services') })
  attachDns({ network, informers, address: DEFAULT_DNS.server, domain: DEFAULT_DNS.domain })
  const runtime = createRuntime({ clock, random: new Random('r'), network, resolveImage })
  const { client } = common
  const starting = startKubelets({ client, informers, runtime, network, clock, random: new Random('k'), clusterName: 'drydock' })
  await clock.advance(1_000)
  const kubelets = await starting
  metrics.start(kubelets)
  stops.push(
    () => metrics.stop(),
    () => controllers.stop(),
    () => scheduler.stop(),
    () => kubelets.stop(),
    () => server.close(),
  )
})

afterAll(async () => {
  for (const stop of stops) await stop()
})

const pod = (name: string, command: string): Pod =>
  ({
    metadata: { name, labels: { run: name } },
    spec: { containers: [{ name: 'main', image: 'busybox:1.28', command: ['sh', '-c', command] }] },
  }) as unknown as Pod

describe('metrics.k8s.io', () => {
  test('a pod without metrics is not found, in the words of metrics-server', async () => {
    const metrics = admin.resource<PodMetrics & KubeObject>(POD_METRICS)
    await expect(metrics.get('default', 'idle')).rejects.toThrow('pods "idle" not found')
    await admin.resource<Pod>(resources.pods).create('default', pod('idle', 'sleep 100000'))
    await expect(metrics.get('default', 'idle')).rejects.toThrow('podmetrics.metrics.k8s.io "default/idle" not found')
  })

  test('a pod has the labels of its pod, and is found by them; its history has the same values', async () => {
    await admin.resource<Pod>(resources.pods).create('default', pod('busy', 'while true; do :; done'))
    await clock.advance(120_000)
    const metrics = admin.resource<PodMetrics & KubeObject>(POD_METRICS)
    const { items, metadata } = await metrics.list({ namespace: 'default', labelSelector: 'run=idle' })
    expect(metadata.resourceVersion).toBe('')
    expect(items).toMatchObject([
      {
        kind: 'PodMetrics',
        apiVersion: 'metrics.k8s.io/v1beta1',
        metadata: { name: 'idle', namespace: 'default', creationTimestamp: '2026-11-21T09:02:01Z', labels: { run: 'idle' } },
        timestamp: '2026-11-21T09:02:01Z',
        window: '15s',
        containers: [{ name: 'main', usage: { cpu: '0' } }],
      },
    ])
    expect(items[0]!.containers[0]!.usage.memory).toMatch(/^\d+(Ki|Mi)$/)
    const all = await metrics.list()
    expect(all.items.map((i) => i.metadata.name)).toEqual(['busy', 'idle'])
    const history = await admin.resource<UsageHistoryObject & KubeObject>(POD_HISTORY).get('default', 'idle')
    expect(history.intervalSeconds).toBe(60)
    expect(history.times.at(-1)).toBe(START / 1000 + 180)
    expect(history.cpuNanoCores.every((n) => n === 0)).toBe(true)
    expect(history.memoryBytes).toHaveLength(history.times.length)
  })

  test('every node has metrics, in the order of the names', async () => {
    const { items } = await admin.resource<NodeMetrics & KubeObject>(NODE_METRICS).list()
    expect(items.map((n) => n.metadata.name)).toEqual(['drydock', 'drydock-m02', 'drydock-m03'])
    expect(items.every((n) => n.window === '15s' && n.timestamp === '2026-11-21T09:02:01Z')).toBe(true)
    for (const name of ['busy', 'idle']) await admin.resource<Pod>(resources.pods).delete('default', name, { gracePeriodSeconds: 0 })
  })
})

describe('HorizontalPodAutoscaler', () => {
  test('a Deployment under load is scaled up to its limit, and down again when the load has ended for five minutes', async () => {
    const labels = { app: 'web' }
    const deployments = admin.resource<Deployment>(resources.deployments)
    await deployments.create('default', {
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: 'web', image: 'registry.k8s.io/hpa-example', resources: { requests: { cpu: '20m' } } }],
          },
        },
      },
    } as unknown as Deployment)
    const service = { metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } }
    await admin.resource<Service>(resources.services).create('default', service as unknown as Service)
    await admin.resource(resources.horizontalpodautoscalers).create('default', {
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 4,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
      },
    })
    await clock.advance(60_000)
    expect((await deployments.get('default', 'web')).spec?.replicas).toBe(1)
    const pods = admin.resource<Pod>(resources.pods)
    await pods.create('default', pod('load', 'while sleep 0.5; do wget -q -O- http://web; done'))
    await clock.advance(120_000)
    expect((await deployments.get('default', 'web')).spec?.replicas).toBe(4)
    const { items } = await admin
      .resource<Event>(resources.events)
      .list({ namespace: 'default', fieldSelector: 'reason=SuccessfulRescale' })
    expect(items[0]!.message).toMatch(/^New size: \d; reason: cpu resource utilization \(percentage of request\) above target$/)

    await pods.delete('default', 'load', { gracePeriodSeconds: 0 })
    await clock.advance(4 * 60_000)
    expect((await deployments.get('default', 'web')).spec?.replicas).toBe(4)
    await clock.advance(3 * 60_000)
    expect((await deployments.get('default', 'web')).spec?.replicas).toBe(1)
  })
})
