import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilli,
  quantityValue,
  subtractQuantities,
  tryParseQuantity,
} from '../../../../src-main/cluster/api/kinds/rules/quantity.js'

describe('a quantity in canonical form', () => {
  it.each([
    ['1000m', '1'],
    ['2.50', '2500m'],
    ['0.1', '100m'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['1023Ki', '1023Ki'],
    ['1.2Ki', '1228800m'],
    ['2000M', '2G'],
    ['1e9', '1e9'],
    ['12e6', '12e6'],
    ['1E3', '1E3'],
    ['1E', '1E'],
    ['100e-3', '100e-3'],
    ['0', '0'],
    ['-0', '0'],
    ['0Gi', '0'],
    ['+5', '+5'],
    ['-1500m', '-1500m'],
    ['.5', '500m'],
    ['1.', '1.'],
    ['0.0000000001', '1n'],
    ['100u', '100u'],
    ['123456', '123456'],
    ['9223372036854775807', '9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['12E', '12E'],
    ['1e21', '1e21'],
    ['9Ei', '9223372036854775807'],
    ['-9223372036854775807Ki', '-9223372036854775807'],
    ['0.000000000001Ki', '2n'],
    ['3.001n', '4n'],
    ['0.00000012345', '124n'],
    ['1.1E-9', '2e-9'],
    ['0.5e-1', '50e-3'],
    ['1.3E+6', '1300e3'],
    ['100.035Ki', '102435840m'],
    ['0.025Ti', '27487790694400m'],
    ['1.G', '1.G'],
    ['.0001k', '100m'],
    // What looks canonical at first sight stays as it was written.
    ['1.500', '1.500'],
    ['1.000', '1'],
    ['0.250', '250m'],
    ['1.234k', '1.234k'],
    ['007', '007'],
    ['+005Gi', '+005Gi'],
    ['+008Gi', '8Gi'],
    ['1e+3', '1e+3'],
    ['100000', '100k'],
    ['1.234567890123456789', '1234567891n'],
    // What has no digits is nothing, and no mistake.
    ['.', '0'],
    ['-', '0'],
    ['Mi', '0'],
    ['e3', '0'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it('stays as it is when it is read again', () => {
    const suffix = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'e3', 'e-3')
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat({ max: 999 }), suffix, (whole, fraction, unit) => {
        const q = parseQuantity(`${whole}.${fraction}${unit}`)
        const text = formatQuantity(q)
        expect(parseQuantity(text).nano).toBe(q.nano)
        // One of powers of two that comes out without a suffix cannot be told from a decimal one any more.
        if (q.format !== 'BinarySI' || text.endsWith('i')) expect(canonicalQuantity(text)).toBe(text)
      }),
      { seed: 3 },
    )
  })
})

it.each(['', 'x', '1.2.3', '1 Gi', '1XB', '1Kib', '--1', '1e', '1i', '.5i', '0.1mi', '1.1.M', '1+1.0M', '-3.01e-', ' 1', '1 '])(
  '%j is no quantity',
  (text) => {
    expect(tryParseQuantity(text)).toBeUndefined()
  },
)

it('says what a quantity must look like', () => {
  expect(() => parseQuantity('x')).toThrow("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  expect(() => parseQuantity('1Kim')).toThrow("unable to parse quantity's suffix")
})

describe('amounts', () => {
  const q = parseQuantity
  it('are compared across suffixes', () => {
    expect(compareQuantities(q('1Gi'), q('1G'))).toBeGreaterThan(0)
    expect(compareQuantities(q('1000m'), q('1'))).toBe(0)
    expect(compareQuantities(q('999m'), q('1'))).toBeLessThan(0)
  })
  it('keep the first one’s family of suffixes when they are added', () => {
    expect(formatQuantity(addQuantities(q('1Gi'), q('512Mi')))).toBe('1536Mi')
    expect(formatQuantity(addQuantities(q('100m'), q('0.4')))).toBe('500m')
    expect(formatQuantity(addQuantities(q('0'), q('2Gi')))).toBe('2Gi')
    expect(formatQuantity(subtractQuantities(q('1'), q('1500m')))).toBe('-500m')
  })
  it('are rounded away from zero when whole units are asked for', () => {
    expect([quantityValue(q('1500m')), quantityValue(q('-1500m')), quantityMilli(q('1n'))]).toEqual([2, -2, 1])
  })
})
