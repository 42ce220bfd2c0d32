/** agnhost's subcommands around certificates, HTTP/2 and registries: mtlsserver, mtlsclient, h2c-server, http-echo, fake-registry-server. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import http2 from 'node:http2'
import * as x509 from '@peculiar/x509'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

const agnhost = (...args: string[]): Promise<Box> => machine.run(AGNHOST, { args })

describe('agnhost mtlsserver and mtlsclient', () => {
  const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const TERM = { notBefore: new Date(Date.UTC(2020, 0, 1)), notAfter: new Date(Date.UTC(2100, 0, 1)) }
  let ca: string
  let server: string
  let client: string
  let stranger: string

  async function authority(): Promise<{ pem: string; issue(name: x509.JsonGeneralName): Promise<string> }> {
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=test authority',
      ...TERM,
      signingAlgorithm: ALGORITHM,
      keys: keys as never,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    })
    return {
      pem: certificate.toString('pem'),
      issue: async (name) => {
        const own = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
        const leaf = await x509.X509CertificateGenerator.create({
          subject: 'CN=leaf',
          issuer: certificate.subject,
          ...TERM,
          signingAlgorithm: ALGORITHM,
          publicKey: own.publicKey as never,
          signingKey: keys.privateKey as never,
          extensions: [new x509.SubjectAlternativeNameExtension([name])],
        })
        const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64')
        return `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n${leaf.toString('pem')}\n`
      },
    }
  }

  beforeAll(async () => {
    x509.cryptoProvider.set(webcrypto as unknown as Crypto)
    const [own, other] = [await authority(), await authority()]
    ca = own.pem
    server = await own.issue({ type: 'dns', value: 'server' })
    client = await own.issue({ type: 'url', value: 'spiffe://cluster.local/ns/default/sa/me' })
    stranger = await other.issue({ type: 'url', value: 'spiffe://elsewhere/me' })
  })

  /** A container that has the PEM texts as files before its program starts. */
  const withFiles = (files: Record<string, string>, command: string, hosts: Record<string, string> = {}): Promise<Box> =>
    machine.run(
      AGNHOST,
      {
        command: ['sh', '-c', `${Object.keys(files).map((name) => `echo "$${name}" > /tmp/${name}`).join('; ')}; exec ${command}`], // prettier-ignore
        env: Object.entries(files).map(([name, value]) => ({ name, value })),
      },
      hosts,
    )

  test('prove themselves to each other: the client is told the name in its own certificate, every ten seconds', async () => {
    const serving = await withFiles(
      { creds: server, trust: ca },
      '/agnhost mtlsserver --listen=0.0.0.0:443 --server-creds=/tmp/creds --spiffe-trust-bundle=/tmp/trust',
    )
    const asking = await withFiles(
      { creds: client, trust: ca },
      '/agnhost mtlsclient --fetch-url=https://server/spiffe-echo --server-trust-bundle=/tmp/trust --client-cred-bundle=/tmp/creds',
      { server: serving.ip },
    )
    for (let i = 0; i < 20; i++) await machine.clock.advance(1000)
    await expect
      .poll(async () => (await asking.log()).replaceAll(/^[\d/]+ [\d:]+ /gm, ''))
      .toBe('Got response body: Client Identity: spiffe://cluster.local/ns/default/sa/me\n'.repeat(2))
  })

  test('do not believe a certificate that somebody else signed', async () => {
    const serving = await withFiles(
      { creds: server, trust: ca },
      '/agnhost mtlsserver --listen=0.0.0.0:443 --server-creds=/tmp/creds --spiffe-trust-bundle=/tmp/trust',
    )
    const asking = await withFiles(
      { creds: stranger, trust: ca },
      '/agnhost mtlsclient --fetch-url=https://server/spiffe-echo --server-trust-bundle=/tmp/trust --client-cred-bundle=/tmp/creds',
      { server: serving.ip },
    )
    for (let i = 0; i < 10; i++) await machine.clock.advance(1000)
    await expect
      .poll(() => asking.log())
      .toContain('client.go:74] while sending requests to the server: non-2xx status 401 "401 Unauthorized"\n')
    expect(await serving.log()).toContain(
      'Error while verifying SPIFFE client certificate: x509: certificate signed by unknown authority\n',
    )
  })

  test('say which flags they want, and which file they cannot read', async () => {
    const missing = await agnhost('mtlsclient')
    expect((await missing.log()).split('\n').slice(0, 3)).toEqual(['Error: missing required flags', 'Usage:', '  app mtlsclient [flags]'])
    expect(machine.runtime.containerInfo(missing.id)!.exitCode).toBe(1)
    const unread = await agnhost('mtlsserver', '--listen=:443', '--server-creds=/nope', '--spiffe-trust-bundle=/none')
    expect((await unread.log()).split('\n')[0]).toBe(
      'Error: error while serving: while reading SPIFFE trust anchors: open /none: no such file or directory',
    )
  })
})

