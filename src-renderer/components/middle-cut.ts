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

/** How many times a letter is written to measure it: widths are no whole numbers. */
const TIMES = 16

/**
 * Measures text as `parent` writes it, in px. Each letter is measured once, in the document: a canvas knows nothing of tabular figures
 * and of other forms of letters. Everything is 0 wide where there is no layout.
 */
export function letterMeasure(parent: HTMLElement): (text: string) => number {
  const widths = new Map<string, number>()
  const probe = document.createElement('span')
  probe.setAttribute('aria-hidden', 'true')
  probe.style.cssText = 'position:absolute;visibility:hidden;white-space:pre;pointer-events:none;font-weight:500'
  const widthOf = (letter: string): number => {
    parent.append(probe)
    probe.textContent = letter.repeat(TIMES)
    const width = probe.getBoundingClientRect().width / TIMES
    probe.remove()
    // While the list is hidden nothing has a width.
    if (width > 0) widths.set(letter, width)
    return width
  }
  return (text) => {
    let sum = 0
    for (const letter of text) sum += widths.get(letter) ?? widthOf(letter)
    return sum
  }
}
