import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import type { ListEvent, Row } from '../../src-main/backend/rpc/contract.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { windowOn, type TestStream, type TestWindow } from './support/window.js'

const pods = { group: '', version: 'v1', resource: 'pods' }
let server: FakeApiServer
let backend: Backend
let window: TestWindow
let stop: () => void

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ backend, window, stop } = windowOn(server))
})
afterEach(async () => {
  stop()
  backend.close()
  await server.stop()
})

/** The last row sent of an object. */
function last(list: TestStream<'list'>, name: string): Row | undefined {
  return list.events
    .flatMap((e) => (e.type === 'changes' ? e.upserts : e.type === 'snapshot' || e.type === 'more' ? e.rows : []))
    .filter((r) => r.name === name)
    .at(-1)
}
const cell = (list: TestStream<'list'>, name: string, column: string) => {
  const columns = list.events.find((e) => e.type === 'columns')!.columns
  return last(list, name)?.cells[columns.findIndex((c) => c.id === column)]
}
const upserts = (e: ListEvent): boolean => e.type === 'changes' && e.upserts.length > 0

const warning = (count: number, object = 'uid-a') => ({
  metadata: { name: `w-${object}`, namespace: 'default', uid: `event-${object}`, resourceVersion: String(50 + count) },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  count,
  lastTimestamp: `2026-11-21T09:00:0${count}Z`,
  involvedObject: { kind: 'Pod', name: 'a', namespace: 'default', uid: object },
})

describe('a row', () => {
  it('carries the last Warning event about its object, and loses it with the event', async () => {
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a'), pod('b')] } }))
    server.on('GET', /\/events$/, () => ({ body: { metadata: { resourceVersion: '40' }, items: [warning(1)] } }))
    const list = window.open('list', { context: 'fake', resource: pods })
    await list.until(upserts)
    expect(last(list, 'a')!.warning).toEqual({
      reason: 'BackOff',
      message: 'Back-off restarting failed container',
      count: 1,
      last: Date.parse('2026-11-21T09:00:01Z'),
    })
    expect(last(list, 'b')!.warning).toBeUndefined()
    const asked = server.requests.find((r) => r.path.endsWith('/events'))!
    expect(asked.query.get('fieldSelector')).toBe('type=Warning')

    const events = await server.watch(/\/events$/)
    events.send('MODIFIED', warning(2))
    await list.until((e) => e.type === 'changes' && e.upserts[0]?.warning?.count === 2)
    events.send('DELETED', warning(2))
    await list.until((e) => e.type === 'changes' && e.upserts[0]?.name === 'a' && !e.upserts[0].warning)
  })

  it('of a pod shows what it uses, as shares of what it asks for and may have', async () => {
    const spec = { containers: [{ name: 'main', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } } }] }
    server.on('GET', /^\/api$/, () => ({ body: { versions: ['v1'] } }))
    server.on('GET', /^\/apis$/, () => ({
      body: {
        groups: [
          {
            name: 'metrics.k8s.io',
            versions: [{ version: 'v1beta1', groupVersion: 'metrics.k8s.io/v1beta1' }],
            preferredVersion: { version: 'v1beta1' },
          },
        ],
      },
    }))
    server.on('GET', /^\/api\/v1$/, () => ({ body: { resources: [] } }))
    server.on('GET', /^\/apis\/metrics.k8s.io\/v1beta1$/, () => ({
      body: { resources: [{ name: 'pods', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] }] },
    }))
    server.on('GET', /^\/apis\/metrics.k8s.io\/v1beta1\/pods$/, () => ({
      body: {
        items: [{ metadata: { name: 'a', namespace: 'default' }, containers: [{ name: 'main', usage: { cpu: '25m', memory: '116Mi' } }] }],
      },
    }))
    server.on('GET', /^\/api\/v1\/pods$/, () => ({
      body: { metadata: { resourceVersion: '20' }, items: [{ ...pod('a'), spec }, pod('b')] },
    }))
    const list = window.open('list', { context: 'fake', resource: pods })
    await list.until(upserts)
    expect(cell(list, 'a', 'cpu')).toEqual({ text: '25m', sort: 0.025 })
    expect(cell(list, 'a', 'cpuOfRequest')).toEqual({ text: '25%', sort: 0.25, title: '25m / 100m' })
    expect(cell(list, 'a', 'cpuOfLimit')).toBeNull()
    expect(cell(list, 'a', 'memoryOfLimit')).toEqual({ text: '91%', sort: 0.90625, title: '116Mi / 128Mi', tone: 'warn' })
    expect(cell(list, 'b', 'cpu')).toBeNull()
  })
})

describe('a list', () => {
  it('has the columns that a person made, after its own', async () => {
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    const custom = [{ source: 'path' as const, of: '.status.qosClass', title: 'Class' }]
    const list = window.open('list', { context: 'fake', resource: pods, custom })
    await list.until((e) => e.type === 'snapshot')
    expect(list.events.find((e) => e.type === 'columns')!.columns.at(-1)).toEqual({
      id: 'custom:path:.status.qosClass',
      title: 'Class',
      type: 'text',
      width: 140,
      custom: true,
    })
    expect(last(list, 'a')!.cells.at(-1)).toBe('BestEffort')
  })

  it('tells why its label selector is refused, and does not ask again at once', async () => {
    const message = 'unable to parse requirement: <nil>: Invalid value: "a b": name part must consist of alphanumeric characters'
    server.on('GET', /\/pods$/, () => ({
      code: 400,
      body: { kind: 'Status', status: 'Failure', reason: 'BadRequest', code: 400, message },
    }))
    const list = window.open('list', { context: 'fake', resource: pods, labelSelector: 'a b' })
    const state = await list.until((e) => e.type === 'state' && e.phase === 'failed')
    expect(state).toMatchObject({ error: { reason: 'BadRequest', code: 400, message } })
    expect(server.requests.filter((r) => r.path.endsWith('/pods'))).toHaveLength(1)
  })
})
