import { describe, expect, it } from 'vitest'
import type { SchemaNode } from '../../../../src-main/cluster/api/crd/schema.js'
import { validateEmbedded } from '../../../../src-main/cluster/api/crd/embedded.js'
import { validateLists, validateValue } from '../../../../src-main/cluster/api/crd/validate.js'

/** What is wrong with `spec` as a schema has it, as `field: body`. */
const faults = (schema: SchemaNode, spec: unknown, old?: unknown): string[] =>
  validateValue({ spec }, { type: 'object', properties: { spec: schema } }, old === undefined ? undefined : { spec: old }).map(
    (e) => `${e.field}: ${e.body}`,
  )

describe('a value of a custom resource', () => {
  it('has the type of its schema', () => {
    expect(faults({ type: 'string' }, 1)).toEqual(['spec: Invalid value: "integer": spec in body must be of type string: "integer"'])
    expect(faults({ type: 'integer' }, 1.5)).toEqual(['spec: Invalid value: "number": spec in body must be of type integer: "number"'])
    expect(faults({ type: 'object' }, [])).toEqual(['spec: Invalid value: "array": spec in body must be of type object: "array"'])
    expect(faults({ type: 'array', items: { type: 'string' } }, [null])).toEqual([
      'spec[0]: Invalid value: "null": spec[0] in body must be of type string: "null"',
    ])
    expect(faults({ type: 'number' }, 1)).toEqual([])
    expect(faults({ type: 'string', nullable: true }, null)).toEqual([])
    expect(faults({ 'x-kubernetes-int-or-string': true }, '50%')).toEqual([])
    expect(faults({ 'x-kubernetes-int-or-string': true }, true)).toEqual([
      'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
    ])
  })

  it('of a wrong type is told of with the reason FieldValueTypeInvalid', () => {
    expect(validateValue({ a: 1 }, { type: 'object', properties: { a: { type: 'string' } } })[0]?.reason).toBe('FieldValueTypeInvalid')
  })

  it.each([
    ['integer', 'int32', 2147483648, ['Checked value must be of type integer with format int32 in spec']],
    ['integer', 'int32', -2147483648, []],
    ['integer', 'int32', 2n ** 53n, ['Checked value must be of type integer with format int32 in spec']],
    ['integer', 'int64', 2n ** 63n - 1n, []],
    ['number', 'float', 1e39, ['Checked value must be of type number with format float in spec']],
    ['number', 'float', 1e-50, []],
    ['number', 'double', 1e300, []],
    ['integer', 'uint32', -1, []],
  ])('of type %s and format %s is within the range of the format: %d', (type, format, value, want) => {
    expect(faults({ type, format }, value)).toEqual(want.map((text) => `<nil>: Invalid value: "": ${text}`))
    expect(faults({ type, format }, value, value)).toEqual([])
  })

  it('is no integer beyond 64 bits: Go reads it as a floating-point number', () => {
    expect(faults({ type: 'integer', format: 'int64' }, 2 ** 63)).toEqual([
      'spec: Invalid value: "number": spec in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec',
    ])
  })

  it('is refused where a bound of its schema is beyond the range of the format', () => {
    expect(faults({ type: 'integer', format: 'int32', minimum: -1e10, maximum: 4294967295 }, 64512)).toEqual([
      '<nil>: Invalid value: "": Minimum boundary value must be of type integer with format int32 in spec',
      '<nil>: Invalid value: "": Maximum boundary value must be of type integer with format int32 in spec',
    ])
  })

  it('keeps to the bounds of numbers', () => {
    const schema: SchemaNode = { type: 'object', properties: { replicas: { type: 'integer', minimum: 1, maximum: 10 } } }
    expect(faults(schema, { replicas: 11 })).toEqual([
      'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
    ])
    expect(faults(schema, { replicas: 0 })).toEqual([
      'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
    ])
    const open: SchemaNode = { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true }
    expect(faults(open, 0)).toEqual(['spec: Invalid value: 0: spec in body should be greater than 0'])
    expect(faults(open, 1)).toEqual(['spec: Invalid value: 1: spec in body should be less than 1'])
    expect(faults({ type: 'integer', multipleOf: 3 }, 7)).toEqual(['spec: Invalid value: 7: spec in body should be a multiple of 3'])
  })

  it('keeps to the length, pattern and format of texts', () => {
    expect(faults({ type: 'string', pattern: '^[a-z]+$' }, 'ABC')).toEqual([
      `spec: Invalid value: "ABC": spec in body should match '^[a-z]+$'`,
    ])
    expect(faults({ type: 'string', minLength: 3 }, 'ab')).toEqual([
      'spec: Invalid value: "ab": spec in body should be at least 3 chars long',
    ])
    expect(faults({ type: 'string', maxLength: 5 }, 'abcdefgh')).toEqual(['spec: Too long: may not be more than 5 bytes'])
    expect(faults({ type: 'string', maxLength: 2 }, '😀😀')).toEqual([])
    expect(faults({ type: 'string', format: 'date-time' }, 'soon')).toEqual([
      'spec: Invalid value: "soon": spec in body must be of type date-time: "soon"',
    ])
    expect(faults({ type: 'string', format: 'date-time' }, '2026-11-21T09:00:00Z')).toEqual([])
    expect(faults({ type: 'string', format: 'ipv4' }, '10.0.0.256')).toEqual([
      'spec: Invalid value: "10.0.0.256": spec in body must be of type ipv4: "10.0.0.256"',
    ])
    expect(faults({ type: 'string', format: 'cidr' }, '10.0.0.0/8')).toEqual([])
    expect(faults({ type: 'string', format: 'uuid' }, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toEqual([])
    expect(faults({ type: 'string', format: 'of-no-meaning' }, 'anything')).toEqual([])
  })

  it('is one of those that are listed', () => {
    expect(faults({ type: 'string', enum: ['red', 'blue'] }, 'green')).toEqual([
      'spec: Unsupported value: "green": supported values: "red", "blue"',
    ])
    expect(faults({ type: 'integer', enum: [1, 2] }, 3)).toEqual(['spec: Unsupported value: 3: supported values: "1", "2"'])
  })

  it('has what is required, in lists and maps as well', () => {
    const entry: SchemaNode = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
    expect(faults(entry, {})).toEqual(['spec.name: Required value'])
    expect(faults({ type: 'array', items: entry }, [{ name: 'a' }, {}])).toEqual(['spec[1].name: Required value'])
    expect(faults({ type: 'object', additionalProperties: entry }, { x: {} })).toEqual(['spec.x.name: Required value'])
    expect(validateValue({}, { type: 'object', required: ['spec'] })[0]).toEqual({
      reason: 'FieldValueRequired',
      field: 'spec',
      body: 'Required value',
    })
  })

  it('has as many parts as it may', () => {
    const list: SchemaNode = { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 }
    expect(faults(list, ['a', 'b', 'c'])).toEqual(['spec: Too many: 3: must have at most 2 items'])
    expect(faults(list, [])).toEqual(['spec: Invalid value: 0: spec in body should have at least 1 items'])
    const map: SchemaNode = { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1, maxProperties: 1 }
    expect(faults(map, {})).toEqual(['spec: Invalid value: 0: spec in body should have at least 1 properties'])
    expect(faults(map, { a: '', b: '' })).toEqual(['spec: Too many: 2: must have at most 1 item'])
  })

  it('fits alternatives as often as they say', () => {
    const either: SchemaNode = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    }
    expect(faults(either, {})).toEqual([
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
      'spec.a: Required value',
    ])
    expect(faults(either, { a: 'x', b: 'y' })).toEqual([
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ])
    expect(faults(either, { b: 'y' })).toEqual([])
    expect(faults({ type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] }, 3)).toEqual([
      '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
      'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
    ])
    expect(faults({ type: 'integer', allOf: [{ minimum: 5 }, { maximum: 9 }] }, 3)).toEqual([
      'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
      '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)',
    ])
    expect(faults({ type: 'integer', not: { enum: [3] } }, 3)).toEqual([
      '<nil>: Invalid value: "": "spec" must not validate the schema (not)',
    ])
  })

  it('is not judged again when an update leaves it alone', () => {
    const schema: SchemaNode = { type: 'object', properties: { a: { type: 'string', enum: ['x'] }, b: { type: 'string', enum: ['x'] } } }
    expect(faults(schema, { a: 'old', b: 'new' }, { a: 'old', b: 'x' })).toEqual([
      'spec.b: Unsupported value: "new": supported values: "x"',
    ])
  })
})

