/**
 * The verb watch: changes of one resource as they happen, narrowed by selectors. An object that comes into the
 * selection arrives as ADDED, one that leaves it as DELETED.
 */
import { shownJson } from '../shown-json.js'
import { CompactedError, type StoredObject, type StoreEvent } from '../../store/store.js'
import type { ListOptions, Watch } from '../client.js'
import { expired } from '../errors.js'
import { prefixOf, viewOf, type View } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import type { Machinery } from './machinery.js'
import { validateWatchOptions, withWatchDefaults } from './listoptions.js'
import { parseResourceVersion, selection, tooLarge, type Selection } from './read.js'

export interface WatchRequest extends ListOptions {
  allowWatchBookmarks?: boolean
  /** The streaming list: all objects as ADDED, then a bookmark that says so. */
  sendInitialEvents?: boolean
}

/** One change as a client sees it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly view: View
}

export interface WatchSink {
  /** Changes in order, all of them on disk. `initial` marks what was there when the watch began. */
  changes(changes: readonly Change[], initial: boolean): void
  /** All initial objects have been told; only with sendInitialEvents. */
  initialDone?(revision: number): void
  /** Everything up to this revision has been told. */
  progress?(revision: number): void
}

/** 410: what a watch is told whose start has been compacted. */
export function tooOld(requested: number, oldest: number): Error {
  return expired(`too old resource version: ${requested} (${oldest})`)
}

/**
 * Starts a watch. Without a resourceVersion (or with 0) the objects that are there come first as ADDED. Throws the
 * API's refusals. The sink is never called before this returns.
 */
export function watch(m: Machinery, kind: Kind, sent: WatchRequest, sink: WatchSink): Watch {
  const request = withWatchDefaults(sent)
  validateWatchOptions(request)
  const selected = selection(m, kind, request)
  const prefix = prefixOf(m.kinds.rulesOf(kind), request.namespace)
  const requested = parseResourceVersion(request.resourceVersion, 'watch')
  const ahead = requested !== undefined && requested > m.store.revision
  if (ahead && request.sendInitialEvents) throw tooLarge(requested, m.store.revision)
  const initial = request.sendInitialEvents ?? !requested
  // From a revision that is still to come on, what happens before it is not told.
  const from = initial || ahead ? m.store.revision : requested || m.store.revision

  let stop: (() => void) | undefined
  let stopped = false
  const start = (): void => {
    if (stopped) return
    stop = m.store.watch(
      prefix,
      from,
      (events) => {
        const wanted = ahead ? events.filter((e) => e.current.modRevision > requested) : events
        const changes = wanted.map((e) => changeOf(kind, selected, e)).filter((c) => c !== undefined)
        if (changes.length > 0) sink.changes(changes, false)
      },
      sink.progress && ((revision) => sink.progress?.(revision)),
    )
  }
  if (!initial) {
    try {
      start()
    } catch (error) {
      if (error instanceof CompactedError) throw tooOld(error.requested, error.oldest)
      throw error
    }
  } else {
    const { items } = m.store.list(prefix)
    void m.store.durable(from).then(() => {
      if (stopped) return
      const added = items.filter((s) => selected.matches(s)).map((s): Change => ({ type: 'ADDED', view: viewOf(kind, s) }))
      if (added.length > 0) sink.changes(added, true)
      if (request.sendInitialEvents) sink.initialDone?.(from)
      start()
    })
  }
  return {
    stop() {
      stopped = true
      stop?.()
    },
  }
}

/** What a change means to somebody who only sees a selection; undefined when nothing. */
function changeOf(kind: Kind, selected: Selection, event: StoreEvent): Change | undefined {
  const { current, previous } = event
  const before = previous !== undefined && selected.matches(previous)
  if (event.type === 'delete') return before ? { type: 'DELETED', view: viewOf(kind, current) } : undefined
  const now = selected.matches(current)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', view: viewOf(kind, current) }
  return before ? { type: 'DELETED', view: leaving(kind, previous, current) } : undefined
}

/** An object that leaves a selection arrives as it last was inside of it, with the revision of the change. */
function leaving(kind: Kind, previous: StoredObject, current: StoredObject): View {
  const object = { ...previous.object, metadata: { ...previous.object.metadata, resourceVersion: String(current.modRevision) } }
  const stored: StoredObject = { ...previous, key: previous.key, object, bytes: Buffer.from(shownJson(object)) }
  return viewOf(kind, stored)
}
