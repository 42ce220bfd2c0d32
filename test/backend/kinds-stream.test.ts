import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { ApiConnection } from '../../src-main/backend/session/connection.js'
import { discoverKinds } from '../../src-main/backend/session/discovery.js'
import { FakeApiServer } from './support/api-server.js'
import { windowOn, type TestWindow } from './support/window.js'

const CRDS = /\/customresourcedefinitions$/
let server: FakeApiServer
let window: TestWindow
let stop: () => void
let groups: string[]
let discoveries: number

/** Aggregated discovery with one kind in each of the groups. */
const discovery = (names: string[]) => ({
  kind: 'APIGroupDiscoveryList',
  items: names.map((name) => ({
    metadata: { name },
    versions: [{ version: 'v1', resources: [{ resource: 'boats', responseKind: { kind: 'Boat' }, scope: 'Namespaced', verbs: ['list'] }] }],
  })),
})
const definition = (name: string, established = 'True', generation = 1) => ({
  kind: 'CustomResourceDefinition',
  metadata: { name, uid: name, generation, resourceVersion: String(generation) },
  status: { conditions: [{ type: 'Established', status: established }] },
})
const groupsOf = (kinds: unknown): string[] => (kinds as KindInfo[]).map((k) => k.group)

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  groups = ['a.example.com']
  discoveries = 0
  server.on('GET', /^\/api$/, () => ({ body: discovery([]) }))
  server.on('GET', /^\/apis$/, () => {
    discoveries++
    return { body: discovery(groups) }
  })
  for (const path of [CRDS, /\/apiservices$/]) server.on('GET', path, () => ({ body: { metadata: { resourceVersion: '5' }, items: [] } }))
})
afterEach(async () => {
  stop()
  await server.stop()
  vi.useRealTimers()
})

it('the kinds are told when a context is opened, and again when a definition that somebody else made is established', async () => {
  const kinds = window.open('kinds', { context: 'fake' })
  expect(groupsOf(await kinds.until(() => true))).toEqual(['a.example.com'])
  const watch = await server.watch(CRDS)
  groups = ['a.example.com', 'b.example.com']
  watch.send('ADDED', definition('boats.b.example.com', 'False'))
  watch.send('MODIFIED', definition('boats.b.example.com', 'True'))
  expect(groupsOf(await kinds.until((k) => groupsOf(k).length === 2))).toEqual(['a.example.com', 'b.example.com'])
  groups = ['a.example.com']
  watch.send('DELETED', definition('boats.b.example.com'))
  expect(groupsOf(await kinds.until((k) => groupsOf(k).length === 1))).toEqual(['a.example.com'])
})

it('many changes at once are one look, and a status that means nothing is none', async () => {
  // It looks a second time two seconds later, which is soon on a busy machine.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  server.on('GET', CRDS, () => ({ body: { metadata: { resourceVersion: '5' }, items: [definition('boats.a.example.com')] } }))
  const kinds = window.open('kinds', { context: 'fake' })
  await kinds.until(() => true)
  const watch = await server.watch(CRDS)
  const before = discoveries
  watch.send('MODIFIED', { ...definition('boats.a.example.com'), spec: { same: 'generation' } })
  groups = ['a.example.com', 'b.example.com']
  for (let i = 0; i < 20; i++) watch.send('ADDED', definition(`kind-${i}.b.example.com`))
  const told = (): boolean => kinds.events.some((k) => groupsOf(k).length === 2)
  await expect.poll(() => vi.advanceTimersByTimeAsync(10).then(told), { timeout: 15_000, interval: 5 }).toBe(true)
  expect(discoveries - before).toBe(1)
})

it('kinds tell whether they have the subresource scale, by either form of discovery', async () => {
  const kinds = async (): Promise<unknown> => {
    const api = new ApiConnection({ clusterName: 'c', cluster: { server: `http://127.0.0.1:${server.port}` }, userName: '', user: {} })
    return (await discoverKinds(api)).map(({ resource, scale }) => [resource, scale])
  }
  const told = [
    ['boats', true],
    ['buoys', undefined],
  ]
  const boats = {
    resource: 'boats',
    responseKind: { kind: 'Boat' },
    verbs: ['list'],
    subresources: [{ subresource: 'status' }, { subresource: 'scale' }],
  }
  const buoys = { resource: 'buoys', responseKind: { kind: 'Buoy' }, verbs: ['list'] }
  const group = { metadata: { name: 'sea' }, versions: [{ version: 'v1', resources: [boats, buoys] }] }
  server.on('GET', /^\/apis$/, () => ({ body: { kind: 'APIGroupDiscoveryList', items: [group] } }))
  expect(await kinds()).toEqual(told)
  server.on('GET', /^\/apis$/, () => ({ body: { kind: 'APIGroupList', groups: [{ name: 'sea', versions: [{ version: 'v1' }] }] } }))
  const named = (name: string, kind: string) => ({ name, kind, namespaced: true, verbs: ['list'] })
  const resources = [named('boats', 'Boat'), named('boats/scale', 'Scale'), named('buoys', 'Buoy')]
  server.on('GET', /^\/apis\/sea\/v1$/, () => ({ body: { kind: 'APIResourceList', groupVersion: 'sea/v1', resources } }))
  expect(await kinds()).toEqual(told)
})
