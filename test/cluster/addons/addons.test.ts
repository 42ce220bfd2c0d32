import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, KubeObject, Pod } from '../../../src-main/cluster/api/object.js'
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

it('has the ConfigMaps of kubeadm and of the API server, which say where and whom to trust', async () => {
  const configMaps = cluster.api.client(ADMIN).resource<KubeObject & { data: Record<string, string> }>(resources.configmaps)
  const { items } = await configMaps.list()
  const named = items.map(({ metadata, data }) => [`${metadata.namespace}/${metadata.name}`, Object.keys(data)])
  expect(named.filter(([name]) => !String(name).endsWith('/kube-root-ca.crt'))).toEqual([
    ['kube-public/cluster-info', ['kubeconfig']],
    ['kube-system/coredns', ['Corefile']],
    [
      'kube-system/extension-apiserver-authentication',
      [
        'client-ca-file',
        'requestheader-allowed-names',
        'requestheader-client-ca-file',
        'requestheader-extra-headers-prefix',
        'requestheader-group-headers',
        'requestheader-username-headers',
      ],
    ],
    ['kube-system/kube-apiserver-legacy-service-account-token-tracking', ['since']],
    ['kube-system/kube-proxy', ['config.conf', 'kubeconfig.conf']],
    ['kube-system/kubeadm-config', ['ClusterConfiguration']],
    ['kube-system/kubelet-config', ['kubelet']],
  ])
  const root = (await configMaps.get('default', 'kube-root-ca.crt')).data['ca.crt']!
  const trust = (await configMaps.get('kube-system', 'extension-apiserver-authentication')).data
  expect(trust['client-ca-file']).toBe(root)
  expect(new X509Certificate(trust['requestheader-client-ca-file']!).subject).toBe('CN=front-proxy-ca')
  expect((await configMaps.get('kube-public', 'cluster-info')).data['kubeconfig']).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(root).toString('base64')}
    server: https://192.168.49.2:8443
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`)
})

it('keeps whom extension API servers are to trust', async () => {
  const configMaps = cluster.api.client(ADMIN).resource<KubeObject & { data: Record<string, string> }>(resources.configmaps)
  const kept = await configMaps.get('kube-system', 'extension-apiserver-authentication')
  await configMaps.delete('kube-system', 'extension-apiserver-authentication', {})
  await cluster.clock.advance(10_000)
  const anew = await configMaps.get('kube-system', 'extension-apiserver-authentication')
  expect(anew.data).toEqual(kept.data)
  await configMaps.update({ ...anew, data: { 'client-ca-file': 'other' } })
  await cluster.clock.advance(10_000)
  expect((await configMaps.get('kube-system', 'extension-apiserver-authentication')).data).toEqual(kept.data)
})

it('lets nodes read what kubeadm keeps for them', async () => {
  const allowed = (user: string, name: string): Promise<boolean> =>
    cluster.api
      .client({ username: user, groups: ['system:nodes', 'system:authenticated'] })
      .resource(resources.configmaps)
      .get('kube-system', name)
      .then(
        () => true,
        () => false,
      )
  expect(await allowed('system:node:new', 'kubeadm-config')).toBe(true)
  expect(await allowed('system:node:new', 'kubelet-config')).toBe(true)
  expect(await allowed('system:node:new', 'coredns')).toBe(false)
})

it('kube-proxy tells of its node when it starts', async () => {
  const events = async (): Promise<object[]> => {
    const { items } = await cluster.api.client(ADMIN).resource<Event>(resources.events).list({ namespace: 'default' })
    return items
      .filter((e) => e.reportingComponent === 'kube-proxy')
      .map(({ type, reason, message, action, reportingInstance, involvedObject }) => ({
        told: [type, reason, message, action, reportingInstance],
        involvedObject,
      }))
  }
  const starting = (node: string): object => ({
    told: ['Normal', 'Starting', '', 'StartKubeProxy', `kube-proxy-${node}`],
    involvedObject: { kind: 'Node', name: node, uid: node },
  })
  expect(await events()).toEqual(expect.arrayContaining([starting('dock'), starting('dock-m02')]))
  expect(await events()).toHaveLength(2)
  const proxy = (await systemPods()).find((p) => p.metadata.name!.startsWith('kube-proxy') && p.spec!.nodeName === 'dock')!
  await cluster.api.client(ADMIN).resource<Pod>(resources.pods).delete('kube-system', proxy.metadata.name!)
  await cluster.clock.advance(60_000)
  expect(await events()).toHaveLength(3)
})
