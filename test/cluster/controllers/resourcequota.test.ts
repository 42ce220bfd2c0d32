/** What quotas count of pods that have ended, or should have. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ResourceQuota } from '../../../src-main/cluster/controllers/resourcequota.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, resourcequotas } = resources
let c: RealCluster
afterEach(() => c?.stop())

async function started(metadata: object = {}): Promise<void> {
  c = await startRealCluster()
  c.kubelet.ends = () => false
  await c.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'sum', namespace: 'default', ...metadata },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '100m' } } }] },
  })
  await c.clock.advance(1000)
  await c.create(resourcequotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'default' },
    spec: { hard: { pods: '5', 'count/pods': '5', 'requests.cpu': '1' } },
  })
  await c.clock.advance(1000)
}
const used = async () => (await c.get<ResourceQuota>(resourcequotas, 'default', 'small')).status!.used

test('a pod that has finished takes nothing any more, but is still an object that is counted', async () => {
  await started()
  expect(await used()).toEqual({ pods: '1', 'count/pods': '1', 'requests.cpu': '100m' })
  await c.admin.resource(pods).patch('default', 'sum', { status: { phase: 'Succeeded' } }, { type: 'merge', subresource: 'status' })
  await c.clock.advance(1000)
  expect(await used()).toEqual({ pods: '0', 'count/pods': '1', 'requests.cpu': '0' })
  await c.admin.resource(pods).delete('default', 'sum')
  await c.clock.advance(1000)
  expect(await used()).toEqual({ pods: '0', 'count/pods': '0', 'requests.cpu': '0' })
})

test('a pod that is deleted takes what it asked for until its node has been silent for its grace period', async () => {
  await started({ finalizers: ['example.com/held'] })
  await c.admin.resource(pods).delete('default', 'sum', { gracePeriodSeconds: 200 })
  await c.clock.advance(310_000)
  expect(await used()).toEqual({ pods: '1', 'count/pods': '1', 'requests.cpu': '100m' })
  await c.clock.advance(300_000)
  expect(await used()).toEqual({ pods: '0', 'count/pods': '1', 'requests.cpu': '0' })
})
