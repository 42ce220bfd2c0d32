import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { operationArgs } from '../../../src-main/backend/helm/operations.js'
import { foundIn } from '../../../src-main/backend/exec/own-program.js'
import { helmError } from '../../../src-main/backend/helm/program.js'
import type { HelmDeploy } from '../../../src-main/backend/rpc/contract.js'
import { FakeApiServer } from '../support/api-server.js'
import { windowOn, type TestWindow } from '../support/window.js'
import { record } from './records.js'

/** The person's own helm, played by a script that the login shell of a made-up home finds. */

const deploy: HelmDeploy = {
  act: 'upgrade',
  namespace: 'shop',
  name: 'web',
  source: { chart: './shop' },
  values: 'password: hunter2\n',
}
let home: string
let server: FakeApiServer
let window: TestWindow
let stop: () => void

/** Puts a helm of these commands on the PATH that the profile sets, and on no other. */
function helmDoes(script: string): void {
  fs.mkdirSync(path.join(home, 'bin'), { recursive: true })
  fs.writeFileSync(path.join(home, 'bin/helm'), `#!/bin/sh\n[ "$1" = version ] && echo v4.1.4 && exit\n${script}\n`, { mode: 0o755 })
  fs.writeFileSync(path.join(home, '.profile'), `echo Welcome back\nPATH="$HOME/bin:/usr/bin:/bin"\nexport PATH\n`)
}

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-helm-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('SHELL', '/bin/sh')
  fs.writeFileSync(path.join(home, '.profile'), 'PATH=/nowhere\nexport PATH\n')
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
})
afterEach(async () => {
  stop()
  await server.stop()
  vi.unstubAllEnvs()
  fs.rmSync(home, { recursive: true })
})

const run = (operation: Parameters<typeof operationArgs>[0]) => window.open('helm', { context: 'fake', operation })

