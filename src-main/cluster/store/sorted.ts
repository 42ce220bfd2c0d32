/** Something kept in the order of its key. */
export interface Keyed {
  readonly key: string
}

/** Entries per chunk before it is split. Insertion moves at most this many. */
const LARGEST_CHUNK = 512

/** Sorts after every key that starts with a prefix it is appended to: keys are made of ASCII. */
const AFTER_ALL = '\uffff'

/**
 * A set of keyed entries in key order: a two-level B-tree. Insert, remove and seek touch one chunk; counting a range
 * adds up chunk lengths without visiting entries; iteration is a walk over plain arrays.
 */
export class SortedEntries<T extends Keyed> {
  private chunks: T[][] = []
  private total = 0

  get size(): number {
    return this.total
  }

  /** Adds an entry, or replaces the one with the same key. */
  set(entry: T): void {
    if (this.chunks.length === 0) {
      this.chunks.push([entry])
      this.total = 1
      return
    }
    const c = Math.min(this.chunkOf(entry.key), this.chunks.length - 1)
    const chunk = this.chunks[c]!
    const i = lowerBound(chunk, entry.key)
    if (chunk[i]?.key === entry.key) {
      chunk[i] = entry
      return
    }
    chunk.splice(i, 0, entry)
    this.total++
    if (chunk.length > LARGEST_CHUNK) {
      // Keys that arrive in order leave full chunks behind when the split is at the end.
      const at = i === chunk.length - 1 ? chunk.length - 1 : chunk.length >> 1
      this.chunks.splice(c + 1, 0, chunk.splice(at))
    }
  }

  get(key: string): T | undefined {
    const chunk = this.chunks[this.chunkOf(key)]
    if (!chunk) return undefined
    const entry = chunk[lowerBound(chunk, key)]
    return entry?.key === key ? entry : undefined
  }

  delete(key: string): void {
    const c = this.chunkOf(key)
    const chunk = this.chunks[c]
    if (!chunk) return
    const i = lowerBound(chunk, key)
    if (chunk[i]?.key !== key) return
    this.total--
    if (chunk.length === 1) this.chunks.splice(c, 1)
    else chunk.splice(i, 1)
  }

  /** How many keys start with `prefix` and come after `after`. */
  count(prefix: string, after?: string): number {
    const end = this.rank(prefix + AFTER_ALL)
    const start = after !== undefined && after >= prefix ? this.rank(after, true) : this.rank(prefix)
    return Math.max(0, end - start)
  }

  /** The entries whose key starts with `prefix` and comes after `after`, in order. The set must not change meanwhile. */
  *range(prefix: string, after?: string): IterableIterator<T> {
    const from = after !== undefined && after >= prefix ? after : prefix
    let c = this.chunkOf(from)
    if (c >= this.chunks.length) return
    let i = lowerBound(this.chunks[c]!, from)
    for (; c < this.chunks.length; c++, i = 0) {
      const chunk = this.chunks[c]!
      for (; i < chunk.length; i++) {
        const entry = chunk[i]!
        if (entry.key === after) continue
        if (!entry.key.startsWith(prefix)) return
        yield entry
      }
    }
  }

  /** The number of entries before `key`, or with `including` up to and with it. */
  private rank(key: string, including = false): number {
    const c = this.chunkOf(key)
    let n = 0
    for (let k = 0; k < c; k++) n += this.chunks[k]!.length
    const chunk = this.chunks[c]
    if (!chunk) return n
    const i = lowerBound(chunk, key)
    return n + i + (including && chunk[i]?.key === key ? 1 : 0)
  }

  /** The first chunk whose last key is not before `key`; the number of chunks when there is none. */
  private chunkOf(key: string): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const chunk = this.chunks[middle]!
      if (chunk[chunk.length - 1]!.key < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Where `key` stands, or would stand, in a sorted array. */
function lowerBound(entries: readonly Keyed[], key: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}
