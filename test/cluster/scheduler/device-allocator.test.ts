/** Which devices are found for claims on one node. */
import { describe, expect, test } from 'vitest'
import type { ResourceClaim } from '../../../src-main/cluster/api/kinds/resourceclaim.js'
import type { ResourceSlice } from '../../../src-main/cluster/api/kinds/resourceslice.js'
import { allocationOf } from '../../../src-main/cluster/scheduler/devices/allocation.js'
import { allocate } from '../../../src-main/cluster/scheduler/devices/allocator.js'
import type { DeviceClass } from '../../../src-main/cluster/scheduler/devices/model.js'
import { poolsFor, slicesByPool } from '../../../src-main/cluster/scheduler/devices/pools.js'
import { Usage } from '../../../src-main/cluster/scheduler/devices/usage.js'
import { NodeInfo } from '../../../src-main/cluster/scheduler/nodeinfo.js'

const DRIVER = 'gpu.example.com'
const node = new NodeInfo({ metadata: { name: 'a', labels: { zone: 'z1' } } } as never)

const gpu = (index: number, extra: object = {}) => ({
  name: `gpu-${index}`,
  attributes: { index: { int: index }, model: { string: index < 2 ? 'old' : 'new' }, driverVersion: { version: '1.2.3' } },
  capacity: { memory: { value: `${(index + 1) * 10}Gi` } },
  ...extra,
})
let slices = 0
const slice = (devices: object[], extra: object = {}, pool: object = {}): ResourceSlice =>
  ({
    metadata: { name: `slice-${++slices}` },
    spec: { driver: DRIVER, nodeName: 'a', pool: { name: 'a', generation: 1, resourceSliceCount: 1, ...pool }, devices, ...extra },
  }) as unknown as ResourceSlice
const claim = (devices: object, name = 'claim'): ResourceClaim =>
  ({ metadata: { name, namespace: 'default' }, spec: { devices } }) as unknown as ResourceClaim
const asking = (request: object = {}): { requests: object[] } => ({
  requests: [{ name: 'gpu', exactly: { deviceClassName: DRIVER, allocationMode: 'ExactCount', count: 1, ...request } }],
})
const where = (...expressions: string[]) => ({ selectors: expressions.map((expression) => ({ cel: { expression } })) })

interface Input {
  slices: ResourceSlice[]
  claims: ResourceClaim[]
  inUse?: string[]
  /** What other claims have of devices that may be shared. */
  shares?: object[]
  classes?: Record<string, object>
}

function allocations({ slices: given, claims, inUse = [], shares = [], classes = { [DRIVER]: {} } }: Input) {
  const known = new Map(Object.entries(classes).map(([name, spec]) => [name, { metadata: { name }, spec } as unknown as DeviceClass]))
  const usage = new Usage()
  for (const id of inUse) usage.whole.add(id)
  usage.add({ devices: { results: shares } } as never)
  const found = allocate(claims, {
    pools: poolsFor(node, slicesByPool(given)),
    inUse: usage,
    classOf: (name) => known.get(name),
  })
  return found?.map((chosen, i) => allocationOf(claims[i]!, chosen, 'node', () => 'share-id'))
}

/** The devices of all claims, `request=device`. */
const devices = (input: Input): string[] | undefined =>
  allocations(input)?.flatMap((a) => a.devices!.results!.map((r) => `${r.request}=${r.device}`))

const four = () => [slice([gpu(0), gpu(1), gpu(2), gpu(3)])]

