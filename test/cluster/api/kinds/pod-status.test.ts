import { describe, expect, it } from 'vitest'
import { aPod, inOrder, kindOf, ruleContext, type Loose } from './support.js'

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const status = kindOf('v1', 'Pod').subresources!['status'] as Loose

/** Writes a status that adds to the pod's own. */
function written(added: Loose): { errors: string[]; status: Loose } {
  const resources = { limits: { 'a.example/fpga': '2' } }
  const old = aPod({ initContainers: [{ name: 'first', image: 'nginx' }], containers: [{ name: 'c', image: 'nginx', resources }] })
  const object = structuredClone(old)
  Object.assign(object.status, added)
  status.prepareForUpdate(object, old, ruleContext())
  return { errors: inOrder(status.validateUpdate(object, old, ruleContext())), status: object.status }
}

const claim = (requestMappings: Loose[], resourceClaimName = 'p-extended-x7'): string[] =>
  written({ extendedResourceClaimStatus: { requestMappings, resourceClaimName } }).errors
const mapping = (of: Loose = {}): Loose => ({
  containerName: 'c',
  resourceName: 'a.example/fpga',
  requestName: 'container-0-request-0',
  ...of,
})
const AT = 'status.extendedResourceClaimStatus'

describe('what the status of a pod says of the claim for its extended resources', () => {
  it('maps requests of the claim, several of them for one resource if need be', () => {
    expect(claim([mapping(), mapping({ requestName: 'container-0-request-1' })])).toEqual([])
  })

  const UNKNOWN =
    'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'
  it.each<[string, Loose[], string, string[]]>([
    ['no mapping', [], 'x', [`${AT}.requestMappings: Required value: at least one request mapping is required`]],
    ['no claim', [mapping()], '', [`${AT}.resourceClaimName: Required value`]],
    ['a claim that cannot be', [mapping()], 'a/b', [`${AT}.resourceClaimName: Invalid value: "a/b": ${SUBDOMAIN}`]],
    [
      'a container that is not there',
      [mapping({ containerName: 'd' })],
      'x',
      [
        `${AT}.requestMappings[0].containerName: Invalid value: "d": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
      ],
    ],
    [
      'a resource that the container does not ask for',
      [mapping({ containerName: 'first' })],
      'x',
      [`${AT}.requestMappings[0].resourceName: Invalid value: "a.example/fpga": ${UNKNOWN}`],
    ],
    ['a request that is no label', [mapping({ requestName: 'R' })], 'x', [`${AT}.requestName: Invalid value: "R": ${LABEL}`]],
    [
      'the same mapping twice',
      [mapping(), mapping()],
      'x',
      [
        `${AT}.requestMappings[1].containerName: Duplicate value: "c"`,
        `${AT}.requestMappings[1].resourceName: Duplicate value: "a.example/fpga"`,
        `${AT}.requestMappings[1].requestName: Duplicate value: "container-0-request-0"`,
      ],
    ],
  ])('is refused with %s', (_what, mappings, name, errors) => expect(claim(mappings, name)).toEqual(errors))
})

describe('fields of the status whose features are off', () => {
  it('are dropped: images of volumes by digest, and what claims take of a node', () => {
    const volumeMounts = [{ name: 'v', mountPath: '/v', volumeStatus: { image: { imageRef: 'sha256:1' } } }]
    const { errors, status: stored } = written({
      containerStatuses: [{ name: 'c', volumeMounts }],
      nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'x', resources: { cpu: '1' } }],
    })
    expect(errors).toEqual([])
    expect(stored).toEqual({
      phase: 'Pending',
      qosClass: 'BestEffort',
      containerStatuses: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    })
  })
})

it('an address that is there twice is told of', () => {
  const podIPs = [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }]
  expect(written({ podIP: '10.0.0.1', podIPs }).errors).toEqual([
    'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.1"}]: may specify no more than one IP for each IP family',
    'status.podIPs[1]: Duplicate value: {"IP":"10.0.0.1"}',
  ])
})
