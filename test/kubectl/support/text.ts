/** What clients print, made equal from run to run. */

/** Lines of columns as lists of words. */
export function table(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/\s{2,}/))
}

/**
 * The text with columns two spaces apart and without what differs between runs: ages and times, UIDs, addresses of
 * Services and node ports, the random ends of names.
 */
export function steady(text: string): string {
  return narrowed(withoutIdentity(text).replace(/(?<=\s)(?<!:\s*)(\d+[dhms])+(?=\s|$)/gm, 'AGE'))
}

/** The text without times, UIDs, addresses and the random ends of names. Ages stay. */
export function withoutIdentity(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)/g, 'TIME')
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME')
    .replace(/10\.96\.\d+\.\d+/g, 'CLUSTER-ADDRESS')
    .replace(/10\.244\.\d+\.\d+/g, 'POD-ADDRESS')
    .replace(/\b3[0-2]\d{3}\b(?=\/TCP)/g, 'NODE-PORT')
    .replace(/-[bcdf-hj-np-tv-z2456789]{5}\b(?=\s|$)/gm, '-xxxxx')
}

/** Columns two spaces apart, whatever their widths. */
export function narrowed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd().replace(/(?<=\S) {2,}/g, '  '))
    .join('\n')
}

/**
 * The text with the cells of the columns Age, AGE and Duration replaced: in them only, and only where a cell starts
 * under its heading, so that quantities such as `100m` stay and a shifted column is seen.
 */
export function withoutAges(text: string): string {
  let columns: number[] = []
  return text
    .split('\n')
    .map((line) => {
      const headings = [...line.matchAll(/(?<= {2})(Age|AGE|DURATION)(?= {2,}\S|\s*$)/g)].map((m) => m.index)
      if (headings.length > 0 || line.trim() === '') {
        columns = headings
        return line
      }
      // From the right, since the text after a cell moves.
      return columns.reduceRight(
        (l, at) => l.slice(0, at) + l.slice(at).replace(/^[\dydhms]+( \(x\d+ over [\dhms]+\))?(?=\s|$)/, 'AGE'),
        line,
      )
    })
    .join('\n')
}
