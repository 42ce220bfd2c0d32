import { describe, expect, it } from 'vitest'
import { compilePath } from '../../../../src-main/cluster/api/crd/jsonpath.js'
import { printerColumns } from '../../../../src-main/cluster/api/crd/columns.js'
import type { SchemaNode } from '../../../../src-main/cluster/api/crd/schema.js'
import { prune, setDefaults } from '../../../../src-main/cluster/api/crd/values.js'
import { START } from '../fixture.js'

const pruned = (value: object, schema: SchemaNode): object => {
  prune(value, schema, true)
  return value
}
const defaulted = (value: object, schema: SchemaNode): object => {
  setDefaults(value, schema)
  return value
}

describe('pruning', () => {
  it('removes what is not declared, at any depth, but not the type and the metadata', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } } } },
      },
    }
    expect(
      pruned({ apiVersion: 'v', kind: 'K', metadata: { name: 'x', odd: 1 }, extra: 1, spec: { b: 1, list: [{ a: 'x', c: 1 }] } }, schema),
    ).toEqual({ apiVersion: 'v', kind: 'K', metadata: { name: 'x', odd: 1 }, spec: { list: [{ a: 'x' }] } })
  })

  it('leaves alone what preserves unknown fields, but for its declared parts', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: {
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { strict: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        map: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string' } } } },
      },
    }
    expect(pruned({ free: { x: { y: 1 }, strict: { a: '', b: 1 } }, map: { k: { a: '', b: 1 } } }, schema)).toEqual({
      free: { x: { y: 1 }, strict: { a: '' } },
      map: { k: { a: '' } },
    })
  })

  it('keeps the type and metadata of embedded resources', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: { t: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { data: { type: 'string' } } } },
    }
    expect(pruned({ t: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' }, data: 'd', odd: 1 } }, schema)).toEqual({
      t: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' }, data: 'd' },
    })
  })
})

describe('defaulting', () => {
  it('fills in what is left out, inside of defaults as well', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          default: {},
          properties: { replicas: { type: 'integer', default: 2 }, zero: { type: 'integer', default: 0 }, other: { type: 'string' } },
        },
      },
    }
    expect(defaulted({}, schema)).toEqual({ spec: { replicas: 2, zero: 0 } })
    expect(defaulted({ spec: { replicas: 0 } }, schema)).toEqual({ spec: { replicas: 0, zero: 0 } })
  })

  it('takes a null for left out where null is not allowed', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: {
        a: { type: 'string', default: 'x' },
        b: { type: 'string' },
        c: { type: 'string', nullable: true },
        d: { type: 'string', nullable: true, default: 'x' },
      },
    }
    expect(defaulted({ a: null, b: null, c: null, d: null }, schema)).toEqual({ a: 'x', c: null, d: null })
  })

  it('goes into lists and maps', () => {
    const item: SchemaNode = { type: 'object', properties: { p: { type: 'string', default: 'TCP' } } }
    const schema: SchemaNode = {
      type: 'object',
      properties: { l: { type: 'array', items: item }, m: { type: 'object', additionalProperties: item } },
    }
    expect(defaulted({ l: [{}, { p: 'UDP' }], m: { k: {} } }, schema)).toEqual({ l: [{ p: 'TCP' }, { p: 'UDP' }], m: { k: { p: 'TCP' } } })
  })
})

describe('a JSONPath', () => {
  const object = {
    spec: { list: [{ n: 1 }, { n: 2 }], 'a.b': 'dotted' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }
  const find = (path: string): unknown => compilePath(path)?.(object)

  it('finds fields, elements and what a filter takes', () => {
    expect(find('.spec.list[1].n')).toEqual([2])
    expect(find('.spec.list[-1].n')).toEqual([2])
    expect(find('.spec.list[*].n')).toEqual([1, 2])
    expect(find('.status.conditions[?(@.type=="Ready")].status')).toEqual(['True'])
    expect(find(`.status.conditions[?(@.type=='Other')].status`)).toEqual([])
    expect(find('.spec.list[?(@.n>1)].n')).toEqual([2])
    expect(find(`.spec['a.b']`)).toEqual(['dotted'])
    expect(find('.spec.a\\.b')).toEqual(['dotted'])
    expect(find('.spec.none.deeper')).toEqual([])
  })

  it('that is malformed is no path', () => {
    expect(compilePath('.spec[')).toBeUndefined()
    expect(compilePath('spec')).toBeUndefined()
  })
})

describe('printer columns', () => {
  const cells = (type: string, value: unknown): unknown =>
    printerColumns([{ name: 'X', type, jsonPath: '.x' }])[1]!.cell({ metadata: {}, x: value } as never, START)

  it('show values by their type', () => {
    expect(cells('string', 'a')).toBe('a')
    expect(cells('string', 5)).toBe('5')
    expect(cells('string', { a: [1] })).toBe('{"a":[1]}')
    expect(cells('integer', 3)).toBe(3)
    expect(cells('integer', 'three')).toBeNull()
    expect(cells('number', 1.5)).toBe(1.5)
    expect(cells('boolean', false)).toBe(false)
    expect(cells('date', '2026-11-21T08:00:00Z')).toBe('60m')
    expect(cells('date', 'then')).toBe('<invalid>')
    expect(cells('string', undefined)).toBeNull()
  })

  it('are the name and the age when a version says none', () => {
    expect(printerColumns(undefined).map((c) => [c.name, c.type])).toEqual([
      ['Name', 'string'],
      ['Age', 'date'],
    ])
  })

  it('are described by their path when they have no description', () => {
    const [, column] = printerColumns([{ name: 'X', type: 'string', jsonPath: '.spec.x' }])
    expect(column!.description).toBe('Custom resource definition column (in JSONPath format): .spec.x')
  })
})