test('agnhost h2c-server speaks HTTP/2 from the first byte', async () => {
  const box = await agnhost('h2c-server', '--port=8080')
  expect(await box.log()).toMatch(/^[\d/]+ [\d:]+ Serving h2c on port 8080\.\n$/)
  const connection = await machine.client.connect(box.ip, 8080)
  const session = http2.connect('http://box', { createConnection: () => connection as never })
  const stream = session.request({ ':path': '/healthz' })
  const answer = new Promise<unknown>((resolve) => {
    stream.on('response', (headers) => {
      let body = ''
      stream.on('data', (part) => (body += part))
      stream.on('end', () => resolve([headers[':status'], headers['content-type'], headers.date, body]))
    })
  })
  expect(await answer).toEqual([200, 'text/plain', 'Sat, 21 Nov 2026 09:17:01 GMT', 'ok'])
  session.close()
})

test('agnhost http-echo tells a request what it was', async () => {
  const box = await machine.run(AGNHOST, {
    args: ['http-echo'],
    env: [
      { name: 'POD_NAME', value: 'echo-0' },
      { name: 'NAMESPACE', value: 'shop' },
    ],
  })
  const { headers, body } = await box.get('/a?b=c', { port: 8080, headers: { 'x-request-id': '7' }, persistent: true })
  expect(headers['content-type']).toBe('application/json')
  expect(body).toBe(`{
 "path": "/a?b=c",
 "host": "${box.ip}:8080",
 "method": "GET",
 "proto": "HTTP/1.1",
 "headers": {
  "X-Request-Id": [
   "7"
  ]
 },
 "httpPort": "8080",
 "namespace": "shop",
 "pod": "echo-0"
}`)
})

test('agnhost nonewprivs tells whose process it is', async () => {
  expect(await (await machine.run(AGNHOST, { args: ['nonewprivs'] })).log()).toBe('Effective uid: 0\n')
})

describe('agnhost fake-registry-server', () => {
  test('hands out an image by its tag: the list of platforms, the manifest, the configuration', async () => {
    const box = await agnhost('fake-registry-server')
    const ask = (path: string) => box.get(path, { port: 5000 })
    expect(await ask('/v2/')).toMatchObject({ status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' } })
    const tag = await ask('/v2/pause/manifests/testing')
    expect(tag.status).toBe(307)
    const index = await ask(String(tag.headers['location']))
    expect([index.status, index.headers['content-type']]).toEqual([200, 'application/vnd.docker.distribution.manifest.list.v2+json'])
    const platform = (JSON.parse(index.body) as { manifests: { digest: string }[] }).manifests[0]!
    const manifest = JSON.parse((await ask(`/v2/pause/manifests/${platform.digest}`)).body) as { config: { digest: string } }
    const config = await ask(`/v2/pause/blobs/${manifest.config.digest}`)
    expect(JSON.parse(config.body)).toMatchObject({ architecture: 'amd64', config: { Entrypoint: ['/pause'] } })
    expect(await ask('/v2/pause/manifests/other')).toMatchObject({ status: 404, body: '404 page not found\n' })
    expect((await ask('/v2/pause')).status).toBe(404)
  })

  test('is open to one login only when it is private', async () => {
    const box = await agnhost('fake-registry-server', '--private', '--port=5001')
    const asked = async (login?: string): Promise<[number, string | string[] | undefined, string]> => {
      const headers: Record<string, string> = login ? { Authorization: `Basic ${Buffer.from(login).toString('base64')}` } : {}
      const answer = await box.get('/v2/', { port: 5001, headers })
      return [answer.status, answer.headers['www-authenticate'], answer.body]
    }
    const closed = [401, 'Basic realm="Restricted"', 'Unauthorized\n']
    expect(await asked()).toEqual(closed)
    expect(await asked('user:wrong')).toEqual(closed)
    expect(await asked('user:password')).toEqual([200, undefined, ''])
  })
})

test('agnhost brings CoreDNS along, for tests that want a server of their own', async () => {
  const box = await machine.run(AGNHOST, {
    command: [
      'sh',
      '-c',
      'echo ". {~ hosts {~ 10.1.2.3 db.example~ }~}" | tr "~" "\\n" > /tmp/Corefile; exec /coredns -conf /tmp/Corefile',
    ],
  })
  expect(await box.log()).toContain('CoreDNS-1.14.2\n')
})
