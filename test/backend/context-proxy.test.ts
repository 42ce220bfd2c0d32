import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import { environmentOn } from '../../src-main/backend/exec/local-terminals.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { testBackend, testWindow, type TestWindow } from './support/window.js'

describe('the proxy that a person chose for a context', () => {
  let api: FakeApiServer
  let proxy: http.Server
  let asked: string[]
  let directory: string
  let backend: Backend
  let window: TestWindow
  const address = () => `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`
  const choose = (url: string) => window.call('settings.set', { change: { clusters: { far: { proxy: url } } } })

  beforeEach(async () => {
    api = new FakeApiServer()
    await api.start()
    asked = []
    // It leads to the fake server, whatever name is asked for.
    proxy = http.createServer().on('connect', (request, socket: net.Socket) => {
      asked.push(request.url!)
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      const there = net.connect(api.port, '127.0.0.1')
      for (const s of [there, socket]) s.on('error', () => undefined)
      there.pipe(socket).pipe(there)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-proxy-'))
    const file = path.join(directory, 'config')
    const config = {
      clusters: [{ name: 'far', cluster: { server: 'http://api.far.invalid', 'proxy-url': 'http://127.0.0.1:1' } }],
      users: [{ name: 'tester', user: { token: 'let-me-in' } }],
      contexts: [{ name: 'far', context: { cluster: 'far', user: 'tester' } }],
    }
    fs.writeFileSync(file, JSON.stringify(config))
    backend = testBackend([file], directory)
    window = testWindow(backend)
  })
  afterEach(async () => {
    window.close()
    backend.close()
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
    await api.stop()
    fs.rmSync(directory, { recursive: true })
  })

  it('leads to its server, instead of the one that its kubeconfig names', async () => {
    await expect(window.call('contexts.connect', { context: 'far' })).rejects.toMatchObject({ reason: 'Proxy' })
    await choose(address())
    const connection = window.open('connection', { context: 'far' })
    await connection.until((state) => state.phase === 'live')
    expect(asked[0]).toBe('api.far.invalid:80')
    // Taken away again, the kubeconfig counts, and what is shown says that it is not there any more.
    await choose('')
    const later = await connection.until((state) => state.error !== undefined && connection.events.some((e) => e.phase === 'live'))
    expect(later).toMatchObject({ error: { reason: 'Proxy' } })
  })

  it('carries lists on, once it is another', async () => {
    api.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    await choose(address())
    const list = window.open('list', { context: 'far', resource: { group: '', version: 'v1', resource: 'pods' } })
    const first = await api.watch(/\/pods$/)
    await choose(`${address()}/`)
    await first.closed
    const second = await api.watch(/\/pods$/)
    expect(second.query.get('resourceVersion')).toBe('20')
    second.send('ADDED', pod('b', {}, '21'))
    expect(await list.until((e) => e.type === 'changes' && e.upserts.length > 0)).toMatchObject({ upserts: [{ name: 'b' }] })
  })

  it('is told to programs that are run on the context', () => {
    expect(environmentOn({ proxy: 'http://proxy:3128' })).toMatchObject({
      HTTPS_PROXY: 'http://proxy:3128',
      HTTP_PROXY: 'http://proxy:3128',
    })
  })
})