describe('a list of a custom resource', () => {
  const set: SchemaNode = {
    type: 'object',
    properties: { s: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } },
  }
  const map: SchemaNode = {
    type: 'object',
    properties: {
      m: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' }, v: { type: 'string' } } },
      },
    },
  }

  it('that is a set holds nothing twice', () => {
    expect(validateLists({ s: ['a', 'b', 'a', 'a'] }, set)).toEqual([
      { reason: 'FieldValueDuplicate', field: 's[2]', body: 'Duplicate value: "a"' },
    ])
  })

  it('that is a map has each key once', () => {
    expect(validateLists({ m: [{ name: 'a' }, { name: 'a', v: 'x' }] }, map)).toEqual([
      { reason: 'FieldValueDuplicate', field: 'm[1]', body: 'Duplicate value: {"name":"a"}' },
    ])
    expect(validateLists({ m: [{ name: 'a' }, 'a', 5] }, map)).toEqual([
      { reason: 'FieldValueInvalid', field: 'm[1]', body: 'Invalid value: "a": must be an object for an array of list-type map' },
    ])
    expect(validateLists({ m: [null, {}, { name: 'a' }] }, map)).toEqual([
      { reason: 'FieldValueDuplicate', field: 'm[1]', body: 'Duplicate value: {}' },
    ])
    expect(validateLists({ m: [{ name: 'a' }, { name: 'b' }] }, map)).toEqual([])
  })

  it('may repeat anything once something was repeated in the object, whatever list it was in', () => {
    const schema = { type: 'object', properties: { ...set.properties, ...map.properties } } as SchemaNode
    const repeated = { s: ['a', 'a', 'b', 'b'], m: [{ name: 'a' }, { name: 'a' }] }
    expect(validateLists(repeated, schema, { s: ['a', 'a'] })).toEqual([])
    expect(validateLists(repeated, schema, { s: ['a'] })).toHaveLength(3)
  })
})

