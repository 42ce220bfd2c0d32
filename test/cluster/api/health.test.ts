import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => void (f = await startHttps()))
afterAll(() => f.server.close())

it('health checks are told one by one, but for those that are left out; names of none are warned of', async () => {
  expect((await f.send('GET', '/readyz?exclude=ping&exclude=b&exclude=a&verbose')).text).toBe(
    [
      '[+]ping excluded: ok',
      '[+]log ok',
      '[+]etcd ok',
      '[+]informer-sync ok',
      '[+]poststarthook/rbac/bootstrap-roles ok',
      '[+]shutdown ok',
      'warn: some health checks cannot be excluded: no matches for "a","b"',
      'readyz check passed\n',
    ].join('\n'),
  )
  expect((await f.send('GET', '/readyz?exclude=a')).text).toBe('ok')
  expect((await f.send('GET', '/readyz/etcd')).text).toBe('ok')
  const { code, text } = await f.send('GET', '/livez/none')
  expect([code, text]).toEqual([404, '404 page not found\n'])
})
