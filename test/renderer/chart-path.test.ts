import { expect, it } from 'vitest'
import { chartTop, humanCores, linePath } from '../../src-renderer/components/chart-path.js'

it('a line goes from the left to the right edge, zero at the bottom', () => {
  expect(linePath([0, 5, 10], 10, 100, 40)).toBe('M0 40L50 20L100 0')
  expect(linePath([5], 10, 100, 40)).toBe('M0 20L100 20')
  expect(linePath([], 10, 100, 40)).toBe('')
})

it('a limit is in sight unless it is so far away that the line would lie flat', () => {
  expect(chartTop([1], [2])).toBeCloseTo(2.3)
  expect(chartTop([1], [100])).toBeCloseTo(1.15)
  expect(chartTop([], [])).toBe(1)
})

it('what uses next to nothing of its limit is drawn at the bottom', () => {
  expect(chartTop([0.00004], [0, 0.05])).toBeCloseTo(0.000575)
})

it.each([
  [1.5, '1.5'],
  [0.25, '250m'],
  [0.0004, '0.4m'],
])('%d cores read %s', (cores, text) => expect(humanCores(cores)).toBe(text))
