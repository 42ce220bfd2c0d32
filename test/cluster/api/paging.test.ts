import { afterAll, beforeAll, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { startHttps, type HttpsFixture } from './https.js'

/** Lists in pages, https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */

let f: HttpsFixture
const MAPS = '/api/v1/namespaces/paged/configmaps'
const names = (json: { items: { metadata: { name: string } }[] }): string[] => json.items.map((item) => item.metadata.name)

beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'paged' } } })
  for (const name of ['a', 'b', 'c']) await f.send('POST', MAPS, { body: configMap(name, {}, { labels: { app: 'x' } }) })
})
afterAll(() => f.server.close())

it('a page says how many are left, and with a selector does not', async () => {
  const page = (await f.send('GET', `${MAPS}?limit=1`)).json
  expect([names(page), page.metadata.remainingItemCount]).toEqual([['a'], 2])
  const { metadata } = (await f.send('GET', `${MAPS}?limit=1&labelSelector=app%3Dx`)).json
  expect(Object.keys(metadata)).toEqual(['resourceVersion', 'continue'])
})

it('a token whose revision is gone is answered with one that goes on at the revision that is current', async () => {
  const first = (await f.send('GET', `${MAPS}?limit=1`)).json
  const next = (token: string): ReturnType<HttpsFixture['send']> => f.send('GET', `${MAPS}?limit=1&continue=${token}`)
  await f.send('POST', MAPS, { body: configMap('aa') })
  expect(names((await next(first.metadata.continue)).json)).toEqual(['b'])
  await f.store.compact(f.store.revision)
  const expired = await next(first.metadata.continue)
  const token: string = expired.json.metadata.continue
  expect(expired.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: { continue: token },
    status: 'Failure',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    reason: 'Expired',
    code: 410,
  })
  expect(JSON.parse(Buffer.from(token, 'base64url').toString())).toEqual({ v: 'meta.k8s.io/v1', rv: -1, start: 'a\0' })
  expect(names((await next(token)).json)).toEqual(['aa'])
})

it('a token is good for five minutes from the first page on, and what goes on after it for five more', async () => {
  const next = async (token: string): Promise<[string[] | string, string]> => {
    const { json } = await f.send('GET', `${MAPS}?limit=1&continue=${token}`)
    return [json.items ? names(json) : json.reason, json.metadata.continue]
  }
  const first: string = (await f.send('GET', `${MAPS}?limit=1`)).json.metadata.continue
  await f.clock.advance(5 * 60_000)
  const [second, third] = await next(first)
  expect(second).toEqual(['aa'])
  await f.clock.advance(1)
  expect((await next(third))[0]).toBe('Expired')
  const [reason, inconsistent] = await next(first)
  expect(reason).toBe('Expired')
  const [again, following] = await next(inconsistent)
  expect(again).toEqual(['aa'])
  await f.clock.advance(5 * 60_000)
  expect((await next(following))[0]).toEqual(['b'])
})

it('a revision and its match go together', async () => {
  const refused = async (query: string): Promise<string> => (await f.send('GET', `${MAPS}?${query}`)).json.message
  const invalid = 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: '
  expect(await refused('resourceVersionMatch=Exact')).toBe(
    `${invalid}Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`,
  )
  expect(await refused('resourceVersionMatch=Exact&resourceVersion=0')).toBe(
    `${invalid}Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  )
  expect(await refused('resourceVersionMatch=Newest&resourceVersion=1')).toBe(
    `${invalid}Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""`,
  )
  expect((await f.send('GET', `${MAPS}?resourceVersion=1&resourceVersionMatch=Exact`)).json).toMatchObject({
    message: 'The resourceVersion for the provided list is too old.',
    reason: 'Expired',
    code: 410,
  })
})

it('a list of any revision is not made pages of, since it comes from the cache; one of events, which are not in it, is', async () => {
  const counted = async (path: string): Promise<[number, boolean]> => {
    const { items, metadata } = (await f.send('GET', path)).json
    return [items.length, 'continue' in metadata]
  }
  const all = (await counted(MAPS))[0]
  expect(await counted(`${MAPS}?limit=1&resourceVersion=0`)).toEqual([all, false])
  expect(await counted(`${MAPS}?limit=1&resourceVersion=0&resourceVersionMatch=NotOlderThan`)).toEqual([all, false])
  expect(await counted(`${MAPS}?limit=1&resourceVersion=1&resourceVersionMatch=NotOlderThan`)).toEqual([1, true])
  const about = { kind: 'ConfigMap', namespace: 'paged', name: 'a' }
  for (const name of ['x', 'y'])
    await f.send('POST', '/api/v1/namespaces/paged/events', {
      body: { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject: about },
    })
  expect(await counted('/api/v1/namespaces/paged/events?limit=1&resourceVersion=0')).toEqual([1, true])
})
