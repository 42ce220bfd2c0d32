import { once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import type { Trace } from '../../../src-main/cluster/network/route.js'
import type { Connection, NetworkNamespace } from '../../../src-main/cluster/network/network.js'

let clock: VirtualClock
let network: Fabric
let node1: NetworkNamespace
let a: NetworkNamespace
let b: NetworkNamespace
let c: NetworkNamespace

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  node1 = network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  a = network.addPod({ node: 'n1', namespace: 'default', name: 'a' })
  b = network.addPod({ node: 'n1', namespace: 'default', name: 'b' })
  c = network.addPod({ node: 'n2', namespace: 'default', name: 'c' })
})

/** Listens and hands out the next connection's server end. */
function accept(namespace: NetworkNamespace, port: number, address?: string): Promise<Connection> {
  return new Promise((resolve) => namespace.listen(port, resolve, address))
}

async function text(connection: Connection): Promise<string> {
  let all = ''
  connection.on('data', (data) => (all += data))
  await once(connection, 'end')
  return all
}

/** How long something takes to fail, and with which code, in cluster time. */
async function failure(work: Promise<unknown>, after: number): Promise<string> {
  let code = 'pending'
  work.then(
    () => (code = 'connected'),
    (error) => (code = error.code),
  )
  await clock.advance(after - 1)
  const early = code
  await clock.advance(1)
  return `${early}, ${code}`
}

test('an interface counts what connections to others have carried, while they are open and when they are over', async () => {
  const accepted = accept(b, 80)
  const local = accept(a, 81)
  const connection = await a.connect(b.ip, 80)
  const own = await a.connect('127.0.0.1', 81)
  own.end('not counted')
  await text(await local)
  connection.write('ping')
  const server = await accepted
  await clock.settle()
  // SYN, ACK and four bytes one way; SYN-ACK and ACK the other, each behind 66 bytes of headers.
  expect([a.traffic!(), b.traffic!()]).toEqual([
    { receivedBytes: 74 + 66, receivedPackets: 2, sentBytes: 74 + 66 + 70, sentPackets: 3 },
    { receivedBytes: 74 + 66 + 70, receivedPackets: 3, sentBytes: 74 + 66, sentPackets: 2 },
  ])
  connection.end()
  server.end('answer')
  await text(connection)
  server.resume()
  await clock.settle()
  expect([a.traffic!(), b.traffic!(), c.traffic!(), a.sockets().filter((s) => s.remoteAddress === b.ip)]).toEqual([
    // Besides, each side ends and hears that the other does, and the answer of six bytes is heard.
    { receivedBytes: 74 + 66 * 3 + 72, receivedPackets: 5, sentBytes: 74 + 66 * 4 + 70, sentPackets: 6 },
    { receivedBytes: 74 + 66 * 4 + 70, receivedPackets: 6, sentBytes: 74 + 66 * 3 + 72, sentPackets: 5 },
    { receivedBytes: 0, receivedPackets: 0, sentBytes: 0, sentPackets: 0 },
    [],
  ])
  const { receivedBytes, sentBytes } = a.traffic!('lo')
  expect([receivedBytes > 0, receivedBytes === sentBytes]).toEqual([true, true])
})

describe('a steady listener', () => {
  test('is told to who might ask it again, until it closes or somebody else listens', () => {
    const first = b.listen(8080, () => undefined, '0.0.0.0', { steady: true })
    expect(node1.steadyListener?.(b.ip, 8080)).toBe(first)
    first.close()
    expect(node1.steadyListener?.(b.ip, 8080)).toBeUndefined()
    const second = b.listen(8080, () => undefined, '0.0.0.0', { steady: true })
    expect(node1.steadyListener?.(b.ip, 8080)).toBe(second)
    b.listen(8081, () => undefined)
    expect(node1.steadyListener?.(b.ip, 8081)).toBeUndefined()
  })

  test('is not told while connections are followed, or the way to it is barred', () => {
    const listener = b.listen(8080, () => undefined, '0.0.0.0', { steady: true })
    const stop = network.onTrace(() => undefined)
    expect(node1.steadyListener?.(b.ip, 8080)).toBeUndefined()
    stop()
    expect(node1.steadyListener?.(b.ip, 8080)).toBe(listener)
    network.allows = () => false
    expect(node1.steadyListener?.(b.ip, 8080)).toBeUndefined()
  })
})

