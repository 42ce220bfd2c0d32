/** What a kubelet writes of a pod that others write of too, in a whole cluster. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const { pods } = resources

let c: WholeCluster
afterEach(() => c.stop())

test('a pod that is evicted while it ends keeps the condition that says so, and goes', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const slow = { name: 'main', image: 'busybox', command: ['sh', '-c', 'trap "sleep 10; exit 0" TERM; while true; do sleep 1; done'] }
  await c.pod('slow', { containers: [slow], terminationGracePeriodSeconds: 60 }, { finalizers: ['example.com/hold'] })
  await c.clock.advance(5_000)
  await c.admin.resource(pods).delete('default', 'slow')
  await c.clock.advance(2_000)
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'slow', namespace: 'default' } }
  await c.admin.resource(pods).create('default', eviction as never, { subresource: 'eviction' })
  await c.clock.settle()
  const disrupted = async (): Promise<(string | undefined)[]> =>
    (await c.get<Pod>(pods, 'default', 'slow')).status!.conditions!.filter((x) => x.type === 'DisruptionTarget').map((x) => x.reason)
  expect(await disrupted()).toEqual(['EvictionByEvictionAPI'])
  await c.clock.advance(20_000)
  expect((await c.get<Pod>(pods, 'default', 'slow')).status!.phase).toBe('Succeeded')
  expect(await disrupted()).toEqual(['EvictionByEvictionAPI'])
  await c.admin.resource(pods).patch('default', 'slow', { metadata: { finalizers: null } }, { type: 'merge' })
  await expect(c.get(pods, 'default', 'slow')).rejects.toMatchObject({ reason: 'NotFound' })
})

test('a status that admission refuses is written again each ten seconds, and the refusal is told once', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const policies = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingadmissionpolicies' }
  const bindings = { ...policies, resource: 'validatingadmissionpolicybindings' }
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods/status'] }]
  await c.create(policies, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'quiet' },
    spec: {
      matchConstraints: { resourceRules },
      validations: [{ expression: "!request.userInfo.username.startsWith('system:node:')", message: 'not now' }],
    },
  })
  await c.create(bindings, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'quiet' },
    spec: { policyName: 'quiet', validationActions: ['Deny'] },
  })
  await c.pod('web', { containers: [{ name: 'main', image: 'nginx' }] })
  await c.clock.advance(60_000)
  const phase = async (): Promise<string> => (await c.get<Pod>(pods, 'default', 'web')).status!.phase!
  expect(await phase()).toBe('Pending')
  expect(c.errors).toEqual([
    `writing the status of pod default/web failed: pods "web" is forbidden: ValidatingAdmissionPolicy 'quiet' with binding 'quiet' denied request: not now`,
  ])
  await c.admin.resource(bindings).delete('', 'quiet')
  await c.clock.advance(10_000)
  expect(await phase()).toBe('Running')
})
