import { beforeEach, describe, expect, it } from 'vitest'
import { resources, type ResourceClient, type WatchEvent } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { configMap, pod, startServer, type Fixture } from './fixture.js'

let f: Fixture
let maps: ResourceClient
let pods: ResourceClient
beforeEach(() => {
  f = startServer()
  maps = f.admin.resource(resources.configmaps)
  pods = f.admin.resource(resources.pods)
})

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'fine',
    (e: { code: number; message: string }) => `${e.code} ${e.message}`,
  )

describe('create', () => {
  it('sets uid, time, resourceVersion and namespace, and gives a frozen object', async () => {
    const made = await maps.create('default', configMap('a', { k: 'v' }))
    expect(made).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } })
    expect(made.metadata).toMatchObject({ name: 'a', namespace: 'default', creationTimestamp: '2026-11-21T09:00:00Z' })
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.metadata.resourceVersion).toBe(String(f.store.revision))
    expect(Object.isFrozen(made)).toBe(true)
  })

  it('leaves what it is given alone and stores a copy', async () => {
    const given = configMap('a', { k: 'v' })
    await maps.create('default', given)
    expect(given.metadata).toEqual({ name: 'a' })
  })

  it('draws a name from generateName and cuts long ones to 63 characters', async () => {
    const made = await maps.create('default', { ...configMap(''), metadata: { generateName: 'a-' } })
    expect(made.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    const long = await maps.create('default', { ...configMap(''), metadata: { generateName: 'x'.repeat(80) } })
    expect(long.metadata.name).toHaveLength(63)
  })

  it('refuses a name that is taken, no name, another namespace and a resourceVersion', async () => {
    await maps.create('default', configMap('a'))
    expect(await code(maps.create('default', configMap('a')))).toBe('409 configmaps "a" already exists')
    expect(await code(maps.create('default', configMap('')))).toBe(
      '422 ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    )
    expect(await code(maps.create('default', configMap('b', {}, { namespace: 'other' })))).toBe(
      '400 the namespace of the provided object does not match the namespace sent on the request',
    )
    expect(await code(maps.create('default', configMap('b', {}, { resourceVersion: '1' })))).toBe(
      '500 resourceVersion should not be set on objects to be created',
    )
  })

  it('says of a name that is taken when its owner is going, and when another could not be drawn', async () => {
    await maps.create('default', configMap('a', {}, { finalizers: ['example.com/hold'] }))
    const drawn = '409 configmaps "a" already exists, the server was not able to generate a unique name for the object'
    expect(await code(maps.create('default', configMap('a', {}, { generateName: 'a-' })))).toBe(drawn)
    await maps.delete('default', 'a')
    const leaving = '409 object is being deleted: configmaps "a" already exists'
    expect(await code(maps.create('default', configMap('a')))).toBe(leaving)
    expect(await code(maps.create('default', configMap('a'), { dryRun: true }))).toBe(leaving)
  })

  it('in a dry run checks and answers but stores nothing', async () => {
    const made = await maps.create('default', configMap('a'), { dryRun: true })
    expect(made.metadata.uid).toBeDefined()
    expect(await code(maps.get('default', 'a'))).toBe('404 configmaps "a" not found')
  })
})

