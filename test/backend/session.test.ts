import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import type { ListEvent, Row } from '../../src-main/backend/rpc/contract.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { testWindow, windowOn, type TestStream, type TestWindow } from './support/window.js'

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
  await server.stop()
})

/** What a window would show after all events so far. */
function shown(list: TestStream<'list'>): string[] {
  const rows = new Map<string, Row>()
  for (const e of list.events) {
    if (e.type === 'snapshot') rows.clear()
    if (e.type === 'snapshot' || e.type === 'more') for (const r of e.rows) rows.set(r.id, r)
    if (e.type === 'changes') {
      for (const r of e.upserts) rows.set(r.id, r)
      for (const id of e.removes) rows.delete(id)
    }
  }
  return [...rows.values()].map((r) => r.name).sort()
}

const isLive = (e: ListEvent): boolean => e.type === 'state' && e.phase === 'live'
const isComplete = (e: ListEvent): boolean => (e.type === 'snapshot' || e.type === 'more') && e.complete

describe('a list', () => {
  it('shows the first page while the others still come in, then follows the watch', async () => {
    server.on('GET', /\/pods$/, ({ query }) =>
      query.get('continue')
        ? { body: { metadata: { resourceVersion: '20' }, items: [pod('b')] } }
        : { body: { metadata: { resourceVersion: '20', continue: 'more' }, items: [pod('a')] } },
    )
    const list = window.open('list', { context: 'fake', resource: pods })
    const watching = server.watch(/\/pods$/)
    const first = await list.until((e) => e.type === 'snapshot')
    expect(first).toMatchObject({ complete: false, rows: [{ id: 'uid-a', name: 'a', namespace: 'default' }] })
    await list.until(isComplete)
    const watch = await watching
    expect(watch.query.get('resourceVersion')).toBe('20')
    watch.send('ADDED', pod('c', {}, '21'))
    watch.send('DELETED', pod('a', {}, '22'))
    const changes = await list.until((e) => e.type === 'changes')
    expect(changes).toMatchObject({ upserts: [{ name: 'c' }], removes: ['uid-a'] })
    expect(shown(list)).toEqual(['b', 'c'])
  })

  it('sends rows, never the objects', async () => {
    server.on('GET', /\/pods$/, () => ({
      body: {
        metadata: { resourceVersion: '20' },
        items: [
          pod('a', {
            spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] },
          }),
        ],
      },
    }))
    const list = window.open('list', { context: 'fake', resource: pods })
    await list.until(isComplete)
    expect(JSON.stringify(list.events)).not.toContain('hunter2')
    const columns = list.events.find((e) => e.type === 'columns')!.columns.map((c) => c.id)
    const row = list.events.find((e) => e.type === 'snapshot')!.rows[0]!
    expect(row.cells[columns.indexOf('ready')]).toEqual({ text: '1/1', sort: 1 })
    expect(row.cells[columns.indexOf('status')]).toEqual({ text: 'Running', tone: 'ok' })
    expect(row.cells[columns.indexOf('node')]).toBe('n1')
    expect(row.cells[columns.indexOf('age')]).toBe(Date.parse('2026-11-21T09:00:00Z'))
  })

  it('resumes a watch that the server ended where it was, without listing again', async () => {
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    const list = window.open('list', { context: 'fake', resource: pods })
    const first = await server.watch(/\/pods$/)
    first.send('MODIFIED', pod('a', {}, '25'))
    first.send('BOOKMARK', { metadata: { resourceVersion: '31' } })
    await list.until((e) => e.type === 'changes')
    first.end()
    const second = await server.watch(/\/pods$/)
    expect(second.query.get('resourceVersion')).toBe('31')
    expect(server.requests.filter((r) => r.path.endsWith('/pods') && !r.query.get('watch'))).toHaveLength(1)
  })

  it('lists anew when the revision is gone, and removes what vanished meanwhile', async () => {
    let lists = 0
    server.on('GET', /\/pods$/, () => ({
      body: { metadata: { resourceVersion: String(20 + lists * 10) }, items: lists++ === 0 ? [pod('a'), pod('b')] : [pod('b'), pod('c')] },
    }))
    const list = window.open('list', { context: 'fake', resource: pods })
    const first = await server.watch(/\/pods$/)
    first.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
    const second = await server.watch(/\/pods$/)
    expect(second.query.get('resourceVersion')).toBe('30')
    await list.until((e) => e.type === 'changes' && e.removes.length > 0)
    expect(shown(list)).toEqual(['b', 'c'])
  })

  it('tells that it is forbidden, with the message of the server', async () => {
    server.on('GET', /\/pods$/, () => ({
      code: 403,
      body: {
        kind: 'Status',
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message: 'pods is forbidden: User "tester" cannot list resource "pods" in API group "" at the cluster scope',
      },
    }))
    const list = window.open('list', { context: 'fake', resource: pods })
    const state = await list.until((e) => e.type === 'state' && e.phase === 'forbidden')
    expect(state).toMatchObject({
      error: {
        reason: 'Forbidden',
        code: 403,
        message: 'pods is forbidden: User "tester" cannot list resource "pods" in API group "" at the cluster scope',
      },
    })
  })

  it('over chosen namespaces asks each of them, for users who may not list them all', async () => {
    server.on('GET', /\/pods$/, ({ path: p }) => ({
      body: {
        metadata: { resourceVersion: '20' },
        items: [
          {
            ...pod(p.includes('team-a') ? 'a' : 'b'),
            metadata: { name: p.includes('team-a') ? 'a' : 'b', namespace: p.split('/')[4], uid: p },
          },
        ],
      },
    }))
    const list = window.open('list', { context: 'fake', resource: pods, namespaces: ['team-a', 'team-b'] })
    await list.until(isComplete)
    expect(shown(list)).toEqual(['a', 'b'])
    expect(server.requests.map((r) => r.path)).not.toContain('/api/v1/pods')
  })

  it('is shared: two windows on the same list cause one list and one watch', async () => {
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    const one = window.open('list', { context: 'fake', resource: pods })
    await one.until(isLive)
    await server.watch(/\/pods$/)
    const other = testWindow(backend)
    const two = other.open('list', { context: 'fake', resource: pods })
    await two.until(isComplete)
    expect(shown(two)).toEqual(['a'])
    expect(server.requests.filter((r) => r.path === '/api/v1/pods')).toHaveLength(2)
    other.close()
  })

  it('of a kind without columns of its own shows the columns of the server', async () => {
    server.on('GET', /^\/apis?$/, ({ path: p }) => ({
      body: {
        kind: 'APIGroupDiscoveryList',
        items:
          p === '/apis'
            ? [
                {
                  metadata: { name: 'example.com' },
                  versions: [
                    {
                      version: 'v1',
                      resources: [{ resource: 'boats', responseKind: { kind: 'Boat' }, scope: 'Namespaced', verbs: ['list', 'watch'] }],
                    },
                  ],
                },
              ]
            : [],
      },
    }))
    server.on('GET', /\/boats$/, ({ headers }) => {
      expect(headers.accept).toContain('as=Table')
      return {
        body: {
          kind: 'Table',
          metadata: { resourceVersion: '5' },
          columnDefinitions: [
            { name: 'Name', type: 'string', priority: 0 },
            { name: 'Hull Length', type: 'integer', priority: 0 },
            { name: 'Age', type: 'date', priority: 0 },
          ],
          rows: [
            {
              cells: ['Argo', 40, '3d'],
              object: { metadata: { name: 'Argo', namespace: 'default', uid: 'u1', creationTimestamp: '2026-11-18T09:00:00Z' } },
            },
          ],
        },
      }
    })
    const list = window.open('list', { context: 'fake', resource: { group: 'example.com', version: 'v1', resource: 'boats' } })
    await list.until(isComplete)
    expect(list.events.find((e) => e.type === 'columns')!.columns.map((c) => [c.id, c.type])).toEqual([
      ['name', 'text'],
      ['namespace', 'text'],
      ['hullLength', 'number'],
      ['age', 'age'],
    ])
    expect(list.events.find((e) => e.type === 'snapshot')!.rows[0]!.cells).toEqual([
      'Argo',
      'default',
      40,
      Date.parse('2026-11-18T09:00:00Z'),
    ])
  })
})

