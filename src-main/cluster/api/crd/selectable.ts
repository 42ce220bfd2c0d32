/** The fields of a custom resource that field selectors may name (`selectableFields`). */
import { field, type FieldError } from '../errors.js'
import { followPath } from './field-paths.js'
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
    const found = followPath(jsonPath, schema, { brackets: false })
    if (typeof found === 'string') {
      errors.push(field.invalid(at, jsonPath, `is an invalid path: ${found}`))
      return
    }
    if (found.root === 'metadata') errors.push(field.invalid(at, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const text = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(field.invalid(at, jsonPath, text))
    }
    if (seen.has(found.path)) errors.push(field.duplicate(at, jsonPath))
    seen.add(found.path)
  })
  if (seen.size > MOST) errors.push(field.tooMany(path, seen.size, MOST))
  return errors
}
