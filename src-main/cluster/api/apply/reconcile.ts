/** What managers own, when the schema of a custom resource has changed since it was written down. */
import { loadSchema } from '../schema/schema.js'
import type { Model, Property } from '../schema/schema.js'
import { isEmptySet, LEAF } from './fields.js'
import type { Fields } from './fields.js'
import type { Manager } from './managers.js'
import { fieldOf, shapeOf } from './typed.js'

const known = new WeakMap<Model, WeakMap<Fields, Fields>>()

/**
 * The managers with their fields as the schema has them now: who owned parts of what has become one value owns it as a
 * whole. The other way nothing changes: who owned the whole owns it still. Built-in types never change in this.
 */
export function reconciled(managers: readonly Manager[], model: Model): Manager[] {
  if (loadSchema().has(model.name)) return [...managers]
  return managers.map((m) => {
    const fields = settled(m.fields, model)
    if (fields === m.fields) return m
    const { entry: _, ...rest } = m
    return { ...rest, fields }
  })
}

function settled(set: Fields, model: Model): Fields {
  let sets = known.get(model)
  if (!sets) known.set(model, (sets = new WeakMap()))
  let fields = sets.get(set)
  if (!fields) sets.set(set, (fields = visit(set, (name) => model.properties.get(name), undefined)))
  return fields
}

function visit(set: Fields, propertyOf: (name: string) => Property | undefined, items: Property | undefined): Fields {
  let out: Record<string, Fields> | undefined
  for (const element in set) {
    if (element === '.') continue
    const property = element.startsWith('f:') ? propertyOf(element.slice(2)) : items
    const child = set[element]!
    if (!property || isEmptySet(child)) continue
    const inner = shapeOf(property) === 'leaf' ? LEAF : visit(child, (name) => fieldOf(property, name), property.items)
    if (inner !== child) (out ??= { ...set })[element] = inner
  }
  return out ?? set
}
