import { parseQuantity } from '../../components/bytes.js'
import type { KubeObject } from '../../stores/object.js'

/** One resource of a ResourceQuota. */
export interface QuotaLine {
  resource: string
  used: string
  hard: string
  /** Used of hard, 0..1 and above; 1 where nothing is allowed and something is used. */
  share: number
}

/** The resources of a quota, the fullest first. */
export function quotaLines(quota: KubeObject): QuotaLine[] {
  const hard = (quota.status?.hard ?? quota.spec?.hard ?? {}) as Record<string, string>
  const used = (quota.status?.used ?? {}) as Record<string, string>
  return Object.entries(hard)
    .map(([resource, limit]) => {
      const u = parseQuantity(used[resource] ?? '0')
      const h = parseQuantity(limit)
      return { resource, used: used[resource] ?? '0', hard: limit, share: h > 0 ? u / h : u > 0 ? 1 : 0 }
    })
    .sort((a, b) => b.share - a.share || a.resource.localeCompare(b.resource))
}
