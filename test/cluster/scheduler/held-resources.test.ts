/** What pods hold of their nodes while their resources change. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { heldRequests } from '../../../src-main/cluster/scheduler/resources.js'
import { node, pod, startSchedulerHarness } from './harness.js'

type Amounts = Record<string, string>
const cpu = (amount: string): Amounts => ({ cpu: amount })
const pending = (reason: string) => ({ conditions: [{ type: 'PodResizePending', status: 'True', reason }] })
const statusOf = (name: string, inUse: Amounts, granted: Amounts) => ({
  name,
  resources: { requests: inUse },
  allocatedResources: granted,
})

/** A pod of one container. */
function one(asked: Amounts, inUse: Amounts, granted: Amounts, more: object = {}): Pod {
  const made = pod('one', { requests: asked })
  return { ...made, status: { containerStatuses: [statusOf('main', inUse, granted)], ...more } } as unknown as Pod
}

const sidecar: Pod = {
  ...pod('one', {
    requests: cpu('1'),
    initContainers: [
      { name: 'setup', image: 'x', resources: { requests: cpu('1') } },
      { name: 'helper', image: 'x', restartPolicy: 'Always', resources: { requests: cpu('1') } },
    ],
  }),
  status: {
    containerStatuses: [statusOf('main', cpu('1'), cpu('1'))],
    initContainerStatuses: [statusOf('setup', cpu('9'), cpu('9')), statusOf('helper', cpu('3'), cpu('2'))],
  },
} as unknown as Pod

const whole: Pod = {
  ...pod('one', { resources: { requests: cpu('1') } }),
  status: {
    containerStatuses: [{ name: 'main' }],
    resources: { requests: cpu('3') },
    allocatedResources: cpu('2'),
  },
} as unknown as Pod

test.each<[string, Pod, number]>([
  ['has what it wants', one(cpu('1'), cpu('1'), cpu('1')), 1000],
  ['wants more', one(cpu('3'), cpu('1'), cpu('1')), 3000],
  ['wants more and was granted it', one(cpu('3'), cpu('1'), cpu('3')), 3000],
  ['wants less', one(cpu('1'), cpu('3'), cpu('3')), 3000],
  ['wants less and was granted it', one(cpu('1'), cpu('3'), cpu('1')), 3000],
  ['wants more, for which there is no room now', one(cpu('3'), cpu('1'), cpu('1'), pending('Deferred')), 3000],
  ['wants more than the node has', one(cpu('300'), cpu('1'), cpu('1'), pending('Infeasible')), 1000],
  ['wants more than the node has, after it was granted something else', one(cpu('300'), cpu('1'), cpu('2'), pending('Infeasible')), 2000],
  ['writes the same amount in another way', one(cpu('1000m'), cpu('1'), cpu('1')), 1000],
  ['wants less for a sidecar', sidecar, 4000],
  ['wants less as a whole', whole, 3000],
])('a pod that %s', (_, { spec, ...rest }, millicores) => {
  expect(heldRequests({ ...rest, spec } as Pod).cpu).toBe(millicores)
})

test('a waiting pod gets the room of one that is made smaller once the node has taken it back', async () => {
  const h = await startSchedulerHarness([node('a', { cpu: '4' })])
  const pods = h.cluster.client('kubernetes-admin').resource<Pod>(resources.pods)
  const report = (status: object): Promise<Pod> => pods.patch('default', 'large', { status }, { type: 'merge', subresource: 'status' })
  await h.add(pod('large', { requests: cpu('3') }))
  const { spec } = await report({ containerStatuses: [statusOf('main', cpu('3'), cpu('3'))] })
  await h.add(pod('waits', { requests: cpu('2') }))
  const containers = [{ ...spec!.containers[0]!, resources: { requests: cpu('1') } }]
  await pods.patch('default', 'large', { spec: { containers } }, { type: 'merge' })
  await h.clock.advance(10_000)
  expect(h.nodeOf('waits')).toBeUndefined()
  await report({ containerStatuses: [statusOf('main', cpu('1'), cpu('1'))] })
  await h.clock.advance(10_000)
  expect(h.nodeOf('waits')).toBe('a')
})
