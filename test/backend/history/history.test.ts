import { describe, expect, it } from 'vitest'
import { changedFields, fieldManagers } from '../../../src-main/backend/history/managed-fields.js'
import { SeenVersions } from '../../../src-main/backend/history/seen-versions.js'
import type { ObjectHistory } from '../../../src-main/backend/rpc/contract.js'
import { type FakeApiServer } from '../support/api-server.js'
import { eachOnFakeServer, type TestWindow } from '../support/window.js'

const deployments = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
const secrets = { group: '', version: 'v1', resource: 'secrets', namespace: 'shop', name: 'login' }
const entry = (manager: string, time: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time,
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
})
const replicas = { 'f:spec': { 'f:replicas': {} } }
const ready = { 'f:status': { 'f:readyReplicas': {} } }
const web = (version: number, count: number, readyReplicas: number, managedFields: object[]) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', generation: count, resourceVersion: String(version), managedFields },
  spec: { replicas: count },
  status: { readyReplicas },
})

describe('field managers', () => {
  it('are shown with the fields that they own and what is in them, the latest first', () => {
    const object = {
      metadata: { labels: { 'app.kubernetes.io/name': 'web' }, finalizers: ['a/b'] },
      spec: {
        containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
        args: ['x', 'y'],
      },
    }
    const fields = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {} }, 'f:finalizers': { 'v:"a/b"': {}, 'v:"gone"': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"web"}': {
            '.': {},
            'f:image': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
        'f:args': {},
      },
    }
    const managers = fieldManagers(
      [
        entry('kubectl-create', '2026-11-21T10:00:00Z', fields),
        entry('kubelet', '2026-11-21T11:00:00Z', { 'f:status': { 'f:phase': {} } }, { subresource: 'status' }),
        entry('old', '', replicas, { time: undefined, operation: 'Apply' }),
      ],
      object,
    )
    expect(managers.map((m) => [m.manager, m.operation, m.subresource, m.time])).toEqual([
      ['kubelet', 'Update', 'status', Date.parse('2026-11-21T11:00:00Z')],
      ['kubectl-create', 'Update', undefined, Date.parse('2026-11-21T10:00:00Z')],
      ['old', 'Apply', undefined, null],
    ])
    expect(managers[0]!.fields).toEqual([{ path: 'status.phase' }])
    expect(managers[1]!.fields).toEqual([
      { path: 'metadata.labels[app.kubernetes.io/name]', value: 'web' },
      { path: 'metadata.finalizers[a/b]', value: 'a/b' },
      { path: 'metadata.finalizers[gone]' },
      { path: 'spec.containers[name=web].image', value: 'nginx' },
      { path: 'spec.containers[name=web].ports[containerPort=80,protocol=TCP].containerPort', value: '80' },
      { path: 'spec.args', value: '["x","y"]' },
    ])
  })

  it('of an object without any are none', () => {
    expect(fieldManagers(undefined, {})).toEqual([])
  })
})

it('changed fields are named as their managers name them: items of lists by what tells them apart', () => {
  const before = {
    a: 1,
    list: [1, 2],
    containers: [{ name: 'a', image: 'x' }],
    conditions: [{ type: 'Ready', status: 'False' }],
    labels: { 'a/b': '1' },
  }
  const after = {
    a: 1,
    list: [2, 1],
    containers: [{ name: 'a', image: 'y' }, { name: 'b' }],
    conditions: [{ type: 'Ready', status: 'True' }],
    labels: {},
    more: { x: 1 },
  }
  expect(changedFields(before, after)).toEqual([
    'list',
    'containers[name=a].image',
    'containers[name=b]',
    'conditions[type=Ready].status',
    'labels[a/b]',
    'more',
  ])
})

