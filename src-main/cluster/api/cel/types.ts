/** The types of CEL expressions, how messages name them, and which fit where. */

/** A type. `object` has named fields; `param` is a placeholder in a signature, such as the A of `list(A)`. */
export type Type =
  | { readonly kind: Simple; readonly shown?: string }
  | { readonly kind: 'list' | 'optional_type' | 'type'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'object'; readonly name: string; field(name: string): Type | undefined }
  | { readonly kind: 'param'; readonly name: string }

type Simple = (typeof SIMPLE)[number]

const SIMPLE = [
  'dyn',
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'null',
  'timestamp',
  'duration',
  'kubernetes.Quantity',
  'kubernetes.URL',
  'kubernetes.NamedFormat',
  'kubernetes.Semver',
  'net.IP',
  'net.CIDR',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
] as const

const simple = (kind: Simple): Type => ({ kind })

export const DYN = simple('dyn')
/** Anything, where a declaration and not the checker says so: only messages tell it from {@link DYN}. */
export const ANY: Type = { kind: 'dyn', shown: 'any' }
export const BOOL = simple('bool')
export const INT = simple('int')
export const UINT = simple('uint')
export const DOUBLE = simple('double')
export const STRING = simple('string')
export const BYTES = simple('bytes')
export const NULL = simple('null')
export const TIMESTAMP = simple('timestamp')
export const DURATION = simple('duration')
export const AUTHORIZER = simple('kubernetes.authorization.Authorizer')
export const RESOURCE_CHECK = simple('kubernetes.authorization.ResourceCheck')
export const listOf = (element: Type): Type => ({ kind: 'list', element })
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value })
export const optionalOf = (element: Type): Type => ({ kind: 'optional_type', element })
export const typeOf = (element: Type): Type => ({ kind: 'type', element })

/** A type as messages name it, such as `map(string, list(int))`. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
    case 'optional_type':
    case 'type':
      return `${type.kind}(${typeText(type.element)})`
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`
    case 'object':
    case 'param':
      return type.name
    default:
      return type.shown ?? type.kind
  }
}

/** The names that some types have where a type is named by itself, and not in what a call is given. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
}

/** A type as messages name what an expression gives. */
export const typeName = (type: Type): string =>
  typeText(type).replace(/(?<![\w.])(null|timestamp|duration)(?![\w.])/g, (name) => OWN_NAMES[name]!)

/** One way to call a function: what it takes and gives. */
export interface Signature {
  readonly name: string
  readonly target: Type | undefined
  readonly args: readonly Type[]
  readonly result: Type
}

/**
 * Reads a signature's types: `string, int => bool`. One capital letter is a placeholder for any type. Of a method the
 * first type is that of its target.
 */
export function signature(name: string, text: string, isMethod: boolean): Signature {
  const [given = '', result = ''] = text.split(' => ')
  const types = given ? split(given).map(typeFrom) : []
  return { name, target: isMethod ? types[0] : undefined, args: isMethod ? types.slice(1) : types, result: typeFrom(result) }
}

function typeFrom(text: string): Type {
  const [, name, inner] = /^([\w.]+)(?:\((.*)\))?$/.exec(text)!
  const params = inner === undefined ? [] : split(inner).map(typeFrom)
  if (name === 'list' || name === 'optional_type' || name === 'type') return { kind: name, element: params[0]! }
  if (name === 'map') return mapOf(params[0]!, params[1]!)
  return /^[A-Z]$/.test(name!) ? { kind: 'param', name: name! } : simple(name as Simple)
}

/** Splits at the commas that are not inside of parentheses. */
function split(text: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const c of text) {
    if (c === '(') depth++
    if (c === ')') depth--
    if (c === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += c
  }
  return parts.map((p) => p.trim())
}

/** What the placeholders of a signature stand for in one call. */
export type Bindings = Map<string, Type>

/** Whether a value of a type may be given where another is wanted; binds the placeholders of what is wanted. */
export function fits(given: Type, wanted: Type, bindings: Bindings): boolean {
  if (wanted.kind === 'param') {
    const bound = bindings.get(wanted.name)
    if (!bound || bound.kind === 'dyn') {
      bindings.set(wanted.name, bound ?? given)
      return true
    }
    if (given.kind !== 'dyn' && !fits(given, bound, bindings)) {
      // What was bound may be the narrower of the two: null, or an empty list.
      if (!fits(bound, given, bindings)) return false
      bindings.set(wanted.name, given)
    }
    return true
  }
  if (given.kind === 'dyn' || wanted.kind === 'dyn' || given.kind === 'param') return true
  // Whatever may be absent may be null.
  if (given.kind === 'null') return !NEVER_NULL.has(wanted.kind)
  if (wanted.kind === 'null') return !NEVER_NULL.has(given.kind)
  if (given.kind !== wanted.kind) return false
  // Types are compared whatever they are of.
  if (given.kind === 'type') return true
  if (given.kind === 'list' || given.kind === 'optional_type') return fits(given.element, (wanted as typeof given).element, bindings)
  if (given.kind === 'map') {
    const other = wanted as typeof given
    return fits(given.key, other.key, bindings) && fits(given.value, other.value, bindings)
  }
  return given.kind !== 'object' || given.name === (wanted as typeof given).name
}

const NEVER_NULL: ReadonlySet<string> = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'type', 'param'])

/** A type with its placeholders replaced. Those that nothing is known of may be anything. */
export function bound(type: Type, bindings: Bindings): Type {
  switch (type.kind) {
    case 'param':
      return bindings.get(type.name) ?? DYN
    case 'list':
    case 'optional_type':
    case 'type':
      return { kind: type.kind, element: bound(type.element, bindings) }
    case 'map':
      return mapOf(bound(type.key, bindings), bound(type.value, bindings))
    default:
      return type
  }
}

/** The type that both have; undefined when there is none. */
export function joined(a: Type, b: Type): Type | undefined {
  if (a.kind === 'null') return fits(a, b, new Map()) ? b : undefined
  if (a.kind === 'dyn' || b.kind === 'dyn') return a.kind === 'dyn' ? a : b
  return fits(b, a, new Map()) ? a : undefined
}
