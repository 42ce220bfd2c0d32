/** Where the motions of vi lead. */

/** A place in a text. */
export interface Spot {
  row: number
  column: number
}

/** Where a motion leads, and what an operator takes on the way: whole lines, or also the character that it ends on. */
export interface Motion extends Spot {
  linewise?: boolean
  inclusive?: boolean
}

type Kind = 'word' | 'mark' | 'blank'

/** What a character is for `w` (letters, marks, blanks), or for `W` (all but blanks is one). */
function kindOf(ch: string | undefined, big: boolean): Kind {
  if (ch === undefined || /\s/.test(ch)) return 'blank'
  return big || /\w/.test(ch) ? 'word' : 'mark'
}

export const indentOf = (line: string): number => /^\s*/.exec(line)![0].length

/** `w`: the beginning of the next word. */
export function nextWord(lines: readonly string[], { row, column }: Spot, big: boolean): Spot {
  const line = lines[row] ?? ''
  const kind = kindOf(line[column], big)
  let at = column
  while (at < line.length && kind !== 'blank' && kindOf(line[at], big) === kind) at++
  while (at < line.length && kindOf(line[at], big) === 'blank') at++
  if (at < line.length || row === lines.length - 1) return { row, column: Math.min(at, line.length) }
  return { row: row + 1, column: indentOf(lines[row + 1]!) }
}

/** `b`: the beginning of this word or the one before. */
export function previousWord(lines: readonly string[], { row, column }: Spot, big: boolean): Spot {
  let [line, at] = [lines[row] ?? '', column - 1]
  while (at >= 0 && kindOf(line[at], big) === 'blank') at--
  if (at < 0) {
    if (row === 0) return { row: 0, column: 0 }
    row--
    line = lines[row]!
    at = line.trimEnd().length - 1
    if (at < 0) return { row, column: 0 }
  }
  const kind = kindOf(line[at], big)
  while (at > 0 && kindOf(line[at - 1], big) === kind) at--
  return { row, column: at }
}

/** `e`: the end of this word or the next. */
export function wordEnd(lines: readonly string[], { row, column }: Spot, big: boolean): Spot {
  let [line, at] = [lines[row] ?? '', column + 1]
  for (;;) {
    while (at < line.length && kindOf(line[at], big) === 'blank') at++
    if (at < line.length || row === lines.length - 1) break
    line = lines[++row]!
    at = 0
  }
  const kind = kindOf(line[at], big)
  while (at + 1 < line.length && kindOf(line[at + 1], big) === kind) at++
  return { row, column: Math.max(0, Math.min(at, line.length - 1)) }
}

const PAIRS = '(){}[]'

/** `%`: the bracket that belongs to this one or to the next in the line. */
export function bracket(lines: readonly string[], { row, column }: Spot): Spot | undefined {
  const at = lines[row]!.slice(column).search(/[(){}[\]]/)
  if (at < 0) return undefined
  const own = lines[row]![column + at]!
  const index = PAIRS.indexOf(own)
  const other = PAIRS[index ^ 1]!
  const step = index % 2 === 0 ? 1 : -1
  let depth = 0
  for (let r = row, c = column + at; r >= 0 && r < lines.length;) {
    const ch = lines[r]![c]
    if (ch === own) depth++
    else if (ch === other && --depth === 0) return { row: r, column: c }
    c += step
    if (c >= 0 && c < lines[r]!.length) continue
    r += step
    c = step > 0 ? 0 : (lines[r]?.length ?? 0) - 1
  }
  return undefined
}

/** `f`, `F`, `t` and `T`: a character in the line. */
export function inLine(line: string, column: number, way: string, ch: string, times: number): number | undefined {
  const step = way === 'f' || way === 't' ? 1 : -1
  let at = column
  for (let n = 0; n < times; n++) {
    at += step
    // A repeated `t` would stay where it is.
    if (n === 0 && (way === 't' || way === 'T') && line[at] === ch && times === 1) at += 0
    while (at >= 0 && at < line.length && line[at] !== ch) at += step
    if (at < 0 || at >= line.length) return undefined
  }
  return way === 't' ? at - 1 : way === 'T' ? at + 1 : at
}

/** `}` and `{`: the blank line behind or before a paragraph. */
export function paragraph(lines: readonly string[], row: number, step: 1 | -1): number {
  let at = row
  while (at >= 0 && at < lines.length && lines[at] === '') at += step
  while (at >= 0 && at < lines.length && lines[at] !== '') at += step
  return Math.max(0, Math.min(lines.length - 1, at))
}

/** `iw`, `a"` and the like in a line: where they begin and end. */
export function textObject(line: string, column: number, around: boolean, what: string): [from: number, to: number] | undefined {
  if (what === 'w' || what === 'W') {
    const kind = kindOf(line[column], what === 'W')
    let [from, to] = [column, column]
    while (from > 0 && kindOf(line[from - 1], what === 'W') === kind) from--
    while (to < line.length && kindOf(line[to], what === 'W') === kind) to++
    if (around) while (to < line.length && /\s/.test(line[to]!)) to++
    return [from, to]
  }
  if ('"\'`'.includes(what)) {
    const before = line.lastIndexOf(what, column)
    const from = before >= 0 && line.indexOf(what, before + 1) >= column ? before : line.indexOf(what, column)
    const to = line.indexOf(what, from + 1)
    return from < 0 || to < 0 ? undefined : around ? [from, to + 1] : [from + 1, to]
  }
  const pair = ['()b', '{}B', '[]', '<>'].find((each) => each.includes(what))
  if (!pair) return undefined
  let depth = 0
  for (let from = column; from >= 0; from--) {
    if (line[from] === pair[1] && from !== column) depth++
    if (line[from] !== pair[0] || depth-- > 0) continue
    let inner = 0
    for (let to = from; to < line.length; to++) {
      if (line[to] === pair[0]) inner++
      else if (line[to] === pair[1] && --inner === 0) return around ? [from, to + 1] : [from + 1, to]
    }
  }
  return undefined
}
