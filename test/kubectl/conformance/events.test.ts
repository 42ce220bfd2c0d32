import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Events of both APIs, as those use them that write and read them. */

let cluster: TestCluster
let api: Api
const core = '/api/v1/namespaces/default/events'
const newer = '/apis/events.k8s.io/v1/namespaces/default/events'
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  api = new Api(cluster.kubeconfig)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

const eventTime = '2017-09-19T13:49:16.000000Z'
const newEvent = (name: string, label: string): Json => ({
  metadata: { name, labels: { [label]: 'true' } },
  regarding: { namespace: 'default' },
  eventTime,
  note: `This is ${name}`,
  action: 'Do',
  reason: 'Test',
  type: 'Normal',
  reportingController: 'test-controller',
  reportingInstance: 'test-node',
})
/** Without what the control plane sets on every write. */
const lasting = ({ metadata: { resourceVersion: _r, managedFields: _m, ...metadata }, ...rest }: Json): Json => ({ ...rest, metadata })
const named = (list: Json): string[] => list.items.map((e: Json) => e.metadata.name)

describe('an event of events.k8s.io', () => {
  it('is listed, selected by its source in both APIs, patched, updated with a series and deleted', async () => {
    await api.create(newer, newEvent('event-test', 'testevent-constant'))
    const all = (): Promise<Json> => api.get('/apis/events.k8s.io/v1/events', { labelSelector: 'testevent-constant=true' })
    expect(named(await all())).toEqual(['event-test'])
    expect(named(await api.get(core, { fieldSelector: 'source=test-controller' }))).toEqual(['event-test'])
    expect(named(await api.get(newer, { fieldSelector: 'reportingController=test-controller' }))).toEqual(['event-test'])
    const created = lasting(await api.get(`${newer}/event-test`))
    // What happened has happened: it goes on as a series, and nothing else of it changes.
    const first = { count: 2, lastObservedTime: '2017-09-19T13:49:11.000000Z' }
    await api.patch(`${newer}/event-test`, 'strategic', { series: first })
    expect(lasting(await api.get(`${newer}/event-test`))).toEqual({ ...created, series: first })
    expect((await refusal(api.patch(`${newer}/event-test`, 'strategic', { note: 'other' }))).status.message).toBe(
      'Event.events.k8s.io "event-test" is invalid: message: Invalid value: "other": field is immutable',
    )
    // An update that names no version is one of whatever is there.
    const series = { count: 100, lastObservedTime: eventTime }
    await api.update(`${newer}/event-test`, { ...created, apiVersion: 'events.k8s.io/v1', kind: 'Event', series })
    expect(lasting(await api.get(`${newer}/event-test`))).toEqual({ ...created, series })
    await api.delete(`${newer}/event-test`)
    expect(named(await all())).toEqual([])
  })

  it('is deleted with the others of its label', async () => {
    for (const i of [1, 2, 3]) await api.create(newer, newEvent(`test-event-${i}`, 'testevent-set'))
    await api.create(newer, newEvent('stays', 'another'))
    await api.deleteCollection(newer, 'testevent-set=true')
    expect(named(await api.get(newer, { labelSelector: 'testevent-set=true' }))).toEqual([])
    expect(named(await api.get(newer, { labelSelector: 'another=true' }))).toEqual(['stays'])
  })
})

describe('an event of the core API', () => {
  it('is listed everywhere, patched, updated with a series and deleted', async () => {
    const event = {
      metadata: { name: 'event-core', labels: { 'testevent-core': 'true' } },
      message: 'This is a test event',
      reason: 'Test',
      type: 'Normal',
      count: 1,
      involvedObject: { namespace: 'default' },
    }
    await api.create(core, event)
    const all = async (): Promise<Json[]> => (await api.get('/api/v1/events', { labelSelector: 'testevent-core=true' })).items
    expect((await all()).map((e) => e.message)).toEqual(['This is a test event'])
    await api.patch(`${core}/event-core`, 'strategic', { message: 'This is a test event - patched' })
    const series = { count: 100, lastObservedTime: eventTime }
    const updated = await api.change(`${core}/event-core`, (e) => Object.assign(e, { series }))
    expect([updated.message, updated.series, updated.reason, updated.count]).toEqual(['This is a test event - patched', series, 'Test', 1])
    expect((await api.get(`${newer}/event-core`)).series).toEqual(series)
    await api.delete(`${core}/event-core`)
    expect(await all()).toEqual([])
  })

  it('is deleted with the others of its label', async () => {
    for (const i of [1, 2, 3])
      await api.create(core, {
        metadata: { name: `core-${i}`, labels: { set: 'core' } },
        reason: 'Test',
        type: 'Normal',
        involvedObject: { namespace: 'default' },
      })
    await api.deleteCollection(core, 'set=core')
    expect(named(await api.get(core, { labelSelector: 'set=core' }))).toEqual([])
  })
})