describe('update', () => {
  it('replaces, keeps what the server owns, and refuses a stale version', async () => {
    const first = await maps.create('default', configMap('a', { k: '1' }))
    const second = await maps.update({ ...first, data: { k: '2' } })
    expect(second.metadata.uid).toBe(first.metadata.uid)
    expect(await code(maps.update({ ...first, data: { k: '3' } }))).toBe(
      '409 Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
    const unconditional = await maps.update(configMap('a', { k: '4' }, { namespace: 'default' }))
    expect(unconditional.metadata.creationTimestamp).toBe(first.metadata.creationTimestamp)
  })

  it('does not write what does not change', async () => {
    const first = await maps.create('default', configMap('a', { k: '1' }))
    const same = await maps.update({ ...first })
    expect(same.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  it('counts the generation of a Deployment only when its spec changes', async () => {
    const deployments = f.admin.resource(resources.deployments)
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
    const made = await deployments.create('default', {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 'a' } }, template },
    } as KubeObject)
    expect(made.metadata.generation).toBe(1)
    const status = await deployments.update({ ...made, spec: { replicas: 9 }, status: { replicas: 3 } } as KubeObject, {
      subresource: 'status',
    })
    expect(status).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1 }, status: { replicas: 3 } })
    const spec = await deployments.patch('default', 'd', { spec: { replicas: 2 }, status: { replicas: 8 } }, { type: 'merge' })
    expect(spec).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 2 }, status: { replicas: 3 } })
    const scaled = await deployments.patch('default', 'd', { spec: { replicas: 5 } }, { type: 'merge', subresource: 'scale' })
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, status: { replicas: 3, selector: 'app=a' } })
  })
})

describe('delete', () => {
  it('removes at once what has no finalizer, and marks what has one until it is gone', async () => {
    await maps.create('default', configMap('a'))
    await maps.delete('default', 'a')
    expect(await code(maps.get('default', 'a'))).toBe('404 configmaps "a" not found')

    await maps.create('default', configMap('b', {}, { finalizers: ['example.com/hold'] }))
    await maps.delete('default', 'b')
    const held = await maps.get('default', 'b')
    expect(held.metadata).toMatchObject({ deletionTimestamp: '2026-11-21T09:00:00Z', deletionGracePeriodSeconds: 0 })
    // What an update says of the time does not move it; the grace period is not a client's to change.
    const moved = await maps.update({ ...held, metadata: { ...held.metadata, deletionTimestamp: '2020-01-01T00:00:00Z' } })
    expect(moved.metadata.deletionTimestamp).toBe('2026-11-21T09:00:00Z')
    const longer = { ...moved, metadata: { ...moved.metadata, deletionGracePeriodSeconds: 3 } }
    expect(await code(maps.update(longer))).toContain('metadata.deletionGracePeriodSeconds: Invalid value: 3: field is immutable')
    await maps.patch('default', 'b', { metadata: { finalizers: null } }, { type: 'merge' })
    expect(await code(maps.get('default', 'b'))).toBe('404 configmaps "b" not found')
  })

  it('gives a pod on a node its grace period, which can only be shortened', async () => {
    await pods.create('default', pod('p', { nodeName: 'n' }))
    await pods.delete('default', 'p')
    expect((await pods.get('default', 'p')).metadata).toMatchObject({
      deletionTimestamp: '2026-11-21T09:00:30Z',
      deletionGracePeriodSeconds: 30,
    })
    await pods.delete('default', 'p', { gracePeriodSeconds: 60 })
    expect((await pods.get('default', 'p')).metadata.deletionGracePeriodSeconds).toBe(30)
    await pods.delete('default', 'p', { gracePeriodSeconds: 5 })
    expect((await pods.get('default', 'p')).metadata.deletionTimestamp).toBe('2026-11-21T09:00:05Z')
    await pods.delete('default', 'p', { gracePeriodSeconds: 0 })
    expect(await code(pods.get('default', 'p'))).toBe('404 pods "p" not found')
  })

  it('removes a pod that no node has seen at once', async () => {
    await pods.create('default', pod('p'))
    await pods.delete('default', 'p')
    expect(await code(pods.get('default', 'p'))).toBe('404 pods "p" not found')
  })

  it('notes what to do with dependents as a finalizer', async () => {
    await maps.create('default', configMap('a'))
    await maps.delete('default', 'a', { propagationPolicy: 'Foreground' })
    expect((await maps.get('default', 'a')).metadata.finalizers).toEqual(['foregroundDeletion'])
    await maps.create('default', configMap('b'))
    await maps.delete('default', 'b', { propagationPolicy: 'Orphan' })
    expect((await maps.get('default', 'b')).metadata.finalizers).toEqual(['orphan'])
  })

  it('holds to its preconditions', async () => {
    const made = await maps.create('default', configMap('a'))
    expect(await code(maps.delete('default', 'a', { preconditions: { uid: 'x' } }))).toBe(
      `409 Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (${made.metadata.uid}). The object might have been deleted and then recreated`,
    )
    await maps.delete('default', 'a', { preconditions: { uid: made.metadata.uid! } })
    expect(await code(maps.get('default', 'a'))).toBe('404 configmaps "a" not found')
  })
})

