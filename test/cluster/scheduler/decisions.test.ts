/** Why a pod is where it is, read through the API. */
import { afterEach, describe, expect, test } from 'vitest'
import type { SchedulingDecisionObject } from '../../../src-main/cluster/api/kinds/schedulingdecision.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject, Node } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const DECISIONS = { group: 'drydock.dev', version: 'v1', resource: 'schedulingdecisions' }
type Decision = SchedulingDecisionObject & KubeObject

let c: WholeCluster
afterEach(() => c.stop())

const main = (requests: object = {}) => ({ name: 'main', image: 'busybox', command: ['sleep', '1000'], resources: { requests } })

describe('SchedulingDecision', () => {
  test('tells which plugins passed, refused and scored each node', async () => {
    c = await startWholeCluster()
    await c.admin.resource<Node>(resources.nodes).patch('', 'drydock-m03', { spec: { unschedulable: true } }, { type: 'merge' })
    await c.admin.resource<Node>(resources.nodes).patch('', 'drydock-m02', { metadata: { labels: { disk: 'ssd' } } }, { type: 'merge' })
    await c.clock.settle()
    await c.pod('web', { nodeSelector: { disk: 'ssd' }, containers: [main({ cpu: '1' })] })
    const d = await c.get<Decision>(DECISIONS, 'default', 'web')
    expect(d).toMatchObject({
      metadata: { name: 'web', namespace: 'default', creationTimestamp: '2026-11-21T09:00:01Z' },
      outcome: 'Scheduled',
      nodeName: 'drydock-m02',
      message: 'Successfully assigned default/web to drydock-m02',
      attempt: 1,
      totalNodes: 3,
      evaluatedNodes: 3,
      feasibleNodes: 1,
    })
    expect(d.nodes.map((n) => [n.name, n.verdict])).toEqual([
      ['drydock-m02', 'Chosen'],
      ['drydock', 'Rejected'],
      ['drydock-m03', 'Rejected'],
    ])
    const [chosen, refused, cordoned] = d.nodes
    expect(refused!.plugins.at(-1)).toEqual({
      name: 'NodeAffinity',
      verdict: 'Rejected',
      reasons: ["node(s) didn't match Pod's node affinity/selector"],
    })
    expect(cordoned!.plugins).toEqual([{ name: 'NodeUnschedulable', verdict: 'Rejected', reasons: ['node(s) were unschedulable'] }])
    expect(chosen!.plugins.filter((p) => p.verdict).map((p) => `${p.name} ${p.verdict}`)).toEqual([
      'NodeUnschedulable Passed',
      'TaintToleration Passed',
      'NodeAffinity Passed',
      'NodeResourcesFit Passed',
    ])
    expect(chosen!.score).toBe(chosen!.plugins.reduce((sum, p) => sum + (p.score ?? 0) * (p.weight ?? 0), 0))
  })

  test('tells why a pod is nowhere, and is gone with the pod', async () => {
    c = await startWholeCluster()
    await c.pod('huge', { containers: [main({ cpu: '64' })] })
    const d = await c.get<Decision>(DECISIONS, 'default', 'huge')
    expect([d.outcome, d.nodeName, d.feasibleNodes, d.evaluatedNodes]).toEqual(['Unschedulable', undefined, 0, 3])
    expect(d.message).toBe(
      '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    )
    expect(d.nodes.map((n) => n.plugins.at(-1))).toEqual(
      Array.from({ length: 3 }, () => ({ name: 'NodeResourcesFit', verdict: 'Rejected', reasons: ['Insufficient cpu'] })),
    )
    await c.admin.resource(resources.pods).delete('default', 'huge')
    await c.clock.settle()
    await expect(c.get(DECISIONS, 'default', 'huge')).rejects.toThrow('schedulingdecisions.drydock.dev "huge" not found')
  })

  test('of a pod that no node will do for says so of every node', async () => {
    c = await startWholeCluster()
    await c.pod('unbound', {
      containers: [main()],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'none' } }],
    })
    const d = await c.get<Decision>(DECISIONS, 'default', 'unbound')
    expect(d.nodes.map((n) => [n.name, n.plugins])).toEqual(
      ['drydock', 'drydock-m02', 'drydock-m03'].map((name) => [
        name,
        [{ name: 'VolumeBinding', verdict: 'Rejected', reasons: ['persistentvolumeclaim "none" not found'] }],
      ]),
    )
  })
})
