import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cell, ListParams, Row } from '../../src-main/backend/rpc/contract.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { windowOn, type TestStream, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow
let stop: () => void

const answer = (...items: unknown[]) => ({ body: { metadata: { resourceVersion: '20' }, items } })
const by = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true, apiVersion: 'apps/v1', uid: 'o' }] })
const object = (name: string, metadata: object = {}) => ({ metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata } })
const limits = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } })
const running = { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }] }
const crashing = {
  phase: 'Running',
  containerStatuses: [{ name: 'main', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
}
function kept(name: string, kind: string, owner: string, status: object = running, resources: object = limits('100m', '64Mi')) {
  const base = pod(name)
  return {
    ...base,
    metadata: { ...(base.metadata as object), ...by(kind, owner) },
    spec: { containers: [{ name: 'main', resources }] },
    status,
  }
}
const used = (name: string, cpu: string, memory: string) => ({
  metadata: { name, namespace: 'default' },
  containers: [{ name: 'main', usage: { cpu, memory } }],
})

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  const kind = (name: string, k: string) => ({ name, kind: k, namespaced: true, verbs: ['get', 'list', 'watch'] })
  const group = (name: string, version: string) => ({
    name,
    versions: [{ version, groupVersion: `${name}/${version}` }],
    preferredVersion: { version },
  })
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({ body: { groups: [group('metrics.k8s.io', 'v1beta1'), group('apps', 'v1')] } }))
  server.on('GET', /^\/api\/v1$/, () => ({ body: { resources: [kind('pods', 'Pod')] } }))
  server.on('GET', /^\/apis\/apps\/v1$/, () => ({
    body: { resources: [kind('deployments', 'Deployment'), kind('replicasets', 'ReplicaSet')] },
  }))
  server.on('GET', /^\/apis\/metrics.k8s.io\/v1beta1$/, () => ({ body: { resources: [kind('pods', 'PodMetrics')] } }))
  server.on('GET', /\/metrics.k8s.io\/v1beta1\/pods$/, () => ({
    body: { items: [used('web-a', '30m', '16Mi'), used('web-b', '60m', '16Mi'), used('alone', '5m', '8Mi')] },
  }))
  server.on('GET', /\/events$/, () => answer())
  server.on('GET', /\/deployments$/, () => answer(object('web'), object('none')))
  server.on('GET', /\/replicasets$/, () => answer(object('web-1', by('Deployment', 'web')), object('web-2', by('Deployment', 'web'))))
  server.on('GET', /^\/api\/v1\/pods$/, () =>
    answer(kept('web-b', 'ReplicaSet', 'web-2'), kept('web-a', 'ReplicaSet', 'web-1'), pod('alone')),
  )
})
afterEach(async () => {
  stop()
  await server.stop()
})

function open(group: string, resource: string, pods = true): TestStream<'list'> {
  const params: ListParams = { context: 'fake', resource: { group, version: 'v1', resource }, ...(pods ? { pods } : {}) }
  return window.open('list', params)
}
/** The cells of the last row sent of an object, by column. */
function cells(list: TestStream<'list'>, name: string): Record<string, Cell> {
  const columns = list.events.find((e) => e.type === 'columns')!.columns
  const rows = list.events.flatMap((e): Row[] =>
    e.type === 'changes' ? e.upserts : e.type === 'snapshot' || e.type === 'more' ? e.rows : [],
  )
  const row = rows.filter((r) => r.name === name).at(-1)
  return Object.fromEntries(columns.map((c, i) => [c.id, row?.cells[i] ?? null]))
}
const untilCell = (list: TestStream<'list'>, name: string, column: string, satisfies: (c: Cell) => boolean) =>
  list.until((e) => e.type === 'changes' && satisfies(cells(list, name)[column] ?? null))
const text = (c: Cell): string => (typeof c === 'object' && c ? c.text : '')

