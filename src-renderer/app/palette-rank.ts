/**
 * How well `text` answers `query`: higher is better, 0 not at all. Whole words and beginnings come before parts, parts before letters
 * in order (`dpl` finds `Deployments`).
 */
export function score(text: string, query: string): number {
  const t = text.toLowerCase()
  const q = query.toLowerCase()
  if (!q) return 1
  if (t === q) return 1000
  if (t.startsWith(q)) return 800 - t.length
  const at = t.indexOf(q)
  if (at > 0) return (/[^\p{L}\p{N}]/u.test(t[at - 1]!) ? 600 : 400) - t.length
  let i = 0
  let gaps = 0
  for (const c of q) {
    const next = t.indexOf(c, i)
    if (next < 0) return 0
    gaps += next - i
    i = next + 1
  }
  return Math.max(1, 200 - gaps - t.length)
}

/** The items that answer a query, best first; equal ones keep their order. The first text of an item counts fully, the others a little less. */
export function rank<T>(items: readonly T[], query: string, texts: (item: T) => string[]): T[] {
  const q = query.trim()
  if (!q) return [...items]
  return items
    .map((item) => ({ item, score: Math.max(...texts(item).map((t, i) => score(t, q) - (i === 0 ? 0 : score(t, q) > 0 ? 0.5 : 0))) }))
    .filter((x) => x.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((x) => x.item)
}
