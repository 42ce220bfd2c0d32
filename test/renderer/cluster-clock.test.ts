import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { computed } from 'vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { clusterClock, clusterNow, localTime, now } from '../../src-renderer/components/time.js'
import ScheduleInput from '../../src-renderer/create/fields/ScheduleInput.vue'
import { formContextKey, type FormContext } from '../../src-renderer/create/form-context.js'

const wall = Date.parse('2026-11-21T09:00:00Z')
beforeEach(() => {
  vi.useFakeTimers({ now: wall })
  now.value = wall
})
afterEach(() => {
  clusterClock.value = null
  vi.useRealTimers()
})

describe('the present of a cluster', () => {
  it('is that of the machine, unless its clock is its own', () => {
    expect(clusterNow.value).toBe(wall)
  })
  it('is ahead after a jump, runs faster, or stands still', () => {
    const hour = 3_600_000
    clusterClock.value = { at: wall, time: wall + hour, speed: 1 }
    now.value = wall + 5000
    expect(clusterNow.value).toBe(wall + hour + 5000)
    clusterClock.value = { at: wall, time: wall + hour, speed: 100 }
    expect(clusterNow.value).toBe(wall + hour + 500_000)
    clusterClock.value = { at: wall, time: wall + hour, speed: 0 }
    expect(clusterNow.value).toBe(wall + hour)
  })
})

describe('the next runs of a schedule', () => {
  it('are told by the clock of the cluster, wherever it stands', async () => {
    const form = { context: 'drydock', object: computed(() => ({})) } as unknown as FormContext
    const input = mount(ScheduleInput, {
      props: { id: 'schedule', value: '0 3 * * *', invalid: false },
      global: { plugins: [i18n], provide: { [formContextKey as symbol]: form } },
    })
    const first = () => input.find('.run').text()
    expect(first()).toBe(`${localTime(Date.parse('2026-11-22T03:00:00Z')).slice(0, 16)} (in 18h)`)
    clusterClock.value = { at: wall, time: Date.parse('2027-03-01T02:30:00Z'), speed: 0 }
    await input.vm.$nextTick()
    expect(first()).toBe(`${localTime(Date.parse('2027-03-01T03:00:00Z')).slice(0, 16)} (in 30m)`)
  })
})
