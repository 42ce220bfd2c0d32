/** What the API server says of how the capacity of devices may be asked for. */
import { describe, expect, it } from 'vitest'
import { faults, slice, offering } from './devices.js'
import type { Loose } from './support.js'

describe('a ResourceSlice', () => {
  const capacity = (requestPolicy: Loose, value = '10Gi'): Loose =>
    offering({ allowMultipleAllocations: true, capacity: { memory: { value, requestPolicy } } })
  const policy = 'spec.devices[0].capacity[memory].requestPolicy'

  it.each<[string, Loose, string[]]>([
    ['with a capacity in steps', capacity({ default: '1Gi', validRange: { min: '1Gi', max: '10Gi', step: '1Gi' } }), []],
    ['with a capacity of some values', capacity({ default: '1Gi', validValues: ['1Gi', '10Gi'] }), []],
    ['with a capacity that has only a default', capacity({ default: '1Gi' }), []],
    [
      'with a capacity in steps that is not shared',
      offering({ capacity: { memory: { value: '1Gi', requestPolicy: { default: '1Gi' } } } }),
      [`${policy}: Forbidden: allowMultipleAllocations must be true`],
    ],
    [
      'with values but no default',
      capacity({ validValues: ['1Gi'] }),
      [`${policy}.default: Required value: required when validValues is defined`],
    ],
    [
      'with a range but no default',
      capacity({ validRange: { min: '1Gi' } }),
      [`${policy}.default: Required value: required when validRange is defined`],
    ],
    [
      'with a range that begins nowhere',
      capacity({ default: '1Gi', validRange: {} }),
      [`${policy}.validRange.min: Required value: required when validRange is defined`],
    ],
    [
      'with values and a range',
      capacity({ default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } }),
      [`${policy}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`],
    ],
    [
      'with values beyond its capacity',
      capacity({ default: '1Gi', validValues: ['20Gi'] }),
      [
        `${policy}.validValues[0]: Invalid value: "20Gi": option is larger than capacity value: 10Gi`,
        `${policy}.validValues: Invalid value: "1Gi": default value is not valid according to the requestPolicy`,
      ],
    ],
    [
      'with a value twice',
      capacity({ default: '1Ki', validValues: ['1Ki', '1024'] }),
      [`${policy}.validValues[1]: Duplicate value: "1024"`],
    ],
    [
      'with values out of order',
      capacity({ default: '1Gi', validValues: ['2Gi', '1Gi'] }),
      [`${policy}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`],
    ],
    [
      'with a range the wrong way round',
      capacity({ default: '2Gi', validRange: { min: '20Gi', max: '1Gi' } }),
      [
        `${policy}.validRange.min: Invalid value: "20Gi": min is larger than capacity value: 10Gi`,
        `${policy}.validRange.default: Invalid value: "2Gi": default is less than min: 20Gi`,
        `${policy}.validRange.max: Invalid value: "20Gi": min is larger than max: 1Gi`,
        `${policy}.validRange.default: Invalid value: "2Gi": default is more than max: 1Gi`,
      ],
    ],
    [
      'with a range beyond its capacity',
      capacity({ default: '1Gi', validRange: { min: '1Gi', max: '20Gi' } }),
      [`${policy}.validRange.max: Invalid value: "20Gi": max is larger than capacity value: 10Gi`],
    ],
    [
      'with steps that miss',
      capacity({ default: '2Gi', validRange: { min: '1Gi', max: '10Gi', step: '2Gi' } }),
      ['2Gi', '10Gi'].map(
        (v) => `${policy}.validRange.step: Invalid value: "${v}": value is not a multiple of a given step (2Gi) from (1Gi)`,
      ),
    ],
    [
      'with a step of nothing, and one beyond its capacity',
      slice({
        devices: ['0', '20Gi'].map((step, i) => ({
          name: `d${i}`,
          allowMultipleAllocations: true,
          capacity: { memory: { value: '10Gi', requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step } } } },
        })),
      }),
      [
        `${policy}.validRange.step: Invalid value: "0": must be greater than zero`,
        `${policy.replace('[0]', '[1]')}.validRange.step: Invalid value: "20Gi": one step 21Gi is larger than capacity value: 10Gi`,
      ],
    ],
  ])('%s', (_, spec, want) => {
    expect(faults('ResourceSlice', spec)).toEqual(want)
  })
})
