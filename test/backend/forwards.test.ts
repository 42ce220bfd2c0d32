import net from 'node:net'
import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Forward } from '../../src-main/backend/rpc/contract.js'
import { startExecServer, type ExecServer } from './support/exec-server.js'
import type { TestStream } from './support/window.js'

/** Port-forwards, against a server whose WebSockets the test holds itself. */

let server: ExecServer
let forward: Forward
/** The other end of the connection that is made next. */
let next: Promise<WebSocket>
let told: TestStream<'forwards'>

beforeEach(async () => {
  server = await startExecServer()
  server.pod = { metadata: { name: 'web' } }
  next = new Promise((resolve) => (server.connected = resolve))
  forward = await server.window.call('forwards.start', { context: 'fake', namespace: 'shop', target: 'pod/web', remotePort: 80 })
  told = server.window.open('forwards', {})
})
afterEach(() => {
  vi.useRealTimers()
  server.close()
})

const connections = (n: number) => told.until((all) => all[0]?.connections === n)
const message = (ws: WebSocket) => new Promise<Buffer>((resolve) => ws.once('message', (data: Buffer) => resolve(data)))

it('a program that has sent all it has still gets its answer, is no connection any more, and is let go when the pod falls silent', async () => {
  const client = net.connect({ port: forward.localPort, host: '127.0.0.1', allowHalfOpen: true })
  client.write('GET')
  const pod = await next
  expect((await message(pod)).toString()).toBe('\0GET')
  await connections(1)
  told.events.length = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  client.end()
  await connections(0)
  vi.advanceTimersByTime(29_000)
  const answered = once(client, 'data')
  pod.send(Buffer.from('\0\x50\0late'))
  expect(String((await answered)[0])).toBe('late')
  let closed = false
  pod.once('close', () => (closed = true))
  vi.advanceTimersByTime(29_999)
  expect([pod.readyState, closed]).toEqual([pod.OPEN, false])
  vi.advanceTimersByTime(1)
  await Promise.all([once(pod, 'close'), once(client, 'end')])
})
