import type { Json } from '../kinds/kind.js'
import { listKind } from '../kinds/registry.js'
import type { KindInfo, RelatedObject } from '../rpc/contract.js'

/** The columns that tell in a word how an object is, the most telling first. */
const TELLING = ['status', 'ready', 'suspended', 'replicas', 'allowed']
/** Worst first. */
const TONES = ['bad', 'warn', 'busy', 'ok', 'off'] as const

/** How an object is, as its row in a list tells it: a word, and the worst of its cells. */
export function stateOf(kind: KindInfo, object: Json): Pick<RelatedObject, 'status' | 'tone'> {
  const list = listKind(kind)
  if (!list || !object.spec) return { status: '' }
  const cells = list.cells(object)
  const telling = TELLING.map((id) => list.columns.findIndex((c) => c.id === id)).find((i) => i >= 0)
  const cell = telling === undefined ? null : cells[telling]!
  const status = cell === null ? '' : typeof cell === 'object' ? cell.text : String(cell)
  const tones = cells.map((c) => (typeof c === 'object' ? c?.tone : undefined))
  const tone = TONES.find((t) => tones.includes(t))
  return { status, ...(tone ? { tone } : {}) }
}
