import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { SearchedCluster, SearchEvent, SearchHit, SearchParams } from '../../src-main/backend/rpc/contract.js'
import { errorText } from '../app/error-text.js'
import { backend, type StreamHandle } from '../app/rpc.js'
import { resourceKey } from '../app/routes.js'

/** The hits of one kind. */
export interface HitGroup {
  /** The kind as addresses write it. */
  key: string
  kind: string
  hits: SearchHit[]
}

/** How a search is. */
export interface SearchState {
  phase: 'idle' | 'reading' | 'done' | 'failed'
  /** Kinds that have been read, of all that are to be. */
  read: number
  of: number
  /** Objects that were looked at. */
  looked: number
  cut: { context: string; kind: string }[]
  /** How each cluster stands. */
  clusters: SearchedCluster[]
  problem?: { part: string; message: string }
}

const idle: SearchState = { phase: 'idle', read: 0, of: 0, looked: 0, cut: [], clusters: [] }
/** A person who types is not asked after each letter, ms. */
const WAIT = 250
/** Between two paintings of hits that come in, ms. */
const PAINT = 80

/**
 * Searches for whatever `params` gives, again a moment after it changes; null searches for nothing. What is found changes as the
 * objects do, as long as the search is open.
 */
export function useSearch(params: () => SearchParams | null): {
  groups: ShallowRef<HitGroup[]>
  state: ShallowRef<SearchState>
  refresh: () => void
} {
  const groups = shallowRef<HitGroup[]>([])
  const state = shallowRef<SearchState>(idle)
  let stream: StreamHandle<'search'> | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  let painting: ReturnType<typeof setTimeout> | undefined
  const hits = new Map<string, SearchHit>()
  /** While the same is read anew: what was found before stays in sight, so that nothing loses its place or the keyboard. */
  const earlier = new Map<string, SearchHit>()
  let asked = ''

  function stop(): void {
    stream?.close()
    stream = undefined
    clearTimeout(waiting)
    clearTimeout(painting)
    painting = undefined
  }
  function paint(): void {
    clearTimeout(painting)
    painting = undefined
    groups.value = grouped([...new Map([...earlier, ...hits]).values()])
  }
  /** Nothing is known any more: the same search is read anew, or another one is. */
  function begin(same: boolean): void {
    if (same) for (const [id, hit] of hits) earlier.set(id, hit)
    else earlier.clear()
    hits.clear()
  }

  function take(event: SearchEvent): void {
    const now = state.value
    switch (event.type) {
      case 'begin':
        begin(true)
        state.value = { ...idle, phase: 'reading' }
        return
      case 'problem':
        state.value = { ...now, phase: 'failed', problem: event }
        return
      case 'progress':
        state.value = { ...now, read: event.read, of: event.of }
        return
      case 'cluster':
        state.value = { ...now, clusters: [...now.clusters.filter((c) => c.context !== event.cluster.context), event.cluster] }
        return
      case 'cut':
        state.value = { ...now, cut: [...now.cut, event] }
        return
      case 'done':
        if (now.phase !== 'failed') state.value = { ...now, phase: 'done', looked: event.looked }
        earlier.clear()
        return paint()
      case 'hits':
        for (const hit of event.hits) hits.set(hit.id, hit)
        break
      case 'gone':
        for (const id of event.ids) {
          hits.delete(id)
          earlier.delete(id)
        }
    }
    painting ??= setTimeout(paint, PAINT)
  }

  /** Searches now. What was found before stays in sight until something is found anew. */
  function refresh(): void {
    stop()
    const p = params()
    const text = JSON.stringify(p)
    begin(text === asked)
    asked = text
    if (!p || !p.query.trim()) {
      groups.value = []
      state.value = idle
      return
    }
    state.value = { ...idle, phase: 'reading' }
    const opened: StreamHandle<'search'> = backend.open(
      'search',
      p,
      (e) => (stream === opened ? take(e) : undefined),
      (error) => {
        if (stream === opened && error) state.value = { ...state.value, phase: 'failed', problem: { part: '', message: errorText(error) } }
      },
    )
    stream = opened
  }

  watch(
    () => JSON.stringify(params()),
    (_, before) => {
      clearTimeout(waiting)
      if (before === undefined) refresh()
      else waiting = setTimeout(refresh, WAIT)
    },
    { immediate: true },
  )
  onScopeDispose(stop)
  return { groups, state, refresh }
}

/** Hits by kind; kinds and hits by name. */
export function grouped(hits: readonly SearchHit[]): HitGroup[] {
  const groups = new Map<string, HitGroup>()
  for (const hit of hits) {
    const key = resourceKey(hit.ref)
    const known = groups.get(key)
    if (known) known.hits.push(hit)
    else groups.set(key, { key, kind: hit.kind, hits: [hit] })
  }
  const text = ({ ref, context }: SearchHit) => `${ref.name}\u0000${ref.namespace ?? ''}\u0000${context}`
  for (const g of groups.values()) g.hits.sort((a, b) => (text(a) < text(b) ? -1 : 1))
  return [...groups.values()].sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.key < b.key ? -1 : 1))
}
