import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import SearchField from '../../src-renderer/views/SearchField.vue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function field() {
  const told: [string, boolean][] = []
  const onChange = (text: string, final: boolean) => void told.push([text, final])
  return { search: mount(SearchField, { props: { value: 'kubia', onChange }, global: { plugins: [i18n] } }), told }
}

it('what is typed is told a moment after the last key', async () => {
  const { search, told } = field()
  await search.find('input').setValue('kub')
  vi.advanceTimersByTime(100)
  await search.find('input').setValue('ku')
  vi.advanceTimersByTime(119)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual([['ku', false]])
})

it('what is typed and left at once is told before the list is another one, and once', async () => {
  const { search, told } = field()
  await search.find('input').setValue('')
  await search.find('input').trigger('blur')
  expect(told).toEqual([['', false]])
  vi.advanceTimersByTime(1_000)
  expect(told).toHaveLength(1)
})

it('nothing is told where nothing was typed, nor after the list has gone', async () => {
  const { search, told } = field()
  await search.find('input').trigger('blur')
  await search.find('input').setValue('web')
  search.unmount()
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([])
})
