/** How many requests each priority level may have under way, as kube-apiserver divides what it can do. */
import type { Store } from '../../store/store.js'
import type { PriorityLevelConfiguration } from '../kinds/prioritylevelconfiguration.js'
import { FLOW_GROUP } from './keeper.js'

/** What there is to divide: the defaults of `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
const SERVER_SEATS = 400 + 200

/** The nominal seats of each level by its name: its part of the server's by its shares, rounded up. */
export function nominalSeats(store: Store): [level: string, seats: number][] {
  const levels = store.list(`/registry/${FLOW_GROUP}/prioritylevelconfigurations/`).items.map(({ object }) => {
    const { metadata, spec } = object as unknown as PriorityLevelConfiguration
    return [metadata.name!, (spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? 0] as const
  })
  const all = levels.reduce((sum, [, shares]) => sum + shares, 0)
  return levels.map(([name, shares]) => [name, all === 0 ? 0 : Math.ceil((SERVER_SEATS * shares) / all)])
}
