import { expect, it } from 'vitest'
import { deprecationOf } from '../../../../src-main/cluster/api/crd/deprecation.js'

const old = { deprecated: true }
const unserved = { served: false, storage: true }
/** Versions as they stand in a definition, served unless said otherwise. */
const versions = {
  v1alpha1: old,
  v1alpha2: { ...old, deprecationWarning: 'a text of its own' },
  v1beta3: {},
  v1beta2: {},
  v1beta4: old,
  v1: unserved,
}
const spec = {
  group: 'tests.example.com',
  scope: 'Cluster',
  names: { plural: 'deps', kind: 'Dep' },
  versions: Object.entries(versions).map(([name, more]) => ({ name, served: true, storage: false, ...more })),
}

it.each([
  ['v1alpha1', 'tests.example.com/v1alpha1 Dep is deprecated; use tests.example.com/v1beta3 Dep'],
  ['v1alpha2', 'a text of its own'],
  ['v1beta3', undefined],
  ['v1beta2', undefined],
  // Neither what is older nor what is not served is something to use instead.
  ['v1beta4', 'tests.example.com/v1beta4 Dep is deprecated'],
])('clients of %s are warned: %s', (name, text) => {
  const version = spec.versions.find((v) => v.name === name)!
  expect(deprecationOf(version, spec)).toBe(text)
})
