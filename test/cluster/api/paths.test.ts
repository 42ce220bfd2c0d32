import { afterAll, beforeAll, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

/** Paths as clients of all sorts spell them: what leads somewhere, and how it is said that the rest does not. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/namespaces/default/configmaps', { body: configMap('one') })
})
afterAll(() => f.server.close())

const ONE = '/api/v1/namespaces/default/configmaps/one'
const UNKNOWN = 'the server could not find the requested resource'
const NOWHERE = '404 page not found\n'
const said = (a: Answer): string => `${a.code} ${a.json?.kind === 'Status' ? a.json.message : (a.json?.kind ?? a.text)}`

it.each([
  ['a slash at the end', `${ONE}/`, '200 ConfigMap'],
  ['several slashes at the end', '/api/v1/namespaces/default/configmaps//', '200 ConfigMapList'],
  ['an encoded letter', '/api/v1/namespaces/%64efault/configmaps/one', '200 ConfigMap'],
  ['an encoded slash, which is one like any other', '/api/v1/namespaces/default%2Fconfigmaps/one', '200 ConfigMap'],
  ['an encoded slash in a name', `${ONE}%2Ftwo`, `404 ${UNKNOWN}`],
  ['an empty part in the middle', '/api/v1//namespaces/default/configmaps/one', `404 ${UNKNOWN}`],
  ['an empty namespace', '/api/v1/namespaces//configmaps', `404 ${UNKNOWN}`],
  ['a namespace', '/api/v1/namespaces/default', '200 Namespace'],
  ['the namespaces in a namespace', '/api/v1/namespaces/default/namespaces', `404 ${UNKNOWN}`],
  ['a namespace in another', '/api/v1/namespaces/default/namespaces/kube-system', `404 ${UNKNOWN}`],
  ['two slashes at the start', `/${ONE}`, `404 ${NOWHERE}`],
  ['a dot', '/api/v1/./namespaces/default/configmaps/one', `404 ${UNKNOWN}`],
  ['a core version that there is not', '/api/v9', `404 ${UNKNOWN}`],
  ['a version of a group that there is not', '/apis/apps/v9/deployments', `404 ${UNKNOWN}`],
  ['a resource of a group that there is not', '/apis/apps/v1/nothing', `404 ${UNKNOWN}`],
  ['a group that there is not', '/apis/nothing.example.com/v1/things', `404 ${NOWHERE}`],
  ['discovery with a slash', '/apis/', '200 APIGroupList'],
  ['a group with a slash', '/apis/apps/', '200 APIGroup'],
  ['a path that nobody registered', '/ui', `404 ${NOWHERE}`],
  ['a health check with a slash', '/healthz/', `404 ${NOWHERE}`],
  ['metrics with a slash', '/metrics/', `404 ${NOWHERE}`],
  ['a part of OpenAPI that there is not', '/openapi/v4', `404 ${NOWHERE}`],
])('%s: %s', async (_about, path, expected) => {
  expect(said(await f.send('GET', path))).toBe(expected)
})

it('the root lists prefixes and documents, but no document of a single version', async () => {
  const { paths } = (await f.send('GET', '/')).json as { paths: string[] }
  expect(paths.filter((path) => /^\/(apis\/?|apis\/apps.*|openapi\/.*)$/.test(path))).toEqual([
    '/apis',
    '/apis/',
    '/apis/apps',
    '/apis/apps/v1',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
  ])
  expect((await f.send('GET', '/index.html')).json.paths).toEqual(paths)
})

it('health is told whatever the method, the version to GET alone', async () => {
  expect(said(await f.send('POST', '/healthz'))).toBe('200 ok')
  expect(said(await f.send('POST', '/version'))).toBe('405 the server does not allow this method on the requested resource')
})

it.each([
  ['invalid', 'invalid duration "invalid"'],
  ['10', 'missing unit in duration "10"'],
  ['1m5', 'missing unit in duration "1m5"'],
  ['5x', 'unknown unit "x" in duration "5x"'],
  ['1.s2', 'missing unit in duration "1.s2"'],
  ['-', 'invalid duration "-"'],
])('a time that is none is refused before anything else is looked at: %s', async (timeout, why) => {
  for (const anonymous of [true, false]) {
    const answer = await f.send('GET', `/api/v1/pods?timeout=${timeout}`, { anonymous })
    expect(said(answer)).toBe(`400 invalid timeout specified in the request URL - time: ${why}`)
  }
})

it('a request may be given any time, and a watch is not asked for it', async () => {
  const codes = ['3m', '0s', '0', '1h5m.5s', '-1us', ''].map(async (timeout) => (await f.send('GET', `/version?timeout=${timeout}`)).code)
  expect(await Promise.all(codes)).toEqual([200, 200, 200, 200, 200, 200])
  expect((await f.send('GET', '/api/v1/pods?watch=1&timeoutSeconds=1&timeout=soon')).code).toBe(200)
})
