import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ContextCatalogue, kubeconfigFiles } from '../../src-main/backend/contexts/catalogue.js'
import { SettingsFile } from '../../src-main/backend/settings.js'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-contexts-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

function write(name: string, contexts: Record<string, { cluster?: string; user?: string; server?: string }>): string {
  const file = path.join(directory, name)
  const entries = Object.entries(contexts)
  fs.writeFileSync(
    file,
    JSON.stringify({
      contexts: entries.map(([n, c]) => ({ name: n, context: { cluster: c.cluster, user: c.user } })),
      clusters: entries.filter(([, c]) => c.server).map(([, c]) => ({ name: c.cluster, cluster: { server: c.server } })),
      users: [{ name: 'admin', user: { token: 'secret' } }],
    }),
  )
  return file
}

it('KUBECONFIG lists several files, as for kubectl', () => {
  expect(kubeconfigFiles({ KUBECONFIG: ['/a', '/b'].join(path.delimiter) })).toEqual(['/a', '/b'])
  expect(kubeconfigFiles({})).toEqual([path.join(os.homedir(), '.kube', 'config')])
})

it('contexts of all files are there, the embedded one first, and equal names are told apart', () => {
  const embedded = write('embedded', { drydock: { cluster: 'drydock', user: 'admin', server: 'https://127.0.0.1:1' } })
  const one = write('one', { prod: { cluster: 'c1', user: 'admin', server: 'https://one' } })
  const two = write('two', { prod: { cluster: 'c2', user: 'admin', server: 'https://two' } })
  const catalogue = new ContextCatalogue([one, two], embedded)
  expect(catalogue.list().map((c) => [c.id, c.embedded, c.server])).toEqual([
    ['drydock', true, 'https://127.0.0.1:1'],
    ['prod', false, 'https://one'],
    ['prod (two)', false, 'https://two'],
  ])
  catalogue.close()
})

it('a context that lacks its cluster or user says so, and the others still work', () => {
  const file = write('c', {
    good: { cluster: 'c1', user: 'admin', server: 'https://one' },
    homeless: { cluster: 'gone', user: 'admin' },
    nobody: { cluster: 'c1', user: 'ghost', server: 'https://one' },
  })
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list().map((c) => [c.id, c.problem])).toEqual([
    ['good', undefined],
    ['homeless', `The cluster "gone" of the context "homeless" is missing or has no server in ${file}.`],
    ['nobody', `The user "ghost" of the context "nobody" is missing in ${file}.`],
  ])
  catalogue.close()
})

it('a file that is not YAML is one entry with its line', () => {
  const file = path.join(directory, 'broken')
  fs.writeFileSync(file, 'contexts:\n  - name: [a\nusers: }')
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list()).toHaveLength(1)
  expect(catalogue.list()[0]!.problem).toMatch(/is not valid YAML \(line \d\)\.$/)
  catalogue.close()
})

it('a context that appears in a file later is told to listeners', () => {
  const file = write('c', {})
  const catalogue = new ContextCatalogue([file], undefined)
  const told: string[][] = []
  catalogue.listen((c) => told.push(c.map((x) => x.id)))
  write('c', { fresh: { cluster: 'c1', user: 'admin', server: 'https://one' } })
  catalogue.reload()
  expect(told).toEqual([[], ['fresh']])
  catalogue.close()
})

it('settings survive a restart, two windows do not undo each other, and a damaged file is kept aside', () => {
  const file = path.join(directory, 'settings.json')
  const one = new SettingsFile(file)
  one.set({ theme: 'dark', layout: { sidebar: 200 } })
  one.set({ layout: { details: 400 } })
  expect(new SettingsFile(file).get()).toMatchObject({ theme: 'dark', layout: { sidebar: 200, details: 400 } })
  fs.writeFileSync(file, '{ oops')
  expect(new SettingsFile(file).get().theme).toBe('system')
  expect(fs.readFileSync(`${file}.damaged`, 'utf8')).toBe('{ oops')
})
