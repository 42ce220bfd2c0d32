import http2 from 'node:http2'
import https from 'node:https'
import tls from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { Limits } from '../../src-main/cluster/api/http/limits.js'
import { configMap } from '../cluster/api/fixture.js'
import { openWatch, startHttps, type HttpsFixture } from '../cluster/api/https.js'

/** What one client may take of the server. The limits are short here; the default ones are those of kube-apiserver. */

/** As little time as clients that do what they should need, also on a busy machine, wall ms. */
const MOMENT = 1000
const MAPS = '/api/v1/namespaces/default/configmaps'
let f: HttpsFixture
const start = async (limits: Partial<Limits> = {}): Promise<void> => void (f = await startHttps({ limits }))
afterEach(async () => {
  // Whatever a client did, others are served.
  expect((await f.send('GET', '/readyz')).text).toBe('ok')
  await f.server.close()
})

const identity = (): { ca: string; cert: string; key: string; host: string; port: number } => {
  const { ca, admin } = f.certificates
  return { ca: ca.cert, cert: admin.cert, key: admin.key, host: '127.0.0.1', port: f.port }
}

/** A raw connection, and all that came over it until it was closed. */
async function raw(alpn = 'http/1.1'): Promise<{ socket: tls.TLSSocket; closed: Promise<string> }> {
  const socket = tls.connect({ ...identity(), ALPNProtocols: [alpn] })
  let text = ''
  socket.on('data', (d: Buffer) => (text += d.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  return { socket, closed }
}

const POST = `POST ${MAPS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"kind"`

describe('requests', () => {
  it('a body of more than 3 MiB is refused, and one of exactly so much is read', async () => {
    await start()
    const of = (length: number): Promise<{ code: number; json: { reason?: string; message?: string } }> =>
      f.send('POST', MAPS, { body: ' '.repeat(length) })
    const refused = await of(3 * 1024 ** 2 + 1)
    expect([refused.code, refused.json.reason, refused.json.message]).toEqual([
      413,
      'RequestEntityTooLarge',
      'Request entity too large: limit is 3145728',
    ])
    expect((await of(3 * 1024 ** 2)).code).toBe(400)
  })

  it('a header section that is too long is refused with 431', async () => {
    await start({ header: 16 * 1024 })
    const { socket, closed } = await raw()
    socket.write(`GET /version HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
    expect((await closed).split('\r\n')[0]).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  })

  it('a header section of up to 1 MiB is read: a long command in the URL of an exec', async () => {
    await start()
    const of = async (length: number): Promise<string> => {
      const { socket, closed } = await raw()
      socket.write(`GET /version?command=${'y'.repeat(length)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      return (await closed).split('\r\n')[0]!
    }
    expect(await of(1_000_000)).toBe('HTTP/1.1 200 OK')
    expect(await of(1_050_000)).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  })

  it('a header that drips is given up with 408', async () => {
    await start({ headerTime: MOMENT })
    const { socket, closed } = await raw()
    socket.write('GET /version HTTP/1.1\r\n')
    const drip = setInterval(() => socket.write('x: y\r\n'), 20)
    expect((await closed).split('\r\n')[0]).toBe('HTTP/1.1 408 Request Timeout')
    clearInterval(drip)
  })

  it('a body that does not come is given up', async () => {
    await start({ bodyTime: 100 })
    const { socket, closed } = await raw()
    socket.write(POST)
    expect(await closed).toBe('')
  })

  it('a connection on which TLS is never spoken is closed', async () => {
    await start({ handshakeTime: MOMENT })
    const { connect } = await import('node:net')
    const socket = connect(f.port, '127.0.0.1')
    await new Promise<void>((resolve) =>
      socket
        .on('close', () => resolve())
        .on('error', () => undefined)
        .resume(),
    )
  })

  it('a connection of HTTP/2 on which nothing is asked is closed, one with a watch is not', async () => {
    await start({ idleTime: MOMENT })
    const { host, port, ...tlsIdentity } = identity()
    const connect = (): http2.ClientHttp2Session => http2.connect(`https://${host}:${port}`, tlsIdentity)
    const [idle, watching] = [connect(), connect()]
    const stream = watching.request({ ':path': `${MAPS}?watch=1` })
    await new Promise((resolve) => stream.once('response', resolve))
    await new Promise<void>((resolve) => idle.on('close', () => resolve()))
    expect([idle.closed, watching.closed, stream.closed]).toEqual([true, false, false])
    watching.destroy()
  })
})

describe('too many at once', () => {
  it('writes beyond the limit are told to come back, in a line of text; reads and watches go on', async () => {
    await start({ writing: 1, waiting: 1 })
    const held = [await raw(), await raw()]
    for (const { socket } of held) socket.write(POST)
    // The first is worked on and the second waits; both have been taken when a later request has been answered.
    await f.send('GET', MAPS)
    const refused = await f.send('POST', MAPS, { body: configMap('one') })
    expect([refused.code, refused.headers['retry-after'], refused.headers['content-type'], refused.text]).toEqual([
      429,
      '1',
      'text/plain; charset=utf-8',
      'Too many requests, please try again later.\n',
    ])
    expect((await f.send('GET', MAPS)).code).toBe(200)
    const watch = await openWatch(f, `${MAPS}?watch=1`)
    watch.close()
    for (const { socket } of held) socket.destroy()
  })

  it('reads beyond the limit are told to come back; writes go on, and watches take no place', async () => {
    await start({ reading: 1, waiting: 0 })
    for (let i = 0; i < 12; i++) await f.send('POST', MAPS, { body: configMap(`big-${i}`, { a: 'x'.repeat(900_000) }) })
    const watches = await Promise.all([openWatch(f, `/api/v1/secrets?watch=1`), openWatch(f, `/api/v1/secrets?watch=1`)])
    // A client that asks for a long list and does not read it.
    const { socket } = await raw()
    socket.pause()
    socket.write(`GET ${MAPS} HTTP/1.1\r\nhost: x\r\n\r\n`)
    let refused = await f.send('GET', '/version')
    while (refused.code === 200) refused = await f.send('GET', '/version')
    expect([refused.code, refused.headers['retry-after']]).toEqual([429, '1'])
    expect((await f.send('POST', MAPS, { body: configMap('small') })).code).toBe(201)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.destroy()
    await closed
    while ((await f.send('GET', '/version')).code === 429);
    for (const watch of watches) watch.close()
  })

  it('one connection of HTTP/2 may have 250 streams; thousands that are reset at once harm nobody else', async () => {
    await start()
    const { host, port, ...tlsIdentity } = identity()
    const session = http2.connect(`https://${host}:${port}`, tlsIdentity)
    session.on('error', () => undefined)
    await new Promise((resolve) => session.once('remoteSettings', resolve))
    expect(session.remoteSettings.maxConcurrentStreams).toBe(250)
    for (let i = 0; i < 3000 && !session.destroyed; i++) {
      const stream = session.request({ ':path': `${MAPS}?watch=1` })
      stream.on('error', () => undefined)
      stream.close(http2.constants.NGHTTP2_CANCEL)
    }
    expect((await f.send('GET', '/version')).code).toBe(200)
    session.destroy()
  })

  it('connections beyond the limit are closed', async () => {
    await start({ connections: 3 })
    const held = await Promise.all([raw(), raw()])
    const { connect } = await import('node:net')
    const tooMany = [connect(f.port, '127.0.0.1'), connect(f.port, '127.0.0.1')]
    await Promise.race(
      tooMany.map(
        (s) =>
          new Promise<void>((resolve) =>
            s
              .on('close', () => resolve())
              .on('error', () => undefined)
              .resume(),
          ),
      ),
    )
    for (const s of [...tooMany, ...held.map((h) => h.socket)]) s.destroy()
    await Promise.all(held.map((h) => h.closed))
  })
})

describe('watch clients', () => {
  /** A watch whose client reads nothing until it is told to; then it reads to the end. */
  async function deaf(query: string): Promise<{ resume(): Promise<string>; close(): void }> {
    const { ca, cert, key, host, port } = identity()
    const request = https.get({ ca, cert, key, host, port, path: `${MAPS}?watch=1${query}`, agent: false })
    request.on('error', () => undefined)
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => request.once('response', resolve))
    response.pause()
    response.on('error', () => undefined)
    const resume = (): Promise<string> =>
      new Promise((resolve) => {
        let text = ''
        response.on('data', (d: Buffer) => (text += d.toString()))
        response.on('close', () => resolve(text))
        response.resume()
      })
    return { resume, close: () => void request.destroy() }
  }
  /** How many watches the server has. */
  async function watches(): Promise<number> {
    return Number(/^apiserver_longrunning_requests\{verb="WATCH"\} (\d+)$/m.exec((await f.send('GET', '/metrics')).text)?.[1])
  }
  const large = (name: string): object => configMap(name, { a: 'x'.repeat(900_000) })

  it('one that does not read is dropped when too much waits for it, and another gets every change', async () => {
    await start({ watchBacklog: 4 * 1024 ** 2 })
    const slow = await deaf('')
    const other = await openWatch(f, `${MAPS}?watch=1`)
    const names: string[] = []
    for (let i = 0; (await watches()) === 2; i++) {
      await f.send('POST', MAPS, { body: large(`m-${i}`) })
      names.push((await other.next()).object.metadata.name)
    }
    expect(names).toEqual(names.map((_, i) => `m-${i}`))
    // What the system's own buffers take comes on top of the limit.
    expect(names.length).toBeLessThan(60)
    other.close()
    slow.close()
  })

  it('one that takes nothing of a long beginning is dropped after a time; one that is slow gets all of it', async () => {
    await start({ watchBacklog: 1024 ** 2, watchStall: MOMENT })
    for (let i = 0; i < 20; i++) await f.send('POST', MAPS, { body: large(`m-${i}`) })
    const never = await deaf('')
    const slow = await deaf('&timeoutSeconds=1')
    const text = await slow.resume()
    expect(text.match(/"type":"ADDED"/g)?.length).toBe(20)
    while ((await watches()) > 0);
    never.close()
  })
})
