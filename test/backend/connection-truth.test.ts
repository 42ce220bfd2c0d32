import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { contextOf, readKubeconfig, type ContextConfig } from '../../src-main/backend/contexts/kubeconfig.js'
import type { ConnectionState } from '../../src-main/backend/rpc/contract.js'
import { Session } from '../../src-main/backend/session/session.js'
import { FakeApiServer, pod } from './support/api-server.js'

/** Answers come as fast as this machine gives them, while timers run on a clock of the test: none is late on a busy machine. */
const patience = { heartbeat: 50, timeout: 60_000, offlineAfter: 90_000 }
let server: FakeApiServer
let session: Session
let states: ConnectionState[]
let file: string

/** Waits for what answers bring about, while a little time passes for each look. */
const eventually = (what: () => unknown) => expect.poll(() => vi.advanceTimersByTimeAsync(50).then(what), { timeout: 15_000, interval: 5 })
const phase = (): ConnectionState['phase'] => session.state.phase

/** The server is asked once more, and all the time passes that its answer is waited for. */
async function unanswered(): Promise<void> {
  const before = server.requests.length
  await eventually(() => server.requests.length).toBe(before + 1)
  await vi.advanceTimersByTimeAsync(patience.timeout)
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  server = new FakeApiServer()
  await server.start()
  file = server.kubeconfig()
  const load = async (): Promise<ContextConfig> => contextOf([readKubeconfig(file)], 'fake')!
  session = new Session('fake', load, patience)
  states = []
  session.listen((s) => states.push(s))
})
afterEach(async () => {
  session.close()
  await server.stop()
  vi.useRealTimers()
})

/** Watches pods; gives the names that are known. */
function watchPods(): Set<string> {
  const names = new Set<string>()
  session.watches.subscribe<string>(
    { resource: { group: '', version: 'v1', resource: 'pods' }, projection: 'name', project: (o) => o.metadata.name! },
    { changes: (upserts) => upserts.forEach((n) => names.add(n)) },
  )
  return names
}

describe('a server that falls silent', () => {
  it('is stale, then offline, and live again by itself, with its watches begun anew where they were', async () => {
    let silent = false
    server.on('GET', /^\/version$/, () => (silent ? undefined : { body: { gitVersion: 'v1.36.0' } }))
    server.on('GET', /\/pods$/, () => ({ body: { metadata: { resourceVersion: '20' }, items: [pod('a')] } }))
    const names = watchPods()
    const first = await server.watch(/\/pods$/)
    first.send('ADDED', pod('b', {}, '25'))
    await eventually(() => [...names]).toEqual(['a', 'b'])

    // Nothing is closed: as after sleep, or behind a VPN that changed.
    silent = true
    await unanswered()
    expect(session.state).toMatchObject({ phase: 'stale', error: { reason: 'Timeout', message: 'The server did not answer in time.' } })
    const lost = session.state.since
    await unanswered()
    expect(phase()).toBe('stale')
    await unanswered()
    expect(session.state).toMatchObject({ phase: 'failed', since: lost, error: { reason: 'Timeout' } })
    silent = false
    await eventually(phase).toBe('live')
    const second = await server.watch(/\/pods$/)
    expect(second.query.get('resourceVersion')).toBe('25')
    second.send('ADDED', pod('c', {}, '26'))
    await eventually(() => [...names]).toEqual(['a', 'b', 'c'])
    // Tries that nobody asked for do not make it look as if it were connecting.
    const phases = states.map((s) => s.phase).filter((p, i, all) => p !== all[i - 1])
    expect(phases).toEqual(['idle', 'connecting', 'live', 'stale', 'failed', 'live'])
  })
})

describe('a machine that has slept', () => {
  it('knows at once whether the server is there, and does not wait until it would have tried again', async () => {
    session.close()
    session = new Session('fake', async () => contextOf([readKubeconfig(file)], 'fake')!, { ...patience, offlineAfter: 0 })
    await session.connect()
    const { port } = server
    await server.stop()
    const look = async (found: ConnectionState['phase']): Promise<void> => {
      session.wake()
      await vi.waitUntil(() => phase() === found, 15_000)
    }
    await look('stale')
    // The tries that follow come later and later, up to 15 seconds apart.
    await eventually(phase).toBe('failed')
    expect(session.state.error?.reason).toBe('Refused')
    server = new FakeApiServer()
    await server.start(port)
    await look('live')
  })
})

describe('a credential plugin that waits for a person', () => {
  it('is heard meanwhile, and what it said goes when it is done', async () => {
    const directory = path.dirname(file)
    const credential = JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status: { token: 't' } })
    const script = `echo 'To sign in, open https://example.com/device' >&2; until [ -e ${directory}/done ]; do sleep 0.05; done; echo '${credential}'`
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], interactiveMode: 'Never' }
    const config = JSON.parse(fs.readFileSync(file, 'utf8')) as { users: { user: object }[] }
    config.users[0]!.user = { exec }
    fs.writeFileSync(file, JSON.stringify(config))
    const connected = session.connect()
    await eventually(() => session.state).toMatchObject({ phase: 'connecting', said: 'To sign in, open https://example.com/device' })
    fs.writeFileSync(path.join(directory, 'done'), '')
    await connected
    expect(session.state).toMatchObject({ phase: 'live', version: 'v1.36.0' })
    expect(session.state.said).toBe(undefined)
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer t')
  })
})

describe('a credential plugin that does not give a credential any more', () => {
  /** Puts a shell script in the place of the user's token. */
  function plugin(script: string): void {
    const config = JSON.parse(fs.readFileSync(file, 'utf8')) as { users: { user: object }[] }
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], interactiveMode: 'Never' }
    config.users[0]!.user = { exec }
    fs.writeFileSync(file, JSON.stringify(config))
  }

  it('ends the connection with what it says, and brings it back once it gives one', async () => {
    const over = path.join(path.dirname(file), 'over')
    const status = { token: 't', expirationTimestamp: new Date(Date.now() + 10_000).toISOString() }
    const credential = JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status })
    plugin(`[ -e ${over} ] && { echo 'the session has ended, log in again' >&2; exit 1; }; echo '${credential}'`)
    await session.connect()
    fs.writeFileSync(over, '')
    await eventually(phase).toBe('stale')
    expect(session.state.error).toMatchObject({
      reason: 'ExecPlugin',
      message: 'The credential plugin "sh" failed: the session has ended, log in again',
    })
    fs.rmSync(over)
    await eventually(phase).toBe('live')
  })

  it('is not run again soon where it took long: it has asked somebody', async () => {
    const asked = path.join(path.dirname(file), 'asked')
    plugin(`until [ -e ${asked} ]; do sleep 0.05; done; exit 1`)
    const connected = session.connect().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_000)
    fs.writeFileSync(asked, '')
    await connected
    expect(session.state).toMatchObject({ phase: 'failed', retryAt: Date.now() + 200_000 })
  })
})

describe('credentials that are not accepted any more', () => {
  it('end the connection with the reason, and new ones in the kubeconfig bring it back', async () => {
    let token = 'let-me-in'
    const unauthorized = { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401, message: 'Unauthorized' }
    server.on('GET', /^\/version$/, (r) =>
      r.headers.authorization === `Bearer ${token}` ? { body: { gitVersion: 'v1.36.0' } } : { code: 401, body: unauthorized },
    )
    await session.connect()
    token = 'rotated'
    await eventually(phase).toBe('stale')
    expect(session.state.error).toEqual({ reason: 'Unauthorized', code: 401, message: 'Unauthorized' })
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('let-me-in', 'rotated'))
    await eventually(phase).toBe('live')
  })
})
