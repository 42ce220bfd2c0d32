import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startHttps, type HttpsFixture } from '../api/https.js'

// What is secret stays out of the logs, also of what goes wrong, where a line is written most easily.

const SECRETS = '/api/v1/namespaces/default/secrets'
const VALUE = 'hunter2-correct-horse'
const ENCODED = Buffer.from(VALUE).toString('base64')

let f: HttpsFixture
let printed = ''
beforeEach(async () => {
  printed = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      printed += String(chunk)
      return true
    })
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      printed += parts.map((part) => (part instanceof Error ? `${part.stack} ${JSON.stringify(part)}` : JSON.stringify(part))).join(' ')
    })
  }
  f = await startHttps()
})
afterEach(async () => {
  await f.server.close()
  vi.restoreAllMocks()
})

const secret = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, annotations: { [`last-${name}`]: VALUE } },
  stringData: { password: VALUE },
  ...more,
})

it('what is in a Secret is never printed, whether it is stored, refused, patched, watched, or more than can be read', async () => {
  const send = (method: string, path: string, body?: unknown, type = 'application/json'): Promise<number> =>
    f
      .send(method, path, { ...(body === undefined ? {} : { body: body as object }), headers: { 'content-type': type } })
      .then(({ code }) => code)
  const codes = [
    await send('POST', SECRETS, secret('a')),
    await send('POST', SECRETS, secret('a')),
    await send('POST', SECRETS, secret('Not_A_Name')),
    await send('POST', SECRETS, secret('b', { data: { password: VALUE } })),
    await send('POST', SECRETS, `{"kind":"Secret","stringData":{"password":"${VALUE}"`),
    await send('POST', SECRETS, `apiVersion: v1\nkind: Secret\nstringData: {password: ${VALUE}\n`, 'application/yaml'),
    await send('POST', `${SECRETS}?fieldValidation=Strict`, secret('c', { odd: VALUE })),
    await send('PATCH', `${SECRETS}/a`, { stringData: { password: `${VALUE}2` } }, 'application/merge-patch+json'),
    await send('PATCH', `${SECRETS}/a`, [{ op: 'test', path: '/data/password', value: ENCODED }], 'application/json-patch+json'),
    await send('PATCH', `${SECRETS}/a`, { data: { $patch: VALUE } }, 'application/strategic-merge-patch+json'),
    await send('PATCH', `${SECRETS}/a?fieldManager=m`, { ...secret('a'), metadata: { name: VALUE } }, 'application/apply-patch+yaml'),
    await send('POST', SECRETS, secret('d', { stringData: { password: VALUE.repeat(200_000) } })),
    await send('GET', `${SECRETS}?watch=1&timeoutSeconds=1`),
    await send('GET', `${SECRETS}/${VALUE}`),
    await send('DELETE', `${SECRETS}/a`),
  ]
  expect(codes).toEqual([201, 409, 422, 400, 400, 400, 400, 200, 422, 500, 400, 413, 200, 404, 200])
  expect([printed.includes(VALUE), printed.includes(ENCODED)]).toEqual([false, false])
})

it('tokens are never printed, good or bad', async () => {
  const account = '/api/v1/namespaces/default/serviceaccounts'
  await f.send('POST', account, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } } })
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const { json } = await f.send('POST', `${account}/robot/token`, { body })
  const { token } = json.status as { token: string }
  for (const bearer of [token, `${token}x`, VALUE]) {
    await f.send('GET', '/api', { anonymous: true, headers: { authorization: `Bearer ${bearer}` } })
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: bearer } }
    await f.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: review })
  }
  const [, payload = '', signature = ''] = token.split('.')
  expect([VALUE, payload, signature].filter((part) => printed.includes(part))).toEqual([])
})
