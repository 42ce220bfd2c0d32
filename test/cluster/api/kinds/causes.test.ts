import { expect, it } from 'vitest'
import { causes, created } from './support.js'

/** Objects that are wrong in two ways at once: the API server tells both. */

it('a finalizer without a path that is no qualified name either has both faults', () => {
  const { errors } = created({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', finalizers: ['bad finalizer'] } })
  expect(causes(errors)).toEqual([
    `metadata.finalizers: Invalid value: "bad finalizer": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    'metadata.finalizers[0]: Invalid value: "bad finalizer": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

it.each([
  { defaults: 'with', size: { type: 'integer', default: 1 }, more: ['must be false in order to use defaults in the schema'] },
  { defaults: 'without', size: { type: 'integer' }, more: [] },
])('a definition $defaults defaults may not preserve all unknown fields', ({ size, more }) => {
  const { errors } = created({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      preserveUnknownFields: true,
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { size } } } }],
    },
  })
  const refused = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  expect(causes(errors)).toEqual([refused, ...more].map((text) => `spec.preserveUnknownFields: Invalid value: true: ${text}`))
})

it('a name that is too long is told of in characters, the parts of a label in bytes', () => {
  const [long, prefix] = ['a'.repeat(254), 'b'.repeat(254)]
  const key = `${prefix}/${'c'.repeat(64)}`
  const { errors } = created({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: long, labels: { [key]: 'd' } } })
  expect(causes(errors)).toEqual([
    `metadata.labels: Invalid value: "${key}": name part must be no more than 63 bytes`,
    `metadata.labels: Invalid value: "${key}": prefix part must be no more than 253 bytes`,
    `metadata.name: Invalid value: "${long}": must be no more than 253 characters`,
  ])
})