describe('a connection between pods', () => {
  test('carries bytes both ways and knows its addresses', async () => {
    const server = accept(c, 80)
    const client = await a.connect(c.ip, 80)
    const heard = await server
    expect(client.remoteAddress).toBe('10.244.2.2')
    expect(client.remotePort).toBe(80)
    expect(client.localAddress).toBe('10.244.1.2')
    expect([heard.remoteAddress, heard.remotePort]).toEqual(['10.244.1.2', client.localPort])
    expect([heard.localAddress, heard.localPort]).toEqual(['10.244.2.2', 80])
    client.end('ask')
    expect(await text(heard)).toBe('ask')
    heard.end('answer')
    expect(await text(client)).toBe('answer')
  })

  test('one end may stop sending and go on reading', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    client.end()
    const heard = await server
    heard.resume()
    await once(heard, 'end')
    heard.end('still here')
    expect(await text(client)).toBe('still here')
  })

  test('a writer waits for a reader that does not read', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    let taken = 0
    for (let i = 0; i < 8; i++) client.write(Buffer.alloc(32 * 1024), () => taken++)
    await clock.settle()
    expect(taken).toBeLessThan(4)
    let received = 0
    ;(await server).on('data', (data) => (received += data.length))
    await clock.settle()
    expect([taken, received]).toEqual([8, 256 * 1024])
  })

  test('two ends that answer each other at once never recurse', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    const heard = await server
    let rounds = 0
    heard.on('data', (data) => heard.write(data))
    client.on('data', (data) => {
      if (++rounds < 50_000) client.write(data)
    })
    client.write('x')
    await clock.settle()
    expect(rounds).toBe(50_000)
  })

  test('closing over bytes that were not read resets the other end', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    client.write('never read')
    const heard = await server
    await clock.settle()
    const broken = once(client, 'error')
    heard.destroy()
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  test('writing to an end that was closed quietly fails, reading sees the end', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    ;(await server).destroy()
    client.resume()
    await once(client, 'end')
    const broken = once(client, 'error')
    client.write('too late')
    expect((await broken)[0]).toMatchObject({ code: 'EPIPE' })
  })

  test('takes its latency in cluster time', async () => {
    network.latency = 5
    const server = accept(b, 80)
    const opening = a.connect(b.ip, 80)
    await clock.advance(10)
    const client = await opening
    const heard = await server
    let at = -1
    heard.on('data', () => (at = clock.now()))
    client.write('x')
    await clock.advance(10)
    expect(at).toBe(15)
  })

  test('of a pod that goes away is reset, and its address can be had again', async () => {
    const server = accept(b, 80)
    const client = await a.connect(b.ip, 80)
    await server
    const broken = once(client, 'error')
    b.close()
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' })
    expect(network.addPod({ node: 'n1', namespace: 'default', name: 'b2', ip: '10.244.1.3' }).ip).toBe('10.244.1.3')
  })
})

