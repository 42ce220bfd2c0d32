/** What the API server says of definitions with rules: which compile, where old values are known, what holds for defaults. */
import { describe, expect, it } from 'vitest'
import { things } from './definition.js'
import { faults, updateFaults } from './judged.js'

const SCHEMA = 'spec.validation.openAPIV3Schema'
type Schema = Record<string, unknown>

const rules = (...given: (string | object)[]): Schema => ({
  'x-kubernetes-validations': given.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
})
const served = (name: string, schema: Schema, storage = true): object => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema },
})
/** The faults of a definition whose resources have these properties, without the path of the schema and what CEL draws. */
function found(properties: Schema, more: Schema = {}): string[] {
  const all = faults(things([served('v1', { type: 'object', properties, ...more })]))
  return all.map((fault) => fault.slice(SCHEMA.length + 1).replace(/Invalid value: \{.*?\}: |\n[^]*/g, ''))
}

const text = { type: 'string', maxLength: 10 }
const kept = rules('self == oldSelf')

describe('a rule', () => {
  const KEYWORDS = 'as break const continue else for function if import let loop namespace package return var void while'.split(' ')
  const numbers = (names: string[]): Schema => Object.fromEntries(names.map((name) => [name, { type: 'integer' }]))

  it('spells the names that are words of the language as they are, or escaped', () => {
    for (const name of [...KEYWORDS, 'self', 'int']) expect(found(numbers([name]), rules(`self.${name} > 0`))).toEqual([])
    for (const name of [...KEYWORDS, 'true', 'in']) expect(found(numbers([name]), rules(`self.__${name}__ > 0`))).toEqual([])
  })

  it.each(['true', 'false', 'null', 'in'])('cannot spell the name %s as it is', (name) => {
    expect(found(numbers([name]), rules(`self.${name} > 0`))).toEqual([
      `x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:6: Syntax error: mismatched input '${name}' expecting IDENTIFIER`,
    ])
  })

  it.each<[sentence: string, properties: Schema, own: Schema, want: string[]]>([
    [
      'knows no properties but those of the schema',
      {},
      rules('self.unknown > 0'),
      [`x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:5: undefined field 'unknown'`],
    ],
    [
      'is looked at while another part of the schema is wrong',
      {
        a: { type: 'object', properties: { b: { type: 'integer', ...rules("self == 'abc'") } }, additionalProperties: { type: 'string' } },
        c: { type: 'object', ...rules('self.unknown > 0') },
      },
      {},
      [
        'properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
        `properties[a].properties[b].x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:6: found no matching overload for '_==_' applied to '(int, string)'`,
        `properties[c].x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:5: undefined field 'unknown'`,
      ],
    ],
    [
      'is not looked at where the part below it is wrong',
      { field: { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: { type: 'string' } } },
      rules('self.unknown > 50'),
      ['properties[field].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
    ],
    [
      'is compiled below names that no expression can spell',
      { 'f@2': { type: 'string', ...rules('self == 1') } },
      rules('1 == 1'),
      [
        `properties[f@2].x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:6: found no matching overload for '_==_' applied to '(string, int)'`,
      ],
    ],
    [
      'has a message in one line, which is one, when it has several itself',
      {
        v: {
          type: 'integer',
          ...rules(
            'self >= 0 &&\nself <= 100',
            { rule: 'self == 50', message: 'must be >= 0\nmust be <= 100 ' },
            { rule: 'self == 50', message: ' ' },
            { rule: '  ', message: 'something' },
            { rule: 'true', messageExpression: '  ' },
            { rule: 'true', messageExpression: '256' },
          ),
        },
      },
      {},
      [
        'properties[v].x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks',
        'properties[v].x-kubernetes-validations[1].message: Invalid value: "must be >= 0\\nmust be <= 100 ": message must not contain line breaks',
        'properties[v].x-kubernetes-validations[2].message: Invalid value: " ": message must be non-empty if specified',
        'properties[v].x-kubernetes-validations[3].rule: Required value: rule is not specified',
        'properties[v].x-kubernetes-validations[4].messageExpression: Required value: messageExpression must be non-empty if specified',
      ],
    ],
  ])('%s', (_sentence, properties, own, want) => {
    expect(found(properties, own)).toEqual(want)
  })
})

describe('a rule about a change', () => {
  const keyed = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }
  const element = { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 5 } } }
  const list = (type: string | undefined, items: Schema, own: Schema = {}): Schema => ({
    type: 'array',
    maxItems: 10,
    'x-kubernetes-list-type': type,
    items,
    ...own,
  })
  const optional = rules({ rule: "self == oldSelf.orValue('')", optionalOldSelf: true })
  const LOST = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${SCHEMA}.properties[v]`

  it.each<[where: string, v: Schema]>([
    ['a list without a type', list(undefined, text, kept)],
    ['an atomic list', list('atomic', text, kept)],
    ['a set', list('set', text, kept)],
    ['a list with keys', { ...keyed, maxItems: 10, items: element, ...kept }],
    ['an element of a list with keys', { ...keyed, items: { ...element, ...kept } }],
    ['a part of an object', { type: 'object', properties: { a: { ...text, ...kept } } }],
    ['a part of a granular object', { type: 'object', 'x-kubernetes-map-type': 'granular', properties: { a: { ...text, ...kept } } }],
    ['a part of an atomic object', { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'object', ...kept } } }],
  ])('is possible on %s', (_where, v) => {
    expect(found({ v })).toEqual([])
  })

  it.each([undefined, 'atomic', 'set'])('is not possible on an element of a list of type %s', (type) => {
    const at = 'properties[v].items.x-kubernetes-validations[0].rule'
    expect(found({ v: list(type, { ...text, ...kept }) })).toEqual([`${at}: Invalid value: "self == oldSelf": ${LOST}`])
    expect(found({ v: list(type, { ...text, ...optional }) })).toEqual([`${at}: Invalid value: "self == oldSelf.orValue('')": ${LOST}`])
  })

  it('is not possible on a part of an object of an unknown type', () => {
    const v = { type: 'object', 'x-kubernetes-map-type': 'future', properties: { a: { ...text, ...kept } } }
    expect(found({ v })).toEqual([
      'properties[v].x-kubernetes-map-type: Unsupported value: "future": supported values: "atomic", "granular"',
      `properties[v].properties[a].x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": ${LOST}`,
    ])
  })

  it.each([true, false])('alone says with %s whether there may be no old value', (optionalOldSelf) => {
    expect(found({ v: { ...text, ...rules({ rule: "self == 'a'", optionalOldSelf }) } })).toEqual([
      `properties[v].x-kubernetes-validations[0].optionalOldSelf: Invalid value: ${optionalOldSelf}: may not be set if oldSelf is not used in rule`,
    ])
  })
})

