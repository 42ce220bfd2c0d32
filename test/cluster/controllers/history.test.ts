import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { controllerOf } from '../../../src-main/cluster/api/object.js'
import type { ControllerRevision } from '../../../src-main/cluster/controllers/history.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, statefulsets, daemonsets, controllerrevisions } = resources
let c: RealCluster
afterEach(() => c.stop())

const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } })
const workload = (kind: string, image: string): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    ...(kind === 'StatefulSet' ? { replicas: 2, serviceName: 'web' } : {}),
    selector: { matchLabels: { app: 'web' } },
    template: template(image),
  },
})
const revisions = async () =>
  (await c.list<ControllerRevision>(controllerrevisions, 'default')).map((r) => `${r.revision} ${controllerOf(r)?.name ?? 'nobody'}`).sort()

describe('revisions that a workload has left behind', () => {
  test.each([
    ['StatefulSet', statefulsets],
    ['DaemonSet', daemonsets],
  ] as const)('become those of the next %s of its name, which goes on from them', async (kind, resource) => {
    c = await startRealCluster({ nodes: 2 })
    await c.create(resource, workload(kind, 'web:1'))
    await c.clock.advance(3000)
    await c.admin.resource(resource).patch('default', 'web', { spec: { template: template('web:2') } }, { type: 'merge' })
    await c.clock.advance(5000)
    expect(await revisions()).toEqual(['1 web', '2 web'])

    await c.admin.resource(resource).delete('default', 'web', { propagationPolicy: 'Orphan' })
    await c.clock.advance(3000)
    expect(await revisions()).toEqual(['1 nobody', '2 nobody'])

    const [first] = await c.list<Pod>(pods, 'default')
    await c.admin.resource(pods).delete('default', first!.metadata.name!)
    await c.clock.advance(3000)
    await c.create(resource, workload(kind, 'web:1'))
    await c.clock.advance(10_000)
    expect(await revisions()).toEqual(['2 web', '3 web'])
    expect((await c.list<Pod>(pods, 'default')).map((p) => [p.spec!.containers[0]!.image, controllerOf(p)?.kind])).toEqual([
      ['web:1', kind],
      ['web:1', kind],
    ])
    expect(c.errors).toEqual([])
  })
})

test('a revision holds its template in the order of names, by which kubectl sees that there is nothing to roll back', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, workload('DaemonSet', 'web:1'))
  await c.clock.advance(3000)
  const [revision] = await c.list<ControllerRevision>(controllerrevisions, 'default')
  expect(JSON.stringify(revision!.data)).toBe(
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"web:1",' +
      '"imagePullPolicy":"IfNotPresent","name":"main","resources":{},"terminationMessagePath":"/dev/termination-log",' +
      '"terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler",' +
      '"securityContext":{},"terminationGracePeriodSeconds":30}}}}',
  )
})

test.each([
  ['StatefulSet', statefulsets, {}],
  ['DaemonSet', daemonsets, { 'deprecated.daemonset.template.generation': '1' }],
] as const)('a revision of a %s has the annotations that it had then, among them what was applied', async (kind, resource, own) => {
  c = await startRealCluster({ nodes: 1 })
  const annotations = { 'kubernetes.io/change-cause': 'first', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
  const object = workload(kind, 'web:1') as { metadata: object }
  await c.create(resource, { ...object, metadata: { ...object.metadata, annotations } })
  await c.clock.advance(3000)
  const [revision] = await c.list<ControllerRevision>(controllerrevisions, 'default')
  expect(revision!.metadata.annotations).toEqual({ ...annotations, ...own })
})
