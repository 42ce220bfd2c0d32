import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../https.js'

let f: HttpsFixture
beforeAll(async () => void (f = await startHttps()))
afterAll(() => f.server.close())

const answer = async (path: string, accept?: string): Promise<unknown[]> => {
  const { code, headers } = await f.send('GET', path, accept === undefined ? {} : { headers: { accept } })
  return [code, headers['content-type']]
}

it('OpenAPI documents are given as JSON or protobuf, and not as anything else', async () => {
  const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
  expect(await answer('/openapi/v2')).toEqual([200, 'application/json'])
  expect(await answer('/openapi/v2', '*/*')).toEqual([200, 'application/json'])
  expect(await answer('/openapi/v2', protobuf)).toEqual([200, protobuf])
  expect(await answer('/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf')).toEqual([200, protobuf])
  expect(await answer('/openapi/v3', 'application/json, */*;q=0.1')).toEqual([200, 'application/json'])
  expect((await answer('/openapi/v2', 'text/html'))[0]).toBe(406)
  expect((await answer('/openapi/v3/api/v1', 'text/html'))[0]).toBe(406)
})
