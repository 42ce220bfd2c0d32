import { expect, it } from 'vitest'
import { type FakeApiServer } from './support/api-server.js'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow

eachOnFakeServer((on) => ({ server, window } = on))

it('the schemas of a group come from the OpenAPI of the cluster, once for a minute', async () => {
  let asked = 0
  server.on('GET', /^\/openapi\/v3\/apis\/apps\/v1$/, () => {
    asked++
    return { body: { openapi: '3.0.0', components: { schemas: { 'io.k8s.api.apps.v1.Deployment': { type: 'object' } } } } }
  })
  const ask = () => window.call('schemas.get', { context: 'fake', group: 'apps', version: 'v1' })
  expect(await Promise.all([ask(), ask()])).toEqual(Array(2).fill({ 'io.k8s.api.apps.v1.Deployment': { type: 'object' } }))
  expect(asked).toBe(1)
})

it('a server without OpenAPI v3 is told, and asked again the next time', async () => {
  const ask = () => window.call('schemas.get', { context: 'fake', group: '', version: 'v1' })
  await expect(ask()).rejects.toMatchObject({ code: 404 })
  server.on('GET', /^\/openapi\/v3\/api\/v1$/, () => ({ body: { components: { schemas: {} } } }))
  expect(await ask()).toEqual({})
})
