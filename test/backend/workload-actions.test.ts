import { beforeEach, describe, expect, it } from 'vitest'
import { drainVerdict, refusals } from '../../src-main/backend/apply/drain.js'
import type { DrainOptions } from '../../src-main/backend/rpc/contract.js'
import { type FakeApiServer } from './support/api-server.js'
import { eachOnFakeServer, type TestWindow } from './support/window.js'

let server: FakeApiServer
let window: TestWindow

eachOnFakeServer((on) => ({ server, window } = on))

const options: DrainOptions = {
  ignoreDaemonSets: false,
  deleteEmptyDirData: false,
  force: false,
  disableEviction: false,
  gracePeriodSeconds: -1,
  timeoutSeconds: 0,
}
const podOf = (name: string, owner?: string, more: object = {}) => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...(owner ? { ownerReferences: [{ kind: owner, controller: true }] } : {}) },
  status: { phase: 'Running' },
  ...more,
})

describe('a drain', () => {
  it('is refused for pods that no option covers, in the words of kubectl', () => {
    const local = podOf('cache', 'ReplicaSet', { spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } })
    const verdicts = [podOf('agent', 'DaemonSet'), local, podOf('alone'), podOf('other')].map((p) => drainVerdict(p, options))
    expect(refusals(verdicts)).toEqual([
      'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): shop/agent',
      'cannot delete Pods with local storage (use --delete-emptydir-data to override): shop/cache',
      'cannot delete Pods that declare no controller (use --force to override): shop/alone, shop/other',
    ])
  })

  it('leaves static pods and those of DaemonSets, and takes finished ones without asking', () => {
    const mirror = podOf('static')
    Object.assign(mirror.metadata, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    const done = { ...podOf('done'), status: { phase: 'Succeeded' } }
    const all = { ...options, ignoreDaemonSets: true }
    expect([podOf('agent', 'DaemonSet'), mirror, done].map((p) => drainVerdict(p, all)).map((v) => [v.act, v.skipped, v.refusal])).toEqual([
      ['skip', 'daemonset', undefined],
      ['skip', 'mirror', undefined],
      ['evict', undefined, undefined],
    ])
  })

  it('cordons the node, evicts the pods with their uid and tells when each is gone', async () => {
    server.on('PATCH', /\/nodes\/n1$/, () => ({ body: {} }))
    server.on('GET', /\/api\/v1\/pods$/, () => ({ body: { items: [podOf('web', 'ReplicaSet'), podOf('agent', 'DaemonSet')] } }))
    server.on('POST', /\/pods\/web\/eviction$/, () => ({ code: 201, body: { kind: 'Status', status: 'Success' } }))
    const drain = window.open('drain', { context: 'fake', node: 'n1', options: { ...options, ignoreDaemonSets: true } })
    await drain.untilEnd()
    expect(drain.events).toEqual([
      {
        type: 'pods',
        pods: [
          { namespace: 'shop', name: 'web' },
          { namespace: 'shop', name: 'agent', skipped: 'daemonset' },
        ],
      },
      { type: 'pod', namespace: 'shop', name: 'web', state: 'evicting' },
      { type: 'pod', namespace: 'shop', name: 'web', state: 'gone' },
      { type: 'done' },
    ])
    const [cordon, list, evict] = server.requests.filter((r) => r.path !== '/version')
    expect(JSON.parse(cordon!.body)).toEqual({ spec: { unschedulable: true } })
    expect(list!.query.get('fieldSelector')).toBe('spec.nodeName=n1')
    expect(JSON.parse(evict!.body)).toMatchObject({ kind: 'Eviction', deleteOptions: { preconditions: { uid: 'uid-web' } } })
  })

  it('ends with the refusal and touches no pod', async () => {
    server.on('PATCH', /\/nodes\/n1$/, () => ({ body: {} }))
    server.on('GET', /\/api\/v1\/pods$/, () => ({ body: { items: [podOf('alone')] } }))
    const drain = window.open('drain', { context: 'fake', node: 'n1', options })
    await drain.untilEnd()
    expect(drain.events).toEqual([
      {
        type: 'done',
        error: {
          reason: 'DrainRefused',
          message:
            'unable to drain node "n1" due to error: cannot delete Pods that declare no controller (use --force to override): shop/alone',
        },
      },
    ])
    expect(server.requests.filter((r) => r.method === 'POST' || r.method === 'DELETE')).toEqual([])
  })
})

