import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Deployment, Pod, ReplicaSet } from '../../../src-main/cluster/api/object.js'
import { templateHash } from '../../../src-main/cluster/controllers/templatehash.js'
import type { Harness } from './harness.js'
import { deployment, podTemplate, replicaSet, startHarness } from './harness.js'

const { pods, replicasets, deployments } = resources

const get = (h: Harness) => h.cluster.get<Deployment>(deployments, 'default', 'web')
const sets = (h: Harness) => h.cluster.all<ReplicaSet>(replicasets).sort((a, b) => Number(revision(a)) - Number(revision(b)))
const revision = (object: { metadata: { annotations?: Record<string, string> } }) =>
  object.metadata.annotations?.['deployment.kubernetes.io/revision']
const condition = (h: Harness, type: string) => {
  const c = get(h).status!.conditions?.find((x) => x.type === type)
  return c && `${c.status} ${c.reason} ${c.message}`
}
const patch = (h: Harness, body: object) => h.user.resource(deployments).patch('default', 'web', body, { type: 'merge' })
const setImage = (h: Harness, image: string) => patch(h, { spec: { template: podTemplate({ app: 'web' }, image) } })
const replicas = (h: Harness) => sets(h).map((s) => s.spec!.replicas)

async function started(size: number, extra: object = {}): Promise<Harness> {
  const h = startHarness(['replicaset-controller', 'deployment-controller'])
  await h.user.resource<Deployment>(deployments).create('default', deployment('web', size, extra))
  await h.clock.advance(2000)
  return h
}

describe('a new Deployment', () => {
  test('makes one ReplicaSet with the hash of its template in name, labels and selector', async () => {
    const h = await started(3)
    const [set] = sets(h)
    const hash = templateHash(podTemplate({ app: 'web' }))
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/)
    expect(set!.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        'deployment.kubernetes.io/revision': '1',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
    })
    expect(set!.spec!.selector).toEqual({ matchLabels: { app: 'web', 'pod-template-hash': hash } })
    expect(set!.spec!.template!.metadata!.labels).toEqual({ app: 'web', 'pod-template-hash': hash })
    expect(h.cluster.all<Pod>(pods).map((p) => p.metadata.labels)).toEqual(Array(3).fill({ app: 'web', 'pod-template-hash': hash }))
  })

  test('reports counts, conditions, revision and the event of kubectl describe', async () => {
    const h = await started(3)
    const name = sets(h)[0]!.metadata.name
    const { conditions, ...counts } = get(h).status!
    expect(counts).toEqual({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    })
    expect(conditions).toHaveLength(2)
    expect(condition(h, 'Available')).toBe('True MinimumReplicasAvailable Deployment has minimum availability.')
    expect(condition(h, 'Progressing')).toBe(`True NewReplicaSetAvailable ReplicaSet "${name}" has successfully progressed.`)
    expect(revision(get(h))).toBe('1')
    expect(h.eventsOf('web')).toEqual([`Normal ScalingReplicaSet Scaled up replica set ${name} from 0 to 3`])
    expect(h.errors).toEqual([])
  })

  test('writes nothing more once it is complete', async () => {
    const h = await started(3)
    const before = h.cluster.requests.length
    await h.clock.advance(3_600_000)
    expect(h.cluster.requests.slice(before)).toEqual([])
  })

  test('that selects everything does nothing and says so', async () => {
    const h = await started(3, { selector: {} })
    expect(sets(h)).toEqual([])
    expect(h.eventsOf('web')).toEqual(['Warning SelectingAll This deployment is selecting all pods. A non-empty selector is required.'])
  })

  test('takes over a matching ReplicaSet that nobody controls', async () => {
    const h = startHarness(['replicaset-controller', 'deployment-controller'])
    const existing: ReplicaSet = {
      metadata: { name: 'manual', namespace: 'default', labels: { app: 'web' } },
      spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: podTemplate({ app: 'web' }) },
      status: { replicas: 0 },
    }
    await h.user.resource<ReplicaSet>(replicasets).create('default', existing)
    await h.user.resource<Deployment>(deployments).create('default', deployment('web', 2))
    await h.clock.advance(1000)
    expect(sets(h).map((s) => s.metadata.name)).toEqual(['manual'])
    expect(sets(h)[0]!.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'web', controller: true }])
  })
})

