/** ResourceQuotas: what is nearest to its limit, and all of it. */
import { usageQuantity } from '../metrics/usage.js'
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

/** From this share on a limit is near. */
const NEAR = 0.9

interface Line {
  text: string
  share: number
}

/** Each limited resource with what is used of it, the fullest first; of nothing that is allowed, any use is all of it. */
function linesOf(o: Json): (Line & { resource: string })[] {
  const hard: Record<string, string> = o.status?.hard ?? o.spec?.hard ?? {}
  return Object.entries(hard)
    .map(([resource, limit]) => {
      const used = String(o.status?.used?.[resource] ?? '0')
      const [u, h] = [usageQuantity(used), usageQuantity(String(limit))]
      return { resource, text: `${resource} ${used}/${limit}`, share: h > 0 ? u / h : u > 0 ? 1 : 0 }
    })
    .sort((a, b) => b.share - a.share || (a.resource < b.resource ? -1 : 1))
}

function fullest(lines: readonly (Line & { resource: string })[]): Cell {
  const first = lines[0]
  if (!first) return null
  return {
    text: `${Math.round(first.share * 100)}% ${first.resource}`,
    sort: first.share,
    tone: first.share >= 1 ? 'bad' : first.share >= NEAR ? 'warn' : 'ok',
    title: first.text,
  }
}

export const resourceQuotas: ListKind = {
  group: '',
  resource: 'resourcequotas',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'fullest', title: 'Fullest', type: 'status', width: 170 },
    { id: 'used', title: 'Used of hard limits', type: 'text', width: 400, stays: 'long' },
    { id: 'scopes', title: 'Scopes', type: 'text', width: 140, wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const lines = linesOf(o)
    const selected = ((o.spec?.scopeSelector?.matchExpressions ?? []) as Json[]).map((e) =>
      [e.scopeName, e.operator, (e.values ?? []).join(',')].filter(Boolean).join(' '),
    )
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      fullest(lines),
      lines.map((l) => l.text).join(', '),
      [...(o.spec?.scopes ?? []), ...selected].join(', '),
      born(o),
    ]
  },
}
