/**
 * One kind of one cluster in a search: its objects are read page by page, and then watched, so that what is shown of them stays true.
 * Bounded: so many objects are read, and so many that answer are shown.
 */
import { toRpcError } from '../errors.js'
import { born, type Json } from '../kinds/kind.js'
import type { KindInfo, RpcError, SearchHit } from '../rpc/contract.js'
import { collectionPath, query } from '../session/paths.js'
import { untilRetry } from '../session/retry.js'
import type { Session } from '../session/session.js'
import { isExpired, watchEvents } from '../session/watch-events.js'
import { factsOf, matchesOf } from './search-facts.js'
import { readWhole } from './search-kinds.js'
import { plainNames, type SearchTerm } from './search-query.js'

const metadata = (kind: string): string => `application/json;as=${kind};v=v1;g=meta.k8s.io,application/json`
const PAGE = 500
/** The most objects that are read, and the most of them that are shown. */
const MOST_READ = 20_000
const MOST_SHOWN = 200
/** Until a watch that failed while the server answers is opened again, ms. */
const AGAIN = 1000

/** Told what becomes of a kind. */
export interface KindListener {
  /** Objects that answer, found or changed. */
  hits(hits: SearchHit[]): void
  /** Ids of hits that are gone or do not answer any more. */
  gone(ids: string[]): void
  /** So many more objects were looked at. */
  looked(objects: number): void
  /** There are more objects than are read, or more that answer than are shown. */
  cut(): void
  /** It could not be read, and is asked for again; or, without an error, it has been read. */
  state(error?: RpcError): void
  /** Resolves when the window has taken what was told. */
  drained(): Promise<void>
}

/** The part of a kind in one namespace, or all of it. */
interface Collection {
  namespace: string | undefined
  /** From where it is watched; undefined until it has been listed. */
  revision: string | undefined
}

export class SearchedKind {
  /** The hits that are shown, as they were told, by id. */
  private readonly shown = new Map<string, string>()
  private readonly collections: Collection[] = []
  private read = 0
  private cut = false

  constructor(
    private readonly session: Session,
    readonly kind: KindInfo,
    private readonly terms: readonly SearchTerm[],
    private readonly signal: AbortSignal,
    private readonly listener: KindListener,
  ) {}

  /** Reads some namespaces, or all objects; false when none of them may be listed. What fails otherwise is read again by {@link follow}. */
  async readAll(namespaces: readonly (string | undefined)[]): Promise<boolean> {
    let allowed = false
    for (const namespace of namespaces) {
      const collection: Collection = { namespace, revision: undefined }
      try {
        await this.list(collection)
      } catch (error) {
        if (this.signal.aborted) return true
        const rpc = toRpcError(error)
        if (rpc.code === 403) continue
        // A kind that went away or whose server is gone has nothing that could be found.
        if (rpc.code === 404 || rpc.code === 405 || rpc.code === 503) return true
        this.session.report(error)
        this.listener.state(rpc)
      }
      allowed = true
      this.collections.push(collection)
    }
    return allowed
  }

  /** How many watches {@link follow} holds open. */
  get watches(): number {
    return this.collections.length
  }

  /** Watches what was read until the search ends; resolves to false when it may not be watched. */
  async follow(): Promise<boolean> {
    if (this.watches > 0 && !this.kind.verbs.includes('watch')) return false
    return (await Promise.all(this.collections.map((c) => this.followOne(c)))).every(Boolean)
  }

  private async followOne(collection: Collection): Promise<boolean> {
    const { session, signal } = this
    let listed = collection.revision !== undefined
    while (!signal.aborted) {
      try {
        if (!listed) await this.list(collection)
        listed = true
        await this.watch(collection)
      } catch (error) {
        if (signal.aborted) break
        const rpc = toRpcError(error)
        if (rpc.code === 403 || rpc.code === 405) return false
        if (rpc.code === 404) {
          this.dropOthers(collection, new Set())
          return true
        }
        if (isExpired(rpc)) {
          listed = false
          continue
        }
        session.report(error)
        if (!listed) this.listener.state(rpc)
        await untilRetry(session, AGAIN, signal)
      }
    }
    return true
  }