describe('list', () => {
  beforeEach(async () => {
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await maps.create('default', configMap(name, {}, { labels: { odd: String(i % 2), n: name } }))
    }
  })
  const names = (list: { items: readonly KubeObject[] }): string => list.items.map((i) => i.metadata.name).join('')

  it('gives pages of one snapshot, whatever is written between them', async () => {
    const first = await maps.list({ namespace: 'default', limit: 2 })
    expect([names(first), first.metadata.remainingItemCount]).toEqual(['ab', 3])
    await maps.create('default', configMap('bb'))
    await maps.delete('default', 'c')
    const second = await maps.list({ namespace: 'default', limit: 2, continue: first.metadata.continue! })
    expect([names(second), second.metadata.remainingItemCount]).toEqual(['cd', 1])
    const third = await maps.list({ namespace: 'default', limit: 2, continue: second.metadata.continue! })
    expect([names(third), third.metadata.continue]).toEqual(['e', undefined])
    expect(third.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(names(await maps.list({ namespace: 'default' }))).toBe('abbbde')
  })

  it('says 410 with a token to go on when the snapshot has been compacted', async () => {
    const first = await maps.list({ namespace: 'default', limit: 2 })
    await maps.delete('default', 'd')
    await f.store.compact(f.store.revision)
    const error = await maps.list({ continue: first.metadata.continue!, namespace: 'default' }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 410, reason: 'Expired' })
    const token = (error as { status: { metadata: { continue: string } } }).status.metadata.continue
    expect(names(await maps.list({ namespace: 'default', continue: token }))).toBe('ce')
  })

  it.each([
    ['odd=1', 'bd'],
    ['n in (a,b),odd=0', 'a'],
    ['n notin (a,b)', 'cde'],
    ['!n', ''],
    ['odd!=0,n', 'bd'],
    ['odd>0', 'bd'],
  ])('selects by labels: %s', async (labelSelector, expected) => {
    expect(names(await maps.list({ namespace: 'default', labelSelector }))).toBe(expected)
  })

  it.each([
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
  ])('refuses the selector %s', async (labelSelector, expected) => {
    expect(await code(maps.list({ labelSelector }))).toBe(`400 ${expected}`)
  })

  it('selects by fields and names those it does not know', async () => {
    expect(names(await maps.list({ fieldSelector: 'metadata.name=c,metadata.namespace=default' }))).toBe('c')
    expect(names(await maps.list({ namespace: 'default', fieldSelector: 'metadata.name=c' }))).toBe('c')
    expect(await code(maps.list({ fieldSelector: 'spec.x=1' }))).toBe(
      '400 "spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    expect(await code(pods.list({ fieldSelector: 'spec.x=1' }))).toBe('400 field label not supported: spec.x')
    expect(await code(pods.list({ fieldSelector: 'metadata.name' }))).toBe(
      "400 invalid selector: 'metadata.name'; can't understand 'metadata.name'",
    )
  })

  it('at an older revision is exact, and at a future one refused', async () => {
    const { metadata } = await maps.list({ namespace: 'default' })
    await maps.delete('default', 'a')
    const exact = await maps.list({ namespace: 'default', resourceVersion: metadata.resourceVersion!, resourceVersionMatch: 'Exact' })
    expect(names(exact)).toBe('abcde')
    expect(await code(maps.list({ resourceVersion: '999' }))).toBe(
      `504 Timeout: Too large resource version: 999, current: ${f.store.revision}`,
    )
  })
})

