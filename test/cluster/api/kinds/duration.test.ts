import { expect, it } from 'vitest'
import { humanDuration, since } from '../../../../src-main/cluster/api/kinds/rules/duration.js'

const S = 1000
const M = 60 * S
const H = 60 * M
const D = 24 * H

it.each([
  [0, '0s'],
  [-1 * S, '0s'],
  [-2 * S, '<invalid>'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [3 * M + 20 * S, '3m20s'],
  [9 * M + 59 * S, '9m59s'],
  [10 * M + 30 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [5 * H + 12 * M, '5h12m'],
  [8 * H + 12 * M, '8h'],
  [47 * H, '47h'],
  [2 * D, '2d'],
  [3 * D + 4 * H, '3d4h'],
  [8 * D + 4 * H, '8d'],
  [729 * D, '729d'],
  [730 * D, '2y'],
  [3 * 365 * D + 20 * D, '3y20d'],
  [8 * 365 * D + 20 * D, '8y'],
])('%d ms reads %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})

it('tells the time since an instant, or that it is unknown', () => {
  const now = Date.parse('2026-11-21T09:00:00Z')
  expect(since('2026-11-21T08:57:00Z', now)).toBe('3m')
  expect([since(undefined, now), since(null, now), since('soon', now)]).toEqual(['<unknown>', '<unknown>', '<unknown>'])
})
