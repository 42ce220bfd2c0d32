/** What sed's `s` puts in the place of a match. */

/** The parts of a replacement with the groups of a match in them; `{ case }` is GNU's \U, \L, \E, \u and \l. */
export function buildReplacement(parts: (string | number | { case: string })[], groups: readonly (string | undefined)[]): string {
  let out = ''
  let mode = ''
  let once = ''
  for (const p of parts) {
    if (typeof p === 'object') {
      if (p.case === 'u' || p.case === 'l') once = p.case
      else mode = p.case === 'E' ? '' : p.case
      continue
    }
    let text = typeof p === 'number' ? (groups[p] ?? '') : p
    if (mode === 'U') text = text.toUpperCase()
    if (mode === 'L') text = text.toLowerCase()
    if (once && text !== '') {
      text = (once === 'u' ? text[0]!.toUpperCase() : text[0]!.toLowerCase()) + text.slice(1)
      once = ''
    }
    out += text
  }
  return out
}
