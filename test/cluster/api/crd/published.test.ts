import { describe, expect, it } from 'vitest'
import { publishedSchema } from '../../../../src-main/cluster/api/crd/published.js'
import type { SchemaNode } from '../../../../src-main/cluster/api/crd/schema.js'
import type { Model } from '../../../../src-main/cluster/api/schema/schema.js'

/** What OpenAPI tells of a custom resource, in the version that has all words and in the one that kubectl checks with. */

const names = { group: 'example.com', version: 'v1', kind: 'Thing' }
function whole(schema: object, version: 2 | 3): any {
  const model = publishedSchema({} as Model, names, 'ThingList', { type: 'object', ...schema } as SchemaNode)
  return model.publish!(version, () => ({ $ref: 'ObjectMeta' }))
}
const field = (schema: object, version: 2 | 3): any => whole({ properties: { x: schema } }, version).properties.x

const OPEN = { 'x-kubernetes-preserve-unknown-fields': true }
const INT_OR_STRING = { 'x-kubernetes-int-or-string': true }
const strings = { type: 'array', items: { type: 'string' } }

describe('a part of a custom resource in OpenAPI', () => {
  it.each([
    ['a default and a title', { type: 'string', title: 'T', default: 'a' }, { type: 'string', title: 'T', default: 'a' }],
    ['a default that is false', { type: 'boolean', default: false }, { type: 'boolean', default: false }],
    ['what may be null', { type: 'object', nullable: true, properties: { a: { type: 'string' } }, description: 'D' }, { description: 'D' }],
    ['an open object', { type: 'object', ...OPEN, properties: { a: { type: 'string' } } }, OPEN],
    ['an open array', { ...strings, ...OPEN }, OPEN],
    ['a free value', OPEN, OPEN],
    ['alternatives', { type: 'object', anyOf: [{ required: ['a'] }], not: { required: ['b'] } }, { type: 'object' }],
    ['a number or a text', { ...INT_OR_STRING, anyOf: [{ type: 'integer' }, { type: 'string' }] }, INT_OR_STRING],
    [
      'a required field that may be null',
      { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string', nullable: true }, b: strings } },
      { type: 'object', required: ['b'], properties: { a: {}, b: strings } },
    ],
    [
      'values that may be null',
      { type: 'object', required: ['a'], additionalProperties: { type: 'string', nullable: true } },
      { type: 'object', additionalProperties: {} },
    ],
    ['an open part of a list', { type: 'array', items: { type: 'object', ...OPEN } }, { type: 'array', items: OPEN }],
  ])('of version 2: %s', (_about, schema, expected) => {
    expect(field(schema, 2)).toEqual(expected)
  })

  it.each([
    ['what may be null', { type: 'string', nullable: true }, { type: 'string', nullable: true }],
    ['an open object', { type: 'object', ...OPEN, properties: { a: strings } }, { type: 'object', ...OPEN, properties: { a: strings } }],
    ['a number or a text', INT_OR_STRING, { ...INT_OR_STRING, anyOf: [{ type: 'integer' }, { type: 'string' }] }],
  ])('of version 3: %s', (_about, schema, expected) => {
    expect(field(schema, 3)).toEqual(expected)
  })

  it('that is a whole object has the fields of one', () => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['spec', 'kind'], properties: { spec: strings } }
    for (const version of [2, 3] as const) {
      const { properties, required } = field(embedded, version)
      expect([Object.keys(properties), required]).toEqual([
        ['apiVersion', 'kind', 'metadata', 'spec'],
        ['spec', 'kind', 'apiVersion'],
      ])
    }
    // What else it may hold is not known, and kubectl would refuse that beside fields that are.
    expect(field({ ...embedded, ...OPEN }, 2)).toEqual({ 'x-kubernetes-embedded-resource': true, required: ['spec', 'kind'], ...OPEN })
    expect(Object.keys(field({ ...embedded, ...OPEN }, 3).properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
  })
})

it('a custom resource that may hold anything is an object and no more in OpenAPI v2', () => {
  expect(whole({ ...OPEN, properties: { spec: strings } }, 2)).toEqual({ type: 'object' })
  expect(Object.keys(whole({ ...OPEN, properties: { spec: strings } }, 3).properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
})

it('a custom resource tells of the fields that selectors may name, in both versions and however open it is', () => {
  for (const schema of [{ type: 'object' }, { type: 'object', ...OPEN }]) {
    const model = publishedSchema({} as Model, names, 'ThingList', schema as SchemaNode, ['spec.color', 'spec.size'])
    for (const version of [2, 3] as const) {
      const published = model.publish!(version, () => ({ $ref: 'ObjectMeta' })) as any
      expect(published['x-kubernetes-selectable-fields']).toEqual([{ fieldPath: 'spec.color' }, { fieldPath: 'spec.size' }])
    }
  }
  expect(whole({}, 3)).not.toHaveProperty('x-kubernetes-selectable-fields')
})
