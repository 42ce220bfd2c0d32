/** What Go's converter of maps to objects says of a value of a wrong type: the outcome of a strategic merge patch goes through it. */
import type { Property } from './schema.js'

/** How Go names the kind of a decoded JSON value. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map'
}

/** Go's name of a field's type, of what it points to if it is a pointer. */
const typeOf = (property: Property): string => property.goType.replace(/^\*/, '')

const SIMPLE: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', number: 'float64' }

/** The converter's text; undefined for types that decode themselves, as from JSON. */
export function restoreFault(value: unknown, property: Property): string | undefined {
  const from = goKind(value)
  switch (property.type) {
    case 'object':
      return `cannot restore struct from: ${from}`
    case 'map':
      return `cannot restore map from ${from}`
    case 'bytes':
      // Go has bytes in a list of numbers, too.
      return from === 'slice' ? 'unrecognized type: uint8' : `cannot restore slice from ${from}`
    case 'array':
      return `cannot restore slice from ${from}`
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number': {
      // Go would make a text of a whole number and a whole number of a fraction, which is not meant here.
      const convertible = property.type === 'string' ? from === 'int64' : property.type === 'integer' && from === 'float64'
      if (convertible) return `cannot convert ${from} to ${typeOf(property)}`
      return `unrecognized type: ${SIMPLE[property.type] ?? typeOf(property)}`
    }
    default:
      return undefined
  }
}
