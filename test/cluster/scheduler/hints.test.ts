/** Which events let a pod be tried again that a plugin has refused. */
import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { ClusterEvent, Plugin, SchedulerView } from '../../../src-main/cluster/scheduler/framework.js'
import { interPodAffinity } from '../../../src-main/cluster/scheduler/plugins/interpodaffinity.js'
import { nodeAffinity } from '../../../src-main/cluster/scheduler/plugins/nodeaffinity.js'
import { nodePorts } from '../../../src-main/cluster/scheduler/plugins/nodeports.js'
import { nodeResourcesFit } from '../../../src-main/cluster/scheduler/plugins/noderesources.js'
import { nodeUnschedulable } from '../../../src-main/cluster/scheduler/plugins/nodeunschedulable.js'
import { podTopologySpread } from '../../../src-main/cluster/scheduler/plugins/podtopologyspread.js'
import { taintToleration } from '../../../src-main/cluster/scheduler/plugins/tainttoleration.js'
import { podInfo } from '../../../src-main/cluster/scheduler/podinfo.js'
import { startSchedulerHarness } from './harness.js'

type Labels = Record<string, string>
const view = { namespaceLabels: () => ({}) } as unknown as SchedulerView

const pod = (spec: object = {}, labels: Labels = {}, namespace = 'default'): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace, uid: 'u', labels },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  }) as unknown as Pod
const asking = (requests: Labels): Pod => pod({ containers: [{ name: 'c', resources: { requests } }] })
const onPort = (hostPort: number, hostIP?: string): Pod =>
  pod({ containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort, ...(hostIP ? { hostIP } : {}) }] }] })
const node = (labels: Labels, spec: object = {}, allocatable: Labels = {}): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels },
    spec,
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...allocatable } },
  }) as Node

const added = (n: Node): ClusterEvent => ({ type: 'NodeAdd', node: n })
const changed = (old: Node, n: Node): ClusterEvent => ({ type: 'NodeUpdate', old, node: n })
const gone = (n: Node): ClusterEvent => ({ type: 'NodeDelete', node: n })
const podAdded = (p: Pod): ClusterEvent => ({ type: 'AssignedPodAdd', pod: p })
const podGone = (p: Pod): ClusterEvent => ({ type: 'AssignedPodDelete', pod: p })
const podChanged = (old: Pod, p: Pod): ClusterEvent => ({ type: 'AssignedPodUpdate', old, pod: p })
const own = (old: Pod, p: Pod): ClusterEvent => ({ type: 'PodUpdate', old, pod: p })

type Row = [what: string, waiting: Pod, event: ClusterEvent, helps: boolean]
function table(plugin: Plugin, rows: Row[]): void {
  test.each(rows)('%s', (_what, waiting, event, helps) => {
    expect(plugin.helps!(event, podInfo(waiting), view)).toBe(helps)
  })
}

describe('NodeResourcesFit', () => {
  const gpu = 'example.com/gpu'
  table(nodeResourcesFit(), [
    ['a node that is large enough', asking({ cpu: '2' }), added(node({})), true],
    ['a node that is too small', asking({ cpu: '3' }), added(node({})), false],
    ['a node without the device', asking({ [gpu]: '1' }), added(node({})), false],
    ['a node with the device', asking({ [gpu]: '1' }), added(node({}, {}, { [gpu]: '1' })), true],
    ['a node that has no place for pods', asking({}), added(node({}, {}, { pods: '0' })), false],
    ['a node that has more of what is wanted', asking({ cpu: '2' }), changed(node({}, {}, { cpu: '1' }), node({})), true],
    ['a node that has more, and not enough', asking({ cpu: '3' }), changed(node({}, {}, { cpu: '1' }), node({})), false],
    ['a node that has more of something else', asking({ cpu: '1' }), changed(node({}), node({}, {}, { memory: '8Gi' })), false],
    ['a node that has less', asking({ cpu: '1' }), changed(node({}, {}, { cpu: '4' }), node({})), false],
    ['a node that takes more pods', asking({}), changed(node({}, {}, { pods: '1' }), node({})), true],
    ['labels of a node', asking({ cpu: '1' }), changed(node({}), node({ a: 'b' })), false],
    ['a pod that goes', asking({ cpu: '1' }), podGone(pod()), true],
    ['a pod that comes', asking({ cpu: '1' }), podAdded(pod()), false],
    ['a pod that gives back what is wanted', asking({ cpu: '1' }), podChanged(asking({ cpu: '2' }), asking({ cpu: '1' })), true],
    ['a pod that gives back something else', asking({ cpu: '1' }), podChanged(asking({ memory: '2' }), asking({ memory: '1' })), false],
    ['a pod that wants more', asking({ cpu: '1' }), podChanged(asking({ cpu: '1' }), asking({ cpu: '2' })), false],
    ['the pod wants less itself', asking({ cpu: '1' }), own(asking({ cpu: '2' }), asking({ cpu: '1' })), true],
    ['the pod is labelled', asking({ cpu: '1' }), own(asking({ cpu: '1' }), pod(asking({ cpu: '1' }).spec, { a: 'b' })), false],
  ])
})

describe('NodePorts', () => {
  table(nodePorts, [
    ['a pod with the port goes', onPort(80), podGone(onPort(80)), true],
    ['a pod with another port goes', onPort(80), podGone(onPort(81)), false],
    ['a pod with the port of another address goes', onPort(80, '10.0.0.1'), podGone(onPort(80, '10.0.0.2')), false],
    ['a node comes', onPort(80), added(node({})), true],
    ['a node changes', onPort(80), changed(node({}), node({ a: 'b' })), false],
  ])
})

