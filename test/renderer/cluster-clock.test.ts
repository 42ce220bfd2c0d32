import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clusterClock, clusterNow, now } from '../../src-renderer/components/time.js'

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
