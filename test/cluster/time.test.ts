/** Time and chance in a whole cluster: what a jump does and leaves out, and that a seed makes a run repeatable. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../src-main/cluster/api/client.js'
import type { Event, Lease, Node, Pod } from '../../src-main/cluster/api/object.js'
import type { CronJob } from '../../src-main/cluster/controllers/cronjob.js'
import type { Job } from '../../src-main/cluster/controllers/job-policy.js'
import { rfc3339 } from '../../src-main/cluster/clock.js'
import { MACHINES } from '../../src-main/cluster/machine-resource.js'
import type { Fabric } from '../../src-main/cluster/network/fabric.js'
import { FakeWall } from './support/fake-wall.js'
import type { WholeCluster } from './support/whole-cluster.js'
import { startWholeCluster } from './support/whole-cluster.js'

const HOUR = 3_600_000
let clusters: WholeCluster[] = []

afterEach(async () => {
  for (const c of clusters) await c.stop()
  clusters = []
})

async function cluster(options: Parameters<typeof startWholeCluster>[0] = {}): Promise<WholeCluster> {
  const c = await startWholeCluster(options)
  clusters.push(c)
  return c
}

const hourly = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'hourly', namespace: 'default' },
  spec: {
    schedule: '0 * * * *',
    jobTemplate: {
      spec: {
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'date; sleep 90'] }] },
        },
      },
    },
  },
}

describe('a jump', () => {
  test('takes the Leases of nodes for longer instead of renewing each ten seconds; none expires, and at its end all are as ever', async () => {
    const c = await cluster()
    const renewals: { at: number; seconds: number }[] = []
    c.informers.for<Lease>(resources.leases).on({
      update: (_, { metadata, spec }) => {
        if (metadata.name === 'drydock')
          renewals.push({ at: Date.parse(spec!.renewTime as unknown as string), seconds: spec!.leaseDurationSeconds! })
      },
    })
    await c.clock.settle()
    const begun = c.clock.now()
    await c.clock.advance(3 * HOUR)
    expect(renewals.map((r) => r.seconds)).toEqual([3600, 3600, 3600, 40])
    const slack = renewals.map(({ at }, i) => (i ? renewals[i - 1]!.at + renewals[i - 1]!.seconds * 1000 : begun + 40_000) - at)
    expect(Math.min(...slack)).toBeGreaterThan(0)
    expect(c.clock.now() - renewals.at(-1)!.at).toBeLessThan(10_000)
    expect((await c.list<Event>(resources.events)).filter((e) => e.reason === 'NodeNotReady')).toEqual([])
  })

  test('in which a machine loses its power has its node Unknown 50 seconds after its last heartbeat', async () => {
    const c = await cluster()
    c.clock.after(HOUR + 5_000, () => void c.kubelets.stopNode('drydock-m02'))
    const begun = c.clock.now()
    await c.clock.advance(2 * HOUR)
    const node = await c.get<Node>(resources.nodes, '', 'drydock-m02')
    const ready = node.status!.conditions!.find((x) => x.type === 'Ready')!
    const silent = Date.parse(ready.lastTransitionTime as unknown as string) - begun
    expect(ready.status).toBe('Unknown')
    expect(silent).toBeGreaterThan(HOUR + 5_000 + 40_000)
    expect(silent).toBeLessThanOrEqual(HOUR + 5_000 + 51_000)
  })

  test('over an hour of a crashing container has every restart at its time', async () => {
    const c = await cluster({ nodes: 1 })
    await c.pod('bad', { containers: [{ name: 'main', image: 'busybox', command: ['false'] }] })
    await c.clock.advance(10_000)
    const startOf = (pod: Pod): number => {
      const { state, lastState } = pod.status!.containerStatuses![0]!
      const { startedAt } = (state!.running ?? state!.terminated ?? lastState!.terminated)!
      return Date.parse(startedAt as unknown as string)
    }
    const first = await c.get<Pod>(resources.pods, 'default', 'bad')
    let last = first.status!.containerStatuses![0]!.restartCount
    const starts = [startOf(first)]
    c.informers.for<Pod>(resources.pods).on({
      update: (_, pod) => {
        const status = pod.status?.containerStatuses?.[0]
        if (!status || status.restartCount === last) return
        last = status.restartCount
        starts.push(startOf(pod))
      },
    })
    await c.clock.advance(HOUR)
    const pod = await c.get<Pod>(resources.pods, 'default', 'bad')
    expect(pod.status!.containerStatuses![0]).toMatchObject({
      restartCount: 16,
      state: {
        waiting: { reason: 'CrashLoopBackOff', message: expect.stringMatching(/^back-off 5m0s restarting failed container=main /) },
      },
    })
    const waits = starts.slice(1).map((t, i) => Math.round((t - starts[i]!) / 10_000) * 10)
    expect(waits.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
  })

  test('over a day of an hourly CronJob has run each Job at its minute, and kept the last three', async () => {
    const c = await cluster({ nodes: 1 })
    const begun: string[] = []
    c.informers.for<Job>({ group: 'batch', version: 'v1', resource: 'jobs' }).on({
      add: (job) => void begun.push(job.metadata.creationTimestamp!.slice(5, 16)),
    })
    await c.create({ group: 'batch', version: 'v1', resource: 'cronjobs' }, hourly)
    await c.clock.advance(24 * HOUR)
    const hours = Array.from({ length: 24 }, (_, i) => (10 + i) % 24)
    expect(begun).toEqual(hours.map((h, i) => `${i < 14 ? '11-21' : '11-22'}T${String(h).padStart(2, '0')}:00`))
    const jobs = await c.list<Job>({ group: 'batch', version: 'v1', resource: 'jobs' }, 'default')
    expect(jobs.map((j) => [j.status!.succeeded ?? 0, j.status!.active ?? 0])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
    ])
    const { status } = await c.get<CronJob>({ group: 'batch', version: 'v1', resource: 'cronjobs' }, 'default', 'hourly')
    expect(status!.lastScheduleTime).toBe('2026-11-22T09:00:00Z')
  })
})

test('a week of an hourly CronJob comes out exact: each Job at its minute, done, and the last three kept', async () => {
  const c = await cluster()
  const begun: string[] = []
  const ends: string[] = []
  c.informers.for<Job>({ group: 'batch', version: 'v1', resource: 'jobs' }).on({
    add: (job) => void begun.push(job.metadata.creationTimestamp!),
    delete: (job) => void ends.push(job.status!.conditions!.map((x) => x.type).join()),
  })
  await c.create({ group: 'batch', version: 'v1', resource: 'cronjobs' }, hourly)
  await c.clock.advance(7 * 24 * HOUR)
  const first = Date.parse('2026-11-21T10:00:00Z')
  expect(begun).toEqual(Array.from({ length: 168 }, (_, i) => rfc3339(first + i * HOUR)))
  // The last Job is still asleep; of the others three are kept.
  expect(ends).toEqual(Array.from({ length: 164 }, () => 'SuccessCriteriaMet,Complete'))
  const { status } = await c.get<CronJob>({ group: 'batch', version: 'v1', resource: 'cronjobs' }, 'default', 'hourly')
  expect(status).toEqual({
    active: [expect.objectContaining({ kind: 'Job', name: `hourly-${(first + 167 * HOUR) / 60_000}` })],
    lastScheduleTime: '2026-11-28T09:00:00Z',
    lastSuccessfulTime: '2026-11-28T08:01:30Z',
  })
  const pods = await c.list<Pod>(resources.pods, 'default')
  expect(pods.map((p) => p.status!.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded', 'Running'])
  const nodes = await c.list<Node>(resources.nodes)
  expect(nodes.map((n) => n.status!.conditions!.find((x) => x.type === 'Ready')!.lastTransitionTime)).toEqual(
    nodes.map((n) => n.metadata.creationTimestamp),
  )
  expect(c.errors).toEqual([])
  // The time it takes is a matter of the bench; on a busy machine it may be long.
}, 120_000)

test('a probe of a server that answers always alike keeps its pod ready through a jump, and finds out when the server is gone', async () => {
  const c = await cluster({ nodes: 1 })
  const probe = { httpGet: { path: '/health', port: 8080 }, periodSeconds: 10, failureThreshold: 3 }
  const config = { metadata: { name: 'dns', namespace: 'default' }, data: { Corefile: '. {\n  health\n}\n' } }
  await c.create(resources.configmaps, { apiVersion: 'v1', kind: 'ConfigMap', ...config })
  await c.pod('dns', {
    volumes: [{ name: 'config', configMap: { name: 'dns' } }],
    containers: [
      {
        name: 'coredns',
        image: 'registry.k8s.io/coredns/coredns:v1.14.2',
        args: ['-conf', '/etc/coredns/Corefile'],
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
        livenessProbe: probe,
        readinessProbe: probe,
      },
    ],
  })
  await c.clock.advance(24 * HOUR)
  const before = (await c.get<Pod>(resources.pods, 'default', 'dns')).status!
  expect(before.containerStatuses![0]).toMatchObject({ ready: true, restartCount: 0 })
  // What listens is closed behind the back of the process: the next probes hear nobody.
  ;(c.network as Fabric).allows = () => false
  await c.clock.advance(40_000)
  expect(await c.eventsOf('dns')).toContainEqual(
    `Warning Unhealthy Liveness probe failed: Get "http://${before.podIP}:8080/health": context deadline exceeded`,
  )
  const after = (await c.get<Pod>(resources.pods, 'default', 'dns')).status!.containerStatuses![0]!
  expect([after.ready, after.restartCount]).toEqual([false, 1])
})

test('a host that sleeps for ten minutes wakes up to nodes that are Ready and always were', async () => {
  const wall = new FakeWall()
  const c = await cluster({ wall })
  const unready: string[] = []
  c.informers.for<Node>(resources.nodes).on({
    update: (_, { metadata, status }) => {
      if (status!.conditions!.find((x) => x.type === 'Ready')!.status !== 'True') unready.push(metadata.name!)
    },
  })
  c.clock.setSpeed(1)
  const before = c.clock.now()
  wall.stall(600_000)
  wall.pass(0)
  await c.clock.settle()
  expect(c.clock.now()).toBe(before + 600_000)
  expect(unready).toEqual([])
  const lease = await c.get<Lease>(resources.leases, 'kube-node-lease', 'drydock')
  expect(c.clock.now() - Date.parse(lease.spec!.renewTime as unknown as string)).toBeLessThan(10_000)
})

describe('the same seed and the same inputs', () => {
  const script = async (c: WholeCluster): Promise<void> => {
    await c.create(resources.deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
      },
    })
    await c.create({ group: 'batch', version: 'v1', resource: 'cronjobs' }, hourly)
    await c.pod('bad', { containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 5; exit 3'] }] })
    await c.clock.advance(60_000)
    await c.admin
      .resource(resources.deployments)
      .patch(
        'default',
        'web',
        { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] } } } },
        { type: 'strategic' },
      )
    await c.admin.resource(MACHINES).patch('', 'drydock-m02', { spec: { running: false } }, { type: 'merge' })
    await c.clock.advance(2 * HOUR)
    await c.admin.resource(MACHINES).patch('', 'drydock-m02', { spec: { running: true } }, { type: 'merge' })
    await c.clock.advance(60_000)
  }
  /** Every change of every object there was, in order, with all its content. */
  const record = async (seed: string): Promise<string[]> => {
    const c = await cluster({ seed })
    const { store } = c.server.machinery
    const changes: string[] = []
    const unwatch = store.watch('/', store.revision, (events) => {
      for (const e of events) changes.push(`${e.revision} ${e.type} ${e.current.key} ${JSON.stringify(e.current.object)}`)
    })
    await script(c)
    unwatch()
    return changes
  }

  test('give the same cluster, change for change', async () => {
    const one = await record('seven')
    const two = await record('seven')
    expect(one.length).toBeGreaterThan(400)
    expect(two).toEqual(one)
  })

  test('and another seed gives another', async () => {
    expect(await record('eight')).not.toEqual(await record('nine'))
  })
})