  private async watch(collection: Collection): Promise<void> {
    const path = this.path(collection, { watch: 1, resourceVersion: collection.revision, allowWatchBookmarks: true })
    const accept = readWhole(this.kind) ? {} : { accept: metadata('PartialObjectMetadata') }
    for await (const { type, object } of watchEvents(this.session, path, { signal: this.signal, ...accept })) {
      collection.revision = object.metadata.resourceVersion ?? collection.revision
      if (type === 'DELETED') this.drop([this.idOf(object)])
      else if (type !== 'BOOKMARK') this.take([object])
    }
  }

  /** Reads a collection page by page; what was shown of it and is not there any more goes. */
  private async list(collection: Collection): Promise<void> {
    const { session, signal, listener } = this
    const api = await session.api()
    const accept = readWhole(this.kind) ? {} : { accept: metadata('PartialObjectMetadataList') }
    const seen = new Set<string>()
    let next: string | undefined
    do {
      const path = this.path(collection, { limit: PAGE, continue: next })
      const page = await api.json<{ items?: Json[]; metadata?: { continue?: string; resourceVersion?: string } }>(path, {
        signal,
        ...accept,
      })
      const objects = page.items ?? []
      listener.looked(objects.length)
      this.read += objects.length
      collection.revision = page.metadata?.resourceVersion
      next = page.metadata?.continue || undefined
      for (const o of objects) seen.add(this.idOf(o))
      const all = this.take(objects)
      if (next && (!all || this.read >= MOST_READ)) {
        if (all) this.tellCut()
        break
      }
      await listener.drained()
    } while (next && !signal.aborted)
    this.dropOthers(collection, seen)
    listener.state()
  }

  private path(collection: Collection, params: Parameters<typeof query>[0]): string {
    return collectionPath(this.kind, collection.namespace) + query({ ...params, fieldSelector: fieldSelector(this.kind, this.terms) })
  }

  /** Shows those that answer, and stops showing those that do not; false when there are more than are shown. */
  private take(objects: readonly Json[]): boolean {
    const hits: SearchHit[] = []
    const gone: string[] = []
    let all = true
    for (const object of objects) {
      const id = this.idOf(object)
      const hit = this.hitOf(object, id)
      const before = this.shown.get(id)
      if (!hit) {
        if (before !== undefined) gone.push(id)
        continue
      }
      if (before === undefined && this.shown.size >= MOST_SHOWN) {
        all = false
        continue
      }
      const now = JSON.stringify(hit)
      if (now === before) continue
      this.shown.set(id, now)
      hits.push(hit)
    }
    if (hits.length) this.listener.hits(hits)
    this.drop(gone)
    if (!all) this.tellCut()
    return all
  }

  private tellCut(): void {
    if (!this.cut) this.listener.cut()
    this.cut = true
  }

  private drop(ids: readonly string[]): void {
    const gone = ids.filter((id) => this.shown.delete(id))
    if (gone.length) this.listener.gone(gone)
  }

  /** Drops what is shown of a collection but for some. */
  private dropOthers({ namespace }: Collection, seen: ReadonlySet<string>): void {
    const place = namespace === undefined ? '' : this.idOf({ metadata: { namespace, name: '' } })
    this.drop([...this.shown.keys()].filter((id) => !seen.has(id) && id.startsWith(place)))
  }

  private idOf(object: Json): string {
    const { group, resource } = this.kind
    const { name, namespace } = object.metadata ?? {}
    return `${this.session.context} ${group}/${resource} ${namespace ?? ''}/${name ?? ''}`
  }

  private hitOf(object: Json, id: string): SearchHit | undefined {
    const { kind, session } = this
    const facts = factsOf(object, kind, session.context)
    const matches = matchesOf(facts, this.terms)
    if (!matches) return undefined
    const { group, version, resource } = kind
    const { name, namespace } = object.metadata ?? {}
    return {
      id,
      context: session.context,
      kind: kind.kind,
      ref: { group, version, resource, name: name ?? '', ...(namespace ? { namespace } : {}) },
      created: born(object),
      ...(facts.status !== undefined ? { status: facts.status } : {}),
      matches,
    }
  }
}

/** What the server itself can leave out. */
function fieldSelector(kind: KindInfo, terms: readonly SearchTerm[]): string | undefined {
  const nodes = kind.resource === 'pods' && !kind.group ? plainNames(terms, 'node') : undefined
  return nodes?.length === 1 ? `spec.nodeName=${nodes[0]}` : undefined
}