describe('the row of a Deployment', () => {
  it('shows the pods of all its ReplicaSets one by one, and what they use together', async () => {
    const list = open('apps', 'deployments')
    await untilCell(list, 'web', 'cpu', (c) => text(c) === '90m')
    expect(cells(list, 'web')).toMatchObject({
      pods: { text: 'web-a\tRunning\tok\nweb-b\tRunning\tok', sort: 0 },
      cpu: { text: '90m', sort: 0.09 },
      cpuOfRequest: { text: '45%', title: '90m / 200m' },
      memory: { text: '32Mi' },
      memoryOfLimit: { text: '25%', title: '32Mi / 128Mi' },
    })
    expect(cells(list, 'none')).toMatchObject({ pods: null, cpu: null, memory: null })
  })

  it('shows the pods whose ReplicaSet bears its name where ReplicaSets may not be listed', async () => {
    server.on('GET', /\/replicasets$/, () => ({
      code: 403,
      body: { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'replicasets.apps is forbidden' },
    }))
    const hashed = (name: string, set: string, hash: string) => {
      const made = kept(name, 'ReplicaSet', set)
      return { ...made, metadata: { ...made.metadata, labels: { 'pod-template-hash': hash } } }
    }
    server.on('GET', /^\/api\/v1\/pods$/, () =>
      answer(
        hashed('web-a', 'web-5d4f8', '5d4f8'),
        hashed('other-a', 'web-other-5d4f8', '5d4f8'),
        hashed('odd', 'web-6c9', '5d4f8'),
        kept('set', 'ReplicaSet', 'web-7'),
      ),
    )
    const list = open('apps', 'deployments')
    await untilCell(list, 'web', 'pods', (c) => c !== null)
    expect(cells(list, 'web').pods).toEqual({ text: 'web-a\tRunning\tok', sort: 0 })
    expect(cells(list, 'none').pods).toBeNull()
  })

  it('follows what becomes of its pods', async () => {
    const list = open('apps', 'deployments')
    await untilCell(list, 'web', 'pods', (c) => c !== null)
    const pods = await server.watch(/^\/api\/v1\/pods$/)
    pods.send('MODIFIED', kept('web-b', 'ReplicaSet', 'web-2', crashing))
    await untilCell(list, 'web', 'pods', (c) => text(c).includes('CrashLoopBackOff'))
    expect(cells(list, 'web').pods).toEqual({ text: 'web-a\tRunning\tok\nweb-b\tCrashLoopBackOff\tbad', sort: 1 })
    pods.send('DELETED', kept('web-b', 'ReplicaSet', 'web-2', crashing))
    await untilCell(list, 'web', 'pods', (c) => text(c) === 'web-a\tRunning\tok')
  })

  it('counts many pods by state, the worst first', async () => {
    const many = Array.from({ length: 9 }, (_, i) => kept(`web-${i}`, 'ReplicaSet', 'web-1', i < 2 ? crashing : running))
    server.on('GET', /^\/api\/v1\/pods$/, () => answer(...many))
    const list = open('apps', 'deployments')
    await untilCell(list, 'web', 'pods', (c) => c !== null)
    expect(cells(list, 'web').pods).toEqual({
      text: 'CrashLoopBackOff\tCrashLoopBackOff\tbad\t2\nRunning\tRunning\tok\t7',
      sort: 2,
    })
  })

  it('has no share of a limit where one of its pods has none', async () => {
    server.on('GET', /^\/api\/v1\/pods$/, () =>
      answer(kept('web-a', 'ReplicaSet', 'web-1'), kept('web-b', 'ReplicaSet', 'web-1', running, { requests: { cpu: '100m' } })),
    )
    const list = open('apps', 'deployments')
    await untilCell(list, 'web', 'cpu', (c) => text(c) === '90m')
    expect(cells(list, 'web')).toMatchObject({ cpuOfRequest: { text: '45%' }, cpuOfLimit: null, memoryOfLimit: null })
  })

  it('reads no pod where nobody looks at these columns', async () => {
    const list = open('apps', 'deployments', false)
    await list.until((e) => e.type === 'state' && e.phase === 'live')
    expect(server.requests.filter((r) => /\/(pods|replicasets)$/.test(r.path))).toEqual([])
  })
})

it('in the list of all workloads a pod that nobody keeps shows what it uses itself', async () => {
  const list = open('', 'workloads')
  await untilCell(list, 'alone', 'cpu', (c) => c !== null)
  expect(cells(list, 'alone')).toMatchObject({ kind: 'Pod', pods: null, cpu: { text: '5m' }, memory: { text: '8Mi' } })
  expect(cells(list, 'web')).toMatchObject({ cpu: { text: '90m' }, memory: { text: '32Mi' } })
})
