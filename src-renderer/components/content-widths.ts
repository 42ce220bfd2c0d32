import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import type { PlacedColumn } from './table-row.js'
import { widestCells } from './widest-cells.js'

/** How long a list may grow before its cells are measured again, ms. */
const SETTLE = 1000

/**
 * What the cells of a list take, by column in px. They are measured when the first rows and new columns come, and a little after rows
 * have changed, unless the list is `held`; a column only ever gets wider, so that the list does not go to and fro. Empty where nothing
 * can be measured.
 */
export function useContentWidths(
  columns: () => PlacedColumn[],
  rows: () => Row[],
  letters: () => ((text: string) => number) | undefined,
  heading: (c: ColumnInfo) => string,
  held: () => boolean,
): {
  widths: ShallowRef<Readonly<Record<string, number>>>
  /** Measures what is there now, as when the list has come into sight. */
  measure(): void
  /** Forgets what was measured, and measures anew. */
  again(): void
} {
  const widths = shallowRef<Readonly<Record<string, number>>>({})
  let timer: ReturnType<typeof setTimeout> | undefined
  /** How many rows there were when they were measured last. */
  let measured = 0

  function measure(): void {
    clearTimeout(timer)
    timer = undefined
    const by = letters()
    if (!by) return
    measured = rows().length
    const wider: Record<string, number> = { ...widths.value }
    let changed = false
    for (const [id, px] of Object.entries(widestCells(columns(), rows(), by, heading))) {
      if (px <= (wider[id] ?? 0)) continue
      wider[id] = px
      changed = true
    }
    if (changed) widths.value = wider
  }
  /** Nothing moves sideways under the pointer. */
  function later(): void {
    if (held()) timer = setTimeout(later, SETTLE)
    else measure()
  }
  function again(): void {
    widths.value = {}
    measure()
  }
  watch(
    () =>
      columns()
        .map((c) => `${c.column.id} ${heading(c.column)}`)
        .join(),
    again,
    { flush: 'post' },
  )
  watch(
    rows,
    (now, before) => {
      // A list that comes in parts is as good as new when it has doubled.
      if (before.length === 0 || now.length === 0 || (now.length > measured * 2 && !held())) measure()
      else timer ??= setTimeout(later, SETTLE)
    },
    { flush: 'post' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { widths, measure, again }
}
