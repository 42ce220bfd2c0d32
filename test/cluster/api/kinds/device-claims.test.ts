/** What the API server says of claims for devices, templates for them, and classes of devices. */
import { describe, expect, it } from 'vitest'
import {
  ADMIN,
  BAD,
  C_IDENTIFIER,
  LABEL,
  LABEL_KEY,
  REQUEST,
  SUBDOMAIN,
  exactly,
  faults,
  inNamespace,
  many,
  opaque,
  request,
  sent,
} from './devices.js'
import { created, updateCauses, type Loose } from './support.js'

const selector = (expression: string): Loose => request({ selectors: [{ cel: { expression } }] })
const alternatives = { name: 'foo', firstAvailable: [exactly({ name: 'foo' }), exactly({ name: 'bar' })] }
const tolerations = (...list: Loose[]): Loose => ({ requests: [request({ tolerations: list })] })

it.each([
  ['DeviceClass', {}],
  ['ResourceClaim', { devices: {} }],
  ['ResourceClaimTemplate', { metadata: {}, spec: { devices: {} } }],
])('a %s that is sent without a spec has one that asks for nothing', (kind, spec) => {
  const { object, errors } = created({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'a' } })
  expect(errors).toEqual([])
  expect(object.spec).toEqual(spec)
})

describe('a ResourceClaim', () => {
  const at = 'spec.devices'
  it.each<[string, Loose, string[]]>([
    ['with one request', { requests: [request()] }, []],
    ['with nothing', {}, []],
    [
      'of a class whose name is none',
      { requests: [request({ deviceClassName: BAD })] },
      [`${at}.requests[0].exactly.deviceClassName: Invalid value: "${BAD}": ${SUBDOMAIN}`],
    ],
    ['of no class', { requests: [request({ deviceClassName: '' })] }, [`${at}.requests[0].exactly.deviceClassName: Required value`]],
    ['whose request has no name', { requests: [request({}, '')] }, [`${at}.requests[0].name: Invalid value: "": ${LABEL}`]],
    [
      'with too much of everything',
      {
        requests: many(33, (i) => request({}, `r${i}`)),
        constraints: many(33, () => ({ matchAttribute: 'foo/bar' })),
        config: many(33, () => opaque()),
      },
      ['requests', 'constraints', 'config'].map((name) => `${at}.${name}: Too many: 33: must have at most 32 items`),
    ],
    [
      'whose constraints are for nobody and of nothing',
      { requests: [request()], constraints: [{ requests: ['foo', BAD], matchAttribute: 'missing-domain' }, { matchAttribute: '' }, {}] },
      [
        `${at}.constraints[0].requests[1]: Invalid value: "${BAD}": ${LABEL}`,
        `${at}.constraints[0].requests[1]: Invalid value: "${BAD}": ${REQUEST}`,
        `${at}.constraints[0].matchAttribute: Invalid value: "missing-domain": ${C_IDENTIFIER}`,
        `${at}.constraints[0].matchAttribute: Invalid value: "missing-domain": a fully qualified name must be a domain and a name separated by a slash`,
        `${at}.constraints[1].matchAttribute: Invalid value: "": ${C_IDENTIFIER}`,
        `${at}.constraints[1].matchAttribute: Invalid value: "": a fully qualified name must be a domain and a name separated by a slash`,
        `${at}.constraints[2]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set`,
      ],
    ],
    [
      'whose constraints are of what has no name, no domain or too many of them',
      {
        constraints: [
          { matchAttribute: 'a.b/' },
          { distinctAttribute: '/c' },
          { distinctAttribute: 'a/b/c' },
          { distinctAttribute: `a/${'b'.repeat(33)}` },
        ],
      },
      [
        `${at}.constraints[0].matchAttribute: Invalid value: "": the name must not be empty`,
        `${at}.constraints[1].distinctAttribute: Invalid value: "": the domain must not be empty`,
        `${at}.constraints[2].distinctAttribute: Invalid value: "a/b/c": must not contain more than one slash`,
        `${at}.constraints[3].distinctAttribute: Too long: may not be more than 32 bytes`,
      ],
    ],
    [
      'that names requests twice, or with two slashes',
      { requests: [request()], config: [{ requests: ['foo', 'foo', 'foo/foo/foo'], ...opaque() }] },
      [`${at}.config[0].requests[2]: Invalid value: "foo/foo/foo": ${REQUEST}`, `${at}.config[0].requests[1]: Duplicate value: "foo"`],
    ],
    [
      'of a number of devices that cannot be',
      {
        requests: [
          request({ allocationMode: 'All' }, 'a'),
          request({ allocationMode: 'ExactCount', count: -1 }, 'b'),
          request({ allocationMode: 'other' }, 'c'),
          request({ allocationMode: 'All', count: 2 }, 'd'),
          request({}, 'a'),
        ],
      },
      [
        `${at}.requests[1].exactly.count: Invalid value: -1: must be greater than zero`,
        `${at}.requests[2].exactly.allocationMode: Unsupported value: "other": supported values: "All", "ExactCount"`,
        `${at}.requests[3].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`,
        `${at}.requests[4]: Duplicate value: "a"`,
      ],
    ],
    [
      'with configurations that are no objects',
      {
        config: [
          {},
          { opaque: { driver: BAD } },
          opaque('hello-world'),
          opaque(null),
          opaque([1]),
          opaque({ str: 'x'.repeat(10240 - 10) }),
          opaque({ str: 'x'.repeat(10240 - 9) }),
        ],
      },
      [
        `${at}.config[0].opaque: Required value`,
        `${at}.config[1].opaque.driver: Invalid value: "${BAD}": ${SUBDOMAIN}`,
        `${at}.config[1].opaque.parameters: Required value`,
        `${at}.config[2].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object`,
        `${at}.config[3].opaque.parameters: Required value`,
        `${at}.config[4].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object`,
        `${at}.config[6].opaque.parameters: Too long: may not be more than 10240 bytes`,
      ],
    ],
    [
      'with an expression on its device',
      { requests: [selector('device.driver == "dra.example.com" && device.attributes["dra.example.com"].ready')] },
      [],
    ],
    ['with an expression that says anything', { requests: [selector('device.attributes["dra.example.com"].ready')] }, []],
    [
      'with an expression on versions and capacities',
      {
        requests: [
          selector('cel.bind(d, device.capacity["a.b"], d.memory.compareTo(quantity("10Gi")) >= 0) && device.allowMultipleAllocations'),
        ],
      },
      [],
    ],
    [
      'with an expression that does not compile',
      { requests: [selector('device.attributes[true].someBoolean')] },
      [
        `${at}.requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.attributes[true].someBoolean": compilation failed: ERROR: <input>:1:18: found no matching overload for '_[_]' applied to '(map(string, map(string, any)), bool)'\n | device.attributes[true].someBoolean\n | .................^`,
      ],
    ],
    [
      'with an expression that is a text',
      { requests: [selector('device.driver')] },
      [
        `${at}.requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
      ],
    ],
    [
      'with a long expression',
      {
        requests: [
          selector(`device.driver == "${'x'.repeat(10240 - 19)}"`),
          { ...selector(`device.driver == "${'x'.repeat(10240 - 18)}"`), name: 'b' },
        ],
      },
      [`${at}.requests[1].exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes`],
    ],
    [
      'with an expression that may take too long',
      {
        requests: [
          selector(
            `${many(7, (i) => `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(z${i}, `).join('')}int('1'.find('[0-9]*')) < 100${')'.repeat(7)}`,
          ),
        ],
      },
      [`${at}.requests[0].exactly.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit`],
    ],
    [
      'with selectors of no kind',
      { requests: [request({ selectors: [{}] })] },
      [`${at}.requests[0].exactly.selectors[0].cel: Required value`],
    ],
    ['with alternatives', { requests: [alternatives], config: [{ requests: ['foo/bar', 'foo'], ...opaque() }] }, []],
    [
      'with alternatives besides',
      { requests: [{ ...alternatives, exactly: exactly() }] },
      [
        `${at}.requests[0]: Invalid value: "null": exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
      ],
    ],
    [
      'with a request for nothing',
      { requests: [{ name: 'foo' }] },
      [`${at}.requests[0]: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`],
    ],
    [
      'with alternatives that are none',
      { requests: [{ name: 'foo', firstAvailable: [{ name: BAD }, exactly({ name: 'foo' }), exactly({ name: 'foo' })] }] },
      [
        `${at}.requests[0].firstAvailable[0].name: Invalid value: "${BAD}": ${LABEL}`,
        `${at}.requests[0].firstAvailable[0].deviceClassName: Required value`,
        `${at}.requests[0].firstAvailable[2]: Duplicate value: "foo"`,
      ],
    ],
    [
      'with too many alternatives',
      { requests: [{ name: 'foo', firstAvailable: many(9, (i) => exactly({ name: `sub-${i}` })) }] },
      [`${at}.requests[0].firstAvailable: Too many: 9: must have at most 8 items`],
    ],
    [
      'that names an alternative which is not there',
      { requests: [alternatives], constraints: [{ requests: ['foo/baz'], matchAttribute: 'a/b' }] },
      [`${at}.constraints[0].requests[0]: Invalid value: "foo/baz": ${REQUEST}`],
    ],
    [
      'that tolerates',
      tolerations({ operator: 'Exists' }, { key: 'a/b', value: 'c', effect: 'NoExecute' }, { operator: 'Exists', effect: 'None' }),
      [],
    ],
    [
      'that tolerates what cannot be',
      tolerations({ key: BAD, operator: 'Exists', value: 'x' }, { key: 'a', operator: 'Some', effect: 'PreferNoSchedule' }),
      [
        `${at}.requests[0].exactly.tolerations[0].key: Invalid value: "${BAD}": ${LABEL_KEY}`,
        `${at}.requests[0].exactly.tolerations[0].value: Invalid value: "x": must be empty for operator \`Exists\``,
        `${at}.requests[0].exactly.tolerations[1].operator: Unsupported value: "Some": supported values: "Equal", "Exists"`,
        `${at}.requests[0].exactly.tolerations[1].effect: Unsupported value: "PreferNoSchedule": supported values: "NoExecute", "NoSchedule", "None"`,
      ],
    ],
  ])('%s', (_, devices, want) => {
    expect(faults('ResourceClaim', { devices })).toEqual(want)
    const inTemplate = want.map((w) => `spec.${w}`)
    expect(faults('ResourceClaimTemplate', { spec: { devices } })).toEqual(inTemplate)
  })

  it('is for administrators only where the namespace is', () => {
    const devices = { requests: [request(), request({ adminAccess: true }, 'b')] }
    for (const [kind, spec] of [
      ['ResourceClaim', { devices }],
      ['ResourceClaimTemplate', { spec: { devices } }],
    ] as const) {
      expect(faults(kind, spec, inNamespace({ key: 'value' }))).toEqual([`spec.devices.requests[1].adminAccess: ${ADMIN}`])
      expect(faults(kind, spec, inNamespace({ 'resource.kubernetes.io/admin-access': 'true' }))).toEqual([])
    }
  })

  it('stays as it is, and so does a template', () => {
    const { object } = created(sent('ResourceClaim', { devices: { requests: [request()] } }))
    const devices = (deviceClassName: string): string =>
      `{"Devices":{"Requests":[{"Name":"foo","Exactly":{"DeviceClassName":"${deviceClassName}","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}`
    expect(updateCauses(object, (o) => (o.spec.devices.requests[0].exactly.deviceClassName = 'bar'))).toEqual([
      `spec: Invalid value: ${devices('bar')}: field is immutable`,
    ])
    const template = created(sent('ResourceClaimTemplate', { metadata: { labels: { a: 'b' } }, spec: { devices: {} } })).object
    expect(updateCauses(template, (o) => delete o.spec.metadata)).toEqual([
      'spec: Invalid value: {"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}: field is immutable',
    ])
  })
})

describe('a DeviceClass', () => {
  it.each<[string, Loose, string[]]>([
    ['of anything', {}, []],
    ['of an extended resource', { extendedResourceName: 'example.com/gpu' }, []],
    ...['gpu', 'kubernetes.io/gpu', ''].map((name): [string, Loose, string[]] => [
      `of the resource "${name}"`,
      { extendedResourceName: name },
      [`spec.extendedResourceName: Invalid value: "${name}": must be a valid extended resource name`],
    ]),
    [
      'of too much',
      { selectors: many(33, () => ({ cel: { expression: 'true' } })), config: many(33, () => opaque()) },
      ['spec.selectors: Too many: 33: must have at most 32 items', 'spec.config: Too many: 33: must have at most 32 items'],
    ],
    [
      'of what does not compile',
      { selectors: [{ cel: { expression: 'noSuchVar' } }], config: [{}] },
      [
        "spec.selectors[0].cel.expression: Invalid value: \"noSuchVar\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'noSuchVar' (in container '')\n | noSuchVar\n | ^",
        'spec.config[0].opaque: Required value',
      ],
    ],
  ])('%s', (_, spec, want) => {
    expect(faults('DeviceClass', spec)).toEqual(want)
  })
})
