import http from 'node:http'
import type net from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readImage } from '../../src-main/backend/images/reference.js'
import { FakeApiServer, pod } from './support/api-server.js'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

describe('the name of an image', () => {
  it('is read as kubelets read it', () => {
    expect(readImage('nginx')).toEqual({ registry: 'docker.io', repository: 'library/nginx', short: 'nginx', tag: '' })
    expect(readImage('docker.io/library/nginx:1.27')).toMatchObject({ short: 'nginx', tag: '1.27' })
    expect(readImage('luksa/kubia:v2')).toEqual({ registry: 'docker.io', repository: 'luksa/kubia', short: 'luksa/kubia', tag: 'v2' })
    expect(readImage('localhost:5000/shop/cart:1')).toMatchObject({ registry: 'localhost:5000', repository: 'shop/cart', tag: '1' })
    expect(readImage('quay.io/org/app:1@sha256:aa11')).toMatchObject({ registry: 'quay.io', short: 'quay.io/org/app', tag: '1' })
    for (const none of ['', 'a b', 'nginx:', 'nginx:-1', 'a:b:c']) expect(readImage(none)).toBeUndefined()
  })
})

describe('images that are known', () => {
  let server: FakeApiServer
  let window: TestWindow
  eachOnFakeServer((on) => ({ server, window } = on))
  const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }

  it('are those of earlier revisions, of the pods of the namespace and of nodes; of what may not be read none', async () => {
    const metadata = (name: string, revision: string) => ({
      name,
      namespace: 'shop',
      ownerReferences: [{ uid: 'u' }],
      annotations: { 'deployment.kubernetes.io/revision': revision },
    })
    const set = (name: string, revision: string, image: string) => ({
      metadata: metadata(name, revision),
      spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
    })
    server.on('GET', /\/deployments\/web$/, () => ({
      body: { metadata: { uid: 'u' }, spec: { selector: { matchLabels: { app: 'web' } } } },
    }))
    server.on('GET', /\/replicasets$/, () => ({ body: { items: [set('web-1', '1', 'shop:9'), set('web-2', '2', 'shop:10')] } }))
    server.on('GET', /\/namespaces\/shop\/pods$/, () => ({
      body: { items: [pod('a'), pod('b', { spec: { containers: [{ image: 'redis:7' }] } })] },
    }))
    const images = [{ names: ['docker.io/library/shop@sha256:aa', 'docker.io/library/shop:10'] }, { names: ['quay.io/org/app:v1'] }]
    server.on('GET', /\/nodes$/, () => ({ body: { items: [{ status: { images } }] } }))
    expect(await window.call('images.known', { context: 'fake', ref })).toEqual(['quay.io/org/app:v1', 'redis:7', 'shop:9', 'shop:10'])
    server.on('GET', /\/nodes$/, () => ({
      code: 403,
      body: { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' },
    }))
    expect(await window.call('images.known', { context: 'fake', ref })).toEqual(['redis:7', 'shop:9', 'shop:10'])
  })

  describe('as tags of a registry', () => {
    let registry: http.Server
    let host: string
    let asked: string[]
    const answers: Record<string, (request: http.IncomingMessage) => { code?: number; headers?: Record<string, string>; body: unknown }> =
      {}

    beforeEach(async () => {
      asked = []
      registry = http.createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.authorization ?? '-'}`)
        const { code = 200, headers = {}, body } = answers[request.url!.split('?')[0]!]?.(request) ?? { code: 404, body: {} }
        response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
      })
      await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
      host = `127.0.0.1:${(registry.address() as net.AddressInfo).port}`
    })
    afterEach(() => new Promise((resolve) => registry.close(resolve)))
    const tags = (image: string) => window.call('images.tags', { context: 'fake', image: `${host}/${image}` })

    it('are all that it has, page by page, the highest version first', async () => {
      answers['/v2/shop/cart/tags/list'] = ({ url }) =>
        url!.includes('last=1.9')
          ? { body: { tags: ['latest', '1.10'] } }
          : { headers: { link: '</v2/shop/cart/tags/list?n=1000&last=1.9>; rel="next"' }, body: { tags: ['1.8', '1.9'] } }
      expect(await tags('shop/cart:1.8')).toEqual(['1.10', '1.9', '1.8', 'latest'])
      expect(asked).toEqual(['/v2/shop/cart/tags/list?n=1000 -', '/v2/shop/cart/tags/list?n=1000&last=1.9 -'])
    })

    it('are asked for with the token that anybody gets', async () => {
      const challenge = `Bearer realm="http://${host}/token",service="registry",scope="repository:shop/cart:pull"`
      answers['/token'] = () => ({ body: { token: 'for-anybody' } })
      answers['/v2/shop/cart/tags/list'] = ({ headers }) =>
        headers.authorization === 'Bearer for-anybody'
          ? { body: { tags: ['1'] } }
          : { code: 401, headers: { 'www-authenticate': challenge }, body: {} }
      expect(await tags('shop/cart')).toEqual(['1'])
      expect(asked[1]).toBe('/token?service=registry&scope=repository%3Ashop%2Fcart%3Apull -')
    })

    it('are those that the cluster itself lists, where it does, and no registry is asked', async () => {
      answers['/v2/shop/cart/tags/list'] = () => ({ body: { tags: ['of-registry'] } })
      const list = (resource: object): object => ({ kind: 'APIResourceList', groupVersion: 'drydock.dev/v1', resources: [resource] })
      const images = { name: 'images', singularName: 'image', kind: 'Image', namespaced: false, verbs: ['get', 'list'] }
      const group = { name: 'drydock.dev', versions: [{ groupVersion: 'drydock.dev/v1', version: 'v1' }] }
      server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: [] } }))
      server.on('GET', /^\/apis$/, () => ({
        body: { kind: 'APIGroupList', groups: [{ ...group, preferredVersion: group.versions[0] }] },
      }))
      server.on('GET', /^\/apis\/drydock.dev\/v1$/, () => ({ body: list(images) }))
      const items = [{ repositories: [`${host}/shop/cart`, 'docker.io/library/cart'], tags: ['2', '1'] }]
      server.on('GET', /^\/apis\/drydock.dev\/v1\/images$/, () => ({ body: { items } }))
      expect(await tags('shop/cart')).toEqual(['2', '1'])
      expect(await window.call('images.tags', { context: 'fake', image: 'cart:1' })).toEqual(['2', '1'])
      expect(asked).toEqual([])
      // What it does not list, or does not let be read, the registry is asked for.
      items.length = 0
      expect(await tags('shop/cart')).toEqual(['of-registry'])
    })

    it('that it refuses are told in its own words', async () => {
      answers['/v2/shop/cart/tags/list'] = () => ({
        code: 404,
        body: { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known' }] },
      })
      await expect(tags('shop/cart')).rejects.toMatchObject({ reason: 'Registry', message: `${host}: repository name not known` })
      answers['/v2/shop/cart/tags/list'] = () => ({ code: 401, body: {} })
      await expect(tags('shop/cart')).rejects.toMatchObject({ message: `${host} answered 401.` })
      await expect(window.call('images.tags', { context: 'fake', image: 'not an image' })).rejects.toMatchObject({
        message: 'not an image is no name of an image.',
      })
    })
  })
})
