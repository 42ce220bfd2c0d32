/** Objects as expressions see them that know nothing of their schema. */
import type { Value } from './values.js'

/** JSON as a value: whole numbers are ints, objects are maps by the names of their fields, what is missing is null. */
export function plainValue(json: unknown): Value {
  switch (typeof json) {
    case 'bigint':
    case 'boolean':
    case 'string':
      return json
    case 'number':
      // What is whole beyond 2^53 and no bigint is a floating-point number.
      return Number.isSafeInteger(json) ? BigInt(json) : json
  }
  if (Array.isArray(json)) return json.map(plainValue)
  if (typeof json !== 'object' || json === null) return null
  const map = new Map<Value, Value>()
  for (const [name, part] of Object.entries(json)) if (part !== undefined) map.set(name, plainValue(part))
  return map
}
