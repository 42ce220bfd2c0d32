/**
 * The `search` stream: reads the kinds that can answer, a few at once in each cluster, sends what answers as it is found, and then
 * what becomes of it, until the window closes it.
 */
import { toRpcError } from '../errors.js'
import type { KindInfo, RpcError, SearchHit, SearchParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { untilRetry } from '../session/retry.js'
import type { Session } from '../session/session.js'
import { kindsToRead } from './search-kinds.js'
import { answers, parseSearchQuery, plainNames, type SearchTerm } from './search-query.js'
import { SearchedKind } from './searched-kind.js'

/** Kinds that are read at once in one cluster. */
const AT_ONCE = 4
/** The most watches that a search holds open in one cluster: what is found of kinds beyond is as it was when it was read. */
const MOST_WATCHES = 100
/** Until a cluster that answers, but does not tell its kinds, is asked again, ms. */
const AGAIN = 5_000
/** Objects change in bursts: what changed is sent this long after, ms. */
const SEND_AFTER = 100

export async function streamSearch(
  session: (context: string) => Session,
  { query: text, clusters }: SearchParams,
  stream: StreamContext<'search'>,
): Promise<void> {
  stream.emit({ type: 'begin' })
  let terms: SearchTerm[]
  try {
    terms = parseSearchQuery(text)
  } catch (error) {
    const { message, causes } = toRpcError(error)
    return stream.emit({ type: 'problem', part: causes?.[0]?.field ?? text, message })
  }
  const run = new SearchRun(terms, stream)
  // A search for nothing, or one that only takes away, would show everything there is.
  if (terms.some((t) => !t.inverse))
    await Promise.all(clusters.filter((c) => run.takes(c.context)).map((c) => new ClusterSearch(session(c.context), c, run).read()))
  run.done()
}

/** One search under way, in all clusters. */
class SearchRun {
  private read = 0
  private of = 0
  private looked = 0
  private reading = true
  private readonly changed = new Map<string, SearchHit>()
  private readonly gone = new Set<string>()
  private sending: NodeJS.Timeout | undefined

  constructor(
    readonly terms: readonly SearchTerm[],
    readonly stream: StreamContext<'search'>,
  ) {
    stream.signal.addEventListener('abort', () => clearTimeout(this.sending), { once: true })
  }

  /** Whether the search is about a cluster at all. */
  takes(context: string): boolean {
    return this.terms.every((t) => t.field !== 'cluster' || answers(t, context) !== t.inverse)
  }

  /** Searches in a kind of a cluster; `state` is told why it cannot be read, and when it can. */
  kind(session: Session, kind: KindInfo, state: (error?: RpcError) => void): SearchedKind {
    const { stream } = this
    return new SearchedKind(session, kind, this.terms, stream.signal, {
      hits: (hits) => {
        for (const hit of hits) {
          this.gone.delete(hit.id)
          this.changed.set(hit.id, hit)
        }
        this.send()
      },
      gone: (ids) => {
        for (const id of ids) {
          this.changed.delete(id)
          this.gone.add(id)
        }
        this.send()
      },
      looked: (objects) => void (this.looked += objects),
      cut: () => stream.emit({ type: 'cut', context: session.context, kind: kind.kind }),
      state,
      drained: () => stream.drained(),
    })
  }

  /** So many more kinds are to be read, and have been. */
  progress(more: number, read = 0): void {
    this.of += more
    this.read += read
    if (this.reading) this.stream.emit({ type: 'progress', read: this.read, of: this.of })
  }

  /** All that can answer has been read. */
  done(): void {
    this.flush()
    this.reading = false
    this.stream.emit({ type: 'done', looked: this.looked })
  }

  /** What is found first is sent at once. */
  private send(): void {
    if (this.reading) this.flush()
    else this.sending ??= setTimeout(() => this.flush(), SEND_AFTER).unref()
  }

  private flush(): void {
    clearTimeout(this.sending)
    this.sending = undefined
    const [hits, ids] = [[...this.changed.values()], [...this.gone]]
    this.changed.clear()
    this.gone.clear()
    if (hits.length) this.stream.emit({ type: 'hits', hits })
    if (ids.length) this.stream.emit({ type: 'gone', ids })
  }
}

/** A search in one cluster: read as soon as its server answers, and followed through the losses of its connection. */
class ClusterSearch {
  private told: string | undefined
  /** Why its kinds are not known. */
  private unknown: RpcError | undefined
  private readonly failed = new Map<KindInfo, RpcError>()
  private readonly refused = new Set<string>()
  private readonly unwatched = new Set<string>()
  private watches = 0

  constructor(
    private readonly session: Session,
    private readonly where: SearchParams['clusters'][number],
    private readonly run: SearchRun,
  ) {
    run.stream.signal.addEventListener(
      'abort',
      session.listen(() => this.tell()),
      { once: true },
    )
  }

  /** Resolves when all kinds have been read that can be; others follow once they can. */
  async read(): Promise<void> {
    const { session, run } = this
    let all: KindInfo[]
    try {
      all = await session.kinds()
    } catch (error) {
      this.unknown = toRpcError(error)
      this.tell()
      return void this.readLater()
    }
    this.unknown = undefined
    const queue = kindsToRead(all, run.terms)
    run.progress(queue.length)
    const worker = async (): Promise<void> => {
      for (let kind = queue.shift(); kind && !run.stream.signal.aborted; kind = queue.shift()) {
        await this.readKind(kind)
        run.progress(0, 1)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    this.tell()
  }

  private async readLater(): Promise<void> {
    const { signal } = this.run.stream
    await untilRetry(this.session, AGAIN, signal)
    if (!signal.aborted) await this.read()
  }

  private async readKind(kind: KindInfo): Promise<void> {
    const { terms } = this.run
    const { namespaces: typed = [], likely = [] } = this.where
    const searched = this.run.kind(this.session, kind, (error) => {
      if (error) this.failed.set(kind, error)
      else this.failed.delete(kind)
      this.tell()
    })
    const named = kind.namespaced ? plainNames(terms, 'ns') : undefined
    const allowed = await searched.readAll(named ?? (kind.namespaced && typed.length ? typed : [undefined]))
    // Who may not list all namespaces may list theirs.
    const others = kind.namespaced && likely.length > 0 && !named
    if (!allowed && !(others && (await searched.readAll(likely)))) this.refused.add(kind.kind)
    this.watches += searched.watches
    if (this.watches > MOST_WATCHES) this.unwatched.add(kind.kind)
    else void searched.follow().then((watched) => watched || (this.unwatched.add(kind.kind), this.tell()))
  }

  /** Tells how it stands, when that has changed. */
  private tell(): void {
    const { session, unknown, failed } = this
    const { context, state } = session
    const error = (state.phase === 'live' || state.phase === 'idle' ? undefined : state.error) ?? unknown ?? [...failed.values()][0]
    const cluster = { context, refused: [...this.refused].sort(), unwatched: [...this.unwatched].sort(), ...(error ? { error } : {}) }
    const text = JSON.stringify(cluster)
    if (text === this.told) return
    this.told = text
    this.run.stream.emit({ type: 'cluster', cluster })
  }
}
