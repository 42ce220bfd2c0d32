/**
 * The little that is tied to the machine the simulator runs on and must not follow the cluster's clock: time-outs
 * towards real sockets, and measuring our own work.
 */

/** Calls `fn` once after `ms` wall milliseconds, without keeping the process alive. Returns a function that cancels. */
export function hostTimeout(ms: number, fn: () => void): () => void {
  const t = setTimeout(fn, ms)
  t.unref()
  return () => clearTimeout(t)
}

/** Wall milliseconds from an arbitrary start, with fractions: for measuring. */
export function hostNow(): number {
  return performance.now()
}

/** CPU milliseconds that this process has used so far: for work that must not take too much, however busy the machine is. */
export function hostCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The machine's own time, ms since the epoch: for what is dated outside of the cluster, such as its snapshots. */
export function hostTime(): number {
  return Date.now()
}
