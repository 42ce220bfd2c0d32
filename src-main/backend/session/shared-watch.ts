/**
 * Watches shared by everybody who looks at the same thing: the first subscriber lists (in pages, so that the first
 * rows are there early) and watches; the last one stops it. What is kept is what the projection made of each object,
 * never the object. Lost connections resume where they were; a resume that is too old lists anew.
 */
import { setMaxListeners } from 'node:events'
import { toRpcError } from '../errors.js'
import type { ListEvent, ResourceRef, RpcError } from '../rpc/contract.js'
import { collectionPath, query } from './paths.js'
import { pause, untilRetry } from './retry.js'
import type { Session } from './session.js'
import { isExpired, watchEvents, type WatchedObject } from './watch-events.js'

/** What to watch and what to keep of each object. */
export interface WatchSpec<R> {
  resource: ResourceRef
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Tells apart watches of one resource with different projections. */
  projection: string
  /** The Accept header, for server-side Tables, and how much of each object comes with its row (default `Metadata`). */
  accept?: string
  includeObject?: 'Metadata' | 'Object'
  project(object: WatchedObject): R
  /** Turns one page or event object into objects; the default takes `items`, or the object itself. */
  unpack?(body: Record<string, unknown>): WatchedObject[]
}

type Phase = Extract<ListEvent, { type: 'state' }>['phase']

/** Told what happens. `reset` starts over: everything told before is void. */
export interface WatchListener<R> {
  reset?(): void
  /** Objects added or changed, and ids gone. `initial` while the list is still coming in. */
  changes?(upserts: R[], removes: string[], initial: boolean): void
  /** The list is complete. */
  listed?(): void
  state?(phase: Phase, error?: RpcError): void
}

const PAGE = 500
const FLUSH = 40
const RELIST_AFTER = 1000
/** Until what was refused is asked for again, ms. */
const LATER = 10_000

class SharedWatch<R> {
  readonly items = new Map<string, R>()
  private readonly listeners = new Set<WatchListener<R>>()
  private readonly abort = new AbortController()
  private phase: Phase = 'loading'
  private error: RpcError | undefined
  private complete = false
  /** The revision that the watch has come to. */
  private reached = ''
  private upserts = new Map<string, R>()
  private removes = new Set<string>()
  private flushTimer: NodeJS.Timeout | undefined

  constructor(
    private readonly session: Session,
    private readonly spec: WatchSpec<R>,
  ) {
    setMaxListeners(0, this.abort.signal)
    void this.run()
  }

  get idle(): boolean {
    return this.listeners.size === 0
  }

  add(listener: WatchListener<R>): void {
    this.listeners.add(listener)
    if (this.items.size || this.complete) {
      listener.reset?.()
      listener.changes?.([...this.items.values()], [], !this.complete)
      if (this.complete) listener.listed?.()
    }
    listener.state?.(this.phase, this.error)
  }

  remove(listener: WatchListener<R>): void {
    this.listeners.delete(listener)
  }

  stop(): void {
    this.abort.abort()
    clearTimeout(this.flushTimer)
    this.listeners.clear()
  }

  private async run(): Promise<void> {
    const { signal } = this.abort
    let resourceVersion: string | undefined
    while (!signal.aborted) {
      try {
        await this.session.api()
        if (resourceVersion === undefined) {
          this.setPhase(this.complete ? 'stale' : 'loading')
          resourceVersion = await this.list()
        }
        this.setPhase('live')
        resourceVersion = await this.follow(resourceVersion)
      } catch (error) {
        if (signal.aborted) return
        if (resourceVersion !== undefined) resourceVersion = this.reached
        const rpc = toRpcError(error)
        if (isExpired(rpc)) {
          resourceVersion = undefined
          continue
        }
        if (rpc.code === 403) {
          this.setPhase('forbidden', rpc)
          await pause(LATER, signal)
          continue
        }
        // The request itself is wrong, a selector that cannot be read, or the kind has gone: asking again soon does not help.
        if (rpc.code !== undefined && rpc.code >= 400 && rpc.code < 500 && rpc.code !== 401 && rpc.code !== 429) {
          this.setPhase('failed', rpc)
          await pause(LATER, signal)
          continue
        }
        this.session.report(error)
        this.setPhase(this.complete ? 'stale' : 'failed', rpc)
        await untilRetry(this.session, RELIST_AFTER, signal)
      }
    }
  }

  private accept(): { accept?: string } {
    return this.spec.accept ? { accept: this.spec.accept } : {}
  }

