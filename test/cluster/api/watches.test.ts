import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { configMap } from './fixture.js'
import { openWatch, startHttps, type Answer, type HttpsFixture } from './https.js'

/** Watches as kube-apiserver tells them, to the fields of each event. */

let f: HttpsFixture
const MAPS = '/api/v1/namespaces/watched/configmaps'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const said = (a: Answer): string => `${a.code} ${a.json?.reason ?? ''}: ${a.json?.message ?? a.text}`

beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watched' } } })
  for (const name of ['a', 'b']) await f.send('POST', MAPS, { body: configMap(name, { key: name }) })
})
afterAll(() => f.server.close())

const streaming = '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'

it('a bookmark holds a type, a revision and, after the initial events, the annotation that ends them', async () => {
  const watch = await openWatch(f, `${MAPS}?watch=1${streaming}`)
  await watch.next()
  await watch.next()
  expect(await watch.next()).toEqual({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(f.store.revision), annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  })
  watch.close()
})

it.each([
  ['sendInitialEvents=true', ['sendInitialEvents requires setting resourceVersionMatch to NotOlderThan']],
  ['sendInitialEvents=false', ['sendInitialEvents requires setting resourceVersionMatch to NotOlderThan']],
  [
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    [
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      'Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
  ],
  ['resourceVersionMatch=NotOlderThan', ['resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided']],
  [
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=123',
    ['resourceVersionMatch is forbidden when continue is provided'],
  ],
])('a watch with %s is refused', async (query, why) => {
  const { json } = await f.send('GET', `${MAPS}?watch=1&allowWatchBookmarks=true&${query}`)
  expect([json.code, json.reason, json.details.group, json.details.kind]).toEqual([422, 'Invalid', 'meta.k8s.io', 'ListOptions'])
  expect(json.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`)).toEqual(
    why.map((text) => `resourceVersionMatch: ${text.startsWith('Unsupported') ? '' : 'Forbidden: '}${text}`),
  )
})

it('a list has no initial events', async () => {
  expect(said(await f.send('GET', `${MAPS}?sendInitialEvents=true`))).toBe(
    '422 Invalid: ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  )
})

it.each(['', '&resourceVersion=0'])(
  'a watch that begins nowhere (%s) is told where what was there ends, if it wants bookmarks',
  async (from) => {
    const watch = await openWatch(f, `${MAPS}?watch=1&allowWatchBookmarks=true${from}`)
    expect([(await watch.next()).type, (await watch.next()).type]).toEqual(['ADDED', 'ADDED'])
    const { type, object } = await watch.next()
    expect([type, object.metadata.annotations]).toEqual(['BOOKMARK', { 'k8s.io/initial-events-end': 'true' }])
    watch.close()
  },
)

it('a watch that wants initial events without bookmarks gets them alone', async () => {
  const watch = await openWatch(f, `${MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)
  expect([(await watch.next()).type, (await watch.next()).type]).toEqual(['ADDED', 'ADDED'])
  await f.send('POST', MAPS, { body: { metadata: { name: 'z-later' } } })
  expect((await watch.next()).object.metadata.name).toBe('z-later')
  watch.close()
  await f.send('DELETE', `${MAPS}/z-later`)
})

it('a watch is told how far it has come every minute, and a last time two seconds before its end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { resourceVersion } = (await f.send('GET', MAPS)).json.metadata
    const watch = await openWatch(f, `${MAPS}?watch=1&resourceVersion=${resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=63`)
    vi.advanceTimersByTime(60_000)
    expect((await watch.next()).type).toBe('BOOKMARK')
    // Nothing more is told at the end itself.
    vi.advanceTimersByTime(1000)
    expect((await watch.next()).type).toBe('BOOKMARK')
    vi.advanceTimersByTime(2000)
    expect(await watch.rest()).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})

it('a Table has its columns in the first event, and null in those after it', async () => {
  const watch = await openWatch(f, `${MAPS}?watch=1&includeObject=None${streaming}`, { accept: TABLE })
  const { object: first } = await watch.next()
  expect(first.columnDefinitions.map((c: { name: string }) => c.name)).toEqual(['Name', 'Data', 'Age'])
  expect(first.rows).toEqual([{ cells: ['a', 1, '0s'] }])
  const { object: second } = await watch.next()
  expect([second.columnDefinitions, second.rows]).toEqual([null, [{ cells: ['b', 1, '0s'] }]])
  expect((await watch.next()).object.columnDefinitions).toBeNull()
  watch.close()
})

/** What comes over a WebSocket: messages, then the code it was closed with; or the answer that refuses it. */
function overWebSocket(path: string): Promise<string[]> {
  const { ca, admin } = f.certificates
  const socket = new WebSocket(`wss://127.0.0.1:${f.port}${path}`, { ca: ca.cert, cert: admin.cert, key: admin.key })
  const told: string[] = []
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer, binary) => told.push(`${binary ? 'binary' : 'text'} ${data.toString()}`))
    socket.on('close', (code) => resolve([...told, String(code)]))
    socket.on('unexpected-response', (_, answer) => {
      let body = ''
      answer.on('data', (part: Buffer) => (body += part.toString()))
      answer.on('end', () => resolve([`${answer.statusCode} ${(JSON.parse(body) as { message: string }).message}`]))
    })
  })
}

