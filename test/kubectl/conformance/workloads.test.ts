import { describe, expect, it } from 'vitest'
import { type Api, eventually, type Json, type Watching } from '../support/api.js'
import type { TestCluster } from '../support/cluster.js'
import { eachInNamespace } from '../support/stage.js'

/** StatefulSets, DaemonSets and their revisions. */

let cluster: TestCluster
let api: Api
let core: string
let apps: string
eachInNamespace('workloads', (on) => {
  ;({ cluster, api, core } = on)
  apps = on.group('apps/v1')
})

const WEB = 'registry.k8s.io/e2e-test-images/httpd:2.4.38-4'
const NEW_WEB = 'registry.k8s.io/e2e-test-images/httpd:2.4.39-4'
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const pods = async (labelSelector: string): Promise<Json[]> => (await api.get(`${core}/pods`, { labelSelector })).items
const living = async (labelSelector: string): Promise<Json[]> => (await pods(labelSelector)).filter((p) => !p.metadata.deletionTimestamp)
const ready = (p: Json): boolean => p.status.conditions?.some((c: Json) => c.type === 'Ready' && c.status === 'True')
const nameOf = (o: Json): string => o.metadata.name
const exec = (pod: string, command: string): void => void cluster.ok(['-n', core.split('/').pop()!, 'exec', pod, '--', 'sh', '-c', command])