describe('defaults', () => {
  const properties = (name: string, value: string, range: object): Schema => ({
    embedded: {
      type: 'object',
      properties: {
        metadata: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: { name: { type: 'string', default: name, ...rules("self == 'singleton'") } },
        },
      },
    },
    value: { type: 'string', default: value, ...rules("self.startsWith('kube')") },
    range: {
      type: 'object',
      properties: { low: { type: 'integer' }, high: { type: 'integer', ...rules('self == oldSelf') } },
      default: range,
      ...rules('self.low < self.high'),
    },
  })

  it('are what the rules ask for', () => {
    expect(found(properties('singleton', 'kube-everything', { low: 1, high: 2 }))).toEqual([])
  })

  it('are refused when they are not', () => {
    expect(found(properties('nope', 'nope', { low: 2, high: 1 }))).toEqual([
      `properties[embedded].properties[metadata].properties[name].default: Invalid value: "nope": failed rule: self == 'singleton'`,
      `properties[value].default: Invalid value: "nope": failed rule: self.startsWith('kube')`,
      'properties[range].default: Invalid value: failed rule: self.low < self.high',
    ])
  })
})

describe('what an expression may cost', () => {
  const HINT = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  const joined = (count: number): Schema => ({
    type: 'object',
    properties: {
      f: {
        type: 'array',
        items: { type: 'string' },
        ...rules({ rule: 'true', messageExpression: Array.from({ length: count }, (_, i) => `self[${i}]`).join(' + ') }),
      },
    },
  })

  it('is asked of the versions that an update changes or adds', () => {
    const sent = things([served('v1', joined(8)), served('v2', joined(8), false)])
    const change = (o: { spec: { versions: object[] } }): void => {
      o.spec.versions.splice(1, 1, served('v2', joined(9), false), served('v3', joined(8), false))
    }
    const at = (i: number): string =>
      `spec.versions[${i}].schema.openAPIV3Schema.properties[f].x-kubernetes-validations[0].messageExpression`
    const exceeded = (factor: string): string => `Forbidden: estimated messageExpression cost exceeds budget by factor of ${factor} ${HINT}`
    expect(updateFaults(sent, change)).toEqual([`${at(1)}: ${exceeded('1.384122x')}`, `${at(2)}: ${exceeded('1.101006x')}`])
  })

  it.each<[items: number | undefined, properties: number | undefined, key: object, fine: boolean]>([
    [10, 10, { type: 'string', maxLength: 10 }, true],
    [4, undefined, { type: 'number' }, true],
    [undefined, undefined, { type: 'string', maxLength: 10 }, false],
    [undefined, undefined, { type: 'string' }, false],
  ])('within two lists depends on their limits: %s, %s, %j', (maxItems, maxProperties, key, fine) => {
    const v = {
      type: 'array',
      maxItems,
      items: {
        type: 'object',
        maxProperties,
        additionalProperties: { type: 'object', required: ['key'], properties: { key } },
      },
      ...rules('self.all(x, x.all(y, x[y].key == x[y].key))'),
    }
    const at = 'properties[v].x-kubernetes-validations[0].rule: Forbidden:'
    const refused = [
      `${at} estimated rule cost exceeds budget by factor of more than 100x ${HINT}`,
      `${at} contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      ` Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${HINT}`,
    ]
    expect(found({ v })).toEqual(fine ? [] : refused)
  })
})
