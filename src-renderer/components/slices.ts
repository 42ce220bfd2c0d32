/** How long one slice of a job may run, ms: the rest of a frame is for what is drawn. */
const SLICE = 6

/** A job that may be interrupted wherever it yields; the less there is between two yields, the more even its slices are. */
export type Job = Iterator<void, unknown>

/** Does all of a job now. */
export function runAtOnce(job: Job): void {
  while (!job.next().done);
}

const waiting: (() => void)[] = []
let channel: MessageChannel | undefined
/** Runs `slice` after what the window has to do by then: a timer would wait for longer, and for much longer out of sight. */
function afterOthers(slice: () => void): void {
  if (!channel) {
    channel = new MessageChannel()
    channel.port1.onmessage = () => waiting.shift()?.()
  }
  waiting.push(slice)
  channel.port2.postMessage(null)
}

/**
 * Does a job in slices between which the window draws and answers. The first one runs now, so that a short job is done at once.
 * @param next runs the slice after
 * @returns stops the job where it is
 */
export function runInSlices(job: Job, next: (slice: () => void) => void = afterOthers): () => void {
  let stopped = false
  const slice = (): void => {
    if (stopped) return
    const end = performance.now() + SLICE
    while (!job.next().done) if (performance.now() >= end) return next(slice)
  }
  slice()
  return () => (stopped = true)
}

/** From so many on, items are sorted in parts that are then merged. */
const PART = 256
/** How many items are merged between two yields. */
const STEP = 1000

/** Sorts as arrays do, equal items in the order in which they were, and may be interrupted. */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  let parts: T[][] = []
  for (let i = 0; i < items.length; i += PART) {
    parts.push(items.slice(i, i + PART).sort(compare))
    yield
  }
  while (parts.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < parts.length; i += 2) merged.push(parts[i + 1] ? yield* mergeInSteps(parts[i]!, parts[i + 1]!, compare) : parts[i]!)
    parts = merged
  }
  return parts[0] ?? []
}

/** Two sorted lists as one, and may be interrupted. Of equal items those of `a` come first. */
export function* mergeInSteps<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  // Much of what comes from a server is in order.
  if (a.length === 0 || b.length === 0 || compare(a.at(-1)!, b[0]!) <= 0) return [...a, ...b]
  const all: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    all.push(compare(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!)
    if (all.length % STEP === 0) yield
  }
  for (; i < a.length; i++) all.push(a[i]!)
  for (; j < b.length; j++) all.push(b[j]!)
  return all
}
