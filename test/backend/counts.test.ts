import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeApiServer } from './support/api-server.js'
import { windowOn, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow
let stop: () => void

const resource = (name: string, kind: string, namespaced: boolean) => ({ name, kind, namespaced, singularName: '', verbs: ['list'] })

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({ body: { kind: 'APIGroupList', groups: [] } }))
  server.on('GET', /^\/api\/v1$/, () => ({
    body: { resources: [resource('pods', 'Pod', true), resource('secrets', 'Secret', true), resource('nodes', 'Node', false)] },
  }))
})
afterEach(async () => {
  stop()
  await server.stop()
})

it('Objects of the whole cluster are counted also where namespaces are chosen, others in those; what may not be listed has no number', async () => {
  const first = (rest: number) => ({ body: { metadata: { remainingItemCount: rest }, items: [{ metadata: { name: 'one' } }] } })
  server.on('GET', /\/namespaces\/shop\/pods$/, () => first(3))
  server.on('GET', /\/namespaces\/till\/pods$/, () => first(1))
  server.on('GET', /\/namespaces\/shop\/secrets$/, () => first(0))
  server.on('GET', /\/namespaces\/till\/secrets$/, () => ({ code: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403 } }))
  server.on('GET', /^\/api\/v1\/nodes$/, () => first(2))
  const of = (name: string) => ({ group: '', version: 'v1', resource: name })
  const stream = window.open('counts', {
    context: 'fake',
    resources: [of('pods'), of('secrets'), of('nodes')],
    namespaces: ['shop', 'till'],
  })
  await expect.poll(() => stream.events, { timeout: 15_000 }).toEqual([{ '/pods': 6, '/secrets': null, '/nodes': 3 }])
  expect(server.requests.map((r) => r.path).filter((p) => p.includes('nodes'))).toEqual(['/api/v1/nodes'])
})