describe('a request', () => {
  test.each<[string, object, string[] | undefined]>([
    ['has the first device that is free', {}, ['gpu=gpu-0']],
    ['has as many as it asks for', { count: 3 }, ['gpu=gpu-0', 'gpu=gpu-1', 'gpu=gpu-2']],
    ['has none when there are too few', { count: 5 }, undefined],
    ['has all that there are', { allocationMode: 'All' }, ['gpu=gpu-0', 'gpu=gpu-1', 'gpu=gpu-2', 'gpu=gpu-3']],
    [
      'has all that it selects',
      { allocationMode: 'All', ...where('device.attributes["gpu.example.com"].model == "new"') },
      ['gpu=gpu-2', 'gpu=gpu-3'],
    ],
    ['has none when it wants all and selects none', { allocationMode: 'All', ...where('false') }, undefined],
    ['selects by capacity', where("device.capacity['gpu.example.com'].memory.compareTo(quantity('30Gi')) >= 0"), ['gpu=gpu-2']],
    ['selects by a number', where('device.attributes["gpu.example.com"].index == 3'), ['gpu=gpu-3']],
    ['selects by a version', where('device.attributes["gpu.example.com"].driverVersion.isGreaterThan(semver("1.2.0"))'), ['gpu=gpu-0']],
    ['selects by its driver', where('device.driver == "gpu.example.com"'), ['gpu=gpu-0']],
    [
      'selects by all of its expressions',
      where('device.attributes["gpu.example.com"].index > 0', 'device.attributes["gpu.example.com"].index < 2'),
      ['gpu=gpu-1'],
    ],
    [
      'asks whether there is anything of a domain',
      where('!("other.example.com" in device.attributes)', '"gpu.example.com" in device.attributes'),
      ['gpu=gpu-0'],
    ],
    ['asks whether there is an attribute', where('"nope" in device.attributes["other.example.com"]'), undefined],
  ])('%s', (_does, request, expected) => {
    expect(devices({ slices: four(), claims: [claim(asking(request))] })).toEqual(expected)
  })

  test('leaves devices that other claims have, but for administrators', () => {
    const inUse = ['gpu.example.com/a/gpu-0', 'gpu.example.com/a/gpu-1']
    expect(devices({ slices: four(), claims: [claim(asking())], inUse })).toEqual(['gpu=gpu-2'])
    const [own] = allocations({ slices: four(), claims: [claim(asking({ adminAccess: true, count: 2 }))], inUse })!
    expect(own!.devices!.results).toEqual([
      { request: 'gpu', driver: DRIVER, pool: 'a', device: 'gpu-0', adminAccess: true },
      { request: 'gpu', driver: DRIVER, pool: 'a', device: 'gpu-1', adminAccess: true },
    ])
  })

  test('has devices with a taint only if it tolerates that', () => {
    const taint = (effect: string) => ({ taints: [{ key: 'broken', value: 'yes', effect }] })
    const tainted = () => [slice([gpu(0, taint('NoSchedule')), gpu(1, taint('NoExecute')), gpu(2, taint('None'))])]
    expect(devices({ slices: tainted(), claims: [claim(asking())] })).toEqual(['gpu=gpu-2'])
    const tolerations = [{ key: 'broken', operator: 'Equal', value: 'yes', effect: 'NoExecute' }]
    const [own] = allocations({ slices: tainted(), claims: [claim(asking({ tolerations }))] })!
    expect(own!.devices!.results).toEqual([{ request: 'gpu', driver: DRIVER, pool: 'a', device: 'gpu-1', tolerations }])
    expect(devices({ slices: tainted(), claims: [claim(asking({ tolerations: [{ operator: 'Exists' }] }))] })).toEqual(['gpu=gpu-0'])
  })

  test('has the first of its alternatives that can be had', () => {
    const exact = { deviceClassName: DRIVER, allocationMode: 'ExactCount', count: 1 }
    const firstAvailable = [
      { name: 'huge', ...exact, ...where("device.capacity['gpu.example.com'].memory.compareTo(quantity('1Ti')) >= 0") },
      { name: 'two', ...exact, count: 2 },
    ]
    expect(devices({ slices: four(), claims: [claim({ requests: [{ name: 'gpu', firstAvailable }] })] })).toEqual([
      'gpu/two=gpu-0',
      'gpu/two=gpu-1',
    ])
  })

  test('that cannot be judged says what is wrong', () => {
    const tryout =
      (request: object, given: Partial<Input> = {}) =>
      () =>
        devices({ slices: four(), claims: [claim(asking(request))], ...given })
    const missing = where('device.attributes["gpu.example.com"].nope == "x"')
    expect(tryout(missing)).toThrow('claim default/claim: selector #0: CEL runtime error: no such key: nope')
    expect(tryout({}, { classes: { [DRIVER]: missing } })).toThrow(
      'class gpu.example.com: selector #0: CEL runtime error: no such key: nope',
    )
    expect(tryout({ count: 33 })).toThrow('claim default/claim: number of requested devices 33 exceeds the claim limit of 32')
    const incomplete = { slices: [slice([gpu(0)], {}, { resourceSliceCount: 2 })] }
    expect(tryout({ allocationMode: 'All' }, incomplete)).toThrow(
      'claim default/claim, request gpu: asks for all devices, but resource pool gpu.example.com/a is currently being updated',
    )
    expect(tryout({}, incomplete)()).toEqual(['gpu=gpu-0'])
    expect(tryout({}, { slices: [slice([gpu(0), gpu(0)])] })).toThrow('pool a is invalid: duplicate device name gpu-0')
  })
})

