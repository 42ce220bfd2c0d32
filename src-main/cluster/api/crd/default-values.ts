/** Whether the defaults of a schema follow it: nothing is pruned from them, they are valid, and the rules hold for them. */
import { copyJson, equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import { validateEmbedded } from './embedded.js'
import { isEmbedded } from './rule-types.js'
import { ruleFaultsAlone } from './rules.js'
import type { SchemaNode } from './schema.js'
import { validateValue } from './validate.js'
import { prune } from './values.js'

/** What is wrong with the defaults of a schema, which has the path given. */
export function defaultFaults(node: SchemaNode, path: string): FieldError[] {
  const errors: FieldError[] = []
  const value = node.default
  if (value !== undefined && value !== null) {
    const at = `${path}.default`
    const pruned = copyJson(value)
    prune(pruned, node, isEmbedded(node))
    if (!equalJson(pruned, value)) errors.push(field.invalid(at, value, 'must not have unknown fields'))
    const embedded = validateEmbedded(value, node, at, false)
    const found = embedded.length > 0 ? embedded : validateValue(value, node, undefined, at)
    errors.push(...(found.length > 0 ? found : ruleFaultsAlone(value, node, at)))
  }
  if (node.items) errors.push(...defaultFaults(node.items, `${path}.items`))
  for (const [name, property] of Object.entries(node.properties ?? {}))
    errors.push(...defaultFaults(property, `${path}.properties[${name}]`))
  return errors
}
