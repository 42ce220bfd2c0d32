/** What agnhost netexec says of its answers, as Go's server does. */
import { expect, test } from 'vitest'
import { Machine } from './machine.js'

test('answers have their length and the type that Go finds by their first bytes, those of HEAD as well', async () => {
  const box = await new Machine().run('registry.k8s.io/e2e-test-images/agnhost:2.53', { args: ['netexec', '--http-port=8080'] })
  for (const method of ['GET', 'HEAD']) {
    const { headers, body } = await box.get('/hostname', { port: 8080, method })
    expect([headers['content-length'], headers['content-type'], body]).toEqual([
      '5',
      'text/plain; charset=utf-8',
      method === 'GET' ? 'pod-1' : '',
    ])
  }
})