describe('several requests', () => {
  const exactly = (request: object = {}) => ({ deviceClassName: DRIVER, allocationMode: 'ExactCount', count: 1, ...request })

  test('have a device each, of one claim and of several', () => {
    const requests = [
      { name: 'one', exactly: exactly() },
      { name: 'two', exactly: exactly() },
    ]
    expect(devices({ slices: four(), claims: [claim({ requests }), claim(asking(), 'other')] })).toEqual([
      'one=gpu-0',
      'two=gpu-1',
      'gpu=gpu-2',
    ])
  })

  test('are served in another way when the first way leaves one without', () => {
    const requests = [
      { name: 'any', exactly: exactly() },
      { name: 'first', exactly: exactly(where('device.attributes["gpu.example.com"].index == 0')) },
    ]
    expect(devices({ slices: four(), claims: [claim({ requests })] })).toEqual(['any=gpu-1', 'first=gpu-0'])
  })

  test('have devices with the same value of an attribute, or with different ones, as the claim says', () => {
    const requests = [
      { name: 'one', exactly: exactly(where('device.attributes["gpu.example.com"].index > 0')) },
      { name: 'two', exactly: exactly(where('device.attributes["gpu.example.com"].index > 1')) },
    ]
    const constrained = (...constraints: object[]) => devices({ slices: four(), claims: [claim({ requests, constraints })] })
    expect(constrained()).toEqual(['one=gpu-1', 'two=gpu-2'])
    expect(constrained({ matchAttribute: 'gpu.example.com/model' })).toEqual(['one=gpu-2', 'two=gpu-3'])
    expect(constrained({ matchAttribute: 'gpu.example.com/model', requests: ['two'] })).toEqual(['one=gpu-1', 'two=gpu-2'])
    expect(constrained({ matchAttribute: 'gpu.example.com/nope' })).toBeUndefined()
    expect(constrained({ distinctAttribute: 'gpu.example.com/index' })).toEqual(['one=gpu-1', 'two=gpu-2'])
    expect(constrained({ matchAttribute: 'gpu.example.com/model' }, { distinctAttribute: 'gpu.example.com/driverVersion' })).toBeUndefined()
  })

  test('take partitions of one device only as far as its counters go', () => {
    const partition = (name: string, memory: string) => ({
      name,
      consumesCounters: [{ counterSet: 'gpu-0', counters: { memory: { value: memory } } }],
    })
    const pool = { resourceSliceCount: 2 }
    const shared = () => [
      slice([partition('whole', '40Gi'), partition('half-0', '20Gi'), partition('half-1', '20Gi')], {}, pool),
      slice([], { devices: undefined, sharedCounters: [{ name: 'gpu-0', counters: { memory: { value: '40Gi' } } }] }, pool),
    ]
    const halves = (inUse: string[] = []) => devices({ slices: shared(), claims: [claim(asking({ count: 2 }))], inUse })
    expect(halves()).toEqual(['gpu=half-0', 'gpu=half-1'])
    expect(halves(['gpu.example.com/a/half-0'])).toBeUndefined()
    expect(devices({ slices: shared(), claims: [claim(asking())], inUse: ['gpu.example.com/a/whole'] })).toBeUndefined()
  })
})

