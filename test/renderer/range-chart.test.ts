import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h, type Component } from 'vue'
import type { MetricHistory as History } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { backend } from '../../src-renderer/app/rpc.js'
import { brokenPath, lastValue, metricText } from '../../src-renderer/components/range-chart.js'
import type { Target } from '../../src-renderer/stores/dialogs.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import MetricHistory from '../../src-renderer/views/details/MetricHistory.vue'
import RangeChart from '../../src-renderer/views/details/RangeChart.vue'

vi.mock('../../src-renderer/app/rpc.js', () => ({
  backend: { call: vi.fn(), open: vi.fn() },
  asRpcError: (e: unknown) => e,
}))

const ref = { group: '', version: 'v1', resource: 'pods', namespace: 'shop', name: 'web-0' }
const target: Target = {
  context: 'drydock',
  ref,
  kind: { ...ref, kind: 'Pod', namespaced: true, verbs: [], shortNames: [], categories: [] },
}
const cpu = {
  id: 'cpu' as const,
  unit: 'cores' as const,
  series: [
    { id: 'usage' as const, values: [0.1, null, 0.3] },
    { id: 'limit' as const, values: [0.5, 0.5, 0.5] },
  ],
}
const history: History = { source: 'monitoring/prometheus:80', start: 0, end: 60_000, stepSeconds: 30, charts: [cpu] }

let view: VueWrapper | undefined
let answer: () => unknown
beforeEach(() => {
  setActivePinia(createPinia())
  vi.mocked(backend.call).mockReset()
  vi.mocked(backend.call).mockImplementation((async (method: string) => (method === 'metrics.history' ? answer() : {})) as never)
})
afterEach(() => view?.unmount())

async function show(component: unknown, props: Record<string, unknown>): Promise<VueWrapper> {
  const slots = { default: () => h('p', { class: 'own' }, 'what the cluster measures itself') }
  view = mount(component as Component, { props, slots, global: { plugins: [i18n] } }) as VueWrapper
  await flushPromises()
  return view
}

describe('a line over time', () => {
  it('is broken where there are no samples, and a lone sample is a dash', () => {
    expect(brokenPath([0, 1, null, 2, 4, null, 4], 4, 60, 40)).toBe('M0 40L10 30M30 20L40 0M60 0h1')
    expect(brokenPath([null, null], 4, 60, 40)).toBe('')
    expect(lastValue([1, 2, null])).toBe(2)
    expect(lastValue([null])).toBeNull()
  })

  it('tells its values with their units', () => {
    expect(
      (
        [
          ['cores', 0.25],
          ['bytes', 2048],
          ['bytesPerSecond', 2048],
          ['perSecond', 0.126],
          ['perSecond', 120.4],
          ['seconds', 0.0123],
          ['seconds', 2.5],
          ['count', 65536],
        ] as const
      ).map(([unit, value]) => metricText(unit, value)),
    ).toEqual(['250m', '2 KiB', '2 KiB/s', '0.13/s', '120/s', '12 ms', '2.5 s', '65,536'])
  })
})

describe('a chart', () => {
  it('shows the last values, and those of the moment that the keys go to', async () => {
    const shown = await show(RangeChart, { chart: cpu, start: 0, stepSeconds: 30 })
    const values = (): string[] => shown.findAll('.legend li').map((l) => l.text())
    expect(values()).toEqual(['usage300m', 'limits500m'])
    const plot = shown.find('[role=slider]')
    await plot.trigger('keydown', { key: 'ArrowLeft' })
    expect(values()).toEqual(['usage–', 'limits500m'])
    expect(plot.attributes('aria-valuenow')).toBe('1')
    await plot.trigger('keydown', { key: 'Home' })
    await plot.trigger('keydown', { key: 'ArrowLeft' })
    expect(plot.attributes('aria-valuetext')).toMatch(/, usage 100m, limits 500m$/)
    await plot.trigger('blur')
    expect(values()[0]).toBe('usage300m')
  })
})

describe('the metrics of an object', () => {
  it('are charts where there is Prometheus, over the range that was chosen', async () => {
    answer = () => history
    const shown = await show(MetricHistory, { target })
    expect(shown.findAll('figure')).toHaveLength(1)
    expect(shown.text()).toContain('From Prometheus at monitoring/prometheus:80')
    expect(shown.find('.own').exists()).toBe(false)
    await shown.findAll('.ranges button')[3]!.trigger('click')
    await flushPromises()
    expect(useSettings().value.metricRange).toBe('7d')
    expect(
      vi
        .mocked(backend.call)
        .mock.calls.filter(([m]) => m === 'metrics.history')
        .at(-1),
    ).toEqual(['metrics.history', { context: 'drydock', ref, range: '7d' }])
  })

  it('are what the cluster measures itself where there is none', async () => {
    answer = () => null
    const shown = await show(MetricHistory, { target })
    expect(shown.text()).toBe('what the cluster measures itself')
  })

  it('say so where Prometheus has no samples, and where it does not answer', async () => {
    answer = () => ({ ...history, charts: [] })
    expect((await show(MetricHistory, { target })).text()).toContain(
      'Prometheus at monitoring/prometheus:80 has no samples of this object in this time.',
    )
    view!.unmount()
    answer = () => {
      throw Object.assign(new Error('services "prometheus" not found'), { reason: 'Prometheus' })
    }
    const shown = await show(MetricHistory, { target })
    expect(shown.text()).toContain('Prometheus did not answer: services "prometheus" not found')
    expect(shown.find('.own').exists()).toBe(true)
  })
})
