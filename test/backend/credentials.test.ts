import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { contextOf, parseKubeconfig } from '../../src-main/backend/contexts/kubeconfig.js'
import { toRpcError } from '../../src-main/backend/errors.js'
import { ApiConnection } from '../../src-main/backend/session/connection.js'
import { KeptCredentials } from '../../src-main/backend/session/credentials.js'
import { environmentProxy } from '../../src-main/backend/session/proxy.js'
import { FakeApiServer } from './support/api-server.js'

let server: FakeApiServer
let directory: string
beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-credentials-'))
})
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await server.stop()
  fs.rmSync(directory, { recursive: true })
})

/** A connection with this user, of a kubeconfig in the test's own directory. */
function connect(user: object, cluster: object = {}, kept = new KeptCredentials()): ApiConnection {
  const text = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${server.port}`, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  })
  return new ApiConnection(contextOf([parseKubeconfig(text, path.join(directory, 'config'))], 'x')!, kept)
}

const write = (name: string, text: string, mode = 0o600): string => {
  const file = path.join(directory, name)
  fs.writeFileSync(file, text, { mode })
  return file
}
const sent = (): http.IncomingHttpHeaders => server.requests.at(-1)!.headers
const authorization = async (user: object): Promise<string | undefined> => {
  await connect(user).json('/version')
  return sent().authorization
}
const problem = async (user: object, cluster: object = {}): Promise<unknown> => {
  try {
    return await connect(user, cluster).json('/version')
  } catch (error) {
    const { reason, message } = toRpcError(error)
    return { reason, message }
  }
}

describe('a user of a kubeconfig', () => {
  it('with a token, a file with one, a name and a password, or nothing sends that', async () => {
    write('token', 'from-file\n')
    expect(await authorization({ token: 'plain' })).toBe('Bearer plain')
    expect(await authorization({ tokenFile: 'token' })).toBe('Bearer from-file')
    expect(await authorization({ tokenFile: 'token', token: 'older' })).toBe('Bearer from-file')
    expect(await authorization({ tokenFile: 'gone', token: 'older' })).toBe('Bearer older')
    expect(await authorization({ username: 'ann', password: 's:cret' })).toBe(`Basic ${Buffer.from('ann:s:cret').toString('base64')}`)
    expect(await authorization({})).toBe(undefined)
    expect(await problem({ tokenFile: 'gone' })).toEqual({
      reason: 'Kubeconfig',
      message: `${path.join(directory, 'gone')}, which the kubeconfig names, is not there.`,
    })
  })

  it('with a token in a file has the new one a minute after it was rotated, and keeps the last one while there is none', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    const file = write('token', 'first')
    const connection = connect({ tokenFile: 'token' })
    const ask = async (): Promise<string | undefined> => {
      await connection.json('/version')
      return sent().authorization
    }
    expect(await ask()).toBe('Bearer first')
    write('token', 'second')
    expect(await ask()).toBe('Bearer first')
    vi.setSystemTime(60_000)
    expect(await ask()).toBe('Bearer second')
    fs.rmSync(file)
    vi.setSystemTime(120_000)
    expect(await ask()).toBe('Bearer second')
  })

  it('that impersonates says whom, with uid, groups and extra', async () => {
    await connect({
      token: 'mine',
      as: 'jane@example.com',
      'as-uid': '42',
      'as-groups': ['developers', 'admins'],
      'as-user-extra': { 'acme.com/project': ['one', 'two'], scopes: ['view'] },
    }).json('/version')
    expect(sent()).toMatchObject({
      authorization: 'Bearer mine',
      'impersonate-user': 'jane@example.com',
      'impersonate-uid': '42',
      'impersonate-group': 'developers, admins',
      'impersonate-extra-acme.com%2fproject': 'one, two',
      'impersonate-extra-scopes': 'view',
    })
    expect(await problem({ 'as-groups': ['admins'] })).toEqual({
      reason: 'Kubeconfig',
      message: 'The kubeconfig has as-uid, as-groups or as-user-extra for its user, but no "as", which names whom to impersonate.',
    })
  })
})

describe('a credential plugin', () => {
  const v1 = 'client.authentication.k8s.io/v1'
  const credential = (status: object, apiVersion = v1): string => JSON.stringify({ kind: 'ExecCredential', apiVersion, status })
  const exec = (command: string, more: object = {}): object => ({
    exec: { apiVersion: v1, command, interactiveMode: 'IfAvailable', ...more },
  })
  /** Counts its runs in a file, and prints a token with their number; `more` is what else is in its status. */
  const counting = (more: object = {}): string =>
    write(
      'counting',
      `#!/bin/sh\necho run >>runs\nread -r line && exit 9\necho '${credential({ token: 'T', ...more })}' | sed "s/\\"T\\"/\\"run-$(wc -l <runs | tr -d ' ')\\"/"\n`.replaceAll(
        'runs',
        path.join(directory, 'runs'),
      ),
      0o755,
    )

  it('is run from the directory of the kubeconfig, with its arguments and environment, and told of the cluster only if it is to be', async () => {
    write(
      'tell',
      `#!/bin/sh\nprintf '%s\\n' "$1" "$REGION" "$KUBERNETES_EXEC_INFO" >${directory}/told\necho '${credential({ token: 'x' })}'\n`,
      0o755,
    )
    const cluster = {
      'tls-server-name': 'api.internal',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'team' } }],
    }
    const options = { args: ['get token'], env: [{ name: 'REGION', value: 'eu' }] }
    const told = async (more: object): Promise<string[]> => {
      await connect(exec('./tell', { ...options, ...more }), cluster).json('/version')
      return fs.readFileSync(path.join(directory, 'told'), 'utf8').trim().split('\n')
    }
    const [argument, region, info] = await told({})
    expect([argument, region]).toEqual(['get token', 'eu'])
    expect(JSON.parse(info!)).toEqual({ kind: 'ExecCredential', apiVersion: v1, spec: { interactive: false } })
    expect(JSON.parse((await told({ provideClusterInfo: true }))[2]!).spec).toEqual({
      cluster: { server: `http://127.0.0.1:${server.port}`, 'tls-server-name': 'api.internal', config: { audience: 'team' } },
      interactive: false,
    })
    expect(sent().authorization).toBe('Bearer x')
  })

  it('is run once for all who ask, also over connections, and again when what it gave has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T10:00:00Z') })
    const plugin = exec(counting({ expirationTimestamp: '2026-11-21T10:15:00Z' }))
    const kept = new KeptCredentials()
    const first = connect(plugin, {}, kept)
    await Promise.all([first.json('/version'), first.json('/version'), first.json('/version')])
    await connect(plugin, {}, kept).json('/version')
    expect(server.requests.map((r) => r.headers.authorization)).toEqual(Array(4).fill('Bearer run-1'))
    vi.setSystemTime(Date.parse('2026-11-21T10:15:00Z'))
    await first.json('/version')
    expect(sent().authorization).toBe('Bearer run-2')
  })

  it('whose token is not accepted any more is asked for another, once', async () => {
    let good = 'Bearer run-1'
    const refusal = { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401, message: 'Unauthorized' }
    server.on('GET', /^\/version$/, (r) =>
      r.headers.authorization === good ? { body: { gitVersion: 'v1.36.0' } } : { code: 401, body: refusal },
    )
    const connection = connect(exec(counting()))
    await connection.json('/version')
    good = 'Bearer run-2'
    expect(await connection.json('/version')).toEqual({ gitVersion: 'v1.36.0' })
    good = 'Bearer another'
    await expect(connection.json('/version')).rejects.toMatchObject({ rpc: { reason: 'Unauthorized', code: 401 } })
    expect(sent().authorization).toBe('Bearer run-3')
  })

  it.each([
    [
      'of another version',
      { token: 'x' },
      {},
      'client.authentication.k8s.io/v1beta1',
      `is configured to use API version ${v1}, but returned version client.authentication.k8s.io/v1beta1.`,
    ],
    ['without a status', undefined, {}, v1, 'returned no status.'],
    ['without a credential', {}, {}, v1, 'returned neither a token nor a certificate and its key.'],
    ['with a certificate that has no key', { clientCertificateData: 'x' }, {}, v1, 'returned only a certificate or only a key, not both.'],
    ['that wants a terminal', { token: 'x' }, { interactiveMode: 'Always' }, v1, 'asks in a terminal (interactiveMode is Always).'],
    [
      'of an API that is none',
      { token: 'x' },
      { apiVersion: 'v1' },
      v1,
      'is configured with the apiVersion "v1"; it must be client.authentication.k8s.io/v1.',
    ],
    [
      'of an API that clients have no more',
      { token: 'x' },
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      'client.authentication.k8s.io/v1alpha1',
      'is configured with the apiVersion "client.authentication.k8s.io/v1alpha1"; it must be client.authentication.k8s.io/v1.',
    ],
  ])('%s is told by name', async (_name, status, more, apiVersion, message) => {
    const file = write('plugin', `#!/bin/sh\necho '${credential(status as object, apiVersion)}'\n`, 0o755)
    const reason = 'interactiveMode' in more ? 'PluginAsks' : 'ExecPlugin'
    expect(await problem(exec(file, more))).toEqual({ reason, message: `The credential plugin "${file}" ${message}` })
  })

  it('that may not be run, or ends without a word, says so', async () => {
    const file = write('plugin', '#!/bin/sh\nexit 4\n', 0o755)
    const message = `The credential plugin "${file}" failed: it exited with 4.`
    // It may ask where there is a terminal; one that never asks would fail there too.
    expect(await problem(exec(file))).toEqual({ reason: 'PluginAsks', message })
    expect(await problem(exec(file, { interactiveMode: 'Never' }))).toEqual({ reason: 'ExecPlugin', message })
    const text = write('text', 'hello', 0o600)
    expect(await problem(exec(text))).toEqual({
      reason: 'ExecPlugin',
      message: `The credential plugin "${text}" may not be run: permission denied.`,
    })
  })
})

