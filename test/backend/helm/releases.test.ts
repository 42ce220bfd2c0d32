import { beforeEach, describe, expect, it } from 'vitest'
import { computedValues } from '../../../src-main/backend/helm/release-record.js'
import { maskedManifest } from '../../../src-main/backend/helm/manifest-secrets.js'
import type { ListEvent, ObjectEvent } from '../../../src-main/backend/rpc/contract.js'
import { type FakeApiServer } from '../support/api-server.js'
import { eachOnFakeServer, type TestWindow } from '../support/window.js'
import { record } from './records.js'

const RELEASES = { group: 'helm.sh', version: 'v1', resource: 'releases' }
const web = { ...RELEASES, namespace: 'shop', name: 'web' }
const empty = { body: { metadata: { resourceVersion: '10' }, items: [] } }
const forbidden = (what: string) => ({
  code: 403,
  body: { kind: 'Status', reason: 'Forbidden', code: 403, message: `${what} is forbidden` },
})
let server: FakeApiServer
let window: TestWindow

/** What the server has: records in Secrets and in ConfigMaps. */
function holds(secrets: unknown[], configMaps: unknown[] = []): void {
  const list = (items: unknown[]) => () => ({ body: { metadata: { resourceVersion: '10' }, items } })
  server.on('GET', /\/secrets$/, list(secrets))
  server.on('GET', /\/configmaps$/, list(configMaps))
}

eachOnFakeServer((on) => ({ server, window } = on))

const isSnapshot = (e: ListEvent): boolean => e.type === 'snapshot'

describe('the list of releases', () => {
  it('has a row for each release, of its newest revision, from Secrets and from ConfigMaps', async () => {
    holds(
      [record(9, { status: 'superseded' }), record(10), record(1, { name: 'old', status: 'failed', deployed: '2026-11-19T10:00:00Z' })],
      [record(3, { namespace: 'tools', status: 'pending-upgrade' }, 'ConfigMap')],
    )
    const list = window.open('list', { context: 'fake', resource: RELEASES })
    const snapshot = (await list.until(isSnapshot)) as Extract<ListEvent, { type: 'snapshot' }>
    expect(snapshot.rows.map((r) => r.cells)).toEqual([
      [
        'web',
        'shop',
        10,
        { text: 'deployed', tone: 'ok', title: 'Upgrade complete' },
        'shop-0.1.0',
        '1.0',
        Date.parse('2026-11-21T10:00:00.5Z'),
      ],
      [
        'old',
        'shop',
        1,
        { text: 'failed', tone: 'bad', title: 'Upgrade complete' },
        'shop-0.1.0',
        '1.0',
        Date.parse('2026-11-19T10:00:00Z'),
      ],
      [
        'web',
        'tools',
        3,
        { text: 'pending-upgrade', tone: 'busy', title: 'Upgrade complete' },
        'shop-0.1.0',
        '1.0',
        Date.parse('2026-11-21T10:00:00.5Z'),
      ],
    ])
    const asked = server.requests.filter((r) => r.path.endsWith('/secrets'))[0]!.query
    expect([asked.get('labelSelector'), asked.get('fieldSelector')]).toEqual(['owner=helm', 'type=helm.sh/release.v1'])
  })

  it('is live: a new revision changes the row, and with its last record a release goes', async () => {
    holds([record(1)])
    server.on('GET', /\/configmaps$/, () => empty)
    const list = window.open('list', { context: 'fake', resource: RELEASES, namespaces: ['shop'] })
    const watch = await server.watch(/\/namespaces\/shop\/secrets$/)
    await list.until(isSnapshot)
    watch.send('ADDED', record(2, { status: 'pending-upgrade' }))
    const upgraded = await list.until((e) => e.type === 'changes' && e.upserts.length === 1)
    expect(upgraded).toMatchObject({ upserts: [{ id: 'shop/web', name: 'web' }], removes: [] })
    expect(upgraded.type === 'changes' && upgraded.upserts[0]!.cells.slice(2, 4)).toEqual([
      2,
      { text: 'pending-upgrade', tone: 'busy', title: 'Upgrade complete' },
    ])
    watch.send('DELETED', record(2))
    await list.until((e) => e.type === 'changes' && e.upserts[0]?.cells[2] === 1)
    watch.send('DELETED', record(1))
    expect(await list.until((e) => e.type === 'changes' && e.removes.length > 0)).toEqual({
      type: 'changes',
      upserts: [],
      removes: ['shop/web'],
    })
  })

  it('says so where Secrets may not be listed, and shows what is in Secrets where ConfigMaps may not', async () => {
    server.on('GET', /\/secrets$/, () => forbidden('secrets'))
    server.on('GET', /\/configmaps$/, () => forbidden('configmaps'))
    const refused = window.open('list', { context: 'fake', resource: RELEASES })
    await refused.until(isSnapshot)
    await refused.until((e) => e.type === 'state' && e.phase === 'forbidden')
    expect(refused.events.at(-1)).toMatchObject({ type: 'state', phase: 'forbidden', error: { message: 'secrets is forbidden' } })
    server.on('GET', /\/shop\/secrets$/, () => ({ body: { metadata: { resourceVersion: '10' }, items: [record(1)] } }))
    const some = window.open('list', { context: 'fake', resource: RELEASES, namespaces: ['shop'] })
    expect(await some.until(isSnapshot)).toMatchObject({ rows: [{ name: 'web' }] })
    await some.until((e) => e.type === 'state' && e.phase === 'live')
  })

  it('shows a record that cannot be read as what its labels tell', async () => {
    holds([{ ...record(4), data: { release: 'bm9uc2Vuc2U=' } }])
    const list = window.open('list', { context: 'fake', resource: RELEASES })
    expect(await list.until(isSnapshot)).toMatchObject({
      rows: [
        {
          name: 'web',
          cells: [
            'web',
            'shop',
            4,
            { text: 'unknown', tone: 'warn', title: 'The release in sh.helm.release.v1.web.v4 cannot be read.' },
            '',
            '',
            1795255200000,
          ],
        },
      ],
    })
  })
})

