import { describe, expect, it } from 'vitest'
import { rowOf } from '../../src-main/backend/kinds/kind.js'
import { listedWorkloads } from '../../src-main/backend/kinds/workload-list.js'
import type { Cell, KindInfo, ListEvent, Row } from '../../src-main/backend/rpc/contract.js'
import { pod, type FakeApiServer } from './support/api-server.js'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

const kinds: [group: string, resource: string, kind: string][] = [
  ['', 'pods', 'Pod'],
  ['', 'replicationcontrollers', 'ReplicationController'],
  ['', 'services', 'Service'],
  ['apps', 'deployments', 'Deployment'],
  ['apps', 'statefulsets', 'StatefulSet'],
  ['apps', 'daemonsets', 'DaemonSet'],
  ['apps', 'replicasets', 'ReplicaSet'],
  ['batch', 'jobs', 'Job'],
  ['batch', 'cronjobs', 'CronJob'],
]
const infos: KindInfo[] = kinds.map(([group, resource, kind]) => ({
  group,
  version: 'v1',
  resource,
  kind,
  namespaced: true,
  verbs: ['list', 'watch'],
  shortNames: [],
  categories: [],
}))

/** The cells of an object in the list, by column. */
function cells(resource: string, object: object): Record<string, Cell> {
  const { list } = listedWorkloads(infos).find((w) => w.resource.resource === resource)!
  const row = rowOf(list, { metadata: { name: 'x', namespace: 'shop', uid: 'u', generation: 2 }, ...object })
  expect(row.cells).toHaveLength(list.columns.length)
  return Object.fromEntries(list.columns.map((c, i) => [c.id, row.cells[i]!]))
}

describe('in the list of all workloads', () => {
  const template = { spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } }
  const done = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }

  it('a Deployment rolls out, is available, lacks replicas, is stuck, is paused or wants none', () => {
    const of = (spec: object, status: object) =>
      cells('deployments', { spec: { replicas: 3, template, ...spec }, status: { observedGeneration: 2, ...status } })
    const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, conditions: [done] }
    expect(of({}, full)).toMatchObject({
      kind: 'Deployment',
      ready: { text: '3/3', tone: 'ok' },
      status: { text: 'Available', tone: 'ok' },
      images: 'nginx:1.27',
      owner: '',
    })
    expect(of({}, { ...full, observedGeneration: 1 }).status).toEqual({ text: 'Progressing', tone: 'busy' })
    const starting = { ...full, availableReplicas: 0, conditions: [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }] }
    expect(of({}, starting).status).toEqual({ text: 'Progressing', tone: 'busy' })
    expect(of({}, { ...full, replicas: 4 }).status).toEqual({ text: 'Progressing', tone: 'busy' })
    expect(of({}, { ...full, availableReplicas: 2 }).status).toEqual({ text: 'Degraded', tone: 'warn' })
    expect(of({}, { ...full, availableReplicas: 0 }).status).toEqual({ text: 'Unavailable', tone: 'bad' })
    const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet "x-1" has timed out.' }
    expect(of({}, { ...full, conditions: [late] }).status).toEqual({
      text: 'ProgressDeadlineExceeded',
      tone: 'bad',
      title: 'ProgressDeadlineExceeded: ReplicaSet "x-1" has timed out.',
    })
    expect(of({ paused: true }, full).status).toEqual({ text: 'Paused', tone: 'off' })
    expect(of({ replicas: 0 }, { conditions: [done] }).status).toEqual({ text: 'Scaled to zero', tone: 'off' })
  })

  it('a StatefulSet with a partition is whole when those behind it are new', () => {
    const of = (strategy: object, updatedReplicas: number) =>
      cells('statefulsets', {
        spec: { replicas: 3, template, updateStrategy: strategy },
        status: { observedGeneration: 2, replicas: 3, readyReplicas: 3, updatedReplicas },
      }).status
    expect(of({ type: 'RollingUpdate' }, 1)).toEqual({ text: 'Progressing', tone: 'busy' })
    expect(of({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } }, 1)).toEqual({ text: 'Available', tone: 'ok' })
    expect(of({ type: 'OnDelete' }, 0)).toEqual({ text: 'Available', tone: 'ok' })
  })

  it('DaemonSets, ReplicaSets, Jobs, CronJobs and pods say how they are as their own lists do', () => {
    const daemons = {
      observedGeneration: 2,
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberReady: 2,
    }
    expect(cells('daemonsets', { spec: { template }, status: daemons })).toMatchObject({
      kind: 'DaemonSet',
      ready: { text: '2/3' },
      status: { text: 'Degraded', tone: 'warn' },
    })
    const refused = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }
    expect(cells('replicasets', { spec: { replicas: 1, template }, status: { conditions: [refused] } }).status).toEqual({
      text: 'FailedCreate',
      tone: 'bad',
      title: 'FailedCreate: exceeded quota',
    })
    const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' }
    expect(cells('jobs', { spec: { completions: 3, template }, status: { succeeded: 1, conditions: [failed] } })).toMatchObject({
      ready: { text: '1/3' },
      status: { text: 'Failed', tone: 'bad', title: 'BackoffLimitExceeded: too often' },
    })
    const cron = (spec: object, status = {}) =>
      cells('cronjobs', { spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } }, ...spec }, status })
    expect(cron({})).toMatchObject({ ready: null, status: { text: 'Scheduled', tone: 'ok', title: '0 3 * * *' }, images: 'nginx:1.27' })
    expect(cron({ suspend: true }).status).toMatchObject({ text: 'Suspended', tone: 'off' })
    expect(cron({}, { active: [{ name: 'x-1' }] }).status).toMatchObject({ text: 'Active', tone: 'busy' })
    expect(cells('pods', pod('a'))).toMatchObject({ kind: 'Pod', ready: { text: '1/1' }, status: { text: 'Running', tone: 'ok' } })
    const metadata = { name: 'x', namespace: 'shop', uid: 'u', deletionTimestamp: '2026-11-21T09:00:00Z' }
    expect(cells('cronjobs', { metadata, spec: {} }).status).toEqual({ text: 'Terminating', tone: 'busy' })
  })
})

