import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, eventually, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Namespaces: their status, finalizers and end, and what each of them has from its beginning. */

let cluster: TestCluster
let api: Api
const namespaces = '/api/v1/namespaces'
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '20'] })
  api = new Api(cluster.kubeconfig)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})
const created = (name: string): Promise<Json> => api.namespace(name)

describe('a namespace', () => {
  it('takes patches and updates of its labels', async () => {
    await created('labelled')
    await api.patch(`${namespaces}/labelled`, 'strategic', { metadata: { labels: { testLabel: 'testValue' } } })
    await api.change(`${namespaces}/labelled`, (o) => (o.metadata.labels.updated = 'labelled'))
    expect((await api.get(`${namespaces}/labelled`)).metadata.labels).toEqual({
      'kubernetes.io/metadata.name': 'labelled',
      testLabel: 'testValue',
      updated: 'labelled',
    })
  })

  it('takes conditions in its status by patch and by update', async () => {
    await created('told')
    expect((await api.get(`${namespaces}/told/status`)).status).toEqual({ phase: 'Active' })
    const patched = await api.patch(`${namespaces}/told/status`, 'merge', {
      metadata: { annotations: { 'e2e-patched-ns-status': 'told' } },
      status: { conditions: [{ type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' }] },
    })
    expect(patched.metadata.annotations).toEqual({ 'e2e-patched-ns-status': 'told' })
    expect(patched.status.conditions.map((c: Json) => [c.type, c.reason, c.message])).toEqual([
      ['StatusPatch', 'E2E', 'Patched by an e2e test'],
    ])
    const updated = await api.change(
      `${namespaces}/told`,
      (o) => o.status.conditions.push({ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by an e2e test' }),
      '/status',
    )
    expect(updated.status.phase).toBe('Active')
    expect(updated.status.conditions.map((c: Json) => c.type)).toEqual(['StatusPatch', 'StatusUpdate'])
  })

  it('takes a finalizer on its finalize subresource alone, and is let go of by it', async () => {
    await created('held')
    const held = await api.change(`${namespaces}/held`, (o) => o.spec.finalizers.push('e2e.example.com/fakeFinalizer'), '/finalize')
    expect(held.spec.finalizers).toEqual(['kubernetes', 'e2e.example.com/fakeFinalizer'])
    const ignored = await api.change(`${namespaces}/held`, (o) => (o.spec.finalizers = ['kubernetes']))
    expect(ignored.spec.finalizers).toEqual(['kubernetes', 'e2e.example.com/fakeFinalizer'])
    await api.change(`${namespaces}/held`, (o) => (o.spec.finalizers = ['kubernetes']), '/finalize')
    expect((await api.get(`${namespaces}/held`)).spec.finalizers).toEqual(['kubernetes'])
  })

  it.each([
    ['pods', { metadata: { name: 'thing' }, spec: { containers: [{ name: 'nginx', image: 'registry.k8s.io/pause:3.10' }] } }],
    ['services', { metadata: { name: 'thing' }, spec: { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] } }],
  ])('takes its %s along, and comes back empty', async (resource, object) => {
    const name = `ends-with-${resource}`
    const before = await created(name)
    await api.create(`${namespaces}/${name}/${resource}`, object)
    if (resource === 'pods')
      await eventually(
        () => api.get(`${namespaces}/${name}/pods/thing`),
        (p) => p.status.phase === 'Running',
      )
    await api.delete(`${namespaces}/${name}`)
    const refused = await refusal(api.create(`${namespaces}/${name}/configmaps`, { metadata: { name: 'late' } }))
    expect([refused.code, refused.status.details.causes?.[0]?.reason ?? refused.reason]).toEqual(
      refused.code === 403 ? [403, 'NamespaceTerminating'] : [404, 'NotFound'],
    )
    await eventually(
      () => api.exists(`${namespaces}/${name}`),
      (there) => !there,
    )
    expect((await created(name)).metadata.uid).not.toBe(before.metadata.uid)
    expect(await refusal(api.get(`${namespaces}/${name}/${resource}/thing`))).toMatchObject({ code: 404 })
  })

  it('has the cluster root certificate, made again when deleted and restored when changed', async () => {
    await created('trusting')
    const root = `${namespaces}/trusting/configmaps/kube-root-ca.crt`
    const certificate = (await eventually(() => api.exists(root), Boolean)) && (await api.get(root)).data['ca.crt']
    expect(certificate).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const uid = (await api.get(root)).metadata.uid
    await api.delete(root)
    await eventually(() => api.exists(root), Boolean)
    expect((await api.get(root)).metadata.uid).not.toBe(uid)
    await api.patch(root, 'merge', { data: { 'ca.crt': '' } })
    await eventually(
      () => api.get(root),
      (m) => m.data['ca.crt'] === certificate,
    )
    await api.change(root, (m) => (m.data = { 'ca.crt': null }))
    await eventually(
      () => api.get(root),
      (m) => m.data?.['ca.crt'] === certificate,
    )
  })

  it('is not the only one that ends: a hundred go together', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `nslifetest-${i}`)
    await Promise.all(names.map((name) => api.create(namespaces, { metadata: { name, labels: { life: 'test' } } })))
    await Promise.all(names.map((name) => api.delete(`${namespaces}/${name}`)))
    await eventually(
      () => api.get(namespaces, { labelSelector: 'life=test' }),
      (list) => list.items.length === 0,
    )
  })
})
