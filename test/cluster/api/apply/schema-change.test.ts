/** Owners of fields of a custom resource whose schema makes one value of what was many, or many of what was one. */
import { describe, expect, it } from 'vitest'
import { applyServerSide } from '../../../../src-main/cluster/api/apply/apply.js'
import { trackUpdate } from '../../../../src-main/cluster/api/apply/update.js'
import { customModel } from '../../../../src-main/cluster/api/crd/model.js'
import { refusal, type Loose } from '../kinds/support.js'

const schema = (type: 'granular' | 'atomic'): Loose =>
  customModel({ group: 'example.com', version: 'v1', kind: 'Thing' }, {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          box: { type: 'object', 'x-kubernetes-map-type': type, properties: { a: { type: 'integer' }, b: { type: 'integer' } } },
        },
      },
    },
  } as never)
const GRANULAR = schema('granular')
const ATOMIC = schema('atomic')

const COMMON = { subresource: '', apiVersion: 'example.com/v1', time: '2026-11-21T09:00:00Z' }
const thing = (box: object): never => ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' }, spec: { box } }) as never
const apply = (live: Loose, box: object, model: Loose, force = false): Loose =>
  applyServerSide({ ...COMMON, live, config: thing(box), manager: 'one', force, model })
function update(old: Loose, box: object, model: Loose): Loose {
  const changed = thing(box) as Loose
  return {
    ...changed,
    metadata: { ...changed.metadata, managedFields: trackUpdate({ ...COMMON, old, new: changed, manager: 'two', model }) },
  }
}
const owners = (object: Loose): Record<string, unknown> =>
  Object.fromEntries(object.metadata.managedFields.map((e: Loose) => [e.manager, e.fieldsV1['f:spec']]))

describe('parts that become one value', () => {
  const both = update(apply(undefined, { a: 1 }, GRANULAR), { a: 1, b: 2 }, GRANULAR)

  it('belonged to their owners before', () => {
    expect(owners(both)).toEqual({ one: { 'f:box': { 'f:a': {} } }, two: { 'f:box': { 'f:b': {} } } })
  })

  it('are then owned as a whole, so that a change is a conflict', () => {
    expect(refusal(() => apply(both, { a: 3 }, ATOMIC))).toBe(
      'Apply failed with 1 conflict: conflict with "two" using example.com/v1: .spec.box',
    )
    const forced = apply(both, { a: 3 }, ATOMIC, true)
    expect(forced.spec).toEqual({ box: { a: 3 } })
    expect(owners(forced)).toEqual({ one: { 'f:box': {} } })
  })

  it('go to who updates any of them', () => {
    expect(owners(update(both, { a: 1, b: 3 }, ATOMIC))).toEqual({ two: { 'f:box': {} } })
  })
})

it('one value that becomes parts stays with who owned it, the parts go to who changes them', () => {
  const whole = apply(undefined, { a: 1, b: 1 }, ATOMIC)
  expect(owners(whole)).toEqual({ one: { 'f:box': {} } })
  const changed = update(whole, { a: 1, b: 2 }, GRANULAR)
  expect(owners(changed)).toEqual({ one: { 'f:box': {} }, two: { 'f:box': { 'f:b': {} } } })
})

describe('owners by a version that is no longer there', () => {
  const V1ALPHA1 = { apiVersion: 'example.com/v1alpha1' }
  const applied = applyServerSide({
    ...COMMON,
    ...V1ALPHA1,
    live: undefined,
    config: { ...(thing({ a: 1 }) as object), ...V1ALPHA1 } as never,
    manager: 'one',
    force: false,
    model: GRANULAR,
  })
  const live: Loose = { ...applied, apiVersion: 'example.com/v1' }
  const apiVersions = ['example.com/v1']

  it("are forgotten by the next apply, which is in nobody's way", () => {
    const again = applyServerSide({ ...COMMON, apiVersions, live, config: thing({ a: 2 }), manager: 'two', force: false, model: GRANULAR })
    expect(owners(again)).toEqual({ two: { 'f:box': { 'f:a': {} } } })
  })

  it('are forgotten by the next update that changes anything', () => {
    const sent: Loose = { ...live, spec: { box: { a: 1, b: 2 } } }
    const entries = trackUpdate({ ...COMMON, apiVersions, old: live, new: sent, manager: 'two', model: GRANULAR })
    expect(owners({ metadata: { managedFields: entries ?? [] } })).toEqual({ two: { 'f:box': { 'f:b': {} } } })
  })

  it('are kept while the definition has it', () => {
    const known = [...apiVersions, 'example.com/v1alpha1']
    const again = applyServerSide({
      ...COMMON,
      apiVersions: known,
      live,
      config: thing({ b: 2 }),
      manager: 'two',
      force: false,
      model: GRANULAR,
    })
    expect(owners(again)).toEqual({ one: { 'f:box': { 'f:a': {} } }, two: { 'f:box': { 'f:b': {} } } })
  })
})
