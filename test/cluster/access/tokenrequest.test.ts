import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startServer, type Fixture } from '../api/fixture.js'

/** TokenRequests: what tokens may be bound to, whom they are for, how long they last, and what ends them. */

const ISSUER = 'https://kubernetes.default.svc.cluster.local'

interface Issued {
  spec: { audiences: string[]; expirationSeconds: number }
  status: { token: string; expirationTimestamp: string }
}

let f: Fixture
const make = (resource: keyof typeof resources, object: object): Promise<KubeObject> =>
  f.admin.resource<KubeObject>(resources[resource]).create('default', object as KubeObject)
const request = async (spec: object): Promise<Issued> => {
  const body = { metadata: {}, spec } as unknown as KubeObject
  body.metadata.name = 'robot'
  const accounts = f.admin.resource<KubeObject>(resources.serviceaccounts)
  return (await accounts.create('default', body, { subresource: 'token' })) as unknown as Issued
}
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  )
const check = (token: string, ...audiences: string[]): Promise<unknown> => f.server.tokens!.check(token, audiences)
const bound = (kind: string, name: string, uid?: string): object => ({
  boundObjectRef: { apiVersion: 'v1', kind, name, ...(uid ? { uid } : {}) },
})

beforeAll(async () => {
  f = startServer({ certificates: await loadCertificates() })
  await f.server.seeded
  await make('serviceaccounts', { metadata: { name: 'robot' } })
})
afterAll(() => f.server.close())

describe('a token', () => {
  it('is for the API server and lasts an hour when nothing else is asked for', async () => {
    const { spec, status } = await request({})
    expect([spec, status.expirationTimestamp]).toEqual([{ audiences: [ISSUER], expirationSeconds: 3600 }, '2026-11-21T10:00:00Z'])
    expect(await check(status.token, ISSUER)).toMatchObject({
      audiences: [ISSUER],
      user: { username: 'system:serviceaccount:default:robot' },
    })
  })

  it('is good for the audiences that it names and no others', async () => {
    const { token } = (await request({ audiences: ['vault', 'other'] })).status
    expect(await check(token, 'vault', 'third')).toMatchObject({ audiences: ['vault'] })
    expect(await refusal(check(token, ISSUER))).toBe(
      `[invalid bearer token, token audiences ["vault" "other"] is invalid for the target audiences ["${ISSUER}"]]`,
    )
  })

  it('bound to a Secret ends with it', async () => {
    const secret = await make('secrets', { metadata: { name: 'lock' } })
    const { token } = (await request(bound('Secret', 'lock', secret.metadata.uid))).status
    expect(await check(token, ISSUER)).toMatchObject({ audiences: [ISSUER] })
    await f.admin.resource(resources.secrets).delete('default', 'lock')
    expect(await refusal(check(token, ISSUER))).toBe('[invalid bearer token, service account token has been invalidated]')
  })

  it('bound to a Node names it, and ends with it', async () => {
    const node = await f.admin.resource<KubeObject>(resources.nodes).create('', { metadata: { name: 'one' } } as KubeObject)
    const { token } = (await request(bound('Node', 'one'))).status
    expect(await check(token, ISSUER)).toMatchObject({
      user: {
        extra: {
          'authentication.kubernetes.io/node-name': ['one'],
          'authentication.kubernetes.io/node-uid': [node.metadata.uid],
        },
      },
    })
    await f.admin.resource(resources.nodes).delete('', 'one')
    expect(await refusal(check(token, ISSUER))).toBe('[invalid bearer token, service account token has been invalidated]')
  })
})

it('a request says what it cannot be', async () => {
  await make('configmaps', { metadata: { name: 'map' } })
  const secret = await make('secrets', { metadata: { name: 'key' } })
  expect(await refusal(request(bound('ConfigMap', 'map')))).toBe('cannot bind token to object of type /v1, Kind=ConfigMap')
  expect(await refusal(request(bound('Secret', 'nosuch')))).toBe('secrets "nosuch" not found')
  expect(await refusal(request(bound('Secret', 'key', 'u')))).toBe(
    'Operation cannot be fulfilled on Secret "key": the UID in the bound object reference (u) does not match the UID in record. The object might have been deleted and then recreated',
  )
  expect(await refusal(request(bound('Secret', 'key', secret.metadata.uid)))).toBe('done')
  const seconds = (expirationSeconds: number): Promise<string> => refusal(request({ expirationSeconds }))
  const wrong = 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: '
  expect(await seconds(599)).toBe(`${wrong}599: may not specify a duration less than 10 minutes`)
  expect(await seconds(2 ** 32 + 1)).toBe(`${wrong}4294967297: may not specify a duration larger than 2^32 seconds`)
})