describe('an auth-provider', () => {
  const jwt = (exp: number): string =>
    [{ alg: 'none' }, { exp }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.x'

  it('gives the token that it keeps, or one of its command when that has expired', async () => {
    const later = Math.floor(Date.now() / 1000) + 3600
    expect(await authorization({ 'auth-provider': { name: 'oidc', config: { 'id-token': jwt(later) } } })).toBe(`Bearer ${jwt(later)}`)
    const renew = write(
      'renew',
      `#!/bin/sh\necho '{"credential":{"access_token":"renewed","token_expiry":"2126-01-01T00:00:00Z"}}'\n`,
      0o755,
    )
    const gcp = {
      'access-token': 'old',
      expiry: '2020-01-01T00:00:00Z',
      'cmd-path': renew,
      'token-key': '{.credential.access_token}',
      'expiry-key': '{.credential.token_expiry}',
    }
    expect(await authorization({ 'auth-provider': { name: 'gcp', config: gcp } })).toBe('Bearer renewed')
  })

  it('that cannot renew a token says that it has expired; one that nobody knows is named', async () => {
    const expired = { reason: 'Unauthorized', message: 'The token that the kubeconfig keeps has expired.' }
    expect(await problem({ 'auth-provider': { name: 'oidc', config: { 'id-token': jwt(1) } } })).toEqual(expired)
    const gone = (name: string, plugin: string) => ({
      reason: 'Unauthorized',
      message:
        `Kubernetes clients have no auth-provider "${name}" any more, and the token that the kubeconfig keeps has expired. ` +
        `Its place has taken the credential plugin ${plugin}.`,
    })
    const azure = { name: 'azure', config: { 'access-token': 'x', 'expires-on': '1' } }
    expect(await problem({ 'auth-provider': azure })).toEqual(gone('azure', 'kubelogin'))
    expect(await problem({ 'auth-provider': { name: 'gcp' } })).toEqual(gone('gcp', 'gke-gcloud-auth-plugin'))
    expect(await problem({ 'auth-provider': { name: 'openstack', config: {} } })).toEqual({
      reason: 'Kubeconfig',
      message: 'The auth-provider "openstack" is not known; it must be oidc, gcp or azure.',
    })
  })
})

describe('the proxy of the environment', () => {
  const through = (server: string, env: Record<string, string>): string | undefined => environmentProxy(new URL(server), env)?.url

  it('is that for the scheme of the server, by either spelling, with http where it names none', () => {
    const env = { HTTPS_PROXY: 'proxy.corp:3128', http_proxy: 'socks5://other:1080' }
    expect(through('https://api.example.com', env)).toBe('http://proxy.corp:3128')
    expect(through('http://api.example.com', env)).toBe('socks5://other:1080')
    expect(through('http://api.example.com', { HTTPS_PROXY: 'proxy.corp:3128' })).toBe(undefined)
    for (const own of ['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443']) expect(through(own, env)).toBe(undefined)
  })

  it.each([
    ['*', 'https://api.example.com', false],
    ['example.com', 'https://example.com', false],
    ['example.com', 'https://api.example.com', false],
    ['example.com', 'https://notexample.com', true],
    ['.example.com', 'https://api.example.com', false],
    ['.example.com', 'https://example.com', true],
    ['*.example.com', 'https://API.example.com', false],
    ['other.com, example.com:6443', 'https://api.example.com:6443', false],
    ['example.com:6443', 'https://api.example.com', true],
    ['10.0.0.0/8', 'https://10.1.2.3:6443', false],
    ['10.0.0.0/8', 'https://11.1.2.3:6443', true],
    ['10.1.2.3', 'https://10.1.2.3:6443', false],
    ['10.1.2.3:443', 'https://10.1.2.3:6443', true],
    ['fd00::/8', 'https://[fd00::1]:6443', false],
    ['2.3', 'https://10.1.2.3', true],
  ])('with NO_PROXY=%s, %s is reached through it: %s', (noProxy, server, proxied) => {
    expect(through(server, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: noProxy })).toBe(proxied ? 'http://proxy:1' : undefined)
  })

  it('carries the connection, and is told by the name of its variable when it does not', async () => {
    const asked: string[] = []
    const proxy = http.createServer().on('connect', (request, socket: net.Socket) => {
      asked.push(request.url!)
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      const there = net.connect(server.port, '127.0.0.1')
      for (const s of [there, socket]) s.on('error', () => undefined)
      there.pipe(socket).pipe(there)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as net.AddressInfo
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`)
    expect(await connect({ token: 'mine' }, { server: 'http://api.example.com' }).json('/version')).toEqual({ gitVersion: 'v1.36.0' })
    expect(asked).toEqual(['api.example.com:80'])
    expect(sent().authorization).toBe('Bearer mine')
    proxy.close()
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
    expect(await problem({}, { server: 'http://api.example.com' })).toEqual({
      reason: 'Proxy',
      message: 'The proxy 127.0.0.1:1, which HTTP_PROXY names, refused the connection: nothing listens there.',
    })
  })
})
