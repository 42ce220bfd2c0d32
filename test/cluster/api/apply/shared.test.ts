import { describe, expect, it } from 'vitest'
import { createApiServer } from '../../../../src-main/cluster/api/server.js'
import type { Pod } from '../../../../src-main/cluster/api/object.js'
import { resources } from '../../../../src-main/cluster/api/client.js'
import { VirtualClock } from '../../../../src-main/cluster/clock.js'
import { Random } from '../../../../src-main/cluster/random.js'
import { openStore } from '../../../../src-main/cluster/store/mvcc.js'

const pod = (name: string, image: string) => ({
  metadata: { name, labels: { app: 'shop' } },
  spec: { containers: [{ name: 'main', image }] },
})

async function pods() {
  const clock = new VirtualClock({ start: Date.parse('2026-11-21T09:00:00Z'), speed: 0 })
  const server = createApiServer({ clock, random: new Random('shared'), store: openStore({ clock }) })
  await server.seeded
  return server.client({ username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }).resource<Pod>(resources.pods)
}

const part = (p: Pod, name: 'f:spec' | 'f:metadata') => {
  const fields = p.metadata.managedFields![0]!.fieldsV1 as Record<string, Record<string, object>>
  return fields[name]!
}

describe('managedFields of objects that are alike', () => {
  it('are one object in memory, part by part, while their entries stay their own', async () => {
    const client = await pods()
    const a = await client.create('default', pod('a', 'nginx') as never, { fieldManager: 'test' })
    const b = await client.create('default', pod('b', 'redis') as never, { fieldManager: 'test' })
    expect(part(a, 'f:spec')['f:containers']).toBe(part(b, 'f:spec')['f:containers'])
    expect(part(a, 'f:spec')['f:containers']).toEqual({
      'k:{"name":"main"}': {
        '.': {},
        'f:image': {},
        'f:imagePullPolicy': {},
        'f:name': {},
        'f:resources': {},
        'f:terminationMessagePath': {},
        'f:terminationMessagePolicy': {},
      },
    })
    expect(a.metadata.managedFields).not.toBe(b.metadata.managedFields)
  })

  it('do not change with the object of a sibling', async () => {
    const client = await pods()
    const a = await client.create('default', pod('a', 'nginx') as never, { fieldManager: 'test' })
    await client.create('default', pod('b', 'nginx') as never, { fieldManager: 'test' })
    await client.patch('default', 'b', { metadata: { labels: { app: null, tier: 'web' } } }, { type: 'merge', fieldManager: 'other' })
    const again = await client.get('default', 'a')
    expect(again.metadata.managedFields).toEqual(a.metadata.managedFields)
    const b = await client.get('default', 'b')
    expect(b.metadata.managedFields!.map((m) => [m.manager, (m.fieldsV1 as Record<string, unknown>)['f:metadata']])).toEqual([
      ['other', { 'f:labels': { 'f:tier': {} } }],
      ['test', { 'f:labels': {} }],
    ])
  })

  it('are one whole where pods differ in their names only, and another one where a label, a key or a prefix of the name comes with it', async () => {
    const client = await pods()
    const fieldsOf = async (sent: object) => {
      const { metadata } = await client.create('default', sent as never, { fieldManager: 'test' })
      return metadata.managedFields![0]!.fieldsV1 as { 'f:metadata': object; 'f:spec': object }
    }
    const first = await fieldsOf(pod('a', 'nginx'))
    expect(await fieldsOf(pod('b', 'nginx'))).toBe(first)
    const labelled = pod('c', 'nginx')
    expect((await fieldsOf({ ...labelled, metadata: { name: 'c', labels: { tier: 'web' } } }))['f:metadata']).toEqual({
      'f:labels': { '.': {}, 'f:tier': {} },
    })
    expect((await fieldsOf({ ...labelled, metadata: { generateName: 'd-', labels: { app: 'shop' } } }))['f:metadata']).toEqual({
      'f:generateName': {},
      'f:labels': { '.': {}, 'f:app': {} },
    })
    const containers = [{ name: 'side', image: 'nginx' }]
    expect(Object.keys((await fieldsOf({ metadata: { name: 'e' }, spec: { containers } }))['f:spec'])).toEqual(Object.keys(first['f:spec']))
    expect(await fieldsOf(pod('f', 'nginx'))).toBe(first)
  })
})
