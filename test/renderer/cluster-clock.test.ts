import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { computed } from 'vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { clusterClock, clusterNow, hoursAndMinutes, localTime, now } from '../../src-renderer/components/time.js'
import ScheduleInput from '../../src-renderer/create/fields/ScheduleInput.vue'
import { formContextKey, type FormContext } from '../../src-renderer/create/form-context.js'
import { app, button, fake, open, settle, withWindow } from './whole-window.js'

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

describe('a clock that is moved ahead', () => {
  withWindow()
  beforeEach(() => {
    fake.kinds = [...fake.kinds, clockKind]
  })
  const clockKind = {
    group: 'drydock.dev',
    version: 'v1',
    resource: 'clocks',
    kind: 'Clock',
    namespaced: false,
    verbs: ['get', 'list', 'watch', 'update', 'patch'],
    shortNames: [],
    categories: [],
  }
  const says = (time: string, spec: object = { jumpTo: '2026-11-22T09:00:00Z' }, jumpFrom: string | undefined = '2026-11-21T09:00:00Z') =>
    fake.upsert('clocks.drydock.dev', {
      apiVersion: 'drydock.dev/v1',
      kind: 'Clock',
      metadata: { name: 'cluster', uid: 'clock', creationTimestamp: '2026-11-21T08:00:00Z' },
      spec: { speed: 1, ...spec },
      status: { time, speed: 1, ...(jumpFrom ? { jumpFrom } : {}) },
    } as never)
  const share = (p: HTMLProgressElement) => Math.round((p.value / p.max) * 100) / 100
  const places = () => app.findAll('.clock-jump').map((x) => [x.text(), share(x.find('progress').element)])

  it('says how far it has come, in the status line and in the overview, until it is there', async () => {
    says('2026-11-21T09:00:00Z', {}, '')
    await open('/c/drydock/overview')
    expect(places()).toEqual([])
    // The jump began before it was read for the first time.
    says('2026-11-21T15:00:00Z')
    await settle(5000)
    expect(places()).toEqual([
      ['6:00 of 24:00 h', 0.25],
      ['6:00 of 24:00 h', 0.25],
    ])
    const progress = app.find('.clock-jump progress')
    expect(progress.attributes('aria-label')).toBe(`The clock is moved ahead to ${localTime(Date.parse('2026-11-22T09:00:00Z'))}`)
    // It is read twice a second now, and the time of the cluster with it.
    says('2026-11-21T21:00:00Z')
    await settle(600)
    expect(places()[0]).toEqual(['12:00 of 24:00 h', 0.5])
    expect(app.find('.embedded .time').text()).toBe(localTime(Date.parse('2026-11-21T21:00:00Z')))
    i18n.global.locale.value = 'zh-CN'
    await settle(0)
    expect(places()[0]![0]).toBe('12:00 / 24:00 小时')
    i18n.global.locale.value = 'en'
    // A jump that another is added to began where it did.
    says('2026-11-21T21:00:00Z', { jumpTo: '2026-11-23T09:00:00Z' })
    await settle(600)
    expect(places()[0]).toEqual(['12:00 of 48:00 h', 0.25])
    says('2026-11-23T09:00:00Z', { jumpTo: '2026-11-23T09:00:00Z' })
    await settle(600)
    expect(places()).toEqual([])
  })

  it('is told from where it began, also by a window that was opened on the way', async () => {
    says('2026-11-21T15:00:00Z')
    await open('/c/drydock/overview')
    expect(places()[0]).toEqual(['6:00 of 24:00 h', 0.25])
  })

  it('is read at once when a person moves it', async () => {
    says('2026-11-21T09:00:00Z', {}, '')
    await open('/c/drydock/overview')
    says('2026-11-21T10:12:00Z')
    button('1 day ahead')!.click()
    await settle(100)
    expect(places()[0]).toEqual(['1:12 of 24:00 h', 0.05])
  })
})

it('hours and minutes are rounded to the minute', () => {
  expect([0, 59_000, 3_600_000, 86_399_000].map(hoursAndMinutes)).toEqual(['0:00', '0:01', '1:00', '24:00'])
})