describe('watch', () => {
  it('tells what enters and leaves a selection as ADDED and DELETED', async () => {
    const told: string[] = []
    const onEvent = (e: WatchEvent<KubeObject>): void =>
      void told.push(`${e.type} ${e.object.metadata.name} ${e.object.metadata.labels?.['x']}`)
    const watch = maps.watch(
      { namespace: 'default', labelSelector: 'x=1', resourceVersion: String(f.store.revision) },
      onEvent,
      () => undefined,
    )
    const a = await maps.create('default', configMap('a', {}, { labels: { x: '1' } }))
    const b = await maps.update({ ...a, data: { k: 'v' } })
    const c = await maps.update({ ...b, metadata: { ...b.metadata, labels: { x: '2' } } })
    await maps.update({ ...c, metadata: { ...c.metadata, labels: { x: '1' } } })
    await maps.delete('default', 'a')
    await f.clock.settle()
    expect(told).toEqual(['ADDED a 1', 'MODIFIED a 1', 'DELETED a 1', 'ADDED a 1', 'DELETED a 1'])
    watch.stop()
  })

  it('ends with 410 when what it asks for has been compacted', async () => {
    await maps.create('default', configMap('a'))
    await f.store.compact(f.store.revision)
    const error = await new Promise((resolve) => maps.watch({ resourceVersion: '2' }, () => undefined, resolve))
    expect(error).toMatchObject({ code: 410, reason: 'Expired', message: `too old resource version: 2 (${f.store.revision})` })
  })
})

describe('an informer', () => {
  it('holds what is there, follows changes, and answers by index', async () => {
    await pods.create('default', pod('a', { nodeName: 'n1' }))
    const informer = f.server.informers({ username: 'me', groups: ['system:masters'] }).for(resources.pods)
    informer.addIndex('node', (p) => [(p as unknown as { spec: { nodeName?: string } }).spec.nodeName ?? ''])
    await informer.synced
    const told: string[] = []
    informer.on({
      add: (o) => told.push(`add ${keyName(o)}`),
      update: (_, o) => told.push(`update ${keyName(o)}`),
      delete: (o) => told.push(`delete ${keyName(o)}`),
    })
    const b = await pods.create('default', pod('b', { nodeName: 'n1' }))
    await pods.patch('default', 'b', { metadata: { labels: { x: 'y' } } }, { type: 'merge' })
    expect(informer.byIndex('node', 'n1').map(keyName)).toEqual(['a', 'b'])
    await pods.delete('default', 'a', { gracePeriodSeconds: 0 })
    await f.clock.settle()
    expect(told).toEqual(['add a', 'add b', 'update b', 'update a', 'delete a'])
    expect(informer.size).toBe(1)
    expect(informer.get('default', 'b')!.metadata).not.toBe(b.metadata)
    expect(informer.byIndex('node', 'n1').map(keyName)).toEqual(['b'])
  })
})

describe('a user without rights', () => {
  it('is refused in the words of the API, whether the object exists or not', async () => {
    const alice = f.server.client({ username: 'alice', groups: ['system:authenticated'] })
    expect(await code(alice.resource(resources.pods).list({ namespace: 'default' }))).toBe(
      '403 pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
    )
    expect(await code(alice.resource(resources.deployments).get('default', 'd'))).toBe(
      '403 deployments.apps "d" is forbidden: User "alice" cannot get resource "deployments" in API group "apps" in the namespace "default"',
    )
    expect(await code(alice.resource(resources.nodes).list())).toBe(
      '403 nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope',
    )
  })
})

function keyName(o: { metadata: object }): string {
  return (o.metadata as { name: string }).name
}
