import { describe, expect, it } from 'vitest'
import { customResourceDefinition } from '../../../../src-main/cluster/api/kinds/customresourcedefinition.js'
import { things, version } from './definition.js'

const SCHEMA = 'spec.validation.openAPIV3Schema'

/** What is wrong with a definition whose spec has this schema, without the path of its schema. */
function faults(spec: object, more: object = {}): string[] {
  const definition = things([version('v1', spec, more)]) as never
  const [prepared] = [structuredClone(definition)] as any[]
  customResourceDefinition.setDefaults!(prepared)
  prepared.status = { storedVersions: ['v1'] }
  return customResourceDefinition.validateCreate!(prepared, {} as never).map((e) => `${e.field.replace(SCHEMA, '')}: ${e.body}`)
}

describe('a schema', () => {
  it('has a type for all that it specifies, and items for lists', () => {
    expect(faults({ properties: { a: {}, b: { type: 'array' }, c: { type: 'array', items: {} } } })).toEqual([
      '.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
      '.properties[spec].properties[b].items: Required value: must be specified',
      '.properties[spec].properties[c].items.type: Required value: must not be empty for specified array items',
    ])
    expect(faults({ properties: { a: { type: 'strin' } } })).toEqual([
      '.properties[spec].properties[a].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ])
  })

  it('says nothing of structure where it only judges values', () => {
    const anyOf = [{ type: 'object', description: 'x', properties: { a: { default: 1, nullable: true } } }]
    expect(faults({ properties: { a: { type: 'integer' } }, anyOf })).toEqual([
      '.properties[spec].anyOf[0].description: Forbidden: must be empty to be structural',
      '.properties[spec].anyOf[0].properties[a].default: Forbidden: must be undefined to be structural',
      '.properties[spec].anyOf[0].properties[a].nullable: Forbidden: must be false to be structural',
      '.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural',
    ])
    expect(faults({ properties: { a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } } })).toEqual(
      [],
    )
  })

  it('restricts nothing of the metadata but the name', () => {
    const { spec } = things([version('v1')]) as any
    customResourceDefinition.setDefaults!({ spec } as never)
    spec.versions[0].schema.openAPIV3Schema.properties.metadata = { type: 'object', properties: { labels: { type: 'object' } } }
    const definition = { ...things([]), spec, status: { storedVersions: ['v1'] } } as never
    expect(customResourceDefinition.validateCreate!(definition, {} as never).map((e) => `${e.field}: ${e.body}`)).toEqual([
      `${SCHEMA}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ])
  })

  it('has embedded resources that say what they hold, and sets of whole values', () => {
    expect(faults({ properties: { a: { type: 'object', 'x-kubernetes-embedded-resource': true } } })).toEqual([
      '.properties[spec].properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ])
    const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object', properties: { a: { type: 'string' } } } }
    expect(faults({ properties: { set } })).toEqual([
      '.properties[spec].properties[set].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
    ])
  })

  it('has defaults that follow it', () => {
    const at = '.properties[spec].properties[a].default'
    const told = (schema: object): string[] => faults({ properties: { a: schema } } as never)
    const wrong = (type: string, found: string): string => `in body must be of type ${type}: "${found}"`
    expect(told({ type: 'string', default: 1 })).toEqual([`${at}: Invalid value: "integer":  ${wrong('string', 'integer')}`])
    const inner = { type: 'object', properties: { x: { type: 'integer', maximum: 3 } }, required: ['x'] }
    expect(told({ ...inner, default: { x: 9 } })).toEqual([`${at}.x: Invalid value: 9: x in body should be less than or equal to 3`])
    expect(told({ ...inner, default: {} })).toEqual([`${at}.x: Required value`])
    const integers = { type: 'object', additionalProperties: { type: 'integer' }, default: { y: 'q' } }
    expect(told(integers)).toEqual([`${at}.y: Invalid value: "string": .y ${wrong('integer', 'string')}`])
    const either = { type: 'object', properties: { b: { type: 'string' } }, oneOf: [{ required: ['b'] }], default: {} }
    expect(told(either)[0]).toBe(`${at}: Invalid value: "": "" must validate one and only one schema (oneOf). Found none valid`)
    expect(told({ 'x-kubernetes-int-or-string': true, default: {} })).toEqual([])
    expect(faults({ properties: { a: { type: 'object', default: { z: 1 }, properties: { y: { type: 'string' } } } } })).toEqual([
      `${at}: Invalid value: {"z":1}: must not have unknown fields`,
    ])
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
    const metadata = (value: unknown): object => ({ type: 'object', default: value })
    expect(faults({ properties: { a: { ...embedded, properties: { metadata: metadata({ name: 'b', unknown: 'c' }) } } } })).toEqual([])
    expect(faults({ properties: { a: { ...embedded, properties: { metadata: metadata({ name: '..' }) } } } })).toEqual([
      `${at.replace('.default', '.properties[metadata].default')}: Invalid value: {"name":".."}: must result in valid metadata: metadata.name: Invalid value: "..": may not be '..'`,
    ])
    expect(faults({ properties: { a: { type: 'string', enum: ['x'], default: 'y' } } })).toEqual([
      `${at}: Unsupported value: "y": supported values: "x"`,
    ])
  })
})

describe('selectable fields', () => {
  it('are fields of the schema that hold one value', () => {
    const selectableFields = ['.spec', 'spec.a', '.metadata.name', '.spec.absent', '.spec.a', '.spec.a', '.spec.l[0]'].map((jsonPath) => ({
      jsonPath,
    }))
    const spec = { properties: { a: { type: 'string' }, l: { type: 'array', items: { type: 'string' } } } }
    const text = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
    expect(faults(spec, { selectableFields })).toEqual([
      `spec.selectableFields[0].jsonPath: Invalid value: ".spec": ${text}`,
      'spec.selectableFields[1].jsonPath: Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[2].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[3].jsonPath: Invalid value: ".spec.absent": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[5].jsonPath: Duplicate value: ".spec.a"',
      'spec.selectableFields[6].jsonPath: Invalid value: ".spec.l[0]": is an invalid path: array notation is not allowed',
    ])
  })
})
