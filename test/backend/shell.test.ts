import type { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startExecServer, type ExecServer } from './support/exec-server.js'
import type { TestWindow } from './support/window.js'

/** Terminals in containers, against a server whose WebSockets the test holds itself. */

let server: ExecServer
let window: TestWindow

beforeEach(async () => {
  server = await startExecServer()
  window = server.window
})
afterEach(() => {
  vi.useRealTimers()
  server.close()
})

const accept = () => new Promise<{ ws: WebSocket; url: URL }>((resolve) => (server.connected = (ws, url) => resolve({ ws, url })))
const open = (mode: 'exec' | 'attach', extra: object = {}) =>
  window.open('shell', {
    context: 'fake',
    namespace: 'shop',
    pod: 'web',
    container: 'main',
    command: [],
    mode,
    columns: 100,
    rows: 25,
    ...extra,
  })
const message = (ws: WebSocket) => new Promise<Buffer>((resolve) => ws.once('message', (data: Buffer) => resolve(data)))
const container = (extra: object) => ({ metadata: { name: 'web' }, spec: { containers: [{ name: 'main', image: 'nginx', ...extra }] } })

describe('exec', () => {
  it('starts bash, ash or sh, the first that is there, in a terminal of the size of the window', async () => {
    const next = accept()
    const shell = open('exec')
    const { ws, url } = await next
    const size = await message(ws)
    expect(url.pathname).toBe('/api/v1/namespaces/shop/pods/web/exec')
    expect(Object.fromEntries(['container', 'stdin', 'stdout', 'stderr', 'tty'].map((k) => [k, url.searchParams.get(k)]))).toEqual({
      container: 'main',
      stdin: 'true',
      stdout: 'true',
      stderr: 'false',
      tty: 'true',
    })
    expect(url.searchParams.getAll('command')).toEqual([
      'sh',
      '-c',
      'for s in bash ash; do command -v $s >/dev/null 2>&1 && exec $s; done; exec sh',
    ])
    expect([size[0], JSON.parse(size.subarray(1).toString())]).toEqual([4, { Width: 100, Height: 25 }])
    await shell.until((e) => e.type === 'open')
  })

  it('ends with the exit code of the Status', async () => {
    const next = accept()
    const shell = open('exec')
    const { ws } = await next
    ws.send(
      Buffer.concat([
        Buffer.from([3]),
        Buffer.from('{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}'),
      ]),
    )
    await shell.untilEnd()
    expect(shell.events.at(-1)).toEqual({ type: 'exit', code: 7 })
  })

  it('that is cut off tells so, and why', async () => {
    const ends = async (end: (ws: WebSocket) => void) => {
      const next = accept()
      const shell = open('exec')
      const { ws } = await next
      await shell.until((e) => e.type === 'open')
      end(ws)
      await shell.untilEnd()
      return shell.events.at(-1)
    }
    expect(await ends((ws) => ws.terminate())).toMatchObject({
      type: 'exit',
      code: null,
      error: { reason: 'Unreachable', message: 'The connection was cut.' },
    })
    expect(await ends((ws) => ws.close(1001, 'the node is going away'))).toMatchObject({
      error: { message: 'The connection was closed: the node is going away.' },
    })
  })
})

describe('attach', () => {
  it.each([
    [{ stdin: true, tty: true }, 'true true false'],
    [{ stdin: true }, 'true false true'],
    [{}, 'false false true'],
  ])('asks for what the container has: %j', async (has, asked) => {
    server.pod = container(has)
    const next = accept()
    const shell = open('attach')
    const { url } = await next
    expect(['stdin', 'tty', 'stderr'].map((k) => url.searchParams.get(k)).join(' ')).toBe(asked)
    expect(url.searchParams.getAll('command')).toEqual([])
    expect(await shell.until((e) => e.type === 'open')).toEqual({ type: 'open', command: [], stdin: false, tty: false, ...has })
  })

  it('ends the input of a container without a terminal when it is told so, and sends no sizes', async () => {
    server.pod = container({ stdin: true })
    const next = accept()
    const shell = open('attach')
    const { ws } = await next
    await shell.until((e) => e.type === 'open')
    shell.input({ type: 'resize', columns: 10, rows: 10 })
    shell.input({ type: 'data', data: 'a line\n' })
    const first = message(ws)
    expect((await first).toString()).toBe('\0a line\n')
    const second = message(ws)
    shell.input({ type: 'eof' })
    expect([...(await second)]).toEqual([255, 0])
  })
})

describe('an idle terminal', () => {
  it('is kept alive: over an hour there is a ping each 20 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const next = accept()
    const shell = open('exec')
    const { ws } = await next
    await shell.until((e) => e.type === 'open')
    let pings = 0
    for (let s = 0; s < 3600; s += 20) {
      const ping = new Promise((resolve) => ws.once('ping', resolve))
      vi.advanceTimersByTime(20_000)
      await ping
      pings++
      // Frames keep their order: who has answered this has got the answer to its own.
      const answered = new Promise((resolve) => ws.once('pong', resolve))
      ws.ping()
      await answered
    }
    expect(pings).toBe(180)
    expect(ws.readyState).toBe(ws.OPEN)
    expect(shell.ended).toBeUndefined()
  })

  it('whose peer does not answer any more is told as lost after a minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    server.sockets.options.autoPong = false
    const next = accept()
    const shell = open('exec')
    await next
    await shell.until((e) => e.type === 'open')
    vi.advanceTimersByTime(80_000)
    await shell.untilEnd()
    expect(shell.events.at(-1)).toMatchObject({
      type: 'exit',
      code: null,
      error: { reason: 'Unreachable', message: 'The connection was lost: nothing was heard for 60 seconds.' },
    })
  })
})
