import { describe, expect, it } from 'vitest'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { BackendError, Rpc } from '../../src-renderer/app/rpc.js'
import { decodeFrame, encodeFrame } from '../../src-renderer/app/transport.js'
import { FakeBackend } from './fake-backend.js'

const time = Date.parse('2026-11-21T09:00:00Z')
/** Lets everything that waits in microtasks run. */
const settle = async () => {
  for (let i = 0; i < 40; i++) await Promise.resolve()
}
const connect = (fake = new FakeBackend({ time })) => ({ fake, rpc: new Rpc(fake.connect) })
const pods = { context: 'drydock', resource: { group: '', version: 'v1', resource: 'pods' } }

describe('calls', () => {
  it('are answered with the result of their method', async () => {
    const { rpc } = connect()
    expect((await rpc.call('app.info', {})).version).toBe('0.1.0')
  })

  it('reject with the Status that the server gave', async () => {
    const { rpc } = connect()
    const ref = { group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'nope' }
    const error = await rpc.call('objects.get', { context: 'drydock', ref }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(BackendError)
    expect((error as BackendError).detail).toEqual({ message: 'pods "nope" not found', reason: 'NotFound', code: 404 })
  })

  it('reject when the line is lost before the answer, and at once while it is down', async () => {
    const fake = new FakeBackend({ time, latency: 60_000 })
    const rpc = new Rpc((listener) => {
      const transport = fake.connect(listener)
      listener.open()
      return transport
    })
    const before = rpc.call('app.info', {})
    fake.drop(5)
    await expect(before).rejects.toMatchObject({ detail: { reason: 'Unreachable' } })
    await expect(rpc.call('app.info', {})).rejects.toMatchObject({ detail: { reason: 'Unreachable' } })
    expect(rpc.link.value).toEqual({ phase: 'lost', retryAt: 5 })
    fake.close()
  })
})

describe('streams', () => {
  it('acknowledge an event only after its handler is done', async () => {
    const { fake, rpc } = connect()
    let finish: () => void = () => {}
    const events: string[] = []
    rpc.open('list', pods, (e) => {
      events.push(e.type)
      if (e.type === 'columns') return new Promise<void>((done) => (finish = done))
      return undefined
    })
    await settle()
    expect(events).toEqual(['columns', 'snapshot', 'state'])
    expect(fake.acks.get(1)).toBe(2)
    finish()
    await settle()
    expect(fake.acks.get(1)).toBe(3)
  })

  it('are heard of no more once they are closed', async () => {
    const { fake, rpc } = connect()
    let count = 0
    const stream = rpc.open('forwards', {}, () => {
      count++
    })
    await settle()
    expect(count).toBe(1)
    stream.close()
    await settle()
    expect(fake.open('forwards')).toEqual([])
    await rpc.call('forwards.start', { context: 'drydock', namespace: 'shop', target: 'service/cart', remotePort: 80 })
    expect(count).toBe(1)
  })

  it('that show a state are opened again after a loss, while shells end', async () => {
    const { fake, rpc } = connect()
    const lists: string[] = []
    const ends: (RpcError | undefined)[] = []
    rpc.open('list', pods, (e) => void lists.push(e.type))
    rpc.open(
      'shell',
      { context: 'drydock', namespace: 'shop', pod: 'db-0', container: 'db', command: [], columns: 80, rows: 24, mode: 'exec' },
      () => {},
      (e) => ends.push(e),
    )
    await settle()
    lists.length = 0
    fake.drop()
    expect(ends.map((e) => e?.reason)).toEqual(['Unreachable'])
    fake.restore()
    await settle()
    expect(lists).toEqual(['columns', 'snapshot', 'state'])
    expect(fake.open('shell')).toEqual([])
    expect(rpc.link.value).toEqual({ phase: 'open' })
  })

  it('go on after a handler has thrown', async () => {
    const { rpc } = connect()
    const error = console.error
    const seen: string[] = []
    console.error = () => {}
    rpc.open('list', pods, (e) => {
      seen.push(e.type)
      if (e.type === 'columns') throw new Error('a mistake')
    })
    await settle()
    console.error = error
    expect(seen).toEqual(['columns', 'snapshot', 'state'])
  })
})

describe('frames over a WebSocket', () => {
  it('carry bytes as base64 and give them back', () => {
    const data = new Uint8Array([0, 1, 254, 255])
    const text = encodeFrame({ t: 'input', id: 3, input: { type: 'data', data } })
    expect(text).toBe('{"t":"input","id":3,"input":{"type":"data","data":{"$bytes":"AAH+/w=="}}}')
    expect(decodeFrame('{"t":"event","id":3,"event":{"type":"data","data":{"$bytes":"AAH+/w=="}}}')).toEqual({
      t: 'event',
      id: 3,
      event: { type: 'data', data },
    })
  })
})
