/** The types of objects whose fields are known, for expressions that are checked against them. */
import { escapeName } from '../crd/rule-types.js'
import type { Model, Property } from '../schema/schema.js'
import { FORMAT_TYPES } from './check.js'
import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, STRING, TIMESTAMP, type Type } from './types.js'

/** The type of the objects of a model; messages call it by the name, and what is in it by the names of its fields after that. */
export function typeOfModel(model: Model, name: string): Type {
  const known = new Map<string, Type>()
  const properties = new Map([...model.properties].map(([field, property]) => [escapeName(field), property]))
  return {
    kind: 'object',
    name,
    field(field) {
      const property = properties.get(field)
      let type = known.get(field)
      if (!type && property) known.set(field, (type = typeOfProperty(property, `${name}.${field}`)))
      return type
    },
  }
}

function typeOfProperty(property: Property, name: string): Type {
  switch (property.type) {
    case 'string':
      return FORMAT_TYPES[property.format] ?? STRING
    case 'boolean':
      return BOOL
    case 'integer':
      return INT
    case 'number':
      return DOUBLE
    case 'time':
      return TIMESTAMP
    case 'bytes':
      return BYTES
    case 'array':
      return listOf(typeOfProperty(property.items!, `${name}.@idx`))
    case 'map':
      return mapOf(STRING, typeOfProperty(property.items!, `${name}.@elem`))
    case 'object':
      return typeOfModel(property.model!, name)
    default:
      // Quantities and others may be of several types.
      return DYN
  }
}
