/**
 * Simple paths into the values of a schema, such as `.spec.names['a']`: what a rule's fieldPath and the selectable
 * fields of a definition are.
 */
import { valuesOf, type SchemaNode } from './schema.js'

/** Where a path leads to. */
export interface FieldPath {
  /** As messages have it: `spec.names[a]`. */
  readonly path: string
  /** The name that it begins with. */
  readonly root: string
  readonly schema: SchemaNode
}

const NOWHERE = 'does not refer to a valid field'
const UNFINISHED = 'unexpected end of JSON path'

/** Follows a path through fields and keys that a schema has; a text tells why there is no such place. */
export function followPath(path: string, schema: SchemaNode, options: { brackets: boolean } = { brackets: true }): FieldPath | string {
  const tokens = path.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]']+|'/g) ?? []
  let node = schema
  let at = ''
  let root = ''
  const enter = (name: string): string | undefined => {
    const { properties } = node
    const values = valuesOf(node)
    const next = properties ? (Object.hasOwn(properties, name) ? properties[name] : undefined) : values
    if (!next) return NOWHERE
    at += properties ? (at ? `.${name}` : name) : `[${name}]`
    root ||= name
    node = next
    return undefined
  }
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    let fault: string | undefined
    if (token === '.') {
      const name = tokens[++i]
      fault = name === undefined ? UNFINISHED : enter(name)
    } else if (token === '[') {
      const name = tokens[++i]
      if (!options.brackets) return 'array notation is not allowed'
      if (name === undefined) return UNFINISHED
      if (!/^'[^]*'$/.test(name) || name.length < 2) return `expected single quoted string but got ${name}`
      fault = enter(name.slice(1, -1).replace(/\\(['\\])/g, '$1'))
      const close = tokens[++i]
      if (!fault && close !== ']') fault = close === undefined ? UNFINISHED : `expected ] but got ${close}`
    } else fault = `expected [ or . but got: ${token}`
    if (fault) return fault
  }
  return { path: at, root, schema: node }
}
