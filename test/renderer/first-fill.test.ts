import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref, type Ref } from 'vue'
import { joinFirstFill, PATIENCE, useFirstFill } from '../../src-renderer/stores/first-fill.js'

/** The parts of a panel are shown together. */

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const Part = defineComponent({
  props: { has: { type: Object as () => Ref<boolean>, required: true } },
  setup(props) {
    joinFirstFill(() => props.has.value)
    return () => 'part'
  },
})

function panel(...parts: Ref<boolean>[]): { of: Ref<string>; shown: () => boolean } {
  const of = ref('')
  const Panel = defineComponent({
    setup() {
      const shown = useFirstFill(() => of.value)
      return () => h('div', { class: { shown: shown.value } }, of.value ? parts.map((has) => h(Part, { has, key: of.value })) : [])
    },
  })
  const view = mount(Panel)
  return { of, shown: () => view.classes('shown') }
}

it('is shown at once when its parts have what they show, and not before there is anything', async () => {
  const { of, shown } = panel(ref(true), ref(true))
  await nextTick()
  expect(shown()).toBe(false)
  of.value = 'web'
  await nextTick()
  await nextTick()
  expect(shown()).toBe(true)
})

it('is shown when the last part has come, and stays when a part is read again', async () => {
  const [one, other] = [ref(false), ref(false)]
  const { of, shown } = panel(one, other)
  of.value = 'web'
  await nextTick()
  one.value = true
  await nextTick()
  await nextTick()
  expect(shown()).toBe(false)
  other.value = true
  await nextTick()
  await nextTick()
  expect(shown()).toBe(true)
  one.value = false
  await nextTick()
  expect(shown()).toBe(true)
})

it('waits a moment for a slow part, no longer, and anew for the next object', async () => {
  const { of, shown } = panel(ref(false))
  of.value = 'web'
  await nextTick()
  vi.advanceTimersByTime(PATIENCE - 1)
  await nextTick()
  expect(shown()).toBe(false)
  vi.advanceTimersByTime(1)
  await nextTick()
  expect(shown()).toBe(true)
  of.value = 'api'
  await nextTick()
  await nextTick()
  expect(shown()).toBe(false)
  vi.advanceTimersByTime(PATIENCE)
  await nextTick()
  expect(shown()).toBe(true)
})
