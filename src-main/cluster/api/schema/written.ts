/** What Go writes of a status though nobody has said it: fields without `omitempty`, and structures that are no pointers. */
import type { Model, Property } from './schema.js'

/** Structures in statuses that are always there, by model. */
const STRUCTURES: Readonly<Record<string, readonly string[]>> = {
  V1ContainerStatus: ['state', 'lastState'],
  V1IngressStatus: ['loadBalancer'],
  V1ServiceStatus: ['loadBalancer'],
}

type Fields = Record<string, unknown>

/** Puts the zeros of what is missing into a status, in place. Custom resources have what was said. */
export function fillStatus(object: Fields, model: Model): void {
  const property = model.custom ? undefined : model.properties.get('status')
  if (property) fillValue(object['status'], property)
}

function fillValue(value: unknown, property: Property): void {
  if (typeof value !== 'object' || value === null) return
  if (property.model) fillFields(value as Fields, property.model)
  // Most lists and maps are of texts and numbers.
  else if (property.items?.model) for (const element of Object.values(value)) fillValue(element, property.items)
}

function fillFields(fields: Fields, model: Model): void {
  for (const name of STRUCTURES[model.name] ?? []) fields[name] ??= {}
  for (const name of model.required) {
    const zero = zeroOf(model.properties.get(name))
    if (zero !== undefined) fields[name] ??= zero
  }
  for (const name in fields) {
    const property = model.properties.get(name)
    if (property) fillValue(fields[name], property)
  }
}

function zeroOf(property: Property | undefined): unknown {
  switch (property?.type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    default:
      return undefined
  }
}
