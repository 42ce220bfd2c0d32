import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OwnCommand, PreparedRun } from '../../../src-main/backend/rpc/contract.js'
import { pod, type FakeApiServer } from '../support/api-server.js'
import { eachOnFakeServer, type TestStream, type TestWindow } from '../support/window.js'

/** Commands of a person's own, run from a window on this machine. */

let home: string
let window: TestWindow
let server: FakeApiServer
eachOnFakeServer((on) => ({ window, server } = on))

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-commands-'))
  fs.mkdirSync(path.join(home, 'bin'))
  fs.writeFileSync(path.join(home, '.profile'), 'PATH="$HOME/bin:/usr/bin:/bin"\nexport PATH\n')
  vi.stubEnv('HOME', home)
  vi.stubEnv('SHELL', '/bin/sh')
})
afterEach(() => {
  vi.unstubAllEnvs()
  fs.rmSync(home, { recursive: true })
})

const program = (name: string, script: string) => fs.writeFileSync(path.join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
const keep = (...commands: Partial<OwnCommand>[]) =>
  window.call('settings.set', {
    change: { commands: commands.map((c) => ({ name: 'mine', scopes: ['all'], background: true, ...c })) },
  })
const web = { group: '', version: 'v1', resource: 'pods', namespace: 'shop', name: 'web-0' }
const prepare = (more: object = {}) => window.call('commands.prepare', { context: 'fake', name: 'mine', ref: web, kind: 'Pod', ...more })
const open = ({ run }: PreparedRun) => window.open('command', { run, columns: 90, rows: 20 })
const text = (s: TestStream<'command'>) => s.events.map((e) => (e.type === 'data' ? Buffer.from(e.data).toString('utf8') : '')).join('')
async function output(more: object = {}): Promise<[string, unknown]> {
  const stream = open(await prepare(more))
  await stream.untilEnd()
  return [text(stream), stream.events.at(-1)]
}

describe('a command of their own', () => {
  it('is started as it was shown, each argument as one, without a shell', async () => {
    program('show', 'printf "<%s>" "$@"; exit 3')
    await keep({
      command: 'show',
      args: ['$NAME', '-n=$NAMESPACE', 'a b $KIND', '$(id)', '$CONTEXT $USER $CLUSTER', '$RESOURCE_NAME.$GROUP/$VERSION'],
    })
    const prepared = await prepare()
    expect(prepared.line).toBe("show web-0 -n=shop 'a b Pod' '$(id)' 'fake tester fake' pods./v1")
    const stream = open(prepared)
    await stream.untilEnd()
    expect(text(stream)).toBe('<web-0><-n=shop><a b Pod><$(id)><fake tester fake><pods./v1>')
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 3 })
  })

  it('runs what was shown, even if the settings have another command by then', async () => {
    await keep({ command: 'echo', args: ['first'] })
    const prepared = await prepare()
    await keep({ command: 'echo', args: ['second'] })
    const stream = open(prepared)
    await stream.untilEnd()
    expect(text(stream)).toBe('first\n')
  })

  it('is refused where a name would be an option, where it is not kept, and where it cannot be right', async () => {
    await keep({ command: 'kubectl', args: ['delete', 'clusterrole', '$NAME'] })
    await expect(prepare({ ref: { ...web, name: '--all' } })).rejects.toMatchObject({
      reason: 'Invalid',
      sentence: { code: 'commandFlag' },
    })
    await expect(prepare({ name: 'other' })).rejects.toMatchObject({ reason: 'NotFound' })
    await keep({ command: 'kubectl', args: ['$NONE'] })
    await expect(prepare()).rejects.toMatchObject({ sentence: { code: 'commandWrong', values: { field: 'args[0]' } } })
    expect(await window.open('command', { run: 'made-up', columns: 1, rows: 1 }).untilEnd()).toEqual({})
  })

  it('has a KUBECONFIG of the context and namespace of its object, without credentials, and it is gone afterwards', async () => {
    program('show', 'echo "$KUBECONFIG"; cat "${KUBECONFIG%%:*}"')
    await keep({ command: 'show' })
    const [out] = await output()
    const [files, ...kubeconfig] = out.split('\n')
    expect(files!.split(':')).toHaveLength(2)
    expect(JSON.parse(kubeconfig.join('\n'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester', namespace: 'shop' } }],
    })
    expect(fs.existsSync(path.dirname(files!.split(':')[0]!))).toBe(false)
  })

  it('is given one file of the context alone by $KUBECONFIG, for this user to read, and it is gone afterwards', async () => {
    program('show', 'echo "$2"; ls -l "$2" | cut -c1-10; cat "$2"')
    await keep({ command: 'show', args: ['--kubeconfig', '$KUBECONFIG'] })
    const [out] = await output()
    const [file, mode, ...kubeconfig] = out.split('\n')
    expect(mode).toBe('-rw-------')
    expect(JSON.parse(kubeconfig.join('\n'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester', namespace: 'shop' } }],
      clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${server.port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'tester', user: { token: 'let-me-in' } }],
    })
    expect(fs.existsSync(file!)).toBe(false)
  })

  it('knows the columns of the list and the containers, which scripts read from the environment too', async () => {
    const spec = {
      nodeName: 'node-1',
      containers: [
        { name: 'web', image: 'nginx' },
        { name: 'log', image: 'a;b' },
      ],
    }
    server.on('GET', /\/pods\/web-0$/, () => ({ body: pod('web-0', { spec, status: { phase: 'Running', podIP: '10.1.2.3' } }) }))
    await keep({ command: 'sh', args: ['-c', 'echo "$0 $1 $2 $DRYDOCK_NAME $DRYDOCK_COL_NODE"', '$CONTAINER', '$COL-IP', '${COL-status}'] })
    expect(await prepare()).toMatchObject({ containers: ['web', 'log'], container: 'web' })
    expect((await output({ container: 'log' }))[0]).toBe('log 10.1.2.3 Running web-0 node-1\n')
    await keep({ command: 'echo', args: ['$COL-NONE'] })
    await expect(prepare()).rejects.toMatchObject({ sentence: { code: 'commandColumn' } })
  })

  it('knows the columns of the server where the window has none of its own', async () => {
    server.on('GET', /\/widgets\/one$/, () => ({
      body: {
        kind: 'Table',
        columnDefinitions: [
          { name: 'Name', type: 'string', priority: 0 },
          { name: 'Sea Level', type: 'integer', priority: 0 },
        ],
        rows: [{ cells: ['one', 7], object: { metadata: { name: 'one', namespace: 'shop', annotations: { owner: 'ann' } } } }],
      },
    }))
    await window.call('settings.set', {
      change: { columns: { 'x.io/widgets': { custom: [{ source: 'annotation', of: 'owner', title: 'Owner' }] } } },
    })
    await keep({ command: 'echo', args: ['$COL-SEALEVEL', '${COL-Sea Level}', '$COL-OWNER'] })
    const ref = { group: 'x.io', version: 'v1', resource: 'widgets', namespace: 'shop', name: 'one' }
    expect((await output({ ref, kind: 'Widget' }))[0]).toBe('7 7 ann\n')
  })

  it('has a terminal of the size of the window unless it is one for the background', async () => {
    program('ask', 'stty size; printf "who? "; read -r who; echo "hello $who"')
    await keep({ command: 'ask', background: false })
    const stream = open(await prepare())
    await stream.until(() => text(stream).includes('who? '))
    stream.input({ type: 'data', data: 'ann\r' })
    await stream.untilEnd()
    expect(text(stream).replaceAll('\r', '')).toBe('20 90\nwho? ann\nhello ann\n')
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 0 })
  })

  it('is ended by the window that closes its tab', async () => {
    program('wait', 'echo $$; exec sleep 1000')
    for (const background of [true, false]) {
      await keep({ command: 'wait', background })
      const stream = open(await prepare())
      await stream.until(() => /\d+/.test(text(stream)))
      const pid = /\d+/.exec(text(stream))![0]
      stream.close()
      await expect.poll(() => spawnSync('ps', ['-p', pid]).status, { timeout: 15_000 }).not.toBe(0)
    }
  })

  it('that is dangerous is refused on a context that is read-only, and others are not', async () => {
    await window.call('settings.set', { change: { clusters: { fake: { protection: 'read-only' } } } })
    await keep({ command: 'echo', args: ['hi'], dangerous: true })
    expect((await output())[1]).toMatchObject({ type: 'exit', code: null, error: { reason: 'ReadOnly' } })
    await keep({ command: 'echo', args: ['hi'] })
    expect(await output()).toEqual(['hi\n', { type: 'exit', code: 0 }])
  })

  it('names the program that is not there, which may be a path in the own home', async () => {
    await keep({ command: 'nowhere' })
    expect((await output())[1]).toMatchObject({
      error: { reason: 'NotFound', sentence: { code: 'commandNotThere', values: { command: 'nowhere' } } },
    })
    program('tool', 'echo here')
    await keep({ command: '~/bin/tool' })
    expect((await output())[0]).toBe('here\n')
  })

  it('may be a link, whose address is put together here', async () => {
    await keep({ url: 'https://example.com/$NAMESPACE/$NAME' })
    expect(await prepare({ ref: { ...web, name: 'a/b' } })).toMatchObject({ line: '', url: 'https://example.com/shop/a%2Fb' })
  })

  it('is read from a file or folder of k9s on this machine', async () => {
    fs.mkdirSync(path.join(home, 'k9s'))
    fs.writeFileSync(path.join(home, 'k9s/plugins.yaml'), 'plugins:\n  top: { scopes: [po], command: kubectl, args: [top, pod, $NAME] }\n')
    for (const place of ['~/k9s', '~/k9s/plugins.yaml'])
      expect(await window.call('commands.read', { source: { paths: [place] } })).toEqual({
        commands: [{ name: 'top', scopes: ['po'], command: 'kubectl', args: ['top', 'pod', '$NAME'], untried: true }],
        problems: [],
      })
    await expect(window.call('commands.read', { source: { paths: ['~/none'] } })).rejects.toMatchObject({ reason: 'NotFound' })
  })
})
