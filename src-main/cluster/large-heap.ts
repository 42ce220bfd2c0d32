/**
 * A large heap is collected before it has doubled. V8 lets a heap grow to about twice what lives in it until it collects
 * again, which is right for a small one; of a cluster of a hundred thousand pods it would be gigabytes.
 */
import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import v8 from 'node:v8'

/** Bytes that live in a heap from which on it is large. */
const LARGE = 512 * 1024 ** 2
/** By how much a large heap may grow until it is collected again, percent. */
const GROWTH = 25

/** Watches the heap of this process; once it is large it is kept tight until the process ends. */
export function keepLargeHeapTight(): void {
  const observer = new PerformanceObserver((list) => {
    const collections = list.getEntries() as (PerformanceEntry & { detail?: { kind?: number } })[]
    if (!collections.some(({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR)) return
    if (v8.getHeapStatistics().used_heap_size < LARGE) return
    v8.setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
    observer.disconnect()
  })
  observer.observe({ entryTypes: ['gc'] })
}
