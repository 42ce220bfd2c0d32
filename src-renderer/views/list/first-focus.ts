import { nextTick, watch, type Ref } from 'vue'

/** A list takes the keyboard when its first rows are there, unless the person is elsewhere already. */
export function focusWithFirstRows(rows: Ref<readonly unknown[]>, focus: () => void): void {
  const stop = watch(
    () => rows.value.length > 0,
    (some) => {
      if (!some) return
      const at = document.activeElement
      if (!at || at === document.body || at.closest('.sidebar, .rail')) void nextTick(focus)
      queueMicrotask(() => stop())
    },
    { immediate: true, flush: 'post' },
  )
}
