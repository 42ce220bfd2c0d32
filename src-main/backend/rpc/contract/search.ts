/** A search over kinds and clusters. */
import type { RpcError } from './errors.js'
import type { Cell } from './lists.js'
import type { ObjectRef } from './resources.js'

/** What to search for, and in which clusters. */
export interface SearchParams {
  /** Words, `/regex/`, and `field:value`, each with `!` before it for the opposite; see {@link SearchField}. */
  query: string
  clusters: {
    context: string
    /** The namespaces to read; all when left out. For users who may not list all of them. */
    namespaces?: string[]
    /** Namespaces to read instead where all of them may not be listed. */
    likely?: string[]
  }[]
}

/** What a word of a search can be about: `image:nginx`, `!ns:kube-system`. */
export type SearchField = 'kind' | 'ns' | 'name' | 'label' | 'annotation' | 'image' | 'ip' | 'host' | 'node' | 'status' | 'cluster'

/** One object that was found. */
export interface SearchHit {
  /** Tells it apart from all others of the search. */
  id: string
  context: string
  ref: ObjectRef
  kind: string
  /** The time of birth, ms since the epoch. */
  created: number | null
  status?: Cell
  /** What of it answers the words of the search beside its name, for a person to see why it was found. */
  matches: { field: SearchField; text: string }[]
}

/** How a cluster stands in a search. */
export interface SearchedCluster {
  context: string
  /** Why it, or a kind of it, cannot be read now: what is shown of it may be out of date. It is read as soon as it can be. */
  error?: RpcError
  /** Kinds that may not be listed. */
  refused: string[]
  /** Kinds that were read but are not watched: what is shown of them is as it was then. */
  unwatched: string[]
}

/** What a search stream sends: what it finds, and from then on what becomes of it, until the window closes the stream. */
export type SearchEvent =
  /** The search starts: what was told before is void. */
  | { type: 'begin' }
  /** The search cannot be read: which part, and why. */
  | { type: 'problem'; part: string; message: string }
  /** Objects that answer: found, or other than they were. */
  | { type: 'hits'; hits: SearchHit[] }
  /** Hits that are deleted or do not answer any more, by their ids. */
  | { type: 'gone'; ids: string[] }
  /** How many kinds have been read of all that are to be. */
  | { type: 'progress'; read: number; of: number }
  /** How a cluster stands; told again when that changes. */
  | { type: 'cluster'; cluster: SearchedCluster }
  /** A kind of which there are more objects, or more that answer, than a search shows. */
  | { type: 'cut'; context: string; kind: string }
  /** All that can be read has been, of so many objects. */
  | { type: 'done'; looked: number }
