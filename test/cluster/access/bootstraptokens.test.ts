import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from '../api/https.js'

const SECRETS = '/api/v1/namespaces/kube-system/secrets'
const TOKEN = 'abcdef.0123456789abcdef'

let f: HttpsFixture
beforeEach(async () => {
  f = await startHttps()
})
afterEach(() => f.server.close())

async function made(stringData: object = {}, more: object = {}): Promise<void> {
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...stringData }
  const metadata = { name: 'bootstrap-token-abcdef' }
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'bootstrap.kubernetes.io/token', stringData: data, ...more }
  expect((await f.send('POST', SECRETS, { body })).code).toBe(201)
}

const whoAmI = (token = TOKEN): Promise<Answer> =>
  f.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    anonymous: true,
    headers: { authorization: `Bearer ${token}` },
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })

describe('a bootstrap token', () => {
  it('makes its bearer a bootstrapper, of the groups that it names', async () => {
    await made({ 'auth-extra-groups': 'system:bootstrappers:worker,system:bootstrappers:ingress', expiration: '2026-11-21T09:00:01Z' })
    const { code, json } = await whoAmI()
    expect([code, json.status.userInfo]).toEqual([
      201,
      {
        username: 'system:bootstrap:abcdef',
        groups: ['system:bootstrappers', 'system:bootstrappers:ingress', 'system:bootstrappers:worker', 'system:authenticated'],
      },
    ])
  })

  it('is told in reviews, for the audience of the API server', async () => {
    await made()
    const review = async (audiences?: string[]): Promise<object> => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: TOKEN, audiences } }
      return (await f.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body })).json.status
    }
    const user = { username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] }
    expect(await review()).toEqual({ authenticated: true, user, audiences: ['https://kubernetes.default.svc.cluster.local'] })
    expect(await review(['other'])).toEqual({ user: {}, error: 'invalid bearer token' })
  })

  it.each<[why: string, data: object, more?: object]>([
    ['whose secret is another', { 'token-secret': '0123456789abcdee' }],
    ['whose secret is longer', { 'token-secret': '0123456789abcdeé' }],
    ['whose id is another', { 'token-id': 'abcdeg' }],
    ['that has expired', { expiration: '2026-11-21T09:00:00Z' }],
    ['whose expiration is no time', { expiration: 'tomorrow' }],
    ['that is not for authentication', { 'usage-bootstrap-authentication': 'false' }],
    ['with a group that is not for bootstrappers', { 'auth-extra-groups': 'system:masters' }],
    ['in a Secret of another type', {}, { type: 'Opaque' }],
  ])('%s is not good', async (_why, data, more) => {
    await made(data, more)
    expect((await whoAmI()).code).toBe(401)
  })

  it('is good for as long as its Secret is there', async () => {
    expect((await whoAmI()).code).toBe(401)
    await made()
    expect((await whoAmI()).code).toBe(201)
    await f.send('DELETE', `${SECRETS}/bootstrap-token-abcdef`)
    expect((await whoAmI()).code).toBe(401)
  })
})
