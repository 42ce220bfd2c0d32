import { afterEach, expect, it } from 'vitest'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startRealCluster, type RealCluster } from '../support/real-cluster.js'

const POLICIES = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingadmissionpolicies' }
const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]

let c: RealCluster
afterEach(() => c.stop())

it('a ValidatingAdmissionPolicy begins with an empty status, and is told when its present form has been looked at', async () => {
  c = await startRealCluster({ nodes: 0, only: ['validatingadmissionpolicy-status-controller'] })
  const created = await c.create<KubeObject>(POLICIES, {
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] },
  })
  expect(created['status']).toEqual({})
  await c.clock.advance(1_000)
  const seen = await c.get<KubeObject>(POLICIES, '', 'p')
  expect([seen.metadata.generation, seen['status']]).toEqual([1, { observedGeneration: 1, typeChecking: {} }])
  expect(seen.metadata.managedFields!.map((f) => [f.manager, f.operation, f.subresource])).toContainEqual([
    'validatingadmissionpolicy-status-controller',
    'Apply',
    'status',
  ])
  const spec = { ...(seen['spec'] as object), validations: [{ expression: 'false' }] }
  await c.admin.resource(POLICIES).update({ ...seen, spec } as KubeObject)
  await c.clock.advance(1_000)
  const again = await c.get<KubeObject>(POLICIES, '', 'p')
  expect([again.metadata.generation, again['status']]).toEqual([2, { observedGeneration: 2, typeChecking: {} }])
})
