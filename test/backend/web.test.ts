import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { FrameChannel } from '../../src-main/backend/rpc/channel.js'
import { serveWeb, type WebServer } from '../../src-main/backend/web/server.js'

let directory: string
let web: WebServer
let channels: FrameChannel[]

beforeEach(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-web-'))
  fs.mkdirSync(path.join(directory, 'app'))
  fs.writeFileSync(path.join(directory, 'app/index.html'), '<title>Drydock</title>')
  fs.writeFileSync(path.join(directory, 'secret'), 'secret')
  channels = []
  web = await serveWeb({
    backend: { connect: (c) => void channels.push(c), wake: () => undefined, close: () => undefined },
    directory: path.join(directory, 'app'),
    port: 0,
    token: 'the-token',
  })
})
afterEach(async () => {
  await web.close()
  fs.rmSync(directory, { recursive: true })
})

function get(
  pathname: string,
  headers: http.OutgoingHttpHeaders = {},
): Promise<{ code: number; text: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: web.port, path: pathname, headers }, (response) => {
      let text = ''
      response.on('data', (d: Buffer) => (text += d.toString()))
      response.on('end', () => resolve({ code: response.statusCode!, text, headers: response.headers }))
    })
    request.on('error', reject)
  })
}

const cookie = 'drydock=the-token'

it('the printed URL sets a cookie that scripts and other sites cannot use, and the page is served under a strict policy', async () => {
  const first = await get('/?token=the-token')
  expect([first.code, first.headers.location, first.headers['set-cookie']]).toEqual([
    303,
    '/',
    ['drydock=the-token; HttpOnly; SameSite=Strict; Path=/'],
  ])
  const page = await get('/', { cookie })
  expect([page.code, page.text]).toEqual([200, '<title>Drydock</title>'])
  expect(page.headers['content-security-policy']).toContain("script-src 'self';")
})

it('without the cookie, with a wrong token or with a foreign Host nothing is served', async () => {
  expect((await get('/')).code).toBe(401)
  expect((await get('/?token=other')).code).toBe(401)
  expect((await get('/', { cookie, host: 'evil.example' })).code).toBe(403)
})

it('files outside of the app are not served', async () => {
  for (const p of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/%00', '/%'])
    expect((await get(p, { cookie })).code, p).toBeGreaterThanOrEqual(400)
})

const connect = (options: WebSocket.ClientOptions): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${web.port}/rpc`, options)
    ws.once('open', () => resolve(ws))
    ws.once('error', reject)
  })

it('only the own page with the cookie may open the socket', async () => {
  const origin = `http://127.0.0.1:${web.port}`
  await expect(connect({ origin: 'https://evil.example', headers: { cookie } })).rejects.toThrow('403')
  await expect(connect({ origin })).rejects.toThrow('403')
  await expect(connect({ headers: { cookie } })).rejects.toThrow('403')
  const ws = await connect({ origin, headers: { cookie } })
  expect(channels).toHaveLength(1)
  ws.terminate()
})

it('a frame that is not JSON closes the socket; bytes cross both ways', async () => {
  const ws = await connect({ origin: `http://127.0.0.1:${web.port}`, headers: { cookie } })
  const frames: unknown[] = []
  const got = new Promise<void>((resolve) =>
    channels[0]!.onFrame((f) => {
      frames.push(f)
      resolve()
    }),
  )
  ws.send(JSON.stringify({ t: 'input', id: 1, input: { type: 'data', data: { $bytes: 'AQI=' } } }))
  await got
  expect(frames).toEqual([{ t: 'input', id: 1, input: { type: 'data', data: new Uint8Array([1, 2]) } }])
  const message = new Promise<string>((resolve) => ws.once('message', (d: Buffer) => resolve(d.toString())))
  channels[0]!.send({ t: 'event', id: 1, event: { data: new Uint8Array([3]) } })
  expect(await message).toBe('{"t":"event","id":1,"event":{"data":{"$bytes":"Aw=="}}}')
  const closed = new Promise<number>((resolve) => ws.once('close', resolve))
  ws.send('{')
  expect(await closed).toBe(1007)
})
