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

/** The warnings of a policy on these resources, as `field: warning`. */
async function warnings(resources: object, spec: object): Promise<string[]> {
  c = await startRealCluster({ nodes: 0, only: ['validatingadmissionpolicy-status-controller'] })
  const matchConstraints = { resourceRules: [{ operations: ['*'], ...resources }] }
  await c.create(POLICIES, { metadata: { name: 'p' }, spec: { matchConstraints, ...spec } })
  await c.clock.advance(1_000)
  const { status } = await c.get<KubeObject & { status: any }>(POLICIES, '', 'p')
  return (status.typeChecking.expressionWarnings ?? []).map((w: any) => `${w.fieldRef}: ${w.warning}`)
}

const DEPLOYMENTS = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }

it('expressions of a policy are checked against the types of what it matches, each in the order of the groups and kinds', async () => {
  const spec = { validations: [{ expression: 'object.replicas > 1' }, { expression: 'object.spec.replicas > 1' }] }
  expect(await warnings({ ...DEPLOYMENTS, resources: ['replicasets', 'deployments', 'deployments/scale'] }, spec)).toEqual([
    "spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n" +
      ' | object.replicas > 1\n | ......^\n\n' +
      "apps/v1, Kind=ReplicaSet: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
  ])
})

it('types, what variables give, parameters and messages are checked too', async () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    variables: [
      { name: 'names', expression: 'object.spec.template.spec.containers.map(c, c.name)' },
      { name: 'strategy', expression: 'object.spec.strategy' },
    ],
    validations: [
      { expression: "object.spec.replicas == '1'", messageExpression: 'string(params.datum)' },
      { expression: 'variables.names.all(n, n > 1)' },
      { expression: "variables.strategy.anything && 'cpu' in object.spec.template.spec.containers[0].resources.limits" },
      { expression: "object.metadata.creationTimestamp < timestamp('2026-01-01T00:00:00Z') && params.data.size() < 3" },
      {
        expression:
          "type(object.spec.strategy.rollingUpdate.maxSurge) == int && authorizer.group('').resource('pods').check('get').allowed()",
      },
    ],
  }
  expect(await warnings(DEPLOYMENTS, spec)).toEqual([
    "spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'\n" +
      " | object.spec.replicas == '1'\n | .....................^\n",
    "spec.validations[0].messageExpression: apps/v1, Kind=Deployment: ERROR: <input>:1:14: undefined field 'datum'\n" +
      ' | string(params.datum)\n | .............^\n',
    "spec.validations[1].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:26: found no matching overload for '_>_' applied to '(string, int)'\n" +
      ' | variables.names.all(n, n > 1)\n | .........................^\n',
  ])
})

it('what a star stands for is not checked', async () => {
  const spec = { validations: [{ expression: 'object.replicas > 1' }] }
  expect(await warnings({ ...DEPLOYMENTS, apiVersions: ['*'] }, spec)).toEqual([])
})

it('custom resources are checked by their schema', async () => {
  c = await startRealCluster({ nodes: 0, only: ['validatingadmissionpolicy-status-controller'] })
  const properties = {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  }
  await c.create(
    { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
    {
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }],
      },
    },
  )
  await c.clock.advance(1_000)
  const matchConstraints = {
    resourceRules: [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['things'] }],
  }
  // What an open object holds besides its fields has no type.
  const validations = ['object.spec.sise > 1', "object.spec.size > 1 && object.metadata.labels['a'] == 'b'", 'object.spec.free.x == 1'].map(
    (expression) => ({ expression }),
  )
  await c.create(POLICIES, { metadata: { name: 'p' }, spec: { matchConstraints, validations } })
  await c.clock.advance(1_000)
  const { status } = await c.get<KubeObject & { status: any }>(POLICIES, '', 'p')
  expect(status.typeChecking.expressionWarnings).toEqual([
    {
      fieldRef: 'spec.validations[0].expression',
      warning: "example.com/v1, Kind=Thing: ERROR: <input>:1:12: undefined field 'sise'\n | object.spec.sise > 1\n | ...........^\n",
    },
    {
      fieldRef: 'spec.validations[2].expression',
      warning: "example.com/v1, Kind=Thing: ERROR: <input>:1:17: undefined field 'x'\n | object.spec.free.x == 1\n | ................^\n",
    },
  ])
})
