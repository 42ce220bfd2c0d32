/** Where the address of the window says which objects are open: one at the side of the list, and one that is kept beside it. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** The parts of the query: the object, its cluster where that is not the page's, and the tab that is shown. */
export interface DetailsPlace {
  object: string
  on: string
  tab: string
}

export const openPlace: DetailsPlace = { object: 'o', on: 'on', tab: 'tab' }
/** Stays where other objects are opened and other lists shown. */
export const keptPlace: DetailsPlace = { object: 'o2', on: 'on2', tab: 'tab2' }

/** The query without the object of a place. */
export const withoutDetails = (query: LocationQuery, place: DetailsPlace): LocationQueryRaw => ({
  ...query,
  [place.object]: undefined,
  [place.on]: undefined,
  [place.tab]: undefined,
})

/** What a query says of a place, for another query. */
export const detailsOf = (query: LocationQuery, place: DetailsPlace): LocationQueryRaw =>
  Object.fromEntries(Object.values(place as unknown as Record<string, string>).map((name) => [name, query[name]]))

/** The query with the open object kept: the place at the side of the list is free for the next one. */
export const keepDetails = (query: LocationQuery): LocationQueryRaw => ({
  ...withoutDetails(query, openPlace),
  [keptPlace.object]: query[openPlace.object],
  [keptPlace.on]: query[openPlace.on],
  [keptPlace.tab]: query[openPlace.tab],
})
