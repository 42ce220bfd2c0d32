/** When a node is short of something, as the configuration of its kubelet has it. */
import { describe, expect, test } from 'vitest'
import { amountOf, isMet, mostUrgent, thresholdsOf, type Threshold } from '../../../src-main/cluster/kubelet/eviction-thresholds.js'
import type { KubeletConfiguration } from '../../../src-main/cluster/kubelet/kubelet-configuration.js'

const shown = (configuration: KubeletConfiguration): string[] =>
  thresholdsOf(configuration).map(
    ({ signal, value, graceMs, minimumReclaim }) =>
      `${signal}<${value}${graceMs === undefined ? '' : ` for ${graceMs} ms`}${minimumReclaim ? ` +${minimumReclaim}` : ''}`,
  )

describe('the thresholds of a kubelet', () => {
  const defaults = [
    'memory.available<100Mi',
    'nodefs.available<10%',
    'nodefs.inodesFree<5%',
    'imagefs.available<15%',
    'imagefs.inodesFree<5%',
    'pid.available<10%',
  ]
  test.each<[string, KubeletConfiguration, string[]]>([
    ['are the defaults where nothing is said', {}, defaults],
    ['are only those that are given', { evictionHard: { 'memory.available': '1Gi' } }, ['memory.available<1Gi']],
    [
      'are merged with the defaults where it is asked for',
      { evictionHard: { 'memory.available': '1Gi' }, mergeDefaultEvictionSettings: true },
      ['memory.available<1Gi', ...defaults.slice(1)],
    ],
    ['are off at zero', { evictionHard: { 'memory.available': '0', 'nodefs.available': '0%' } }, []],
    [
      'are hard ones, then soft ones with their grace period, and both with what is to be free beyond',
      {
        evictionHard: { 'memory.available': '5%' },
        evictionSoft: { 'memory.available': '1.5Gi' },
        evictionSoftGracePeriod: { 'memory.available': '1m30s' },
        evictionMinimumReclaim: { 'memory.available': '500Mi' },
      },
      ['memory.available<5% +500Mi', 'memory.available<1.5Gi for 90000 ms +500Mi'],
    ],
  ])('%s', (_, configuration, expected) => {
    expect(shown(configuration)).toEqual(expected)
  })
})

test.each([
  ['100Mi', 500, 104857600],
  ['50%', 501, 250],
  // The kubelet's percentages have the precision of a 32-bit float.
  ['10%', 78_981_629_568, 7_898_163_074],
])('%s of %i is %i', (value, capacity, expected) => {
  expect(amountOf(value, capacity)).toBe(expected)
})

describe('a threshold', () => {
  const threshold: Threshold = { signal: 'memory.available', value: '10%', minimumReclaim: '5%' }
  const at = (available: number): object => ({ 'memory.available': { capacity: 1000, available } })

  test.each([
    [99, false, true],
    [100, false, false],
    [149, true, true],
    [150, true, false],
  ])('of 10% with 5%% to reclaim, %i of 1000 free, reclaiming: %s, is met: %s', (available, reclaiming, expected) => {
    expect(isMet(threshold, at(available), reclaiming)).toBe(expected)
  })

  test('of what nobody measures is not met', () => {
    expect(isMet({ signal: 'nodefs.inodesFree', value: '5%' }, at(0), false)).toBe(false)
  })

  test('of memory comes first', () => {
    const disk: Threshold = { signal: 'nodefs.available', value: '10%' }
    expect([mostUrgent([disk, threshold]), mostUrgent([disk]), mostUrgent([])]).toEqual([threshold, disk, undefined])
  })
})
