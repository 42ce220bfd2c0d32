/**
 * The `search` stream: reads the kinds that can answer, page by page, a few at once in each cluster, and sends what answers as it is
 * found. Bounded: so many objects are read of a kind, and so many are shown; what is left out is told.
 */
import { toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import { born } from '../kinds/kind.js'
import type { KindInfo, SearchEvent, SearchHit, SearchParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { collectionPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { factsOf, matchesOf } from './search-facts.js'
import { kindsToRead, readWhole } from './search-kinds.js'
import { answers, parseSearchQuery, plainNames, type SearchTerm } from './search-query.js'

const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'
const PAGE = 500
/** The most objects of one kind and cluster that are read, and the most of them that are shown. */
const MOST_READ = 20_000
const MOST_SHOWN = 200
/** Kinds that are read at once in one cluster. */
const AT_ONCE = 4

type Cut = Extract<SearchEvent, { type: 'done' }>['cut']

export async function streamSearch(
  session: (context: string) => Session,
  { query: text, clusters }: SearchParams,
  stream: StreamContext<'search'>,
): Promise<void> {
  let terms: SearchTerm[]
  try {
    terms = parseSearchQuery(text)
  } catch (error) {
    const { message, causes } = toRpcError(error)
    stream.emit({ type: 'problem', part: causes?.[0]?.field ?? text, message })
    return stream.end()
  }
  const run = new SearchRun(terms, stream)
  // A search for nothing, or one that only takes away, would show everything there is.
  if (terms.some((t) => !t.inverse))
    await Promise.all(
      clusters
        .filter((c) => run.takes(c.context))
        .map(({ context, namespaces = [], likely = [] }) => run.cluster(session(context), namespaces, likely)),
    )
  run.finish()
}

/** One search under way. */
class SearchRun {
  private read = 0
  private of = 0
  private looked = 0
  private readonly cut: Cut = []

  constructor(
    private readonly terms: readonly SearchTerm[],
    private readonly stream: StreamContext<'search'>,
  ) {}

  /** Whether the search is about a cluster at all. */
  takes(context: string): boolean {
    return this.terms.every((t) => t.field !== 'cluster' || answers(t, context) !== t.inverse)
  }

  async cluster(session: Session, typed: readonly string[], likely: readonly string[]): Promise<void> {
    const { context } = session
    try {
      const kinds = kindsToRead(await session.kinds(), this.terms)
      this.of += kinds.length
      this.progress()
      const refused: string[] = []
      const queue = [...kinds]
      const worker = async (): Promise<void> => {
        for (let kind = queue.shift(); kind && !this.stream.signal.aborted; kind = queue.shift()) {
          const there = await this.kind(session, kind, typed)
          // Who may not list all namespaces may list theirs.
          const others = kind.namespaced && likely.length > 0 && !plainNames(this.terms, 'ns')
          if (!there && !(others && (await this.kind(session, kind, likely)))) refused.push(kind.kind)
          this.read++
          this.progress()
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      if (refused.length)
        this.stream.emit({ type: 'unread', context, kinds: refused.sort(), error: { reason: 'Forbidden', message: 'Forbidden' } })
    } catch (error) {
      if (!this.stream.signal.aborted) this.stream.emit({ type: 'unread', context, kinds: [], error: toRpcError(error) })
    }
  }

  finish(): void {
    this.stream.emit({ type: 'done', looked: this.looked, cut: this.cut })
    this.stream.end()
  }

  private progress(): void {
    this.stream.emit({ type: 'progress', read: this.read, of: this.of })
  }

  /** Reads a kind; false when it may not be listed. */
  private async kind(session: Session, kind: KindInfo, typed: readonly string[]): Promise<boolean> {
    const asked = kind.namespaced ? plainNames(this.terms, 'ns') : undefined
    const namespaces = asked ?? (kind.namespaced && typed.length ? typed : [undefined])
    const hits = { shown: 0, read: 0 }
    let allowed = false
    for (const namespace of namespaces) {
      try {
        await this.pages(session, kind, namespace, hits)
        allowed = true
      } catch (error) {
        const { code } = toRpcError(error)
        // A kind that went away or whose server is gone has nothing that could be found.
        if (code === 404 || code === 405 || code === 503) return true
        if (code !== 403) throw error
      }
    }
    return allowed
  }

  private async pages(
    session: Session,
    kind: KindInfo,
    namespace: string | undefined,
    hits: { shown: number; read: number },
  ): Promise<void> {
    const { stream, terms } = this
    const api = await session.api()
    const fields = fieldSelector(kind, terms)
    let next: string | undefined
    do {
      const path = collectionPath(kind, namespace) + query({ limit: PAGE, continue: next, fieldSelector: fields })
      const accept = readWhole(kind) ? {} : { accept: METADATA }
      const page = await api.json<{ items?: Json[]; metadata?: { continue?: string } }>(path, { signal: stream.signal, ...accept })
      const objects = page.items ?? []
      this.looked += objects.length
      hits.read += objects.length
      next = page.metadata?.continue || undefined
      const found = objects.flatMap((o) => hitOf(o, kind, session.context, terms))
      const shown = found.slice(0, MOST_SHOWN - hits.shown)
      hits.shown += shown.length
      if (shown.length) stream.emit({ type: 'hits', hits: shown })
      if (found.length > shown.length || (next && hits.read >= MOST_READ)) {
        this.cut.push({ context: session.context, kind: kind.kind })
        return
      }
      await stream.drained()
    } while (next && !stream.signal.aborted)
  }
}

/** What the server itself can leave out. */
function fieldSelector(kind: KindInfo, terms: readonly SearchTerm[]): string | undefined {
  const nodes = kind.resource === 'pods' && !kind.group ? plainNames(terms, 'node') : undefined
  return nodes?.length === 1 ? `spec.nodeName=${nodes[0]}` : undefined
}

function hitOf(object: Json, kind: KindInfo, context: string, terms: readonly SearchTerm[]): SearchHit[] {
  const facts = factsOf(object, kind, context)
  const matches = matchesOf(facts, terms)
  if (!matches) return []
  const { group, version, resource } = kind
  const { name, namespace } = object.metadata ?? {}
  return [
    {
      context,
      kind: kind.kind,
      ref: { group, version, resource, name: name ?? '', ...(namespace ? { namespace } : {}) },
      created: born(object),
      ...(facts.status !== undefined ? { status: facts.status } : {}),
      matches,
    },
  ]
}