describe('a StatefulSet', () => {
  const path = (): string => `${apps}/statefulsets/ss`
  const breaks = (pod: string): void => exec(pod, 'mv -v /usr/local/apache2/htdocs/index.html /tmp/ || true')
  const heals = (pod: string): void => exec(pod, 'mv -v /tmp/index.html /usr/local/apache2/htdocs/ || true')
  const created = async (replicas: number, spec: Json = {}): Promise<void> => {
    await api.create(`${core}/services`, {
      metadata: { name: 'test' },
      spec: { clusterIP: 'None', selector: { foo: 'bar' }, ports: [{ port: 80, name: 'http' }] },
    })
    // Time runs fast, and a busy machine is slow: an answer has a minute.
    const readinessProbe = {
      httpGet: { path: '/index.html', port: 80 },
      periodSeconds: 1,
      timeoutSeconds: 60,
      successThreshold: 1,
      failureThreshold: 1,
    }
    await api.create(`${apps}/statefulsets`, {
      metadata: { name: 'ss', labels: { foo: 'bar' } },
      spec: {
        serviceName: 'test',
        replicas,
        selector: { matchLabels: { foo: 'bar' } },
        template: {
          metadata: { labels: { foo: 'bar' } },
          spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'webserver', image: WEB, readinessProbe }] },
        },
        ...spec,
      },
    })
    if (replicas) await runs(replicas)
  }
  const runs = (count: number): Promise<Json[]> =>
    eventually(
      () => living('foo=bar'),
      (all) => all.length === count && all.every(ready),
    )
  const scale = (replicas: number): Promise<Json> => api.patch(`${path()}/scale`, 'merge', { spec: { replicas } })
  const status = (holds: (s: Json) => boolean): Promise<Json> =>
    eventually(
      () => api.get(path()),
      (o) => o.status.observedGeneration === o.metadata.generation && holds(o.status),
    )
  const order = (watch: Watching, type: string, from = 0): string[] =>
    watch.events.slice(from).flatMap((e) => (e.type === type ? [nameOf(e.object)] : []))

  it('scales up in order and down in the reverse, and neither while a pod is unhealthy', async () => {
    await created(1)
    breaks('ss-0')
    await status((s) => !s.readyReplicas)
    await scale(3)
    const watch = await api.watch(`${core}/pods`, {
      labelSelector: 'foo=bar',
      resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion,
    })
    await status((s) => s.replicas === 1)
    await api.jump(10)
    expect((await pods('foo=bar')).map(nameOf)).toEqual(['ss-0'])
    heals('ss-0')
    await runs(3)
    await watch.until((e) => e.type === 'ADDED' && nameOf(e.object) === 'ss-2')
    expect(order(watch, 'ADDED')).toEqual(['ss-1', 'ss-2'])
    const from = watch.events.length
    for (const pod of ['ss-0', 'ss-1', 'ss-2']) breaks(pod)
    await status((s) => !s.readyReplicas)
    await scale(0)
    await api.jump(10)
    expect((await living('foo=bar')).length).toBe(3)
    // Each goes as soon as it is healthy, and the last of them as it is.
    for (const pod of ['ss-2', 'ss-1']) heals(pod)
    await status((s) => s.replicas === 0)
    await eventually(
      () => pods('foo=bar'),
      (all) => all.length === 0,
    )
    await watch.until((e) => e.type === 'DELETED' && nameOf(e.object) === 'ss-0', from)
    expect(order(watch, 'DELETED', from)).toEqual(['ss-2', 'ss-1', 'ss-0'])
    watch.close()
  })

  it('in parallel scales whatever its pods say', async () => {
    await created(1, { podManagementPolicy: 'Parallel' })
    breaks('ss-0')
    await status((s) => !s.readyReplicas)
    await scale(3)
    await eventually(
      () => living('foo=bar'),
      (all) => all.length === 3 && all.filter(ready).length === 2,
    )
    heals('ss-0')
    await runs(3)
    for (const pod of ['ss-0', 'ss-1', 'ss-2']) breaks(pod)
    await status((s) => !s.readyReplicas)
    await scale(0)
    await status((s) => s.replicas === 0)
  })

  it('rolls updates from the last pod on, and knows the template of an earlier revision again', async () => {
    await created(3)
    const first = await status((s) => s.currentRevision === s.updateRevision && s.updatedReplicas === 3)
    const watch = await api.watch(`${core}/pods`, {
      labelSelector: 'foo=bar',
      resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion,
    })
    const roll = async (image: string): Promise<Json> => {
      const from = watch.events.length
      await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = image))
      const rolling = await status((s) => s.currentRevision !== s.updateRevision)
      expect(rolling.status.currentRevision).not.toBe(rolling.status.updateRevision)
      const done = await status((s) => s.currentRevision === s.updateRevision && s.currentReplicas === 3 && s.readyReplicas === 3)
      await watch.until((e) => e.type === 'DELETED' && nameOf(e.object) === 'ss-0', from)
      expect(order(watch, 'DELETED', from)).toEqual(['ss-2', 'ss-1', 'ss-0'])
      for (const p of await pods('foo=bar'))
        expect([p.spec.containers[0].image, p.metadata.labels['controller-revision-hash']]).toEqual([image, done.status.updateRevision])
      return done
    }
    const second = await roll(NEW_WEB)
    expect(second.status.updateRevision).not.toBe(first.status.updateRevision)
    expect((await roll(WEB)).status.updateRevision).toBe(first.status.updateRevision)
    expect((await api.get(`${apps}/controllerrevisions`)).items.map((r: Json) => r.revision).sort()).toEqual([2, 3])
    watch.close()
  })

  it('updates in phases by its partition, and gives deleted pods the template of their part', async () => {
    const partition = (at: number): Json => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: at } } })
    await created(3, partition(3))
    const before = (await status((s) => s.currentRevision === s.updateRevision)).status.currentRevision
    await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = NEW_WEB))
    const after = (await status((s) => s.currentRevision !== s.updateRevision)).status.updateRevision
    const split = async (at: number): Promise<void> => {
      await eventually(
        async () =>
          (await living('foo=bar')).map(
            (p) => `${nameOf(p)} ${p.spec.containers[0].image} ${p.metadata.labels['controller-revision-hash']} ${ready(p)}`,
          ),
        (all) => [0, 1, 2].every((i) => all.includes(`ss-${i} ${i < at ? `${WEB} ${before}` : `${NEW_WEB} ${after}`} true`)),
      )
    }
    await split(3)
    await api.patch(path(), 'merge', { spec: partition(2) })
    await split(2)
    for (const name of ['ss-0', 'ss-2']) await api.delete(`${core}/pods/${name}`, { gracePeriodSeconds: 0 })
    await split(2)
    for (const at of [1, 0]) {
      await api.patch(path(), 'merge', { spec: partition(at) })
      await split(at)
    }
    await status((s) => s.currentRevision === after && s.updateRevision === after)
  })

  it('replaces a pod that a node has refused', async () => {
    const pod = {
      metadata: { name: 'test-pod' },
      spec: {
        nodeName: 'drydock-m02',
        containers: [{ name: 'webserver', image: WEB, ports: [{ containerPort: 21017, hostPort: 21017 }] }],
      },
    }
    await api.create(`${core}/pods`, pod)
    await eventually(() => api.get(`${core}/pods/test-pod`), ready)
    const watch = await api.watch(`${core}/pods`, { fieldSelector: 'metadata.name=ss-0' })
    await created(0)
    await api.patch(path(), 'strategic', {
      spec: {
        replicas: 1,
        template: {
          spec: { nodeName: 'drydock-m02', containers: [{ name: 'webserver', ports: [{ containerPort: 21017, hostPort: 21017 }] }] },
        },
      },
    })
    const failed = await watch.until((e) => e.object.status.phase === 'Failed')
    expect([failed.object.status.reason, failed.object.status.message]).toEqual([
      'NodePorts',
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ])
    await watch.until((e) => e.type === 'DELETED')
    await api.delete(`${core}/pods/test-pod`, { gracePeriodSeconds: 0 })
    await runs(1)
    watch.close()
  })
})