describe('helm', () => {
  it('is looked for with the login shell, and again when that is asked for', async () => {
    expect(await window.call('helm.program', {})).toEqual({})
    helmDoes('')
    expect(await window.call('helm.program', {})).toEqual({})
    expect(await window.call('helm.program', { again: true })).toEqual({ path: path.join(home, 'bin/helm'), version: 'v4.1.4' })
  })

  it('that is not there is told as such', async () => {
    const stream = run({ act: 'rollback', namespace: 'shop', name: 'web', revision: 1 })
    await stream.untilEnd()
    expect(stream.events).toMatchObject([
      { type: 'exit', code: null, error: { reason: 'NoHelm', message: 'The login shell of this machine finds no helm.' } },
    ])
  })

  it('gets the context of the window and the values in a file of its own, which is gone afterwards', async () => {
    helmDoes('echo "$@"; cat "${8}"; echo; echo "$KUBECONFIG"; stat -c %a "${8}"')
    const stream = run(deploy)
    await stream.untilEnd()
    const lines = stream.events.flatMap((e) => (e.type === 'output' ? [e.text] : []))
    const [args, values, , kubeconfig, mode] = lines
    const file = /-f (\S+)$/.exec(args!)![1]!
    expect(args).toBe(`upgrade web ./shop -n shop --reset-values -f ${file}`)
    expect(values).toBe('password: hunter2')
    expect(mode).toBe('600')
    expect(kubeconfig!.split(path.delimiter)).toHaveLength(2)
    expect([file, kubeconfig!.split(path.delimiter)[0]!].map((f) => fs.existsSync(f))).toEqual([false, false])
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 0 })
  })

  it('that fails is told in its own words', async () => {
    helmDoes('echo "level=WARN msg=odd" >&2; echo "Error: UPGRADE FAILED: no" >&2; exit 1')
    const stream = run(deploy)
    await stream.untilEnd()
    expect(stream.events.at(-1)).toEqual({ type: 'exit', code: 1, error: { reason: 'Helm', message: 'UPGRADE FAILED: no' } })
  })

  it('is interrupted when the window closes its tab', async () => {
    helmDoes(`trap 'echo interrupted > ${home}/left; exit 1' INT\necho started\nwhile true; do sleep 0.05; done`)
    const stream = run({ act: 'test', namespace: 'shop', name: 'web' })
    await stream.until((e) => e.type === 'output')
    stream.close()
    await vi.waitFor(() => expect(fs.readFileSync(path.join(home, 'left'), 'utf8')).toBe('interrupted\n'), { timeout: 10_000 })
  })

  it('is not run with values that are no YAML map', async () => {
    helmDoes('')
    const stream = run({ ...deploy, values: '- a\n- b\n' })
    await stream.untilEnd()
    expect(stream.events).toMatchObject([
      { type: 'exit', code: null, error: { reason: 'Invalid', message: 'The values are not one YAML document with keys.' } },
    ])
  })

  it('is not run on a context that is read-only', async () => {
    helmDoes(`echo ran > ${home}/ran`)
    await window.call('settings.set', { change: { clusters: { fake: { protection: 'read-only' } } } })
    const stream = run(deploy)
    expect(await stream.untilEnd()).toMatchObject({ error: { reason: 'ReadOnly' } })
    expect(fs.existsSync(path.join(home, 'ran'))).toBe(false)
  })

  it('renders a preview beside the manifest that is deployed, and shows of Secrets only what differs', async () => {
    const secret = (p: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: ${p}}\n`
    const rendered = { manifest: secret('hunter3'), info: { notes: 'Hello.' } }
    helmDoes(`echo "$@" > ${home}/args; echo "coalesce.go: a warning"; printf '%s\\n' '${JSON.stringify(rendered)}'`)
    const held = [record(1, { manifest: secret('hunter2') }), record(2, { status: 'failed', manifest: 'kind: Other' })]
    server.on('GET', /\/secrets$/, () => ({ body: { metadata: { resourceVersion: '10' }, items: held } }))
    server.on('GET', /\/configmaps$/, () => ({ body: { metadata: { resourceVersion: '10' }, items: [] } }))
    server.on('GET', /v1\.web\.v1$/, () => ({ body: held[0] }))
    const preview = await window.call('helm.preview', { context: 'fake', operation: { ...deploy, wait: true } })
    expect(preview.notes).toBe('Hello.')
    expect([preview.before, preview.after].map((text) => /p: .*/.exec(text)![0])).toEqual(['p: "*** (before)"', 'p: "*** (after)"'])
    expect(fs.readFileSync(path.join(home, 'args'), 'utf8')).toMatch(/^upgrade web .* --dry-run=server -o json\n$/)
  })

  it('tells what a chart is, and which charts its repositories have', async () => {
    helmDoes(`case "$1 $2" in
      "show chart") printf 'name: shop\\nversion: 0.1.0\\nappVersion: 1.0-x\\n';;
      "show values") printf '# how many\\nreplicas: 1\\n\\n';;
      "search repo") echo '[{"name":"local/shop","version":"0.1.0","app_version":"1.0","description":"A shop"}]';;
    esac`)
    expect(await window.call('helm.chart', { chart: 'local/shop' })).toEqual({
      name: 'shop',
      version: '0.1.0',
      appVersion: '1.0-x',
      description: '',
      values: '# how many\nreplicas: 1\n',
    })
    expect(await window.call('helm.charts', {})).toEqual([
      { name: 'local/shop', version: '0.1.0', appVersion: '1.0', description: 'A shop' },
    ])
  })
})

it('the arguments of helm are those of what is asked for', () => {
  const where = { namespace: 'shop', name: 'web' }
  const all = [
    { ...deploy, act: 'install' as const, createNamespace: true, wait: true, rollbackOnFailure: true },
    { ...deploy, source: { chart: 'shop', repository: 'https://charts.example.com', version: '1.2.3' } },
    { act: 'rollback' as const, ...where, revision: 3, wait: true },
    { act: 'uninstall' as const, ...where, keepHistory: true },
    { act: 'test' as const, ...where },
  ]
  expect(all.map((o) => operationArgs(o, 'v.yaml', 'v4.1.4').join(' '))).toEqual([
    'install web ./shop -n shop -f v.yaml --create-namespace --wait --rollback-on-failure',
    'upgrade web shop --repo https://charts.example.com --version 1.2.3 -n shop --reset-values -f v.yaml',
    'rollback web 3 -n shop --wait',
    'uninstall web -n shop --keep-history',
    'test web -n shop --logs',
  ])
  expect(operationArgs(all[0]!, '', 'v3.18.0').join(' ')).toBe('install web ./shop -n shop --create-namespace --wait --atomic')
})

it('what a person types is never a flag of helm', () => {
  for (const o of [
    { ...deploy, name: '--debug' },
    { ...deploy, namespace: '' },
    { ...deploy, source: { chart: '-f' } },
    { ...deploy, source: { chart: 'shop', version: '--post-renderer=x' } },
  ])
    expect(() => operationArgs(o, '', 'v4.1.4')).toThrow('is missing or begins with a dash')
})

it('helm is found after whatever a profile prints, and what is no path is none', () => {
  expect(foundIn('Welcome\n/opt/helm\ndrydock-path=/opt:/bin\n')).toEqual({ file: '/opt/helm', path: '/opt:/bin' })
  expect(foundIn('alias helm=x\ndrydock-path=/bin\n')).toBeUndefined()
  expect(foundIn('')).toBeUndefined()
})

it('what helm says before its error is left out, and silence is told as such', () => {
  expect(helmError(1, ['a warning', 'Error: no', 'more']).message).toBe('no\nmore')
  expect(helmError(null, []).message).toBe('helm ended with a signal.')
})
