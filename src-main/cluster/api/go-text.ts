/** Values as Go prints them, where messages show what a client sent in Go's way. */

/** A JSON value as Go prints it with %v: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const map = value as Record<string, unknown>
  const names = Object.keys(map).sort()
  return `map[${names.map((name) => `${name}:${goText(map[name])}`).join(' ')}]`
}