describe('the connection', () => {
  it('is live with the version, stale from the moment the server is gone, and live again by itself', async () => {
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    const connection = window.open('connection', { context: 'fake' })
    const list = window.open('list', { context: 'fake', resource: pods })
    await list.until(isLive)
    expect(await connection.until((s) => s.phase === 'live')).toMatchObject({ version: 'v1.36.0' })
    const port = server.port
    await server.stop()
    const stale = await connection.until((s) => s.phase === 'stale')
    expect(['Refused', 'Unreachable']).toContain(stale.error?.reason)
    expect(stale.retryAt).toBeGreaterThan(stale.since - 1)
    await list.until((e) => e.type === 'state' && e.phase === 'stale')
    expect(shown(list)).toEqual(['a'])

    const lives = connection.events.filter((s) => s.phase === 'live').length
    server = new FakeApiServer()
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    await server.start(port)
    await connection.until((s) => s.phase === 'live' && connection.events.filter((e) => e.phase === 'live').length > lives)
    const watch = await server.watch(/\/pods$/)
    expect(watch.query.get('resourceVersion')).toBe('20')
  })

  it('says that a server which is not there refuses, by name', async () => {
    await server.stop()
    await expect(window.call('contexts.connect', { context: 'fake' })).rejects.toMatchObject({
      reason: 'Refused',
      message: 'The connection was refused: nothing listens there.',
    })
    server = new FakeApiServer()
    await server.start()
  })

  it('sends the token of the kubeconfig, and never shows it', async () => {
    await window.call('contexts.connect', { context: 'fake' })
    expect(server.requests[0]!.headers.authorization).toBe('Bearer let-me-in')
    expect(JSON.stringify(await window.call('contexts.list', {}))).not.toContain('let-me-in')
  })

  it('to a context that does not exist is an error that names it', async () => {
    await expect(window.call('contexts.connect', { context: 'nowhere' })).rejects.toMatchObject({
      reason: 'NotFound',
      message: 'There is no context "nowhere" in the kubeconfig files.',
    })
  })
})

