import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ContextCatalogue, kubeconfigFiles } from '../../src-main/backend/contexts/catalogue.js'
import type { Settings } from '../../src-main/backend/rpc/contract.js'
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
  expect(catalogue.list().map((c) => c.ofKubectl)).toEqual([undefined, true, true])
  catalogue.close()
})

it('a context tells that its server is not checked, and whom its user acts as', () => {
  const file = path.join(directory, 'c')
  fs.writeFileSync(
    file,
    `contexts:
  - { name: plain, context: { cluster: plain, user: me } }
  - { name: open, context: { cluster: open, user: jane } }
clusters:
  - { name: plain, cluster: { server: https://one } }
  - { name: open, cluster: { server: https://two, insecure-skip-tls-verify: true } }
users:
  - { name: me, user: {} }
  - { name: jane, user: { as: jane } }
`,
  )
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list().map(({ id, insecure, as }) => ({ id, insecure, as }))).toEqual([
    { id: 'plain', insecure: undefined, as: undefined },
    { id: 'open', insecure: true, as: 'jane' },
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
  expect(catalogue.list().map((c) => [c.id, c.problem?.message])).toEqual([
    ['good', undefined],
    ['homeless', `The cluster "gone" of the context "homeless" is missing or has no server in ${file}.`],
    ['nobody', `The user "ghost" of the context "nobody" is missing in ${file}.`],
  ])
  catalogue.close()
})

/** What a connection to a context would use: server, token, and paths. */
async function used(catalogue: ContextCatalogue, id: string): Promise<unknown[]> {
  const { cluster, user } = await catalogue.load(id)
  return [cluster.server, user.token]
}
const kubeconfig = (name: string, config: object): string => {
  const file = path.join(directory, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, JSON.stringify(config))
  return file
}
const cluster = (name: string, server: string) => ({ name, cluster: { server } })
const user = (name: string, token: string) => ({ name, user: { token } })
const context = (name: string, of = name) => ({ name, context: { cluster: of, user: of } })

it('files of KUBECONFIG are one, as for kubectl: a context may name a cluster of another, and the first of a name is meant', async () => {
  const contexts = kubeconfig('contexts', { contexts: [context('dev'), context('prod')], users: [user('prod', 'first')] })
  const clusters = kubeconfig('clusters', {
    clusters: [cluster('dev', 'https://dev'), cluster('prod', 'https://prod')],
    users: [user('dev', 'd'), user('prod', 'second')],
  })
  const catalogue = new ContextCatalogue([contexts, path.join(directory, 'missing'), clusters], undefined)
  expect(catalogue.list().map((c) => [c.id, c.server, c.problem, c.source, c.files])).toEqual([
    ['dev', 'https://dev', undefined, contexts, [contexts, clusters]],
    ['prod', 'https://prod', undefined, contexts, [contexts, clusters]],
  ])
  expect(await used(catalogue, 'dev')).toEqual(['https://dev', 'd'])
  expect(await used(catalogue, 'prod')).toEqual(['https://prod', 'first'])
  catalogue.close()
})

it('a context that kubectl hides behind another of its name is read from its own file, and so is one of an added file', async () => {
  const same = (server: string, token: string) => ({
    contexts: [context('default')],
    clusters: [cluster('default', server)],
    users: [user('default', token)],
  })
  const one = kubeconfig('one/k3s.yaml', same('https://one', '1'))
  const two = kubeconfig('two/k3s.yaml', same('https://two', '2'))
  const three = kubeconfig('three/k3s.yaml', same('https://three', '3'))
  const catalogue = new ContextCatalogue([one, two], undefined)
  catalogue.read([], [three])
  const ids = catalogue.list().map((c) => c.id)
  expect(ids).toEqual(['default', 'default (k3s.yaml)', `default (${three})`])
  expect(await Promise.all(ids.map((id) => used(catalogue, id)))).toEqual([
    ['https://one', '1'],
    ['https://two', '2'],
    ['https://three', '3'],
  ])
  expect(catalogue.list().map((c) => c.files)).toEqual([[one, two], [two, one], [three]])
  catalogue.close()
})

it('paths are relative to the file that names them; a command without a separator is looked for on the PATH', async () => {
  const exec = (command: string) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } })
  const file = kubeconfig('team/config', {
    contexts: [context('a'), { name: 'b', context: { cluster: 'a', user: 'b' } }],
    clusters: [{ name: 'a', cluster: { server: 'https://a', 'certificate-authority': 'ca.crt' } }],
    users: [
      { name: 'a', user: { 'client-certificate': '../a.crt', 'client-key': '/keys/a.key', tokenFile: 'token', ...exec('./bin/login') } },
      { name: 'b', user: exec('aws') },
    ],
  })
  const catalogue = new ContextCatalogue([file], undefined)
  const { cluster: c, user: u } = await catalogue.load('a')
  expect([c['certificate-authority'], u['client-certificate'], u['client-key'], u.tokenFile, u.exec?.command]).toEqual([
    path.join(directory, 'team/ca.crt'),
    path.join(directory, 'a.crt'),
    '/keys/a.key',
    path.join(directory, 'team/token'),
    path.join(directory, 'team/bin/login'),
  ])
  expect((await catalogue.load('b')).user.exec?.command).toBe('aws')
  catalogue.close()
})

