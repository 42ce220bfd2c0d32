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

/**
 * What goes first where there is too little room, and from the right among columns of one step: what says least, other text, numbers and
 * amounts, what says more than those, what bricks show, times of the past, then the namespace, without which two objects of one
 * name are not told apart, and at last how long something took and when it comes.
 */
const steps = ['brief', 'text', 'amount', 'long', 'bricks', 'past', 'namespace', 'time'] as const
type Step = (typeof steps)[number]
/** The steps in which a column goes before one that says more is cut. */
const easy: readonly Step[] = ['brief', 'text', 'amount']

/** The step in which a column goes; nothing of one that stays, as name and age do in every list. */
function stepOf({ id, type, stays, align }: ColumnInfo): Step | undefined {
  if (id === 'name' || id === 'age' || stays === 'always') return undefined
  if (id === 'namespace') return 'namespace'
  if (stays) return stays
  if (type === 'text' || type === 'labels') return align === 'right' ? 'amount' : 'text'
  return ({ number: 'amount', bricks: 'bricks', age: 'past', duration: 'time', until: 'time' } as const)[type as string]
}

/** Whether a column takes what others leave. */
const grows = (c: ColumnInfo): boolean => c.id === 'name' || (c.align !== 'right' && (c.type === 'text' || c.type === 'labels'))

/** How narrow a name or a state may become where nothing is left to give way, px. */
const TIGHTEST = 104
/** The share of its room to which it is cut before the age goes for it. */
const FAIR_CUT = 0.8

/**
 * Fits columns into `available` px. Each wants what its widest cell takes, or its usual width where nothing was measured. Text may be cut
 * down to a share of its usual width, text that says most only after others have gone; then columns give way; name, states and ages
 * stay. What is left goes first to states that are
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
    if (c.whole) return w
    // What never goes is cut before the list scrolls sideways.
    return c.type === 'text' ? Math.min(w, Math.max(84, Math.round(usual(c) * (c.stays === 'always' ? 0.5 : 0.7)))) : w
  }
  /** Where there is little room, as beside details, names that can be told apart come before what else there is to say. */
  const nameable = (c: ColumnInfo): number =>
    c.id === 'name' ? Math.max(least(c), Math.min(content.name ?? 0, available * 0.36, 320)) : least(c)
  /** What a column has before others go for it: names can be told apart, and what says most is read as far as usual. */
  const fair = (c: ColumnInfo): number => {
    if (c.id === 'name') return nameable(c)
    return c.stays === 'long' || c.stays === 'always' ? Math.max(least(c), Math.min(content[c.id] ?? 0, usual(c))) : least(c)
  }
  let shown = [...columns]
  const need = (of = least) => CHECK + shown.reduce((n, c) => n + of(c.column), 0)
  for (const step of steps) {
    while (need(easy.includes(step) ? fair : step === 'long' ? nameable : least) > available) {
      const last = shown.filter(({ column: c }) => stepOf(c) === step && !sized[c.id] && !c.custom && !c.wide).at(-1)
      if (!last) break
      shown = shown.filter((c) => c !== last)
    }
  }
  // What stays is cut further before the list scrolls sideways: the name first, whose middle goes, then states. The age, which
  // details tell as well, goes before names are beyond recognition.
  const cuttable = (id: 'name' | 'status'): ColumnInfo[] =>
    shown.map((x) => x.column).filter((c) => !sized[c.id] && (id === 'name' ? c.id === id : c.type === id && c.id !== 'name'))
  const cut = [...cuttable('name'), ...cuttable('status')]
  const saved = (share: number) => cut.reduce((n, c) => n + Math.max(0, least(c) - Math.max(TIGHTEST, least(c) * share)), 0)
  const age = shown.find(({ column: c }) => c.id === 'age' && !sized[c.id])
  if (age && need() - saved(FAIR_CUT) > available && need() - least(age.column) - saved(0) <= available)
    shown = shown.filter((c) => c !== age)
  const widths = new Map(shown.map(({ column: c }) => [c.id, least(c)]))
  let over = need() - available
  for (const share of [FAIR_CUT, 0])
    for (const c of cut) {
      const less = Math.max(0, Math.min(over, widths.get(c.id)! - Math.max(TIGHTEST, least(c) * share)))
      widths.set(c.id, widths.get(c.id)! - less)
      over -= less
    }
  const minWidth = CHECK + [...widths.values()].reduce((n, w) => n + w, 0)
  let left = available - minWidth
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
  give((c) => c.id === 'name', nameable)
  give(() => true)
  // States change, and are read the moment they do: where there is room, that of the longest usual one is kept.
  give((c) => c.type === 'status' && !sized[c.id], usual)
  const tracks = shown.map(({ column: c }) => {
    const width = Math.floor(widths.get(c.id)!)
    return grows(c) && !sized[c.id] ? `minmax(${width}px, ${width}fr)` : `${width}px`
  })
  return { shown, template: [`${CHECK}px`, ...tracks].join(' '), minWidth }
}
