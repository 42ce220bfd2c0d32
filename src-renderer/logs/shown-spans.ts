import { parseAnsi, stripAnsi, type Span } from './ansi.js'

/** A run of a line as it is shown: of one look, and either part of what was searched for or not. */
export interface ShownSpan extends Span {
  match?: boolean
}

/** So much of a line is shown, characters: some are megabytes. */
const MOST = 20_000

/**
 * The runs of a line, cut where matches begin and end.
 * @param ranges gives where a line without its escapes matches, in order; null: nothing is searched for
 */
export function spansOf(line: string, ranges: ((plain: string) => [number, number][]) | null): ShownSpan[] {
  const text = line.length > MOST ? `${line.slice(0, MOST)}…` : line
  const spans = parseAnsi(text)
  const found = ranges?.(stripAnsi(text)) ?? []
  if (found.length === 0) return spans
  const out: ShownSpan[] = []
  let at = 0
  let r = 0
  for (const s of spans) {
    let i = 0
    while (i < s.text.length) {
      while (r < found.length && found[r]![1] <= at + i) r++
      const range = found[r]
      const inside = range !== undefined && at + i >= range[0]
      const stop = range === undefined ? s.text.length : Math.min(s.text.length, (inside ? range[1] : range[0]) - at)
      out.push({ ...s, text: s.text.slice(i, stop), ...(inside ? { match: true } : {}) })
      i = stop
    }
    at += s.text.length
  }
  return out
}

/** The look of a run as CSS; undefined for plain text. */
export function styleOf(s: Span): Record<string, string> | undefined {
  const out: Record<string, string> = {}
  const name = (c: number | string) => (typeof c === 'number' ? `var(--ansi-${c})` : c)
  if (s.colour !== undefined) out.color = name(s.colour)
  if (s.background !== undefined) out.backgroundColor = name(s.background)
  if (s.bold) out.fontWeight = '700'
  if (s.dim) out.opacity = '0.65'
  if (s.italic) out.fontStyle = 'italic'
  if (s.underline) out.textDecoration = 'underline'
  return Object.keys(out).length ? out : undefined
}
