/** Sets of completion indexes as Jobs write them: `1,3-5,7`. https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode */

interface Interval {
  readonly first: number
  readonly last: number
}

/** How many indexes a text names, or what is wrong with it. All of them must be below `completions`. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let total = 0
  let before: number | undefined
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions)
    if (typeof interval === 'string') return interval
    if (before !== undefined && before >= interval.first) return `non-increasing order, previous: ${before}, current: ${interval.first}`
    total += interval.last - interval.first + 1
    before = interval.last
  }
  return total
}

/** The first index that two texts both name, undefined when there is none; what cannot be read is left out. */
export function firstSharedIndex(one: string, other: string, completions: number): number | undefined {
  const intervals = (text: string): Interval[] =>
    (text === '' ? [] : text.split(',')).map((part) => parseInterval(part, completions)).filter((i): i is Interval => typeof i !== 'string')
  const shared = intervals(one).flatMap((a) =>
    intervals(other)
      .filter((b) => a.first <= b.last && b.first <= a.last)
      .map((b) => Math.max(a.first, b.first)),
  )
  return shared.length ? Math.min(...shared) : undefined
}

function parseInterval(part: string, completions: number): Interval | string {
  const limits = part.split('-')
  if (limits.length > 2)
    return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const numbers: number[] = []
  for (const limit of limits) {
    if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
    numbers.push(Number(limit))
  }
  const [first = 0, last = first] = numbers
  if (numbers.length === 2 && first >= last) return `non-increasing order, previous: ${first}, current: ${last}`
  return { first, last }
}
