/** What the API server says of the devices that drivers offer. */
import { describe, expect, it } from 'vitest'
import { BAD, C_IDENTIFIER, LABEL, LABEL_KEY, SUBDOMAIN, faults, many, sent, pool, base, slice, offering } from './devices.js'
import { created, inOrder, NOW, updateCauses, updated, type Loose } from './support.js'

describe('a ResourceSlice', () => {
  const taint = { key: 'example.com/taint', effect: 'NoExecute' }
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker'] }] }
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  const own =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const each = { nodeName: undefined, perDeviceNodeSelection: true }

  it.each<[string, Loose, string[]]>([
    ['with a device', slice(), []],
    ['with as many devices as fit', slice({ devices: many(128, (i) => ({ name: `d${i}` })) }), []],
    [
      'with one device more',
      slice({ devices: many(129, (i) => ({ name: `d${i}` })) }),
      ['spec.devices: Too many: 129: must have at most 128 items'],
    ],
    ['with as many tainted devices as fit', slice({ devices: many(64, (i) => ({ name: `d${i}`, taints: [taint] })) }), []],
    [
      'with one tainted device more',
      slice({ devices: many(65, (i) => ({ name: `d${i}`, taints: [taint] })) }),
      ['spec.devices: Too many: 65: must have at most 64 items'],
    ],
    [
      'of nothing',
      {},
      [
        'spec.driver: Required value',
        'spec.pool.name: Required value',
        'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
        `spec: Required value: ${one}`,
      ],
    ],
    [
      'of a pool that cannot be',
      slice({ pool: { name: `${'x/'.repeat(126)}xy`, generation: -1, resourceSliceCount: 0 } }),
      [
        'spec.pool.name: Too long: may not be more than 253 bytes',
        'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
        'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      ],
    ],
    [
      'of a driver that cannot be, on such a node',
      slice({ driver: BAD, nodeName: BAD }),
      [`spec.driver: Invalid value: "${BAD}": ${SUBDOMAIN}`, `spec.nodeName: Invalid value: "${BAD}": ${SUBDOMAIN}`],
    ],
    ['of a driver with a long name', slice({ driver: 'x'.repeat(64) }), ['spec.driver: Too long: may not be more than 63 bytes']],
    [
      'on some nodes of no kind',
      slice({ nodeName: undefined, nodeSelector: {} }),
      [
        'spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
        'spec.nodeSelector.nodeSelectorTerms: Invalid value: null: must have exactly one node selector term',
      ],
    ],
    [
      'on nodes of two kinds',
      slice({ nodeName: undefined, nodeSelector: { nodeSelectorTerms: [term, {}] } }),
      [
        'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{"MatchExpressions":null,"MatchFields":[{"Key":"metadata.name","Operator":"In","Values":["worker"]}]},{"MatchExpressions":null,"MatchFields":null}]: must have exactly one node selector term',
      ],
    ],
    [
      'on a node and on some',
      slice({ nodeSelector: { nodeSelectorTerms: [term] } }),
      [`spec: Invalid value: "{\`nodeName\`, \`nodeSelector\`}": ${one}, but multiple fields are set`],
    ],
    [
      'on a node and on all',
      slice({ allNodes: true }),
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${one}, but multiple fields are set`],
    ],
    [
      'on no node in so many words',
      slice({ nodeName: '', allNodes: false, perDeviceNodeSelection: false }),
      [
        'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
        'spec.allNodes: Invalid value: false: must be either unset or set to true',
        'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
        `spec: Required value: ${one}`,
      ],
    ],
    [
      'whose devices are where they say, but do not say it',
      slice({
        ...each,
        devices: [
          { name: 'a', nodeName: 'worker' },
          { name: 'b' },
          { name: 'c', nodeName: 'worker', allNodes: true },
          { name: 'd', nodeName: '', allNodes: false },
        ],
      }),
      [
        `spec.devices[1]: Required value: ${own}`,
        `spec.devices[2]: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${own}`,
        'spec.devices[3].nodeName: Invalid value: "": must not be empty',
        'spec.devices[3].allNodes: Invalid value: false: must be either unset or set to true',
        `spec.devices[3]: Required value: ${own}`,
      ],
    ],
    [
      'whose device says where it is without being asked',
      offering({ allNodes: true }),
      [
        'spec.devices[0]: Invalid value: "null": `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ],
    ],
    [
      'whose devices have names that are none, or the same',
      slice({ devices: [{ name: BAD }, { name: 'a' }, { name: 'a' }] }),
      [`spec.devices[0].name: Invalid value: "${BAD}": ${LABEL}`, 'spec.devices[2]: Duplicate value: "a"'],
    ],
    [
      'with attributes of each kind',
      offering({ attributes: { i: { int: 1 }, b: { bool: false }, s: { string: '' }, 'a.b/v': { version: '1.2.3-alpha.1+build' } } }),
      [],
    ],
    [
      'with attributes that are none',
      offering({
        attributes: {
          a: { version: '1.2' },
          b: { version: `1.2.3-${'x'.repeat(59)}` },
          c: { string: 'x'.repeat(65) },
          d: {},
          e: { int: 1, bool: true },
          'f-g': { int: 1 },
        },
      }),
      [
        'spec.devices[0].attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
        'spec.devices[0].attributes[b].version: Too long: may not be more than 64 bytes',
        'spec.devices[0].attributes[c].string: Too long: may not be more than 64 bytes',
        'spec.devices[0].attributes[d]: Invalid value: "": exactly one value must be specified',
        'spec.devices[0].attributes[e]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
        `spec.devices[0].attributes: Invalid value: "f-g": ${C_IDENTIFIER}`,
      ],
    ],
    [
      'with too many attributes and capacities',
      offering({ attributes: Object.fromEntries(many(32, (i) => [`a${i}`, { int: i }])), capacity: { memory: { value: '1Gi' } } }),
      ['spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32'],
    ],
    [
      'with taints that are none',
      offering({ taints: [{}, { key: 'a', value: BAD, effect: 'Some' }] }),
      [
        'spec.devices[0].taints[0].key: Invalid value: "": name part must be non-empty',
        `spec.devices[0].taints[0].key: Invalid value: "": ${LABEL_KEY}`,
        'spec.devices[0].taints[0].effect: Required value',
        `spec.devices[0].taints[1].value: Invalid value: "${BAD}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        'spec.devices[0].taints[1].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      'with too many taints',
      offering({ taints: many(17, () => taint) }),
      ['spec.devices[0].taints: Too many: 17: must have at most 16 items'],
    ],
    ['with counters', { ...base, sharedCounters: [{ name: 'set', counters: { memory: { value: '1Gi' } } }] }, []],
    [
      'with counters beside devices',
      slice({ sharedCounters: [{ name: 'set', counters: { memory: { value: '1Gi' } } }] }),
      ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
    ],
    [
      'with counters that are none',
      {
        ...base,
        sharedCounters: [
          {},
          { name: BAD, counters: { [BAD]: { value: '1' } } },
          { name: BAD, counters: Object.fromEntries(many(33, (i) => [`c${i}`, { value: '1' }])) },
        ],
      },
      [
        'spec.sharedCounters[0].name: Required value',
        'spec.sharedCounters[0].counters: Required value',
        `spec.sharedCounters[1].name: Invalid value: "${BAD}": ${LABEL}`,
        `spec.sharedCounters[1].counters: Invalid value: "${BAD}": ${LABEL}`,
        `spec.sharedCounters[2].name: Invalid value: "${BAD}": ${LABEL}`,
        'spec.sharedCounters[2].counters: Too many: 33: must have at most 32 items',
        `spec.sharedCounters[2]: Duplicate value: "${BAD}"`,
      ],
    ],
    [
      'with a device that takes of counters of no name, and of too many',
      slice({
        devices: [
          { name: 'a', consumesCounters: [{}] },
          { name: 'b', consumesCounters: many(3, (i) => ({ counterSet: `s${i}`, counters: { c: { value: '1' } } })) },
        ],
      }),
      [
        'spec.devices[0].consumesCounters[0].counterSet: Required value',
        'spec.devices[0].consumesCounters[0].counters: Required value',
        'spec.devices[1].consumesCounters: Too many: 3: must have at most 2 items',
      ],
    ],
    [
      'with conditions of binding that contradict each other',
      offering({ bindingConditions: ['a', 'b', 'b'], bindingFailureConditions: ['a', BAD, BAD] }),
      [
        `spec.devices[0].bindingFailureConditions[1]: Invalid value: "${BAD}": ${LABEL_KEY}`,
        `spec.devices[0].bindingFailureConditions[2]: Invalid value: "${BAD}": ${LABEL_KEY}`,
        'spec.devices[0].bindingConditions[2]: Duplicate value: "b"',
        'spec.devices[0].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
        `spec.devices[0].bindingFailureConditions[2]: Duplicate value: "${BAD}"`,
      ],
    ],
    [
      'with too many conditions of binding',
      offering({ bindingConditions: many(5, (i) => `a${i}`), bindingFailureConditions: ['b'] }),
      ['spec.devices[0].bindingConditions: Too many: 5: must have at most 4 items'],
    ],
    [
      'with conditions that fail alone',
      offering({ bindingFailureConditions: ['b'] }),
      ['spec.devices[0].bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions'],
    ],
  ])('%s', (_, spec, want) => {
    expect(faults('ResourceSlice', spec)).toEqual(want)
  })

  it('stays with its pool, its driver and its node', () => {
    const { object } = created(sent('ResourceSlice', slice()))
    const change = (o: Loose): void => void Object.assign(o.spec, { driver: 'b', nodeName: 'c', pool: { ...pool, name: 'a' } })
    expect(updateCauses(object, change)).toEqual([
      'spec.pool.name: Invalid value: "a": field is immutable',
      'spec.driver: Invalid value: "b": field is immutable',
      'spec.nodeName: Invalid value: "c": field is immutable',
    ])
  })

  it('tells when its devices were tainted, and keeps nothing of features that are off', () => {
    const device = { taints: [taint, { ...taint, timeAdded: '2020-01-01T00:00:00Z' }], nodeAllocatableResourceMappings: { cpu: {} } }
    const { object, errors } = created(
      sent('ResourceSlice', offering({ ...device, attributes: { a: { int: 1, ints: [1], strings: ['x'] } } })),
    )
    expect(inOrder(errors)).toEqual([])
    expect(object.spec.devices).toEqual([
      {
        name: 'gpu-0',
        taints: [
          { ...taint, timeAdded: new Date(NOW).toISOString().replace('.000', '') },
          { ...taint, timeAdded: '2020-01-01T00:00:00Z' },
        ],
        attributes: { a: { int: 1 } },
      },
    ])
    expect(updated(object, (o) => (o.spec.devices[0].bindsToNode = true)).errors).toEqual([])
  })

  it('warns of capitals in the name of its driver', () => {
    const { object, errors, kind } = created(sent('ResourceSlice', slice({ driver: 'DRA.example.com' })))
    expect(inOrder(errors)).toEqual([])
    expect(kind.warnings!(object, undefined)).toEqual([
      'spec.driver: driver names should be lowercase; "DRA.example.com" contains uppercase characters',
    ])
  })
})
