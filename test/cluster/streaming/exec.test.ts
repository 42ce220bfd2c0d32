import { Attach, Exec, KubeConfig, type V1Status } from '@kubernetes/client-node'
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startServer, text, type FakeSession, type TestServer } from './server.js'

let server: TestServer
let config: KubeConfig

beforeAll(async () => {
  server = await startServer()
  config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'c', server: server.url, caData: Buffer.from(server.cert).toString('base64'), skipTLSVerify: false },
    { name: 'u', token: 't' },
  )
})
afterAll(() => server.close())
beforeEach(() => {
  server.kubelet.sessions.length = 0
  server.kubelet.program = () => undefined
})

interface Run {
  stdout: PassThrough
  stderr: PassThrough
  stdin: PassThrough
  status: Promise<V1Status>
  ws: WebSocket
}

/** Runs a command as @kubernetes/client-node does. */
async function exec(command: string[], options: { stdin?: boolean; tty?: boolean; pod?: string; container?: string } = {}): Promise<Run> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const stdin = new PassThrough()
  let done!: (status: V1Status) => void
  const status = new Promise<V1Status>((resolve) => {
    done = resolve
  })
  const { pod = 'web', container = 'a', tty = false } = options
  const ws = (await new Exec(config).exec(
    'default',
    pod,
    container,
    command,
    stdout,
    tty ? null : stderr,
    options.stdin ? stdin : null,
    tty,
    done,
  )) as never
  return { stdout, stderr, stdin, status, ws }
}

/** Opens a raw WebSocket and collects its messages. */
async function raw(path: string, protocols: string[]): Promise<{ ws: WebSocket; messages: Buffer[]; closed: Promise<number> }> {
  const ws = new WebSocket(server.url.replace('https', 'wss') + path, protocols, { ca: server.cert })
  const messages: Buffer[] = []
  ws.on('message', (data) => messages.push(data as Buffer))
  const closed = once(ws, 'close').then(([code]) => code as number)
  await once(ws, 'open')
  return { ws, messages, closed }
}

/** The HTTP answer to a WebSocket that is refused. */
async function refusal(path: string, protocols: string[]): Promise<{ code: number; body: string }> {
  const ws = new WebSocket(server.url.replace('https', 'wss') + path, protocols, { ca: server.cert })
  ws.on('error', () => undefined)
  const [, res] = await once(ws, 'unexpected-response')
  return { code: res.statusCode, body: await text(res) }
}

const EXEC = '/api/v1/namespaces/default/pods/web/exec'

