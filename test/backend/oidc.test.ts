import fs from 'node:fs'
import type http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contextOf, readKubeconfig } from '../../src-main/backend/contexts/kubeconfig.js'
import { toRpcError } from '../../src-main/backend/errors.js'
import { ApiConnection } from '../../src-main/backend/session/connection.js'
import { KeptCredentials } from '../../src-main/backend/session/credentials.js'
import { Session } from '../../src-main/backend/session/session.js'
import { FakeApiServer } from './support/api-server.js'
import { certificate } from './support/certificate.js'

/** The tokens of a user of an identity provider, which is played by a server with a certificate of its own. */

const api = new FakeApiServer()
let provider: https.Server
let issuer: string
let authority: string
let directory: string
let file: string
/** The refresh token that the provider takes next, and what it was asked. */
let refreshToken: string
let asked: { authorization: string | undefined; form: Record<string, string> }[]
/** What the provider answers to a refresh token that it takes. */
let answer: (n: number) => object
/** The page to log in at, as the provider tells it. */
let loginPage: string

/** When the tests began, s since the epoch: tokens are told by when they expire. */
const began = Math.floor(Date.now() / 1000)
const jwt = (seconds: number, jti = ''): string =>
  [{ alg: 'none' }, { exp: began + seconds, ...(jti ? { jti } : {}) }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.') + '.c2ln'

beforeEach(async () => {
  await api.start()
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-oidc-'))
  file = path.join(directory, 'config')
  refreshToken = 'first'
  asked = []
  answer = (n) => ({ id_token: jwt(3600, `${n}`), refresh_token: (refreshToken = `rotated-${n}`) })
  const own = await certificate(new Date(Date.UTC(2020, 0)), new Date(Date.UTC(2120, 0)))
  authority = Buffer.from(own.cert).toString('base64')
  provider = https.createServer(own, (request, response) => void serve(request, response))
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  issuer = `https://127.0.0.1:${(provider.address() as net.AddressInfo).port}/dex`
  loginPage = `${issuer}/auth?tenant=one`
})
afterEach(async () => {
  await api.stop()
  provider.closeAllConnections()
  provider.close()
  fs.rmSync(directory, { recursive: true })
})

async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  if (request.url === '/dex/.well-known/openid-configuration')
    return void response.end(
      JSON.stringify({
        token_endpoint: `${issuer}/token`,
        authorization_endpoint: loginPage,
        scopes_supported: ['openid', 'offline_access'],
      }),
    )
  let body = ''
  for await (const part of request) body += String(part)
  const form = Object.fromEntries(new URLSearchParams(body))
  asked.push({ authorization: request.headers.authorization, form })
  if (form.grant_type === 'authorization_code') return void response.end(JSON.stringify(answer(asked.length)))
  if (form.refresh_token !== refreshToken)
    return void response
      .writeHead(400)
      .end('{"error":"invalid_grant","error_description":"Refresh token is invalid or has already been claimed"}')
  response.end(JSON.stringify(answer(asked.length)))
}

/** A kubeconfig as a person keeps it: with comments, in an order of its own. */
const kubeconfig = (config: Record<string, string>, quote = (v: string): string => v): string => `# My clusters
apiVersion: v1
kind: Config
users:
- name: other
  user: {token: abc}   # nobody else's business
- name: 'me'
  user:
    auth-provider:
      name: oidc
      config:
${Object.entries(config)
  .map(([k, v]) => `        ${k}: ${quote(v)} # ${k}`)
  .join('\n')}
clusters:
- cluster: {server: "http://127.0.0.1:${api.port}"}
  name: c
contexts:
- context: {cluster: c, user: me}
  name: x
