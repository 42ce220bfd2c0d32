/** `curl http://localhost:10248/healthz` on a node, as in "Troubleshooting kubeadm". */
import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { serveHealthPort } from '../../../src-main/cluster/kubelet/health-port.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { httpRequest } from '../../../src-main/cluster/network/http.js'
import { Random } from '../../../src-main/cluster/random.js'

test('a kubelet tells whoever is on its node that it is well, and nobody else', async () => {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const network = createNetwork({ clock, random: new Random(1) })
  const node = network.addNode('n1', '192.168.49.2', '10.244.0.0/24')
  serveHealthPort(node, clock)
  const ask = async (host: string, path: string): Promise<string> => {
    const asking = httpRequest(node, { host, port: 10_248, path })
    asking.catch(() => undefined)
    await clock.advance(10)
    try {
      const response = await asking
      let body = ''
      response.on('data', (part) => (body += part))
      await clock.advance(10)
      return `${response.statusCode} ${body}`
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(await ask('127.0.0.1', '/healthz')).toBe('200 ok')
  expect(await ask('127.0.0.1', '/healthz?verbose')).toBe('200 [+]ping ok\nhealthz check passed\n')
  expect(await ask('127.0.0.1', '/metrics')).toBe('404 404 page not found\n')
  expect(await ask('192.168.49.2', '/healthz')).toBe('ECONNREFUSED')
})
