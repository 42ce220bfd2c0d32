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

describe('a disruption budget', () => {
  const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
  const merge = { 'content-type': 'application/merge-patch+json' }

  /** A running pod `name`, and a budget of its name that selects it and has this status. */
  const guarded = async (name: string, status: object, spec: object = {}): Promise<void> => {
    const labels = { app: name }
    await f.send('POST', PODS, {
      body: { metadata: { name, labels }, spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx' }] } },
    })
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    await f.send('PATCH', `${PODS}/${name}/status`, { body: { status: ready }, headers: merge })
    await f.send('POST', BUDGETS, { body: { metadata: { name }, spec: { selector: { matchLabels: labels }, ...spec } } })
    await f.send('PATCH', `${BUDGETS}/${name}/status`, { body: { status: { observedGeneration: 1, ...NONE, ...status } }, headers: merge })
  }
  const NONE = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
  const answer = async (name: string): Promise<unknown> => {
    const { code, json, headers } = await f.send('POST', `${PODS}/${name}/eviction`, { body: { metadata: { name } } })
    return code === 201 ? 'evicted' : [code, json.reason, json.details?.causes?.[0]?.message ?? json.message, headers['retry-after']]
  }
  const condition = (status: string, reason: string, message = ''): object => {
    return { conditions: [{ type: 'DisruptionAllowed', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }] }
  }

  it.each<[string, object, string]>([
    ['that needs its pods', { currentHealthy: 2, desiredHealthy: 2 }, 'needs 2 healthy pods and has 2 currently'],
    ['that has more than it needs', { currentHealthy: 3, desiredHealthy: 2 }, 'does not allow evicting pods currently'],
    [
      'that could not be counted',
      condition('False', 'SyncFailed', 'why'),
      'does not allow evicting pods currently because it failed sync: why',
    ],
  ])('%s says why there is no disruption', async (what, status, why) => {
    const name = what.replaceAll(' ', '-')
    await guarded(name, status)
    expect(await answer(name)).toEqual([429, 'TooManyRequests', `The disruption budget ${name} ${why}`, undefined])
  })

  it('that has not been counted since it changed may be asked again in ten seconds', async () => {
    await guarded('changed', { observedGeneration: 0, disruptionsAllowed: 1 })
    const why = 'The disruption budget changed is still being processed by the server.'
    expect(await answer('changed')).toEqual([429, 'TooManyRequests', why, '10'])
  })

  it('that waits for two thousand evictions and more grants none', async () => {
    const disruptedPods = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`p${i}`, '2026-01-01T00:00:00Z']))
    await guarded('waiting', { disruptionsAllowed: 1, disruptedPods })
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    expect(await answer('waiting')).toEqual([403, 'Forbidden', `poddisruptionbudget.policy "waiting" is forbidden: ${why}`, undefined])
  })

  it('says when its last disruption is granted, and not before', async () => {
    const reasonAfter = async (name: string, disruptionsAllowed: number): Promise<unknown> => {
      await guarded(name, { disruptionsAllowed, ...condition('True', 'SufficientPods') })
      expect(await answer(name)).toBe('evicted')
      const { status } = (await f.send('GET', `${BUDGETS}/${name}`)).json
      return [status.disruptionsAllowed, status.conditions[0].status, status.conditions[0].reason, status.conditions[0].lastTransitionTime]
    }
    expect(await reasonAfter('last', 1)).toEqual([0, 'False', 'InsufficientPods', '2026-11-21T09:00:00Z'])
    expect(await reasonAfter('first', 3)).toEqual([2, 'True', 'SufficientPods', '2026-01-01T00:00:00Z'])
  })

  it('is not the only one: an eviction with two is an error without a reason', async () => {
    await guarded('twice', { disruptionsAllowed: 1 })
    await f.send('POST', BUDGETS, { body: { metadata: { name: 'second' }, spec: { selector: { matchLabels: { app: 'twice' } } } } })
    const text = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    expect(await answer('twice')).toEqual([500, undefined, text, undefined])
  })

  it('is asked only by an eviction that names its pod', async () => {
    await guarded('nameless', { disruptionsAllowed: 1 })
    const { code, json } = await f.send('POST', `${PODS}/nameless/eviction`, { body: { metadata: {} } })
    expect([code, json.message]).toEqual([400, 'name in URL does not match name in Eviction object'])
  })
})
