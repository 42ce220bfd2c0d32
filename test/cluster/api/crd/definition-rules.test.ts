/** What the API server says of definitions, all of it and in its order. */
import { describe, expect, it } from 'vitest'
import { customResourceDefinition } from '../../../../src-main/cluster/api/kinds/customresourcedefinition.js'
import { ruleContext, type Loose } from '../kinds/support.js'
import { CERTIFICATE, things, version } from './definition.js'
import { faults, faultsOf, prepared, schemaFaults, told, updateFaults } from './judged.js'

const VERSIONS = 'spec.versions'
const SCHEMA = 'spec.validation.openAPIV3Schema'
const SPEC = `${SCHEMA}.properties[spec]`

const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

const shownVersion = (name: string, storage: boolean): string =>
  `{"Name":"${name}","Served":true,"Storage":${storage},"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}`

describe('the names of a definition', () => {
  it('are all there, once its spec is empty', () => {
    expect(faults({ ...things([]), spec: {} })).toEqual([
      'metadata.name: Invalid value: "things.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Required value',
      'spec.scope: Required value',
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ])
  })

  it.each<[what: string, names: object, want: string[]]>([
    [
      'is that of its list',
      { kind: 'Thing', listKind: 'Thing' },
      ['spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same'],
    ],
    [
      'is no label, which may have capitals in kinds only',
      { kind: 'Th_ing', singular: 'Thing', shortNames: ['ok', 'T'], categories: ['-'] },
      [
        `spec.names.singular: Invalid value: "Thing": ${LABEL_1035}`,
        `spec.names.kind: Invalid value: "Th_ing": may have mixed case, but should otherwise match: ${LABEL_1035}`,
        `spec.names.listKind: Invalid value: "Th_ingList": may have mixed case, but should otherwise match: ${LABEL_1035}`,
        `spec.names.shortNames[1]: Invalid value: "T": ${LABEL_1035}`,
        `spec.names.categories[0]: Invalid value: "-": ${LABEL_1035}`,
      ],
    ],
  ])('are refused when one %s', (_what, names, want) => {
    expect(faultsOf([version('v1')], { names: { plural: 'things', ...names } })).toEqual(want)
  })

  it.each([
    ['example', 'should be a domain with at least one dot'],
    [
      'Example.com',
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ])('are in a group that is a domain, which %s is not', (group, text) => {
    const { spec, ...rest } = things([version('v1')], { group }) as Loose
    expect(faults({ ...rest, metadata: { name: `things.${group}` }, spec })).toEqual([`spec.group: Invalid value: "${group}": ${text}`])
  })

  it.each([
    [
      {},
      'Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
    [
      { 'api-approved.kubernetes.io': 'yes' },
      'Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ])('are approved in groups of Kubernetes, not just %j', (annotations, text) => {
    const sent = things([version('v1')], { group: 'sigs.k8s.io' })
    sent.metadata = { name: 'things.sigs.k8s.io', annotations }
    expect(faults(sent)).toEqual([`metadata.annotations[api-approved.kubernetes.io]: ${text}`])
  })
})

describe('the versions of a definition', () => {
  it.each<[what: string, versions: object[], want: string[]]>([
    [
      'two of them have one name',
      [version('v1'), version('v1', {}, { storage: false })],
      [`${VERSIONS}: Invalid value: [${shownVersion('v1', true)},${shownVersion('v1', false)}]: must contain unique version names`],
    ],
    [
      'none is stored',
      [version('v1', {}, { storage: false })],
      [
        `${VERSIONS}: Invalid value: [${shownVersion('v1', false)}]: must have exactly one version marked as storage version`,
        'status.storedVersions: Invalid value: []: must have at least one stored version',
      ],
    ],
    [
      'the first has no name for a version, which is told twice',
      [version('1')],
      [`${VERSIONS}[0].name: Invalid value: "1": ${LABEL_1035}`, `spec.version: Invalid value: "1": ${LABEL_1035}`],
    ],
    [
      'one has no schema',
      [version('v1'), { name: 'v2', served: true, storage: false }],
      [`${VERSIONS}[1].schema.openAPIV3Schema: Required value`],
    ],
    [
      'one has a warning but is not deprecated, another an odd one',
      [
        version('v1', {}, { deprecationWarning: 'x' }),
        version('v2', {}, { storage: false, deprecated: true, deprecationWarning: '' }),
        version('v3', {}, { storage: false, deprecated: true, deprecationWarning: 'é\n' }),
      ],
      [
        `${VERSIONS}[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions`,
        `${VERSIONS}[1].deprecationWarning: Invalid value: "": must not be an empty string`,
        `${VERSIONS}[2].deprecationWarning: Invalid value: "é\\n": must only contain printable UTF-8 characters; non-printable character found at index 2`,
      ],
    ],
    [
      'the columns of the only one are odd',
      [
        version(
          'v1',
          {},
          {
            additionalPrinterColumns: [{}, { name: 'a', type: 'text', format: 'binary', jsonPath: 'spec.a' }],
          },
        ),
      ],
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Required value',
        'spec.additionalPrinterColumns[1].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[1].format: Invalid value: "binary": must be one of byte,date,date-time,double,float,int32,int64,password',
        'spec.additionalPrinterColumns[1].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
      ],
    ],
    [
      'the scale of one of two is odd',
      [
        version('v1', {}, { subresources: { scale: { specReplicasPath: 'spec.a', labelSelectorPath: '.metadata.x' } } }),
        version('v2', {}, { storage: false, subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: '.spec.a' } } }),
      ],
      [
        `${VERSIONS}[0].subresources.scale.specReplicasPath: Invalid value: "spec.a": must be a simple json path starting with .`,
        `${VERSIONS}[0].subresources.scale.statusReplicasPath: Required value`,
        `${VERSIONS}[0].subresources.scale.labelSelectorPath: Invalid value: ".metadata.x": should be a json path under either .spec or .status`,
        `${VERSIONS}[1].subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec`,
        `${VERSIONS}[1].subresources.scale.statusReplicasPath: Invalid value: ".spec.a": should be a json path under .status`,
      ],
    ],
  ])('are refused when %s', (_what, versions, want) => {
    expect(faultsOf(versions)).toEqual(want)
  })

  it('that differ in their schemas are told of one by one', () => {
    expect(faultsOf([version('v1', { type: 'strin' }), version('v2', {}, { storage: false })])).toEqual([
      `${VERSIONS}[0].schema.openAPIV3Schema.properties[spec].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ])
  })

  it('with a status subresource say nothing of the whole but what the status has no part in', () => {
    const v1 = version('v1', {}, { subresources: { status: {} } }) as Loose
    v1.schema.openAPIV3Schema = { type: 'object', maxProperties: 3 }
    const [fault, ...more] = faultsOf([v1])
    expect(more).toEqual([])
    expect(fault).toMatch(
      /^spec\.validation\.openAPIV3Schema: Invalid value: \{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object",.*"MaxProperties":3,.*\}: /,
    )
    expect(fault).toMatch(
      /: only \[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/,
    )
  })

  it.each(['allOf', 'definitions', '$ref', 'x-kubernetes-map-type'])(
    'has no %s at its root beside a status, not even an empty one',
    (name) => {
      const empty = name === 'allOf' ? [] : name === 'definitions' ? {} : ''
      const v1 = version('v1', {}, { subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', [name]: empty } } })
      expect(faultsOf([v1])).toContainEqual(expect.stringMatching(/^spec\.validation\.openAPIV3Schema: .* fields are allowed at the root/))
    },
  )
})

describe('the conversion of a definition', () => {
  const conversion = (value: object): string[] => faultsOf([version('v1')], { conversion: value })

  it.each<[what: string, value: object, want: string[]]>([
    [
      'is done by a webhook that is not there',
      { strategy: 'Webhook' },
      [
        'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
        'spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'has a webhook though there is none',
      { strategy: 'None', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } },
      [
        'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
        'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
      ],
    ],
    [
      'is none that is known',
      { strategy: 'Magic' },
      ['spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"'],
    ],
    [
      'speaks versions that are unknown',
      { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v9', 'v9', '9'] } },
      [
        'spec.conversion.conversionReviewVersions[1]: Invalid value: "v9": duplicate version',
        `spec.conversion.conversionReviewVersions[2]: Invalid value: "9": ${LABEL_1035}`,
        'spec.conversion.conversionReviewVersions: Invalid value: ["v9","v9","9"]: must include at least one of v1, v1beta1',
      ],
    ],
  ])('is refused when it %s', (_what, value, want) => {
    expect(conversion(value)).toEqual(want)
  })
})

describe('the CA bundle of a webhook for conversions', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const withBundle = (bundle: string): object => ({
    strategy: 'Webhook',
    webhook: { clientConfig: { url: 'https://a', caBundle: base64(bundle) }, conversionReviewVersions: ['v1'] },
  })
  const sent = (bundle: string): Loose => things([version('v1')], { conversion: withBundle(bundle) })
  const changed = (from: string, to: string): string[] => updateFaults(sent(from), (o) => (o.spec.conversion = withBundle(to)))
  const BROKEN = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

  it('may be anything until the definition is served', () => {
    expect(faults(sent('\n'))).toEqual([])
  })

  it.each<[what: string, bundle: string, why: string]>([
    ['is no PEM', '\n', 'unable to parse bytes as PEM block'],
    ['ends in something else', `${BROKEN.replaceAll('CERTIFICATE', 'PUBLIC KEY')}\nmore`, 'unable to parse bytes as PEM block'],
    ['holds a key', BROKEN.replaceAll('CERTIFICATE', 'PUBLIC KEY'), 'no valid certificate authority data seen'],
    ['holds a certificate that is none', BROKEN, 'failed to parse certificate: x509: malformed certificate'],
  ])('of a definition that is served may not become one that %s', (_what, bundle, why) => {
    expect(changed(CERTIFICATE, bundle)).toEqual([
      `spec.conversion.webhookClientConfig.caBundle: Invalid value: "${base64(bundle)}": unable to load root certificates: ${why}`,
    ])
  })

  it('may go and be replaced, and a bad one may stay bad', () => {
    expect(changed(CERTIFICATE, '')).toEqual([])
    expect(changed(CERTIFICATE, `${BROKEN}${CERTIFICATE}`)).toEqual([])
    expect(changed('\n', 'other')).toEqual([])
  })
})

describe('the schema of a definition', () => {
  const a = `${SPEC}.properties[a]`
  const element = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
  const map = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: element }

  it.each<[what: string, node: object, want: string[]]>([
    [
      'has parts of OpenAPI that are not supported, whereupon its structure is not judged',
      { id: 'x', $ref: '#/x', definitions: { d: {} }, dependencies: {}, patternProperties: { p: {} }, additionalItems: true },
      [
        `${a}.id: Forbidden: id is not supported`,
        `${a}.additionalItems: Forbidden: additionalItems is not supported`,
        `${a}.patternProperties: Forbidden: patternProperties is not supported`,
        `${a}.definitions: Forbidden: definitions is not supported`,
        `${a}.dependencies: Forbidden: dependencies is not supported`,
        `${a}.$ref: Forbidden: $ref is not supported`,
      ],
    ],
    [
      'has a schema for each element of a list',
      { type: 'array', items: [{ type: 'string' }, { type: 'strin' }] },
      [
        `${a}.items: Forbidden: items must be a schema object and not an array`,
        `${a}.items[1].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'names a standard that it follows',
      { type: 'string', $schema: 'http://json-schema.org/draft-04/schema#' },
      [`${SCHEMA}: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`],
    ],
    [
      'is null',
      { type: 'null' },
      [
        `${a}.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"`,
        `${a}.type: Forbidden: type cannot be set to null, use nullable as an alternative`,
      ],
    ],
    [
      'wants unique items',
      { type: 'array', uniqueItems: true, items: { type: 'string' } },
      [`${a}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`],
    ],
    [
      'has properties and values for any key',
      { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
      [`${a}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    ['allows any key besides its properties', { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: true }, []],
    [
      'does not keep unknown fields, as it says',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
      [`${a}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    ['keeps unknown fields of a list', { type: 'array', items: { type: 'string' }, 'x-kubernetes-preserve-unknown-fields': true }, []],
    [
      'has a pattern that is none',
      { type: 'string', pattern: '(' },
      [`${a}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``],
    ],
    [
      'has a type of list for what is none',
      { type: 'string', 'x-kubernetes-list-type': 'bag', 'x-kubernetes-map-type': 'bag' },
      [
        `${a}.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified`,
        `${a}.x-kubernetes-map-type: Unsupported value: "bag": supported values: "atomic", "granular"`,
        `${a}.type: Invalid value: "string": must be array if x-kubernetes-list-type is specified`,
        `${a}.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"`,
      ],
    ],
    [
      'has keys for a list that is no map',
      { type: 'array', items: element, 'x-kubernetes-list-map-keys': ['name'] },
      [`${a}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
    [
      'is a map without keys',
      { ...map, 'x-kubernetes-list-map-keys': [] },
      [`${a}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'is a map of texts',
      { ...map, items: { type: 'string' } },
      [`${a}.items.type: Invalid value: "string": must be object if parent array's x-kubernetes-list-type is map`],
    ],
    [
      'has a key twice, one that is not there, and one that is an object',
      {
        ...map,
        'x-kubernetes-list-map-keys': ['name', 'name', 'absent', 'o'],
        items: { ...element, required: ['name', 'o'], properties: { name: { type: 'string' }, o: { type: 'object' } } },
      },
      [
        `${a}.x-kubernetes-list-map-keys: Invalid value: ["name","name","absent","o"]: must not contain duplicate entries`,
        `${a}.x-kubernetes-list-map-keys: Invalid value: ["name","name","absent","o"]: entries must all be names of item properties`,
        `${a}.items.properties[o].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
      ],
    ],
    [
      'has elements and keys of a map that may be null or left out',
      { ...map, items: { type: 'object', nullable: true, properties: { name: { type: 'string', nullable: true } } } },
      [
        `${a}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map`,
        `${a}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
        `${a}.items.properties[name].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
      ],
    ],
  ])('is refused when a part of it %s', (_what, node, want) => {
    expect(schemaFaults({ properties: { a: node } })).toEqual(want)
  })

  it('gives no defaults for what every resource has', () => {
    const v1 = version('v1') as Loose
    v1.schema.openAPIV3Schema.properties.kind = { type: 'string', default: 'Thing' }
    v1.schema.openAPIV3Schema.properties.metadata = { type: 'object', properties: { name: { type: 'string', default: 'x' } } }
    expect(faultsOf([v1])).toEqual([
      `${SCHEMA}.properties[kind].default: Forbidden: must not be set in top-level kind`,
      `${SCHEMA}.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata`,
    ])
  })

  it('is warned of formats that nothing is known of, and once they are there no more', () => {
    const formats = (...list: [type: string, format: string][]): Loose =>
      things([version('v1', { properties: Object.fromEntries(list.map(([type, format], i) => [`p${i}`, { type, format }])) })])
    const known: [string, string][] = [
      ['integer', 'int32'],
      ['number', 'double'],
      ['string', 'date-time'],
      ['string', 'k8s-short-name'],
      ['string', 'isbn13'],
    ]
    const odd: [string, string][] = [
      ['string', 'int32'],
      ['integer', 'double'],
      ['array', 'cidr'],
      ['string', 'int32'],
    ]
    const { warnings } = customResourceDefinition
    expect(warnings!(formats(...known), undefined)).toEqual([])
    expect(warnings!(formats(...odd), undefined)).toEqual([
      'unrecognized format "int32"',
      'unrecognized format "double"',
      'unrecognized format "cidr"',
    ])
    expect(warnings!(formats(...odd), formats(['string', 'int32'], ['object', 'cidr']))).toEqual(['unrecognized format "double"'])
  })
})

describe('an update of a definition', () => {
  const two = things([version('v1'), version('v2', {}, { storage: false })])

  it('leaves its scope and its names as they are', () => {
    expect(
      updateFaults(two, (o) => {
        o.spec.scope = 'Cluster'
        o.spec.group = 'example.org'
        o.spec.names = { ...o.spec.names, kind: 'Other', plural: 'others' }
      }),
    ).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Other": field is immutable',
      'spec.group: Invalid value: "example.org": field is immutable',
      'spec.names.plural: Invalid value: "others": field is immutable',
    ])
  })

  it('keeps the versions that were ever stored', () => {
    expect(updateFaults(two, (o) => (o.spec.versions = [version('v2')]))).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ])
  })

  it('keeps the approval that it had, good or bad', () => {
    const sent = things([version('v1')], { group: 'sigs.k8s.io' })
    sent.metadata = { name: 'things.sigs.k8s.io', annotations: { 'api-approved.kubernetes.io': 'yes' } }
    expect(updateFaults(sent, (o) => (o.spec.names.shortNames = ['x']))).toEqual([])
    expect(updateFaults(sent, (o) => delete o.metadata.annotations)).toHaveLength(1)
  })

  it('of its status is checked for the accepted names alone', () => {
    const status = customResourceDefinition.subresources!['status'] as Loose
    const next = { ...prepared(two), status: { acceptedNames: { plural: '-', kind: 'Thing' }, storedVersions: ['v7'] } }
    expect(told(status.validateUpdate(next, prepared(two), ruleContext()))).toEqual([
      `status.acceptedNames.plural: Invalid value: "-": ${LABEL_1035}`,
    ])
  })
})
