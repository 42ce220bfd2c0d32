import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { adopt, loginEnvironment, variablesIn } from '../../src-main/backend/exec/login-environment.js'

let home: string
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-login-'))
})
afterEach(() => fs.rmSync(home, { recursive: true }))

it('what the profile exports is known to an app that was started without it', async () => {
  fs.writeFileSync(
    path.join(home, '.profile'),
    'echo Welcome\nexport PATH="$HOME/bin:/usr/bin" KUBECONFIG=/a:/b AWS_PROFILE=prod TEXT="one\ntwo"\n',
  )
  const login = await loginEnvironment({ HOME: home, SHELL: '/bin/sh', PATH: '/usr/bin:/bin' })
  expect(login).toMatchObject({ PATH: `${home}/bin:/usr/bin`, KUBECONFIG: '/a:/b', AWS_PROFILE: 'prod', TEXT: 'one\ntwo' })
})

it('what is only exported in an interactive shell counts as well', async () => {
  fs.writeFileSync(path.join(home, '.bash_profile'), '[[ $- == *i* ]] && . ~/.bashrc\n')
  fs.writeFileSync(path.join(home, '.bashrc'), 'export FROM_RC=yes\n')
  expect(await loginEnvironment({ HOME: home, SHELL: '/bin/bash', PATH: '/usr/bin:/bin' })).toMatchObject({ FROM_RC: 'yes' })
})

it('a shell that is not there, or prints something else, is as if there were none', async () => {
  expect(await loginEnvironment({ HOME: home, SHELL: '/nowhere/shell', PATH: '/bin' })).toBe(undefined)
  expect(await loginEnvironment({ HOME: home, SHELL: '/bin/false', PATH: '/bin' })).toBe(undefined)
  expect(variablesIn('hello\nA=1\n', 'mark')).toBe(undefined)
})

it('what the app was given stays; of PATH the entries of the shell come first', () => {
  const env: NodeJS.ProcessEnv = { PATH: '/usr/bin:/opt/app', KUBECONFIG: '/mine' }
  adopt(
    { PATH: '/home/me/bin:/usr/bin', KUBECONFIG: '/theirs', HTTPS_PROXY: 'http://proxy:1', PWD: '/', SHLVL: '2', DRYDOCK_DATA: '/x' },
    env,
  )
  expect(env).toEqual({ PATH: '/home/me/bin:/usr/bin:/opt/app', KUBECONFIG: '/mine', HTTPS_PROXY: 'http://proxy:1' })
})
