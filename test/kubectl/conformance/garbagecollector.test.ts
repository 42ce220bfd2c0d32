import { describe, expect, it } from 'vitest'
import { type Api, eventually, type Json } from '../support/api.js'
import { eachInNamespace } from '../support/stage.js'

/** What goes with its owner, what stays, and in which order. */

let api: Api
let namespace: string
let apps: string
eachInNamespace('gc', (on) => {
  ;({ api, core: namespace } = on)
  apps = on.group('apps/v1')
})

const template = (labels: Json): Json => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'nginx:1.25' }] },
})
const controller = async (name: string, replicas: number): Promise<Json> => {
  const rc = await api.create(`${namespace}/replicationcontrollers`, {
    metadata: { name },
    spec: { replicas, selector: { rc: name }, template: template({ rc: name }) },
  })
  await eventually(
    () => api.get(`${namespace}/replicationcontrollers/${name}`),
    (o) => o.status.replicas === replicas,
  )
  return rc
}
const deployment = async (): Promise<Json> => {
  const labels = { gctest: 'deployment' }
  const created = await api.create(`${apps}/deployments`, {
    metadata: { name: 'owner' },
    spec: { replicas: 2, strategy: { type: 'RollingUpdate' }, selector: { matchLabels: labels }, template: template(labels) },
  })
  await eventually(
    () => api.get(`${apps}/replicasets`),
    (l) => l.items.length === 1 && l.items[0].status.replicas === 2,
  )
  return created
}
const remove = (path: string, owner: Json, propagationPolicy: string): Promise<Json> =>
  api.delete(path, { propagationPolicy, preconditions: { uid: owner.metadata.uid } })
const pods = (): Promise<Json> => api.get(`${namespace}/pods`)
/** A while in the cluster's time in which a mistake would show. */

describe('pods of a ReplicationController', () => {
  it('go after it when it is deleted in the background', async () => {
    const rc = await controller('rc', 2)
    await remove(`${namespace}/replicationcontrollers/rc`, rc, 'Background')
    expect(await api.exists(`${namespace}/replicationcontrollers/rc`)).toBe(false)
    await eventually(pods, (l) => l.items.length === 0)
  })

  it('stay without an owner when it is deleted as an orphaning one', async () => {
    const rc = await controller('rc', 10)
    await remove(`${namespace}/replicationcontrollers/rc`, rc, 'Orphan')
    await eventually(
      () => api.exists(`${namespace}/replicationcontrollers/rc`),
      (there) => !there,
    )
    await api.jump(30)
    const left = (await pods()).items
    expect([left.length, left.some((p: Json) => p.metadata.ownerReferences || p.metadata.deletionTimestamp)]).toEqual([10, false])
  })

  it('go before it when it is deleted in the foreground', async () => {
    const rc = await controller('rc', 10)
    const watch = await api.watch(`${namespace}/replicationcontrollers`)
    const deleted = await remove(`${namespace}/replicationcontrollers/rc`, rc, 'Foreground')
    expect(deleted.metadata.finalizers).toEqual(['foregroundDeletion'])
    await watch.until((e) => e.type === 'DELETED')
    expect((await pods()).items).toEqual([])
    watch.close()
  })

  it('stay while they have another owner that does not wait for them', async () => {
    const [going, staying] = [await controller('going', 10), await controller('staying', 0)]
    const all = (await pods()).items.map((p: Json) => p.metadata.name).sort()
    const kept = all.slice(0, 5)
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ReplicationController', name: 'staying', uid: staying.metadata.uid }]
    for (const name of kept) await api.patch(`${namespace}/pods/${name}`, 'strategic', { metadata: { ownerReferences } })
    await remove(`${namespace}/replicationcontrollers/going`, going, 'Foreground')
    await eventually(
      () => api.exists(`${namespace}/replicationcontrollers/going`),
      (there) => !there,
    )
    await api.jump(30)
    const left = (await pods()).items
    expect(left.map((p: Json) => p.metadata.name).sort()).toEqual(kept)
    for (const pod of left) {
      expect(pod.metadata.deletionTimestamp).toBeUndefined()
      expect(pod.metadata.ownerReferences.map((o: Json) => o.name)).toEqual(['staying'])
    }
  })
})

describe('the ReplicaSet of a Deployment', () => {
  it('goes after it with its pods when it is deleted in the background', async () => {
    await remove(`${apps}/deployments/owner`, await deployment(), 'Background')
    await eventually(
      () => api.get(`${apps}/replicasets`),
      (l) => l.items.length === 0,
    )
    await eventually(pods, (l) => l.items.length === 0)
  })

  it('stays without an owner and keeps its pods when it is deleted as an orphaning one', async () => {
    await remove(`${apps}/deployments/owner`, await deployment(), 'Orphan')
    await eventually(
      () => api.exists(`${apps}/deployments/owner`),
      (there) => !there,
    )
    await api.jump(30)
    const sets = (await api.get(`${apps}/replicasets`)).items
    expect([sets.length, sets[0].metadata.ownerReferences, (await pods()).items.length]).toEqual([1, undefined, 2])
  })
})

describe('owners', () => {
  it('in a circle do not keep each other', async () => {
    const uids: string[] = []
    for (const name of ['pod1', 'pod2', 'pod3'])
      uids.push(
        (
          await api.create(`${namespace}/pods`, {
            metadata: { name },
            spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'nginx:1.25' }] },
          })
        ).metadata.uid,
      )
    const owned = (name: string, by: number): Promise<Json> => {
      const owner = { apiVersion: 'v1', kind: 'Pod', name: `pod${by}`, uid: uids[by - 1], controller: true, blockOwnerDeletion: true }
      return api.patch(`${namespace}/pods/${name}`, 'strategic', { metadata: { ownerReferences: [owner] } })
    }
    await owned('pod1', 3)
    await owned('pod2', 1)
    await owned('pod3', 2)
    await api.delete(`${namespace}/pods/pod1`, { propagationPolicy: 'Foreground', preconditions: { uid: uids[0] } })
    await eventually(pods, (l) => l.items.length === 0)
  })

  it('and what they own may be custom resources', async () => {
    await api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'owners.gc.example.com' },
      spec: {
        group: 'gc.example.com',
        scope: 'Cluster',
        names: { plural: 'owners', kind: 'Owner' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    })
    const owners = '/apis/gc.example.com/v1/owners'
    await eventually(() => api.exists(owners), Boolean)
    const make = (name: string, ownerReferences: Json[] = []): Promise<Json> =>
      api.create(owners, { apiVersion: 'gc.example.com/v1', kind: 'Owner', metadata: { name, ownerReferences } })
    const owner = await make('owner')
    const reference = { apiVersion: 'gc.example.com/v1', kind: 'Owner', name: 'owner', uid: owner.metadata.uid }
    await make('dependent', [reference])
    await api.delete(`${owners}/owner`, { propagationPolicy: 'Background' })
    await eventually(
      () => api.get(owners),
      (l) => l.items.length === 0,
    )
    const next = await make('owner')
    await make('dependent', [{ ...reference, uid: next.metadata.uid }])
    await api.delete(`${owners}/owner`, { propagationPolicy: 'Orphan' })
    await eventually(
      () => api.exists(`${owners}/owner`),
      (there) => !there,
    )
    expect((await api.get(`${owners}/dependent`)).metadata.ownerReferences).toBeUndefined()
  })
})
