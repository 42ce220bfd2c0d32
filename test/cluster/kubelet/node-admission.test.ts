/** What a node takes and what it refuses, in a whole cluster. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const asking = (cpu: string, extra: object = {}) => ({
  containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { requests: { cpu } } }],
  ...extra,
})
const get = (name: string): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)

describe('a node that is full', () => {
  test('refuses a pod that names it: the pod has failed, with a reason and nothing of its containers', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('first', asking('3'))
    await c.pod('second', asking('2', { nodeName: 'drydock' }))
    const { status } = await get('second')
    expect(status).toEqual({
      observedGeneration: 1,
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
      startTime: '2026-11-21T09:00:01Z',
      qosClass: 'Burstable',
    })
    expect(await c.eventsOf('second')).toEqual([
      "Warning OutOfcpu Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    ])
  })

  test('takes the next pod as soon as one that was deleted is gone', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('first', asking('3'))
    await c.pod('waiting', asking('3'))
    expect((await get('waiting')).spec!.nodeName).toBeUndefined()
    await c.admin.resource(resources.pods).delete('default', 'first', { gracePeriodSeconds: 1 })
    await c.clock.advance(5_000)
    expect((await get('waiting')).status!.phase).toBe('Running')
  })
})

describe('a pod that names its node', () => {
  const here = { nodeName: 'drydock' }
  const web = { name: 'main', image: 'nginx', ports: [{ containerPort: 80, hostPort: 8080 }] }
  const device = (amount: string) => [{ ...web, ports: [], resources: { limits: { 'example.com/dongle': amount } } }]
  const required = (values: string[]) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values }] }],
      },
    },
  })
  const cases: [string, object, string, string][] = [
    [
      'another label',
      { nodeSelector: { disk: 'ssd' } },
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'an affinity it does not meet',
      { affinity: required(['ssd']) },
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'a port that is taken',
      { containers: [web] },
      'NodePorts',
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
    [
      'more memory than there is',
      { ...asking('1', { nodeSelector: { disk: 'ssd' } }), containers: [{ ...web, resources: { requests: { memory: '1Ti' } } }] },
      'OutOfmemory',
      "Node didn't have enough resource: memory, requested: 1099511627776, used: 0, capacity: 8334815232",
    ],
    [
      'more disk than there is',
      { containers: [{ ...web, ports: [], resources: { requests: { 'ephemeral-storage': '1Ti' } } }] },
      'OutOfephemeral-storage',
      "Node didn't have enough resource: ephemeral-storage, requested: 1099511627776, used: 0, capacity: 62671097856",
    ],
    [
      'more devices than there are',
      { containers: device('3') },
      'OutOfexample.com/dongle',
      "Node didn't have enough resource: example.com/dongle, requested: 3, used: 0, capacity: 2",
    ],
    [
      'another operating system by label',
      { nodeSelector: { 'kubernetes.io/os': 'windows' } },
      'PodOSSelectorNodeLabelDoesNotMatch',
      "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    ],
    [
      'another operating system by field',
      { os: { name: 'windows' } },
      'PodOSNotSupported',
      "Failed to admit pod as the OS field doesn't match node OS",
    ],
  ]

  test.each(cases)('is refused for %s', async (_what, spec, reason, message) => {
    c = await startWholeCluster({ nodes: 1 })
    const dongles = { status: { capacity: { 'example.com/dongle': '2' }, allocatable: { 'example.com/dongle': '2' } } }
    await c.admin.resource(resources.nodes).patch('', 'drydock', dongles, { type: 'merge', subresource: 'status' })
    await c.pod('web', { ...here, containers: [web] })
    await c.clock.advance(10_000)
    await c.pod('refused', { containers: [{ name: 'main', image: 'nginx' }], ...spec, ...here })
    const { status } = await get('refused')
    expect([status!.phase, status!.reason, status!.message]).toEqual(['Failed', reason, `Pod was rejected: ${message}`])
    expect(await c.eventsOf('refused')).toEqual([`Warning ${reason} ${message}`])
    expect((await get('web')).status!.phase).toBe('Running')
  })

  test('is refused for a taint that evicts, and kept by one that only keeps the scheduler off', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const tainted = (effect: string) =>
      c.admin.resource(resources.nodes).patch('', 'drydock', { spec: { taints: [{ key: 'repair', effect }] } }, { type: 'merge' })
    await tainted('NoSchedule')
    await c.clock.advance(1_000)
    await c.pod('kept', { ...here, ...asking('1') })
    await c.clock.advance(10_000)
    expect((await get('kept')).status!.phase).toBe('Running')
    await tainted('NoExecute')
    await c.clock.settle()
    await c.pod('refused', { ...here, ...asking('1') })
    await c.clock.settle()
    const message = "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"
    expect(await c.eventsOf('refused')).toContain(`Warning TaintToleration ${message}`)
  })

  test('runs for a device that the node knows nothing of', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('elsewhere', { containers: device('1'), ...here })
    await c.clock.advance(20_000)
    expect((await get('elsewhere')).status!.phase).toBe('Running')
  })
})

describe('a critical pod on a full node', () => {
  const critical = { nodeName: 'drydock', priorityClassName: 'system-node-critical' }

  test('takes the room of the pods of least quality of service', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const limits = { cpu: '2', memory: '100Mi' }
    await c.pod('guaranteed', { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { limits } }] })
    await c.pod('burstable', asking('1500m', { terminationGracePeriodSeconds: 1 }))
    await c.pod('agent', asking('1', critical))
    await c.clock.advance(10_000)
    const { status } = await get('burstable')
    expect([status!.phase, status!.reason, status!.message]).toEqual(['Failed', 'Preempting', 'Preempted in order to admit critical pod'])
    expect(status!.conditions!.find((x) => x.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    })
    expect(await c.eventsOf('burstable')).toContain('Warning Preempting Preempted in order to admit critical pod')
    expect((await get('guaranteed')).status!.phase).toBe('Running')
    expect((await get('agent')).status!.phase).toBe('Running')
  })

  test('is refused when even all of them are not enough, and told what would still be missing', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('other', asking('1'))
    await c.clock.advance(10_000)
    await c.pod('agent', asking('5', critical))
    const { status } = await get('agent')
    expect([status!.reason, status!.message]).toEqual([
      'UnexpectedAdmissionError',
      'Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ' +
        'no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
    ])
    expect((await get('other')).status!.phase).toBe('Running')
  })
})