`
const settings = (more: Record<string, string>): Record<string, string> => ({
  'idp-issuer-url': issuer,
  'client-id': 'drydock',
  'idp-certificate-authority-data': authority,
  ...more,
})
const connect = (kept: KeptCredentials, change: object = {}): ApiConnection =>
  new ApiConnection({ ...contextOf([readKubeconfig(file)], 'x')!, ...change }, kept)
const bearer = (): string | undefined => api.requests.at(-1)!.headers.authorization
const kept = (): Record<string, string> => readKubeconfig(file).users[1]!.value['auth-provider']!.config!

describe('tokens of an identity provider', () => {
  it('that have expired are renewed once for all requests, and written to the kubeconfig, in which nothing else changes', async () => {
    const before = kubeconfig(settings({ 'id-token': jwt(5), 'refresh-token': 'first' }))
    fs.writeFileSync(file, before, { mode: 0o600 })
    const connection = connect(new KeptCredentials())
    await Promise.all([1, 2, 3].map(() => connection.json('/version')))
    expect(asked).toEqual([
      { authorization: undefined, form: { grant_type: 'refresh_token', refresh_token: 'first', client_id: 'drydock' } },
    ])
    const fresh = jwt(3600, '1')
    expect(bearer()).toBe(`Bearer ${fresh}`)
    expect(fs.readFileSync(file, 'utf8')).toBe(
      before.replace(/id-token: \S+/, `id-token: ${fresh}`).replace('refresh-token: first', 'refresh-token: rotated-1'),
    )
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(directory)).toEqual(['config'])
  })

  it('in quotes, in JSON, and in a file that a link leads to are written as they were', async () => {
    const quoted = kubeconfig(settings({ 'id-token': jwt(-60), 'refresh-token': 'first' }), (v) => `"${v}"`)
    const real = path.join(directory, 'real')
    fs.writeFileSync(real, quoted)
    fs.symlinkSync(real, file)
    await connect(new KeptCredentials()).json('/version')
    expect(fs.readFileSync(real, 'utf8')).toContain('        refresh-token: "rotated-1" # refresh-token\n')
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true)

    fs.rmSync(file)
    const users = [
      { name: 'other' },
      { name: 'me', user: { 'auth-provider': { name: 'oidc', config: settings({ 'refresh-token': 'rotated-1' }) } } },
    ]
    const clusters = [{ name: 'c', cluster: { server: `http://127.0.0.1:${api.port}` } }]
    fs.writeFileSync(file, JSON.stringify({ users, clusters, contexts: [{ name: 'x', context: { cluster: 'c', user: 'me' } }] }))
    await connect(new KeptCredentials()).json('/version')
    const parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as { users: { user: { 'auth-provider': { config: object } } }[] }
    expect(parsed.users[1]!.user['auth-provider'].config).toMatchObject({ 'refresh-token': 'rotated-2', 'id-token': jwt(3600, '2') })
  })

  it('that kubectl has renewed meanwhile are taken from the file, and the provider is not asked', async () => {
    fs.writeFileSync(file, kubeconfig(settings({ 'id-token': jwt(-60), 'refresh-token': 'first' })))
    const connection = connect(new KeptCredentials())
    const theirs = jwt(1800, 'kubectl')
    fs.writeFileSync(file, kubeconfig(settings({ 'id-token': theirs, 'refresh-token': 'second' })))
    await connection.json('/version')
    expect(bearer()).toBe(`Bearer ${theirs}`)
    expect(asked).toEqual([])
  })

  it('are renewed by a client with a secret, which is told in a header; a provider that gives no other refresh token keeps the one it gave', async () => {
    answer = () => ({ id_token: jwt(3600, 'same') })
    fs.writeFileSync(file, kubeconfig(settings({ 'client-secret': 's3cret', 'refresh-token': 'first' })))
    await connect(new KeptCredentials()).json('/version')
    expect(asked[0]!.authorization).toBe(`Basic ${Buffer.from('drydock:s3cret').toString('base64')}`)
    expect(kept()).toMatchObject({ 'id-token': jwt(3600, 'same'), 'refresh-token': 'first' })
  })

  it('are good all the same where they cannot be written: locked, read-only, or not wished', async () => {
    const shared = new KeptCredentials()
    const before = kubeconfig(settings({ 'id-token': jwt(-60), 'refresh-token': 'first' }))
    fs.writeFileSync(file, before)
    fs.writeFileSync(`${file}.lock`, '')
    await connect(shared).json('/version')
    expect(bearer()).toBe(`Bearer ${jwt(3600, '1')}`)
    // The next connection has them too: the one that was written could only be used once.
    await connect(shared).json('/version')
    expect(asked).toHaveLength(1)
    expect(fs.readFileSync(file, 'utf8')).toBe(before)
    expect(fs.existsSync(`${file}.lock`)).toBe(true)
    fs.rmSync(`${file}.lock`)

    // Nor is the one in the file asked with again, until something else has been written there.
    answer = (n) => ({ id_token: jwt(5, `${n}`), refresh_token: (refreshToken = `rotated-${n}`) })
    refreshToken = 'first'
    const locked = new KeptCredentials()
    fs.writeFileSync(`${file}.lock`, '')
    for (let i = 0; i < 2; i++) await connect(locked).json('/version')
    expect(asked.slice(1).map((a) => a.form.refresh_token)).toEqual(['first', 'rotated-2'])
    fs.writeFileSync(file, kubeconfig(settings({ 'id-token': jwt(-60), 'refresh-token': (refreshToken = 'of kubectl') })))
    await connect(locked).json('/version')
    expect(asked.at(-1)!.form.refresh_token).toBe('of kubectl')
    fs.writeFileSync(file, before)
    fs.rmSync(`${file}.lock`)
    asked.length = 1
    answer = (n) => ({ id_token: jwt(3600, `${n}`), refresh_token: (refreshToken = `rotated-${n}`) })

    refreshToken = 'first'
    await connect(new KeptCredentials(), { userFile: undefined }).json('/version')
    expect(asked).toHaveLength(2)
    expect(fs.readFileSync(file, 'utf8')).toBe(before)
  })

  it('that the provider does not renew say so in its words; what is no token, or has nothing to renew it with, is told', async () => {
    const problem = async (config: Record<string, string>): Promise<string> => {
      fs.writeFileSync(file, kubeconfig(config))
      return connect(new KeptCredentials())
        .json('/version')
        .then(
          () => 'connected',
          (error: unknown) => toRpcError(error).message,
        )
    }
    const could = 'The auth-provider "oidc" could not renew its token: '
    expect(await problem(settings({ 'id-token': jwt(-60), 'refresh-token': 'used' }))).toBe(
      `${could}failed to refresh token: invalid_grant: Refresh token is invalid or has already been claimed`,
    )
    expect(await problem(settings({ 'id-token': 'nonsense' }))).toBe(`${could}ID Token is not a valid JWT`)
    expect(await problem(settings({ 'id-token': jwt(-60) }))).toBe(
      `The token that the kubeconfig keeps has expired, and there is none to renew it with. ${issuer} wants a login.`,
    )
    expect(await problem({ 'id-token': jwt(-60) })).toBe('The token that the kubeconfig keeps has expired.')
    const { 'idp-certificate-authority-data': _, ...without } = settings({ 'refresh-token': 'first' })
    expect(await problem(without)).toBe(`${could}self-signed certificate`)
    answer = () => ({ access_token: 'only' })
    expect(await problem(settings({ 'refresh-token': 'first' }))).toBe(`${could}token response did not contain an id_token`)
  })
})

