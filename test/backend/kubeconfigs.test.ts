import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Backend } from '../../src-main/backend/backend.js'
import { testBackend, testWindow, type TestWindow } from './support/window.js'

let directory: string
let backend: Backend
let window: TestWindow
const config = (...names: string[]): string =>
  JSON.stringify({
    contexts: names.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1' } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
  })
const names = async (): Promise<string[]> => (await window.call('contexts.list', {})).map((c) => c.name)

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-kubeconfigs-'))
  fs.writeFileSync(path.join(directory, 'main'), config('main'))
  backend = testBackend([path.join(directory, 'main')], path.join(directory, 'data'))
  window = testWindow(backend)
})
afterEach(() => {
  window.close()
  backend.close()
  fs.rmSync(directory, { recursive: true })
})

it('a folder that was added gives the contexts of its kubeconfigs, and is forgotten without being deleted', async () => {
  const folder = path.join(directory, 'clusters')
  fs.mkdirSync(folder)
  fs.writeFileSync(path.join(folder, 'a.yaml'), config('a1', 'a2'))
  fs.writeFileSync(path.join(folder, 'notes.txt'), '# {not: a kubeconfig')
  await window.call('kubeconfigs.add', { path: folder })
  expect(await names()).toEqual(['main', 'a1', 'a2'])
  expect(await window.call('kubeconfigs.list', {})).toEqual([
    { path: path.join(directory, 'main'), type: 'kubectl', contexts: 1 },
    { path: folder, type: 'folder', contexts: 2 },
  ])
  await window.call('kubeconfigs.remove', { path: folder })
  expect(await names()).toEqual(['main'])
  expect(fs.readdirSync(folder)).toEqual(['a.yaml', 'notes.txt'])
})

it('a path that is not there is refused', async () => {
  const file = path.join(directory, 'missing')
  await expect(window.call('kubeconfigs.add', { path: file })).rejects.toMatchObject({
    reason: 'NotFound',
    message: `${file} does not exist.`,
  })
})

it('pasted text is kept for this user alone, outside of the settings, and deleted when it is removed', async () => {
  const file = await window.call('kubeconfigs.paste', { name: '../of my team', text: config('team') })
  expect(file).toBe(path.join(directory, 'data/kubeconfigs/of-my-team.yaml'))
  expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  expect(await names()).toEqual(['main', 'team'])
  await window.call('settings.set', { change: { theme: 'dark' } })
  expect(fs.readFileSync(path.join(directory, 'data/settings.json'), 'utf8')).not.toContain('secret-token')
  await window.call('kubeconfigs.remove', { path: file })
  expect([await names(), fs.existsSync(file)]).toEqual([['main'], false])
})

it.each([
  ['hello: world', 'The text is not a kubeconfig: it names no contexts.'],
  ['a: [', 'The text is not valid YAML: '],
])('pasted text %s is refused', async (text, message) => {
  await expect(window.call('kubeconfigs.paste', { name: 'x', text })).rejects.toMatchObject({
    reason: 'Invalid',
    message: expect.stringContaining(message),
  })
})
