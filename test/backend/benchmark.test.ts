import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { BenchmarkParams, BenchmarkReport } from '../../src-main/backend/rpc/contract.js'
import { proxyPath } from '../../src-main/backend/forward/benchmark.js'
import { type FakeApiServer } from './support/api-server.js'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow
const web = { group: '', version: 'v1', resource: 'services', namespace: 'shop', name: 'web' }
const params: BenchmarkParams = {
  context: 'fake',
  ref: web,
  port: '80',
  scheme: 'http',
  path: '/ready?deep=1',
  requests: 12,
  concurrency: 3,
}

eachOnFakeServer((on) => ({ server, window } = on))
async function run(change: Partial<BenchmarkParams> = {}): Promise<BenchmarkReport> {
  const stream = window.open('benchmark', { ...params, ...change })
  const { error } = await stream.untilEnd()
  expect(error).toBeUndefined()
  return stream.events.at(-1)!
}
const asked = () => server.requests.filter((r) => r.path.includes('/proxy'))

describe('a benchmark of a Service', () => {
  it('asks through the proxy of the API server so many times, and tells how long answers took', async () => {
    server.on('GET', /\/proxy\//, () => ({ text: 'ready\n' }))
    const report = await run()
    expect(asked().length).toBe(12)
    expect(asked()[0]).toMatchObject({ path: '/api/v1/namespaces/shop/services/web:80/proxy/ready' })
    expect(asked()[0]!.query.get('deep')).toBe('1')
    expect(report).toMatchObject({ finished: true, done: 12, of: 12, bytes: 72, codes: { 200: 12 }, errors: {} })
    const { min, p50, p90, p99, max } = report.latency!
    expect([min, p50, p90, p99, max]).toEqual([min, p50, p90, p99, max].sort((a, b) => a - b))
    expect(report.histogram.reduce((n, b) => n + b.n, 0)).toBe(12)
  })

  it('has so many requests under way at once, and no more', async () => {
    let most = 0
    const held: ServerResponse[] = []
    server.on('GET', /\/proxy\//, (_request, response) => {
      most = Math.max(most, held.push(response))
      if (held.length === 5) for (const r of held.splice(0)) r.writeHead(200).end('x')
      return undefined
    })
    await run({ requests: 30, concurrency: 5 })
    expect(most).toBe(5)
  })

  it('counts the Service’s own refusals by their status, and tells why there was no answer of its own', async () => {
    let n = 0
    server.on('GET', /\/proxy\//, () => (n++ % 2 ? { code: 404, text: 'not here' } : { text: 'ok' }))
    expect((await run()).codes).toEqual({ 200: 6, 404: 6 })
    const message = 'no endpoints available for service "web"'
    server.on('GET', /\/proxy\//, () => ({ code: 503, body: { kind: 'Status', reason: 'ServiceUnavailable', message, code: 503 } }))
    expect(await run({ requests: 4 })).toMatchObject({ codes: { 503: 4 }, errors: { [message]: 4 } })
  })

  it('ends when it is left', async () => {
    const begun: Promise<unknown>[] = []
    server.on('GET', /\/proxy\//, (_request, response) => {
      begun.push(once(response, 'close'))
      return undefined
    })
    const stream = window.open('benchmark', params)
    await stream.until((r) => !r.finished)
    await expect.poll(() => begun.length, { timeout: 15_000 }).toBe(3)
    stream.close()
    await Promise.all(begun)
    expect(begun.length).toBe(3)
  })

  it('is refused where it makes no sense, and on read-only contexts', async () => {
    const refused = async (change: Partial<BenchmarkParams>) =>
      (await window.open('benchmark', { ...params, ...change }).untilEnd()).error?.reason
    expect(await refused({ requests: 0 })).toBe('Invalid')
    expect(await refused({ concurrency: 1000 })).toBe('Invalid')
    await window.call('settings.set', { change: { clusters: { fake: { protection: 'read-only' } } } })
    expect(await refused({})).toBe('ReadOnly')
    expect(asked()).toEqual([])
  })

  it('names a port of TLS as the proxy wants it', () => {
    expect(proxyPath({ ref: web, port: 'https', scheme: 'https', path: '/' })).toBe(
      '/api/v1/namespaces/shop/services/https:web:https/proxy/',
    )
  })
})