describe('a login at an identity provider', () => {
  let session: Session
  beforeEach(() => {
    fs.writeFileSync(file, kubeconfig(settings({ 'id-token': jwt(-60), 'extra-scopes': 'groups,email' })))
    session = new Session('x', async () => contextOf([readKubeconfig(file)], 'x')!)
  })
  afterEach(() => session.close())
  /** The tokens of a login, with what the page that asked for it has to find in them. */
  const signed = (nonce: string | null): string =>
    [{ alg: 'none' }, { exp: began + 3600, nonce }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
    '.c2ln'
  /** Begins a login; gives the page that the browser is sent to, and what becomes of it. */
  async function begin(signal = new AbortController().signal): Promise<{ page: URL; done: Promise<string> }> {
    let told: (url: string) => void = () => undefined
    const page = new Promise<string>((resolve) => (told = resolve))
    const done = session.logIn(told, signal).then(
      () => 'done',
      (error: unknown) => toRpcError(error).message,
    )
    return { page: new URL(await page), done }
  }
  const back = (page: URL, query: Record<string, string>): Promise<Response> =>
    fetch(
      `${page.searchParams.get('redirect_uri')}/?${new URLSearchParams({ state: page.searchParams.get('state')!, ...query }).toString()}`,
    )

  it('is wanted where there is nothing to renew a token with, or the provider does not take it; it connects, and the kubeconfig keeps the tokens', async () => {
    await expect(session.connect()).rejects.toThrow()
    expect(session.state).toMatchObject({ phase: 'failed', error: { reason: 'Login' } })
    fs.writeFileSync(file, kubeconfig(settings({ 'id-token': jwt(-60), 'refresh-token': 'used', 'extra-scopes': 'groups,email' })))
    await expect(session.connect()).rejects.toThrow()
    expect(session.state).toMatchObject({ phase: 'failed', error: { reason: 'Login' } })

    asked = []
    const { page, done } = await begin()
    expect(`${page.origin}${page.pathname}`).toBe(`${issuer}/auth`)
    const { state, nonce, code_challenge: challenge, redirect_uri: redirect, ...rest } = Object.fromEntries(page.searchParams)
    expect(rest).toEqual({
      tenant: 'one',
      response_type: 'code',
      client_id: 'drydock',
      scope: 'openid offline_access groups email',
      code_challenge_method: 'S256',
    })
    expect(redirect).toMatch(/^http:\/\/localhost:(8000|18000)$/)
    answer = () => ({ id_token: signed(nonce!), refresh_token: (refreshToken = 'of-login') })
    expect((await fetch(`${redirect}/favicon.ico`)).status).toBe(404)
    expect((await back(page, { state: `${state}x`, code: 'stolen' })).status).toBe(404)
    const said = await back(page, { code: 'the-code' })
    expect(await said.text()).toBe('Logged in. This page can be closed.')
    expect(await done).toBe('done')
    const { form } = asked[0]!
    expect(form).toEqual({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: redirect,
      code_verifier: form.code_verifier,
      client_id: 'drydock',
    })
    expect(createHash('sha256').update(form.code_verifier!).digest('base64url')).toBe(challenge)
    expect(session.state.phase).toBe('live')
    expect(bearer()).toBe(`Bearer ${signed(nonce!)}`)
    expect(kept()).toMatchObject({ 'id-token': signed(nonce!), 'refresh-token': 'of-login' })
  })

  it('that the provider refuses, that brings the token of another login, or that is left off changes nothing', async () => {
    const before = fs.readFileSync(file, 'utf8')
    const could = 'The login failed: '
    const refused = await begin()
    const said = await back(refused.page, { error: 'access_denied', error_description: 'not in the group' })
    expect([said.status, await said.text()]).toEqual([400, 'Not logged in. access_denied: not in the group'])
    expect(await refused.done).toBe(`${could}access_denied: not in the group`)
    const other = await begin()
    answer = () => ({ id_token: signed('another') })
    await back(other.page, { code: 'x' })
    expect(await other.done).toBe(`${could}the id_token is not that of this login`)
    const leave = new AbortController()
    const left = await begin(leave.signal)
    leave.abort()
    expect(await left.done).toBe('The request was cancelled.')
    expect(fs.readFileSync(file, 'utf8')).toBe(before)
    await expect(back(left.page, { code: 'late' })).rejects.toThrow()
  })

  it('sends a browser to nothing but a page of the web', async () => {
    for (const page of ['javascript:alert(1)', 'file:///etc/passwd', 'auth']) {
      loginPage = page
      await expect(session.logIn(() => undefined, new AbortController().signal)).rejects.toMatchObject({
        rpc: { message: `The login failed: the authorization_endpoint is no web address: ${page}` },
      })
    }
  })

  it('is not offered where the kubeconfig names no identity provider', async () => {
    fs.writeFileSync(file, kubeconfig({}).replace('name: oidc', 'name: gcp'))
    await expect(session.logIn(() => undefined, new AbortController().signal)).rejects.toMatchObject({
      rpc: { message: 'The kubeconfig names no identity provider (auth-provider oidc) to log in at.' },
    })
  })
})
