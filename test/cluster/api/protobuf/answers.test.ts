/** Answers in protobuf, to clients that accept nothing else. */
import https from 'node:https'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { protobufToJson } from '../../../../src-main/cluster/api/protobuf/decode.js'
import { jsonToProtobuf } from '../../../../src-main/cluster/api/protobuf/encode.js'
import { configMap, pod } from '../fixture.js'
import { startHttps, type HttpsFixture } from '../https.js'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const NAMESPACE = '/api/v1/namespaces/default'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', `${NAMESPACE}/configmaps`, { body: configMap('one', { a: 'b' }) })
})
afterAll(() => f.server.close())

/** The bytes of an answer, with its status and media type. */
function ask(path: string, options: { accept?: string; enough?: (body: Buffer) => boolean } = {}): Promise<[number, string, Buffer]> {
  const { ca, admin } = f.certificates
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        host: '127.0.0.1',
        port: f.port,
        path,
        ca: ca.cert,
        cert: admin.cert,
        key: admin.key,
        agent: false,
        headers: { accept: options.accept ?? PROTOBUF },
      },
      (response) => {
        let body = Buffer.alloc(0)
        const done = (): void => resolve([response.statusCode!, response.headers['content-type']!, body])
        response.on('data', (part: Buffer) => {
          body = Buffer.concat([body, part])
          if (!options.enough?.(body)) return
          done()
          request.destroy()
        })
        response.on('end', done)
      },
    )
    request.on('error', reject)
  })
}

const read = async (path: string, accept?: string): Promise<[number, string, unknown]> => {
  const [code, type, body] = await ask(path, accept ? { accept } : {})
  return [code, type, JSON.parse(protobufToJson(body).toString())]
}

it.each([
  ['an object', `${NAMESPACE}/configmaps/one`, 200],
  ['a list', `${NAMESPACE}/configmaps`, 200],
  ['an error', `${NAMESPACE}/configmaps/none`, 404],
  ['a group of the API', '/apis/apps', 200],
  ['the resources of a version', '/apis/apps/v1', 200],
])('say the same as JSON: %s', async (_, path, code) => {
  const { json } = await f.send('GET', path)
  const told = JSON.parse(JSON.stringify(json), (key, value) =>
    // Items of lists say nothing of their type, and messages have no empty objects or lists.
    value !== null && typeof value === 'object' && Object.keys(value).length === 0 && key !== 'metadata' ? undefined : value,
  )
  const [status, type, object] = await read(path)
  const said = JSON.parse(JSON.stringify(object), (key, value) =>
    value !== null && typeof value === 'object' && Object.keys(value).length === 0 && key !== 'metadata' ? undefined : value,
  )
  expect([status, type, said]).toEqual([code, PROTOBUF, told])
})

it('are of metadata alone where that is asked for', async () => {
  const accept = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
  const [code, type, object] = await read(`${NAMESPACE}/configmaps/one`, accept)
  const { metadata, ...rest } = object as { metadata: { name: string } }
  expect([code, type, rest, metadata.name]).toEqual([200, PROTOBUF, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }, 'one'])
})

it('a watch gives events one after the other, each with its length before it', async () => {
  const framed = (body: Buffer): number => (body.length >= 4 ? 4 + body.readUInt32BE(0) : Infinity)
  const [code, type, body] = await ask(`${NAMESPACE}/configmaps?watch=1`, {
    accept: `${PROTOBUF};stream=watch`,
    enough: (all) => all.length >= framed(all),
  })
  expect([code, type, body.length]).toEqual([200, `${PROTOBUF};stream=watch`, framed(body)])
  const event = body.subarray(4)
  // Field 1 is the type, field 2 holds the object in its own envelope.
  expect(event.subarray(0, 7).toString('latin1')).toBe('\n\x05ADDED')
  const object = JSON.parse(protobufToJson(event.subarray(event.indexOf('k8s\0'))).toString())
  expect([object.kind, object.metadata.name, object.data]).toEqual(['ConfigMap', 'one', { a: 'b' }])
})

