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
  context: string
  ref: ObjectRef
  kind: string
  /** The time of birth, ms since the epoch. */
  created: number | null
  status?: Cell
  /** What of it answers the words of the search beside its name, for a person to see why it was found. */
  matches: { field: SearchField; text: string }[]
}

/** What a search stream sends. It ends after `done`. */
export type SearchEvent =
  /** The search cannot be read: which part, and why. */
  | { type: 'problem'; part: string; message: string }
  | { type: 'hits'; hits: SearchHit[] }
  /** How many kinds have been read of all that are to be. */
  | { type: 'progress'; read: number; of: number }
  /** A cluster that cannot be searched, or kinds of it that may not be listed. */
  | { type: 'unread'; context: string; kinds: string[]; error: RpcError }
  | {
      type: 'done'
      /** Objects that were looked at. */
      looked: number
      /** Kinds of which there are more objects, or more that answer, than a search shows. */
      cut: { context: string; kind: string }[]
    }
