/**
 * Sets of fields in the form that `metadata.managedFields[].fieldsV1` has on the wire: a trie of path elements
 * (`f:name`, `k:{"name":"a"}`, `v:"x"`). An element without children is in the set; one with children is in it when
 * it has a `.` among them. All functions are pure; what does not change is shared.
 */
import { jsonText, parseExactJson } from '../../../exact-json.js'

/** A set of fields. */
export interface Fields {
  readonly [element: string]: Fields
}

/** The empty set, which as the value of an element says that the element itself is in the set. */
export const LEAF: Fields = Object.freeze({})

const SELF = '.'

/** Whether nothing is in the set. */
export function isEmptySet(set: Fields | undefined): boolean {
  if (set) for (const _ in set) return false
  return true
}

/** Whether the element whose children these are is itself in the set. */
export function isMember(children: Fields): boolean {
  return SELF in children || isEmptySet(children)
}

/** What stands below an element that is not (or no longer) in the set itself; undefined when nothing is left. */
function node(member: boolean, children: Record<string, Fields>): Fields | undefined {
  if (isEmptySet(children)) return member ? LEAF : undefined
  if (member) children[SELF] = LEAF
  return children
}

/** Both sets below one element; the first itself when the second adds nothing to it. */
function combine(a: Fields, b: Fields): Fields {
  if (a === b) return a
  let out: Record<string, Fields> | undefined
  for (const element in b) {
    if (element === SELF) continue
    const child = a[element]
    const both = child ? combine(child, b[element]!) : b[element]!
    if (both !== child) (out ??= { ...a })[element] = both
  }
  const member = isMember(a)
  if (!out && (member || !isMember(b))) return a
  const { [SELF]: _, ...children } = out ?? a
  return node(member || isMember(b), children)!
}

/** Everything that is in one of the sets; the first itself when the second adds nothing to it. */
export function union(a: Fields, b: Fields): Fields {
  if (isEmptySet(a)) return b
  let out: Record<string, Fields> | undefined
  for (const element in b) {
    const child = a[element]
    const both = child ? combine(child, b[element]!) : b[element]!
    if (both !== child) (out ??= { ...a })[element] = both
  }
  return out ?? a
}

function common(a: Fields, b: Fields): Fields | undefined {
  const out: Record<string, Fields> = {}
  for (const element in a) {
    const other = b[element]
    if (!other || element === SELF) continue
    const both = common(a[element]!, other)
    if (both) out[element] = both
  }
  return node(isMember(a) && isMember(b), out)
}

/** Everything that is in both sets. */
export function intersection(a: Fields, b: Fields): Fields {
  const out: Record<string, Fields> = {}
  for (const element in a) {
    const other = b[element]
    const both = other && common(a[element]!, other)
    if (both) out[element] = both
  }
  return out
}

function remaining(a: Fields, b: Fields): Fields | undefined {
  const out: Record<string, Fields> = {}
  let changed = false
  for (const element in a) {
    if (element === SELF) continue
    const child = a[element]!
    const other = b[element]
    const left = other ? remaining(child, other) : child
    if (left !== child) changed = true
    if (left) out[element] = left
  }
  const member = isMember(a)
  const stays = member && !isMember(b)
  if (!changed && member === stays) return a
  return node(stays, out)
}

/** Everything of the first set that is not in the second. */
export function difference(a: Fields, b: Fields): Fields {
  let out: Record<string, Fields> | undefined
  for (const element in b) {
    const child = (out ?? a)[element]
    if (!child) continue
    const left = remaining(child, b[element]!)
    if (left === child) continue
    out ??= { ...a }
    if (left) out[element] = left
    else delete out[element]
  }
  return out ?? a
}

/** The first set without some fields and everything below them. */
export function without(a: Fields, elements: readonly string[]): Fields {
  if (!elements.some((element) => element in a)) return a
  // Filled anew: V8 keeps what had a property deleted as a hash table, which everything after this would pay for.
  const out: Record<string, Fields> = {}
  for (const element in a) if (!elements.includes(element)) out[element] = a[element]!
  return out
}

/** Whether two sets hold the same. */
export function equalSets(a: Fields, b: Fields): boolean {
  if (a === b) return true
  const elements = Object.keys(a)
  if (elements.length !== Object.keys(b).length) return false
  return elements.every((element) => element in b && equalSets(a[element]!, b[element]!))
}

/** The set with its elements in the order in which the API server writes them. */
export function sorted(set: Fields): Fields {
  if (set === LEAF) return set
  let inOrder = true
  let last = ''
  let changed: Record<string, Fields> | undefined
  for (const element in set) {
    if (element < last) inOrder = false
    last = element
    const child = sorted(set[element]!)
    if (child !== set[element]) (changed ??= {})[element] = child
  }
  if (inOrder && !changed) return set
  const out: Record<string, Fields> = {}
  for (const element of Object.keys(set).sort()) out[element] = changed?.[element] ?? set[element]!
  return out
}

/** The paths of a set as conflict messages show them: `.spec.template.spec.containers[name="a"].image`. */
export function pathsOf(set: Fields): string[] {
  const out: string[] = []
  const visit = (children: Fields, path: string): void => {
    for (const element of Object.keys(children).sort()) {
      if (element === SELF) continue
      const child = children[element]!
      const at = path + shown(element)
      if (isMember(child)) out.push(at)
      visit(child, at)
    }
  }
  visit(set, '')
  return out
}

function shown(element: string): string {
  const rest = element.slice(2)
  switch (element.charAt(0)) {
    case 'k': {
      const keys = parseExactJson(rest) as Record<string, unknown>
      return `[${Object.keys(keys)
        .sort()
        .map((k) => `${k}=${jsonText(keys[k])}`)
        .join(',')}]`
    }
    case 'v':
      return `[=${rest}]`
    case 'i':
      return `[${rest}]`
    default:
      return `.${rest}`
  }
}
