import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startHttps, type HttpsFixture } from '../api/https.js'

/** TokenRequests: what tokens may be bound to, whom they are for, how long they last, and what ends them. */

const ISSUER = 'https://kubernetes.default.svc.cluster.local'

interface Issued {
  spec: { audiences: string[]; expirationSeconds: number }
  status: { token: string; expirationTimestamp: string }
}

let f: HttpsFixture
const make = (resource: keyof typeof resources, object: object): Promise<KubeObject> =>
  f.admin.resource<KubeObject>(resources[resource]).create('default', object as KubeObject)
const request = async (spec: object): Promise<Issued> => {
  const body = { metadata: {}, spec } as unknown as KubeObject
  body.metadata.name = 'robot'
  const accounts = f.admin.resource<KubeObject>(resources.serviceaccounts)
  return (await accounts.create('default', body, { subresource: 'token' })) as unknown as Issued
}
const ask = (account: string, metadata: object, spec: object = {}): Promise<KubeObject> => {
  const path = `/api/v1/namespaces/default/serviceaccounts/${account}/token`
  return f.send('POST', path, { body: { metadata, spec } }).then(({ code, json }) => {
    if (code !== 201) throw new Error(json.message)
    return json
  })
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
  f = await startHttps()
  await make('serviceaccounts', { metadata: { name: 'robot' } })
})
afterAll(() => f.server.close())

const claims = ({ status }: Issued): any => JSON.parse(Buffer.from(status.token.split('.')[1]!, 'base64url').toString())

describe('a token', () => {
  it('is for the API server and lasts an hour when nothing else is asked for', async () => {
    const { spec, status } = await request({})
    expect([spec, status.expirationTimestamp]).toEqual([{ audiences: [ISSUER], expirationSeconds: 3600 }, '2026-11-21T10:00:00Z'])
    expect(await check(status.token, ISSUER)).toMatchObject({
      audiences: [ISSUER],
      user: { username: 'system:serviceaccount:default:robot' },
    })
  })

  it('has its claims in the order of their names', async () => {
    await make('secrets', { metadata: { name: 'of-order' } })
    const all = claims(await request(bound('Secret', 'of-order')))
    expect(Object.keys(all)).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'kubernetes.io', 'nbf', 'sub'])
    expect(Object.keys(all['kubernetes.io'])).toEqual(['namespace', 'secret', 'serviceaccount'])
  })

  it('of the volume of a pod holds for a year, though its holder should have another one after an hour', async () => {
    await make('pods', { metadata: { name: 'bound' }, spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] } })
    const given = await request({ ...bound('Pod', 'bound'), expirationSeconds: 3607 })
    const { exp, iat, 'kubernetes.io': rest } = claims(given)
    expect([exp - iat, rest.warnafter - iat, Object.keys(rest)]).toEqual([
      31_536_000,
      3607,
      ['namespace', 'pod', 'serviceaccount', 'warnafter'],
    ])
    expect([given.spec.expirationSeconds, given.status.expirationTimestamp]).toEqual([3607, '2026-11-21T10:00:07Z'])
    const others = await Promise.all([
      request({ ...bound('Pod', 'bound'), expirationSeconds: 3608 }),
      request({ ...bound('Pod', 'bound'), expirationSeconds: 3607, audiences: ['vault'] }),
      request({ expirationSeconds: 3607 }),
    ])
    expect(others.map(claims).map((c) => [c.exp - c.iat, c['kubernetes.io'].warnafter])).toEqual([
      [3608, undefined],
      [3607, undefined],
      [3607, undefined],
    ])
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

it('a request may leave out the version of what binds it', async () => {
  await make('secrets', { metadata: { name: 'loose' } })
  const to = (apiVersion: string, kind = 'Secret'): object => ({ boundObjectRef: { apiVersion, kind, name: 'loose' } })
  for (const apiVersion of ['', 'v2', '/v1', 'a/b/c']) expect(await refusal(request(to(apiVersion)))).toBe('done')
  const refused = 'cannot bind token to object of type'
  expect(await refusal(request(to('apps/v1')))).toBe(`${refused} apps/v1, Kind=Secret`)
  expect(await refusal(request(to('', 'Job')))).toBe(`${refused} /, Kind=Job`)
  expect(await refusal(request(to('a/b/c', 'Job')))).toBe(`${refused} /, Kind=Job`)
})

it('a dry run gives a token like any other', async () => {
  const path = '/api/v1/namespaces/default/serviceaccounts/robot/token?dryRun=All'
  const { code, json } = await f.send('POST', path, { body: {} })
  expect([code, json.status.expirationTimestamp]).toEqual([201, '2026-11-21T10:00:00Z'])
  expect(await check(json.status.token, ISSUER)).toMatchObject({ user: { username: 'system:serviceaccount:default:robot' } })
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
  await make('pods', { metadata: { name: 'other' }, spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] } })
  await make('serviceaccounts', { metadata: { name: 'second' } })
  // Whose pod it is comes before which pod it is.
  expect(await refusal(ask('second', {}, bound('Pod', 'other', 'u')))).toBe(
    'cannot bind token for serviceaccount "second" to pod running with different serviceaccount name.',
  )
  const seconds = (expirationSeconds: number): Promise<string> => refusal(request({ expirationSeconds }))
  const wrong = 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: '
  expect(await seconds(599)).toBe(`${wrong}599: may not specify a duration less than 10 minutes`)
  expect(await seconds(2 ** 32 + 1)).toBe(`${wrong}4294967297: may not specify a duration larger than 2^32 seconds`)
})

it('a request is of the account that it names, and of no earlier one of that name', async () => {
  const { uid } = (await f.admin.resource(resources.serviceaccounts).get('default', 'robot')).metadata
  expect((await ask('robot', {})).metadata).toMatchObject({ name: 'robot', namespace: 'default', uid })
  expect((await ask('robot', { uid })).metadata.uid).toBe(uid)
  expect(await refusal(ask('robot', { uid: 'earlier' }))).toBe(
    `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (earlier) does not match the UID of the service account (${uid})`,
  )
  const named = 'metadata.name: Invalid value: "other": must match the service account name if specified'
  expect(await refusal(ask('robot', { name: 'other' }))).toBe(`TokenRequest.authentication.k8s.io "robot" is invalid: ${named}`)
  expect(await refusal(ask('nobody', { name: 'other' }))).toBe(`TokenRequest.authentication.k8s.io "nobody" is invalid: ${named}`)
})