describe('who is reached', () => {
  test('a port nobody listens on refuses', async () => {
    await expect(a.connect(b.ip, 81)).rejects.toMatchObject({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.244.1.3:81' })
  })

  test('an address of a node without a pod is unreachable after three seconds', async () => {
    expect(await failure(a.connect('10.244.2.99', 80), 3_000)).toBe('pending, EHOSTUNREACH')
  })

  test('a private address that nobody has times out, a public one has no network', async () => {
    expect(await failure(a.connect('10.99.1.1', 80), 127_000)).toBe('pending, ETIMEDOUT')
    await expect(a.connect('8.8.8.8', 53)).rejects.toMatchObject({ code: 'ENETUNREACH' })
  })

  test('localhost is the pod itself, and what listens there is heard by nobody else', async () => {
    const server = accept(a, 8080, '127.0.0.1')
    await expect(b.connect(a.ip, 8080)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(a.connect(a.ip, 8080)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await a.connect('127.0.0.1', 8080)
    expect((await server).remoteAddress).toBe('127.0.0.1')
  })

  test('a node reaches its own pods from its end of their links, and other pods from its address', async () => {
    const [own, other] = [accept(a, 80), accept(c, 80)]
    await node1.connect(a.ip, 80)
    await node1.connect(c.ip, 80)
    expect((await own).remoteAddress).toBe('10.244.1.1')
    expect((await other).remoteAddress).toBe('192.168.49.2')
  })

  test('a pod reaches what listens on a node', async () => {
    const server = accept(node1, 8443)
    await c.connect('192.168.49.2', 8443)
    expect((await server).remoteAddress).toBe('10.244.2.2')
  })

  test('a port is taken once in a pod, and free again when its listener closes', () => {
    const listener = a.listen(80, () => undefined)
    expect(() => a.listen(80, () => undefined)).toThrow('listen EADDRINUSE: address already in use 0.0.0.0:80')
    expect(() => a.listen(80, () => undefined, '127.0.0.1')).toThrow('EADDRINUSE')
    b.listen(80, () => undefined)
    expect(a.listeners()).toEqual([{ address: '0.0.0.0', port: 80 }])
    listener.close()
    a.listen(80, () => undefined)
  })

  test('an attempt can be given up', async () => {
    const controller = new AbortController()
    const attempt = a.connect('10.99.1.1', 80, controller.signal)
    controller.abort(new Error('enough'))
    await expect(attempt).rejects.toThrow('enough')
  })

  test('what a policy forbids times out', async () => {
    network.allows = ({ sourceAddress, port }) => !(sourceAddress === a.ip && port === 80)
    b.listen(80, () => undefined)
    expect(await failure(a.connect(b.ip, 80), 127_000)).toBe('pending, ETIMEDOUT')
    await c.connect(b.ip, 80)
  })

  test('pods of a node that is removed are gone', async () => {
    network.removeNode('n2')
    expect(await failure(a.connect('10.244.2.2', 80), 127_000)).toBe('pending, ETIMEDOUT')
    expect(network.node('n2')).toBeUndefined()
  })

  test('the way of each connection can be followed', async () => {
    const traces: Trace[] = []
    const stop = network.onTrace((trace) => traces.push(trace))
    await a.connect(b.ip, 80).catch(() => undefined)
    stop()
    await a.connect(b.ip, 80).catch(() => undefined)
    expect(traces).toEqual([
      {
        time: 0,
        error: 'ECONNREFUSED',
        hops: [
          { at: 'source', what: 'default/a (10.244.1.2)' },
          { at: 'destination', what: 'default/b (10.244.1.3:80)' },
        ],
      },
    ])
  })
})

describe('addresses', () => {
  test('come from the node one after the other and are used again as late as possible', () => {
    expect([a.ip, b.ip, c.ip]).toEqual(['10.244.1.2', '10.244.1.3', '10.244.2.2'])
    a.close()
    expect(network.addPod({ node: 'n1', namespace: 'x', name: 'd' }).ip).toBe('10.244.1.4')
  })

  test('run out with the wording of the CNI plugin', () => {
    network.addNode('n3', '192.168.49.4', '10.244.3.0/29')
    const pods = Array.from({ length: 5 }, (_, i) => network.addPod({ node: 'n3', namespace: 'x', name: `p${i}` }))
    expect(pods.map((pod) => pod.ip)).toEqual(['10.244.3.2', '10.244.3.3', '10.244.3.4', '10.244.3.5', '10.244.3.6'])
    expect(() => network.addPod({ node: 'n3', namespace: 'x', name: 'p5' })).toThrow(
      'failed to allocate for range 0: no IP addresses available in range set: 10.244.3.1-10.244.3.6',
    )
    pods[1]!.close()
    expect(network.addPod({ node: 'n3', namespace: 'x', name: 'p6' }).ip).toBe('10.244.3.3')
  })
})

describe('IPv6 within a pod', () => {
  test('reaches what listens on :: or ::1, and not what hears IPv4 alone', async () => {
    const both = accept(a, 8080, '::')
    const client = await a.connect('::1', 8080)
    const server = await both
    expect([client.localAddress, client.remoteAddress, server.localAddress, server.remoteAddress]).toEqual(['::1', '::1', '::1', '::1'])
    a.listen(8081, () => undefined, '0.0.0.0')
    expect(await failure(a.connect('::1', 8081), 1)).toBe('ECONNREFUSED, ECONNREFUSED')
    a.listen(8082, () => undefined, '::1')
    expect(await failure(a.connect('::1', 8082), 1)).toBe('connected, connected')
    expect(await failure(a.connect('127.0.0.1', 8082), 1)).toBe('ECONNREFUSED, ECONNREFUSED')
  })

  test('a socket on :: has the port of IPv4, too, and is heard from other pods', async () => {
    const accepted = accept(a, 8080, '::')
    expect(() => a.listen(8080, () => undefined, '0.0.0.0')).toThrow('listen EADDRINUSE: address already in use 0.0.0.0:8080')
    expect(() => a.listen(8080, () => undefined, '::1')).toThrow('EADDRINUSE')
    await b.connect(a.ip, 8080)
    expect((await accepted).remoteAddress).toBe(b.ip)
    a.listen(9090, () => undefined, '0.0.0.0')
    expect(a.listen(9090, () => undefined, '::1').address).toBe('::1')
  })

  test('is taken by its address in brackets', async () => {
    expect(await a.resolve('[::1]')).toEqual(['::1'])
  })
})
