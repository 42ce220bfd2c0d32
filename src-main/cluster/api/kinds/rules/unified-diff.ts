/**
 * Differences between two texts, line by line, in the unified format. Which lines count as the same ones is found as
 * Python's `difflib` finds it, and the library that kube-apiserver uses after it: so messages come out alike.
 * https://docs.python.org/3/library/difflib.html
 */

interface Match {
  a: number
  b: number
  size: number
}

/** A run of lines in both texts: `a` from `aStart`, `b` from `bStart`; the same ones when `same`. */
interface Run {
  same: boolean
  aStart: number
  aEnd: number
  bStart: number
  bEnd: number
}

/** In long texts, lines that are on more than this share of all lines are no place to begin a match at. */
const COMMON_SHARE = 100
const LONG = 200

/** The hunks of `before` against `after`, each with up to `context` unchanged lines around; '' when nothing differs. */
export function unifiedDiff(before: string, after: string, context = 3): string {
  const a = before.split('\n')
  const b = after.split('\n')
  return hunks(runs(a, b), context)
    .map((hunk) => hunkText(hunk, a, b))
    .join('')
}

function hunkText(hunk: readonly Run[], a: readonly string[], b: readonly string[]): string {
  const first = hunk[0]!
  const last = hunk.at(-1)!
  const lines = [`@@ -${range(first.aStart, last.aEnd)} +${range(first.bStart, last.bEnd)} @@`]
  for (const run of hunk) {
    if (run.same) lines.push(...a.slice(run.aStart, run.aEnd).map((line) => ` ${line}`))
    else {
      lines.push(...a.slice(run.aStart, run.aEnd).map((line) => `-${line}`))
      lines.push(...b.slice(run.bStart, run.bEnd).map((line) => `+${line}`))
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** Lines by number and count, from 1; an empty range is named by the line before it. */
function range(start: number, end: number): string {
  const length = end - start
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}

/** Puts runs together that have less than twice the context between them. */
function hunks(all: readonly Run[], context: number): Run[][] {
  const found: Run[][] = []
  let hunk: Run[] = []
  all.forEach((run, i) => {
    let { aStart, aEnd, bStart, bEnd } = run
    if (run.same && i === 0) [aStart, bStart] = [Math.max(aStart, aEnd - context), Math.max(bStart, bEnd - context)]
    if (run.same && i === all.length - 1) [aEnd, bEnd] = [Math.min(aEnd, aStart + context), Math.min(bEnd, bStart + context)]
    if (run.same && aEnd - aStart > 2 * context) {
      hunk.push({ same: true, aStart, aEnd: aStart + context, bStart, bEnd: bStart + context })
      found.push(hunk)
      hunk = []
      ;[aStart, bStart] = [aEnd - context, bEnd - context]
    }
    hunk.push({ same: run.same, aStart, aEnd, bStart, bEnd })
  })
  if (hunk.some((run) => !run.same)) found.push(hunk)
  return found
}

function runs(a: readonly string[], b: readonly string[]): Run[] {
  const found: Run[] = []
  let i = 0
  let j = 0
  for (const m of matches(a, b)) {
    if (i < m.a || j < m.b) found.push({ same: false, aStart: i, aEnd: m.a, bStart: j, bEnd: m.b })
    ;[i, j] = [m.a + m.size, m.b + m.size]
    if (m.size > 0) found.push({ same: true, aStart: m.a, aEnd: i, bStart: m.b, bEnd: j })
  }
  return found
}

/** What both texts have in common, in order, neighbours joined; the last match is an empty one at the end. */
function matches(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b)
  const found: Match[] = []
  const search = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const m = longestMatch(a, b, places, aLow, aHigh, bLow, bHigh)
    if (m.size === 0) return
    if (aLow < m.a && bLow < m.b) search(aLow, m.a, bLow, m.b)
    const before = found.at(-1)
    if (before && before.a + before.size === m.a && before.b + before.size === m.b) before.size += m.size
    else found.push(m)
    if (m.a + m.size < aHigh && m.b + m.size < bHigh) search(m.a + m.size, aHigh, m.b + m.size, bHigh)
  }
  search(0, a.length, 0, b.length)
  return [...found, { a: a.length, b: b.length, size: 0 }]
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  lines.forEach((line, i) => {
    const known = places.get(line)
    if (known) known.push(i)
    else places.set(line, [i])
  })
  if (lines.length < LONG) return places
  const most = Math.floor(lines.length / COMMON_SHARE) + 1
  for (const [line, at] of places) if (at.length > most) places.delete(line)
  return places
}

/** The longest run of lines that both have within bounds: the first of them in `a`, then in `b`. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  aLow: number,
  aHigh: number,
  bLow: number,
  bHigh: number,
): Match {
  const best: Match = { a: aLow, b: bLow, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bLow) continue
      if (j >= bHigh) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) Object.assign(best, { a: i - size + 1, b: j - size + 1, size })
    }
    lengths = next
  }
  while (best.a > aLow && best.b > bLow && a[best.a - 1] === b[best.b - 1]) {
    best.a--
    best.b--
    best.size++
  }
  while (best.a + best.size < aHigh && best.b + best.size < bHigh && a[best.a + best.size] === b[best.b + best.size]) best.size++
  return best
}
