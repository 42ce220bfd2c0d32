/** A run of characters of one look. Colours are the 16 of a terminal by number (0 to 15), or a CSS colour. */
export interface Span {
  text: string
  colour?: number | string
  background?: number | string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
}

// Escape sequences are control characters by nature.
// oxlint-disable-next-line no-control-regex
const escapes = /\u001b(?:\[([0-9;:]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** A line without escape sequences. */
export function stripAnsi(line: string): string {
  return line.includes('\u001b') ? line.replace(escapes, '') : line
}

/** Splits a line into runs by its SGR sequences (colours, bold, dim, italic, underline); other sequences are left out. */
export function parseAnsi(line: string): Span[] {
  if (!line.includes('\u001b')) return [{ text: line }]
  const spans: Span[] = []
  let style: Omit<Span, 'text'> = {}
  let at = 0
  for (const m of line.matchAll(escapes)) {
    if (m.index > at) spans.push({ text: line.slice(at, m.index), ...style })
    at = m.index + m[0].length
    if (m[2] === 'm') style = applySgr(style, m[1] ?? '')
  }
  if (at < line.length) spans.push({ text: line.slice(at), ...style })
  return spans
}

function applySgr(before: Omit<Span, 'text'>, text: string): Omit<Span, 'text'> {
  let style = { ...before }
  const codes = text === '' ? [0] : text.split(/[;:]/).map(Number)
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i]!
    if (c === 0) style = {}
    else if (c === 1) style.bold = true
    else if (c === 2) style.dim = true
    else if (c === 3) style.italic = true
    else if (c === 4) style.underline = true
    else if (c === 22) {
      delete style.bold
      delete style.dim
    } else if (c === 23) delete style.italic
    else if (c === 24) delete style.underline
    else if (c >= 30 && c <= 37) style.colour = c - 30
    else if (c >= 90 && c <= 97) style.colour = c - 82
    else if (c === 39) delete style.colour
    else if (c >= 40 && c <= 47) style.background = c - 40
    else if (c >= 100 && c <= 107) style.background = c - 92
    else if (c === 49) delete style.background
    else if (c === 38 || c === 48) {
      const [colour, used] = extended(codes.slice(i + 1))
      i += used
      if (colour !== undefined) style[c === 38 ? 'colour' : 'background'] = colour
    }
  }
  return style
}

/** `5;n` or `2;r;g;b` after 38 or 48, and how many codes it took. */
function extended(codes: number[]): [number | string | undefined, number] {
  if (codes[0] === 2) return [`rgb(${codes[1] ?? 0} ${codes[2] ?? 0} ${codes[3] ?? 0})`, 4]
  if (codes[0] !== 5) return [undefined, 0]
  const n = codes[1] ?? 0
  if (n < 16) return [n, 2]
  if (n >= 232) {
    const v = 8 + (n - 232) * 10
    return [`rgb(${v} ${v} ${v})`, 2]
  }
  const level = (x: number) => (x === 0 ? 0 : 55 + x * 40)
  const c = n - 16
  return [`rgb(${level(Math.floor(c / 36))} ${level(Math.floor(c / 6) % 6)} ${level(c % 6)})`, 2]
}
