import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from 'vue'

/** What of a long list is drawn, and how much room the rest takes above and below it, in px. */
export interface RowWindow<T> {
  rows: ComputedRef<{ at: number; item: T }[]>
  above: ComputedRef<number>
  below: ComputedRef<number>
  /** Scrolls so that a row is in sight, and drawn after the next tick. */
  reveal: (at: number) => void
}

/** Rows that are drawn beyond what is seen, so that a turn of the wheel does not uncover blank room. */
const OVERSCAN = 8
/** How high a list is taken to be where there is no layout. */
const NO_LAYOUT = 900

/**
 * Of a list of hundreds only the rows in sight are drawn.
 * @param heightOf the height of a row, in px; exact, or the list jumps when it is scrolled
 * @param head height of what stays at the top of `scroll` while it is scrolled, in px
 */
export function useRowWindow<T>(
  items: () => readonly T[],
  heightOf: (item: T) => number,
  scroll: Ref<HTMLElement | undefined>,
  head: number,
): RowWindow<T> {
  const top = ref(0)
  const height = ref(NO_LAYOUT)
  /** Where each row begins; the last is where the list ends. */
  const starts = computed(() => {
    const out = [0]
    for (const item of items()) out.push(out.at(-1)! + heightOf(item))
    return out
  })
  /** The row at a place: the last that begins at or above it. */
  function rowAt(y: number): number {
    let low = 0
    let high = items().length
    while (high - low > 1) {
      const half = (low + high) >> 1
      if (starts.value[half]! <= y) low = half
      else high = half
    }
    return low
  }
  const first = computed(() => Math.max(0, rowAt(top.value) - OVERSCAN))
  const last = computed(() => Math.min(items().length, rowAt(top.value + height.value) + 1 + OVERSCAN))
  const measure = (): void => {
    top.value = scroll.value?.scrollTop ?? 0
    height.value = scroll.value?.clientHeight || NO_LAYOUT
  }
  const observer = new ResizeObserver(measure)
  watch(scroll, (el, old) => {
    old?.removeEventListener('scroll', measure)
    observer.disconnect()
    if (!el) return
    el.addEventListener('scroll', measure, { passive: true })
    observer.observe(el)
    measure()
  })
  onBeforeUnmount(() => observer.disconnect())

  return {
    rows: computed(() =>
      items()
        .slice(first.value, last.value)
        .map((item, i) => ({ at: first.value + i, item })),
    ),
    above: computed(() => starts.value[first.value] ?? 0),
    below: computed(() => starts.value.at(-1)! - (starts.value[last.value] ?? 0)),
    reveal(at) {
      const el = scroll.value
      if (!el) return
      const start = starts.value[at] ?? 0
      const end = starts.value[at + 1] ?? start
      if (start < el.scrollTop) el.scrollTop = start
      else if (end + head > el.scrollTop + el.clientHeight) el.scrollTop = end + head - el.clientHeight
      measure()
    },
  }
}
