/** The fields of a custom resource that field selectors may name (`selectableFields`). */
import { field, type FieldError } from '../errors.js'
import type { SchemaNode } from './schema.js'

const MOST = 8

/** Checks the selectable fields of a version against its schema. */
export function selectableFaults(fields: readonly { jsonPath?: string | null }[], schema: SchemaNode, path: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  fields.forEach(({ jsonPath }, i) => {
    const at = `${path}[${i}].jsonPath`
    if (!jsonPath) {
      errors.push(field.required(at))
      return
    }
    const found = resolve(jsonPath, schema)
    if (typeof found === 'string') {
      errors.push(field.invalid(at, jsonPath, `is an invalid path: ${found}`))
      return
    }
    if (/^\.metadata(\.|$)/.test(jsonPath)) errors.push(field.invalid(at, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      const text = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(field.invalid(at, jsonPath, text))
    }
    if (seen.has(jsonPath)) errors.push(field.duplicate(at, jsonPath))
    seen.add(jsonPath)
  })
  if (seen.size > MOST) errors.push(field.tooMany(path, seen.size, MOST))
  return errors
}

/** The schema that a path leads to, or why there is none. */
function resolve(path: string, schema: SchemaNode): SchemaNode | string {
  let node = schema
  for (const [token, name] of path.matchAll(/\.([^.[\]]*)|[[\]]|[^.[\]]+/g)) {
    if (token === '[') return 'array notation is not allowed'
    if (name === undefined) return `expected [ or . but got: ${token}`
    if (name === '') return 'unexpected end of JSON path'
    const next = node.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : undefined
    if (!next) return 'does not refer to a valid field'
    node = next
  }
  return node
}
