/**
 * Answers in JSON are as Go's encoder writes them: `<`, `>`, `&` and the two line separators of Unicode stand as escapes,
 * so that no answer can end a script in a page. https://pkg.go.dev/encoding/json#Marshal
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { openWatch, startHttps, type HttpsFixture } from './https.js'

const MAPS = '/api/v1/namespaces/default/configmaps'
const ESCAPED = '"data":{"a":"\\u003cb\\u003e \\u0026 \\u2028\\u2029"}'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', MAPS, { body: configMap('one', { a: '<b> & \u2028\u2029' }) })
})
afterAll(() => f.server.close())

describe('JSON in answers', () => {
  it('has markup escaped in an object, a list and a list of metadata', async () => {
    const one = await f.send('GET', `${MAPS}/one`)
    expect(one.text).toContain(ESCAPED)
    expect(one.json.data).toEqual({ a: '<b> & \u2028\u2029' })
    expect((await f.send('GET', MAPS)).text).toContain(ESCAPED)
    const written = await f.send('PATCH', `${MAPS}/one`, {
      body: { metadata: { annotations: { x: '<&>' } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect(written.text).toContain('"annotations":{"x":"\\u003c\\u0026\\u003e"}')
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    expect((await f.send('GET', MAPS, { headers: { accept } })).text).toContain('"annotations":{"x":"\\u003c\\u0026\\u003e"}')
  })

  it('has it escaped in a table, in indented answers and in errors', async () => {
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
    expect((await f.send('GET', `${MAPS}?includeObject=Object`, { headers: { accept } })).text).toContain(ESCAPED)
    expect((await f.send('GET', `${MAPS}/one?pretty=true`)).text).toContain('"a": "\\u003cb\\u003e \\u0026 \\u2028\\u2029"')
    const refused = await f.send('GET', `${MAPS}?labelSelector=a%3C%3E`)
    expect(refused.code).toBe(400)
    expect(refused.text).toContain("found '\\u003e'")
    expect(refused.json.message).toBe("unable to parse requirement: found '>', expected: identifier")
  })

  it('has it escaped in what a watch sends, also of an object that leaves its selection', async () => {
    await f.send('POST', MAPS, { body: configMap('leaving', { a: '<b> & \u2028\u2029' }, { labels: { in: 'yes' } }) })
    const watch = await openWatch(f, `${MAPS}?watch=1&labelSelector=in%3Dyes`)
    expect((await watch.next())?.object.data).toEqual({ a: '<b> & \u2028\u2029' })
    await f.send('PATCH', `${MAPS}/leaving`, {
      body: { metadata: { labels: null } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect((await watch.next())?.type).toBe('DELETED')
    expect(watch.texts.map((text) => text.includes(ESCAPED))).toEqual([true, true])
    watch.close()
  })

  it('leaves answers in YAML as they are', async () => {
    expect((await f.send('GET', `${MAPS}/one`, { headers: { accept: 'application/yaml' } })).text).toContain('<b> &')
  })
})
