import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** API-initiated eviction, https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */

let f: HttpsFixture
const PODS = '/api/v1/namespaces/default/pods'
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

/** Makes a pod on a node, so that its deletion takes its grace period. */
const pod = async (name: string): Promise<{ metadata: { uid: string; resourceVersion: string } }> => {
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx' }] }
  return (await f.send('POST', PODS, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } })).json
}
const evict = async (name: string, rest: object = {}): Promise<[code: number, reason: string]> => {
  const { code, json } = await f.send('POST', `${PODS}/${name}/eviction`, {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...rest },
  })
  return [code, json.reason ?? json.status]
}
const read = async (name: string) => (await f.send('GET', `${PODS}/${name}`)).json

describe('an eviction', () => {
  it('tells the pod that it is a disruption, and deletes it', async () => {
    await pod('web')
    expect(await evict('web')).toEqual([201, 'Success'])
    const evicted = await read('web')
    expect([evicted.metadata.deletionTimestamp !== undefined, evicted.metadata.deletionGracePeriodSeconds]).toEqual([true, 30])
    expect(evicted.status.conditions).toEqual([
      {
        type: 'DisruptionTarget',
        observedGeneration: 1,
        status: 'True',
        lastTransitionTime: expect.any(String) as string,
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      },
    ])
  })

  it('as a dry run tells it nothing', async () => {
    await pod('spared')
    expect(await evict('spared', { deleteOptions: { dryRun: ['All'] } })).toEqual([201, 'Success'])
    expect((await read('spared')).status.conditions).toBeUndefined()
  })

  it('of another version of the pod is refused and leaves no trace; of this one it is carried out', async () => {
    const { metadata } = await pod('versioned')
    expect(await evict('versioned', { deleteOptions: { preconditions: { resourceVersion: '1' } } })).toEqual([409, 'Conflict'])
    expect((await read('versioned')).status.conditions).toBeUndefined()
    const { uid, resourceVersion } = metadata
    expect(await evict('versioned', { deleteOptions: { preconditions: { uid, resourceVersion } } })).toEqual([201, 'Success'])
    expect((await read('versioned')).metadata.deletionTimestamp).toBeDefined()
  })
})
