import { computed, shallowRef, type ComputedRef } from 'vue'
import type { ColumnInfo, ColumnSettings, CustomColumn, KindInfo } from '../../../src-main/backend/rpc/contract.js'
import type { PlacedColumn } from '../../components/table-row.js'
import { useSettings } from '../../stores/settings.js'

const nameColumn: ColumnInfo = { id: 'name', title: 'Name', type: 'text' }
const namespaceColumn: ColumnInfo = { id: 'namespace', title: 'Namespace', type: 'text', width: 140 }

type OfPods = readonly { id: string; wide?: true }[]
/** What tells of the pods that a workload keeps. */
const keptPods: OfPods = [
  { id: 'pods' },
  { id: 'cpu' },
  { id: 'memory' },
  ...['cpuOfRequest', 'cpuOfLimit', 'memoryOfRequest', 'memoryOfLimit'].map((id) => ({ id, wide: true as const })),
]
/** Columns for which all pods are watched, as `backend/kinds/` has them: their lists ask for them from the start, so that they are opened once. */
const ofPods: Record<string, OfPods> = {
  '/nodes': [{ id: 'pods' }],
  '/namespaces': [{ id: 'pods' }],
  '/persistentvolumeclaims': [{ id: 'usedBy' }],
  '/secrets': [{ id: 'usedBy', wide: true }],
  '/configmaps': [{ id: 'usedBy', wide: true }],
  '/workloads': keptPods,
  'apps/deployments': keptPods,
  'apps/statefulsets': keptPods,
  'apps/daemonsets': keptPods,
  'apps/replicasets': keptPods,
  '/replicationcontrollers': keptPods,
  'batch/jobs': keptPods,
}

/** Puts columns in the order that was chosen; those that it does not know keep their places. */
export function inOrder<T extends { column: { id: string } }>(columns: readonly T[], order: readonly string[] = []): T[] {
  const known = new Map(columns.map((c) => [c.column.id, c]))
  const moved = order.filter((id) => known.has(id)).map((id) => known.get(id)!)
  const ids = new Set(moved.map((c) => c.column.id))
  return columns.map((c) => (ids.has(c.column.id) ? moved.shift()! : c))
}

/** What makes a custom column one and not another. */
const sameColumn = (a: CustomColumn, b: CustomColumn) => a.source === b.source && a.of === b.of

/** The columns of a kind's list: name and namespace, then its own; which are shown, how wide and in which order is remembered. */
export interface KindColumns {
  every: ComputedRef<PlacedColumn[]>
  shown: ComputedRef<PlacedColumn[]>
  isShown(c: ColumnInfo): boolean
  widths: ComputedRef<Record<string, number>>
  custom: ComputedRef<CustomColumn[]>
  /** A column is shown that tells of pods. */
  pods: ComputedRef<boolean>
  toggle(c: ColumnInfo): void
  /** Follows an edge that is dragged; {@link KindColumns.resized} remembers it. */
  resize(id: string, px: number): void
  resized(): void
  /** Puts a column before another, or last. */
  move(id: string, before: string | null): void
  add(column: CustomColumn): void
  remove(id: string): void
  reset(): void
}

/** @param own the kind's own columns, as the list tells them. @param oneNamespace one namespace is shown: it needs no column */
export function useKindColumns(kind: () => KindInfo, own: () => readonly ColumnInfo[], oneNamespace: () => boolean): KindColumns {
  const settings = useSettings()
  const key = computed(() => `${kind().group}/${kind().resource}`)
  const remembered = computed<ColumnSettings>(() => settings.value.columns[key.value] ?? {})
  const dragged = shallowRef<Record<string, number>>({})
  const remember = (change: ColumnSettings): void =>
    settings.set({ columns: { ...settings.value.columns, [key.value]: { ...remembered.value, ...change } } })

  const every = computed(() => {
    const placed = own()
      .map((column, index) => ({ column, index }))
      .filter(({ column: c }) => c.id !== 'name' && c.id !== 'namespace')
    const rest = [
      ...(kind().namespaced ? [{ column: { ...namespaceColumn, ...(oneNamespace() ? { wide: true } : {}) }, index: -1 }] : []),
      ...placed,
    ]
    // The name of an Event is made up; what it is about has a column.
    const name = { column: kind().kind === 'Event' ? { ...nameColumn, wide: true } : nameColumn, index: -1 }
    return [name, ...inOrder(rest, remembered.value.order)]
  })
  const isShown = (c: Pick<ColumnInfo, 'id' | 'wide'>): boolean => {
    if (c.id === 'name' && !c.wide) return true
    return c.wide ? (remembered.value.shown ?? []).includes(c.id) : !(remembered.value.hidden ?? []).includes(c.id)
  }
  const widths = computed(() => ({ ...remembered.value.widths, ...dragged.value }))
  const custom = computed(() => remembered.value.custom ?? [])

  return {
    every,
    shown: computed(() => every.value.filter(({ column }) => isShown(column))),
    isShown,
    widths,
    custom,
    pods: computed(() => ofPods[key.value]?.some(isShown) === true),
    toggle: (c) => {
      const flip = (ids: string[] = []) => (ids.includes(c.id) ? ids.filter((i) => i !== c.id) : [...ids, c.id])
      remember(c.wide ? { shown: flip(remembered.value.shown) } : { hidden: flip(remembered.value.hidden) })
    },
    resize: (id, px) => (dragged.value = { ...dragged.value, [id]: px }),
    resized: () => remember({ widths: widths.value }),
    move: (id, before) => {
      if (id === before || id === 'name' || before === 'name') return
      const order = every.value.map((c) => c.column.id).filter((i) => i !== id && i !== 'name')
      order.splice(before === null ? order.length : order.indexOf(before), 0, id)
      remember({ order })
    },
    add: (column) => remember({ custom: [...custom.value.filter((c) => !sameColumn(c, column)), column] }),
    remove: (id) => remember({ custom: custom.value.filter((c) => `custom:${c.source}:${c.of}` !== id) }),
    reset: () => {
      dragged.value = {}
      remember({ hidden: [], shown: [], widths: {}, order: [], custom: [] })
    },
  }
}
