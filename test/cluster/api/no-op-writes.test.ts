/**
 * A write that changes nothing is none: the object keeps its resourceVersion and its generation, nobody is told of it, and
 * who wrote it is not noted. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

const PODS = '/api/v1/namespaces/default/pods'
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'no-op', labels: { a: 'one', c: 'two', b: 'three' } },
  spec: { containers: ['a', 'c', 'b'].map((name) => ({ name: `test-container-${name}`, image: `image-${name}` })) },
}

let f: HttpsFixture
let made: Answer
beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'default' } } })
  const headers = { 'content-type': 'application/apply-patch+yaml' }
  made = await f.send('PATCH', `${PODS}/no-op?fieldManager=apply_test`, { body: POD, headers })
  expect(made.code).toBe(201)
  f.clock.advance(5000)
})
afterAll(() => f.server.close())

const patch = (type: string, body: object | string): Promise<Answer> =>
  f.send('PATCH', `${PODS}/no-op?fieldManager=other`, { body, headers: { 'content-type': `application/${type}` } })

describe('a write that changes nothing', () => {
  it.each<[string, () => Promise<Answer>]>([
    ['a PUT of what was read', () => f.send('PUT', `${PODS}/no-op?fieldManager=other`, { body: made.text })],
    [
      'a PUT with the labels in another order and without managedFields',
      () => {
        const { managedFields: _, ...metadata } = made.json.metadata
        const body = { ...made.json, metadata: { ...metadata, labels: { b: 'three', a: 'one', c: 'two' } } }
        return f.send('PUT', `${PODS}/no-op?fieldManager=other`, { body })
      },
    ],
    ['a PUT to the status', () => f.send('PUT', `${PODS}/no-op/status`, { body: made.text })],
    ['a merge patch', () => patch('merge-patch+json', { metadata: { labels: { a: 'one', none: null } } })],
    [
      'a strategic merge patch',
      () => patch('strategic-merge-patch+json', { spec: { containers: [{ name: 'test-container-c', image: 'image-c' }] } }),
    ],
    ['a JSON patch', () => patch('json-patch+json', '[{"op":"replace","path":"/metadata/labels/a","value":"one"}]')],
    [
      'an apply of the same',
      () =>
        f.send('PATCH', `${PODS}/no-op?fieldManager=apply_test`, {
          body: POD,
          headers: { 'content-type': 'application/apply-patch+yaml' },
        }),
    ],
  ])('%s answers the object as it was', async (_, write) => {
    const answer = await write()
    expect(answer.code).toBe(200)
    expect(answer.json).toEqual(made.json)
    expect((await f.send('GET', `${PODS}/no-op`)).json).toEqual(made.json)
  })
})
