import { describe, expect, it } from 'vitest'
import { type Api, eventually, refusal, type Json } from '../support/api.js'
import { eachInNamespace } from '../support/stage.js'

/** ResourceQuotas: what they count, what they refuse, what is given back, and their scopes. */

let api: Api
let namespace: string
eachInNamespace(
  'quota',
  (on) => {
    ;({ api, core: namespace } = on)
  },
  ['--seed', '1'],
)

const HARD = {
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  cpu: '1',
  memory: '500Mi',
  configmaps: '10',
  secrets: '10',
  persistentvolumeclaims: '10',
  'requests.storage': '10Gi',
  'requests.ephemeral-storage': '50Gi',
  'requests.example.com/dongle': '3',
  'count/replicasets.apps': '5',
}
const quota = (name: string, hard: Json, scopes?: string[]): Promise<Json> =>
  api.create(`${namespace}/resourcequotas`, { metadata: { name }, spec: { hard, ...(scopes ? { scopes } : {}) } })
const used = (name: string, wanted: Json): Promise<Json> =>
  eventually(
    async () => (await api.get(`${namespace}/resourcequotas/${name}`)).status.used ?? {},
    (u) => Object.entries(wanted).every(([k, v]) => u[k] === v),
  )
const pod = (name: string, requests: Json = {}, limits: Json = {}, more: Json = {}): Promise<Json> =>
  api.create(`${namespace}/pods`, {
    metadata: { name },
    spec: {
      nodeSelector: { 'x-test.k8s.io/unsatisfiable': 'not-schedulable' },
      containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10', resources: { requests, limits } }],
      ...more,
    },
  })
const end = (name: string): Promise<Json> => api.delete(`${namespace}/pods/${name}`, { gracePeriodSeconds: 0 })

