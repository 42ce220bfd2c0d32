import type { Row } from '../../src-main/backend/rpc/contract.js'
import { pressOf, type KeyPress } from '../app/key-combos.js'
import { useKeys } from '../stores/keys.js'
import { copyText } from './clipboard.js'

/** A list whose rows are picked. */
export interface PickedList {
  rows: () => readonly Row[]
  selected: () => ReadonlySet<string>
  focusedId: () => string
  /** The row whose object is open. */
  currentId: () => string
  /** The number of the row that keys go on from; -1 before the first. */
  at: () => number
  /** How many rows a page key goes. */
  page: () => number
  /** The row that the keyboard is on changes, and should be in sight. */
  focus: (index: number) => void
  select: (ids: Set<string>) => void
  open: (row: Row) => void
}

/** How the rows of a list are opened, selected one by one or as a range, and walked through, by mouse and by keys. */
export function useRowPicking(list: PickedList): {
  /** A row was clicked; `check`: its check box was. */
  pick: (row: Row, by: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }, check: boolean) => void
  /** A key was pressed in the list; false: it means nothing here. */
  key: (e: KeyboardEvent) => boolean
} {
  const keys = useKeys()
  /** Where a range of rows began. */
  let anchorId = ''

  function range(from: string, to: string): Set<string> {
    const rows = list.rows()
    const a = rows.findIndex((r) => r.id === from)
    const b = rows.findIndex((r) => r.id === to)
    if (a < 0 || b < 0) return new Set([to])
    return new Set(rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((r) => r.id))
  }

  function toggle(id: string): void {
    const next = new Set(list.selected())
    if (!next.delete(id)) next.add(id)
    anchorId = id
    list.select(next)
  }

  function moveTo(index: number, extend: boolean): void {
    const i = Math.min(Math.max(index, 0), list.rows().length - 1)
    const row = list.rows()[i]
    if (!row) return
    if (extend) {
      anchorId ||= list.focusedId() || row.id
      list.select(range(anchorId, row.id))
    } else anchorId = row.id
    list.focus(i)
  }

  /** Where a key leads, as the number of a row, and whether it takes the rows on the way into the selection. */
  function targetOf(e: KeyboardEvent): { to: number; extend: boolean } | undefined {
    const at = list.at()
    const last = list.rows().length - 1
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: Math.max(0, at - 1),
      PageDown: at + list.page(),
      PageUp: at - list.page(),
      Home: 0,
      End: last,
    }
    if (e.key in moves) return { to: moves[e.key]!, extend: e.shiftKey }
    const letters: Record<string, number> = {
      'list.down': at + 1,
      'list.up': Math.max(0, at - 1),
      'list.first': 0,
      'list.last': last,
    }
    const moved = (by: typeof e | KeyPress) => keys.commandsFor(by).find((c) => c.id in letters)?.id
    const own = moved(e)
    if (own) return { to: letters[own]!, extend: e.shiftKey && own !== 'list.first' && own !== 'list.last' }
    // With Shift the letters that move one row extend the selection, as the arrows do.
    if (!e.shiftKey || !/^[A-Z]$/.test(e.key)) return undefined
    const plain = moved({ ...pressOf(e), key: e.key.toLowerCase(), shiftKey: false })
    return plain === 'list.down' || plain === 'list.up' ? { to: letters[plain]!, extend: true } : undefined
  }

  return {
    pick(row, by, check) {
      const from = anchorId || list.focusedId()
      if (by.shiftKey && from) return list.select(range(from, row.id))
      const current = list.currentId()
      // What was clicked before is the first of those that are picked one by one, as in a file manager.
      if (!check && (by.ctrlKey || by.metaKey) && !list.selected().size && current && current !== row.id) {
        anchorId = row.id
        return list.select(new Set([current, row.id]))
      }
      if (check || by.ctrlKey || by.metaKey) return toggle(row.id)
      anchorId = row.id
      list.open(row)
    },
    key(e) {
      const rows = list.rows()
      const selected = list.selected()
      const row = rows.find((r) => r.id === list.focusedId())
      const ctrl = e.ctrlKey || e.metaKey
      const target = targetOf(e)
      if (target) moveTo(target.to, target.extend)
      else if (e.key === 'Enter' && row) list.open(row)
      else if (e.key === ' ' && row) toggle(row.id)
      else if (ctrl && e.key.toLowerCase() === 'c' && !e.shiftKey && !String(document.getSelection() ?? '') && (row || selected.size > 0))
        void copyText((selected.size > 0 ? rows.filter((r) => selected.has(r.id)) : [row!]).map((r) => r.name).join('\n'))
      else if (ctrl && e.key.toLowerCase() === 'a') list.select(new Set(rows.map((r) => r.id)))
      else return false
      return true
    },
  }
}
