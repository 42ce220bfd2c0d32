import { parseQuery, stringifyQuery, type LocationQuery, type RouteLocationNormalizedLoaded } from 'vue-router'
import { useContexts } from '../stores/contexts.js'
import { useSettings } from '../stores/settings.js'

/** Where a tab was left, or the overview of its cluster. A context stands for its tab in front, or its first. */
export function placeOf(tab: string): string {
  const contexts = useContexts()
  const context = contexts.contextOf(tab)
  const route = useSettings().value.places[tab === context ? contexts.tabOf(context) : tab]?.route
  const start = `/c/${encodeURIComponent(context)}/`
  return route?.startsWith(start) ? route : `${start}overview`
}

/** Brings a tab to the front: the next address is its place. */
export function showTab(tab: string): string {
  useContexts().front = tab
  return useSettings().value.places[tab]?.route ?? placeOf(tab)
}

/** Remembers where a tab is. Going back in the history finds the tab again that was in front. */
export function rememberPlace(to: RouteLocationNormalizedLoaded, from: RouteLocationNormalizedLoaded): void {
  const context = to.params.context
  if (typeof context !== 'string' || !context) return
  const contexts = useContexts()
  const kept: unknown = (history.state as { tab?: unknown } | null)?.tab
  const tab = typeof kept === 'string' && contexts.contextOf(kept) === context ? kept : contexts.tabOf(context)
  contexts.front = tab
  if (kept !== tab) history.replaceState({ ...history.state, tab }, '')
  const settings = useSettings()
  const place = settings.value.places[tab]
  if (place?.route === to.fullPath) return
  const lists = listsAfter(place?.lists, to, from)
  settings.set({ places: { ...settings.value.places, [tab]: { ...place, route: to.fullPath, ...(lists ? { lists } : {}) } } })
}

/** The parts of the address of a list by which it is narrowed and sorted: the list comes back with them. */
const NARROWS = ['q', 'sort', 'label', 'f', 'faults']

/**
 * How the lists of a tab were left, once an address has changed. What changed on the page of a list is the person's own; what it was
 * opened with was asked for by an action (the pods of a Service), and is not what the list comes back with.
 */
function listsAfter(
  lists: Record<string, string> | undefined,
  to: RouteLocationNormalizedLoaded,
  from: RouteLocationNormalizedLoaded,
): Record<string, string> | undefined {
  const { resource } = to.params
  if (to.name !== 'list' || typeof resource !== 'string' || to.path !== from.path) return lists
  const before = parseQuery(lists?.[resource] ?? '')
  const changed = NARROWS.filter((name) => String(to.query[name]) !== String(from.query[name]))
  const now = stringifyQuery({ ...before, ...Object.fromEntries(changed.map((name) => [name, to.query[name]])) })
  if (now === (lists?.[resource] ?? '')) return lists
  const { [resource]: _, ...others } = lists ?? {}
  return now ? { ...others, [resource]: now } : others
}

/** How a list of the tab in front was narrowed and sorted when it was left, as a part of its address. */
export function keptList(context: string, resource: string): LocationQuery {
  return parseQuery(useSettings().value.places[useContexts().tabOf(context)]?.lists?.[resource] ?? '')
}
