/** Answers as text: tables, and long texts in parts. */

/** The most characters of one answer: what assistants take without cutting it themselves. */
export const MOST = 40_000

/** A part of a text that is too long for one answer, with a line that says how to get the next. */
export function part(text: string, offset = 0): string {
  if (offset === 0 && text.length <= MOST) return text
  if (offset >= text.length && offset > 0) return `There is no more: the whole has ${text.length} characters.`
  let end = Math.min(text.length, offset + MOST)
  // Whole lines, unless one alone is too long.
  if (end < text.length)
    end = Math.max(text.lastIndexOf('\n', end - 1) + 1, offset + 1) > offset + MOST / 2 ? text.lastIndexOf('\n', end - 1) + 1 : end
  const shown = text.slice(offset, end)
  return end < text.length ? `${shown}\n[Characters ${offset} to ${end} of ${text.length}. Call again with offset ${end} for more.]` : shown
}

/** Rows under headings, as kubectl prints them. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((c) => String(c ?? '').replace(/\s*\n\s*/g, ' ')))
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  return cells
    .map((row) =>
      row
        .map((c, i) => c.padEnd(widths[i]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}
