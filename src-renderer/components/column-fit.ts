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

/** What is known of the columns before they are fitted; all by column, px. */
export interface ColumnWidths {
  /** What a person has given them. */
  sized?: Readonly<Record<string, number>>
  /** What the widest of their cells takes; see {@link widestCells}. Left out where it was not measured. */
  content?: Readonly<Record<string, number>>
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

const hasBricks = (all: readonly PlacedColumn[]): boolean => all.some((x) => x.column.type === 'bricks')

/**
 * What goes first where there is too little room: numbers of what bricks show one by one, text from the right, numbers, text that says more
 * than they do, what bricks say as well, times of the past but age, at last the namespace, without which two objects of one name are not told apart.
 */
const surplus: ((c: ColumnInfo, all: readonly PlacedColumn[]) => boolean)[] = [
  (c, all) => ['upToDate', 'available', 'current'].includes(c.id) && hasBricks(all),
  (c) =>
    (c.type === 'text' || c.type === 'labels') &&
    !c.telling &&
    !['name', 'namespace', 'ready', 'reason', 'object', 'message', 'schedule'].includes(c.id),
  (c) => c.type === 'number' && c.id !== 'restarts',
  (c) => c.id === 'restarts',
  (c) => c.telling ?? false,
  (c, all) => c.id === 'ready' && c.type === 'text' && hasBricks(all),
  (c) => c.type === 'bricks',
  (c) => c.type === 'age' && c.id !== 'age' && c.id !== 'lastSeen',
  (c) => c.id === 'namespace',
]

/** Whether a column takes what others leave. */
const grows = (c: ColumnInfo): boolean => c.id === 'name' || (c.align !== 'right' && (c.type === 'text' || c.type === 'labels'))

/**
 * Fits columns into `available` px. Each wants what its widest cell takes, or its usual width where nothing was measured. Text may be cut
 * down to a share of its usual width; then columns give way; name, states and ages stay. What is left goes first to states that are
 * cut, then to other text that is cut, then to all text. A column that a person has sized keeps its size and its place;
 * one that a person made or asked for keeps its place.
 */
export function fitColumns(
  columns: readonly PlacedColumn[],
  available: number,
  heading: (c: ColumnInfo) => string,
  { sized = {}, content = {} }: ColumnWidths = {},
): FittedColumns {
  const usual = (c: ColumnInfo) => Math.max(c.width ?? usualWidths[c.id] ?? typeWidths[c.type], heading(c).length * 7 + 24)
  const wanted = (c: ColumnInfo): number => {
    const measured = content[c.id]
    if (sized[c.id] || measured === undefined) return sized[c.id] ?? usual(c)
    // One name of 253 letters does not take the room of all other columns.
    if (c.id === 'name') return Math.min(measured, Math.max(260, available * 0.45))
    return Math.min(measured, Math.max(usual(c), available * 0.3))
  }
  const least = (c: ColumnInfo): number => {
    const w = wanted(c)
    if (sized[c.id]) return w
    // The names that controllers make are long, and whole ones are worth a column of what details tell as well.
    if (c.id === 'name') return Math.min(w, available < 720 ? 160 : Math.max(220, Math.min(320, available * 0.28)))
    if (c.id === 'namespace') return Math.min(w, 100)
    if (c.type === 'status') return Math.min(w, usual(c))
    // Half an address says nothing.
    if (/^ip$|IP$/.test(c.id)) return w
    return c.type === 'text' ? Math.min(w, Math.max(84, Math.round(usual(c) * 0.7))) : w
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
  const widths = new Map(shown.map(({ column: c }) => [c.id, least(c)]))
  let left = available - need()
  /** Gives what is left to columns that have less than they want: those that lack least first, so that as few as possible are cut. */
  const give = (to: (c: ColumnInfo) => boolean, upTo = wanted): void => {
    const lack = (c: ColumnInfo): number => upTo(c) - widths.get(c.id)!
    const short = shown.map((c) => c.column).filter((c) => to(c) && lack(c) > 0)
    for (const c of short.sort((x, y) => lack(x) - lack(y))) {
      const more = Math.max(0, Math.min(lack(c), left))
      widths.set(c.id, widths.get(c.id)! + more)
      left -= more
    }
  }
  give((c) => c.type === 'status')
  give(() => true)
  // States change, and are read the moment they do: where there is room, that of the longest usual one is kept.
  give((c) => c.type === 'status' && !sized[c.id], usual)
  const tracks = shown.map(({ column: c }) => {
    const width = Math.floor(widths.get(c.id)!)
    return grows(c) && !sized[c.id] ? `minmax(${width}px, ${width}fr)` : `${width}px`
  })
  return { shown, template: [`${CHECK}px`, ...tracks].join(' '), minWidth: need() }
}
