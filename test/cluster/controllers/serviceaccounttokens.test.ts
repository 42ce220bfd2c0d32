import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Secret, ServiceAccount } from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { secrets, serviceaccounts } = resources
const NAME = 'kubernetes.io/service-account.name'
let c: RealCluster
afterEach(() => c?.stop())

async function started(): Promise<void> {
  c = await startRealCluster({ issueLegacyToken: ({ namespace, name, secretName }) => `token of ${namespace}/${name} in ${secretName}` })
}
const token = (account: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'robot-token', namespace: 'default', annotations: { [NAME]: account } },
  type: 'kubernetes.io/service-account-token',
})
const robot = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'robot', namespace: 'default' },
  secrets: [{ name: 'robot-token' }],
}

test('a Secret for a ServiceAccount is filled, and again when somebody empties it', async () => {
  await started()
  const account = await c.create<ServiceAccount>(serviceaccounts, robot)
  await c.create(secrets, token('robot'))
  await c.clock.advance(1000)
  const filled = await c.get<Secret>(secrets, 'default', 'robot-token')
  const decoded = Object.entries(filled.data!).map(([k, v]) => [k, Buffer.from(v, 'base64').toString()])
  expect(decoded).toEqual([
    ['ca.crt', 'CERTIFICATE'],
    ['namespace', 'default'],
    ['token', 'token of default/robot in robot-token'],
  ])
  expect(filled.metadata.annotations).toEqual({ [NAME]: 'robot', 'kubernetes.io/service-account.uid': account.metadata.uid })
  await c.admin.resource<Secret>(secrets).update({ ...filled, data: {} })
  await c.clock.advance(1000)
  expect((await c.get<Secret>(secrets, 'default', 'robot-token')).data).toEqual(filled.data)
})

test('it goes with its ServiceAccount, and at once when there is none', async () => {
  await started()
  await c.create(secrets, token('nobody'))
  await c.clock.advance(1000)
  expect(await c.list(secrets, 'default')).toEqual([])
  await c.create(serviceaccounts, robot)
  await c.create(secrets, token('robot'))
  await c.clock.advance(1000)
  await c.admin.resource(serviceaccounts).delete('default', 'robot')
  await c.clock.advance(1000)
  expect(await c.list(secrets, 'default')).toEqual([])
})

test('a ServiceAccount no longer lists a token Secret that was deleted', async () => {
  await started()
  await c.create(serviceaccounts, robot)
  await c.create(secrets, token('robot'))
  await c.clock.advance(1000)
  await c.admin.resource(secrets).delete('default', 'robot-token')
  await c.clock.advance(1000)
  expect((await c.get<ServiceAccount>(serviceaccounts, 'default', 'robot')).secrets ?? []).toEqual([])
})
