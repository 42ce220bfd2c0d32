import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ConfigMap, Secret } from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { secrets, configmaps } = resources
let c: RealCluster
afterEach(() => c?.stop())

const token = (id: string, data: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
  type: 'bootstrap.kubernetes.io/token',
  stringData: { 'token-id': id, 'token-secret': 'f395accd246ae52d', 'usage-bootstrap-signing': 'true', ...data },
})
const names = async (): Promise<string[]> => (await c.list<Secret>(secrets, 'kube-system')).map((s) => s.metadata.name!)

test('the Secret of a bootstrap token goes when the token expires', async () => {
  c = await startRealCluster()
  await c.create(secrets, token('abcdef', { expiration: '2026-11-21T10:00:00Z' }))
  await c.create(secrets, token('stays0'))
  await c.clock.advance(58 * 60_000)
  expect(await names()).toEqual(['bootstrap-token-abcdef', 'bootstrap-token-stays0'])
  await c.clock.advance(3 * 60_000)
  expect(await names()).toEqual(['bootstrap-token-stays0'])
  expect(c.errors).toEqual([])
})

test('cluster-info is signed with each bootstrap token that is for signing', async () => {
  c = await startRealCluster()
  const info = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: 'a' },
  }
  await c.create(configmaps, info)
  await c.create(secrets, token('abcdef'))
  await c.create(secrets, token('nosign', { 'usage-bootstrap-signing': 'false' }))
  await c.create(secrets, token('wrong1', { 'token-id': 'other1' }))
  await c.clock.advance(1000)
  const data = async (): Promise<Record<string, string>> => (await c.get<ConfigMap>(configmaps, 'kube-public', 'cluster-info')).data!
  const signature = (content: string): string => {
    const header = Buffer.from('{"alg":"HS256","kid":"abcdef"}').toString('base64url')
    const input = `${header}.${Buffer.from(content).toString('base64url')}`
    return `${header}..${createHmac('sha256', 'f395accd246ae52d').update(input).digest('base64url')}`
  }
  expect(await data()).toEqual({ kubeconfig: 'a', 'jws-kubeconfig-abcdef': signature('a') })
  // It follows what it signs, and goes with the token.
  await c.admin.resource(configmaps).patch('kube-public', 'cluster-info', { data: { kubeconfig: 'b' } }, { type: 'merge' })
  await c.clock.advance(1000)
  expect(await data()).toEqual({ kubeconfig: 'b', 'jws-kubeconfig-abcdef': signature('b') })
  await c.admin.resource(secrets).delete('kube-system', 'bootstrap-token-abcdef')
  await c.clock.advance(1000)
  expect(await data()).toEqual({ kubeconfig: 'b' })
})
