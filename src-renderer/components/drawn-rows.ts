import { computed, onScopeDispose, shallowRef, watch, watchEffect, type Ref } from 'vue'
import { placeRows, type RowPlaces } from './row-places.js'
import { TableBody } from './table-body.js'
import { ROW, type TableRow } from './table-row.js'

/** How many rows beyond those in sight are kept in the document at each end. */
const BEYOND = 6
/** How many rows may be drawn in one frame, unless more are in sight. */
const AT_ONCE = 10
/** A list that has not scrolled for so long stands still, ms. */
const REST = 200

/** A list as it is seen. */
export interface SeenList {
  /** What holds the rows; left out before it is in the document. */
  body: Ref<HTMLElement | undefined>
  /** How far the list is scrolled, px. */
  top: () => number
  /** How much of the list is seen at once, px. */
  height: () => number
  /** How many rows it has. */
  count: () => number
  /** Has an element show a row. Whatever it reads is followed. */
  show: (element: TableRow, index: number) => void
}

/** Keeps the rows that are seen in the document, and those near them. They end with the scope that made them. */
export function useDrawnRows({ body, top, height, count, show }: SeenList): {
  /** The list has been scrolled. */
  scrolled(): void
  /** Whether it was scrolled a moment ago, and does not stand still yet. */
  scrolling: Readonly<Ref<boolean>>
  /** Whether a row is in the document. */
  has(index: number): boolean
} {
  /** The first row in sight, and the first one after those in sight. */
  const first = computed(() => Math.max(0, Math.floor(top() / ROW)))
  const last = computed(() => first.value + pool.value - 2 * BEYOND)
  /** How many rows are in the document: always as many, so that each one that leaves at one end is used again at the other. */
  const pool = computed(() => Math.ceil(height() / ROW) + 1 + 2 * BEYOND)
  const places = shallowRef<RowPlaces>([])
  let ahead = 0
  /** Places the rows where the list is now; what is over for this frame follows in the next. */
  function place(most: number): void {
    const { places: next, more } = placeRows(places.value, { from: first.value, to: last.value, count: count() }, most)
    places.value = next
    // A frame asked for while the list scrolls is the one that is being made.
    if (more) ahead ||= requestAnimationFrame(() => (ahead = requestAnimationFrame(placeMore)))
  }
  function placeMore(): void {
    ahead = 0
    place(AT_ONCE)
  }
  function placeAll(): void {
    if (places.value.length !== pool.value) places.value = Array<number>(pool.value).fill(-1)
    place(pool.value)
  }
  watch([count, pool], placeAll, { immediate: true })

  let drawn: TableBody | undefined
  watchEffect(
    () => {
      if (!body.value) return
      drawn ??= new TableBody(body.value)
      drawn.draw(places.value, show)
    },
    { flush: 'post' },
  )
  let rest: ReturnType<typeof setTimeout> | undefined
  let settling = 0
  const scrolling = shallowRef(false)
  /** The list stands still: its rows come into the order in which they are seen, a few in each frame. */
  function settle(): void {
    scrolling.value = false
    settling = drawn?.settle(AT_ONCE) === false ? requestAnimationFrame(settle) : 0
  }
  onScopeDispose(() => {
    clearTimeout(rest)
    cancelAnimationFrame(ahead)
    cancelAnimationFrame(settling)
  })
  return {
    scrolling,
    scrolled() {
      scrolling.value = true
      place(AT_ONCE)
      clearTimeout(rest)
      cancelAnimationFrame(settling)
      rest = setTimeout(settle, REST)
    },
    has: (index) => places.value[index % pool.value] === index,
  }
}
