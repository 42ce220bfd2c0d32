/** The order of version numbers inside names, as `sort -V` and `ls -v` have it (GNU's filevercmp). */

/** What an ending such as `.tar.gz` looks like: it counts last. */
const ENDING = /(?:\.[A-Za-z~][A-Za-z0-9~]*)*$/

/** Where a character stands among those that are no digits: a tilde is before the end of the text, letters before other signs. */
function rank(text: string, at: number): number {
  const ch = text[at]
  if (ch === undefined) return -1
  if (ch >= '0' && ch <= '9') return 0
  if (/[A-Za-z]/.test(ch)) return ch.charCodeAt(0)
  return ch === '~' ? -2 : ch.charCodeAt(0) + 256
}

const isDigit = (ch: string | undefined): boolean => ch !== undefined && ch >= '0' && ch <= '9'

/** Signs by rank, runs of digits as numbers, in turns. */
function compareRuns(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    for (; (i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j])); i++, j++) {
      const difference = rank(a, i) - rank(b, j)
      if (difference !== 0) return difference
    }
    const [left, right] = [/^\d*/.exec(a.slice(i))![0], /^\d*/.exec(b.slice(j))![0]]
    const [x, y] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
    if (x.length !== y.length) return x.length - y.length
    if (x !== y) return x < y ? -1 : 1
    i += left.length
    j += right.length
  }
  return 0
}

/** Below 0 when `a` comes before `b`, 0 when they are versions alike. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0
  // Nothing, then `.`, `..` and the other hidden ones.
  const place = (name: string): number => (name === '' ? 0 : name === '.' ? 1 : name === '..' ? 2 : name.startsWith('.') ? 3 : 4)
  if (place(a) !== place(b)) return place(a) - place(b)
  return compareRuns(a.replace(ENDING, ''), b.replace(ENDING, '')) || compareRuns(a, b)
}
