import { expect, it } from 'vitest'
import { globOf } from '../../../src-main/cluster/runtime/images/redis/keyspace.js'
import { wildcards } from '../../../src-main/cluster/runtime/star-pattern.js'

it.each([
  ['*', '', true],
  ['*', 'a\nb', true],
  ['a*', 'ba', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*ab', 'abab', true],
  ['*ab*b', 'xabb', true],
  ['*ab*b', 'xab', false],
  ['?.conf', 'a.conf', true],
  ['?.conf', 'axconf', false],
  ['a?c*', 'abcd', true],
])('%j matches %j: %s', (pattern, text, matches) => {
  expect(wildcards(pattern).test(text)).toBe(matches)
})

it('may leave question marks as they are, and the case aside', () => {
  expect(wildcards('A?*', { flags: 'i', one: false }).test('a?b')).toBe(true)
  expect(wildcards('A?*', { flags: 'i', one: false }).test('axb')).toBe(false)
})

it.each([
  ['h[ae]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[b-a]llo', 'hallo', true],
  [String.raw`h[\]]llo`, 'h]llo', false],
  [String.raw`h\*llo`, 'h*llo', true],
  [String.raw`h\*llo`, 'hello', false],
  ['h?llo*', 'hxlloyz', true],
  ['a.c', 'abc', false],
])('redis: %j matches %j: %s', (pattern, text, matches) => {
  expect(globOf(pattern).test(text)).toBe(matches)
})

it('many stars on a long text that does not match are over at once', () => {
  // A RegExp of this would look at more ways than there are atoms.
  expect(globOf(`${'*a'.repeat(40)}*b`).test('a'.repeat(5_000))).toBe(false)
})
