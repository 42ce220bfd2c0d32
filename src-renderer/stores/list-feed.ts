import type { ColumnInfo, ListEvent, ListParams, Row, RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend, type StreamHandle } from '../app/rpc.js'

/** What a list shows besides its rows. */
export interface ListState {
  phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'failed'
  /** When the phase began, ms since the epoch. */
  since: number
  error?: RpcError
  /** More rows of the first snapshot are on their way. */
  more: boolean
}

/** What a {@link ListFeed} tells. */
export interface FeedListener {
  columns(columns: ColumnInfo[]): void
  /** All rows so far: what was told before is void. */
  snapshot(rows: Row[]): void
  changes(upserts: Row[], removes: string[]): void
  state(state: ListState): void
}

/** A list that nothing is known of yet. */
export const loading = (): ListState => ({ phase: 'loading', since: Date.now(), more: false })

/** One list stream, and the state of what came on it. */
export class ListFeed {
  private current: ListState = loading()
  private readonly stream: StreamHandle<'list'>
  private closed = false

  constructor(
    params: ListParams,
    private readonly listener: FeedListener,
  ) {
    this.stream = backend.open(
      'list',
      params,
      (e) => (this.closed ? undefined : this.take(e)),
      (error) => this.phase(error?.reason === 'Forbidden' ? 'forbidden' : 'failed', error),
    )
  }

  get state(): ListState {
    return this.current
  }

  /** The window's own line to the backend is lost. */
  lost(): void {
    if (this.current.phase === 'live') this.phase('stale')
  }

  close(): void {
    this.closed = true
    this.stream.close()
  }

  private take(event: ListEvent): void {
    switch (event.type) {
      case 'columns':
        return this.listener.columns(event.columns)
      case 'snapshot':
        this.listener.snapshot(event.rows)
        // A first page without rows says nothing yet while more pages are on their way.
        return this.tell({ phase: event.complete || event.rows.length > 0 ? 'live' : 'loading', since: Date.now(), more: !event.complete })
      case 'more':
        this.listener.changes(event.rows, [])
        return this.tell({
          ...this.current,
          more: !event.complete,
          ...(event.complete && this.current.phase === 'loading' ? { phase: 'live', since: Date.now() } : {}),
        })
      case 'changes':
        return this.listener.changes(event.upserts, event.removes)
      case 'state':
        this.phase(event.phase, event.error)
    }
  }

  private phase(phase: ListState['phase'], error?: RpcError): void {
    if (this.closed) return
    const old = this.current
    this.tell({ phase, more: old.more, since: old.phase === phase ? old.since : Date.now(), ...(error ? { error } : {}) })
  }

  private tell(state: ListState): void {
    this.current = state
    this.listener.state(state)
  }
}
