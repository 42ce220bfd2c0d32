/** Fields whose features are off by default in v1.36: they are left out of what is written, unless they were stored before. */
import { describe, expect, it } from 'vitest'
import { created, updated, type Loose } from './support.js'

const rows: [string, string, Loose, Loose, Loose][] = [
  [
    'apps/v1',
    'StatefulSet',
    {
      updateStrategy: { rollingUpdate: { maxUnavailable: 0 } },
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
    { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } },
    { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } } },
  ],
  [
    'coordination.k8s.io/v1',
    'Lease',
    { holderIdentity: 'me', strategy: 'Newest', preferredHolder: 'you' },
    { holderIdentity: 'me' },
    { holderIdentity: 'me', strategy: 'OldestEmulationVersion', preferredHolder: 'you' },
  ],
  [
    'storage.k8s.io/v1',
    'CSIDriver',
    { attachRequired: false, preventPodSchedulingIfMissing: true },
    { attachRequired: false },
    { attachRequired: false, preventPodSchedulingIfMissing: true },
  ],
]

describe('a field whose feature is off', () => {
  it.each(rows)('of %s %s is left out of what is created', (apiVersion, kind, spec, left) => {
    const { object, errors } = created({ apiVersion, kind, metadata: { name: 'x' }, spec })
    expect(errors).toEqual([])
    for (const [name, value] of Object.entries(left)) expect(object.spec[name]).toEqual(value)
    for (const name of Object.keys(spec)) expect([name, name in object.spec]).toEqual([name, name in left || name in REQUIRED])
  })

  it.each(rows)('of %s %s is left out of an update, and kept where it was before', (apiVersion, kind, spec, left, stored) => {
    const { object } = created({ apiVersion, kind, metadata: { name: 'x' }, spec })
    const told = updated(object, (o) => Object.assign(o.spec, structuredClone(stored)))
    expect(told.errors).toEqual([])
    expect(told.object.spec).toMatchObject(left)
    expect(told.object).toEqual(object)
    const old = { ...object, spec: { ...object.spec, ...stored } }
    expect(updated(old, () => undefined)).toEqual({ object: old, errors: [] })
  })
})

/** What the specs above need besides. */
const REQUIRED: Loose = { selector: {}, template: {} }
