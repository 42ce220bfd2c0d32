/** What a Deployment says of its rollout in conditions and events, to the word. */
import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { forbidden } from '../../../src-main/cluster/api/errors.js'
import type { Deployment, ReplicaSet } from '../../../src-main/cluster/api/object.js'
import type { Harness } from './harness.js'
import { deployment, podTemplate, startHarness } from './harness.js'

const { deployments, replicasets } = resources

async function started(extra: object, prepare: (h: Harness) => void = () => {}): Promise<Harness> {
  const h = startHarness(['replicaset-controller', 'deployment-controller'])
  prepare(h)
  await h.user.resource<Deployment>(deployments).create('default', deployment('web', 2, extra))
  await h.clock.advance(2000)
  return h
}
const update = (h: Harness, spec: object) => h.user.resource(deployments).patch('default', 'web', { spec }, { type: 'merge' })
const newest = (h: Harness) =>
  h.cluster
    .all<ReplicaSet>(replicasets)
    .sort(
      (a, b) =>
        Number(a.metadata.annotations!['deployment.kubernetes.io/revision']) -
        Number(b.metadata.annotations!['deployment.kubernetes.io/revision']),
    )
    .at(-1)!.metadata.name
const textsOf = (d: Deployment) =>
  Object.fromEntries((d.status!.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason} ${c.message}`]))
const conditions = (h: Harness) => textsOf(h.cluster.get<Deployment>(deployments, 'default', 'web'))
const AVAILABLE = 'True MinimumReplicasAvailable Deployment has minimum availability.'
const UNAVAILABLE = 'False MinimumReplicasUnavailable Deployment does not have minimum availability.'

describe('the conditions of a Deployment', () => {
  test('while its pods start', async () => {
    const h = await started({}, (x) => (x.kubelet.ready = () => false))
    expect(conditions(h)).toEqual({
      Available: UNAVAILABLE,
      Progressing: `True ReplicaSetUpdated ReplicaSet "${newest(h)}" is progressing.`,
    })
  })

  test('once all is done', async () => {
    const h = await started({})
    expect(conditions(h)).toEqual({
      Available: AVAILABLE,
      Progressing: `True NewReplicaSetAvailable ReplicaSet "${newest(h)}" has successfully progressed.`,
    })
  })

  test('after its deadline', async () => {
    const h = await started({ progressDeadlineSeconds: 60 }, (x) => (x.kubelet.ready = () => false))
    await h.clock.advance(62_000)
    expect(conditions(h).Progressing).toBe(`False ProgressDeadlineExceeded ReplicaSet "${newest(h)}" has timed out progressing.`)
  })

  test('while it is paused, and when it goes on', async () => {
    const h = await started({})
    await update(h, { paused: true })
    await h.clock.advance(1000)
    expect(conditions(h).Progressing).toBe('Unknown DeploymentPaused Deployment is paused')
    const seen: string[] = []
    h.cluster.for<Deployment>(deployments).on({ update: (_old, d) => void seen.push(textsOf(d).Progressing!) })
    await update(h, { paused: false })
    await h.clock.settle()
    expect([...new Set(seen)].slice(1)).toEqual([
      'Unknown DeploymentResumed Deployment is resumed',
      `True NewReplicaSetAvailable ReplicaSet "${newest(h)}" has successfully progressed.`,
    ])
  })

  test('without a deadline there is none of progress', async () => {
    const h = await started({ progressDeadlineSeconds: undefined })
    expect(conditions(h)).toEqual({ Available: AVAILABLE })
  })

  test('when its ReplicaSet cannot be made', async () => {
    const refused = forbidden({ group: 'apps', resource: 'replicasets' }, 'x', 'exceeded quota')
    const h = await started(
      {},
      (x) => (x.cluster.refuse = (verb, what) => (verb === 'create' && what === 'replicasets' ? refused : undefined)),
    )
    const [event] = h.eventsOf('web')
    expect(event).toMatch(
      /^Warning ReplicaSetCreateError Failed to create new replica set "web-\w+": replicasets\.apps "x" is forbidden: exceeded quota/,
    )
    expect(conditions(h).Progressing).toMatch(
      /^False ReplicaSetCreateError Failed to create new replica set "web-\w+": replicasets\.apps "x" is forbidden: exceeded quota$/,
    )
  })

  test('when its pods cannot be made', async () => {
    const refused = forbidden({ group: '', resource: 'pods' }, 'x', 'exceeded quota')
    const h = await started({}, (x) => (x.cluster.refuse = (verb, what) => (verb === 'create' && what === 'pods' ? refused : undefined)))
    expect(conditions(h)).toMatchObject({
      Available: UNAVAILABLE,
      ReplicaFailure: 'True FailedCreate pods "x" is forbidden: exceeded quota',
    })
    expect(h.eventsOf(newest(h)!)[0]).toMatch(/^Warning FailedCreate Error creating: pods "x" is forbidden: exceeded quota/)
  })
})

describe('the bounds of a rolling update', () => {
  test.each([
    ['numbers', { maxSurge: 2, maxUnavailable: 0 }, ['from 0 to 2', 'from 2 to 0']],
    [
      'percent, up for the surge and down for what may be missing',
      { maxSurge: '30%', maxUnavailable: '60%' },
      ['from 0 to 1', 'from 2 to 1'],
    ],
    ['no surge at all', { maxSurge: 0, maxUnavailable: 1 }, ['from 2 to 1', 'from 0 to 1']],
  ])('are %s', async (_what, rollingUpdate, steps) => {
    const h = await started({ strategy: { type: 'RollingUpdate', rollingUpdate } })
    const before = h.eventsOf('web').length
    await update(h, { template: podTemplate({ app: 'web' }, 'nginx:2') })
    await h.clock.advance(5000)
    const scaled = h.eventsOf('web').slice(before)
    expect(scaled.slice(0, 2).map((e) => /from \d+ to \d+/.exec(e)![0])).toEqual(steps)
    expect(scaled[0]).toMatch(/^Normal ScalingReplicaSet Scaled (up|down) replica set web-\w+ from \d to \d$/)
  })
})