describe('the list of all workloads', () => {
  let server: FakeApiServer
  let window: TestWindow
  eachOnFakeServer((on) => ({ server, window } = on))
  const resource = { group: '', version: 'v1', resource: 'workloads' }
  const owner = (apiVersion: string, kind: string) => [{ apiVersion, kind, name: 'web', controller: true }]
  const object = (name: string, ownerReferences: object[] = []) => ({
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '10', ownerReferences },
    spec: { template: {} },
  })

  /** A server that has these kinds, and of them these objects. */
  function serve(objects: Record<string, object[]>): void {
    const groups = [...new Set(kinds.map(([group]) => group))]
    const list = (names: string[]) => ({
      kind: 'APIGroupDiscoveryList',
      items: names.map((name) => ({
        metadata: { name },
        versions: [
          {
            version: 'v1',
            resources: kinds
              .filter(([group]) => group === name)
              .map(([, plural, kind]) => ({ resource: plural, responseKind: { kind }, scope: 'Namespaced', verbs: ['list', 'watch'] })),
          },
        ],
      })),
    })
    server.on('GET', /^\/api$/, () => ({ body: list(['']) }))
    server.on('GET', /^\/apis$/, () => ({ body: list(groups.filter(Boolean)) }))
    for (const [, plural] of kinds)
      server.on('GET', new RegExp(`/${plural}$`), () => ({
        body: { metadata: { resourceVersion: '20' }, items: objects[plural] ?? [] },
      }))
  }
  /** The names of the rows after all events so far, each with its kind. */
  function shown(events: readonly ListEvent[]): string[] {
    const rows = new Map<string, Row>()
    for (const e of events) {
      if (e.type === 'snapshot' || e.type === 'more') for (const r of e.rows) rows.set(r.id, r)
      if (e.type === 'changes') {
        for (const r of e.upserts) rows.set(r.id, r)
        for (const id of e.removes) rows.delete(id)
      }
    }
    return [...rows.values()].map((r) => `${r.kind}/${r.name}`).sort()
  }
  const isComplete = (e: ListEvent): boolean => (e.type === 'snapshot' || e.type === 'more') && e.complete
  const objects = {
    deployments: [object('web')],
    replicasets: [object('web-1', owner('apps/v1', 'Deployment')), object('rollout-1', owner('argoproj.io/v1alpha1', 'Rollout'))],
    pods: [pod('bare'), object('web-1-a', owner('apps/v1', 'ReplicaSet')), object('static', owner('v1', 'Node'))],
    jobs: [object('once'), object('nightly-1', owner('batch/v1', 'CronJob'))],
    cronjobs: [object('nightly')],
  }

  it('has the objects of all kinds, but for those that another one of the list controls', async () => {
    serve(objects)
    const list = window.open('list', { context: 'fake', resource, namespaces: ['default'] })
    await list.until(isComplete)
    expect(list.events[0]).toMatchObject({
      type: 'columns',
      columns: [{ id: 'name' }, { id: 'namespace' }, { id: 'kind' }, ...Array(12).fill({})],
    })
    expect(shown(list.events)).toEqual([
      'cronjobs.batch/nightly',
      'deployments.apps/web',
      'jobs.batch/once',
      'pods/bare',
      'pods/static',
      'replicasets.apps/rollout-1',
    ])
  })

  it('has what they control too where that is asked for', async () => {
    serve(objects)
    const list = window.open('list', { context: 'fake', resource, controlled: true })
    await list.until(isComplete)
    expect(shown(list.events)).toEqual([
      'cronjobs.batch/nightly',
      'deployments.apps/web',
      'jobs.batch/nightly-1',
      'jobs.batch/once',
      'pods/bare',
      'pods/static',
      'pods/web-1-a',
      'replicasets.apps/rollout-1',
      'replicasets.apps/web-1',
    ])
  })

  it('follows each kind, and lets go of what is adopted by a controller', async () => {
    serve({ pods: [pod('bare')] })
    const list = window.open('list', { context: 'fake', resource })
    await list.until(isComplete)
    const watch = await server.watch(/\/pods$/)
    const { metadata } = object('bare', owner('apps/v1', 'ReplicaSet'))
    watch.send('MODIFIED', pod('bare', { metadata: { ...metadata, resourceVersion: '21' } }))
    expect(await list.until((e) => e.type === 'changes' && e.removes.length > 0)).toMatchObject({ upserts: [], removes: ['uid-bare'] })
    const deployments = await server.watch(/\/deployments$/)
    deployments.send('ADDED', object('late'))
    await list.until((e) => e.type === 'changes' && e.upserts.length > 0)
    expect(shown(list.events)).toEqual(['deployments.apps/late'])
  })

  it('shows the others where one kind may not be listed, and tells of it', async () => {
    serve(objects)
    server.on('GET', /\/cronjobs$/, () => ({
      code: 403,
      body: { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'cronjobs.batch is forbidden' },
    }))
    const list = window.open('list', { context: 'fake', resource })
    await list.until(isComplete)
    expect(await list.until((e) => e.type === 'state' && e.phase === 'forbidden')).toMatchObject({
      error: { message: 'cronjobs.batch is forbidden' },
    })
    expect(shown(list.events)).toContain('deployments.apps/web')
  })
})
