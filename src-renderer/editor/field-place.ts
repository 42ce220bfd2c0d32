import { isCollection, isMap, isPair, isScalar, isSeq, parseDocument, type Node } from 'yaml'
import { documentsOf } from '../create/yaml-text.js'
import type { PathStep } from './yaml-place.js'

/**
 * The steps of a field as a Status names it: `spec.containers[0].image`, `data[a.b]`, `metadata.annotations[x/y]`. Server-side apply begins
 * with a dot and names items by their keys: `.spec.containers[name="web"].image` — such a step is a mapping of what the item has.
 */
export function parseField(field: string): (PathStep | Record<string, string>)[] {
  const steps: (PathStep | Record<string, string>)[] = []
  for (const m of field.replace(/^\./, '').matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    if (m[2] !== undefined) steps.push(m[2])
    else if (/^\d+$/.test(m[1]!)) steps.push(Number(m[1]))
    else if (/^[\w.-]+=/.test(m[1]!)) {
      const keys = [...m[1]!.matchAll(/([\w.-]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, k, v]) => [k!, v!.replace(/^"|"$/g, '')])
      steps.push(Object.fromEntries(keys) as Record<string, string>)
    } else steps.push(m[1]!.replace(/^"|"$/g, ''))
  }
  return steps
}

/**
 * Where a field is in a document of a text, as offsets: its value, or its key when the value is a mapping or list. When it is not there,
 * the nearest field above it that is. Undefined when there is no such document.
 */
export function placeOfField(text: string, document: number, field: string): { from: number; to: number } | undefined {
  const found = documentsOf(text)[document]
  if (!found) return undefined
  const doc = parseDocument(found.text, { version: '1.1' })
  const first = doc.contents?.range
  let node: Node | null = doc.contents
  let place = first
    ? { from: found.from + first[0], to: found.from + endOfLine(found.text, first[0]) }
    : { from: found.from, to: found.from }
  for (const step of parseField(field)) {
    if (isMap(node) && typeof step !== 'object') {
      const pair = node.items.find((p) => isPair(p) && isScalar(p.key) && String(p.key.value) === String(step))
      if (!pair) break
      const key = (pair.key as Node).range!
      node = pair.value as Node | null
      place = { from: found.from + key[0], to: found.from + key[1] }
    } else if (isSeq(node)) {
      const items: unknown[] = node.items
      const item =
        typeof step === 'number'
          ? items[step]
          : items.find((i) =>
              typeof step === 'object'
                ? isMap(i) && Object.entries(step).every(([k, v]) => String(i.get(k)) === v)
                : isScalar(i) && i.value === step,
            )
      if (!item) break
      node = item as Node
      if (node.range) place = { from: found.from + node.range[0], to: found.from + endOfLine(found.text, node.range[0]) }
    } else break
  }
  if (isScalar(node) && node.range && node.range[1] > node.range[0])
    return { from: found.from + node.range[0], to: found.from + node.range[1] }
  if (isCollection(node) && node.range && place.to <= place.from)
    return { from: found.from + node.range[0], to: found.from + node.range[1] }
  return place
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
