import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => void (f = await startHttps()))
afterAll(() => f.server.close())

it('health checks are told one by one, but for those that are left out; names of none are warned of', async () => {
  const lines = (await f.send('GET', '/readyz?exclude=ping&exclude=b&exclude=a&verbose')).text.split('\n')
  expect(lines.slice(0, 6)).toEqual([
    '[+]ping excluded: ok',
    '[+]log ok',
    '[+]etcd ok',
    '[+]etcd-readiness ok',
    '[+]informer-sync ok',
    '[+]poststarthook/start-apiserver-admission-initializer ok',
  ])
  expect(lines.slice(-5)).toEqual([
    '[+]poststarthook/apiservice-openapiv3-controller ok',
    '[+]shutdown ok',
    'warn: some health checks cannot be excluded: no matches for "a","b"',
    'readyz check passed',
    '',
  ])
  expect(lines).toContain('[+]poststarthook/rbac/bootstrap-roles ok')
  expect((await f.send('GET', '/readyz?exclude=a')).text).toBe('ok')
  expect((await f.send('GET', '/readyz/etcd')).text).toBe('ok')
  expect((await f.send('GET', '/livez/poststarthook/rbac/bootstrap-roles')).text).toBe('ok')
  const { code, text } = await f.send('GET', '/livez/none')
  expect([code, text]).toEqual([404, '404 page not found\n'])
})
