/** How many letters at the end of a name stay: those in which the names of a kind differ. */
const TAIL = 9

/**
 * A long name cut in the middle so that it is at most `width` px wide: as much of its beginning as there is room for, `…`, and its end.
 * The whole name where it fits or nothing can be measured.
 */
export function cutMiddle(text: string, width: number, measure: (text: string) => number): string {
  if (width <= 0 || measure(text) <= width) return text
  const tail = text.slice(-TAIL)
  let fits = 1
  let over = text.length - TAIL
  while (over - fits > 1) {
    const half = (fits + over) >> 1
    if (measure(`${text.slice(0, half)}…${tail}`) <= width) fits = half
    else over = half
  }
  return over > 1 ? `${text.slice(0, fits)}…${tail}` : text
}

let context: CanvasRenderingContext2D | null | undefined
const measured = new Map<string, number>()

/** Width of a text in px, in a font and with a letter spacing as CSS writes them; 0 where there is no canvas. */
export function textWidth(text: string, font: string, letterSpacing: string): number {
  context ??= document.createElement('canvas').getContext('2d')
  if (!context) return 0
  const key = `${font}\n${letterSpacing}\n${text}`
  let width = measured.get(key)
  if (width === undefined) {
    if (context.font !== font) context.font = font
    context.letterSpacing = letterSpacing
    width = context.measureText(text).width
    // A list that scrolls for long sees many names, each with a handful of cuts.
    if (measured.size > 20_000) measured.clear()
    measured.set(key, width)
  }
  return width
}