  private path(params: Record<string, string | number | boolean | undefined>): string {
    const { resource, namespace, labelSelector, fieldSelector } = this.spec
    return (
      collectionPath(resource, namespace) +
      query({
        labelSelector,
        fieldSelector,
        ...params,
        ...(this.spec.accept ? { includeObject: this.spec.includeObject ?? 'Metadata' } : {}),
      })
    )
  }

  private async list(): Promise<string> {
    const { signal } = this.abort
    const api = await this.session.api()
    const seen = new Set<string>()
    let first = true
    let next: string | undefined
    for (;;) {
      const page = await api.json<{ metadata?: { resourceVersion?: string; continue?: string }; items?: WatchedObject[] }>(
        this.path({ limit: PAGE, continue: next }),
        { signal, ...this.accept() },
      )
      const objects = this.spec.unpack ? this.spec.unpack(page) : (page.items ?? [])
      if (first && !this.complete) for (const l of this.listeners) l.reset?.()
      first = false
      const rows: R[] = []
      for (const object of objects) {
        const id = idOf(object)
        seen.add(id)
        const row = this.spec.project(object)
        this.items.set(id, row)
        rows.push(row)
      }
      if (rows.length) for (const l of this.listeners) l.changes?.(rows, [], !this.complete)
      next = page.metadata?.continue || undefined
      if (next) continue
      // After a relist: what was not seen any more has gone meanwhile.
      const gone = [...this.items.keys()].filter((id) => !seen.has(id))
      for (const id of gone) this.items.delete(id)
      if (gone.length) for (const l of this.listeners) l.changes?.([], gone, !this.complete)
      this.complete = true
      for (const l of this.listeners) l.listed?.()
      return page.metadata?.resourceVersion ?? ''
    }
  }

  /** Watches from a revision until the stream ends or the connection is lost; gives the revision to go on from. */
  private async follow(from: string): Promise<string> {
    this.reached = from
    const path = this.path({ watch: 1, resourceVersion: from, allowWatchBookmarks: true })
    for await (const event of watchEvents(this.session, path, { signal: this.abort.signal, ...this.accept() })) {
      if (event.type === 'BOOKMARK') {
        this.reached = event.object.metadata?.resourceVersion ?? this.reached
        continue
      }
      for (const object of this.spec.unpack ? this.spec.unpack(event.object) : [event.object]) {
        const id = idOf(object)
        if (object.metadata.resourceVersion) this.reached = object.metadata.resourceVersion
        if (event.type === 'DELETED') {
          this.items.delete(id)
          this.upserts.delete(id)
          this.removes.add(id)
        } else {
          const row = this.spec.project(object)
          this.items.set(id, row)
          this.removes.delete(id)
          this.upserts.set(id, row)
        }
      }
      this.scheduleFlush()
    }
    return this.reached
  }

  private scheduleFlush(): void {
    this.flushTimer ??= setTimeout(() => {
      this.flushTimer = undefined
      const upserts = [...this.upserts.values()]
      const removes = [...this.removes]
      this.upserts = new Map()
      this.removes = new Set()
      for (const l of this.listeners) l.changes?.(upserts, removes, false)
    }, FLUSH)
  }

  private setPhase(phase: Phase, error?: RpcError): void {
    if (phase === this.phase && error?.message === this.error?.message) return
    this.phase = phase
    this.error = error
    for (const l of this.listeners) l.state?.(phase, error)
  }
}

/** What an object is told apart by: its uid. */
export function idOf(object: WatchedObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

/** How long a watch that nobody looks at is kept, ms: going back to a list finds it still live. */
const LINGER = 5_000

/** All watches of one session, counted by who looks. */
export class SharedWatches {
  private readonly watches = new Map<string, SharedWatch<unknown>>()

  constructor(private readonly session: Session) {}

  /** Subscribes; gives a function that unsubscribes. */
  subscribe<R>(spec: WatchSpec<R>, listener: WatchListener<R>): () => void {
    const { resource: r } = spec
    const key = [
      r.group,
      r.version,
      r.resource,
      spec.namespace ?? '',
      spec.labelSelector ?? '',
      spec.fieldSelector ?? '',
      spec.projection,
    ].join('|')
    let watch = this.watches.get(key) as SharedWatch<R> | undefined
    if (!watch) {
      watch = new SharedWatch(this.session, spec)
      this.watches.set(key, watch as SharedWatch<unknown>)
    }
    const shared = watch
    shared.add(listener)
    return () => {
      shared.remove(listener)
      if (!shared.idle) return
      const timer = setTimeout(() => {
        if (!shared.idle) return
        shared.stop()
        if (this.watches.get(key) === (shared as SharedWatch<unknown>)) this.watches.delete(key)
      }, LINGER)
      timer.unref()
    }
  }

  close(): void {
    for (const w of this.watches.values()) w.stop()
    this.watches.clear()
  }
}