describe('a release', () => {
  it('is an object with its history, until its records are gone', async () => {
    holds([record(1, { status: 'superseded' }), record(2)])
    const release = window.open('object', { context: 'fake', ref: web })
    const watch = await server.watch(/\/secrets$/)
    expect(watch.query.get('labelSelector')).toBe('owner=helm,name=web')
    const { object } = (await release.until((e) => e.type === 'object')) as Extract<ObjectEvent, { type: 'object' }>
    expect(object).toMatchObject({
      kind: 'Release',
      metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2026-11-20T10:00:00Z' },
      revision: 2,
      status: 'deployed',
      notes: 'Open the shop.\n',
      about: { description: 'A shop' },
      storage: 'Secret',
      history: [
        { revision: 2, status: 'deployed' },
        { revision: 1, status: 'superseded' },
      ],
    })
    watch.send('DELETED', record(1))
    watch.send('DELETED', record(2))
    await release.until((e) => e.type === 'deleted')
  })

  it('that is not there is missing, and is refused when it is asked for by name', async () => {
    holds([])
    const release = window.open('object', { context: 'fake', ref: web })
    await release.until((e) => e.type === 'state' && e.phase === 'missing')
    await expect(window.call('objects.get', { context: 'fake', ref: web })).rejects.toMatchObject({ reason: 'NotFound' })
  })
})

const secret = (password: string): string =>
  `---\n# Source: shop/templates/s.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  user: jane\n  password: ${password}\n`

