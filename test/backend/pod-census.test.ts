import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cell, ListEvent, ListParams, Row } from '../../src-main/backend/rpc/contract.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { windowOn, type TestStream, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow
let stop: () => void

const answer = (...items: unknown[]) => ({ body: { metadata: { resourceVersion: '20' }, items } })
const named = (name: string, rest: object = {}) => ({ metadata: { name, uid: `uid-${name}` }, ...rest })
const on = (name: string, node: string, spec: object = {}, status: object = { phase: 'Running' }) =>
  pod(name, { spec: { nodeName: node, containers: [{ name: 'main', image: 'x' }], ...spec }, status })
const mounts = (claimName: string) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] })
const text = (c: Cell | undefined) => (typeof c === 'object' && c ? c.text : (c ?? null))

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  server.on('GET', /\/events$/, () => answer())
  server.on('GET', /\/nodes$/, () => answer(named('n1', { status: { capacity: { pods: '110' } } }), named('n2')))
  server.on('GET', /\/namespaces$/, () => answer(named('default'), named('empty')))
  server.on('GET', /\/persistentvolumeclaims$/, () => answer({ metadata: { name: 'data', namespace: 'default', uid: 'uid-data' } }))
  server.on('GET', /\/pods$/, () =>
    answer(on('a', 'n1', mounts('data')), on('b', 'n1', mounts('data')), on('done', 'n1', {}, { phase: 'Succeeded' }), on('c', 'n2')),
  )
})
afterEach(async () => {
  stop()
  await server.stop()
})

function open(resource: string, pods = true): TestStream<'list'> {
  const params: ListParams = { context: 'fake', resource: { group: '', version: 'v1', resource }, ...(pods ? { pods } : {}) }
  return window.open('list', params)
}
/** A cell of the last row sent of an object. */
function cell(list: TestStream<'list'>, name: string, column: string): Cell | undefined {
  const columns = list.events.find((e) => e.type === 'columns')!.columns
  const rows = list.events.flatMap((e): Row[] =>
    e.type === 'changes' ? e.upserts : e.type === 'snapshot' || e.type === 'more' ? e.rows : [],
  )
  return rows.filter((r) => r.name === name).at(-1)?.cells[columns.findIndex((c) => c.id === column)]
}
const changed = (list: TestStream<'list'>, name: string, column: string, to: string | number) =>
  list.until((e: ListEvent) => e.type === 'changes' && e.upserts.some((r) => r.name === name) && text(cell(list, name, column)) === to)

describe('columns that tell of pods', () => {
  it('count what runs on a node, of what it takes, and follow it', async () => {
    const list = open('nodes')
    await list.until((e) => e.type === 'snapshot')
    expect(cell(list, 'n1', 'pods')).toEqual({ text: '–/110', sort: -1 })
    await changed(list, 'n1', 'pods', '2/110')
    expect(text(cell(list, 'n2', 'pods'))).toBe('1')
    const pods = await server.watch(/\/pods$/)
    pods.send('ADDED', on('d', 'n1'))
    await changed(list, 'n1', 'pods', '3/110')
    pods.send('MODIFIED', on('d', 'n1', {}, { phase: 'Failed' }))
    await changed(list, 'n1', 'pods', '2/110')
  })

  it('count those of a namespace, also where there are none', async () => {
    const list = open('namespaces')
    await changed(list, 'default', 'pods', 4)
    expect(cell(list, 'empty', 'pods')).toBe(0)
  })

  it('name those that use a claim', async () => {
    const list = open('persistentvolumeclaims')
    await changed(list, 'data', 'usedBy', 'a +1')
    expect(cell(list, 'data', 'usedBy')).toEqual({ text: 'a +1', sort: 2, title: 'a\nb' })
  })

  it('stay empty where pods may not be listed, and no pod is read where nobody looks', async () => {
    const asked = () => server.requests.some((r) => r.path.endsWith('/pods'))
    const plain = open('nodes', false)
    await plain.until((e) => e.type === 'state' && e.phase === 'live')
    expect(asked()).toBe(false)
    server.on('GET', /\/pods$/, () => ({ code: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } }))
    const list = open('nodes')
    await list.until((e) => e.type === 'state' && e.phase === 'live')
    await expect.poll(asked, { timeout: 15_000 }).toBe(true)
    expect(text(cell(list, 'n1', 'pods'))).toBe('–/110')
  })
})
