/** What the protobuf messages know of the fields of the API. */
import { expect, it } from 'vitest'
import { protobufToJson } from '../../../../src-main/cluster/api/protobuf/decode.js'
import { jsonToProtobuf } from '../../../../src-main/cluster/api/protobuf/encode.js'
import { messageNamed, type Field } from '../../../../src-main/cluster/api/protobuf/messages.js'
import { loadSchema } from '../../../../src-main/cluster/api/schema/schema.js'

/** The stable groups that every Go client speaks protobuf with. */
const GROUPS =
  /^io\.k8s\.(api\.(core|apps|batch|policy|networking|discovery|events|rbac|storage|scheduling|node|coordination|certificates|authentication|authorization|admissionregistration)\.v1|api\.autoscaling\.v[12]|apimachinery\.pkg\.apis\.meta\.v1)\.(\w+)$/

/** Alpha in 1.36 and off, so that no object has them. */
const ALPHA = [
  'core.v1.NodeAllocatableResourceClaimStatus',
  'core.v1.PodSchedulingGroup',
  'core.v1.PodSpec.schedulingGroup',
  'core.v1.PodStatus.nodeAllocatableResourceClaimStatuses',
  'core.v1.ResourceHealth.message',
  'meta.v1.ListMeta.shardInfo',
  'meta.v1.ShardInfo',
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
    const message = definition.replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, '')
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
