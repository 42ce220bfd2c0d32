/**
 * What expressions that make patches have besides: objects of the kind that they are about, and operations of a JSON
 * patch. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
import { DYN, listOf, STRING, type Type } from './types.js'

/** An object that is to be applied, or an object in it: nothing is known of its fields before it meets its kind. */
function patchObject(name: string): Type {
  return { kind: 'object', name, field: () => DYN }
}

const OPERATION_FIELDS: Readonly<Record<string, Type>> = { op: STRING, path: STRING, from: STRING, value: DYN }

const OPERATION: Type = {
  kind: 'object',
  name: 'JSONPatch',
  field: (name) => (Object.hasOwn(OPERATION_FIELDS, name) ? OPERATION_FIELDS[name] : undefined),
}

/** What an apply configuration gives. */
export const APPLY_CONFIGURATION = patchObject('Object')
/** What a JSON patch gives. */
export const OPERATIONS = listOf(OPERATION)

/** The type of what `Name{…}` makes; undefined where nothing has that name. */
export function patchStructure(name: string): Type | undefined {
  if (name === 'JSONPatch') return OPERATION
  return name === 'Object' || name.startsWith('Object.') ? patchObject(name) : undefined
}

/** Functions that only such expressions have. */
export const PATCH_FUNCTIONS: ReadonlySet<string> = new Set(['jsonpatch.escapeKey'])
