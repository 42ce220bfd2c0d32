import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** Deletions at once of pods whose kubelet acts in the same moment. */

let f: HttpsFixture
const PODS = '/api/v1/namespaces/default/pods'
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

/** Deletes a pod at once, while `meanwhile` happens between its mark and its end. */
async function deleted(
  name: string,
  meanwhile: (key: string, revision: number) => Promise<unknown>,
): Promise<[code: number, seconds: number]> {
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx' }] }
  await f.send('POST', PODS, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } })
  const remove = f.store.delete.bind(f.store)
  f.store.delete = async (key, revision) => {
    f.store.delete = remove
    await meanwhile(key, revision)
    return remove(key, revision)
  }
  const { code, json } = await f.send('DELETE', `${PODS}/${name}?gracePeriodSeconds=0`)
  return [code, json.metadata.deletionGracePeriodSeconds]
}

describe('a pod that is deleted at once', () => {
  it('is gone as asked when its kubelet was the first to remove it', async () => {
    expect(await deleted('removed', (key, revision) => f.store.delete(key, revision))).toEqual([200, 0])
    expect((await f.send('GET', `${PODS}/removed`)).code).toBe(404)
  })

  it('is gone also when its status is written in that moment', async () => {
    const status = { status: { phase: 'Running' } }
    const write = () =>
      f.send('PATCH', `${PODS}/written/status`, { body: status, headers: { 'content-type': 'application/merge-patch+json' } })
    expect(await deleted('written', write)).toEqual([200, 0])
    expect((await f.send('GET', `${PODS}/written`)).code).toBe(404)
  })
})
