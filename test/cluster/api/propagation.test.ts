import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** What a deletion notes for the garbage collector, by kind and by who says so: the request, the object, or the kind. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const template = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}
const owner = { selector: { matchLabels: { a: 'b' } }, template }
const jobSpec = { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }
const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string, spec: object]>> = {
  deployments: ['apps/v1', 'Deployment', owner],
  replicasets: ['apps/v1', 'ReplicaSet', owner],
  statefulsets: ['apps/v1', 'StatefulSet', owner],
  daemonsets: ['apps/v1', 'DaemonSet', owner],
  replicationcontrollers: ['v1', 'ReplicationController', { selector: { a: 'b' }, template }],
  jobs: ['batch/v1', 'Job', jobSpec],
  cronjobs: ['batch/v1', 'CronJob', { schedule: '0 0 1 1 *', jobTemplate: { spec: jobSpec } }],
  configmaps: ['v1', 'ConfigMap', {}],
}
const WARNING =
  '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"'

let made = 0
/** Makes one and deletes it: the finalizers that keep it, or `gone`, and what is warned of. */
async function deleted(resource: string, options: object | undefined, finalizers: string[] = []): Promise<[string[] | 'gone', unknown]> {
  const [apiVersion, kind, spec] = KINDS[resource]!
  const name = `o${++made}`
  const path = `${apiVersion === 'v1' ? '/api' : '/apis'}/${apiVersion}/namespaces/default/${resource}`
  const body = { apiVersion, kind, metadata: { name, finalizers }, ...(kind === 'ConfigMap' ? {} : { spec }) }
  const created = await f.send('POST', path, { body })
  expect(created.code, created.text).toBe(201)
  const { headers } = await f.send('DELETE', `${path}/${name}`, options ? { body: options } : {})
  const left = await f.send('GET', `${path}/${name}`)
  return [left.code === 404 ? 'gone' : left.json.metadata.finalizers, headers['warning']]
}

describe('a deletion that says nothing of dependents', () => {
  it.each(['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'cronjobs', 'configmaps'])(
    'lets those of %s go',
    async (resource) => {
      expect(await deleted(resource, undefined)).toEqual(['gone', undefined])
      expect(await deleted(resource, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 })).toEqual(['gone', undefined])
    },
  )

  it('leaves those of Jobs and ReplicationControllers, with a warning for Jobs', async () => {
    expect(await deleted('jobs', undefined)).toEqual([['orphan'], WARNING])
    expect(await deleted('replicationcontrollers', undefined)).toEqual([['orphan'], undefined])
  })

  it('does as the finalizers of the object say', async () => {
    for (const resource of ['jobs', 'deployments']) {
      expect((await deleted(resource, undefined, ['foregroundDeletion']))[0]).toEqual(['foregroundDeletion'])
      expect((await deleted(resource, undefined, ['orphan']))[0]).toEqual(['orphan'])
    }
  })

  it('of a list of Jobs is warned of once, even when there are none', async () => {
    const { headers } = await f.send('DELETE', '/apis/batch/v1/namespaces/kube-public/jobs')
    expect(headers['warning']).toBe(WARNING)
  })
})

describe.each(Object.keys(KINDS))('a deletion of %s', (resource) => {
  it.each([
    ['Background', 'gone'],
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('with %s does so, whatever the object says', async (propagationPolicy, expected) => {
    expect(await deleted(resource, { propagationPolicy })).toEqual([expected, undefined])
    expect(await deleted(resource, { propagationPolicy }, ['orphan'])).toEqual([expected, undefined])
  })

  it('by the older option orphans or not', async () => {
    expect(await deleted(resource, { orphanDependents: true })).toEqual([['orphan'], undefined])
    expect(await deleted(resource, { orphanDependents: false })).toEqual(['gone', undefined])
  })
})

it('Events have no dependents, whatever a deletion says', async () => {
  const body = { metadata: { name: 'e' }, involvedObject: { namespace: 'default' } }
  await f.send('POST', '/api/v1/namespaces/default/events', { body })
  await f.send('DELETE', '/api/v1/namespaces/default/events/e', { body: { propagationPolicy: 'Foreground' } })
  expect((await f.send('GET', '/api/v1/namespaces/default/events/e')).code).toBe(404)
})
