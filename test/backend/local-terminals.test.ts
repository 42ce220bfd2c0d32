import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBackend, type Backend } from '../../src-main/backend/backend.js'
import { LocalTerminals } from '../../src-main/backend/exec/local-terminals.js'
import { loginShell, startOf } from '../../src-main/backend/exec/login-shell.js'
import { BackendError } from '../../src-main/backend/errors.js'
import type { StreamContext } from '../../src-main/backend/rpc/serve.js'
import { noClusters, testBackend, testWindow, type TestStream, type TestWindow } from './support/window.js'

let home: string
let backend: Backend
let window: TestWindow
const before = { ...process.env }

const kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'harbour', cluster: { server: 'https://10.0.0.1:6443' } }],
  users: [{ name: 'captain', user: { token: 'let-me-in' } }],
  contexts: [
    { name: 'harbour', context: { cluster: 'harbour', user: 'captain', namespace: 'quay' } },
    { name: 'other', context: { cluster: 'harbour', user: 'captain' } },
  ],
  'current-context': 'other',
}

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-terminal-'))
  fs.writeFileSync(path.join(home, 'config'), JSON.stringify(kubeconfig))
  // A profile that turns kubectl elsewhere, as many people have one.
  fs.writeFileSync(path.join(home, '.profile'), 'export KUBECONFIG=/elsewhere\nexport FROM_PROFILE=yes\n')
  Object.assign(process.env, { HOME: home, SHELL: '/bin/bash', KUBECONFIG: '/elsewhere' })
  backend = testBackend([path.join(home, 'config')], path.join(home, 'data'))
  window = testWindow(backend)
})
afterEach(() => {
  window.close()
  backend.close()
  for (const name of ['HOME', 'SHELL', 'KUBECONFIG']) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
  fs.rmSync(home, { recursive: true, force: true })
})

const text = (stream: TestStream<'local'>): string =>
  stream.events.map((e) => (e.type === 'data' ? Buffer.from(e.data).toString('utf8') : '')).join('')
/** Waits until the terminal has shown what a pattern matches. */
async function shows(stream: TestStream<'local'>, pattern: RegExp): Promise<RegExpExecArray> {
  await stream.until((e) => e.type === 'data' && pattern.test(text(stream)))
  return pattern.exec(text(stream))!
}
const open = (extra: object = {}) => window.open('local', { context: 'harbour', columns: 90, rows: 20, ...extra })
const opened = async (s: TestStream<'local'>) => (await s.until((e) => e.type === 'open')) as { shell: string; kubeconfig: string }

