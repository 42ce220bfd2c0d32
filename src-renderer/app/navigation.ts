/** Going from place to place so that what a person did last is where the window ends, however slow what came before was. */
import { isNavigationFailure, NavigationFailureType, type LocationQuery, type LocationQueryRaw } from 'vue-router'
import { router } from './router.js'

/** Where the window is on its way to: a view may still have to be loaded. */
let heading: { path: string; query: LocationQuery } | undefined
/** How many times the window has set out for another place. */
let departures = 0

router.beforeEach((to) => {
  heading = to
  departures++
})
router.afterEach((_to, _from, failure) => {
  // One that was cancelled gave way to another, which is still under way.
  if (!isNavigationFailure(failure, NavigationFailureType.cancelled)) heading = undefined
})
router.onError(() => (heading = undefined))

/** The path of where the window is, or on its way to. */
export const pathAhead = (): string => (heading ?? router.currentRoute.value).path

/**
 * Changes the query of the address without losing a change, or a way to another place, that is not done yet.
 * @param change gives the query that shall be for the one there is
 * @param how `push` is a step of its own to go back over; `onward` says that the change holds for another place, too, which the window is
 * on its way to: without it, what was changed on the page that is left is left with it
 */
export async function changeQuery(
  change: (query: LocationQuery) => LocationQueryRaw,
  { push = false, onward = false }: { push?: boolean; onward?: boolean } = {},
): Promise<void> {
  const from = heading ?? router.currentRoute.value
  if (from.path !== router.currentRoute.value.path && !onward) return
  const to = router.resolve({ path: from.path, query: change(from.query) })
  heading = to
  const state = { path: to.path, query: to.query }
  await (push ? router.push(state) : router.replace(state))
}

/** To be asked after a wait, before the window goes somewhere by itself: whether the person is still at the place of the call. */
export function stillHere(): () => boolean {
  const at = departures
  return () => departures === at
}
