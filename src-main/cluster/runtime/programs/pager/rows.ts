/** Texts as rows of a screen, and the help of less. */
import { columnsOf } from '../../screen-columns.js'

export const HELP = `q :q Q ZZ   leave               h H         this help
e j CR DOWN forward one line     y k UP      backward one line
f SPACE ^F  forward a screen     b ^B        backward a screen
d ^D        forward half a one   u ^U        backward half a one
g <         to the first line    G >         to the last line
p %         to N percent         F           wait for more
/PATTERN    search forward       ?PATTERN    search backward
n N         the next, in the same direction, in the other
&PATTERN    only lines that match
mX 'X       mark, and go back to the mark
:n :p :x :d next file, the one before, the first, remove it
:e FILE     look at another file = ^G        where this is
-X          change an option: -N -S -i       RIGHT LEFT  sideways
!COMMAND    run a command        v           edit the file
`

/** What is said of an option when it is changed: to on, and to off. */
export const OPTION_WORDS: Readonly<Record<string, readonly [on: string, off: string]>> = {
  N: ['Constantly display line numbers', "Don't use line numbers"], S: ['Chop long lines', 'Fold long lines'],
  i: ['Ignore case in searches', 'Case is significant in searches'], I: ['Ignore case in searches and in patterns', 'Case is significant in searches'],
  R: ['Display ANSI sequences directly', 'Display control characters as ^X'], M: ['Long prompt', 'Short prompt'], m: ['Medium prompt', 'Short prompt'],
  s: ['Squeeze multiple blank lines', 'Display all blank lines'], G: ["Don't highlight search matches", 'Highlight matches for previous search'],
  '~': ["Don't show tildes after end of file", 'Show tildes after end of file'],
} // prettier-ignore

/** The lines of a text. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Tabs as blanks; control characters as `^X`, unless they are let through. */
export function visible(text: string, raw: boolean): string {
  let out = ''
  for (const ch of text) {
    if (ch === '\t') out += ' '.repeat(8 - (columnsOf(out) % 8))
    else if ((ch < ' ' || ch === '\x7f') && !(raw && ch === '\x1b'))
      out += ch === '\x1b' ? 'ESC' : `^${String.fromCharCode(ch.charCodeAt(0) ^ 64)}`
    else out += ch
  }
  return out
}

// oxlint-disable-next-line no-control-regex
const COLOUR = /\x1b\[[0-9;]*m/y

/** The parts of a text that fit in a row each; what colours it takes no room. */
export function broken(text: string, width: number): string[] {
  const parts: string[] = []
  let [part, at] = ['', 0]
  for (let i = 0; i < text.length;) {
    COLOUR.lastIndex = i
    const colour = COLOUR.exec(text)?.[0]
    const ch = colour ?? String.fromCodePoint(text.codePointAt(i)!)
    const wide = colour === undefined ? columnsOf(ch) : 0
    if (at + wide > width) {
      parts.push(part)
      part = ''
      at = 0
    }
    part += ch
    at += wide
    i += ch.length
  }
  return [...parts, part]
}

/** What of a text is on a screen that begins at a column. */
export function cut(text: string, left: number, width: number): string {
  return broken(text, width + left)[0]!.slice(left)
}
