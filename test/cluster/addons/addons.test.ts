import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { startCluster, type Cluster } from '../../../src-main/cluster/cluster.js'

const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
let directory: string
let cluster: Cluster

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-addons-'))
  cluster = await startCluster({ name: 'dock', directory, kubeconfig: path.join(directory, 'kubeconfig'), nodes: 2, seed: 1, speed: 0 })
  await cluster.clock.advance(30_000)
})
afterAll(async () => {
  await cluster.stop()
  fs.rmSync(directory, { recursive: true })
})

const systemPods = async (): Promise<Pod[]> => [
  ...(await cluster.api.client(ADMIN).resource<Pod>(resources.pods).list({ namespace: 'kube-system' })).items,
]

it('a new cluster has the pods of a control plane, CoreDNS, kube-proxy and a pod network, all running', async () => {
  const pods = await systemPods()
  const names = pods.map((p) => p.metadata.name!.replace(/-[a-z0-9]{9,10}-[a-z0-9]{5}$|-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '')).sort()
  expect(names).toEqual([
    'coredns',
    'etcd-dock',
    'kindnet',
    'kindnet',
    'kube-apiserver-dock',
    'kube-controller-manager-dock',
    'kube-proxy',
    'kube-proxy',
    'kube-scheduler-dock',
  ])
  expect(new Set(pods.map((p) => p.status?.phase))).toEqual(new Set(['Running']))
})

it('a pod of the control plane that is deleted comes back as another one', async () => {
  const pods = cluster.api.client(ADMIN).resource<Pod>(resources.pods)
  const before = await pods.get('kube-system', 'etcd-dock')
  await pods.delete('kube-system', 'etcd-dock', { gracePeriodSeconds: 0 })
  await cluster.clock.advance(5_000)
  const after = await pods.get('kube-system', 'etcd-dock')
  expect(after.metadata.uid).not.toBe(before.metadata.uid)
  expect(after.status?.phase).toBe('Running')
})

it('there is a default StorageClass', async () => {
  const standard = await cluster.api.client(ADMIN).resource(resources.storageclasses).get('', 'standard')
  expect(standard.metadata.annotations).toEqual({ 'storageclass.kubernetes.io/is-default-class': 'true' })
})
