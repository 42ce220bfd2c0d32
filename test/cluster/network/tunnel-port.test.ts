import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { openTunnelPort, type TunnelListener } from '../../../src-main/cluster/network/tunnel-port.js'
import { Random } from '../../../src-main/cluster/random.js'

let node: NetworkNamespace
let pod: NetworkNamespace
let tunnel: TunnelListener

async function openTo(port: number, localPort = 0): Promise<TunnelListener> {
  const opened = await openTunnelPort(localPort, () => node.connect(pod.ip, port))
  if (!('port' in opened)) throw new Error(opened.message)
  return opened.port
}

beforeEach(async () => {
  const network = createNetwork({ clock: new VirtualClock({ start: 0, speed: 0 }), random: new Random(1) })
  node = network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  pod = network.addPod({ node: 'n1', namespace: 'default', name: 'web' })
  tunnel = await openTo(80)
})
afterEach(() => tunnel.close())

/** Sends a text, ends its side, and gives what came back. */
function exchange(port: number, text: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text))
    socket.on('data', (data) => parts.push(data))
    socket.on('end', () => resolve(Buffer.concat(parts)))
    socket.on('error', reject)
  })
}

test('bytes pass unchanged both ways, and each side may end before the other', async () => {
  pod.listen(80, (connection) => {
    const parts: Buffer[] = []
    connection.on('data', (data) => parts.push(data))
    connection.on('end', () => connection.end(Buffer.concat(parts).reverse()))
  })
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
  expect((await exchange(tunnel.localPort, sent)).equals(Buffer.from(sent).reverse())).toBe(true)
  expect(tunnel.traffic()).toEqual({ sent: 300_000, received: 300_000 })
})

test('a hundred connections are open at once and counted', async () => {
  pod.listen(80, (connection) => void connection.pipe(connection))
  const sockets = await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const socket = net.connect(tunnel.localPort, '127.0.0.1')
      return new Promise<net.Socket>((resolve) => {
        socket.write(`number ${i}`)
        socket.once('data', (data) => {
          expect(String(data)).toBe(`number ${i}`)
          resolve(socket)
        })
      })
    }),
  )
  expect(tunnel.connections).toBe(100)
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  tunnel.close()
  await Promise.all(closed)
})

test('what nobody reads in the cluster holds the sender back', async () => {
  const accepted = new Promise<void>((resolve) =>
    pod.listen(80, (connection) => {
      connection.pause()
      resolve()
    }),
  )
  const socket = net.connect(tunnel.localPort, '127.0.0.1')
  socket.write(Buffer.alloc(16 * 1024 * 1024))
  await accepted
  let sent = 0
  for (let quiet = 0; quiet < 50 || sent === 0; quiet++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (tunnel.traffic().sent !== sent) quiet = 0
    sent = tunnel.traffic().sent
  }
  expect(sent).toBeLessThan(1024 * 1024)
  socket.destroy()
})

test('a port that nobody hears in the cluster cuts the connection', async () => {
  await expect(exchange(tunnel.localPort, 'hello')).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('a port that is taken is refused with a sentence', async () => {
  expect(await openTunnelPort(tunnel.localPort, () => node.connect(pod.ip, 80))).toEqual({
    refused: 'PortInUse',
    message: `port ${tunnel.localPort} of 127.0.0.1 is in use by another program of this machine`,
  })
})

test('it listens on 127.0.0.1 and nowhere else', async () => {
  const refused = await new Promise((resolve) => {
    net.connect(tunnel.localPort, '127.0.0.2').once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(refused).toBe('ECONNREFUSED')
})
