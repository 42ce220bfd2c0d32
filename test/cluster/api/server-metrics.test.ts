/** What the API server measures of its own work: admission, writes until they are on disk, events of watches. */
import { afterAll, expect, it } from 'vitest'
import type { AdmissionPlugin } from '../../../src-main/cluster/access/admission/plugin.js'
import { forbidden } from '../../../src-main/cluster/api/errors.js'
import { WatchMetrics } from '../../../src-main/cluster/api/watch-metrics.js'
import { configMap, startServer } from './fixture.js'

const BOTH_TURNS: AdmissionPlugin = {
  name: 'BothTurns',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  mutate: () => undefined,
  validate: async () => undefined,
}
const REFUSES_BAD: AdmissionPlugin = {
  name: 'RefusesBad',
  operations: ['CREATE', 'UPDATE'],
  validate: ({ name }) => {
    if (name === 'bad') throw forbidden({ group: '', resource: 'configmaps' }, name, 'it is bad')
  },
}
const OF_THE_REGISTRY: AdmissionPlugin = {
  name: 'OfTheRegistry',
  operations: ['CREATE'],
  isOfRegistry: true,
  validate: () => undefined,
}
const BEHIND: AdmissionPlugin = { name: 'Behind', operations: ['CREATE', 'UPDATE', 'DELETE'], validate: () => undefined }

const { admin, clock, server } = startServer({
  admission: [BOTH_TURNS, REFUSES_BAD, OF_THE_REGISTRY, BEHIND],
  bytesOnDisk: () => 4_096_000,
})
afterAll(() => server.close())

const maps = admin.resource({ group: '', version: 'v1', resource: 'configmaps' })
const lines = (): string[] => server.machinery.metrics.families().join('').split('\n')
/** How many observations there are under each set of labels. */
const observed = (metric: string): Map<string, number> =>
  new Map(
    lines()
      .filter((line) => line.startsWith(`${metric}_count{`))
      .map((line) => {
        const [labels, n] = line.slice(`${metric}_count`.length).split(' ')
        return [labels!, Number(n)]
      }),
  )
const CONTROLLERS = 'apiserver_admission_controller_admission_duration_seconds'
const STEPS = 'apiserver_admission_step_admission_duration_seconds'

it('admission is timed as a whole and by its plugins, with those that refused and without those that are not shown the operation, were not asked any more or are no admission elsewhere', async () => {
  // What the server writes itself when it starts passes through admission as well.
  await server.seeded
  await clock.advance(0)
  const before = new Map([...observed(CONTROLLERS), ...observed(STEPS)])
  const since = (metric: string): string[] =>
    [...observed(metric)].flatMap(([labels, n]) => {
      const more = n - (before.get(labels) ?? 0)
      return more > 0 ? [`${labels} ${more}`] : []
    })
  await maps.create('default', configMap('good'))
  await expect(maps.create('default', configMap('bad'))).rejects.toThrow('it is bad')
  await maps.update(configMap('good', { a: 'b' }, { namespace: 'default' }))
  await maps.delete('default', 'good', {})
  const own = since(CONTROLLERS).filter((line) => /"(BothTurns|RefusesBad|OfTheRegistry|Behind)"/.test(line))
  expect(own).toEqual([
    '{name="Behind",operation="CREATE",rejected="false",type="validate"} 1',
    '{name="Behind",operation="DELETE",rejected="false",type="validate"} 1',
    '{name="Behind",operation="UPDATE",rejected="false",type="validate"} 1',
    '{name="BothTurns",operation="CREATE",rejected="false",type="admit"} 2',
    '{name="BothTurns",operation="CREATE",rejected="false",type="validate"} 2',
    '{name="BothTurns",operation="DELETE",rejected="false",type="admit"} 1',
    '{name="BothTurns",operation="DELETE",rejected="false",type="validate"} 1',
    '{name="BothTurns",operation="UPDATE",rejected="false",type="admit"} 1',
    '{name="BothTurns",operation="UPDATE",rejected="false",type="validate"} 1',
    '{name="RefusesBad",operation="CREATE",rejected="false",type="validate"} 1',
    '{name="RefusesBad",operation="CREATE",rejected="true",type="validate"} 1',
    '{name="RefusesBad",operation="UPDATE",rejected="false",type="validate"} 1',
  ])
  expect(since(STEPS)).toEqual([
    '{operation="CREATE",rejected="false",type="admit"} 2',
    '{operation="CREATE",rejected="false",type="validate"} 1',
    '{operation="CREATE",rejected="true",type="validate"} 1',
    '{operation="DELETE",rejected="false",type="admit"} 1',
    '{operation="DELETE",rejected="false",type="validate"} 1',
    '{operation="UPDATE",rejected="false",type="admit"} 1',
    '{operation="UPDATE",rejected="false",type="validate"} 1',
  ])
})

it('writes are timed by what they do to which resource; what somebody else has changed is no error of the store', async () => {
  const { store } = server.machinery
  await store.put('/registry/core/secrets/default/a', { ...configMap('a'), kind: 'Secret' }, 0)
  await expect(store.put('/registry/core/secrets/default/a', configMap('a'), 0)).rejects.toThrow('was changed by somebody else')
  await store.delete('/registry/core/secrets/default/a', store.revision)
  const secrets = (operation: string): string => `{group="",operation="${operation}",resource="secrets"}`
  expect([...observed('etcd_request_duration_seconds')].filter(([labels]) => labels.includes('secrets'))).toEqual([
    [secrets('create'), 2],
    [secrets('delete'), 1],
  ])
  expect(lines().filter((line) => line.startsWith('etcd_request') && line.includes('total{') && line.includes('secrets'))).toEqual([
    `etcd_requests_total${secrets('create')} 2`,
    `etcd_requests_total${secrets('delete')} 1`,
  ])
})

it('a write that the store cannot take is an error of it', async () => {
  const huge = { ...configMap('huge'), data: { a: 'x'.repeat(3_000_000) } }
  await expect(server.machinery.store.put('/registry/apps/deployments/default/huge', huge, 0)).rejects.toThrow('too large')
  expect(lines()).toContain('etcd_request_errors_total{group="apps",operation="create",resource="deployments"} 1')
})

it('the store tells how much disk it takes', () => {
  expect(lines()).toContain('apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4.096e+06')
})

it('events of watches are counted with their sizes, and the watches of clients that do not read', () => {
  const metrics = new WatchMetrics()
  const events = metrics.of({ group: 'apps', version: 'v1', plural: 'deployments' })
  events.sent(1000)
  events.sent(3000)
  events.terminated()
  const text = metrics.families().join('')
  const labels = 'group="apps",resource="deployments",version="v1"'
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'apiserver_terminated_watchers_total{group="apps",resource="deployments"} 1',
    ...[1024, 2048].map((bound) => `apiserver_watch_events_sizes_bucket{${labels},le="${bound}"} 1`),
    ...[4096, 8192, 16384, 32768, 65536, 131072].map((bound) => `apiserver_watch_events_sizes_bucket{${labels},le="${bound}"} 2`),
    `apiserver_watch_events_sizes_bucket{${labels},le="+Inf"} 2`,
    `apiserver_watch_events_sizes_sum{${labels}} 4000`,
    `apiserver_watch_events_sizes_count{${labels}} 2`,
    `apiserver_watch_events_total{${labels}} 2`,
  ])
})
