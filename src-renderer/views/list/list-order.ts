import type { Sorting } from '../../components/row-model.js'

/** Kinds that are not in the order of their names as long as nobody asks for another one: of events the last says most. */
const usual: Record<string, string> = { events: 'lastSeen', 'events.events.k8s.io': 'lastSeen' }

/** The order that an address asks for: `age`, or `-age` for the other way; null for the order of names. @param key `pods`, `jobs.batch` */
export function orderOf(text: string, key: string): Sorting | null {
  const order = text || usual[key] || ''
  return order ? { column: order.replace(/^-/, ''), descending: order.startsWith('-') } : null
}

/** What the address asks for after a click on a heading: its column, the other way, then the usual order again. */
export function orderAfter(before: Sorting | null, column: string): string | undefined {
  if (before?.column !== column) return column
  return before.descending ? undefined : `-${column}`
}