describe('a device that several claims may have', () => {
  const shared = (requestPolicy?: object) => [
    slice([
      {
        name: 'nic-0',
        allowMultipleAllocations: true,
        capacity: { bandwidth: { value: '10Gi', ...(requestPolicy ? { requestPolicy } : {}) } },
      },
    ]),
  ]
  const wanting = (bandwidth?: string, count = 1) =>
    claim(asking({ count, ...(bandwidth ? { capacity: { requests: { bandwidth } } } : {}) }))
  const consumed = (input: Omit<Input, 'claims'>, ...claims: ResourceClaim[]) =>
    allocations({ ...input, claims })?.flatMap((a) => a.devices!.results!.map((r) => r.consumedCapacity!['bandwidth']))

  test('gives each the part that it asks for, as long as there is enough', () => {
    expect(allocations({ slices: shared(), claims: [wanting('4Gi')] })![0]!.devices!.results).toEqual([
      { request: 'gpu', driver: DRIVER, pool: 'a', device: 'nic-0', shareID: 'share-id', consumedCapacity: { bandwidth: '4Gi' } },
    ])
    expect(consumed({ slices: shared() }, wanting('4Gi'), wanting('6Gi'))).toEqual(['4Gi', '6Gi'])
    expect(consumed({ slices: shared() }, wanting('5Gi', 2))).toEqual(['5Gi', '5Gi'])
    expect(consumed({ slices: shared() }, wanting('4Gi'), wanting('7Gi'))).toBeUndefined()
    const shares = [{ driver: DRIVER, pool: 'a', device: 'nic-0', shareID: 'x', consumedCapacity: { bandwidth: '8Gi' } }]
    expect(consumed({ slices: shared(), shares }, wanting('2Gi'))).toEqual(['2Gi'])
    expect(consumed({ slices: shared(), shares }, wanting('3Gi'))).toBeUndefined()
  })

  test.each<[string, object | undefined, string | undefined, string | undefined]>([
    ['all of it where nothing is said', undefined, undefined, '10Gi'],
    ['the default where nothing is asked for', { default: '1Gi' }, undefined, '1Gi'],
    ['the next of the valid values', { default: '1Gi', validValues: ['1Gi', '2Gi', '4Gi'] }, '3Gi', '4Gi'],
    ['nothing beyond the valid values', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, '3Gi', undefined],
    ['at least the least', { default: '1Gi', validRange: { min: '1Gi' } }, '1Mi', '1Gi'],
    ['the next step', { default: '1Gi', validRange: { min: '1Gi', step: '2Gi' } }, '4Gi', '5Gi'],
    ['nothing beyond the most', { default: '1Gi', validRange: { min: '1Gi', max: '2Gi' } }, '3Gi', undefined],
    ['nothing beyond what it has', undefined, '11Gi', undefined],
  ])('gives %s', (_what, policy, wanted, expected) => {
    expect(consumed({ slices: shared(policy) }, wanting(wanted))).toEqual(expected === undefined ? undefined : [expected])
  })
})

describe('where devices are', () => {
  const terms = (zone: string) => ({ nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] })
  const place = (extra: object) => slice([gpu(0)], { nodeName: undefined, ...extra }, { name: `pool-${slices}` })
  const one = (given: ResourceSlice) => allocations({ slices: [given], claims: [claim(asking())] })?.[0]

  test('is the only place where an allocated claim can be used', () => {
    expect(one(place({ nodeName: 'a' }))!.nodeSelector).toEqual({
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
    })
    expect(one(place({ nodeSelector: terms('z1') }))!.nodeSelector).toEqual(terms('z1'))
    expect(one(place({ allNodes: true }))).toEqual({
      devices: { results: [expect.objectContaining({ device: 'gpu-0' })] },
    })
    expect(one(place({ nodeName: 'b' }))).toBeUndefined()
    expect(one(place({ nodeSelector: terms('z2') }))).toBeUndefined()
  })

  test('may be said of each device by itself', () => {
    const each = slice([gpu(0, { nodeName: 'b' }), gpu(1, { nodeSelector: terms('z1') })], {
      nodeName: undefined,
      perDeviceNodeSelection: true,
    })
    expect(one(each)).toMatchObject({ devices: { results: [{ device: 'gpu-1' }] }, nodeSelector: terms('z1') })
  })

  test('is as the newest generation of a pool says', () => {
    const given = [slice([gpu(0)], {}, { generation: 1 }), slice([gpu(7)], {}, { generation: 2 })]
    expect(devices({ slices: given, claims: [claim(asking())] })).toEqual(['gpu=gpu-7'])
  })
})

test('the configurations of classes and of the claim are told with the requests that they are for', () => {
  const opaque = (value: string) => ({ opaque: { driver: DRIVER, parameters: { value } } })
  const requests = [
    { name: 'one', exactly: { deviceClassName: DRIVER, allocationMode: 'ExactCount', count: 1 } },
    { name: 'two', exactly: { deviceClassName: DRIVER, allocationMode: 'ExactCount', count: 1 } },
  ]
  const config = [opaque('all'), { requests: ['two'], ...opaque('two') }, { requests: ['three'], ...opaque('three') }]
  const [own] = allocations({
    slices: four(),
    claims: [claim({ requests, config })],
    classes: { [DRIVER]: { config: [opaque('class')] } },
  })!
  expect(own!.devices!.config).toEqual([
    { source: 'FromClass', requests: ['one', 'two'], ...opaque('class') },
    { source: 'FromClaim', ...opaque('all') },
    { source: 'FromClaim', requests: ['two'], ...opaque('two') },
  ])
})
