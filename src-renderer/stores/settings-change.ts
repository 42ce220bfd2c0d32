/** What the backend is told of changed settings: what is gone has to be said, for it keeps what it is not told of. */

type Map = Record<string, unknown>
const isMap = (x: unknown): x is Map => typeof x === 'object' && x !== null && !Array.isArray(x)

/**
 * A change of whole top-level settings as the backend takes it, one level deep: null for what is gone.
 * @param before the settings before it
 */
export function changeToSend(before: Readonly<Map>, change: Readonly<Map>): Map {
  const sent: Map = {}
  for (const [key, value] of Object.entries(change)) {
    const old = before[key]
    if (!isMap(value)) sent[key] = value ?? null
    else {
      const gone = isMap(old) ? Object.keys(old).filter((k) => value[k] === undefined) : []
      sent[key] = { ...value, ...Object.fromEntries(gone.map((k) => [k, null])) }
    }
  }
  return sent
}

/** Two changes, one after the other, as one. */
export function bothChanges(first: Readonly<Map>, second: Readonly<Map>): Map {
  const both: Map = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const earlier = both[key]
    both[key] = isMap(value) && isMap(earlier) ? { ...earlier, ...value } : value
  }
  return both
}