describe('a DaemonSet', () => {
  const path = (): string => `${apps}/daemonsets/ds`
  const created = (template: Json = {}, spec: Json = {}): Promise<Json> =>
    api.create(`${apps}/daemonsets`, {
      metadata: { name: 'ds', labels: { 'daemonset-name': 'ds' } },
      spec: {
        selector: { matchLabels: { 'daemonset-name': 'ds' } },
        template: {
          metadata: { labels: { 'daemonset-name': 'ds' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: WEB }], ...template },
        },
        ...spec,
      },
    })
  const runsOn = (count: number): Promise<Json[]> =>
    eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === count && all.every(ready) && new Set(all.map((p) => p.spec.nodeName)).size === count,
    )
  const label = (node: string, color: string | null): Promise<Json> =>
    api.patch(`/api/v1/nodes/${node}`, 'strategic', { metadata: { labels: { 'daemonset-color': color } } })

  it('runs on every node, and again where its pod is deleted or has failed', async () => {
    await created()
    const [gone, failed] = await runsOn(3)
    await api.delete(`${core}/pods/${nameOf(gone)}`, { gracePeriodSeconds: 0 })
    await runsOn(3)
    await api.patch(`${core}/pods/${nameOf(failed)}/status`, 'merge', { status: { phase: 'Failed' } })
    await eventually(
      () => api.exists(`${core}/pods/${nameOf(failed)}`),
      (there) => !there,
    )
    await runsOn(3)
    expect((await api.get(path())).status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberMisscheduled: 0,
    })
  })

  it('follows the labels of nodes', async () => {
    await created({ nodeSelector: { 'daemonset-color': 'blue' } })
    await eventually(
      () => api.get(path()),
      (d) => d.status.observedGeneration === 1 && d.status.desiredNumberScheduled === 0,
    )
    await label('drydock-m02', 'blue')
    expect((await runsOn(1))[0].spec.nodeName).toBe('drydock-m02')
    await label('drydock-m02', 'green')
    await runsOn(0)
    await api.patch(path(), 'merge', {
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { nodeSelector: { 'daemonset-color': 'green' } } } },
    })
    await runsOn(1)
    await label('drydock-m02', null)
    await runsOn(0)
  })

  it('rolls an update out, one node after the other, and back without restarting what was never updated', async () => {
    await created({}, { updateStrategy: { type: 'RollingUpdate' } })
    await runsOn(3)
    await api.patch(path(), 'strategic', { spec: { template: { spec: { containers: [{ name: 'app', image: AGNHOST }] } } } })
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === 3 && all.every((p) => ready(p) && p.spec.containers[0].image === AGNHOST),
    )
    const before = await runsOn(3)
    await api.change(path(), (d) => (d.spec.template.spec.containers[0].image = 'foo:non-existent'))
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.some((p) => p.spec.containers[0].image === 'foo:non-existent'),
    )
    const old = (await living('daemonset-name=ds')).filter((p) => p.spec.containers[0].image === AGNHOST)
    expect(old.length).toBe(2)
    await api.change(path(), (d) => (d.spec.template.spec.containers[0].image = AGNHOST))
    await eventually(
      () => living('daemonset-name=ds'),
      (all) => all.length === 3 && all.every((p) => ready(p) && p.spec.containers[0].image === AGNHOST),
    )
    const after = await runsOn(3)
    for (const p of old) {
      const kept = after.find((q) => nameOf(q) === nameOf(p))
      expect(kept?.status.containerStatuses[0].restartCount).toBe(0)
      expect(before.map(nameOf)).toContain(nameOf(p))
    }
    const hashes = new Set(after.map((p) => p.metadata.labels['controller-revision-hash']))
    expect(hashes.size).toBe(1)
  })

  it('has revisions that are listed, patched, created, updated and deleted', async () => {
    const revisions = `${apps}/controllerrevisions`
    const counted = (count: number): Promise<Json> =>
      eventually(
        () => api.get(revisions, { labelSelector: 'daemonset-name=ds' }),
        (l) => l.items.length === count,
      )
    const ds = await created()
    await runsOn(3)
    const initial = (await api.get('/apis/apps/v1/controllerrevisions', { labelSelector: 'daemonset-name=ds' })).items.find(
      (r: Json) => r.metadata.ownerReferences[0].uid === ds.metadata.uid,
    )
    const name = nameOf(initial)
    const patched = await api.patch(`${revisions}/${name}`, 'strategic', { metadata: { labels: { [name]: 'patched' } } })
    expect(patched.metadata.labels[name]).toBe('patched')
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'ds', uid: ds.metadata.uid, controller: true, blockOwnerDeletion: true },
    ]
    await api.create(revisions, {
      metadata: { name: 'ds-5d8f9cd466', labels: { 'daemonset-name': 'ds', 'controller-revision-hash': '5d8f9cd466' }, ownerReferences },
      data: initial.data,
      revision: initial.revision + 1,
    })
    await counted(2)
    await api.delete(`${revisions}/${name}`)
    const [left] = (await counted(1)).items
    expect(nameOf(left)).toBe('ds-5d8f9cd466')
    await api.change(`${revisions}/${nameOf(left)}`, (r) => (r.metadata.labels[nameOf(left)] = 'updated'))
    await api.patch(path(), 'strategic', {
      spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } },
      updateStrategy: { type: 'RollingUpdate' },
    })
    await counted(2)
    await api.deleteCollection(revisions, `${nameOf(left)}=updated`)
    expect((await counted(1)).items.map((r: Json) => r.revision)).toEqual([3])
  })
})