describe('a local terminal', () => {
  it('is the login shell with its profile, in a terminal of the size of the window', async () => {
    const stream = open()
    expect((await opened(stream)).shell).toBe('/bin/bash')
    stream.input({ type: 'data', data: 'echo "<$FROM_PROFILE $(stty size) $TERM>"\n' })
    expect((await shows(stream, /<(yes [^>$]*)>/))[1]).toBe('yes 20 90 xterm-256color')
    stream.input({ type: 'resize', columns: 120, rows: 30 })
    stream.input({ type: 'data', data: 'echo "[$(stty size)]"\n' })
    expect((await shows(stream, /\[(\d+ \d+)\]/))[1]).toBe('30 120')
    stream.input({ type: 'data', data: 'exit 3\n' })
    await stream.untilEnd()
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 3 })
  })

  it("has a KUBECONFIG whose current context is the tab's, whatever the profile says, and which holds no credentials", async () => {
    const stream = open({ namespace: 'shop' })
    const { kubeconfig: files } = await opened(stream)
    const [overlay, source] = files.split(path.delimiter)
    expect(source).toBe(path.join(home, 'config'))
    stream.input({ type: 'data', data: 'echo "<$KUBECONFIG>"\n' })
    expect((await shows(stream, /<(\/[^>]*)>/))[1]).toBe(files)
    expect(JSON.parse(fs.readFileSync(overlay!, 'utf8'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'harbour',
      contexts: [{ name: 'harbour', context: { cluster: 'harbour', user: 'captain', namespace: 'shop' } }],
    })
    expect(fs.statSync(overlay!).mode & 0o777).toBe(0o600)
    stream.input({ type: 'data', data: 'exit\n' })
    await stream.untilEnd()
    expect(fs.existsSync(overlay!)).toBe(false)
  })

  it("is ended by the window that closes it, and by the backend's own end", async () => {
    const stream = open()
    await opened(stream)
    stream.input({ type: 'data', data: 'echo "<$$>"\n' })
    const pid = Number((await shows(stream, /<(\d+)>/))[1])
    process.kill(pid, 0)
    stream.close()
    await expect.poll(() => spawnSync('ps', ['-p', String(pid)]).status, { timeout: 15_000 }).not.toBe(0)
  })

  it('tells whether the login shell finds kubectl', async () => {
    const bin = path.join(home, 'bin')
    fs.mkdirSync(bin)
    fs.writeFileSync(path.join(bin, 'kubectl'), '#!/bin/sh\n', { mode: 0o755 })
    fs.appendFileSync(path.join(home, '.profile'), `PATH=${bin}:$PATH\n`)
    expect(await open().until((e) => e.type === 'kubectl')).toEqual({ type: 'kubectl', found: true })
    fs.appendFileSync(path.join(home, '.profile'), 'PATH=/nowhere\n')
    expect(await open().until((e) => e.type === 'kubectl')).toEqual({ type: 'kubectl', found: false })
  })

  it('is refused on a context that is protected as read-only, and for one that is not there', async () => {
    await window.call('settings.set', { change: { clusters: { harbour: { protection: 'read-only' } } } })
    expect(await open().untilEnd()).toMatchObject({ error: { reason: 'ReadOnly' } })
    expect(await window.open('local', { context: 'none', columns: 80, rows: 24 }).untilEnd()).toMatchObject({
      error: { reason: 'NotFound' },
    })
  })

  it('says that it is not to be had where the machine has no terminals for it', async () => {
    const events: unknown[] = []
    const terminals = new LocalTerminals(path.join(home, 'data2'), () =>
      Promise.reject(new BackendError({ reason: 'Unavailable', message: 'Local terminals need a module.' })),
    )
    const context = {
      id: 'a',
      name: 'a',
      embedded: false,
      cluster: 'c',
      user: 'u',
      namespace: 'default',
      server: '',
      source: '',
      files: [],
    }
    let ended = false
    await terminals.stream(context, { context: 'a', columns: 80, rows: 24 }, {
      emit: (e: unknown) => events.push(e),
      end: () => (ended = true),
    } as unknown as StreamContext<'local'>)
    expect([events, ended]).toEqual([
      [{ type: 'exit', code: null, error: { reason: 'Unavailable', message: 'Local terminals need a module.' } }],
      true,
    ])
  })
})

describe('the start of a login shell', () => {
  const variables = { KUBECONFIG: "/it's here/config" }
  const start = (shell: string, env: NodeJS.ProcessEnv = { HOME: home }) => startOf(shell, variables, home, env)

  it.each([
    ['/bin/sh', ['-l']],
    ['/usr/bin/fish', ['-l', '-C', `set -gx KUBECONFIG '/it'\\''s here/config'`]],
    ['/bin/zsh', ['-l', '-i']],
    ['pwsh', ['-NoLogo', '-NoExit', '-Command', `$env:KUBECONFIG='/it''s here/config'`]],
  ])('%s', (shell, args) => expect(start(shell)).toMatchObject({ file: shell, args }))

  // The shells that this machine has.
  it.each(['/bin/bash', '/bin/dash', '/bin/zsh'].filter((s) => fs.existsSync(s)))('of %s sets the variable after the profile', (shell) => {
    const { args, env } = start(shell)
    const result = spawnSync(shell, args.includes('-i') ? args : [...args, '-i'], {
      env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: '/elsewhere', ...env },
      input: 'echo "<$KUBECONFIG>"\n',
      encoding: 'utf8',
    })
    expect(result.stdout).toContain("</it's here/config>")
  })

  it('is told by SHELL; on Windows it is PowerShell', () => {
    expect(loginShell({ SHELL: '/bin/zsh' }, 'linux')).toBe('/bin/zsh')
    expect(loginShell({ SystemRoot: 'C:\\Windows' }, 'win32')).toBe('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe')
  })
})

it('what an earlier run left of its terminals is removed at the start', () => {
  const left = path.join(home, 'data3/terminals/terminal-x')
  fs.mkdirSync(left, { recursive: true })
  createBackend({
    app: {
      version: '0',
      mode: 'web',
      platform: 'linux',
      dataDirectory: path.join(home, 'data3'),
      kubeconfig: '',
      assistant: { command: '', args: [] },
    },
    embedded: noClusters,
    kubeconfigs: [],
  }).close()
  expect(fs.existsSync(left)).toBe(false)
})
