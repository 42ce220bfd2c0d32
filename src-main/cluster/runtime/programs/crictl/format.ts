/** How crictl lays out what it tells (https://github.com/kubernetes-sigs/cri-tools/blob/master/docs/crictl.md). */

/** Characters that a column has at least, and those between two. */
const NARROWEST = 20
const GAP = 3
/** Characters of an id that are shown. */
const SHOWN = 13

/** Rows in columns; what stands last in a row is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(NARROWEST, ...rows.map((row) => row[i]!.length + GAP)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('') + '\n').join('')
}

/** The beginning of an id; a digest without its algorithm. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, SHOWN)
}

/** `About a minute ago`, `3 hours ago`. @param ms how long ago */
export function ago(ms: number): string {
  return `${duration(Math.floor(ms / 1000))} ago`
}

function duration(seconds: number): string {
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(seconds / 3600)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(hours / 24 / 365)} years`
}

/** Three digits and a decimal unit: `1.15MB`, `742kB`. */
export function size(bytes: number): string {
  let n = bytes
  let unit = 0
  while (n >= 1000 && unit < 5) {
    n /= 1000
    unit++
  }
  return `${Number(n.toPrecision(3))}${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][unit]}`
}
