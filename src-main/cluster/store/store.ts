/**
 * The contract of the cluster's store: a multi-version key-value store in the manner of etcd, for Kubernetes objects.
 * One revision number counts all writes; it is what clients see as `metadata.resourceVersion`. `mvcc.ts` implements it
 * over lmdb (durable) and in memory (tests).
 *
 * Keys are `/registry/GROUP/RESOURCE/NAMESPACE/NAME` (core group: `core`; without namespace the part is left out),
 * made by the API server; the store only orders them.
 */
import type { KubeObject } from '../api/object.js'

/** One stored version of an object. Frozen, and kept together with its JSON. */
export interface StoredObject {
  readonly key: string
  /** The deep-frozen object; `metadata.resourceVersion` is {@link modRevision}. */
  readonly object: KubeObject
  /** Its JSON, UTF-8, exactly as a client gets it. Never changed. */
  readonly bytes: Buffer
  readonly createRevision: number
  readonly modRevision: number
}

/** One change, as watches get it. */
export interface StoreEvent {
  readonly type: 'put' | 'delete'
  readonly revision: number
  /** After the change; for a delete the last version, with `metadata.resourceVersion` set to the delete's revision. */
  readonly current: StoredObject
  /** Before the change; undefined for a create. */
  readonly previous: StoredObject | undefined
}

/** The revision asked for has been compacted away; the API answers 410. */
export class CompactedError extends Error {
  constructor(
    readonly requested: number,
    readonly oldest: number,
  ) {
    super(`revision ${requested} has been compacted; the oldest kept is ${oldest}`)
    this.name = 'CompactedError'
  }
}

/** A write after the store was closed: what was under way when a cluster stopped. */
export class StoreClosedError extends Error {
  constructor() {
    super('the store is closed')
    this.name = 'StoreClosedError'
  }
}

/** The revision asked for is not there yet. */
export class FutureRevisionError extends Error {
  constructor(
    readonly requested: number,
    readonly current: number,
  ) {
    super(`revision ${requested} is in the future; the current one is ${current}`)
    this.name = 'FutureRevisionError'
  }
}

/** A write found another version than it expected. */
export class WriteConflictError extends Error {
  constructor(
    readonly key: string,
    /** What is there now; undefined when there is nothing. */
    readonly actual: StoredObject | undefined,
  ) {
    super(`${key} was changed by somebody else`)
    this.name = 'WriteConflictError'
  }
}

/** An object is larger than a store takes. */
export class TooLargeError extends Error {
  constructor(key: string) {
    super(`${key} is too large`)
    this.name = 'TooLargeError'
  }
}

export interface ListResult {
  readonly items: readonly StoredObject[]
  /** The revision the list was read at. */
  readonly revision: number
  /** How many more would follow after a limited list. */
  readonly remaining: number
}

export interface Store {
  /** The revision of the last write, durable or not. */
  readonly revision: number
  /** The oldest revision that lists and watches can still ask for. */
  readonly compactedRevision: number

  /** One object, now or as it was at a revision. Throws {@link CompactedError}, {@link FutureRevisionError}. */
  get(key: string, revision?: number): StoredObject | undefined
  /**
   * The objects whose key starts with `prefix`, in the order of their keys; `after` skips all keys up to and with it.
   * Reading at an older revision is exact. Nothing is copied or parsed that need not be.
   */
  list(prefix: string, options?: { revision?: number; after?: string; limit?: number }): ListResult
  /** How many keys start with `prefix`, without reading them. */
  count(prefix: string): number

  /**
   * Writes one version. `expected` is the modRevision it must replace, 0 for "must not exist". The store sets
   * `metadata.resourceVersion`, freezes the object and serialises it once. The change is visible to `get` and `list`
   * at once; the promise resolves when it is on disk. Rejects with {@link WriteConflictError} or
   * {@link TooLargeError} without having written.
   */
  put(key: string, object: KubeObject, expected: number): Promise<StoredObject>
  /** Removes a key whose modRevision is `expected`. Resolves, on disk, with the last version as watches see it. */
  delete(key: string, expected: number): Promise<StoredObject>

  /** Resolves once everything up to `revision` is on disk; at once if it is. A read that must not lie waits for it. */
  durable(revision: number): Promise<void>

  /**
   * Resolves once what was acknowledged so far survives the end of this process: at once, except while time jumps ahead.
   * Whoever answers somebody outside of this process waits for it.
   */
  settled(): Promise<void>

  /**
   * Calls `onEvents` with all changes under `prefix` after `fromRevision`, in order, in batches, only once they are on
   * disk; first those from history. Throws {@link CompactedError}. Returns a function that stops.
   * `onProgress`, if given, is told the durable revision after each batch of the whole store, for bookmarks.
   */
  watch(
    prefix: string,
    fromRevision: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    onProgress?: (revision: number) => void,
  ): () => void

  /** Forgets versions that were replaced or deleted before `revision`. */
  compact(revision: number): Promise<void>
  /** Waits for all writes and closes. */
  close(): Promise<void>
}
