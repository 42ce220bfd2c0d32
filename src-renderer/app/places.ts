import type { RouteLocationNormalizedLoaded } from 'vue-router'
import { useSettings } from '../stores/settings.js'

/** Where a context was left, or its overview. */
export function placeOf(context: string): string {
  const route = useSettings().value.places[context]?.route
  const start = `/c/${encodeURIComponent(context)}/`
  return route?.startsWith(start) ? route : `${start}overview`
}

/** Remembers where a context is. */
export function rememberPlace(to: RouteLocationNormalizedLoaded): void {
  const context = to.params.context
  if (typeof context !== 'string' || !context) return
  const settings = useSettings()
  const place = settings.value.places[context]
  if (place?.route === to.fullPath) return
  settings.set({ places: { ...settings.value.places, [context]: { ...place, route: to.fullPath } } })
}
