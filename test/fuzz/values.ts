/**
 * Values to send: what the schema says of a field, and what nobody would put there. Everything is built from small
 * choices, so that fast-check can shrink it to what matters.
 */
import fc from 'fast-check'
import { modelOf, type Model, type ModelLike, type Property } from '../../src-main/cluster/api/schema/schema.js'

/** Names that requests share, so that they meet the same objects. */
export const NAMES = ['a', 'a', 'b', 'c']

/** Texts that have broken programs: of JavaScript, of JSON, of terminals, of file systems, of Unicode. */
export const NASTY_STRINGS = [
  '',
  ' ',
  '.',
  '..',
  '/',
  '-',
  '*',
  '0',
  '-1',
  'null',
  'true',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\u0000',
  '\n',
  '\ud800',
  '\ufeff',
  '\u202e',
  'ﷺ',
  '💥',
  'e\u0301',
  '../../etc/passwd',
  '%00',
  '%',
  '$(HOME)',
  '${a}',
  '$ref',
  '{{.}}',
  '"',
  '\\',
  "'",
  'a=b',
  'a,b',
  '!a',
  'a in (b)',
  'a/b/c',
  'A',
  'a'.repeat(64),
  'a'.repeat(254),
  '9'.repeat(40),
  '1e999',
  '2024-02-30T25:61:61Z',
  '9999-12-31T23:59:59Z',
  '0000-00-00T00:00:00Z',
  '::1',
  '256.256.256.256',
  '0.0.0.0/0',
  'fe80::/129',
  '(((((((((((((((((((((((((a',
  'x'.repeat(300_000),
]

export const nastyString = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NASTY_STRINGS.slice(0, -1)) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 80 }) },
)

const NUMBERS = [0, 1, -1, 2, 80, 65535, 65536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 1e21, 1e308, 0.5, 1e-7, 2 ** 63]
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.integer())

/** `{"a":{"a":…}}` or `[[…]]`, so deep. */
const deep = fc.tuple(fc.constantFrom(10, 200, 900, 1200), fc.boolean()).map(([depth, list]) => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = list ? [value] : { a: value }
  return value
})

/** Any JSON at all. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: nastyString },
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], [{}], { '': null }, { a: {} }) },
  { weight: 2, arbitrary: fc.dictionary(nastyString, fc.oneof(nastyString, number, fc.constant(null)), { maxKeys: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.oneof(nastyString, number, fc.constant({})), { maxLength: 4 }) },
  { weight: 1, arbitrary: deep },
)

const QUANTITIES = [
  '0',
  '1',
  '100m',
  '1Gi',
  '1.5',
  '-1',
  '1e3',
  '1E',
  '0.0000000001',
  '99999999999999999999E',
  '1ki',
  'Mi',
  '1 Gi',
  '.5',
  '+1',
]
const TIMES = ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.123456Z', '2024-01-01T00:00:00+14:00', '1969-12-31T23:59:59Z', '24:00', '']
const plainString = fc.oneof(
  fc.constantFrom(
    ...NAMES,
    'nginx',
    'busybox',
    'default',
    'app',
    'v1',
    'apps/v1',
    'Pod',
    'ConfigMap',
    'main',
    '10%',
    '80',
    '10.96.0.7',
    '/data',
    'TCP',
    'Always',
  ),
  nastyString,
)

function typed(property: Property, depth: number): fc.Arbitrary<unknown> {
  switch (property.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return number
    case 'quantity':
      return fc.constantFrom<unknown>(...QUANTITIES, 1, 0.1)
    case 'time':
      return fc.constantFrom(...TIMES)
    case 'int-or-string':
      return fc.oneof(number, plainString)
    case 'bytes':
      return fc.constantFrom('', 'YQ==', 'YQ', '====', '!', 'eyJhIjoxfQ==')
    case 'object':
      return depth > 0 && property.model ? objectOf(property.model, depth - 1) : fc.constant({})
    case 'array':
      return depth > 0 && property.items ? fc.array(valueOf(property.items, depth - 1), { maxLength: 3 }) : fc.constant([])
    case 'map':
      return depth > 0 && property.items ? fc.dictionary(plainString, valueOf(property.items, depth - 1), { maxKeys: 3 }) : fc.constant({})
    case 'any':
      return anything
    default:
      return property.enum?.length ? fc.oneof(fc.constantFrom(...property.enum), plainString) : plainString
  }
}

/** What a field may hold, now and then what it may not. */
export function valueOf(property: Property, depth: number): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 14, arbitrary: typed(property, depth) }, { weight: 1, arbitrary: anything })
}

const made = new Map<string, fc.Arbitrary<Record<string, unknown>>>()

/** An object with some of the fields of a model, nested at most `depth` deep. */
export function objectOf(like: ModelLike, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const model: Model = modelOf(like)
  const key = `${model.definition} ${depth}`
  let arbitrary = made.get(key)
  if (!arbitrary) {
    const properties = [...model.properties.values()]
    const field = fc.nat(Math.max(0, properties.length - 1)).chain((i) => {
      const property = properties[i]
      return property ? fc.tuple(fc.constant(property.name), valueOf(property, depth)) : fc.constant<[string, unknown]>(['none', 1])
    })
    arbitrary = fc.array(field, { maxLength: 5 }).map((fields) => Object.fromEntries(fields))
    made.set(key, arbitrary)
  }
  return arbitrary
}
