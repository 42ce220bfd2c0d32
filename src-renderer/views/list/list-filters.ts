import { computed, watch, type ComputedRef } from 'vue'
import type { LocationQuery } from 'vue-router'
import type { ColumnInfo, Row } from '../../../src-main/backend/rpc/contract.js'
import { rowFilter, tellsTime, type ColumnFilter } from '../../components/column-filter.js'
import type { RowModel } from '../../components/row-model.js'
import { isFaulty, parseSearch, type Search } from '../../components/row-search.js'
import { clusterTime, now } from '../../components/time.js'

/** The filters of columns in an address: `f=status|Running`. */
export function columnFiltersOf(query: LocationQuery): ColumnFilter[] {
  const { f } = query
  return (Array.isArray(f) ? f : [f]).flatMap((text) => {
    const at = text?.indexOf('|') ?? -1
    return at > 0 ? [{ column: text!.slice(0, at), text: text!.slice(at + 1) }] : []
  })
}

/** What an address holds for filters of columns; nothing for none. */
export function columnFilterQuery(filters: readonly ColumnFilter[]): string[] | undefined {
  return filters.length ? filters.map((f) => `${f.column}|${f.text}`) : undefined
}

/** What narrows a list in the window: its search, only what is in trouble, and filters of columns. */
export interface ListFilters {
  search: ComputedRef<string>
  parsed: ComputedRef<Search>
  faults: ComputedRef<boolean>
  columns: ComputedRef<ColumnFilter[]>
}

/** Follows the filters in the address and gives them to the rows. @param clockOf the context by whose clock a row's ages are counted */
export function useListFilters(
  query: () => LocationQuery,
  model: RowModel,
  own: () => readonly ColumnInfo[],
  clockOf: (row: Row) => string,
): ListFilters {
  const search = computed(() => String(query().q ?? ''))
  const parsed = computed(() => parseSearch(search.value))
  const faults = computed(() => query().faults !== undefined)
  const columns = computed(() => columnFiltersOf(query()))
  const timed = computed(() => columns.value.some((f) => own().some((c) => c.id === f.column && tellsTime(c))))
  /** Moves on twice a minute while ages decide what is shown. */
  const tick = computed(() => (timed.value ? Math.floor(now.value / 30_000) : 0))
  const presentOf = (row: Row): number => clusterTime(clockOf(row), now.value)
  watch(
    [parsed, faults, () => JSON.stringify([columns.value, own().map((c) => c.id)]), tick],
    () => {
      const { matches, error } = parsed.value
      if (error) return
      const cells = rowFilter(columns.value, own(), presentOf)
      const tests = [matches, faults.value ? isFaulty : null, cells].filter((test) => test !== null)
      model.setFilter(tests.length === 0 ? null : tests.length === 1 ? tests[0]! : (row) => tests.every((test) => test(row)))
    },
    { immediate: true },
  )
  return { search, parsed, faults, columns }
}
