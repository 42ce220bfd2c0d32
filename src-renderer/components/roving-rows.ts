import { computed, nextTick, ref, type ComputedRef, type Ref } from 'vue'

/** How far a key goes in a list of `n` from the one at `at`; undefined for keys that do not move. */
function target(key: string, at: number, n: number): number | undefined {
  if (key === 'ArrowDown') return Math.min(at + 1, n - 1)
  if (key === 'ArrowUp') return at - 1
  if (key === 'Home') return 0
  if (key === 'End') return n - 1
  return undefined
}

/**
 * Rows of which one takes the Tab key, and the arrow keys, Home and End go to the others: however many there are, they are one stop.
 * https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex
 * @param root what the rows are in; each has `data-row` with its id, and in it the element with `data-row-focus` takes the focus
 * @param reveal brings the row at a place into sight, where not all of them are drawn
 * @param leave called by the arrow up from the first row
 */
export function useRovingRows(
  ids: () => readonly string[],
  root: Ref<HTMLElement | undefined>,
  reveal: (at: number) => void,
  leave: () => void,
): { current: ComputedRef<string | undefined>; take: (id: string) => void; focus: () => void; move: (e: KeyboardEvent) => void } {
  const last = ref<string>()
  const current = computed(() => (last.value !== undefined && ids().includes(last.value) ? last.value : ids()[0]))

  function focus(): void {
    const id = current.value
    if (id === undefined) return
    reveal(ids().indexOf(id))
    void nextTick(() => root.value?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] [data-row-focus]`)?.focus())
  }
  function move(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const all = ids()
    const to = target(e.key, all.indexOf(current.value ?? ''), all.length)
    if (to === undefined) return
    e.preventDefault()
    if (to < 0) return leave()
    last.value = all[to]
    focus()
  }
  return { current, take: (id) => void (last.value = id), focus, move }
}
