/** JSON pointers (RFC 6901) into plain values. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Plain = any

function tokens(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at a pointer; undefined where there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value: Plain = root
  for (const token of tokens(pointer)) {
    if (value === null || value === undefined) return undefined
    value = value[token]
  }
  return value
}

/** Sets a value in place; objects on the way are made. `-` appends to a list. */
export function setAt(root: object, pointer: string, value: unknown): void {
  const path = tokens(pointer)
  const last = path.pop()!
  let parent: Plain = root
  for (const token of path) parent = parent[token] ??= {}
  if (Array.isArray(parent) && last === '-') parent.push(value)
  else parent[last] = value
}

/** Removes what is at a pointer, in place; nothing happens where there is nothing. */
export function removeAt(root: object, pointer: string): void {
  const path = tokens(pointer)
  const last = path.pop()!
  const parent = path.reduce<Plain>((value, token) => value?.[token], root)
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else if (parent && typeof parent === 'object') delete parent[last]
}