describe('the texts of a revision', () => {
  beforeEach(() => {
    for (const [n, r] of [
      [1, { values: { replicas: 2, db: { host: 'a' } }, manifest: secret('hunter2') }],
      [2, { values: { db: null }, chartValues: { replicas: 1, db: { host: 'b', port: 1 } }, manifest: secret('hunter3') }],
    ] as const)
      server.on('GET', new RegExp(`/shop/secrets/sh.helm.release.v1.web.v${n}$`), () => ({ body: record(n, r) }))
  })
  const of = { context: 'fake', namespace: 'shop', name: 'web' }

  it('are the values that were given, those that templates see, and the manifest with masked Secrets until they are asked for', async () => {
    const texts = await window.call('helm.revision', { ...of, revision: 1 })
    expect(texts).toMatchObject({ values: 'db:\n  host: a\nreplicas: 2\n', computed: 'db:\n  host: a\nreplicas: 2\n', secrets: true })
    expect(texts.manifest).toBe(
      '---\n# Source: shop/templates/s.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: "***"\n  user: "***"\n',
    )
    expect((await window.call('helm.revision', { ...of, revision: 1, reveal: true })).manifest).toBe(secret('hunter2'))
    expect((await window.call('helm.revision', { ...of, revision: 2 })).computed).toBe('replicas: 1\n')
  })

  it('compare so that it shows which value of a Secret differs, and not what it is', async () => {
    const [before, after] = await window.call('helm.compare', { ...of, revision: 1, with: 2 })
    expect(before.manifest).toContain('  password: "*** (before)"\n  user: "***"\n')
    expect(after.manifest).toContain('  password: "*** (after)"\n  user: "***"\n')
    expect(JSON.stringify([before, after])).not.toContain('hunter')
  })

  it('come from a ConfigMap where there is no Secret', async () => {
    server.on('GET', /\/shop\/configmaps\/sh.helm.release.v1.web.v7$/, () => ({ body: record(7, { values: { a: 1 } }, 'ConfigMap') }))
    expect((await window.call('helm.revision', { ...of, revision: 7 })).values).toBe('a: 1\n')
    await expect(window.call('helm.revision', { ...of, revision: 8 })).rejects.toMatchObject({ reason: 'NotFound' })
  })
})

it('the objects of a manifest are told as they are now: there, missing, not to be seen, or of a kind that is not served', async () => {
  const manifest = [
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}',
    'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: front}',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: login}',
    'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}',
  ].join('\n---\n')
  server.on('GET', /v1\.web\.v1$/, () => ({ body: record(1, { manifest }) }))
  const resource = (name: string, kind: string) => ({ name, kind, singularName: '', namespaced: true, verbs: ['get', 'list'] })
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({
    body: { groups: [{ name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }], preferredVersion: { version: 'v1' } }] },
  }))
  server.on('GET', /^\/api\/v1$/, () => ({ body: { resources: [resource('services', 'Service'), resource('secrets', 'Secret')] } }))
  server.on('GET', /^\/apis\/apps\/v1$/, () => ({ body: { resources: [resource('deployments', 'Deployment')] } }))
  server.on('GET', /\/shop\/deployments\/web$/, () => ({
    body: {
      metadata: { name: 'web' },
      spec: { replicas: 2 },
      status: { replicas: 2, readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    },
  }))
  server.on('GET', /\/secrets\/login$/, () => forbidden('secrets "login"'))
  const objects = await window.call('helm.objects', { context: 'fake', namespace: 'shop', name: 'web', revision: 1 })
  expect(objects.map((o) => [o.kind, o.namespace, o.status, o.missing ?? false, o.forbidden ?? false, o.live !== undefined])).toEqual([
    ['Deployment', 'shop', '2/2', false, false, true],
    ['Service', 'front', '', true, false, true],
    ['Secret', 'shop', '', false, true, true],
    ['Gadget', 'shop', '', false, false, false],
  ])
})

it('given values are merged into maps of the chart, replace all else, and take away with null', () => {
  expect(computedValues({ a: { x: 1, y: [1, 2] }, b: 1, c: { d: 1 } }, { a: { y: [3], z: null }, b: null, c: 2 })).toEqual({
    a: { x: 1, y: [3] },
    c: 2,
  })
})

it('a manifest without Secrets stays as it was written, to the last comment', () => {
  const text = '---\n# Source: a\nkind: ConfigMap\napiVersion: v1\ndata: {a: "1"} # here\n'
  expect(maskedManifest(text)).toBe(text)
})
