import { expect, it } from 'vitest'
import { canonical, sameValue } from '../../../src-main/cluster/controllers/templatehash.js'

it.each([
  [{ a: 1, b: 'x' }, { b: 'x', a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { a: '1' }, false],
  [{ a: [] }, {}, true],
  [{ a: null }, { b: undefined }, true],
  [{ a: {} }, {}, false],
  [{ a: '' }, {}, false],
  [{ a: false }, {}, false],
  [{ a: [{ b: 1, c: [] }] }, { a: [{ b: 1 }] }, true],
  [[1, 2], [2, 1], false],
  [[1, 2], [1], false],
  [[1], { 0: 1 }, false],
  [undefined, {}, false],
  [undefined, undefined, true],
  [{ a: { b: { c: 1 } } }, { a: { b: { c: 1, d: 2 } } }, false],
])('%j and %j: equal to Kubernetes is %s, and their texts say the same', (a, b, equal) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([equal, equal])
  expect(canonical(a) === canonical(b)).toBe(equal)
})

it('whole numbers beyond 2^53 are told apart', () => {
  const [a, b] = [{ seconds: 2n ** 53n }, { seconds: 2n ** 53n + 1n }]
  expect([sameValue(a, b), canonical(a), canonical(b)]).toEqual([false, '{"seconds":9007199254740992}', '{"seconds":9007199254740993}'])
})
