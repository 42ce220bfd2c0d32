/** What the API server says of what was allocated for claims, and what drivers say of it. */
import { describe, expect, it } from 'vitest'
import { ADMIN, LABEL, REQUEST, inNamespace, many, opaque, request, sent } from './devices.js'
import { created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

describe('the status of a ResourceClaim', () => {
  const result = { request: 'foo', driver: 'dra.example.com', pool: 'pool', device: 'gpu-0' }
  const consumer = (i = 0): Loose => ({ resource: 'pods', name: `p${i}`, uid: `uid-${i}` })
  const allocation = { devices: { results: [result] } }
  const claim = (status: Loose = {}, metadata: Loose = {}): Loose => {
    const { object } = created(sent('ResourceClaim', { devices: { requests: [request()] } }))
    return { ...object, metadata: { ...object.metadata, ...metadata }, status }
  }
  const written = (old: Loose, status: Loose, ctx = ruleContext()): { object: Loose; errors: string[] } => {
    const rules = kindOf('resource.k8s.io/v1', 'ResourceClaim').subresources!['status'] as Loose
    const object = { ...structuredClone(old), status: structuredClone(status) }
    rules.prepareForUpdate(object, old, ctx)
    return { object, errors: inOrder(rules.validateUpdate(object, old, ctx)) }
  }
  const device = { driver: 'dra.example.com', pool: 'pool', device: 'gpu-0' }
  const allocated = (rest: Loose): Loose => ({ devices: { results: [{ ...result, ...rest }] } })
  const reported = (rest: Loose): Loose => ({ allocation, devices: [{ ...device, ...rest }] })

  it.each<[string, Loose, string[]]>([
    ['is empty', {}, []],
    ['tells what is allocated and for whom', { allocation, reservedFor: [consumer()] }, []],
    [
      'is for somebody before it is allocated',
      { reservedFor: [consumer()] },
      ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    [
      'is for nobody in particular',
      { allocation, reservedFor: [{}] },
      ['resource', 'name', 'uid'].map((name) => `status.reservedFor[0].${name}: Required value`),
    ],
    ['is for one twice', { allocation, reservedFor: [consumer(), consumer()] }, ['status.reservedFor[1]: Duplicate value: "uid-0"']],
    [
      'is for too many',
      { allocation, reservedFor: many(257, consumer) },
      ['status.reservedFor: Too many: 257: must have at most 256 items'],
    ],
    [
      'has results of nothing',
      { allocation: { devices: { results: [{ request: 'bar' }] } } },
      [
        `status.allocation.devices.results[0].request: Invalid value: "bar": ${REQUEST}`,
        'status.allocation.devices.results[0].driver: Required value',
        'status.allocation.devices.results[0].pool: Required value',
        `status.allocation.devices.results[0].device: Invalid value: "": ${LABEL}`,
      ],
    ],
    [
      'has too many results and configurations',
      { allocation: { devices: { results: many(33, () => result), config: many(65, () => ({ source: 'FromClaim', ...opaque() })) } } },
      [
        'status.allocation.devices.results: Too many: 33: must have at most 32 items',
        'status.allocation.devices.config: Too many: 65: must have at most 64 items',
      ],
    ],
    [
      'has configurations from nowhere',
      { allocation: { devices: { config: [opaque(), { source: 'Elsewhere', ...opaque() }] } } },
      [
        'status.allocation.devices.config[0].source: Required value',
        'status.allocation.devices.config[1].source: Unsupported value: "Elsewhere": supported values: "FromClaim", "FromClass"',
      ],
    ],
    [
      'waits for conditions but for none that fail',
      { allocation: allocated({ bindingConditions: ['a', 'a'] }) },
      [
        'status.allocation.devices.results[0].bindingConditions[1]: Duplicate value: "a"',
        'status.allocation.devices.results[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      ],
    ],
    [
      'has shares by names that are none',
      {
        allocation: {
          devices: {
            results: ['x', 'AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa', 'gggggggg-aaaa-aaaa-aaaa-aaaaaaaaaaaa'].map((shareID) => ({
              ...result,
              shareID,
            })),
          },
        },
      },
      [
        'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
        'status.allocation.devices.results[1].shareID: Invalid value: "AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa": uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
        'status.allocation.devices.results[2].shareID: Invalid value: "gggggggg-aaaa-aaaa-aaaa-aaaaaaaaaaaa": error validating uid: invalid UUID format',
      ],
    ],
    [
      'is on no node',
      { allocation: { nodeSelector: { nodeSelectorTerms: [] } } },
      ['status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
    [
      'has the word of a driver',
      reported({ networkData: { interfaceName: 'eth0', ips: ['10.9.8.0/24', '2001:db8::/64', '10.9.8.1/24'] }, data: { a: 1 } }),
      [],
    ],
    [
      'has the word of a driver on devices that are not its own',
      { allocation, devices: [device, device, { ...device, device: 'gpu-1' }] },
      [
        'status.devices[2]: Invalid value: dra.example.com/pool/gpu-1: must be an allocated device in the claim',
        'status.devices[1]: Duplicate value: dra.example.com/pool/gpu-0',
      ],
    ],
    [
      'has words of a driver that cannot be',
      reported({
        data: 'text',
        networkData: {
          interfaceName: 'x'.repeat(257),
          hardwareAddress: 'x'.repeat(129),
          ips: ['300.9.8.0/24', '010.009.008.000/24', '2001:db8::1/64', '2001:db8::1/64'],
        },
      }),
      [
        'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
        'status.devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
        'status.devices[0].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
        'status.devices[0].networkData.ips[0]: Invalid value: "300.9.8.0/24": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
        'status.devices[0].networkData.ips[1]: Invalid value: "010.009.008.000/24": must be in canonical form ("10.9.8.0/24")',
        'status.devices[0].networkData.ips[3]: Duplicate value: "2001:db8::1/64"',
      ],
    ],
    [
      'has too many addresses and conditions',
      reported({
        networkData: { ips: many(17, (i) => `10.9.8.${i}/24`) },
        conditions: many(9, (i) => ({
          type: `t${i}`,
          status: 'True',
          reason: 'r',
          message: '',
          lastTransitionTime: '2026-11-21T09:00:00Z',
        })),
      }),
      [
        'status.devices[0].conditions: Too many: 9: must have at most 8 items',
        'status.devices[0].networkData.ips: Too many: 17: must have at most 16 items',
      ],
    ],
  ])('%s', (_, status, want) => {
    expect(written(claim(), status).errors).toEqual(want)
  })

  it('keeps what is allocated until it is given back, and forgets what drivers said of it then', () => {
    const old = claim({ allocation, reservedFor: [consumer()], devices: [device] })
    expect(written(old, { allocation: allocated({ pool: 'other' }), reservedFor: [consumer()] }).errors).toEqual([
      'status.allocation: Invalid value: {"Devices":{"Results":[{"Request":"foo","Driver":"dra.example.com","Pool":"other","Device":"gpu-0","AdminAccess":null,"Tolerations":null,"BindingConditions":null,"BindingFailureConditions":null,"ShareID":null,"ConsumedCapacity":null}],"Config":null},"NodeSelector":null,"AllocationTimestamp":null}: field is immutable',
    ])
    const { object, errors } = written(old, { devices: [device] })
    expect(errors).toEqual([])
    expect(object.status).toEqual({})
  })

  it('is for nobody new once the claim is deleted', () => {
    const old = claim({ allocation, reservedFor: [consumer()] }, { deletionTimestamp: '2026-11-21T09:00:00Z' })
    expect(written(old, { allocation, reservedFor: [consumer(), consumer(1)] }).errors).toEqual([
      'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    ])
    expect(written(old, { allocation }).errors).toEqual([])
  })

  it('gives administrators devices only where the namespace is theirs', () => {
    const status = { allocation: allocated({ adminAccess: true }) }
    expect(written(claim(), status, inNamespace({})).errors).toEqual([`status.allocation.devices.results[0].adminAccess: ${ADMIN}`])
    expect(written(claim(status), status, inNamespace({})).errors).toEqual([])
  })
})
