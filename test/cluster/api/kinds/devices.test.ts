/** What the API server says of resource.k8s.io: claims for devices, their status, classes and the slices of drivers. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, kindOf, NOW, ruleContext, updateCauses, updated, type Loose } from './support.js'

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const C_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
const LABEL_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

const BAD = '!@#$%^'
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
const sent = (kind: string, spec: Loose): Loose => ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'x' }, spec })
const faults = (kind: string, spec: Loose, ctx = ruleContext()): string[] => inOrder(created(sent(kind, spec), ctx).errors)

const exactly = (rest: Loose = {}): Loose => ({ deviceClassName: 'foo', ...rest })
const request = (rest: Loose = {}, name = 'foo'): Loose => ({ name, exactly: exactly(rest) })
const opaque = (parameters: unknown = { kind: 'foo' }): Loose => ({ opaque: { driver: 'dra.example.com', parameters } })
const selector = (expression: string): Loose => request({ selectors: [{ cel: { expression } }] })
const alternatives = { name: 'foo', firstAvailable: [exactly({ name: 'foo' }), exactly({ name: 'bar' })] }
const tolerations = (...list: Loose[]): Loose => ({ requests: [request({ tolerations: list })] })

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

  const ADMIN =
    'Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace'
  const namespace = (labels: Loose): Loose =>
    ruleContext({ lookup: (_, resource) => (resource === 'namespaces' ? { metadata: { labels } } : undefined) as Loose })

  it('is for administrators only where the namespace is', () => {
    const devices = { requests: [request(), request({ adminAccess: true }, 'b')] }
    for (const [kind, spec] of [
      ['ResourceClaim', { devices }],
      ['ResourceClaimTemplate', { spec: { devices } }],
    ] as const) {
      expect(faults(kind, spec, namespace({ key: 'value' }))).toEqual([`spec.devices.requests[1].adminAccess: ${ADMIN}`])
      expect(faults(kind, spec, namespace({ 'resource.kubernetes.io/admin-access': 'true' }))).toEqual([])
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

  describe('its status', () => {
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
      expect(written(claim(), status, namespace({})).errors).toEqual([`status.allocation.devices.results[0].adminAccess: ${ADMIN}`])
      expect(written(claim(status), status, namespace({})).errors).toEqual([])
    })
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

describe('a ResourceSlice', () => {
  const pool = { name: 'pool', generation: 1, resourceSliceCount: 1 }
  const base = { driver: 'dra.example.com', nodeName: 'worker', pool }
  const slice = (rest: Loose = {}): Loose => ({ ...base, devices: [{ name: 'gpu-0' }], ...rest })
  const offering = (device: Loose, rest: Loose = {}): Loose => slice({ devices: [{ name: 'gpu-0', ...device }], ...rest })
  const taint = { key: 'example.com/taint', effect: 'NoExecute' }
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker'] }] }
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  const own =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const each = { nodeName: undefined, perDeviceNodeSelection: true }
  const capacity = (requestPolicy: Loose, value = '10Gi'): Loose =>
    offering({ allowMultipleAllocations: true, capacity: { memory: { value, requestPolicy } } })
  const policy = 'spec.devices[0].capacity[memory].requestPolicy'

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
    ['with a capacity in steps', capacity({ default: '1Gi', validRange: { min: '1Gi', max: '10Gi', step: '1Gi' } }), []],
    ['with a capacity of some values', capacity({ default: '1Gi', validValues: ['1Gi', '10Gi'] }), []],
    ['with a capacity that has only a default', capacity({ default: '1Gi' }), []],
    [
      'with a capacity in steps that is not shared',
      offering({ capacity: { memory: { value: '1Gi', requestPolicy: { default: '1Gi' } } } }),
      [`${policy}: Forbidden: allowMultipleAllocations must be true`],
    ],
    [
      'with values but no default',
      capacity({ validValues: ['1Gi'] }),
      [`${policy}.default: Required value: required when validValues is defined`],
    ],
    [
      'with a range but no default',
      capacity({ validRange: { min: '1Gi' } }),
      [`${policy}.default: Required value: required when validRange is defined`],
    ],
    [
      'with a range that begins nowhere',
      capacity({ default: '1Gi', validRange: {} }),
      [`${policy}.validRange.min: Required value: required when validRange is defined`],
    ],
    [
      'with values and a range',
      capacity({ default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } }),
      [`${policy}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`],
    ],
    [
      'with values beyond its capacity',
      capacity({ default: '1Gi', validValues: ['20Gi'] }),
      [
        `${policy}.validValues[0]: Invalid value: "20Gi": option is larger than capacity value: 10Gi`,
        `${policy}.validValues: Invalid value: "1Gi": default value is not valid according to the requestPolicy`,
      ],
    ],
    [
      'with a value twice',
      capacity({ default: '1Ki', validValues: ['1Ki', '1024'] }),
      [`${policy}.validValues[1]: Duplicate value: "1024"`],
    ],
    [
      'with values out of order',
      capacity({ default: '1Gi', validValues: ['2Gi', '1Gi'] }),
      [`${policy}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`],
    ],
    [
      'with a range the wrong way round',
      capacity({ default: '2Gi', validRange: { min: '20Gi', max: '1Gi' } }),
      [
        `${policy}.validRange.min: Invalid value: "20Gi": min is larger than capacity value: 10Gi`,
        `${policy}.validRange.default: Invalid value: "2Gi": default is less than min: 20Gi`,
        `${policy}.validRange.max: Invalid value: "20Gi": min is larger than max: 1Gi`,
        `${policy}.validRange.default: Invalid value: "2Gi": default is more than max: 1Gi`,
      ],
    ],
    [
      'with a range beyond its capacity',
      capacity({ default: '1Gi', validRange: { min: '1Gi', max: '20Gi' } }),
      [`${policy}.validRange.max: Invalid value: "20Gi": max is larger than capacity value: 10Gi`],
    ],
    [
      'with steps that miss',
      capacity({ default: '2Gi', validRange: { min: '1Gi', max: '10Gi', step: '2Gi' } }),
      ['2Gi', '10Gi'].map(
        (v) => `${policy}.validRange.step: Invalid value: "${v}": value is not a multiple of a given step (2Gi) from (1Gi)`,
      ),
    ],
    [
      'with a step of nothing, and one beyond its capacity',
      slice({
        devices: ['0', '20Gi'].map((step, i) => ({
          name: `d${i}`,
          allowMultipleAllocations: true,
          capacity: { memory: { value: '10Gi', requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step } } } },
        })),
      }),
      [
        `${policy}.validRange.step: Invalid value: "0": must be greater than zero`,
        `${policy.replace('[0]', '[1]')}.validRange.step: Invalid value: "20Gi": one step 21Gi is larger than capacity value: 10Gi`,
      ],
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
