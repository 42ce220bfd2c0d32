import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeApiServer } from '../support/api-server.js'
import { windowOn, type TestWindow } from '../support/window.js'

const ref = { group: 'sea.example', version: 'v1', resource: 'ships', namespace: 'shop', name: 'anna' }
const LONG = '9007199254740993'
const json = (more = ''): string =>
  `{"apiVersion":"sea.example/v1","kind":"Ship","metadata":{"name":"anna","namespace":"shop"},"spec":{"crew":3,"number":${LONG}${more}}}`

let server: FakeApiServer
let window: TestWindow
let stop: () => void
let live: string

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  live = json()
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({ body: { kind: 'APIGroupList', groups: [{ name: 'sea.example', versions: [{ version: 'v1' }] }] } }))
  server.on('GET', /^\/api\/v1$/, () => ({ body: { kind: 'APIResourceList', groupVersion: 'v1', resources: [] } }))
  server.on('GET', /^\/apis\/sea.example\/v1$/, () => ({
    body: {
      kind: 'APIResourceList',
      groupVersion: 'sea.example/v1',
      resources: [{ name: 'ships', kind: 'Ship', namespaced: true, verbs: [] }],
    },
  }))
  server.on('GET', /\/ships\/anna$/, () => ({ text: live }))
  server.on('PATCH', /\/ships\/anna$/, ({ body }) => ({ text: body.includes('"kind"') ? body : live }))
})
afterEach(async () => {
  stop()
  await server.stop()
})
const yaml = () => window.call('objects.yaml', { context: 'fake', ref })
const sent = () => server.requests.filter((r) => r.method === 'PATCH').map((r) => r.body)

describe('whole numbers of 64 bits', () => {
  it('are in the text of an object with all their digits', async () => {
    expect(await yaml()).toContain(`  crew: 3\n  number: ${LONG}\n`)
  })

  it('are sent with all their digits when they were edited, and are no edit when they were not', async () => {
    const original = await yaml()
    const save = (edited: string) => window.call('objects.save', { context: 'fake', ref, original, edited })
    await save(original)
    expect(sent()).toEqual([])
    await save(original.replace('crew: 3', 'crew: 4'))
    await save(original.replace(LONG, '9007199254740995'))
    expect(sent()).toEqual(['{"spec":{"crew":4}}', '{"spec":{"number":9007199254740995}}'])
  })

  it('that differ in the last digit alone on the server are a conflict', async () => {
    const original = await yaml()
    live = json().replace(LONG, '9007199254740994')
    const edited = original.replace(LONG, '9007199254740995')
    await expect(window.call('objects.save', { context: 'fake', ref, original, edited })).rejects.toMatchObject({
      causes: [{ field: 'spec.number' }],
    })
    expect(await window.call('objects.rebase', { context: 'fake', ref, original, edited })).toMatchObject({
      live: expect.stringContaining('number: 9007199254740994\n'),
      merged: expect.stringContaining('number: 9007199254740995\n'),
    })
  })

  it('are applied as they are written, in any base, and shown so in a preview', async () => {
    const text = (await yaml()).replace(LONG, '0x20000000000001')
    expect(await window.call('objects.apply', { context: 'fake', yaml: text })).toMatchObject([{ action: 'unchanged' }])
    expect(sent()).toEqual([json()])
    const [preview] = await window.call('objects.preview', { context: 'fake', yaml: text.replace('crew: 3', 'crew: 4') })
    expect(preview).toMatchObject({ action: 'configured', merged: expect.stringContaining(`  crew: 4\n  number: ${LONG}\n`) })
  })
})