test('goes on from the revision that a ReplicaSet was given by others, however large', async () => {
  const h = startHarness(['replicaset-controller', 'deployment-controller'])
  const old = replicaSet('web', 1, { template: podTemplate({ app: 'web' }, 'nginx:1.19') })
  Object.assign(old.metadata, { labels: { app: 'web' }, annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' } })
  await h.user.resource<ReplicaSet>(replicasets).create('default', old)
  await h.user.resource<Deployment>(deployments).create('default', deployment('web', 1))
  await h.clock.advance(2000)
  expect(revision(get(h))).toBe('3546343826724305833')
})

describe('a rolling update', () => {
  test('ends with all pods of the new template and the old ReplicaSet kept empty', async () => {
    const h = await started(4)
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([0, 4])
    expect(h.cluster.all<Pod>(pods).map((p) => p.spec!.containers[0]!.image)).toEqual(Array(4).fill('nginx:1.26'))
    expect(revision(get(h))).toBe('2')
    expect(condition(h, 'Progressing')).toBe(
      `True NewReplicaSetAvailable ReplicaSet "${sets(h)[1]!.metadata.name}" has successfully progressed.`,
    )
  })

  test('tells each step', async () => {
    const h = await started(4)
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    const [old, fresh] = sets(h).map((s) => s.metadata.name)
    const told = h.eventsOf('web')
    expect(told.slice(0, 4)).toEqual([
      `Normal ScalingReplicaSet Scaled up replica set ${old} from 0 to 4`,
      `Normal ScalingReplicaSet Scaled up replica set ${fresh} from 0 to 1`,
      `Normal ScalingReplicaSet Scaled down replica set ${old} from 4 to 3`,
      `Normal ScalingReplicaSet Scaled up replica set ${fresh} from 1 to 2`,
    ])
    expect(told.at(-1)).toMatch(new RegExp(`^Normal ScalingReplicaSet Scaled down replica set ${old} from \\d to 0$`))
  })

  test('whose new pods never become ready stops at maxUnavailable and maxSurge', async () => {
    const h = await started(10)
    h.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
    await setImage(h, 'broken')
    await h.clock.advance(60_000)
    // 25 % of 10: at most 13 pods, at least 8 available.
    expect(replicas(h)).toEqual([8, 5])
    expect(get(h).status).toMatchObject({ replicas: 13, updatedReplicas: 5, availableReplicas: 8, unavailableReplicas: 5 })
    expect(condition(h, 'Available')).toBe('True MinimumReplicasAvailable Deployment has minimum availability.')
    expect(condition(h, 'Progressing')).toBe(`True ReplicaSetUpdated ReplicaSet "${sets(h)[1]!.metadata.name}" is progressing.`)
  })

  test('that makes no progress fails after progressDeadlineSeconds', async () => {
    const h = await started(2, { progressDeadlineSeconds: 30 })
    h.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
    await setImage(h, 'broken')
    await h.clock.advance(29_000)
    expect(condition(h, 'Progressing')).toMatch(/^True ReplicaSetUpdated/)
    await h.clock.advance(4000)
    expect(condition(h, 'Progressing')).toBe(
      `False ProgressDeadlineExceeded ReplicaSet "${sets(h)[1]!.metadata.name}" has timed out progressing.`,
    )
  })

  test('never has more than maxSurge too many nor fewer than maxUnavailable available', async () => {
    const h = await started(6, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } })
    let most = 0
    let least = Infinity
    h.cluster.for<Pod>(pods).on({
      add: () => (most = Math.max(most, h.cluster.all<Pod>(pods).filter((p) => !p.metadata.deletionTimestamp).length)),
      delete: () =>
        (least = Math.min(least, h.cluster.all<Pod>(pods).filter((p) => p.status!.conditions?.some((c) => c.status === 'True')).length)),
    })
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(10_000)
    expect(replicas(h)).toEqual([0, 6])
    expect({ most, least }).toEqual({ most: 7, least: 6 })
  })

  test('first takes away old pods that are not available anyway', async () => {
    const h = startHarness(['replicaset-controller', 'deployment-controller'])
    h.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
    const broken = deployment('web', 4, { template: podTemplate({ app: 'web' }, 'broken') })
    await h.user.resource<Deployment>(deployments).create('default', broken)
    await h.clock.advance(1000)
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([0, 4])
    expect(get(h).status!.availableReplicas).toBe(4)
  })

  test('waits minReadySeconds between steps', async () => {
    const h = await started(2, {
      minReadySeconds: 20,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    })
    await h.clock.advance(30_000)
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(10_000)
    expect(replicas(h)).toEqual([2, 1])
    await h.clock.advance(12_000)
    expect(replicas(h)).toEqual([1, 2])
    await h.clock.advance(22_000)
    expect(replicas(h)).toEqual([0, 2])
  })

  test('with both bounds rounded to zero still moves, one pod down at a time', async () => {
    const h = await started(2, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' } } })
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([0, 2])
  })
})

describe('undoing', () => {
  test('to an earlier template uses its ReplicaSet again under a new revision', async () => {
    const h = await started(2)
    const first = sets(h)[0]!.metadata.name
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    await setImage(h, 'nginx:1.25')
    await h.clock.advance(5000)
    const [second, again] = sets(h)
    expect(again!.metadata.name).toBe(first)
    expect(again!.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
    expect([second!.spec!.replicas, again!.spec!.replicas]).toEqual([0, 2])
    expect(again!.spec!.minReadySeconds).toBeUndefined()
    expect(revision(get(h))).toBe('3')
  })

  test('is possible as far back as revisionHistoryLimit', async () => {
    const h = await started(1, { revisionHistoryLimit: 2 })
    for (const image of ['a', 'b', 'c', 'd']) {
      await setImage(h, image)
      await h.clock.advance(5000)
    }
    expect(sets(h).map(revision)).toEqual(['3', '4', '5'])
  })

  test('keeps annotations of the Deployment on the ReplicaSet, such as the change cause', async () => {
    const h = await started(1)
    await patch(h, {
      metadata: { annotations: { 'kubernetes.io/change-cause': 'first', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
    })
    await h.clock.advance(1000)
    expect(sets(h)[0]!.metadata.annotations!['kubernetes.io/change-cause']).toBe('first')
    expect(sets(h)[0]!.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']).toBeUndefined()
  })
})

describe('Recreate', () => {
  test('starts no new pod before the last old one is gone', async () => {
    const h = await started(2, { strategy: { type: 'Recreate' } })
    h.kubelet.lets = () => false
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(10_000)
    expect(replicas(h)).toEqual([0])
    expect(h.cluster.all<Pod>(pods).map((p) => p.spec!.containers[0]!.image)).toEqual(['nginx:1.25', 'nginx:1.25'])
    expect(condition(h, 'Available')).toBe('False MinimumReplicasUnavailable Deployment does not have minimum availability.')
    for (const p of h.cluster.all<Pod>(pods)) await h.user.resource(pods).delete('default', p.metadata.name!, { gracePeriodSeconds: 0 })
    await h.clock.advance(1000)
    expect(replicas(h)).toEqual([0, 2])
    expect(h.cluster.all<Pod>(pods).map((p) => p.spec!.containers[0]!.image)).toEqual(['nginx:1.26', 'nginx:1.26'])
  })
})

describe('a paused Deployment', () => {
  test('does not roll out changes but can be scaled, and rolls out once resumed', async () => {
    const h = await started(2)
    await patch(h, { spec: { paused: true } })
    await setImage(h, 'nginx:1.26')
    await h.clock.advance(5000)
    expect(condition(h, 'Progressing')).toBe('Unknown DeploymentPaused Deployment is paused')
    expect(replicas(h)).toEqual([2])
    await patch(h, { spec: { replicas: 5 } })
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([5])
    await patch(h, { spec: { paused: null } })
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([0, 5])
    expect(condition(h, 'Progressing')).toMatch(/^True NewReplicaSetAvailable/)
  })
})

describe('scaling', () => {
  test('changes the one ReplicaSet and tells it', async () => {
    const h = await started(3)
    await patch(h, { spec: { replicas: 5 } })
    await h.clock.advance(1000)
    const [set] = sets(h)
    expect(h.eventsOf('web').at(-1)).toBe(`Normal ScalingReplicaSet Scaled up replica set ${set!.metadata.name} from 3 to 5`)
    expect(set!.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/desired-replicas': '5',
      'deployment.kubernetes.io/max-replicas': '7',
    })
    expect(get(h).status).toMatchObject({ replicas: 5, availableReplicas: 5 })
  })

  test('leaves alone what a ReplicaSet of the right size says of the largest one, also when that has changed', async () => {
    const h = await started(2)
    const most = (): string | undefined => sets(h)[0]!.metadata.annotations?.['deployment.kubernetes.io/max-replicas']
    expect(most()).toBe('3')
    await patch(h, { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } })
    await h.clock.advance(2000)
    expect(most()).toBe('3')
    await patch(h, { spec: { replicas: 3 } })
    await h.clock.advance(2000)
    expect(most()).toBe('3')
    await patch(h, { spec: { replicas: 4 } })
    await h.clock.advance(2000)
    expect(most()).toBe('4')
  })

  test('in the middle of a rollout is spread over old and new by their share', async () => {
    // The example of the Kubernetes documentation: 10 replicas, maxSurge 3, maxUnavailable 2, scaled to 15.
    const h = await started(10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
    h.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
    await setImage(h, 'broken')
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([8, 5])
    await patch(h, { spec: { replicas: 15 } })
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([11, 7])
  })

  test('to zero empties old and new', async () => {
    const h = await started(4)
    h.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
    await setImage(h, 'broken')
    await h.clock.advance(5000)
    await patch(h, { spec: { replicas: 0 } })
    await h.clock.advance(5000)
    expect(replicas(h)).toEqual([0, 0])
    expect(h.cluster.all<Pod>(pods)).toEqual([])
  })
})

test('a ReplicaSet of the same name with another template leads to another hash', async () => {
  const h = startHarness(['replicaset-controller', 'deployment-controller'])
  const name = `web-${templateHash(podTemplate({ app: 'web' }))}`
  const taken: ReplicaSet = {
    metadata: { name, namespace: 'default', labels: { app: 'other' } },
    spec: { replicas: 0, selector: { matchLabels: { app: 'other' } }, template: podTemplate({ app: 'other' }) },
    status: { replicas: 0 },
  }
  await h.user.resource<ReplicaSet>(replicasets).create('default', taken)
  await h.user.resource<Deployment>(deployments).create('default', deployment('web', 1))
  await h.clock.advance(1000)
  expect(get(h).status!.collisionCount).toBe(1)
  const mine = h.cluster.all<ReplicaSet>(replicasets).find((s) => s.metadata.ownerReferences)
  expect(mine!.metadata.name).toBe(`web-${templateHash(podTemplate({ app: 'web' }), 1)}`)
  expect(get(h).status!.availableReplicas).toBe(1)
  // It deals with it by itself.
  expect(h.errors).toEqual([])
})

test('a failure of the ReplicaSet to create pods is shown on the Deployment', async () => {
  const h = startHarness(['replicaset-controller', 'deployment-controller'])
  h.cluster.refuse = (verb, resource) =>
    verb === 'create' && resource === 'pods' ? new StatusError(403, 'Forbidden', 'no more pods') : undefined
  await h.user.resource<Deployment>(deployments).create('default', deployment('web', 2))
  await h.clock.advance(1000)
  expect(condition(h, 'ReplicaFailure')).toBe('True FailedCreate no more pods')
  h.cluster.refuse = () => undefined
  await h.clock.advance(60_000)
  expect(condition(h, 'ReplicaFailure')).toBeUndefined()
})
