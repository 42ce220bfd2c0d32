import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SearchEvent, SearchHit } from '../../../src-main/backend/rpc/contract.js'
import { FakeApiServer, pod } from '../support/api-server.js'
import { windowOn, type TestStream, type TestWindow } from '../support/window.js'

let server: FakeApiServer
let window: TestWindow
let stop: () => void

const resource = (name: string, kind: string, namespaced = true) => ({
  name,
  kind,
  namespaced,
  singularName: '',
  verbs: ['get', 'list', 'watch'],
})
const list = (...items: unknown[]) => ({ body: { metadata: { resourceVersion: '1' }, items } })
const named = (name: string, namespace: string, rest: object = {}) => ({ metadata: { name, namespace, uid: `uid-${name}` }, ...rest })

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({ body: { kind: 'APIGroupList', groups: [] } }))
  server.on('GET', /^\/api\/v1$/, () => ({
    body: { resources: [resource('pods', 'Pod'), resource('secrets', 'Secret'), resource('namespaces', 'Namespace', false)] },
  }))
  server.on('GET', /\/pods$/, () => list(pod('web-1'), pod('db-1')))
  server.on('GET', /\/secrets$/, () => list(named('web-tls', 'default')))
  server.on('GET', /\/namespaces$/, () => list({ metadata: { name: 'web' } }))
})
afterEach(async () => {
  stop()
  await server.stop()
})

const search = (query: string, namespaces?: string[], context = 'fake'): TestStream<'search'> =>
  window.open('search', { query, clusters: [{ context, ...(namespaces ? { namespaces } : {}) }] })
async function hits(stream: TestStream<'search'>): Promise<string[]> {
  await stream.untilEnd()
  const all = stream.events.flatMap((e): SearchHit[] => (e.type === 'hits' ? e.hits : []))
  return all.map((h) => `${h.kind} ${h.ref.namespace ?? ''}/${h.ref.name}`).sort()
}
const done = (stream: TestStream<'search'>) => stream.events.find((e): e is Extract<SearchEvent, { type: 'done' }> => e.type === 'done')!
const listed = () =>
  server.requests
    .map((r) => r.path + (r.query.get('fieldSelector') ? `?${r.query.get('fieldSelector')}` : ''))
    .filter((p) => /(pods|secrets|namespaces)(\?|$)/.test(p))

describe('a search over a cluster', () => {
  it('finds objects of all kinds, and ends with how many it looked at', async () => {
    const stream = search('web')
    expect(await hits(stream)).toEqual(['Namespace /web', 'Pod default/web-1', 'Secret default/web-tls'])
    expect(done(stream)).toEqual({ type: 'done', looked: 4, cut: [] })
    expect(stream.events.filter((e) => e.type === 'progress').at(-1)).toEqual({ type: 'progress', read: 3, of: 3 })
  })

  it('reads of Secrets nothing but metadata', async () => {
    await hits(search('kind:secret web'))
    const accepts = server.requests.filter((r) => r.path.endsWith('/secrets')).map((r) => r.headers.accept)
    expect(accepts).toEqual(['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'])
  })

  it('asks the server only for namespaces and nodes that are named', async () => {
    server.on('GET', /\/namespaces\/prod\/pods$/, () => list(named('web-9', 'prod')))
    expect(await hits(search('ns:prod kind:pod web'))).toEqual(['Pod prod/web-9'])
    await hits(search('node:n1 kind:pod'))
    expect(listed()).toEqual(['/api/v1/namespaces/prod/pods', '/api/v1/pods?spec.nodeName=n1'])
  })

  it('reads the typed namespaces where not all may be listed, and tells which kinds may not be', async () => {
    const forbidden = { code: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } }
    server.on('GET', /^\/api\/v1\/(pods|secrets|namespaces)$/, () => forbidden)
    server.on('GET', /\/namespaces\/shop\/pods$/, () => list(named('web-9', 'shop')))
    server.on('GET', /\/namespaces\/shop\/secrets$/, () => forbidden)
    const stream = search('web', ['shop'])
    expect(await hits(stream)).toEqual(['Pod shop/web-9'])
    expect(stream.events.filter((e) => e.type === 'unread')).toEqual([
      { type: 'unread', context: 'fake', kinds: ['Namespace', 'Secret'], error: { reason: 'Forbidden', message: 'Forbidden' } },
    ])
  })

  it('reads the likely namespaces of kinds that may not be listed in all, and only of those', async () => {
    const forbidden = { code: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } }
    server.on('GET', /^\/api\/v1\/(pods|namespaces)$/, () => forbidden)
    server.on('GET', /\/namespaces\/shop\/pods$/, () => list(named('web-9', 'shop')))
    server.on('GET', /\/namespaces\/team\/pods$/, () => forbidden)
    const stream = window.open('search', { query: 'web', clusters: [{ context: 'fake', likely: ['team', 'shop'] }] })
    expect(await hits(stream)).toEqual(['Pod shop/web-9', 'Secret default/web-tls'])
    expect(stream.events.flatMap((e) => (e.type === 'unread' ? e.kinds : []))).toEqual(['Namespace'])
    expect(listed().filter((p) => p.includes('secrets'))).toEqual(['/api/v1/secrets'])
  })

  it('shows a bounded number of a kind, and tells that there are more', async () => {
    server.on('GET', /\/pods$/, () => list(...Array.from({ length: 300 }, (_, i) => named(`web-${i}`, 'default'))))
    const stream = search('kind:pod web')
    expect((await hits(stream)).length).toBe(200)
    expect(done(stream).cut).toEqual([{ context: 'fake', kind: 'Pod' }])
  })

  it('reads all pages', async () => {
    server.on('GET', /\/pods$/, ({ query }) =>
      query.get('continue')
        ? list(named('web-2', 'default'))
        : { body: { metadata: { continue: 'more' }, items: [named('web-1', 'default')] } },
    )
    expect(await hits(search('kind:pod web'))).toEqual(['Pod default/web-1', 'Pod default/web-2'])
  })

  it('for nothing reads nothing, and one that cannot be read says why', async () => {
    expect(await hits(search('  '))).toEqual([])
    expect(await hits(search('!web'))).toEqual([])
    expect(listed()).toEqual([])
    const stream = search('web /(/')
    await stream.untilEnd()
    expect(stream.events).toEqual([
      { type: 'problem', part: '/(/', message: expect.stringContaining('Invalid regular expression') as string },
    ])
  })

  it('of a server that is gone says so', async () => {
    await server.stop()
    const stream = search('web')
    await stream.untilEnd()
    expect(stream.events.find((e) => e.type === 'unread')).toMatchObject({ context: 'fake', kinds: [], error: { reason: 'Refused' } })
    await server.start()
  })
})
