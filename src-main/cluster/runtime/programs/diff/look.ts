/** What the forms of diff's output have in common: colours, tabs, the end of a file without a newline. */
import { expandTabs, type Change, type Text } from './changes.js'

/** Two texts and what they differ in. */
export interface Comparison {
  left: Text
  right: Text
  changes: readonly Change[]
}

/** How lines are printed. */
export interface Look {
  /** The escape sequences of --color and --palette: header, added, deleted, line numbers; none without colours. */
  colors: Readonly<Record<'hd' | 'ad' | 'de' | 'ln', string>> | undefined
  /** -t */
  expand: boolean
  /** -T */
  initialTab: boolean
  tabSize: number
  /** --suppress-blank-empty */
  bareBlank: boolean
}

export function colored(look: Look, color: 'hd' | 'ad' | 'de' | 'ln' | undefined, text: string): string {
  return look.colors && color ? `\x1b[${look.colors[color]}m${text}\x1b[0m` : text
}

/** One line behind its mark, with its newline. @param mark what is before the line and its blank or tab */
export function marked(look: Look, mark: string, text: Text, at: number, color?: 'ad' | 'de'): string {
  const line = look.expand ? expandTabs(text.lines[at]!, look.tabSize) : text.lines[at]!
  const lead = line === '' && look.bareBlank && /^ *$/.test(mark) ? mark.trim() : mark
  const end = text.open && at === text.lines.length - 1 ? '\n\\ No newline at end of file\n' : '\n'
  return `${colored(look, color, `${lead}${line}`)}${end}`
}

/** Lines from `from` on, each behind a mark. */
export function markedLines(look: Look, mark: string, text: Text, from: number, count: number, color?: 'ad' | 'de'): string {
  let out = ''
  for (let i = from; i < from + count; i++) out += marked(look, mark, text, i, color)
  return out
}

/** `5` or `5,7`: lines counted from 1; of none, the line before. */
export function lineRange(from: number, count: number, separator = ','): string {
  return count > 1 ? `${from + 1}${separator}${from + count}` : String(count === 0 ? from : from + 1)
}

/** What is done to lines: added, changed, deleted. */
export function letterOf(change: Change): 'a' | 'c' | 'd' {
  return change.removed === 0 ? 'a' : change.added === 0 ? 'd' : 'c'
}
