import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import { FakeApiServer } from './support/api-server.js'
import { testBackend, testWindow, type TestStream, type TestWindow } from './support/window.js'

/** A credential plugin that asks a person, in a terminal of the window. */

const server = new FakeApiServer()
let home: string
let backend: Backend
let window: TestWindow

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-plugin-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('SHELL', '/bin/sh')
  await server.start()
  server.on('GET', /^\/version$/, (r) =>
    r.headers.authorization === 'Bearer of-ann'
      ? { body: { gitVersion: 'v1.36.0' } }
      : { code: 401, body: { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401, message: 'Unauthorized' } },
  )
  const file = server.kubeconfig(home)
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as { users: { user: object }[] }
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './ask', args: ['$(id)'], interactiveMode: 'Always' }
  config.users[0]!.user = { exec }
  fs.writeFileSync(file, JSON.stringify(config))
  const status = `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"of-'$who'"}}`
  fs.writeFileSync(
    path.join(home, 'ask'),
    `#!/bin/sh\nprintf 'you for %s? ' "$1" >&2\nread -r who\n[ "$who" = nobody ] && exit 3\necho "$KUBERNETES_EXEC_INFO" >${home}/told\necho '${status}'\n`,
    { mode: 0o755 },
  )
  backend = testBackend([file], path.join(home, 'data'))
  window = testWindow(backend)
})
afterEach(async () => {
  window.close()
  backend.close()
  await server.stop()
  vi.unstubAllEnvs()
  fs.rmSync(home, { recursive: true })
})

const text = (s: TestStream<'plugin'>) => s.events.map((e) => (e.type === 'data' ? Buffer.from(e.data).toString('utf8') : '')).join('')
async function asked(): Promise<TestStream<'plugin'>> {
  const stream = window.open('plugin', { context: 'fake', columns: 80, rows: 20 })
  await stream.until(() => text(stream).includes('? '))
  return stream
}

describe('a credential plugin that asks in a terminal', () => {
  it('is answered there; its credential connects the context and is neither shown nor kept in a file', async () => {
    await expect(window.call('contexts.connect', { context: 'fake' })).rejects.toMatchObject({ reason: 'PluginAsks' })
    const stream = await asked()
    // Its words are words, whatever is in them.
    expect(text(stream)).toBe('you for $(id)? ')
    stream.input({ type: 'data', data: 'ann\r' })
    await stream.untilEnd()
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 0 })
    expect(text(stream)).not.toContain('of-ann')
    expect(await window.call('contexts.connect', { context: 'fake' })).toMatchObject({ phase: 'live', version: 'v1.36.0' })
    expect(JSON.parse(fs.readFileSync(path.join(home, 'told'), 'utf8'))).toMatchObject({ spec: { interactive: true } })
    expect(fs.readdirSync(path.join(home, 'data/plugins'))).toEqual([])
  })

  it('that gives up, gives what is not accepted, or is left is told, and can be asked again', async () => {
    const first = await asked()
    first.input({ type: 'data', data: 'nobody\r' })
    await first.untilEnd()
    expect(first.events.at(-1)).toMatchObject({ type: 'exit', code: 3, error: { reason: 'PluginAsks' } })
    const second = await asked()
    second.input({ type: 'data', data: 'eve\r' })
    await second.untilEnd()
    expect(second.events.at(-1)).toMatchObject({ type: 'exit', code: 0, error: { reason: 'PluginAsks' } })
    const third = await asked()
    third.close()
    await expect.poll(() => fs.readdirSync(path.join(home, 'data/plugins')), { timeout: 10_000 }).toEqual([])
    const fourth = await asked()
    fourth.input({ type: 'data', data: 'ann\r' })
    await fourth.untilEnd()
    expect(fourth.events.at(-1)).toEqual({ type: 'exit', code: 0 })
  })
})
