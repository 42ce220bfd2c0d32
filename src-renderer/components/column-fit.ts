import type { ColumnInfo } from '../../src-main/backend/rpc/contract.js'
import type { PlacedColumn } from './table-row.js'

/** The columns that fit, and their widths as CSS. */
export interface FittedColumns {
  shown: PlacedColumn[]
  /** For `grid-template-columns`; the first track is the check box. */
  template: string
  /** The width below which the list scrolls sideways, px. */
  minWidth: number
}

/** Width of the check box before the columns, px. */
const CHECK = 32

/** Usual widths by column, where the backend (or the server's Table) gives none, px. */
const usualWidths: Record<string, number> = { name: 260, message: 480, object: 220, lastSeen: 84, type: 84 }
const typeWidths: Record<ColumnInfo['type'], number> = {
  age: 72,
  until: 84,
  duration: 84,
  number: 90,
  bricks: 96,
  status: 140,
  text: 140,
  labels: 200,
}

/** What goes first where there is too little room: text from the right, numbers, what bricks say as well, at last the namespace. */
const surplus: ((c: ColumnInfo, all: readonly PlacedColumn[]) => boolean)[] = [
  (c) => (c.type === 'text' || c.type === 'labels') && !['name', 'namespace', 'ready', 'reason', 'message'].includes(c.id),
  (c) => c.type === 'number' && c.id !== 'restarts',
  (c) => c.id === 'restarts',
  (c, all) => c.id === 'ready' && all.some((x) => x.column.type === 'bricks'),
  (c) => c.type === 'bricks' || c.id === 'namespace',
]

/**
 * Fits columns into `available` px. Text may be cut down to a share of its usual width; then columns give way; name, states and ages
 * stay. A column that a person has sized keeps its size and its place; one that a person made or asked for keeps its place.
 */
export function fitColumns(
  columns: readonly PlacedColumn[],
  available: number,
  sized: Readonly<Record<string, number>>,
  heading: (c: ColumnInfo) => string,
): FittedColumns {
  const usual = (c: ColumnInfo) => sized[c.id] ?? Math.max(c.width ?? usualWidths[c.id] ?? typeWidths[c.type], heading(c).length * 7 + 24)
  const least = (c: ColumnInfo): number => {
    const w = usual(c)
    if (sized[c.id]) return w
    if (c.id === 'name') return Math.min(w, available < 720 ? 160 : 220)
    if (c.id === 'namespace') return Math.min(w, 100)
    // Half an address says nothing.
    if (/^ip$|IP$/.test(c.id)) return w
    return c.type === 'text' && w > 84 ? Math.max(84, Math.round(w * 0.7)) : w
  }
  let shown = [...columns]
  const need = () => CHECK + shown.reduce((n, c) => n + least(c.column), 0)
  for (const goes of surplus) {
    while (need() > available) {
      const last = shown.filter(({ column: c }) => goes(c, columns) && !sized[c.id] && !c.custom && !c.wide).at(-1)
      if (!last) break
      shown = shown.filter((c) => c !== last)
    }
  }
  const tracks = shown.map(({ column: c }) => {
    const min = least(c)
    if (sized[c.id]) return `${min}px`
    const grows = c.id === 'name' || c.type === 'text' || c.type === 'labels'
    return `minmax(${min}px, ${grows ? `${Math.round(usual(c))}fr` : `${Math.max(min, usual(c))}px`})`
  })
  return { shown, template: [`${CHECK}px`, ...tracks].join(' '), minWidth: need() }
}