it('definitions of custom resources, classes of devices, flow schemas and API services are told in it too', async () => {
  const kinds = [
    'apiextensions.k8s.io/v1/customresourcedefinitions',
    'resource.k8s.io/v1/deviceclasses',
    'flowcontrol.apiserver.k8s.io/v1/flowschemas',
    'apiregistration.k8s.io/v1/apiservices',
  ]
  const told = await Promise.all(kinds.map(async (kind) => (await ask(`/apis/${kind}`)).slice(0, 2)))
  expect(told).toEqual(kinds.map(() => [200, PROTOBUF]))
})

it('whoever also takes JSON gets JSON', async () => {
  expect((await ask(`${NAMESPACE}/configmaps/one`, { accept: `${PROTOBUF}, */*` })).slice(0, 2)).toEqual([200, 'application/json'])
})

it('custom resources have no such form: it is said in it that they have not, but for their metadata', async () => {
  const schema = { openAPIV3Schema: { type: 'object' } }
  await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      metadata: { name: 'deployments.apps.yard.io' },
      spec: {
        group: 'apps.yard.io',
        names: { plural: 'deployments', kind: 'Deployment' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    },
  })
  const path = '/apis/apps.yard.io/v1/namespaces/default/deployments'
  const body = { apiVersion: 'apps.yard.io/v1', kind: 'Deployment', metadata: { name: 'a' } }
  expect((await f.send('POST', path, { body })).code).toBe(201)
  const said = async (at: string, accept?: string): Promise<unknown[]> => {
    const [code, type, object] = await read(at, accept)
    const { kind, reason, message, items } = object as Record<string, unknown>
    return [code, type, kind, reason ?? items, message]
  }
  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
  const refused = [406, PROTOBUF, 'Status', 'NotAcceptable', `only the following media types are accepted: ${types}`]
  expect(await said(`${path}/a`)).toEqual(refused)
  expect(await said(path)).toEqual(refused)
  expect(await said(`${path}/none`)).toEqual(refused)
  const [code, type, kind] = await said(`${path}/a`, `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`)
  expect([code, type, kind]).toEqual([200, PROTOBUF, 'PartialObjectMetadata'])
  expect((await ask(`${path}/a`, { accept: `${PROTOBUF}, application/json` })).slice(0, 2)).toEqual([200, 'application/json'])
})

it('every form of value comes back as it was', () => {
  const object = {
    kind: 'Pod',
    apiVersion: 'v1',
    ...pod('p', {
      nodeSelector: { disk: 'ssd', zone: '' },
      terminationGracePeriodSeconds: 30,
      hostNetwork: true,
      priority: -5,
      containers: [
        {
          name: 'c',
          image: 'nginx',
          args: ['', 'ünï'],
          resources: { requests: { cpu: '250m', memory: '64Mi' } },
          livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 3 },
          readinessProbe: { tcpSocket: { port: 8080 } },
        },
      ],
    }),
    status: { startTime: '2026-11-21T09:00:00Z', phase: 'Running' },
  }
  expect(JSON.parse(protobufToJson(jsonToProtobuf(object)!).toString())).toEqual(object)
  const lease = {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name: 'l', managedFields: [{ manager: 'm', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { '.': {} } } }] },
    spec: { renewTime: '2026-11-21T09:00:00.123456Z', leaseDurationSeconds: 15 },
  }
  expect(JSON.parse(protobufToJson(jsonToProtobuf(lease)!).toString())).toEqual(lease)
  const secret = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' }, data: { a: 'AAH/', empty: '' } }
  expect(JSON.parse(protobufToJson(jsonToProtobuf(secret)!).toString())).toEqual(secret)
  const role = {
    kind: 'ClusterRole',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name: 'r' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
  }
  expect(JSON.parse(protobufToJson(jsonToProtobuf(role)!).toString())).toEqual(role)
})