describe('logs', () => {
  it('arrive as text and end with the log', async () => {
    server.on('GET', /\/log$/, ({ query }) => ({ text: `${query.get('container')} ${query.get('tailLines')}\n` }))
    const logs = window.open('logs', { context: 'fake', namespace: 'default', pod: 'a', container: 'main', follow: false, tailLines: 100 })
    await logs.untilEnd()
    expect(logs.events).toEqual([
      { type: 'data', text: 'main 100\n' },
      { type: 'end', reason: 'eof' },
    ])
  })

  it('that cannot be had say why in the words of the server', async () => {
    server.on('GET', /\/log$/, () => ({
      code: 400,
      body: {
        kind: 'Status',
        status: 'Failure',
        reason: 'BadRequest',
        code: 400,
        message: 'container "main" in pod "a" is waiting to start: ContainerCreating',
      },
    }))
    const logs = window.open('logs', { context: 'fake', namespace: 'default', pod: 'a', container: 'main', follow: true })
    await logs.untilEnd()
    expect(logs.events).toEqual([
      {
        type: 'end',
        reason: 'error',
        error: { reason: 'BadRequest', code: 400, message: 'container "main" in pod "a" is waiting to start: ContainerCreating' },
      },
    ])
  })
})

describe('changes', () => {
  it('an edit is saved as a merge patch of what changed, without the resourceVersion', async () => {
    server.on('PATCH', /\/configmaps\/settings$/, ({ body }) => ({ body: { ...JSON.parse(body), metadata: { name: 'settings' } } }))
    const original = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  resourceVersion: "5"\ndata:\n  a: "1"\n  b: "2"\n'
    server.on('GET', /\/configmaps\/settings$/, () => ({ body: { metadata: { name: 'settings' }, data: { a: '1', b: '2' } } }))
    await window.call('objects.save', {
      context: 'fake',
      ref: { group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'settings' },
      original,
      edited: original.replace('a: "1"', 'a: "3"').replace('  b: "2"\n', '').replace('"5"', '"4"'),
    })
    const request = server.requests.at(-1)!
    expect(request.headers['content-type']).toBe('application/merge-patch+json')
    // A field that there is not is refused, as kubectl edit has it.
    expect(Object.fromEntries(request.query)).toMatchObject({ fieldValidation: 'Strict' })
    expect(JSON.parse(request.body)).toEqual({ metadata: {}, data: { a: '3', b: null } })
  })

  it('an edit that renames the object is refused before anything is sent', async () => {
    const original = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n'
    await expect(
      window.call('objects.save', {
        context: 'fake',
        ref: { group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'settings' },
        original,
        edited: original.replace('settings', 'other'),
      }),
    ).rejects.toMatchObject({ message: 'metadata.name cannot be changed; create another object instead.' })
  })

  it('YAML that does not parse is refused with its line', async () => {
    await expect(window.call('objects.apply', { context: 'fake', yaml: 'apiVersion: v1\nkind: [oops\n' })).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(/^Line \d+: /),
    })
  })

  it('scaling writes the scale subresource, and refuses what is not a number of replicas', async () => {
    server.on('PATCH', /\/deployments\/web\/scale$/, () => ({ body: { metadata: {} } }))
    const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default', name: 'web' }
    await window.call('workloads.scale', { context: 'fake', ref, replicas: 3 })
    expect(JSON.parse(server.requests.at(-1)!.body)).toEqual({ spec: { replicas: 3 } })
    await expect(window.call('workloads.scale', { context: 'fake', ref, replicas: 1.5 })).rejects.toMatchObject({
      message: 'replicas must be a whole number from 0 up.',
    })
  })
})