describe('an embedded resource', () => {
  const schema: SchemaNode = {
    type: 'object',
    properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
  }
  const pod = { apiVersion: 'v1', kind: 'Pod' }
  const LABEL =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

  it.each<[sentence: string, template: object, want: string[]]>([
    [
      'says what it is',
      { metadata: {} },
      ['template.apiVersion: Required value: must not be empty', 'template.kind: Required value: must not be empty'],
    ],
    ['need not have metadata', pod, []],
    ['need not have a name', { ...pod, metadata: { labels: { a: 'b' } } }, []],
    [
      'has a version and a kind that are texts',
      { apiVersion: 1, kind: '' },
      ['template.apiVersion: Invalid value: 1: must be a string', 'template.kind: Invalid value: "": must not be empty'],
    ],
    [
      'has a version of a group, and a kind that could be a name',
      { apiVersion: 'a/b/c', kind: 'My Pod' },
      [
        'template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        `template.kind: Invalid value: "My Pod": may have mixed case, but should otherwise match: ${LABEL}`,
      ],
    ],
    [
      'has a name that fits into a path, and labels as everywhere',
      { ...pod, metadata: { name: 'a/b', labels: { '-': 'c' } } },
      [
        `template.metadata.name: Invalid value: "a/b": may not contain '/'`,
        "template.metadata.labels: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
  ])('%s', (_sentence, template, want) => {
    expect(validateEmbedded({ template }, schema).map((e) => `${e.field}: ${e.body}`)).toEqual(want)
  })
})
