import { computed, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Row } from '../../../src-main/backend/rpc/contract.js'

/** The rows of a list that are selected. */
export interface RowSelection {
  ids: ShallowRef<ReadonlySet<string>>
  /** The rows themselves, as the list has them in order. */
  rows: ComputedRef<Row[]>
  /** One row of each cluster, namespace and kind that some are of. */
  places: ComputedRef<Row[]>
}

/**
 * What is selected of a list that goes on changing, be it all of 50,000 rows. What is gone or filtered away is not selected any more: an
 * act never reaches what is not seen.
 * @param clusterOf in which cluster a row's object is
 */
export function useRowSelection(list: Ref<Row[]>, clusterOf: (row: Row) => string): RowSelection {
  const ids = shallowRef<ReadonlySet<string>>(new Set())
  const rows = computed(() => (ids.value.size ? list.value.filter((r) => ids.value.has(r.id)) : []))
  watch(list, () => {
    if (rows.value.length !== ids.value.size) ids.value = new Set(rows.value.map((r) => r.id))
  })
  const places = computed(() => {
    const known = new Map<string, Set<string>>()
    return rows.value.filter((r) => {
      const cluster = clusterOf(r)
      let namespaces = known.get(cluster)
      if (!namespaces) known.set(cluster, (namespaces = new Set()))
      return namespaces.size < namespaces.add(r.kind ? `${r.namespace}/${r.kind}` : r.namespace).size
    })
  })
  return { ids, rows, places }
}
