/** diff -y: both files in two columns, with a mark between lines that differ. */
import type { Text } from './changes.js'
import { colored, type Comparison, type Look } from './look.js'

/** What -y prints and how wide. */
export interface Columns {
  /** -W */
  width: number
  leftColumn: boolean
  suppressCommon: boolean
}

/** Blanks at least between the columns. */
const GUTTER = 3

export function sideBySide({ left, right, changes }: Comparison, look: Look, columns: Columns): string {
  const tab = look.expand ? 1 : look.tabSize
  const { width } = columns
  const between = (width >> 1) + ((tab + GUTTER) >> 1) + (width & (tab + GUTTER) & 1)
  const offset = between - (between % tab)
  const half = Math.max(0, Math.min(offset - GUTTER, width - offset))
  const second = half > 0 ? offset : width

  const fill = (from: number, to: number): string => {
    let out = ''
    let at = from
    if (!look.expand)
      for (let stop = at + look.tabSize - (at % look.tabSize); stop <= to; stop += look.tabSize) {
        out += '\t'
        at = stop
      }
    return out + ' '.repeat(Math.max(0, to - at))
  }

  /** A line as far as its column goes, and where it ended. */
  const cut = (line: string): [text: string, end: number] => {
    let [out, read, written] = ['', 0, 0]
    for (const c of line) {
      if (c !== '\t') {
        read++
        if (read <= half) {
          out += c
          written = read
        }
        continue
      }
      const spaces = look.tabSize - (read % look.tabSize)
      if (read === written) {
        const stop = written + spaces
        if (look.expand) {
          const to = Math.min(half, stop)
          out += ' '.repeat(Math.max(0, to - written))
          written = Math.max(to, written)
        } else if (stop < half) {
          out += c
          written = stop
        }
      }
      read += spaces
    }
    return [out, written]
  }

  const row = (i: number | undefined, mark: string, j: number | undefined): string => {
    const ends = (text: Text, at: number): boolean => !(text.open && at === text.lines.length - 1)
    const [leftEnds, rightEnds] = [i !== undefined && ends(left, i), j !== undefined && ends(right, j)]
    let [out, at] = i === undefined ? ['', 0] : cut(left.lines[i]!)
    if (mark !== ' ') {
      const column = (half + second - 1) >> 1
      const sign = mark === '|' && leftEnds !== rightEnds ? (leftEnds ? '/' : '\\') : mark
      out += `${fill(at, column)}${sign}`
      at = Math.max(at, column) + 1
    }
    if (j !== undefined && right.lines[j] !== '') out += `${fill(at, second)}${cut(right.lines[j]!)[0]}`
    return colored(look, mark === '<' ? 'de' : mark === '>' ? 'ad' : undefined, `${out}${leftEnds || rightEnds ? '\n' : ''}`)
  }

  let out = ''
  let [i, j] = [0, 0]
  const common = (toA: number, toB: number): void => {
    if (columns.suppressCommon) [i, j] = [toA, toB]
    while (i < toA && j < toB) out += columns.leftColumn ? row(i++, '(', void j++) : row(i++, ' ', j++)
    while (j < toB) out += row(undefined, ')', j++)
    while (i < toA) out += row(i++, '(', undefined)
  }
  for (const change of changes) {
    if (change.trivial) continue
    common(change.a, change.b)
    const [endA, endB] = [change.a + change.removed, change.b + change.added]
    while (i < endA && j < endB) out += row(i++, '|', j++)
    while (j < endB) out += row(undefined, '>', j++)
    while (i < endA) out += row(i++, '<', undefined)
  }
  common(left.lines.length, right.lines.length)
  return out
}
