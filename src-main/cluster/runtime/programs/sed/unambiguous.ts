/** How sed's `l` writes a text: control characters escaped, long lines folded. */

const ESCAPES: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\r': '\\r', '\v': '\\v' }

function escaped(ch: string): string {
  return ESCAPES[ch] ?? `\\${ch.charCodeAt(0).toString(8).padStart(3, '0')}`
}

/** Breaks what `l` prints into lines of `width`, each but the last with a backslash at its end; 0 and 1 break none. */
function folded(text: string, width: number): string {
  if (width <= 1) return text
  const lines: string[] = []
  let line = ''
  for (const [unit] of text.matchAll(/\\(?:\d{3}|.)|[^]/g)) {
    if (line.length + unit.length > width - 1) {
      lines.push(`${line}\\\n`)
      line = ''
    }
    line += unit
  }
  return lines.join('') + line
}

/** @param width of a line with the backslash at its end */
export function unambiguous(text: string, width: number): string {
  const shown = text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n')
  // oxlint-disable-next-line no-control-regex
  return folded(shown.replace(/[\0-\x1f\x7f-\xff]/g, escaped), width)
}
