import { expect, it } from 'vitest'
import { Random } from '../../src-main/cluster/random.js'

it('the same seed gives the same names, uids and numbers', () => {
  const draw = (seed: string): unknown[] => {
    const r = new Random(seed)
    return [r.suffix(), r.uuid(), r.int(1000), r.hex(4), r.fork('pods').suffix()]
  }
  expect(draw('a')).toEqual(draw('a'))
  expect(draw('a')).not.toEqual(draw('b'))
})

it("suffixes use Kubernetes' alphabet, which has no vowels", () => {
  const r = new Random(1)
  const all = Array.from({ length: 500 }, () => r.suffix()).join('')
  expect(all).toHaveLength(2500)
  expect(all).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/)
})

it('uids are version-4 UUIDs and do not repeat', () => {
  const r = new Random(1)
  const uids = new Set(Array.from({ length: 10_000 }, () => r.uuid()))
  expect(uids.size).toBe(10_000)
  for (const u of uids) expect(u).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('numbers are spread evenly', () => {
  const r = new Random('even')
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 100_000; i++) counts[r.int(10)]!++
  for (const c of counts) expect(Math.abs(c - 10_000)).toBeLessThan(500)
})
