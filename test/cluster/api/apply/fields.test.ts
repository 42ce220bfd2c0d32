import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference, equalSets, intersection, isEmptySet, pathsOf, sorted, union } from '../../../../src-main/cluster/api/apply/fields.js'
import type { Fields } from '../../../../src-main/cluster/api/apply/fields.js'

const a: Fields = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } }
const b: Fields = { 'f:metadata': { 'f:labels': { 'f:app': {}, 'f:tier': {} } } }

/** Small tries over few names, so that they overlap. */
const trie = (depth: number): fc.Arbitrary<Fields> =>
  depth === 0
    ? fc.constant({})
    : fc
        .dictionary(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}'), trie(depth - 1), { maxKeys: 3 })
        .chain((children) => fc.boolean().map((self) => (self && Object.keys(children).length ? { '.': {}, ...children } : children)))
const set = trie(3).map(({ '.': _, ...rest }) => rest as Fields)

describe('sets of fields', () => {
  it('unite, intersect and subtract', () => {
    expect(union(a, b)).toEqual({ 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {}, 'f:tier': {} } }, 'f:spec': { 'f:replicas': {} } })
    expect(intersection(a, b)).toEqual({ 'f:metadata': { 'f:labels': { 'f:app': {} } } })
    expect(difference(a, b)).toEqual({ 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:replicas': {} } })
    expect(difference(b, a)).toEqual({ 'f:metadata': { 'f:labels': { 'f:tier': {} } } })
    expect(isEmptySet(difference(b, b))).toBe(true)
  })

  it('are the same object still after what was in them already was added', () => {
    const known: Fields = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } }
    expect(union(known, { 'f:metadata': { 'f:labels': { 'f:app': {} } } })).toBe(known)
    expect(union(known, { 'f:metadata': { 'f:labels': {} } })).toBe(known)
    expect(union(known, { 'f:metadata': {} })).toEqual({ ...known, 'f:metadata': { '.': {}, 'f:labels': { '.': {}, 'f:app': {} } } })
    const more = union(known, { 'f:metadata': { 'f:labels': { 'f:tier': {} } } })
    expect(more['f:spec']).toBe(known['f:spec'])
  })

  it('show their paths as messages do', () => {
    const element = 'k:{"containerPort":80,"protocol":"TCP"}'
    expect(pathsOf({ 'f:spec': { 'f:ports': { [element]: { '.': {}, 'f:name': {} } } }, 'f:finalizers': { 'v:"x"': {} } })).toEqual([
      '.finalizers[="x"]',
      '.spec.ports[containerPort=80,protocol="TCP"]',
      '.spec.ports[containerPort=80,protocol="TCP"].name',
    ])
  })

  it('obey the laws of sets', () => {
    fc.assert(
      fc.property(set, set, (x, y) => {
        expect(pathsOf(union(x, y)).sort()).toEqual([...new Set([...pathsOf(x), ...pathsOf(y)])].sort())
        expect(pathsOf(intersection(x, y)).sort()).toEqual(
          pathsOf(x)
            .filter((p) => pathsOf(y).includes(p))
            .sort(),
        )
        expect(pathsOf(difference(x, y)).sort()).toEqual(
          pathsOf(x)
            .filter((p) => !pathsOf(y).includes(p))
            .sort(),
        )
        expect(equalSets(sorted(x), x)).toBe(true)
      }),
      { numRuns: 300, seed: 7 },
    )
  })
})
