/** When pods leave a node with NoExecute taints. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { Harness } from './harness.js'
import { pod as podOf, startHarness } from './harness.js'

const { pods, nodes } = resources
const taint = (key: string) => ({ key, effect: 'NoExecute' })
const forSeconds = (key: string, tolerationSeconds?: number) => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
})

async function started(taints: object[], tolerations: object[]): Promise<Harness> {
  const h = startHarness(['taint-eviction-controller'], { kubelet: false })
  await h.user.resource<Node>(nodes).create('', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints } } as Node)
  const spec = { nodeName: 'n', tolerations, terminationGracePeriodSeconds: 0 }
  await h.user.resource<Pod>(pods).create('default', podOf('web', {}, { spec }))
  await h.clock.settle()
  return h
}
const isThere = (h: Harness): boolean => h.cluster.has(pods, 'default', 'web')
const tolerate = (h: Harness, tolerations: object[]) =>
  h.user.resource(pods).patch('default', 'web', { spec: { tolerations } }, { type: 'merge' })
const retaint = async (h: Harness, taints: object[]): Promise<void> => {
  await h.user.resource(nodes).patch('', 'n', { spec: { taints } }, { type: 'merge' })
  await h.clock.settle()
}

test.each<[string, object[], object[], number | undefined]>([
  ['at once without a toleration', [taint('a')], [], 0],
  ['never with a toleration for ever', [taint('a')], [forSeconds('a')], undefined],
  ['after the time of its toleration', [taint('a')], [forSeconds('a', 100)], 100],
  ['never after a time of 64 bits', [taint('a')], [forSeconds('a', (2n ** 63n - 1n) as unknown as number)], undefined],
  ['at once when the time is negative', [taint('a')], [forSeconds('a', -1)], 0],
  ['after the shortest time of two taints', [taint('a'), taint('b')], [forSeconds('a', 100), forSeconds('b', 50)], 50],
  ['at once when it tolerates only one of two taints', [taint('a'), taint('b')], [forSeconds('a')], 0],
  ['by the first of two tolerations for one taint', [taint('a')], [forSeconds('a'), forSeconds('a', 10)], undefined],
])('a pod goes %s', async (_, taints, tolerations, seconds) => {
  const h = await started(taints, tolerations)
  if (seconds === undefined) await h.clock.advance(86_400_000)
  else if (seconds > 0) await h.clock.advance(seconds * 1000 - 1)
  expect(isThere(h)).toBe(seconds !== 0)
  if (seconds) await h.clock.advance(1)
  expect(isThere(h)).toBe(seconds === undefined)
})

test('a longer toleration comes too late for an eviction that is planned', async () => {
  const h = await started([taint('a')], [forSeconds('a', 10)])
  await h.clock.advance(5_000)
  await tolerate(h, [forSeconds('a', 100)])
  await h.clock.advance(5_000)
  expect(isThere(h)).toBe(false)
})

test('a toleration for ever comes in time, and so does the end of the taint', async () => {
  const h = await started([taint('a')], [forSeconds('a', 10)])
  await h.clock.advance(5_000)
  await tolerate(h, [forSeconds('a')])
  await h.clock.advance(60_000)
  expect(isThere(h)).toBe(true)
  await tolerate(h, [forSeconds('a', 10)])
  await h.clock.advance(5_000)
  await retaint(h, [])
  await h.clock.advance(60_000)
  expect(isThere(h)).toBe(true)
  expect(h.eventsOf('web')).toEqual(['Normal TaintManagerEviction Cancelling deletion of Pod default/web (x2)'])
})

test('the eviction of a pod that somebody deletes is cancelled once the pod is gone', async () => {
  const h = await started([taint('a')], [forSeconds('a', 100)])
  await h.user.resource(pods).delete('default', 'web', { gracePeriodSeconds: 30 })
  await h.clock.advance(10_000)
  expect(isThere(h)).toBe(true)
  expect(h.eventsOf('web')).toEqual([])
  await h.user.resource(pods).delete('default', 'web', { gracePeriodSeconds: 0 })
  await h.clock.advance(200_000)
  expect(h.eventsOf('web')).toEqual(['Normal TaintManagerEviction Cancelling deletion of Pod default/web'])
})

test('a taint that is not tolerated drives off the pod though it is taken back in the same moment', async () => {
  const h = await started([], [])
  const { patch } = h.user.resource(nodes)
  await Promise.all([[taint('a')], [taint('a'), taint('b')], []].map((taints) => patch('', 'n', { spec: { taints } }, { type: 'merge' })))
  await h.clock.settle()
  expect(isThere(h)).toBe(false)
  expect(h.cluster.all<Event>(resources.events).map((e) => [e.count, e.message])).toEqual([[1, 'Marking for deletion Pod default/web']])
})

test('a second taint that is not tolerated ends the waiting, and says so', async () => {
  const h = await started([taint('a')], [forSeconds('a', 100)])
  await h.clock.advance(5_000)
  await retaint(h, [taint('a'), taint('b')])
  expect(isThere(h)).toBe(false)
  expect(h.eventsOf('web')).toEqual([
    'Normal TaintManagerEviction Cancelling deletion of Pod default/web',
    'Normal TaintManagerEviction Marking for deletion Pod default/web',
  ])
})