it('a WebSocket carries an event as a text, ends with code 1000, and is not opened for what is refused', async () => {
  await f.store.compact(f.store.revision)
  const gone = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `too old resource version: 1 (${f.store.revision})`,
    reason: 'Expired',
    code: 410,
  }
  expect(await overWebSocket(`${MAPS}?watch=1&resourceVersion=1`)).toEqual([
    `text ${JSON.stringify({ type: 'ERROR', object: gone })}\n`,
    '1000',
  ])
  expect(await overWebSocket(`${MAPS}?watch=1&labelSelector=a%20b`)).toEqual([
    "400 unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  ])
  expect(await overWebSocket(`${MAPS}?watch=1&resourceVersionMatch=NotOlderThan`)).toEqual([
    '422 ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  ])
})

it('a path of /watch/ that names an object tells of that one alone', async () => {
  const watch = await openWatch(f, `/api/v1/watch/namespaces/watched/configmaps/b?fieldSelector=metadata.name%3Db`)
  expect((await watch.next()).object.metadata.name).toBe('b')
  watch.close()
  const other = await openWatch(f, '/api/v1/watch/namespaces/watched/configmaps/b')
  expect((await other.next()).object.metadata.name).toBe('b')
  await f.send('DELETE', `${MAPS}/a`)
  await f.send('DELETE', `${MAPS}/b`)
  const { type, object } = await other.next()
  expect([type, object.metadata.name]).toEqual(['DELETED', 'b'])
  other.close()
  expect(said(await f.send('GET', '/api/v1/watch/namespaces/watched/configmaps/b?fieldSelector=metadata.name%3Dc'))).toBe(
    "400 BadRequest: fieldSelector metadata.name doesn't match requested name",
  )
})

it('from a revision that is still to come nothing is told until then; initial events of it are an error', async () => {
  const future = f.store.revision + 3
  const watch = await openWatch(f, `${MAPS}?watch=1&resourceVersion=${future}`)
  for (let n = 1; n <= 4; n++) await f.send('POST', MAPS, { body: configMap(`later-${n}`) })
  const { object } = await watch.next()
  expect([object.metadata.name, object.metadata.resourceVersion]).toEqual(['later-4', String(future + 1)])
  watch.close()
  const ahead = f.store.revision + 1
  const early = await openWatch(f, `${MAPS}?watch=1${streaming}&resourceVersion=${ahead}`)
  const { type, object: status } = await early.next()
  expect([type, status.code, status.reason, status.message]).toEqual([
    'ERROR',
    504,
    'Timeout',
    `Timeout: Too large resource version: ${ahead}, current: ${ahead - 1}`,
  ])
  await early.ended
})
