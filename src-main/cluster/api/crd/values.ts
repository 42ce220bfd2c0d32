/**
 * What is done to a custom resource before it is judged: fields that are not declared are pruned, nulls that are not
 * allowed are dropped, and defaults are filled in. Follows "Field pruning" and "Defaulting" of the documentation of
 * CustomResourceDefinitions.
 */
import { copyJson } from '../copy.js'
import { fieldOf, isObject, isTypeOrMetadata, keepsUnknown, type Json, type SchemaNode } from './schema.js'

/** Removes what the schema does not declare, in place. `isResource` spares the type and the metadata. */
export function prune(value: unknown, node: SchemaNode, isResource: boolean): void {
  if (Array.isArray(value)) {
    if (node.items) for (const element of value) prune(element, node.items, isEmbedded(node.items))
    return
  }
  if (!isObject(value)) return
  const open = keepsUnknown(node)
  for (const name of Object.keys(value)) {
    if (isResource && isTypeOrMetadata(name)) continue
    const field = fieldOf(node, name)
    if (field) prune(value[name], field, isEmbedded(field))
    else if (!open) delete value[name]
  }
}

const isEmbedded = (node: SchemaNode): boolean => node['x-kubernetes-embedded-resource'] === true

const hasDefault = (node: SchemaNode): boolean => node.default !== undefined && node.default !== null

/** Fills in defaults where a field is left out, or null though it may not be; drops other nulls that may not be. In place. */
export function setDefaults(value: unknown, node: SchemaNode): void {
  if (Array.isArray(value)) {
    const { items } = node
    if (!items) return
    value.forEach((element: unknown, i) => {
      if (element === null && !items.nullable && hasDefault(items)) value[i] = copyJson(items.default)
      setDefaults(value[i], items)
    })
    return
  }
  if (!isObject(value)) return
  for (const [name, field] of Object.entries(node.properties ?? {})) {
    if (!hasDefault(field)) continue
    if (value[name] === undefined || (value[name] === null && !field.nullable)) value[name] = copyJson(field.default)
  }
  for (const name of Object.keys(value)) setFieldDefaults(value, name, node)
}

function setFieldDefaults(object: Json, name: string, node: SchemaNode): void {
  const field = fieldOf(node, name)
  if (!field) return
  if (object[name] === null && !field.nullable) {
    if (hasDefault(field)) object[name] = copyJson(field.default)
    else delete object[name]
  }
  setDefaults(object[name], field)
}

/**
 * Whether a value is as this schema would leave it: nothing to prune, no default to fill in. What was stored under an
 * earlier schema may not be.
 */
export function isSettled(value: unknown, node: SchemaNode, isResource: boolean): boolean {
  if (Array.isArray(value)) {
    const { items } = node
    if (!items) return true
    return value.every((element) => !takesDefault(element, items) && isSettled(element, items, isEmbedded(items)))
  }
  if (!isObject(value)) return true
  for (const [name, field] of Object.entries(node.properties ?? {})) if (takesDefault(value[name], field)) return false
  const open = keepsUnknown(node)
  return Object.keys(value).every((name) => {
    if (isResource && isTypeOrMetadata(name)) return true
    const field = fieldOf(node, name)
    if (!field) return open
    if (value[name] === null && !field.nullable) return false
    return isSettled(value[name], field, isEmbedded(field))
  })
}

/** Whether a schema declares all that there is in a value. */
export function isPruned(value: unknown, node: SchemaNode, isResource: boolean): boolean {
  if (Array.isArray(value)) {
    const { items } = node
    return !items || value.every((element) => isPruned(element, items, isEmbedded(items)))
  }
  if (!isObject(value)) return true
  const open = keepsUnknown(node)
  return Object.keys(value).every((name) => {
    if (isResource && isTypeOrMetadata(name)) return true
    const field = fieldOf(node, name)
    return field ? isPruned(value[name], field, isEmbedded(field)) : open
  })
}

const takesDefault = (value: unknown, node: SchemaNode): boolean =>
  hasDefault(node) && (value === undefined || (value === null && !node.nullable))
