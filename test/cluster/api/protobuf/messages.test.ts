/** What the protobuf messages know of the fields of the API. */
import { expect, it } from 'vitest'
import { protobufToJson } from '../../../../src-main/cluster/api/protobuf/decode.js'
import { jsonToProtobuf } from '../../../../src-main/cluster/api/protobuf/encode.js'
import { hasMessage, messageNamed, type Field } from '../../../../src-main/cluster/api/protobuf/messages.js'
import { loadSchema } from '../../../../src-main/cluster/api/schema/schema.js'

/** The stable groups, of which every Go client speaks protobuf. */
const GROUPS =
  /^io\.k8s\.(api\.(core|apps|batch|policy|networking|discovery|events|rbac|resource|flowcontrol|storage|scheduling|node|coordination|certificates|authentication|authorization|admissionregistration)\.v1|api\.autoscaling\.v[12]|(apimachinery|apiextensions-apiserver|kube-aggregator)\.pkg\.apis\.(meta|apiextensions|apiregistration)\.v1)\.(\w+)$/

/** Alpha in 1.36 and off, so that no object has them. */
const ALPHA = [
  'core.v1.NodeAllocatableResourceClaimStatus',
  'core.v1.PodSchedulingGroup',
  'core.v1.PodSpec.schedulingGroup',
  'core.v1.PodStatus.nodeAllocatableResourceClaimStatuses',
  'core.v1.ResourceHealth.message',
  'meta.v1.ListMeta.shardInfo',
  'meta.v1.ShardInfo',
  'resource.v1.Device.nodeAllocatableResourceMappings',
  'resource.v1.DeviceAttribute.bools',
  'resource.v1.DeviceAttribute.ints',
  'resource.v1.DeviceAttribute.strings',
  'resource.v1.DeviceAttribute.versions',
  'resource.v1.NodeAllocatableResourceMapping',
]

/** The names of the fields of a message, with those of the messages in it that JSON does not tell apart. */
function namesOf(fields: ReadonlyMap<number, Field>): string[] {
  return [...fields.values()].flatMap((f) => (f.mark === '<' ? namesOf(messageNamed(f.type)!) : [f.name]))
}

it('every field of the stable groups has its number, but for those that are alpha', () => {
  const schema = loadSchema()
  const missing: string[] = []
  for (const name of schema.names()) {
    const { definition = '', properties } = schema.model(name)
    if (!GROUPS.test(definition)) continue
    const message = definition.replace(/^io\.k8s\.(api|[a-z-]+\.pkg\.apis)\./, '')
    const fields = messageNamed(message)
    if (!fields) missing.push(message)
    else {
      const known = namesOf(fields)
      for (const property of properties.keys())
        if (!known.includes(property) && property !== 'apiVersion' && property !== 'kind') missing.push(`${message}.${property}`)
    }
  }
  expect(missing.sort()).toEqual(ALPHA)
})

it('a pod with fields of 1.34 to 1.36 is the same after it was written and read', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: {
      volumes: [
        {
          name: 'v',
          projected: { sources: [{ podCertificate: { signerName: 'a.b/c', keyType: 'ED25519', userAnnotations: { 'a.b/c': 'd' } } }] },
        },
      ],
      containers: [
        {
          name: 'c',
          env: [{ name: 'E', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'K', optional: true } } }],
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1, 2] } }],
        },
      ],
      hostnameOverride: 'elsewhere',
    },
    status: { allocatedResources: { cpu: '1' }, resources: { requests: { cpu: '1' } } },
  }
  expect(JSON.parse(protobufToJson(jsonToProtobuf(pod)!).toString())).toEqual(pod)
})

it('the restart rules of a container are field 25 of it', () => {
  expect(messageNamed('core.v1.Container')!.get(25)).toEqual({
    name: 'restartPolicyRules',
    type: 'core.v1.ContainerRestartRule',
    mark: '*',
  })
})

it.each<{ apiVersion: string; kind: string } & Record<string, unknown>>([
  {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'c' },
    spec: {
      devices: {
        requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 2, selectors: [{ cel: { expression: 'true' } }] } }],
        config: [{ requests: ['r'], opaque: { driver: 'd', parameters: { kind: 'P', deep: [1, null] } } }],
      },
    },
    status: { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] },
  },
  {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: 's' },
    spec: {
      driver: 'd',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: [
        { name: 'a', attributes: { model: { string: 'x' }, count: { int: -3 }, on: { bool: true } }, capacity: { mem: { value: '1Gi' } } },
      ],
    },
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: 'f' },
    spec: {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 1,
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [{ kind: 'Group', group: { name: 'g' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
    },
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.a.b' },
    spec: {
      group: 'a.b',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 5,
      caBundle: 'AAA=',
      service: { namespace: 'n', name: 's', port: 443 },
    },
  },
  {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name: 'p' },
    timestamp: '2026-11-21T09:00:00Z',
    window: '15.5s',
    containers: [{ name: 'c', usage: { cpu: '5m', memory: '1Mi' } }],
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.yard.io' },
    spec: {
      group: 'yard.io',
      names: { plural: 'boats', kind: 'Boat' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.colour' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                open: { type: 'object', additionalProperties: true },
                closed: { additionalProperties: false },
                map: { type: 'object', additionalProperties: { type: 'integer', minimum: 0.5 } },
                list: { type: 'array', items: { type: 'string' }, default: ['a'], 'x-kubernetes-list-type': 'set' },
                any: { enum: ['x', 1, null, { a: [] }], $ref: 'r', $schema: 's' },
                tuple: { items: [{ type: 'string' }, { type: 'integer' }], dependencies: { a: ['b'], c: { type: 'object' } } },
              },
              'x-kubernetes-validations': [{ rule: 'self.x', optionalOldSelf: true }],
            },
          },
        },
      ],
    },
  },
])('$apiVersion $kind is the same after it was written and read', (object) => {
  expect(JSON.parse(protobufToJson(jsonToProtobuf(object)!).toString())).toEqual(object)
})

it('custom resources have no message, whatever they and their group are called', () => {
  expect(
    (
      [
        ['apps.example.com/v1', 'Deployment'],
        ['example.com/v1', 'Condition'],
        ['apps/v1', 'Deployment'],
      ] as const
    ).map(([apiVersion, kind]) => hasMessage(apiVersion, kind)),
  ).toEqual([false, false, true])
})
