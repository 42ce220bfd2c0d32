/** Which row each element of a list shows, by the element's number: a row's index, or -1 for none. Row `i` is always in element `i % length`. */
export type RowPlaces = readonly number[]

/** A list as it is scrolled. */
export interface RowSight {
  /** The first row in sight, and the first one after those in sight. */
  from: number
  to: number
  /** How many rows the list has. */
  count: number
}

/**
 * Places the rows of a list in its elements: those in sight all at once, those beyond at both ends only as long as no more than `most`
 * elements change in all, the nearest first. An element that is left out keeps the row it has, which is out of sight: a jump thereby
 * costs no more than the rows that are seen, and what may come into sight next is drawn in the frames after it.
 * @param places as they are now
 * @returns the new places (`places` itself where nothing changed), and whether rows beyond are still to be placed
 */
export function placeRows(places: RowPlaces, { from, to, count }: RowSight, most: number): { places: RowPlaces; more: boolean } {
  const next = places.map((i) => (i < count ? i : -1))
  let left = most
  const put = (i: number): void => {
    if (next[i % next.length] === i) return
    next[i % next.length] = i
    left--
  }
  for (let i = from; i < Math.min(to, count); i++) put(i)
  // As many rows as there are elements, as far as the list reaches.
  const beyond = (next.length - (to - from)) >> 1
  const first = Math.max(0, Math.min(from - beyond, count - next.length))
  const end = Math.min(count, first + next.length)
  let more = false
  for (let away = 0; away < next.length; away++) {
    for (const i of [to + away, from - 1 - away]) {
      if (i < first || i >= end || next[i % next.length] === i) continue
      if (left > 0) put(i)
      else more = true
    }
  }
  return { places: next.some((i, at) => i !== places[at]) ? next : places, more }
}
