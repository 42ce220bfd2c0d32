import { beforeEach, describe, expect, test } from 'vitest'
import { httpRequest } from '../../../src-main/cluster/network/http.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
let proxy: Box

beforeEach(async () => {
  machine = new Machine()
  proxy = await machine.run('registry.k8s.io/kube-proxy:v1.36.0')
})

/** What the node itself is answered on a port of its loopback, as `STATUS BODY`. */
async function local(port: number, path: string): Promise<string> {
  const asking = httpRequest(proxy.net, { host: '127.0.0.1', port, path })
  await machine.clock.advance(100)
  const res = await asking
  let body = ''
  res.on('data', (part) => (body += part))
  await machine.clock.advance(100)
  return `${res.statusCode} ${body}`
}

describe('kube-proxy', () => {
  test('says how it takes node ports when it starts', async () => {
    const log = await proxy.log()
    expect(log.split('\n')[0]).toBe('I1121 09:17:00.000000       1 server_linux.go:53] "Using iptables proxy"')
    expect(log).toContain('"Successfully retrieved NodeIPs" NodeIPs=["10.244.1.3"]\n')
    expect(log).toContain('"Setting route_localnet=1 to allow node-ports on localhost; to change this')
  })

  test('tells everybody its health', async () => {
    const { status, headers, body } = await proxy.get('/healthz', { port: 10256 })
    expect([status, headers['content-type'], body]).toEqual([
      200,
      'application/json',
      '{"lastUpdated":"2026-11-21T09:17:01.000Z","currentTime":"2026-11-21T09:17:01.000Z","nodeEligible":true}',
    ])
    expect((await proxy.get('/livez', { port: 10256 })).status).toBe(200)
    expect((await proxy.get('/', { port: 10256 })).status).toBe(404)
  })

  test('tells its node alone its mode and its metrics', async () => {
    expect(await local(10249, '/proxyMode')).toBe('200 iptables')
    expect(await local(10249, '/healthz')).toBe('200 ok')
    expect(await local(10249, '/metrics')).toContain('\nprocess_start_time_seconds 1795252620\n')
    await expect(proxy.get('/proxyMode', { port: 10249 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