describe('exec over WebSocket', () => {
  test('carries stdout and stderr apart and ends with Success', async () => {
    server.kubelet.program = (p) => {
      p.stdout!.write('out')
      p.stderr!.write('err')
      p.exit(0)
    }
    const run = await exec(['ls', '-l'])
    expect(run.ws.protocol).toBe('v5.channel.k8s.io')
    expect(await run.status).toEqual({ metadata: {}, status: 'Success' })
    expect(await text(run.stdout)).toBe('out')
    expect(await text(run.stderr)).toBe('err')
    expect(server.kubelet.sessions[0]!.ref).toEqual({ namespace: 'default', pod: 'web', container: 'a' })
    expect(server.kubelet.sessions[0]!.options).toEqual({ command: ['ls', '-l'], stdin: false, stdout: true, stderr: true, tty: false })
  })

  test('tells the exit code as the cause of a Failure', async () => {
    server.kubelet.program = (p) => p.exit(3)
    expect(await (await exec(['false'])).status).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  test('the end of stdin reaches the process while its output goes on', async () => {
    server.kubelet.program = (p) => {
      p.stdin!.pipe(p.stdout!, { end: false })
      p.stdin!.on('end', () => {
        p.stdout!.write('after end')
        p.exit(0)
      })
    }
    const run = await exec(['cat'], { stdin: true })
    run.stdin.end('typed ')
    expect((await run.status).status).toBe('Success')
    expect(await text(run.stdout)).toBe('typed after end')
  })

  test('sizes of the terminal arrive, what is no size is skipped', async () => {
    let session!: FakeSession
    server.kubelet.program = (p) => (session = p)
    const { ws } = await raw(`${EXEC}?container=a&command=sh&stdin=true&stdout=true&stderr=true&tty=true`, ['v5.channel.k8s.io'])
    expect(session.options).toEqual({ command: ['sh'], stdin: true, stdout: true, stderr: false, tty: true })
    const sized = session.nextSize()
    ws.send(Buffer.from('\x04{"Width":-1,"Height":5}{not json}'))
    ws.send(Buffer.from('\x04{"Width":120,"Hei'))
    ws.send(Buffer.from('\x04ght":40}'))
    await sized
    expect(session.sizes).toEqual([[120, 40]])
    ws.close()
    await session.closed
  })

  test('a command that cannot be started is an internal error on the error channel', async () => {
    expect(await (await exec(['missing'])).status).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'Internal error occurred: error executing command in container: exec: "missing": executable file not found in $PATH',
      reason: 'InternalError',
      details: { causes: [{ message: 'error executing command in container: exec: "missing": executable file not found in $PATH' }] },
      code: 500,
    })
  })

  test('what the kubelet refuses is told on the error channel of v5 and as the HTTP answer of v4', async () => {
    const status = await (await exec(['ls'], { container: 'dead' })).status
    expect(status.message).toBe('Internal error occurred: unable to upgrade connection: container not found ("dead")')
    const answer = await refusal(`${EXEC}?container=dead&command=ls&stdout=1`, ['v4.channel.k8s.io'])
    expect(answer).toEqual({ code: 500, body: 'container not found ("dead")' })
    expect(await refusal(`${EXEC}?container=a&command=ls`, ['v4.channel.k8s.io'])).toEqual({
      code: 400,
      body: 'you must specify at least 1 of stdin, stdout, stderr',
    })
  })

  test('a container that is not named or not there is a 400 before the upgrade', async () => {
    const unnamed = await refusal(`${EXEC}?command=ls&stdout=true`, ['v5.channel.k8s.io'])
    expect(unnamed.code).toBe(400)
    expect(JSON.parse(unnamed.body)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'a container name must be specified for pod web, choose one of: [setup a dead]',
      reason: 'BadRequest',
      code: 400,
    })
    const wrong = await refusal(`${EXEC}?container=z&command=ls&stdout=true`, ['v5.channel.k8s.io'])
    expect(JSON.parse(wrong.body).message).toBe('container z is not valid for pod web')
  })

  test('the only container need not be named', async () => {
    server.kubelet.program = (p) => p.exit(0)
    expect((await (await exec(['ls'], { pod: 'single', container: '' })).status).status).toBe('Success')
    expect(server.kubelet.sessions[0]!.ref.container).toBe('a')
  })

  test('version 4 words the exit code as the container runtime does', async () => {
    server.kubelet.program = (p) => p.exit(2)
    const { messages, closed } = await raw(`${EXEC}?container=a&command=sh&command=-c&command=exit+2&stdout=1`, ['v4.channel.k8s.io'])
    expect(await closed).toBe(1000)
    expect(messages[0]).toEqual(Buffer.from([1]))
    expect(messages[1]![0]).toBe(3)
    expect(JSON.parse(messages[1]!.subarray(1).toString()).message).toBe(
      'command terminated with non-zero exit code: error executing command [sh -c exit 2], exit code 2',
    )
  })

  test('version 1 sends a text for a failure and nothing for success', async () => {
    server.kubelet.program = (p) => p.exit(p.options.command![0] === 'true' ? 0 : 1)
    const good = await raw(`${EXEC}?container=a&command=true&stdout=1`, ['channel.k8s.io'])
    await good.closed
    expect(good.messages).toEqual([Buffer.from([1])])
    const bad = await raw(`${EXEC}?container=a&command=false&stdout=1`, [])
    await bad.closed
    expect(bad.messages.map(String)).toEqual([
      '\x01',
      '\x03command terminated with non-zero exit code: error executing command [false], exit code 1',
    ])
  })

  test('base64 channels carry text messages', async () => {
    server.kubelet.program = (p) => p.stdin!.once('data', (data) => p.stdout!.write(`got ${data}`, () => p.exit(0)))
    const { ws, messages, closed } = await raw(`${EXEC}?container=a&command=x&stdin=1&stdout=1`, ['base64.channel.k8s.io'])
    ws.send('0' + Buffer.from('héllo').toString('base64'))
    await closed
    expect(messages.map(String)).toEqual(['1', '1' + Buffer.from('got héllo').toString('base64')])
  })

  test('protocols that nobody speaks are refused with 403', async () => {
    expect((await refusal(`${EXEC}?container=a&command=ls&stdout=1`, ['v9.channel.k8s.io'])).code).toBe(403)
  })

  test('a client that leaves hangs the session up', async () => {
    const run = await exec(['sleep'], { stdin: true })
    const session = server.kubelet.sessions[0]!
    run.ws.terminate()
    await session.closed
  })

  test('a client that does not read holds the process back, one that reads again sees everything', async () => {
    const total = 64 * 1024 * 1024
    let written = 0
    server.kubelet.program = (p) => {
      const more = (): void => {
        while (written < total) {
          written += 65536
          if (!p.stdout!.write(Buffer.alloc(65536))) return void p.stdout!.once('drain', more)
        }
        p.exit(0)
      }
      more()
    }
    const { ws } = await raw(`${EXEC}?container=a&command=yes&stdout=1`, ['v4.channel.k8s.io'])
    ws.pause()
    await until(() => stable(() => written))
    expect(written).toBeLessThan(32 * 1024 * 1024)
    let received = 0
    ws.on('message', (data) => (received += (data as Buffer)[0] === 1 ? (data as Buffer).length - 1 : 0))
    ws.resume()
    await once(ws, 'close')
    expect(written).toBe(total)
    expect(received).toBeGreaterThan(total - 32 * 1024 * 1024)
  })

  test('a process that does not read holds the client back until it reads again', async () => {
    const { ws } = await raw(`${EXEC}?container=a&command=sleep&stdin=1&stdout=1`, ['v4.channel.k8s.io'])
    const message = Buffer.alloc(65537)
    for (let i = 0; i < 512; i++) ws.send(message)
    await until(() => stable(() => ws.bufferedAmount))
    expect(ws.bufferedAmount).toBeGreaterThan(16 * 1024 * 1024)
    let received = 0
    const { stdin, closed } = server.kubelet.sessions[0]!
    stdin!.on('data', (data: Buffer) => (received += data.length))
    await until(() => received === 512 * 65536)
    ws.terminate()
    await closed
  })
})

describe('attach', () => {
  test('reaches the process of the container', async () => {
    server.kubelet.program = (p) => p.stdin!.pipe(p.stdout!)
    const stdin = new PassThrough()
    const seen: string[] = []
    const stdout = new Writable({
      write(chunk, _encoding, callback) {
        seen.push(String(chunk))
        callback()
      },
    })
    const ws = await new Attach(config).attach('default', 'web', 'a', stdout, null, stdin, false)
    stdin.write('hello')
    await until(() => seen.length > 0)
    expect(seen).toEqual(['hello'])
    expect(server.kubelet.sessions[0]!.options).toEqual({ command: [], stdin: true, stdout: true, stderr: false, tty: false })
    ws.close()
    await server.kubelet.sessions[0]!.closed
  })
})

/** Waits, turn by turn of the event loop, until something holds. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether a number has not changed over many turns in which sockets could move. */
async function stable(value: () => number): Promise<boolean> {
  const before = value()
  for (let i = 0; i < 300; i++) await new Promise((resolve) => setImmediate(resolve))
  return value() === before
}
