import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

/** The person's own kubectl, played by a script that the login shell of a made-up home finds. */

let home: string
let window: TestWindow
eachOnFakeServer((on) => ({ window } = on))

/** Puts a kubectl of these commands on the PATH that the profile sets, and on no other. */
function kubectlDoes(script: string): void {
  fs.mkdirSync(path.join(home, 'bin'), { recursive: true })
  fs.writeFileSync(path.join(home, 'bin/kubectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  fs.writeFileSync(path.join(home, '.profile'), `echo Welcome back\nPATH="$HOME/bin:/usr/bin:/bin"\nexport PATH\n`)
}
const deployment = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
const described = (ref: typeof deployment | { group: string; version: string; resource: string; name: string }, again = false) =>
  window.call('objects.describe', { context: 'fake', ref, again })

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-kubectl-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('SHELL', '/bin/sh')
  fs.writeFileSync(path.join(home, '.profile'), 'PATH=/nowhere\nexport PATH\n')
})
afterEach(() => {
  vi.unstubAllEnvs()
  fs.rmSync(home, { recursive: true })
})

describe('what kubectl describe prints', () => {
  it('is asked of the kubectl that the login shell finds, of the very resource, and shown as it is', async () => {
    kubectlDoes('echo "$@"')
    expect(await described(deployment)).toBe('describe deployments.v1.apps/web --namespace shop\n')
    expect(await described({ group: '', version: 'v1', resource: 'nodes', name: 'big' })).toBe('describe nodes/big\n')
  })

  it('is of the context of the window, whatever the current one of its file is; no credentials are copied for it', async () => {
    kubectlDoes('echo "$KUBECONFIG"; cat "${KUBECONFIG%%:*}"')
    const [files, ...kubeconfig] = (await described(deployment)).split('\n')
    expect(files!.split(':')).toHaveLength(2)
    expect(JSON.parse(kubeconfig.join('\n'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester', namespace: 'default' } }],
    })
    expect(fs.existsSync(files!.split(':')[0]!)).toBe(false)
  })

  it('is looked for again once kubectl is installed', async () => {
    await expect(described(deployment)).rejects.toMatchObject({ reason: 'NoKubectl' })
    kubectlDoes('echo Name: web')
    await expect(described(deployment)).rejects.toMatchObject({ reason: 'NoKubectl' })
    expect(await described(deployment, true)).toBe('Name: web\n')
  })

  it('that fails is told in the words of kubectl', async () => {
    kubectlDoes(`echo 'Error from server (NotFound): deployments.apps "web" not found' >&2; exit 1`)
    await expect(described(deployment)).rejects.toMatchObject({
      reason: 'Kubectl',
      message: 'Error from server (NotFound): deployments.apps "web" not found',
    })
    kubectlDoes('exit 3')
    await expect(described(deployment)).rejects.toMatchObject({ message: 'kubectl ended with 3.' })
  })
})
