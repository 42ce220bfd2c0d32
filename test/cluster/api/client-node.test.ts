import { CoreV1Api, KubeConfig, ListWatch, Watch, type V1ConfigMap } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMap, startServer } from './fixture.js'
import { startHttps, type HttpsFixture } from './https.js'

/** The informer of @kubernetes/client-node on this API server: what it sees, and how it goes on after a break. */

const PATH = '/api/v1/namespaces/watched/configmaps'

let f: HttpsFixture
let informer: ListWatch<V1ConfigMap>
/** What the informer has told, in order. */
let told: string[]

/** Waits until the informer has told so much. */
const heard = (expected: readonly string[]): Promise<void> => expect.poll(() => told, { timeout: 15_000, interval: 10 }).toEqual(expected)
const write = (name: string, data: Record<string, string>): Promise<unknown> =>
  f.send(data['first'] ? 'POST' : 'PUT', data['first'] ? PATH : `${PATH}/${name}`, { body: configMap(name, data) })

/** @param query what the watches of the informer ask for besides */
function connect(query = ''): void {
  const config = new KubeConfig()
  const { ca, admin } = f.certificates
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  config.loadFromClusterAndUser(
    { name: 'c', server: `https://127.0.0.1:${f.port}`, caData: base64(ca.cert), skipTLSVerify: false },
    { name: 'u', certData: base64(admin.cert), keyData: base64(admin.key) },
  )
  const core = config.makeApiClient(CoreV1Api)
  const list = (): Promise<{ items: V1ConfigMap[] }> => core.listNamespacedConfigMap({ namespace: 'watched' })
  informer = new ListWatch<V1ConfigMap>(PATH + query, new Watch(config), list as never, false, undefined, undefined, {
    delayFn: () => Promise.resolve(),
  })
  told = []
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, (object) => told.push(`${verb} ${object.metadata!.name}=${object.data?.['value'] ?? ''}`))
  informer.on('connect', () => told.push('connect'))
  informer.on('error', () => told.push('error'))
}

beforeEach(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watched' } } })
  await write('a', { first: '1', value: '1' })
})
afterEach(async () => {
  await informer.stop()
  await f.server.close()
})

describe('an informer', () => {
  it('holds what is there and follows each change', async () => {
    connect()
    await informer.start()
    await write('b', { first: '1', value: '2' })
    await write('b', { value: '3' })
    await f.send('DELETE', `${PATH}/a`)
    await heard(['connect', 'add a=1', 'add b=2', 'update b=3', 'delete a=1'])
    expect(informer.list().map((object) => object.metadata!.name)).toEqual(['b'])
    expect(informer.latestResourceVersion()).toBe(String(f.store.revision))
  })

  it('goes on where it was when its watch has lasted long enough', async () => {
    connect('?timeoutSeconds=1')
    await informer.start()
    await expect.poll(() => told.filter((line) => line === 'connect').length, { timeout: 15_000 }).toBeGreaterThan(1)
    await write('a', { value: '2' })
    await expect.poll(() => told.at(-1), { timeout: 15_000 }).toBe('update a=2')
    expect(told.filter((line) => line !== 'connect')).toEqual(['add a=1', 'update a=2'])
  })

  it('lists anew after 410, and tells what changed meanwhile', async () => {
    connect('?timeoutSeconds=1')
    await informer.start()
    await heard(['connect', 'add a=1'])
    // Others write until the revision that the informer knows is forgotten.
    await f.send('POST', '/api/v1/namespaces/default/configmaps', { body: configMap('other') })
    const { revision } = f.store
    await f.store.compact(revision)
    await expect.poll(() => informer.latestResourceVersion(), { timeout: 15_000 }).toBe(String(revision))
    await write('a', { value: '2' })
    await expect.poll(() => told.at(-1), { timeout: 15_000 }).toBe('update a=2')
    expect(told.filter((line) => line !== 'connect')).toEqual(['add a=1', 'update a=2'])
  })

  it('is told of a broken connection, and misses nothing when it starts again', async () => {
    connect()
    await informer.start()
    await heard(['connect', 'add a=1'])
    const { certificates, port, store } = f
    await f.server.close()
    await heard(['connect', 'add a=1', 'error'])
    const again = startServer({ certificates, store })
    f = { ...f, ...again }
    const maps = again.admin.resource({ group: '', version: 'v1', resource: 'configmaps' })
    await maps.create('watched', configMap('late', { value: '4' }))
    await again.server.listen({ port })
    await informer.start()
    await heard(['connect', 'add a=1', 'error', 'connect', 'add late=4'])
  })
})