describe('NodeAffinity', () => {
  const wants = pod({ nodeSelector: { disk: 'ssd' } })
  table(nodeAffinity, [
    ['a node that matches comes', wants, added(node({ disk: 'ssd' })), true],
    ['a node that does not match comes', wants, added(node({ disk: 'hdd' })), false],
    ['a node matches now', wants, changed(node({}), node({ disk: 'ssd' })), true],
    ['a node matches as before', wants, changed(node({ disk: 'ssd' }), node({ disk: 'ssd', a: 'b' })), false],
    ['a pod goes', wants, podGone(pod()), false],
  ])
})

describe('NodeUnschedulable and TaintToleration', () => {
  const cordoned = node({}, { unschedulable: true })
  const tainted = node({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] })
  const tolerant = pod({ tolerations: [{ operator: 'Exists' }] })
  table(nodeUnschedulable, [
    ['a node comes', pod(), added(node({})), true],
    ['a cordoned node comes', pod(), added(cordoned), false],
    ['a node is uncordoned', pod(), changed(cordoned, node({})), true],
    ['a node is cordoned', pod(), changed(node({}), cordoned), false],
    ['the pod tolerates it now', tolerant, own(pod(), tolerant), true],
    ['the pod is labelled', pod(), own(pod(), pod({}, { a: 'b' })), false],
  ])
  table(taintToleration, [
    ['a node without taints comes', pod(), added(node({})), true],
    ['a tainted node comes', pod(), added(tainted), false],
    ['a taint goes', pod(), changed(tainted, node({})), true],
    ['a node without taints is labelled', pod(), changed(node({}), node({ a: 'b' })), false],
    ['the pod tolerates more', tolerant, own(pod(), tolerant), true],
    ['the pod is labelled otherwise', pod(), own(pod(), pod({}, { a: 'b' })), false],
  ])
})

describe('PodTopologySpread', () => {
  const spread = (labels: Labels = { app: 'a' }): Pod =>
    pod(
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'a' } } },
        ],
      },
      labels,
    )
  table(podTopologySpread, [
    ['a node of a zone comes', spread(), added(node({ zone: '1' })), true],
    ['a node without zone comes', spread(), added(node({})), false],
    ['a node of a zone goes', spread(), gone(node({ zone: '1' })), true],
    ['a node without zone goes', spread(), gone(node({})), false],
    ['a node gets a zone', spread(), changed(node({}), node({ zone: '1' })), true],
    ['a node loses its zone', spread(), changed(node({ zone: '1' }), node({})), true],
    ['a node gets another zone', spread(), changed(node({ zone: '1' }), node({ zone: '2' })), true],
    ['a node gets another label', spread(), changed(node({ zone: '1' }), node({ zone: '1', a: 'b' })), false],
    ['a pod that counts comes', spread(), podAdded(pod({}, { app: 'a' })), true],
    ['a pod that does not count comes', spread(), podAdded(pod({}, { app: 'b' })), false],
    ['a pod of another namespace comes', spread(), podAdded(pod({}, { app: 'a' }, 'other')), false],
    ['a pod that counts goes', spread(), podGone(pod({}, { app: 'a' })), true],
    ['a pod counts no more', spread(), podChanged(pod({}, { app: 'a' }), pod({}, { app: 'b' })), true],
    ['a pod counts as before', spread(), podChanged(pod({}, { app: 'a' }), pod({}, { app: 'a', x: 'y' })), false],
    ['the pod itself counts no more', spread({}), own(spread(), spread({})), true],
  ])
})

describe('InterPodAffinity', () => {
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'a' } } }
  const near = pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })
  const apart = pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }, { app: 'a' })
  const [a, b] = [pod({}, { app: 'a' }), pod({}, { app: 'b' })]
  table(interPodAffinity, [
    ['who is wanted comes', near, podAdded(a), true],
    ['somebody else comes', near, podAdded(b), false],
    ['who is wanted goes', near, podGone(a), false],
    ['somebody becomes who is wanted', near, podChanged(b, a), true],
    ['who is avoided goes', apart, podGone(a), true],
    ['somebody else goes', apart, podGone(b), false],
    ['who is avoided becomes somebody else', apart, podChanged(a, b), true],
    ['who avoids it goes', a, podGone(apart), true],
    ['a node with the domain comes', near, added(node({ zone: '1' })), true],
    ['a node without the domain comes', near, added(node({})), false],
    ['a node gets another domain', apart, changed(node({ zone: '1' }), node({ zone: '2' })), true],
    ['a node gets another label', apart, changed(node({ zone: '1' }), node({ zone: '1', a: 'b' })), false],
    ['the pod is labelled', near, own(near, pod(near.spec, { app: 'a' })), true],
  ])
})

test('what cannot help a pod is not told again', async () => {
  const h = await startSchedulerHarness([{ ...node({}), metadata: { name: 'small' } }])
  await h.add({ ...asking({ cpu: '3' }), metadata: { name: 'web', namespace: 'default' } })
  const attempts = (): number => h.scheduler.explain('default/web')!.attempt
  await h.clock.advance(30_000)
  await h.add({ ...node({}), metadata: { name: 'small-too' } })
  await h.clock.advance(30_000)
  expect(attempts()).toBe(1)
  await h.add({ ...node({}, {}, { cpu: '4' }), metadata: { name: 'large' } })
  await h.clock.advance(1000)
  expect(h.nodeOf('web')).toBe('large')
})
