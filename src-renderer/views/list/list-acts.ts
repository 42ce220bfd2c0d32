import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { KindInfo, Row } from '../../../src-main/backend/rpc/contract.js'
import { titleOf } from '../../actions/action.js'
import { actions, actionsFor } from '../../actions/actions.js'
import { refusal } from '../../actions/refusal.js'
import { kindsOf } from '../../actions/target-kinds.js'
import { useColumnTitle } from '../../components/column-title.js'
import { cellOf, plainText } from '../../components/table-cell.js'
import type { PlacedColumn, QuickAction } from '../../components/table-row.js'
import type { ClustersList } from '../../stores/clusters-list.js'
import type { Target } from '../../stores/dialogs.js'
import { useToasts } from '../../stores/toasts.js'
import { rowTexts } from './csv.js'
import { useRowSelection, type RowSelection } from './row-selection.js'
import type { RowTargets } from './row-targets.js'
import { titled } from '../../app/i18n/listed.js'

/** What the list is that is acted in. */
interface ActedList {
  kind(): KindInfo
  /** It has rows of several kinds. */
  mixed(): boolean
  list: ClustersList
  targets: RowTargets
  /** The row whose details are open. */
  currentId(): string
  columns(): readonly PlacedColumn[]
}

/** The menu of a row, and what of the row can be copied. */
interface RowMenu {
  targets: Target[]
  row: Row
  at: { x: number; y: number }
  copies: { label: string; text: string }[]
}

/** What is selected in a list and has the focus, and what can be done with it: by quick buttons, keys and the menu of a row. */
export interface ListActs {
  focusedId: ShallowRef<string>
  selected: RowSelection['ids']
  selectedPlaces: RowSelection['places']
  /** The row that keys act on: the one with the focus; on a fresh page the one whose details are open. */
  focusedRow(): Row | undefined
  /** What an act is about: the selection when the row is part of it, else the row. */
  targetsFor(row: Row | undefined): Target[]
  quick: ComputedRef<QuickAction[]>
  /** The kinds of what is selected, or of the row that keys act on. */
  kindsNow: ComputedRef<KindInfo[]>
  /** Does something with a row, or with what keys act on; where it cannot be done the reason is told. */
  act(id: string, row?: Row): void
  menu: ShallowRef<RowMenu | null>
  openMenu(row: Row, at: { x: number; y: number }, column?: PlacedColumn): void
}

/** Selecting in a list, and acting on what is selected or has the focus. */
export function useListActs({ kind, mixed, list, targets, currentId, columns }: ActedList): ListActs {
  const { t } = useI18n()
  const columnTitle = useColumnTitle()
  const { targetOf, kindOf } = targets
  const focusedId = shallowRef('')
  const { ids: selected, rows: selectedRows, places: selectedPlaces } = useRowSelection(list.model.view, list.contextOf)

  function targetsFor(row: Row | undefined): Target[] {
    if (selected.value.size && (!row || selected.value.has(row.id))) return selectedRows.value.map(targetOf)
    return row ? [targetOf(row)] : []
  }
  const focusedRow = () => list.model.get(focusedId.value) ?? list.model.get(currentId())
  /** What keys act on: the selection, or that row. */
  const keyTargets = () => targetsFor(selected.value.size ? undefined : focusedRow())

  const quick = computed(() =>
    actions
      .filter((a) => (a.id === 'logs' || a.id === 'shell') && (mixed() || a.applies(kind())))
      .map((a) => ({
        id: a.id,
        label: t(`action.${a.label}`),
        icon: a.icon,
        ...(mixed() ? { applies: (row: Row) => a.applies(kindOf(row)) } : {}),
      })),
  )
  const kindsNow = computed(() => (mixed() ? kindsOf(keyTargets()) : [kind()]))
  function act(id: string, row?: Row): void {
    const on = row ? [targetOf(row)] : keyTargets()
    const action = actionsFor(kindsOf(on), on.length).find((a) => a.id === id)
    if (!action) return
    const why = refusal(action, on)
    if (why) useToasts().add({ tone: 'info', text: () => titled(titleOf(action), refusal(action, on) ?? why) })
    else void action.run(on)
  }

  const menu = shallowRef<RowMenu | null>(null)
  function openMenu(row: Row, at: { x: number; y: number }, column?: PlacedColumn): void {
    const on = targetsFor(row)
    const own = on.length > 1 ? selectedRows.value : [row]
    const cell =
      column && column.column.id !== 'name' ? own.map((r) => plainText(cellOf(r, column.column, column.index), column.column)) : []
    menu.value = {
      row,
      at,
      targets: on,
      copies: [
        ...(cell.some(Boolean) ? [{ label: t('list.copyCell', { column: columnTitle(column!.column) }), text: cell.join('\n') }] : []),
        { label: t('list.copyRow'), text: own.map((r) => rowTexts(r, columns()).join('\t')).join('\n') },
      ],
    }
  }
  return { focusedId, selected, selectedPlaces, focusedRow, targetsFor, quick, kindsNow, act, menu, openMenu }
}
