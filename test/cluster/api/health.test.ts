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

it('what they have told is counted, by name and path', async () => {
  const g = await startHttps()
  expect((await g.send('GET', '/metrics/slis')).text).toBe('')
  await g.send('GET', '/livez')
  await g.send('GET', '/livez?exclude=etcd')
  await g.send('GET', '/livez/log')
  const { headers, text } = await g.send('GET', '/metrics/slis')
  const lines = text.trimEnd().split('\n')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores')
  expect(lines.slice(0, 3)).toEqual([
    '# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.',
    '# TYPE kubernetes_healthcheck gauge',
    'kubernetes_healthcheck{name="autoregister-completion",type="livez"} 1',
  ])
  expect(lines.filter((line) => /_total.*name="(etcd|log|ping)"/.test(line))).toEqual([
    'kubernetes_healthchecks_total{name="etcd",status="success",type="livez"} 1',
    'kubernetes_healthchecks_total{name="log",status="success",type="livez"} 2',
    'kubernetes_healthchecks_total{name="ping",status="success",type="livez"} 2',
  ])
  await g.server.close()
})