it('entries that are broken leave the others of their file as they are', async () => {
  const file = kubeconfig('odd', {
    contexts: [context('good'), null, { context: {} }, { name: 'empty' }],
    clusters: [cluster('good', 'https://good'), { name: 'serverless', cluster: {} }, { cluster: { server: 'https://nameless' } }],
    users: [{ name: 'good', user: { token: 't' } }, 'text'],
  })
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list().map((c) => [c.id, c.problem?.message])).toEqual([
    ['good', undefined],
    ['empty', 'The context "empty" names no cluster.'],
  ])
  expect(await used(catalogue, 'good')).toEqual(['https://good', 't'])
  fs.writeFileSync(file, '- just\n- a list\n')
  catalogue.reload()
  expect(catalogue.list()).toEqual([])
  catalogue.close()
})

it('a file that a link leads to is read again when the link leads elsewhere', async () => {
  const one = kubeconfig('one', { contexts: [context('a')], clusters: [cluster('a', 'https://one')], users: [user('a', '1')] })
  const two = kubeconfig('two', { contexts: [context('a')], clusters: [cluster('a', 'https://two-')], users: [user('a', '2')] })
  const link = path.join(directory, 'link')
  fs.symlinkSync(one, link)
  const catalogue = new ContextCatalogue([link], undefined)
  const servers: string[] = []
  catalogue.listen(([c]) => servers.push(c!.server))
  // As programs replace a file in one step.
  fs.symlinkSync(two, `${link}.new`)
  fs.renameSync(`${link}.new`, link)
  await expect.poll(() => servers, { timeout: 15_000 }).toEqual(['https://one', 'https://two-'])
  catalogue.close()
})

it('KUBECONFIG that becomes known later takes the place of the default, and what was added stays', () => {
  const usual = kubeconfig('usual', { contexts: [context('usual')] })
  const mine = kubeconfig('mine', { contexts: [context('mine')] })
  const added = kubeconfig('added', { contexts: [context('added')] })
  const catalogue = new ContextCatalogue([usual], undefined)
  catalogue.read([], [added])
  catalogue.readFiles([mine])
  expect(catalogue.list().map((c) => c.id)).toEqual(['mine', 'added'])
  catalogue.close()
})

it('a file that is not YAML is one entry with its line', () => {
  const file = path.join(directory, 'broken')
  fs.writeFileSync(file, 'contexts:\n  - name: [a\nusers: }')
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list()).toHaveLength(1)
  const { problem } = catalogue.list()[0]!
  expect(problem?.message).toMatch(/is not valid YAML \(line \d\)\.$/)
  expect(catalogue.origin(file)).toEqual({ contexts: 0, problem })
  catalogue.close()
})

it('a file may begin with a byte order mark and have the line ends of Windows; one in UTF-16 is told to be that', () => {
  const file = path.join(directory, 'windows')
  const text =
    'contexts:\r\n  - name: w\r\n    context: { cluster: c }\r\nclusters:\r\n  - name: c\r\n    cluster: { server: "https://w" }\r\n'
  fs.writeFileSync(file, `\uFEFF${text}`)
  const catalogue = new ContextCatalogue([file], undefined)
  expect(catalogue.list()).toMatchObject([{ name: 'w', server: 'https://w' }])
  fs.writeFileSync(file, Buffer.from(`\uFEFF${text}`, 'utf16le'))
  catalogue.reload()
  expect(catalogue.list().map((c) => c.problem?.message)).toEqual([
    `${file} is written in UTF-16; a kubeconfig has to be UTF-8. Windows PowerShell writes UTF-16 with >.`,
  ])
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

it('null takes a setting, or what is in one, away; a setting that has a default gets it back', () => {
  const file = path.join(directory, 'settings.json')
  const one = new SettingsFile(file)
  one.set({ theme: 'dark', lastContext: 'c1', layout: { sidebar: 200, details: 400 } })
  const gone = { theme: null, lastContext: null, layout: { details: null }, clusters: { c1: null } } as unknown as Partial<Settings>
  const left = { theme: 'system', language: 'system', places: {}, columns: {}, layout: { sidebar: 200 }, clusters: {} }
  expect(one.set(gone)).toEqual(left)
  expect(new SettingsFile(file).get()).toEqual(left)
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
