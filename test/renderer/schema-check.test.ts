import { describe, expect, it } from 'vitest'
import { checkYaml } from '../../src-renderer/editor/schema-check.js'
import { kindSchema, schemaAt, typeName, type Schemas } from '../../src-renderer/editor/schema.js'

const schemas: Schemas = {
  'example.Service': {
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Service' }],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: { type: 'string' }, labels: { additionalProperties: { type: 'string' } } } },
      spec: { description: 'What is wanted.', allOf: [{ $ref: '#/components/schemas/example.ServiceSpec' }] },
    },
  },
  'example.ServiceSpec': {
    type: 'object',
    description: 'A description of the type.',
    properties: {
      type: { type: 'string', enum: ['ClusterIP', 'NodePort'] },
      ports: { type: 'array', items: { $ref: '#/components/schemas/example.ServicePort' } },
    },
  },
  'example.ServicePort': {
    type: 'object',
    required: ['port'],
    properties: { port: { type: 'integer' }, targetPort: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] } },
  },
}
const load = async (group: string, version: string) => (group === '' && version === 'v1' ? schemas : null)
/** What is said of each marked part of a text. */
const problems = async (text: string) => (await checkYaml(text, load)).map((p) => [text.slice(p.from, p.to), p.what, p.values])

describe('YAML against the schema of its kind', () => {
  it('is without fault', async () => {
    const text = `apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {x: z}}\nspec:\n  type: NodePort\n  ports:\n  - port: 80\n    targetPort: http\n`
    expect(await problems(text)).toEqual([])
  })
  it('has unknown fields, wrong types, values that are not among those allowed, and missing fields', async () => {
    const text = `apiVersion: v1\nkind: Service\nspec:\n  typ: NodePort\n  type: LoadBalancr\n  ports:\n  - port: "80"\n  - targetPort: 1\n`
    expect(await problems(text)).toEqual([
      ['typ', 'unknown', { field: 'spec.typ' }],
      ['LoadBalancr', 'enum', { field: 'spec.type', values: 'ClusterIP, NodePort' }],
      ['"80"', 'type', { field: 'spec.ports[0].port', type: 'integer', found: 'string' }],
      ['targetPort', 'missing', { field: 'spec.ports[1].port' }],
    ])
  })
  it('is checked document by document, and a kind that is not known for its syntax only', async () => {
    const text = `apiVersion: shop.example/v1\nkind: Till\nspec: {anything: 1}\n---\napiVersion: v1\nkind: Service\nspc: {}\n`
    expect(await problems(text)).toEqual([['spc', 'unknown', { field: 'spc' }]])
    const [broken] = await checkYaml('a: [1, 2\n', load)
    expect(broken?.what).toBe('syntax')
  })
})

describe('a schema', () => {
  it('is found through references; what is written beside a reference wins', () => {
    const root = kindSchema(schemas, { group: '', version: 'v1', kind: 'Service' })!
    expect(schemaAt(schemas, root, ['spec'])!.description).toBe('What is wanted.')
    expect(schemaAt(schemas, root, ['spec', 'ports', 3, 'port'])).toEqual({ type: 'integer' })
    expect(schemaAt(schemas, root, ['spec', 'nothing', 'there'])).toBe(undefined)
  })
  it('has a type in the words of kubectl explain', () => {
    const spec = schemas['example.ServiceSpec']!
    expect(typeName(schemas, spec.properties!.ports)).toBe('[]Object')
    expect(typeName(schemas, schemas['example.Service']!.properties!.metadata!.properties!.labels)).toBe('map[string]string')
    expect(typeName(schemas, schemas['example.ServicePort']!.properties!.targetPort)).toBe('IntOrString')
  })
})
