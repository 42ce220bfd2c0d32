import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, type Json, type WatchEvent } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** What watches of ConfigMaps deliver to clients that come, go and come back. */

let cluster: TestCluster
let api: Api
const maps = '/api/v1/namespaces/watched/configmaps'
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  api = new Api(cluster.kubeconfig)
  await api.create('/api/v1/namespaces', { metadata: { name: 'watched' } })
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

const map = (name: string, label: string): Json => ({ metadata: { name, labels: { 'watch-this': label } } })
const mutate = (name: string, value: string): Promise<Json> => api.change(`${maps}/${name}`, (o) => ((o.data ??= {}).mutation = value))
const said = (events: readonly WatchEvent[]): string[] =>
  events.map((e) => `${e.type} ${e.object.metadata.name} ${e.object.data?.mutation ?? '-'}`)
/** An object that ends a test's story: when its event is there, all before it are. */
const last = async (label: string): Promise<(e: WatchEvent) => boolean> => {
  await api.create(maps, map(`end-${label.toLowerCase()}`, label))
  return (e) => e.object.metadata.name === `end-${label.toLowerCase()}`
}

describe('a watch', () => {
  it('tells additions, changes and deletions of what its selector takes, and nothing of the rest', async () => {
    const [a, b, both] = await Promise.all(
      ['watch-this=A', 'watch-this=B', 'watch-this in (A,B)'].map((labelSelector) => api.watch(maps, { labelSelector })),
    )
    await api.create(maps, map('map-a', 'A'))
    await mutate('map-a', '1')
    await mutate('map-a', '2')
    await api.delete(`${maps}/map-a`)
    await api.create(maps, map('map-b', 'B'))
    await api.delete(`${maps}/map-b`)
    await a!.until(await last('A'))
    const end = await last('B')
    await b!.until(end)
    await both!.until(end)
    const ofA = ['ADDED map-a -', 'MODIFIED map-a 1', 'MODIFIED map-a 2', 'DELETED map-a 2']
    const ofB = ['ADDED map-b -', 'DELETED map-b -']
    expect(said(a!.events).slice(0, -1)).toEqual(ofA)
    expect(said(b!.events).slice(0, -1)).toEqual(ofB)
    expect(said(both!.events).slice(0, 6)).toEqual([...ofA, ...ofB])
    for (const w of [a, b, both]) w!.close()
  })

  it('begins after the version that it names', async () => {
    const created = await api.create(maps, map('from-version', 'from-version'))
    const first = await mutate('from-version', '1')
    await mutate('from-version', '2')
    await api.delete(`${maps}/from-version`)
    const options = { labelSelector: 'watch-this=from-version' }
    const watch = await api.watch(maps, { ...options, resourceVersion: first.metadata.resourceVersion })
    await watch.until((e) => e.type === 'DELETED')
    expect(said(watch.events)).toEqual(['MODIFIED from-version 2', 'DELETED from-version 2'])
    expect(Number(watch.events[0]!.object.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion))
    watch.close()
  })

  it('goes on where one before it ended', async () => {
    const options = { labelSelector: 'watch-this=resumed' }
    const before = await api.watch(maps, options)
    await api.create(maps, map('resumed', 'resumed'))
    await mutate('resumed', '1')
    const seen = await before.until((e) => e.type === 'MODIFIED')
    before.close()
    await mutate('resumed', '2')
    const after = await api.watch(maps, { ...options, resourceVersion: seen.object.metadata.resourceVersion })
    await api.delete(`${maps}/resumed`)
    await after.until((e) => e.type === 'DELETED')
    expect(said(after.events)).toEqual(['MODIFIED resumed 2', 'DELETED resumed 2'])
    after.close()
  })

  it('tells of an object that leaves its selector as deleted, and of its return as added', async () => {
    const watch = await api.watch(maps, { labelSelector: 'watch-this=stays' })
    const relabel = (label: string): Promise<Json> => api.change(`${maps}/wanders`, (o) => (o.metadata.labels['watch-this'] = label))
    await api.create(maps, map('wanders', 'stays'))
    await mutate('wanders', '1')
    await relabel('gone')
    await mutate('wanders', '2')
    await relabel('stays')
    await mutate('wanders', '3')
    await api.delete(`${maps}/wanders`)
    await watch.until((e) => e.type === 'DELETED' && e.object.data.mutation === '3')
    expect(said(watch.events)).toEqual([
      'ADDED wanders -',
      'MODIFIED wanders 1',
      'DELETED wanders 1',
      'ADDED wanders 2',
      'MODIFIED wanders 3',
      'DELETED wanders 3',
    ])
    watch.close()
  })

  it('is in the order that every other watch is in, from wherever each began', async () => {
    const start = (await api.get(maps)).metadata.resourceVersion
    const first = await api.watch(maps, { resourceVersion: start })
    const writing = (async () => {
      for (let i = 0; i < 60; i++) {
        const name = `ordered-${i % 7}`
        if (i % 3 === 0 || !(await api.exists(`${maps}/${name}`))) await api.create(maps, map(name, 'ordered')).catch(() => undefined)
        else if (i % 3 === 1) await mutate(name, String(i))
        else await api.delete(`${maps}/${name}`)
      }
    })()
    const others = []
    for (let i = 0; i < 20; i++) {
      await first.until(() => true, i)
      others.push(await api.watch(maps, { resourceVersion: first.events[i]!.object.metadata.resourceVersion }))
    }
    await writing
    const end = await last('Ordered')
    const versions = (events: readonly WatchEvent[]): string[] => events.map((e) => e.object.metadata.resourceVersion)
    await first.until(end)
    for (const [i, other] of others.entries()) {
      await other.until(end)
      expect(versions(other.events)).toEqual(versions(first.events).slice(i + 1))
      other.close()
    }
    first.close()
  })
})
