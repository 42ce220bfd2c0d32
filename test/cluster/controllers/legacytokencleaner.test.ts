import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject, Secret } from '../../../src-main/cluster/api/object.js'
import { startHarness } from './harness.js'

const { secrets, serviceaccounts, configmaps, pods } = resources
const DAY = 24 * 3_600_000

test('a token that was made for a ServiceAccount and that nobody uses is invalid after a year and gone after another', async () => {
  const h = startHarness(['legacy-service-account-token-cleaner'], { kubelet: false })
  const start = h.clock.now()
  const day = (after: number): string => new Date(start + after * DAY).toISOString().slice(0, 10)
  const create = (gvr: (typeof resources)[keyof typeof resources], object: object): Promise<KubeObject> => {
    const o = { apiVersion: 'v1', ...object } as KubeObject
    return h.user.resource(gvr).create(o.metadata.namespace!, o)
  }
  const tracking = { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' }
  await create(configmaps, { kind: 'ConfigMap', metadata: tracking, data: { since: day(0) } })
  // The account lists what was made for it; `own` somebody has made by hand.
  const listed = [{ name: 'made' }, { name: 'mounted' }, { name: 'used' }]
  await create(serviceaccounts, { kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' }, secrets: listed })
  for (const name of ['made', 'mounted', 'own', 'used']) {
    const metadata = { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'robot' } }
    await create(secrets, { kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' })
  }
  const volumes = [{ name: 't', secret: { secretName: 'mounted' } }]
  const spec = { containers: [{ name: 'c', image: 'busybox' }], volumes }
  await create(pods, { kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec })
  const use = (lastUsed: string): Promise<unknown> => {
    const labels = { 'kubernetes.io/legacy-token-last-used': lastUsed }
    return h.user.resource(secrets).patch('default', 'used', { metadata: { labels } }, { type: 'merge' })
  }
  const marks = (): string[] =>
    h.cluster
      .all<Secret>(secrets)
      .map(({ metadata: { name, labels } }) => `${name} ${labels?.['kubernetes.io/legacy-token-invalid-since'] ?? '-'}`)
      .sort()

  await h.clock.advance(365 * DAY)
  expect(marks()).toEqual(['made -', 'mounted -', 'own -', 'used -'])
  await use(day(340))
  await h.clock.advance(3 * DAY)
  expect(marks()).toEqual([`made ${day(366)}`, 'mounted -', 'own -', 'used -'])
  await h.clock.advance(300 * DAY)
  await use(day(660))
  await h.clock.advance(62 * DAY)
  expect(marks()).toContain(`made ${day(366)}`)
  await h.clock.advance(4 * DAY)
  expect(marks()).toEqual(['mounted -', 'own -', 'used -'])
  expect(h.errors).toEqual([])
})
