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
const ofType = <T extends SearchEvent['type']>(stream: TestStream<'search'>, type: T) =>
  stream.events.filter((e): e is Extract<SearchEvent, { type: T }> => e.type === type)
/** What is shown now: what was found, without what is gone. */
function shown(stream: TestStream<'search'>): string[] {
  const all = new Map<string, SearchHit>()
  for (const e of stream.events) {
    if (e.type === 'hits') for (const h of e.hits) all.set(h.id, h)
    if (e.type === 'gone') for (const id of e.ids) all.delete(id)
  }
  return [...all.values()].map((h) => `${h.kind} ${h.ref.namespace ?? ''}/${h.ref.name}`).sort()
}
async function hits(stream: TestStream<'search'>): Promise<string[]> {
  await stream.until((e) => e.type === 'done')
  return shown(stream)
}
/** How the cluster stands, as it was told last. */
const cluster = (stream: TestStream<'search'>) => ofType(stream, 'cluster').at(-1)!.cluster
const listed = () =>
  server.requests
    .filter((r) => !r.query.has('watch'))
    .map((r) => r.path + (r.query.get('fieldSelector') ? `?${r.query.get('fieldSelector')}` : ''))
    .filter((p) => /(pods|secrets|namespaces)(\?|$)/.test(p))

describe('a search over a cluster', () => {
  it('finds objects of all kinds, and ends with how many it looked at', async () => {
    const stream = search('web')
    expect(await hits(stream)).toEqual(['Namespace /web', 'Pod default/web-1', 'Secret default/web-tls'])
    expect(ofType(stream, 'done')).toEqual([{ type: 'done', looked: 4 }])
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
    expect(cluster(stream)).toEqual({ context: 'fake', refused: ['Namespace', 'Secret'], unwatched: [] })
  })

  it('reads the likely namespaces of kinds that may not be listed in all, and only of those', async () => {
    const forbidden = { code: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } }
    server.on('GET', /^\/api\/v1\/(pods|namespaces)$/, () => forbidden)
    server.on('GET', /\/namespaces\/shop\/pods$/, () => list(named('web-9', 'shop')))
    server.on('GET', /\/namespaces\/team\/pods$/, () => forbidden)
    const stream = window.open('search', { query: 'web', clusters: [{ context: 'fake', likely: ['team', 'shop'] }] })
    expect(await hits(stream)).toEqual(['Pod shop/web-9', 'Secret default/web-tls'])
    expect(cluster(stream).refused).toEqual(['Namespace'])
    expect(listed().filter((p) => p.includes('secrets'))).toEqual(['/api/v1/secrets'])
  })

  it('shows a bounded number of a kind, and tells that there are more', async () => {
    server.on('GET', /\/pods$/, () => list(...Array.from({ length: 300 }, (_, i) => named(`web-${i}`, 'default'))))
    const stream = search('kind:pod web')
    expect((await hits(stream)).length).toBe(200)
    expect(ofType(stream, 'cut')).toEqual([{ type: 'cut', context: 'fake', kind: 'Pod' }])
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
    await stream.until((e) => e.type === 'problem')
    expect(stream.events).toEqual([
      { type: 'begin' },
      { type: 'problem', part: '/(/', message: expect.stringContaining('Invalid regular expression') as string },
    ])
  })

  it('of a server that is gone says so, and searches it when it is back', async () => {
    const { port } = server
    await server.stop()
    const stream = search('web')
    await stream.until((e) => e.type === 'done')
    expect(cluster(stream)).toMatchObject({ context: 'fake', error: { reason: 'Refused' } })
    await server.start(port)
    await stream.until((e) => e.type === 'hits' && e.hits.some((h) => h.ref.name === 'web-tls'))
    await stream.until((e) => e.type === 'cluster' && stream.events.indexOf(e) > 3 && !e.cluster.error)
    expect(cluster(stream)).toEqual({ context: 'fake', refused: [], unwatched: [] })
  })
})

describe('what a search has found', () => {
  const said = (stream: TestStream<'search'>, what: string[]) => stream.until(() => shown(stream).join() === what.join())
  const watch = (of: string) => server.watch(new RegExp(`/${of}$`))

  it('changes as objects come, change and go', async () => {
    const stream = search('web kind:pod')
    expect(await hits(stream)).toEqual(['Pod default/web-1'])
    const pods = await watch('pods')
    expect(Object.fromEntries(pods.query)).toEqual({ watch: '1', resourceVersion: '1', allowWatchBookmarks: 'true' })
    pods.send('ADDED', pod('web-2'))
    pods.send('ADDED', pod('other'))
    await said(stream, ['Pod default/web-1', 'Pod default/web-2'])
    pods.send('DELETED', pod('web-1'))
    await said(stream, ['Pod default/web-2'])
  })

  it('goes when it does not answer any more, and comes when it begins to', async () => {
    const failed = { status: { phase: 'Failed' } }
    const stream = search('status:failed kind:pod')
    expect(await hits(stream)).toEqual([])
    const pods = await watch('pods')
    pods.send('MODIFIED', pod('db-1', failed))
    await said(stream, ['Pod default/db-1'])
    pods.send('MODIFIED', pod('db-1'))
    await said(stream, [])
  })

  it('is watched by metadata alone where nothing else was read', async () => {
    await hits(search('kind:secret web'))
    await watch('secrets')
    expect(server.requests.at(-1)!.headers.accept).toBe('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json')
  })

  it('is listed anew when the watch is too old, and what went meanwhile goes', async () => {
    const stream = search('web kind:pod')
    await hits(stream)
    const pods = await watch('pods')
    server.on('GET', /\/pods$/, () => list(pod('web-7')))
    pods.send('ERROR', { code: 410, reason: 'Expired', message: 'too old resource version' })
    await said(stream, ['Pod default/web-7'])
    await watch('pods')
  })

  it('is out of date while the connection is lost, which is told, and goes on from where it was', async () => {
    const stream = search('web kind:pod')
    await hits(stream)
    const first = await watch('pods')
    first.send('ADDED', pod('web-2'))
    await said(stream, ['Pod default/web-1', 'Pod default/web-2'])
    first.send('BOOKMARK', { metadata: { resourceVersion: '77' } })
    // What comes after the bookmark shows that it has arrived.
    first.send('DELETED', { metadata: { name: 'web-2', namespace: 'default' } })
    await stream.until((e) => e.type === 'gone')
    const { port } = server
    await server.stop()
    await stream.until((e) => e.type === 'cluster' && e.cluster.error !== undefined)
    expect(shown(stream)).toEqual(['Pod default/web-1'])
    await server.start(port)
    const pods = await watch('pods')
    expect(pods.query.get('resourceVersion')).toBe('77')
    pods.send('DELETED', pod('web-1'))
    await said(stream, [])
    expect(cluster(stream)).toEqual({ context: 'fake', refused: [], unwatched: [] })
  })

  it('of kinds that may not be watched is told to stay as it was', async () => {
    server.on('GET', /^\/api\/v1$/, () => ({ body: { resources: [{ ...resource('pods', 'Pod'), verbs: ['list'] }] } }))
    const stream = search('web')
    await stream.until((e) => e.type === 'cluster' && e.cluster.unwatched.length > 0)
    expect(cluster(stream)).toEqual({ context: 'fake', refused: [], unwatched: ['Pod'] })
  })

  it('is not watched any more once the window has closed the search', async () => {
    const stream = search('web kind:pod')
    await hits(stream)
    const pods = await watch('pods')
    stream.close()
    await pods.closed
    const before = stream.events.length
    pods.send('ADDED', pod('web-2'))
    expect(stream.events.length).toBe(before)
  })
})