describe('revisions', () => {
  const template = (image: string, hash?: string) => ({
    metadata: { labels: { app: 'web', ...(hash ? { 'pod-template-hash': hash } : {}) } },
    spec: { containers: [{ name: 'main', image }] },
  })
  const set = (n: number, image: string, owner = 'u1') => ({
    metadata: {
      name: `web-${n}`,
      namespace: 'shop',
      creationTimestamp: '2026-11-21T09:00:00Z',
      annotations: { 'deployment.kubernetes.io/revision': String(n) },
      ownerReferences: [{ uid: owner }],
    },
    spec: { template: template(image, `hash${n}`) },
  })
  const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
  beforeEach(() => {
    server.on('GET', /\/deployments\/web$/, () => ({
      body: {
        metadata: { name: 'web', namespace: 'shop', uid: 'u1', annotations: { 'deployment.kubernetes.io/revision': '2' } },
        spec: { selector: { matchLabels: { app: 'web' } }, template: template('nginx:2') },
      },
    }))
    server.on('GET', /\/replicasets$/, () => ({ body: { items: [set(1, 'nginx:1'), set(2, 'nginx:2'), set(7, 'other:7', 'u2')] } }))
  })

  it('of a Deployment are its own ReplicaSets, newest first, without the label of their hash', async () => {
    const found = await window.call('workloads.revisions', { context: 'fake', ref })
    expect(found.map((r) => [r.revision, r.current, r.images, r.ref.name])).toEqual([
      [2, true, ['nginx:2'], 'web-2'],
      [1, false, ['nginx:1'], 'web-1'],
    ])
    expect(found[1]!.template).toEqual(template('nginx:1'))
    expect(server.requests.at(-1)!.query.get('labelSelector')).toBe('app=web')
  })

  it('can be gone back to; one that does not exist is told as kubectl tells it', async () => {
    server.on('PATCH', /\/deployments\/web$/, () => ({ body: {} }))
    await window.call('workloads.rollback', { context: 'fake', ref, revision: 1 })
    expect(JSON.parse(server.requests.at(-1)!.body)).toEqual([{ op: 'replace', path: '/spec/template', value: template('nginx:1') }])
    await expect(window.call('workloads.rollback', { context: 'fake', ref, revision: 9 })).rejects.toMatchObject({
      message: 'unable to find specified revision 9 in history',
    })
  })
})

describe('a read-only context', () => {
  it('refuses every change and every shell, and still answers reads and dry runs', async () => {
    server.on('GET', /\/pods\/a$/, () => ({ body: { metadata: { name: 'a' } } }))
    server.on('POST', /\/pods$/, () => ({ body: { metadata: { name: 'b' } } }))
    await window.call('settings.set', { change: { clusters: { fake: { protection: 'read-only' } } } })
    const ref = { group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'a' }
    const refused = { reason: 'ReadOnly', message: 'The context "fake" is protected as read-only in Drydock.' }
    await expect(window.call('objects.delete', { context: 'fake', ref })).rejects.toMatchObject(refused)
    await expect(window.call('objects.patch', { context: 'fake', ref, type: 'merge', patch: {} })).rejects.toMatchObject(refused)
    const shell = window.open('shell', {
      context: 'fake',
      namespace: 'default',
      pod: 'a',
      container: 'm',
      command: [],
      columns: 80,
      rows: 24,
      mode: 'exec',
    })
    expect((await shell.untilEnd()).error).toMatchObject(refused)
    expect(await window.call('objects.get', { context: 'fake', ref })).toEqual({ metadata: { name: 'a' } })
    const resource = { group: '', version: 'v1', resource: 'pods', namespace: 'default' }
    expect(await window.call('objects.create', { context: 'fake', resource, object: {}, dryRun: true })).toEqual({
      metadata: { name: 'b' },
    })
    expect(server.requests.filter((r) => r.method === 'DELETE' || r.method === 'PATCH')).toEqual([])
  })
})

describe('access reviews', () => {
  it('of several rights are answered in their order and not asked twice', async () => {
    server.on('POST', /selfsubjectaccessreviews$/, ({ body }) => {
      const { verb } = JSON.parse(body).spec.resourceAttributes
      return { body: { status: verb === 'delete' ? { allowed: false, reason: 'no RBAC policy matched' } : { allowed: true } } }
    })
    const ref = { group: '', version: 'v1', resource: 'pods', namespace: 'default' }
    const questions = ['get', 'delete', 'get'].map((verb) => ({ verb, ref }))
    expect(await window.call('access.checks', { context: 'fake', questions })).toEqual([
      { allowed: true },
      { allowed: false, reason: 'no RBAC policy matched' },
      { allowed: true },
    ])
    expect(server.requests.filter((r) => r.method === 'POST')).toHaveLength(2)
  })
})
