import { describe, expect, it } from 'vitest'
import { type Api, eventually, refusal, type Json } from '../support/api.js'
import { eachInNamespace } from '../support/stage.js'

/** ReplicaSets and ReplicationControllers, Deployments and PodDisruptionBudgets: numbers of pods that are alike. */

let api: Api
let core: string
let apps: string
eachInNamespace('replicas', (on) => {
  ;({ api, core } = on)
  apps = on.group('apps/v1')
})

const WEB = 'registry.k8s.io/e2e-test-images/httpd:2.4.38-4'
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const PAUSE = 'registry.k8s.io/pause:3.10'
const container = (image: string): Json => ({ name: 'main', image })
const template = (labels: Json, image: string): Json => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [container(image)] },
})
const replicas = (name: string, count: number, image = WEB, more: Json = {}): Json => ({
  metadata: { name, labels: { name } },
  spec: { replicas: count, selector: { matchLabels: { name } }, template: template({ name }, image), ...more },
})
const pods = async (name: string): Promise<Json[]> =>
  (await api.get(`${core}/pods`, { labelSelector: `name=${name}` })).items.filter((p: Json) => !p.metadata.deletionTimestamp)
const ready = (p: Json): boolean => p.status.conditions?.some((c: Json) => c.type === 'Ready' && c.status === 'True')
const running = (name: string, count: number): Promise<Json[]> =>
  eventually(
    () => pods(name),
    (all) => all.length === count && all.every(ready),
  )
const controllerOf = (object: Json): string | undefined => object.metadata.ownerReferences?.find((o: Json) => o.controller)?.name

describe.each([
  ['ReplicaSet', 'replicasets'],
  ['ReplicationController', 'replicationcontrollers'],
])('a %s', (kind, resource) => {
  const collection = (): string => `${kind === 'ReplicaSet' ? apps : core}/${resource}`
  const created = async (name: string, count: number, image = WEB): Promise<Json> => {
    const object = replicas(name, count, image)
    if (kind === 'ReplicationController') object.spec.selector = { name }
    return api.create(collection(), object)
  }

  it('serves with every replica', async () => {
    const object = replicas('my-hostname', 2, AGNHOST)
    Object.assign(object.spec.template.spec.containers[0], { args: ['serve-hostname'], ports: [{ containerPort: 9376 }] })
    if (kind === 'ReplicationController') object.spec.selector = { name: 'my-hostname' }
    await api.create(collection(), object)
    for (const p of await running('my-hostname', 2)) {
      const proxied = await eventually(
        () => api.request('GET', `${core}/pods/${p.metadata.name}:9376/proxy/`),
        (answer) => answer.code === 200,
      )
      expect(proxied.text).toBe(p.metadata.name)
    }
  })

  it('adopts a pod that matches and nobody owns, and releases one that matches no longer', async () => {
    await api.create(`${core}/pods`, {
      metadata: { name: 'pod-adoption', labels: { name: 'pod-adoption' } },
      spec: { containers: [container(WEB)] },
    })
    const owner = await created('pod-adoption', 1)
    const adopted = await eventually(
      () => api.get(`${core}/pods/pod-adoption`),
      (p) => controllerOf(p) === 'pod-adoption',
    )
    expect(adopted.metadata.ownerReferences).toEqual([
      { apiVersion: owner.apiVersion, kind, name: 'pod-adoption', uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true },
    ])
    await api.change(`${core}/pods/pod-adoption`, (p) => (p.metadata.labels.name = 'released'))
    await eventually(
      () => api.get(`${core}/pods/pod-adoption`),
      (p) => controllerOf(p) === undefined,
    )
    await running('pod-adoption', 1)
  })

  it('scales by its scale, which is read, updated and patched', async () => {
    await created('test', 1)
    await running('test', 1)
    const scale = await api.get(`${collection()}/test/scale`)
    expect([scale.kind, scale.spec.replicas, scale.status.replicas, scale.status.selector]).toEqual(['Scale', 1, 1, 'name=test'])
    const updated = await api.update(`${collection()}/test/scale`, {
      ...scale,
      metadata: { ...scale.metadata, resourceVersion: undefined },
      spec: { replicas: 2 },
    })
    expect(updated.spec.replicas).toBe(2)
    expect((await api.get(`${collection()}/test`)).spec.replicas).toBe(2)
    expect((await api.patch(`${collection()}/test/scale`, 'merge', { spec: { replicas: 4 } })).spec.replicas).toBe(4)
    await running('test', 4)
  })

  it('is watched from its creation over changes of its number and status to its end', async () => {
    const watch = await api.watch(collection(), { labelSelector: 'name=life' })
    await created('life', 1, PAUSE)
    await watch.until((e) => e.type === 'ADDED')
    await watch.until((e) => e.object.status.readyReplicas === 1)
    const patched = await api.patch(`${collection()}/life`, 'strategic', {
      metadata: { labels: { patched: 'yes' } },
      spec: { replicas: 2 },
    })
    expect([patched.metadata.labels, patched.spec.replicas]).toEqual([{ name: 'life', patched: 'yes' }, 2])
    await watch.until(
      (e) => e.object.status.readyReplicas === 2 && e.object.status.availableReplicas === 2 && e.object.status.observedGeneration === 2,
    )
    // What somebody else writes into the status is seen, and set right.
    const from = watch.events.length
    await api.patch(`${collection()}/life/status`, 'merge', { status: { readyReplicas: 0, availableReplicas: 0 } })
    await watch.until((e) => (e.object.status.readyReplicas ?? 0) === 0, from)
    await eventually(
      () => api.get(`${collection()}/life/status`),
      (o) => o.status.readyReplicas === 2,
    )
    await api.deleteCollection(collection(), 'name=life')
    await watch.until((e) => e.type === 'DELETED')
    watch.close()
    // A client that says nothing of dependents leaves the pods of a ReplicationController where they are, as ever.
    if (kind === 'ReplicaSet')
      await eventually(
        () => pods('life'),
        (all) => all.length === 0,
      )
    else expect((await running('life', 2)).map(controllerOf)).toEqual([undefined, undefined])
  })

  it('says that a quota keeps it from its number, and no longer when there is room', async () => {
    await api.create(`${core}/resourcequotas`, { metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } })
    await eventually(
      () => api.get(`${core}/resourcequotas/condition-test`),
      (q) => q.status.hard?.pods === '2' && q.status.used?.pods === '0',
    )
    await created('condition-test', 3)
    const failed = await eventually(
      () => api.get(`${collection()}/condition-test`),
      (o) => o.status.conditions?.length && o.status.observedGeneration === o.metadata.generation,
    )
    expect(failed.status.conditions.map((c: Json) => [c.type, c.status, c.reason])).toEqual([['ReplicaFailure', 'True', 'FailedCreate']])
    expect(failed.status.conditions[0].message).toMatch(
      /^pods "condition-test-\w{5}" is forbidden: exceeded quota: condition-test, requested: pods=1, used: pods=2, limited: pods=2$/,
    )
    await api.change(`${collection()}/condition-test`, (o) => (o.spec.replicas = 2))
    await eventually(
      () => api.get(`${collection()}/condition-test`),
      (o) => o.status.conditions === undefined,
    )
  })
})

