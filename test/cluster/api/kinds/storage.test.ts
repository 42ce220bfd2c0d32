/** What the API server says of storage.k8s.io: classes, drivers, attachments, capacities. */
import { describe, expect, it } from 'vitest'
import { causes, created, kindOf, ruleContext, updateCauses, updated, type Loose } from './support.js'

const sent = (kind: string, rest: Loose): Loose => ({ apiVersion: 'storage.k8s.io/v1', kind, metadata: { name: 'x' }, ...rest })
const faults = (kind: string, rest: Loose): string[] => causes(created(sent(kind, rest)).errors)

describe('a StorageClass', () => {
  const zone = (...values: string[]): Loose => ({ matchLabelExpressions: [{ key: 'zone', values }] })

  it.each([
    [{}, ['provisioner: Required value']],
    [{ provisioner: 'p', reclaimPolicy: 'Recycle' }, ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"']],
    [
      { provisioner: 'p', volumeBindingMode: 'Later' },
      ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
    ],
    [
      { provisioner: 'p', reclaimPolicy: '', volumeBindingMode: '' },
      ['volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"'],
    ],
    [{ provisioner: 'p', parameters: { '': 'v' } }, ['parameters: Invalid value: "": field can not be empty.']],
    [{ provisioner: 'p', parameters: { a: 'v'.repeat(262144) } }, ['parameters: Too long: may not be more than 262144 bytes']],
    [{ provisioner: 'p', allowedTopologies: [zone()] }, ['allowedTopologies[0].matchLabelExpressions[0].values: Required value']],
    [
      { provisioner: 'p', allowedTopologies: [zone('a', 'a')] },
      ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
    ],
    [
      { provisioner: 'p', allowedTopologies: [zone('a', 'b'), zone('b', 'a')] },
      ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ],
  ])('is refused with %j', (rest, want) => {
    expect(faults('StorageClass', rest)).toEqual(want)
  })

  it('keeps when it binds and what becomes of its volumes', () => {
    const { object } = created(sent('StorageClass', { provisioner: 'p' }))
    expect(updated(object, (o) => Object.assign(o, { reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' })).errors).toEqual(
      [
        'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
      ],
    )
  })
})

describe('a VolumeAttributesClass', () => {
  it('names its driver and at least one parameter', () => {
    expect(faults('VolumeAttributesClass', {})).toEqual([
      'driverName: Required value',
      'parameters: Required value: must contain at least one key/value pair',
    ])
  })

  it('stays as it is', () => {
    const { object } = created(sent('VolumeAttributesClass', { driverName: 'd', parameters: { iops: '1' } }))
    expect(updated(object, (o) => Object.assign(o, { driverName: 'e', parameters: { iops: '2' } })).errors).toEqual([
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
    ])
    expect(updateCauses(object, (o) => Object.assign(o, { driverName: '', parameters: {} }))).toEqual([
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
      'driverName: Required value',
      'parameters: Required value: must contain at least one key/value pair',
    ])
  })
})

describe('a CSIDriver', () => {
  it.each([
    [
      { fsGroupPolicy: 'Some' },
      ['spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
    ],
    [
      { volumeLifecycleModes: ['Forever'] },
      ['spec.volumeLifecycleModes: Unsupported value: "Forever": supported values: "Persistent", "Ephemeral"'],
    ],
    [
      { tokenRequests: [{ audience: 'a' }, { audience: 'a', expirationSeconds: 1 }] },
      ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
    ],
    [
      { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }] },
      ['spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes'],
    ],
    [
      { tokenRequests: [{ audience: 'a', expirationSeconds: 2 ** 32 + 1 }] },
      ['spec.tokenRequests[0].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds'],
    ],
    [
      { nodeAllocatableUpdatePeriodSeconds: 9 },
      ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds'],
    ],
    [
      { serviceAccountTokenInSecrets: true },
      ['spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults('CSIDriver', { spec })).toEqual(want)
  })

  it('keeps whether it attaches and what volumes it has', () => {
    const { object } = created(sent('CSIDriver', { spec: {} }))
    const { errors } = updated(object, ({ spec }) => Object.assign(spec, { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] }))
    expect(errors).toEqual([
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ])
    expect(updated(object, ({ spec }) => (spec.fsGroupPolicy = 'None')).errors).toEqual([])
  })
})

describe('a CSINode', () => {
  const driver = (rest: Loose = {}): Loose => ({ name: 'd.example.com', nodeID: 'n', ...rest })

  it.each([
    [[driver({ nodeID: '' })], ['spec.drivers[0].nodeID: Required value']],
    [
      [driver({ nodeID: 'n'.repeat(257) })],
      [`spec.drivers[0].nodeID: Invalid value: "${'n'.repeat(257)}": must be 256 characters or less`],
    ],
    [
      [driver({ allocatable: { count: -1 } })],
      ['spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [[driver({ topologyKeys: ['zone', 'zone'] })], ['spec.drivers[0]: Duplicate value: "zone"']],
    [[driver(), driver()], ['spec.drivers[1].name: Duplicate value: "d.example.com"']],
  ])('is refused with drivers %j', (drivers, want) => {
    expect(faults('CSINode', { spec: { drivers } })).toEqual(want)
  })

  it('may learn how many volumes a driver can attach, nothing else of it', () => {
    const { object } = created(sent('CSINode', { spec: { drivers: [driver()] } }))
    expect(updated(object, ({ spec }) => (spec.drivers[0].allocatable = { count: 3 })).errors).toEqual([])
    expect(updated(object, ({ spec }) => (spec.drivers[0].nodeID = 'm')).errors).toEqual([
      'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable',
    ])
  })
})

describe('a CSIStorageCapacity', () => {
  it('is not negative, and stays where it is', () => {
    expect(faults('CSIStorageCapacity', { storageClassName: 's', maximumVolumeSize: '-2' })).toEqual([])
    expect(faults('CSIStorageCapacity', { storageClassName: 's', capacity: '-1' })).toEqual([
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ])
    const { object } = created(sent('CSIStorageCapacity', { storageClassName: 's', capacity: '1Gi' }))
    expect(updated(object, (o) => Object.assign(o, { storageClassName: 't', capacity: '2Gi' })).errors).toEqual([
      'storageClassName: Invalid value: "t": field is immutable',
    ])
  })
})

describe('a VolumeAttachment', () => {
  const spec = (source: Loose): Loose => ({ spec: { attacher: 'a.example.com', nodeName: 'n', source } })
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

  it('has one source', () => {
    expect(faults('VolumeAttachment', spec({}))).toEqual([`spec.source: Required value: ${one}`])
    expect(faults('VolumeAttachment', spec({ persistentVolumeName: 'pv', inlineVolumeSpec: {} }))).toEqual([
      `spec.source: Forbidden: ${one}`,
    ])
  })

  it('is attached by its status, not by itself', () => {
    const { object } = created(sent('VolumeAttachment', { ...spec({ persistentVolumeName: 'pv' }), status: { attached: true } }))
    expect(object.status).toEqual({ attached: false })
    expect(updated(object, (o) => (o.status = { attached: true })).object.status).toEqual({ attached: false })
    const status = kindOf('storage.k8s.io/v1', 'VolumeAttachment').subresources!['status'] as Loose
    const failed = { ...object, status: { attached: false, attachError: { message: 'm'.repeat(1025) } } }
    expect(causes(status.validateUpdate(failed, object, ruleContext()))).toEqual([
      'status.attachError.message: Too long: may not be more than 262144 bytes',
    ])
  })
})

it.each<[string, Loose, (o: Loose) => void, string]>([
  ['CSIDriver', { spec: {} }, ({ spec }) => (spec.fsGroupPolicy = ''), 'spec.fsGroupPolicy: Unsupported value: ""'],
  [
    'CSINode',
    { spec: { drivers: [] } },
    ({ spec }) => (spec.drivers = [{ name: 'd', nodeID: '' }]),
    'spec.drivers[0].nodeID: Required value',
  ],
])('a %s that is updated wrongly is told so twice', (kind, rest, change, wrong) => {
  const told = updateCauses(created(sent(kind, rest)).object, change)
  expect(told.map((text) => text.split(': supported')[0])).toEqual([wrong, wrong])
})

it('a VolumeAttachment that is updated wrongly is told so twice, then that it stays as it is', () => {
  const { object } = created(sent('VolumeAttachment', { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'pv' } } }))
  expect(updateCauses(object, ({ spec }) => (spec.attacher = ''))).toEqual([
    'spec.attacher: Required value',
    'spec.attacher: Required value',
    'spec: Invalid value: {"Attacher":"","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"n"}: field is immutable',
  ])
})
