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

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'

it('/statusz says since when the server is up and where more can be read, as text or as an object', async () => {
  const g = await startHttps()
  await g.clock.advance(3_723_000)
  const asked = async (accept?: string) => g.send('GET', '/statusz', { headers: accept ? { accept } : {} })
  const { headers, text } = await asked()
  expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(text).toBe(`
kube-apiserver statusz
${WARNING}

Started: Sat Nov 21 09:00:00 UTC 2026
Up: 1 hr 02 min 03 sec
Go version: go1.26.2
Binary version: 1.36.0
Emulation version: 1.36
Paths: /flagz /healthz /livez /metrics /readyz /statusz /version
`)
  expect((await asked('application/json;v=v1;g=config.k8s.io;as=Statusz,*/*')).text).toBe(text)
  expect((await asked('application/json;v=v1beta1;g=config.k8s.io;as=Statusz')).json).toEqual({
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    metadata: { name: 'kube-apiserver' },
    startTime: '2026-11-21T09:00:00Z',
    uptimeSeconds: 3723,
    goVersion: 'go1.26.2',
    binaryVersion: '1.36.0',
    emulationVersion: '1.36',
    minimumCompatibilityVersion: '1.35',
    paths: ['/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version'],
  })
  for (const accept of ['application/json', 'application/json;v=v1beta1;g=config.k8s.io', 'application/xml'])
    expect((await asked(accept)).code).toBe(406)
  await g.server.close()
})

it('/flagz tells the flags of the server', async () => {
  const { text } = await f.send('GET', '/flagz')
  expect(text).toBe(`
kube-apiserver flagz
${WARNING}
advertise-address=127.0.0.1
allow-privileged=true
authorization-mode=[Node,RBAC]
enable-bootstrap-token-auth=true
etcd-servers=[https://127.0.0.1:2379]
secure-port=8443
service-cluster-ip-range=10.96.0.0/16
`)
  const { json } = await f.send('GET', '/flagz', { headers: { accept: 'application/json;v=v1beta1;g=config.k8s.io;as=Flagz' } })
  expect(json).toMatchObject({ kind: 'Flagz', apiVersion: 'config.k8s.io/v1beta1', flags: { 'secure-port': '8443' } })
})