describe('a Deployment', () => {
  const path = (): string => `${apps}/deployments/web`
  const complete = (count: number): Promise<Json> =>
    eventually(
      () => api.get(path()),
      ({ status, metadata, spec }) =>
        status.observedGeneration === metadata.generation &&
        [status.updatedReplicas, status.replicas, status.availableReplicas, spec.replicas].every((n) => n === count),
    )
  const sets = async (): Promise<Json[]> => (await api.get(`${apps}/replicasets`)).items
  const revisionOf = (object: Json): string => object.metadata.annotations['deployment.kubernetes.io/revision']

  it('takes over a ReplicaSet that matches and replaces its pods by those of its own', async () => {
    const old = replicas('web', 1)
    old.metadata.name = 'test-rolling-update-controller'
    old.metadata.annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' }
    await api.create(`${apps}/replicasets`, old)
    await running('web', 1)
    await api.create(`${apps}/deployments`, replicas('web', 1, AGNHOST))
    await complete(1)
    expect(revisionOf(await api.get(path()))).toBe('3546343826724305833')
    const [before] = (await sets()).filter((s) => s.metadata.name === 'test-rolling-update-controller')
    expect([before.spec.replicas, controllerOf(before)]).toEqual([0, 'web'])
    expect((await sets()).length).toBe(2)
  })

  it('that recreates never runs pods of two templates together', async () => {
    await api.create(`${apps}/deployments`, replicas('web', 1, AGNHOST, { strategy: { type: 'Recreate' } }))
    await complete(1)
    const watch = await api.watch(`${core}/pods`, {
      labelSelector: 'name=web',
      resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion,
    })
    await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = WEB))
    await complete(1)
    await watch.until((e) => e.type === 'ADDED')
    const order = watch.events.filter((e) => e.type !== 'MODIFIED').map((e) => `${e.type} ${e.object.spec.containers[0].image}`)
    expect(order).toEqual([`DELETED ${AGNHOST}`, `ADDED ${WEB}`])
    watch.close()
  })

  it('keeps no more old ReplicaSets than its history is long', async () => {
    await api.create(`${apps}/replicasets`, {
      ...replicas('web', 1),
      metadata: { name: 'test-cleanup-controller', labels: { name: 'web' } },
    })
    await running('web', 1)
    await api.create(`${apps}/deployments`, replicas('web', 1, AGNHOST, { revisionHistoryLimit: 0 }))
    await complete(1)
    const left = await eventually(sets, (all) => all.length === 1)
    expect(controllerOf(left[0])).toBe('web')
  })

  it('rolls over to the newest template while an older one never became ready', async () => {
    await api.create(`${apps}/replicasets`, {
      ...replicas('web', 1),
      metadata: { name: 'test-rollover-controller', labels: { name: 'web' } },
    })
    await running('web', 1)
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
    await api.create(
      `${apps}/deployments`,
      replicas('web', 1, 'registry.k8s.io/redis-slave:nonexistent', { minReadySeconds: 10, strategy }),
    )
    await eventually(
      () => api.get(path()),
      (o) => o.metadata.annotations?.['deployment.kubernetes.io/revision'] === '1' && o.status.updatedReplicas === 1,
    )
    await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = AGNHOST))
    await complete(1)
    expect(revisionOf(await api.get(path()))).toBe('2')
    const old = (await sets()).filter((s) => s.spec.template.spec.containers[0].image !== AGNHOST)
    expect(old.map((s) => s.spec.replicas)).toEqual([0, 0])
  })

  it('scales its ReplicaSets in proportion while it rolls out', async () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } }
    await api.create(`${apps}/deployments`, replicas('web', 10, WEB, { strategy }))
    await complete(10)
    const [first] = await sets()
    await api.change(path(), (o) => (o.spec.template.spec.containers[0].image = 'webserver:404'))
    await eventually(
      () => api.get(path()),
      (o) => o.status.observedGeneration === o.metadata.generation && o.status.replicas === 13,
    )
    const spread = async (): Promise<Record<string, number>> =>
      Object.fromEntries((await sets()).map((s) => [s.metadata.name === first.metadata.name ? 'first' : 'second', s.spec.replicas]))
    await eventually(spread, (s) => s.first === 8 && s.second === 5)
    await eventually(
      () => api.get(path()),
      (o) => o.status.availableReplicas === 8,
    )
    await api.change(path(), (o) => (o.spec.replicas = 30))
    await eventually(spread, (s) => s.first === 20 && s.second === 13)
    expect((await sets()).map((s) => s.metadata.annotations['deployment.kubernetes.io/desired-replicas'])).toEqual(['30', '30'])
  })

  it('is watched from its creation over patches, an update and writes of its status to its end', async () => {
    const watch = await api.watch('/apis/apps/v1/deployments', { labelSelector: 'test-deployment-static=true' })
    const object = replicas('web', 2, AGNHOST)
    object.metadata.labels = { 'test-deployment-static': 'true' }
    await api.create(`${apps}/deployments`, object)
    await watch.until((e) => e.type === 'ADDED')
    await watch.until((e) => e.object.status.readyReplicas === 2)
    await api.patch(path(), 'strategic', {
      metadata: { labels: { 'test-deployment': 'patched' } },
      spec: { replicas: 1, template: { spec: { terminationGracePeriodSeconds: 2, containers: [container(PAUSE)] } } },
    })
    await watch.until(
      ({ object: { status, spec } }) =>
        status.readyReplicas === 1 &&
        status.updatedReplicas === 1 &&
        !status.unavailableReplicas &&
        spec.template.spec.containers[0].image === PAUSE,
    )
    // An update without a version replaces whatever is there.
    object.metadata.labels['test-deployment'] = 'updated'
    object.spec.template.spec.containers[0].image = WEB
    await api.update(path(), { apiVersion: 'apps/v1', kind: 'Deployment', ...object })
    const from = watch.events.length
    await watch.until(
      ({ object: { status } }) => status.readyReplicas === 2 && status.updatedReplicas === 2 && !status.unavailableReplicas,
      from,
    )
    const before = watch.events.length
    const written = await api.patch(`${path()}/status`, 'strategic', {
      metadata: { labels: { 'test-deployment': 'patched-status' } },
      status: { readyReplicas: 0, availableReplicas: 0 },
    })
    // Labels are no part of the status; the controller sets right what is.
    expect([written.metadata.labels['test-deployment'], written.status.readyReplicas ?? 0]).toEqual(['updated', 0])
    await watch.until((e) => (e.object.status.readyReplicas ?? 0) === 0, before)
    await watch.until((e) => e.object.status.readyReplicas === 2, before)
    await api.deleteCollection(`${apps}/deployments`, 'test-deployment-static=true')
    await watch.until((e) => e.type === 'DELETED')
    watch.close()
  })

  it('scales by its scale', async () => {
    await api.create(`${apps}/deployments`, replicas('web', 1, PAUSE))
    await complete(1)
    const scale = await api.get(`${path()}/scale`)
    expect([scale.spec.replicas, scale.status.selector]).toEqual([1, 'name=web'])
    await api.update(`${path()}/scale`, { ...scale, metadata: { name: 'web', namespace: scale.metadata.namespace }, spec: { replicas: 2 } })
    expect((await api.get(path())).spec.replicas).toBe(2)
    await api.patch(`${path()}/scale`, 'merge', { spec: { replicas: 4 } })
    await complete(4)
  })
})

