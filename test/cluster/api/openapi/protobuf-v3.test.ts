import { expect, it } from 'vitest'
import { builtinKinds } from '../../../../src-main/cluster/api/kinds/registry.js'
import { encodeDocumentV3 } from '../../../../src-main/cluster/api/openapi/protobuf-v3.js'
import { openApiV3Group } from '../../../../src-main/cluster/api/openapi/v3.js'
import { startHttps } from '../https.js'

/** OpenAPI v3 as the messages of gnostic, read back with the numbers of OpenAPIv3.proto. */

/** The fields of a message: bytes by their number, in their order. */
function fields(bytes: Buffer): Map<number, Buffer[]> {
  const found = new Map<number, Buffer[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const start = at
    const length = (key & 7) === 2 ? varint() : (key & 7) === 1 ? 8 : (varint(), 0)
    const value = (key & 7) === 0 ? bytes.subarray(start, at) : bytes.subarray(at, at + length)
    at += length
    found.set(key >>> 3, [...(found.get(key >>> 3) ?? []), value])
  }
  return found
}

const message = (of: Map<number, Buffer[]>, field: number): Map<number, Buffer[]> => fields(of.get(field)![0]!)
const string = (of: Map<number, Buffer[]>, field: number): string | undefined => of.get(field)?.[0]?.toString()
/** A `Named…` map: names with the messages that they stand for. */
const named = (of: Map<number, Buffer[]>, field: number): Map<string, Map<number, Buffer[]>> =>
  new Map(of.get(field)!.map((pair) => [string(fields(pair), 1)!, message(fields(pair), 2)]))

it('a document of a group version is encoded whole', () => {
  const document = openApiV3Group(builtinKinds, 'apps', 'v1')! as { paths: object; components: { schemas: object } }
  const root = fields(encodeDocumentV3(document as never))
  expect([string(root, 1), string(message(root, 2), 1)]).toEqual(['3.0.0', 'Kubernetes'])
  const paths = named(message(root, 4), 1)
  expect([...paths.keys()]).toEqual(Object.keys(document.paths))
  const get = message(paths.get('/apis/apps/v1/namespaces/{namespace}/deployments/{name}')!, 4)
  expect(string(get, 5)).toBe('readAppsV1NamespacedDeployment')
  const content = named(message(message(named(message(get, 8), 2).get('200')!, 1), 3), 1)
  const reference = message(message(content.get('application/json')!, 1), 2)
  expect(string(reference, 1)).toBe('#/components/schemas/io.k8s.api.apps.v1.Deployment')
  const schemas = named(message(message(root, 5), 1), 1)
  expect([...schemas.keys()]).toEqual(Object.keys(document.components.schemas))
  const deployment = message(schemas.get('io.k8s.api.apps.v1.Deployment')!, 1)
  expect([...named(message(deployment, 31), 1).keys()]).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status'])
  expect(string(deployment, 25)).toBe('object')
})

it('is given to those who ask for it, under the hash of the JSON', async () => {
  const f = await startHttps()
  try {
    const type = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'
    const plain = await f.send('GET', '/openapi/v3/apis/apps/v1')
    for (const accept of [type, 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf']) {
      const { code, headers } = await f.send('GET', '/openapi/v3/apis/apps/v1', { headers: { accept } })
      expect([code, headers['content-type'], headers.etag]).toEqual([200, type, plain.headers.etag])
    }
  } finally {
    await f.server.close()
  }
})
