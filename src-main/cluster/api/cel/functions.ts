/** All functions that an expression may call: CEL's own, its extensions, and Kubernetes' libraries. */
import { AUTHORIZATION } from './functions/authorization.js'
import { COLLECTIONS } from './functions/collections.js'
import { CONVERSIONS } from './functions/conversions.js'
import { KUBERNETES } from './functions/kubernetes.js'
import { MOMENTS } from './functions/moments.js'
import { OPERATORS } from './functions/operators.js'
import type { Overload } from './functions/overload.js'
import { PATTERNS } from './functions/patterns.js'
import { STRINGS } from './functions/strings.js'
import type { Type } from './types.js'
import { kindOf, type Value } from './values.js'

const ALL = [...OPERATORS, ...CONVERSIONS, ...MOMENTS, ...STRINGS, ...PATTERNS, ...COLLECTIONS, ...KUBERNETES, ...AUTHORIZATION]

const byName = new Map<string, Overload[]>()
for (const overload of ALL) {
  const known = byName.get(overload.name)
  if (known) known.push(overload)
  else byName.set(overload.name, [overload])
}

/** All ways to call a function of a name, as a method or not. */
export function overloadsOf(name: string, isMethod: boolean): readonly Overload[] {
  return (byName.get(name) ?? []).filter((o) => (o.target !== undefined) === isMethod)
}

/** Whether there is a function or method of a name. */
export const isFunction = (name: string): boolean => byName.has(name)

/** Whether a value may be of a type: only its outermost part is looked at. */
export function mayBe(value: Value, type: Type): boolean {
  if (type.kind === 'dyn' || type.kind === 'param') return true
  const kind = kindOf(value)
  return kind === type.kind || (kind === 'map' && type.kind === 'object')
}