describe('a PodDisruptionBudget', () => {
  const budgets = (): string => `/apis/policy/v1/namespaces/${core.split('/').pop()!}/poddisruptionbudgets`
  const budget = (spec: Json): Promise<Json> =>
    api.create(budgets(), { metadata: { name: 'foo' }, spec: { selector: { matchLabels: { name: 'rs' } }, ...spec } })
  const processed = (): Promise<Json> =>
    eventually(
      () => api.get(`${budgets()}/foo`),
      (b) => b.status?.observedGeneration === b.metadata.generation,
    )
  const evict = (name: string): Promise<Json> =>
    api.create(`${core}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: core.split('/').pop()! },
    })

  it('is created, updated, patched and deleted', async () => {
    await budget({ minAvailable: '1%' })
    await processed()
    expect((await api.change(`${budgets()}/foo`, (b) => (b.spec.minAvailable = '2%'))).spec.minAvailable).toBe('2%')
    expect((await api.patch(`${budgets()}/foo`, 'strategic', { spec: { minAvailable: '3%' } })).spec.minAvailable).toBe('3%')
    await api.delete(`${budgets()}/foo`)
    expect(await refusal(api.get(`${budgets()}/foo`))).toMatchObject({ code: 404 })
  })

  it('counts the disruptions it allows, and who writes disrupted pods into its status is heard', async () => {
    await budget({ minAvailable: 1 })
    await api.create(`${apps}/replicasets`, replicas('rs', 3, PAUSE))
    const { status } = await eventually(
      () => api.get(`${budgets()}/foo`),
      (b) => b.status.disruptionsAllowed === 2,
    )
    expect([status.currentHealthy, status.desiredHealthy, status.expectedPods]).toEqual([3, 1, 3])
    const disruptedPods = { 'no-such-pod': '2026-01-01T00:00:00Z' }
    const updated = await api.change(`${budgets()}/foo`, (b) => (b.status.disruptedPods = disruptedPods), '/status')
    expect(Object.keys(updated.status.disruptedPods)).toEqual(['no-such-pod'])
    const patched = await api.patch(`${budgets()}/foo/status`, 'merge', { status: { disruptedPods: null } })
    expect(patched.status.disruptedPods).toBeUndefined()
  })

  it('blocks evictions until it is changed to allow them', async () => {
    await budget({ minAvailable: 3 })
    await api.create(`${apps}/replicasets`, replicas('rs', 3, PAUSE))
    const [first, second] = await running('rs', 3)
    await eventually(
      () => api.get(`${budgets()}/foo`),
      (b) => b.status.currentHealthy === 3,
    )
    const refused = await refusal(evict(first.metadata.name))
    expect([refused.code, refused.status.reason, refused.status.message]).toEqual([
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
    ])
    expect(refused.status.details.causes).toEqual([
      { reason: 'DisruptionBudget', message: 'The disruption budget foo needs 3 healthy pods and has 3 currently' },
    ])
    await api.patch(`${budgets()}/foo`, 'strategic', { spec: { minAvailable: 2 } })
    await processed()
    expect(await eventually(() => evict(first.metadata.name).catch(() => undefined), Boolean)).toMatchObject({ status: 'Success' })
    await running('rs', 3)
    await api.delete(`${budgets()}/foo`)
    expect(await evict(second.metadata.name)).toMatchObject({ status: 'Success' })
  })
})