describe('a ResourceQuota', () => {
  it('has its status at once, itself counted', async () => {
    await quota('test-quota', HARD)
    await used('test-quota', { resourcequotas: '1', pods: '0', cpu: '0', configmaps: '1', secrets: '0' })
    expect((await api.get(`${namespace}/resourcequotas/test-quota`)).status.hard).toEqual(HARD)
  })

  it('counts Services, their node ports and load balancers', async () => {
    await quota('test-quota', HARD)
    await used('test-quota', { services: '0' })
    const service = (name: string, type: string, more: Json = {}): Promise<Json> =>
      api.create(`${namespace}/services`, { metadata: { name }, spec: { type, ports: [{ port: 80, targetPort: 80 }], ...more } })
    await service('plain', 'ClusterIP')
    await service('on-node', 'NodePort')
    const refused = await refusal(service('balanced', 'LoadBalancer', { allocateLoadBalancerNodePorts: true }))
    expect([refused.code, refused.status.message]).toEqual([
      403,
      'services "balanced" is forbidden: exceeded quota: test-quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    ])
    await used('test-quota', { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' })
    await api.delete(`${namespace}/services/plain`)
    await api.delete(`${namespace}/services/on-node`)
    await used('test-quota', { services: '0', 'services.nodeports': '0' })
  })

  it('counts what a pod asks for, refuses more, and has it back when the pod is gone', async () => {
    await quota('test-quota', HARD)
    await used('test-quota', { pods: '0' })
    const dongles = { 'example.com/dongle': '2' }
    await pod('test-pod', { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongles }, dongles)
    const counted = { pods: '1', cpu: '500m', memory: '252Mi', 'requests.ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' }
    await used('test-quota', counted)
    expect((await refusal(pod('fail-pod', { cpu: '600m', memory: '100Mi' }))).status.message).toBe(
      'pods "fail-pod" is forbidden: exceeded quota: test-quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1',
    )
    expect(
      (await refusal(pod('fail-extended', { cpu: '500m', memory: '100Mi', 'ephemeral-storage': '30Gi', ...dongles }, dongles))).status
        .message,
    ).toBe(
      'pods "fail-extended" is forbidden: exceeded quota: test-quota, requested: requests.ephemeral-storage=30Gi,requests.example.com/dongle=2, used: requests.ephemeral-storage=30Gi,requests.example.com/dongle=2, limited: requests.ephemeral-storage=50Gi,requests.example.com/dongle=3',
    )
    const smaller = { spec: { containers: [{ name: 'pause', resources: { requests: { cpu: '100m', memory: '100Mi' } } }] } }
    expect(await refusal(api.patch(`${namespace}/pods/test-pod`, 'strategic', smaller))).toMatchObject({ code: 422, reason: 'Invalid' })
    await used('test-quota', counted)
    await end('test-pod')
    await used('test-quota', { pods: '0', cpu: '0', memory: '0', 'requests.ephemeral-storage': '0', 'requests.example.com/dongle': '0' })
  })

  it.each([
    ['configmaps', 'configmaps', '/api/v1', { data: { a: 'b' } }, '1', '2'],
    ['secrets', 'secrets', '/api/v1', { data: { a: 'Yg==' } }, '0', '1'],
    [
      'replicationcontrollers',
      'replicationcontrollers',
      '/api/v1',
      { spec: { replicas: 0, template: { metadata: { labels: { name: 'c' } }, spec: { containers: [{ name: 'c', image: 'pause' }] } } } },
      '0',
      '1',
    ],
    [
      'replicasets',
      'count/replicasets.apps',
      '/apis/apps/v1',
      {
        spec: {
          replicas: 0,
          selector: { matchLabels: { name: 'c' } },
          template: { metadata: { labels: { name: 'c' } }, spec: { containers: [{ name: 'c', image: 'pause' }] } },
        },
      },
      '0',
      '1',
    ],
    [
      'persistentvolumeclaims',
      'persistentvolumeclaims',
      '/api/v1',
      { spec: { storageClassName: 'none', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      '0',
      '1',
    ],
  ])('captures the life of one of the %s', async (resource, counted, root, object, before, after) => {
    await quota('test-quota', HARD)
    await used('test-quota', { [counted]: before })
    const collection = `${root}/namespaces/${namespace.split('/').pop()!}/${resource}`
    await api.create(collection, { metadata: { name: 'thing' }, ...object })
    await used('test-quota', { [counted]: after })
    await api.delete(`${collection}/thing`)
    await used('test-quota', { [counted]: before })
  })

  it('counts the custom resources of a definition by their number', async () => {
    await quota('test-quota', { 'count/dongles.quota.example.com': '1' })
    await api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'dongles.quota.example.com' },
      spec: {
        group: 'quota.example.com',
        scope: 'Namespaced',
        names: { plural: 'dongles', kind: 'Dongle' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    })
    const dongles = `/apis/quota.example.com/v1/namespaces/${namespace.split('/').pop()!}/dongles`
    await eventually(() => api.exists(dongles), Boolean)
    await used('test-quota', { 'count/dongles.quota.example.com': '0' })
    const dongle = (name: string): Promise<Json> =>
      api.create(dongles, { apiVersion: 'quota.example.com/v1', kind: 'Dongle', metadata: { name } })
    await dongle('one')
    await used('test-quota', { 'count/dongles.quota.example.com': '1' })
    expect(await refusal(dongle('two'))).toMatchObject({ code: 403 })
    await api.delete(`${dongles}/one`)
    await used('test-quota', { 'count/dongles.quota.example.com': '0' })
    await api.delete('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/dongles.quota.example.com')
  })

  it('with a terminating scope counts pods with a deadline only, the other those without', async () => {
    const hard = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' }
    await quota('terminating', hard, ['Terminating'])
    await quota('not-terminating', hard, ['NotTerminating'])
    const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' }
    const one = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' }
    await used('terminating', none)
    await used('not-terminating', none)
    const asks: [Json, Json] = [
      { cpu: '500m', memory: '200Mi' },
      { cpu: '1', memory: '400Mi' },
    ]
    await pod('test-pod', ...asks)
    await used('not-terminating', one)
    await used('terminating', none)
    await end('test-pod')
    await used('not-terminating', none)
    await pod('terminating-pod', ...asks, { activeDeadlineSeconds: 3600 })
    await used('terminating', one)
    await used('not-terminating', none)
    await end('terminating-pod')
    await used('terminating', none)
  })

  it('of best effort counts pods without requests only, the other those with them', async () => {
    await quota('best-effort', { pods: '5' }, ['BestEffort'])
    await quota('not-best-effort', { pods: '5' }, ['NotBestEffort'])
    await used('best-effort', { pods: '0' })
    await used('not-best-effort', { pods: '0' })
    await pod('besteffort-pod')
    await used('best-effort', { pods: '1' })
    await used('not-best-effort', { pods: '0' })
    await end('besteffort-pod')
    await used('best-effort', { pods: '0' })
    await pod('burstable-pod', { cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' })
    await used('not-best-effort', { pods: '1' })
    await used('best-effort', { pods: '0' })
    await end('burstable-pod')
    await used('not-best-effort', { pods: '0' })
  })

  it('of a priority class counts pods of that class', async () => {
    await api.create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'pclass1' }, value: 1000 })
    await api.create(`${namespace}/resourcequotas`, {
      metadata: { name: 'by-class' },
      spec: {
        hard: { pods: '1' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['pclass1'] }] },
      },
    })
    await used('by-class', { pods: '0' })
    await pod('other')
    await pod('one', {}, {}, { priorityClassName: 'pclass1' })
    await used('by-class', { pods: '1' })
    expect((await refusal(pod('two', {}, {}, { priorityClassName: 'pclass1' }))).status.message).toBe(
      'pods "two" is forbidden: exceeded quota: by-class, requested: pods=1, used: pods=1, limited: pods=1',
    )
    await end('one')
    await used('by-class', { pods: '0' })
    await api.delete('/apis/scheduling.k8s.io/v1/priorityclasses/pclass1')
  })

  it('is updated, patched and deleted', async () => {
    await quota('test-quota', { cpu: '1', memory: '500Mi' })
    const updated = await api.change(`${namespace}/resourcequotas/test-quota`, (q) => (q.spec.hard = { cpu: '2', memory: '1Gi' }))
    expect(updated.spec.hard).toEqual({ cpu: '2', memory: '1Gi' })
    const patched = await api.patch(`${namespace}/resourcequotas/test-quota`, 'strategic', {
      metadata: { labels: { 'test-quota': 'patched' } },
      spec: { hard: { memory: '750Mi' } },
    })
    expect(patched.spec.hard).toEqual({ cpu: '2', memory: '750Mi' })
    expect((await api.get('/api/v1/resourcequotas', { labelSelector: 'test-quota=patched' })).items.length).toBe(1)
    await api.delete(`${namespace}/resourcequotas/test-quota`)
    expect(await refusal(api.get(`${namespace}/resourcequotas/test-quota`))).toMatchObject({ code: 404 })
  })

  it('has a status of its own to write, which follows the specification again', async () => {
    await quota('e2e-rq-status', { cpu: '500m', memory: '500Mi' })
    const path = `${namespace}/resourcequotas/e2e-rq-status`
    /** The controller does not mind who writes the status: it sets it right when it looks at all quotas again, every five minutes. */
    const hard = async (wanted: Json): Promise<Json> =>
      eventually(
        () => api.get(`${path}/status`),
        (q) => JSON.stringify(q.status.hard) === JSON.stringify(wanted),
      )
    await hard({ cpu: '500m', memory: '500Mi' })
    const watch = await api.watch(`${namespace}/resourcequotas`, { resourceVersion: (await api.get(path)).metadata.resourceVersion })
    await api.change(path, (q) => (q.status.hard = { cpu: '1', memory: '1Gi' }), '/status')
    await watch.until((e) => e.type === 'MODIFIED' && e.object.status.hard.cpu === '1')
    await api.jump(300)
    await hard({ cpu: '500m', memory: '500Mi' })
    await api.patch(path, 'strategic', { spec: { hard: { cpu: '1', memory: '1Gi' } } })
    await hard({ cpu: '1', memory: '1Gi' })
    const written = await api.patch(`${path}/status`, 'strategic', {
      metadata: { annotations: { a: 'b' } },
      spec: { hard: { cpu: '7' } },
      status: { hard: { cpu: '2', memory: '2Gi' } },
    })
    expect(written.status.hard).toEqual({ cpu: '2', memory: '2Gi' })
    expect(written.spec.hard).toEqual({ cpu: '1', memory: '1Gi' })
    await api.jump(300)
    await hard({ cpu: '1', memory: '1Gi' })
    expect((await api.get(path)).spec.hard).toEqual({ cpu: '1', memory: '1Gi' })
    watch.close()
  })
})
