import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** `namespaces/finalize`: how those who hold a namespace let it go. */

const NAMESPACES = '/api/v1/namespaces'
let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const finalize = async (name: string, finalizers: string[], metadata: object = {}): Promise<[number, unknown]> => {
  const body = { metadata: { name, ...metadata }, spec: { finalizers } }
  const { code, json } = await f.send('PUT', `${NAMESPACES}/${name}/finalize`, { body })
  return [code, code < 300 ? json.spec : json.message]
}
const phase = async (name: string): Promise<string> => {
  const { code, json } = await f.send('GET', `${NAMESPACES}/${name}`)
  return code === 404 ? 'gone' : json.status.phase
}

it('a namespace is held by the finalizers of its spec until the last one is taken away', async () => {
  await f.send('POST', NAMESPACES, { body: { metadata: { name: 'held' }, spec: { finalizers: ['example.com/x'] } } })
  expect((await f.send('GET', `${NAMESPACES}/held`)).json.spec).toEqual({ finalizers: ['example.com/x', 'kubernetes'] })
  const deleted = await f.send('DELETE', `${NAMESPACES}/held`)
  expect([deleted.code, deleted.json.status.phase]).toEqual([200, 'Terminating'])
  expect(await finalize('held', ['example.com/x'])).toEqual([200, { finalizers: ['example.com/x'] }])
  expect(await phase('held')).toBe('Terminating')
  expect((await finalize('held', []))[0]).toBe(200)
  expect(await phase('held')).toBe('gone')
})

it('a namespace that is not deleted stays without any', async () => {
  await f.send('POST', NAMESPACES, { body: { metadata: { name: 'free' } } })
  expect(await finalize('free', [])).toEqual([200, {}])
  expect(await phase('free')).toBe('Active')
})

it('finalizers are qualified names; the revision counts, and nothing but finalizers is written', async () => {
  const { json } = await f.send('POST', NAMESPACES, { body: { metadata: { name: 'odd', labels: { a: 'b' } } } })
  expect(await finalize('odd', ['odd'])).toEqual([
    422,
    'Namespace "odd" is invalid: spec.finalizers[0]: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified',
  ])
  expect((await finalize('odd', ['a.b/c'], { resourceVersion: '1' }))[0]).toBe(409)
  const { code, json: after } = await f.send('PUT', `${NAMESPACES}/odd/finalize`, {
    body: { ...json, spec: { finalizers: ['a.b/c'] }, status: { phase: 'Terminating' } },
  })
  expect([code, after.spec, after.status]).toEqual([200, { finalizers: ['a.b/c'] }, { phase: 'Active' }])
})

it('a namespace that is held has a time of deletion and no grace period', async () => {
  await f.send('POST', NAMESPACES, { body: { metadata: { name: 'timed' } } })
  for (const answer of [await f.send('DELETE', `${NAMESPACES}/timed`), await f.send('DELETE', `${NAMESPACES}/timed`)]) {
    const { deletionTimestamp, deletionGracePeriodSeconds } = answer.json.metadata
    expect([answer.code, deletionTimestamp, deletionGracePeriodSeconds]).toEqual([200, '2026-11-21T09:00:00Z', undefined])
  }
  const again = await f.send('POST', NAMESPACES, { body: { metadata: { name: 'timed' } } })
  expect([again.code, again.json.message]).toEqual([409, 'object is being deleted: namespaces "timed" already exists'])
})

it('a namespace whose name was drawn can be selected by it', async () => {
  const { json } = await f.send('POST', NAMESPACES, { body: { metadata: { generateName: 'drawn-' } } })
  expect(json.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': json.metadata.name })
})