describe('versions that were seen', () => {
  const created = entry('kubectl-create', '2026-11-21T10:00:00Z', replicas)
  const controller = entry('kube-controller-manager', '2026-11-21T10:00:01Z', ready, { subresource: 'status' })

  it('tell who changed what and when, the newest first, and each version once', () => {
    const seen = new SeenVersions(() => 5_000)
    seen.record('c', deployments, web(1, 1, 0, [created]))
    seen.record('c', deployments, web(1, 1, 0, [created]))
    seen.record('c', deployments, web(2, 1, 1, [created, controller]))
    const scaled = entry('kubectl', '2026-11-21T12:00:00Z', replicas, { subresource: 'scale' })
    seen.record('c', deployments, web(3, 4, 1, [scaled, controller]))
    expect(seen.of('c', deployments).map(({ id: _, ...v }) => v)).toEqual([
      {
        time: Date.parse('2026-11-21T12:00:00Z'),
        resourceVersion: '3',
        by: [{ manager: 'kubectl', operation: 'Update', subresource: 'scale' }],
        changed: ['spec.replicas'],
      },
      {
        time: Date.parse('2026-11-21T10:00:01Z'),
        resourceVersion: '2',
        by: [{ manager: 'kube-controller-manager', operation: 'Update', subresource: 'status' }],
        changed: ['status.readyReplicas'],
      },
      { time: 5_000, resourceVersion: '1', by: [], changed: [] },
    ])
  })

  it('that follow each other within a second are those of the owner of what changed', () => {
    const seen = new SeenVersions()
    seen.record('c', deployments, web(1, 1, 0, [created, controller]))
    seen.record('c', deployments, web(2, 2, 0, [created, controller]))
    expect(seen.of('c', deployments)[0]!.by).toEqual([{ manager: 'kubectl-create', operation: 'Update' }])
  })

  it('are not those of a manager that only lost a field to another', () => {
    const seen = new SeenVersions()
    const helm = (fields: object) => entry('helm', '2026-11-21T10:00:00Z', { 'f:spec': fields }, { operation: 'Apply' })
    const scaled = entry('kubectl', '2026-11-21T12:00:00Z', replicas, { subresource: 'scale' })
    seen.record('c', deployments, web(1, 1, 0, [helm({ 'f:replicas': {}, 'f:paused': {} })]))
    seen.record('c', deployments, web(2, 3, 0, [helm({ 'f:paused': {} }), scaled]))
    expect(seen.of('c', deployments)[0]!.by.map((m) => m.manager)).toEqual(['kubectl'])
    seen.record('c', deployments, web(3, 3, 0, [helm({ 'f:paused': {}, 'f:replicas': {} }), scaled]))
    expect(seen.of('c', deployments)[0]!.by.map((m) => m.manager)).toEqual(['helm'])
  })

  it('are compared as YAML without managed fields', () => {
    const seen = new SeenVersions()
    seen.record('c', deployments, web(1, 1, 0, [created]))
    seen.record('c', deployments, web(2, 2, 0, [created]))
    seen.recordDeleted('c', deployments)
    const [gone, last, first] = seen.of('c', deployments)
    expect(gone).toMatchObject({ deleted: true, changed: [] })
    const { from, to } = seen.compare('c', deployments, first!.id, last!.id)
    expect([from, to].map((yaml) => /replicas: \d/.exec(yaml)![0])).toEqual(['replicas: 1', 'replicas: 2'])
    expect(from).not.toMatch(/managedFields|resourceVersion/)
    expect(seen.compare('c', deployments, last!.id, gone!.id).to).toBe('')
    expect(() => seen.compare('c', deployments, 0, last!.id)).toThrow('not kept any more')
  })

  it('of a Secret say which value differs, number them, and hold none', () => {
    const seen = new SeenVersions()
    const login = (version: number, password: string) => ({
      metadata: {
        name: 'login',
        resourceVersion: String(version),
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"password":"${password}"}}` },
      },
      data: { password, user: 'amFuZQ==' },
    })
    seen.record('c', secrets, login(1, 'aHVudGVyMg=='))
    seen.record('c', secrets, login(2, 'aHVudGVyMw=='))
    seen.record('c', secrets, login(3, 'aHVudGVyMg=='))
    const [third, second, first] = seen.of('c', secrets)
    expect(second!.changed).toEqual(['data.password'])
    const { from, to } = seen.compare('c', secrets, first!.id, second!.id)
    expect(from).toContain('password: "*** (value 1)"\n  user: "*** (value 1)"\n')
    expect(to).toContain('password: "*** (value 2)"\n  user: "*** (value 1)"\n')
    expect(seen.compare('c', secrets, third!.id, first!.id).from).toContain('password: "*** (value 1)"')
    expect(JSON.stringify([...(seen as unknown as { rings: Map<string, object> }).rings.values()])).not.toMatch(/aHVudGVy|amFuZQ/)
  })

  it('are at most fifty of an object and of two hundred objects, and go with their context', () => {
    const seen = new SeenVersions()
    for (let n = 1; n <= 60; n++) seen.record('c', deployments, web(n, n, 0, []))
    expect(seen.of('c', deployments).map((v) => v.resourceVersion)).toEqual(Array.from({ length: 50 }, (_, i) => String(60 - i)))
    for (let n = 1; n <= 200; n++) seen.record('c', { ...deployments, name: `web-${n}` }, web(n, 1, 0, []))
    expect(seen.of('c', deployments)).toEqual([])
    expect(seen.of('c', { ...deployments, name: 'web-1' })).toHaveLength(1)
    seen.forget('c')
    expect(seen.of('c', { ...deployments, name: 'web-1' })).toEqual([])
  })
})

describe('the history of an open object', () => {
  let server: FakeApiServer
  let window: TestWindow
  eachOnFakeServer((on) => ({ server, window } = on))

  it('follows the object, asks the server for nothing more, and is there when it is opened again', async () => {
    const first = web(1, 1, 0, [entry('kubectl-create', '2026-11-21T10:00:00Z', replicas)])
    server.on('GET', /\/deployments$/, () => ({ body: { metadata: { resourceVersion: '1' }, items: [first] } }))
    const object = window.open('object', { context: 'fake', ref: deployments })
    const watch = await server.watch(/\/deployments$/)
    expect(await object.until((e) => e.type === 'object')).not.toHaveProperty('object.metadata.managedFields')
    watch.send('MODIFIED', web(2, 3, 0, [entry('kubectl', '2026-11-21T11:00:00Z', replicas, { subresource: 'scale' })]))
    await object.until((e) => e.type === 'object' && (e.object.spec as { replicas: number }).replicas === 3)
    const history = window.open('history', { context: 'fake', ref: deployments })
    const told = (await history.until((e) => e.seen.length === 2)) as ObjectHistory
    expect(told.seen[0]).toMatchObject({ resourceVersion: '2', changed: ['spec.replicas'] })
    expect(told.managers).toMatchObject([{ manager: 'kubectl', fields: [{ path: 'spec.replicas', value: '3' }] }])
    expect(server.requests.filter((r) => /deployments/.test(r.path))).toHaveLength(2)
    const [to, from] = told.seen
    const texts = await window.call('history.compare', { context: 'fake', ref: deployments, from: from!.id, to: to!.id })
    expect([texts.from, texts.to].map((t) => /replicas: \d/.exec(t)![0])).toEqual(['replicas: 1', 'replicas: 3'])
    watch.send('DELETED', web(3, 3, 0, []))
    expect((await history.until((e) => e.seen[0]?.deleted === true)).seen).toHaveLength(3)
  })
})
